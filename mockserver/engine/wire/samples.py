"""Small files of well-known media types: what stands for contents that no schema describes."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping
from functools import cache

_PALETTE = b"\x00\x00\x00\xff\xff\xff"


def _png() -> bytes:
    """One black pixel (RFC 2083)."""
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\x00\x00")),
        (b"IEND", b""),
    )
    written = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(written)


def _gif() -> bytes:
    """One black pixel (GIF89a)."""
    screen = struct.pack("<HHBBB", 1, 1, 0x80, 0, 0)
    image = struct.pack("<HHHHB", 0, 0, 1, 1, 0)
    return b"GIF89a" + screen + _PALETTE + b"," + image + b"\x02\x02D\x01\x00;"


def _jpeg() -> bytes:
    """One grey pixel (ITU T.81, baseline): each Huffman table has the one code that is used."""
    quantisation = b"\x00" + b"\x01" * 64
    frame = struct.pack(">BHHBBBB", 8, 1, 1, 1, 1, 0x11, 0)
    one_code = b"\x01" + b"\x00" * 15 + b"\x00"
    segments = (
        (b"\xe0", b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"),
        (b"\xdb", quantisation),
        (b"\xc0", frame),
        (b"\xc4", b"\x00" + one_code),
        (b"\xc4", b"\x10" + one_code),
        (b"\xda", b"\x01\x01\x00\x00\x3f\x00"),
    )
    written = (b"\xff" + kind + struct.pack(">H", len(data) + 2) + data for kind, data in segments)
    return b"\xff\xd8" + b"".join(written) + b"\x3f" + b"\xff\xd9"


def _bmp() -> bytes:
    """One black pixel."""
    head = struct.pack("<IiiHHIIiiII", 40, 1, 1, 1, 24, 0, 4, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 58, 0, 0, 54) + head + b"\x00" * 4


def _wav() -> bytes:
    """A second of nothing would be long: no samples at all, 8 kHz, mono."""
    form = struct.pack("<HHIIHH", 1, 1, 8000, 8000, 1, 8)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", 0)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _mp4() -> bytes:
    """A file type box, and nothing in it (ISO 14496-12)."""
    return struct.pack(">I", 24) + b"ftypisom" + struct.pack(">I", 512) + b"isommp42"


def _zip() -> bytes:
    """An archive of no files."""
    return b"PK\x05\x06" + b"\x00" * 18


def _gzip() -> bytes:
    """Nothing, compressed (RFC 1952)."""
    packer = zlib.compressobj(wbits=31)
    return packer.compress(b"") + packer.flush()


def _pdf() -> bytes:
    """One empty page (ISO 32000-1), its cross-references true."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]/Resources<<>>>>",
    )
    made = b"%PDF-1.4\n"
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(b"%010d 00000 n \n" % len(made))
        made += b"%d 0 obj%sendobj\n" % (number, content)
    count = len(objects) + 1
    table = b"xref\n0 %d\n0000000000 65535 f \n%s" % (count, b"".join(places))
    trailer = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (count, len(made))
    return made + table + trailer


_SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'

_MAKERS: Mapping[str, Callable[[], bytes]] = {
    "image/png": _png,
    "image/gif": _gif,
    "image/jpeg": _jpeg,
    "image/jpg": _jpeg,
    "image/bmp": _bmp,
    "image/svg+xml": lambda: _SVG,
    "audio/wav": _wav,
    "audio/x-wav": _wav,
    "video/mp4": _mp4,
    "application/zip": _zip,
    "application/x-zip-compressed": _zip,
    "application/gzip": _gzip,
    "application/x-gzip": _gzip,
    "application/pdf": _pdf,
}

_FILES = ("image/", "audio/", "video/", "font/")


@cache
def sample(media_type: str) -> bytes | None:
    """A small file of a media type; None where its values are described by schemas.

    Of file types that are not known it is a few bytes of no meaning.
    """
    maker = _MAKERS.get(media_type)
    if maker is not None:
        return maker()
    return b"\x00\x01\x02\x03" if media_type.startswith(_FILES) else None
