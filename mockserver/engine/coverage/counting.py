"""Which points of the descriptions the traffic of each sandbox touched."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from mockserver.engine.coverage.points import Points
from mockserver.engine.endpoint import Endpoint
from mockserver.engine.exchanges import FEED
from mockserver.engine.reply import Answer, Api
from mockserver.engine.request import Request
from mockserver.engine.spec import Operation
from mockserver.state.sandboxes import Sandbox

QUIET = 100
"""Answers of one status that show nothing new before not every one is looked at."""

WIDEST = 1_000
"""Answers that may then pass between two that are looked at."""

MOST_QUERIES = 1_000
"""Different queries of an operation that are each looked at, whatever is quiet."""

_MOST_REMEMBERED = 64 * 1024
_BATCH = 256
_BATCH_SIZE = 4 * 1024 * 1024
MOST_WAITING = 2_000
"""Exchanges that may wait to be looked at; more are counted as unread."""

MOST_BYTES = 16 * 1024 * 1024
"""Bytes of their bodies."""


class Seen:
    """What was seen of one operation in one sandbox: a bit for each point, and how often."""

    __slots__ = (
        "bits", "gaps", "hits", "last", "left", "operation", "queries", "quiet", "undocumented",
    )  # fmt: skip

    def __init__(self, operation: Operation) -> None:
        self.operation = operation
        self.bits = 0
        self.hits = 0
        self.last: tuple[bytes, int, int] = (b"", 0, 0)
        self.undocumented: set[int] = set()
        self.queries: set[bytes] = set()
        self.left: dict[int, int] = {}
        self.gaps: dict[int, int] = {}
        self.quiet: dict[int, int] = {}

    def look(self, points: Points, request: Request, answer: Answer) -> None:
        """Count what one exchange touches."""
        bits = points.asked(request)
        if request.method != FEED and answer.status:
            bits |= self._answered(points, answer)
            if points.status(answer.status) is None:
                self.undocumented.add(answer.status)
        if len(self.queries) < MOST_QUERIES:
            self.queries.add(request.query)
        if bits & ~self.bits:
            self.bits |= bits
            self.left, self.gaps, self.quiet = {}, {}, {}
            return
        quiet = self.quiet[answer.status] = self.quiet.get(answer.status, 0) + 1
        if quiet >= QUIET:
            self.gaps[answer.status] = min(2 * self.gaps.get(answer.status, 4), WIDEST)

    def _answered(self, points: Points, answer: Answer) -> int:
        """The bits of an answer; one that was kept with its record comes again as it is."""
        body, status, bits = self.last
        if answer.body is not body or answer.status != status:
            bits = points.answered(answer)
            body = answer.body if len(answer.body) <= _MOST_REMEMBERED else b""
            self.last = (body, answer.status, bits)
        return bits

    def is_known(self, query: bytes) -> bool:
        """Whether a query need not be looked at."""
        return not query or query in self.queries or len(self.queries) >= MOST_QUERIES


class Touched:
    """What was touched in one sandbox since an instant, by operation."""

    __slots__ = ("seen", "since", "unread")

    def __init__(self) -> None:
        self.since = datetime.now(UTC)
        self.seen: dict[Endpoint, Seen] = {}
        self.unread = 0


class Coverage:
    """Counts what is touched, apart from the requests themselves.

    What may show something new waits until somebody asks, or until there is enough of it for a
    thread to look at.
    """

    def __init__(self) -> None:
        self._points: dict[int, Points] = {}
        self._waiting: deque[tuple[Seen, Request, Answer]] = deque()
        self._size = 0
        self._lock = threading.Lock()
        self._working = False

    def __call__(
        self, scope: Mapping[str, Any], request: Request, answer: Answer, seconds: float
    ) -> None:
        """Take one exchange."""
        endpoint = request.endpoint
        if endpoint is None or not request.is_watched:
            return
        touched = request.sandbox.beside.get(self) or self.touched(request.sandbox)
        seen = touched.seen.get(endpoint)
        if seen is None:
            seen = touched.seen[endpoint] = Seen(endpoint.operation)
        seen.hits += 1
        left = seen.left.get(answer.status)
        if left and (not request.query or seen.is_known(request.query)):
            seen.left[answer.status] = left - 1
            return
        if seen.gaps:
            seen.left[answer.status] = seen.gaps.get(answer.status, 0)
        self._wait(touched, seen, request, answer)

    def touched(self, sandbox: Sandbox) -> Touched:
        """What was touched in a sandbox; it is up to date after :meth:`settle`."""
        known: Touched = sandbox.beside.setdefault(self, Touched())
        return known

    def clear(self, sandbox: Sandbox) -> None:
        """Begin to count anew."""
        sandbox.beside[self] = Touched()

    def points(self, api: Api, operation: Operation) -> Points:
        """The points of an operation, laid out once."""
        known = self._points.get(id(operation))
        if known is None:
            known = self._points[id(operation)] = Points(api, operation)
        return known

    def settle(self) -> None:
        """Look at all that waits."""
        with self._lock:
            while self._waiting:
                seen, request, answer = self._waiting.popleft()
                self._size -= len(request.body) + len(answer.body)
                if request.endpoint is not None:
                    seen.look(self.points(request.endpoint.api, seen.operation), request, answer)

    def _wait(self, touched: Touched, seen: Seen, request: Request, answer: Answer) -> None:
        size = len(request.body) + len(answer.body)
        if self._size + size > MOST_BYTES or len(self._waiting) >= MOST_WAITING:
            touched.unread += 1
            return
        self._size += size
        self._waiting.append((seen, request, answer))
        if (len(self._waiting) >= _BATCH or self._size >= _BATCH_SIZE) and not self._working:
            self._working = True
            threading.Thread(target=self._work, name="coverage", daemon=True).start()

    def _work(self) -> None:
        try:
            self.settle()
        finally:
            self._working = False
