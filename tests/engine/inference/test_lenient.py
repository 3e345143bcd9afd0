"""Valid requests that a strict reading of their description would refuse are taken."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.engine.inference.served import JSON, answers, api, asked, served, takes

TEXT = {"type": "string"}
FORM = "application/x-www-form-urlencoded"


def record(*required: str, **members: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": members}


def notes(note: Any, media_type: str = JSON, version: str = "3.0.3") -> dict[str, Any]:
    posted = {"requestBody": takes(note, media_type), "responses": answers(s201=note, s400=None)}
    read = {"responses": answers(s200=note, s404=None), "parameters": [asked("id", TEXT, "path")]}
    return api({"/notes": {"post": posted}, "/notes/{id}": {"get": read}}, version=version)


NULLABLE = {
    "alone": {"type": "string", "nullable": True},
    "listed": {"type": "string", "enum": ["a"], "nullable": True},
    "of-any-type": {"enum": ["a"], "nullable": True},
}


@pytest.mark.parametrize("title", NULLABLE.values(), ids=NULLABLE)
def test_what_3_1_calls_nullable_may_be_sent_as_null_and_is_never_answered_so(title: Any) -> None:
    note = record("id", id=TEXT, title=title)
    with served(notes(note, version="3.1.0")) as client:
        made = client("POST", "/notes", {"id": "n1", "title": None})
        assert made.status == 201
        shown = client("GET", "/notes/n1")
        assert shown.status == 200
        assert "title" not in shown.json or shown.json["title"] is not None


def test_null_is_refused_where_nothing_calls_it_nullable() -> None:
    with served(notes(record(title=TEXT), version="3.1.0")) as client:
        assert client("POST", "/notes", {"title": None}).status == 400


@pytest.mark.parametrize(("kind", "status"), [("number", 200), ("integer", 400)])
def test_a_format_of_integers_bounds_no_numbers(kind: str, status: int) -> None:
    size = asked("size", {"type": kind, "format": "int32"})
    listed = {"parameters": [size], "responses": answers(s200={"items": TEXT}, s400=None)}
    with served(api({"/notes": {"get": listed}})) as client:
        assert client("GET", "/notes?size=3000000000").status == status
        assert client("GET", "/notes?size=2000000000").status == 200


def test_bounds_of_its_own_bound_a_number() -> None:
    size = asked("size", {"type": "number", "format": "int32", "maximum": 9})
    listed = {"parameters": [size], "responses": answers(s200={"items": TEXT}, s400=None)}
    with served(api({"/notes": {"get": listed}})) as client:
        assert client("GET", "/notes?size=10").status == 400


TAGS = {"type": "array", "items": TEXT}
PLACE = record(street=TEXT)
EMPTY = {
    "array": (TAGS, {}),
    "array-of-nothing": ({"type": "array", "items": record(a=TEXT)}, {"kept": ""}),
    "object": (PLACE, {}),
    "object-of-nothing": (PLACE, {"kept": ""}),
    "objects-in-objects": (record("at", at=record("tags", tags=TAGS)), {}),
    "beside-others": (record("at", at=PLACE, name=TEXT), {"kept[name]": "x"}),
}


@pytest.mark.parametrize(("schema", "sent"), EMPTY.values(), ids=EMPTY)
def test_what_is_empty_is_not_shown_by_a_form(schema: Any, sent: dict[str, str]) -> None:
    with served(form(schema)) as client:
        assert client.sends("POST", "/notes", urlencode({"id": "n1", **sent}), FORM).status == 201


FULL = {
    "array": {**TAGS, "minItems": 1},
    "object": record("street", street=TEXT),
    "open": {},
    "text": TEXT,
}


@pytest.mark.parametrize("schema", FULL.values(), ids=FULL)
def test_what_must_not_be_empty_is_missed_in_a_form(schema: Any) -> None:
    with served(form(schema)) as client:
        assert client.sends("POST", "/notes", "id=n1", FORM).status == 400


def form(schema: Any) -> dict[str, Any]:
    return notes(record("kept", id=TEXT, kept=schema), FORM)


def test_an_object_in_a_query_may_be_written_with_brackets() -> None:
    at = asked("at", record("tags", near=record(street=TEXT), tags=TAGS), required=True)
    listed = {"parameters": [at], "responses": answers(s200={"items": TEXT}, s400=None)}
    with served(api({"/notes": {"get": listed}})) as client:
        assert client("GET", "/notes?at[near][street]=x").status == 200
        assert client("GET", "/notes?other[near]=x").status == 400


@pytest.mark.parametrize(("required", "status"), [((), 200), (("street",), 400)])
def test_an_object_whose_members_stand_alone_is_empty_where_there_are_none(
    required: tuple[str, ...], status: int
) -> None:
    at = asked("at", record(*required, street=TEXT), required=True)
    listed = {"parameters": [at], "responses": answers(s200={"items": TEXT}, s400=None)}
    with served(api({"/notes": {"get": listed}})) as client:
        assert client("GET", "/notes").status == status
