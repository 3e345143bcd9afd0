"""Ranges and conditions as the real server reads them, more kindly than RFC 9110 asks for."""

from __future__ import annotations

import re
from dataclasses import replace

from mockserver.engine.request import Request

_NUMBER = re.compile(r"\s*\+?([0-9]+)")
_ANY, _NONE = b"*", b'""'


def strictly(request: Request, tag: str, size: int) -> Request:
    """The request as it would ask for the same bytes strictly (RFC 9110, sections 13 and 14).

    Ranges that touch are one; several that do not are no range at all; of what cannot be read
    nothing is satisfiable. A condition that is empty is none, an entity ``tag`` matches in its
    quotation marks, weak or not, and ``If-Range`` has only to contain it.
    """
    headers = dict(request.headers)
    for name in (b"if-none-match", b"if-match"):
        tags = headers.pop(name, b"").decode("latin-1")
        if tags:
            headers[name] = _ANY if _matches(tags, tag) else _NONE
    condition = headers.pop(b"if-range", b"")
    if condition:
        headers[b"if-range"] = tag.encode() if tag.encode() in condition else condition
    told = _strictly(headers.pop(b"range", b"").decode("latin-1"), size)
    return replace(request, headers={**headers, b"range": told.encode()} if told else headers)


def _matches(tags: str, tag: str) -> bool:
    given = [one.strip(" ") for one in tags.split(",")]
    return given == ["*"] or any(tag in (one, f"W/{one}") or one == f"W/{tag}" for one in given)


def _strictly(wanted: str, size: int) -> str | None:
    unit, equals, rest = wanted.lstrip(" ").partition("=")
    if unit != "bytes" or not equals:
        return None
    spans = sorted(span for text in rest.split(",") if (span := _span(text, size)) is not None)
    if not spans:
        return f"bytes={size}-"
    ends = [max(end for _, end in spans[: place + 1]) for place in range(len(spans))]
    if any(start > end + 1 for end, (start, _) in zip(ends, spans[1:], strict=False)):
        return None
    return f"bytes={spans[0][0]}-{ends[-1]}"


def _span(text: str, size: int) -> tuple[int, int] | None:
    """The first and last byte of one range, None when it is not satisfiable."""
    first, _, rest = text.partition("-")
    start, end = _number(first), _number(rest.partition("-")[0])
    if start is None:
        start, end = (size if end is None else size - end), size - 1
    end = size - 1 if end is None else min(end, size - 1)
    return (start, end) if 0 <= start <= end else None


def _number(text: str) -> int | None:
    found = _NUMBER.match(text)
    return int(found[1]) if found else None
