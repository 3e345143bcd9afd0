"""What a state file holds: read line by line, its damage told."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from mmap import mmap
from pathlib import Path
from typing import Any
from zlib import crc32

import orjson

from mockserver.errors import Problem, StartupError, StorageFull
from mockserver.state.blobs import Blob, Blobs
from mockserver.state.frames import Damaged, frame_at, frames
from mockserver.state.log import Entry
from mockserver.state.store import Snapshot
from mockserver.state.written import Reader, commit_read, replacing, state_read

FORMAT = 1
KIND = "mockserver state"
BLOB = b"blob "
"""What a line with bytes begins with; their SHA-1 checksum in hex and a space follow."""

_NAMED = len(BLOB) + 41

Fingerprint = Mapping[str, str]
"""What a state rests on, by name: descriptions, fixtures, seed. Any text that differs will do."""

_Line = tuple[int, dict[str, Any]]
"""Where a line ends, and what it says."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a file held: the state, and the history that led there.

    ``others`` names what the state rested on when it was written and does not any more.
    ``starts`` counts the openings before this one, ``cut`` the bytes of a torn end.
    """

    head: Snapshot
    entries: Sequence[Entry] = ()
    others: Sequence[str] = ()
    starts: int = 0
    cut: int = 0

    @property
    def first_request(self) -> int:
        """A number that no request has had, unless there were a trillion since one start."""
        return 1 + (self.starts << 40)


class StateReading:
    """Reads a file once. ``end`` is where what can be used ends, ``first`` its first revision.

    ``salt`` and ``mark`` are the file's own; ``checksums`` says which bytes are in it.
    """

    def __init__(self, path: Path, data: mmap, seed: Snapshot, blobs: Blobs) -> None:
        self._path = path
        self._data = data
        self._seed = seed
        self._blobs = blobs
        self._places: dict[str, tuple[int, int]] = {}
        self.end = self.first = 0
        self._header = self._head()
        self.mark = mark_of(self._header["id"])
        self.salt = salt_of(self._header["id"])
        self._reader = Reader(self.mark, self._blob)

    @property
    def checksums(self) -> set[str]:
        """The SHA-1 checksums, in hex, of the bytes that are in the file."""
        return set(self._places)

    def kept(self, fingerprint: Fingerprint, window: int) -> Kept:
        """What the file holds. Raises StartupError where it is damaged before its end."""
        known = self._header["rests on"]
        others = [name for name in sorted({*known, *fingerprint})
                  if known.get(name) != fingerprint.get(name)]  # fmt: skip
        reach = max(window, self._header["window"])
        states: dict[int, Snapshot] = {}
        entries: deque[Entry] = deque(maxlen=window)
        head: Snapshot | None = None
        starts = self._header["starts"]
        try:
            for told, parts in self._items():
                if "starts" in told:
                    starts = told["starts"]
                elif head is None:
                    head = state_read(told, parts, self._seed)
                    self.first = head.revision
                else:
                    entry = self._entry(told, parts, head, states)
                    entries.append(entry)
                    head = entry.snapshot
                if head is not None:
                    states[head.revision] = head
                    states.pop(head.revision - reach - 1, None)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            message = f"after byte {self.end} it says what this version does not know: {error!r}"
            raise self._refused(message) from error
        except StorageFull as error:
            raise self._refused(str(error)) from error
        if head is None:
            raise self._refused("it ends within the state that it begins with, and is of no use")
        return Kept(head, tuple(entries), others, starts + 1, len(self._data) - self.end)

    def _entry(
        self, told: dict[str, Any], parts: Sequence[dict[str, Any]], head: Snapshot,
        states: Mapping[int, Snapshot],
    ) -> Entry:  # fmt: skip
        if "changes" in told:
            return commit_read(told, head)
        if "parts" in told:
            return replacing(told, state_read(told, parts, self._seed))
        return replacing(told, states[told["repeats"]] if told["repeats"] else self._seed)

    def _items(self) -> Iterator[tuple[dict[str, Any], Sequence[dict[str, Any]]]]:
        """What is said at once: a line, and those that belong to it. Torn ones are left out."""
        lines = self._lines()
        try:
            for end, told in lines:
                last, parts = end, []
                for _ in range(told.get("parts", 0)):
                    last, part = next(lines, (0, None))
                    if part is None:
                        return
                    parts.append(part)
                yield told, parts
                self.end = last
        except Damaged as damaged:
            if not damaged.torn:
                message = (
                    f"it is damaged at byte {damaged.offset}, and goes on after that; restore it "
                    "from a copy, or name another file"
                )
                raise self._refused(message) from damaged

    def _lines(self) -> Iterator[_Line]:
        """The lines that are JSON, the places of the others noted."""
        for end, said in frames(self._data, self.end, self.salt):
            if said.startswith(BLOB):
                checksum = said[len(BLOB) : _NAMED - 1].decode()
                self._places[checksum] = (end - 1 - len(said) + _NAMED, end - 1)
            else:
                yield end, self._reader.value(said)

    def _blob(self, checksum: str) -> Blob:
        known = self._blobs.known(checksum)
        if known is None:
            begin, end = self._places[checksum]
            known = self._blobs.store(self._data[begin:end])
        return known

    def _head(self) -> dict[str, Any]:
        said = frame_at(self._data, 0, 0)
        header = orjson.loads(said) if said is not None and said.startswith(b"{") else {}
        if said is None or header.get("kind") != KIND:
            raise self._refused("expected a state file of mockserver, or none; it is left as it is")
        if header["format"] != FORMAT:
            message = (
                f"it has the format {header['format']}, this version knows {FORMAT}: use the "
                f"version that wrote it, {header['version']}"
            )
            raise self._refused(message)
        self.end = self._data.find(b"\n") + 1
        return dict(header)

    def _refused(self, message: str) -> StartupError:
        return StartupError([Problem(str(self._path), "", message)])


def salt_of(identifier: str) -> int:
    """What makes the frames of a file its own."""
    return crc32(identifier.encode())


def mark_of(identifier: str) -> str:
    """The member by which a file names bytes; nobody can know it before the file is there."""
    return f"$blob {identifier}"
