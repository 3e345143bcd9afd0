"""A trie of path segments: finding an operation costs the same however many there are."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from typing import Any, Generic, NamedTuple, TypeVar

from mockserver.engine.templates import Pattern, is_literal, is_parameter, marked

T = TypeVar("T")

Told = Callable[[str], str | None]
"""What a request says under a name in its query or its headers, None for nothing."""

MAX_SEGMENTS = 64
"""Paths with more segments match nothing."""

_COMPARED = 200
"""Longer paths, and larger tables, are not searched for what a caller may have meant."""


class _Node(Generic[T]):
    __slots__ = (
        "literal", "loose", "methods", "owner", "parameter", "patterns", "template", "variants",
    )  # fmt: skip

    def __init__(self) -> None:
        self.literal: dict[str, _Node[T]] = {}
        self.patterns: list[tuple[Pattern, _Node[T]]] = []
        self.parameter: _Node[T] | None = None
        self.methods: dict[str, T] = {}
        self.variants: Variants[T] | None = None
        self.template = ""
        self.owner: Any = None
        self.loose = False


class Match(NamedTuple, Generic[T]):
    """The methods of the path that matched, its template, and the texts of its parameters.

    ``variants`` are the methods of templates that share the path, and differ in what stands
    beside it.
    """

    methods: dict[str, T]
    template: str
    values: tuple[str, ...]
    variants: Variants[T] | None = None

    def told_apart(self, told: Told) -> dict[str, T]:
        """The methods of a path that several templates share, by what stands beside it.

        Where a request has the marks of none, it means what has no marks, or else the first one,
        which says in its refusal what is missing.
        """
        if self.variants is None:
            return self.methods
        plain = {**self.variants.first(), **self.methods}
        return {m: self.variants.find(m, told) or target for m, target in plain.items()}


class _Variant(NamedTuple, Generic[T]):
    marks: tuple[tuple[str, str | None], ...]
    methods: dict[str, T]

    def merit(self, told: Told) -> int:
        """How many of its marks a request has, -1 when one is missing."""
        for name, text in self.marks:
            given = told(name)
            if given is None or text not in (None, given):
                return -1
        return len(self.marks)


class Variants(Generic[T]):
    """Templates of one path, told apart by names and values beside it.

    Those that give a value are found by it, however many there are.
    """

    def __init__(self) -> None:
        self._by_value: dict[str, dict[str, list[_Variant[T]]]] = {}
        self._others: list[_Variant[T]] = []
        self._known: dict[tuple[tuple[str, str | None], ...], _Variant[T]] = {}

    def methods(self, marks: tuple[tuple[str, str | None], ...]) -> dict[str, T]:
        """The methods of a template with these marks, to be filled in."""
        variant = self._known.get(marks)
        if variant is None:
            variant = self._known[marks] = _Variant(marks, {})
            name, text = next(((n, t) for n, t in marks if t is not None), ("", None))
            if text is None:
                self._others.append(variant)
            else:
                self._by_value.setdefault(name, {}).setdefault(text, []).append(variant)
        return variant.methods

    def find(self, method: str, told: Told) -> T | None:
        """The target that a request has all marks of, and most of them; None without any."""
        found = [
            variant
            for name, by_text in self._by_value.items()
            for variant in by_text.get(told(name) or "", ())
        ]
        meant = [v for v in (*found, *self._others) if method in v.methods]
        best = max(meant, key=lambda variant: variant.merit(told), default=None)
        return best.methods[method] if best is not None and best.merit(told) >= 0 else None

    def first(self) -> dict[str, T]:
        """The first target of each method."""
        found: dict[str, T] = {}
        for variant in self._known.values():
            for method, target in variant.methods.items():
                found.setdefault(method, target)
        return found


class Routes(Generic[T]):
    """Paths and their methods.

    A literal segment wins over a templated one (OpenAPI 3.0.3, Path Templating Matching), one
    with literals and parameters over a parameter alone, and the path decides before the method
    does. Several owners share the paths by prefix: a path
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
        plain, marks, templated = marked(path)
        node = self._node(plain)
        methods = node.methods
        if plain != path:
            node.variants = node.variants or Variants()
            methods = node.variants.methods(marks)
        if method in methods:
            raise ValueError(f"{method} {path} is described twice")
        if not node.template:
            node.template = plain
            self.templates.append(plain)
        methods[method] = target
        if plain != path and not templated:
            # A client that knows nothing of such templates sends all of it, percent-encoded.
            whole = self._node(path)
            whole.template = path
            whole.methods.setdefault(method, target)

    def _node(self, path: str) -> _Node[T]:
        """The node of a path template, made where there is none."""
        node = self._root
        for segment in path.split("/")[1:]:
            if is_parameter(segment):
                node.parameter = node.parameter or _Node()
                node = node.parameter
            elif is_literal(segment):
                node = node.literal.setdefault(segment, _Node())
            else:
                node = _of_pattern(node, segment)
        return node

    def find(
        self, segments: list[str], method: str = "", sent: list[str] | None = None
    ) -> Match[T] | None:
        """What matches a path given as its decoded segments, or None.

        ``sent`` are the segments as they were sent, of which the texts of parameters are taken.
        """
        if len(segments) > MAX_SEGMENTS:
            return None
        sent = segments if sent is None else sent
        values: list[str] = []
        home, length = self._home(segments)
        if home.loose:
            node = _loosely(home, segments, length, values, method)
        else:
            node = _descend(home, segments, sent, length, values)
        if node is None:
            return None
        return Match(node.methods, node.template, tuple(values), node.variants)

    def nearest(self, segments: list[str]) -> str:
        """The path template most like a path that matched nothing, or an empty string."""
        path = "/" + "/".join(segments)
        if len(path) > _COMPARED or len(self.templates) > _COMPARED:
            return ""
        return next(iter(difflib.get_close_matches(path, self.templates, n=1)), "")


