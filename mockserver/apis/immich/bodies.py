"""Bodies as the real server reads them: JSON before anything else, forms after who calls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.apis.immich import file_types
from mockserver.apis.immich.dates import from_javascript
from mockserver.apis.immich.fields import nested
from mockserver.apis.immich.registry import Refusal, Unreadable
from mockserver.apis.immich.rules import is_instant
from mockserver.apis.immich.syntax import complaint
from mockserver.engine.forms import MULTIPART, URLENCODED, Form, Upload, decode_form
from mockserver.engine.handlers import Call
from mockserver.engine.media import decode_json, decode_query, media_type_of
from mockserver.engine.request import Request
from mockserver.errors import ApiError

MAX_FIELD = 1024 * 1024
"""Bytes of the value of one field of a multipart form."""

_FILES = ("assetData", "sidecarData")
_DATES = ("fileCreatedAt", "fileModifiedAt")
_CHARSETS = ("utf-8", "utf-16", "utf-16le", "utf-16be", "utf-32", "utf-32le", "utf-32be")
_CHARSET = re.compile(r';\s*charset="?([^";\s]+)', re.IGNORECASE)
_NO_BOUNDARY = re.compile(r"boundary=\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sent:
    """What an upload brings: its members, the file and whether there is a sidecar."""

    members: Mapping[str, Any]
    file: Upload | None
    has_sidecar: bool

    def needed_file(self) -> Upload:
        """The file. Raises Refusal 400 when there is none."""
        if self.file is not None:
            return self.file
        if self.has_sidecar:
            raise Refusal(400, "Field(s) assetData should not be empty")
        raise Refusal(400, "File is required")


def read_body(request: Request) -> Any:
    """The value of a JSON or urlencoded body, None for any other. Raises Unreadable 400."""
    media_type = media_type_of(request.content_type)
    if not request.body or media_type not in ("application/json", URLENCODED):
        return None
    if media_type == URLENCODED:
        return nested(decode_query(request.body, lenient=True))
    text = _text(request).removeprefix("\ufeff")
    refused = complaint(text) if text[:1] not in ("{", "[") else None
    if refused is not None:
        raise Unreadable(400, refused)
    try:
        return decode_json(text.encode(errors="replace"))
    except ApiError as error:
        raise Unreadable(400, complaint(text) or error.detail) from None


def _text(request: Request) -> str:
    found = _CHARSET.search(request.content_type)
    charset = found[1].lower() if found else "utf-8"
    if charset not in _CHARSETS:
        raise Unreadable(400, f'unsupported charset "{charset.upper()}"')
    return request.body.decode(charset, errors="replace")


def read_form(call: Call) -> Sent:
    """The members and files of an upload, the names of the files judged.

    Raises Refusal 400 for what is no form, for a file of an unknown kind or under an unknown
    name, and for a date that is none; 401 when a shared link allows no upload.
    """
    form = _form(call.request)
    for name in dict.fromkeys(form.order):
        _check_part(call, form, name)
    fields = nested(form.fields) if form.order else call.body
    sent = fields if isinstance(fields, Mapping) else {}
    members = {name: _read(call, name, value) for name, value in sent.items()}
    files = [upload for upload in form.files.get("assetData", ()) if upload.filename]
    sidecars = [upload for upload in form.files.get("sidecarData", ()) if upload.filename]
    return Sent(members, _named(call, files[0]) if files else None, bool(sidecars))


def _form(request: Request) -> Form:
    media_type = media_type_of(request.content_type)
    has_body = bool(request.body) or request.header("content-length") is not None
    no_form = not media_type.startswith("multipart/") or _NO_BOUNDARY.search(request.content_type)
    if no_form or not has_body:
        return Form()
    if media_type != MULTIPART:
        raise Refusal(400, f"Unsupported content type: {request.content_type}")
    if "boundary=" not in request.content_type.lower():
        raise Refusal(400, "Multipart: Boundary not found")
    try:
        return decode_form(request.content_type, request.body)
    except ApiError as error:
        is_header = "header" in error.violations[0].received
        reason = "Malformed part header" if is_header else "Unexpected end of form"
        raise Refusal(400, f"Multipart: {reason}") from None


def _check_part(call: Call, form: Form, name: str) -> None:
    """Judge the parts of one name; files that are not named are passed over."""
    told = f" - {name}" if name else ""
    for text in form.fields.get(name, ()):
        if len(text) > MAX_FIELD or len(text.encode()) > MAX_FIELD:
            raise Refusal(400, f"Field value too long{told}")
    files = [upload for upload in form.files.get(name, ()) if upload.filename]
    for place, upload in enumerate(files):
        if name not in _FILES or place > 0:
            raise Refusal(400, f"Unexpected field{told}")
        _check_file(call, name, upload)


def _check_file(call: Call, name: str, upload: Upload) -> None:
    link = (call.identity or {}).get("shared_link")
    if link and not link["allowUpload"]:
        raise Refusal(401, "Unauthorized", error=None)
    file_name = _base(upload.filename)
    fits = file_types.is_sidecar if name == "sidecarData" else file_types.is_asset
    if not fits(file_name) and not (call.options.tolerant and name == "assetData"):
        raise Refusal(400, f"Unsupported file type {file_name}")


def _base(filename: str) -> str:
    return filename.replace("\\", "/").rpartition("/")[2]


def _named(call: Call, upload: Upload) -> Upload:
    """The file under the name it is kept by; a name that says nothing gets an extension."""
    name = _base(upload.filename)
    if not file_types.is_asset(name):
        name += file_types.guessed_extension(upload.data)
    return Upload(name, upload.media_type, upload.data)


def _read(call: Call, name: str, value: Any) -> Any:
    """A member as its rules judge it; what is a date but not in JavaScript stays text."""
    if name in _DATES and value is not None:
        if not is_instant(value):
            raise Refusal(400, f"{name} must be a date string")
        return from_javascript(value) or value
    if name == "isFavorite" and call.options.tolerant and value in ("True", "False"):
        return value.lower()
    return value
