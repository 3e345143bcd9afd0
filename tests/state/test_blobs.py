from __future__ import annotations

from hashlib import sha1

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mockserver.errors import StorageFull
from mockserver.state.blobs import Blob, Blobs
from mockserver.state.log import Log
from mockserver.state.sandboxes import Rules, Sandboxes
from mockserver.state.store import Snapshot

LIMIT = 20


class Shelf(RuleBasedStateMachine):
    """The model is the list of blobs somebody holds."""

    def __init__(self) -> None:
        super().__init__()
        self.blobs = Blobs(LIMIT)
        self.held: list[Blob] = []

    def distinct(self) -> dict[bytes, Blob]:
        return {blob.data: blob for blob in self.held}

    @rule(data=st.binary(max_size=12))
    def store(self, data: bytes) -> None:
        known = self.distinct()
        if data in known:
            blob = self.blobs.store(data)
            assert blob is known[data]
        elif sum(map(len, known)) + len(data) > LIMIT:
            with pytest.raises(StorageFull):
                self.blobs.store(data)
            return
        else:
            blob = self.blobs.store(data)
            assert (blob.data, len(blob)) == (data, len(data))
            assert blob.checksum == sha1(data).hexdigest()
        self.held.append(blob)

    @rule(index=st.integers(0, 30))
    def release(self, index: int) -> None:
        if self.held:
            self.held.pop(index % len(self.held))

    @invariant()
    def only_what_is_held_is_counted(self) -> None:
        assert self.blobs.size == sum(map(len, self.distinct()))


Shelf.TestCase.settings = settings(max_examples=60, deadline=None)
TestShelf = Shelf.TestCase


def test_what_does_not_fit_says_how_much_there_is() -> None:
    blobs = Blobs(10)
    held = blobs.store(b"1234567")
    with pytest.raises(StorageFull, match=r"4 bytes .* bound of 10 bytes \(7 are kept\)"):
        blobs.store(b"more")
    assert blobs.store(b"abc")
    assert held


def test_bytes_that_only_history_holds_make_room() -> None:
    blobs = Blobs(10)
    sandboxes = Sandboxes(Snapshot(), Rules())
    blobs.reclaim = sandboxes.compact
    keep(sandboxes.get("one").log, sandboxes, blobs, b"12345678")
    keep(sandboxes.get("one").log, sandboxes, blobs, b"12")
    assert blobs.size == 10
    keep(sandboxes.get("one").log, sandboxes, blobs, b"abcdefgh")
    assert blobs.size == 10


def keep(log: Log, sandboxes: Sandboxes, blobs: Blobs, data: bytes) -> None:
    sandbox = sandboxes.get("one")
    assert sandbox.log is log
    transaction = sandbox.transaction("api")
    transaction.put("things", "only", blobs.store(data))
    sandbox.commit(transaction)


def test_bytes_that_some_head_holds_are_kept_when_room_is_made() -> None:
    blobs = Blobs(10)
    sandboxes = Sandboxes(Snapshot(), Rules())
    blobs.reclaim = sandboxes.compact
    sandbox = sandboxes.get("one")
    keep(sandbox.log, sandboxes, blobs, b"12345678")
    with pytest.raises(StorageFull):
        blobs.store(b"abcdefgh")
    record = sandbox.transaction("api").get("things", "only")
    assert record is not None
    assert record.value.data == b"12345678"


def test_a_reset_releases_what_came_after_the_seed() -> None:
    blobs = Blobs(10)
    sandboxes = Sandboxes(Snapshot(), Rules())
    log = sandboxes.get("one").log
    keep(log, sandboxes, blobs, b"12345678")
    log.reset()
    assert blobs.size == 0


def test_a_dropped_sandbox_releases_its_bytes() -> None:
    blobs = Blobs(10)
    sandboxes = Sandboxes(Snapshot(), Rules(limit=2))
    keep(sandboxes.get("one").log, sandboxes, blobs, b"12345678")
    sandboxes.get("two")
    assert blobs.size == 0
