"""Contents: their bytes and texts, and which kind they are of."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any
from urllib.parse import unquote_to_bytes

import orjson

from examples.flask_assets.faults import on
from examples.flask_assets.storage import Document

GENERIC = {
    "TEXT": "csv log text txt rtx rtf md mdown mdwn markdown markdn",
    "FILE": "doc docm docx exe mp2 mp2a mp3 mp4a oga ogg ogx ppt pptx pptm wav weba xla xlam xlc "
    "xlm xls xlsb xlsm xlsx xlt xltm xltx pdf rpm zip woff woff2 bin eot gz jar mpkg dmg wasm pyc "
    "class",
    "IMAGE": "gif ico jpe jpeg jpg tif tiff webp png svgz bmp ai eps",
    "VIDEO": "jpgm jpgv mp4 ogv qt webm",
    "EXTERNAL_RESOURCE_REFERENCE": "uri uris urls uniform_resource_locator custom_url_scheme "
    "unix_file_path windows_file_path uniform_resource_identifier",
    "UNKNOWN": "UNKNOWN",
}
GENERIC_OF = {specific: kind for kind, words in GENERIC.items() for specific in words.split()}
NAMES = {"TEXT": "Text Snippet", "CODE": "Code Snippet", "IMAGE": "Image"}
BASIC_PLANE, KILO = 0x10000, 1024
ENCODINGS = ("raw", "base64", "base64_url", "data_url")
MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
)
HINTS = (
    (r"\A#!.*\bpython", "py"),
    (r"\A(?:#!.*\b(?:ba|z)?sh\b)", "sh"),
    (r"\Ahttps?://\S+\Z", "uniform_resource_locator"),
    (r"\A<svg\b", "svg"),
    (r"\A<\?php\b", "php"),
    (r"\A<(?:/?(?:html|head|body|div|span|p|a|ul|table|script)\b|!doctype|\?xml)", "html"),
    (r"^(?:#include\b|int main\s*\()", "c"),
    (r"^package \w+\s*$", "go"),
    (r"^fn \w+\(", "rs"),
    (r"^(?:(?:async )?def \w+\(.*:|class \w+.*:\s*$|from \w[\w.]* import\b|print\()", "py"),
    (r"^def \w+", "rb"),
    (r"^(?:import .* from ['\"]|function\b.*\()", "js"),
    (r"^type \w+ =", "ts"),
    (r"^(?:(?:select\b.*\bfrom|insert into|update \w+ set|create table)\b)", "sql"),
    (r"^\[[\w.-]+\]\s*\n\s*\w+\s*=", "toml"),
    (r"^[\w.#-]+\s*\{[^{}]*:[^{}]*\}", "css"),
    (r"^[\w-]+: .+\n[\w-]+: ", "yaml"),
)


def decode(content: Document) -> bytes | None:
    """The bytes of a fragment or a file; None where it has none that can be read."""
    text = content.get("string")
    try:
        if text is not None:
            return _decode_text(text)
        return _decode_numbers(content.get("bytes") or {})
    except (ValueError, binascii.Error):
        return None


def _decode_text(text: Document) -> bytes | None:
    encoding = next((one for one in ENCODINGS if one in text), None)
    if encoding is None:
        return None
    data = _decoded(encoding, text[encoding].encode("utf-8"))
    return data if encoding == "raw" or as_text(data) is not None else None


def _decode_numbers(numbers: Document) -> bytes | None:
    empty = "raw" if "raw" in numbers else None
    encoding = next((one for one in ENCODINGS if numbers.get(one)), empty)
    if encoding is None:
        return None
    return _decoded(encoding, bytes(int(number) for number in numbers[encoding]))


def _decoded(encoding: str, data: bytes) -> bytes:
    if encoding == "raw":
        return data
    if encoding == "data_url":
        head, comma, data = data.partition(b",")
        if not comma or not head.startswith(b"data:"):
            raise ValueError("no data URL")
        if not head.endswith(b";base64"):
            return unquote_to_bytes(data)
    if encoding == "base64_url":
        data = data.replace(b"-", b"+").replace(b"_", b"/")
    return base64.b64decode(data + b"=" * (-len(data) % 4), validate=True)


def as_text(data: bytes) -> str | None:
    """The text that the bytes are, if they are UTF-8."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text else text


def text_of(content: Document, data: bytes) -> str | None:
    """The text of a content: the one that was sent, or the one that its bytes are."""
    sent: str | None = content.get("string", {}).get("raw")
    return as_text(data) if sent is None else sent


def stored(content: Document, data: bytes, *, file: bool) -> Document:
    """A content as answers have it: as text if it is one, and as numbers."""
    made: Document = {}
    text = text_of(content, data)
    if text is not None and on("crlf_normalised"):
        text = text.replace("\r\n", "\n")
    if text is not None and on("beyond_bmp_replaced"):
        text = "".join(sign if ord(sign) < BASIC_PLANE else "?" for sign in text)
    if text is not None and on("content_cut_at_4096"):
        text = text[:4096]
    if text is not None and not (on("empty_content_missing") and not text):
        made["string"] = {"raw": text}
    made["bytes"] = {"raw": list(data), "base64": [], "base64_url": [], "data_url": []}
    if content.get("metadata") and not file:
        made["metadata"] = content["metadata"]
    return made


def size(data: bytes) -> Document:
    """A ByteDescriptor."""
    count = len(data)
    if on("size_counts_characters"):
        count = len(as_text(data) or data)
    value: Any = str(count) if on("size_as_text") else count
    return {"value": value, "readable": readable(count)}


def readable(count: int) -> str:
    """A size in words."""
    amount = float(count)
    for unit in ("B", "KB", "MB", "GB"):
        if amount < KILO or unit == "GB":
            break
        amount /= KILO
    return f"{round(amount, 3):g} {unit}"


def classify(specific: str) -> Document:
    """The classification that belongs to a fine kind."""
    return {"generic": GENERIC_OF.get(specific, "CODE"), "specific": specific}


def find_out(content: Document, data: bytes) -> Document:
    """The kind of a content: what its metadata says, or else what it looks like."""
    named = content.get("metadata", {}).get("ext")
    if named and named != "UNKNOWN" and not on("ext_ignored"):
        return classify(named)
    for magic, specific in MAGIC:
        if data.startswith(magic):
            return classify(specific)
    text = as_text(data)
    return classify("bin" if text is None else _looks_like(text.strip()))


def _looks_like(text: str) -> str:
    if text[:1] in {"{", "["}:
        try:
            orjson.loads(text)
            return "json"
        except orjson.JSONDecodeError:
            pass
    for pattern, specific in HINTS:
        if re.search(pattern, text, re.IGNORECASE | re.MULTILINE):
            return specific
    return "text"


def default_name(classification: Document, content: Document) -> str:
    """A name for something that came without one."""
    given = content.get("metadata", {}).get("name")
    return given or NAMES.get(classification["generic"], "Snippet")
