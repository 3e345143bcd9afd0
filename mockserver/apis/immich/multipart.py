"""Multipart forms read as the real server's parser reads them (RFC 7578), part by part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from mockserver.apis.immich.registry import Refusal
from mockserver.engine.media import media_type_of

MAX_PARTS = 1_000
"""Parts of one form; the real server takes any number."""

MAX_HEAD = 16 * 1024
"""Bytes of the headers of one part."""

_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]"  # noqa: S105 - a token of RFC 9110, section 5.6.2
_TEXT = r"[^\r\n]"
_LINE = re.compile(
    rf"(?P<name>{_TOKEN}+):[\t ]*(?P<value>(?:{_TEXT}|\r\n[\t ])*)\r\n(?![\t ])".encode("latin-1")
)
_BEGUN = re.compile(rf"{_TOKEN}*(?:(?<!^):(?:{_TEXT}|\r\n[\t ])*\r?\n?)?|\r".encode("latin-1"))
_MEDIA_TYPE = re.compile(rf"{_TOKEN}+/{_TOKEN}+")
_KIND = re.compile(rf"{_TOKEN}*")
_PARAMETER = re.compile(
    rf"[\t ]*;[\t ]*(?P<name>{_TOKEN}*)=(?:"
    r"(?<=\*=)(?P<charset>[!#$%&+\-^_`{}~0-9A-Za-z]*)'[^']*'"
    r"(?P<coded>(?:[!#$&+\-.^_`|~0-9A-Za-z]|%[0-9A-Fa-f]{2})+)"
    r'|(?<!\*=)"(?P<quoted>(?:[^"\\]|\\.)*)"'
    rf"|(?<!\*=)(?P<plain>{_TOKEN}+))"
)
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_ESCAPED = re.compile(r'\\(["\\])')
_CODED = re.compile("%([0-9A-Fa-f]{2})")
_LATIN = frozenset(("ascii", "cp1252", "iso-8859-1", "latin1", "us-ascii", "windows-1252"))


@dataclass(frozen=True, slots=True)
class Part:
    """A part: a field whose ``text`` was decoded, or a file with its name.

    ``name`` is in Latin-1, as the real server has it; it is empty where the part has none.
    """

    name: str
    data: bytes
    filename: str | None = None
    charset: str = "utf-8"

    @property
    def text(self) -> str:
        """The content as text."""
        return self.data.decode(self.charset, errors="replace")


def boundary_of(content_type: str) -> bytes | None:
    """What separates the parts; None where the header is not written as a header should be.

    Raises Refusal 400 when it names no boundary.
    """
    kind = _MEDIA_TYPE.match(content_type)
    found = _parameters(content_type, kind.end()) if kind else None
    if found is None:
        return None
    if media_type_of(content_type) != "multipart/form-data":
        raise Refusal(400, f"Unsupported content type: {content_type}")
    if "boundary" not in found:
        raise Refusal(400, "Multipart: Boundary not found")
    return found["boundary"].encode("latin-1")


def read_parts(boundary: bytes, body: bytes) -> Iterator[Part]:
    """The fields and the named files, in their order.

    What is no part of a form is passed over, and so are files without a name. Raises Refusal 400
    where the form is broken, after the parts in front of that; of a file that is cut off the
    beginning comes first.
    """
    parts = 0
    for start, end in _pieces(b"--" + boundary, body):
        if body.startswith(b"--", start, end):
            return
        if not body.startswith(b"\r\n", start, end):
            continue
        parts += 1
        if parts > MAX_PARTS:
            raise Refusal(400, f"Too many parts - the mock takes {MAX_PARTS}")
        part = _part(body, start + 2, len(body) if end is None else end)
        if part is not None and (end is not None or part.filename is not None):
            yield part
    raise _broken("Unexpected end of form")


def _broken(reason: str) -> Refusal:
    return Refusal(400, f"Multipart: {reason}")


def _pieces(delimiter: bytes, body: bytes) -> Iterator[tuple[int, int | None]]:
    """Where what follows each delimiter begins and ends, None where no other one comes.

    A delimiter stands at the beginning of a line, and its line end belongs to it.
    """
    line = b"\r\n" + delimiter
    start = len(delimiter) if body.startswith(delimiter) else _after(body, line, 0)
    while start is not None:
        following = _after(body, line, start)
        yield start, None if following is None else following - len(line)
        start = following


def _after(body: bytes, line: bytes, start: int) -> int | None:
    found = body.find(line, start)
    return None if found < 0 else found + len(line)


def _part(body: bytes, start: int, end: int) -> Part | None:
    headers, begin = _head(body, start, end)
    disposition = headers.get(b"content-disposition", b"").decode("latin-1")
    # No description can forbid them in the names of fields that nobody asks for.
    if "filename" in disposition and _CONTROL.search(disposition):
        raise _broken("Malformed part header")
    kind, named = _disposition(disposition)
    if kind != "form-data":
        return None
    content_type = headers.get(b"content-type", b"").decode("latin-1")
    given = named.get("filename*") or named.get("filename")
    data = body[begin:end]
    if given:
        return Part(named.get("name", ""), data, filename) if (filename := _bare(given)) else None
    if media_type_of(content_type) == "application/octet-stream" or named.get("name") == "":
        return None  # the real server refuses an empty name, which no description can forbid
    charset = (_parameters(content_type, content_type.find(";")) or {}).get("charset", "").lower()
    return Part(named.get("name", ""), data, None, "latin-1" if charset in _LATIN else "utf-8")


def _head(body: bytes, start: int, end: int) -> tuple[dict[bytes, bytes], int]:
    """The headers of a part, the first of each name, and where its content begins."""
    headers: dict[bytes, bytes] = {}
    place = start
    while found := _LINE.match(body, place, min(end, start + MAX_HEAD)):
        headers.setdefault(found["name"].lower(), found["value"].replace(b"\r\n", b""))
        place = found.end()
    if headers and body.startswith(b"\r\n", place) and place + 2 <= end:
        return headers, place + 2
    is_begun = end - start < MAX_HEAD and _BEGUN.fullmatch(body, place, end)
    raise _broken("Unexpected end of form" if is_begun else "Malformed part header")


def _disposition(value: str) -> tuple[str, dict[str, str]]:
    """What a Content-Disposition says, and its parameters; nothing for one that is malformed."""
    found = _KIND.match(value)
    end = found.end() if found else 0
    parameters = _parameters(value, end)
    return ("", {}) if parameters is None else (value[:end].lower(), parameters)


def _parameters(value: str, start: int) -> dict[str, str] | None:
    """The parameters of a header from a place on, the first of each name; None for no such."""
    parameters: dict[str, str] = {}
    while start < len(value.rstrip(" \t")):
        found = _PARAMETER.match(value, start)
        if found is None:
            return None
        parameters.setdefault(found["name"].lower(), _value(found))
        start = found.end()
    return parameters


def _value(found: re.Match[str]) -> str:
    if found["coded"] is None:
        plain: str = found["plain"] or _ESCAPED.sub(r"\1", found["quoted"] or "")
        return plain
    raw = _CODED.sub(lambda pair: chr(int(pair[1], 16)), found["coded"])
    if found["charset"].lower() in _LATIN or raw.isascii():
        return raw
    return raw.encode("latin-1").decode(errors="replace")


def _bare(filename: str) -> str:
    """The last part of a path, its bytes read as UTF-8; nothing for a folder."""
    last = re.split(r"[/\\]", filename)[-1]
    # The real server takes every character for a byte, those that are none cut short.
    octets = bytes(ord(character) & 0xFF for character in last)
    return "" if last in (".", "..") else octets.decode(errors="replace")
