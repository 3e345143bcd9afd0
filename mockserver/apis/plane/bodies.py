"""Request bodies read as Django REST framework reads them."""

from __future__ import annotations

import codecs
import io
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from mockserver.apis.plane.errors import Refusal, not_valid
from mockserver.apis.plane.multipart import Part, boundary_of, read_parts
from mockserver.apis.plane.negotiation import JSON, covers
from mockserver.engine.forms import MULTIPART, URLENCODED
from mockserver.engine.handlers import Call
from mockserver.errors import ApiError

MAX_FIELDS = 1_000
MAX_FILES = 100

# Others are read as UTF-8; some of Python's codecs take quadratic time or are no text.
_CHARSETS = frozenset(
    ("ascii", "cp1252", "iso8859-1", "iso8859-15", "utf-8", "utf-16", "utf-16-be", "utf-16-le",
     "utf-32")
)  # fmt: skip


def data_of(call: Call) -> Mapping[str, Any]:
    """The members of a body: JSON values, texts of a form, and :class:`Part` for its files.

    Of a field that comes twice the last one counts, and a file before a text. A body without a
    Content-Length counts as none. Raises Refusal 400 or 415.
    """
    request = call.request
    if not request.body or not (request.header("content-length") or "").isdecimal():
        return {}
    content_type = request.content_type
    charset = _charset(content_type)
    if covers(content_type, JSON):
        return _json(request.body, charset)
    if covers(content_type, URLENCODED):
        return _urlencoded(request.body, charset)
    if covers(content_type, MULTIPART):
        return _multipart(content_type, request.body, charset)
    raise Refusal(415, {"detail": f'Unsupported media type "{content_type}" in request.'})


def _charset(content_type: str) -> str:
    _, _, named = content_type.lower().partition("charset=")
    try:
        name = codecs.lookup(named.partition(";")[0].strip(' "')).name
    except LookupError:
        return "utf-8"
    return name if name in _CHARSETS else "utf-8"


def _json(body: bytes, charset: str) -> Mapping[str, Any]:
    try:
        text = codecs.getreader(charset)(io.BytesIO(body)).read()
        value = json.loads(text, parse_constant=_no_number)
    except ValueError as error:
        raise Refusal(400, {"detail": f"JSON parse error - {error}"}) from None
    except RecursionError:
        raise not_valid() from None
    if not isinstance(value, dict):
        raise not_valid()
    return value


def _no_number(text: str) -> Any:
    raise ValueError(f"Out of range float values are not JSON compliant: {text!r}")


def _urlencoded(body: bytes, charset: str) -> Mapping[str, Any]:
    try:
        text = body.decode(charset)
    except UnicodeDecodeError:
        text = body.decode("latin-1")
    if text.count("&") >= MAX_FIELDS:
        raise not_valid()
    return dict(parse_qsl(text, keep_blank_values=True, encoding=charset))


def _multipart(content_type: str, body: bytes, charset: str) -> Mapping[str, Any]:
    try:
        parts = read_parts(boundary_of(content_type), body, charset)
    except ApiError as error:
        detail = f"Multipart form parse error - {error.detail}"
        raise Refusal(400, {"detail": detail}) from None
    files: dict[str, Part] = {part.name: part for part in parts if part.filename}
    texts = [part for part in parts if not part.filename]
    if len(texts) > MAX_FIELDS or len(parts) - len(texts) > MAX_FILES:
        raise not_valid()
    fields = {part.name: part.data.decode(charset, errors="replace") for part in texts}
    return {**fields, **files}
