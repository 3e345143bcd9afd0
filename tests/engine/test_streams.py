from __future__ import annotations

import json
import weakref
from typing import Any

import pytest

from mockserver.engine.endpoint import Endpoint
from mockserver.engine.handlers import Call, Reply
from mockserver.engine.streams import Feed, Reader
from mockserver.errors import ReplyError
from mockserver.state.sandboxes import Sandbox
from mockserver.state.store import Change
from tests.engine.tiny import endpoint, json_content, sandbox

TOLD = {"200": {"content": json_content({"type": "array", "items": {"type": "string"}})}}


def listing(call: Call) -> Reply:
    return Reply([record.key for record in call.transaction.records("things")])


def said(call: Call, changes: tuple[Change, ...]) -> Any:
    """A sign for what happened and the key, of each change."""
    return [_sign(change) + change.key for change in changes]


def _sign(change: Change) -> str:
    if change.after is None:
        return "-"
    return "+" if change.before is None else "*"


def streaming(stream: Any) -> Endpoint:
    return endpoint(listing, method="get", responses=TOLD, **{"x-stream": stream})


def feed(frames: Any = said, **stream: Any) -> Feed:
    return Feed(streaming({"collection": "things", **stream}), frames)


def write(world: Sandbox, *writes: str, collection: str = "things") -> None:
    """Commit once: ``a`` puts, ``-a`` deletes."""
    transaction = world.transaction("tiny")
    for each in writes:
        if each.startswith("-"):
            transaction.delete(collection, each[1:])
        else:
            transaction.put(collection, each, object())
    world.commit(transaction)


def frames(reader: Reader) -> list[Any]:
    return [json.loads(frame) for frame in reader.frames()]


@pytest.fixture
def world() -> Sandbox:
    return sandbox(("a", 1), ("b", 2), history=5)


def test_the_first_frame_is_what_a_plain_get_says(world: Sandbox) -> None:
    reader = Reader(feed(), world)
    write(world, "c")
    assert json.loads(reader.first() or b"null") == ["a", "b"]
    assert frames(reader) == [["+c"]]


def test_a_feed_may_have_no_first_frame(world: Sandbox) -> None:
    assert Reader(feed(first=False), world).first() is None


def test_one_frame_for_each_commit_in_order(world: Sandbox) -> None:
    reader = Reader(feed(), world)
    assert frames(reader) == []
    write(world, "c")
    write(world, "a", "-b", "d")
    write(world, "-c")
    assert reader.backlog() == 3
    assert frames(reader) == [["+c"], ["*a", "-b", "+d"], ["-c"]]
    assert reader.backlog() == 0
    assert frames(reader) == []
    write(world, "-a")
    assert frames(reader) == [["-a"]]


def test_other_collections_are_not_told(world: Sandbox) -> None:
    reader = Reader(feed(), world)
    write(world, "x", collection="others")
    write(world, "c")
    assert frames(reader) == [["+c"]]


def test_what_frames_leave_out_is_not_sent(world: Sandbox) -> None:
    reader = Reader(feed(lambda call, changes: None), world)
    write(world, "c")
    assert frames(reader) == []
    assert reader.backlog() == 0


def test_a_feed_of_nothing_never_changes(world: Sandbox) -> None:
    silent = Reader(Feed(streaming({}), said), world)
    unmade = Reader(feed(None), world)
    write(world, "c")
    assert (frames(silent), frames(unmade)) == ([], [])
    world.log.reset()
    assert (frames(silent), frames(unmade)) == ([], [])


def test_a_reset_is_one_frame_of_what_is_different(world: Sandbox) -> None:
    reader = Reader(feed(), world)
    write(world, "c")
    write(world, "-a", "b")
    assert len(frames(reader)) == 2
    world.log.reset()
    assert frames(reader) == [["-c", "+a", "*b"]]
    write(world, "d")
    write(world, "e")
    assert frames(reader) == [["+d"], ["+e"]]


def test_a_reset_to_what_was_seen_is_no_frame(world: Sandbox) -> None:
    reader = Reader(feed(), world)
    write(world, "c")
    world.log.reset()
    assert frames(reader) == []


