"""Bodies as the real server reads them: JSON before anything else, forms after who calls."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from mockserver.apis.immich import file_types
from mockserver.apis.immich.dates import from_javascript
from mockserver.apis.immich.fields import nested
from mockserver.apis.immich.multipart import Part, boundary_of, read_parts
from mockserver.apis.immich.registry import Refusal, Unreadable
from mockserver.apis.immich.rules import is_instant
from mockserver.apis.immich.syntax import complaint
from mockserver.engine.forms import URLENCODED, Upload
from mockserver.engine.handlers import Call
from mockserver.engine.media import MAX_DEPTH, decode_json, media_type_of
from mockserver.engine.request import Request
from mockserver.errors import ApiError

MAX_FIELD = 1024 * 1024
"""Bytes of the value of one field of a multipart form."""

_FILES = ("assetData", "sidecarData")
_DATES = ("fileCreatedAt", "fileModifiedAt")
_CHARSETS = ("utf-8", "utf-16", "utf-16le", "utf-16be", "utf-32", "utf-32le", "utf-32be")
_BAD_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_CHARSET = re.compile(r';\s*charset="?([^";\s]+)', re.IGNORECASE)


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
    if request.content_type.rstrip().endswith((";", "=")):
        return None  # a header that is no header names no media type
    if media_type == URLENCODED:
        return nested(_urlencoded(request.body.decode(errors="replace")))
    text = _text(request).removeprefix("\ufeff")
    refused = complaint(text) if text[:1] not in ("{", "[") else None
    if refused is not None:
        raise Unreadable(400, refused)
    try:
        return decode_json(text.encode(errors="replace"))
    except ApiError as error:
        refused = complaint(text)
        if refused is not None:
            raise Unreadable(400, refused) from None
        value = json.loads(text)
        if _is_deep(value):
            raise Unreadable(400, error.detail) from None
        return _as_javascript(value)


def _is_deep(value: Any, level: int = 0) -> bool:
    if level > MAX_DEPTH:
        return True
    inside = value.values() if isinstance(value, dict) else value
    return isinstance(value, dict | list) and any(_is_deep(item, level + 1) for item in inside)


def _as_javascript(value: Any) -> Any:
    """A value as the real server keeps it: what is no character is replaced."""
    if isinstance(value, dict):
        return {_as_javascript(name): _as_javascript(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_as_javascript(item) for item in value]
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def _urlencoded(text: str) -> dict[str, list[str]]:
    """Fields by name; what is not percent-encoded UTF-8 stays as it was sent."""
    fields: dict[str, list[str]] = {}
    for pair in filter(None, text.split("&")):
        name, _, value = pair.replace("+", " ").partition("=")
        if name:
            fields.setdefault(_decoded(name), []).append(_decoded(value))
    return fields


def _decoded(text: str) -> str:
    if _BAD_PERCENT.search(text):
        return text
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeDecodeError:
        return text


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
    parts = _parts(call.request)
    if parts is None:
        sent = Sent(call.body if isinstance(call.body, Mapping) else {}, None, has_sidecar=False)
    else:
        sent = _read_parts(call, parts)
    members = {name: _read(call, name, value) for name, value in sent.members.items()}
    return Sent(members, sent.file and _named(sent.file), sent.has_sidecar)


def _parts(request: Request) -> Iterator[Part] | None:
    """The parts of a multipart body, None for what is none."""
    has_body = bool(request.body) or request.header("content-length") is not None
    if not has_body or not media_type_of(request.content_type).startswith("multipart/"):
        return None
    boundary = boundary_of(request.content_type)
    return None if boundary is None else read_parts(boundary, request.body)


def _read_parts(call: Call, parts: Iterable[Part]) -> Sent:
    """Judge parts one by one, as the real server does while they come in."""
    fields: dict[str, list[str]] = {}
    files: dict[str, Upload] = {}
    for part in parts:
        told = f" - {part.name}" if part.name else ""
        if part.filename is None:
            if not part.name:
                raise Refusal(400, "Field name missing")
            if len(part.data) >= MAX_FIELD:
                raise Refusal(400, f"Field value too long{told}")
            fields.setdefault(part.name, []).append(part.text)
        elif part.name not in _FILES or part.name in files:
            raise Refusal(400, f"Unexpected field{told}")
        else:
            _check_file(call, part.name, part.filename)
            files[part.name] = Upload(part.filename, "", part.data)
    return Sent(nested(fields), files.get("assetData"), "sidecarData" in files)


def _check_file(call: Call, name: str, file_name: str) -> None:
    link = (call.identity or {}).get("shared_link")
    if link and not link["allowUpload"]:
        raise Refusal(401, "Unauthorized", error=None)
    fits = file_types.is_sidecar if name == "sidecarData" else file_types.is_asset
    if not fits(file_name) and not (call.options.tolerant and name == "assetData"):
        raise Refusal(400, f"Unsupported file type {file_name}")
    if "\0" in file_name:
        raise Refusal(400, "The name of the file must not contain NUL")


def _named(upload: Upload) -> Upload:
    """The file under the name it is kept by; a name that says nothing gets an extension."""
    name = upload.filename
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
