"""What fragments and files hold: read in every form that clients send, stored in one."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from mockserver.state.blobs import Blob, Blobs

Part = Mapping[str, Any]
"""A fragment or file: ``string`` and ``bytes``, and perhaps metadata."""

KINDS = ("fragment", "file")

_ENCODED = ("base64", "base64_url", "data_url")


class Unreadable(ValueError):
    """A form that holds nothing, or not what it says; ``pointer`` leads to it from the part."""

    def __init__(self, pointer: str, expected: str, received: str) -> None:
        super().__init__(f"{pointer}: expected {expected}, received {received}")
        self.pointer = pointer
        self.expected = expected
        self.received = received


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a part and, when they are text, the text."""

    text: str | None
    data: bytes


def read(part: Part) -> Content:
    """The content of a part, its text before its bytes. Raises Unreadable."""
    if "string" in part:
        return read_string(part["string"])
    if "bytes" in part:
        return read_bytes(part["bytes"])
    raise Unreadable("", "string or bytes", "neither")


def read_string(transferable: Part) -> Content:
    """The content of a TransferableString. Raises Unreadable."""
    if "raw" in transferable:
        text = transferable["raw"]
        return Content(text, text.encode())
    name = _given(transferable, "/string")
    data = _decoded(name, transferable[name], f"/string/{name}")
    text = _as_text(data)
    if text is None:
        raise Unreadable(f"/string/{name}", "encoded UTF-8 text", "other bytes")
    return Content(text, data)


def read_bytes(transferable: Part) -> Content:
    """The content of a TransferableBytes: bytes are arrays of numbers. Raises Unreadable."""
    raw = transferable.get("raw")
    if isinstance(raw, Blob):
        data = raw.data
    elif raw or not any(transferable.get(name) for name in _ENCODED):
        if raw is None:
            raise Unreadable("/bytes", _FORMS, "none of them")
        data = _numbers(raw, "/bytes/raw")
    else:
        name = _given(transferable, "/bytes")
        pointer = f"/bytes/{name}"
        data = _decoded(name, _numbers(transferable[name], pointer).decode("latin-1"), pointer)
    return Content(_as_text(data), data)


_FORMS = "raw, base64, base64_url or data_url"


def _given(transferable: Part, pointer: str) -> str:
    for name in _ENCODED:
        if transferable.get(name) is not None and transferable[name] != []:
            return name
    raise Unreadable(pointer, _FORMS, "none of them")


def _numbers(values: list[Any], pointer: str) -> bytes:
    try:
        return bytes(int(value) for value in values)
    except ValueError:
        raise Unreadable(pointer, "numbers from 0 to 255", "others") from None


def _decoded(name: str, encoded: str, pointer: str) -> bytes:
    """The bytes behind base64 (RFC 4648) or a data URL (RFC 2397)."""
    if name == "data_url":
        head, comma, encoded = encoded.partition(",")
        if not head.startswith("data:") or not comma:
            raise Unreadable(pointer, "a data URL", "other text")
        if not head.endswith(";base64"):
            return unquote_to_bytes(encoded)
    padded = encoded.rstrip("=") + "=" * (-len(encoded.rstrip("=")) % 4)
    try:
        return base64.b64decode(padded, b"-_" if name == "base64_url" else None, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Unreadable(pointer, "base64", str(error)) from None


def _as_text(data: bytes) -> str | None:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text else text


def stored(content: Content, blobs: Blobs) -> dict[str, Any]:
    """A part that holds the content in raw form, as text and as bytes. Raises StorageFull."""
    blob = blobs.store(content.data)
    raw = {"raw": blob, "base64": [], "base64_url": [], "data_url": []}
    # The blob's own text: records that hold the same content share it.
    return (
        {"bytes": raw} if content.text is None else {"string": {"raw": blob.text()}, "bytes": raw}
    )


def parts_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The fragment or file of a format."""
    return {kind: entry[kind] for kind in KINDS if kind in entry}


def without_parts(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A format without its fragment or file."""
    return {name: value for name, value in entry.items() if name not in KINDS}


def with_numbers(entry: Mapping[str, Any]) -> dict[str, Any]:
    """A format as it is sent: its blobs are arrays of byte values."""
    made = dict(entry)
    for kind, part in parts_of(entry).items():
        raw = part.get("bytes", {}).get("raw")
        if isinstance(raw, Blob):
            made[kind] = {**part, "bytes": {**part["bytes"], "raw": list(raw.data)}}
    return made


def byte_descriptor(size: int) -> dict[str, Any]:
    """A ByteDescriptor of a number of bytes."""
    step = min(max(size.bit_length() - 1, 0) // 10, 3)
    readable = f"{size / 1024**step:.4g} {('B', 'KB', 'MB', 'GB')[step]}"
    return {"value": size, "readable": readable}
