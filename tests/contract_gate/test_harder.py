"""Calls that are drawn to go together: each kind does what its name says, on a small API."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from mockserver.contract.checking import Check, opened
from mockserver.contract.hardening import Hardening, lists_in
from mockserver.contract.lives import Lives
from mockserver.contract.pools import Pools, leaves
from mockserver.contract.racing import named
from mockserver.contract.sweeping import Sweep
from mockserver.contract.texts import HARD
from mockserver.contract.values import Answered, Json, Sent
from mockserver.contract.variations import Variations, without
from tests.contract_gate.notes import DESCRIPTION, Notes
from tests.contract_gate.serving import EMPTY_OPTIONS

NOTE = {"text": "some words", "label": "red", "done": False}
CREATE = Sent("addNote", "POST", "/notes", body=Json(NOTE), media_type="application/json")


@pytest.fixture
def made() -> Iterator[Check]:
    """A check of notes, of which there is one."""
    notes = Notes()
    with opened(notes, str(DESCRIPTION), EMPTY_OPTIONS, reset=notes.reset) as check:
        check.fresh()
        check.session.step(CREATE)
        drawing(check).learn(check.session, CREATE)
        yield check


def drawing(check: Check) -> Any:
    return check._drawing


def test_a_life_ends_with_a_deletion_that_is_made_again_and_writes_to_what_is_gone(made) -> None:
    lives = Lives(drawing(made))
    told = [list(lives.ending(made.session, Sweep(drawing(made)), [1])) for _ in range(20)]
    assert {calls[0].operation for calls in told if calls} == {"removeNote"}
    assert {call.why for calls in told for call in calls} >= {"deleted again"}
    written = [call for calls in told for call in calls if call.method != "GET"]
    assert all(1 in named([call]) for call in written)


def test_a_short_list_is_emptied_and_read_each_time(made) -> None:
    for text in ("two", "three"):
        made.session.step(replace(CREATE, body=Json(NOTE | {"text": text})))
    calls = list(Lives(drawing(made)).emptying(made.session, Sweep(drawing(made))))
    told = [call.operation for call in calls]
    assert told == ["listNotes", *["removeNote", "listNotes"] * 3]
    assert len({repr(call.path_parameters) for call in calls if call.path_parameters}) == 3


def test_around_a_write_is_read_what_it_changes_and_nothing_else(made) -> None:
    change = Sent(
        "replaceNote", "PUT", "/notes/{id}", {"id": 1}, body=Json(NOTE | {"text": "others"})
    )
    reads = Lives(drawing(made)).around(made.session, Sweep(drawing(made)), change)
    assert {read.operation for read in reads} <= {"readNote", "listNotes"}
    assert any(read.path_parameters == {"id": 1} for read in reads)


def test_a_hard_write_still_works_and_has_hard_texts(made) -> None:
    hardening = Hardening(drawing(made))
    found = [hardening.hardened(CREATE, made.session) for _ in range(30)]
    texts = [sent.body.value["text"] for sent in found if sent and isinstance(sent.body, Json)]
    assert texts
    assert set(texts) <= set(HARD)
    assert all(1 <= len(text) <= 40 for text in texts)


def test_a_variation_differs_from_a_question_that_found_something_in_one_thing() -> None:
    pools = Pools()
    for value in ("one", "two", "three"):
        pools.sent("tags", value)
    value = {"filters": [{"tags": ["one", "two"], "kind": "a"}], "casing": True}
    asked = Sent("search", "POST", "/search", body=Json(value), query=(("limit", 5),))
    variations = Variations(pools, random.Random(1), {"search": 2})
    assert variations.draw("search") is None
    variations.note(asked, Answered(200, (), b"x" * 100))
    found = [near for _ in range(60) if (near := variations.draw("search")) is not None]
    assert len(found) > 30
    for near in found:
        assert isinstance(near.body, Json)
        before, after = dict(leaves(value)), dict(leaves(near.body.value))
        changed = near.query != asked.query
        lists = [len(list(leaves(each))) for each in (value, near.body.value)]
        differing = {p for p in before.keys() | after.keys() if before.get(p) != after.get(p)}
        assert changed != bool(differing)
        assert len(differing) <= 1 or abs(lists[0] - lists[1]) == 1


def test_an_answer_to_a_question_that_found_nothing_is_not_asked_again() -> None:
    variations = Variations(Pools(), random.Random(1), {})
    asked = Sent("search", "GET", "/search", query=(("q", "a"),))
    variations.note(asked, Answered(200, (), b"[]"))
    variations.note(asked, Answered(404, (), b""))
    assert variations.draw("search") is None


def test_a_place_is_left_out_and_nothing_else() -> None:
    value = {"a": [{"b": 1}, {"c": 2, "d": 3}]}
    assert without(value, ("a", 1, "c")) == {"a": [{"b": 1}, {"d": 3}]}
    assert without(value, ("a", 0)) == {"a": [{"c": 2, "d": 3}]}
    assert list(lists_in(value)) == [("a",)]


@pytest.mark.parametrize(
    "text", ["Sat, 21 Nov 2026 12:51:32 GMT", "http://x/y?X-Amz-Date=20261121T125132Z", "12:51:32"]
)
def test_moments_in_texts_are_no_words_because_they_are_others_in_each_run(text: str) -> None:
    pools = Pools()
    pools.sent("told", text)
    assert pools.word(random.Random(0)) is None
