"""Isolated worlds over one seed: a sandbox is a name and a log of its own, made in O(1)."""

from __future__ import annotations

import copy
import itertools
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from time import monotonic
from typing import Any

from mockserver.state.log import Entry, Log
from mockserver.state.snapshots import Snapshots
from mockserver.state.sources import Clock, id_source, real_clock
from mockserver.state.store import Snapshot, Transaction
from mockserver.state.timepieces import Timepiece

DEFAULT = "default"
NAME = re.compile(r"(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,64}")
"""Dots alone would be steps in a path (RFC 3986, section 3.3)."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What all sandboxes of a server share.

    ``history`` is in revisions, ``limit`` in sandboxes, ``ttl`` the seconds after which an idle
    one is dropped (0: never). ``by_trace`` has a request's trace name its sandbox.
    """

    seed: int = 0
    clock: Clock = real_clock
    history: int = 1_000
    limit: int = 10_000
    ttl: float = 3_600.0
    by_trace: bool = False


class Sandbox:
    """One isolated world: its own records, log, clock and ids.

    ``clock`` is the server's own until somebody sets it; ``faults`` are the rules by which answers
    go wrong on purpose, None while there are none. ``memory`` keeps what is no state of an API and
    yet differs between worlds, such as how often somebody has called within a minute.
    ``snapshots`` outlive a reset, and so does what is kept ``beside`` the state by whoever watches.
    ``used`` is when it was last asked for.
    """

    __slots__ = (
        "_make_id", "_requests", "_rules", "_seed", "beside", "clock", "faults", "log", "memory",
        "name", "snapshots", "used",
    )  # fmt: skip

    def __init__(self, name: str, snapshot: Snapshot, rules: Rules) -> None:
        self.name = name
        self.clock = Timepiece(rules.clock)
        self.log = Log(snapshot, rules.history, self.clock)
        self._rules = rules
        self.seed = rules.seed
        self.faults: Any = None
        self._requests: Iterator[int] = itertools.count(1)
        self.memory: dict[str, Any] = {}
        self.snapshots = Snapshots()
        self.beside: dict[Any, Any] = {}
        self.used = 0.0

    @property
    def identifier(self) -> str:
        """A UUID of this sandbox itself, the same in every run with the same seed of the server."""
        return id_source(self._rules.seed, self.name)(0)

    @property
    def now(self) -> datetime:
        """The instant (UTC) that its clock shows."""
        return self.clock(self.log.head.ticks)

    @property
    def seed(self) -> int:
        """What ids and made values follow from, from now on, with the sandbox and their count."""
        return self._seed

    @seed.setter
    def seed(self, seed: int) -> None:
        self._seed = seed
        self._make_id: Callable[[int], str] = id_source(seed, self.name)

    @property
    def turn(self) -> int:
        """How far made values are from those of the server's seed, which has 0."""
        if self._seed == self._rules.seed:
            return 0
        return 1 + int.from_bytes(blake2b(str(self._seed).encode(), digest_size=5).digest())

    def number_requests_from(self, number: int) -> None:
        """Let the next request have this number."""
        self._requests = itertools.count(number)

    def request_identifier(self) -> str:
        """A UUID for one request, new each time."""
        return self._make_id(-next(self._requests))

    def reset(self) -> None:
        """Back to the seed, as if the sandbox had never been used; the log goes on."""
        self.memory.clear()
        self._requests = itertools.count(1)
        self.clock.clear()
        self.seed = self._rules.seed
        self.log.reset()

    def transaction(self, stem: str, snapshot: Snapshot | None = None) -> Transaction:
        """A transaction for the API of that stem, on the state as it is now or was then."""
        base = snapshot or self.log.head
        return Transaction(base, stem, self.clock, self._make_id)

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

    def succeeded(self, seed: Snapshot, head: Snapshot, rules: Rules) -> Sandbox:
        """The same world over another seed; it shares with this one all that is no state."""
        made = copy.copy(self)
        made.log = Log(seed, rules.history, self.clock)
        made.log.begin(head, ())
        return made

    def close(self, reason: str) -> None:
        """Tell those who follow the log that nobody will write it again; forget what is beside."""
        self.log.close(reason)
        self.beside.clear()


