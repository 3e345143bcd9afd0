"""Whose a value is: texts that nobody else has, keys as they are remembered, places in a list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.contract.numbered import kind_of

LONG = 8
"""Characters of a text from which on nobody else has it by chance."""


def marked(key: Any, like: Any) -> str:
    """A key of the server by which it is remembered; each collection has a 1, 2, 3 of its own."""
    kind = kind_of(like)
    return str(key) if kind is None else f"{kind} {key}"


def texts(value: Any) -> Iterator[str]:
    """The texts in a value that are long enough to be nobody else's, also names of members."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, str) and len(found) >= LONG:
            yield found
        elif isinstance(found, dict):
            waiting.extend(reversed([part for pair in found.items() for part in pair]))
        elif isinstance(found, list):
            waiting.extend(reversed(found))


def ranked(by_key: dict[str, Any], own: set[str]) -> dict[str, Any]:
    """The own members; places in a list are counted anew from where they begin."""
    places = [value for value in by_key.values() if isinstance(value, int) and value >= 0]
    kept = {name: value for name, value in by_key.items() if name in own}
    order = sorted(v for v in kept.values() if isinstance(v, int) and v >= 0)
    if len(set(order)) < len(order):
        return kept
    least = min(places, default=0)
    rank = {value: least + number for number, value in enumerate(order)}
    return {n: rank.get(v, v) if isinstance(v, int) else v for n, v in kept.items()}


def is_number(value: Any) -> bool:
    """Whether a value is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)
