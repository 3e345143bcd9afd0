"""What satisfies the opposite of a schema, as schemas of which any will do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from mockserver.engine.values.shapes import KINDS, kinds_of

ONLY_KINDS = "\u0000kinds"
WITHOUT = "\u0000without"
INDIVISIBLE = "\u0000indivisible"
UNLIKE = "\u0000unlike"
"""Keywords of ours: what JSON Schema can say with ``not`` only, in a form that can be merged."""

_UNSAID = frozenset(
    ("patternProperties", "propertyNames", "uniqueItems", "dependentRequired", "dependentSchemas",
     "unevaluatedProperties", "unevaluatedItems", "contains", "maxContains", "$dynamicRef")
)  # fmt: skip

Opposite = Callable[[Any, Mapping[str, Any]], list[Any]]


def opposites(schema: Any) -> list[Any]:
    """Schemas that together mean ``not schema`` (De Morgan); none if everything satisfies it.

    Keywords whose opposite cannot be said simply are passed over, which is safe: what is made is
    judged by the whole schema. References are left inside ``not``.
    """
    if isinstance(schema, bool):
        return [] if schema else [{}]
    found: list[Any] = []
    for keyword, argument in schema.items():
        opposite = _OPPOSITES.get(keyword)
        if opposite is not None:
            found.extend(opposite(argument, schema))
    unsaid = not _UNSAID.isdisjoint(schema)
    return found or ([{}] if unsaid else [])


def _type(types: Any, _: Mapping[str, Any]) -> list[Any]:
    kinds = kinds_of(types)
    return [{ONLY_KINDS: [kind for kind in KINDS if kind not in kinds]}]


def _number(keyword: str) -> Opposite:
    return lambda limit, _: [{"type": "number", keyword: limit}]


def _size(kind: str, keyword: str, step: int) -> Opposite:
    return lambda limit, _: [{"type": kind, keyword: limit + step}] if limit + step >= 0 else []


def _required(names: list[str], _: Mapping[str, Any]) -> list[Any]:
    return [{"type": "object", "properties": {name: False}} for name in names]


def _member(name: str, schema: Any) -> dict[str, Any]:
    return {"type": "object", "required": [name], "properties": {name: {"not": schema}}}


def _properties(properties: Mapping[str, Any], _: Mapping[str, Any]) -> list[Any]:
    return [_member(name, schema) for name, schema in properties.items()]


def _additional(rest: Any, schema: Mapping[str, Any]) -> list[Any]:
    known = {*schema.get("properties", ()), *schema.get("patternProperties", ())}
    name = next(name for n in range(len(known) + 1) if (name := f"other{n or ''}") not in known)
    return [_member(name, rest)]


def _items(rest: Any, schema: Mapping[str, Any]) -> list[Any]:
    place = len(schema.get("prefixItems", ()))
    return [_item(place, rest)]


def _prefix(prefix: list[Any], _: Mapping[str, Any]) -> list[Any]:
    return [_item(place, schema) for place, schema in enumerate(prefix)]


def _item(place: int, schema: Any) -> dict[str, Any]:
    prefix = [*([True] * place), {"not": schema}]
    return {"type": "array", "minItems": place + 1, "prefixItems": prefix}


def _contains(schema: Any, around: Mapping[str, Any]) -> list[Any]:
    if around.get("minContains", 1) == 0:
        return []
    return [{"type": "array", "items": {"not": schema}}]


def _one_of(branches: list[Any], _: Mapping[str, Any]) -> list[Any]:
    pairs = pairwise(branches)
    return [
        {"allOf": [{"not": each} for each in branches]},
        *({"allOf": [*pair]} for pair in pairs),
    ]


def _if(condition: Any, schema: Mapping[str, Any]) -> list[Any]:
    return [
        {"allOf": [condition, {"not": schema.get("then", True)}]},
        {"allOf": [{"not": condition}, {"not": schema.get("else", True)}]},
    ]


_OPPOSITES: dict[str, Opposite] = {
    "type": _type,
    "const": lambda value, _: [{WITHOUT: [value]}],
    "enum": lambda values, _: [{WITHOUT: values}],
    "minimum": _number("exclusiveMaximum"),
    "maximum": _number("exclusiveMinimum"),
    "exclusiveMinimum": _number("maximum"),
    "exclusiveMaximum": _number("minimum"),
    "multipleOf": lambda step, _: [{"type": "number", INDIVISIBLE: step}],
    "minLength": _size("string", "maxLength", -1),
    "maxLength": _size("string", "minLength", 1),
    "pattern": lambda text, _: [{"type": "string", UNLIKE: {"pattern": text}}],
    "format": lambda name, _: [{"type": "string", UNLIKE: {"format": name}}],
    "minItems": _size("array", "maxItems", -1),
    "maxItems": _size("array", "minItems", 1),
    "items": _items,
    "prefixItems": _prefix,
    "contains": _contains,
    "minProperties": _size("object", "maxProperties", -1),
    "maxProperties": _size("object", "minProperties", 1),
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "allOf": lambda every, _: [{"not": each} for each in every],
    "anyOf": lambda every, _: [{"allOf": [{"not": each} for each in every]}],
    "oneOf": _one_of,
    "not": lambda schema, _: [schema],
    "if": _if,
}
