"""Questions that found something, asked again with one thing in them changed.

What a server does not heed shows best there: one value that does not fit, and nothing is found.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

from mockserver.contract.odds import likely
from mockserver.contract.pools import Pools, leaves, mutated, with_leaf
from mockserver.contract.questions import part
from mockserver.contract.values import Answered, Json, Key, Outcome, Sent

KEPT = 12
"""Questions of a run that found something, the latest ones."""

MORE = 24
"""Bytes that an answer has at least that found something, past one that did not."""

TRIES = 4


class Variations:
    """Questions of one run that found something. ``least`` are the smallest answers so far."""

    def __init__(self, pools: Pools, choice: Random, least: dict[str, int]) -> None:
        self._pools = pools
        self._choice = choice
        self._least = least
        self._found: deque[Sent] = deque(maxlen=KEPT)

    def note(self, sent: Sent, answer: Outcome) -> None:
        """Take in a question with the reference's answer."""
        if not isinstance(answer, Answered) or not (sent.query or isinstance(sent.body, Json)):
            return
        size = len(answer.body)
        least = self._least[sent.operation] = min(size, self._least.get(sent.operation, size))
        if size > least + MORE and sent not in self._found:
            self._found.append(sent)

    def draw(self, operation: str) -> Sent | None:
        """A question of an operation near one that found something; None where there is none."""
        found = [sent for sent in self._found if sent.operation == operation]
        if not found:
            return None
        sent = self._choice.choice(found)
        for _ in range(TRIES):
            changed = self._changed(sent)
            if changed is not None and changed != sent:
                return replace(changed, why="a question with one thing changed")
        return None

    def _changed(self, sent: Sent) -> Sent | None:
        places: list[Any] = list(range(len(sent.query)))
        value = sent.body.value if isinstance(sent.body, Json) else None
        inside = [(path, leaf) for path, leaf in leaves(value) if path]
        place = self._choice.choice([*places, *inside]) if places or inside else None
        if place is None:
            return None
        if isinstance(place, int):
            return replace(sent, query=self._query(sent.query, place))
        path, leaf = place
        if isinstance(path[-1], int) and likely(self._choice, 0.4):
            return replace(sent, body=Json(self._longer(value, path)))
        if likely(self._choice, 0.15):
            return replace(sent, body=Json(without(value, path)))
        return replace(sent, body=Json(with_leaf(value, path, self._other(_name(path), leaf))))

    def _query(self, query: tuple[tuple[str, Any], ...], place: int) -> tuple[tuple[str, Any], ...]:
        """The parameters with one left out, or with another value."""
        name, value = query[place]
        rest = () if likely(self._choice, 0.15) else ((name, self._other(name, value)),)
        return (*query[:place], *rest, *query[place + 1 :])

    def _longer(self, value: Any, path: tuple[Any, ...]) -> Any:
        """A value in which a list has one more item, that of another question or record."""
        listed = at(value, path[:-1])
        more = [v for v in self._pools.named(_name(path)) if v not in listed]
        if not more:
            return value
        items = [*listed, self._choice.choice(more)]
        return with_leaf(value, path[:-1], self._choice.sample(items, len(items)))

    def _other(self, name: str, value: Any) -> Any:
        """Another value: one known by that name, or one near."""
        if isinstance(value, bool):
            return not value
        known = [v for v in self._pools.named(name) if v != value and type(v) is type(value)]
        if known and likely(self._choice, 0.6):
            return self._choice.choice(known)
        if isinstance(value, str) and value:
            return part(value, self._choice)
        return value if isinstance(value, Key) else mutated(value, self._choice)


def _name(path: tuple[Any, ...]) -> str:
    """The name under which a value stands."""
    words: Iterator[str] = (step for step in reversed(path) if isinstance(step, str))
    return next(words, "")


def at(value: Any, path: tuple[Any, ...]) -> Any:
    """What stands at a place that is there."""
    for step in path:
        value = value[step]
    return value


def without(value: Any, path: tuple[Any, ...]) -> Any:
    """A value without what stands at a place in it."""
    if len(path) == 1:
        if isinstance(value, dict):
            return {name: item for name, item in value.items() if name != path[0]}
        return [item for index, item in enumerate(value) if index != path[0]]
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[path[0]] = without(value[path[0]], path[1:])
    return changed
