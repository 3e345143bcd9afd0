"""The log of one sandbox in a file: what was committed is there again after the process died."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

import orjson

from mockserver.errors import Problem, StartupError, StorageFull
from mockserver.state.blobs import Blobs
from mockserver.state.frames import framed
from mockserver.state.log import Entry, Log
from mockserver.state.state_reading import (
    BLOB,
    FORMAT,
    KIND,
    Fingerprint,
    Kept,
    StateReading,
    mark_of,
    salt_of,
)
from mockserver.state.store import Snapshot
from mockserver.state.written import Writer, commit_written, repeat_written, state_written

try:
    import fcntl
except ImportError:  # on Windows, where nothing is kept in a file
    fcntl = None  # type: ignore[assignment]

SMALL = 1024 * 1024
"""Bytes up to which a file is never written anew."""

GROWTH = 4
"""How many times as large as when it was written anew a file grows."""

logger = logging.getLogger("mockserver")


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a state rests on: the seed, and by name what that was made from.

    ``window`` is how many commits the history reaches back; ``version`` is the program's.
    """

    seed: Snapshot
    fingerprint: Fingerprint
    window: int
    version: str


@dataclass(slots=True)
class _Lines:
    """Makes the lines of one file: ``first`` is its first revision, ``checksums`` its bytes."""

    salt: int
    writer: Writer
    grounds: Grounds
    first: int
    checksums: set[str] = field(default_factory=set)

    def of(self, values: Iterable[Mapping[str, Any]]) -> list[bytes]:
        """Values, each after the bytes that it names and the file does not have."""
        lines: list[bytes] = []
        for value in values:
            text, blobs = self.writer.text(value)
            for blob in blobs:
                if blob.checksum not in self.checksums:
                    self.checksums.add(blob.checksum)
                    said = BLOB + blob.checksum.encode() + b" " + blob.data
                    lines.append(framed(said, self.salt))
            lines.append(framed(text, self.salt))
        return lines

    def of_commit(self, entry: Entry) -> list[bytes]:
        """One commit; a state that took the place of another is named, or else told in full."""
        if entry.repeats is None:
            return self.of([commit_written(entry)])
        known = max(self.first, entry.revision - self.grounds.window)
        if entry.repeats >= known or entry.repeats == 0:
            return self.of([repeat_written(entry)])
        return self.of(state_written(self.grounds.seed, entry.snapshot, entry))


