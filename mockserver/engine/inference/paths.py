"""Path templates as a tree, in which parameters have no names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from mockserver.engine.inference.words import is_version
from mockserver.engine.spec import Operation

_PARAMETER = re.compile(r"\{([^{}]*)\}")
_FORMATS = frozenset(("json", "xml"))
_SUFFIX = re.compile(r"\.(json|xml|csv|html)$", re.IGNORECASE)


class Token(NamedTuple):
    """One step of a path: a literal, or the names of the parameters that share a segment."""

    literal: str
    names: tuple[str, ...]

    @property
    def key(self) -> str:
        """The same for all parameters, whatever they are called."""
        return self.literal or "{}" * len(self.names)


def tokens(path: str) -> tuple[Token, ...]:
    """The steps of a path template: ``/a/{b}:c`` has three, ``/Things({id})`` two.

    A last step that only says the format, as in ``/things/{id}/json``, is none.
    """
    segments = re.split("[?#]", path)[0].split("/")
    if segments[-1].lower() in _FORMATS and any(segments[:-1]):
        del segments[-1]
    return tuple(token for segment in segments if segment for token in _split(segment))


def _split(segment: str) -> Iterator[Token]:
    names = tuple(name.lstrip("+*./;#").rstrip("*+") for name in _PARAMETER.findall(segment))
    if not names:
        yield from _literals(_SUFFIX.sub("", segment))
        return
    before, _, rest = segment.partition("{")
    after = rest.rpartition("}")[2]
    if "(" in before:  # OData: Things({id}), Things(A={a},B={b})
        yield Token(before.partition("(")[0], ())
    yield Token("", names)
    if after.startswith(":") and len(after) > 1:
        yield Token(after, ())


def _literals(text: str) -> Iterator[Token]:
    """A custom method, ``things:merge``, is a step of its own."""
    thing, colon, method = text.partition(":")
    if thing:
        yield Token(thing, ())
    if colon and method:
        yield Token(":" + method, ())


@dataclass(slots=True, eq=False)
class Node:
    """A place in the tree of paths, and what may be done there."""

    token: Token
    parent: Node | None = field(repr=False)
    depth: int
    children: dict[str, Node] = field(default_factory=dict, repr=False)
    operations: list[Operation] = field(default_factory=list, repr=False)

    @property
    def is_parameter(self) -> bool:
        """Whether the last step is a parameter."""
        return bool(self.token.names)

    @property
    def parameter(self) -> Node | None:
        """The place one parameter further."""
        found = (child for child in self.children.values() if child.is_parameter)
        return next(found, None)

    def operation(self, method: str) -> Operation | None:
        """The first operation of a method here."""
        found = (entry for entry in self.operations if entry.method == method)
        return next(found, None)

    @property
    def methods(self) -> frozenset[str]:
        """What may be asked here."""
        return frozenset(entry.method for entry in self.operations)

    def line(self) -> list[Node]:
        """The places from the first step to this one."""
        found: list[Node] = []
        node: Node | None = self
        while node is not None and node.parent is not None:
            found.append(node)
            node = node.parent
        return found[::-1]

    @property
    def template(self) -> str:
        """The path that leads here, with the names of the first operation that passes."""
        return "/" + "/".join(
            step.token.literal or "".join(f"{{{name}}}" for name in step.token.names)
            for step in self.line()
        )

    @property
    def name(self) -> str:
        """The last literal on the way here."""
        found = (step.token.literal for step in reversed(self.line()) if step.token.literal)
        return next(found, "root").lstrip(":")

    def literals(self) -> list[str]:
        """All literals on the way here that name something."""
        named = [step.token.literal.lstrip(":") for step in self.line() if step.token.literal]
        return [name for name in named[:-1] if not is_version(name)] + named[-1:]


def tree(operations: Iterable[Operation]) -> Node:
    """The places of all operations, from the root."""
    root = Node(Token("", ()), None, 0)
    for operation in operations:
        node = root
        for token in tokens(operation.path):
            known = node.children.get(token.key)
            if known is None:
                known = node.children[token.key] = Node(token, node, node.depth + 1)
            node = known
        node.operations.append(operation)
    return root


def walk(root: Node) -> Iterator[Node]:
    """All places, each before those that it leads to."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.children.values()))


def names_at(operation: Operation, node: Node) -> tuple[str, ...]:
    """What an operation calls the parameters of a place that it passes."""
    steps = tokens(operation.path)
    return steps[node.depth - 1].names if 0 < node.depth <= len(steps) else ()
