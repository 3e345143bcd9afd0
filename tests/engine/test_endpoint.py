from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from mockserver.engine.endpoint import Endpoint
from mockserver.engine.handlers import Call, Reply
from mockserver.engine.request import Request
from mockserver.engine.security import Identities
from mockserver.errors import ApiError, ReplyError, StorageFull
from mockserver.state.sandboxes import Sandbox
from tests.engine.tiny import (
    REFUSED,
    assembled,
    described,
    endpoint,
    json_content,
    reference,
    sandbox,
    sent,
    things,
)

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
        and list(world.log.since(0) or []) == []
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
    assert [entry.revision for entry in world.log.since(0) or []] == [1, 2, 3]


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
    made.api.handlers.errors = lambda error, _: Reply(error.detail, error.status, {}, "text/plain")
    answer = made(Request(sandbox()))
    assert answer.status == 400
    assert sent(answer)[b"content-type"] == b"text/plain; charset=utf-8"
    assert b"p" in answer.body


def test_a_refusal_that_nobody_described_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    made = endpoint(
        echo("query"),
        parameters=[parameter("p", "query", {}, required=True)],
        refusals={},
        responses=ANYTHING,
    )
    for _ in range(3):
        assert refused(made)[0] == 400
    made.refuse(ApiError(405, "Not so."), Request(sandbox()))
    assert [record.getMessage().split(",")[0] for record in caplog.records] == [
        "only answered 400",
        "only answered 405",
    ]


@pytest.mark.parametrize(
    ("content", "told"), [(None, 0), (json_content({"type": "integer"}), 1)], ids=["none", "other"]
)
def test_what_a_guess_refuses_is_told_only_where_it_is_described_otherwise(
    content: Any, told: int, caplog: pytest.LogCaptureFixture
) -> None:
    refusals = {} if content is None else {"400": {"content": content}}
    made = endpoint(echo("query"), refusals=refusals, responses=ANYTHING)
    made.api.handlers.guess_of["only"] = "list things"
    for _ in range(3):
        assert made.refuse(ApiError(400, "Not so."), Request(sandbox())).status == 400
    assert len(caplog.records) == told


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


FORM = {
    "type": "object",
    "required": ["count"],
    "properties": {
        "count": reference("Count"),
        "tags": {"type": "array", "items": {"type": "string"}},
        "file": {"type": "string", "format": "binary", "maxLength": 4},
    },
}
COUNT = {"Count": {"type": "integer", "maximum": 9}}
MULTIPART = {b"content-type": b"multipart/form-data; boundary=b"}
URLENCODED = {b"content-type": b"application/x-www-form-urlencoded"}


def form_endpoint(handler: Any) -> Endpoint:
    content = {
        **json_content(FORM, "multipart/form-data"),
        **json_content(FORM, "application/x-www-form-urlencoded"),
    }
    return endpoint(handler, requestBody={"content": content}, schemas=COUNT, responses=ANYTHING)


def multipart(**parts: bytes) -> bytes:
    """A form of fields, and of one file where there is a ``file``."""
    heads = {name: '; filename="f.bin"' if name == "file" else "" for name in parts}
    return (
        b"".join(
            f"--b\r\nContent-Disposition: form-data; name={name}{heads[name]}\r\n\r\n".encode()
            + content
            + b"\r\n"
            for name, content in parts.items()
        )
        + b"--b--\r\n"
    )


def test_a_form_that_is_a_text_comes_as_it_was_sent() -> None:
    content = json_content({"type": "string"}, "application/x-www-form-urlencoded")
    made = endpoint(echo("body"), requestBody={"content": content}, responses=ANYTHING)
    assert told(made, body=b"a=1&b=%20", headers=URLENCODED) == "a=1&b=%20"


