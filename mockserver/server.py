"""The HTTP server: uvicorn with bounds of ours, a socket bound before it, and a clean stop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
import struct
import threading
import weakref
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from mockserver.engine.faults.delivering import HANG_UP
from mockserver.engine.journal import LARGE_HEAD
from mockserver.engine.problems import problem_reply
from mockserver.engine.reply import Answer, undescribed
from mockserver.errors import ApiError, Problem, StartupError

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application

MAX_HEADERS = 64 * 1024
"""Bytes of request line and headers; more is refused with 431 (RFC 6585, section 5)."""

_USUAL_HEAD = 2 * 1024


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1 protocol, which by itself takes headers of any size."""

    _reading_headers = True
    _header_bytes = 0
    _piece = 0
    _refused: Answer | None = None
    _running: RequestResponseCycle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A caller has come."""
        super().connection_made(transport)
        self._extensions: dict[str, Any] = {HANG_UP: _HangUp(self)}

    def data_received(self, data: bytes) -> None:
        """Count what comes before the headers are complete, then let uvicorn parse it."""
        if self._refused is not None:
            return
        self._piece = len(data)
        if self._reading_headers:
            self._header_bytes += len(data)
        super().data_received(data)
        if self._reading_headers and self._header_bytes > MAX_HEADERS:
            self._refuse(_TOO_LARGE)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header of the head; trailers, which may have any size, are dropped."""
        if self._reading_headers:
            super().on_header(name, value)

    def handle_websocket_upgrade(self) -> None:
        """A refused request is not upgraded either."""
        if self._refused is None:
            super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP request with problem details instead of plain text."""
        self._refuse(ApiError(400, msg))

    def on_headers_complete(self) -> None:
        """The head is complete: judge its size before any handler sees it."""
        if self._header_bytes + self._piece > MAX_HEADERS and self._head_size() > MAX_HEADERS:
            self._refuse(_TOO_LARGE)
            return
        self._reading_headers = False
        if self._header_bytes + self._piece > _USUAL_HEAD:
            self.scope.update({LARGE_HEAD: True})  # type: ignore[misc]
        super().on_headers_complete()

    def _head_size(self) -> int:
        """The exact size; a piece may hold the end of another message, or a body, as well."""
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)

    def on_message_complete(self) -> None:
        """What follows is the head of the next request."""
        self._reading_headers = True
        self._header_bytes = 0
        if self._refused is None:
            super().on_message_complete()

    def on_body(self, body: bytes) -> None:
        """Body bytes of a refused request are dropped."""
        if self._refused is None:
            super().on_body(body)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """A request is handed to the application, which may close its connection.

        Of pipelined requests it is the only one that is answered now.
        """
        self._running = cycle
        cycle.scope["extensions"] = self._extensions
        super()._start_asgi_task(cycle, app)

    def hang_up(self, *, reset: bool) -> None:
        """Close the connection; what the request that is answered now would still send is lost."""
        if self._running is not None:
            self._running.disconnected = True
        _close(self.transport, reset=reset)

    def _refuse(self, error: ApiError) -> None:
        """Answer with problem details and close, once the answers that are due are out."""
        if self._refused is None:
            self._refused = undescribed(problem_reply(error))
            cycle = self.cycle
            # An answer that waits for the rest of a body that is broken will never be out.
            if cycle is None or cycle.response_complete or cycle.more_body:
                self._send_refusal(self._refused)

    def on_response_complete(self) -> None:
        """An answer is out; a refusal that waited for it may follow."""
        super().on_response_complete()
        # With pipelined requests the newest is the one in ``cycle``.
        if self._refused is not None and self.cycle.response_complete:
            self._send_refusal(self._refused)

    def _send_refusal(self, answer: Answer) -> None:
        phrase = HTTPStatus(answer.status).phrase
        head = [f"HTTP/1.1 {answer.status} {phrase}".encode(), b"connection: close"]
        head += [name + b": " + value for name, value in answer.headers]
        self.transport.write(b"\r\n".join(head) + b"\r\n\r\n" + answer.body)
        self.transport.close()


class FeedProtocol(WebSocketsSansIOProtocol):
    """uvicorn's WebSocket protocol, whose connections may be closed without a close frame."""

    def handle_connect(self, event: Request) -> None:
        """The application may close the connection of a feed."""
        super().handle_connect(event)
        if not self.handshake_complete:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions[HANG_UP] = _HangUp(self)

    def hang_up(self, *, reset: bool) -> None:
        """Close the connection without a word; what is due is not sent any more."""
        self.handshake_complete = True
        _close(self.transport, reset=reset)


class _HangUp:
    """Closes the connection of a scope, and does not keep it alive with the scope."""

    __slots__ = ("_protocol",)

    def __init__(self, protocol: BoundedProtocol | FeedProtocol) -> None:
        self._protocol = weakref.ref(protocol)

    def __call__(self, reset: bool) -> None:  # noqa: FBT001 - the extension has it so
        protocol = self._protocol()
        if protocol is not None:
            protocol.hang_up(reset=reset)


def _close(transport: asyncio.Transport, *, reset: bool) -> None:
    """Close a connection: in order, or with a reset, which SO_LINGER of 0 s makes of a close."""
    if not reset or transport.is_closing():
        transport.close()
        return
    known = transport.get_extra_info("socket")
    if known is not None:
        # The option is that of the connection: it holds for whoever closes it last.
        with socket.socket(fileno=os.dup(known.fileno())) as same:
            same.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


_TOO_LARGE = ApiError(431, f"The request line and headers are larger than {MAX_HEADERS} bytes.")


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. Raises StartupError when it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(2048)
    except (OSError, OverflowError) as error:
        listening.close()
        raise StartupError([Problem(f"{host}:{port}", "", _reason(error, port))]) from error
    return listening


def address(listening: socket.socket) -> str:
    """The URL at which a listening socket is reached from this machine."""
    host, port = listening.getsockname()[:2]
    if host in ("0.0.0.0", "::"):  # noqa: S104 - comparing, not binding
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _reason(error: OSError | OverflowError, port: int) -> str:
    code = getattr(error, "errno", None)
    if code == errno.EADDRINUSE:
        return "the port is taken; stop what listens there, or choose another with --port (0: any)"
    if code == errno.EACCES:
        return f"binding port {port} is forbidden to this user; choose one above 1023 with --port"
    return f"cannot be bound: {error}"


def run(
    app: Any,
    listening: socket.socket,
    *,
    date_header: bool,
    ready: Callable[[], None],
    stopped: Callable[[], None],
) -> None:
    """Serve until interrupted.

    ``ready`` is called, in a thread, once requests are taken; ``stopped`` once none is any more.

    Without ``date_header`` answers carry no ``Date``: with a fixed clock there is no
    approximation of the time to send (RFC 9110, section 6.6.1).
    """
    config = uvicorn.Config(
        app,
        http=BoundedProtocol,
        ws=FeedProtocol,
        lifespan="off",
        access_log=False,
        log_level="critical",
        date_header=date_header,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
        ws_max_size=1024 * 1024,
        ws_per_message_deflate=False,  # on loopback it costs time and memory, and saves nothing
    )
    with contextlib.suppress(KeyboardInterrupt):
        _Server(config, ready, stopped).run(sockets=[listening])


class _Server(uvicorn.Server):
    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], stopped: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._stopped = stopped

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        threading.Thread(target=self._ready, name="ready").start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        self._stopped()
