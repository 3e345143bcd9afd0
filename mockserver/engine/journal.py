"""The journal: what was asked and answered lately, in each sandbox."""

from __future__ import annotations

import heapq
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from operator import itemgetter
from time import time
from typing import Any
from weakref import WeakSet

from mockserver.engine.exchanges import Exchange
from mockserver.engine.reply import Answer
from mockserver.engine.request import Request
from mockserver.state.sandboxes import Sandbox

MAX_ENTRIES = 1_000
"""Exchanges kept of each sandbox."""

MAX_SIZE = 32 * 1024 * 1024
"""Bytes kept of all sandboxes together."""

MAX_BODY = 64 * 1024
"""Bytes kept of one body."""

OVERHEAD = 4 * 1024
"""Bytes that an exchange takes besides its bodies; a head that is larger is counted."""

LARGE_HEAD = "mockserver.large_head"
"""In an ASGI scope, says that headers are larger than usual: to count all would take too long."""

_AT = 3
_SIZE = 5
_size = itemgetter(_SIZE)

Listener = Callable[[], None]
Entry = tuple[Any, ...]
"""Scope, request, answer, instant, seconds, bytes; and the sizes of bodies where one was cut."""


class Pages:
    """The journal of one sandbox: exchanges by number, counted from 1 on.

    ``taken`` is the number of the newest, ``clears`` how often all were dropped.
    """

    __slots__ = ("__weakref__", "clears", "entries", "listeners", "taken")

    def __init__(self, limit: int) -> None:
        self.entries: deque[Entry] = deque(maxlen=limit)
        self.taken = 0
        self.clears = 0
        self.listeners: tuple[Listener, ...] = ()

    def newest(self, before: int | None = None) -> Iterator[tuple[int, Exchange]]:
        """The exchanges with their numbers, the newest first: those that are kept now."""
        taken, entries = self.taken, tuple(self.entries)
        skipped = 0 if before is None else max(taken + 1 - before, 0)
        for place in range(skipped, len(entries)):
            yield taken - place, exchange_of(entries[-1 - place])

    def find(self, number: int) -> Exchange | None:
        """The exchange of a number, None when it is not, or no longer, kept."""
        place = number - self.taken - 1
        known = -len(self.entries) <= place < 0
        return exchange_of(self.entries[place]) if known else None

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` when something is taken or dropped; returns what stops it."""
        self.listeners += (listener,)

        def stop() -> None:
            self.listeners = tuple(known for known in self.listeners if known is not listener)

        return stop


class Journal:
    """Keeps ``limit`` exchanges of each sandbox, ``size`` bytes of all: the oldest go first.

    To take one costs next to nothing: what is there anyway is kept, and read when somebody asks.
    Only bodies larger than :data:`MAX_BODY` are cut. What a sandbox's journal keeps goes with it.
    """

    def __init__(self, limit: int = MAX_ENTRIES, size: int = MAX_SIZE) -> None:
        self.limit = limit
        self._most = size
        self._room = size
        self._all: WeakSet[Pages] = WeakSet()
        self._lock = threading.Lock()

    def __call__(
        self, scope: Mapping[str, Any], request: Request, answer: Answer, seconds: float
    ) -> None:
        """Take one exchange."""
        if not request.is_watched:
            return
        size = len(request.body) + len(answer.body)
        entry: Entry = (scope, request, answer, time(), seconds, size)
        if size > MAX_BODY or LARGE_HEAD in scope:
            entry = _cut(entry)
            size = entry[_SIZE]
        pages = request.sandbox.beside.get(self) or self.pages(request.sandbox)
        pages.entries.append(entry)
        pages.taken += 1
        self._room -= size + OVERHEAD
        if self._room < 0:
            self._make_room()
        for listener in pages.listeners:
            listener()

    def pages(self, sandbox: Sandbox) -> Pages:
        """The journal of a sandbox."""
        pages: Pages | None = sandbox.beside.get(self)
        if pages is None:
            with self._lock:
                pages = sandbox.beside.setdefault(self, Pages(self.limit))
                self._all.add(pages)
        return pages

    def clear(self, sandbox: Sandbox) -> None:
        """Drop what is kept of a sandbox; numbers go on."""
        pages = self.pages(sandbox)
        pages.entries.clear()
        pages.clears += 1
        for listener in pages.listeners:
            listener()

    def _make_room(self) -> None:
        """Find out how much is kept; drop the oldest of all until an eighth of the room is free.

        What was dropped otherwise, most of it for a newer one of its sandbox, counts until then.
        """
        with self._lock:
            every = [pages.entries for pages in self._all if pages.entries]
            size = sum(sum(map(_size, entries)) + OVERHEAD * len(entries) for entries in every)
            oldest = [(entries[0][_AT], place) for place, entries in enumerate(every)]
            heapq.heapify(oldest)
            while oldest and size > self._most - self._most // 8:
                entries = every[oldest[0][1]]
                size -= entries.popleft()[_SIZE] + OVERHEAD
                if entries:
                    heapq.heapreplace(oldest, (entries[0][_AT], oldest[0][1]))
                else:
                    heapq.heappop(oldest)
            self._room = self._most - size


def exchange_of(entry: Entry) -> Exchange:
    """An exchange as those who read it know it."""
    scope, request, answer, at, seconds, _, *sizes = entry
    sent, got = sizes or (len(request.body), len(answer.body))
    return Exchange(scope, request, answer, at, seconds, sent, got)


def _cut(entry: Entry) -> Entry:
    """An entry with bodies of at most :data:`MAX_BODY` bytes, and their true sizes."""
    scope, request, answer, at, seconds, _ = entry
    sizes = len(request.body), len(answer.body)
    if sizes[0] > MAX_BODY:
        request = replace(request, body=request.body[:MAX_BODY])
    if sizes[1] > MAX_BODY:
        answer = replace(answer, body=answer.body[:MAX_BODY])
    size = len(request.body) + len(answer.body)
    if LARGE_HEAD in scope:
        size += sum(len(name) + len(value) for name, value in scope["headers"])
    return (scope, request, answer, at, seconds, size, *sizes)
