"""Bytes beside the log, kept once by checksum and shared by all sandboxes."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from hashlib import sha1

from mockserver.errors import StorageFull


class Blob:
    """Bytes that never change, and their SHA-1 checksum in hex."""

    __slots__ = ("__weakref__", "checksum", "data")

    def __init__(self, checksum: str, data: bytes) -> None:
        self.checksum = checksum
        self.data = data

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        return f"Blob({self.checksum[:8]}, {len(self.data)} bytes)"


class Blobs:
    """All the blobs that some record still holds, at most ``limit`` bytes together.

    A blob goes when the last snapshot that reaches it goes. When the bound is met, ``reclaim``
    (set by the owner of the logs) may forget history first.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.size = 0
        self.reclaim: Callable[[], None] | None = None
        self._known: weakref.WeakValueDictionary[str, Blob] = weakref.WeakValueDictionary()
        self._lock = threading.RLock()

    def store(self, data: bytes) -> Blob:
        """The blob of these bytes, the one already kept if there is one.

        Raises StorageFull when the bytes do not fit.
        """
        checksum = sha1(data, usedforsecurity=False).hexdigest()
        with self._lock:
            known = self._known.get(checksum)
            if known is not None:
                return known
            if self.size + len(data) > self.limit and self.reclaim is not None:
                self.reclaim()
            if self.size + len(data) > self.limit:
                raise StorageFull(
                    f"{len(data)} bytes more would pass the bound of {self.limit} bytes "
                    f"({self.size} are kept); delete records or raise --max-blobs"
                )
            blob = Blob(checksum, data)
            self._known[checksum] = blob
            self.size += len(data)
            weakref.finalize(blob, self._release, len(data)).atexit = False
            return blob

    def _release(self, size: int) -> None:
        with self._lock:
            self.size -= size
