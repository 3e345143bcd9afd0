"""What was committed is in the file; a torn end is cut off, and damage before it is told."""

from __future__ import annotations

import errno
import itertools
import os
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.errors import StartupError, StorageFull
from mockserver.state import state_file
from mockserver.state.blobs import Blob, Blobs
from mockserver.state.sandboxes import DEFAULT, Rules, Sandbox
from mockserver.state.state_file import Grounds, StateFile
from mockserver.state.state_reading import Kept
from mockserver.state.store import Record, Snapshot, seed

HISTORY = 5
SEED = {"left": {"a": {"n": 0}, "b": {"n": 1}, "c": {"n": 2}}, "right": {}}


def first_snapshot() -> Snapshot:
    return seed(
        (f"api/{name}", [Record(key, value) for key, value in records.items()])
        for name, records in SEED.items()
    )


@dataclass
class World:
    """A sandbox whose log is kept in a file."""

    file: StateFile
    sandbox: Sandbox
    kept: Kept
    blobs: Blobs
    grounds: Grounds

    def put(self, key: str, value: Any, collection: str = "left") -> None:
        transaction = self.sandbox.transaction("api")
        transaction.put(collection, key, value)
        transaction.new_id()
        self.sandbox.commit(transaction, "put")

    def delete(self, key: str) -> None:
        transaction = self.sandbox.transaction("api")
        if transaction.get("left", key) is not None:
            transaction.delete("left", key)
            self.sandbox.commit(transaction, "delete")

    def renew(self, key: str) -> None:
        """Delete a record and make it again, in one commit."""
        transaction = self.sandbox.transaction("api")
        if transaction.get("left", key) is not None:
            transaction.put("left", "z", {"n": 9})
            transaction.delete("left", key)
            transaction.put("left", key, {"n": 8})
            self.sandbox.commit(transaction, "renew")


@contextmanager
def opened(
    path: Path, fingerprint: str = "one", first: Snapshot | None = None, limit: int = 1_000_000
) -> Iterator[World]:
    grounds = Grounds(first or first_snapshot(), {"seed": fingerprint}, HISTORY, "1.0")
    blobs = Blobs(limit)
    file = StateFile(path)
    try:
        kept = file.load(grounds, blobs)
        sandbox = Sandbox(DEFAULT, grounds.seed, Rules(history=HISTORY))
        file.follow(sandbox.log, kept.head, kept.entries)
        yield World(file, sandbox, kept, blobs, grounds)
    finally:
        file.close()


def told(snapshot: Snapshot) -> Any:
    """All that a snapshot says, as plain values in order."""
    collections = {
        name: (
            [(r.key, plain(r.value)) for r in collection.records.values()],
            list(collection.tombstones),
        )
        for name, collection in sorted(snapshot.collections.items())
    }
    return snapshot.revision, snapshot.ticks, snapshot.counter, collections


def plain(value: Any) -> Any:
    if isinstance(value, Blob):
        return value.data
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def history(kept: Kept) -> list[Any]:
    return [
        (
            entry.revision,
            entry.cause,
            entry.at,
            entry.repeats,
            told(entry.snapshot),
            [(c.collection, c.key, c.before and plain(c.before.value),
              c.after and plain(c.after.value)) for c in entry.changes],
        )
        for entry in kept.entries
    ]  # fmt: skip


def refusal(path: Path) -> str:
    """Why a file is of no use; nothing when it is."""
    try:
        with opened(path):
            return ""
    except StartupError as error:
        return str(error)


def complaint(path: Path, **how: Any) -> str:
    with pytest.raises(StartupError) as refused, opened(path, **how):
        pass
    [problem] = refused.value.problems
    assert problem.source == str(path)
    return problem.message


KEYS = st.sampled_from("abcdef")
JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.text(),
        st.floats(allow_nan=False, allow_infinity=False),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), KEYS, JSON),
        st.tuples(st.just("bytes"), KEYS, st.binary(max_size=20)),
        st.tuples(st.just("delete"), KEYS, st.none()),
        st.tuples(st.just("renew"), KEYS, st.none()),
        st.tuples(st.just("restore"), st.just(""), st.integers(0, 12)),
        st.tuples(st.just("keep"), st.just(""), st.none()),
        st.tuples(st.just("return"), st.just(""), st.integers(0, 3)),
        st.tuples(st.just("reset"), st.just(""), st.none()),
        st.tuples(st.just("rewrite"), st.just(""), st.none()),
    ),
    max_size=12,
)


