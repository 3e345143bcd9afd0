from __future__ import annotations

import json
from random import Random
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.engine.faults.harming import HARMLESS, broken, malformed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
SEEDS = st.integers(0, 2**32)
THING = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string"},
        "n": {"type": "integer"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
}
THINGS = st.fixed_dictionaries(
    {"id": st.text(max_size=5)},
    optional={"n": st.integers(-9, 9), "tags": st.lists(st.text(max_size=3), max_size=3)},
)
is_thing = jsonschema_rs.Draft202012Validator(THING).is_valid


@given(JSON, SEEDS)
def test_malformed_is_no_json_any_more(value: Any, seed: int) -> None:
    body = json.dumps(value).encode()
    harm = malformed(body, Random(seed))
    assert harm.told in ("cut", "garbled")
    with pytest.raises(ValueError):  # noqa: PT011 - whatever the parser says
        json.loads(harm.body)
    assert harm == malformed(body, Random(seed))


@given(THINGS, SEEDS)
def test_broken_is_json_that_its_schema_does_not_allow(value: Any, seed: int) -> None:
    body = json.dumps(value).encode()
    harm = broken(body, is_thing, Random(seed))
    assert not is_thing(json.loads(harm.body))
    assert harm == broken(body, is_thing, Random(seed))


@given(THINGS.map(lambda thing: {**thing, "id": "a"}), SEEDS)
def test_what_is_told_was_done_and_nothing_else(value: dict[str, Any], seed: int) -> None:
    harm = broken(json.dumps(value).encode(), is_thing, Random(seed))
    made = json.loads(harm.body)
    rule, _, pointer = harm.told.partition("=")
    name, _, index = pointer.strip('"')[1:].partition("/")
    assert rule in ("missing", "type")
    assert {n: m for n, m in made.items() if n != name} == {
        n: m for n, m in value.items() if n != name
    }
    if rule == "missing":
        assert (name, name in made) == ("id", False)
    else:
        old, new = (each[name][int(index)] if index else each[name] for each in (value, made))
        assert type(old) is not type(new)


def test_both_ways_of_breaking_are_drawn() -> None:
    body = b'{"id":"a","n":1,"tags":["x"]}'
    told = {broken(body, is_thing, Random(seed)).told for seed in range(100)}
    assert told == {
        'missing="/id"', 'type="/id"', 'type="/n"', 'type="/tags"', 'type="/tags/0"',
    }  # fmt: skip


@pytest.mark.parametrize("value", [[], {}, 1, "text", None, True])
def test_a_value_without_members_becomes_another_one(value: Any) -> None:
    kind = {list: "array", dict: "object", int: "integer", str: "string", bool: "boolean"}
    schema = {"type": kind.get(type(value), "null")}
    is_valid = jsonschema_rs.Draft202012Validator(schema).is_valid
    harm = broken(json.dumps(value).encode(), is_valid, Random(1))
    assert harm.told == 'type=""'
    assert not is_valid(json.loads(harm.body))


def test_what_cannot_be_harmed_is_said_to_be_so() -> None:
    assert malformed(b"", Random(1)) == (b"", HARMLESS)
    assert broken(b"{}", lambda value: True, Random(1)) == (b"{}", HARMLESS)
    assert broken(b"no json", lambda value: False, Random(1)) == (b"no json", HARMLESS)


@given(st.text(min_size=1), SEEDS)
def test_any_name_can_be_told_in_a_header(name: str, seed: int) -> None:
    schema = {"required": [name], "properties": {name: {"type": "string"}}}
    is_valid = jsonschema_rs.Draft202012Validator(schema).is_valid
    harm = broken(json.dumps({name: ""}).encode(), is_valid, Random(seed))
    assert harm.told.isascii()
    assert harm.told.isprintable()
    assert harm.told.count('"') == 2


@given(st.integers(10, 10**9), SEEDS)
def test_a_number_that_is_cut_is_no_number(value: int, seed: int) -> None:
    with pytest.raises(json.JSONDecodeError):
        json.loads(malformed(str(value).encode(), Random(seed)).body)
