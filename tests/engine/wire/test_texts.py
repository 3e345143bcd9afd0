from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.engine.schema import Schemas
from mockserver.engine.wire.shapes import Shapes
from mockserver.engine.wire.texts import Reader, boolean, integer, number, scalar, scalars

SCHEMAS = Schemas({})


def read(schema: Any, node: Any) -> Any:
    shapes = Shapes(lambda found: found, lambda s, v: SCHEMAS.validator(s).is_valid(v))
    return Reader(shapes).read(schema, node)


@pytest.mark.parametrize("text", ["", "1.0", "+1", " 1", "1_0", "1\n", "٣", "1" * 5000, "0x1", "e"])
def test_what_is_no_integer_stays_text(text: str) -> None:
    assert integer(text) is text


@pytest.mark.parametrize(
    "text", ["", "nan", "inf", "1e999", "9" * 400, "٣.٣", ".5", "1.", "1e", "e5"]
)
def test_what_is_no_number_stays_text(text: str) -> None:
    assert number(text) is text


@pytest.mark.parametrize("text", ["", "True", "1", "no", " true"])
def test_what_is_no_boolean_stays_text(text: str) -> None:
    assert boolean(text) is text


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_read_as_json_has_it(value: float) -> None:
    text = json.dumps(value)
    assert repr(number(text)) == repr(value)


@given(
    st.text(max_size=4), st.frozensets(st.sampled_from(["string", "integer", "boolean", "null"]))
)
def test_a_text_is_read_as_one_of_the_types(text: str, kinds: frozenset[str]) -> None:
    found = list(scalars(text, kinds))
    names = {str: "string", int: "integer", bool: "boolean", type(None): "null"}
    assert {names[type(value)] for value in found} <= kinds
    convert = scalar(kinds)
    if convert is not None and kinds:
        assert [convert(text)] == (found or [text])


FORM = {
    "type": "object",
    "properties": {
        "count": {"type": ["integer", "null"]},
        "tags": {"type": "array", "items": {"type": "integer"}},
        "any": {"oneOf": [{"type": "boolean"}, {"type": "string", "maxLength": 3}]},
    },
}


@pytest.mark.parametrize(
    ("node", "value"),
    [
        ({"count": ["1"], "tags": ["1", "2"]}, {"count": 1, "tags": [1, 2]}),
        ({"count": [""], "tags": ["1"]}, {"count": None, "tags": [1]}),
        ({"any": ["true"], "more": ["1"]}, {"any": True, "more": "1"}),
        ({"any": ["abc"], "more": ["1", "2"]}, {"any": "abc", "more": ["1", "2"]}),
        ({"count": ["1", "2"], "tags": {"0": ["1"]}}, {"count": ["1", "2"], "tags": [1]}),
    ],
)
def test_a_form_is_a_tree_of_texts(node: Any, value: Any) -> None:
    assert read(FORM, node) == value


ROW: Any = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}


@pytest.mark.parametrize(
    ("schema", "texts", "value"),
    [
        (ROW, ['{"a": 1}'], {"a": 1}),
        ({"type": "array", "items": ROW}, ['{"a": 1}', '{"a": 2}'], [{"a": 1}, {"a": 2}]),
        (
            {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}},
            ["[1]"],
            [[1]],
        ),
        ({"type": "string"}, ['{"a": 1}'], '{"a": 1}'),
        ({"type": ["string", "object"]}, ['{"a": 1}'], '{"a": 1}'),
        ({"type": "array", "items": {"type": "string"}}, ["[1]"], ["[1]"]),
        (ROW, ['{"a": '], '{"a": '),
    ],
)
def test_objects_and_arrays_inside_are_read_as_json(
    schema: Any, texts: list[str], value: Any
) -> None:
    assert read(schema, texts) == value


def test_a_tree_that_no_schema_describes() -> None:
    assert read({"type": "string"}, {"a": ["1"], "b": {"c": ["1", "2"]}}) == {
        "a": "1",
        "b": {"c": ["1", "2"]},
    }
