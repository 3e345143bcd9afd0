from __future__ import annotations

import json
from typing import Any

import pytest

from mockserver.engine.handlers import Reply, View
from mockserver.engine.reply import MAX_KEPT, Answer, ReplyWriter, undescribed, with_headers
from mockserver.engine.schema import VIEW
from mockserver.errors import ReplyError
from mockserver.state.blobs import Blob
from mockserver.state.store import Record
from tests.engine.tiny import assembled, described, json_content, reference, sent

LISTED = {
    "type": "object",
    "required": ["items"],
    "properties": {
        "items": {"type": "array", "items": reference("Thing")},
        "other": reference("Other"),
        "free": {"type": "object"},
    },
}
SCHEMAS = {
    "Other": {"type": "object", "properties": {"o": {"type": "integer"}}},
    "Either": {"oneOf": [reference("Thing"), {"type": "string"}]},
    "Name": {"type": "string"},
}


def writer(responses: Any) -> ReplyWriter:
    item = {"get": {"operationId": "only", "responses": responses}}
    api = assembled(described({"/": item}, SCHEMAS))
    return ReplyWriter(api, api.description.operations[0])


def of(schema: Any, media_type: str = "application/json") -> ReplyWriter:
    return writer({"200": {"content": json_content(schema, media_type)}})


def as_it_is(value: Any) -> Any:
    return value


def view(value: Any, schema: str = "Thing") -> View:
    return View(Record("k", value), schema, as_it_is)


def body(made: ReplyWriter, value: Any) -> Any:
    return json.loads(made.write(Reply(value), "").body)


def broken(made: ReplyWriter, reply: Reply) -> tuple[str, str]:
    with pytest.raises(ReplyError, match="only answered") as caught:
        made.write(reply, "")
    first = caught.value.violations[0]
    assert first.location == "reply"
    return first.pointer, first.rule


def test_a_reply_that_is_described() -> None:
    answer = of(LISTED).write(Reply({"items": [{"id": "a"}]}), "")
    assert (answer.status, json.loads(answer.body)) == (200, {"items": [{"id": "a"}]})
    assert sent(answer) == {
        b"content-type": b"application/json",
        b"content-length": str(len(answer.body)).encode(),
    }


def test_an_undocumented_status() -> None:
    assert broken(of(LISTED), Reply({"items": []}, 201)) == ("", "status")


def test_a_range_documents_its_statuses() -> None:
    made = writer({"2XX": {"content": json_content({"type": "string"})}})
    assert made.write(Reply("a", 202), "").status == 202
    assert broken(made, Reply(1, 202)) == ("", "type")


def test_the_wrong_media_type() -> None:
    reply = Reply({"items": []}, media_type="text/html")
    assert broken(of(LISTED), reply) == ("", "media type")


def test_the_first_media_type_is_the_default() -> None:
    content = {**json_content({"type": "string"}, "text/plain"), **json_content(LISTED)}
    answer = writer({"200": {"content": content}}).write(Reply("hełło"), "")
    assert sent(answer)[b"content-type"] == b"text/plain; charset=utf-8"
    assert answer.body.decode() == "hełło"


@pytest.mark.parametrize(
    ("value", "pointer", "rule"),
    [
        ({}, "", "required"),
        ({"items": [{"id": 1}]}, "/items/0/id", "type"),
        ({"items": [], "other": {"o": "x"}}, "/other/o", "type"),
        (None, "", "type"),
        ([], "", "type"),
    ],
)
def test_a_body_that_breaks_its_schema(value: Any, pointer: str, rule: str) -> None:
    assert broken(of(LISTED), Reply(value)) == (pointer, rule)


def test_a_body_where_none_is_documented() -> None:
    made = writer({"204": {}})
    answer = made.write(Reply(status=204), "")
    assert (answer.body, sent(answer)) == (b"", {})
    assert broken(made, Reply({}, 204)) == ("", "content")


def test_an_answer_that_resets_has_no_content_whatever_is_documented() -> None:
    answer = writer({"205": {"content": json_content(LISTED)}}).write(Reply(status=205), "")
    assert (answer.body, sent(answer)) == (b"", {b"content-length": b"0"})


@pytest.mark.parametrize("status", [200, 204])
def test_an_answer_without_content_may_say_what_it_is(status: int) -> None:
    made = writer({str(status): {"x-produces": "application/json"}})
    assert sent(made.write(Reply(status=status), ""))[b"content-type"] == b"application/json"
    plain = writer({str(status): {}})
    assert b"content-type" not in sent(plain.write(Reply(status=status), ""))


