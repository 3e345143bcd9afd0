from __future__ import annotations

from mockserver.engine.briefly import briefly
from mockserver.engine.schema import Schemas

SCHEMA = {"type": "object", "required": ["a", "b"], "properties": {"a": {"type": "integer"}}}


def test_a_refusal_is_told_without_its_reasons() -> None:
    with briefly() as brevity:
        found = Schemas({}).refusals(SCHEMA, {"a": "text"})
    assert len(found) == 1
    assert brevity.left_out


def test_what_is_taken_needs_no_reasons() -> None:
    with briefly() as brevity:
        assert Schemas({}).refusals(SCHEMA, {"a": 1, "b": 2}) == []
    assert not brevity.left_out


def test_reasons_are_told_again_afterwards() -> None:
    with briefly():
        pass
    assert {each.rule for each in Schemas({}).refusals(SCHEMA, {"a": "text"})} == {
        "required",
        "type",
    }
