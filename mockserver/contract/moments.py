"""Moments that a server tells: the time of a call, the same as before, or a new one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from mockserver.contract.alike import instant_of
from mockserver.contract.reference import Watch

MAX_SKEW = timedelta(hours=26)
"""How far the clock of a server may be from ours: a day, and any time zone's error."""

NOW = "the time of the call"

FINE = 3
"""Digits of a second's fraction from which on a moment belongs to one call."""

_FRACTION = re.compile(r"\.(\d+)")


class Moments:
    """What was seen of moments in one run.

    ``watch`` is the clock of the reference, ``began`` when each call was made, in seconds. Where
    they are missing it is only judged whether a moment is about now.
    """

    def __init__(self, watch: Watch | None = None, began: Sequence[float] = ()) -> None:
        self._watch = watch
        self._began = began
        self._blurred = False
        self._places: dict[Any, Any] = {}
        self._calls: dict[str, int] = {}

    def blur(self) -> None:
        """From now on judge only the day: calls made at once have no order to go by."""
        self._blurred = True

    def expected(self, a: str, t: Any, place: Any) -> str | None:
        """What should stand there in the place of ``t``; None when nothing is wrong with it.

        ``a`` is what the reference has there. ``place`` is the call with the pointer: what stays
        the same at the reference from one answer to the next stays the same at the server.
        """
        instant = instant_of(a)
        if instant is None or abs(instant - datetime.now(UTC)) > MAX_SKEW:
            return None
        told = instant_of(t)
        if told is None or abs(told - datetime.now(UTC)) > MAX_SKEW:
            return NOW
        call = self._call(instant) if _digits(a) >= FINE else None
        if call is None:
            return None
        before = self._places.setdefault((place, a), t)
        if before != t:
            return f"{before}, as before"
        first = self._calls.setdefault(t, call)
        if self._apart(first, call) > _resolution(t):
            return "a later moment than before" if call > first else "an earlier moment"
        return None

    def _call(self, instant: datetime) -> int | None:
        """The number of the call that was made then; None once calls were made in other ways."""
        watch = self._watch
        if watch is None or self._blurred or watch.moves != len(self._began):
            return None
        return watch.call_of(instant)

    def _apart(self, one: int, other: int) -> float:
        """The seconds between two calls."""
        last = len(self._began) - 1
        return abs(self._began[min(one, last)] - self._began[min(other, last)])


def _digits(text: str) -> int:
    found = _FRACTION.search(text)
    return len(found.group(1)) if found else 0


def _resolution(text: str) -> float:
    """Seconds within which a server may tell the same moment twice, with some to spare."""
    return 2.5 * 10.0 ** -min(_digits(text), FINE)