def test_what_is_read_only_need_not_be_sent_in_a_parameter() -> None:
    schema = {
        "type": "object",
        "required": ["id", "name"],
        "properties": {"id": {"type": "integer", "readOnly": True}, "name": {"type": "string"}},
    }
    declared = parameter("p", "query", {}, content={"application/json": {"schema": schema}})
    del declared["schema"]
    made = endpoint(echo("query"), parameters=[declared], responses=ANYTHING)
    assert told(made, query=b'p={"name":"a"}') == {"p": {"name": "a"}}
    assert refused(made, query=b'p={"id":1}') == (400, "query", "p")


def test_a_form_has_fields_of_the_types_of_its_schema_and_files() -> None:
    calls: list[Call] = []

    def handler(call: Call) -> Reply:
        calls.append(call)
        return Reply(1)

    made = form_endpoint(handler)
    body = multipart(count=b"7", tags=b"one", file=b"\xff\r\n")
    assert told(made, body=body, headers=MULTIPART) == 1
    assert told(made, body=b"count=7&tags=a&tags=b", headers=URLENCODED) == 1
    first, second = calls
    assert (first.body["count"], first.body["tags"]) == (7, ["one"])
    [upload] = first.files["file"]
    assert (upload.filename, upload.data) == ("f.bin", b"\xff\r\n")
    assert second.body == {"count": 7, "tags": ["a", "b"]}
    assert not second.files


@pytest.mark.parametrize(
    ("headers", "body", "pointer"),
    [
        (MULTIPART, multipart(count=b"x"), "/count"),
        (MULTIPART, multipart(count=b"10"), "/count"),
        (MULTIPART, multipart(count=b"1", file=b"12345"), "/file"),
        (MULTIPART, multipart(tags=b"a"), ""),
        (MULTIPART, b"--b--", ""),
        (MULTIPART, b"--b", ""),
        (URLENCODED, b"count=1&count=2", "/count"),
        (URLENCODED, b"tags=1", ""),
        (URLENCODED, b"count=%FF", "/count"),
    ],
    ids=range(9),
)
def test_a_form_is_judged_by_its_schema(headers: Any, body: bytes, pointer: str) -> None:
    assert refused(form_endpoint(echo("body")), body=body, headers=headers) == (
        400,
        "body",
        pointer,
    )


def test_cookies_are_parameters_too() -> None:
    made = endpoint(
        echo("cookie"),
        parameters=[
            parameter("n", "cookie", {"type": "integer", "maximum": 9}, required=True),
            parameter("theme", "cookie", {"type": "string", "default": "dark"}),
            parameter("absent", "cookie", {"type": "string"}),
        ],
        responses=ANYTHING,
    )
    assert told(made, headers={b"cookie": b"n=7; other=1"}) == {"n": 7, "theme": "dark"}
    assert told(made, headers={b"cookie": b"n=7; theme=light"})["theme"] == "light"
    assert refused(made, headers={b"cookie": b"n=10"}) == (400, "cookie", "n")
    assert refused(made, headers={b"cookie": b"N=7"}) == (400, "cookie", "n")
    assert refused(made) == (400, "cookie", "n")


SCHEMES = {
    "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "token": {"type": "http", "scheme": "bearer"},
}
ANN = {"name": "Ann", "credentials": {"key": "k"}}


def secured(handler: Any, security: Any = ({"key": []},), **operation: Any) -> Endpoint:
    """The endpoint of an operation that only Ann may call, unless it is said otherwise."""
    responses = {**REFUSED, **operation.pop("responses", ANYTHING)}
    item = {"operationId": "only", "responses": responses, "security": list(security), **operation}
    description = described({"/": {"post": item}}, components={"securitySchemes": SCHEMES})
    api = assembled(description, only=handler)
    return Endpoint(replace(api, identities=Identities([ANN])), description.operations[0], handler)


def status(made: Endpoint, **request: Any) -> int:
    return made(Request(sandbox(), **request)).status


def test_a_handler_is_told_who_calls() -> None:
    made = secured(lambda call: Reply([call.identity, len([*call.identities])]))
    assert told(made, headers={b"x-key": b"k"}) == [ANN, 1]
    assert refused(made, headers={b"x-key": b"?"}) == (401, "header", "")
    assert refused(made) == (401, "header", "")


