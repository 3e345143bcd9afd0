from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from mockserver.contract.calls import NOWHERE
from mockserver.contract.names import Names
from mockserver.contract.pools import Pools
from mockserver.contract.resolving import Resolving
from mockserver.contract.shaping import About, Shaping
from mockserver.engine.schema import Schemas

THING = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "id": {"type": "string"},
        "name": {"type": "string", "minLength": 1, "maxLength": 9},
        "size": {"type": "integer", "minimum": 2, "maximum": 5},
        "kind": {"enum": ["a", "b"]},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 3},
        "inner": {"$ref": "#/components/schemas/Inner"},
    },
}
INNER = {"allOf": [{"type": "object", "properties": {"on": {"type": "boolean"}}}]}
DOCUMENT = {"openapi": "3.0.3", "components": {"schemas": {"Thing": THING, "Inner": INNER}}}
RECORD = {"id": "r1", "name": "first", "size": 3, "kind": "a", "tags": ["x", "y"]}
ABOUT = About(lambda _, value: value)


def shaping(seed: int, *records: Any) -> Shaping:
    pools = Pools()
    for record in records:
        pools.see(record, Names(), lambda _: True)
    return Shaping(Resolving(Schemas(DOCUMENT)), pools, random.Random(seed))


def drawn() -> Iterator[Any]:
    for seed in range(300):
        yield shaping(seed, RECORD).anew(THING, ABOUT)


def test_most_values_satisfy_their_schema_and_some_go_past_a_bound() -> None:
    judge = jsonschema_rs.validator_for(
        {**THING, "properties": {**THING["properties"], "inner": {}}}
    )
    valid = [judge.is_valid(value) for value in drawn()]
    assert 0.7 < sum(valid) / len(valid) < 1


def test_every_member_is_drawn_and_every_member_is_left_out() -> None:
    made = [set(value) for value in drawn()]
    assert set.union(*made) == set(THING["properties"])
    assert set.intersection(*made) == {"name"}


def test_a_record_is_echoed_with_few_changes() -> None:
    echoed = [shaping(seed, RECORD).echoed(THING, ABOUT) for seed in range(100)]
    alike = [sum(value.get(name) == RECORD[name] for name in RECORD) for value in echoed]
    assert RECORD in echoed
    assert sum(count >= 3 for count in alike) > 70
    assert any(count < 5 for count in alike)


def test_nothing_is_echoed_where_nothing_alike_was_seen() -> None:
    assert shaping(0, {"a": 1, "b": 2, "c": 3}).echoed(THING, ABOUT) is None


def test_a_call_that_was_taken_is_about_a_record_that_there_is() -> None:
    taken = {**RECORD, "id": NOWHERE}
    ids = {shaping(seed, RECORD).varied(taken, THING, ABOUT).get("id") for seed in range(60)}
    assert "r1" in ids


def test_the_same_seed_draws_the_same_values() -> None:
    assert shaping(5, RECORD).anew(THING, ABOUT) == shaping(5, RECORD).anew(THING, ABOUT)
