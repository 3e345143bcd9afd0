from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.engine.faults.kinds import LONGEST, fault_of
from mockserver.engine.faults.matching import Asked
from mockserver.engine.faults.rules import MOST, FaultRules, Strike
from mockserver.errors import StorageFull

DROP = {"kind": "drop"}
START = datetime(2025, 1, 1, tzinfo=UTC)
ASKED = Asked("tiny", "only", "GET", ["a"])


def rules_of(*told: dict[str, Any]) -> FaultRules:
    rules = FaultRules()
    for each in told:
        rules.put(each)
    return rules


def struck(rules: FaultRules, asked: Asked = ASKED, seed: int = 0) -> Strike | None:
    return rules.strike(asked, seed, lambda: START)


def run_of(rules: FaultRules, length: int, seed: int = 0) -> list[bool]:
    """Which of some requests are struck."""
    return [struck(rules, seed=seed) is not None for _ in range(length)]


@given(st.floats(0, 1), st.integers(), st.integers(1, 30))
def test_a_run_with_a_seed_repeats(probability: float, seed: int, length: int) -> None:
    rule = {"fault": DROP, "probability": probability}
    assert run_of(rules_of(rule), length, seed) == run_of(rules_of(rule), length, seed)
    own = {**rule, "seed": seed}
    assert run_of(rules_of(own), length, 1) == run_of(rules_of(rule), length, seed)


def test_seeds_and_rules_differ_in_what_they_strike() -> None:
    rule = {"fault": DROP, "probability": 0.5}
    runs = {tuple(run_of(rules_of(rule), 64, seed)) for seed in range(20)}
    assert len(runs) == 20
    named = [FaultRules() for _ in range(20)]
    for number, rules in enumerate(named):
        rules.put(rule, f"rule-{number}")
    assert len({tuple(run_of(rules, 64)) for rules in named}) == 20


@given(st.integers(0, 10**6))
def test_a_probability_is_the_part_that_is_struck(seed: int) -> None:
    part = sum(run_of(rules_of({"fault": DROP, "probability": 0.3}), 400, seed)) / 400
    assert 0.1 < part < 0.5
    assert not any(run_of(rules_of({"fault": DROP, "probability": 0}), 50, seed))
    assert all(run_of(rules_of({"fault": DROP}), 50, seed))


@given(st.integers(0, 9), st.integers(1, 9), st.integers(0, 20))
def test_the_first_are_skipped_and_only_so_many_are_struck(
    skip: int, count: int, length: int
) -> None:
    rules = rules_of({"fault": DROP, "skip": skip, "count": count})
    expected = [skip <= n < skip + count for n in range(length)]
    assert run_of(rules, length) == expected
    [rule] = rules
    assert (rule.seen, rule.hits) == (length, sum(expected))
    assert rule.is_spent == (sum(expected) == count)


def test_latencies_add_up_beside_the_first_other_fault() -> None:
    latency = {"kind": "latency", "distribution": "fixed", "milliseconds": 250}
    rules = rules_of({"fault": DROP}, {"fault": latency}, {"fault": {"kind": "break"}},
                     {"fault": latency})  # fmt: skip
    strike = struck(rules)
    assert strike is not None
    assert strike.ids == ["fault-1", "fault-2", "fault-4"]
    assert strike.delay() == 0.5
    assert (strike.fault, strike.by) == (fault_of(DROP), "fault-1")
    assert strike.told("cut") == "fault-1; cut, fault-2, fault-4"
    assert [(rule.seen, rule.hits) for rule in rules] == [(1, 1), (1, 1), (1, 0), (1, 1)]


@pytest.mark.parametrize(
    ("told", "most"),
    [
        ({"distribution": "fixed", "milliseconds": 60_000}, LONGEST),
        ({"distribution": "uniform", "lower": 100, "upper": 200}, 0.2),
        ({"distribution": "lognormal", "median": 60_000, "sigma": 10}, LONGEST),
    ],
)
def test_no_latency_is_past_its_bound(told: dict[str, Any], most: float) -> None:
    rule = {"fault": {"kind": "latency", **told}}
    for _ in range(200):
        strike = struck(rules_of(rule, rule))
        assert strike is not None
        assert 0 <= strike.delay() <= min(LONGEST, 2 * most)


