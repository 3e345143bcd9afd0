"""What the journal keeps, and what it lets go first."""

from __future__ import annotations

import gc
import weakref
from typing import Any

from mockserver.engine.journal import LARGE_HEAD, MAX_BODY, OVERHEAD, Journal
from mockserver.engine.reply import Answer
from mockserver.engine.request import Request
from mockserver.state.sandboxes import Rules, Sandbox, Sandboxes
from tests.engine.tiny import snapshot


def world(name: str = "a") -> Sandbox:
    return Sandbox(name, snapshot(), Rules())


def take(journal: Journal, sandbox: Sandbox, body: bytes = b"", **more: Any) -> None:
    scope = {"path": "/", "query_string": b"", "headers": [], **more}
    journal(scope, Request(sandbox), Answer(200, [], body), 0.5)


def bodies(journal: Journal, sandbox: Sandbox) -> list[bytes]:
    """The bodies that are kept, oldest first."""
    return [each.answer.body for _, each in journal.pages(sandbox).newest()][::-1]


def test_the_newest_come_first_and_are_numbered() -> None:
    journal, mine = Journal(), world()
    for body in (b"1", b"2", b"3"):
        take(journal, mine, body)
    found = [(number, each.answer.body) for number, each in journal.pages(mine).newest()]
    assert found == [(3, b"3"), (2, b"2"), (1, b"1")]
    assert [number for number, _ in journal.pages(mine).newest(3)] == [2, 1]


def test_a_sandbox_keeps_so_many_and_numbers_go_on() -> None:
    journal, mine, other = Journal(limit=3), world("a"), world("b")
    take(journal, other, b"other")
    for number in range(10):
        take(journal, mine, b"%d" % number)
    assert bodies(journal, mine) == [b"7", b"8", b"9"]
    assert bodies(journal, other) == [b"other"]
    pages = journal.pages(mine)
    assert [number for number, _ in pages.newest()] == [10, 9, 8]
    eighth = pages.find(8)
    assert eighth is not None
    assert eighth.answer.body == b"7"
    assert pages.find(7) is None
    assert pages.find(11) is None


def test_the_oldest_of_all_sandboxes_go_first_when_there_is_no_room() -> None:
    journal = Journal(size=20 * (1_000 + OVERHEAD))
    worlds = [world(str(number)) for number in range(10)]
    for number in range(40):
        take(journal, worlds[number % 10], b"%d" % number + b" " * 990)
    kept = sorted(int(body) for each in worlds for body in bodies(journal, each))
    assert kept == list(range(kept[0], 40))
    assert 15 <= len(kept) <= 20


def test_a_large_body_is_cut_and_its_size_told() -> None:
    journal, mine = Journal(), world()
    take(journal, mine, b"x" * (MAX_BODY + 10))
    [(_, kept)] = journal.pages(mine).newest()
    assert kept.answer.body == b"x" * MAX_BODY
    assert kept.answer_bytes == MAX_BODY + 10


def test_large_bodies_count_as_they_are_kept() -> None:
    journal, mine = Journal(size=10 * (MAX_BODY + OVERHEAD)), world()
    for _ in range(30):
        take(journal, mine, b"x" * 1_000_000)
    assert 7 <= len(bodies(journal, mine)) <= 10


def test_large_heads_count() -> None:
    journal, mine = Journal(size=10 * 64 * 1024), world()
    for _ in range(30):
        take(journal, mine, headers=[(b"x", b"y" * 60_000)], **{LARGE_HEAD: True})
    assert len(bodies(journal, mine)) <= 10


def test_what_a_sandbox_that_was_dropped_kept_makes_room() -> None:
    journal = Journal(size=20 * (1_000 + OVERHEAD))
    sandboxes = Sandboxes(snapshot(), Rules(limit=3))
    for number in range(100):
        take(journal, sandboxes.get(f"s{number}"), b" " * 1_000)
        take(journal, sandboxes.default, b"%d" % number)
    kept = [int(body) for body in bodies(journal, sandboxes.default)]
    assert kept[-1] == 99
    assert len(kept) >= 10


def test_a_sandbox_that_is_dropped_takes_its_journal_along() -> None:
    journal, sandboxes = Journal(), Sandboxes(snapshot(), Rules())
    dropped = sandboxes.get("a")
    take(journal, dropped)
    kept = weakref.ref(journal.pages(dropped))
    sandboxes.drop("a")
    gc.collect()
    assert kept() is None
    assert bodies(journal, sandboxes.get("a")) == []


def test_a_reset_leaves_the_journal_as_it_is() -> None:
    journal, mine = Journal(), world()
    take(journal, mine, b"1")
    mine.reset()
    assert bodies(journal, mine) == [b"1"]


def test_what_is_cleared_is_gone_and_followers_are_told() -> None:
    journal, mine, told = Journal(), world(), []
    stop = journal.pages(mine).listen(lambda: told.append("news"))
    take(journal, mine)
    journal.clear(mine)
    assert bodies(journal, mine) == []
    assert told == ["news", "news"]
    stop()
    take(journal, mine, b"2")
    assert told == ["news", "news"]
    assert [number for number, _ in journal.pages(mine).newest()] == [2]


def test_nothing_is_kept_where_nothing_should_be() -> None:
    journal, mine = Journal(limit=0), world()
    take(journal, mine)
    assert bodies(journal, mine) == []


def test_those_who_watch_are_not_watched() -> None:
    journal, mine = Journal(), world()
    request = Request(mine, is_watched=False)
    journal({"path": "/"}, request, Answer(200, [], b""), 0.5)
    assert bodies(journal, mine) == []
