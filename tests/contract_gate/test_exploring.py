"""Exploring: calls altered, distorted and exchanged, sent where they lead somewhere new."""

from __future__ import annotations

import ast
import base64
import contextlib
import json
import random
import sys
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from mockserver.app import create_app
from mockserver.catalogue import build
from mockserver.contract.alike import has_in_common
from mockserver.contract.altering import Altering
from mockserver.contract.calls import keys_in, lesser
from mockserver.contract.chance import lacks_words
from mockserver.contract.checking import Check, opened
from mockserver.contract.credentials import callers
from mockserver.contract.distorting import distorted
from mockserver.contract.distorting_forms import distorted_form
from mockserver.contract.exchanging import BY, Exchanging
from mockserver.contract.exploring import Exploring
from mockserver.contract.promises import Wording
from mockserver.contract.reference import Reference
from mockserver.contract.resolving import Resolving
from mockserver.contract.results import Options
from mockserver.contract.spelling import respelt
from mockserver.contract.treading import OFTEN, Treading
from mockserver.contract.values import (
    Answered,
    Difference,
    Form,
    Json,
    Key,
    Message,
    Part,
    Raw,
    Sent,
)
from mockserver.contract.wire import BOGUS, NO_CALLER, Callers, Writer
from mockserver.engine.leeway import is_otherwise
from tests.contract_gate import mutants

JSON = Sent("update_assets", "PUT", "/assets", body=Json({"ids": [Key(0)], "description": "a"}))
ASSET = "225ee169-0f41-45b3-b794-62223086f20a"
UPLOAD = Form((Part("assetData", b"bytes", "a.jpg"), Part("deviceId", "cli")))


def sized(number: int) -> str:
    return "large" if number > 5 else "small"


@pytest.fixture
def immich() -> Iterator[Check]:
    mock = build(["immich"])
    reset = mock.sandboxes.default.reset
    with opened(create_app(mock), "immich", Options(), reset=reset) as made:
        made.fresh()
        yield made


def exchanging(made: Check, seeded: list[str]) -> Exchanging:
    return Exchanging(made._drawing, Resolving(made.setting.first.api.schemas), seeded)


def test_what_no_call_that_was_sent_has_run_is_new_even_within_a_line() -> None:
    treading = Treading([sized])
    for _ in range(OFTEN):
        treading.note(treading.ran(partial(sized, 1))[1])
    assert treading.ran(partial(sized, 2)) == ("small", frozenset())
    told, new = treading.ran(partial(sized, 9))
    assert told == "large"
    assert treading.note(new)


def test_nothing_is_seen_while_somebody_else_traces() -> None:
    def tracer(*_: Any) -> None:
        return None

    sys.settrace(tracer)
    try:
        assert Treading([sized]).ran(partial(sized, 1)) == ("small", frozenset())
        assert sys.gettrace() is tracer
    finally:
        sys.settrace(None)


def is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except ValueError:
        return False
    return True


def test_json_is_distorted_in_its_text_its_charset_and_its_media_type() -> None:
    choice = random.Random(1)
    sents = [made for _ in range(300) if (made := distorted(JSON, choice)) is not None]
    assert all(isinstance(sent.body, Raw) and not list(keys_in(sent)) for sent in sents)
    bodies = [(sent.body.data, sent.media_type) for sent in sents if isinstance(sent.body, Raw)]
    assert any(not is_json(data) for data, told in bodies if told == "application/json")
    assert any("utf-16" in told for _, told in bodies)
    assert any(b"ids%5B" in data or b"ids[" in data for data, _ in bodies)
    assert any(told.startswith("multipart/form-data") for _, told in bodies)


def test_a_form_is_distorted_in_heads_of_parts_its_boundary_and_its_end() -> None:
    choice = random.Random(1)
    made = [distorted_form(UPLOAD, choice) for _ in range(300)]
    whole = next(data for data, told in made if data.endswith(b"--\r\n"))
    assert any(b"filename*=UTF-8''%61" in data for data, _ in made)
    assert any("boundary" not in told for _, told in made)
    assert any(len(data) < len(whole) and not data.endswith(b"--\r\n") for data, _ in made)
    assert any(data.count(b"\r\nx\r\n") > 1_000 for data, _ in made)


def test_values_are_written_in_other_forms_of_the_same_kind() -> None:
    choice = random.Random(1)
    moment = "2024-05-06T07:08:09.000Z"
    instants = {each for _ in range(300) if isinstance(each := respelt(moment, choice), str)}
    same = [each for each in instants if is_instant(each, moment) and each != moment]
    assert any("+05:30" in each for each in same)
    assert ASSET.upper() in [respelt(ASSET, choice) for _ in range(100)]
    digits = base64.b64encode(b"twenty bytes and one").decode()
    assert b"twenty bytes and one".hex() in [respelt(digits, choice) for _ in range(900)]
    assert not any(isinstance(respelt(Key(0), choice), Key) for _ in range(50))


