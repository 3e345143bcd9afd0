"""Small pictures made of large ones."""

from __future__ import annotations

import struct
import warnings
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Any

from mockserver.state.blobs import Blob

if TYPE_CHECKING:
    from PIL import Image

MAX_PIXELS = 64_000_000
"""Larger pictures are not opened."""

_EDGE = {"thumbnail": 250, "preview": 1440}
"""Pixels of the shorter side; nothing is enlarged."""

_LONGEST = 16_383
"""Pixels of a side of a WebP picture, and more than a JPEG's reader may want."""

_DEEP = {"I;16": 65_535.0, "I;16L": 65_535.0, "I;16B": 65_535.0, "I": 65_535.0, "F": 1.0}
"""White in pictures of one channel with more than 8 bits, by Pillow's mode."""


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

    # Pillow only warns of sizes a little past our bound, on the terminal of whoever serves.
    warnings.filterwarnings("error", category=Image.DecompressionBombWarning)
    try:
        with Image.open(BytesIO(data)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                return None
            upright = ImageOps.exif_transpose(picture)
            upright.thumbnail(_fitting(upright.size, _EDGE[size]))
            return _encoded(_in_eight_bits(upright), size)
    except (
        OSError, ValueError, TypeError, SyntaxError, LookupError, ArithmeticError, EOFError,
        struct.error, zlib.error, Image.DecompressionBombError, Image.DecompressionBombWarning,
    ):  # fmt: skip
        return None  # whatever is wrong with the bytes, there is no picture in them


def _fitting(size: tuple[int, int], edge: int) -> tuple[int, int]:
    """The size whose shorter side is ``edge``, or less where one is too small or too long."""
    factor = min(1.0, edge / min(size), _LONGEST / max(size))
    return max(1, round(size[0] * factor)), max(1, round(size[1] * factor))


def _in_eight_bits(picture: Image.Image) -> Image.Image:
    """A deep grey picture in 256 shades; one with values past its white has them all shown."""
    white = _DEEP.get(picture.mode)
    if white is None:
        return picture
    values = picture.convert("F")
    extrema: Any = values.getextrema()
    dark, light = min(0.0, extrema[0]), max(white, extrema[1])
    scale = 255 / (light - dark)
    return values.point(lambda value: value * scale - dark * scale).convert("L")


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
