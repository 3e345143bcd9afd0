"""Bytes that a call brings, kept beside the record that they belong to."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.engine.forms import Upload
from mockserver.engine.handlers import Call
from mockserver.engine.inference.model import Resource
from mockserver.engine.inference.words import normal
from mockserver.engine.media import media_type_of

CONTENTS = "#contents"
"""The collection of uploaded bytes: by resource, key, and the rest of the path."""

BYTES = "application/octet-stream"

_SIZES = frozenset(("size", "bytes", "filesize", "length", "contentlength", "sizebytes"))
_TYPES = frozenset(("mediatype", "contenttype", "mimetype", "mime", "filetype"))
_NAMES = frozenset(("filename", "originalname", "originalfilename", "file"))


def brought(call: Call) -> Upload | None:
    """The first file of a form, or the body where that is a file; None where there is none."""
    for uploads in call.files.values():
        if uploads:
            return uploads[0]
    if isinstance(call.body, bytes):
        return Upload("", media_type_of(call.request.content_type), call.body)
    return None


def told_of(upload: Upload, member: str) -> Iterator[object]:
    """What a member of a record may say of a file: its size, its media type, its name."""
    word = normal(member)
    if word in _SIZES:
        yield from (len(upload.data), str(len(upload.data)))
    if word in _TYPES and upload.media_type:
        yield upload.media_type
    if word in _NAMES and upload.filename:
        yield upload.filename


def keep(call: Call, resource: Resource, key: str, rest: str = "") -> None:
    """Keep the bytes that a call brings, if it brings any."""
    found = brought(call)
    if found is not None:
        value = {"media_type": found.media_type or BYTES, "blob": call.blobs.store(found.data)}
        call.transaction.put(CONTENTS, place_of(resource, key, rest), value)


def forget(call: Call, resource: Resource, key: str) -> None:
    """Forget the bytes that belong to a record which is taken away."""
    if call.transaction.is_written(CONTENTS):
        prefix = place_of(resource, key, "")
        known = call.transaction.collection(CONTENTS).records
        for place in [place for place in known if place.startswith(prefix)]:
            call.transaction.delete(CONTENTS, place)


def place_of(resource: Resource, key: str, rest: str) -> str:
    """Where bytes are kept: with a record, at the rest of the path behind it."""
    return f"{resource.name}?{key}?{rest}"
