"""Bytes asked for in part, or only if they have changed (RFC 9110, sections 13 and 14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from werkzeug.datastructures import ETags
from werkzeug.http import parse_date, parse_etags, parse_range_header, unquote_etag

from mockserver.engine.handlers import Reply
from mockserver.engine.request import Request
from mockserver.state.blobs import Blob

_OF_CONTENT = frozenset(("content-type", "content-length", "content-disposition"))


def conditional(request: Request, reply: Reply) -> Reply:
    """What a GET of bytes is answered, given the reply that has all of them.

    ``reply`` has a Blob or bytes as its body and may have ``ETag`` and ``Last-Modified``. The
    answer is 412 or 304 where the request's conditions say so, 206 for one satisfiable range, 416
    for one that is not, and otherwise all of the bytes, as for several ranges.
    """
    headers = {name.lower(): value for name, value in reply.headers.items()}
    if _precondition_failed(request, headers):
        return Reply(None, 412)
    if _is_fresh(request, headers):
        kept = {name: v for name, v in reply.headers.items() if name.lower() not in _OF_CONTENT}
        return Reply(None, 304, kept)
    whole = replace(reply, headers={**reply.headers, "Accept-Ranges": "bytes"})
    wanted = request.header("range")
    if wanted is None or not _range_applies(request, headers):
        return whole
    return _part(wanted, whole)


def _part(wanted: str, whole: Reply) -> Reply:
    asked = parse_range_header(wanted)
    if asked is None or asked.units != "bytes" or len(asked.ranges) != 1:
        return whole
    data = whole.body.data if isinstance(whole.body, Blob) else whole.body
    start, end = _span(asked.ranges[0], len(data))
    if start >= end:
        return Reply(None, 416, {"Content-Range": f"bytes */{len(data)}"})
    told = f"bytes {start}-{end - 1}/{len(data)}"
    headers = {**whole.headers, "Content-Range": told}
    return Reply(Blob("", data[start:end]), 206, headers, whole.media_type)


def _span(asked: tuple[int, int | None], length: int) -> tuple[int, int]:
    """Where a range begins and ends in bytes of that length; a suffix may be longer than they."""
    start, end = asked
    if start < 0:
        return max(0, length + start), length
    return start, length if end is None else min(end, length)


def _etags(request: Request, name: str) -> ETags | None:
    value = request.header(name)
    return None if value is None else parse_etags(value)


def _date(text: str | None) -> datetime | None:
    try:
        return parse_date(text) if text else None
    except (OverflowError, ValueError):
        return None


def _precondition_failed(request: Request, headers: dict[str, str]) -> bool:
    """RFC 9110, sections 13.1.1 and 13.1.4; weak tags count, as the file servers of today do."""
    match = _etags(request, "if-match")
    if match is not None:
        return not match.contains_weak(_tag(headers))
    since = _date(request.header("if-unmodified-since"))
    modified = _date(headers.get("last-modified"))
    return since is not None and modified is not None and modified > since


def _is_fresh(request: Request, headers: dict[str, str]) -> bool:
    """RFC 9110, sections 13.1.2 and 13.1.3; a caller that wants no cache gets the bytes."""
    if "no-cache" in (request.header("cache-control") or ""):
        return False
    none_match = _etags(request, "if-none-match")
    if none_match is not None:
        return none_match.contains_weak(_tag(headers))
    since = _date(request.header("if-modified-since"))
    modified = _date(headers.get("last-modified"))
    return since is not None and modified is not None and modified <= since


def _range_applies(request: Request, headers: dict[str, str]) -> bool:
    """Whether the validator that a range depends on still holds (RFC 9110, section 13.1.5)."""
    condition = request.header("if-range")
    if condition is None:
        return True
    if '"' in condition:
        return condition.strip() == headers.get("etag")
    since, modified = _date(condition), _date(headers.get("last-modified"))
    return since is not None and modified is not None and modified <= since


def _tag(headers: dict[str, str]) -> str:
    return unquote_etag(headers.get("etag", ""))[0] or ""


def http_date(instant: datetime) -> str:
    """An instant as HTTP writes it (RFC 9110, section 5.6.7)."""
    return instant.astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
