"""Parameters read from what was sent, by their style (OpenAPI 3.0.3, Style Values)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any, Final

from mockserver.engine.media import decode_json, is_json
from mockserver.engine.wire.sent import Declared, Raw, Text
from mockserver.engine.wire.shapes import CONTAINERS, SCALARS, Shape, Shapes
from mockserver.engine.wire.texts import Node, Reader, scalar
from mockserver.errors import ApiError

Decode = Callable[[Raw], Any]
"""Gives the value of a parameter, :data:`MISSING` when it was not sent. Raises ApiError 400."""

MISSING: Final = object()
"""What stands for the value of a parameter that was not sent."""

MAX_BRACKETS = 32
"""Levels of brackets in the name of a ``deepObject`` member."""

_COMMA = re.compile(",")
_SEPARATORS = {
    # What may not stand in a URL as it is separates when it is percent-encoded, too.
    "spaceDelimited": re.compile(r"%20|\+| "),
    "pipeDelimited": re.compile(r"%7[Cc]|\|"),
}
_ANY_COMMA = re.compile(",|%2[Cc]")
_DOT = re.compile(r"\.")
_DOT_BEFORE_NAME = re.compile(r"\.(?=[^.=]*=)")
_BRACKETS = re.compile(r"(?:\[[^\[\]]*\])+")


def decoder(parameter: Declared, shapes: Shapes, others: Collection[str] = ()) -> Decode:
    """How a parameter is read, worked out once.

    Where a text can be read in several ways the value is the one that the schema accepts; it is
    not judged beyond that. ``others`` are the names that belong to the other parameters of its
    location: an exploded object with additional properties takes all the rest.
    """
    kinds = shapes.kinds(parameter.schema)
    if parameter.media_type:
        return _once(Text(parameter), _content(parameter))
    convert = scalar(kinds)
    plain = parameter.style in ("form", "simple") and not kinds & CONTAINERS
    if plain and convert is not None:
        return _once(Text(parameter), convert)
    if parameter.style == "deepObject":
        return _Deep(parameter, shapes)
    in_pairs = parameter.style not in ("simple", "label", "matrix")
    if parameter.explode and in_pairs and "object" in kinds:
        return _Spread(parameter, shapes, frozenset(others))
    return _Styled(parameter, shapes)


def _once(text: Text, convert: Callable[[str], Any]) -> Decode:
    """The decoder of a parameter whose one text is one value."""
    name, decoded = text.name, text.decoded
    is_header, is_text = text.location == "header", convert is str

    def decode(raw: Raw) -> Any:
        texts = raw.get(name)
        if texts is None:
            return MISSING
        if len(texts) != 1:
            raise text.repeated(len(texts))
        found = texts[0]
        if is_header or "%" in found or "+" in found:
            found = decoded(found)
        return found if is_text else convert(found)

    return decode


def _content(parameter: Declared) -> Callable[[str], Any]:
    """The decoder of a parameter with ``content`` instead of a style."""
    if not is_json(parameter.media_type):
        return str
    text = Text(parameter)
    charset = "latin-1" if parameter.location == "header" else "utf-8"

    def decode(found: str) -> Any:
        try:
            return decode_json(found.encode(charset, errors="replace"))
        except ApiError as error:
            raise text.refused("media type", error.violations[0].expected, found) from None

    return decode


class _Styled:
    """A parameter that stands under its own name."""

    def __init__(self, parameter: Declared, shapes: Shapes) -> None:
        self.text = Text(parameter)
        self.style, self.explode = parameter.style, parameter.explode
        self._schema = parameter.schema
        self._shapes = shapes
        kinds = shapes.kinds(parameter.schema)
        self.arrays, self.objects = "array" in kinds, "object" in kinds
        self.scalars = bool(kinds & SCALARS)

    def __call__(self, raw: Raw) -> Any:
        texts = raw.get(self.text.name)
        return MISSING if texts is None else self.read(list(self.nodes(texts)), texts)

    def read(self, nodes: Sequence[Node], texts: Sequence[str]) -> Any:
        """The value of the first node that the schema accepts."""
        if not nodes:
            if len(texts) > 1:
                raise self.text.repeated(len(texts))
            exploded = ", exploded" if self.explode else ""
            expected = f"a value in the style {self.style}{exploded}"
            raise self.text.refused("style", expected, texts[0])
        reader = Reader(self._shapes)
        values = (reader.read(self._schema, node) for node in nodes)
        return self._shapes.chosen(self._schema, values)

    def nodes(self, texts: list[str]) -> Iterator[Node]:
        """What the texts may stand for, the strictest reading first."""
        if self.style == "label":
            yield from self._label(texts[0])
        elif self.style == "matrix":
            yield from self._matrix(texts[0])
        elif self.explode and self.style != "simple":
            yield from self.repeated(texts)
        else:
            yield from self._delimited(texts, _SEPARATORS.get(self.style, _COMMA))

    def repeated(self, texts: list[str]) -> Iterator[Node]:
        """Each text an item, or the only one the value."""
        if self.arrays or len(texts) == 1:
            yield self._list(texts)

    def _delimited(self, texts: list[str], separator: re.Pattern[str]) -> Iterator[Node]:
        parts = [part for text in texts for part in separator.split(text)]
        yield from self._parts(parts)
        if self.scalars and len(texts) == 1 < len(parts):
            yield self._list(texts)
        is_whole = separator is _COMMA and len(parts) == 1 and self.text.location != "header"
        if is_whole and "%2" in texts[0]:
            # Many clients encode a value as a whole, with its separators.
            yield from self._parts(_ANY_COMMA.split(texts[0]))

    def _parts(self, parts: list[str]) -> Iterator[Node]:
        if self.arrays or (self.scalars and len(parts) == 1):
            yield self._list(parts)
        if self.objects:
            yield from self._named(parts)
        if parts == [""] and self.arrays:
            yield []

    def _named(self, parts: list[str]) -> Iterator[Node]:
        """Names and values: exploded as ``R=100``, else one after the other."""
        if parts == [""]:
            yield {}
        elif self.explode:
            pairs = [part.partition("=") for part in parts]
            if self.style == "matrix" or all(equals for _, equals, _ in pairs):
                yield self._grouped((name, value) for name, _, value in pairs)
        elif len(parts) % 2 == 0:
            yield self._grouped(zip(parts[::2], parts[1::2], strict=True))

    def _grouped(self, pairs: Iterable[tuple[str, str]]) -> Node:
        found: dict[str, list[str]] = {}
        for name, value in pairs:
            found.setdefault(self.text.decoded(name), []).append(self.text.decoded(value))
        return found

    def _list(self, texts: list[str]) -> list[str]:
        return [self.text.decoded(text) for text in texts]

    def _label(self, segment: str) -> Iterator[Node]:
        """A segment that begins with a dot (RFC 6570, section 3.2.5).

        Without explode, 3.0.3 and 3.1.0 separate by dots; 3.0.4, 3.1.1 and the RFC by commas.
        """
        text = segment[1:]
        if not segment.startswith("."):
            return
        if not self.explode and "," in text:
            yield from self._delimited([text], _COMMA)
            return
        named = self.explode and self.objects and not self.arrays
        yield from self._delimited([text], _DOT_BEFORE_NAME if named else _DOT)
        if self.arrays and not self.explode:
            yield self._list([text])

    def _matrix(self, segment: str) -> Iterator[Node]:
        """A segment of ``;name=value`` (RFC 6570, section 3.2.7)."""
        if not segment.startswith(";"):
            return
        parts = segment[1:].split(";")
        pairs = [part.partition("=") for part in parts]
        values = [value for _, _, value in pairs]
        if all(self.text.decoded(name) == self.text.name for name, _, _ in pairs):
            yield from self.repeated(values) if self.explode else self._delimited(values, _COMMA)
        if self.explode and self.objects:
            yield from self._named(parts)


class _Spread(_Styled):
    """An exploded form object: its members stand beside the other parameters.

    Many clients write one with members of its own as a ``deepObject``, for want of a way to do it.
    """

    def __init__(self, parameter: Declared, shapes: Shapes, others: frozenset[str]) -> None:
        super().__init__(parameter, shapes)
        self._objects = [s for s in shapes.of(parameter.schema) if "object" in s.read_as]
        self._others = others - {parameter.name}
        self._deep = _Deep(parameter, shapes)

    def __call__(self, raw: Raw) -> Any:
        if self.text.name in raw and (self.arrays or self.scalars):
            return super().__call__(raw)
        members = {name: self._list(texts) for name, texts in raw.items() if self._takes(name)}
        return self.read([members], ()) if members else self._deep.members(raw)

    def _takes(self, name: str) -> bool:
        is_free = name not in self._others
        return any(
            name in shape.properties or (is_free and _takes_more(shape, name))
            for shape in self._objects
        )


def _takes_more(shape: Shape, name: str) -> bool:
    """Whether an object may have a member that is not declared, or says nothing of members."""
    silent = not shape.properties and not shape.patterns and shape.additional is None
    return silent or shape.member(name) is not None


class _Deep(_Styled):
    """A ``deepObject``: ``color[R]=100``, nested and with arrays as they are commonly sent."""

    def __call__(self, raw: Raw) -> Any:
        members, own = self.members(raw), raw.get(self.text.name)
        if own is None:
            return members
        if members is not MISSING:
            raise self._conflict()
        return self.read(list(self.repeated(own)), own)

    def members(self, raw: Raw) -> Any:
        """The value whose members have its name and brackets; MISSING where there are none."""
        name = self.text.name
        tree: dict[str, Any] = {}
        for key, texts in raw.items():
            if key.startswith(name) and _BRACKETS.fullmatch(key, len(name)):
                self._grow(tree, key[len(name) + 1 : -1].split("]["), texts)
        return self.read([tree], ()) if tree else MISSING

    def _grow(self, tree: dict[str, Any], steps: list[str], texts: list[str]) -> None:
        if len(steps) > MAX_BRACKETS:
            expected = f"at most {MAX_BRACKETS} levels of brackets"
            raise self.text.refused("style", expected, f"{len(steps)} levels")
        *above, last = steps
        for step in above:
            tree = tree.setdefault(step, {})
            if not isinstance(tree, dict):
                raise self._conflict()
        if last in tree:
            raise self._conflict()
        tree[last] = self._list(texts)

    def _conflict(self) -> ApiError:
        return self.text.refused("style", "either a value or members of it", "both")
