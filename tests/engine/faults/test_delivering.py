from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.engine.faults.delivering import (
    HANG_UP,
    ConnectionDropped,
    Delivery,
    FeedSender,
    deliver,
    hang_up,
)
from mockserver.engine.faults.kinds import Drop, Slow, Truncate
from mockserver.engine.faults.rules import Strike

START = {"type": "http.response.start", "status": 200, "headers": []}
BODY = b"0123456789"


class Line:
    """A connection: what was sent on it, and whether it was closed by a reset or in order."""

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.closed: list[bool] = []
        self.scope = {"extensions": {HANG_UP: self.closed.append}}

    async def send(self, message: Any) -> None:
        self.messages.append(message)

    @property
    def body(self) -> bytes:
        return b"".join(each["body"] for each in self.messages[1:])

    @property
    def is_whole(self) -> bool:
        return not self.messages[-1].get("more_body", False)

    async def deliver(self, way: Any, body: bytes = BODY) -> None:
        await deliver(Delivery(0.0, way), dict(START), body, self.scope, self.send)


def delivered(way: Any, body: bytes = BODY) -> Line:
    line = Line()
    asyncio.run(line.deliver(way, body))
    return line


@pytest.mark.parametrize("reset", [False, True])
def test_a_dropped_answer_is_not_begun(reset: bool) -> None:
    line = delivered(Drop(reset=reset))
    assert (line.messages, line.closed) == ([], [reset])


@given(st.binary(min_size=1), st.none() | st.integers(0, 200))
def test_a_truncated_body_always_lacks_something(body: bytes, size: int | None) -> None:
    line = delivered(Truncate(size), body)
    assert body.startswith(line.body)
    assert len(line.body) < len(body)
    assert len(line.body) == (len(body) // 2 if size is None else min(size, len(body) - 1))
    assert (line.is_whole, line.closed) == (False, [False])


@given(st.binary(max_size=100), st.floats(0, 60))
@settings(max_examples=20)
def test_a_slow_body_comes_whole_piece_by_piece(body: bytes, milliseconds: float) -> None:
    line = delivered(Slow(milliseconds=milliseconds), body)
    assert line.body == body
    assert line.is_whole
    assert line.closed == []
    assert [each.get("more_body", False) for each in line.messages[1:-1]] == [True] * (
        len(line.messages) - 2
    )


def test_a_rate_decides_how_many_pieces_there_are() -> None:
    assert [each["body"] for each in delivered(Slow(rate=100), b"12345").messages[1:]] == [
        b"123", b"45",
    ]  # fmt: skip


@pytest.mark.parametrize("way", [Drop(), Truncate()])
@pytest.mark.parametrize("scope", [{}, {"extensions": {}}])
def test_without_the_extension_the_application_raises(way: Any, scope: dict[str, Any]) -> None:
    line = Line()
    line.scope = scope
    with pytest.raises(ConnectionDropped):
        asyncio.run(line.deliver(way))


async def follow(strike: Strike, line: Line) -> None:
    """Send five frames, or fewer if the sender waits for the caller to be gone."""
    sender = FeedSender(strike, line.scope, line.send)
    await sender({"type": "websocket.accept"})
    task = asyncio.ensure_future(sender({"type": "websocket.send", "text": "x"}))
    for _ in range(4):
        for _ in range(5):
            await asyncio.sleep(0)
        if not task.done():
            task.cancel()
            return
        task = asyncio.ensure_future(sender({"type": "websocket.send", "text": "x"}))
    await task


@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_feed_is_closed_after_so_many_frames(count: int) -> None:
    line = Line()
    strike = Strike(["one"], fault=Drop(frames=count))
    asyncio.run(follow(strike, line))
    kinds = [each["type"] for each in line.messages]
    assert kinds == ["websocket.accept"][: bool(count)] + ["websocket.send"] * count
    assert line.closed == [False]


def test_a_feed_says_which_rule_strikes_it() -> None:
    line = Line()
    asyncio.run(follow(Strike(["one", "two"]), line))
    assert len(line.messages) == 6
    assert line.messages[0]["headers"] == [(b"x-mock-fault", b"one, two")]
    assert line.closed == []


def test_closing_is_told_to_the_server() -> None:
    line = Line()
    hang_up(line.scope, reset=True)
    assert line.closed == [True]
