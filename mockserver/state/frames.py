"""Frames in a file: each has its length and a checksum, so that what is torn or damaged shows.

A frame is one line: the length of what it says, a CRC-32 over that length and what it says (both
as eight hex digits), and what it says, which is mostly a JSON object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from mmap import mmap
from zlib import crc32

_HEAD = re.compile(rb"([0-9a-f]{8}) ([0-9a-f]{8}) ")
_SIZE = 18
LARGEST = 0xFFFF_FFFF
"""Bytes that one frame can say."""


class Damaged(Exception):
    """What stands at an offset is no frame; ``torn`` says that no frame follows it either."""

    def __init__(self, offset: int, *, torn: bool) -> None:
        super().__init__(offset, torn)
        self.offset = offset
        self.torn = torn


def framed(said: bytes, salt: int) -> bytes:
    """A frame; ``salt`` makes it different from what would be one in another file."""
    length = b"%08x" % len(said)
    return b"%b %08x %b\n" % (length, crc32(said, crc32(length, salt)), said)


def frame_at(data: mmap | bytes, offset: int, salt: int) -> bytes | None:
    """What the frame at an offset says; None when there is none."""
    said = _said_at(data, offset, salt)
    if said is None:
        return None
    end = offset + _SIZE + len(said)
    return said if data[end : end + 1] == b"\n" else None


def _said_at(data: mmap | bytes, offset: int, salt: int) -> bytes | None:
    """What a frame at an offset says, whatever its line ends with; None when there is none."""
    head = _HEAD.fullmatch(data[offset : offset + _SIZE])
    if head is None:
        return None
    said = data[offset + _SIZE : offset + _SIZE + int(head[1], 16)]
    return said if crc32(said, crc32(head[1], salt)) == int(head[2], 16) else None


def frames(data: mmap | bytes, offset: int, salt: int) -> Iterator[tuple[int, bytes]]:
    """What the frames from an offset on say, each with the offset at which it ends.

    Raises Damaged where there is something else.
    """
    while offset < len(data):
        said = frame_at(data, offset, salt)
        if said is None:
            raise Damaged(offset, torn=not _goes_on(data, offset, salt))
        offset += _SIZE + len(said) + 1
        yield offset, said


def _goes_on(data: mmap | bytes, offset: int, salt: int) -> bool:
    """Whether a frame follows: any line begins with one, or one lost no more than its line end."""
    said = _said_at(data, offset, salt)
    if said is not None and offset + _SIZE + len(said) + 1 < len(data):
        return True
    line = data.find(b"\n", offset)
    while line >= 0:
        if frame_at(data, line + 1, salt) is not None:
            return True
        line = data.find(b"\n", line + 1)
    return False
