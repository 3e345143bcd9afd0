"""Records as immutable values: collections, snapshots, and transactions that make the next one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from immutables import Map

from mockserver.state.ordered import OrderedMap
from mockserver.state.sources import Clock

MAX_TOMBSTONES = 10_000
"""Deleted keys remembered in a collection; the oldest are forgotten first."""


class Record:
    """One version of one thing: a key and a JSON value, neither of which ever changes.

    ``value`` may hold a :class:`~mockserver.state.blobs.Blob` where bytes stand. ``work`` keeps
    what was computed from this version (serialised bytes, search text), so that it is computed
    once and goes when the version goes.
    """

    __slots__ = ("key", "value", "work")

    def __init__(self, key: str, value: Any) -> None:
        self.key = key
        self.value = value
        self.work: dict[Any, Any] = {}

    def __repr__(self) -> str:
        return f"Record({self.key!r})"


@dataclass(frozen=True, slots=True)
class Collection:
    """Records in creation order, and the keys of those that were deleted."""

    records: OrderedMap[Record] = field(default_factory=OrderedMap)
    tombstones: OrderedMap[None] = field(default_factory=OrderedMap)

    def put(self, record: Record) -> Collection:
        """A copy that holds ``record``."""
        tombstones = self.tombstones
        if record.key in tombstones:
            tombstones = tombstones.delete(record.key)
        return Collection(self.records.set(record.key, record), tombstones)

    def delete(self, key: str) -> Collection:
        """A copy without ``key``, which is remembered as deleted. Raises KeyError."""
        tombstones = self.tombstones.set(key, None)
        if len(tombstones) > MAX_TOMBSTONES:
            tombstones = tombstones.delete(next(iter(tombstones)))
        return Collection(self.records.delete(key), tombstones)


EMPTY = Collection()

Untouched = Callable[[str], Collection]
"""What a collection of a full name holds before it is first written to."""


def nothing(name: str) -> Collection:
    """No records."""
    return EMPTY


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that is true at one revision.

    ``revision`` is its place in the log, ``ticks`` counts the commits since the seed, which a fixed
    clock follows, and ``counter`` the ids drawn. Collections are named ``stem/collection``.
    """

    collections: Map[str, Collection] = field(default_factory=Map)
    revision: int = 0
    ticks: int = 0
    counter: int = 0
    untouched: Untouched = nothing

    def collection(self, name: str) -> Collection:
        """The collection of that full name; ``untouched`` gives one never written to."""
        found = self.collections.get(name)
        return self.untouched(name) if found is None else found


@dataclass(frozen=True, slots=True)
class Change:
    """What one commit did to one record: ``before`` None created it, ``after`` None deleted it.

    ``again`` says that it was deleted and made anew, and so is the newest.
    """

    collection: str
    key: str
    before: Record | None
    after: Record | None
    again: bool = False


def seed(
    collections: Iterable[tuple[str, Iterable[Record]]], untouched: Untouched = nothing
) -> Snapshot:
    """The snapshot at revision 0 that holds these records, in this order."""
    made: Map[str, Collection] = Map()
    for name, records in collections:
        collection = EMPTY
        for record in records:
            collection = collection.put(record)
        made = made.set(name, collection)
    return Snapshot(made, untouched=untouched)


def differences(old: Snapshot, new: Snapshot, name: str) -> list[Change]:
    """The changes that lead from one snapshot's collection to the other's, deletions first."""
    before, after = old.collection(name).records, new.collection(name).records
    if before is after:
        return []
    gone = [
        Change(name, record.key, record, None)
        for record in before.values()
        if record.key not in after
    ]
    put = [
        Change(name, record.key, before.get(record.key), record)
        for record in after.values()
        if before.get(record.key) is not record
    ]
    return gone + put


class Transaction:
    """One request's view of the state: reads a snapshot, writes a copy of it.

    Nothing is true outside until the log accepts ``changes``. Collections are named without the
    API's stem, which ``stem`` adds. Keys are texts; a number stands for its text.
    """

    __slots__ = ("_changes", "_clock", "_collections", "_id", "_now", "base", "counter", "stem")

    def __init__(
        self, base: Snapshot, stem: str, clock: Clock, make_id: Callable[[int], str]
    ) -> None:
        self.base = base
        self.stem = stem
        self._clock = clock
        self._now: datetime | None = None
        self.counter = base.counter
        self._id = make_id
        self._collections = base.collections
        self._changes: dict[tuple[str, str], Change] = {}

    def collection(self, name: str) -> Collection:
        """The API's collection as this transaction sees it."""
        full = f"{self.stem}/{name}"
        found = self._collections.get(full)
        return self.base.untouched(full) if found is None else found

    def is_written(self, name: str) -> bool:
        """Whether the collection holds more, or less, than it began with."""
        return f"{self.stem}/{name}" in self._collections

    def get(self, collection: str, key: str | int) -> Record | None:
        """The record, or None when it never was or is deleted."""
        return self.collection(collection).records.get(str(key))

    def was_deleted(self, collection: str, key: str | int) -> bool:
        """Whether a record of that key was there once and was deleted."""
        return str(key) in self.collection(collection).tombstones

    def records(self, collection: str) -> Iterator[Record]:
        """The records, oldest first."""
        return self.collection(collection).records.values()

    def newest(self, collection: str) -> Iterator[Record]:
        """The records, newest first."""
        return self.collection(collection).records.newest_first()

    def put(self, collection: str, key: str | int, value: Any) -> Record:
        """Create or replace a record; returns its new version."""
        record = Record(str(key), value)
        self._write(collection, record.key, self.collection(collection).put(record), record)
        return record

    def delete(self, collection: str, key: str | int) -> None:
        """Delete a record; its key is remembered. Raises KeyError when it is not there."""
        self._write(collection, str(key), self.collection(collection).delete(str(key)), None)

    def _write(self, name: str, key: str, collection: Collection, after: Record | None) -> None:
        full = f"{self.stem}/{name}"
        known = self._changes.get((full, key))
        if known is None:
            before, again = self.collection(name).records.get(key), False
        else:
            before, again = known.before, known.again or known.after is None
            if known.after is None:  # it is made anew, after all that was made meanwhile
                del self._changes[full, key]
        self._changes[full, key] = Change(full, key, before, after, again)
        self._collections = self._collections.set(full, collection)

    @property
    def now(self) -> datetime:
        """The one instant (UTC) of this transaction."""
        if self._now is None:
            self._now = self._clock(self.base.ticks)
        return self._now

    def new_id(self) -> str:
        """A fresh identifier; the same one for the same seed, sandbox and history."""
        self.counter += 1
        return self._id(self.counter)

    @property
    def changes(self) -> tuple[Change, ...]:
        """What this transaction did, one change a record, in the order of first writes."""
        if not self._changes:
            return ()
        return tuple(
            change
            for change in self._changes.values()
            if change.before is not None or change.after is not None
        )

    def result(self) -> Snapshot:
        """The snapshot that a commit of this transaction makes true."""
        base = self.base
        return Snapshot(
            self._collections, base.revision + 1, base.ticks + 1, self.counter, base.untouched
        )
