from __future__ import annotations

import contextlib
import json
import logging
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.catalogue import Mock, Settings, build
from mockserver.engine.endpoint import Endpoint, PutOff
from mockserver.engine.handlers import Call, Handlers, Reply
from mockserver.engine.preferences import (
    UNMET,
    Preferences,
    Unmet,
    asked,
    documented_reply,
    without_preferences,
)
from mockserver.engine.reply import Answer, ReplyWriter
from mockserver.engine.request import Request
from mockserver.engine.spec import Operation
from mockserver.state.sandboxes import Rules
from tests.engine.tiny import THING, assembled, described, json_content, reference, sandbox, sent

TOM = {"id": "tom", "n": 1}
REX = {"id": "rex", "n": 2}
EXAMPLES = {"cat": {"value": TOM}, "dog": {"value": REX}, "broken": {"value": {"id": 3}}}
PROBLEM = "application/problem+json"
RESPONSES = {
    "200": {"content": {"application/json": {"schema": reference("Thing"), "examples": EXAMPLES}}},
    "202": {"content": json_content(reference("Thing"))},
    "204": {"content": json_content(reference("Thing"))},
    "404": {"content": {"text/plain": {"schema": {"type": "string"}, "example": "no such thing"}}},
    "429": {
        "headers": {
            "Retry-After": {"required": True, "schema": {"type": "integer", "minimum": 1}},
            "X-Tags": {"schema": {"type": "array", "minItems": 2, "items": {"enum": ["a"]}}},
            "Content-Length": {"schema": {"type": "integer", "minimum": 1000}},
        }
    },
    "5XX": {"content": json_content({"type": "object", "required": ["why"]})},
}


class Prefers:
    """One operation that adds a record each time its handler runs."""

    def __init__(self, responses: Any = None, **operation: Any) -> None:
        def handler(call: Call) -> Reply:
            call.transaction.put("things", call.transaction.new_id(), {})
            return Reply({"id": "handled"})

        item = {"post": {"operationId": "only", "responses": responses or RESPONSES, **operation}}
        security = {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}
        description = described({"/": item}, components={"securitySchemes": security})
        self.endpoint = Endpoint(
            assembled(description, only=handler), description.operations[0], handler
        )
        self.world = sandbox()

    def ask(self, prefer: str | None = None, query: str = "", **headers: str) -> Answer:
        given_ = {name.encode(): text.encode() for name, text in headers.items()}
        if prefer is not None:
            given_[b"prefer"] = prefer.encode()
        return self.endpoint(Request(self.world, query=query.encode(), headers=given_))


@pytest.fixture
def prefers() -> Prefers:
    return Prefers()


def test_a_code_is_answered_as_it_is_documented(prefers: Prefers) -> None:
    answer = prefers.ask("code=202")
    assert answer.status == 202
    assert isinstance(json.loads(answer.body)["id"], str)
    assert sent(answer)[b"preference-applied"] == b"code=202"


def test_what_is_made_follows_from_the_seed(tmp_path: Path) -> None:
    paths = {"/things/{id}": {"get": {"operationId": "read", "responses": {
        "200": {"description": "", "content": json_content(reference("Thing"))}}}}}  # fmt: skip
    source = tmp_path / "things.json"
    source.write_text(json.dumps(described(paths).document), encoding="utf-8")

    def made(seed: int) -> Any:
        mock = build([str(source)], Settings(Rules(seed=seed)))
        [api] = mock.apis
        [only] = api.description.operations
        request = Request(mock.sandboxes.default)
        return documented_reply(api, only, Preferences(dynamic=True, seed="x"), request).body

    assert made(0) == made(0) != made(1)


def test_a_code_of_a_documented_range_is_answered(prefers: Prefers) -> None:
    answer = prefers.ask("code=503")
    assert answer.status == 503
    assert "why" in json.loads(answer.body)


def test_an_example_of_the_answer_is_shown_first(prefers: Prefers) -> None:
    assert json.loads(prefers.ask("code=200").body) == TOM
    missing = prefers.ask("code=404")
    assert (missing.status, missing.body) == (404, b"no such thing")


def test_a_named_example_is_answered(prefers: Prefers) -> None:
    answer = prefers.ask("example=dog")
    assert (answer.status, json.loads(answer.body)) == (200, REX)
    assert sent(answer)[b"preference-applied"] == b"example=dog"


def test_the_state_is_not_touched(prefers: Prefers) -> None:
    before = prefers.world.log.head
    prefers.ask("code=200")
    prefers.ask(query="__example=dog")
    assert prefers.world.log.head is before
    prefers.ask()
    assert prefers.world.log.head is not before


@pytest.mark.parametrize(
    "prefer",
    ["return=minimal", "respond-async, wait=10", "handling=lenient; strict", "seed=7",
     "dynamic=false", "", ",;=", "codes=404"],
)  # fmt: skip
def test_other_preferences_are_ignored(prefers: Prefers, prefer: str) -> None:
    answer = prefers.ask(prefer)
    assert json.loads(answer.body) == {"id": "handled"}
    assert b"preference-applied" not in sent(answer)


