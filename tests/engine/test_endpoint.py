from __future__ import annotations

import json
from typing import Any

import pytest

from mockserver.engine.endpoint import Endpoint, Request
from mockserver.engine.handlers import Call, Reply
from mockserver.errors import ApiError, ReplyError, StorageFull
from mockserver.state.sandboxes import Sandbox
from tests.engine.tiny import endpoint, json_content, reference, sandbox, sent, things

JSON = {b"content-type": b"application/json"}
ANYTHING = {"200": {"content": json_content({})}}


def told(made: Endpoint, **request: Any) -> Any:
    """What the endpoint answers, its status checked to be 200."""
    answer = made(Request(sandbox(), **request))
    assert answer.status == 200, answer.body
    return json.loads(answer.body)


def refused(made: Endpoint, **request: Any) -> tuple[int, str, str]:
    answer = made(Request(sandbox(), **request))
    problem = json.loads(answer.body)
    assert answer.status == problem["status"]
    assert sent(answer)[b"content-type"] == b"application/problem+json"
    [violation] = problem["errors"]
    return answer.status, violation["location"], violation["pointer"]


def parameter(name: str, location: str, schema: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": location, "schema": schema, **more}


def echo(what: str) -> Any:
    def handler(call: Call) -> Reply:
        return Reply(getattr(call, what))

    return handler


def writing(value: Any, reply: Reply) -> Any:
    def handler(call: Call) -> Reply:
        call.transaction.put("things", "a", value)
        return reply

    return handler


def untouched(world: Sandbox) -> bool:
    return (
        things(world) == {"a": 0}
        and world.log.head.revision == 0
        and list(world.log.since(0, 0) or []) == []
    )


def test_a_good_reply_is_committed() -> None:
    world = sandbox(("a", 0))
    made = endpoint(writing(1, Reply({"ok": True})), responses=ANYTHING)
    assert made(Request(world)).status == 200
    assert things(world) == {"a": 1}
    assert world.log.head.revision == 1


def test_a_handler_that_changes_nothing_commits_nothing() -> None:
    world = sandbox(("a", 0))
    assert endpoint(lambda call: Reply(1), responses=ANYTHING)(Request(world)).status == 200
    assert untouched(world)


@pytest.mark.parametrize(
    "reply",
    [
        Reply("text"),
        Reply({"id": 1}),
        Reply({"id": "a"}, 299),
        Reply({"id": "a"}, media_type="text/html"),
    ],
    ids=["type", "member", "status", "media type"],
)
def test_a_reply_that_breaks_the_description_changes_nothing(reply: Reply) -> None:
    world = sandbox(("a", 0))
    responses = {"200": {"content": json_content(reference("Thing"))}}
    made = endpoint(writing(1, reply), refusals={}, responses=responses)
    with pytest.raises(ReplyError):
        made(Request(world))
    assert untouched(world)


def test_a_handler_that_raises_changes_nothing() -> None:
    def handler(call: Call) -> Reply:
        call.transaction.put("things", "a", 1)
        raise LookupError("a bug")

    world = sandbox(("a", 0))
    with pytest.raises(LookupError):
        endpoint(handler)(Request(world))
    assert untouched(world)


@pytest.mark.parametrize(
    ("error", "status"), [(ApiError(404, "Not here."), 404), (StorageFull("no room"), 507)]
)
def test_a_refusal_changes_nothing(error: Exception, status: int) -> None:
    def handler(call: Call) -> Reply:
        call.transaction.put("things", "a", 1)
        raise error

    world = sandbox(("a", 0))
    answer = endpoint(handler)(Request(world))
    assert answer.status == status
    assert untouched(world)


def test_after_a_conflict_the_handler_runs_on_the_new_head() -> None:
    world = sandbox(("n", 0))
    seen: list[int] = []

    def handler(call: Call) -> Reply:
        record = call.transaction.get("things", "n")
        assert record is not None
        seen.append(record.value)
        if len(seen) < 3:
            between = world.transaction("tiny")
            between.put("things", "n", record.value + 10)
            world.commit(between)
        call.transaction.put("things", "n", record.value + 1)
        return Reply([call.transaction.new_id(), record.value + 1])

    answer = endpoint(handler, responses=ANYTHING)(Request(world))
    assert seen == [0, 10, 20]
    assert things(world) == {"n": 21}
    assert json.loads(answer.body) == [world._make_id(1), 21]
    assert [entry.revision for entry in world.log.since(0, 0) or []] == [1, 2, 3]


def test_a_reset_while_the_handler_runs_is_a_conflict() -> None:
    world = sandbox(("n", 0))
    runs: list[dict[str, Any]] = []

    def handler(call: Call) -> Reply:
        runs.append(things(world))
        if len(runs) == 1:
            world.log.reset()
            between = world.transaction("tiny")
            between.put("things", "between", 1)
            world.commit(between)
        call.transaction.put("things", "mine", len(runs))
        return Reply()

    before = world.transaction("tiny")
    before.put("things", "before", 1)
    world.commit(before)
    endpoint(handler, responses={"200": {}})(Request(world))
    assert runs == [{"n": 0, "before": 1}, {"n": 0, "between": 1}]
    assert things(world) == {"n": 0, "between": 1, "mine": 2}


def test_parameters_have_the_types_of_their_schemas() -> None:
    made = endpoint(
        lambda call: Reply([call.path, call.query, call.header]),
        path="/{a}/x/{b}",
        parameters=[
            parameter("b", "path", {"type": "boolean"}),
            parameter("a", "path", {"type": "integer"}),
            parameter("n", "query", {"type": "number"}),
            parameter("list", "query", {"type": "array", "items": {"type": "integer"}}),
            parameter("X-Count", "header", {"type": "integer"}),
            parameter("given", "query", {"type": "string", "default": "instead"}),
            parameter("default", "query", {"type": "boolean", "default": False}),
            parameter("absent", "query", {"type": "string"}),
        ],
        responses=ANYTHING,
    )
    found = told(
        made,
        path=("7", "true"),
        query=b"n=1.5&list=1&list=2&other=1&given=",
        headers={b"x-count": b"3"},
    )
    assert found == [
        {"a": 7, "b": True},
        {"n": 1.5, "list": [1, 2], "given": "", "default": False},
        {"X-Count": 3},
    ]


def test_the_schema_of_a_parameter_may_be_a_reference() -> None:
    made = endpoint(
        echo("query"),
        schemas={"Count": {"type": "integer", "default": 7}},
        parameters=[
            parameter("given", "query", reference("Count")),
            parameter("absent", "query", reference("Count")),
        ],
        responses=ANYTHING,
    )
    assert told(made, query=b"given=5") == {"given": 5, "absent": 7}


@pytest.mark.parametrize(
    ("location", "request_"),
    [
        ("query", {"query": b"p=x"}),
        ("query", {"query": b"p="}),
        ("query", {"query": b"p=1&p=2"}),
        ("query", {"query": b"p=11"}),
        ("query", {}),
        ("header", {"headers": {b"p": b"x"}}),
        ("header", {}),
        ("path", {"path": ("x",)}),
    ],
)
def test_a_parameter_that_breaks_its_schema(location: str, request_: Any) -> None:
    schema = {"type": "integer", "maximum": 10}
    made = endpoint(
        echo("path"),
        path="/{p}" if location == "path" else "/",
        parameters=[parameter("p", location, schema, required=True)],
        responses=ANYTHING,
    )
    assert refused(made, **request_) == (400, location, "p")


def test_an_item_that_breaks_its_schema_is_pointed_at() -> None:
    schema = {"type": "array", "items": {"type": "integer"}}
    made = endpoint(echo("query"), parameters=[parameter("p", "query", schema)])
    assert refused(made, query=b"p=1&p=x") == (400, "query", "p/1")


BODY = {"content": json_content(reference("Thing")), "required": True}
OPTIONAL = {"content": json_content(reference("Thing"))}


@pytest.mark.parametrize(
    ("body", "headers", "status", "where"),
    [
        (b"", JSON, 400, ("body", "")),
        (b"{", JSON, 400, ("body", "")),
        (b'{"id": 1}', JSON, 400, ("body", "/id")),
        (b'{"id": "a"}', {}, 415, ("header", "Content-Type")),
        (b'{"id": "a"}', {b"content-type": b"text/html"}, 415, ("header", "Content-Type")),
    ],
    ids=["none", "malformed", "wrong", "no type", "other type"],
)
def test_a_body_that_is_refused(
    body: bytes, headers: Any, status: int, where: tuple[str, str]
) -> None:
    made = endpoint(echo("body"), requestBody=BODY, responses=ANYTHING)
    assert refused(made, body=body, headers=headers) == (status, *where)


def test_a_body() -> None:
    made = endpoint(echo("body"), requestBody=BODY, responses=ANYTHING)
    headers = {b"content-type": b"application/JSON; charset=utf-8"}
    big = 10**30
    assert told(made, body=b'{"id": "a", "n": %d}' % big, headers=headers) == {"id": "a", "n": big}


def test_an_optional_body_may_be_absent_but_not_wrong() -> None:
    made = endpoint(echo("body"), requestBody=OPTIONAL, responses=ANYTHING)
    assert told(made) is None
    assert told(made, headers=JSON) is None
    assert refused(made, body=b"{}", headers=JSON) == (400, "body", "")


def test_a_body_nobody_described_is_not_read() -> None:
    assert told(endpoint(echo("body"), responses=ANYTHING), body=b"{", headers=JSON) is None


def test_a_body_is_judged_by_its_length_first() -> None:
    made = endpoint(echo("body"), requestBody=BODY)
    made.api.handlers.body_limits["image/png"] = 10
    limit = made.api.handlers.body_limit
    made.check_length(limit, "application/json")
    made.check_length(10, "image/PNG; a=b")
    for length, media_type in ((limit + 1, "application/json"), (11, "image/png")):
        with pytest.raises(ApiError) as caught:
            made.check_length(length, media_type)
        assert caught.value.status == 413


def test_one_instant_for_a_call_and_its_transaction() -> None:
    def handler(call: Call) -> Reply:
        assert call.now is call.transaction.now
        return Reply(call.base_url)

    made = endpoint(handler, responses=ANYTHING)
    assert told(made, base_url="http://mock/@a") == "http://mock/@a"


def test_a_refusal_whose_status_nobody_described_has_the_shape_of_the_api() -> None:
    made = endpoint(
        echo("query"),
        parameters=[parameter("p", "query", {}, required=True)],
        refusals={},
        responses=ANYTHING,
    )
    assert refused(made) == (400, "query", "p")
    made.api.handlers.errors = lambda error: Reply(error.detail, error.status, {}, "text/plain")
    answer = made(Request(sandbox()))
    assert answer.status == 400
    assert sent(answer)[b"content-type"] == b"text/plain; charset=utf-8"
    assert b"p" in answer.body


def test_a_conflict_runs_the_handler_again_and_nothing_else() -> None:
    world = sandbox(("n", 0))
    seen: list[tuple[Any, Any]] = []

    def handler(call: Call) -> Reply:
        seen.append((call.body, call.query))
        if len(seen) < 3:
            between = world.transaction("tiny")
            between.put("things", "n", len(seen))
            world.commit(between)
        call.transaction.put("things", "mine", len(seen))
        return Reply()

    made = endpoint(
        handler,
        requestBody=BODY,
        parameters=[parameter("q", "query", {"type": "string"})],
        responses={"200": {}},
    )
    assert made(Request(world, body=b'{"id": "a"}', query=b"q=1", headers=JSON)).status == 200
    assert [body for body, _ in seen] == [{"id": "a"}] * 3
    assert len({id(body) for body, _ in seen}) == 1  # all are alive, so ids tell them apart
    assert len({id(query) for _, query in seen}) == 1
    assert things(world) == {"n": 2, "mine": 3}
