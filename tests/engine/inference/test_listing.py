from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.inference.served import Client, Told, answers, api, asked, ref, served, takes

INTEGER = {"type": "integer"}
PET = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string"},
        "size": INTEGER,
        "status": {"type": "string", "enum": ["free", "sold"]},
        "born": {"type": "string", "format": "date"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "owner": {"type": "object", "properties": {"city": {"type": "string"}}},
        "secret": {"type": "string", "writeOnly": True},
    },
}
QUERY = [
    asked("status"),
    asked("min_size", INTEGER),
    asked("maxSize", INTEGER),
    asked("size[gt]", INTEGER),
    asked("size[lt]", INTEGER),
    asked("tag"),
    asked("statuses"),
    asked("born_after", {"type": "string", "format": "date"}),
    asked("owner.city"),
    asked("sort"),
    asked("order", {"type": "string", "enum": ["asc", "desc"]}),
    asked("q"),
]
PETS = st.fixed_dictionaries(
    {"name": st.sampled_from(("Rex", "rex", "Max", "Ax", "Zoë"))},
    optional={
        "size": st.integers(-3, 3),
        "status": st.sampled_from(("free", "sold")),
        "born": st.sampled_from(("2020-01-01", "2021-05-05", "2019-12-31")),
        "tags": st.lists(st.sampled_from(("a", "b", "c")), max_size=3),
        "owner": st.fixed_dictionaries({"city": st.sampled_from(("Rome", "Oslo"))}),
    },
)
HERDS = st.lists(PETS, min_size=1, max_size=12)
LAWS = settings(max_examples=25)


def pets(*query: Any, envelope: Any = None, **more: Any) -> dict[str, Any]:
    """A description of pets whose list takes these parameters."""
    rows = envelope or {"type": "array", "items": ref("Pet")}
    listing = {"parameters": [*query], "responses": answers(s200=rows), **more}
    one = {"responses": answers(s201=ref("Pet"))}
    item = {
        "parameters": [asked("id", INTEGER, "path")],
        "get": {"responses": answers(s200=ref("Pet"), s404={"type": "object"})},
        "delete": {"responses": answers(s204=None)},
    }
    paths = {"/pets": {"get": listing, "post": {"requestBody": takes(ref("Pet")), **one}},
             "/pets/{id}": item}  # fmt: skip
    return api(paths, {"Pet": PET})


def filled(client: Client, herd: list[Any]) -> list[Any]:
    return [client("POST", "/pets", pet).json for pet in herd]


def found(client: Client, **query: Any) -> list[Any]:
    told = client("GET", "/pets?" + urlencode(query))
    assert told.status == 200, told
    rows: list[Any] = told.json
    return rows


FILTERS: list[tuple[str, Any, Any]] = [
    ("status", "sold", lambda pet: pet.get("status") == "sold"),
    ("min_size", 1, lambda pet: "size" in pet and pet["size"] >= 1),
    ("maxSize", 1, lambda pet: "size" in pet and pet["size"] <= 1),
    ("size[gt]", 1, lambda pet: "size" in pet and pet["size"] > 1),
    ("size[lt]", 1, lambda pet: "size" in pet and pet["size"] < 1),
    ("tag", "b", lambda pet: "b" in pet.get("tags", ())),
    ("statuses", "sold,free", lambda pet: "status" in pet),
    ("born_after", "2020-01-01", lambda pet: pet.get("born", "") >= "2020-01-01"),
    ("owner.city", "Oslo", lambda pet: pet.get("owner", {}).get("city") == "Oslo"),
    ("q", "REX", lambda pet: "rex" in pet["name"].lower()),
]


@LAWS
@given(HERDS, st.sampled_from(FILTERS))
def test_a_filter_finds_all_that_it_asks_for_and_nothing_else(
    herd: list[Any], asks: tuple[str, Any, Any]
) -> None:
    name, value, holds = asks
    with served(pets(*QUERY), records=0) as client:
        made = filled(client, herd)
        assert found(client, **{name: value}) == [pet for pet in made if holds(pet)]


