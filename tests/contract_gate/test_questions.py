from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from typing import Any

from mockserver.contract.names import Names
from mockserver.contract.pools import Pools
from mockserver.contract.questions import Questions, part
from mockserver.contract.resolving import Resolving
from mockserver.engine.schema import Schemas

ONE = {"id": "r1", "name": "first thing", "tags": ["red", "blue"], "at": "2024-01-02T03:04:05.006Z"}
FILTER = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "at": {"type": "object", "properties": {"from": {"type": "string", "format": "date-time"}}},
        "nested": {"$ref": "#/components/schemas/Filter"},
    },
}
DOCUMENT = {"openapi": "3.0.3", "components": {"schemas": {"Filter": FILTER}}}


def asked(*records: Any) -> list[Any]:
    found = []
    for seed in range(300):
        pools = Pools()
        for record in records:
            pools.see(record, Names(), lambda _: True)
        questions = Questions(Resolving(Schemas(DOCUMENT)), pools, random.Random(seed))
        record = questions.begin()
        found.append(questions.body(FILTER, record) if record is not None else None)
    return [each for each in found if each is not None]


def test_a_list_is_filtered_by_one_and_by_several_values_of_the_record() -> None:
    tags = [each["tags"] for each in asked(ONE) if "tags" in each]
    assert {1, 2} <= set(map(len, tags))
    assert ["red"] in tags
    assert "first thing" not in {tag for some in tags for tag in some}


def test_a_moment_is_asked_for_exactly_and_a_millisecond_beside() -> None:
    moments = {each["at"]["from"] for each in asked(ONE) if "at" in each}
    assert moments == {f"2024-01-02T03:04:05.{end}Z" for end in ("005", "006", "007")}


def test_now_and_then_a_value_is_that_of_another_record() -> None:
    other = {**ONE, "id": "r2", "tags": ["green"]}
    mixed = [each["tags"] for each in asked(ONE, other) if "green" in each.get("tags", ())]
    assert any("red" in tags or "blue" in tags for tags in mixed)


def test_nothing_is_asked_before_a_record_was_seen() -> None:
    assert asked() == []


def test_a_long_text_is_asked_for_in_parts() -> None:
    parts = {part("word " * 900 + "end", random.Random(seed)).lower() for seed in range(200)}
    assert max(map(len, parts)) <= 60
    assert any("end" in each for each in parts)


DRAWING = """
import json, random
from mockserver.contract.names import Names
from mockserver.contract.pools import Pools
from mockserver.contract.questions import Questions
from mockserver.contract.resolving import Resolving
from mockserver.engine.schema import Schemas

texts = {name: {"type": "string"} for name in ("name", "kind", "colour")}
schema = {"type": "object", "required": ["kind", "name"], "properties": texts}
pools = Pools()
pools.see([{"id": n, **{m: f"{m} {n}" for m in texts}} for n in ("a", "b")], Names(), bool)
questions = Questions(Resolving(Schemas({})), pools, random.Random(1))
print(json.dumps([questions.body(schema, questions.begin()) for _ in range(40)]))
"""


def test_the_same_questions_are_drawn_whatever_the_order_of_sets_is() -> None:
    drawn = [
        subprocess.run(
            [sys.executable, "-c", DRAWING],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    ]
    assert drawn[0] == drawn[1] == drawn[2]
    assert any(json.loads(drawn[0]))
