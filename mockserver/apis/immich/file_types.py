"""Media types and kinds of files by the extension of their name, and by their first bytes."""

from __future__ import annotations

import posixpath

_RAW = (
    "3fr ari arw cap cin cr2 cr3 crw dcr dng erf fff iiq k25 kdc mrw nef nrw orf ori pef psd "
    "raf raw rw2 rwl sr2 srf srw x3f"
)
_SAME = "avif gif jpeg png webp bmp heic heif hif jp2 jxl svg tiff"
_JPEG = ("jpg", "jpe", "insp")
_VIDEO = {
    "3gp": "3gpp",
    "3gpp": "3gpp",
    "avi": "avi",
    "flv": "x-flv",
    "insv": "mp4",
    "m2t": "mp2t",
    "m2ts": "mp2t",
    "m4v": "x-m4v",
    "mkv": "x-matroska",
    "mov": "quicktime",
    "mp4": "mp4",
    "mpe": "mpeg",
    "mpeg": "mpeg",
    "mpg": "mpeg",
    "mts": "mp2t",
    "vob": "mpeg",
    "webm": "webm",
    "wmv": "x-ms-wmv",
}

IMAGES = {
    **{f".{name}": f"image/{name}" for name in (*_RAW.split(), *_SAME.split())},
    **{f".{name}": "image/jpeg" for name in _JPEG},
    ".tif": "image/tiff",
}
VIDEOS = {f".{name}": f"video/{kind}" for name, kind in _VIDEO.items()}
SIDECARS = {".xmp": "application/xml"}
SHOWN_BY_BROWSERS = frozenset((".avif", ".gif", ".jpeg", ".jpg", ".png", ".webp"))

_TYPES = {**IMAGES, **VIDEOS, **SIDECARS}
_SIGNATURES = (
    (0, b"\xff\xd8\xff", ".jpg"),
    (0, b"\x89PNG", ".png"),
    (0, b"GIF8", ".gif"),
    (8, b"WEBP", ".webp"),
    (4, b"ftypqt", ".mov"),
    (4, b"ftyp", ".mp4"),
    (0, b"\x1aE\xdf\xa3", ".webm"),
)


def extension(name: str) -> str:
    """The extension of a file name with its dot, in lower case; empty when it has none."""
    return posixpath.splitext(name)[1].lower()


def media_type(name: str) -> str:
    """The media type that goes with a file name."""
    return _TYPES.get(extension(name), "application/octet-stream")


def kind(name: str) -> str:
    """IMAGE, VIDEO or OTHER, by the file's name."""
    general = media_type(name).partition("/")[0]
    return general.upper() if general in ("image", "video") else "OTHER"


def is_asset(name: str) -> bool:
    """Whether a file of that name is a picture or a video."""
    return extension(name) in IMAGES or extension(name) in VIDEOS


def is_sidecar(name: str) -> bool:
    """Whether a file of that name holds metadata of another."""
    return extension(name) in SIDECARS


def guessed_extension(data: bytes) -> str:
    """The extension that goes with a file's first bytes; a JPEG's where they say nothing."""
    found = (ext for at, magic, ext in _SIGNATURES if data[at:].startswith(magic))
    return next(found, ".jpg")
