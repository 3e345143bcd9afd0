"""Values as Python's ``int`` and Django's columns take them."""

from __future__ import annotations

import math
import uuid
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.apis.plane.errors import constraint_broken, not_valid
from mockserver.apis.plane.multipart import Part
from mockserver.apis.plane.registry import FILE_SIZE_LIMIT

MAX_DEPTH = 200
"""Levels of a value that is kept; the real server takes some hundreds more."""


def size_of(data: Mapping[str, Any]) -> int:
    """The size that was asked for; the limit where none was.

    Whatever ``int`` takes is a size: numbers, whose fraction is dropped, booleans, and texts with
    blanks around, underscores within, or digits of any script.
    """
    value = data.get("size", FILE_SIZE_LIMIT)
    if not isinstance(value, int | float | str):
        raise not_valid()
    try:
        size = int(value)
        float(min(size, FILE_SIZE_LIMIT))  # its column holds a double
    except (ValueError, OverflowError):
        raise not_valid() from None
    return size


def file_name(value: Any) -> str:
    """A name without folders, pairs of dots, and dots and blanks in front.

    Nothing is left of what is no text.
    """
    if not isinstance(value, str):
        return ""
    name = value.replace("\0", "").replace("\\", "/").rpartition("/")[2]
    return name.replace("..", "").strip().lstrip(".").strip()


def is_true(value: Any) -> bool:
    """A Django ``BooleanField``; null breaks the column's constraint."""
    if value is None:
        raise constraint_broken()
    if isinstance(value, str):
        known = {"t": True, "True": True, "1": True, "f": False, "False": False, "0": False}
        if value in known:
            return known[value]
    elif isinstance(value, bool | int | float) and value in (0, 1):
        return bool(value)
    raise not_valid()


def project_id(value: Any) -> str | None:
    """A nullable reference by ``UUIDField``, where an empty text is none, too.

    Texts are read as Python's ``uuid.UUID`` reads them, integers and booleans as the number of
    the UUID.
    """
    if value is None or value == "":
        return None
    try:
        if isinstance(value, int):
            return str(uuid.UUID(int=value))
        return str(uuid.UUID(hex=value))
    except (ValueError, AttributeError, TypeError):
        raise not_valid() from None


def text(value: Any, limit: int) -> str | None:
    """A nullable ``CharField`` of at most ``limit`` characters.

    What is no text is written as Python writes it, a file as its name.
    """
    if value is None:
        return None
    deque(_parts(value), maxlen=0)  # Python cannot write what is nested too deeply
    written = value.filename if isinstance(value, Part) else str(value)
    if len(written) > limit or not is_storable(written):
        raise not_valid()
    return written


def attributes(value: Any) -> Any:
    """A ``JSONField`` that must not be null."""
    if value is None:
        raise constraint_broken()
    if not all(_is_json(part) for part in _parts(value)):
        raise not_valid()
    return value


def _parts(value: Any) -> Iterator[Any]:
    """The value and everything in it, level by level."""
    level = [value]
    for _ in range(MAX_DEPTH):
        yield from level
        objects = [part for part in level if isinstance(part, dict)]
        arrays = [part for part in level if isinstance(part, list)]
        yield from (name for part in objects for name in part)
        level = [item for part in objects for item in part.values()]
        level += [item for part in arrays for item in part]
        if not level:
            return
    raise not_valid()


def _is_json(part: Any) -> bool:
    """Whether PostgreSQL takes it: finite numbers, and texts that it can hold."""
    if isinstance(part, str):
        return is_storable(part)
    return not isinstance(part, Part) and not (isinstance(part, float) and math.isinf(part))


def is_storable(written: str) -> bool:
    """Whether PostgreSQL takes a text: it has no NUL, and UTF-8 has no lone surrogates."""
    try:
        written.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in written
