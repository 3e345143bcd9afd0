"""Small pictures made of large ones."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

from mockserver.state.blobs import Blob

if TYPE_CHECKING:
    from PIL import Image

MAX_PIXELS = 64_000_000
"""Larger pictures are not opened."""

_EDGE = {"thumbnail": 250, "preview": 1440}
"""Pixels of the shorter side; nothing is enlarged."""


def smaller(file: Blob, size: str) -> bytes | None:
    """A picture as WebP (``thumbnail``) or JPEG (``preview``); None for what is no picture.

    It is made once and kept with the bytes that it was made of.
    """
    known: dict[object, bytes | None] = file.work
    key = ("picture", size)
    if key not in known:
        known[key] = _made(file.data, size)
    return known[key]


def _made(data: bytes, size: str) -> bytes | None:
    from PIL import Image, ImageOps  # noqa: PLC0415 - only pictures need it

    try:
        with Image.open(BytesIO(data)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                return None
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail(_fitting(upright.size, _EDGE[size]))
            return _encoded(upright, size)
    except (OSError, ValueError, SyntaxError, ArithmeticError, Image.DecompressionBombError):
        return None  # whatever is wrong with the bytes, there is no picture in them


def _fitting(size: tuple[int, int], edge: int) -> tuple[int, int]:
    """The size whose shorter side is ``edge``, or the size itself when it is smaller."""
    factor = min(1.0, edge / min(size))
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def _encoded(picture: Image.Image, size: str) -> bytes:
    out = BytesIO()
    if size == "thumbnail":
        picture.convert("RGBA" if picture.has_transparency_data else "RGB").save(
            out, "WEBP", quality=80, method=4
        )
    else:
        # Transparency of a palette is lost with a warning unless it is resolved first.
        opaque = picture.convert("RGBA") if picture.has_transparency_data else picture
        opaque.convert("RGB").save(out, "JPEG", quality=80)
    return out.getvalue()
