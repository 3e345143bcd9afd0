"""Isolated worlds over one seed: a sandbox is a name and a log of its own, made in O(1)."""

from __future__ import annotations

import itertools
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mockserver.state.log import Entry, Log
from mockserver.state.snapshots import Snapshots
from mockserver.state.sources import Clock, id_source, real_clock
from mockserver.state.store import Snapshot, Transaction

DEFAULT = "default"
NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True)
class Rules:
    """What all sandboxes of a server share: ``history`` is in revisions, ``limit`` in sandboxes."""

    seed: int = 0
    clock: Clock = real_clock
    history: int = 1_000
    limit: int = 10_000


class Sandbox:
    """One isolated world: its own records, log, clock and ids.

    ``memory`` keeps what is no state of an API and yet differs between worlds, such as how often
    somebody has called within a minute. ``snapshots`` outlive a reset.
    """

    __slots__ = ("_clock", "_make_id", "_requests", "log", "memory", "name", "snapshots")

    def __init__(self, name: str, snapshot: Snapshot, rules: Rules) -> None:
        self.name = name
        self.log = Log(snapshot, rules.history, rules.clock)
        self._clock = rules.clock
        self._make_id: Callable[[int], str] = id_source(rules.seed, name)
        self._requests: Iterator[int] = itertools.count(1)
        self.memory: dict[str, Any] = {}
        self.snapshots = Snapshots()

    @property
    def identifier(self) -> str:
        """A UUID of this sandbox itself, the same in every run with the same seed."""
        return self._make_id(0)

    def request_identifier(self) -> str:
        """A UUID for one request, new each time."""
        return self._make_id(-next(self._requests))

    def reset(self) -> None:
        """Back to the seed, as if the sandbox had never been used; the log goes on."""
        self.memory.clear()
        self._requests = itertools.count(1)
        self.log.reset()

    def transaction(self, stem: str, snapshot: Snapshot | None = None) -> Transaction:
        """A transaction for the API of that stem, on the state as it is now or was then."""
        base = snapshot or self.log.head
        return Transaction(base, stem, self._clock, self._make_id)

    def commit(self, transaction: Transaction, cause: str = "") -> None:
        """Make what the transaction did true; nothing happens when it changed nothing.

        ``cause`` is the operation that did it.

        Raises Conflict when another commit came first.
        """
        changes = transaction.changes
        if not changes:
            return
        result = transaction.result()
        entry = Entry(result.revision, changes, result, cause, transaction.now)
        self.log.append(transaction.base, entry)


class Sandboxes:
    """The sandboxes of one server, by name; the longest idle are dropped past the limit.

    The default one is never dropped, nor the one that was asked for last.
    """

    def __init__(self, snapshot: Snapshot, rules: Rules) -> None:
        self._snapshot = snapshot
        self._rules = rules
        self._idle: OrderedDict[str, Sandbox] = OrderedDict()
        self._lock = threading.Lock()
        self.default = Sandbox(DEFAULT, snapshot, rules)

    def __len__(self) -> int:
        return len(self._idle) + 1

    def get(self, name: str) -> Sandbox:
        """The sandbox of that name, made now if it is new. The caller has checked the name."""
        if name == DEFAULT:
            return self.default
        with self._lock:
            dropped = None
            sandbox = self._idle.get(name)
            if sandbox is None:
                sandbox = self._idle[name] = Sandbox(name, self._snapshot, self._rules)
                dropped = self._drop()
            else:
                self._idle.move_to_end(name)
        if dropped is not None:
            dropped.log.close(f"more than {self._rules.limit} sandboxes")
        return sandbox

    def _drop(self) -> Sandbox | None:
        """Take out the longest idle past the limit; one whose feeds are followed is not idle."""
        if len(self) <= self._rules.limit or len(self._idle) == 1:
            return None
        newest = next(reversed(self._idle))
        unused = (
            n for n, sandbox in self._idle.items() if not sandbox.log.followed and n != newest
        )
        return self._idle.pop(next(unused, next(iter(self._idle))))

    def compact(self) -> None:
        """Forget the history of every sandbox, so that what only history holds is freed."""
        with self._lock:
            logs = [self.default.log, *(sandbox.log for sandbox in self._idle.values())]
        for log in logs:
            log.compact()
