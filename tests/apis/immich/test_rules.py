"""Dates, numbers, fields, ranges and JSON texts as the real server reads them."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mockserver.apis.immich import file_types, requests
from mockserver.apis.immich.dates import from_javascript, in_exif, in_milliseconds, instant
from mockserver.apis.immich.fields import nested
from mockserver.apis.immich.parts import strictly
from mockserver.apis.immich.registry import correlation
from mockserver.apis.immich.rules import (
    as_boolean,
    as_number,
    is_instant,
    is_integer,
    is_latitude,
    is_longitude,
    is_uuid4,
    judged,
)
from mockserver.apis.immich.syntax import complaint
from mockserver.apis.immich.uploading import as_base64
from mockserver.catalogue import build
from mockserver.engine.request import Request
from tests.apis.immich.world import ASSETS, CORRELATION, MOUNTAIN, in_base64, in_hex

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
FIRST, LAST = datetime.fromisoformat("0100-01-02"), datetime.fromisoformat("9999-12-30")
INSTANTS = st.datetimes(min_value=FIRST, max_value=LAST, timezones=st.just(UTC))


@given(st.uuids(version=4))
def test_version_4_uuids_are_ids_in_either_case(key: Any) -> None:
    assert is_uuid4(str(key))
    assert is_uuid4(str(key).upper())


@given(st.uuids().filter(lambda key: key.version != 4) | VALUES)
def test_nothing_else_is_an_id(value: Any) -> None:
    assert not is_uuid4(str(value))
    assert not is_uuid4(value)


@given(st.floats(-90, 90).map(lambda number: round(number, 6)))
def test_a_latitude_is_one_as_a_number_and_as_text(number: float) -> None:
    if "e" not in str(number):
        assert is_latitude(number)
        assert is_latitude(str(number))
        assert is_longitude(number)


@pytest.mark.parametrize("value", [90.1, -91, "1,", "", " 1", "1 ", "1e1", True, None, [1], "(1"])
def test_what_is_no_latitude(value: Any) -> None:
    assert not is_latitude(value)


@pytest.mark.parametrize("value", [180, -180, "180.0", " 1", "+10.5", "0", 0.5, "1,2"])
def test_what_is_a_longitude(value: Any) -> None:
    assert is_longitude(value)


@pytest.mark.parametrize("value", [180.1, -181, "abc", "1)", False, {}, float("nan")])
def test_what_is_no_longitude(value: Any) -> None:
    assert not is_longitude(value)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 0),
        (" 2 ", 2),
        ("2.0", 2),
        ("1e1", 10),
        (".5", 0.5),
        ("0x10", 16),
        ("0b11", 3),
        ("-1", -1),
        ("Infinity", float("inf")),
        ("-Infinity", float("-inf")),
    ],
)
def test_a_number_is_read_as_in_javascript(text: str, number: float) -> None:
    assert as_number(text) == number


@pytest.mark.parametrize("text", ["abc", "1a", "1_0", "null", "true", "--1", "١", ["1", "2"]])
def test_what_is_no_number_is_not_even_itself(text: Any) -> None:
    assert as_number(text) != as_number(text)


@given(VALUES)
def test_an_integer_has_no_fraction(value: Any) -> None:
    if is_integer(value):
        assert value == int(value)


@given(VALUES)
def test_a_boolean_is_read_or_left_as_it_is(value: Any) -> None:
    read = as_boolean(value)
    assert isinstance(read, bool) or read is value


@given(st.lists(st.sampled_from([True, False, "true", "false"]), min_size=2))
def test_several_booleans_are_none(values: list[Any]) -> None:
    assert as_boolean(values) is values


# What a request brings


EVERY = [
    requests.UPDATE,
    requests.UPDATE_ALL,
    requests.DELETE,
    requests.RUN_JOBS,
    requests.BULK_CHECK,
    requests.EXIST,
    requests.STATISTICS,
    requests.RANDOM,
    requests.VIEW,
    requests.UPLOAD,
    requests.REPLACE,
]


@pytest.mark.parametrize("members", EVERY)
@settings(max_examples=25)
@given(data=st.data())
def test_sentences_stand_in_one_order_however_a_request_is_written(
    members: Any, data: st.DataObject
) -> None:
    names = [member.name for member in members]
    sent = data.draw(st.dictionaries(st.sampled_from(names), VALUES))
    values, said = judged(members, sent)
    assert set(values) == set(sent)
    assert judged(members, dict(reversed(sent.items())))[1] == said
    told = [next(name for name in names if re.search(rf"\b{name}\b", text)) for text in said]
    assert told == sorted(told, key=names.index)


@pytest.mark.parametrize("members", EVERY)
@settings(max_examples=25)
@given(sent=st.dictionaries(st.from_regex(r"x.{0,3}", fullmatch=True), VALUES))
def test_unknown_members_change_nothing(members: Any, sent: dict[str, Any]) -> None:
    assert judged(members, sent) == judged(members, {})


@given(st.dictionaries(st.from_regex(r"[^\[\]]+", fullmatch=True), st.lists(st.text(), min_size=1)))
def test_plain_names_of_fields_do_not_nest(fields: dict[str, list[str]]) -> None:
    told = {name: texts[0] if len(texts) == 1 else texts for name, texts in fields.items()}
    assert nested(fields) == told


@given(st.lists(st.text(), min_size=1))
def test_lists_can_be_written_in_two_ways(texts: list[str]) -> None:
    assert nested({"a[]": texts}) == {"a": texts}
    assert nested({f"a[{place}]": [text] for place, text in enumerate(texts)}) == {"a": texts}


@pytest.mark.parametrize("names", [("a", "a[]"), ("a[]", "a"), ("a[0]", "a[]"), ("a[0]", "a[1]")])
def test_a_list_can_be_written_in_several_ways_at_once(names: tuple[str, str]) -> None:
    assert nested({names[0]: ["x"], names[1]: ["y"]}) == {"a": ["x", "y"]}


def test_objects_in_lists_can_be_written() -> None:
    fields = {"a[0][id]": ["x"], "a[0][n]": ["1"], "a[1][id]": ["y"], "b[c][d]": ["z"]}
    assert nested(fields) == {"a": [{"id": "x", "n": "1"}, {"id": "y"}], "b": {"c": {"d": "z"}}}


@given(st.dictionaries(st.text(alphabet="a[]01", max_size=12), st.lists(st.text(), min_size=1)))
def test_any_names_of_fields_make_an_object(fields: dict[str, list[str]]) -> None:
    assert set(nested(fields)) <= {name.partition("[")[0] for name in fields} | set(fields)


# Dates


@given(INSTANTS)
def test_an_instant_survives_being_shown(when: datetime) -> None:
    assert is_instant(in_milliseconds(when))
    cut = when.replace(microsecond=when.microsecond // 1000 * 1000)
    assert from_javascript(in_milliseconds(when)) == cut
    assert instant(in_exif(when)) == when


@given(INSTANTS, st.integers(-14 * 60, 14 * 60))
def test_an_offset_moves_an_instant(when: datetime, minutes: int) -> None:
    zone = timezone(timedelta(minutes=minutes))
    text = when.replace(microsecond=0).astimezone(zone).isoformat()
    assert from_javascript(text) == instant(text) == when.replace(microsecond=0)


@given(st.from_regex(r"[0-9T:Z.W+ -]{0,25}", fullmatch=True) | st.text())
def test_any_text_is_a_date_or_not(text: str) -> None:
    for read in (instant, from_javascript):
        when = read(text)
        assert when is None or when.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("2025-W01", True),
        ("2025W015", True),
        ("2025-366", True),
        ("2025-367", False),
        ("202501", False),
        ("2025-0101", False),
        ("2025-01-02T0304", True),
        ("2025-01-02T03:04:05,5Z", True),
        ("2025-01-02T03:0405", False),
        ("2025-01-02T24:00", True),
        ("2025-01-02T24:00:00", False),
        ("2025-01-02T03:04:60", False),
        ("2025-01-02 03:04 +01:00", False),
        ("+2025-01-02", True),
        ("12025-01-02", False),
        ("٢٠٢٥", False),
        (2025, False),
        (None, False),
    ],
)
def test_dates_are_written_in_iso_8601(text: Any, is_one: bool) -> None:
    assert is_instant(text) is is_one


@pytest.mark.parametrize(("year", "read"), [("0001", 2001), ("0049", 2049), ("0050", 1950)])
def test_the_first_century_is_taken_for_ours_or_the_last(year: str, read: int) -> None:
    assert from_javascript(f"{year}-01-01") == datetime(read, 1, 1, tzinfo=UTC)


def test_a_day_past_the_end_of_its_month_is_in_the_next() -> None:
    assert instant("2024-02-31") == datetime(2024, 3, 2, tzinfo=UTC)


def test_what_is_past_the_calendar_is_no_instant() -> None:
    assert instant("9999-12-31T23:59:59-14:00") is None
    assert instant("2025-W53") is None


# Checksums, files, names of requests


@given(st.binary())
def test_a_checksum_is_the_same_in_every_form(data: bytes) -> None:
    written = in_base64(data)
    urls = written.replace("+", "-").replace("/", "_")
    assert {as_base64(text) for text in (written, urls, in_hex(data))} == {written}


@given(st.text())
def test_any_text_is_read_as_a_checksum(text: str) -> None:
    assert as_base64(text).isascii()


@given(st.sampled_from([*file_types.IMAGES, *file_types.VIDEOS]), st.text(max_size=5))
def test_a_known_extension_tells_a_file_in_either_case(ext: str, stem: str) -> None:
    name = stem.replace("/", "") + "a" + ext
    assert file_types.is_asset(name)
    assert file_types.is_asset(name.upper())
    assert not file_types.is_sidecar(name)
    assert file_types.kind(name) in ("IMAGE", "VIDEO")


@pytest.mark.parametrize(("name", "kind"), [("a.txt", "OTHER"), ("a.xmp", "OTHER"), ("a", "OTHER")])
def test_other_files_are_of_another_kind(name: str, kind: str) -> None:
    assert file_types.kind(name) == kind


def test_names_of_requests_repeat_with_the_run() -> None:
    def names() -> list[str]:
        sandbox = build(["immich"]).sandboxes.default
        return [correlation(Request(sandbox)) for _ in range(20)]

    first = names()
    assert first == names()
    assert all(CORRELATION.fullmatch(name) for name in first)
    assert len(set(first)) == 20


# Ranges


TAG = 'W/"1e-5"'


def _asked(wanted: str, size: int) -> str | None:
    sandbox: Any = None
    headers = {b"range": wanted.encode(), b"x": b"y"}
    asked = strictly(Request(sandbox, headers=headers), TAG, size)
    assert asked.headers[b"x"] == b"y"
    return asked.header("range")


SPANS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=4)


@example([(0, 0), (2, 2)], 5)
@example([(0, 0), (1, 2)], 5)
@given(SPANS, st.integers(0, 12))
def test_ranges_that_touch_are_one(spans: list[tuple[int, int]], size: int) -> None:
    asked = _asked("bytes=" + ",".join(f"{start}-{end}" for start, end in spans), size)
    bytes_of = [set(range(start, min(end, size - 1) + 1)) for start, end in spans]
    wanted = set().union(*bytes_of)
    if not wanted:
        assert asked == f"bytes={size}-"
    elif wanted == set(range(min(wanted), max(wanted) + 1)):
        assert asked == f"bytes={min(wanted)}-{max(wanted)}"
    else:
        assert asked is None


@given(st.integers(0, 60), st.integers(0, 50))
def test_the_end_of_a_file_is_asked_for(count: int, size: int) -> None:
    is_there = 0 < count <= size
    expected = f"bytes={size - count}-{size - 1}" if is_there else f"bytes={size}-"
    assert _asked(f"bytes=-{count}", size) == expected


@given(st.text(alphabet="bytes=0123456789-, x"), st.integers(0, 50))
def test_any_range_is_read(wanted: str, size: int) -> None:
    asked = _asked(wanted, size)
    assert asked is None or re.fullmatch(r"bytes=\d+-\d*", asked)


def test_a_plus_is_part_of_a_number() -> None:
    assert _asked("bytes=+1-3", 9) == "bytes=1-3"


def test_without_a_range_and_conditions_a_request_stays_as_it_is() -> None:
    sandbox: Any = None
    request = Request(sandbox, headers={b"x": b"y"})
    assert strictly(request, TAG, 5) == request


def _condition(name: str, value: str) -> str | None:
    sandbox: Any = None
    request = Request(sandbox, headers={name.encode(): value.encode()})
    return strictly(request, TAG, 5).header(name)


@pytest.mark.parametrize("name", ["if-match", "if-none-match"])
@pytest.mark.parametrize(
    "tags", ["*", TAG, TAG.removeprefix("W/"), f'"x", {TAG}', f'"x",{TAG}', f"W/{TAG}"]
)
def test_an_entity_tag_matches_weak_or_strong_alone_or_in_a_list(name: str, tags: str) -> None:
    assert _condition(name, tags) == "*"


@pytest.mark.parametrize("name", ["if-match", "if-none-match"])
@pytest.mark.parametrize("tags", ["1e-5", '"x"', 'w/"1e-5"', '*, "x"', 'W/"1e-5";q=1', 'W/"1E-5"'])
def test_anything_else_matches_no_entity_tag(name: str, tags: str) -> None:
    assert _condition(name, tags) == '""'


@pytest.mark.parametrize("name", ["if-match", "if-none-match", "if-range"])
def test_an_empty_condition_is_none(name: str) -> None:
    assert _condition(name, "") is None


@pytest.mark.parametrize(
    ("given", "meant"), [(f'"x", {TAG}', TAG), ('"1e-5"', '"1e-5"'), ("a date", "a date")]
)
def test_if_range_has_to_contain_the_entity_tag(given: str, meant: str) -> None:
    assert _condition("if-range", given) == meant


# JSON texts


@settings(max_examples=40)
@given(st.lists(JSON) | st.dictionaries(st.text(), JSON))
def test_nothing_is_wrong_with_a_json_text(value: Any) -> None:
    assert complaint(json.dumps(value)) is None
    assert complaint(json.dumps(value, indent=1, ensure_ascii=False)) is None


@settings(max_examples=40)
@given(st.dictionaries(st.text(), JSON, min_size=1), st.data())
def test_something_is_wrong_with_half_a_json_text(value: Any, data: st.DataObject) -> None:
    text = json.dumps(value)
    assert complaint(text[: data.draw(st.integers(0, len(text) - 1))]) is not None


@given(st.text() | st.text(alphabet='{}[]",:1tn\\ \n'))
def test_of_any_text_something_can_be_said_or_nothing_is_wrong(text: str) -> None:
    said = complaint(text)
    if said is None:
        assert isinstance(json.loads(text), dict | list)


def _at(position: int, line: int = 1, column: int = 0) -> str:
    return f"in JSON at position {position} (line {line} column {column or position + 1})"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a"', f"Expected ':' after property name {_at(4)}"),
        ('{"a":01}', f"Unexpected number {_at(6)}"),
        ("[-01]", f"Unexpected number {_at(3)}"),
        ('{"a":5.}', f"Unterminated fractional number {_at(7)}"),
        ("[1.2.3]", f"Expected ',' or ']' after array element {_at(4)}"),
        ("[1-2]", f"Expected ',' or ']' after array element {_at(2)}"),
        ('{"a":-Infinity}', f"No number after minus sign {_at(6)}"),
        ("[-", f"No number after minus sign {_at(2)}"),
        ("[1e]", f"Exponent part is missing a number {_at(3)}"),
        ("[1.5e-x]", f"Exponent part is missing a number {_at(6)}"),
        (r'["\q"]', f"Bad escaped character {_at(3)}"),
        (r'["\u12zz"]', f"Bad Unicode escape {_at(6)}"),
        ('["\\', "Unexpected end of JSON input"),
        ('{"a":', "Unexpected end of JSON input"),
        ('{"a":1', f"Expected ',' or '}}' after property value {_at(6)}"),
        ('{\n "a": 1\n "b": 2}', f"Expected ',' or '}}' after property value {_at(11, 3, 2)}"),
        ("[1 2]", f"Expected ',' or ']' after array element {_at(3)}"),
        ('[{"a":[]} 1', f"Expected ',' or ']' after array element {_at(10)}"),
        ('{"a":"b', f"Unterminated string {_at(7)}"),
        ('{"a":"b\n"}', f"Bad control character in string literal {_at(7)}"),
        ("[1,]", "Unexpected token ']', \"[1,]\" is not valid JSON"),
        ("[nul]", "Unexpected token ']', \"[nul]\" is not valid JSON"),
        ('{"a":NaN}', 'Unexpected token \'N\', "{"a":NaN}" is not valid JSON'),
        ("x" * 30, "Unexpected token 'x', \"xxxxxxxxxx\"... is not valid JSON"),
        (
            '[x, "bbbbbbbbbbbbbbbbbbb"]',
            'Unexpected token \'x\', "[x, "bbbbbb"... is not valid JSON',
        ),
        ('["aaaaaaaaaaaa", x]', 'Unexpected token \'x\', "["aaaaaaaaaaaa", x]" is not valid JSON'),
        (
            '["aaaaa", x, "bbbbbbbbbb"]',
            'Unexpected token \'x\', ..."["aaaaa", x, "bbbbbb"... is not valid JSON',
        ),
        (
            '["aaaaaaaaaaaa", x, "bbbbbbbbbb"]',
            'Unexpected token \'x\', ..."aaaaaaa", x, "bbbbbb"... is not valid JSON',
        ),
    ],
)
def test_what_is_wrong_is_said_in_the_words_of_the_real_server(text: str, said: str) -> None:
    assert complaint(text) == said


# Any request at all


OPERATIONS = [
    ("PUT", ""),
    ("DELETE", ""),
    ("PUT", f"/{MOUNTAIN}"),
    ("POST", "/jobs"),
    ("POST", "/bulk-upload-check"),
    ("POST", "/exist"),
    ("POST", ""),
]
NAMES = sorted({member.name for members in EVERY for member in members})
TEXTS = st.sampled_from(
    ["", "true", "archive", "2025", "0000-00-00", "2025-W53", "(1,2)", "90", MOUNTAIN, "locked"]
)
BODIES = st.dictionaries(
    st.sampled_from(NAMES), JSON | TEXTS | st.lists(st.just(MOUNTAIN), min_size=1)
)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
@given(body=BODIES)
@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_body_is_too_much(demo: httpx.Client, method: str, path: str, body: Any) -> None:
    answer = demo.request(method, ASSETS + path, json=body)
    assert answer.status_code in {200, 201, 204, 400}, answer.text


@given(query=st.dictionaries(st.sampled_from(["count", "visibility", "isTrashed"]), TEXTS))
@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_query_is_too_much(demo: httpx.Client, query: dict[str, str]) -> None:
    for path in ("/random", "/statistics"):
        answer = demo.get(ASSETS + path, params=query)
        assert answer.status_code in {200, 400}, answer.text