@pytest.mark.parametrize(
    "prefer",
    ["statusCode=404", "CODE=404", "code = 404", 'code="404"', "code=404; strict",
     "wait=1, code=404", "code=404,code=200"],
)  # fmt: skip
def test_a_preference_is_written_as_rfc_7240_and_other_mocks_have_it(
    prefers: Prefers, prefer: str
) -> None:
    assert prefers.ask(prefer).status == 404


def problem(answer: Answer) -> tuple[int, str]:
    assert sent(answer)[b"content-type"] == PROBLEM.encode()
    return answer.status, json.loads(answer.body)["detail"]


def test_a_code_that_is_not_documented_is_404(prefers: Prefers) -> None:
    status, detail = problem(prefers.ask("code=418"))
    assert status == 404
    assert detail.startswith("Prefer: code=418 is not documented at POST /; ")
    assert detail.endswith("documented: 200, 202, 204, 404, 429, 5XX.")


def test_a_preference_that_is_not_met_is_told_from_a_record_that_is_not_there(
    prefers: Prefers,
) -> None:
    for preference in ("code=418", "example=bird", "code=abc"):
        problem = json.loads(prefers.ask(preference).body)
        assert problem["type"] == UNMET
        assert problem["title"] == "The preference cannot be met"


def test_an_example_that_is_not_described_is_404(prefers: Prefers) -> None:
    status, detail = problem(prefers.ask("example=bird"))
    assert status == 404
    assert "'bird'" in detail
    assert "broken, cat, dog" in detail


@pytest.mark.parametrize("code", ["abc", "40", "4040", "", "4O4", "101", "999", "-04"])
def test_a_code_that_is_none_is_422(prefers: Prefers, code: str) -> None:
    status, detail = problem(prefers.ask(f"code={code}"))
    assert status == 422
    assert "three digits" in detail


def test_dynamic_is_true_or_false(prefers: Prefers) -> None:
    assert problem(prefers.ask("dynamic=perhaps"))[0] == 422


