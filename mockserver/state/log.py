"""The ordered log of changes: every commit is one entry, and everything else reads it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockserver.errors import Conflict
from mockserver.state.store import Change, Snapshot

Listener = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Entry:
    """One commit: the revision it made, what changed, and the state it led to.

    ``work`` keeps what was computed from this commit, as :class:`Record` does from a version.
    """

    revision: int
    changes: tuple[Change, ...]
    snapshot: Snapshot
    work: dict[Any, Any] = field(default_factory=dict, compare=False)


class Log:
    """A bounded log in memory, with its head.

    Readers remember the snapshot they have seen and ask :meth:`since`. ``epoch`` grows with
    each :meth:`reset`: revisions are only comparable within one epoch. Appending is safe from
    any thread; listeners are called after the commit, on the thread that made it.
    """

    __slots__ = ("_entries", "_listeners", "_lock", "_seed", "closed", "epoch", "head")

    def __init__(self, seed: Snapshot, history: int) -> None:
        self._seed = seed
        self._entries: deque[Entry] = deque(maxlen=history)
        self._lock = threading.Lock()
        self._listeners: tuple[Listener, ...] = ()
        self.head = seed
        self.epoch = 0
        self.closed = ""

    def append(self, base: Snapshot, changes: tuple[Change, ...], result: Snapshot) -> None:
        """Commit ``changes``, which lead from the snapshot ``base`` to ``result``.

        Raises Conflict when another commit came first: the caller runs again on the new head.
        """
        with self._lock:
            if self.head is not base:
                raise Conflict(f"made on revision {base.revision}, now at {self.head.revision}")
            self._entries.append(Entry(result.revision, changes, result))
            self.head = result
        self._notify()

    def since(self, epoch: int, revision: int) -> Sequence[Entry] | None:
        """The entries after ``revision``, oldest first; None when they are no longer kept."""
        with self._lock:
            missing = self.head.revision - revision
            if epoch != self.epoch or missing > len(self._entries):
                return None
            return [
                self._entries[i] for i in range(len(self._entries) - missing, len(self._entries))
            ]

    def reset(self) -> None:
        """Back to the seed, as if nothing had ever happened."""
        with self._lock:
            self.head = self._seed
            self._entries.clear()
            self.epoch += 1
        self._notify()

    @property
    def followed(self) -> bool:
        """Whether anybody listens."""
        return bool(self._listeners)

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