@LAWS
@given(HERDS, st.sampled_from(("size", "born", "name")), st.booleans(), st.integers(0, 3))
def test_what_is_sorted_is_in_order(herd: list[Any], by: str, falls: bool, way: int) -> None:
    queries: list[dict[str, str]] = [
        {"sort": ("-" if falls else "") + by},
        {"sort": f"{by}:{'desc' if falls else 'asc'}"},
        {"sort": f"{by} {'desc' if falls else 'asc'}"},
        {"sort": by, "order": "desc" if falls else "asc"},
    ]
    with served(pets(*QUERY), records=0) as client:
        made = filled(client, herd)
        rows = found(client, **queries[way])
    assert sorted(row["id"] for row in rows) == [pet["id"] for pet in made]
    told = [row[by] for row in rows if by in row]
    assert told == sorted(told, reverse=falls)
    assert all(by not in row for row in rows[len(told) :])


def test_of_several_properties_the_first_one_rules() -> None:
    herd = [{"name": n, "size": s} for n, s in (("b", 1), ("a", 1), ("c", 2), ("a", 2))]
    with served(pets(*QUERY), records=0) as client:
        filled(client, herd)
        rows = found(client, sort="-size,name")
    assert [(row["size"], row["name"]) for row in rows] == [(2, "a"), (2, "c"), (1, "a"), (1, "b")]


def test_an_object_may_say_what_to_sort_by() -> None:
    by = asked("sort", {"type": "object", "additionalProperties": {"type": "string"}},
               style="deepObject", explode=True)  # fmt: skip
    with served(pets(by), records=0) as client:
        filled(client, [{"name": "a"}, {"name": "c"}, {"name": "b"}])
        rows = client("GET", "/pets?sort[name]=desc").json
    assert [row["name"] for row in rows] == ["c", "b", "a"]


def test_without_order_records_come_as_they_were_made() -> None:
    with served(pets(*QUERY), records=0) as client:
        made = filled(client, [{"name": name} for name in "cab"])
        assert found(client) == made


ENVELOPE = {
    "type": "object",
    "required": ["items", "total"],
    "properties": {
        "items": {"type": "array", "items": ref("Pet")},
        "total": INTEGER,
        "count": INTEGER,
        "page": INTEGER,
        "pages": INTEGER,
        "has_more": {"type": "boolean"},
        "next": {"type": "string", "format": "uri"},
        "previous": {"type": "string", "format": "uri"},
        "next_cursor": {"type": "string"},
    },
}
LIMIT = asked("limit", {**INTEGER, "default": 4, "maximum": 5})


@LAWS
@given(st.integers(0, 9), st.integers(1, 5), st.sampled_from(("page", "offset", "cursor")))
def test_the_pages_hold_each_record_once(total: int, limit: int, by: str) -> None:
    turning = asked(by, {"type": "string"} if by == "cursor" else INTEGER)
    with served(pets(LIMIT, turning, envelope=ENVELOPE), records=0) as client:
        made = filled(client, [{"name": str(number)} for number in range(total)])
        rows: list[Any] = []
        url = f"/pets?limit={limit}"
        for _ in range(total + 1):
            body = client("GET", url).json
            assert body["total"] == total
            assert body["count"] == len(body["items"]) <= limit
            rows += body["items"]
            assert body["has_more"] == ("next" in body) == (len(rows) < total)
            if "next" not in body:
                break
            url = body["next"]
        assert rows == made


@pytest.mark.parametrize("by", ["page", "offset"])
def test_the_way_back_leads_to_the_first_page(by: str) -> None:
    with served(pets(LIMIT, asked(by, INTEGER), envelope=ENVELOPE), records=0) as client:
        filled(client, [{"name": str(number)} for number in range(9)])
        first = client("GET", "/pets?limit=4").json
        second = client("GET", first["next"]).json
        assert client("GET", second["previous"]).json["items"] == first["items"]
        assert "previous" not in first


def test_a_page_says_which_it_is_of_how_many() -> None:
    with served(pets(LIMIT, asked("page", INTEGER), envelope=ENVELOPE), records=0) as client:
        filled(client, [{"name": str(number)} for number in range(9)])
        body = client("GET", "/pets?limit=4&page=3").json
    assert (body["page"], body["pages"], len(body["items"])) == (3, 3, 1)