def is_instant(text: str, moment: str) -> bool:
    try:
        return datetime.fromisoformat(text) == datetime.fromisoformat(moment)
    except (ValueError, TypeError):
        return False


def test_an_altered_call_is_another_one_of_the_same_operation(immich: Check) -> None:
    altering = Altering(immich._drawing, Resolving(immich.setting.first.api.schemas))
    sent = Sent(
        "update_asset", "PUT", "/assets/{id}", {"id": ASSET},
        body=Json({"isFavorite": True}), media_type="application/json", caller="demo",
    )  # fmt: skip
    made = [each for _ in range(200) if (each := altering.altered(sent)) is not None]
    assert {each.operation for each in made} == {"update_asset"}
    assert any(each.caller != "demo" for each in made)
    assert any(each.path_parameters != {"id": ASSET} for each in made)
    assert any(isinstance(each.body, Raw) for each in made)
    members = [set(each.body.value) for each in made if is_object(each)]
    assert any(names > {"isFavorite"} for names in members)


def is_object(sent: Sent) -> bool:
    return isinstance(sent.body, Json) and isinstance(sent.body.value, dict)


def test_a_call_is_made_by_everybody_and_by_each_link_about_what_it_shares(immich: Check) -> None:
    sent = Sent("get_asset_info", "GET", "/assets/{id}", {"id": ASSET}, caller="demo")
    made = list(exchanging(immich, []).exchanged(sent, BY))
    who = {each.caller for each in made}
    assert {"demo", "user1", "demo by cookie", NO_CALLER, BOGUS} <= who
    view_only = [each for each in made if each.caller.startswith("shared_links 7e34c9d4")]
    assert {"a2eac4e3-0d83-47b5-bdbc-67254050ec4b", ASSET} <= {
        each.path_parameters["id"] for each in view_only
    }


def test_a_call_is_made_about_each_record_also_in_a_member_that_it_left_out(immich: Check) -> None:
    sent = Sent("update_asset", "PUT", "/assets/{id}", {"id": ASSET}, body=Json({}))
    exchanges = exchanging(immich, ["one", "two"])
    assert ("more", "livePhotoVideoId") in exchanges.places(sent)
    named = [each.body for each in exchanges.exchanged(sent, ("more", "livePhotoVideoId"))]
    assert named == [Json({"livePhotoVideoId": "one"}), Json({"livePhotoVideoId": "two"})]
    about = [each.path_parameters["id"] for each in exchanges.exchanged(sent, ("path", "id"))]
    assert about == ["one", "two"]


def test_each_listed_value_is_sent_and_files_have_the_usual_names(immich: Check) -> None:
    exchanges = exchanging(immich, [])
    asked = Sent("view_asset", "GET", "/assets/{id}/thumbnail", {"id": ASSET})
    assert {dict(each.query)["size"] for each in exchanges.listed(asked) if each.query} >= {
        "fullsize",
        "preview",
        "thumbnail",
    }
    upload = Sent("upload_asset", "POST", "/assets", body=UPLOAD, media_type="multipart/form-data")
    bodies = [each.body for each in exchanges.listed(upload)]
    parts = [part for body in bodies if isinstance(body, Form) for part in body.parts]
    assert {"name.heic", "name.mov"} <= {part.file_name for part in parts}


def test_keys_in_records_are_credentials_of_a_scheme_that_nobody_has_one_for() -> None:
    reference = Reference(build(["immich"]))
    description, identities = reference.api.description, list(reference.api.identities)
    shared = [i for i in callers(description, identities, reference.beginning) if i.get("about")]
    keys = [each["credentials"]["share_key"] for each in shared]
    assert [key[:8] for key in keys] == ["demo-eve", "demo-vie", "demo-exp"]
    assert not [i for i in callers(description, identities) if i.get("about")]


def test_a_credential_that_an_operation_does_not_ask_for_is_told_anyway() -> None:
    reference = Reference(build(["immich"]))
    description = reference.api.description
    who = Callers(description, [{"identity": "link", "credentials": {"share_key": "word"}}])
    sent = Sent("get_random", "GET", "/assets/random", caller="link")
    assert Writer(description, who, "").message(sent, str).target == "/assets/random?key=word"


def test_a_call_is_tried_without_each_member_or_part() -> None:
    assert [each.body for each in lesser(Sent("a", "POST", "/a", body=Json({"a": 1, "b": 2})))] == [
        Json({"b": 2}),
        Json({"a": 1}),
    ]
    assert [each.body for each in lesser(Sent("a", "POST", "/a", body=UPLOAD))] == [
        Form(UPLOAD.parts[1:]),
        Form(UPLOAD.parts[:1]),
    ]


