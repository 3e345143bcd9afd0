"""Where a request goes: the sandbox its path or header names, and the path's segments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote

from mockserver.errors import ApiError, Violation
from mockserver.state.sandboxes import DEFAULT, NAME

HEADER = "X-Mock-Sandbox"
_HEADER = HEADER.lower().encode()


class Address(NamedTuple):
    """A sandbox and a path in it.

    ``prefix`` is what links into the sandbox begin with (``/@name``, nothing for the default
    one), ``segments`` the decoded path without it, ``target`` that path as it was sent.
    """

    sandbox: str
    prefix: str
    segments: list[str]
    target: str


def read_address(raw_path: bytes, headers: Mapping[bytes, bytes]) -> Address:
    """Split a raw path (RFC 3986, section 3.3): at slashes first, then percent-decoding.

    The sandbox in the path wins over the header. Raises ApiError 404 for a bad name in the
    path, 400 for one in the header and for segments that are not UTF-8 once decoded.
    """
    target = raw_path.decode("latin-1")
    segments = target.split("/")[1:]
    if b"%" in raw_path:
        segments = [_decoded(segment) for segment in segments]
    if segments and segments[0].startswith("@"):
        return _in_path(segments, target)
    name = headers.get(_HEADER)
    if name is None:
        return Address(DEFAULT, "", segments, target)
    sandbox = _in_header(name.decode("latin-1"))
    return Address(sandbox, _prefix(sandbox), segments, target)


def _decoded(segment: str) -> str:
    try:
        return unquote(segment, errors="strict")
    except UnicodeDecodeError:
        violation = Violation("path", "", "encoding", "percent-encoded UTF-8", segment)
        detail = "The path is not UTF-8 once decoded."
        raise ApiError(400, detail, violations=[violation]) from None


_RULE = "1 to 64 letters, digits, dots, underscores or hyphens"


def _prefix(sandbox: str) -> str:
    return "" if sandbox == DEFAULT else f"/@{sandbox}"


def _in_path(segments: list[str], target: str) -> Address:
    name = segments[0][1:]
    if not NAME.fullmatch(name):
        raise ApiError(404, f"There is no sandbox of that name: a name is {_RULE}.")
    _, slash, rest = target[1:].partition("/")
    return Address(name, _prefix(name), segments[1:], slash + rest)


def _in_header(name: str) -> str:
    if NAME.fullmatch(name):
        return name
    violation = Violation("header", HEADER, "name", _RULE, name[:80])
    detail = f"The header {HEADER} names no sandbox: a name is {_RULE}."
    raise ApiError(400, detail, violations=[violation])
