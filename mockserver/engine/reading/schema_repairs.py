"""Rules of repair for schemas, each for the schemas that have certain keywords."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from mockserver.engine.reading.closed_parts import closed_parts
from mockserver.engine.reading.scene import Scene, shown
from mockserver.engine.reading.schema_types import (
    COMPOSED,
    INVALID,
    Schema,
    as_count,
    as_flag,
    as_number,
    as_text,
    cast,
    fits,
    nullable,
    nullable_beside_reference,
    type_names,
    types_of,
)

_COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
           "minContains", "maxContains")  # fmt: skip
_NUMBERS = ("minimum", "maximum", "multipleOf")
_EXCLUSIVE = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}
_FLAGS = ("nullable", "readOnly", "writeOnly", "deprecated", "uniqueItems")
_TEXTS = ("title", "description", "format", "$comment", "contentEncoding", "contentMediaType")
_IDENTIFIERS = ("$id", "$anchor", "$dynamicAnchor", "$schema", "$vocabulary")
_RANGES = (("minLength", "maxLength"), ("minItems", "maxItems"),
           ("minProperties", "maxProperties"), ("minimum", "maximum"))  # fmt: skip
_MODERN = ("patternProperties", "$defs", "definitions", "if", "then", "else", "dependencies",
           "dependentSchemas", "dependentRequired", "prefixItems", "contains", "minContains",
           "maxContains", "propertyNames", "unevaluatedItems", "unevaluatedProperties",
           "additionalItems", "contentSchema", "contentEncoding", "contentMediaType",
           "$comment")  # fmt: skip


# The rules.


def keyword_values(schema: Schema, scene: Scene) -> None:
    """Keywords have values of their kind: counts, numbers, booleans, texts."""
    for name, value in list(schema.items()):
        read = _READERS.get(name)
        if read is None:
            continue
        made = read(value)
        if made is INVALID or (name == "multipleOf" and made <= 0):
            del schema[name]
            scene.tell(f"{shown(value)} cannot be the value of {name}: dropped", name)
        elif type(made) is not type(value) or made != value:
            schema[name] = made
            scene.tell(f"{shown(value)} is read as {shown(made)}", name)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    **dict.fromkeys(_COUNTS, as_count),
    **dict.fromkeys(_NUMBERS, as_number),
    **dict.fromkeys(_FLAGS, as_flag),
    **dict.fromkeys(_TEXTS, as_text),
}


def other_versions(schema: Schema, scene: Scene) -> None:
    """Keywords that OpenAPI 3.0.3 does not have (its Schema Object) say nothing there."""
    if scene.modern:
        return
    if "const" in schema:
        schema.setdefault("enum", [schema.pop("const")])
        schema.pop("const", None)
        scene.tell("const is read as an enum of one", "const")
    for name in _MODERN:
        if name in schema:
            del schema[name]
            scene.tell(f"OpenAPI 3.0 has no {name}: dropped", name)


def identifiers(schema: Schema, scene: Scene) -> None:
    """What gives a schema a name of its own: every reference is a pointer already."""
    for name in _IDENTIFIERS:
        schema.pop(name, None)


def exclusive_bounds(schema: Schema, scene: Scene) -> None:
    """Exclusive bounds are booleans in OpenAPI 3.0, numbers in 3.1."""
    for name, limit in _EXCLUSIVE.items():
        if name in schema:
            repair = _modern_bound if scene.modern else _classic_bound
            value = schema[name]
            if repair(schema, name, limit):
                scene.tell(f"{shown(value)} is the other version's, or none: read as meant", name)


def _modern_bound(schema: Schema, name: str, limit: str) -> bool:
    value = schema[name]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return False
    del schema[name]
    if as_flag(value) is True and limit in schema:
        schema[name] = schema.pop(limit)
    elif as_number(value) is not INVALID:
        schema[name] = as_number(value)
    return True


def _classic_bound(schema: Schema, name: str, limit: str) -> bool:
    value = schema[name]
    truth, bound = as_flag(value), as_number(value)
    if isinstance(value, bool) and (limit in schema or not value):
        return False
    del schema[name]
    if truth is not INVALID:
        if limit in schema:
            schema[name] = truth
    elif bound is not INVALID:
        known = schema.get(limit)
        stricter = max if limit == "minimum" else min
        if known is None or stricter(known, bound) == bound:
            schema[limit], schema[name] = bound, True
    return True


def bounds(schema: Schema, scene: Scene) -> None:
    """A least value is no larger than the largest."""
    for least, most in _RANGES:
        if least in schema and most in schema and schema[least] > schema[most]:
            scene.tell(f"{least} is larger than {most}: both dropped", least)
            del schema[least], schema[most]


def pattern(schema: Schema, scene: Scene) -> None:
    """``pattern`` is a regular expression (ECMA-262) without delimiters."""
    written = schema["pattern"]
    if isinstance(written, str):
        delimited = re.fullmatch(r"/(\^.*\$)/[a-z]*", written, re.DOTALL)
        if delimited and scene.is_pattern(delimited[1]):
            schema["pattern"] = delimited[1]
            scene.tell(f"{shown(written)} is read without its delimiters", "pattern")
            return
        if scene.is_pattern(written):
            return
    del schema["pattern"]
    scene.tell(f"{shown(written)} is no regular expression: dropped", "pattern")


def enum(schema: Schema, scene: Scene) -> None:
    """``enum`` is a list with values of the type."""
    values = schema["enum"]
    if not isinstance(values, list) or not values:
        del schema["enum"]
        scene.tell(f"{shown(values)} is no list of values: dropped", "enum")
        return
    if None in values and "type" in schema and "null" not in types_of(schema):
        if scene.modern:
            schema["type"] = [*types_of(schema), "null"]
        else:
            schema["nullable"] = True
        scene.tell("null is one of the values: it is allowed", "enum")
    types = types_of(schema)
    if types and not all(any(fits(value, kind) for kind in types) for value in values):
        _enum_of_other_type(schema, types, scene)


def _enum_of_other_type(schema: Schema, types: list[str], scene: Scene) -> None:
    values = schema["enum"]
    items = schema.get("items")
    if "array" in types and isinstance(items, dict) and not any(map(_is_list, values)):
        items.setdefault("enum", schema.pop("enum"))
        scene.tell("the values are those of the items", "enum")
        return
    made = [value if _fits_any(value, types) else cast(value, types) for value in values]
    kept = [value for value in made if value is not INVALID]
    if kept:
        schema["enum"] = kept
        scene.tell(f"{_some(values)} are not all of type {types[0]}: now {_some(kept)}", "enum")
    else:
        del schema["type"]
        scene.tell(f"{_some(values)} are not of type {types[0]}: the type is dropped", "enum")


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _fits_any(value: Any, types: list[str]) -> bool:
    return any(fits(value, kind) for kind in types)


def _some(values: list[Any]) -> str:
    first = ", ".join(shown(value) for value in values[:3])
    return f"{first}, ..." if len(values) > 3 else first  # noqa: PLR2004


def default(schema: Schema, scene: Scene) -> None:
    """``default`` is a value of the type (OpenAPI 3.0.3, Schema Object)."""
    value, types = schema["default"], types_of(schema)
    if not types or _fits_any(value, types):
        return
    made = cast(value, types)
    if made is INVALID:
        del schema["default"]
        scene.tell(f"{_some([value])} is not of type {types[0]}: dropped", "default")
    else:
        schema["default"] = made
        scene.tell(f"{shown(value)} is read as {shown(made)}", "default")


def required(schema: Schema, scene: Scene) -> None:
    """``required`` lists names of properties, each once (JSON Schema), that there may be."""
    names = schema["required"]
    if not isinstance(names, list):
        del schema["required"]
        scene.tell(f"{shown(names)} is no list of names: dropped", "required")
        return
    kept = list(dict.fromkeys(name for name in names if isinstance(name, str)))
    if schema.get("additionalProperties") is False and "patternProperties" not in schema:
        known = schema.get("properties")
        kept = [name for name in kept if not isinstance(known, dict) or name in known]
    if kept != names:
        schema["required"] = kept
        scene.tell("names that are none, come twice, or cannot be there are dropped", "required")
    if not kept and not scene.modern:
        del schema["required"]


def items(schema: Schema, scene: Scene) -> None:
    """An array says what its items are (OpenAPI 3.0.3), with one schema for all."""
    written = schema.get("items")
    if isinstance(written, list):
        schemas = [entry for entry in written if isinstance(entry, dict)]
        if scene.modern:
            del schema["items"]
            schema.update({"prefixItems": schemas} if schemas else {})
        else:
            schema["items"] = {"anyOf": schemas} if len(schemas) > 1 else (*schemas, {})[0]
        scene.tell("a list of schemas is no schema: read as meant", "items")
    elif "items" not in schema and schema.get("type") == "array" and not scene.modern:
        schema["items"] = {}
        scene.tell("an array without items: they are anything", "items")


def composition(schema: Schema, scene: Scene) -> None:
    """``allOf``, ``anyOf`` and ``oneOf`` list at least one schema (JSON Schema)."""
    for name in (*COMPOSED, "prefixItems"):
        if name in schema and not schema[name]:
            del schema[name]
            scene.tell("no schema at all: dropped", name)


def additional_properties(schema: Schema, scene: Scene) -> None:
    """``additionalProperties`` is a schema or a boolean."""
    value = schema["additionalProperties"]
    if not isinstance(value, (dict, bool)):
        truth = as_flag(value)
        schema["additionalProperties"] = True if truth is INVALID else truth
        message = f"{shown(value)} is read as {schema['additionalProperties']}"
        scene.tell(message, "additionalProperties")


def discriminator(schema: Schema, scene: Scene) -> None:
    """A discriminator names a property (OpenAPI 3.0.3, Discriminator Object)."""
    value = schema["discriminator"]
    if isinstance(value, str):
        schema["discriminator"] = {"propertyName": value}
        scene.tell(f"the name {shown(value)} alone: read as an object", "discriminator")
    elif not isinstance(value, dict) or not isinstance(value.get("propertyName"), str):
        del schema["discriminator"]
        scene.tell("it names no property: dropped", "discriminator")


def schema_examples(schema: Schema, scene: Scene) -> None:
    """A schema has one ``example`` in OpenAPI 3.0, a list of ``examples`` in 3.1."""
    value = schema["examples"]
    if scene.modern and isinstance(value, list):
        return
    listed = list(value.values()) if isinstance(value, dict) else value
    listed = listed if isinstance(listed, list) else [listed]
    if scene.modern:
        schema["examples"] = listed
    else:
        del schema["examples"]
        if listed:
            schema.setdefault("example", listed[0])
    scene.tell("read as those of this version", "examples")


def endless_schemas(components: dict[str, Any], scene: Scene) -> None:
    """No schema is a part of itself without a property or item between (JSON Schema, 9.4.1)."""
    entries = components.get("schemas", {})
    prefix = "#/components/schemas/"
    edges: dict[str, list[tuple[Any, Any, str]]] = {
        name: [
            (holder, key, reference.removeprefix(prefix))
            for holder, key, reference in _in_place(entries, name)
        ]
        for name in entries
    }
    while True:
        graph = {name: {to for _, _, to in found} for name, found in edges.items()}
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            to, name = error.args[1][:2]
            for holder, key, target in edges[name]:
                if target == to:
                    holder[key] = {}
            edges[name] = [edge for edge in edges[name] if edge[2] != to]
            scene.tell(f"it is a part of itself, through {shown(to)}: no longer", "schemas", name)
        else:
            return


def _in_place(entries: dict[str, Any], name: str) -> list[tuple[Any, Any, str]]:
    """The references that a value itself must satisfy: where each is held, and what it says."""
    found: list[tuple[Any, Any, str]] = []
    waiting: list[tuple[Any, Any]] = [(entries, name)]
    while waiting:
        holder, key = waiting.pop()
        value = holder[key]
        if not isinstance(value, dict):
            continue
        if isinstance(value.get("$ref"), str):
            found.append((holder, key, value["$ref"]))
        for keyword in COMPOSED:
            listed = value.get(keyword)
            if isinstance(listed, list):
                waiting += [(listed, index) for index in range(len(listed))]
        waiting += [(value, n) for n in ("not", "if", "then", "else") if n in value]
    return found


SCHEMA_RULES = (
    (_IDENTIFIERS, identifiers),
    (("$ref",), nullable_beside_reference),
    ((*_MODERN, "const"), other_versions),
    (("type",), type_names),
    ((*_COUNTS, *_NUMBERS, *_FLAGS, *_TEXTS), keyword_values),
    (("nullable",), nullable),
    (tuple(_EXCLUSIVE), exclusive_bounds),
    (tuple(least for least, _ in _RANGES), bounds),
    (("pattern",), pattern),
    (("items", "type"), items),
    (("enum",), enum),
    (("default",), default),
    (("required",), required),
    ((*COMPOSED, "prefixItems"), composition),
    (("additionalProperties",), additional_properties),
    (("allOf",), closed_parts),
    (("discriminator",), discriminator),
    (("examples",), schema_examples),
)
"""Every rule for one schema, in order, with the keywords of which one calls for it."""