def test_an_example_that_breaks_its_schema_is_not_answered(
    prefers: Prefers, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        answer = prefers.ask("code=200, example=broken")
    assert isinstance(json.loads(answer.body)["id"], str)
    assert sent(answer)[b"preference-applied"] == b"code=200"
    assert "'broken'" in caplog.text


def test_an_example_may_be_written_as_the_text_that_is_sent() -> None:
    content = {"application/json": {"schema": THING, "example": json.dumps(REX)}}
    answer = Prefers({"200": {"content": content}}).ask("code=200")
    assert json.loads(answer.body) == REX


def made(answer: Answer) -> Any:
    value = json.loads(answer.body)
    assert value not in (TOM, REX)
    return value


def test_dynamic_values_are_made_and_follow_from_the_seed(prefers: Prefers) -> None:
    answers = [prefers.ask(f"dynamic=true, seed={seed}") for seed in ("7", "7", "8", "x")]
    first, again, *others = map(made, answers)
    assert first == again
    assert first not in others
    assert sent(answers[0])[b"preference-applied"] == b"dynamic=true, seed=7"


def test_without_a_seed_each_dynamic_value_is_another(prefers: Prefers) -> None:
    values = [json.dumps(made(prefers.ask("dynamic=true"))) for _ in range(5)]
    assert len(set(values)) == 5


def test_dynamic_values_are_the_same_when_a_run_is_repeated() -> None:
    bodies = {Prefers().ask("dynamic").body for _ in range(2)}
    assert len(bodies) == 1


def test_documented_headers_are_sent_but_for_those_of_the_message(prefers: Prefers) -> None:
    answer = prefers.ask("code=429")
    headers = sent(answer)
    assert int(headers[b"retry-after"]) >= 1
    assert set(headers[b"x-tags"].split(b",")) == {b"a"}
    assert headers[b"content-length"] == b"0"


def test_204_has_no_body_whatever_is_described(prefers: Prefers) -> None:
    answer = prefers.ask("code=204")
    assert (answer.status, answer.body) == (204, b"")


def test_without_a_code_it_is_the_documented_success() -> None:
    answer = Prefers({"404": {}, "2XX": {}, "201": {"content": json_content(THING)}}).ask("dynamic")
    assert answer.status == 201


def test_the_media_type_is_the_one_that_is_wanted() -> None:
    content = {
        "application/json": {"schema": {"type": "object"}, "examples": {"a": {"value": {}}}},
        "text/plain": {
            "schema": {"type": "string"},
            "examples": {"a": {"value": "A"}, "b": {"value": "B"}},
        },
    }
    prefers = Prefers({"200": {"content": content}})
    assert prefers.ask("example=a").body == b"{}"
    assert prefers.ask("example=a", accept="text/plain").body == b"A"
    assert prefers.ask("example=b").body == b"B"
    assert prefers.ask("code=200", accept="image/png").status == 406


def test_the_twins_in_the_query(prefers: Prefers) -> None:
    assert prefers.ask(query="__code=404").status == 404
    assert prefers.ask(query="a=1&__example=dog&b").body == prefers.ask("example=dog").body
    first = prefers.ask(query="__dynamic=true&__seed=7")
    assert first.body == prefers.ask("dynamic=true, seed=7").body
    assert problem(prefers.ask(query="__code=x"))[0] == 422


def test_the_twins_do_not_count_beside_a_header(prefers: Prefers) -> None:
    assert json.loads(prefers.ask("wait=1", "__code=404").body) == {"id": "handled"}


def test_a_declared_parameter_is_no_twin() -> None:
    declared = {"name": "__code", "in": "query", "schema": {"type": "string"}}
    prefers = Prefers(parameters=[declared])
    assert json.loads(prefers.ask(query="__code=404").body) == {"id": "handled"}


def test_the_twins_do_not_upset_what_judges_the_query() -> None:
    everything = {
        "name": "filter",
        "in": "query",
        "schema": {"type": "object", "additionalProperties": {"type": "integer"}},
    }
    assert Prefers(parameters=[everything]).ask(query="__code=202&__seed=x").status == 202


def test_an_invalid_request_is_refused_first() -> None:
    declared = {"name": "n", "in": "query", "schema": {"type": "integer"}}
    responses = {**RESPONSES, "400": {"content": json_content({}, PROBLEM)}}
    prefers = Prefers(responses, parameters=[declared])
    assert prefers.ask("code=202", "n=x").status == 400
    assert prefers.ask("code=202", "n=1").status == 202


def test_credentials_are_asked_for_first() -> None:
    responses = {**RESPONSES, "401": {"content": json_content({}, PROBLEM)}}
    assert Prefers(responses, security=[{"key": []}]).ask("code=202").status == 401


def test_what_is_made_does_not_keep_others_waiting(prefers: Prefers) -> None:
    impatient = Request(prefers.world, query=b"__code=404", patient=False)
    with pytest.raises(PutOff):
        prefers.endpoint(impatient)
    impatient.patient = True
    assert prefers.endpoint(impatient).status == 404


TOKENS = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_.", min_size=1)


@given(name=st.text(st.characters(min_codepoint=32, max_codepoint=126)), seed=TOKENS)
def test_any_text_may_be_quoted(name: str, seed: str) -> None:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    header = f'seed={seed}, example="{escaped}"'.encode()
    assert asked(Request(sandbox(), headers={b"prefer": header})) == Preferences(
        example=name, seed=seed
    )


@given(name=st.text(min_size=1))
def test_any_text_may_be_in_the_query(name: str) -> None:
    text = name.encode(errors="replace").decode()
    query = f"__example={quote(text, safe='')}".encode()
    assert asked(Request(sandbox(), query=query)) == Preferences(example=text)


@given(st.binary())
def test_no_header_and_no_query_crashes(octets: bytes) -> None:
    for request in (
        Request(sandbox(), headers={b"prefer": octets}),
        Request(sandbox(), query=b"__code=" + octets),
    ):
        with contextlib.suppress(Unmet):
            asked(request)


@given(st.lists(st.sampled_from([b"__code=1", b"__seed", b"a=1", b"__codes=2", b"code=1"])))
def test_only_the_twins_are_taken_out_of_a_query(parts: list[bytes]) -> None:
    kept = [part for part in parts if part not in (b"__code=1", b"__seed")]
    assert without_preferences(b"&".join(parts)) == b"&".join(kept)


def test_the_built_in_apis_understand_it(asgi: httpx.Client) -> None:
    answer = asgi.get("/assets", headers={"Prefer": "code=200, dynamic=true"})
    assert answer.status_code == 200
    assert answer.headers["preference-applied"] == "code=200, dynamic=true"
    assert asgi.get("/assets", params={"__code": "599"}).status_code == 404


def test_every_documented_answer_of_the_built_in_apis_can_be_had(mock: Mock) -> None:
    for api in mock.apis:
        for operation in api.description.operations:
            writer = ReplyWriter(api, operation)
            for status in filter(str.isdigit, operation.responses):
                for dynamic in (False, True):
                    wanted = Preferences(int(status), dynamic=dynamic, seed="1")
                    if int(status) >= 200:
                        reply = documented_reply(api, operation, wanted, Request(sandbox()))
                        assert writer.write(reply, "http://mock.test", None).status == int(status)


def test_a_browser_may_send_it(asgi: httpx.Client) -> None:
    headers = {
        "Origin": "http://page.test",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "prefer",
    }
    answer = asgi.options("/assets", headers=headers)
    assert answer.headers["access-control-allow-headers"] == "prefer"


def test_an_operation_knows_its_success() -> None:
    def success(*statuses: str) -> int:
        responses = {status: {"description": "-"} for status in statuses}
        operation: Operation = described({"/": {"get": {"responses": responses}}}).operations[0]
        return operation.success[0]

    assert success("404", "202", "200") == 202
    assert success("404", "2XX") == 200
    assert success("404", "default") == 200
    assert success("302", "404") == 302
    assert success("4XX") == 400
    assert success() == 200


def test_handlers_refuse_with_problem_details_unless_told_otherwise() -> None:
    reply = Handlers().errors(Unmet(404, "No."), Request(sandbox()))
    assert (reply.status, reply.media_type) == (404, PROBLEM)
