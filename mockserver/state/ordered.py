"""An immutable mapping that keeps the order in which its keys were first set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Generic, TypeVar

from immutables import Map

V = TypeVar("V")


class OrderedMap(Generic[V]):
    """Set, get and delete are O(log n) and share structure; walking is in creation order.

    A hash map's own walk differs from process to process, so a second map numbers the keys.
    Deletions leave holes in the numbers; once holes outnumber keys the numbers are made anew.
    """

    __slots__ = ("_entries", "_first", "_next", "_order")

    def __init__(
        self,
        entries: Map[str, tuple[int, V]] | None = None,
        order: Map[int, str] | None = None,
        first: int = 0,
        following: int = 0,
    ) -> None:
        self._entries: Map[str, tuple[int, V]] = Map() if entries is None else entries
        self._order: Map[int, str] = Map() if order is None else order
        self._first = first
        self._next = following

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def __iter__(self) -> Iterator[str]:
        return self._walk(range(self._first, self._next))

    def __reversed__(self) -> Iterator[str]:
        return self._walk(range(self._next - 1, self._first - 1, -1))

    def _walk(self, positions: range) -> Iterator[str]:
        get = self._order.get
        for position in positions:
            key = get(position)
            if key is not None:
                yield key

    def get(self, key: str) -> V | None:
        """The value of ``key``, or None."""
        entry = self._entries.get(key)
        return None if entry is None else entry[1]

    def values(self) -> Iterator[V]:
        """Values, oldest key first."""
        entries = self._entries
        return (entries[key][1] for key in self)

    def newest_first(self) -> Iterator[V]:
        """Values, newest key first."""
        entries = self._entries
        return (entries[key][1] for key in reversed(self))

    def set(self, key: str, value: V) -> OrderedMap[V]:
        """A copy in which ``key`` has ``value``; a key that was there keeps its place."""
        entry = self._entries.get(key)
        if entry is not None:
            entries = self._entries.set(key, (entry[0], value))
            return OrderedMap(entries, self._order, self._first, self._next)
        position = self._next
        return OrderedMap(
            self._entries.set(key, (position, value)),
            self._order.set(position, key),
            self._first,
            position + 1,
        )

    def delete(self, key: str) -> OrderedMap[V]:
        """A copy without ``key``.

        Raises KeyError when it is not there.
        """
        position = self._entries[key][0]
        entries = self._entries.delete(key)
        order = self._order.delete(position)
        first = self._first
        if position == first:
            while first < self._next and first not in order:
                first += 1
        if self._next - first > 2 * len(entries) + 64:
            return _renumbered(entries, (order[p] for p in range(first, self._next) if p in order))
        return OrderedMap(entries, order, first, self._next)


def _renumbered(entries: Map[str, tuple[int, V]], keys: Iterator[str]) -> OrderedMap[V]:
    numbered = list(enumerate(keys))
    return OrderedMap(
        Map({key: (position, entries[key][1]) for position, key in numbered}),
        Map(numbered),
        0,
        len(numbered),
    )
