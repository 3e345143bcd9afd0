from __future__ import annotations

from typing import Any

import pytest

from mockserver.engine.wire.shapes import ANY, ANYTHING, MAX_ALTERNATIVES, Shapes, kind_of

COMPONENTS: dict[str, Any] = {
    "Count": {"type": "integer"},
    "Loop": {"$ref": "#/components/schemas/Loop"},
    "Within": {"allOf": [{"$ref": "#/components/schemas/Within"}, {"type": "string"}]},
    "Node": {
        "allOf": [
            {"properties": {"next": {"$ref": "#/components/schemas/Node"}}},
            {"properties": {"next": {"$ref": "#/components/schemas/Node"}}},
        ]
    },
    "Pet": {"type": "object", "required": ["name"], "xml": {"name": "pet"}},
}


def resolve(schema: Any) -> Any:
    return COMPONENTS[schema["$ref"].rpartition("/")[2]]


def ref(name: str) -> Any:
    return {"$ref": f"#/components/schemas/{name}"}


def shapes(accepts: Any = lambda schema, value: True) -> Shapes:
    return Shapes(resolve, accepts)


@pytest.mark.parametrize(
    ("schema", "kinds"),
    [
        ({"type": "string"}, ["string"]),
        ({"type": "number"}, ["integer", "number"]),
        ({"type": "integer", "nullable": True}, ["integer", "null"]),
        ({"type": ["integer", "null"]}, ["integer", "null"]),
        ({"enum": ["a", None]}, ["null", "string"]),
        ({"enum": [1]}, ["integer", "number"]),
        ({"type": "integer", "enum": [1.0]}, ["integer"]),
        ({"const": {}}, ["object"]),
        ({"type": "string", "enum": ["a"], "nullable": True}, ["null", "string"]),
        ({}, ["string"]),
        ({"properties": {}}, ["string"]),
        ({"properties": {"a": {}}}, ["object"]),
        ({"additionalProperties": False}, ["object"]),
        ({"items": {}}, ["array"]),
        (ref("Count"), ["integer"]),
        ({"oneOf": [ref("Count"), {"type": "array"}]}, ["array", "integer"]),
        ({"oneOf": [ref("Count"), {"type": "string"}], "type": "string"}, ["string"]),
        ({"allOf": [{"type": "number"}, ref("Count")]}, ["integer"]),
        ({"allOf": [{"type": "string"}, ref("Count")]}, []),
        ({"nullable": True, "allOf": [ref("Count")]}, ["integer", "null"]),
        (ref("Loop"), []),
        (ref("Within"), []),
        (False, []),
        (True, ["string"]),
    ],
)
def test_the_types_that_text_is_read_as(schema: Any, kinds: list[str]) -> None:
    assert sorted(shapes().kinds(schema)) == kinds


def test_the_parts_of_a_schema_are_one() -> None:
    parts = [
        {"properties": {"a": {"type": "integer"}, "b": {}}, "required": ["a"]},
        {"properties": {"a": {"minimum": 1}}, "required": ["b"], "additionalProperties": {}},
        {"items": {"type": "string"}},
    ]
    [shape] = shapes().of({"allOf": parts, "items": {"maxLength": 3}})
    assert shape.member("a") == {"allOf": [{"type": "integer"}, {"minimum": 1}]}
    assert shape.member("b") == shape.member("c") == ANY
    assert shape.item(0) == {"allOf": [{"maxLength": 3}, {"type": "string"}]}
    assert shape.required == {"a", "b"}
    assert shape.kinds == ANYTHING


def test_what_parts_say_twice_does_not_grow() -> None:
    made = shapes()
    schema = ref("Node")
    for _ in range(50):
        [shape] = made.of(schema)
        schema = shape.properties["next"]
    assert schema == ref("Node")


def test_members_and_items_without_a_schema() -> None:
    made = shapes()
    [shape] = made.of({"type": "object", "patternProperties": {"^x-": ref("Count"), "(": {}}})
    assert (shape.member("x-a"), shape.member("y")) == (ref("Count"), None)
    [shape] = made.of({"additionalProperties": True})
    assert shape.member("y") is ANY
    [shape] = made.of({"prefixItems": [ref("Count")]})
    assert (shape.item(0), shape.item(1)) == (ref("Count"), ANY)


@pytest.mark.parametrize(
    ("schema", "name", "component"),
    [
        (ref("Pet"), "pet", "Pet"),
        ({"allOf": [ref("Pet")]}, "pet", "Pet"),
        ({"allOf": [ref("Pet")], "xml": {"name": "own"}}, "own", "Pet"),
        ({"allOf": [ref("Pet"), {}]}, "", ""),
        ({"oneOf": [ref("Pet")]}, "pet", "Pet"),
        ({**ref("Pet"), "xml": {"name": "own"}}, "own", "Pet"),
    ],
)
def test_names_are_handed_on(schema: Any, name: str, component: str) -> None:
    [shape] = shapes().of(schema)
    assert (shape.xml.get("name", ""), shape.component) == (name, component)


def test_alternatives_are_bounded() -> None:
    choice = {"oneOf": [{"title": str(number)} for number in range(20)]}
    assert len(shapes().of({"allOf": [choice] * 20})) == MAX_ALTERNATIVES


def test_the_first_value_that_is_accepted_is_chosen() -> None:
    asked = []

    def accepts(schema: Any, value: int) -> bool:
        asked.append(value)
        return value == 2

    made = shapes(accepts)
    assert made.chosen({}, iter([1])) == 1
    assert asked == []
    assert made.chosen({}, iter([1, 2, 3])) == 2
    assert asked == [1, 2]
    assert made.chosen({}, iter([3, 4, 5])) == 3


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (None, "null"),
        (True, "boolean"),
        (1, "integer"),
        (1.0, "number"),
        ("", "string"),
        ([], "array"),
        ((), "array"),
        ({}, "object"),
    ],
)
def test_kind_of(value: Any, kind: str) -> None:
    assert kind_of(value) == kind