def perform(world: World, steps: list[Any]) -> Iterator[Any]:
    """What is true after each step."""
    kept: list[Snapshot] = []
    log = world.sandbox.log

    def go_back(then: Snapshot | None) -> None:
        if then is not None:
            log.restore(then)

    acts: dict[str, Callable[[str, Any], Any]] = {
        "put": lambda key, value: world.put(key, {"v": value}),
        "bytes": lambda key, value: world.put(
            key, {"data": [world.blobs.store(value)], "$blob": "no bytes"}, "right"
        ),
        "delete": lambda key, _: world.delete(key),
        "renew": lambda key, _: world.renew(key),
        "restore": lambda _, revision: go_back(log.at(revision)),
        "keep": lambda *_: kept.append(log.head),
        "return": lambda _, place: go_back(kept[place % len(kept)] if kept else None),
        "reset": lambda *_: world.sandbox.reset(),
        "rewrite": lambda *_: world.file.rewrite(world.grounds, log.head, log.entries()),
    }
    yield told(log.head)
    for step, key, value in steps:
        acts[step](key, value)
        yield told(log.head)


@given(STEPS, STEPS)
def test_what_was_true_is_true_again_with_its_history(first: list[Any], second: list[Any]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "state")
        for steps in (first, second):
            with opened(path) as world:
                list(perform(world, steps))
                head, entries = world.sandbox.log.head, world.sandbox.log.entries()
        with opened(path) as again:
            assert told(again.kept.head) == told(head)
            expected = history(Kept(head, entries))
            assert history(again.kept) == expected[len(entries) - len(again.kept.entries) :]
            assert told(again.sandbox.log.head) == told(head)
            again.put("new", {"n": 1})
            assert again.sandbox.log.head.revision == head.revision + 1


@given(STEPS, st.floats(0, 1), st.booleans())
@settings(max_examples=200)
def test_a_file_that_was_cut_is_what_was_true_before_or_after(
    steps: list[Any], place: float, written_anew: bool
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "state")
        with opened(path) as world:
            states = list(perform(world, steps))
            if written_anew:
                world.file.rewrite(world.grounds, world.sandbox.log.head, ())
                states = [told(world.sandbox.log.head)]
            world.put("last", {"n": 1})
            states.append(told(world.sandbox.log.head))
        whole = path.read_bytes()
        cut = whole[: 1 + int(place * (len(whole) - 1))]
        path.write_bytes(cut)
        copied = Path(folder, "copied")
        copied.write_bytes(cut)
        if message := refusal(copied):
            assert re.search("expected a state file|ends within the state", message)
            return
        with opened(path) as again:
            assert told(again.kept.head) in states
            assert path.read_bytes().startswith(cut[: len(cut) - again.kept.cut])
            again.put("more", {"n": 2})
            now = told(again.sandbox.log.head)
        with opened(path) as more:
            assert told(more.kept.head) == now
            assert more.kept.cut == 0


def test_each_prefix_of_a_small_file_is_before_or_after(tmp_path: Path) -> None:
    path = tmp_path / "state"
    with opened(path) as world:
        begun = path.stat().st_size
        states = [told(world.sandbox.log.head)]
        for number in range(3):
            world.put("ab"[number % 2], {"data": world.blobs.store(bytes([10, number, 10]))})
            states.append(told(world.sandbox.log.head))
    whole = path.read_bytes()
    seen = []
    for length in range(begun, len(whole) + 1):
        path.write_bytes(whole[:length])
        with opened(path) as again:
            seen.append(states.index(told(again.kept.head)))
    assert seen == sorted(seen)
    assert set(seen) == {0, 1, 2, 3}


