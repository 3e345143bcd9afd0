"""A delta leads to exactly the state that came of another, order and deleted keys included."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mockserver.state.deltas import applied, deltas
from mockserver.state.store import Collection, Record, Snapshot, seed

KEYS = "abc"
ACTS = st.lists(st.tuples(st.sampled_from(["put", "delete"]), st.sampled_from("abcx")), max_size=6)


def after(collection: Collection, acts: list[tuple[str, str]]) -> Collection:
    for number, (act, key) in enumerate(acts):
        if act == "put":
            collection = collection.put(Record(key, number))
        elif key in collection.records:
            collection = collection.delete(key)
    return collection


def told(collection: Collection) -> object:
    records = [(record.key, record.value) for record in collection.records.values()]
    return records, list(collection.tombstones)


@given(ACTS, ACTS)
def test_a_delta_leads_to_what_came_of_a_state(
    first: list[tuple[str, str]], then: list[tuple[str, str]]
) -> None:
    begun = seed([("api/x", [Record(key, key) for key in KEYS])])
    old = Snapshot(begun.collections.set("api/x", after(begun.collection("api/x"), first)))
    new = Snapshot(old.collections.set("api/x", after(old.collection("api/x"), then)))
    before = old.collection("api/x")
    for delta in deltas(old, new):
        before = applied(delta, before)
    assert told(before) == told(new.collection("api/x"))


def test_what_did_not_change_is_no_part_of_a_delta() -> None:
    old = seed([("api/x", [Record("a", 1)]), ("api/y", [Record("a", 1), Record("b", 1)])])
    new = Snapshot(old.collections.set("api/y", old.collection("api/y").put(Record("c", 1))))
    [delta] = deltas(old, new)
    assert delta.collection == "api/y"
    assert [record.key for record in delta.put] == ["c"]
