"""Forms decoded: urlencoded ones, and multipart ones with their files (RFC 7578)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import (
    NEED_DATA,
    Data,
    Epilogue,
    Event,
    Field,
    File,
    MultipartDecoder,
)

from mockserver.engine.media import decode_query, malformed, media_type_of
from mockserver.engine.wire.sent import BODY, raw_query

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

MAX_PARTS = 1_000
"""Parts of one multipart form."""

MAX_HEAD = 64 * 1024
"""Bytes of the headers of one part, and of what stands before the first."""

PIECE = 256 * 1024
"""Bytes of a multipart form that are looked at in one go."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a multipart form; ``filename`` and ``media_type`` are what the client says."""

    filename: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """The fields and the files of a form by name, each name's in the order they were sent.

    ``order`` names the parts of a multipart form one by one, empty where a part has no name.
    """

    fields: dict[str, list[str]] = field(default_factory=dict)
    files: dict[str, list[Upload]] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)


def is_form(media_type: str) -> bool:
    """Whether a media type is one of the two that HTML forms are sent as."""
    return media_type in (URLENCODED, MULTIPART)


def decode_form(content_type: str, data: bytes) -> Form:
    """A form from the bytes of a body. Raises ApiError 400 for what is none."""
    if media_type_of(content_type) == URLENCODED:
        return Form(decode_query(_few_fields(data), location=BODY))
    _, options = parse_options_header(content_type)
    boundary = options.get("boundary", "")
    if not boundary:
        raise malformed("a multipart form with a boundary in its Content-Type", "none")
    try:
        return _multipart(boundary.encode(), data)
    except RequestEntityTooLarge:
        expected = f"a multipart form of at most {MAX_PARTS} parts, with heads of {MAX_HEAD} bytes"
        raise malformed(expected, "more") from None
    except (ValueError, KeyError) as error:
        raise malformed("a multipart form (RFC 7578)", str(error)) from None


def fields_of(data: bytes) -> dict[str, list[str]]:
    """The fields of an urlencoded form: names decoded, values as sent. Raises ApiError 400."""
    return raw_query(_few_fields(data), BODY)


def _few_fields(data: bytes) -> bytes:
    if data.count(b"&") >= MAX_PARTS:
        raise malformed(f"a form of at most {MAX_PARTS} fields", "more")
    return data


def _multipart(boundary: bytes, data: bytes) -> Form:
    form = Form()
    head: Field | File | None = None
    content: list[bytes] = []
    for event in _events(boundary, data):
        if isinstance(event, Field | File):
            head, content = event, []
        elif isinstance(event, Data):
            content.append(event.data)
            if head is not None and not event.more_data:
                _add(form, head, b"".join(content))
    return form


def _events(boundary: bytes, data: bytes) -> Iterator[Event]:
    """The events of a multipart body, of which the decoder sees a piece at a time.

    Searching through one large piece would hold up all other threads.
    """
    decoder = MultipartDecoder(boundary, PIECE + MAX_HEAD, max_parts=MAX_PARTS)
    for start in range(0, len(data), PIECE):
        decoder.receive_data(data[start : start + PIECE])
        while (event := decoder.next_event()) is not NEED_DATA:
            yield event
    decoder.receive_data(None)
    while not isinstance(event := decoder.next_event(), Epilogue):
        yield event


def _add(form: Form, head: Field | File, content: bytes) -> None:
    name = head.name or ""
    form.order.append(name)
    if isinstance(head, File):
        media_type = head.headers.get("content-type", "")
        upload = Upload(head.filename, media_type, content)
        form.files.setdefault(name, []).append(upload)
    else:
        text = content.decode(errors="replace")
        form.fields.setdefault(name, []).append(text)
