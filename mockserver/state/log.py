"""The ordered log of changes: every commit is one entry, and everything else reads it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from mockserver.errors import Conflict, Superseded
from mockserver.state.sources import Clock, real_clock
from mockserver.state.store import Change, Snapshot

RELOADED = "what is served was loaded again"
"""Why a log is closed whose state goes on in another one."""

Listener = Callable[[], None]
Keeper = Callable[["Entry"], None]
"""Takes each entry before anybody sees it, one at a time. Raises StorageFull when it cannot."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One commit: the revision it made, what changed, and the state it led to.

    ``cause`` is the operation that made it ``at`` an instant (UTC), or what was done to the state
    as a whole. ``repeats`` is the revision whose state took the place of another, as the seed's (0)
    does at a reset; ``changes`` is then empty, and readers compare snapshots. ``work`` keeps what
    was computed from this commit, as :class:`Record` does from a version.
    """

    revision: int
    changes: tuple[Change, ...]
    snapshot: Snapshot
    cause: str
    at: datetime
    repeats: int | None = None
    work: dict[Any, Any] = field(default_factory=dict, compare=False)


class Log:
    """A bounded log in memory, with its head.

    Readers remember the snapshot they have seen and ask :meth:`since`. Revisions only grow: a
    reset is a commit like any other. Appending is safe from any thread; listeners are called
    after the commit, on the thread that made it.
    """

    __slots__ = (
        "_clock",
        "_entries",
        "_keeper",
        "_listeners",
        "_lock",
        "_replaced",
        "_seed",
        "closed",
        "head",
        "superseded",
    )

    def __init__(self, seed: Snapshot, history: int, clock: Clock = real_clock) -> None:
        self._clock = clock
        self._seed = seed
        self._entries: deque[Entry] = deque(maxlen=history)
        self._lock = threading.Lock()
        self._listeners: tuple[Listener, ...] = ()
        self._keeper: Keeper | None = None
        self._replaced = 0
        self.head = seed
        self.closed = ""
        self.superseded = False

    def append(self, base: Snapshot, entry: Entry) -> None:
        """Commit an entry, whose changes lead on from the snapshot ``base``.

        Raises Conflict when another commit came first: the caller runs again on the new head.
        Raises Superseded when nobody reads this log any more.
        """
        with self._lock:
            if self.superseded:
                raise Superseded
            if self.head is not base:
                raise Conflict(f"made on revision {base.revision}, now at {self.head.revision}")
            if self._keeper is not None:
                self._keeper(entry)
            self._entries.append(entry)
            self.head = entry.snapshot
        self._notify()

    def since(self, revision: int) -> Sequence[Entry] | None:
        """The entries after ``revision``, oldest first.

        None when they are no longer kept, or when the state was replaced since.
        """
        with self._lock:
            missing = self.head.revision - revision
            if revision < self._replaced or missing > len(self._entries):
                return None
            return [
                self._entries[i] for i in range(len(self._entries) - missing, len(self._entries))
            ]

    def entries(self) -> Sequence[Entry]:
        """What is kept of the history, oldest first."""
        with self._lock:
            return tuple(self._entries)

    def at(self, revision: int) -> Snapshot | None:
        """What was true at a revision; None when that is no longer, or not yet, known."""
        with self._lock:
            if revision == self.head.revision:
                return self.head
            if revision == 0:
                return self._seed
            oldest = self._entries[0].revision if self._entries else revision + 1
            known = oldest <= revision < self.head.revision
            return self._entries[revision - oldest].snapshot if known else None

    def reset(self) -> None:
        """Back to the seed: ids and a fixed clock begin again, revisions go on."""
        self._replace(self._seed, "reset")

    def restore(self, snapshot: Snapshot, cause: str = "restore") -> None:
        """Make true again what was true then. No id is drawn twice, and time goes on."""
        head = self.head
        counter = max(head.counter, snapshot.counter)
        self._replace(replace(snapshot, counter=counter, ticks=head.ticks + 1), cause)

    def _replace(self, snapshot: Snapshot, cause: str) -> None:
        with self._lock:
            if self.superseded:
                raise Superseded
            revision, at = self.head.revision + 1, self._clock(self.head.ticks)
            head = replace(snapshot, revision=revision)
            entry = Entry(revision, (), head, cause, at, snapshot.revision)
            if self._keeper is not None:
                self._keeper(entry)
            self._entries.append(entry)
            self.head = head
            self._replaced = revision
        self._notify()

    def begin(self, head: Snapshot, entries: Iterable[Entry], keeper: Keeper | None = None) -> None:
        """Go on from a state and the history that led there; ``keeper`` takes what comes now."""
        with self._lock:
            self._entries.extend(entries)
            replaced = (e.revision for e in self._entries if e.repeats is not None)
            self._replaced = max(replaced, default=0)
            self._keeper = keeper
            self.head = head

    def supersede(self, *, superseded: bool = True) -> None:
        """Take no more commits, for another log goes on from this head; or take them again."""
        with self._lock:
            self.superseded = superseded

    @contextmanager
    def paused(self) -> Iterator[tuple[Snapshot, Sequence[Entry]]]:
        """The head and the history, while no commit comes."""
        with self._lock:
            yield self.head, tuple(self._entries)

    @property
    def followed(self) -> int:
        """How many listen."""
        return len(self._listeners)

    def compact(self) -> None:
        """Forget the history, keep the head."""
        with self._lock:
            self._entries.clear()

    def close(self, reason: str) -> None:
        """Tell the readers that this log will not be written again."""
        self.closed = reason
        self._notify()

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` after each commit; returns what stops it."""
        with self._lock:
            self._listeners += (listener,)

        def stop() -> None:
            with self._lock:
                self._listeners = tuple(known for known in self._listeners if known is not listener)

        return stop

    def _notify(self) -> None:
        for listener in self._listeners:
            listener()
