"""What a check does in several ways it does in fair shares of its requests."""

from __future__ import annotations

from collections import Counter
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.turns import Activity, Turns

COSTS = st.lists(
    st.tuples(st.integers(1, 50), st.floats(0.5, 4.0)), min_size=1, max_size=6
)  # requests of one turn, share


def turns_of(costs: list[tuple[int, float]], count: int) -> tuple[Counter[int], Counter[int]]:
    """How often each activity had its turn, and what it spent."""
    taken: Counter[int] = Counter()
    spent: Counter[int] = Counter()

    def go(number: int, cost: int) -> None:
        taken[number] += 1
        spent[number] += cost

    activities = [Activity(partial(go, n, cost), share) for n, (cost, share) in enumerate(costs)]
    turns = Turns(activities, spent.total)
    for _ in range(count):
        turns.take()
    return taken, spent


@given(COSTS)
def test_each_activity_has_a_turn_before_any_has_two(costs: list[tuple[int, float]]) -> None:
    taken, _ = turns_of(costs, len(costs))
    assert set(taken.values()) == {1}


@given(COSTS)
def test_no_activity_is_further_ahead_than_one_turn(costs: list[tuple[int, float]]) -> None:
    _, spent = turns_of(costs, 300)
    had = [spent[n] / share for n, (_, share) in enumerate(costs)]
    assert max(had) <= min(had) + max(cost / share for cost, share in costs) + 1e-9


def test_one_that_has_nothing_to_ask_does_not_keep_others_waiting() -> None:
    taken, _ = turns_of([(0, 1.0), (10, 1.0)], 110)
    assert taken[1] == 10


def test_one_that_is_late_waits_until_others_had_as_much() -> None:
    taken: list[str] = []

    def go(name: str) -> None:
        taken.append(name)

    turns = Turns(
        [Activity(partial(go, "late"), 1.0, late=6.0), Activity(partial(go, "soon"), 2.0)],
        lambda: 4 * len(taken),
    )
    for _ in range(5):
        turns.take()
    assert taken == ["soon", "soon", "soon", "late", "soon"]
