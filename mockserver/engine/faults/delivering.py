"""How answers and frames are sent when they are to be late, cut short, or lost."""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from mockserver.engine.faults.kinds import LONGEST, Drop, Slow, Truncate
from mockserver.engine.faults.rules import Strike
from mockserver.errors import MockServerError

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]

HANG_UP = "mockserver.hang_up"
"""The ASGI extension that closes the connection of a scope, with a TCP reset if it is told True.

What was sent before is written out first, unless it is a reset. Nothing can be sent any more.
"""

HEADER = b"x-mock-fault"

_PAUSE = 0.02
"""Seconds between two parts of a slow body, or more."""


class ConnectionDropped(MockServerError):
    """A connection is to be closed on purpose, and the server has no extension for it.

    Raised out of the ASGI application, so that the server, or a test in the same process, ends
    the exchange without an answer.
    """


@dataclass(frozen=True, slots=True)
class Delivery:
    """How one answer is sent: after some ``seconds``, and in which way."""

    seconds: float = 0.0
    way: Drop | Truncate | Slow | None = None


async def deliver(
    delivery: Delivery, start: Message, body: bytes, scope: Scope, send: Send
) -> None:
    """Send an answer, or a part of it, or nothing. Raises ConnectionDropped."""
    if delivery.seconds:
        await _wait(delivery.seconds, scope)
    way = delivery.way
    if isinstance(way, Drop):
        hang_up(scope, reset=way.reset)
        return
    await send(start)
    if isinstance(way, Truncate) and body:
        kept = len(body) // 2 if way.bytes is None else min(way.bytes, len(body) - 1)
        await send({"type": "http.response.body", "body": body[:kept], "more_body": True})
        hang_up(scope, reset=False)
        return
    if isinstance(way, Slow):
        body = await _all_but_the_last(way, body, send)
    await send({"type": "http.response.body", "body": body})


async def _wait(seconds: float, scope: Scope) -> None:
    """Hold an answer back; where the server stops meanwhile its caller is left without one."""
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        with contextlib.suppress(ConnectionDropped):
            hang_up(scope, reset=False)
        raise


async def _all_but_the_last(slow: Slow, body: bytes, send: Send) -> bytes:
    """Send a body little by little; returns the last piece, whose time has come."""
    seconds = min(_seconds(slow, len(body)), LONGEST)
    parts = max(1, min(len(body), int(seconds / _PAUSE)))
    size = max(1, math.ceil(len(body) / parts))
    starts = range(0, len(body), size) or range(1)
    for start in starts:
        await asyncio.sleep(seconds / len(starts))
        piece = body[start : start + size]
        if start == starts[-1]:
            return piece
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    raise AssertionError


def _seconds(slow: Slow, size: int) -> float:
    return size / slow.rate if slow.rate else (slow.milliseconds or 0) / 1000


def hang_up(scope: Scope, *, reset: bool) -> None:
    """Close the connection of a scope. Raises ConnectionDropped where the server cannot."""
    close: Callable[[bool], None] | None = scope.get("extensions", {}).get(HANG_UP)
    if close is None:
        raise ConnectionDropped("A fault rule closes this connection without an answer.")
    close(reset)


class FeedSender:
    """Sends the messages of a feed: each frame late, and none any more once enough were sent."""

    def __init__(self, strike: Strike, scope: Scope, send: Send) -> None:
        self._strike = strike
        self._drop = strike.fault if isinstance(strike.fault, Drop) else None
        self._left = self._drop.frames if self._drop else 0
        self._scope = scope
        self._send = send

    async def __call__(self, message: Message) -> None:
        """Send one ASGI message. Raises ConnectionDropped."""
        if message["type"] == "websocket.accept":
            told = (HEADER, self._strike.told().encode())
            message = {**message, "headers": [*message.get("headers", ()), told]}
            if self._left or not self._drop:
                await self._send(message)
            else:
                hang_up(self._scope, reset=self._drop.reset)
        elif message["type"] == "websocket.send":
            await asyncio.sleep(self._strike.delay())
            await self._frame(message)
        else:
            await self._send(message)

    async def _frame(self, message: Message) -> None:
        if not self._drop:
            await self._send(message)
            return
        if self._left:
            await self._send(message)
            self._left -= 1
            if not self._left:
                hang_up(self._scope, reset=self._drop.reset)
        if not self._left:
            await asyncio.Event().wait()  # until the sender is told that nobody is there
