"""The schemas of OpenAPI 3.0 and 3.1 as JSON Schema 2020-12, every reference into ``$defs``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote

COMPONENT = "#/components/schemas/"

COMPOSED = frozenset(("allOf", "anyOf", "oneOf"))
_NAMED = frozenset(("properties", "patternProperties", "dependentSchemas", "$defs"))
_LISTED = COMPOSED | {"prefixItems"}
_SINGLE = frozenset(
    ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames",
     "unevaluatedItems", "unevaluatedProperties", "contentSchema")
)  # fmt: skip
_MARKS = frozenset(("readOnly", "writeOnly"))
_ANNOTATIONS = frozenset(
    ("nullable", "example", "examples", "discriminator", "xml",
     "externalDocs", "deprecated", "description", "title", "default", "$comment", "$schema")
)  # fmt: skip

Translate = Callable[[Any], Any]

BOUNDS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
"""The integers of a format (OpenAPI 3.0.3, Data Types): signed, of so many bits."""


def definition_name(reference: str) -> str:
    """The name in ``$defs`` of what a reference points to.

    A component has its own name; anything else in the document the reference itself, which no
    component can be called.
    """
    name = unquote(reference.removeprefix(COMPONENT))
    return _unescaped(name) if "/" not in name else reference


def _unescaped(step: str) -> str:
    return step.replace("~1", "/").replace("~0", "~")


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def referenced(document: Mapping[str, Any], name: str) -> Any:
    """The schema that a name in ``$defs`` stands for, in the document as it was read."""
    if not name.startswith("#/"):
        return document.get("components", {}).get("schemas", {}).get(name, {})
    found: Any = document
    for step in name.removeprefix("#/").split("/"):
        key: Any = _unescaped(unquote(step))
        if isinstance(found, list) and key.isdecimal() and int(key) < len(found):
            found = found[int(key)]
        elif isinstance(found, dict) and key in found:
            found = found[key]
        else:
            return {}
    return found


def to_definitions(schema: Mapping[str, Any]) -> str | None:
    """The reference into ``$defs`` that stands for a schema's own one, None when it has none."""
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return None
    return "#/$defs/" + quote(_escaped(definition_name(reference)), safe="~")


def names_used(schema: Any) -> Iterator[str]:
    """The names in ``$defs`` that a translated schema refers to."""
    if isinstance(schema, dict):
        reference = schema.get("$ref")
        if isinstance(reference, str):
            yield _unescaped(unquote(reference.removeprefix("#/$defs/")))
        for value in schema.values():
            yield from names_used(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from names_used(value)


def json_schema(schema: Any, *, annotated: bool = False) -> Any:
    """An OpenAPI 3.0 schema as JSON Schema 2020-12.

    ``nullable``, boolean ``exclusiveMinimum``/``exclusiveMaximum`` and formats of integers are
    translated, annotations dropped unless they are wanted, and what stands beside ``$ref`` ignored
    (OpenAPI 3.0.3, Reference Object).
    """
    if not isinstance(schema, Mapping):
        return schema
    reference = to_definitions(schema)
    if reference is not None:
        return {"$ref": reference}

    def inner(entry: Any) -> Any:
        return json_schema(entry, annotated=annotated)

    made = _translated(schema, inner, annotated=annotated)
    for bound, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(made.get(bound), bool) and made.pop(bound) and limit in made:
            made[bound] = made.pop(limit)
    if not annotated:
        _bound(made)
    return or_null(made) if schema.get("nullable") else made


def modern_schema(schema: Any, *, annotated: bool = False) -> Any:
    """An OpenAPI 3.1 schema as JSON Schema 2020-12, which it is but for formats and references.

    What stands beside ``$ref`` counts (OpenAPI 3.1.0, Schema Object). ``x-nullable`` is kept: it
    says nothing of what is valid, but what its author means.
    """
    if not isinstance(schema, Mapping):
        return schema

    def inner(entry: Any) -> Any:
        return modern_schema(entry, annotated=annotated)

    made = _translated(schema, inner, annotated=annotated)
    reference = to_definitions(schema)
    if reference is not None:
        made["$ref"] = reference
    if schema.get("x-nullable") is True:
        made["x-nullable"] = True
    if not annotated:
        _bound(made)
    return made


def _bound(schema: dict[str, Any]) -> None:
    """Say in numbers what a format says of them; texts that look like numbers are not bound."""
    form = schema.get("format")
    if isinstance(form, str) and form in BOUNDS:
        least, most = BOUNDS[form]
        for keyword, bound, tighter in (("minimum", least, max), ("maximum", most, min)):
            limit = schema.get(keyword, bound)
            if isinstance(limit, int | float):
                schema[keyword] = tighter(bound, limit)


def _translated(schema: Mapping[str, Any], inner: Translate, *, annotated: bool) -> dict[str, Any]:
    return {
        keyword: _keyword(keyword, value, inner)
        for keyword, value in schema.items()
        if annotated or _is_kept(keyword, value)
    }


def _is_kept(keyword: str, value: Any) -> bool:
    """Whether a keyword says what is valid, be it in one direction only."""
    if keyword in _MARKS:
        return value is True
    return not (keyword in _ANNOTATIONS or keyword.startswith("x-"))


def _keyword(keyword: str, value: Any, inner: Translate) -> Any:
    if keyword in _NAMED and isinstance(value, Mapping):
        return {name: inner(entry) for name, entry in value.items()}
    if keyword in _LISTED and isinstance(value, list):
        return [inner(entry) for entry in value]
    if keyword in _SINGLE:
        return inner(value)
    return value


def or_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema that allows null beside what it allows."""
    if isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
        return schema
    return {"anyOf": [{"type": "null"}, schema]}
