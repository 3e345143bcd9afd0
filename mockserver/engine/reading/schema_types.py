"""Types of schemas: the words for them, the values of them, and null."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from mockserver.engine.reading.scene import Scene, shown

Schema = dict[str, Any]

TYPES = ("string", "number", "integer", "boolean", "array", "object", "null")

_MEANT: dict[str, tuple[str, str]] = {
    **dict.fromkeys(("str", "text", "char", "character", "varchar", "html"), ("string", "")),
    **dict.fromkeys(("int", "number(integer)", "bigint", "biginteger"), ("integer", "")),
    **dict.fromkeys(("int32", "short", "int16"), ("integer", "int32")),
    **dict.fromkeys(("int64", "long"), ("integer", "int64")),
    **dict.fromkeys(("decimal", "numeric", "num"), ("number", "")),
    "float": ("number", "float"),
    "double": ("number", "double"),
    "bool": ("boolean", ""),
    "date": ("string", "date"),
    "time": ("string", "time"),
    **dict.fromkeys(("datetime", "date-time", "timestamp"), ("string", "date-time")),
    **dict.fromkeys(("uuid", "guid"), ("string", "uuid")),
    **dict.fromkeys(("uri", "url"), ("string", "uri")),
    "email": ("string", "email"),
    "password": ("string", "password"),
    "byte": ("string", "byte"),
    **dict.fromkeys(("file", "binary", "blob", "bytes"), ("string", "binary")),
    **dict.fromkeys(("list", "set", "collection", "arraylist"), ("array", "")),
    **dict.fromkeys(("map", "dict", "dictionary", "hash", "struct"), ("object", "")),
    **dict.fromkeys(("nil", "none"), ("null", "")),
}
"""What words that are no types are meant to say: a type and a format."""

COMPOSED = ("allOf", "anyOf", "oneOf")
INVALID: Any = object()
"""What no reading gives."""


def as_number(value: Any) -> Any:
    """A number, also one written as text; INVALID for anything else."""
    if isinstance(value, str):
        try:
            value = float(value) if re.search(r"[.eE]", value) else int(value)
        except ValueError:
            return INVALID
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value if is_number and abs(value) != float("inf") and value == value else INVALID  # noqa: PLR0124


def as_count(value: Any) -> Any:
    """A whole number from 0, also one written as text; INVALID for anything else."""
    read = as_number(value)
    return int(read) if read is not INVALID and 0 <= read < 2**63 and read % 1 == 0 else INVALID


def as_flag(value: Any) -> Any:
    """A boolean, also one written as text; INVALID for anything else."""
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    return value if isinstance(value, bool) else INVALID


def as_text(value: Any) -> Any:
    """A text, also that of a number; INVALID for anything else."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, (int, float)) else INVALID


def types_of(schema: Schema) -> list[str]:
    """The types a schema allows; none at all when it says nothing about types."""
    written = schema.get("type")
    types = [written] if isinstance(written, str) else list(written or ())
    return [*types, "null"] if types and schema.get("nullable") is True else types


def fits(value: Any, kind: str) -> bool:
    """Whether a value is of a type (JSON Schema 2020-12 Validation, section 6.1.1)."""
    if isinstance(value, bool):
        return kind == "boolean"
    if kind == "integer":
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    expected: Any = {"string": str, "number": (int, float), "array": list, "object": dict}.get(kind)
    return isinstance(value, expected) if expected else kind == "null" and value is None


def cast(value: Any, types: Iterable[str]) -> Any:
    """A value as one of some types, INVALID when it cannot be meant so."""
    for kind in types:
        made: Any = INVALID
        if kind == "boolean":
            made = as_flag(value)
        elif kind in ("integer", "number") and isinstance(value, str):
            made = as_number(value)
        elif kind == "string" and isinstance(value, bool):
            made = "true" if value else "false"
        elif kind == "string":
            made = as_text(value)
        if made is not INVALID and fits(made, kind):
            return made
    return INVALID


def type_names(schema: Schema, scene: Scene) -> None:
    """``type`` names one of seven types (JSON Schema), case and all; 3.1 allows a list."""
    written = schema["type"]
    if isinstance(written, str) and written in TYPES and (scene.modern or written != "null"):
        return
    listed = written if isinstance(written, list) else [written]
    if isinstance(written, str) and "|" in written:
        listed = written.split("|")
    types, formats = [], []
    for word in listed:
        kind, form = _meant(str(word).strip(), schema)
        types += [kind] if kind and kind not in types else []
        formats += [form] if form else []
    if scene.modern and isinstance(written, list) and types == written:
        return
    if len(formats) == 1 and "format" not in schema:
        schema["format"] = formats[0]
    _set_types(schema, types, scene)
    scene.tell(f"{shown(written)} is read as {' or '.join(types) or 'any type'}", "type")


def _meant(word: str, schema: Schema) -> tuple[str, str]:
    lower = word.lower()
    if lower in TYPES:
        return lower, ""
    if lower.endswith("[]") or lower.startswith("array"):
        inner, _ = _meant(lower.removesuffix("[]"), {}) if lower.endswith("[]") else ("", "")
        schema.setdefault("items", {"type": inner} if inner else {})
        return "array", ""
    if lower == "enum":
        values = schema.get("enum")
        words = isinstance(values, list) and all(isinstance(value, str) for value in values)
        return ("string" if words else ""), ""
    return _MEANT.get(lower.replace("_", "").replace(" ", ""), ("", ""))


def _set_types(schema: Schema, types: list[str], scene: Scene) -> None:
    """Say which types a schema allows, in the manner of its version."""
    plain = [kind for kind in types if kind != "null"]
    if scene.modern and len(types) > 1:
        schema["type"] = types
        return
    schema.pop("type")
    if "null" in types and not scene.modern:
        schema["nullable"] = True
        if not plain:
            schema["enum"] = [None]
    if len(plain) == 1:
        schema["type"] = plain[0]
    elif plain:
        schema.setdefault("anyOf", [{"type": kind} for kind in plain])
    elif scene.modern and types:
        schema["type"] = "null"


def nullable(schema: Schema, scene: Scene) -> None:
    """``nullable`` stands beside ``type`` (OpenAPI 3.0.3), and 3.1 has a type for it.

    There it is a word like any other (JSON Schema 2020-12, section 6.5): an answer with null in it
    would break the description for everybody who reads it as it is written. In requests null is
    taken, which ``x-nullable`` says.
    """
    if scene.modern:
        if schema.pop("nullable") is True:
            schema["x-nullable"] = True
            told = (
                "OpenAPI 3.1 has no nullable: null is taken and never sent; the type null says both"
            )
            scene.tell(told, "nullable")
    elif schema["nullable"] is not True:
        return
    elif "type" not in schema and "enum" not in schema and not set(COMPOSED) & schema.keys():
        kind = _told_type(schema)
        if kind:
            schema["type"] = kind
            scene.tell(f"nullable without type: read as {kind}", "nullable")


def _told_type(schema: Schema) -> str:
    """The type that other keywords speak of."""
    if "properties" in schema or "additionalProperties" in schema:
        return "object"
    return "array" if "items" in schema else ""


def nullable_beside_reference(schema: Schema, scene: Scene) -> None:
    """What stands beside ``$ref`` is ignored (OpenAPI 3.0.3), but ``nullable`` is meant."""
    if schema.get("nullable") is True and not scene.modern:
        reference = schema.pop("$ref")
        schema["allOf"] = [{"$ref": reference}]
        scene.tell("nullable beside $ref: the reference stands in allOf now", "nullable")
