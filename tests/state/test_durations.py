from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.state.durations import Duration, parse_duration, parse_instant

NOON = datetime(2024, 1, 31, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "later"),
    [
        ("PT90S", datetime(2024, 1, 31, 12, 1, 30, tzinfo=UTC)),
        ("PT0.5S", datetime(2024, 1, 31, 12, 0, 0, 500_000, tzinfo=UTC)),
        ("PT0,5H", datetime(2024, 1, 31, 12, 30, tzinfo=UTC)),
        ("P1DT2H", datetime(2024, 2, 1, 14, tzinfo=UTC)),
        ("P2W", datetime(2024, 2, 14, 12, tzinfo=UTC)),
        ("P1M", datetime(2024, 2, 29, 12, tzinfo=UTC)),
        ("P1Y1M", datetime(2025, 2, 28, 12, tzinfo=UTC)),
        ("-P2M", datetime(2023, 11, 30, 12, tzinfo=UTC)),
        ("-PT12H", datetime(2024, 1, 31, tzinfo=UTC)),
        ("+P1D", datetime(2024, 2, 1, 12, tzinfo=UTC)),
    ],
)
def test_a_duration_leads_to_an_instant(text: str, later: datetime) -> None:
    assert parse_duration(text).after(NOON) == later


@pytest.mark.parametrize("text", ["", "P", "PT", "P1", "1D", "P1S", "PT1D", "P-1D", "P1DT", "p1d"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="ISO 8601 duration"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["P9999Y", "-P9999Y", "P9999999D", f"P{'9' * 50}W", f"P{9**30}Y"])
def test_what_no_date_can_say(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the words are those of datetime
        parse_duration(text).after(NOON)


@given(st.integers(-400, 400), st.datetimes(datetime(1000, 1, 1), datetime(9000, 1, 1)))  # noqa: DTZ001
def test_months_are_those_of_the_calendar(months: int, naive: datetime) -> None:
    start = naive.replace(tzinfo=UTC)
    later = Duration(months, timedelta()).after(start)
    assert (later.year - start.year) * 12 + later.month - start.month == months
    assert later.timetz() == start.timetz()
    assert later.day == start.day or (later + timedelta(days=1)).day == 1


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_is_read_as_it_is_written(instant: datetime) -> None:
    assert parse_instant(instant.isoformat()) == instant
    assert parse_instant(instant.isoformat().replace("+00:00", "z")) == instant


def test_an_instant_is_told_in_utc() -> None:
    assert parse_instant("2024-01-31T14:00:00+02:00") == NOON
    assert parse_instant("2016-12-31T23:59:60Z") == datetime(2017, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:60Z", "2024-01-31T12:00:00", "noon"]
)
def test_what_is_no_instant_in_utc(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - some words are those of datetime
        parse_instant(text)
