"""Parameters read from what was sent, by their style (OpenAPI 3.0.3, Style Values)."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol
from urllib.parse import unquote, unquote_plus

from mockserver.engine.media import decode_json, is_json
from mockserver.engine.spec import Schema
from mockserver.engine.wire.shapes import CONTAINERS, SCALARS, Shape, Shapes
from mockserver.engine.wire.texts import Node, Reader, scalar
from mockserver.errors import ApiError, Violation

Raw = Mapping[str, list[str]]
"""Texts by decoded name, as they were sent: still percent-encoded.

Of a path parameter the one segment under the parameter's name, of a header its value.
"""

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


class Declared(Protocol):
    """A parameter as it is declared.

    ``media_type`` is that of its ``content``, empty for a parameter with a style.
    """

    @property
    def name(self) -> str:
        """The name, as it is declared."""
        ...

    @property
    def location(self) -> str:
        """One of path, query, header, cookie."""
        ...

    @property
    def schema(self) -> Schema:
        """What values it may have."""
        ...

    @property
    def style(self) -> str:
        """How it is serialised."""
        ...

    @property
    def explode(self) -> bool:
        """Whether items and members stand one by one."""
        ...

    @property
    def allow_reserved(self) -> bool:
        """Whether reserved characters stand in a query as they are."""
        ...

    @property
    def media_type(self) -> str:
        """What its ``content`` is."""
        ...


def raw_query(query: bytes) -> dict[str, list[str]]:
    """The pairs of a query string: names decoded, values as they were sent.

    Raises ApiError 400 for a name that is not UTF-8 once decoded.
    """
    pairs: dict[str, list[str]] = {}
    for part in query.decode("latin-1").split("&"):
        if part:
            name, _, value = part.partition("=")
            if "%" in name or "+" in name:
                name = _decoded(unquote_plus, name, "query", "")
            pairs.setdefault(name, []).append(value)
    return pairs


def raw_cookies(header: str) -> dict[str, list[str]]:
    """The pairs of a Cookie header (RFC 6265, section 4.2.1): names decoded, values as sent.

    Unlike a mapping of cookies it has every value of a name, as exploded arrays need it.
    """
    pairs: dict[str, list[str]] = {}
    for part in header.split(";"):
        name, equals, value = part.partition("=")
        text = value.strip()
        if len(text) > 1 and text[0] == text[-1] == '"':
            text = text[1:-1]
        if equals:
            # Cookies are shared with others, whose names need not be ours to judge.
            pairs.setdefault(unquote(name.strip(), errors="replace"), []).append(text)
    return pairs


def decoder(parameter: Declared, shapes: Shapes, others: Collection[str] = ()) -> Decode:
    """How a parameter is read, worked out once.

    Where a text can be read in several ways the value is the one that the schema accepts; it is
    not judged beyond that. ``others`` are the names that belong to the other parameters of its
    location: an exploded object with additional properties takes all the rest.
    """
    kinds = shapes.kinds(parameter.schema)
    if parameter.media_type:
        return _once(_Text(parameter), _content(parameter))
    convert = scalar(kinds)
    plain = parameter.style in ("form", "simple") and not kinds & CONTAINERS
    if plain and convert is not None:
        return _once(_Text(parameter), convert)
    if parameter.style == "deepObject":
        return _Deep(parameter, shapes)
    in_pairs = parameter.style not in ("simple", "label", "matrix")
    if parameter.explode and in_pairs and "object" in kinds:
        return _Spread(parameter, shapes, frozenset(others))
    return _Styled(parameter, shapes)


def _once(text: _Text, convert: Callable[[str], Any]) -> Decode:
    """The decoder of a parameter whose one text is one value."""
    name, decoded = text.name, text.decoded
    is_header = text.location == "header"

    def decode(raw: Raw) -> Any:
        texts = raw.get(name)
        if texts is None:
            return MISSING
        if len(texts) != 1:
            raise text.repeated(len(texts))
        found = texts[0]
        if is_header or "%" in found or "+" in found:
            found = decoded(found)
        return convert(found)

    return decode


def _content(parameter: Declared) -> Callable[[str], Any]:
    """The decoder of a parameter with ``content`` instead of a style."""
    if not is_json(parameter.media_type):
        return str
    text = _Text(parameter)
    charset = "latin-1" if parameter.location == "header" else "utf-8"

    def decode(found: str) -> Any:
        try:
            return decode_json(found.encode(charset, errors="replace"))
        except ApiError as error:
            raise text.refused("media type", error.violations[0].expected, found) from None

    return decode


class _Text:
    """How the texts of one parameter are decoded, and refused."""

    __slots__ = ("_unquote", "location", "name")

    def __init__(self, parameter: Declared) -> None:
        self.name = parameter.name
        self.location = parameter.location
        # A plus is a space in forms only; where reserved characters may stand it is a plus.
        plus = parameter.location == "query" and not parameter.allow_reserved
        self._unquote = unquote_plus if plus else unquote

    def decoded(self, text: str) -> str:
        """A text without its percent-encoding; headers have none, but space around values."""
        if self.location == "header":
            return text.strip(" \t")
        if "%" not in text and "+" not in text:
            return text
        return _decoded(self._unquote, text, self.location, self.name)

    def refused(self, rule: str, expected: str, received: str) -> ApiError:
        violation = Violation(self.location, self.name, rule, expected, received)
        where = f"The {self.location} parameter {self.name!r}"
        detail = f"{where} is {received!r}, expected {expected}."
        return ApiError(400, detail, violations=[violation])

    def repeated(self, number: int) -> ApiError:
        received = f"{number} values"
        violation = Violation(self.location, self.name, "once", "one value", received)
        detail = f"The {self.location} parameter {self.name!r} came more than once."
        return ApiError(400, detail, violations=[violation])


def _decoded(function: Callable[..., str], text: str, location: str, name: str) -> str:
    try:
        return function(text, errors="strict")
    except UnicodeDecodeError:
        violation = Violation(location, name, "encoding", "percent-encoded UTF-8", text)
        detail = f"The {location} is not UTF-8 once decoded."
        raise ApiError(400, detail, violations=[violation]) from None


class _Styled:
    """A parameter that stands under its own name."""

    def __init__(self, parameter: Declared, shapes: Shapes) -> None:
        self.text = _Text(parameter)
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
        if self.arrays and texts == [""]:
            yield []

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
    """An exploded form object: its members stand beside the other parameters."""

    def __init__(self, parameter: Declared, shapes: Shapes, others: frozenset[str]) -> None:
        super().__init__(parameter, shapes)
        self._objects = [s for s in shapes.of(parameter.schema) if "object" in s.read_as]
        self._others = others - {parameter.name}

    def __call__(self, raw: Raw) -> Any:
        if self.text.name in raw and (self.arrays or self.scalars):
            return super().__call__(raw)
        members = {name: self._list(texts) for name, texts in raw.items() if self._takes(name)}
        return self.read([members], ()) if members else MISSING

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
        name = self.text.name
        tree: dict[str, Any] = {}
        for key, texts in raw.items():
            if key.startswith(name) and _BRACKETS.fullmatch(key, len(name)):
                self._grow(tree, key[len(name) + 1 : -1].split("]["), texts)
        own = raw.get(name)
        if own is None:
            return self.read([tree], ()) if tree else MISSING
        if tree:
            raise self._conflict()
        return self.read(list(self.repeated(own)), own)

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
