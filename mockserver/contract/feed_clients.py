"""WebSocket feeds of a server that is checked: frames come one by one, or not in time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Any, Protocol
from urllib.parse import unquote_to_bytes

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import connect

MAX_FRAME = 64 * 1024 * 1024
"""Bytes of one frame; a larger one ends the connection (RFC 6455, section 7.4.1, code 1009)."""

Frame = str | bytes


class FeedClosed(Exception):
    """The feed cannot be opened, or ended; the text says why."""


class NoFeeds(KeyError):
    """Feeds cannot be followed where a target is; no call to one can be made."""


class Listener(Protocol):
    """One open feed."""

    def receive(self, seconds: float) -> Frame | None:
        """The next frame; None when none came in time. Raises FeedClosed."""

    def close(self) -> None:
        """Leave."""


class SocketListener:
    """A feed over a real WebSocket. Raises FeedClosed when it cannot be opened."""

    def __init__(self, url: str, headers: Sequence[tuple[str, str]], timeout: float) -> None:
        self._leaving = contextlib.ExitStack()
        try:
            opening = connect(
                url,
                additional_headers=list(headers),
                open_timeout=timeout,
                close_timeout=0.1,
                compression=None,
                ping_interval=None,
                proxy=None,
                max_size=MAX_FRAME,
                user_agent_header=None,
            )
            self._connection = self._leaving.enter_context(opening)
        except (WebSocketException, OSError, EOFError) as error:
            raise FeedClosed(f"the upgrade failed: {error or type(error).__name__}") from error

    def receive(self, seconds: float) -> Frame | None:
        """The next frame; None when none came in time."""
        try:
            return self._connection.recv(timeout=max(seconds, 0.0))
        except TimeoutError:
            return None
        except ConnectionClosed as error:
            raise FeedClosed(f"the server ended the feed: {error}") from error

    def close(self) -> None:
        """Leave, without waiting for the server to agree."""
        with contextlib.suppress(WebSocketException, OSError):
            self._leaving.close()


class AsgiListener:
    """A feed of an ASGI application, which runs while it is listened to."""

    def __init__(
        self, app: Any, runner: asyncio.Runner, target: str, headers: Sequence[tuple[str, str]]
    ) -> None:
        self._runner = runner
        self._frames: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._gone = asyncio.Event()
        self._greeted = False
        path, _, query = target.partition("?")
        scope = {
            "type": "websocket", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "ws",
            "path": unquote_to_bytes(path).decode("utf-8", "replace"), "raw_path": path.encode(),
            "query_string": query.encode(), "root_path": "", "subprotocols": [],
            "headers": [(n.lower().encode(), v.encode("utf-8")) for n, v in headers],
            "client": ("127.0.0.1", 1), "server": ("app.test", 80),
        }  # fmt: skip
        self._task = runner.get_loop().create_task(self._run(app, scope))

    async def _run(self, app: Any, scope: dict[str, Any]) -> None:
        try:
            await app(scope, self._said, self._frames.put)
        except Exception as error:  # noqa: BLE001 - whatever the application raises ends the feed
            reason = f"{type(error).__name__}: {error}"
            await self._frames.put({"type": "websocket.close", "code": 1011, "reason": reason})
        else:
            await self._frames.put({"type": "websocket.close", "code": 1000, "reason": ""})

    async def _said(self) -> dict[str, Any]:
        if not self._greeted:
            self._greeted = True
            return {"type": "websocket.connect"}
        await self._gone.wait()
        return {"type": "websocket.disconnect", "code": 1001}

    def receive(self, seconds: float) -> Frame | None:
        """The next frame; None when none came in time."""
        return self._runner.run(self._next(seconds))

    async def _next(self, seconds: float) -> Frame | None:
        try:
            async with asyncio.timeout(max(seconds, 0.001)):
                while True:
                    event = await self._frames.get()
                    if event["type"] == "websocket.send":
                        text: str | None = event.get("text")
                        return text if text is not None else bytes(event.get("bytes") or b"")
                    if event["type"] != "websocket.accept":
                        raise FeedClosed(f"the application ended the feed: {event}")
        except TimeoutError:
            return None

    def close(self) -> None:
        """Leave."""
        self._runner.run(self._leave())

    async def _leave(self) -> None:
        self._gone.set()
        with contextlib.suppress(asyncio.CancelledError, TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._task), 0.05)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


PATIENCE = 3.0
"""Seconds that the first frame which seems not to come is waited for."""

LEAST = 0.3
GRACE = 0.01


class Following:
    """The feeds that are open in one check, and how quickly frames come."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._slowest = 0.0
        self._missed = False

    def add(self, listener: Listener) -> Listener:
        """Remember a feed, so that it is left in the end."""
        self._listeners.append(listener)
        return listener

    def leave(self) -> None:
        """Close all feeds."""
        for listener in self._listeners:
            listener.close()
        self._listeners.clear()

    def came(self, seconds: float) -> None:
        """Remember how long a frame took."""
        self._slowest = max(self._slowest, seconds)

    def missed(self) -> None:
        """A frame did not come: from now on none is waited for that long."""
        self._missed = True

    @property
    def patience(self) -> float:
        """Seconds after which a frame that should come does not."""
        return min(PATIENCE, max(LEAST, 8 * self._slowest)) if self._missed else PATIENCE

    @property
    def grace(self) -> float:
        """Seconds in which a frame would come that should not."""
        return min(0.1, max(GRACE, 2 * self._slowest))
