"""A trie of path segments: finding an operation costs the same however many there are."""

from __future__ import annotations

import difflib
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")

MAX_SEGMENTS = 64
"""Paths with more segments match nothing."""

_COMPARED = 200
"""Longer paths, and larger tables, are not searched for what a caller may have meant."""


class _Node(Generic[T]):
    __slots__ = ("literal", "methods", "parameter", "template")

    def __init__(self) -> None:
        self.literal: dict[str, _Node[T]] = {}
        self.parameter: _Node[T] | None = None
        self.methods: dict[str, T] = {}
        self.template = ""


class Match(NamedTuple, Generic[T]):
    """The methods of the path that matched, its template, and the values of its parameters."""

    methods: dict[str, T]
    template: str
    values: tuple[str, ...]


class Routes(Generic[T]):
    """Paths and their methods.

    A literal segment wins over a templated one (OpenAPI 3.0.3, Path Templating Matching), and
    the path decides before the method does.
    """

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()
        self.templates: list[str] = []

    def add(self, method: str, path: str, target: T) -> None:
        """Register ``target`` for a method and path template."""
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
        node.methods[method] = target

    def find(self, segments: list[str]) -> Match[T] | None:
        """What matches a path given as its segments, or None."""
        if len(segments) > MAX_SEGMENTS:
            return None
        values: list[str] = []
        node = _descend(self._root, segments, 0, values)
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