class StateFile:
    """A file that one process at a time appends to, a line for each commit.

    A commit is in the hands of the operating system before :meth:`keep` returns, with ``sync`` on
    the disk. What the file begins with is told as what leads there from the seed. Once it has
    grown, a thread writes it anew beside itself, and puts that in its place.
    """

    def __init__(self, path: Path, *, sync: bool = False) -> None:
        """Take the file, made now if it is not there. Raises StartupError if it cannot be had."""
        self.path = path
        self._sync = sync
        self._descriptor = _taken(path)
        self._size = self._written = 0
        self._lines: _Lines | None = None
        self._log: Log | None = None
        self._waiting: list[Entry] = []
        self._compacting: threading.Thread | None = None
        self._starts = 0
        self._is_torn = False

    def close(self) -> None:
        """Let go of the file, which holds everything already."""
        self._settle()
        os.close(self._descriptor)

    def load(self, grounds: Grounds, blobs: Blobs) -> Kept:
        """What the file holds, over a seed. A torn end is cut off.

        Raises StartupError for a file that is damaged in the middle, is no state file, or is one
        of another version's.
        """
        if not os.fstat(self._descriptor).st_size:
            self.rewrite(grounds, grounds.seed, ())
            return Kept(grounds.seed)
        with mmap(self._descriptor, 0, access=ACCESS_READ) as data:
            reading = StateReading(self.path, data, grounds.seed, blobs)
            kept = reading.kept(grounds.fingerprint, grounds.window)
        if kept.cut:
            os.ftruncate(self._descriptor, reading.end)
        self._size = self._written = reading.end
        self._starts = kept.starts
        writer = Writer(reading.mark)
        self._lines = _Lines(reading.salt, writer, grounds, reading.first, reading.checksums)
        self._append(self._lines.of([{"starts": kept.starts}]))
        return kept

    def follow(self, log: Log, head: Snapshot, entries: Sequence[Entry]) -> None:
        """Have a log go on from a state, each commit in this file before anybody sees it."""
        self._log = log
        log.begin(head, entries, self.keep)

    def keep(self, entry: Entry) -> None:
        """Write one commit. Raises StorageFull, and has written nothing, if it cannot."""
        lines = self._known()
        self._append(lines.of_commit(entry))
        if self._compacting is not None:
            self._waiting.append(entry)
        elif self._size > max(SMALL, GROWTH * self._written):
            self._compacting = threading.Thread(
                target=self._compact, args=(lines.grounds,), name="compacting"
            )
            self._compacting.start()

    def rewrite(self, grounds: Grounds, head: Snapshot, entries: Sequence[Entry]) -> None:
        """Let the file be nothing but this state and the history behind it.

        Raises StartupError, and leaves the file as it was, if it cannot be written.
        """
        self._settle()
        try:
            anew = _Anew(self.path, grounds, self._starts)
            anew.begin(head, entries)
            self._replace(anew)
        except OSError as error:
            problem = Problem(str(self.path), "", f"cannot be written: {error}")
            raise StartupError([problem]) from error

    def set_aside(self) -> Path:
        """Copy the file as it is to a name beside it that is not taken, and return that."""
        number = 1
        while (aside := self.path.with_name(f"{self.path.name}.before-{number}")).exists():
            number += 1
        aside.write_bytes(self.path.read_bytes())
        return aside

    def _known(self) -> _Lines:
        if self._lines is None:
            raise RuntimeError("the file was not loaded")
        return self._lines

    def _append(self, lines: Sequence[bytes]) -> None:
        data = b"".join(lines)
        try:
            if self._is_torn:
                os.ftruncate(self._descriptor, self._size)
            self._is_torn = True
            _write(self._descriptor, data)
            if self._sync:
                os.fdatasync(self._descriptor)
        except OSError as error:
            with contextlib.suppress(OSError):  # or else before the next line is written
                os.ftruncate(self._descriptor, self._size)
            raise StorageFull(f"{self.path} cannot be written: {error}") from error
        self._is_torn = False
        self._size += len(data)

    def _compact(self, grounds: Grounds) -> None:
        """Write the file anew from what is true, then what came meanwhile, and change over."""
        log = self._log
        if log is None:
            raise RuntimeError("nobody writes this file")
        with log.paused() as (head, entries):
            self._waiting.clear()
        try:
            anew = _Anew(self.path, grounds, self._starts)
            anew.begin(head, entries)
            with log.paused():
                for entry in self._waiting:
                    anew.add(anew.lines.of_commit(entry))
                self._replace(anew)
        except OSError as error:
            logger.warning("%s cannot be written anew, and grows: %s", self.path, error)
            self._written = self._size
        finally:
            self._waiting.clear()
            self._compacting = None

    def _settle(self) -> None:
        """Wait until nobody writes the file anew."""
        compacting = self._compacting
        if compacting is not None:
            compacting.join()

    def _replace(self, anew: _Anew) -> None:
        """Put a file in the place of this one; it is locked before it can be found."""
        anew.finish()
        os.close(self._descriptor)
        self._descriptor, self._lines = anew.descriptor, anew.lines
        self._size = self._written = anew.size


class _Anew:
    """A file that is written beside another, to take its place. Methods raise OSError."""

    def __init__(self, path: Path, grounds: Grounds, starts: int) -> None:
        identifier = secrets.token_hex(8)
        header = {
            "kind": KIND,
            "format": FORMAT,
            "version": grounds.version,
            "id": identifier,
            "window": grounds.window,
            "starts": starts,
            "rests on": dict(grounds.fingerprint),
        }
        self._path = path
        self._beside = path.with_name(f"{path.name}.new")
        self.descriptor = os.open(
            self._beside, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o666
        )
        self.size = 0
        self.lines = _Lines(salt_of(identifier), Writer(mark_of(identifier)), grounds, 0)
        self.add([framed(orjson.dumps(header), 0)])

    def begin(self, head: Snapshot, entries: Sequence[Entry]) -> None:
        """Say what is true, and the history that led there, as far back as it can be told."""
        base = entries[0].snapshot if entries else head
        self.lines.first = base.revision
        for value in state_written(self.lines.grounds.seed, base):
            self.add(self.lines.of([value]))
        for entry in entries[1:]:
            self.add(self.lines.of_commit(entry))

    def add(self, lines: Iterable[bytes]) -> None:
        """Write lines at the end."""
        for line in lines:
            _write(self.descriptor, line)
            self.size += len(line)

    def finish(self) -> None:
        """Take the place of the other file, with all that is on the disk or nothing of it."""
        os.fsync(self.descriptor)
        fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._beside.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _write(descriptor: int, data: bytes) -> None:
    """Write all of it: the system may take less at a time."""
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


def _taken(path: Path) -> int:
    """A file opened for this process alone, to be appended to. Raises StartupError."""
    while True:
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        except OSError as error:
            raise _unusable(path, f"cannot be opened: {error.strerror}") from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        except BlockingIOError:
            message = "another mock keeps its state there; stop it, or name another file"
            raise _unusable(path, message) from None
        except OSError as error:
            raise _unusable(path, f"cannot be locked: {error.strerror}") from error
        os.close(descriptor)  # it was written anew between the two: the name leads elsewhere


def _unusable(path: Path, message: str) -> StartupError:
    return StartupError([Problem(str(path), "", message)])
