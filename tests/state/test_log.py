from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mockserver.errors import Conflict
from mockserver.state.log import Log
from mockserver.state.sandboxes import Rules, Sandbox
from mockserver.state.sources import fixed_clock
from mockserver.state.store import Record, Snapshot, Transaction, seed


@pytest.fixture
def switching_often() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.fixture
def world() -> Sandbox:
    return Sandbox("w", seed([("api/things", [Record("n", 0)])]), Rules(history=3))


def write(world: Sandbox, key: str, value: Any) -> Transaction:
    transaction = world.transaction("api")
    transaction.put("things", key, value)
    return transaction


def values(snapshot: Snapshot) -> dict[str, Any]:
    records = snapshot.collection("api/things").records
    return {record.key: record.value for record in records.values()}


def revisions(log: Log, revision: int) -> list[int] | None:
    entries = log.since(revision)
    return None if entries is None else [entry.revision for entry in entries]


def test_a_commit_becomes_the_head_and_one_entry(world: Sandbox) -> None:
    world.commit(write(world, "n", 1))
    [entry] = world.log.since(0) or []
    assert entry.revision == world.log.head.revision == 1
    assert entry.snapshot is world.log.head
    assert [(change.key, change.after and change.after.value) for change in entry.changes] == [
        ("n", 1)
    ]
    assert values(world.log.head) == {"n": 1}


def test_an_entry_says_what_made_it_and_when() -> None:
    noon = datetime(2025, 1, 1, 12, tzinfo=UTC)
    world = Sandbox("w", seed([]), Rules(clock=fixed_clock(noon)))
    for value in range(2):
        world.commit(write(world, "n", value), "things_put")
    world.log.restore(world.log.entries()[0].snapshot, "undo")
    said = [(entry.cause, entry.at) for entry in world.log.entries()]
    after = [noon + timedelta(milliseconds=ticks) for ticks in range(3)]
    assert said == list(zip(["things_put", "things_put", "undo"], after, strict=True))


def test_what_was_true_at_a_revision_is_known_as_long_as_it_is_kept(world: Sandbox) -> None:
    for number in range(1, 6):
        world.commit(write(world, "n", number))
    found = {revision: world.log.at(revision) for revision in range(-1, 8)}
    known = {revision: values(state)["n"] for revision, state in found.items() if state}
    assert known == {0: 0, 3: 3, 4: 4, 5: 5}
    world.log.compact()
    assert world.log.at(4) is None
    assert world.log.at(5) is world.log.head


def test_the_second_of_two_writers_conflicts_and_leaves_nothing(world: Sandbox) -> None:
    first, second = write(world, "a", 1), write(world, "b", 2)
    world.commit(first)
    with pytest.raises(Conflict):
        world.commit(second)
    assert values(world.log.head) == {"n": 0, "a": 1}
    assert revisions(world.log, 0) == [1]


def test_a_transaction_from_before_a_reset_conflicts(world: Sandbox) -> None:
    world.commit(write(world, "old", 1))
    stale = write(world, "stale", 2)
    world.log.reset()
    world.commit(write(world, "new", 3))
    with pytest.raises(Conflict):
        world.commit(stale)
    assert values(world.log.head) == {"n": 0, "new": 3}


def test_history_is_bounded(world: Sandbox) -> None:
    for number in range(1, 6):
        world.commit(write(world, "n", number))
    assert revisions(world.log, 5) == []
    assert revisions(world.log, 3) == [4, 5]
    assert revisions(world.log, 2) == [3, 4, 5]
    assert revisions(world.log, 1) is None


def test_compaction_forgets_history_and_keeps_the_head(world: Sandbox) -> None:
    world.commit(write(world, "n", 1))
    world.log.compact()
    assert values(world.log.head) == {"n": 1}
    assert revisions(world.log, 0) is None
    assert revisions(world.log, 1) == []
    world.commit(write(world, "n", 2))
    assert revisions(world.log, 1) == [2]


def test_a_reset_is_a_commit_like_any_other(world: Sandbox) -> None:
    seed = values(world.log.head)
    world.commit(write(world, "n", 1))
    world.log.reset()
    assert values(world.log.head) == seed
    assert (world.log.head.revision, world.log.head.ticks, world.log.head.counter) == (2, 0, 0)
    assert [(e.repeats, e.cause) for e in world.log.entries()] == [(None, ""), (0, "reset")]
    assert revisions(world.log, 1) is None
    assert revisions(world.log, 2) == []
    world.commit(write(world, "n", 2))
    assert revisions(world.log, 2) == [3]


def test_what_was_true_is_made_true_again_and_time_goes_on(world: Sandbox) -> None:
    transaction = world.transaction("api")
    drawn = transaction.new_id()
    transaction.put("things", drawn, 1)
    world.commit(transaction)
    former = world.log.head
    world.commit(write(world, "n", 2))
    later = world.transaction("api")
    taken = later.new_id()
    later.put("things", taken, 3)
    world.commit(later)
    world.log.restore(former)
    assert values(world.log.head) == values(former)
    assert (world.log.head.revision, world.log.head.ticks) == (4, 4)
    assert world.transaction("api").new_id() not in {drawn, taken}
    assert revisions(world.log, 3) is None


def test_listeners_hear_of_everything_after_it_is_true(world: Sandbox) -> None:
    heard: list[tuple[int, str]] = []
    log = world.log
    stop = log.listen(lambda: heard.append((log.head.revision, log.closed)))
    world.commit(write(world, "n", 1))
    log.reset()
    log.close("over")
    stop()
    log.reset()
    assert heard == [(1, ""), (2, ""), (2, "over")]


def test_a_refused_commit_is_not_heard_of(world: Sandbox) -> None:
    heard: list[int] = []
    first, second = write(world, "a", 1), write(world, "b", 2)
    world.log.listen(lambda: heard.append(1))
    world.commit(first)
    with pytest.raises(Conflict):
        world.commit(second)
    assert heard == [1]


def test_no_update_of_many_threads_is_lost(switching_often: None) -> None:
    world = Sandbox("w", seed([("api/things", [Record("n", 0)])]), Rules())
    writers = [threading.Thread(target=_increment, args=(world, 50)) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert values(world.log.head) == {"n": 200}
    assert revisions(world.log, 0) == list(range(1, 201))


def _increment(world: Sandbox, times: int) -> None:
    done = 0
    while done < times:
        transaction = world.transaction("api")
        record = transaction.get("things", "n")
        assert record is not None
        transaction.put("things", "n", record.value + 1)
        try:
            world.commit(transaction)
        except Conflict:
            continue
        done += 1
