from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.engine.handlers import Call, Reply
from mockserver.engine.ranges import conditional, http_date
from mockserver.engine.request import Request
from mockserver.state.blobs import Blob
from tests.engine.tiny import endpoint, json_content, sandbox, sent

DIGITS = b"0123456789"
BEFORE = "Sun, 06 Nov 1994 08:49:36 GMT"
CHANGED = "Sun, 06 Nov 1994 08:49:37 GMT"
AFTER = "Sun, 06 Nov 1994 08:49:38 GMT"
HEADERS = {
    "ETag": '"now"',
    "Last-Modified": CHANGED,
    "Cache-Control": "private",
    "Content-Disposition": "inline",
}


def asked(data: bytes = DIGITS, validators: dict[str, str] | None = None, **headers: str) -> Reply:
    """The answer to a GET of bytes; ``if_match`` stands for the header If-Match."""
    named = {
        name.replace("_", "-").encode(): text.encode("latin-1") for name, text in headers.items()
    }
    whole = Reply(Blob("", data), 200, HEADERS if validators is None else validators, "image/png")
    return conditional(Request(sandbox(), headers=named), whole)


def content(reply: Reply) -> bytes:
    assert isinstance(reply.body, Blob)
    return reply.body.data


def in_part(reply: Reply) -> tuple[bytes, str]:
    assert reply.status == 206
    assert reply.media_type == "image/png"
    return content(reply), reply.headers["Content-Range"]


def whole(reply: Reply, data: bytes = DIGITS) -> bool:
    return (reply.status, content(reply)) == (200, data) and "Content-Range" not in reply.headers


def test_without_a_range_all_is_answered_and_ranges_are_offered() -> None:
    reply = asked()
    assert whole(reply)
    assert reply.headers == {**HEADERS, "Accept-Ranges": "bytes"}


@given(st.binary(min_size=1, max_size=40), st.data())
def test_a_range_that_there_is_is_answered_exactly(data: bytes, draw: st.DataObject) -> None:
    first = draw.draw(st.integers(0, len(data) - 1))
    last = draw.draw(st.integers(first, len(data) + 3) | st.integers(first, 10**30))
    part, told = in_part(asked(data, range=f"bytes={first}-{last}"))
    assert part == data[first : last + 1]
    assert told == f"bytes {first}-{first + len(part) - 1}/{len(data)}"


@given(st.binary(min_size=1, max_size=40), st.data())
def test_an_open_range_goes_to_the_end(data: bytes, draw: st.DataObject) -> None:
    first = draw.draw(st.integers(0, len(data) - 1))
    told = f"bytes {first}-{len(data) - 1}/{len(data)}"
    assert in_part(asked(data, range=f"bytes={first}-")) == (data[first:], told)


@given(st.binary(min_size=1, max_size=40), st.data())
def test_a_suffix_is_counted_from_the_end(data: bytes, draw: st.DataObject) -> None:
    length = draw.draw(st.integers(1, len(data)))
    told = f"bytes {len(data) - length}-{len(data) - 1}/{len(data)}"
    assert in_part(asked(data, range=f"bytes=-{length}")) == (data[-length:], told)


@given(st.binary(max_size=9), st.integers(0, 3) | st.integers(0, 10**30), st.booleans())
@example(b"", 0, True)
@example(b"", 0, False)
def test_a_range_that_begins_past_the_end_cannot_be_satisfied(
    data: bytes, beyond: int, closed: bool
) -> None:
    first = len(data) + beyond
    reply = asked(data, range=f"bytes={first}-{first if closed else ''}")
    assert (reply.status, reply.body) == (416, None)
    assert reply.headers["Content-Range"] == f"bytes */{len(data)}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=5",
        "bytes=3-2",
        "bytes=a-b",
        "bytes=--1",
        "bytes=+1-2",
        "bytes=1_0-",
        "bytes=0x1-2",
        "bytes=1.0-2",
        "bytes=\xb2-\xb3",
        "bytes=0-1,3-4",
        "bytes=0-1, -1",
        "bytes=0-1,x",
        "items=0-1",
        "0-1",
        "=0-1",
        "bytes=" + "9" * 5000 + "-",
        "bytes=0-" + "9" * 5000,
        "bytes=" + "0-1," * 5000,
    ],
    ids=range(22),
)
def test_a_range_that_is_not_one_range_of_bytes_is_ignored(text: str) -> None:
    assert whole(asked(range=text))