def test_a_missing_required_header() -> None:
    made = writer({"200": {"headers": {"X-Need": {"required": True}, "X-May": {}}}})
    assert broken(made, Reply()) == ("X-Need", "required header")
    answer = made.write(Reply(headers={"x-need": "1"}), "")
    assert sent(answer)[b"x-need"] == b"1"


def test_a_location_stays_in_the_sandbox() -> None:
    made = writer({"201": {}})
    relative = made.write(Reply(status=201, headers={"Location": "/a"}), "http://mock/@one")
    assert sent(relative)[b"location"] == b"/@one/a"
    absolute = made.write(Reply(status=201, headers={"Location": "http://b/"}), "http://mock")
    assert sent(absolute)[b"location"] == b"http://b/"


def test_views_stand_for_records() -> None:
    made = of(LISTED)
    value = {"items": [view({"id": "a"}), {"id": "b"}, view({"id": "c", "n": 10**30})]}
    assert body(made, value) == {"items": [{"id": "a"}, {"id": "b"}, {"id": "c", "n": 10**30}]}
    assert body(of(reference("Thing")), view({"id": "a"})) == {"id": "a"}
    assert body(of(reference("Either")), "text") == "text"


def test_a_view_that_breaks_its_component() -> None:
    assert broken(of(LISTED), Reply({"items": [view({"n": 1})]})) == ("", "required")
    assert broken(of(reference("Thing")), Reply(view({"id": 1}))) == ("/id", "type")


@pytest.mark.parametrize(
    "value",
    [
        {"items": [view({"o": 1}, "Other")]},
        {"items": [view({"id": "also a thing"}, "Other")]},
        {"items": view({"id": "a"})},
        {"items": [], "other": view({"id": "a"})},
        view({"id": "a"}),
    ],
    ids=["other", "fitting other", "no array", "in a property", "whole"],
)
def test_a_view_where_another_component_is_documented(value: Any) -> None:
    broken(of(LISTED), Reply(value))


def test_a_view_of_no_object_where_an_object_is_documented() -> None:
    broken(of(LISTED), Reply({"items": [], "free": view("text", "Name")}))


@pytest.mark.parametrize("schema", [LISTED, {"type": "array", "items": reference("Thing")}])
@pytest.mark.parametrize("forged", [{VIEW: "Thing"}, {VIEW: "Thing", "id": 1}, {VIEW: "Other"}])
def test_what_looks_like_a_view_is_none(schema: Any, forged: Any) -> None:
    value = [forged] if schema["type"] == "array" else {"items": [forged]}
    broken(of(schema), Reply(value))


def test_a_view_is_made_once_for_each_version_of_its_record() -> None:
    made: list[Any] = []

    def make(value: Any) -> Any:
        made.append(value)
        return value

    one, two = Record("k", {"id": "one"}), Record("k", {"id": "two"})
    writers = [of(LISTED), of(reference("Thing"))]
    for _ in range(3):
        body(writers[0], {"items": [View(one, "Thing", make), View(one, "Thing", make)]})
        assert body(writers[1], View(two, "Thing", make)) == {"id": "two"}
    assert made == [{"id": "one"}, {"id": "two"}]


def test_a_view_is_made_for_each_way_to_make_it() -> None:
    record = Record("k", {"id": "a"})
    made = of(reference("Thing"))

    def named(value: Any) -> Any:
        return {"id": value["id"], "n": 1}

    assert body(made, View(record, "Thing", as_it_is)) == {"id": "a"}
    assert body(made, View(record, "Thing", named)) == {"id": "a", "n": 1}


def test_a_broken_view_is_refused_every_time() -> None:
    value = view({"id": 1})
    made = of(reference("Thing"))
    assert [broken(made, Reply(value)) for _ in range(2)] == [("/id", "type")] * 2


def test_large_views_are_not_kept() -> None:
    small, large = view({"id": "a"}), view({"id": "a" * MAX_KEPT})
    made = of(reference("Thing"))
    assert body(made, large)["id"] == body(made, large)["id"] == "a" * MAX_KEPT
    assert body(made, small) == {"id": "a"}
    kept = [list(v.record.work.values()) for v in (small, large)]
    assert kept == [[b'{"id":"a"}'], [None]]


