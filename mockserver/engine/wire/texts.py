"""Texts, alone or in trees, read as the JSON values that their schemas want."""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from mockserver.engine.media import decode_json
from mockserver.engine.spec import Schema
from mockserver.engine.wire.shapes import ANY, CONTAINERS, NUMBERS, SCALARS, Shape, Shapes
from mockserver.errors import ApiError

Node: TypeAlias = "Sequence[str] | Mapping[str, Node]"
"""The texts of one place, or what stands under its names."""

_INTEGER = re.compile(r"-?[0-9]{1,400}")
_NUMBER = re.compile(r"-?[0-9]{1,400}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,4})?")
_INDEX = re.compile(r"[0-9]{1,9}")
_BOOLEANS = {"true": True, "false": False}


def integer(text: str) -> int | str:
    """A text as an integer, if it is one as JSON writes it."""
    return int(text) if _INTEGER.fullmatch(text) else text


def number(text: str) -> float | str:
    """A text as a number, if it is one as JSON writes it and a double holds it."""
    if not _NUMBER.fullmatch(text):
        return text
    value = float(text)
    if not math.isfinite(value):
        return text
    return int(text) if _INTEGER.fullmatch(text) else value


def boolean(text: str) -> bool | str:
    """A text as a boolean, if it is ``true`` or ``false``."""
    return _BOOLEANS.get(text, text)


_SINGLE: Mapping[frozenset[str], Callable[[str], Any]] = {
    frozenset(): str,
    frozenset(("string",)): str,
    frozenset(("integer",)): integer,
    frozenset(("number",)): number,
    frozenset(("integer", "number")): number,
    frozenset(("boolean",)): boolean,
}


def scalar(kinds: frozenset[str]) -> Callable[[str], Any] | None:
    """The one reading of text as some types; None when there are several.

    Text that cannot be read so stays text, to be refused by the schema.
    """
    return _SINGLE.get(kinds & SCALARS)


def scalars(text: str, kinds: frozenset[str]) -> Iterator[Any]:
    """The values that a text can be read as among some types, the most specific first.

    ``null`` is null after all else, and so is an empty text that cannot be a string.
    """
    if "boolean" in kinds and text in _BOOLEANS:
        yield _BOOLEANS[text]
    convert = number if "number" in kinds else integer
    if not kinds.isdisjoint(NUMBERS) and not isinstance(value := convert(text), str):
        yield value
    if "string" in kinds:
        yield text
    if "null" in kinds and (text == "null" or (text == "" and "string" not in kinds)):
        yield None


def containers(text: str) -> Iterator[Any]:
    """The object or array that a text is as JSON.

    No style but deepObject has members and items that are objects or arrays (OpenAPI 3.0.4, Style
    Values: the behavior is undefined); as JSON is how Swagger UI sends them.
    """
    if text.startswith(("{", "[")):
        with contextlib.suppress(ApiError, UnicodeEncodeError):
            yield decode_json(text.encode())


class Reader:
    """Reads the nodes of one request; a node with names is read once by each schema."""

    __slots__ = ("_known", "_shapes")

    def __init__(self, shapes: Shapes) -> None:
        self._shapes = shapes
        self._known: dict[tuple[int, int], tuple[Node, Any]] = {}

    def read(self, schema: Schema, node: Node) -> Any:
        """The value of a node, of several the one that the schema accepts.

        Text stays text where the schema wants none of what it can be.
        """
        if not isinstance(node, Mapping):
            return self._shapes.chosen(schema, self._texts(schema, node))
        key = (id(schema), id(node))
        if key not in self._known:
            value = self._shapes.chosen(schema, self._members(schema, node))
            self._known[key] = (node, value)  # with the node, so that its id stays its own
        return self._known[key][1]

    def _texts(self, schema: Schema, texts: Sequence[str]) -> Iterator[Any]:
        kinds, found = self._shapes.kinds(schema), False
        if len(texts) == 1:
            for value in scalars(texts[0], kinds):
                found = True
                yield value
        for shape in self._shapes.of(schema):
            if "array" in shape.read_as:
                found = True
                yield self._list(shape, texts)
        if kinds & CONTAINERS and len(texts) == 1:
            for value in containers(texts[0]):
                found = True
                yield value
        if not found:
            yield texts[0] if len(texts) == 1 else list(texts)

    def _list(self, shape: Shape, texts: Sequence[str]) -> list[Any]:
        if not shape.first_items:
            kinds = self._shapes.kinds(shape.item(0))
            convert = None if kinds & CONTAINERS else scalar(kinds)
            if convert is not None:
                return [convert(text) for text in texts]
        return [self.read(shape.item(index), [text]) for index, text in enumerate(texts)]

    def _members(self, schema: Schema, node: Mapping[str, Node]) -> Iterator[Any]:
        items, found = _in_order(node), False
        for shape in self._shapes.of(schema):
            if items is not None and "array" in shape.read_as:
                found = True
                yield [self.read(shape.item(i), item) for i, item in enumerate(items)]
            elif "object" in shape.kinds:
                found = True
                yield {
                    name: self.read(shape.member(name) or ANY, inner)
                    for name, inner in node.items()
                }
        if not found:
            yield {name: self.read(ANY, inner) for name, inner in node.items()}


def _in_order(node: Mapping[str, Node]) -> Sequence[Node] | None:
    """The items of ``a[]=1&a[]=2`` and of ``a[0]=1&a[1]=2``; None of what is neither."""
    if set(node) == {""}:
        only = node[""]
        return [only] if isinstance(only, Mapping) else [[text] for text in only]
    if all(_INDEX.fullmatch(name) for name in node):
        return [node[name] for name in sorted(node, key=int)]
    return None
