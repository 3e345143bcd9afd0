"""One plain line a request, written in batches by a thread of its own."""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Collection
from time import strftime
from typing import TextIO
from urllib.parse import unquote_plus

from mockserver.engine.exchanges import Exchange

MAX_WAITING = 10_000
"""Lines that may wait to be written; while more come, the oldest are counted, not kept."""

_INTERVAL = 0.1
"""Seconds between two batches."""


_LONGEST_NAME = 64
_LONGEST_QUERY = 200
_LONGEST_REASON = 200

_SECRET = re.compile(r"(?i)token|secret|passw|pwd|signature|credential|key$|^sig$|^auth$|authori")
"""Names of parameters whose values nobody should read over a shoulder."""


class RequestLog:
    """Takes exchanges without waiting for the terminal; call it from the event loop.

    Values of parameters called like a secret are not shown, nor those named in ``secrets``.
    """

    def __init__(self, out: TextIO, secrets: Collection[str] = ()) -> None:
        self._out = out
        self._secrets = frozenset(secrets)
        self._waiting: deque[Exchange] = deque(maxlen=MAX_WAITING)
        self._taken = 0
        self._written = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="request log", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def stop(self) -> None:
        """Write what waits, and end; nothing happens when it was not started."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=1)

    def __call__(self, exchange: Exchange) -> None:
        """Take one exchange."""
        self._waiting.append(exchange)
        self._taken += 1

    def _run(self) -> None:
        stopping = False
        while not stopping:
            stopping = self._stopping.wait(_INTERVAL)
            try:
                self._write()
            except (OSError, ValueError):  # nobody reads any more
                return

    def _write(self) -> None:
        clock = strftime("%H:%M:%S")
        waiting = range(len(self._waiting))
        lines = [f"{clock} {self._line(self._waiting.popleft())}\n" for _ in waiting]
        if lines:
            self._written += len(lines)
            lost = self._taken - self._written - len(self._waiting)
            if lost > 0:
                self._written += lost
                lines.append(f"({lost} more requests came too fast to be shown)\n")
            encoding = self._out.encoding or "utf-8"
            self._out.write("".join(lines).encode(encoding, "backslashreplace").decode(encoding))
            self._out.flush()

    def _line(self, exchange: Exchange) -> str:
        path = exchange.path if exchange.path.isprintable() else ascii(exchange.path)[1:-1]
        sandbox = exchange.sandbox.decode("latin-1")
        if sandbox.isprintable() and sandbox and not path.startswith("/@"):
            path = f"/@{_shortened(sandbox, _LONGEST_NAME)}{path}"
        query = self._masked(exchange.query) if exchange.query else ""
        line = (
            f"{exchange.method:7} {path}{query} {exchange.status} {exchange.seconds * 1000:.1f} ms"
        )
        if not exchange.reason:
            return line
        return f"{line}  {_shortened(_plain(exchange.reason), _LONGEST_REASON)}"

    def _masked(self, query: bytes) -> str:
        """A query as it was sent, without the values of secrets."""
        shown = "&".join(map(self._pair, query.decode("latin-1").split("&")))
        return "?" + _shortened(_plain(shown), _LONGEST_QUERY)

    def _pair(self, pair: str) -> str:
        name, equals, _ = pair.partition("=")
        plain = unquote_plus(name)
        secret = plain in self._secrets or _SECRET.search(plain.rstrip("[]"))
        return f"{name}{equals}***" if equals and secret else pair


def _plain(text: str) -> str:
    """A text on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
