"""Keys that count: each world of a run counts from a place of its own, so that no number is a key.

A server that others use gives the next number to what is made there: 4712 where an empty mock
gives 1. To tell such keys, they are as improbable in the references as UUIDs are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from mockserver.engine.inferred.new_keys import NUMBERS
from mockserver.state.store import Collection, Record, Snapshot

SPAN = 10_000
"""Keys of one collection in one run: those of the next collection come after them."""

FIRST, APART, WORLDS = 500_000_000, 49_999_991, 8
"""Where the first world begins, how far from each other worlds do, and how many there are.

The second is a prime, so that what is made from a key by remainders differs, too.
"""

END = FIRST + APART * WORLDS
"""What no key comes up to; all of them fit into int32."""

DIGITS = 9


def kind_of(value: Any) -> int | None:
    """Which collection a reference gave a key to, by its place; None for what is no such key."""
    if type(value) is str and len(value) == DIGITS and value.isascii() and value.isdigit():
        value = int(value)
    if type(value) is not int or not FIRST <= value < END:
        return None
    return place_of(value) // SPAN


def one_of(kind: int | None) -> int | None:
    """A key of a collection with that place."""
    return None if kind is None else FIRST + kind * SPAN


def place_of(number: int) -> int:
    """How far a key is from where its world begins."""
    return (number - FIRST) % APART


def order_of(number: int) -> int:
    """When a key was given out, among those of its world; below all numbers of requests."""
    return -(1 << 40) - place_of(number)


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are equal; a key that counts is the same as a number and as a text."""
    return bool(one == other) or (kind_of(one) is not None and str(one) == str(other))


class Numbering:
    """Gives collections, called by their full names, a place to count from."""

    def __init__(self, collections: Iterable[str]) -> None:
        self._kinds = {name: kind for kind, name in enumerate(sorted(set(collections)))}

    def kind(self, collection: str) -> int | None:
        """The collection's place, None for one that has none."""
        return self._kinds.get(collection)

    def begun(self, snapshot: Snapshot, world: int) -> Snapshot:
        """What a world with that number begins with."""
        begin = FIRST + APART * (world % WORLDS)
        collections = snapshot.collections
        for name, kind in self._kinds.items():
            counted = Collection().put(Record("last", begin + kind * SPAN))
            collections = collections.set(name + NUMBERS, counted)
        return replace(snapshot, collections=collections)
