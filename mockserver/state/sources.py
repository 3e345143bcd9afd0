"""Where time and identifiers come from: both seeded, so that runs repeat."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import blake2b

Clock = Callable[[int], datetime]
"""The instant (UTC) of a transaction after so many commits."""


def real_clock(ticks: int) -> datetime:
    """The machine's time."""
    return datetime.now(UTC)


def _fixed(start: datetime, ticks: int) -> datetime:
    try:
        return start + timedelta(milliseconds=ticks)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def fixed_clock(start: datetime) -> Clock:
    """A clock that stands at ``start`` and advances one millisecond a commit."""
    return partial(_fixed, start)


def parse_clock(text: str) -> Clock:
    """``real``, or an ISO 8601 instant to start from (UTC where no offset is given).

    Raises ValueError for anything else.
    """
    if text == "real":
        return real_clock
    try:
        start = datetime.fromisoformat(text)
        start = start.astimezone(UTC) if start.tzinfo else start.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise ValueError(
            f"expected 'real' or an ISO 8601 instant such as 2025-01-31T12:00:00Z, got {text!r}"
        ) from None
    return fixed_clock(start)


def _identifier(prefix: bytes, counter: int) -> str:
    digest = blake2b(prefix + str(counter).encode(), digest_size=16).digest()
    return str(uuid.UUID(bytes=digest, version=4))


def id_source(seed: int, sandbox: str) -> Callable[[int], str]:
    """Version 4 UUIDs (RFC 9562, section 5.4) that follow from seed, sandbox and counter."""
    return partial(_identifier, f"{seed}/{sandbox}/".encode())
