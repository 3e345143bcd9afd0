"""Small pictures of pictures that are not like most."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from mockserver.apis.immich.pictures import smaller
from mockserver.state.blobs import Blob

SIZES = ("thumbnail", "preview")


def _file(picture: Image.Image, kind: str) -> Blob:
    out = BytesIO()
    picture.save(out, kind)
    return Blob("", out.getvalue())


def _smaller(file: Blob, size: str) -> Image.Image:
    made = smaller(file, size)
    assert made is not None
    return Image.open(BytesIO(made)).convert("RGB")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("mode", "kind", "shades"),
    [
        ("I;16", "PNG", (0, 32_768, 65_535)),
        ("I;16", "TIFF", (0, 32_768, 65_535)),
        ("I", "TIFF", (0, 32_768, 65_535)),
        ("I", "TIFF", (-2_000_000, 0, 2_000_000)),
        ("F", "TIFF", (0.0, 0.5, 1.0)),
        ("F", "TIFF", (0.0, 250.0, 500.0)),
    ],
)
def test_a_deep_grey_picture_keeps_its_shades(
    mode: str, kind: str, shades: tuple[float, ...], size: str
) -> None:
    picture = Image.new(mode, (30, 10))
    for place, shade in enumerate(shades):
        picture.paste(Image.new(mode, (10, 10), shade), (10 * place, 0))
    made = _smaller(_file(picture, kind), size)
    seen = [made.getpixel((10 * place + 5, 5)) for place in range(3)]
    for pixel, expected in zip(seen, (0, 127, 255), strict=True):
        assert isinstance(pixel, tuple)
        assert all(abs(channel - expected) < 6 for channel in pixel)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("shape", [(20_000, 1), (1, 20_000), (20_000, 300)])
def test_a_long_picture_is_made_to_fit(shape: tuple[int, int], size: str) -> None:
    made = _smaller(_file(Image.new("RGB", shape, (9, 200, 30)), "PNG"), size)
    assert max(made.size) == 16_383
    assert min(made.size) == max(1, round(min(shape) * 16_383 / 20_000))


def _claiming(width: int, height: int) -> Blob:
    """A PNG file that says it is that large, and is a few bytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(name + data))
        return struct.pack(">I", len(data)) + name + data + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = zlib.compress(bytes(1000))
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return Blob("", b"\x89PNG\r\n\x1a\n" + parts)


@pytest.mark.parametrize("shape", [(8_001, 8_000), (10_000, 9_000), (100_000, 100_000)])
def test_a_picture_that_claims_more_than_64_megapixels_is_not_opened(
    shape: tuple[int, int],
) -> None:
    assert smaller(_claiming(*shape), "thumbnail") is None
