"""The snapshots that somebody keeps by name, to return to."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from mockserver.errors import StorageFull
from mockserver.state.store import Snapshot


@dataclass(frozen=True, slots=True)
class Kept:
    """A snapshot, and since when (UTC) it is kept."""

    snapshot: Snapshot
    since: datetime


class Snapshots:
    """At most ``limit`` snapshots by name. One costs the records that nothing else holds."""

    __slots__ = ("_kept", "_limit", "_lock")

    def __init__(self, limit: int = 100) -> None:
        self._kept: dict[str, Kept] = {}
        self._limit = limit
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[tuple[str, Kept]]:
        """Names and what they stand for, oldest first."""
        with self._lock:
            return iter(list(self._kept.items()))

    def get(self, name: str) -> Kept | None:
        """What is kept under a name."""
        return self._kept.get(name)

    def keep(self, name: str, snapshot: Snapshot, since: datetime) -> Kept:
        """Keep a snapshot, in the place of one of the same name.

        Raises StorageFull when ``limit`` others are kept.
        """
        kept = Kept(snapshot, since)
        with self._lock:
            self._kept.pop(name, None)
            if len(self._kept) >= self._limit:
                raise StorageFull(f"{self._limit} snapshots are kept; delete one first")
            self._kept[name] = kept
        return kept

    def unused(self) -> str:
        """A name that none is kept under."""
        return next(
            f"snapshot-{n}" for n in itertools.count(1) if f"snapshot-{n}" not in self._kept
        )

    def carried(self, carry: Callable[[Snapshot], Snapshot]) -> Snapshots:
        """The same snapshots, each as it is carried over to another seed."""
        made = Snapshots(self._limit)
        for name, kept in self:
            made._kept[name] = Kept(carry(kept.snapshot), kept.since)
        return made

    def drop(self, name: str) -> bool:
        """Keep one no longer; whether it was there."""
        with self._lock:
            return self._kept.pop(name, None) is not None