def test_half_of_a_lognormal_latency_is_below_its_median() -> None:
    told = {"kind": "latency", "distribution": "lognormal", "median": 100, "sigma": 0.5}
    rules = rules_of({"fault": told})
    strikes = [struck(rules) for _ in range(400)]
    delays = [strike.delay() for strike in strikes if strike]
    assert len(set(delays)) > 390
    assert 150 < sum(delay < 0.1 for delay in delays) < 250


class Limited:
    """One rule with a limit, and a clock that is set by hand."""

    def __init__(self, requests: int, seconds: float) -> None:
        limit = {"kind": "limit", "requests": requests, "seconds": seconds}
        self.rules = rules_of({"fault": limit})
        self.now = START

    def ask(self) -> int | None:
        """The seconds to wait, None for a request that is let through."""
        strike = self.rules.strike(ASKED, 0, lambda: self.now)
        return strike and strike.wait


def test_a_limit_holds_for_a_window() -> None:
    limited = Limited(2, 10)
    assert [limited.ask() for _ in range(3)] == [None, None, 10]
    limited.now += timedelta(seconds=9.5)
    assert limited.ask() == 1
    limited.now += timedelta(seconds=0.5)
    assert [limited.ask() for _ in range(3)] == [None, None, 10]


def test_a_limit_begins_again_when_the_clock_is_set_back() -> None:
    limited = Limited(1, 10)
    assert [limited.ask(), limited.ask()] == [None, 10]
    limited.now -= timedelta(days=1)
    assert [limited.ask(), limited.ask()] == [None, 10]


@given(st.integers(1, 5), st.lists(st.integers(0, 7), max_size=30))
def test_no_window_has_more_than_its_limit(requests: int, steps: list[int]) -> None:
    limited = Limited(requests, 10)
    admitted = []
    for step in steps:
        limited.now += timedelta(seconds=step)
        wait = limited.ask()
        if wait is None:
            admitted.append(limited.now)
        else:
            assert 1 <= wait <= 10
    windows: list[list[datetime]] = []
    for instant in admitted:
        if not windows or instant - windows[-1][0] >= timedelta(seconds=10):
            windows.append([])
        windows[-1].append(instant)
    assert all(len(window) <= requests for window in windows)


@pytest.mark.parametrize("kind", ["truncate", "slow", "malformed", "break"])
def test_what_concerns_bodies_leaves_feeds_alone(kind: str) -> None:
    rules = rules_of({"fault": {"kind": kind}})
    assert struck(rules, ASKED._replace(is_feed=True)) is None
    assert [rule.seen for rule in rules] == [0]


def test_rules_are_numbered_and_bounded() -> None:
    rules = rules_of({"fault": DROP})
    rules.put({"fault": DROP}, "fault-2")
    assert rules.put({"fault": DROP}).id == "fault-3"
    for _ in range(MOST - 3):
        rules.put({"fault": DROP})
    with pytest.raises(StorageFull):
        rules.put({"fault": DROP})
    with pytest.raises(StorageFull):
        rules.put({"fault": DROP}, "mine")
    assert rules.put({"fault": {"kind": "break"}}, "fault-2").hits == 0
    assert [rule.id for rule in rules][:3] == ["fault-1", "fault-2", "fault-3"]
    assert rules.drop("fault-2")
    assert not rules.drop("fault-2")
    assert rules.get("fault-2") is None


def test_a_rule_that_is_put_again_begins_again() -> None:
    rules = rules_of({"fault": DROP, "count": 1})
    assert run_of(rules, 2) == [True, False]
    rules.put({"fault": DROP, "count": 1}, "fault-1")
    assert run_of(rules, 2) == [True, False]
