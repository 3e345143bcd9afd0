"""Requests told as they are made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from starlette.websockets import WebSocketDisconnect
from websockets.sync.client import ClientConnection, connect

from mockserver.console.requests.feed import FIRST, MOST, Watching
from mockserver.console.requests.shown import Showing
from mockserver.engine.journal import Journal
from mockserver.engine.reply import Answer
from mockserver.engine.request import Request
from mockserver.engine.secrets import Secrets
from mockserver.state.sandboxes import Rules, Sandbox
from tests.console.watched import requests, watched
from tests.engine.tiny import snapshot
from tests.running import Server

FEED = "/__mock__/requests/feed"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("feed"), "assets", "--quiet") as running:
        yield running


def following(server: Server, sandbox: str) -> ClientConnection:
    return connect(f"{server.ws}/@{sandbox}{FEED}")


def told(reader: ClientConnection) -> Any:
    return json.loads(reader.recv(timeout=20))


def until(reader: ClientConnection, last: int) -> list[Any]:
    """The frames up to the one that tells of a request."""
    frames = [told(reader)]
    while last not in [each["id"] for each in frames[-1]["requests"]]:
        frames.append(told(reader))
    return frames


def numbers(frames: list[Any]) -> list[int]:
    """The requests that frames tell of, in the order they were made."""
    return [each["id"] for frame in frames for each in reversed(frame["requests"])]


def test_the_first_frame_has_the_newest_and_a_plain_get_says_the_same(server: Server) -> None:
    with httpx.Client(base_url=f"{server.url}/@first") as http:
        for _ in range(FIRST + 5):
            http.get("/assets/pseudo")
        with following(server, "first") as reader:
            first = told(reader)
        listed = http.get(f"/__mock__/requests?limit={FIRST}").json()["requests"]
        assert first == {"requests": listed, "missed": 0, "cleared": False}
        assert http.get(FEED).json() == first


def test_a_request_is_told_as_it_is_listed(server: Server) -> None:
    with httpx.Client(base_url=f"{server.url}/@same") as http, following(server, "same") as reader:
        assert told(reader)["requests"] == []
        http.get("/assets/pseudo?token=secret")
        assert told(reader)["requests"] == http.get("/__mock__/requests").json()["requests"]


def test_two_readers_are_told_of_every_request_in_order(server: Server) -> None:
    with following(server, "two") as one, following(server, "two") as two, httpx.Client() as http:
        assert told(one)["requests"] == told(two)["requests"] == []
        for _ in range(60):
            http.get(f"{server.url}/@two/assets/pseudo")
        for reader in (one, two):
            frames = until(reader, 60)
            assert numbers(frames) == list(range(1, 61))
            assert {frame["missed"] for frame in frames} == {0}


def test_what_comes_at_once_is_one_frame(server: Server) -> None:
    with following(server, "batch") as reader, httpx.Client() as http:
        told(reader)
        for _ in range(60):
            http.get(f"{server.url}/@batch/assets/pseudo")
        assert len(until(reader, 60)) < 60


def test_a_reader_who_does_not_read_is_no_burden_to_others(server: Server) -> None:
    query = "x" * 4_000
    with (
        following(server, "stuck"),
        following(server, "stuck") as reader,
        httpx.Client() as http,
    ):
        told(reader)
        for _ in range(300):
            assert http.get(f"{server.url}/@stuck/assets/pseudo?{query}").status_code == 200
        frames = until(reader, 300)
        missed = sum(frame["missed"] for frame in frames)
        assert len(numbers(frames)) + missed == 300


def test_each_sandbox_has_a_feed_of_its_own(server: Server) -> None:
    with following(server, "mine") as mine, httpx.Client() as http:
        told(mine)
        http.get(f"{server.url}/@other/assets/pseudo")
        http.get(f"{server.url}/@mine/assets/pseudo?a=b")
        [only] = told(mine)["requests"]
        assert (only["sandbox"], only["query"]) == ("mine", "a=b")


def test_readers_are_told_when_the_journal_is_emptied(server: Server) -> None:
    with httpx.Client(base_url=f"{server.url}/@gone") as http, following(server, "gone") as reader:
        told(reader)
        http.delete("/__mock__/requests")
        assert told(reader) == {"requests": [], "missed": 0, "cleared": True}


def test_a_feed_is_a_request_too(server: Server) -> None:
    with connect(f"{server.ws}/@fed/assets/stream/identifiers") as reader:
        reader.recv(timeout=20)
    with httpx.Client() as http:
        listed = http.get(f"{server.url}/@fed/__mock__/requests?method=ws").json()
    [opened] = listed["requests"]
    assert (opened["status"], opened["path"]) == (101, "/assets/stream/identifiers")
    assert opened["operation"] == "assets_stream_identifiers"


def test_a_refused_feed_is_told_with_its_reason() -> None:
    client = watched()
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/pets"):
        pass
    [refused] = requests(client)
    assert (refused["method"], refused["status"]) == ("WS", 404)
    assert refused["reason"]


class Made:
    """A journal that requests are put into, and one reader."""

    def __init__(self) -> None:
        self.journal = Journal()
        self.sandbox = Sandbox("mine", snapshot(), Rules())
        self.reader = Watching(self.journal, self.sandbox, Showing(Secrets()))

    def take(self, count: int) -> None:
        scope = {"path": "/", "query_string": b"", "headers": [], "scheme": "http"}
        for _ in range(count):
            self.journal(scope, Request(self.sandbox, target="/"), Answer(200, [], b""), 0.1)

    def news(self) -> tuple[list[int], int, bool] | None:
        frame = self.reader.news()
        if frame is None:
            return None
        return [each["id"] for each in frame["requests"]], frame["missed"], frame["cleared"]


def test_nothing_new_is_no_frame() -> None:
    made = Made()
    assert made.news() is None
    made.take(2)
    assert made.news() == ([2, 1], 0, False)
    assert made.news() is None


def test_a_slow_reader_skips_ahead_and_is_told_how_many_it_missed() -> None:
    made = Made()
    made.take(3_000)
    assert made.news() == (list(range(3_000, 3_000 - MOST, -1)), 3_000 - MOST, False)
    made.take(1)
    assert made.news() == ([3_001], 0, False)


def test_what_was_emptied_before_it_was_told_is_not_missed() -> None:
    made = Made()
    made.take(20)
    made.journal.clear(made.sandbox)
    made.take(2)
    assert made.news() == ([22, 21], 0, True)


def test_a_feed_ends_with_its_sandbox() -> None:
    made = Made()
    woken: list[str] = []
    stop = made.reader.listen(lambda: woken.append(made.reader.closed))
    made.sandbox.close("deleted")
    assert woken == ["deleted"]
    stop()
    made.take(1)
    assert woken == ["deleted"]


def test_one_who_watches_keeps_a_sandbox_from_being_idle() -> None:
    made = Made()
    stop = made.reader.listen(lambda: None)
    assert made.sandbox.log.followed
    stop()
    assert not made.sandbox.log.followed