@pytest.mark.parametrize(("security", "allowed"), [([], 200), ([{}], 200), ([{"key": []}], 401)])
def test_who_calls_matters_only_where_the_description_says_so(security: Any, allowed: int) -> None:
    assert status(secured(echo("identity"), security)) == allowed


def test_a_caller_who_is_refused_changes_nothing() -> None:
    world = sandbox(("a", 0))
    made = secured(writing(1, Reply(1)))
    assert made(Request(world)).status == 401
    assert untouched(world)
    assert made(Request(world, headers={b"x-key": b"k"})).status == 200
    assert things(world) == {"a": 1}


def test_nothing_of_a_request_is_judged_before_its_caller() -> None:
    made = secured(
        echo("body"),
        requestBody=BODY,
        parameters=[parameter("p", "query", {"type": "integer"}, required=True)],
    )
    wrong: dict[str, Any] = {"query": b"p=%FF", "body": b"{", "headers": {b"content-type": b"x/y"}}
    assert status(made, **wrong) == 401
    wrong["headers"][b"x-key"] = b"k"
    assert status(made, **wrong) == 400


def test_a_challenge_is_sent_with_the_refusal() -> None:
    answer = secured(echo("body"), [{"token": []}])(Request(sandbox()))
    assert sent(answer)[b"www-authenticate"] == b"Bearer"


def test_an_api_may_tell_in_its_own_way_who_calls() -> None:
    asked: list[Any] = []

    def who(call: Call) -> Any:
        asked.append((call.operation.id, dict(call.path), dict(call.query), call.body))
        if call.request.header("x-key") == "banned":
            raise ApiError(403, "Not you.")
        return {"name": "Bob"}

    made = secured(echo("identity"), requestBody=BODY)
    made.api.handlers.authenticate()(who)
    assert told(made, body=b'{"id": "a"}', headers=JSON) == {"name": "Bob"}
    assert status(made, body=b"{", headers={b"x-key": b"banned"}) == 403
    assert asked == [("only", {}, {}, None)] * 2


def test_who_calls_is_asked_once_though_the_handler_runs_again() -> None:
    world = sandbox(("a", 0))
    asked: list[int] = []
    seen: list[Any] = []

    def handler(call: Call) -> Reply:
        seen.append(call.identity)
        if len(seen) < 3:
            between = world.transaction("tiny")
            between.put("things", "a", len(seen))
            world.commit(between)
        call.transaction.put("things", "b", 1)
        return Reply(1)

    made = secured(handler)
    made.api.handlers.authenticate()(lambda call: asked.append(1) or {"name": "Bob"})
    assert made(Request(world)).status == 200
    assert (seen, asked) == ([{"name": "Bob"}] * 3, [1])


def method_refused(made: Endpoint, **request: Any) -> tuple[int, bytes | None]:
    answer = made.refuse_method(Request(sandbox(), method="PUT", **request), "GET, POST")
    assert json.loads(answer.body)["status"] == answer.status
    return answer.status, sent(answer).get(b"allow")


def test_a_method_that_is_not_described_is_refused_with_those_that_are() -> None:
    made = secured(echo("body"))
    assert method_refused(made) == (405, b"GET, POST")
    answer = made.refuse_method(Request(sandbox(), method="BREW"), "GET")
    assert "BREW" in json.loads(answer.body)["detail"]


def test_some_apis_want_to_know_who_asks_before_they_refuse_a_method() -> None:
    def who(call: Call) -> Any:
        if call.request.header("x-key") is None:
            raise ApiError(401, "Who are you?")

    made = secured(echo("body"))
    made.api.handlers.authenticate(before_method=True)(who)
    assert method_refused(made) == (401, None)
    assert method_refused(made, headers={b"x-key": b"?"}) == (405, b"GET, POST")
    made.api.handlers.authenticate()(who)
    assert method_refused(made) == (405, b"GET, POST")


def announcing(reply: Reply | ApiError) -> Any:
    def handler(call: Call) -> Reply:
        call.request.answer_headers["X-Told"] = "ż"
        call.request.answer_headers["Content-Type"] = "x/y"
        if isinstance(reply, ApiError):
            raise reply
        return reply

    return handler


