from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from mockserver.contract.names import Names
from mockserver.contract.pools import Pools, leaves, scalars

USE = ("operation", "record")


def seen(*values: Any) -> Pools:
    pools = Pools()
    for value in values:
        pools.see(value, Names(), bool)
    return pools


def drawn(pools: Pools) -> Counter[Any]:
    choice = random.Random(1)
    found = (pools.identifier(USE, choice) for _ in range(300))
    return Counter(each[1] for each in found if each)


def test_values_of_an_origin_that_was_taken_are_preferred_from_then_on() -> None:
    pools = seen({"one": "a", "two": "b"})
    before = drawn(pools)
    for _ in range(50):
        pools.learn(USE, ("one", ""), taken=True)
        pools.learn(USE, ("two", ""), taken=False)
    after = drawn(pools)
    assert before["two", ""] > 100
    assert after["two", ""] < 30 < after["one", ""]


def test_an_origin_that_was_seen_later_is_drawn_from_too() -> None:
    pools = seen({"one": "a"})
    assert set(drawn(pools)) == {("one", "")}
    pools.see({"two": "b"}, Names(), bool)
    assert set(drawn(pools)) == {("one", ""), ("two", "")}


def test_objects_that_were_seen_later_are_alike_too() -> None:
    pools = seen({"id": "a", "name": "x", "kind": "y"})
    wanted = (frozenset(("name",)), frozenset(("id", "name", "kind")))
    assert [each["id"] for each in pools.like(*wanted)] == ["a"]
    pools.see({"id": "b", "name": "x", "kind": "y"}, Names(), bool)
    assert [each["id"] for each in pools.like(*wanted)] == ["a", "b"]
    pools.clear()
    assert pools.like(*wanted) == []


@pytest.mark.parametrize(
    "value", [{}, [], 1, {"a": [1, {"b": None}], "c": "d"}, [[[2]], {"e": {}}]]
)
def test_leaves_come_in_order_with_the_way_to_each(value: Any) -> None:
    found = list(leaves(value))
    for path, leaf in found:
        inner = value
        for step in path:
            inner = inner[step]
        assert inner == leaf
    assert [leaf for _, leaf in found] == list(scalars(value))
    assert sorted(path for path, _ in found) == [path for path, _ in found]
