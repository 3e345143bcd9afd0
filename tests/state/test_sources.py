from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.state.sources import fixed_clock, id_source, parse_clock, real_clock

NAMES = st.text("abc.-_9", min_size=1, max_size=8)
FAR = st.datetimes(timezones=st.just(UTC), max_value=datetime(9000, 1, 1))  # noqa: DTZ001


@given(st.integers(), NAMES, st.integers(0, 2**40))
def test_ids_are_version_4_uuids_in_lower_case(seed: int, name: str, counter: int) -> None:
    made = id_source(seed, name)(counter)
    read = uuid.UUID(made)
    assert (read.version, read.variant, str(read)) == (4, uuid.RFC_4122, made)


@given(st.sets(st.tuples(st.integers(-99, 99), NAMES, st.integers(0, 999)), min_size=2))
def test_ids_differ_where_seed_sandbox_or_counter_do(sources: set[tuple[int, str, int]]) -> None:
    made = {id_source(seed, name)(counter) for seed, name, counter in sources}
    assert len(made) == len(sources)


@given(FAR, st.integers(0, 10**6))
def test_a_fixed_clock_advances_a_millisecond_a_revision(start: datetime, revision: int) -> None:
    assert fixed_clock(start)(revision) - start == timedelta(milliseconds=revision)


@given(FAR, st.integers(-14 * 60, 14 * 60))
def test_any_offset_names_the_same_instant(start: datetime, minutes: int) -> None:
    start = max(start, datetime(2, 1, 1, tzinfo=UTC))
    text = start.astimezone(timezone(timedelta(minutes=minutes))).isoformat()
    told = parse_clock(text)(0)
    assert told == start
    assert told.utcoffset() == timedelta(0)


@pytest.fixture
def far_away(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This machine is in another time zone."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "XYZ+7")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("far_away")
def test_without_an_offset_it_is_utc() -> None:
    assert parse_clock("2025-01-31T12:00:00")(1) == datetime(2025, 1, 31, 12, 0, 0, 1000, UTC)
    assert parse_clock("2025-01-31T12:00:00Z")(0) == datetime(2025, 1, 31, 12, tzinfo=UTC)
    assert parse_clock("2025-01-31")(0) == datetime(2025, 1, 31, tzinfo=UTC)


def test_the_real_clock_is_the_machines() -> None:
    before = datetime.now(UTC)
    told = parse_clock("real")(123)
    assert before <= told <= datetime.now(UTC)
    assert parse_clock("real") is real_clock


@pytest.mark.parametrize(
    "text", ["", "now", "Real", "2025-13-01", "12:00", "1", "0001-01-01T00:00:00+14:00"]
)
def test_anything_else_is_refused_with_what_was_expected(text: str) -> None:
    with pytest.raises(ValueError, match="ISO 8601") as caught:
        parse_clock(text)
    assert repr(text) in str(caught.value)
