"""Ids and moments: UUIDs of version 7 (RFC 9562), and a clock that never shows a time twice."""

from __future__ import annotations

import secrets
import threading
import time
import uuid
from datetime import UTC, datetime
from typing import Any

_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """A UUID that begins with the time, so that rows made together lie together."""
    milliseconds = time.time_ns() // 1_000_000
    number = (milliseconds & (1 << 48) - 1) << 80 | secrets.randbits(80)
    number = number & ~(0xF << 76) | 7 << 76
    number = number & ~(0x3 << 62) | 2 << 62
    return str(uuid.UUID(int=number))


def now() -> dict[str, Any]:
    """This moment as a GroupedTimestamp, later than any that was given out before."""
    global _last  # noqa: PLW0603 - the clock of the process
    with _lock:
        _last = max(_last + 1, time.time_ns() // 1000)
        micros = _last
    moment = datetime.fromtimestamp(micros // 1_000_000, UTC)
    return {"value": f"{moment:%Y-%m-%dT%H:%M:%S}.{micros % 1_000_000:06}Z"}


def instant(text: str) -> tuple[int, datetime, int]:
    """An RFC 3339 date-time in a form that can be compared, also beyond Python's calendar."""
    text = text.upper()
    leap = text[17:19] == "60"
    if leap:
        text = text[:17] + "59" + text[19:]
    try:
        return 0, datetime.fromisoformat(text).astimezone(UTC), int(leap)
    except (ValueError, OverflowError):
        side = -1 if text < "1000" else 1
        return side, datetime.min.replace(tzinfo=UTC), 0