@pytest.mark.parametrize(
    ("reply", "refusals", "status_", "media_type"),
    [
        (Reply(1), REFUSED, 200, b"application/json"),
        (ApiError(409, "No."), REFUSED, 409, b"application/problem+json"),
        (ApiError(409, "No."), {}, 409, b"application/problem+json"),
    ],
    ids=["success", "refusal", "undescribed refusal"],
)
def test_what_was_to_be_told_is_sent_whatever_the_answer(
    reply: Reply | ApiError, refusals: Any, status_: int, media_type: bytes
) -> None:
    made = endpoint(announcing(reply), refusals=refusals, responses=ANYTHING)
    answer = made(Request(sandbox()))
    assert answer.status == status_
    assert sent(answer)[b"x-told"] == "ż".encode()
    assert sent(answer)[b"content-type"] == media_type


def test_headers_for_one_answer_are_not_sent_with_the_next() -> None:
    made = endpoint(lambda call: Reply(1), responses=ANYTHING)
    first = Request(sandbox())
    first.answer_headers["X-Told"] = "1"
    assert sent(made(first))[b"x-told"] == b"1"
    assert b"x-told" not in sent(made(Request(sandbox())))


def unjudged(handler: Any, **operation: Any) -> Endpoint:
    made = endpoint(handler, responses=ANYTHING, **operation)
    made.api.handlers.judged = False
    return made


def test_calls_that_are_not_judged_come_as_they_were_sent() -> None:
    made = unjudged(
        lambda call: Reply(
            [dict(call.path), dict(call.query), dict(call.header), call.body, dict(call.files)]
        ),
        path="/{n}/x/{yes}",
        parameters=[
            parameter("yes", "path", {"type": "boolean"}),
            parameter("n", "path", {"type": "integer"}),
            parameter("q", "query", {"type": "integer", "default": 1}, required=True),
            parameter("list", "query", {"type": "array", "items": {"type": "integer"}}),
            parameter("X-H", "header", {"type": "integer"}, required=True),
        ],
        requestBody=BODY,
    )
    found = told(made, path=("x", "maybe"), query=b"list=1&list=&odd=%FF&list=x", body=b"{")
    path = {"n": "x", "yes": "maybe"}
    query = {"list": ["1", "", "x"], "odd": ["\ufffd"]}
    assert found == [path, query, {}, None, {}]
    assert told(made, path=("1", "true"))[:2] == [{"n": "1", "yes": "true"}, {}]


def test_what_is_not_decoded_is_read_from_the_request() -> None:
    made = unjudged(
        lambda call: Reply([call.request.body.decode(), call.request.header("x-h")]),
        requestBody=BODY,
    )
    assert told(made, body=b"{", headers={b"x-h": b"1"}) == ["{", "1"]


def test_replies_to_calls_that_are_not_judged_are_checked_all_the_same() -> None:
    with pytest.raises(ReplyError):
        unjudged(lambda call: Reply(1, 299), refusals={})(Request(sandbox()))


def test_callers_of_what_is_not_judged_are_known_all_the_same() -> None:
    made = secured(echo("identity"))
    made.api.handlers.judged = False
    assert status(made) == 401
    assert told(made, headers={b"x-key": b"k"}) == ANN


def test_an_operation_may_take_larger_or_smaller_bodies_than_its_api() -> None:
    for limit in (5, 10**9, 0):
        made = endpoint(echo("body"), requestBody=BODY)
        made.api.handlers.operation("only", body_limit=limit)(made.handler)
        made.api.handlers.operation("another", body_limit=limit + 1)(made.handler)
        made.api.handlers.body_limits["image/png"] = 10
        for media_type in ("application/json", "image/png", ""):
            assert made.body_limit(media_type) == limit
            made.check_length(limit, media_type)
            with pytest.raises(ApiError) as caught:
                made.check_length(limit + 1, media_type)
            assert caught.value.status == 413
