"""Instants as clients write them and as the server shows them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

_TIME = (
    r"([T\s]((?P<hour>[0-9]{2})(:?(?P<minute>[0-9]{2}))?(:?(?P<second>[0-9]{2}))?)?"
    r"([.,](?P<part>[0-9]+))?)?"
)
_ZONE = r"(?P<zone>[zZ]|[+-][0-9]{2}:?([0-9]{2})?)?"
_WRITTEN = re.compile(
    r"(?P<sign>[+-]?)(?P<year>[0-9]{4})("
    r"-?W(?P<week>[0-9]{2})(-?(?P<weekday>[1-7]))?"
    r"|-?(?P<ordinal>[0-9]{3})"
    r"|-(?P<month>[0-9]{2})(-(?P<day>[0-9]{2}))?"
    r"|(?P<basic_month>[0-9]{2})(?P<basic_day>[0-9]{2})?"
    rf")?{_TIME}{_ZONE}"
)
_CLOCK = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?"
_OFFSET = r"[+-][0-9]{2}:?"
_MONTH = r"-[0-9]{2}(-[0-9]{2})?"
_JAVASCRIPT = re.compile(
    rf"[0-9]{{4}}({_MONTH})?T{_CLOCK}([zZ]|{_OFFSET}[0-9]{{2}})?"
    rf"|[+-]?[0-9]{{4}}({_MONTH}|-0(0[1-9]|1[0-2]))?(\s{_CLOCK}([zZ]|{_OFFSET}([0-9]{{2}})?)?)?"
)
_MONTH_OF_THREE = re.compile(r"-0(?=[0-9]{2}($|\s))")
_PAST_MILLISECONDS = re.compile(r"(\.[0-9]{3})[0-9]+")
_SECOND = 1e6
"""Microseconds of one."""


def from_javascript(text: str) -> datetime | None:
    """The instant (UTC) that JavaScript reads from an ISO 8601 text; None where it reads none.

    It knows no weeks and no days of the year, but takes their number for that of a month.
    """
    if _JAVASCRIPT.fullmatch(text) is None:
        return None
    exact = _PAST_MILLISECONDS.sub(r"\1", _MONTH_OF_THREE.sub("-", text.lstrip("+-")))
    when = instant(exact)
    if when is not None and when.year < 100:  # noqa: PLR2004
        # The real server's database driver takes the first century for ours, or the last one.
        return when.replace(year=when.year + (2000 if when.year < 50 else 1900))  # noqa: PLR2004
    return when


def instant(text: str) -> datetime | None:
    """The instant (UTC) that an ISO 8601 text means, without a zone taken as UTC.

    A day past the end of its month runs over into the next. None for what is no date.
    """
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return None
    try:
        passed = timedelta(
            hours=int(found["hour"] or 0),
            minutes=int(found["minute"] or 0),
            seconds=int(found["second"] or 0),
            microseconds=round(float("0." + (found["part"] or "0")) * _SECOND),
        )
        return (_day(found, _zone(found["zone"])) + passed).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _day(found: re.Match[str], zone: timezone) -> datetime:
    """The day that is written, at midnight."""
    year = max(1, int(found["year"]))
    if found["week"]:
        week, weekday = int(found["week"]), int(found["weekday"] or 1)
        return datetime.fromisocalendar(year, week, weekday).replace(tzinfo=zone)
    month = int(found["month"] or found["basic_month"] or 1)
    day = int(found["day"] or found["basic_day"] or found["ordinal"] or 1)
    return datetime(year, month, 1, tzinfo=zone) + timedelta(days=day - 1)


def _zone(text: str | None) -> timezone:
    if text is None or text in "zZ":
        return UTC
    hours, minutes = int(text[1:3]), int(text[3:].lstrip(":") or 0)
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(offset if text[0] == "+" else -offset)


def in_milliseconds(when: datetime) -> str:
    """An instant as JSON dates are written: ``2025-01-02T03:04:05.000Z``."""
    return when.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def in_exif(when: datetime) -> str:
    """An instant as the metadata of a picture is shown: ``2025-01-02T03:04:05+00:00``."""
    fraction = f".{when.microsecond:06}".rstrip("0") if when.microsecond else ""
    return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", f"{fraction}+00:00")