def test_commits_after_a_reset_are_told_however_their_numbers_lie(world: Sandbox) -> None:
    reader = Reader(feed(), world)
    write(world, "c")
    assert frames(reader) == [["+c"]]
    world.log.reset()
    write(world, "d")
    assert frames(reader) == [["-c", "+d"]]


def test_when_history_is_forgotten_the_difference_is_told(world: Sandbox) -> None:
    reader = Reader(feed(), world)
    write(world, "c")
    world.log.compact()
    write(world, "-a")
    assert frames(reader) == [["-a", "+c"]]
    for key in "defghi":
        write(world, key)
    assert frames(reader) == [["+d", "+e", "+f", "+g", "+h", "+i"]]
    assert reader.backlog() == 0


def test_readers_share_what_was_made(world: Sandbox) -> None:
    made: list[int] = []

    def counted(call: Call, changes: tuple[Change, ...]) -> Any:
        made.append(1)
        return said(call, changes)

    shared = feed(counted)
    readers = [Reader(shared, world) for _ in range(5)]
    write(world, "c")
    write(world, "d")
    assert [frames(reader) for reader in readers] == [[["+c"], ["+d"]]] * 5
    assert len(made) == 2


def test_readers_of_different_sandboxes_share_nothing(world: Sandbox) -> None:
    shared = feed()
    other = sandbox()
    readers = Reader(shared, world), Reader(shared, other)
    write(world, "c")
    write(other, "d")
    assert [frames(reader) for reader in readers] == [[["+c"]], [["+d"]]]


def test_frames_from_before_and_after_a_reset_are_not_confused(world: Sandbox) -> None:
    shared = feed()
    first = Reader(shared, world)
    write(world, "c")
    assert frames(first) == [["+c"]]
    world.log.reset()
    second = Reader(shared, world)
    write(world, "d")
    assert frames(second) == [["+d"]]


def test_a_frame_sees_the_state_of_its_commit(world: Sandbox) -> None:
    def known(call: Call, changes: tuple[Change, ...]) -> Any:
        return listing(call).body

    reader = Reader(feed(known), world)
    write(world, "c")
    write(world, "-a")
    assert frames(reader) == [["a", "b", "c"], ["b", "c"]]


def test_a_frame_that_breaks_the_description_is_not_sent(world: Sandbox) -> None:
    reader = Reader(feed(lambda call, changes: [1]), world)
    write(world, "c")
    with pytest.raises(ReplyError):
        frames(reader)


class Held:
    """A value that can be seen to go."""


def test_what_the_history_has_forgotten_is_not_kept_for_its_frame(world: Sandbox) -> None:
    reader = Reader(feed(), world)
    value = Held()
    gone = weakref.ref(value)
    transaction = world.transaction("tiny")
    transaction.put("things", "held", value)
    world.commit(transaction)
    del transaction, value
    assert frames(reader) == [["+held"]]
    write(world, "-held")
    assert frames(reader) == [["-held"]]
    assert gone() is not None
    world.log.compact()
    assert gone() is None


def test_large_frames_are_not_kept(world: Sandbox) -> None:
    made: list[str] = []

    def counted(call: Call, changes: tuple[Change, ...]) -> Any:
        [change] = changes
        made.append(change.key)
        return [change.key * 100_000 if change.key == "l" else change.key]

    shared = feed(counted)
    readers = [Reader(shared, world) for _ in range(3)]
    write(world, "s")
    write(world, "l")
    assert [frames(reader) for reader in readers] == [[["s"], ["l" * 100_000]]] * 3
    assert sorted(made) == ["l", "l", "l", "s"]


def test_the_backlog_after_a_reset_counts_all_that_is_unread(world: Sandbox) -> None:
    reader = Reader(feed(), world)
    for key in "cdef":
        write(world, key)
    assert len(frames(reader)) == 4
    world.log.reset()
    assert reader.backlog() == 1
    write(world, "g")
    write(world, "h")
    assert reader.backlog() == 3
    assert frames(reader) == [["-c", "-d", "-e", "-f", "+g", "+h"]]
    assert reader.backlog() == 0
