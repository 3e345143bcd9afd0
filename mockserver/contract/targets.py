"""What can be checked: a server at a URL, or an ASGI or WSGI application in this process."""

from __future__ import annotations

import asyncio
import inspect
import io
import itertools
import secrets
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any, Protocol
from urllib.parse import unquote_to_bytes, urlsplit

from mockserver.contract.at_once import Branches, in_threads
from mockserver.contract.feed_clients import (
    AsgiListener,
    Listener,
    NoFeeds,
    SocketListener,
)
from mockserver.contract.http_client import HttpClient
from mockserver.contract.values import Answered, Failed, Message, Outcome

Reset = Callable[[], None]

NO_FEEDS = "because WSGI has no WebSockets: check the server at its URL"


class Target(Protocol):
    """A server that is checked. Each :meth:`send` is followed by one :meth:`receive`."""

    @property
    def base_url(self) -> str:
        """Where the server's root is, for the absolute URLs in its answers."""

    def send(self, message: Message) -> None:
        """Begin a call."""

    def receive(self) -> Outcome:
        """What became of it; never raises, never hangs."""

    def reset(self) -> bool:
        """Bring the server back to its seed; False when it cannot be."""

    def follow(self, message: Message) -> Listener:
        """Open a WebSocket feed. Raises FeedClosed when it cannot be opened."""

    def at_once(self, branches: Branches) -> list[list[Outcome]]:
        """Make the calls of several branches at once; never raises, never hangs."""

    def close(self) -> None:
        """Let go of connections."""


class HttpTarget:
    """A server at a URL. ``resetting`` is the URL that is posted to for a reset."""

    def __init__(self, url: str, timeout: float = 10.0, resetting: str | None = None) -> None:
        parts = urlsplit(url)
        self._origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        self.prefix = parts.path.rstrip("/")
        self._client = HttpClient(url, timeout)
        self._others: list[HttpClient] = []
        self._timeout = timeout
        self._resetting = resetting

    @property
    def resets(self) -> bool:
        """Whether the server can be brought back to its seed."""
        return self._resetting is not None

    @property
    def base_url(self) -> str:
        """The URL, without a slash at its end."""
        return self._origin + self.prefix

    def end_by(self, instant: float) -> None:
        """Wait for no answer after an instant of the monotonic clock."""
        self._client.until = instant

    def send(self, message: Message) -> None:
        """Begin a call."""
        self._client.send(replace(message, target=self._placed(message.target)))

    def _placed(self, target: str) -> str:
        """A target below the server's root."""
        return target if target.startswith(self.prefix + "/") else self.prefix + target

    def follow(self, message: Message) -> Listener:
        """Open a WebSocket feed."""
        url = self._origin.replace("http", "ws", 1) + self._placed(message.target)
        return SocketListener(url, message.headers, self._timeout)

    def at_once(self, branches: Branches) -> list[list[Outcome]]:
        """Make the calls of several branches at once, each branch on a connection of its own."""
        while len(self._others) < len(branches):
            self._others.append(HttpClient(self._origin, self._timeout))
        asks = [partial(self._ask, client) for client in self._others]
        return in_threads(asks, branches)

    def _ask(self, client: HttpClient, message: Message) -> Outcome:
        client.send(replace(message, target=self._placed(message.target)))
        return client.receive()

    def receive(self) -> Outcome:
        """What became of it."""
        return self._client.receive()

    def reset(self) -> bool:
        """Post to the URL for resets."""
        if self._resetting is None:
            return False
        parts = urlsplit(self._resetting)
        client = HttpClient(self._resetting, self._timeout)
        client.send(Message("POST", parts.path or "/", (), b""))
        outcome = client.receive()
        client.close()
        return isinstance(outcome, Answered) and outcome.status < 400  # noqa: PLR2004

    def close(self) -> None:
        """Close the connections."""
        for client in (self._client, *self._others):
            client.close()


class MockTarget(HttpTarget):
    """Our own mock at a URL: a reset is another sandbox."""

    def __init__(self, url: str, timeout: float = 10.0) -> None:
        super().__init__(url, timeout)
        self._run = secrets.token_hex(4)
        self._numbers = itertools.count(1)
        self.prefix = ""
        self.reset()

    @property
    def resets(self) -> bool:
        """There is always another sandbox."""
        return True

    def reset(self) -> bool:
        """Go on in a sandbox that nobody used yet."""
        self.prefix = f"/@check-{self._run}-{next(self._numbers)}"
        return True


class _InProcess:
    """An application in this process."""

    base_url = "http://app.test"

    def __init__(self, app: Any, reset: Reset | None) -> None:
        self._app = app
        self._reset = reset
        self._outcome: Outcome = Failed("closed", "nothing was sent")

    def receive(self) -> Outcome:
        """What it answered."""
        return self._outcome

    def reset(self) -> bool:
        """Call what brings the application back to its seed."""
        if self._reset is None:
            return False
        self._reset()
        return True


