"""Bodies of requests read as their media types and schemas say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from mockserver.engine.forms import URLENCODED, Form, Upload, decode_form, fields_of, is_form
from mockserver.engine.media import decode_body, decode_json, is_json, matching, media_type_of
from mockserver.engine.reply import Api
from mockserver.engine.spec import NO_EXAMPLES, Body, Schema
from mockserver.engine.wire.fields import FieldReader, file_value
from mockserver.engine.wire.sent import BODY, PART
from mockserver.engine.wire.texts import Reader
from mockserver.engine.wire.unshown import Unshown
from mockserver.engine.wire.xml import decode_xml, is_xml
from mockserver.errors import ApiError, Violation

_UNKNOWN = "application/octet-stream"
"""What a body is that does not say what it is (RFC 9110, section 8.3)."""

_TEXT = frozenset(("string", "null"))


class Content(NamedTuple):
    """What a body holds: its value, and the files of a form by field."""

    value: Any
    files: Mapping[str, list[Upload]] | None = None


class BodyReader:
    """Reads and judges the bodies of one operation."""

    __slots__ = ("_api", "_declared", "_fields")

    def __init__(self, declared: Body, api: Api) -> None:
        self._declared = declared
        self._api = api
        self._fields: dict[tuple[str, str], FieldReader] = {}

    def read(self, content_type: str, data: bytes) -> Content:
        """What a body holds, checked.

        Raises ApiError 400 for one that is missing or breaks its schema, 415 for a media type
        that is not documented.
        """
        declared = self._declared
        media_type = media_type_of(content_type)
        if not data and not self._is_sent(media_type):
            if not declared.required:
                return Content(None)
            violation = Violation("body", "", "required", "a body", "none")
            raise ApiError(400, "The request needs a body.", violations=[violation])
        offered = matching(media_type or _UNKNOWN, tuple(declared.content))
        if offered is None:
            raise _unsupported(declared, media_type)
        schema = declared.content[offered]
        content = self._content(content_type, offered, data)
        # Bytes are of a media type that JSON Schema has nothing to say about.
        violations = (
            []
            if isinstance(content.value, bytes)
            else self._api.schemas.refusals(schema, content.value)
        )
        if violations and media_type == URLENCODED:
            whole = Unshown(self._api.shapes).restored(schema, content.value)
            if not self._api.schemas.refusals(schema, whole):
                return Content(whole)
        if violations:
            first = violations[0]
            where = first.pointer or "its root"
            detail = f"The body breaks the description at {where}: expected {first.expected}."
            raise ApiError(400, detail, violations=violations)
        return content

    def _is_sent(self, media_type: str) -> bool:
        """Whether a body of no bytes is one: an empty text, file or form, which has a media type.

        JSON is not: no value is written so, and many generated clients name the media type of an
        optional body that they do not send.
        """
        if not media_type or is_json(media_type):
            return False
        return matching(media_type, tuple(self._declared.content)) is not None

    def _content(self, content_type: str, offered: str, data: bytes) -> Content:
        media_type = media_type_of(content_type)
        if is_json(media_type):
            return Content(decode_json(data))
        if is_form(media_type):
            return self._form(content_type, offered, data)
        schema = self._declared.content[offered]
        if is_xml(media_type):
            return Content(self._xml(data, schema))
        return Content(self._other(media_type, data, schema))

    def _form(self, content_type: str, offered: str, data: bytes) -> Content:
        media_type = media_type_of(content_type)
        kinds = self._api.shapes.kinds(self._declared.content[offered])
        if media_type == URLENCODED and kinds <= _TEXT:
            return Content(decode_body("text/plain", data))  # a form as a text, as it was sent
        reader = self._field_reader(media_type, offered)
        if media_type == URLENCODED:
            return Content(reader.value(fields_of(data)))
        form = decode_form(content_type, data) if data else Form()
        files = {
            name: file_value(
                [(upload.media_type, upload.data) for upload in uploads],
                reader.properties.get(name, {}),
                self._api.shapes,
            )
            for name, uploads in form.files.items()
        }
        return Content({**reader.value(form.fields), **files}, form.files)

    def _field_reader(self, media_type: str, offered: str) -> FieldReader:
        key = (media_type, offered)
        reader = self._fields.get(key)
        if reader is None:
            schema = self._declared.content[offered]
            encodings = self._declared.encodings.get(offered, NO_EXAMPLES)
            location = BODY if media_type == URLENCODED else PART
            reader = FieldReader(schema, encodings, self._api.shapes, location)
            self._fields[key] = reader
        return reader

    def _xml(self, data: bytes, schema: Schema) -> Any:
        kinds = self._api.shapes.kinds(schema)
        if kinds <= _TEXT:
            return decode_body("text/xml", data)  # a document as a text, whatever is in it
        return decode_xml(data, schema, self._api.shapes)

    def _other(self, media_type: str, data: bytes, schema: Schema) -> Any:
        """Text as text, and anything as JSON where it is JSON and the schema wants no string."""
        kinds = self._api.shapes.kinds(schema)
        if "string" not in kinds:
            try:
                return decode_json(data)
            except ApiError:
                found = decode_body(media_type, data)
                is_text = isinstance(found, str)
                return Reader(self._api.shapes).read(schema, [found]) if is_text else found
        return decode_body(media_type, data)


def _unsupported(declared: Body, media_type: str) -> ApiError:
    expected = " or ".join(declared.content)
    received = media_type or "no Content-Type"
    violation = Violation("header", "Content-Type", "media type", expected, received)
    detail = f"The body is {received}, expected {expected}."
    return ApiError(415, detail, violations=[violation])
