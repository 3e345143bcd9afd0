"""Schemas that are judged together are judged as each of them alone."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.engine.joint import Joint
from mockserver.engine.schema import Schemas

DEFINITIONS: dict[str, Any] = {
    "Name": {"type": "string", "maxLength": 3},
    "Tree": {"properties": {"inner": {"$ref": "#/$defs/Tree"}, "name": {"$ref": "#/$defs/Name"}}},
}
SCHEMAS: list[Any] = [
    {"$ref": "#/$defs/Tree"}, {"type": "array", "items": {"$ref": "#/$defs/Name"}}, True, False,
    {"type": "integer", "minimum": 3}, *({"const": number} for number in range(40)),
]  # fmt: skip
JOINT = Joint(SCHEMAS, DEFINITIONS)

scalars = st.none() | st.booleans() | st.integers(-3, 45) | st.text(max_size=5)
json_values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(("inner", "name", "row0", "place0")), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(value=json_values, number=st.integers(0, len(SCHEMAS) - 1))
def test_a_schema_judges_among_others_as_it_does_alone(value: Any, number: int) -> None:
    schema = {"allOf": [SCHEMAS[number]], "$defs": DEFINITIONS}
    alone = jsonschema_rs.Draft202012Validator(schema)
    part = JOINT.part(number)
    assert part.is_valid(value) == alone.is_valid(value)
    found = [(tuple(error.instance_path), error.message) for error in part.iter_errors(value)]
    assert found == [(tuple(e.instance_path), e.message) for e in alone.iter_errors(value)]


def test_a_schema_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        Joint([{"type": "nonsense"}], {})


def schemas(**components: Any) -> Schemas:
    return Schemas({"openapi": "3.0.3", "components": {"schemas": components}})


def test_joined_schemas_are_judged_as_others() -> None:
    made = schemas(Name={"type": "string", "maxLength": 3})
    joined = [{"$ref": "#/components/schemas/Name"}, {"type": "integer"}]
    made.join(joined)
    made.join(joined, reply=True)
    for reply in (False, True):
        assert made.validator(joined[0], reply=reply).is_valid("abc")
        assert not made.validator(joined[0], reply=reply).is_valid("abcd")
        assert not made.validator(joined[1], reply=reply).is_valid("abc")
    assert made.validator(joined[0], reply=True).is_valid(made.token("Name"))
    assert not made.validator(joined[0]).is_valid(made.token("Name"))


def test_one_bad_schema_does_not_spoil_the_others() -> None:
    made = schemas()
    good, bad = {"type": "integer"}, {"pattern": "("}
    made.join([good, bad])
    assert not made.validator(good).is_valid("x")
    with pytest.raises(ValueError, match="regex"):
        made.validator(bad)


def test_replies_need_nothing_that_is_write_only() -> None:
    secret = {"type": "string", "writeOnly": True}
    made = schemas(User={"required": ["name", "secret"], "properties": {"secret": secret}})
    schema = made.component("User")
    assert made.validator(schema, reply=True).is_valid({"name": "Bo"})
    assert not made.validator(schema, reply=True).is_valid({"secret": "x"})
    assert not made.validator(schema).is_valid({"name": "Bo"})


def test_what_is_accepted_passes_as_a_reply_in_each_form() -> None:
    made = schemas(Never={"not": {}})
    reference = {"$ref": "#/components/schemas/Never"}
    made.accept(reference)
    assert made.validator(reference, reply=True).is_valid(1)
    assert made.validator(made.component("Never"), reply=True).is_valid(1)