def test_the_size_of_a_page_is_the_documented_default() -> None:
    with served(pets(LIMIT), records=0) as client:
        filled(client, [{"name": str(number)} for number in range(9)])
        assert len(found(client)) == 4
        assert client("GET", "/pets?limit=6").status == 400


def through(client: Client, first: str) -> Iterator[list[Any]]:
    """The rows of each page, by the cursors of its envelope."""
    url = first
    while True:
        body = client("GET", url).json
        yield body["items"]
        if not body.get("next_cursor"):
            return
        url = f"{first}&cursor={quote(body['next_cursor'])}"


@LAWS
@given(st.lists(st.sampled_from(("a", "m", "z")), max_size=6), st.booleans())
def test_a_cursor_goes_on_where_it_was_whatever_is_added(names: list[str], ordered: bool) -> None:
    sort = "&sort=name" if ordered else ""
    query = (LIMIT, asked("cursor"), asked("sort"))
    with served(pets(*query, envelope=ENVELOPE), records=0) as client:
        made = filled(client, [{"name": name} for name in ("b", "n", "y", "c")])
        rows: list[Any] = []
        for page, more in zip(through(client, f"/pets?limit=1{sort}"), [*names, *"pppppppp"],
                              strict=False):  # fmt: skip
            rows += page
            if len(rows) < 3:
                filled(client, [{"name": more}])
        ids = [row["id"] for row in rows]
        assert len(set(ids)) == len(ids)
        assert {pet["id"] for pet in made} <= set(ids)


def test_a_cursor_outlives_the_record_it_was_made_from() -> None:
    with served(pets(LIMIT, asked("cursor"), envelope=ENVELOPE), records=0) as client:
        made = filled(client, [{"name": name} for name in "abcd"])
        body = client("GET", "/pets?limit=2").json
        client("DELETE", f"/pets/{made[1]['id']}")
        after = client("GET", f"/pets?limit=2&cursor={body['next_cursor']}").json
        assert after["items"] == made[2:]


def test_a_cursor_may_be_the_key_of_a_record() -> None:
    with served(pets(LIMIT, asked("starting_after")), records=0) as client:
        made = filled(client, [{"name": name} for name in "abcd"])
        assert found(client, starting_after=made[1]["id"]) == made[2:]


def headed(headers: Any) -> dict[str, Any]:
    document = pets(LIMIT, asked("page", INTEGER))
    document["paths"]["/pets"]["get"]["responses"]["200"]["headers"] = headers
    return document


def test_documented_headers_tell_of_the_pages() -> None:
    headers = {"Link": {"schema": {"type": "string"}}, "X-Total-Count": {"schema": INTEGER}}
    with served(headed(headers), records=0) as client:
        made = filled(client, [{"name": name} for name in "abcde"])
        told: Told = client("GET", "/pets?limit=3")
        assert told.headers["x-total-count"] == "5"
        link = re.match(r'<([^>]+)>; rel="next"', told.headers["link"])
        assert link is not None
        last = client("GET", link[1])
        assert last.json == made[3:]
        assert 'rel="next"' not in last.headers["link"]


def test_headers_that_are_not_documented_are_not_sent() -> None:
    with served(headed({}), records=0) as client:
        filled(client, [{"name": "a"}, {"name": "b"}])
        assert not {"link", "x-total-count"} & client("GET", "/pets?limit=1").headers.keys()


def test_a_list_keeps_to_the_most_and_the_least_it_may_hold() -> None:
    rows = {"type": "array", "items": ref("Pet"), "minItems": 1, "maxItems": 2}
    with served(pets(envelope=rows), records=0) as client:
        assert len(client("GET", "/pets").json) == 1
        filled(client, [{"name": name} for name in "abc"])
        assert len(client("GET", "/pets").json) == 2


def test_a_list_of_different_records_is_valid_where_they_must_differ() -> None:
    rows = {"type": "array", "items": ref("Pet"), "uniqueItems": True}
    with served(pets(envelope=rows), records=0) as client:
        made = filled(client, [{"name": "a"}, {"name": "b"}])
        assert client("GET", "/pets").json == made


def test_what_is_write_only_is_never_listed_nor_read() -> None:
    with served(pets(), records=2) as client:
        made = client("POST", "/pets", {"name": "a", "secret": "s"}).json
        shown = [made, client("GET", f"/pets/{made['id']}").json, *client("GET", "/pets").json]
        assert all("secret" not in each for each in shown)


