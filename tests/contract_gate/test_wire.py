from __future__ import annotations

import json
from typing import Any

import pytest

from mockserver.catalogue import build
from mockserver.contract.values import Json, Key, Sent
from mockserver.contract.wire import Callers, Writer, resolved

KNOWN = {0: "theirs", 1: 5}


def resolve(key: Key) -> Any:
    return KNOWN[key.number]


def body(value: Any) -> bytes:
    description = build(["plane"]).apis[0].description
    operation = next(o for o in description.operations if o.method == "POST")
    sent = Sent(operation.id, "POST", operation.path, body=Json(value))
    return Writer(description, Callers(description, []), "").message(sent, resolve).body


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"a": Key(0), "b": [Key(1), {"c": Key(0)}]}, {"a": "theirs", "b": [5, {"c": "theirs"}]}),
        ({Key(0): Key(1), "b": [{Key(0): 1}]}, {"theirs": 5, "b": [{"theirs": 1}]}),
        ({"a": 1 << 70, "b": Key(0)}, {"a": 1 << 70, "b": "theirs"}),
        ({"a": "\ud800", "b": [None, True, 1.5]}, {"a": "\ud800", "b": [None, True, 1.5]}),
        (Key(1), 5),
    ],
)
def test_keys_are_sent_as_the_values_of_a_side(value: Any, told: Any) -> None:
    assert json.loads(body(value)) == told
    assert resolved(value, resolve) == told


@pytest.mark.parametrize("value", [{"a": [Key(9)]}, {Key(9): 1}, {"a": 1 << 70, "b": Key(9)}])
def test_a_call_with_a_key_that_a_side_has_not_cannot_be_sent(value: Any) -> None:
    with pytest.raises(KeyError):
        body(value)


def test_a_value_without_keys_is_taken_as_it_is() -> None:
    value = {"a": [1, {"b": "c"}], "d": None}
    assert resolved(value, resolve) is value


def test_a_template_keeps_its_keys() -> None:
    value = {"a": [Key(0)], "b": {"c": Key(1)}}
    resolved(value, resolve)
    assert value == {"a": [Key(0)], "b": {"c": Key(1)}}
