"""The properties and listed values of a schema, as a tree that values are held against."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import orjson

from mockserver.engine.reply import Api
from mockserver.engine.spec import Schema
from mockserver.errors import pointer_to

MOST_POINTS = 150
"""Properties and values of one body; of larger schemas the first are counted."""

DEEPEST = 4
"""Levels of properties that are counted."""

MOST_ITEMS = 1_000
"""Items of one list that are looked at."""

_UNIONS = ("allOf", "oneOf", "anyOf")

Count = Callable[[str], int]
"""Makes a point of a name, and gives the bit that stands for it."""


class Node:
    """A place in a schema: the bit of the property itself, its listed values, what is within."""

    __slots__ = ("bit", "extra", "items", "members", "values")

    def __init__(self, bit: int = 0) -> None:
        self.bit = bit
        self.values: dict[Any, int] = {}
        self.members: dict[str, Node] = {}
        self.items: Node | None = None
        self.extra: Node | None = None

    def touched(self, value: Any) -> int:
        """The bits of all that a value has."""
        bits = self.bit
        if self.values:
            bits |= self.values.get(key_of(value), 0)
        if isinstance(value, dict):
            for name, item in value.items():
                node = self.members.get(name, self.extra)
                if node is not None:
                    bits |= node.touched(item)
        elif isinstance(value, list) and self.items is not None:
            for item in value[:MOST_ITEMS]:
                bits |= self.items.touched(item)
        return bits


def key_of(value: Any) -> Any:
    """What is the same for equal JSON values; to Python, true is 1."""
    if isinstance(value, list | dict):
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return (isinstance(value, bool), value)


def listed(api: Api, schema: Any, depth: int = 0) -> list[Any]:
    """The values that a schema lists (``enum``), itself or in one of its parts."""
    found = api.schemas.resolved(schema)
    values = list(found.get("enum", ()))
    if depth < DEEPEST:
        for part in (part for union in _UNIONS for part in found.get(union, ())):
            values += listed(api, part, depth + 1)
    return values


def told(value: Any) -> str:
    """A listed value as it is shown."""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


class Layout:
    """Lays out the schemas of one side: ``hidden`` is ``readOnly`` or ``writeOnly``."""

    def __init__(self, api: Api, hidden: str, count: Count) -> None:
        self._api = api
        self._hidden = hidden
        self._count = count
        self._left = MOST_POINTS

    def node(self, schema: Schema, before: str = "") -> Node:
        """The tree of a body's schema; names begin with ``before``."""
        self._left = MOST_POINTS
        node = Node()
        self._fill(node, schema, before, ())
        return node

    def _fill(self, node: Node, schema: Any, place: str, opened: tuple[str, ...]) -> None:
        """Lay out what is within a schema; ``opened`` are the components that lead to it."""
        self._list(node, schema, place)
        for shape in self._api.shapes.of(schema):
            if shape.component in opened or len(opened) > 4 * DEEPEST:
                continue
            within = (*opened, shape.component) if shape.component else opened
            if place.count("/") < DEEPEST:
                self._members(node, shape.properties, place, within)
            if shape.items is not None:
                node.items = node.items or Node()
                self._fill(node.items, shape.items, f"{place}/*", within)
            if isinstance(shape.additional, Mapping) and shape.additional:
                node.extra = node.extra or Node()
                self._fill(node.extra, shape.additional, f"{place}/*", within)

    def _members(
        self, node: Node, properties: Mapping[str, Any], place: str, opened: tuple[str, ...]
    ) -> None:
        for name, schema in self._shown(properties):
            at = place + pointer_to([name])
            known = node.members.get(name)
            if known is None:
                if self._left <= 0:
                    return
                known = node.members[name] = Node(self._point(at))
            self._fill(known, schema, at, opened)

    def _shown(self, properties: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        for name, schema in properties.items():
            if not self._api.schemas.resolved(schema).get(self._hidden):
                yield name, schema

    def _list(self, node: Node, schema: Any, place: str) -> None:
        node.values.update(
            (key_of(value), self._point(f"{place}={told(value)}"))
            for value in self._new(node, listed(self._api, schema))
        )

    def _new(self, node: Node, values: Iterable[Any]) -> Iterator[Any]:
        seen = set(node.values)
        for value in values:
            if key_of(value) not in seen and value is not None and self._left > 0:
                seen.add(key_of(value))
                yield value

    def _point(self, name: str) -> int:
        self._left -= 1
        return self._count(name)