class AsgiTarget(_InProcess):
    """An ASGI application, run to the end of each call on an event loop of its own."""

    def __init__(self, app: Any, reset: Reset | None = None, timeout: float = 10.0) -> None:
        super().__init__(app, reset)
        self._timeout = timeout
        self._runner = asyncio.Runner()

    def send(self, message: Message) -> None:
        """Make a call."""
        self._outcome = self._runner.run(self._bounded(message))

    def follow(self, message: Message) -> Listener:
        """Open a WebSocket feed."""
        return AsgiListener(self._app, self._runner, message.target, message.headers)

    def at_once(self, branches: Branches) -> list[list[Outcome]]:
        """Make the calls of several branches at once, as tasks of one event loop."""
        return self._runner.run(self._together(branches))

    async def _together(self, branches: Branches) -> list[list[Outcome]]:
        return list(await asyncio.gather(*map(self._one_branch, branches)))

    async def _one_branch(self, messages: Iterable[Message]) -> list[Outcome]:
        return [await self._bounded(message) for message in messages]

    async def _bounded(self, message: Message) -> Outcome:
        try:
            return await asyncio.wait_for(self._call(message), self._timeout)
        except TimeoutError:
            return Failed("timeout", f"no complete answer within {self._timeout:g} s")
        except Exception as error:  # noqa: BLE001 - whatever the application raises is its answer
            return Failed("closed", f"the application raised {type(error).__name__}: {error}")

    async def _call(self, message: Message) -> Outcome:
        path, _, query = message.target.partition("?")
        headers = [(n.lower().encode(), v.encode("utf-8")) for n, v in message.headers]
        headers.append((b"host", b"app.test"))
        if message.body or message.method in {"POST", "PUT", "PATCH"}:
            headers.append((b"content-length", str(len(message.body)).encode()))
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1",
            "method": message.method, "scheme": "http", "root_path": "",
            "path": unquote_to_bytes(path).decode("utf-8", "replace"), "raw_path": path.encode(),
            "query_string": query.encode(), "headers": headers,
            "client": ("127.0.0.1", 1), "server": ("app.test", 80),
        }  # fmt: skip
        status, found, chunks = 0, [], []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": message.body, "more_body": False}

        async def send(event: dict[str, Any]) -> None:
            nonlocal status, found
            if event["type"] == "http.response.start":
                status, found = event["status"], list(event.get("headers", ()))
            else:
                chunks.append(event.get("body", b""))

        await self._app(scope, receive, send)
        pairs = tuple((n.decode("latin-1").lower(), v.decode("latin-1")) for n, v in found)
        return Answered(status, pairs, b"".join(chunks))

    def close(self) -> None:
        """Close the loop."""
        self._runner.close()


class WsgiTarget(_InProcess):
    """A WSGI application (PEP 3333), called in this thread."""

    def __init__(self, app: Any, reset: Reset | None = None) -> None:
        super().__init__(app, reset)

    def send(self, message: Message) -> None:
        """Make a call."""
        try:
            self._outcome = self._call(message)
        except Exception as error:  # noqa: BLE001 - whatever the application raises is its answer
            detail = f"the application raised {type(error).__name__}: {error}"
            self._outcome = Failed("closed", detail)

    def follow(self, message: Message) -> Listener:
        """A gateway has no WebSockets."""
        raise NoFeeds(NO_FEEDS)

    def at_once(self, branches: Branches) -> list[list[Outcome]]:
        """Make the calls of several branches at once, each branch in a thread of its own."""
        return in_threads([WsgiTarget(self._app).ask for _ in branches], branches)

    def ask(self, message: Message) -> Outcome:
        """Make a call, and what became of it."""
        self.send(message)
        return self._outcome

    def _call(self, message: Message) -> Outcome:
        told: list[tuple[str, list[tuple[str, str]]]] = []

        def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> Any:
            told.append((status, headers))
            return lambda _: None

        chunks: Iterable[bytes] = self._app(_environ(message), start_response)
        body = b"".join(chunks)
        if hasattr(chunks, "close"):
            chunks.close()
        status, headers = told[-1]
        pairs = tuple((name.lower(), value) for name, value in headers)
        return Answered(int(status.split(" ")[0]), pairs, body)

    def close(self) -> None:
        """Nothing is held."""


def _environ(message: Message) -> dict[str, Any]:
    path, _, query = message.target.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": message.method, "SCRIPT_NAME": "", "QUERY_STRING": query,
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"), "RAW_URI": message.target,
        "SERVER_NAME": "app.test", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(message.body),
        "wsgi.errors": sys.stderr, "wsgi.multithread": False, "wsgi.multiprocess": False,
        "wsgi.run_once": False, "HTTP_HOST": "app.test", "CONTENT_LENGTH": str(len(message.body)),
        "REQUEST_URI": message.target,  # as servers tell it, undecoded
    }  # fmt: skip
    for name, value in message.headers:
        variable = name.upper().replace("-", "_")
        prefixed = variable if variable == "CONTENT_TYPE" else f"HTTP_{variable}"
        environ[prefixed] = value.encode("utf-8").decode("latin-1")
    return environ


def open_target(server: Any, reset: Any = None, timeout: float = 10.0) -> Target:
    """The target for a URL, or an ASGI or WSGI application.

    ``reset`` is a URL to post to for a server, a function for an application.
    """
    if isinstance(server, str):
        return _at_url(server, reset, timeout)
    if _is_asgi(server):
        return AsgiTarget(server, reset, timeout)
    return WsgiTarget(server, reset)


def is_shared(target: Target) -> bool:
    """Whether a target is a server that nobody can bring back to its seed."""
    return isinstance(target, HttpTarget) and not target.resets


def _at_url(url: str, reset: str | None, timeout: float) -> HttpTarget:
    if reset is not None:
        return HttpTarget(url, timeout, reset)
    plain = HttpTarget(url, timeout)
    if plain.prefix.startswith("/@"):
        return plain  # a sandbox was chosen
    if not _is_mock(plain):
        return plain
    plain.close()
    return MockTarget(url, timeout)


def _is_mock(target: HttpTarget) -> bool:
    """Whether a server is our own mock: it describes its control API."""
    target.send(Message("GET", "/__mock__/apis/control/openapi.json", (), b""))
    outcome = target.receive()
    return isinstance(outcome, Answered) and b'"reset_sandbox"' in outcome.body


def _is_asgi(app: Any) -> bool:
    call = app if inspect.isfunction(app) else getattr(app, "__call__", None)  # noqa: B004
    return inspect.iscoroutinefunction(call)
