from __future__ import annotations

import json
from typing import Any

import pytest

from mockserver.contract.explaining import Bodies, Explaining
from mockserver.contract.names import Names, Triple


def explains(a: Any, t: Any) -> bool:
    names = Names()
    names.bind(Triple("mine", "other", "theirs", True, 0, "body:/id"))
    return Explaining(names, Bodies()).explains(json.dumps(a).encode(), json.dumps(t).encode())


@pytest.mark.parametrize(
    ("a", "t"),
    [
        ({"id": "mine"}, {"id": "theirs"}),
        ({"a": 1, "b": [1, 2]}, {"b": [1, 2], "a": 1}),
        ([{"x": {"id": "mine"}}], [{"x": {"id": "theirs"}}]),
        (1, 1.0),
        ({"by": {"mine": 0, "x": 1}}, {"by": {"x": 1, "theirs": 0}}),
        ({"mine": {"id": "mine"}}, {"theirs": {"id": "theirs"}}),
    ],
)
def test_an_answer_with_the_servers_keys_is_right(a: Any, t: Any) -> None:
    assert explains(a, t)


@pytest.mark.parametrize(
    ("a", "t"),
    [
        ({"id": "mine"}, {"id": "another"}),
        ({"a": 1}, {"a": True}),
        ({"a": [0]}, {"a": [False]}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": 1, "b": 2}, {"a": 1}),
        ([1, 2], [2, 1]),
        ([1, 2], [1]),
        ({"a": "1"}, {"a": 1}),
        ({"mine": 0}, {"another": 0}),
        ({"mine": 0}, {"theirs": 1}),
        ({"mine": 0, "theirs": 0}, {"theirs": 0, "x": 0}),
        ({"mine": 0, "x": 0}, {"theirs": 0}),
    ],
)
def test_what_is_not_plainly_right_is_left_to_the_comparison(a: Any, t: Any) -> None:
    assert not explains(a, t)


def test_bytes_that_are_no_json_are_not_explained() -> None:
    assert not Explaining(Names(), Bodies()).explains(b"{}", b"{")
