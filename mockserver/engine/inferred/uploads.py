"""Bytes that a call brings, kept beside the record that they belong to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from mockserver.engine.forms import Upload
from mockserver.engine.handlers import Call
from mockserver.engine.inference.model import Resource
from mockserver.engine.inference.words import normal
from mockserver.engine.media import media_type_of
from mockserver.state.blobs import Blob

CONTENTS = "#contents"
"""The collection of uploaded bytes: those of one record together, by the rest of the path."""

BYTES = "application/octet-stream"

_SIZES = frozenset(("size", "bytes", "filesize", "length", "contentlength", "sizebytes"))
_TYPES = frozenset(("mediatype", "contenttype", "mimetype", "mime", "filetype"))
_NAMES = frozenset(("filename", "originalname", "originalfilename", "file"))


class Kept(NamedTuple):
    """Bytes that are kept, and their media type."""

    media_type: str
    blob: Blob


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
        kept = Kept(found.media_type or BYTES, call.blobs.store(found.data))
        place = _place(resource, key)
        call.transaction.put(CONTENTS, place, {**_all_kept(call, place), rest: kept})


def kept_for(call: Call, resource: Resource, key: str, rest: str) -> Kept | None:
    """The bytes that were sent to a record, at the rest of the path behind it."""
    return _all_kept(call, _place(resource, key)).get(rest)


def drop(call: Call, resource: Resource, key: str, rest: str) -> None:
    """Take away the bytes that were sent to a record, at the rest of the path behind it."""
    place = _place(resource, key)
    known = _all_kept(call, place)
    if rest in known:
        others = {name: kept for name, kept in known.items() if name != rest}
        call.transaction.put(CONTENTS, place, others)


def forget(call: Call, resource: Resource, key: str) -> None:
    """Forget all bytes that belong to a record which is taken away."""
    place = _place(resource, key)
    if call.transaction.get(CONTENTS, place) is not None:
        call.transaction.delete(CONTENTS, place)


def _all_kept(call: Call, place: str) -> Mapping[str, Kept]:
    found = call.transaction.get(CONTENTS, place)
    known: Mapping[str, Kept] = found.value if found is not None else {}
    return known


def _place(resource: Resource, key: str) -> str:
    return f"{resource.name}?{key}"
