"""One keep-alive connection that speaks HTTP/1.1 (RFC 9112), bounded in time and bytes."""

from __future__ import annotations

import select
import socket
import ssl
from time import monotonic
from urllib.parse import urlsplit

import httptools

from mockserver.contract.values import Answered, Failed, Message, Outcome

CHUNK = 256 * 1024
MOST_HEAD = 512 * 1024
"""Bytes that are read beside a body: its head, and its trailers."""

FRAMED = 8
"""Bytes that are read for one of a body: chunks may be short (RFC 9112, section 7.1)."""

INTERIM = 200
"""Statuses below it announce an answer, and are none (RFC 9110, section 15.2)."""


class _Received:
    """What httptools tells of one answer."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.headers: list[tuple[str, str]] = []
        self.body = bytearray()
        self.head = False
        self.complete = False
        self.too_large = False

    def on_message_begin(self) -> None:
        """An answer begins; what came before it was an interim one (RFC 9110, section 15.2)."""
        self.headers.clear()
        self.body.clear()
        self.head = self.complete = False

    def on_headers_complete(self) -> None:
        self.head = True

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.decode("latin-1").lower(), value.decode("latin-1")))

    def on_body(self, data: bytes) -> None:
        self.body += data
        if len(self.body) > self._limit:
            self.too_large = True

    def on_message_complete(self) -> None:
        self.complete = True


class HttpClient:
    """A connection to one server, opened when it is needed and again when it was closed.

    ``timeout`` is in seconds, for a whole answer; ``limit`` in bytes, for its body. No answer is
    waited for after ``until``, an instant of the monotonic clock.
    """

    def __init__(self, url: str, timeout: float = 10.0, limit: int = 64 * 1024 * 1024) -> None:
        parts = urlsplit(url)
        self._host = parts.hostname or "localhost"
        self._secure = parts.scheme == "https"
        self._port = parts.port or (443 if self._secure else 80)
        self.netloc = parts.netloc.rpartition("@")[2]
        self._timeout = timeout
        self._limit = limit
        self._socket: socket.socket | None = None
        self._head = False
        self._deadline = 0.0
        self.until = float("inf")
        self._pending: bytes | None = None
        self._fresh = True

    def send(self, message: Message) -> None:
        """Send a call; :meth:`receive` tells what became of it."""
        lines = [f"{message.method} {message.target} HTTP/1.1", f"Host: {self.netloc}"]
        lines += [f"{name}: {value}" for name, value in message.headers]
        if message.body or message.method in {"POST", "PUT", "PATCH"}:
            lines.append(f"Content-Length: {len(message.body)}")
        head = "\r\n".join(lines).encode("utf-8") + b"\r\n\r\n"
        self._head = message.method == "HEAD"
        self._deadline = min(monotonic() + self._timeout, self.until)
        self._pending = head + message.body
        self._write()

    def _write(self) -> None:
        """Write what is pending; a failure is told by :meth:`receive`."""
        try:
            connection = self._connected()
            connection.settimeout(self._left())
            connection.sendall(self._pending or b"")
        except OSError:
            if self._socket is not None and not self._fresh:
                return  # it may have answered before it closed
            self.close()

    def receive(self) -> Outcome:
        """What the server answered to the call that was sent last."""
        outcome = self._receive()
        if isinstance(outcome, Failed) and outcome.kind == "closed" and not self._fresh:
            # A kept connection that was closed before an answer began was closed for its age.
            self.close()
            self._write()
            outcome = self._receive()
        if isinstance(outcome, Failed):
            self.close()
        self._pending = None
        return outcome

    def _receive(self) -> Outcome:
        if self._socket is None:
            return Failed("unreachable", f"nobody listens at {self._host}:{self._port}")
        received = _Received(self._limit)
        parser = httptools.HttpResponseParser(received)
        try:
            outcome = self._read(self._socket, parser, received)
        except TimeoutError:
            outcome = Failed("timeout", f"no complete answer within {self._timeout:g} s")
        except OSError as error:
            kind = "cut off" if received.head else "closed"
            outcome = Failed(kind, f"the connection broke: {error}")
        except httptools.HttpParserError as error:
            outcome = Failed("garbage", f"not an HTTP/1.1 answer: {error}")
        return outcome

    def _read(
        self, connection: socket.socket, parser: httptools.HttpResponseParser, received: _Received
    ) -> Outcome:
        total = 0
        while True:
            connection.settimeout(self._left())
            data = connection.recv(CHUNK)
            if not data:
                return self._ended(parser, received)
            parser.feed_data(data)
            total += len(data)
            if received.too_large:
                return Failed("too large", f"a body of more than {self._limit} bytes")
            if total > MOST_HEAD + FRAMED * len(received.body):
                return Failed("too large", f"more than {MOST_HEAD} bytes of headers")
            if monotonic() > self._deadline:
                raise TimeoutError
            ended = received.complete or (self._head and received.head)
            if ended and parser.get_status_code() >= INTERIM:
                return self._answered(parser, received)

    def _left(self) -> float:
        """Seconds until the answer has to be there."""
        return max(self._deadline - monotonic(), 0.001)

    def _ended(self, parser: httptools.HttpResponseParser, received: _Received) -> Outcome:
        """The server closed the connection: the end of a body without a length, or a fault."""
        names = {name for name, _ in received.headers}
        self.close()
        if not received.head:
            return Failed("closed", "the connection was closed before an answer")
        if names & {"content-length", "transfer-encoding"}:
            return Failed("cut off", "the connection was closed within the answer's body")
        return self._answered(parser, received)

    def _answered(self, parser: httptools.HttpResponseParser, received: _Received) -> Answered:
        self._fresh = False
        answered = Answered(parser.get_status_code(), tuple(received.headers), bytes(received.body))
        told = (answered.header("connection") or "").lower()
        kept = "keep-alive" in told if parser.get_http_version() == "1.0" else "close" not in told
        if not kept:
            self.close()
        return answered

    def _connected(self) -> socket.socket:
        if self._socket is not None and _was_closed(self._socket):
            self.close()
        if self._socket is None:
            self._socket = self._connect()
            self._fresh = True
        return self._socket

    def _connect(self) -> socket.socket:
        connection = socket.create_connection((self._host, self._port), timeout=self._left())
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if not self._secure:
            return connection
        context = ssl.create_default_context()
        return context.wrap_socket(connection, server_hostname=self._host)

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def _was_closed(connection: socket.socket) -> bool:
    """Whether an idle connection has something to say, which can only be that it was closed."""
    readable, _, _ = select.select([connection], [], [], 0)
    return bool(readable)
