from __future__ import annotations

from typing import Any

import pytest

from tests.engine.inference.api_styles import array, asked, does, inferred, record

DATE = {"type": "string", "format": "date-time"}
NUMBER = {"type": "number"}
PET = record(
    "id",
    "status",
    "size",
    "display_name",
    price=NUMBER,
    created_at=DATE,
    tags=array({"type": "string"}),
)


def asks(name: str, schema: Any = None, item: Any = PET) -> str:
    """What one parameter of ``GET /pets`` asks for."""
    parameter = {"name": name, "schema": schema or {"type": "string"}}
    found = inferred({"/pets": {"get": does(array(item), query=[parameter])}})
    return asked(found.roles["GET /pets"])[name]


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("limit", "limit"),
        ("per_page", "limit"),
        ("$top", "limit"),
        ("maxResults", "limit"),
        ("page[size]", "limit"),
        ("offset", "offset"),
        ("$skip", "offset"),
        ("page", "page"),
        ("page[number]", "page"),
        ("cursor", "cursor"),
        ("page_token", "cursor"),
        ("starting_after", "cursor"),
        ("sort_by", "sort"),
        ("$orderby", "sort"),
        ("direction", "direction"),
        ("q", "search"),
        ("fields", "ignored"),
        ("expand", "ignored"),
        ("colour", ""),
        ("status", "filter eq status"),
        ("Status", "filter eq status"),
        ("displayName", "filter eq display_name"),
        ("filter[status]", "filter eq status"),
        ("statuses", "filter any status"),
        ("size", "filter eq size"),
        ("tags", "filter eq tags"),
        ("min_price", "filter ge price"),
        ("maxPrice", "filter le price"),
        ("price_gte", "filter ge price"),
        ("price[lt]", "filter lt price"),
        ("price_gt", "filter gt price"),
        ("created_after", "filter ge created_at"),
        ("createdBefore", "filter le created_at"),
        ("since", ""),
    ],
)
def test_what_a_parameter_asks_for(name: str, meaning: str) -> None:
    assert asks(name) == meaning


@pytest.mark.parametrize(
    ("name", "schema", "meaning"),
    [
        ("status", array({"type": "string"}), "filter any status"),
        ("page", {"format": []}, "page"),
        ("sort", {"enum": ["asc", "desc"]}, "direction"),
        ("sort", {"enum": ["name", "-name"]}, "sort"),
        ("since", DATE, "filter ge created_at"),
        ("before", DATE, "filter le created_at"),
        ("start", {"type": "string", "format": "date"}, "filter ge created_at"),
        ("created_at", record("gte", "lte"), "filter range created_at"),
    ],
)
def test_the_schema_of_a_parameter_matters(name: str, schema: Any, meaning: str) -> None:
    assert asks(name, schema) == meaning


def test_since_is_when_a_record_was_changed_last_where_it_has_two_dates() -> None:
    assert asks("since", DATE, record("id", created=DATE, updated=DATE)) == "filter ge updated"


def test_a_word_in_doubt_gives_way_to_a_sure_one() -> None:
    found = inferred({"/pets": {"get": does(array(PET), query=["start", "offset", "count"])}})
    assert asked(found.roles["GET /pets"]) == {"start": "", "offset": "offset", "count": "limit"}


def test_a_word_in_doubt_pages_where_something_else_does() -> None:
    found = inferred({"/pets": {"get": does(array(PET), query=["size", "page"])}})
    assert asked(found.roles["GET /pets"]) == {"size": "limit", "page": "page"}


def test_a_search_may_ask_in_its_body() -> None:
    found = inferred(
        {
            "/pets": {"get": does(array(PET))},
            "/pets/search": {"post": does(array(PET), record("status", "limit"))},
        }
    )
    role = found.roles["POST /pets/search"]
    assert {(q.name, q.location) for q in role.queries} == {("status", "body"), ("limit", "body")}
    assert asked(role) == {"status": "filter eq status", "limit": "limit"}


@pytest.mark.parametrize(
    ("members", "told"),
    [
        (("createdAt", "updatedAt", "start", "end"), "start"),
        (("createdAt", "updatedAt", "expires"), "createdAt"),
        (("updatedAt", "expires"), "updatedAt"),
        (("expires", "renewed"), ""),
    ],
)
def test_from_and_to_ask_for_the_likeliest_of_several_dates(
    members: tuple[str, ...], told: str
) -> None:
    item = record("id", **dict.fromkeys(members, DATE))
    for name, bound in (("from", "ge"), ("to", "le"), ("before", "le"), ("after", "ge")):
        assert asks(name, DATE, item) == (f"filter {bound} {told}" if told else "")
