"""What a check goes through once, and how many records are made that are alike."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from mockserver.app import create_app
from mockserver.catalogue import build
from mockserver.contract.checking import Check, opened
from mockserver.contract.growing import Growing
from mockserver.contract.hardening import Hardening
from mockserver.contract.results import Options
from mockserver.contract.saying import Saying
from mockserver.contract.texts import HARD
from mockserver.contract.values import Answered, Json, Key, Sent
from tests.contract_gate.flask_service import CREATE, checked
from tests.contract_gate.notes import DESCRIPTION, Notes
from tests.contract_gate.serving import EMPTY_OPTIONS
from tests.running import DESCRIPTIONS

BOOK = {"isbn": "9780000000002", "title": "One", "author": "Ann", "price": 3}
ADD = Sent("addBook", "POST", "/books", body=Json(BOOK), media_type="application/json")
BOOKSHOP, DOCUMENTS = (str(DESCRIPTIONS / f"{name}.yaml") for name in ("bookshop", "documents"))


def round_of(check: Check, name: str) -> list[Sent]:
    """What one round sends once it is known how assets are made, changed and deleted."""

    def phase() -> None:
        check._phases._look()
        check.fresh()
        check.do(CREATE, sweep=False)
        getattr(check._phases._rounds, name)()

    check._phases.run = phase
    check.run()
    return [step.sent for step in check.session.steps]


def test_each_hard_text_is_written_and_taken_by_a_correct_service(tmp_path: Path) -> None:
    with checked(tmp_path) as check:
        calls = round_of(check, "say")
        raw = [_raw(call) for call in calls if call.operation == CREATE.operation]
        assert set(HARD) <= set(raw)
        assert not check.result.findings


def _raw(call: Sent) -> str:
    assert isinstance(call.body, Json)
    text: str = call.body.value["asset"]["format"]["fragment"]["string"]["raw"]
    return text


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("say", "name_stored_as_nfc"),
        ("say", "crlf_normalised"),
        ("say", "content_cut_at_4096"),
        ("say", "empty_content_missing"),
        ("say", "lost_second_annotation"),
        ("say", "lost_discovered"),
        ("live", "deleted_in_search"),
        ("live", "stale_get"),
        ("live", "deleted_formats_listed"),
        ("live", "refused_update_revives"),
        ("live", "id_reused"),
        ("live", "third_update_lost"),
        ("empty", "empty_list_missing"),
        ("ask", "draft_saves"),
    ],
)
def test_each_round_shows_what_it_is_there_for(tmp_path: Path, name: str, fault: str) -> None:
    with checked(tmp_path, fault) as check:
        round_of(check, name)
        assert check.result.findings


def test_a_record_is_made_twice_changed_and_deleted_and_read_in_between(tmp_path: Path) -> None:
    with checked(tmp_path) as check:
        calls = round_of(check, "live")
        told = Counter(call.why for call in calls)
        assert told["a twin"] >= 1
        assert min(told["read around a write"], told["what was deleted"]) > 2
        assert not check.result.findings


def test_what_changes_nothing_is_left_out_and_what_does_is_kept(tmp_path: Path) -> None:
    with checked(tmp_path) as check:
        check.fresh()
        assert isinstance(CREATE.body, Json)
        asset = CREATE.body.value["asset"]
        more = {**CREATE.body.value, "asset": {**asset, "metadata": {"name": "a name"}}}
        schema = {"migration": 0, "semantic": "MAJOR_0_MINOR_0_PATCH_1"}
        sent = replace(CREATE, body=Json({**more, "schema": schema}))
        saying = Saying(check._drawing, check._phases._featuring)
        found = saying.essential(sent, check.session)
        assert isinstance(found.body, Json)
        assert found.body.value["asset"]["metadata"] == {"name": "a name"}
        assert "schema" not in found.body.value
        answers = [check.session.outlook(each).answer for each in (sent, found)]
        assert all(isinstance(each, Answered) and each.status == 200 for each in answers)


def test_of_a_list_the_items_that_change_nothing_are_left_out() -> None:
    mock = build([DOCUMENTS])
    reset = mock.sandboxes.default.reset
    with opened(create_app(mock), DOCUMENTS, Options(seconds=60), reset=reset) as check:
        check.fresh()
        title = Json({"title": "none"})
        made = Sent("addDocument", "POST", "/documents", body=title, media_type="application/json")
        check.session.step(made)
        key = next(Key(n) for n in range(9) if check.session.names[n].is_key)
        steps = [{"op": "add", "path": "/title", "value": each} for each in ("one", "two")]
        sent = Sent("changeDocument", "PATCH", "/documents/{id}", {"id": key}, body=Json(steps))
        patch = replace(sent, media_type="application/json-patch+json")
        found = Saying(check._drawing, check._phases._featuring).essential(patch, check.session)
        assert found.body == Json(steps[1:])


def test_less_is_said_in_one_place_each_time_and_where_it_tells_something(tmp_path: Path) -> None:
    with checked(tmp_path) as check:
        check.fresh()
        assert isinstance(CREATE.body, Json)
        asset = CREATE.body.value["asset"]
        said = {"name": "a name", "tags": [{"text": "one"}]}
        whole = {**CREATE.body.value, "asset": {**asset, "metadata": said, "discovered": True}}
        saying = Saying(check._drawing, check._phases._featuring)
        calls = saying.less(replace(CREATE, body=Json(whole)), check.session, 40)
        assets = [call.body.value["asset"] for call in calls if isinstance(call.body, Json)]
        assert [each.get("metadata", {}).get("tags") for each in assets].count([]) == 1
        assert [each for each in assets if "name" not in each.get("metadata", {"name": ""})]
        assert [each for each in assets if "discovered" not in each]
        assert all(sum(each == other for other in assets) == 1 for each in assets)


def test_records_alike_are_made_though_clients_choose_their_keys() -> None:
    mock = build([BOOKSHOP])
    options, reset = Options(seconds=60), mock.sandboxes.default.reset
    with opened(create_app(mock), BOOKSHOP, options, reset=reset) as check:

        def phase() -> None:
            check.fresh()
            check.do(ADD, sweep=False)
            Growing(check, check._drawing, Hardening(check._drawing)).grow(0)

        check._phases.run = phase
        check.run()
        authors = Counter(
            step.sent.body.value["author"]
            for step in check.session.steps
            if step.created and isinstance(step.sent.body, Json)
        )
        assert authors.most_common(1)[0][1] > 3


def test_what_a_refused_write_did_all_the_same_shows_in_the_round_of_refusals() -> None:
    notes = Notes("side effect")
    with opened(notes, str(DESCRIPTION), EMPTY_OPTIONS, reset=notes.reset) as check:

        def phase() -> None:
            check.fresh()
            for label, done in (("red", True), ("green", False)):
                note = Json({"text": "some words", "label": label, "done": done})
                check.do(
                    Sent("addNote", "POST", "/notes", body=note, media_type="application/json")
                )
            whole = Json({"text": "others", "label": "blue", "done": True})
            put = Sent("replaceNote", "PUT", "/notes/{id}", {"id": 2}, body=whole)
            check.do(replace(put, media_type="application/json"))
            check._phases._rounds._refused.update({"addNote", "changeNote"})
            check._phases._rounds.refuse()

        check._phases.run = phase
        check.run()
        [finding] = check.result.findings
        refused = finding.sequence[-2]
        assert (refused.sent.operation, refused.got.status) == ("replaceNote", 400)
