from __future__ import annotations

import copy
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from mockserver.errors import Conflict
from mockserver.state.sandboxes import DEFAULT, NAME, Rules, Sandbox, Sandboxes
from mockserver.state.sources import fixed_clock
from mockserver.state.store import Record, Snapshot, Transaction, seed

START = datetime(2025, 1, 1, tzinfo=UTC)
HISTORY = 4
SEED = {"left": {"a": 0, "b": 0}, "right": {}}

NAMES = st.sampled_from([DEFAULT, "one"])
COLLECTIONS = st.sampled_from(sorted(SEED))
KEYS = st.sampled_from("abcde")

Told = tuple[str, str, Any, Any]


def first_snapshot() -> Snapshot:
    return seed(
        (f"api/{name}", [Record(key, value) for key, value in records.items()])
        for name, records in SEED.items()
    )


@dataclass
class State:
    """What is true in one world, as plain values."""

    records: dict[str, dict[str, Any]] = field(default_factory=lambda: copy.deepcopy(SEED))
    deleted: set[tuple[str, str]] = field(default_factory=set)
    counter: int = 0
    revision: int = 0
    ticks: int = 0


@dataclass
class World:
    state: State = field(default_factory=State)
    history: list[tuple[int, list[Told] | None]] = field(default_factory=list)
    """What each commit did; None where it put one state in place of another."""
    requests: int = 0
    memory: dict[str, int] = field(default_factory=dict)


@dataclass
class Open:
    """A transaction under way beside the plain copy that it is to agree with."""

    name: str
    transaction: Transaction
    state: State
    before: dict[tuple[str, str], Any] = field(default_factory=dict)

    def changes(self) -> list[Told]:
        after = self.state.records
        told = [
            (f"api/{name}", key, old, after[name].get(key))
            for (name, key), old in self.before.items()
        ]
        return [change for change in told if change[2] is not None or change[3] is not None]


