from __future__ import annotations

from typing import Any

import pytest
from rich.console import Console

from mockserver.contract.coverage import Coverage, Covering
from mockserver.contract.coverage_table import show_coverage
from mockserver.contract.values import Json, Key, Sent
from mockserver.engine.spec import Description, describe

THING = {
    "type": "object",
    "required": ["name"],
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string", "maxLength": 3},
        "tags": {"type": "array", "maxItems": 1, "items": {"enum": ["a", "b"]}},
        "inner": {"$ref": "#/components/schemas/Thing"},
    },
}
LIMIT = {
    "name": "limit",
    "in": "query",
    "schema": {"type": "integer", "minimum": 1, "maximum": 5, "exclusiveMaximum": True},
}


def answers(*statuses: str) -> dict[str, Any]:
    return {status: {"description": ""} for status in statuses}


@pytest.fixture
def description() -> Description:
    body = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Things", "version": "1"},
        "paths": {
            "/things": {
                "get": {
                    "operationId": "list",
                    "parameters": [LIMIT],
                    "responses": answers("200", "4XX", "429", "500", "default"),
                },
                "post": {"operationId": "make", "requestBody": body, "responses": answers("201")},
            }
        },
        "components": {"schemas": {"Thing": THING}},
    }
    return describe("things", document)


def covered(description: Description, *sents: Sent, reached: Any = None) -> Coverage:
    covering = Covering(description, {"list", "make"})
    for sent in sents:
        covering.add(sent)
    return covering.coverage(reached or {})


def listing(**query: Any) -> Sent:
    return Sent("list", "GET", "/things", query=tuple(query.items()))


def making(value: Any) -> Sent:
    return Sent("make", "POST", "/things", body=Json(value))


def hits(coverage: Coverage, keyword: str, place: str) -> tuple[int, int]:
    [found] = [k for k in coverage.keywords if k.keyword == keyword and k.place.endswith(place)]
    return found.valid, found.invalid


def reasons(coverage: Coverage, operation: str = "list") -> dict[str, str]:
    return {row.status: row.reason for row in coverage.statuses if row.operation == operation}


def test_each_documented_status_is_counted_where_it_belongs(description) -> None:
    reached = {("list", 200): 3, ("list", 404): 2, ("list", 302): 1, ("make", 418): 1}
    coverage = covered(description, listing(), reached=reached)
    rows = {(row.operation, row.status): row for row in coverage.statuses}
    assert rows["list", "200"].count == 3
    assert rows["list", "4XX"].count == 2
    assert rows["list", "default"].count == 1
    assert not rows["make", "418"].documented
    assert coverage.counts == (3, 6)


def test_what_was_not_reached_has_a_reason(description) -> None:
    assert reasons(covered(description, listing())) == {
        "200": "not the answer to any of 1 calls",
        "4XX": "not the answer to any of 1 calls",
        "429": "needs more calls than a rate limit allows",
        "500": "needs a fault in the server",
        "default": "no other status came",
    }


def test_what_was_never_called_is_told_so(description) -> None:
    assert set(reasons(covered(description)).values()) == {"never drawn"}
    excluded = Covering(description, {"make"}).coverage({})
    assert set(reasons(excluded).values()) == {"excluded"}


@pytest.mark.parametrize(
    ("value", "keyword", "place", "counts"),
    [
        ({"name": "a"}, "required", "body", (1, 0)),
        ({}, "required", "body", (0, 1)),
        ({"name": "abcd"}, "maxLength", "/name", (0, 1)),
        ({"name": 4}, "maxLength", "/name", (0, 0)),
        ({"name": 4}, "type", "/name", (0, 1)),
        ({"name": "a", "x": 1}, "additionalProperties", "body", (0, 1)),
        ({"name": "a"}, "additionalProperties", "body", (1, 0)),
        ({"tags": ["a", "c"]}, "enum", "/items", (1, 1)),
        ({"tags": ["a", "c"]}, "maxItems", "/tags", (0, 1)),
        ({"inner": {"inner": {"name": "abcd"}}}, "maxLength", "/name", (0, 1)),
        ({"name": Key(3)}, "type", "/name", (1, 0)),
    ],
)
def test_keywords_of_bodies_are_met_by_the_values_they_judge(
    description, value, keyword, place, counts
) -> None:
    assert hits(covered(description, making(value)), keyword, place) == counts


@pytest.mark.parametrize(
    ("limit", "keyword", "counts"),
    [
        ("1", "minimum", (1, 0)),
        ("0", "minimum", (0, 1)),
        (5, "maximum", (0, 1)),
        (4, "maximum", (1, 0)),
        ("x", "minimum", (0, 0)),
        ("x", "type", (0, 1)),
    ],
)
def test_keywords_of_parameters_are_met_by_what_is_sent(
    description, limit, keyword, counts
) -> None:
    assert hits(covered(description, listing(limit=limit)), keyword, "limit") == counts


def test_a_keyword_is_complete_once_it_was_met_both_ways(description) -> None:
    coverage = covered(description, listing(limit=0), listing(limit=1), listing(limit=2))
    assert hits(coverage, "minimum", "limit") == (1, 1)
    assert coverage.keyword_counts[0] == 1


def test_calls_made_at_once_count_one_by_one(description) -> None:
    race = Sent("list", "AT ONCE", "/things", branches=((listing(limit=0),), (making({}),)))
    assert hits(covered(description, race), "required", "body") == (0, 1)


def test_the_table_has_a_line_for_each_operation(description) -> None:
    console = Console(record=True, width=200)
    show_coverage(covered(description, listing(limit=0), reached={("list", 200): 7}), console)
    text = console.export_text()
    assert "GET /things" in text
    assert "200 7×" in text
    assert "500 needs a fault in the server" in text
    assert "reached 1 of 6 documented answers" in text