@pytest.mark.parametrize(
    ("a", "b", "t", "alike"),
    [
        ("af19-name.png", "bc20-name.png", "cd31-name.png", True),
        ("af19-name.png", "bc20-name.png", "cd31-other.png", False),
        ("<Code>None</Code><Id>1a2b</Id>", "<Code>None</Code><Id>3c4d</Id>", "<Id>5e</Id>", False),
        ("one two", "three", "anything at all", True),
        ("at 10:15:00", "at 12:15:00", "at 11:16:00", True),
    ],
)  # fmt: skip
def test_what_two_texts_have_in_common_a_third_one_has(a: str, b: str, t: str, alike: bool) -> None:
    assert has_in_common((a, b), t) == alike


@pytest.mark.parametrize(
    ("media_type", "counts"),
    [("application/xml", True), ("application/json", False), ("text/plain", True)],
)
def test_words_that_are_in_a_text_each_time_are_not_left_to_chance(
    media_type: str, counts: bool
) -> None:
    def told(text: str) -> Answered:
        return Answered(404, (("content-type", media_type),), text.encode())

    right = [told(f"<Code>Gone</Code><Message>None</Message><Id>{n}</Id>") for n in ("1a", "3c")]
    difference = Difference("MS204", "body", "", "", "")
    assert lacks_words(right, told("<Code>Gone</Code><Id>5e</Id>"), difference) is counts


SIGNED = "http://a.test/x?mode=inline&date={}&signature={}"


@pytest.mark.parametrize(
    ("pointer", "server", "counts"),
    [
        ("/url", "http://a.test/x?mode=inline&date=4d&signature=6f", False),
        ("/url", "http://a.test/x?mode=attached&date=4d&signature=6f", True),
        ("/items/3/url", "http://a.test/x?mode=attached&date=4d&signature=6f", False),
    ],
)
def test_a_url_that_is_signed_anew_each_time_is_judged_by_the_rest_of_it(
    pointer: str, server: str, counts: bool
) -> None:
    def told(url: str) -> Answered:
        body = {"url": url, "items": [{}, {}, {}, {"url": url}]}
        return Answered(200, (("content-type", "application/json"),), json.dumps(body).encode())

    right = [told(SIGNED.format(*each)) for each in (("1a", "2b"), ("3c", "5e"))]
    difference = Difference("MS204", "body", pointer, "", "")
    assert lacks_words(right, told(server), difference) is counts


def test_a_settled_wording_is_no_longer_changed_by_what_comes() -> None:
    wording = Wording(set(range(12)))
    settled = wording.settled()
    for words in "abcd":
        settled.count(words, agreed=False)
        wording.count(words, agreed=False)
    assert settled.promised
    assert not wording.promised


def test_a_server_that_is_our_own_mock_decides_what_is_open_as_the_reference_does() -> None:
    mock = build(["assets"])
    for decided in (True, False):
        reference = Reference(mock, decided=decided)
        reference._applied = lambda *_: is_otherwise()  # type: ignore[method-assign]
        message = Message("GET", "/assets", (), b"")
        assert reference.apply(message, reference.world(0), "") is False
        assert reference.apply(message, reference.world(1), "") is not decided


class Alone:
    """A run that makes the calls it is told to, and no others."""

    phase = ""

    def __init__(self, made: Check) -> None:
        self._made = made
        self.setting, self.session = made.setting, made.session

    @property
    def requests(self) -> int:
        return len(self.session.steps)

    def fresh(self) -> None:
        raise AssertionError("nobody asks for a fresh state")

    def do(self, sent: Sent, *, sweep: bool = True) -> bool:
        with contextlib.suppress(KeyError):
            self.session.step(sent)
            self._made._drawing.learn(self.session, sent)
        return False


def test_what_is_explored_leads_to_refusals_that_no_right_body_gets(immich: Check) -> None:
    run = Alone(immich)
    exploring = Exploring(run, immich._drawing)
    for _ in range(6):
        exploring.go()
    said = {step.a.body for step in run.session.steps if isinstance(step.a, Answered)}
    assert any(b" in JSON at position " in body for body in said)
    assert any(b"Multipart: " in body for body in said)
    assert any(b"Invalid share key" in body for body in said)
    assert not any(step.differences for step in run.session.steps)


@pytest.mark.parametrize("module", mutants.modules("plane"))
def test_each_mutant_of_a_module_is_another_module(module: str) -> None:
    whole = ast.unparse(ast.parse(mutants.source_of(module).read_text()))
    made = mutants.mutants(module)
    for mutant in random.Random(1).sample(made, min(10, len(made))):
        changed = mutants.changed(mutant)
        assert ast.unparse(changed) != whole
        compile(changed, module, "exec")