class Sandboxes:
    """The sandboxes of one server, by name; idle ones are dropped after a while, or past a limit.

    The default one is never dropped, nor the one that was asked for last, nor, for being idle,
    one whose feeds are followed. ``now`` tells the seconds by which idleness is measured,
    ``snapshot`` is what all begin with.
    """

    def __init__(
        self, snapshot: Snapshot, rules: Rules, now: Callable[[], float] = monotonic
    ) -> None:
        self.snapshot = snapshot
        self.rules = rules
        self._now = now
        self._idle: OrderedDict[str, Sandbox] = OrderedDict()
        self._lock = threading.Lock()
        self._is_superseded = False
        self.default = Sandbox(DEFAULT, snapshot, rules)

    def __len__(self) -> int:
        return len(self._idle) + 1

    def get(self, name: str) -> Sandbox:
        """The sandbox of that name, made now if it is new. The caller has checked the name."""
        if name == DEFAULT:
            return self.default
        now = self._now()
        with self._lock:
            expired = self._expired(now)
            excess = None
            sandbox = self._idle.get(name)
            if sandbox is None:
                sandbox = self._idle[name] = Sandbox(name, self.snapshot, self.rules)
                sandbox.log.superseded = self._is_superseded
                excess = self._excess()
            else:
                self._idle.move_to_end(name)
            sandbox.used = now
        if expired:
            self._close(expired)
        if excess is not None:
            excess.close(f"more than {self.rules.limit} sandboxes")
        return sandbox

    def supersede(self, *, superseded: bool = True) -> list[Sandbox]:
        """Take no more commits, in no sandbox, for others take over; or take them again."""
        with self._lock:
            self._is_superseded = superseded
            everyone = [self.default, *self._idle.values()]
        for sandbox in everyone:
            sandbox.log.supersede(superseded=superseded)
        return everyone

    def take_over(
        self, everyone: Iterable[Sandbox], carried: Callable[[Snapshot], Snapshot]
    ) -> None:
        """Go on with the sandboxes of others, each as its state is carried over to this seed."""
        for sandbox in everyone:
            before = sandbox.log.head
            head = replace(carried(before), revision=before.revision + 1)
            made = sandbox.succeeded(self.snapshot, head, self.rules)
            made.snapshots = sandbox.snapshots.carried(carried)
            if made.name == DEFAULT:
                self.default = made
            else:
                self._idle[made.name] = made

    def sweep(self) -> None:
        """Drop the sandboxes that have been idle for too long."""
        with self._lock:
            expired = self._expired(self._now())
        self._close(expired)

    def named(self) -> list[tuple[Sandbox, float]]:
        """The sandboxes with names of their own and how long they are idle, the last used first."""
        self.sweep()
        now = self._now()
        with self._lock:
            return [(sandbox, now - sandbox.used) for sandbox in reversed(self._idle.values())]

    def drop(self, name: str) -> bool:
        """Drop a sandbox that is not the default one; whether it was there."""
        with self._lock:
            sandbox = self._idle.pop(name, None)
        if sandbox is not None:
            sandbox.close("deleted")
        return sandbox is not None

    def _expired(self, now: float) -> list[Sandbox]:
        """Take out what is idle for too long: the longest idle come first, so one look will do."""
        found: list[Sandbox] = []
        ttl = self.rules.ttl
        while ttl and self._idle:
            oldest = next(iter(self._idle.values()))
            if now - oldest.used <= ttl:
                break
            if oldest.log.followed:
                oldest.used = now
                self._idle.move_to_end(oldest.name)
            else:
                found.append(self._idle.pop(oldest.name))
        return found

    def _close(self, expired: Iterable[Sandbox]) -> None:
        for sandbox in expired:
            sandbox.close(f"idle for {self.rules.ttl:g} s")

    def _excess(self) -> Sandbox | None:
        """Take out the longest idle past the limit; one whose feeds are followed is not idle."""
        if len(self) <= self.rules.limit or len(self._idle) == 1:
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
