"""Multipart forms read as Django reads them, which forgives most of what RFC 7578 forbids."""

from __future__ import annotations

import base64
import binascii
import html
import re
from dataclasses import dataclass

from werkzeug.http import parse_options_header

from mockserver.errors import ApiError

MAX_HEAD = 1024
"""Bytes that the headers of a part may have; one with more is passed over."""

_QUOTED = re.compile(r'"(.*)"', re.DOTALL)
_BOUNDARY = re.compile(r"[ -~]{0,200}[!-~]")


@dataclass(frozen=True, slots=True)
class Part:
    """A part with a name; ``filename`` is empty for one that is no file."""

    name: str
    filename: str
    data: bytes


def boundary_of(content_type: str) -> bytes:
    """What separates the parts. Raises ApiError 400 in the words of Django."""
    if not content_type.startswith("multipart/"):
        raise ApiError(400, f"Invalid Content-Type: {content_type}")
    if not content_type.isascii():
        raise ApiError(400, f"Invalid non-ASCII Content-Type in multipart: {content_type}")
    boundary = _parameter(content_type, "boundary")
    if not boundary or not _BOUNDARY.fullmatch(boundary):
        raise ApiError(400, f"Invalid boundary in multipart: {boundary}")
    return boundary.encode()


def _parameter(content_type: str, name: str) -> str | None:
    """The last parameter of that name, without the quotation marks around it."""
    found = None
    for parameter in content_type.split(";")[1:]:
        key, equals, value = parameter.partition("=")
        if equals and key.strip().lower() == name:
            found = _QUOTED.sub(r"\1", value.strip())
    return found


def read_parts(boundary: bytes, body: bytes, charset: str = "utf-8") -> list[Part]:
    """The named parts in their order, whatever stands around them."""
    *closed, last = body.split(b"--" + boundary)
    pieces = [*map(_without_line_end, closed), last]
    parts = (_part(piece, charset) for piece in pieces)
    return [part for part in parts if part is not None]


def _without_line_end(piece: bytes) -> bytes:
    """The line end in front of a boundary belongs to the boundary."""
    return piece.removesuffix(b"\n").removesuffix(b"\r") if piece.endswith(b"\n") else piece


def _part(piece: bytes, charset: str) -> Part | None:
    end = piece.find(b"\r\n\r\n", 0, MAX_HEAD)
    if end < 0:
        return None
    lines = piece[:end].decode(charset, errors="replace").split("\r\n")
    pairs = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value for name, _, value in pairs}
    data = piece[end + 4 :]
    if headers.get("content-transfer-encoding", "").strip() == "base64":
        data = _from_base64(data)
    return _disposed(headers.get("content-disposition", ""), data)


def _from_base64(data: bytes) -> bytes:
    """The bytes that were encoded; none where they were not."""
    try:
        return base64.b64decode(data)
    except binascii.Error:
        return b""


def _disposed(disposition: str, data: bytes) -> Part | None:
    _, options = parse_options_header(disposition)
    name = options.get("name")
    if name is None:
        return None
    given = options.get("filename", "")
    filename = _bare(given)
    if given and not filename:
        return None
    return Part(name.strip(), filename, data)


def _bare(filename: str) -> str:
    """The last part of a path, without what cannot be printed; nothing for a folder."""
    last = re.split(r"[/\\]", html.unescape(filename))[-1]
    printable = "".join(filter(str.isprintable, last))
    return "" if printable in (".", "..") else printable