def _of_pattern(node: _Node[T], segment: str) -> _Node[T]:
    """The node below another one of a segment with literals and parameters."""
    pattern = Pattern(segment)
    for known, below in node.patterns:
        if known.literals == pattern.literals:
            return below
    below = _Node()
    node.patterns.append((pattern, below))
    node.patterns.sort(key=lambda each: -each[0].weight)
    return below


def _descend(
    node: _Node[T], segments: list[str], sent: list[str], index: int, values: list[str]
) -> _Node[T] | None:
    if index == len(segments):
        return node if node.template else None
    segment = segments[index]
    literal = node.literal.get(segment)
    if literal is not None:
        found = _descend(literal, segments, sent, index + 1, values)
        if found is not None:
            return found
    if not segment:
        return None
    if node.patterns:
        return _beside_patterns(node, segments, sent, index, values)
    if node.parameter is None:
        return None
    known = len(values)
    values.append(sent[index])
    found = _descend(node.parameter, segments, sent, index + 1, values)
    if found is None:
        del values[known:]
    return found


def _beside_patterns(
    node: _Node[T], segments: list[str], sent: list[str], index: int, values: list[str]
) -> _Node[T] | None:
    known = len(values)
    for below, texts in _patterned(node, segments[index], sent[index]):
        values += texts
        found = _descend(below, segments, sent, index + 1, values)
        if found is not None:
            return found
        del values[known:]
    return None


def _patterned(node: _Node[T], segment: str, sent: str) -> Iterator[tuple[_Node[T], list[str]]]:
    """The nodes that a segment may mean beside patterns, the most literal first.

    What separates parameters and came percent-encoded is part of a value, unless nothing else
    matches.
    """
    for pattern, below in node.patterns:
        texts = pattern.split_decoded(segment) if pattern.is_encoded else pattern.split(sent)
        if texts is not None:
            yield below, texts
    if node.parameter is not None:
        yield node.parameter, [sent]
    if segment != sent:
        for pattern, below in node.patterns:
            texts = pattern.split_decoded(segment)
            if texts is not None:
                yield below, texts


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