def test_bytes_are_sent_as_they_are() -> None:
    made = of({"type": "string", "format": "binary"}, "image/png")
    answer = made.write(Reply(b"\x89PNG"), "")
    assert (answer.body, sent(answer)[b"content-type"]) == (b"\x89PNG", b"image/png")


def test_a_large_view_is_judged_once() -> None:
    judged: list[Any] = []
    large = view({"id": "a" * MAX_KEPT})
    made = of(reference("Thing"))
    made.write(Reply(large), "")
    violations = made._api.schemas.violations
    made._api.schemas.violations = lambda *_: judged.append(1) or violations(*_)  # type: ignore[method-assign]
    made.write(Reply(large), "")
    assert judged == []


@pytest.mark.parametrize("data", [b"not json", b'{"id": 1}', b"\xff"])
def test_bytes_that_are_not_what_is_documented(data: bytes) -> None:
    broken(of(reference("Thing")), Reply(data))


def test_a_documented_range_covers_the_media_type_of_the_reply() -> None:
    made = of({"type": "string", "format": "binary"}, "image/*")
    answer = made.write(Reply(b"\x89PNG", media_type="image/png"), "")
    assert (answer.body, sent(answer)[b"content-type"]) == (b"\x89PNG", b"image/png")
    broken(made, Reply(b"\x89PNG"))
    broken(made, Reply(b"plain", media_type="text/plain"))


def test_a_reply_without_an_operation() -> None:
    reply = Reply("ż", 404, {"Allow": "GET"}, "text/plain")
    answer = undescribed(reply)
    assert (answer.status, answer.body.decode()) == (404, "ż")
    assert sent(answer) == {
        b"content-type": b"text/plain; charset=utf-8",
        b"content-length": b"2",
        b"allow": b"GET",
    }


@pytest.mark.parametrize("media_type", ["application/json", "text/plain", "image/png"])
@pytest.mark.parametrize("data", [b"", b"{", b'{"id": 1}', b"\xff\r\n"])
def test_a_blob_is_sent_as_it_is_kept(media_type: str, data: bytes) -> None:
    answer = of(reference("Thing"), media_type).write(Reply(Blob("", data)), "")
    assert answer.body == data
    assert sent(answer)[b"content-length"] == str(len(data)).encode()
    assert sent(answer)[b"content-type"].partition(b";")[0] == media_type.encode()


def test_a_blob_where_no_body_is_documented() -> None:
    assert broken(writer({"200": {}}), Reply(Blob("", b""))) == ("", "content")


@pytest.mark.parametrize(
    ("location", "base_url", "told"),
    [
        ("/a?b=c#d", "http://mock/@one", b"/@one/a?b=c#d"),
        ("/a", "http://mock", b"/a"),
        ("a/b", "http://mock/@one", b"a/b"),
        ("?b", "http://mock/@one", b"?b"),
        ("https://b/a", "http://mock/@one", b"https://b/a"),
        ("", "http://mock/@one", b""),
    ],
)
@pytest.mark.parametrize("name", ["Location", "location", "LOCATION"])
def test_only_a_location_that_is_an_absolute_path_is_led_into_the_sandbox(
    name: str, location: str, base_url: str, told: bytes
) -> None:
    answer = writer({"201": {}}).write(Reply(status=201, headers={name: location}), base_url)
    assert sent(answer)[b"location"] == told


@pytest.mark.parametrize(
    ("value", "octets"),
    [("plain", b"plain"), ("\xe9\xff", b"\xe9\xff"), ("ż\xe9", "żé".encode()), ("", b"")],
)
def test_a_header_past_latin_1_is_utf_8(value: str, octets: bytes) -> None:
    answer = writer({"204": {}}).write(Reply(status=204, headers={"X-Name": value}), "")
    assert sent(answer) == {b"x-name": octets}
    assert sent(undescribed(Reply("", 404, {"X-Name": value})))[b"x-name"] == octets


def test_more_headers_do_not_replace_those_that_an_answer_has() -> None:
    answer = Answer(200, [(b"x-a", b"1"), (b"content-length", b"0")], b"")
    more = with_headers(answer, {"X-A": "2", "Content-Length": "9", "X-B": "ż"})
    assert sent(more) == {b"x-a": b"1", b"content-length": b"0", b"x-b": "ż".encode()}
    assert (more.status, more.body) == (200, b"")
    assert answer.headers == [(b"x-a", b"1"), (b"content-length", b"0")]
