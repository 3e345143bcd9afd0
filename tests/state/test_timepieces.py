from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.state.durations import Duration
from mockserver.state.sandboxes import Rules, Sandbox
from mockserver.state.sources import fixed_clock, real_clock
from mockserver.state.store import seed
from mockserver.state.timepieces import EARLIEST, LATEST, Timepiece

START = datetime(2025, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
WITHIN = st.datetimes(
    EARLIEST.replace(tzinfo=None), LATEST.replace(tzinfo=None), timezones=st.just(UTC)
)
TICKS = st.integers(0, 1_000)


def fixed() -> Timepiece:
    return Timepiece(fixed_clock(START))


def test_it_is_the_servers_own_clock_to_begin_with() -> None:
    clock = fixed()
    assert (clock(5), clock.offset(5)) == (START + 5 * MILLISECOND, timedelta())
    assert not clock.is_frozen
    assert not clock.is_real
    assert Timepiece(real_clock).is_real


@given(WITHIN, TICKS, TICKS)
def test_a_clock_that_is_set_goes_on_from_there(now: datetime, ticks: int, more: int) -> None:
    clock = fixed()
    clock.put(now, ticks, frozen=False)
    assert clock(ticks + more) == min(now + more * MILLISECOND, LATEST)
    assert clock.offset(ticks) == now - START - ticks * MILLISECOND


@given(WITHIN, TICKS, TICKS)
def test_a_frozen_clock_stands(now: datetime, ticks: int, more: int) -> None:
    clock = fixed()
    clock.put(now, ticks, frozen=True)
    assert clock(ticks + more) == now
    assert clock.is_frozen


@given(WITHIN, TICKS, st.booleans(), st.timedeltas(timedelta(days=-400), timedelta(days=400)))
def test_advancing_moves_it_by_so_much_or_not_at_all(
    now: datetime, ticks: int, frozen: bool, step: timedelta
) -> None:
    clock = fixed()
    clock.put(now, ticks, frozen=frozen)
    if EARLIEST <= now + step <= LATEST:
        clock.advance(Duration(0, step), ticks)
        assert clock(ticks) == now + step
    else:
        with pytest.raises(ValueError, match="from 0001-02-01 to 9999-11-30"):
            clock.advance(Duration(0, step), ticks)
        assert clock(ticks) == now
    assert clock.is_frozen == frozen


def test_a_clock_that_goes_on_for_ever_stops_at_its_bound() -> None:
    clock = fixed()
    clock.put(LATEST, 0, frozen=False)
    assert clock(5) == clock(10**15) == LATEST


def test_a_cleared_clock_is_the_servers_own_again() -> None:
    clock = fixed()
    clock.put(LATEST, 0, frozen=True)
    clock.clear()
    assert clock(1) == START + MILLISECOND


def test_a_reset_gives_clock_and_seed_back() -> None:
    sandbox = Sandbox("one", seed([]), Rules(seed=3, clock=fixed_clock(START)))
    own = sandbox.transaction("tiny").new_id()
    sandbox.clock.put(LATEST, 0, frozen=True)
    sandbox.seed = 4
    assert sandbox.transaction("tiny").now == LATEST
    assert sandbox.transaction("tiny").new_id() != own
    sandbox.reset()
    assert sandbox.log.entries()[-1].at == sandbox.now == START
    assert sandbox.transaction("tiny").new_id() == own


@given(st.integers(), st.integers())
def test_ids_and_made_values_follow_from_the_seed(server: int, other: int) -> None:
    sandbox = Sandbox("one", seed([]), Rules(seed=server))
    identity = sandbox.identifier
    sandbox.seed = other
    of_other = Sandbox("one", seed([]), Rules(seed=other))
    assert sandbox.transaction("tiny").new_id() == of_other.transaction("tiny").new_id()
    assert (sandbox.turn == 0) == (server == other)
    assert sandbox.identifier == identity
