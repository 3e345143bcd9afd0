"""Clocks that somebody sets: the time of one sandbox, frozen, advanced or set apart."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mockserver.state.durations import Duration
from mockserver.state.sources import Clock, real_clock

EARLIEST = datetime(1, 2, 1, tzinfo=UTC)
LATEST = datetime(9999, 11, 30, tzinfo=UTC)
"""The bounds of a clock that is set: a month within what a date can say, for
those who add to it."""


@dataclass(frozen=True, slots=True)
class _Set:
    """A clock apart from its server's own: ahead of it, or standing at an instant."""

    ahead: timedelta = timedelta()
    stands_at: datetime | None = None

    def at(self, own: datetime) -> datetime:
        if self.stands_at is not None:
            return self.stands_at
        try:
            return min(max(own + self.ahead, EARLIEST), LATEST)
        except OverflowError:
            return EARLIEST if self.ahead < timedelta() else LATEST


class Timepiece:
    """The clock of one sandbox: that of its server, until it is set, advanced or frozen."""

    __slots__ = ("_own", "_set")

    def __init__(self, own: Clock) -> None:
        self._own = own
        self._set: _Set | None = None

    def __call__(self, ticks: int) -> datetime:
        """The instant (UTC) after so many commits."""
        own = self._own(ticks)
        return own if self._set is None else self._set.at(own)

    @property
    def is_real(self) -> bool:
        """Whether the server's own clock is the machine's."""
        return self._own is real_clock

    @property
    def is_frozen(self) -> bool:
        """Whether it stands still."""
        return self._set is not None and self._set.stands_at is not None

    def offset(self, ticks: int) -> timedelta:
        """How far it is ahead of the server's own."""
        if self._set is None:
            return timedelta()
        if self._set.stands_at is None:
            return self._set.ahead
        return self._set.stands_at - self._own(ticks)

    def put(self, now: datetime, ticks: int, *, frozen: bool) -> None:
        """Let it be an instant now, and go on from there or stand.

        Raises ValueError past the bounds.
        """
        if not EARLIEST <= now <= LATEST:
            bounds = f"from {EARLIEST.date()} to {LATEST.date()}"
            raise ValueError(f"a clock can be set {bounds}, not to {now.isoformat()}")
        ahead = now - self._own(ticks)
        self._set = _Set(ahead, now if frozen else None)

    def advance(self, step: Duration, ticks: int) -> None:
        """Let time pass, or go back, whether it stands or not. Raises ValueError past bounds."""
        self.put(step.after(self(ticks)), ticks, frozen=self.is_frozen)

    def clear(self) -> None:
        """Back to the server's own clock."""
        self._set = None
