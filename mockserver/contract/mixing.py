"""How the items of a list differ: a server that puts them in a wrong order shows it in such a list.

Ties and items of several kinds are seldom found by chance, where a question finds one thing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import orjson

KINDS = 8
"""Values of a member past which they are no kinds."""

LARGEST = 100_000
"""Bytes of an answer that is not looked into."""

DEEPEST = 2
"""Objects down to a list."""

Mix = tuple[str, ...]
"""The members that lead to a list, one of its items', and what this one is in the items."""


class Mixing:
    """Tells of answers how the items of their lists differ; learns which members tell kinds."""

    def __init__(self) -> None:
        self._values: defaultdict[tuple[str, Mix], set[Any]] = defaultdict(set)

    def of(self, operation: str, answer: bytes) -> set[Mix]:
        """The mixes in an answer; none where it is large, or no JSON."""
        if len(answer) > LARGEST:
            return set()
        try:
            value = orjson.loads(answer)
        except orjson.JSONDecodeError:
            return set()
        return {
            mix
            for path, items in _lists(value, ())
            for name in items[0]
            for mix in self._mixed(operation, (*path, name), [item.get(name) for item in items])
        }

    def _mixed(self, operation: str, place: Mix, values: list[Any]) -> Iterator[Mix]:
        numbers = [v for v in values if isinstance(v, float | int) and not isinstance(v, bool)]
        if len(set(numbers)) < len(numbers):
            yield (*place, "tied")
        kinds = {v for v in values if isinstance(v, str | bool)}
        known = self._values[operation, place]
        if len(known) <= KINDS:
            known |= kinds
        if len(known) <= KINDS and len(kinds) > 1:
            yield (*place, " ".join(sorted(map(str, kinds))))


def _lists(value: Any, path: Mix) -> Iterator[tuple[Mix, list[dict[str, Any]]]]:
    """The lists of several objects in a value, with the members that lead to them."""
    if isinstance(value, list):
        items = [item for item in value if isinstance(item, dict)]
        if len(items) > 1:
            yield path, items
    elif isinstance(value, dict) and len(path) < DEEPEST:
        for name, inner in value.items():
            yield from _lists(inner, (*path, name))
