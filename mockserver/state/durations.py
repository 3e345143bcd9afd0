"""Durations and instants as ISO 8601 and RFC 3339 write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time: months of the calendar, and what is exact."""

    months: int
    rest: timedelta

    def after(self, instant: datetime) -> datetime:
        """The instant so much later; a day that its month does not have is that month's last.

        Raises ValueError where no date can say it.
        """
        year, month = divmod(instant.year * 12 + instant.month - 1 + self.months, 12)
        try:
            moved = _in_month(instant, year, month + 1)
            return moved + self.rest
        except OverflowError as error:
            raise ValueError(str(error)) from None


def _in_month(instant: datetime, year: int, month: int) -> datetime:
    for day in range(instant.day, 27, -1):
        try:
            return instant.replace(year=year, month=month, day=day)
        except ValueError:
            continue
    return instant.replace(year=year, month=month)


_DURATION = re.compile(
    r"([+-])?P(?=.)(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)W)?(?:(\d+(?:[.,]\d+)?)D)?"
    r"(?:T(?=.)(?:(\d+(?:[.,]\d+)?)H)?(?:(\d+(?:[.,]\d+)?)M)?(?:(\d+(?:[.,]\d+)?)S)?)?",
    re.ASCII,
)
"""A duration of ISO 8601 (RFC 3339, appendix A), with fractions and a sign (ISO 8601-2)."""


def parse_duration(text: str) -> Duration:
    """An ISO 8601 duration such as ``P1DT2H`` or ``-PT5M``. Raises ValueError for anything else."""
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError(f"expected an ISO 8601 duration such as PT90S or P1DT2H, got {text!r}")
    sign = -1 if found[1] == "-" else 1
    years, months = (int(found[n] or 0) for n in (2, 3))
    weeks, days, hours, minutes, seconds = (
        float((found[n] or "0").replace(",", ".")) for n in range(4, 9)
    )
    try:
        rest = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError as error:
        raise ValueError(f"{text!r} is longer than time: {error}") from None
    return Duration(sign * (years * 12 + months), sign * rest)


def parse_instant(text: str) -> datetime:
    """An instant in UTC from a date-time of RFC 3339, a leap second being the next one's first.

    Raises ValueError for what is none, or is none in UTC.
    """
    upper = text.upper()
    leap = upper[17:19] == "60"
    try:
        instant = datetime.fromisoformat(upper[:17] + "59" + upper[19:] if leap else upper)
        if instant.tzinfo is None:
            raise ValueError(f"{text!r} lacks the offset from UTC, such as Z")
        return instant.astimezone(UTC) + timedelta(seconds=leap)
    except OverflowError as error:
        raise ValueError(f"{text!r} is no instant in UTC: {error}") from None
