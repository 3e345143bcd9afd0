"""Bytes beside the log, kept once by checksum and shared by all sandboxes."""

from __future__ import annotations

import threading
import weakref
from collections import deque
from collections.abc import Callable
from hashlib import sha1
from typing import Any

from mockserver.errors import StorageFull


class Blob:
    """Bytes that never change, and their SHA-1 checksum in hex.

    ``work`` keeps what was computed from these bytes, as that of a record does.
    """

    __slots__ = ("__weakref__", "_text", "_work", "checksum", "data")

    def __init__(self, checksum: str, data: bytes) -> None:
        self.checksum = checksum
        self.data = data
        self._text: str | None = None
        self._work: dict[Any, Any] | None = None

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        return f"Blob({self.checksum[:8]}, {len(self.data)} bytes)"

    @property
    def work(self) -> dict[Any, Any]:
        """What was computed from these bytes, by whom it was computed."""
        if self._work is None:
            self._work = {}
        return self._work

    def text(self) -> str:
        """The bytes as UTF-8 text, decoded once for all who hold the blob. Raises ValueError."""
        if self._text is None:
            self._text = self.data.decode()
        return self._text


class Blobs:
    """All the blobs that some record still holds, at most ``limit`` bytes together.

    A blob goes when the last snapshot that reaches it goes. When the bound is met, ``reclaim``
    (set by the owner of the logs) may forget history first.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.reclaim: Callable[[], None] | None = None
        self._known: weakref.WeakValueDictionary[str, Blob] = weakref.WeakValueDictionary()
        self._lock = threading.Lock()
        self._size = 0
        # A blob may go while any lock is held: what it frees is only noted, and counted later.
        self._freed: deque[int] = deque()

    @property
    def size(self) -> int:
        """Bytes kept now."""
        return self._size - sum(self._freed)

    def known(self, checksum: str) -> Blob | None:
        """The blob of a SHA-1 checksum in hex, if it is kept."""
        with self._lock:
            return self._known.get(checksum)

    def store(self, data: bytes) -> Blob:
        """The blob of these bytes, the one already kept if there is one.

        Raises StorageFull when the bytes do not fit.
        """
        blob = self._kept(data)
        if blob is None and self.reclaim is not None:
            self.reclaim()
            blob = self._kept(data)
        if blob is None:
            raise StorageFull(
                f"{len(data)} bytes more would pass the bound of {self.limit} bytes "
                f"({self.size} are kept); delete records or raise --max-blobs"
            )
        return blob

    def _kept(self, data: bytes) -> Blob | None:
        checksum = sha1(data, usedforsecurity=False).hexdigest()
        with self._lock:
            while self._freed:
                self._size -= self._freed.popleft()
            known = self._known.get(checksum)
            if known is not None or self._size + len(data) > self.limit:
                return known
            blob = Blob(checksum, data)
            self._known[checksum] = blob
            self._size += len(data)
            weakref.finalize(blob, self._freed.append, len(data)).atexit = False
            return blob
