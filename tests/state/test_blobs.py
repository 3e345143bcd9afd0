from __future__ import annotations

import threading
from hashlib import sha1
from typing import Any

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


Shelf.TestCase.settings = settings(max_examples=60)
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


def test_after_a_reset_bytes_are_kept_for_the_history_until_their_room_is_needed() -> None:
    blobs = Blobs(10)
    sandboxes = Sandboxes(Snapshot(), Rules())
    blobs.reclaim = sandboxes.compact
    log = sandboxes.get("one").log
    keep(log, sandboxes, blobs, b"12345678")
    log.reset()
    assert blobs.size == 8
    keep(log, sandboxes, blobs, b"abcdefgh")
    assert blobs.size == 8


def test_a_dropped_sandbox_releases_its_bytes() -> None:
    blobs = Blobs(10)
    sandboxes = Sandboxes(Snapshot(), Rules(limit=2))
    keep(sandboxes.get("one").log, sandboxes, blobs, b"12345678")
    sandboxes.get("two")
    assert blobs.size == 0


class Evicted:
    """Holds a blob and says when it goes, which is just before the blob does."""

    def __init__(self, blob: Blob, going: threading.Event) -> None:
        self.blob = blob
        self.going = going

    def __del__(self) -> None:
        self.going.set()


def test_making_room_while_a_commit_frees_a_blob_does_not_deadlock() -> None:
    blobs = Blobs(10)
    sandboxes = Sandboxes(Snapshot(), Rules(history=1))
    sandbox = sandboxes.get("one")
    reclaiming, going = threading.Event(), threading.Event()

    def put(value: Any) -> None:
        transaction = sandbox.transaction("api")
        transaction.put("things", "only", value)
        sandbox.commit(transaction)

    def reclaim() -> None:
        reclaiming.set()
        assert going.wait(10)  # the other thread holds the log's lock and frees the blob
        sandboxes.compact()

    def evict() -> None:
        assert reclaiming.wait(10)
        put(2)

    stored: list[Blob] = []
    blobs.reclaim = reclaim
    put(Evicted(blobs.store(b"12345678"), going))
    put(1)  # its entry, the only one kept, remembers what it replaced
    jobs = (lambda: stored.append(blobs.store(b"abcdefgh")), evict)
    threads = [threading.Thread(target=job, daemon=True) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)
    assert [blob.data for blob in stored] == [b"abcdefgh"]
    assert blobs.size == 8


def test_all_who_hold_a_blob_share_its_text() -> None:
    blobs = Blobs(100)
    one, other = blobs.store("zażółć".encode()), blobs.store("zażółć".encode())
    assert one.text() == "zażółć"
    assert one.text() is other.text()


def test_bytes_that_are_no_text_say_so_every_time() -> None:
    blob = Blobs(100).store(b"\xff")
    for _ in range(2):
        with pytest.raises(ValueError, match="utf-8"):
            blob.text()


def test_all_who_hold_a_blob_share_the_work_done_on_it() -> None:
    blobs = Blobs(100)
    one, same, other = blobs.store(b"a"), blobs.store(b"a"), blobs.store(b"b")
    assert one.work == {}
    one.work["size"] = 1
    assert same.work == {"size": 1}
    assert other.work == {}


def test_work_goes_with_its_blob() -> None:
    blobs = Blobs(100)
    blob = blobs.store(b"a")
    blob.work["size"] = 1
    del blob
    assert blobs.size == 0
    assert blobs.store(b"a").work == {}


def test_work_takes_nothing_from_the_bound() -> None:
    blobs = Blobs(10)
    blob = blobs.store(b"a")
    blob.work["picture"] = b"x" * 100
    assert blobs.size == 1