@given(st.integers(0, 10_000), st.integers(1, 255))
@settings(max_examples=200)
def test_a_byte_that_changed_is_noticed(place: int, difference: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder, "state")
        with opened(path) as world:
            states = [told(world.sandbox.log.head)]
            for number in range(4):
                world.put("ab"[number % 2], {"n": number})
                states.append(told(world.sandbox.log.head))
        data = bytearray(path.read_bytes())
        last = data.rindex(b"\n", 0, len(data) - 1) + 1
        place %= len(data)
        data[place] ^= difference
        path.write_bytes(data)
        if place >= last:
            with opened(path) as again:
                assert told(again.kept.head) == states[-2]
                assert again.kept.cut == len(data) - last
        else:
            message = complaint(path)
            assert "damaged at byte" in message or "state file" in message
            assert path.read_bytes() == bytes(data)


def test_a_line_end_that_changed_before_the_last_line_is_no_torn_end(tmp_path: Path) -> None:
    path = tmp_path / "state"
    with opened(path) as world:
        for number in range(3):
            world.put("a", {"n": number})
    data = bytearray(path.read_bytes())
    data[data.rindex(b"\n", 0, len(data) - 1)] = ord(" ")
    path.write_bytes(data)
    assert "damaged at byte" in complaint(path)
    assert path.read_bytes() == bytes(data)


def test_bytes_that_look_like_a_line_are_no_line(tmp_path: Path) -> None:
    path = tmp_path / "state"
    with opened(path) as world:
        world.put("a", {"n": 1})
        line = path.read_bytes().splitlines(keepends=True)[-1]
        with opened(tmp_path / "other") as other:
            other.put("a", {"n": 1})
        foreign = (tmp_path / "other").read_bytes()
        assert line not in foreign
        world.put("a", {"data": world.blobs.store(b"\n" + foreign + b"\n")})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) - 150])
    with opened(path) as again:
        assert again.kept.head.revision == 1
        assert again.kept.cut > len(foreign)


def test_no_request_number_comes_again(tmp_path: Path) -> None:
    numbers = []
    for _ in range(3):
        with opened(tmp_path / "state") as world:
            numbers.append(world.kept.first_request)
            world.file.rewrite(world.grounds, world.sandbox.log.head, ())
    assert numbers[0] == 1
    assert all(after > before + 10**12 for before, after in itertools.pairwise(numbers))


def test_two_mocks_do_not_share_a_file(tmp_path: Path) -> None:
    path = tmp_path / "state"
    with opened(path) as world:
        assert "another mock keeps its state there" in complaint(path)
        world.file.rewrite(world.grounds, world.sandbox.log.head, ())
        assert "another mock keeps its state there" in complaint(path)
    with opened(path) as world:
        world.put("a", {"n": 1})


