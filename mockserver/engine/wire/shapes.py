"""What values a schema allows: its alternatives laid flat."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from mockserver.engine.spec import Schema

CONTAINERS = frozenset(("array", "object"))
SCALARS = frozenset(("boolean", "integer", "number", "string", "null"))
NUMBERS = frozenset(("integer", "number"))
ANYTHING = CONTAINERS | SCALARS

ANY: Schema = {}
"""The schema that allows anything, always the same object."""

MAX_ALTERNATIVES = 64
"""Alternatives told apart in one schema; of more, the first are tried."""

_NONE = object()
_UNION = ("oneOf", "anyOf")


@dataclass(frozen=True, slots=True)
class Shape:
    """One way to satisfy a schema: no references and no unions at its root.

    ``kinds`` are the types allowed (``number`` comes with ``integer``), all of them where the
    schema says nothing. ``additional`` is what ``additionalProperties`` says, None for nothing;
    ``component`` the name of what the schema refers to, empty for an inline one.
    """

    kinds: frozenset[str] = ANYTHING
    properties: Mapping[str, Schema] = field(default_factory=dict)
    patterns: Mapping[str, Schema] = field(default_factory=dict)
    additional: Schema | bool | None = None
    items: Schema | None = None
    first_items: tuple[Schema, ...] = ()
    required: frozenset[str] = frozenset()
    xml: Mapping[str, Any] = field(default_factory=dict)
    component: str = ""

    @property
    def read_as(self) -> frozenset[str]:
        """The types that text is read as: a string where nothing is said, or hinted at."""
        if self.kinds != ANYTHING:
            return self.kinds
        if self.properties or self.patterns or self.additional is not None:
            return frozenset(("object",))
        return frozenset(("string",)) if self.items is None else frozenset(("array",))

    def member(self, name: str) -> Schema | None:
        """The schema of a property, None when none is said; :data:`ANY` where any will do."""
        if name in self.properties:
            return self.properties[name]
        for pattern, schema in self.patterns.items():
            if _matches(pattern, name):
                return schema
        if isinstance(self.additional, Mapping):
            return self.additional
        return ANY if self.additional is True else None

    def item(self, index: int) -> Schema:
        """The schema of an item by its place."""
        if index < len(self.first_items):
            return self.first_items[index]
        return ANY if self.items is None else self.items


class Shapes:
    """The shapes of one description's schemas, worked out on first use.

    ``resolve`` gives the schema that a Reference Object stands for, any other schema itself;
    ``accepts`` judges a value by a schema.
    """

    def __init__(
        self, resolve: Callable[[Schema], Schema], accepts: Callable[[Schema, Any], bool]
    ) -> None:
        self._resolve = resolve
        self.accepts = accepts
        self._known: dict[int, tuple[Schema, tuple[Shape, ...], frozenset[str]]] = {}

    def of(self, schema: Schema) -> tuple[Shape, ...]:
        """The alternatives of a schema, in its own order; none for ``false``.

        A schema met before is recognised by its identity, which is why it is kept.
        """
        return self._laid_out(schema)[1]

    def kinds(self, schema: Schema) -> frozenset[str]:
        """The types that text may be read as, whichever alternative it is."""
        return self._laid_out(schema)[2]

    def _laid_out(self, schema: Schema) -> tuple[Schema, tuple[Shape, ...], frozenset[str]]:
        known = self._known.get(id(schema))
        if known is None:
            shapes = self._flat(schema, ())
            kinds = frozenset(kind for shape in shapes for kind in shape.read_as)
            known = self._known[id(schema)] = (schema, shapes, kinds)
        return known

    def chosen(self, schema: Schema, values: Iterator[Any]) -> Any:
        """The first of the values that a schema accepts, or else the very first one."""
        first = next(values)
        second = next(values, _NONE)
        if second is _NONE:
            return first
        rest = chain((first, second), values)
        return next((value for value in rest if self.accepts(schema, value)), first)

    def _flat(self, schema: Any, opened: tuple[str, ...]) -> tuple[Shape, ...]:
        """The alternatives of a schema; ``opened`` are the references that lead here."""
        if not isinstance(schema, Mapping):
            return () if schema is False else (Shape(),)
        shapes: Iterable[Shape] = (_own(schema),)
        reference = schema.get("$ref")
        if isinstance(reference, str):
            if reference in opened:
                return ()
            target = self._resolve({"$ref": reference})
            name = reference.rpartition("/")[2]
            flat = self._flat(target, (*opened, reference))
            shapes = _all(shapes, [replace(shape, component=name) for shape in flat])
        parts = schema.get("allOf", ())
        for part in parts:
            # A name is handed on by a wrapper of one schema; several parts make a new one.
            flat = self._flat(part, opened)
            shapes = _all(shapes, flat if len(parts) == 1 else _nameless(flat))
        for keyword in _UNION:
            if keyword in schema:
                choice = [s for part in schema[keyword] for s in self._flat(part, opened)]
                shapes = _all(shapes, choice)
        found = [shape for shape in shapes if shape.kinds]
        if schema.get("nullable") and "type" not in schema:
            found.append(Shape(frozenset(("null",)), xml=schema.get("xml", {})))
        return tuple(found[:MAX_ALTERNATIVES])


def _matches(pattern: str, name: str) -> bool:
    try:
        return re.search(pattern, name) is not None
    except re.error:  # a pattern of ECMA 262 that Python does not know
        return False


def _own(schema: Mapping[str, Any]) -> Shape:
    """What a schema says without its references and parts."""
    return Shape(
        _kinds(schema),
        properties=schema.get("properties", {}),
        patterns=schema.get("patternProperties", {}),
        additional=schema.get("additionalProperties"),
        items=schema.get("items"),
        first_items=tuple(schema.get("prefixItems", ())),
        required=frozenset(schema.get("required", ())),
        xml=schema.get("xml", {}),
    )


def _kinds(schema: Mapping[str, Any]) -> frozenset[str]:
    said = schema.get("type")
    kinds = ANYTHING if said is None else frozenset([said] if isinstance(said, str) else said)
    if "number" in kinds:
        kinds |= {"integer"}
    if schema.get("nullable") and said is not None:
        kinds |= {"null"}
    listed = schema.get("enum", [schema["const"]] if "const" in schema else None)
    if listed is None:
        return kinds
    values = {kind_of(value) for value in listed}
    if values & NUMBERS:
        values |= NUMBERS  # 1 and 1.0 are the same number
    return kinds & (values | {"null"} if schema.get("nullable") else values)


def kind_of(value: Any) -> str:
    """The JSON Schema type of a value; of a whole number ``integer``."""
    if value is None:
        return "null"
    for kind, types in _TYPES.items():
        if isinstance(value, types):
            return kind
    return "string"


_TYPES: dict[str, type | tuple[type, ...]] = {
    "boolean": bool,
    "integer": int,
    "number": float,
    "array": (list, tuple),
    "object": Mapping,
}  # in this order: to Python a boolean is an int


def _all(ones: Iterable[Shape], others: Iterable[Shape]) -> list[Shape]:
    """The shapes of what satisfies one of these and one of those."""
    others = list(others)
    return [_both(one, other) for one in ones for other in others][:MAX_ALTERNATIVES]


def _both(one: Shape, other: Shape) -> Shape:
    return Shape(
        one.kinds & other.kinds,
        properties=_joined(one.properties, other.properties),
        patterns=_joined(one.patterns, other.patterns),
        additional=_conjunction(one.additional, other.additional),
        items=_conjunction(one.items, other.items),
        first_items=max(one.first_items, other.first_items, key=len),
        required=one.required | other.required,
        xml={**other.xml, **one.xml},
        component=one.component or other.component,
    )


def _joined(ones: Mapping[str, Schema], others: Mapping[str, Schema]) -> Mapping[str, Schema]:
    if not ones or not others:
        return ones or others
    shared = {name: _conjunction(ones[name], others[name]) for name in ones if name in others}
    return {**ones, **others, **shared}


def _conjunction(one: Any, other: Any) -> Any:
    """A schema for what satisfies both. One that says nothing, or the same, is left out."""
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return other if one is None or isinstance(other, Mapping) else one
    parts = list(_parts(one))
    # Left in, what recursive parts say twice would double at every level of a value.
    parts += [part for part in _parts(other) if part not in parts]
    return parts[0] if len(parts) == 1 else {"allOf": parts}


def _parts(schema: Mapping[str, Any]) -> Iterable[Any]:
    return schema["allOf"] if set(schema) == {"allOf"} else [schema]


def _nameless(shapes: Iterable[Shape]) -> list[Shape]:
    return [replace(shape, xml={}, component="") for shape in shapes]