@given(
    st.dictionaries(
        st.sampled_from(
            ["range", "if_range", "if_match", "if_none_match", "if_modified_since", "cache_control"]
        ),
        st.text(st.characters(max_codepoint=255), max_size=30)
        | st.lists(
            st.sampled_from(["bytes=", "0", "9", "-", ",", '"', "now", "W/", "*", " ", CHANGED])
        ).map("".join),
    )
)
def test_no_header_crashes(headers: dict[str, str]) -> None:
    reply = asked(**headers)
    if reply.status == 206:
        assert content(reply)
        assert content(reply) in DIGITS
    else:
        assert reply.status in (304, 412, 416) or whole(reply)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        # RFC 9110, section 13.1.1
        ({"if_match": '"now"'}, 200),
        ({"if_match": '"then", "now"'}, 200),
        ({"if_match": "*"}, 200),
        ({"if_match": '"then"'}, 412),
        ({"if_match": '"then", "no"'}, 412),
        # section 13.1.4
        ({"if_unmodified_since": CHANGED}, 200),
        ({"if_unmodified_since": AFTER}, 200),
        ({"if_unmodified_since": BEFORE}, 412),
        ({"if_unmodified_since": "yesterday"}, 200),
        # section 13.1.2
        ({"if_none_match": '"now"'}, 304),
        ({"if_none_match": '"then", "now"'}, 304),
        ({"if_none_match": 'W/"now"'}, 304),
        ({"if_none_match": "*"}, 304),
        ({"if_none_match": '"then"'}, 200),
        ({"if_none_match": '"now, then"'}, 200),
        # section 13.1.3
        ({"if_modified_since": CHANGED}, 304),
        ({"if_modified_since": AFTER}, 304),
        ({"if_modified_since": BEFORE}, 200),
        ({"if_modified_since": "yesterday"}, 200),
        ({"if_modified_since": ""}, 200),
        # section 13.2.2: which is looked at first
        ({"if_match": '"now"', "if_unmodified_since": BEFORE}, 200),
        ({"if_match": '"then"', "if_unmodified_since": AFTER}, 412),
        ({"if_match": '"then"', "if_none_match": '"now"'}, 412),
        ({"if_match": '"now"', "if_none_match": '"now"'}, 304),
        ({"if_none_match": '"then"', "if_modified_since": AFTER}, 200),
        ({"if_none_match": '"now"', "if_modified_since": BEFORE}, 304),
        ({"if_unmodified_since": BEFORE, "if_modified_since": AFTER}, 412),
        ({"if_match": '"then"', "range": "bytes=0-1"}, 412),
        ({"if_none_match": '"now"', "range": "bytes=0-1"}, 304),
        ({"if_none_match": '"now"', "range": "bytes=99-"}, 304),
        ({"if_none_match": '"then"', "range": "bytes=0-1"}, 206),
        # a caller that wants no cache
        ({"if_none_match": '"now"', "cache_control": "max-age=0, no-cache"}, 200),
        ({"if_modified_since": AFTER, "cache_control": "no-cache"}, 200),
        ({"if_match": '"then"', "cache_control": "no-cache"}, 412),
    ],
)
def test_conditions_are_judged_in_their_order(headers: dict[str, str], status: int) -> None:
    reply = asked(**headers)
    assert reply.status == status
    assert (reply.body is None) == (status in (304, 412))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"if_match": '"now"'}, 412),
        ({"if_match": "*"}, 200),
        ({"if_none_match": '"now"'}, 200),
        ({"if_none_match": '""'}, 200),
        ({"if_none_match": ""}, 200),
        ({"if_modified_since": AFTER}, 200),
        ({"if_unmodified_since": BEFORE}, 200),
        ({"range": "bytes=0-1", "if_range": '"now"'}, 200),
        ({"range": "bytes=0-1", "if_range": CHANGED}, 200),
        ({"range": "bytes=0-1"}, 206),
    ],
)
def test_bytes_without_validators_meet_no_condition(headers: dict[str, str], status: int) -> None:
    assert asked(validators={}, **headers).status == status


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ('"now"', 206),
        (' "now" ', 206),
        ('"then"', 200),
        ('W/"now"', 200),
        (CHANGED, 206),
        (BEFORE, 200),
        ("yesterday", 200),
        ("", 200),
    ],
)
def test_a_range_may_depend_on_a_validator(condition: str, status: int) -> None:
    reply = asked(range="bytes=2-3", if_range=condition)
    assert reply.status == status
    assert content(reply) == (b"23" if status == 206 else DIGITS)


