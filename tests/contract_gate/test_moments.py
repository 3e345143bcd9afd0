from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from mockserver.contract.checking import opened
from mockserver.contract.findings import PAUSE
from mockserver.contract.moments import NOW, Moments
from mockserver.contract.reference import Watch
from mockserver.contract.replaying import Replaying
from tests.contract_gate.notes import DESCRIPTION, Notes
from tests.contract_gate.serving import EMPTY_OPTIONS, READ

START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
STEP = timedelta(milliseconds=1)


def moment(call: int) -> str:
    """What the reference tells in a call."""
    return (START + (call + 1) * STEP).isoformat(timespec="milliseconds")


def told(seconds: float) -> str:
    """What a server tells so many seconds after the first call."""
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=seconds)
    return later.isoformat(timespec="microseconds")


class Clock:
    """A run of so many calls, a second apart."""

    def __init__(self, calls: int) -> None:
        watch = Watch(START, STEP)
        for _ in range(calls):
            watch.move()
        self.moments = Moments(watch, [float(call) for call in range(calls)])


def test_a_moment_years_ago_is_not_the_time_of_the_call() -> None:
    assert Clock(1).moments.expected(moment(0), "2020-01-01T00:00:00Z", "x") == NOW


def test_a_moment_that_stays_at_the_reference_stays_at_the_server() -> None:
    moments = Clock(2).moments
    assert moments.expected(moment(0), told(0.1), "GET /a") is None
    assert moments.expected(moment(0), told(0.1), "GET /a") is None
    assert moments.expected(moment(0), told(1.1), "GET /a") is not None


def test_two_calls_do_not_have_the_same_moment() -> None:
    moments = Clock(2).moments
    same = told(0.1)
    assert moments.expected(moment(0), same, "GET /a") is None
    assert moments.expected(moment(1), same, "GET /b") == "a later moment than before"


def test_a_server_that_tells_whole_seconds_may_tell_one_twice() -> None:
    moments = Clock(2).moments
    same = datetime.now(UTC).isoformat(timespec="seconds")
    assert moments.expected(moment(0), same, "GET /a") is None
    assert moments.expected(moment(1), same, "GET /b") is None


@pytest.mark.parametrize("value", ["soon", "2020-01-01T00:00:00Z"])
def test_a_value_that_is_no_moment_of_the_run_is_not_judged(value: str) -> None:
    assert Clock(1).moments.expected(value, "anything", "x") is None


def test_after_calls_that_were_made_at_once_only_the_day_is_judged() -> None:
    watch = Watch(START, STEP)
    for _ in range(3):
        watch.move()
    moments = Moments(watch, [0.0, 1.0])
    same = told(0.1)
    assert moments.expected(moment(0), same, "GET /a") is None
    assert moments.expected(moment(1), same, "GET /b") is None


def test_calls_whose_moments_count_are_made_again_apart_from_each_other() -> None:
    notes = Notes()
    with opened(notes, str(DESCRIPTION), EMPTY_OPTIONS, reset=notes.reset) as made:
        session = Replaying(made.setting, {}, PAUSE).run(enumerate([READ, READ, READ]))
    apart = [later - one for one, later in pairwise(session.began)]
    assert min(apart) >= PAUSE
