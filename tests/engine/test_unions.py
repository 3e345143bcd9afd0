from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from mockserver.engine.schema import explain


def tagged(kind: str, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["kind", *properties],
        "additionalProperties": False,
        "properties": {"kind": {"enum": [kind]}, **properties},
    }


CIRCLE = tagged("circle", radius={"type": "number", "minimum": 0})
SQUARE = tagged("square", side={"type": "number"})
LINES = {
    "oneOf": [tagged("line", ends={"enum": ["round"]}), tagged("line", ends={"enum": ["flat"]})]
}
SHAPE = {"properties": {"shape": {"oneOf": [CIRCLE, SQUARE, LINES]}}}


@pytest.mark.parametrize(
    ("shape", "told"),
    [
        ({"kind": "circle"}, ("/shape", "required", "the property 'radius'")),
        ({"kind": "circle", "radius": -1}, ("/shape/radius", "minimum", "minimum 0")),
        ({"kind": "oval", "radius": 1},
         ("/shape/kind", "enum", 'one of ["circle", "square", "line"]')),
        ({}, ("/shape", "required", "the property 'kind'")),
        ({"kind": "line", "ends": "sharp"}, ("/shape/ends", "enum", 'one of ["round", "flat"]')),
        ({"kind": "square", "side": 1, "more": 2}, ("/shape", "additionalProperties", "")),
        ({"kind": ["square"]}, ("/shape/kind", "enum", 'one of ["circle"')),
        ("square", ("/shape", "oneOf", "oneOf")),
    ],
)  # fmt: skip
def test_the_branch_that_was_meant_says_what_is_wrong(
    shape: Any, told: tuple[str, str, str]
) -> None:
    assert not jsonschema.Draft202012Validator(SHAPE).is_valid({"shape": shape})
    [violation] = explain(SHAPE, {"shape": shape}, "body")
    assert (violation.pointer, violation.rule) == told[:2]
    assert violation.expected.startswith(told[2])


def test_a_value_that_two_branches_allow_is_told_so() -> None:
    both = {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}
    [violation] = explain(both, {"a": 1, "b": 2}, "body")
    assert violation.rule == "oneOf"


def test_branches_without_a_tag_are_judged_as_before() -> None:
    union = {"anyOf": [{"type": "string"}, {"type": "object", "properties": {"n": {"minimum": 1}}}]}
    [violation] = explain(union, {"n": 0}, "body")
    assert (violation.pointer, violation.rule) == ("/n", "minimum")


def test_what_all_branches_require_is_told() -> None:
    union = {"oneOf": [{"required": ["id", "a"]}, {"required": ["b", "id"]}]}
    [violation] = explain(union, {}, "body")
    assert (violation.rule, violation.expected) == ("required", "the property 'id'")


def test_the_one_allowed_value_may_be_a_list() -> None:
    none = {"properties": {"kind": {"enum": [[]]}}, "required": ["kind", "more"]}
    [violation] = explain({"oneOf": [none, tagged("circle")]}, {"kind": None}, "body", 10)
    assert (violation.pointer, violation.rule) == ("/kind", "enum")
