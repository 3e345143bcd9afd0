"""One plain line a request, written in batches by a thread of its own."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping
from time import strftime
from typing import Any, TextIO

from mockserver.engine.reply import Answer
from mockserver.engine.request import Request
from mockserver.engine.secrets import Secrets
from mockserver.state.sandboxes import DEFAULT

MAX_WAITING = 10_000
"""Lines that may wait to be written; while more come, the oldest are counted, not kept."""

_INTERVAL = 0.1
"""Seconds between two batches."""


_LONGEST_QUERY = 200
_LONGEST_REASON = 200

_Told = tuple[str, str, bytes, str, int, float, str]
"""Method, path, query, sandbox, status, seconds, reason."""


class RequestLog:
    """Takes exchanges without waiting for the terminal; call it from the event loop.

    Values of parameters called like a secret are not shown, nor those that ``secrets`` knows.
    """

    def __init__(self, out: TextIO, secrets: Secrets | None = None) -> None:
        self._out = out
        self._secrets = secrets or Secrets()
        self._waiting: deque[_Told] = deque(maxlen=MAX_WAITING)
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

    def __call__(
        self, scope: Mapping[str, Any], request: Request, answer: Answer, seconds: float
    ) -> None:
        """Take one exchange, without its bodies."""
        named = (request.method, scope["path"], scope["query_string"], request.sandbox.name)
        self._waiting.append((*named, answer.status, seconds, answer.reason))
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

    def _line(self, told: _Told) -> str:
        method, path, query, sandbox, status, seconds, reason = told
        path = path if path.isprintable() else ascii(path)[1:-1]
        if sandbox != DEFAULT and not path.startswith("/@"):
            path = f"/@{sandbox}{path}"
        shown = self._shown(query) if query else ""
        line = f"{method:7} {path}{shown} {status} {seconds * 1000:.1f} ms"
        return f"{line}  {_shortened(_plain(reason), _LONGEST_REASON)}" if reason else line

    def _shown(self, query: bytes) -> str:
        """A query as it was sent, without the values of secrets."""
        shown = self._secrets.query(query.decode("latin-1"))
        return "?" + _shortened(_plain(shown), _LONGEST_QUERY)


def _plain(text: str) -> str:
    """A text on one line, without control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
