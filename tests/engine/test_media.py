from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from functools import partial
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.engine.media import (
    MAX_DEPTH,
    decode_body,
    decode_json,
    decode_query,
    encode_json,
    is_json,
    matching,
    media_type_of,
)
from mockserver.errors import ApiError

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


def no_part(part: Any) -> Any:
    raise TypeError(part)


def status_of(refusal: pytest.ExceptionInfo[ApiError]) -> tuple[int, list[str]]:
    return refusal.value.status, [violation.location for violation in refusal.value.violations]


@given(JSON, st.booleans())
def test_json_is_read_as_it_was_written(value: Any, ascii_only: bool) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only).encode()
    found = decode_json(text)
    assert found == value
    assert repr(found) == repr(value)


@given(JSON)
def test_json_is_written_as_it_will_be_read(value: Any) -> None:
    assert repr(json.loads(encode_json(value, no_part))) == repr(value)


@pytest.mark.parametrize("digits", ["9" * 19, "1" + "0" * 20, "12345678901234567890123", "7" * 300])
@pytest.mark.parametrize("sign", ["", "-"])
def test_huge_integers_keep_every_digit(sign: str, digits: str) -> None:
    assert decode_json(f'{{"n": [{sign}{digits}]}}'.encode()) == {"n": [int(sign + digits)]}


def test_parts_are_written_beside_huge_integers_too() -> None:
    def made(part: Any) -> Any:
        assert isinstance(part, complex)
        return orjson.Fragment(b'{"made":1}')

    assert json.loads(encode_json([1j, 10**30], made)) == [{"made": 1}, 10**30]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"nul",
        b"[1,]",
        b"{'a': 1}",
        b"1 2",
        b"NaN",
        b"[Infinity]",
        b"[-Infinity, 12345678901234567890]",
        b"[NaN, 12345678901234567890]",
        b"1e400",
        b"9" * 400,
        b"[" + b"9" * 5000 + b"]",
        b"01",
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b'"\\ud800"',
        b'["\\udc00", 12345678901234567890]',
        b'"\x00"',
        b"\x00",
        b'"a\nb"',
        b"\xef\xbb\xbf{}",
        '{"a": 1}'.encode("utf-16"),
    ],
    ids=range(23),
)
def test_what_is_no_json(data: bytes) -> None:
    with pytest.raises(ApiError) as refusal:
        decode_json(data)
    assert status_of(refusal) == (400, ["body"])


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_nesting_is_bounded(opening: str) -> None:
    closing = {"[": "]"}.get(opening, "}")

    def nested(depth: int) -> bytes:
        return (opening * depth + "1" + closing * depth).encode()

    assert decode_json(nested(MAX_DEPTH))
    for depth in (MAX_DEPTH + 1, 10_000):
        with pytest.raises(ApiError) as refusal:
            decode_json(nested(depth))
        assert status_of(refusal) == (400, ["body"])
        assert "nesting" in refusal.value.detail


@given(st.text(st.sampled_from('[{"\\]}a'), min_size=1), st.integers(0, 3))
def test_brackets_in_strings_do_not_nest(text: str, depth: int) -> None:
    value: Any = [text * 300]
    for _ in range(depth):
        value = [value, {text: value}]
    assert decode_json(json.dumps(value).encode()) == value


def test_many_siblings_do_not_nest() -> None:
    assert decode_json(b"[" + b"[],{}," * 5000 + b"1]")[-1] == 1


