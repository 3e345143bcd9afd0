"""Which assets are relatives of others, and in which order."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.apis.assets.related import recommended, related, weight
from mockserver.state.store import Record

Make = Callable[..., Record]

WORDS = st.lists(st.sampled_from([f"w{number}" for number in range(12)]), max_size=8)
TAGS = st.lists(st.sampled_from(["x", "y", "z"]), max_size=2)
ASSETS = st.lists(st.tuples(WORDS, TAGS), min_size=1, max_size=8)
INPUTS = st.sets(st.sampled_from([*"01234567", "stranger"]))


def keys(records: list[Record]) -> list[str]:
    return [record.key for record in records]


def build(asset: Make, drawn: list[tuple[list[str], list[str]]]) -> list[Record]:
    return [
        asset(str(number), content=" ".join(words), tags=tags)
        for number, (words, tags) in enumerate(drawn)
    ]


def close(one: tuple[list[str], list[str]], other: tuple[list[str], list[str]]) -> bool:
    shared = set(one[0]) & set(other[0])
    half = bool(shared) and 2 * len(shared) >= len(set(one[0]))
    return half or bool(set(one[1]) & set(other[1]))


def sharing(one: tuple[list[str], list[str]], other: tuple[list[str], list[str]]) -> bool:
    return bool(set(one[0]) & set(other[0])) or bool(set(one[1]) & set(other[1]))


@given(drawn=ASSETS, inputs=INPUTS, viewed=st.floats(0, 1e6))
def test_relatives_are_the_assets_that_share_something(
    asset: Make, drawn: list[Any], inputs: set[str], viewed: float
) -> None:
    known = [drawn[int(key)] for key in inputs - {"stranger"} if int(key) < len(drawn)]
    expected = {
        str(number)
        for number, one in enumerate(drawn)
        if str(number) not in inputs and any(sharing(one, other) for other in known)
    }
    records = build(asset, drawn)
    found, advised = related(records, inputs), recommended(records, [(i, viewed) for i in inputs])
    assert set(keys(found)) == set(keys(advised)) == expected
    assert len(found) == len(advised) == len(expected)


@given(drawn=ASSETS, inputs=INPUTS, viewed=st.floats(0, 1e6))
def test_close_relatives_rank_above_all_others(
    asset: Make, drawn: list[Any], inputs: set[str], viewed: float
) -> None:
    known = [drawn[int(key)] for key in inputs - {"stranger"} if int(key) < len(drawn)]
    records = build(asset, drawn)
    for found in (related(records, inputs), recommended(records, [(i, viewed) for i in inputs])):
        near = [any(close(drawn[int(key)], other) for other in known) for key in keys(found)]
        assert near == sorted(near, reverse=True)


@given(drawn=ASSETS, inputs=INPUTS)
def test_the_order_depends_on_nothing_but_the_assets(
    asset: Make, drawn: list[Any], inputs: set[str]
) -> None:
    first = related(build(asset, drawn), sorted(inputs))
    again = related(build(asset, drawn), sorted(inputs, reverse=True))
    assert keys(first) == keys(again)


def test_names_count_and_case_does_not(asset: Make) -> None:
    records = [asset("in", "Ring Buffer"), asset("a", "ring", "BUFFER"), asset("b", "Retry")]
    assert keys(related(records, ["in"])) == ["a"]


def test_tags_are_compared_trimmed_and_without_case(asset: Make) -> None:
    records = [asset("in", tags=["Python"]), asset("a", tags=[" python "]), asset("b", tags=["py"])]
    assert keys(related(records, ["in"])) == ["a"]


def test_the_liker_comes_first_and_of_equals_the_newer(asset: Make) -> None:
    records = [
        asset("in", content="one two three four"),
        asset("like", content="one two three"),
        asset("less", content="one two"),
        asset("newer", content="one two"),
        asset("weak", content="one and something quite else"),
    ]
    assert keys(related(records, ["in"])) == ["like", "newer", "less", "weak"]


def test_relatives_of_more_inputs_come_first(asset: Make) -> None:
    records = [
        asset("one", tags=["x"]),
        asset("two", tags=["y"]),
        asset("both", tags=["x", "y"]),
        asset("single", tags=["x"]),
    ]
    assert keys(related(records, ["one", "two"])) == ["both", "single"]


@given(less=st.floats(0, 1e6), more=st.floats(1, 1e6), swap=st.booleans())
def test_the_more_viewed_input_pulls_its_relatives_higher(
    asset: Make, less: float, more: float, swap: bool
) -> None:
    records = [
        asset("a", content="one two three four"),
        asset("b", tags=["x"]),
        asset("of-a", content="one two"),
        asset("of-b", content="completely different", tags=["x"]),
    ]
    weights = [("a", less), ("b", less + more)]
    if swap:
        weights = [("b", less), ("a", less + more)]
    expected = ["of-a", "of-b"] if swap else ["of-b", "of-a"]
    assert keys(recommended(records, weights)) == expected


def test_views_of_the_same_asset_add_up(asset: Make) -> None:
    records = [asset(key, tags=[tag]) for key, tag in (("a", "x"), ("b", "y"), ("c", "x"))]
    records.append(asset("d", tags=["y"]))
    assert keys(recommended(records, [("a", 2), ("b", 3)])) == ["d", "c"]
    assert keys(recommended(records, [("a", 2), ("b", 3), ("a", 2)])) == ["c", "d"]


def test_many_assets_are_compared_in_reasonable_time(asset: Make) -> None:
    text = " ".join(f"word{number}" for number in range(100))
    records = [asset(str(number), content=f"{text} own{number}") for number in range(3_000)]
    inputs = [str(number) for number in range(1_000)]
    started = perf_counter()
    assert len(related(records, inputs)) == 2_000
    assert perf_counter() - started < 10


@pytest.mark.parametrize(
    ("viewed", "seconds"),
    [
        ("PT5M", 300),
        ("PT1M30S", 90),
        ("PT0.5S", 0.5),
        ("PT0,5S", 0.5),
        ("P1DT1H", 90_000),
        ("P2W", 1_209_600),
        ("P1M", 2_592_000),
        ("P1Y", 31_536_000),
        ("P0000-00-00T00:05:00", 300),
        ("P0000-00-01T01:00:02.5", 90_002.5),
        ("PT00:05:00", 300),
        ("P", 0),
        ("PY-M-DTh:m:s", 0),
        ("-PT5M", 0),
        ("5", 0),
        ("", 0),
        (None, 0),
        (300, 0),
        ("PT" + "9" * 5_000 + "S", 0),
    ],
)
def test_viewing_weighs_its_seconds(viewed: object, seconds: float) -> None:
    assert weight({"viewed": viewed}) == pytest.approx(seconds)


def test_scrolling_and_touching_add_weight() -> None:
    plain = weight({"viewed": "PT5M", "scrolled": False, "touched": False})
    scrolled = weight({"viewed": "PT5M", "scrolled": True})
    touched = weight({"viewed": "PT5M", "touched": True})
    assert (
        plain < scrolled < touched < weight({"viewed": "PT5M", "scrolled": True, "touched": True})
    )
    assert weight({}) == 0


ANYTHING = st.none() | st.booleans() | st.integers() | st.floats() | st.text()


@given(
    st.dictionaries(
        st.sampled_from(["viewed", "scrolled", "touched"]),
        ANYTHING | st.from_regex(r"\AP[0-9YMWDTHS:,.-]*\Z"),
    )
)
def test_any_interaction_weighs_something_finite(interaction: dict[str, Any]) -> None:
    assert 0 <= weight(interaction) < float("inf")