def test_a_range_past_the_end_of_what_has_changed_is_ignored() -> None:
    assert whole(asked(range="bytes=99-", if_range='"then"'))


def test_what_is_fresh_keeps_what_a_cache_needs_and_says_nothing_of_content() -> None:
    reply = asked(
        validators={**HEADERS, "Content-Type": "a/b", "content-length": "10", "X-Other": "1"},
        if_none_match='"now"',
    )
    assert reply.headers == {
        "ETag": '"now"',
        "Last-Modified": CHANGED,
        "Cache-Control": "private",
        "X-Other": "1",
    }


def test_a_part_keeps_the_headers_of_the_whole() -> None:
    reply = asked(range="bytes=0-0")
    told = {"Accept-Ranges": "bytes", "Content-Range": "bytes 0-0/10"}
    assert reply.headers == {**HEADERS, **told}


def test_the_names_of_validators_are_read_in_any_case() -> None:
    validators = {"etag": '"now"', "LAST-MODIFIED": CHANGED}
    assert asked(validators=validators, if_none_match='"now"').status == 304
    assert asked(validators=validators, if_modified_since=CHANGED).status == 304


def test_a_weak_validator_makes_what_it_validates_fresh() -> None:
    assert asked(validators={"ETag": 'W/"now"'}, if_none_match='W/"now"').status == 304
    assert asked(validators={"ETag": 'W/"now"'}, if_none_match='W/"then"').status == 200


def test_plain_bytes_have_ranges_too() -> None:
    request = Request(sandbox(), headers={b"range": b"bytes=1-2"})
    reply = conditional(request, Reply(DIGITS, media_type="image/png"))
    assert in_part(reply) == (b"12", "bytes 1-2/10")


def test_the_reply_that_is_given_stays_as_it_is() -> None:
    headers = dict(HEADERS)
    given_ = Reply(Blob("", DIGITS), 200, headers, "image/png")
    for header in (b"bytes=0-1", b"bytes=99-"):
        conditional(Request(sandbox(), headers={b"range": header}), given_)
    assert (content(given_), given_.status, headers) == (DIGITS, 200, HEADERS)


BINARY = json_content({"type": "string", "format": "binary"}, "image/png")


@pytest.mark.parametrize(
    ("headers", "status", "body"),
    [
        ({}, 200, DIGITS),
        ({b"range": b"bytes=2-4"}, 206, b"234"),
        ({b"range": b"bytes=10-"}, 416, b""),
        ({b"if-none-match": b'"now"'}, 304, b""),
        ({b"if-match": b'"then"'}, 412, b""),
    ],
)
def test_an_operation_answers_so_where_it_is_described(
    headers: Any, status: int, body: bytes
) -> None:
    def handler(call: Call) -> Reply:
        return conditional(call.request, Reply(Blob("", DIGITS), 200, HEADERS, "image/png"))

    responses = {"200": {"content": BINARY}, "206": {"content": BINARY}}
    made = endpoint(handler, refusals={}, responses={**responses, "304": {}, "412": {}, "416": {}})
    answer = made(Request(sandbox(), headers=headers))
    assert (answer.status, answer.body) == (status, body)
    length = None if status == 304 else str(len(body)).encode()
    assert sent(answer).get(b"content-length") == length


INSTANTS = st.datetimes(datetime(1900, 1, 2), datetime(9999, 12, 30))  # noqa: DTZ001


@given(INSTANTS, st.integers(-23 * 60, 23 * 60))
def test_an_instant_is_written_as_http_reads_it(instant: datetime, offset: int) -> None:
    there = instant.replace(tzinfo=timezone(timedelta(minutes=offset)))
    text = http_date(there)
    assert text.endswith(" GMT")
    assert parsedate_to_datetime(text) == there.replace(microsecond=0)


def test_a_date_of_http() -> None:
    assert http_date(datetime(1994, 11, 6, 8, 49, 37, 999, tzinfo=UTC)) == CHANGED


def test_a_suffix_longer_than_the_bytes_is_all_of_them() -> None:
    assert in_part(asked(range="bytes=-100")) == (DIGITS, "bytes 0-9/10")


@pytest.mark.parametrize("name", ["if_modified_since", "if_unmodified_since", "if_range"])
def test_a_date_that_is_none_is_no_condition(name: str) -> None:
    told = {name: "Sun, 06 Nov 99999999999 08:49:37 GMT"}
    assert whole(asked(**told))
