from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.state import store
from mockserver.state.sources import fixed_clock
from mockserver.state.store import Change, Record, Snapshot, Transaction, differences, seed

NOON = datetime(2025, 1, 1, 12, tzinfo=UTC)


def transaction(snapshot: Snapshot, stem: str = "api") -> Transaction:
    return Transaction(snapshot, stem, fixed_clock(NOON), "id-{}".format)


def seeded(*keys: str, collection: str = "api/things") -> Snapshot:
    return seed([(collection, [Record(key, {"of": key}) for key in keys])])


def listed(snapshot: Snapshot, collection: str = "api/things") -> dict[str, Any]:
    records = snapshot.collection(collection).records
    return {record.key: record.value for record in records.values()}


def told(changes: Any) -> list[tuple[str, Any, Any]]:
    return [
        (change.key, change.before and change.before.value, change.after and change.after.value)
        for change in changes
    ]


def test_seed_keeps_the_order_of_the_records() -> None:
    snapshot = seeded("c", "a", "b")
    assert list(listed(snapshot)) == ["c", "a", "b"]
    assert (snapshot.revision, snapshot.counter) == (0, 0)


def test_a_collection_never_written_to_is_empty() -> None:
    assert listed(Snapshot()) == {}
    assert list(transaction(Snapshot()).records("things")) == []


def test_collections_of_other_stems_are_out_of_reach() -> None:
    snapshot = seeded("a")
    other = transaction(snapshot, "other")
    assert other.get("things", "a") is None
    other.put("things", "a", 1)
    assert listed(other.result()) == {"a": {"of": "a"}}
    assert listed(other.result(), "other/things") == {"a": 1}


def test_the_snapshot_below_a_transaction_stays() -> None:
    snapshot = seeded("a", "b")
    writer = transaction(snapshot)
    writer.put("things", "a", 1)
    writer.put("things", "c", 2)
    writer.delete("things", "b")
    assert listed(snapshot) == {"a": {"of": "a"}, "b": {"of": "b"}}
    assert listed(writer.result()) == {"a": 1, "c": 2}


def test_replacing_keeps_the_place_and_putting_back_does_not() -> None:
    writer = transaction(seeded("a", "b", "c"))
    writer.put("things", "a", 1)
    writer.delete("things", "b")
    writer.put("things", "b", 2)
    assert [record.key for record in writer.records("things")] == ["a", "c", "b"]
    assert [record.key for record in writer.newest("things")] == ["b", "c", "a"]


def test_changes_are_one_a_record_in_the_order_of_first_writes() -> None:
    writer = transaction(seeded("a", "b"))
    writer.put("things", "new", 1)
    writer.put("things", "a", 2)
    writer.put("things", "new", 3)
    writer.put("things", "passing", 4)
    writer.delete("things", "b")
    writer.delete("things", "passing")
    assert told(writer.changes) == [
        ("new", None, 3),
        ("a", {"of": "a"}, 2),
        ("b", {"of": "b"}, None),
    ]


def test_what_is_not_there_cannot_be_deleted() -> None:
    writer = transaction(seeded("a"))
    with pytest.raises(KeyError):
        writer.delete("things", "b")
    writer.delete("things", "a")
    with pytest.raises(KeyError):
        writer.delete("things", "a")


def test_deletions_are_remembered_until_the_key_is_back() -> None:
    writer = transaction(seeded("a"))
    assert not writer.was_deleted("things", "a")
    writer.delete("things", "a")
    assert writer.was_deleted("things", "a")
    later = transaction(writer.result())
    assert later.was_deleted("things", "a")
    later.put("things", "a", 1)
    assert not later.was_deleted("things", "a")


def test_the_oldest_deletions_are_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MAX_TOMBSTONES", 3)
    writer = transaction(seeded("a", "b", "c", "d", "e"))
    for key in "badec":
        writer.delete("things", key)
    assert [key for key in "abcde" if writer.was_deleted("things", key)] == ["c", "d", "e"]


def test_a_number_stands_for_its_text() -> None:
    writer = transaction(seeded("1"))
    found = writer.get("things", 1)
    assert found is not None
    assert found.key == "1"
    assert writer.put("things", 2, {}).key == "2"
    writer.delete("things", 1)
    assert writer.was_deleted("things", 1)
    assert listed(writer.result()) == {"2": {}}


def test_ids_follow_from_the_counter() -> None:
    writer = transaction(Snapshot(counter=4))
    assert [writer.new_id(), writer.new_id()] == ["id-5", "id-6"]
    assert writer.result().counter == 6


def test_a_transaction_has_one_instant() -> None:
    asked: list[int] = []

    def clock(ticks: int) -> datetime:
        asked.append(ticks)
        return NOON + timedelta(seconds=len(asked))

    made = Transaction(Snapshot(ticks=5), "api", clock, str)
    assert made.now == made.now == NOON + timedelta(seconds=1)
    assert asked == [5]


def test_a_result_is_one_revision_on() -> None:
    assert transaction(Snapshot(revision=8)).result().revision == 9


KEYS = st.sampled_from("abcdef")
WRITES = st.lists(st.tuples(KEYS, st.none() | st.integers(0, 9)), max_size=12)


def written(base: Snapshot, writes: list[tuple[str, int | None]]) -> Snapshot:
    writer = transaction(base)
    for key, value in writes:
        if value is not None:
            writer.put("things", key, value)
        elif writer.get("things", key):
            writer.delete("things", key)
    return writer.result()


def applied(model: dict[str, Any], changes: list[Change]) -> dict[str, Any]:
    model = dict(model)
    for change in changes:
        assert (change.before and change.before.value) == model.get(change.key)
        if change.after is None:
            del model[change.key]
        else:
            model[change.key] = change.after.value
    return model


@given(WRITES, WRITES, WRITES)
def test_differences_lead_from_one_snapshot_to_the_other(
    common: list[Any], one: list[Any], other: list[Any]
) -> None:
    start = written(Snapshot(), common)
    old, new = written(start, one), written(start, other)
    found = differences(old, new, "api/things")
    assert applied(listed(old), found) == listed(new)
    assert len({change.key for change in found}) == len(found)
    kinds = [change.after is None for change in found]
    assert kinds == sorted(kinds, reverse=True)


def test_an_untouched_record_is_no_difference() -> None:
    old = seeded("a", "b")
    writer = transaction(old)
    writer.put("things", "b", 1)
    found = differences(old, writer.result(), "api/things")
    assert told(found) == [("b", {"of": "b"}, 1)]
    assert differences(old, writer.result(), "api/others") == []