def test_a_filter_by_all_asks_for_nothing() -> None:
    query = asked("status", {"type": "string", "enum": ["free", "sold", "all"], "default": "free"})
    with served(pets(query), records=0) as client:
        made = filled(client, [{"name": "a", "status": "sold"}, {"name": "b", "status": "free"}])
        assert found(client, status="all") == made
        assert found(client) == made[1:]


def test_a_direction_behind_the_last_comma_is_that_of_all_properties_before_it() -> None:
    with served(pets(asked("sort")), records=0) as client:
        made = filled(client, [{"name": "a", "size": 1}, {"name": "b", "size": 1}, {"name": "c"}])
        told = client("GET", f"/pets?{urlencode({'sort': 'size,name,desc'})}").json
        assert told == [made[1], made[0], made[2]]
        told = client("GET", f"/pets?{urlencode({'sort': 'name,asc'})}").json
        assert told == made


SPRING = {
    "type": "object",
    "properties": {
        "content": {"type": "array", "items": ref("Pet")},
        "totalElements": INTEGER,
        "totalPages": INTEGER,
        "number": INTEGER,
        "size": INTEGER,
        "numberOfElements": INTEGER,
        "first": {"type": "boolean"},
        "last": {"type": "boolean"},
    },
}


@pytest.mark.parametrize(
    ("page", "names", "first", "last"),
    [(0, "ab", True, False), (1, "cd", False, False), (2, "e", False, True), (9, "", False, True)],
)
def test_the_pages_of_spring_data_count_from_zero(
    page: int, names: str, first: bool, last: bool
) -> None:
    document = deepcopy(pets(asked("page", INTEGER), asked("size", INTEGER), envelope=SPRING))
    del document["components"]["schemas"]["Pet"]["properties"]["size"]
    with served(document, records=0) as client:
        filled(client, [{"name": name} for name in "abcde"])
        told = client("GET", f"/pets?page={page}&size=2").json
    assert [pet["name"] for pet in told.pop("content")] == list(names)
    assert told == {
        "totalElements": 5, "totalPages": 3, "number": page, "size": 2,
        "numberOfElements": len(names), "first": first, "last": last,
    }  # fmt: skip


def test_links_lead_from_a_page_past_the_end_to_the_last_and_the_first() -> None:
    document = headed({"Link": {"schema": {"type": "string"}}})
    document["paths"]["/pets"]["get"]["parameters"].append(asked("page", INTEGER))
    with served(document, records=0) as client:
        made = filled(client, [{"name": name} for name in "abcde"])
        past = client("GET", "/pets?limit=2&page=9")
        assert past.json == []
        links = {
            name: url for url, name in re.findall(r'<([^>]+)>; rel="(\w+)"', past.headers["link"])
        }
        assert links.keys() == {"prev", "first"}
        assert client("GET", links["prev"]).json == made[4:]
        assert client("GET", links["first"]).json == made[:2]


def test_nothing_follows_a_cursor_that_is_none() -> None:
    with served(pets(asked("limit", INTEGER), asked("cursor")), records=0) as client:
        filled(client, [{"name": "a"}, {"name": "b"}])
        assert client("GET", "/pets?limit=1&cursor=nonsense").json == []


def test_nothing_is_before_the_first_record() -> None:
    keys = (asked("limit", INTEGER), asked("ending_before"))
    with served(pets(*keys), records=0) as client:
        made = filled(client, [{"name": "a"}, {"name": "b"}])
        assert client("GET", f"/pets?limit=1&ending_before={made[0]['id']}").json == []


def test_the_default_of_a_truth_value_is_a_filter() -> None:
    document = deepcopy(pets(asked("archived", {"type": "boolean", "default": False})))
    document["components"]["schemas"]["Pet"]["properties"]["archived"] = {"type": "boolean"}
    with served(document, records=0) as client:
        filled(client, [{"name": "a", "archived": True}, {"name": "b", "archived": False}])
        assert [pet["name"] for pet in client("GET", "/pets").json] == ["b"]
        assert [pet["name"] for pet in client("GET", "/pets?archived=true").json] == ["a"]
