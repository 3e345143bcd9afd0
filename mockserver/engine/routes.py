"""A trie of path segments: finding an operation costs the same however many there are."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")

MAX_SEGMENTS = 64
"""Paths with more segments match nothing."""

_COMPARED = 200
"""Longer paths, and larger tables, are not searched for what a caller may have meant."""


class _Node(Generic[T]):
    __slots__ = ("literal", "loose", "methods", "owner", "parameter", "template")

    def __init__(self) -> None:
        self.literal: dict[str, _Node[T]] = {}
        self.parameter: _Node[T] | None = None
        self.methods: dict[str, T] = {}
        self.template = ""
        self.owner: Any = None
        self.loose = False


class Match(NamedTuple, Generic[T]):
    """The methods of the path that matched, its template, and the values of its parameters."""

    methods: dict[str, T]
    template: str
    values: tuple[str, ...]


class Routes(Generic[T]):
    """Paths and their methods.

    A literal segment wins over a templated one (OpenAPI 3.0.3, Path Templating Matching), and
    the path decides before the method does. Several owners share the paths by prefix: a path
    belongs to the owner of its longest claimed prefix, and no template that begins above that
    prefix reaches into it.
    """

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()
        self.templates: list[str] = []

    def claim(self, prefix: str, owner: Any, *, loose: bool = False) -> None:
        """Say whose the paths are that begin with a prefix; the first who does so has them.

        Below a ``loose`` prefix literal segments, described in lower case, match in either case,
        and a literal path that does not describe the method gives way to a template that does.
        """
        node = self._root
        for segment in prefix.split("/")[1:]:
            node = node.literal.setdefault(segment, _Node())
        if node.owner is None:
            node.owner, node.loose = owner, loose

    def owner(self, segments: list[str]) -> Any:
        """Whose a path is, None when nobody claimed it."""
        return self._home(segments)[0].owner

    def _home(self, segments: list[str]) -> tuple[_Node[T], int]:
        """The node of the longest claimed prefix of a path, and its number of segments."""
        node = self._root
        home, length = node, 0
        for index, segment in enumerate(segments, start=1):
            found = node.literal.get(segment)
            if found is None:
                break
            node = found
            if node.owner is not None:
                home, length = node, index
        return home, length

    def add(self, method: str, path: str, target: T) -> None:
        """Register ``target`` for a method and path template.

        Raises ValueError when another target has them already.
        """
        node = self._root
        for segment in path.split("/")[1:]:
            if segment.startswith("{") and segment.endswith("}"):
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.literal.setdefault(segment, _Node())
        if not node.methods:
            node.template = path
            self.templates.append(path)
        if method in node.methods:
            raise ValueError(f"{method} {path} is described twice")
        node.methods[method] = target

    def find(self, segments: list[str], method: str = "") -> Match[T] | None:
        """What matches a path given as its segments, or None."""
        if len(segments) > MAX_SEGMENTS:
            return None
        values: list[str] = []
        home, length = self._home(segments)
        if home.loose:
            node = _loosely(home, segments, length, values, method)
        else:
            node = _descend(home, segments, length, values)
        return Match(node.methods, node.template, tuple(values)) if node else None

    def nearest(self, segments: list[str]) -> str:
        """The path template most like a path that matched nothing, or an empty string."""
        path = "/" + "/".join(segments)
        if len(path) > _COMPARED or len(self.templates) > _COMPARED:
            return ""
        return next(iter(difflib.get_close_matches(path, self.templates, n=1)), "")


def _descend(node: _Node[T], segments: list[str], index: int, values: list[str]) -> _Node[T] | None:
    if index == len(segments):
        return node if node.methods else None
    segment = segments[index]
    literal = node.literal.get(segment)
    if literal is not None:
        found = _descend(literal, segments, index + 1, values)
        if found is not None:
            return found
    if node.parameter is None or not segment:
        return None
    known = len(values)
    values.append(segment)
    found = _descend(node.parameter, segments, index + 1, values)
    if found is None:
        del values[known:]
    return found


def _loosely(
    home: _Node[T], segments: list[str], length: int, values: list[str], method: str
) -> _Node[T] | None:
    """The first node of a path that describes the method, or else the first of all."""
    nodes = list(_candidates(home, segments, length, []))
    chosen = next((each for each in nodes if method in each[0].methods), None)
    node, found = chosen or next(iter(nodes), (None, []))
    values += found
    return node


def _candidates(
    node: _Node[T], segments: list[str], index: int, values: list[str]
) -> Iterator[tuple[_Node[T], list[str]]]:
    """The nodes that a path may mean, literal ones first, with their values."""
    if index == len(segments):
        if node.methods:
            yield node, values
        return
    segment = segments[index]
    literal = node.literal.get(segment.lower())
    if literal is not None and literal.owner is None:
        yield from _candidates(literal, segments, index + 1, values)
    if node.parameter is not None and segment:
        yield from _candidates(node.parameter, segments, index + 1, [*values, segment])