@pytest.mark.parametrize("text", [b"notes", b"{}\n", b"\0" * 100, b"00000002 00000000 {}\n"])
def test_a_file_of_another_kind_is_left_as_it_is(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "notes"
    path.write_bytes(text)
    assert "expected a state file" in complaint(path)
    assert path.read_bytes() == text


def test_a_file_in_no_folder_cannot_be_opened(tmp_path: Path) -> None:
    assert "cannot be opened" in complaint(tmp_path / "nowhere" / "state")


def test_a_file_of_a_later_version_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state"
    monkeypatch.setattr(state_file, "FORMAT", 2)
    with opened(path):
        pass
    monkeypatch.undo()
    assert "has the format 2, this version knows 1" in complaint(path)


def test_what_a_state_rests_on_is_compared(tmp_path: Path) -> None:
    path = tmp_path / "state"
    with opened(path) as world:
        world.put("new", {"n": 1})
    with opened(path, "two") as world:
        assert world.kept.others == ["seed"]


def test_changes_are_laid_over_another_seed(tmp_path: Path) -> None:
    path = tmp_path / "state"
    with opened(path) as world:
        world.put("new", {"n": 1})
        world.put("a", {"n": 2})
        world.delete("b")
    other = seed([("api/left", [Record("c", {"n": 7}), Record("d", {"n": 8})])])
    with opened(path, "two", other) as world:
        records = world.kept.head.collection("api/left").records
        assert [(r.key, r.value["n"]) for r in records.values()] == [
            ("c", 7),
            ("d", 8),
            ("new", 1),
            ("a", 2),
        ]


def test_what_does_not_fit_on_the_disk_is_refused_and_leaves_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state"
    with opened(path) as world:
        world.put("a", {"n": 1})
        before, head = path.read_bytes(), told(world.sandbox.log.head)

        def half(descriptor: int, data: memoryview) -> int:
            os.pwrite(descriptor, bytes(data[: len(data) // 2]), len(before))
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(state_file.os, "write", half)
        with pytest.raises(StorageFull, match="No space left"):
            world.put("a", {"n": 2})
        monkeypatch.undo()
        assert path.read_bytes() == before
        assert told(world.sandbox.log.head) == head
        world.put("a", {"n": 3})
    with opened(path) as again:
        assert again.kept.cut == 0
        assert again.kept.head.collection("api/left").records.get("a").value == {"n": 3}


def test_half_a_line_that_could_not_be_taken_back_is_before_the_next_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state"
    with opened(path) as world:
        write = os.write

        def half(descriptor: int, data: memoryview) -> int:
            write(descriptor, data[: len(data) // 2])
            raise OSError(errno.EIO, "Input/output error")

        def cannot(descriptor: int, size: int) -> None:
            raise OSError(errno.EIO, "Input/output error")

        monkeypatch.setattr(state_file.os, "write", half)
        monkeypatch.setattr(state_file.os, "ftruncate", cannot)
        with pytest.raises(StorageFull):
            world.put("a", {"n": 2})
        monkeypatch.undo()
        world.put("a", {"n": 3})
    with opened(path) as again:
        assert again.kept.head.collection("api/left").records.get("a").value == {"n": 3}


def test_more_bytes_than_may_be_kept_are_told(tmp_path: Path) -> None:
    path = tmp_path / "state"
    with opened(path) as world:
        world.put("a", {"data": world.blobs.store(b"x" * 1000)})
    assert "--max-blobs" in complaint(path, limit=100)


def test_bytes_are_in_the_file_once(tmp_path: Path) -> None:
    path = tmp_path / "state"
    with opened(path) as world:
        blob = world.blobs.store(b"one and the same")
        for key in "abc":
            world.put(key, {"data": blob})
    assert path.read_bytes().count(b"one and the same") == 1


def test_a_file_that_grew_is_written_anew_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state"
    monkeypatch.setattr(state_file, "SMALL", 10_000)
    with opened(path) as world:
        for number in range(1_000):
            world.put("abc"[number % 3], {"n": number, "filled": "x" * 200})
            world.file._settle()
        head = told(world.sandbox.log.head)
        assert path.stat().st_size < 15_000
    with opened(path) as again:
        assert told(again.kept.head) == head
        assert len(again.kept.entries) == HISTORY


def test_what_is_written_while_a_file_is_written_anew_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "state"
    monkeypatch.setattr(state_file, "SMALL", 2_000)
    begun, done = threading.Event(), threading.Event()
    begin = state_file._Anew.begin

    def slowly(*arguments: Any) -> None:
        begun.set()
        done.wait()
        begin(*arguments)

    monkeypatch.setattr(state_file._Anew, "begin", slowly)
    done.set()
    with opened(path) as world:
        begun.clear()
        done.clear()
        number = itertools.count()
        while not begun.is_set():
            world.put("a", {"n": next(number), "data": world.blobs.store(b"before")})
        for key in "bcde":
            world.put(key, {"n": next(number), "data": world.blobs.store(b"meanwhile")})
        head = told(world.sandbox.log.head)
        done.set()
        world.file._settle()
        world.put("last", {"n": 0})
        world.delete("last")
        now = told(world.sandbox.log.head)
    with opened(path) as again:
        assert told(again.kept.head) == now
        assert told(again.kept.entries[-3].snapshot) == head


def test_a_state_of_long_ago_is_true_again_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "state"
    with opened(path) as world:
        world.put("a", {"data": world.blobs.store(b"kept")})
        kept = world.sandbox.log.head
        for number in range(3 * HISTORY):
            world.put("b", {"n": number})
        world.sandbox.log.restore(kept)
        head = told(world.sandbox.log.head)
    with opened(path) as again:
        assert told(again.kept.head) == head


def test_a_file_can_be_read_by_people(tmp_path: Path) -> None:
    path = tmp_path / "state"
    with opened(path) as world:
        world.put("a", {"name": "tea"})
    lines = [orjson.loads(line[18:]) for line in path.read_bytes().splitlines()]
    assert lines[0]["kind"] == "mockserver state"
    assert lines[-1]["changes"] == [["api/left", "a", {"name": "tea"}]]
