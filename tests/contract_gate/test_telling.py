"""Questions are chosen by what they tell, and writes by what no write had in it yet."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from mockserver.contract.bodies import json_body
from mockserver.contract.checking import Check, opened
from mockserver.contract.featuring import Featuring
from mockserver.contract.growing import Growing
from mockserver.contract.hardening import Hardening
from mockserver.contract.inquiring import Inquiring
from mockserver.contract.telling import Telling
from mockserver.contract.values import Json, Sent
from tests.contract_gate.notes import DESCRIPTION, Notes
from tests.contract_gate.serving import EMPTY_OPTIONS

NOTE = {"text": "some words", "label": "red", "done": False}
OTHER = {"text": "other words", "label": "green", "done": True}


def asked(*query: tuple[str, Any]) -> Sent:
    return Sent("listNotes", "GET", "/notes", query=query)


@pytest.fixture
def made() -> Iterator[Check]:
    """A check of notes, of which there are two."""
    notes = Notes()
    with opened(notes, str(DESCRIPTION), EMPTY_OPTIONS, reset=notes.reset) as check:
        check.fresh()
        for note in (NOTE, OTHER):
            sent = Sent("addNote", "POST", "/notes", body=Json(note), media_type="application/json")
            check.session.step(sent)
            drawing(check).learn(check.session, sent)
        yield check


def drawing(check: Check) -> Any:
    return check._drawing


def test_of_two_questions_the_one_whose_parts_matter_is_asked(made) -> None:
    idle, telling = asked(("limit", 20)), asked(("label", "red"))
    assert Telling(random.Random(1)).best(made.session, [idle, telling]) == telling


def test_where_no_part_matters_the_first_question_is_asked_and_tells_nothing(made) -> None:
    telling = Telling(random.Random(1))
    questions = [asked(("limit", 20)), asked(("offset", 0))]
    assert telling.best(made.session, questions[:1]) == questions[0]
    assert telling.best(made.session, [asked(), asked()]) == asked()
    assert telling.latest == 0


def test_of_two_questions_the_one_that_finds_different_items_is_asked(made) -> None:
    another = Json({**NOTE, "done": True})
    made.session.step(
        Sent("addNote", "POST", "/notes", body=another, media_type="application/json")
    )
    alone, several = asked(("label", "green")), asked(("label", "red"))
    assert Telling(random.Random(1)).best(made.session, [alone, several]) == several


def test_the_same_question_tells_less_each_time(made) -> None:
    telling = Telling(random.Random(1))
    told = []
    for _ in range(3):
        telling.best(made.session, [asked(("label", "red"))])
        told.append(telling.latest)
    assert told[0] > told[1] > told[2] > 0


def test_what_two_questions_ask_for_is_asked_for_at_once(made) -> None:
    telling = Telling(random.Random(1))
    found = []
    for _ in range(12):
        questions = [asked(("label", "red")), asked(("done", True))]
        found.append(telling.best(made.session, questions[:1]))
        found.append(telling.best(made.session, questions[1:]))
    assert any({"label", "done"} <= {name for name, _ in sent.query} for sent in found)


def test_a_refused_question_and_one_that_writes_tell_nothing(made) -> None:
    telling = Telling(random.Random(1))
    telling.best(made.session, [asked(("limit", 0))])
    assert telling.latest == 0
    write = Sent("addNote", "POST", "/notes", body=Json(NOTE), media_type="application/json")
    telling.best(made.session, [write])
    assert telling.latest == 0


def test_the_phase_of_questions_only_asks(made) -> None:
    made.fresh()
    Inquiring(made, drawing(made)).go()
    assert all(step.sent.method == "GET" for step in made.session.steps)
    assert not any(step.wrote for step in made.session.steps)


def test_writes_get_each_allowed_value_and_are_left_without_what_they_need_not_have(made) -> None:
    featuring = Featuring(drawing(made))
    _, schema = json_body(drawing(made).operations["addNote"])
    described = drawing(made).schemas.merged(schema)
    optional = set(described["properties"]) - set(described.get("required", ()))
    write = Sent("addNote", "POST", "/notes", body=Json(NOTE), media_type="application/json")
    made_ones = [featuring.featured(write, made.session) for _ in range(12)]
    bodies = [sent.body.value for sent in made_ones if sent and isinstance(sent.body, Json)]
    assert {body.get("label") for body in bodies} >= {"green", "blue"}
    assert {body.get("done") for body in bodies} >= {True}
    for name in optional & set(NOTE):
        assert any(name not in body for body in bodies)
    assert all(made.session.outlook(sent).good for sent in made_ones if sent)


def test_long_runs_grow_each_kind_of_record_in_its_turn(made, monkeypatch) -> None:
    known, grown = drawing(made), []
    known.creators.update({"replaceNote": 1, "addNote": 3})
    known.tried.update({"replaceNote": 9, "addNote": 3})
    growing = Growing(made, known, Hardening(known))
    monkeypatch.setattr(growing, "_create", lambda creator, _: grown.append(creator))
    for cycle in range(3):
        growing.grow(cycle)
    assert grown == ["addNote", "replaceNote", "addNote"]
