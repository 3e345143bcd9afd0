"""One WebSocket connection that follows a feed, in ASGI messages."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from mockserver.engine.reply import Answer
from mockserver.engine.streams import MAX_BACKLOG, Following
from mockserver.state.log import RELOADED

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

TRY_AGAIN_LATER = 1013
GOING_AWAY = 1001
INTERNAL_ERROR = 1011
SERVICE_RESTART = 1012
_CLOSE_WAIT = 2.0
"""Seconds a reader that does not read has to take its close frame."""


class Connection:
    """Sends a reader's frames until the caller leaves, is too slow, or the sandbox is dropped."""

    def __init__(self, reader: Following, receive: Receive, send: Send) -> None:
        self._reader = reader
        self._receive = receive
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._news = asyncio.Event()
        self._slow = asyncio.Event()

    async def run(self) -> None:
        """Accept, follow, close. Returns when the connection is done with."""
        await self._receive()
        await self._send({"type": "websocket.accept"})
        stop = self._reader.listen(self._committed)
        tasks = [
            asyncio.ensure_future(job())
            for job in (self._follow, self._until_gone, self._slow.wait)
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if tasks[1] not in done:
                await self._close(tasks[0])
        finally:
            stop()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _committed(self) -> None:
        """Called on the committing thread, which may be another one than the loop's."""
        if threading.get_ident() == self._thread:
            self._wake()
        elif not self._loop.is_closed():
            with contextlib.suppress(RuntimeError):  # it may close between the two lines
                self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._news.set()
        if self._reader.backlog() > MAX_BACKLOG:
            self._slow.set()

    async def _follow(self) -> None:
        first = self._reader.first()
        if first is not None:
            await self._text(first)
        while not self._reader.closed:
            for frame in self._reader.frames():
                await self._text(frame)
            if self._reader.pause:
                await asyncio.sleep(self._reader.pause)
            await self._news.wait()
            self._news.clear()

    async def _text(self, frame: bytes) -> None:
        await self._send({"type": "websocket.send", "text": frame.decode()})

    async def _until_gone(self) -> None:
        while (await self._receive())["type"] != "websocket.disconnect":
            pass  # what a caller says on a feed is not part of any contract

    async def _close(self, following: asyncio.Task[Any]) -> None:
        if following.done():
            following.result()
            reason = self._reader.closed
            code = SERVICE_RESTART if reason == RELOADED else GOING_AWAY
        else:
            following.cancel()
            code = TRY_AGAIN_LATER
            reason = f"too slow: {self._reader.backlog()} changes behind, {MAX_BACKLOG} allowed"
        close = {"type": "websocket.close", "code": code, "reason": reason}
        with contextlib.suppress(TimeoutError):  # it still does not read
            await asyncio.wait_for(self._send(close), _CLOSE_WAIT)


async def deny(scope: Message, receive: Receive, send: Send, answer: Answer) -> None:
    """Refuse an upgrade with an HTTP answer where the server can send one (ASGI extension)."""
    await receive()
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close"})
        return
    start = {
        "type": "websocket.http.response.start",
        "status": answer.status,
        "headers": answer.headers,
    }
    await send(start)
    await send({"type": "websocket.http.response.body", "body": answer.body})
