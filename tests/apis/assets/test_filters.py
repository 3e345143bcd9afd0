"""Which assets a filter or a search space lets through."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.apis.assets.filters import MAX_DEPTH, compile_filters, in_space, parse_instant
from mockserver.state.store import Record

Make = Callable[..., Record]
Filter = dict[str, Any]
LAST_YEAR = 9999


def stamp(text: str) -> dict[str, str]:
    return {"value": text}


HOLDING: dict[str, Filter] = {
    "classification": {"classification": "PY"},
    "tags": {"tags": ["Python"]},
    "websites": {"websites": ["https://example.com/retry"]},
    "persons": {"persons": ["ann@example.com"]},
    "phrase": {"phrase": {"value": "backoff"}},
    "created": {"created": {"from": stamp("2025-03-01T00:00:00Z")}},
    "updated": {"updated": {"to": stamp("2025-03-03T00:00:00Z")}},
    "operations": {"operations": {"iterable": [{"classification": "py"}]}},
}
FAILING: dict[str, Filter] = {
    "classification": {"classification": "p"},
    "tags": {"tags": ["Pytho"]},
    "websites": {"websites": ["https://example.com"]},
    "persons": {"persons": ["example.com"]},
    "phrase": {"phrase": {"value": "Backoff"}},
    "created": {"created": {"from": stamp("2025-03-02T00:00:00Z")}},
    "updated": {"updated": {"to": stamp("2025-03-02T00:00:00Z")}},
    "operations": {"operations": {"iterable": [{"classification": "js"}]}},
}


@pytest.fixture
def retry(asset: Make) -> Record:
    return asset(
        "retry",
        "Retry",
        "wait with backoff",
        tags=["python", "http"],
        websites=[("https://example.com/retry", "Retrying")],
        persons=[{"basic": {"name": "Ann", "email": "ann@example.com"}}],
        annotations=[("exponential, with jitter", "DESCRIPTION"), ("nice", "COMMENT")],
        created="2025-03-01T12:00:00Z",
        updated="2025-03-02T12:00:00Z",
    )


def holds(record: Record, *filters: Filter, casing: bool = True, **more: Any) -> bool:
    return compile_filters({"iterable": list(filters), **more}, casing=casing)(record)


@pytest.mark.parametrize("more", [{"type": "AND"}, {}, {"type": None}], ids=str)
@pytest.mark.parametrize("kind", HOLDING)
def test_and_and_an_absent_type_want_all(retry: Record, kind: str, more: Filter) -> None:
    assert holds(retry, HOLDING[kind], HOLDING["tags"], **more)
    assert not holds(retry, HOLDING["tags"], FAILING[kind], **more)


@pytest.mark.parametrize("kind", HOLDING)
def test_or_wants_one(retry: Record, kind: str) -> None:
    assert holds(retry, FAILING["tags"], HOLDING[kind], type="OR")
    assert not holds(retry, FAILING[kind], FAILING["tags"], type="OR")


@pytest.mark.parametrize("kind", HOLDING)
def test_all_members_of_one_filter_must_hold(retry: Record, kind: str) -> None:
    everything: Filter = {name: value for one in HOLDING.values() for name, value in one.items()}
    assert holds(retry, everything, type="OR")
    assert not holds(retry, {**everything, **FAILING[kind]}, type="OR")


@pytest.mark.parametrize("type_", ["AND", "OR", None])
def test_empty_filters_hold_for_everything(retry: Record, type_: str | None) -> None:
    assert holds(retry, type=type_)
    assert holds(retry, {}, type=type_)
    assert holds(retry, {"operations": {"iterable": [], "type": type_}}, type=type_)
    assert holds(retry, {"tags": []}, type=type_)


@pytest.mark.parametrize(
    ("kind", "listed", "expected"),
    [
        ("tags", ["python", "HTTP "], True),
        ("tags", ["python", "go"], False),
        ("tags", ["tags-1"], True),
        ("tags", ["websites-0"], False),
        ("websites", ["Retrying"], True),
        ("websites", ["websites-0"], True),
        ("persons", ["ann"], True),
        ("persons", ["Ann", "Bo"], False),
        ("persons", ["persons-0"], True),
    ],
)
def test_each_listed_id_or_text_must_be_there(
    retry: Record, kind: str, listed: list[str], expected: bool
) -> None:
    assert holds(retry, {kind: listed}) is expected


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ({"value": "Retry"}, True),
        ({"value": "Retry", "title": True}, True),
        ({"value": "Retry", "content": True, "annotation": True}, False),
        ({"value": "backoff", "content": True}, True),
        ({"value": "backoff", "title": True, "annotation": True}, False),
        ({"value": "jitter"}, True),
        ({"value": "jitter", "annotation": True}, True),
        ({"value": "jitter", "title": True, "content": True}, False),
        ({"value": "Retry", "title": False}, False),
        ({"value": "backoff", "title": False}, True),
        ({"value": "x", "title": False, "content": False, "annotation": False}, False),
        ({"value": "jitter", "options": {"annotation": "DESCRIPTION"}}, True),
        ({"value": "jitter", "options": {"annotation": "COMMENT"}}, False),
        ({"value": "nice", "annotation": True, "options": {"annotation": "COMMENT"}}, True),
        ({"value": "Retry", "options": {"annotation": "COMMENT"}}, True),
        ({"annotation": True, "options": {"annotation": "COMMENT"}}, True),
        ({"annotation": True, "options": {"annotation": "SUMMARY"}}, False),
        ({}, True),
    ],
)
def test_a_phrase_is_looked_for_where_its_flags_say(
    retry: Record, phrase: Filter, expected: bool
) -> None:
    assert holds(retry, {"phrase": phrase}) is expected


def test_classifications_are_compared_without_case(asset: Make) -> None:
    record = asset(specific="tmLanguage")
    assert holds(record, {"classification": "TMLANGUAGE"})
    assert not holds(record, {"classification": "tmLang"})


@pytest.mark.parametrize("place", ["title", "content", "annotation"])
def test_casing_decides_for_phrases_alone(asset: Make, place: str) -> None:
    record = asset(name="Word", content="Word", annotations=[("Word", "COMMENT")], tags=["Word"])
    phrase = {"phrase": {"value": "WORD", place: True}}
    assert not holds(record, phrase)
    assert not compile_filters({"iterable": [phrase]})(record)
    assert holds(record, phrase, casing=False)
    assert holds(record, {"phrase": {"value": "Word", place: True}})
    assert holds(record, {"tags": ["WORD"], "classification": "Py"})


AT = "2025-03-01T12:00:00Z"
BEFORE, AFTER = "2025-03-01T11:59:59.999999Z", "2025-03-01T12:00:00.000001Z"


@pytest.mark.parametrize("member", ["created", "updated"])
@pytest.mark.parametrize("between", [{}, {"between": True}])
@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ((AT, AT), True),
        ((BEFORE, AT), True),
        ((AT, AFTER), True),
        ((BEFORE, AFTER), True),
        ((AFTER, BEFORE), False),
        ((AFTER, AFTER), False),
        ((BEFORE, BEFORE), False),
        ((BEFORE, None), True),
        ((AT, None), False),
        ((AFTER, None), False),
        ((None, AFTER), True),
        ((None, AT), False),
        ((None, BEFORE), False),
        ((None, None), True),
    ],
)
def test_time_ranges(
    asset: Make, member: str, between: Filter, ends: tuple[str | None, ...], expected: bool
) -> None:
    other = "created" if member == "updated" else "updated"
    record = asset(**{member: AT, other: "1999-01-01T00:00:00Z"})
    span = {name: stamp(text) for name, text in zip(("from", "to"), ends, strict=True) if text}
    assert holds(record, {member: {**span, **between}}) is expected


@given(
    at=st.datetimes(timezones=st.just(UTC)).filter(lambda at: 1 < at.year < LAST_YEAR),
    ahead=st.integers(-1439, 1439),
    after=st.integers(-2, 2),
)
def test_instants_compare_whatever_their_offset(
    asset: Make, at: datetime, ahead: int, after: int
) -> None:
    there = at.astimezone(timezone(timedelta(minutes=ahead)))
    record = asset(created=there.isoformat())
    end = (at + timedelta(microseconds=after)).isoformat()
    assert holds(record, {"created": {"to": stamp(end)}}) is (after > 0)


def test_alternatives_are_combined_with_the_filter_they_belong_to(retry: Record) -> None:
    either = {"type": "OR", "iterable": [HOLDING["phrase"], FAILING["created"]]}
    neither = {"type": "OR", "iterable": [FAILING["phrase"], FAILING["created"]]}
    assert holds(retry, {"classification": "py", "operations": either})
    assert not holds(retry, {"classification": "js", "operations": either})
    assert not holds(retry, {"classification": "py", "operations": neither})
    assert not holds(retry, {"operations": {**either, "type": "AND"}})
    assert not holds(retry, {"operations": {"iterable": either["iterable"]}})


def nested(inner: Filter, depth: int) -> Filter:
    for _ in range(depth):
        inner = {"operations": {"iterable": [inner]}}
    return inner


def test_filters_nest_to_a_bound(retry: Record) -> None:
    assert holds(retry, nested(HOLDING["tags"], MAX_DEPTH - 1))
    assert not holds(retry, nested(FAILING["tags"], MAX_DEPTH - 1))
    with pytest.raises(ValueError, match="nested"):
        holds(retry, nested({}, MAX_DEPTH))


@pytest.mark.parametrize(
    ("space", "expected"),
    [
        ({"identifers": {"iterable": [{"id": "other"}, {"id": "retry"}]}}, True),
        ({"identifers": {"iterable": [{"id": "other"}]}}, False),
        ({"identifers": {"iterable": []}}, False),
        ({"identifers": {}}, True),
    ],
)
def test_a_space_holds_the_assets_it_lists(retry: Record, space: Filter, expected: bool) -> None:
    assert in_space(space)(retry) is expected


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2025-03-01T12:00:00Z", "2025-03-01T12:00:00+00:00"),
        ("2025-03-01t12:00:00z", "2025-03-01T12:00:00+00:00"),
        ("2025-03-01T12:00:00.5Z", "2025-03-01T12:00:00.500000+00:00"),
        ("2025-03-01T12:00:00.123456789012Z", "2025-03-01T12:00:00.123456+00:00"),
        ("2025-03-01T12:00:00-23:59", "2025-03-01T12:00:00-23:59"),
        ("2025-03-01T12:00:00-00:00", "2025-03-01T12:00:00+00:00"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00+00:00"),
        ("2017-01-01T00:59:60.25+01:00", "2017-01-01T01:00:00.250000+01:00"),
        ("0000-02-29T00:00:00Z", "0001-01-01T00:00:00+00:00"),
        ("9999-12-31T23:59:60Z", "9999-12-31T23:59:59.999999+00:00"),
    ],
)
def test_every_date_time_names_an_instant(text: str, same: str) -> None:
    assert parse_instant(text) == datetime.fromisoformat(same)


@pytest.mark.parametrize(
    "text",
    ["", "2025-03-01", "2025-03-01T12:00:00", "2025-13-01T12:00:00Z", "٢٠٢٥-03-01T12:00:00Z"],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        parse_instant(text)


@given(
    at=st.datetimes().filter(lambda at: at.year < LAST_YEAR),
    digits=st.from_regex(r"(\.[0-9]{1,40})?", fullmatch=True),
    offset=st.from_regex(r"[zZ]|[+-]([01][0-9]|2[0-3]):[0-5][0-9]", fullmatch=True),
    second=st.integers(0, 60),
)
def test_date_times_are_read_without_fail(
    at: datetime, digits: str, offset: str, second: int
) -> None:
    zone = parse_instant(f"2000-01-01T00:00:00{offset}").tzinfo
    found = parse_instant(f"{at.year:04}{at:-%m-%dT%H:%M}:{second:02}{digits}{offset}")
    exact = at.replace(second=0, microsecond=0, tzinfo=zone)
    past = found - exact
    assert timedelta(seconds=second) <= past < timedelta(seconds=second + 1)
