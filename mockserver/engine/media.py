"""Bytes into values and values into bytes, by media type."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import unquote_plus

import orjson

from mockserver.errors import ApiError, Violation

MAX_DEPTH = 256
"""Nesting allowed in a JSON body."""

_TOO_DEEP = "depth limit exceeded"  # orjson's own words, for more than 1024 levels
_LONG_NUMBER = re.compile(rb"[0-9]{19}")


def media_type_of(content_type: str) -> str:
    """The media type without its parameters, in lower case (RFC 9110, section 8.3.1)."""
    return content_type.partition(";")[0].strip().lower()


def matching(media_type: str, offered: Sequence[str]) -> str | None:
    """The most specific of the media ranges offered that covers a media type, or None.

    A range may end in a structured suffix: ``application/*+json``.
    """
    if media_type in offered:
        return media_type
    main, _, sub = media_type.partition("/")
    _, plus, suffix = sub.rpartition("+")
    for candidate in (f"{main}/*{plus}{suffix}", f"{main}/*", "*/*"):
        if candidate in offered:
            return candidate
    return None


def is_json(media_type: str) -> bool:
    """Whether a media type is JSON or has its suffix (RFC 6839, section 3.1)."""
    return media_type in ("application/json", "text/json") or media_type.endswith("+json")


def decode_body(media_type: str, data: bytes) -> Any:
    """The value of a request body. Raises ApiError 400 for bytes that are not what they say."""
    if is_json(media_type):
        return decode_json(data)
    if media_type.startswith("text/"):
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            raise malformed("UTF-8 text", f"a byte that is not at {error.start}") from None
    return data


def decode_json(data: bytes) -> Any:
    """A JSON text (RFC 8259) as a value. Raises ApiError 400.

    Refused besides what is not JSON: nesting deeper than :data:`MAX_DEPTH`, NaN and infinity,
    numbers past what a double holds, lone surrogates.
    """
    try:
        value = orjson.loads(data)
        if _too_deep(data, value):
            raise _too_deeply_nested()
        # orjson turns integers past 64 bits into floats; the standard library keeps them.
        return json.loads(data) if _LONG_NUMBER.search(data) else value
    except ValueError as error:
        if _TOO_DEEP in str(error):
            raise _too_deeply_nested() from None
        raise malformed("a JSON text (RFC 8259) in UTF-8", str(error)) from None


def _too_deep(data: bytes, value: Any) -> bool:
    if data.count(b"[") + data.count(b"{") <= MAX_DEPTH:
        return False
    depth, level = 0, [value]
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            return True
        items = (item.values() if isinstance(item, dict) else item for item in level)
        level = [each for item in items for each in item if isinstance(each, dict | list)]
    return False


def _too_deeply_nested() -> ApiError:
    return malformed(f"at most {MAX_DEPTH} levels of nesting", "more")


def malformed(expected: str, received: str) -> ApiError:
    """The refusal of a body that is not what its media type says."""
    violation = Violation("body", "", "media type", expected, received)
    return ApiError(400, f"The body is not {expected}: {received}.", violations=[violation])


def encode_json(value: Any, default: Callable[[Any], Any]) -> bytes:
    """A JSON value as bytes; ``default`` is asked for parts that are no JSON values."""
    try:
        return orjson.dumps(value, default=default)
    except TypeError:
        # orjson cannot write integers past 64 bits.
        return json.dumps(value, default=_inlined(default), ensure_ascii=False).encode()


def _inlined(default: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def plain(part: Any) -> Any:
        made = default(part)
        return json.loads(orjson.dumps(made)) if isinstance(made, orjson.Fragment) else made

    return plain


def decode_query(
    query: bytes, *, location: str = "query", lenient: bool = False
) -> dict[str, list[str]]:
    """The pairs of a query string (WHATWG URL, application/x-www-form-urlencoded parsing).

    Raises ApiError 400 for text that is not UTF-8, which a ``lenient`` reading replaces.
    """
    pairs: dict[str, list[str]] = {}
    for part in query.split(b"&"):
        if part:
            name, _, value = part.partition(b"=")
            key = _unquoted(name, location, lenient=lenient)
            pairs.setdefault(key, []).append(_unquoted(value, location, lenient=lenient))
    return pairs


def _unquoted(octets: bytes, location: str, *, lenient: bool) -> str:
    errors = "replace" if lenient else "strict"
    try:
        text = octets.decode(errors=errors)
        return unquote_plus(text, errors=errors) if "%" in text or "+" in text else text
    except UnicodeDecodeError:
        text = octets.decode(errors="backslashreplace")
        violation = Violation(location, "", "encoding", "percent-encoded UTF-8", text)
        detail = f"The {location} is not UTF-8 once decoded."
        raise ApiError(400, detail, violations=[violation]) from None
