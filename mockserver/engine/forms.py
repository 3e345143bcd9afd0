"""Forms decoded: urlencoded ones, and multipart ones with their files (RFC 7578)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import NEED_DATA, Data, Epilogue, Field, File, MultipartDecoder

from mockserver.engine.media import decode_query, malformed, media_type_of, typed
from mockserver.engine.spec import Schema

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

MAX_PARTS = 1_000
"""Parts of one multipart form."""

_NO_LIMIT = None  # the whole body was bounded before it was read


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
        if data.count(b"&") >= MAX_PARTS:
            raise malformed(f"a form of at most {MAX_PARTS} fields", "more")
        return Form(decode_query(data, location="body"))
    _, options = parse_options_header(content_type)
    boundary = options.get("boundary", "")
    if not boundary:
        raise malformed("a multipart form with a boundary in its Content-Type", "none")
    try:
        return _multipart(boundary.encode(), data)
    except RequestEntityTooLarge:
        raise malformed(f"a multipart form of at most {MAX_PARTS} parts", "more") from None
    except (ValueError, KeyError) as error:
        raise malformed("a multipart form (RFC 7578)", str(error)) from None


def _multipart(boundary: bytes, data: bytes) -> Form:
    decoder = MultipartDecoder(boundary, _NO_LIMIT, max_parts=MAX_PARTS)
    decoder.receive_data(data)
    decoder.receive_data(None)
    form = Form()
    while not isinstance(event := decoder.next_event(), Epilogue):
        if event is NEED_DATA:
            raise ValueError("it ends before its last boundary")
        if isinstance(event, Field | File):
            _add(form, event, _content(decoder))
    return form


def _content(decoder: MultipartDecoder) -> bytes:
    """The bytes of the part whose head was just read."""
    content = bytearray()
    while isinstance(event := decoder.next_event(), Data):
        content += event.data
        if not event.more_data:
            return bytes(content)
    raise ValueError("it ends inside a part")


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


def form_value(form: Form, properties: Mapping[str, Schema]) -> dict[str, Any]:
    """A form as the JSON value that its schema judges: texts by type, files as binary strings."""
    texts = {
        name: _one_or_all(values, properties.get(name, {})) for name, values in form.fields.items()
    }
    files = {
        name: _file_or_files(uploads, properties.get(name, {}))
        for name, uploads in form.files.items()
    }
    return {**texts, **files}


def _file_or_files(uploads: list[Upload], schema: Schema) -> Any:
    binary = [upload.data.decode("latin-1") for upload in uploads]
    return binary if schema.get("type") == "array" else binary[0]


def _one_or_all(values: list[str], schema: Schema) -> Any:
    if schema.get("type") == "array":
        return [typed(value, schema.get("items", {})) for value in values]
    return typed(values[0], schema) if len(values) == 1 else list(values)