def test_a_string_that_never_ends_is_refused_in_bounded_time() -> None:
    program = (
        "from mockserver.engine.media import ApiError, decode_json\n"
        "data = b'\"' + b'\\\\\"' * 250_000 + b'[]' * 300\n"
        "try:\n    decode_json(data)\n"
        "except ApiError as error:\n    print(error.status)\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, check=True, capture_output=True, timeout=10)
    assert done.stdout == b"400\n"


@given(st.text())
def test_text_is_decoded(text: str) -> None:
    assert decode_body("text/plain", text.encode()) == text


def test_text_that_is_not_utf_8() -> None:
    with pytest.raises(ApiError) as refusal:
        decode_body("text/markdown", b"ab\xff")
    assert status_of(refusal) == (400, ["body"])
    assert "2" in refusal.value.violations[0].received


@given(st.binary())
def test_other_bodies_are_bytes(data: bytes) -> None:
    assert decode_body("application/octet-stream", data) == data


@pytest.mark.parametrize(
    ("header", "media_type"),
    [
        ("application/json", "application/json"),
        ("Application/JSON ; charset=UTF-8", "application/json"),
        ('text/plain;a="b;c"', "text/plain"),
        ("", ""),
    ],
)
def test_media_type_of(header: str, media_type: str) -> None:
    assert media_type_of(header) == media_type


@pytest.mark.parametrize(
    ("media_type", "offered", "found"),
    [
        ("text/plain", ["*/*", "text/*", "text/plain"], "text/plain"),
        ("text/css", ["*/*", "text/*", "text/plain"], "text/*"),
        ("image/png", ["*/*", "text/*"], "*/*"),
        ("image/png", ["text/*", "image/gif"], None),
        ("", ["application/json"], None),
    ],
)
def test_the_most_specific_range_is_taken(
    media_type: str, offered: list[str], found: str | None
) -> None:
    assert matching(media_type, offered) == found


def test_json_has_a_suffix_too() -> None:
    assert is_json("application/json")
    assert is_json("application/problem+json")
    assert not is_json("application/jsonp")
    assert not is_json("text/json5")


@given(st.lists(st.tuples(st.text(), st.text())))
def test_a_query_is_read_as_it_was_written(pairs: list[tuple[str, str]]) -> None:
    wanted: dict[str, list[str]] = {}
    for name, value in pairs:
        wanted.setdefault(name, []).append(value)
    assert decode_query(urlencode(pairs).encode()) == wanted


@pytest.mark.parametrize(
    ("query", "pairs"),
    [
        (b"", {}),
        (b"&&", {}),
        (b"a", {"a": [""]}),
        (b"a=", {"a": [""]}),
        (b"=a", {"": ["a"]}),
        (b"a=b=c", {"a": ["b=c"]}),
        (b"a=1&b=2&a=3", {"a": ["1", "3"], "b": ["2"]}),
        (b"a=x+y%2B", {"a": ["x y+"]}),
        (b"a=%zz%2", {"a": ["%zz%2"]}),
        (b"a=%00", {"a": ["\0"]}),
    ],
)
def test_odd_queries(query: bytes, pairs: dict[str, list[str]]) -> None:
    assert decode_query(query) == pairs


@pytest.mark.parametrize("query", [b"a=%FF", b"%C3%28=1", b"a=1&b=%ED%A0%80"])
def test_a_query_that_is_not_utf_8_once_decoded(query: bytes) -> None:
    with pytest.raises(ApiError) as refusal:
        decode_query(query)
    assert status_of(refusal) == (400, ["query"])


@given(st.binary(max_size=40))
def test_no_bytes_crash_the_decoders(data: bytes) -> None:
    for decode in (decode_json, decode_query, partial(decode_body, "text/plain")):
        with contextlib.suppress(ApiError):
            decode(data)


@given(st.binary(max_size=40))
def test_a_lenient_reading_takes_any_query(query: bytes) -> None:
    found = decode_query(query, lenient=True)
    with contextlib.suppress(ApiError):
        assert decode_query(query) == found


@pytest.mark.parametrize(
    ("query", "pairs"),
    [
        (b"a=%FF", {"a": ["\ufffd"]}),
        (b"%FF=1&a=2", {"\ufffd": ["1"], "a": ["2"]}),
        (b"a=x%C5%BC%C5", {"a": ["xż\ufffd"]}),
    ],
)
def test_a_lenient_reading_replaces_what_is_not_utf_8(
    query: bytes, pairs: dict[str, list[str]]
) -> None:
    assert decode_query(query, lenient=True) == pairs


def test_a_refusal_says_where_the_pairs_stood() -> None:
    with pytest.raises(ApiError) as refusal:
        decode_query(b"a=%FF", location="body")
    assert status_of(refusal) == (400, ["body"])
