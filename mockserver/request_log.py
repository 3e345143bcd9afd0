"""One plain line a request, written in batches by a thread of its own."""

from __future__ import annotations

import threading
from collections import deque
from time import strftime
from typing import TextIO

MAX_WAITING = 10_000
"""Lines that may wait to be written; while more come, the oldest are counted, not kept."""

_INTERVAL = 0.1
"""Seconds between two batches."""


class RequestLog:
    """Takes exchanges without waiting for the terminal; call it from the event loop."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._waiting: deque[tuple[str, str, int, float]] = deque(maxlen=MAX_WAITING)
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

    def __call__(self, method: str, path: str, status: int, seconds: float) -> None:
        """Take one exchange."""
        self._waiting.append((method, path, status, seconds))
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
        lines = []
        for _ in range(len(self._waiting)):
            method, path, status, seconds = self._waiting.popleft()
            shown = path if path.isprintable() else ascii(path)[1:-1]
            lines.append(f"{clock} {method:7} {shown} {status} {seconds * 1000:.1f} ms\n")
        if lines:
            self._written += len(lines)
            lost = self._taken - self._written - len(self._waiting)
            if lost > 0:
                self._written += lost
                lines.append(f"({lost} more requests came too fast to be shown)\n")
            encoding = self._out.encoding or "utf-8"
            self._out.write("".join(lines).encode(encoding, "backslashreplace").decode(encoding))
            self._out.flush()
