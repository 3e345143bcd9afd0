from __future__ import annotations

import re
from typing import Any

import pytest

from mockserver.engine.values import Values


def made(schema: Any, number: int = 0, *names: str, **options: Any) -> Any:
    return Values(schema, seed=1).make(names, number, **options)


def member(name: str, schema: Any, number: int = 0, *names: str) -> Any:
    record = {"type": "object", "required": [name], "properties": {name: schema}}
    return made(record, number, *names)[name]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "example": "Rex", "default": "x"}, "Rex"),
        ({"type": "string", "examples": ["Rex", "Bo"], "default": "x"}, "Rex"),
        ({"type": "string", "default": "x"}, "x"),
        ({"type": "string", "example": "Rexx", "maxLength": 3, "default": "Bo"}, "Bo"),
        ({"type": "integer", "example": "42"}, 42),
        ({"type": "integer", "example": 42.0}, 42),
        ({"type": "number", "example": "4.5"}, 4.5),
        ({"type": "boolean", "example": "true"}, True),
        ({"type": "string", "example": 12}, "12"),
        ({"enum": ["a", "b"], "default": "b"}, "b"),
        ({"type": ["string", "null"], "example": "x"}, "x"),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}], "example": 7}, 7),
        (
            {"type": "array", "items": {"type": "string"}, "example": ["a", "b", "c"]},
            ["a", "b", "c"],
        ),
        ({"type": "array", "items": {"type": "string"}, "example": "a"}, ["a"]),
        ({"type": "array", "items": {"type": "string", "example": "a"}, "maxItems": 1}, ["a"]),
        ({"type": "object", "example": {"free": [1, {"x": None}]}}, {"free": [1, {"x": None}]}),
    ],
    ids=range(16),
)
def test_examples_come_first_then_defaults(schema: Any, value: Any) -> None:
    assert made(schema) == value


PET = {
    "type": "object",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string", "maxLength": 5},
        "tag": {"type": "string"},
        "secret": {"type": "string", "writeOnly": True},
    },
}


def test_a_whole_example_is_shown_as_it_is() -> None:
    assert made({**PET, "example": {"id": 3, "name": "Rex"}}) == {"id": 3, "name": "Rex"}


def test_a_wrong_example_is_mended_where_it_is_wrong() -> None:
    value = made({**PET, "example": {"id": "three", "name": "Rexington", "tag": "x"}})
    assert isinstance(value["id"], int)
    assert len(value["name"]) <= 5
    assert value["tag"] == "x"


def test_an_example_goes_one_way_as_well() -> None:
    schema = {**PET, "example": {"id": 3, "name": "Rex", "secret": "y"}}
    assert made(schema) == {"id": 3, "name": "Rex"}
    assert made(schema, direction="request") == {"name": "Rex", "secret": "y"}


def test_examples_of_parts_are_united() -> None:
    schema = {"allOf": [{**PET, "example": {"id": 3, "name": "Rex"}}, {"example": {"tag": "x"}}]}
    assert made(schema) == {"id": 3, "name": "Rex", "tag": "x"}


def test_an_example_chooses_its_branch() -> None:
    cat = {"type": "object", "required": ["lives"], "properties": {"lives": {"type": "integer"}}}
    assert made({"oneOf": [PET, cat], "example": {"lives": 7}}) == {"lives": 7}


def test_further_records_look_like_the_example_but_differ() -> None:
    schema = {"type": "object", "required": ["sku", "size"], "properties": {
        "sku": {"type": "string", "example": "AB-1234"},
        "size": {"type": "integer", "example": 40}}}  # fmt: skip
    records = [made(schema, number) for number in range(1, 20)]
    assert len({record["sku"] for record in records}) > 15
    assert all(re.fullmatch(r"AB-\d{4}", record["sku"]) for record in records)
    assert all(1 <= record["size"] <= 80 for record in records)


def test_several_examples_take_turns() -> None:
    schema = {"type": "string", "examples": ["one", "two"]}
    assert [made(schema, number) for number in range(4)] == ["one", "two", "one", "two"]


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("email", r"\S+@example\.com"),
        ("customer_email", r"\S+@example\.com"),
        ("firstName", r"[A-Z]\S+"),
        ("createdAt", r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
        ("avatar_url", r"https://example\.com/images/\S+\.png"),
        ("homepage", r"https://example\.com/\S+"),
        ("phoneNumber", r"\+1555\d{7}"),
        ("ip_address", r"192\.0\.2\.\d+"),
        ("currency", r"[A-Z]{3}"),
        ("postalCode", r"\d{5}"),
        ("userAgent", r".*/.*"),
        ("description", r"[A-Z][a-z ]+\."),
        ("username", r"[a-z.-]+"),
    ],
)
def test_names_tell_what_texts_look_like(name: str, pattern: str) -> None:
    for number in range(5):
        text = member(name, {"type": "string"}, number)
        assert re.fullmatch(pattern, text), text


@pytest.mark.parametrize(
    ("name", "kind", "low", "high"),
    [
        ("price", "number", 1, 500), ("latitude", "number", -90, 90), ("age", "integer", 18, 80),
        ("year", "integer", 2020, 2026), ("rating", "number", 1, 5),
        ("created", "integer", 1_600_000_000, 1_800_000_000),
    ],
)  # fmt: skip
def test_names_tell_what_numbers_look_like(name: str, kind: str, low: float, high: float) -> None:
    assert all(low <= member(name, {"type": kind}, number) <= high for number in range(9))


def test_a_name_never_breaks_a_rule() -> None:
    assert member("email", {"type": "string", "pattern": "^x{3}$"}) == "xxx"
    assert member("age", {"type": "integer", "minimum": 200, "maximum": 200}) == 200
    assert len(member("description", {"type": "string", "maxLength": 4})) <= 4


def test_the_name_around_tells_what_has_a_name() -> None:
    person = member("name", {"type": "string"}, 0, "users")
    assert re.fullmatch(r"\S+ .+", person)
    owner = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
    assert member("owner", owner)["name"] != member("country", owner)["name"]


def test_a_person_is_the_same_in_all_members() -> None:
    members = {name: {"type": "string"} for name in ("email", "firstName", "lastName")}
    person = made({"type": "object", "properties": members})
    assert person["email"].startswith(person["firstName"].lower())
    dates = {
        name: {"type": "string", "format": "date-time"} for name in ("created_at", "updated_at")
    }
    for number in range(9):
        record = made({"type": "object", "properties": dates, "required": [*dates]}, number)
        assert record["created_at"] < record["updated_at"] < "2025-08"


def test_optional_members_are_there() -> None:
    schema = {"type": "object", "properties": {f"m{n}": {"type": "integer"} for n in range(20)}}
    assert {len(made(schema, number)) for number in range(5)} == {20}
    assert made(schema, only_required=True) == {}
