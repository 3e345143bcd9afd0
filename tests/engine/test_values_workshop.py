"""Values of many schemas of one description, made in one place."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mockserver.engine.schema import Schemas
from mockserver.engine.values.makers import Makers

SECRET = {"type": "string", "writeOnly": True}
COMPONENTS: dict[str, Any] = {
    "User": {
        "type": "object",
        "required": ["name", "password", "code"],
        "properties": {
            "name": {"type": "string"},
            "password": SECRET,
            "code": {"type": "string", "pattern": "^[A-Z]{2}[0-9]{2}$"},
            "boss": {"$ref": "#/components/schemas/User"},
        },
    },
    "Many": {  # what is made first is often of both branches, and is refused
        "type": "array",
        "minItems": 3,
        "maxItems": 3,
        "items": {
            "oneOf": [
                {"type": "integer", "minimum": 1, "maximum": 1000},
                {"type": "integer", "minimum": 1, "maximum": 1000, "multipleOf": 3},
            ]
        },
    },
    "Team": {
        "type": "object",
        "required": ["users", "odd"],
        "properties": {
            "users": {
                "type": "array",
                "minItems": 1,
                "items": {"$ref": "#/components/schemas/User"},
            },
            "odd": {"allOf": [{"type": "integer", "minimum": 1}, {"not": {"multipleOf": 2}}]},
            "either": {"oneOf": [{"$ref": "#/components/schemas/User"}, {"type": "integer"}]},
        },
    },
}
NAMES = tuple(COMPONENTS)


def makers(seed: int = 0) -> Makers:
    return Makers(Schemas({"openapi": "3.0.3", "components": {"schemas": COMPONENTS}}), seed)


def schema(name: str) -> dict[str, str]:
    return REFERENCES[name]


REFERENCES = {name: {"$ref": f"#/components/schemas/{name}"} for name in NAMES}
asked = st.tuples(st.sampled_from(NAMES), st.integers(0, 20))


@given(st.lists(asked, max_size=8), asked)
def test_what_was_made_before_decides_nothing(before: list[Any], last: Any) -> None:
    busy, fresh = makers(), makers()
    for name, number in before:
        busy.make(schema(name), ("x",), number)
    name, number = last
    assert busy.make(schema(name), ("x",), number) == fresh.make(schema(name), ("x",), number)


@given(asked)
def test_values_are_valid_and_say_nothing_that_is_write_only(one: Any) -> None:
    made = makers()
    value = made.make(schema(one[0]), ("x",), one[1])
    assert made.is_valid(schema(one[0]), value)
    assert "password" not in str(value)


def test_what_is_write_only_is_taken_out_wherever_it_stands() -> None:
    user = {"name": "Bo", "code": "AB12", "password": "x"}
    team = {"users": [{**user, "boss": user}], "odd": 1, "either": user}
    bare = {"name": "Bo", "code": "AB12"}
    expected = {"users": [{**bare, "boss": bare}], "odd": 1, "either": bare}
    assert makers().fitted(schema("Team"), team, ("x",)) == expected


def test_a_value_is_completed_without_loss_or_not_at_all() -> None:
    made = makers()
    value = made.completed(schema("Team"), {"users": [{"name": "Bo"}], "more": 1}, ("x",))
    assert made.is_valid(schema("Team"), value)
    assert (value["users"][0]["name"], value["more"]) == ("Bo", 1)
    assert made.completed(schema("Team"), {"odd": 2}, ("x",)) is None


def test_an_example_is_the_first_value_if_it_is_valid() -> None:
    made = makers()
    right, wrong = {"name": "Bo", "code": "AB12"}, {"odd": 2}
    made.show(schema("User"), right)
    made.show(schema("Team"), wrong)
    assert made.make(schema("User"), ("x",)) == right
    assert made.make(schema("User"), ("x",), 1) != right
    assert made.make(schema("Team"), ("x",)) != wrong
