"""Where a request goes: the sandbox its path or header names, and the path's segments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from mockserver.errors import ApiError, Violation
from mockserver.state.sandboxes import DEFAULT, NAME

HEADER = "X-Mock-Sandbox"
SANDBOX_HEADER = HEADER.lower().encode()
_HOST = re.compile(
    r"(?:\[[0-9A-Fa-f:.]+\]|(?:[\w.~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?::[0-9]*)?", re.ASCII
)
"""A host and a port (RFC 3986, sections 3.2.2 and 3.2.3)."""
_TRACE = re.compile(
    rb"(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<parent>[0-9a-f]{16})-[0-9a-f]{2}"
    rb"(?P<more>.*)",
    re.DOTALL,
)


class Address(NamedTuple):
    """A sandbox and a path in it.

    ``prefix`` is what links into the sandbox begin with (``/@name``, nothing for the default
    one), ``segments`` the decoded path without it, ``target`` that path as it was sent, and
    ``sent`` its segments: what separates the parts of a parameter is told by them.
    """

    sandbox: str
    prefix: str
    segments: list[str]
    target: str
    sent: list[str]


def read_address(
    raw_path: bytes, headers: Mapping[bytes, bytes], *, by_trace: bool = False
) -> Address:
    """Split a raw path (RFC 3986, section 3.3): at slashes first, then percent-decoding.

    The sandbox in the path wins over the header, and that, ``by_trace``, over the trace that the
    request belongs to. Raises ApiError 404 for a bad name in the path, 400 for one in the header
    and for segments that are not UTF-8 once decoded.
    """
    target = raw_path.decode("latin-1")
    sent = segments = target.split("/")[1:]
    if b"%" in raw_path:
        segments = [_decoded(segment) for segment in sent]
    if segments and segments[0].startswith("@"):
        return _in_path(segments, sent, target)
    name = headers.get(SANDBOX_HEADER)
    if name is not None:
        sandbox = _in_header(name.decode("latin-1"))
    elif by_trace:
        sandbox = _trace(headers.get(b"traceparent", b"")) or DEFAULT
    else:
        return Address(DEFAULT, "", segments, target, sent)
    return Address(sandbox, _prefix(sandbox), segments, target, sent)


@lru_cache(maxsize=256)
def origin_of(scheme: str, sent: bytes | None) -> str:
    """Where the caller reached the server: a scheme, and a host by the header Host.

    Raises ApiError 400 for what is no host (RFC 9112, section 3.2).
    """
    host = (sent or b"localhost").decode("latin-1")
    if _HOST.fullmatch(host):
        return f"{scheme}://{host}"
    violation = Violation("header", "Host", "syntax", "a host, and maybe a port", host[:80])
    raise ApiError(400, "The header Host names no host.", violations=[violation])


def _decoded(segment: str) -> str:
    try:
        return unquote(segment, errors="strict")
    except UnicodeDecodeError:
        violation = Violation("path", "", "encoding", "percent-encoded UTF-8", segment)
        detail = "The path is not UTF-8 once decoded."
        raise ApiError(400, detail, violations=[violation]) from None


_RULE = "1 to 64 letters, digits, dots, underscores or hyphens, and not . or .."


def _prefix(sandbox: str) -> str:
    return "" if sandbox == DEFAULT else f"/@{sandbox}"


def _in_path(segments: list[str], sent: list[str], target: str) -> Address:
    name = segments[0][1:]
    if not NAME.fullmatch(name):
        raise ApiError(404, f"There is no sandbox of that name: a name is {_RULE}.")
    _, slash, rest = target[1:].partition("/")
    return Address(name, _prefix(name), segments[1:], slash + rest, sent[1:])


def _trace(sent: bytes) -> str:
    """The trace id of a ``traceparent``, nothing when it is malformed.

    W3C Trace Context, sections 3.2 and 4.3: an id of zeros and the version ff are invalid, and a
    later version may say more after what version 00 has.
    """
    found = _TRACE.fullmatch(sent)
    if found is None or found["version"] == b"ff":
        return ""
    if found["more"] and (found["version"] == b"00" or not found["more"].startswith(b"-")):
        return ""
    if not found["trace"].strip(b"0") or not found["parent"].strip(b"0"):
        return ""
    return found["trace"].decode()


def _in_header(name: str) -> str:
    if NAME.fullmatch(name):
        return name
    violation = Violation("header", HEADER, "name", _RULE, name[:80])
    detail = f"The header {HEADER} names no sandbox: a name is {_RULE}."
    raise ApiError(400, detail, violations=[violation])