class Worlds(RuleBasedStateMachine):
    transactions = Bundle("transactions")

    def __init__(self) -> None:
        super().__init__()
        rules = Rules(seed=7, clock=fixed_clock(START), history=HISTORY)
        self.sandboxes = Sandboxes(first_snapshot(), rules)
        self.worlds = {name: World() for name in (DEFAULT, "one")}
        self.ids: dict[tuple[str, int], str] = {}
        self.former: list[tuple[str, Snapshot, State]] = []

    @rule(target=transactions, name=NAMES)
    def begin(self, name: str) -> Open:
        world = self.worlds[name]
        transaction = self.sandboxes.get(name).transaction("api")
        assert transaction.now == START + timedelta(milliseconds=world.state.ticks)
        return Open(name, transaction, copy.deepcopy(world.state))

    @rule(work=transactions, collection=COLLECTIONS, key=KEYS, value=st.integers(1, 99))
    def put(self, work: Open, collection: str, key: str, value: int) -> None:
        records = work.state.records[collection]
        if (collection, key) in work.before and key not in records:
            work.before[collection, key] = work.before.pop((collection, key))  # it is the newest
        work.before.setdefault((collection, key), records.get(key))
        records[key] = value
        work.state.deleted.discard((collection, key))
        assert work.transaction.put(collection, key, value).value == value

    @rule(name=NAMES, value=st.integers(1, 99))
    def call(self, name: str, value: int) -> None:
        """Begin, write and commit, with nobody in between."""
        work = self.begin(name)
        self.put(work, "right", "z", value)
        self.commit(work)

    @rule(work=transactions, collection=COLLECTIONS, key=KEYS)
    def delete(self, work: Open, collection: str, key: str) -> None:
        records = work.state.records[collection]
        if key not in records:
            with pytest.raises(KeyError):
                work.transaction.delete(collection, key)
            return
        work.before.setdefault((collection, key), records[key])
        del records[key]
        work.state.deleted.add((collection, key))
        work.transaction.delete(collection, key)

    @rule(work=transactions)
    def draw(self, work: Open) -> None:
        work.state.counter += 1
        drawn = work.transaction.new_id()
        assert self.ids.setdefault((work.name, work.state.counter), drawn) == drawn
        assert len(set(self.ids.values())) == len(self.ids)

    @rule(work=transactions)
    def look(self, work: Open) -> None:
        for name, records in work.state.records.items():
            assert {r.key: r.value for r in work.transaction.records(name)} == records
            assert [r.key for r in work.transaction.records(name)] == list(records)
            assert [r.key for r in work.transaction.newest(name)] == list(reversed(records))
            for key in "abcde":
                found = work.transaction.get(name, key)
                assert (found and found.value) == records.get(key)
                deleted = work.transaction.was_deleted(name, key)
                assert deleted == ((name, key) in work.state.deleted)

    @rule(work=transactions)
    def commit(self, work: Open) -> None:
        """Begins anew on the new head, as the next request does."""
        world, sandbox = self.worlds[work.name], self.sandboxes.get(work.name)
        told = work.changes()
        if not told:
            sandbox.commit(work.transaction)
        elif work.state.revision != world.state.revision:
            with pytest.raises(Conflict):
                sandbox.commit(work.transaction)
        else:
            sandbox.commit(work.transaction)
            work.state.revision += 1
            work.state.ticks += 1
            world.state = work.state
            world.history.append((work.state.revision, told))
        work.transaction = sandbox.transaction("api")
        work.state, work.before = copy.deepcopy(world.state), {}

    @rule(name=NAMES)
    def reset(self, name: str) -> None:
        world = self.worlds[name]
        world.state = State(revision=world.state.revision + 1)
        world.history.append((world.state.revision, None))
        world.requests, world.memory = 0, {}
        self.sandboxes.get(name).reset()

    @rule(name=NAMES)
    def request(self, name: str) -> None:
        world = self.worlds[name]
        world.requests += 1
        drawn = self.sandboxes.get(name).request_identifier()
        assert self.ids.setdefault((name, -world.requests), drawn) == drawn
        assert len(set(self.ids.values())) == len(self.ids)

    @rule(name=NAMES, key=KEYS, value=st.integers(1, 99))
    def memorise(self, name: str, key: str, value: int) -> None:
        self.worlds[name].memory[key] = value
        self.sandboxes.get(name).memory[key] = value

    @rule()
    def compact(self) -> None:
        for world in self.worlds.values():
            world.history = []
        self.sandboxes.compact()

    @rule(name=NAMES)
    def remember(self, name: str) -> None:
        former = copy.deepcopy(self.worlds[name].state)
        self.former.append((name, self.sandboxes.get(name).log.head, former))

    @rule(place=st.integers(0, 9))
    def restore(self, place: int) -> None:
        if not self.former:
            return
        name, snapshot, state = self.former[place % len(self.former)]
        world, now = self.worlds[name], self.worlds[name].state
        self.sandboxes.get(name).log.restore(snapshot)
        world.state = copy.deepcopy(state)
        world.state.counter = max(now.counter, state.counter)
        world.state.revision, world.state.ticks = now.revision + 1, now.ticks + 1
        world.history.append((world.state.revision, None))

    @invariant()
    def every_world_is_its_model(self) -> None:
        for name, world in self.worlds.items():
            sandbox = self.sandboxes.get(name)
            assert sandbox.memory == world.memory
            head = sandbox.log.head
            assert (head.revision, head.ticks, head.counter) == (
                world.state.revision,
                world.state.ticks,
                world.state.counter,
            )
            assert contents(head) == world.state.records
            for collection, records in world.state.records.items():
                assert list(head.collection(f"api/{collection}").records) == list(records)

    @invariant()
    def history_reaches_back_as_far_as_it_is_kept(self) -> None:
        for name, world in self.worlds.items():
            kept = world.history[-HISTORY:]
            log = self.sandboxes.get(name).log
            for revision in range(world.state.revision + 1):
                entries = log.since(revision)
                after = [entry for entry in kept if entry[0] > revision]
                if len(after) < world.state.revision - revision or None in dict(after).values():
                    assert entries is None
                else:
                    assert entries is not None
                    assert [(e.revision, told(e.changes)) for e in entries] == after

    def teardown(self) -> None:
        for _, snapshot, state in self.former:
            assert contents(snapshot) == state.records


