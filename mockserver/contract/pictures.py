"""Small pictures of the kinds that programs treat in different ways: three by two dots each."""

from __future__ import annotations

from pathlib import Path

PICTURES = tuple(
    file.read_bytes() for file in sorted(Path(__file__).with_name("picture_files").iterdir())
)
"""Black and white, grey, deep grey, a palette, transparent, turned by its Exif; in six formats."""
