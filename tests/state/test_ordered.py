from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mockserver.state.ordered import OrderedMap

KEYS = st.integers(0, 300).map(str)
RUNS = st.tuples(st.integers(0, 300), st.integers(1, 150)).map(
    lambda run: [str(number) for number in range(run[0], run[0] + run[1])]
)


class AgainstDict(RuleBasedStateMachine):
    """A dict keeps the order of first setting too, so it is the whole model."""

    def __init__(self) -> None:
        super().__init__()
        self.map: OrderedMap[int] = OrderedMap()
        self.model: dict[str, int] = {}
        self.former: list[tuple[OrderedMap[int], dict[str, int]]] = []

    @rule(key=KEYS, value=st.integers())
    def put(self, key: str, value: int) -> None:
        self.map = self.map.set(key, value)
        self.model[key] = value

    @rule(keys=RUNS, value=st.integers())
    def put_many(self, keys: list[str], value: int) -> None:
        for key in keys:
            self.put(key, value)

    @rule(key=KEYS)
    def delete(self, key: str) -> None:
        if key in self.model:
            self.map = self.map.delete(key)
            del self.model[key]
        else:
            with pytest.raises(KeyError):
                self.map.delete(key)

    @rule(keys=RUNS, backwards=st.booleans())
    def delete_many(self, keys: list[str], backwards: bool) -> None:
        for key in reversed(keys) if backwards else keys:
            self.delete(key)

    @rule()
    def remember(self) -> None:
        self.former.append((self.map, dict(self.model)))

    @invariant()
    def agrees(self) -> None:
        same(self.map, self.model)

    @invariant()
    def holes_stay_bounded(self) -> None:
        assert self.map._next - self.map._first <= 2 * len(self.map) + 64

    def teardown(self) -> None:
        for old, model in self.former:
            same(old, model)


def same(made: OrderedMap[int], model: dict[str, int]) -> None:
    assert len(made) == len(model)
    assert list(made) == list(model)
    assert list(reversed(made)) == list(reversed(model))
    assert list(made.values()) == list(model.values())
    assert list(made.newest_first()) == list(reversed(model.values()))
    for key in ("0", "150", "449"):
        assert (key in made) == (key in model)
        assert made.get(key) == model.get(key)


AgainstDict.TestCase.settings = settings(max_examples=60, stateful_step_count=30)
TestAgainstDict = AgainstDict.TestCase


def test_order_survives_the_numbers_being_made_anew() -> None:
    made: OrderedMap[int] = OrderedMap()
    for number in range(300):
        made = made.set(str(number), number)
    survivors = [number for number in range(300) if number % 5 == 0]
    for number in range(300):
        if number % 5:
            made = made.delete(str(number))
    made = made.set("new", -1).set("0", 0)
    assert list(made.values()) == [*survivors, -1]
