"""Records, commits and whole states as JSON lines of a state file, and read from them again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson

from mockserver.state.blobs import Blob
from mockserver.state.deltas import Delta, applied, deltas
from mockserver.state.log import Entry
from mockserver.state.store import Change, Collection, Record, Snapshot

_AT_ONCE = 1_000
"""Records in one line, so that none is too large to be read in one piece."""

_EXACT = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
_SLOWLY = b"~"
"""Before a JSON text with what orjson cannot say: numbers past 64 bits, lone surrogates."""


class Writer:
    """Writes values; ``mark`` is the member by which a blob is known in this file."""

    def __init__(self, mark: str) -> None:
        self._mark = mark

    def text(self, value: Mapping[str, Any]) -> tuple[bytes, list[Blob]]:
        """The JSON text of a value, and the blobs that it names."""
        blobs: list[Blob] = []

        def named(part: Any) -> dict[str, str]:
            if not isinstance(part, Blob):
                raise TypeError(f"{type(part).__name__} is no JSON value")
            blobs.append(part)
            return {self._mark: part.checksum}

        try:
            return orjson.dumps(value, named, _EXACT), blobs
        except TypeError:
            blobs.clear()
            return _SLOWLY + json.dumps(value, default=named).encode(), blobs


class Reader:
    """Reads what a Writer wrote; ``blob`` gives the bytes of a checksum."""

    def __init__(self, mark: str, blob: Callable[[str], Blob]) -> None:
        self._mark = mark
        self._marked = mark.encode()
        self._blob = blob

    def value(self, text: bytes) -> dict[str, Any]:
        """The value of a text. Raises ValueError for what is none."""
        slowly = text.startswith(_SLOWLY)
        value: dict[str, Any] = json.loads(text[1:]) if slowly else orjson.loads(text)
        return self._filled(value) if self._marked in text else value

    def _filled(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._filled(item) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and self._mark in value:
            return self._blob(value[self._mark])
        return {name: self._filled(member) for name, member in value.items()}


def commit_written(entry: Entry) -> dict[str, Any]:
    """A commit as JSON: each change as collection, key and, unless it is a deletion, value."""
    changes: list[list[Any]] = []
    for change in entry.changes:
        told: list[Any] = [change.collection, change.key]
        if change.after is not None:
            told.append(change.after.value)
            if change.again:
                told.append(True)
        changes.append(told)
    return {**_dated(entry), "changes": changes}


def repeat_written(entry: Entry) -> dict[str, Any]:
    """A commit by which an earlier state is true again, as JSON: which revision it was."""
    return {**_dated(entry), "repeats": entry.repeats}


def _dated(entry: Entry) -> dict[str, Any]:
    return {
        **_counted(entry.snapshot),
        "at": entry.at.isoformat(),
        "cause": entry.cause,
    }


def _counted(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "revision": snapshot.revision,
        "ticks": snapshot.ticks,
        "counter": snapshot.counter,
    }


def state_written(
    seed: Snapshot, snapshot: Snapshot, entry: Entry | None = None
) -> Iterator[dict[str, Any]]:
    """A whole state as what leads there from the seed: first how many lines follow, then those.

    With ``entry`` it is that commit that put this state in the place of another.
    """
    parts = [part for delta in deltas(seed, snapshot) for part in _parts(delta)]
    if entry is None:
        yield {**_counted(snapshot), "parts": len(parts)}
    else:
        yield {**repeat_written(entry), "parts": len(parts)}
    yield from parts


def _parts(delta: Delta) -> Iterator[dict[str, Any]]:
    yield {
        "in": delta.collection,
        "gone": list(delta.gone),
        "deleted": list(delta.tombstones),
    }
    for begin in range(0, len(delta.put), _AT_ONCE):
        some = delta.put[begin : begin + _AT_ONCE]
        yield {"in": delta.collection, "put": [[each.key, each.value] for each in some]}


def commit_read(told: Mapping[str, Any], head: Snapshot) -> Entry:
    """The commit that a line tells, made on the state before it."""
    collections = head.collections
    changes: list[Change] = []
    for name, key, *more in told["changes"]:
        found = collections.get(name)
        collection: Collection = head.untouched(name) if found is None else found
        before = collection.records.get(key)
        after = Record(key, more[0]) if more else None
        again = len(more) > 1
        if before is not None and (after is None or again):
            collection = collection.delete(key)
        if after is not None:
            collection = collection.put(after)
        collections = collections.set(name, collection)
        changes.append(Change(name, key, before, after, again))
    snapshot = Snapshot(
        collections, told["revision"], told["ticks"], told["counter"], head.untouched
    )
    return _entry(told, snapshot, tuple(changes))


def state_read(
    told: Mapping[str, Any], parts: Iterable[Mapping[str, Any]], seed: Snapshot
) -> Snapshot:
    """The state that lines tell, which follow a first one."""
    collections = seed.collections
    for part in parts:
        name = part["in"]
        found = collections.get(name)
        collection = seed.untouched(name) if found is None else found
        if "put" in part:
            records = [Record(key, value) for key, value in part["put"]]
            delta = Delta(name, (), records, tuple(collection.tombstones))
        else:
            delta = Delta(name, part["gone"], (), part["deleted"])
        collections = collections.set(name, applied(delta, collection))
    return Snapshot(collections, told["revision"], told["ticks"], told["counter"], seed.untouched)


def replacing(told: Mapping[str, Any], then: Snapshot) -> Entry:
    """The commit that a line tells by which an earlier state is true again."""
    snapshot = Snapshot(
        then.collections, told["revision"], told["ticks"], told["counter"], then.untouched
    )
    return _entry(told, snapshot, (), told["repeats"])


def _entry(
    told: Mapping[str, Any], snapshot: Snapshot, changes: tuple[Change, ...],
    repeats: int | None = None,
) -> Entry:  # fmt: skip
    at = datetime.fromisoformat(told["at"])
    return Entry(told["revision"], changes, snapshot, told["cause"], at, repeats)