def contents(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    return {
        name: {r.key: r.value for r in snapshot.collection(f"api/{name}").records.values()}
        for name in SEED
    }


def told(changes: Any) -> list[Told]:
    return [
        (c.collection, c.key, c.before and c.before.value, c.after and c.after.value)
        for c in changes
    ]


Worlds.TestCase.settings = settings(max_examples=100, stateful_step_count=40)
TestWorlds = Worlds.TestCase


def worlds(limit: int = 10) -> Sandboxes:
    return Sandboxes(first_snapshot(), Rules(limit=limit))


def write(sandbox: Sandbox) -> None:
    transaction = sandbox.transaction("api")
    transaction.put("left", "mark", 1)
    sandbox.commit(transaction)


def marked(sandbox: Sandbox) -> bool:
    return "mark" in sandbox.log.head.collection("api/left").records


def test_a_sandbox_is_there_from_its_first_use() -> None:
    made = worlds()
    assert made.get("one") is made.get("one")
    assert made.get(DEFAULT) is made.default
    assert len(made) == 2


def test_the_longest_idle_is_dropped_first_and_begins_anew() -> None:
    made = worlds(limit=3)
    one, two = made.get("one"), made.get("two")
    write(one)
    write(two)
    assert made.get("one") is one
    made.get("three")
    assert len(made) == 3
    assert "3 sandboxes" in two.log.closed
    assert not one.log.closed
    assert marked(made.get("one"))
    assert not marked(made.get("two"))


def test_readers_are_told_that_their_sandbox_is_dropped() -> None:
    made = worlds(limit=2)
    told: list[str] = []
    log = made.get("one").log
    log.listen(lambda: told.append(log.closed))
    made.get("two")
    assert told == [log.closed]
    assert told != [""]


def test_the_default_is_never_dropped() -> None:
    made = worlds(limit=2)
    write(made.default)
    for number in range(10):
        made.get(str(number))
    assert len(made) == 2
    assert marked(made.get(DEFAULT))
    assert not made.default.log.closed


def test_a_sandbox_lasts_until_the_next_whatever_the_limit() -> None:
    made = worlds(limit=1)
    write(made.get("one"))
    assert marked(made.get("one"))


def test_identifiers_differ_between_sandboxes_and_repeat_between_runs() -> None:
    one, again = worlds(), worlds()
    assert one.get("x").identifier == again.get("x").identifier
    assert one.get("x").identifier != one.get("y").identifier
    other = Sandboxes(first_snapshot(), Rules(seed=1))
    assert other.get("x").identifier != one.get("x").identifier


@pytest.mark.parametrize("name", ["a", "A.b_c-9", "x" * 64])
def test_names_allowed(name: str) -> None:
    assert NAME.fullmatch(name)


@pytest.mark.parametrize("name", ["", "a b", "a/b", "é", "x" * 65, "a\n", "a@b"])
def test_names_refused(name: str) -> None:
    assert not NAME.fullmatch(name)


@pytest.mark.parametrize("size", [100, 100_000])
def test_a_sandbox_costs_under_4_kib_whatever_the_seed(size: int) -> None:
    snapshot = seed([("api/things", (Record(str(n), n) for n in range(size)))])
    made = Sandboxes(snapshot, Rules())
    made.get("warm")
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number in range(200):
            made.get(f"sandbox-{number}")
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (after - before) / 200 < 4096


def test_a_sandbox_that_is_followed_is_not_idle() -> None:
    made = worlds(limit=3)
    followed, idle = made.get("followed"), made.get("idle")
    stop = followed.log.listen(lambda: None)
    made.get("new")
    assert not followed.log.closed
    assert idle.log.closed
    assert made.get("followed") is followed
    stop()
    made.get("new")
    made.get("newer")
    assert followed.log.closed


def test_when_all_are_followed_the_longest_idle_is_dropped() -> None:
    made = worlds(limit=3)
    one, two = made.get("one"), made.get("two")
    for sandbox in (one, two):
        sandbox.log.listen(lambda: None)
    assert made.get("three") is made.get("three")
    assert (bool(one.log.closed), bool(two.log.closed)) == (True, False)


def test_a_reset_sandbox_is_as_if_it_had_never_been_used() -> None:
    def used(sandbox: Sandbox) -> list[Any]:
        asked = [sandbox.request_identifier(), sandbox.request_identifier()]
        transaction = sandbox.transaction("api")
        transaction.put("left", transaction.new_id(), asked[0])
        sandbox.commit(transaction)
        sandbox.memory["calls"] = [*sandbox.memory.get("calls", []), 1]
        return [*asked, contents(sandbox.log.head), dict(sandbox.memory)]

    sandbox = worlds().get("one")
    first = used(sandbox)
    used(sandbox)
    sandbox.reset()
    assert contents(sandbox.log.head) == SEED
    assert sandbox.memory == {}
    assert sandbox.log.head.revision == 3
    assert used(sandbox) == first


def test_a_reset_is_one_sandboxs_own() -> None:
    made = worlds()
    one, two = made.get("one"), made.get("two")
    for sandbox in (one, two):
        write(sandbox)
        sandbox.memory["a"] = 1
    former = two.request_identifier()
    one.reset()
    assert (marked(one), marked(two)) == (False, True)
    assert (one.memory, two.memory) == ({}, {"a": 1})
    assert two.request_identifier() != former


def test_readers_are_told_of_a_reset() -> None:
    sandbox = worlds().get("one")
    told: list[dict[str, Any]] = []
    sandbox.memory["a"] = 1
    sandbox.log.listen(lambda: told.append(dict(sandbox.memory)))
    sandbox.reset()
    assert told == [{}]


def test_identifiers_of_requests_records_and_the_sandbox_are_never_the_same() -> None:
    sandbox = worlds().get("one")
    transaction = sandbox.transaction("api")
    drawn = [sandbox.identifier]
    for _ in range(500):
        drawn += [sandbox.request_identifier(), transaction.new_id()]
    assert len({*drawn}) == len(drawn)


def test_requests_made_by_many_threads_at_once_have_identifiers_of_their_own() -> None:
    sandbox = worlds().get("one")
    with ThreadPoolExecutor(8) as pool:
        drawn = list(pool.map(lambda _: sandbox.request_identifier(), range(2000)))
    again = worlds().get("one")
    assert {*drawn} == {again.request_identifier() for _ in range(2000)}


class Hours:
    """A clock that somebody turns."""

    now = 0.0

    def __call__(self) -> float:
        return self.now * 3_600


def idle_after_an_hour() -> tuple[Sandboxes, Hours]:
    hours = Hours()
    return Sandboxes(first_snapshot(), Rules(ttl=3_600), hours), hours


def test_a_sandbox_that_is_idle_for_long_is_dropped() -> None:
    sandboxes, hours = idle_after_an_hour()
    first, second = sandboxes.get("first"), sandboxes.get("second")
    hours.now = 0.9
    assert sandboxes.get("second") is second
    hours.now = 1.1
    assert sandboxes.get("second") is second
    assert (len(sandboxes), first.log.closed) == (2, "idle for 3600 s")
    assert sandboxes.get("first") is not first


def test_an_idle_sandbox_is_gone_when_it_is_asked_for_again() -> None:
    sandboxes, hours = idle_after_an_hour()
    first = sandboxes.get("first")
    hours.now = 1.1
    assert sandboxes.get("first") is not first


def test_idle_sandboxes_are_dropped_though_nobody_asks() -> None:
    sandboxes, hours = idle_after_an_hour()
    default = sandboxes.get(DEFAULT)
    for name in "abc":
        sandboxes.get(name)
    hours.now = 2
    sandboxes.sweep()
    assert len(sandboxes) == 1
    assert sandboxes.get(DEFAULT) is default
    assert not default.log.closed


def test_a_followed_sandbox_is_not_idle_and_is_once_nobody_follows_it() -> None:
    sandboxes, hours = idle_after_an_hour()
    followed, other = sandboxes.get("followed"), sandboxes.get("other")
    stop = followed.log.listen(lambda: None)
    hours.now = 3
    sandboxes.sweep()
    assert (followed.log.closed, bool(other.log.closed)) == ("", True)
    stop()
    hours.now = 3.5
    sandboxes.sweep()
    assert not followed.log.closed
    hours.now = 5
    sandboxes.sweep()
    assert followed.log.closed


def test_without_a_time_to_live_nothing_is_dropped_for_being_idle() -> None:
    hours = Hours()
    sandboxes = Sandboxes(first_snapshot(), Rules(ttl=0), hours)
    sandboxes.get("a")
    hours.now = 1_000_000
    sandboxes.sweep()
    assert len(sandboxes) == 2


def test_sandboxes_are_told_by_how_long_they_are_idle() -> None:
    sandboxes, hours = idle_after_an_hour()
    for name in "abca":
        hours.now += 0.1
        sandboxes.get(name)
    told = [(sandbox.name, round(idle / 3_600, 1)) for sandbox, idle in sandboxes.named()]
    assert told == [("a", 0.0), ("c", 0.1), ("b", 0.2)]
