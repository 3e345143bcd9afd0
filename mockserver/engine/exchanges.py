"""What is told of each request and its answer: to a log, to a journal, to whoever watches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from mockserver.engine.reply import Answer
from mockserver.engine.request import Request

FEED = "WS"
"""The method of a WebSocket feed."""

Observer = Callable[[Mapping[str, Any], Request, Answer, float], None]
"""Told of each exchange on the event loop: an ASGI scope, the request, what was sent, seconds."""


class Exchange(NamedTuple):
    """A request and how it was answered, ``at`` seconds since 1970, within ``seconds``.

    ``scope`` is what the ASGI server said. The bodies may have been cut: ``request_bytes`` and
    ``answer_bytes`` say how large they were.
    """

    scope: Mapping[str, Any]
    request: Request
    answer: Answer
    at: float
    seconds: float
    request_bytes: int
    answer_bytes: int

    @property
    def method(self) -> str:
        """The method; that of a WebSocket feed is :data:`FEED`."""
        return self.request.method

    @property
    def path(self) -> str:
        """The path, decoded, with the sandbox where it names one."""
        path: str = self.scope["path"]
        return path

    @property
    def target(self) -> str:
        """The path as it was sent, without the sandbox."""
        if self.request.target:
            return self.request.target
        raw: bytes | None = self.scope.get("raw_path")
        return self.path if raw is None else raw.decode("latin-1")

    @property
    def query(self) -> bytes:
        """The query as it was sent."""
        query: bytes = self.scope["query_string"]
        return query

    @property
    def time(self) -> datetime:
        """When it was answered (UTC)."""
        return datetime.fromtimestamp(self.at, UTC)

    @property
    def started(self) -> datetime:
        """When it began (UTC)."""
        return datetime.fromtimestamp(self.at - self.seconds, UTC)

    @property
    def sent_headers(self) -> list[tuple[bytes, bytes]]:
        """The headers of the request, each as it was sent."""
        headers: list[tuple[bytes, bytes]] = self.scope["headers"]
        return headers

    @property
    def base_url(self) -> str:
        """Where the server was reached, sandbox included, as far as that was said."""
        if self.request.base_url:
            return self.request.base_url
        host = self.request.header("host") or "localhost"
        return f"{self.scope['scheme']}://{host}"

    @property
    def api(self) -> str:
        """The stem of the API that answered, empty for none."""
        endpoint, owner = self.request.endpoint, self.request.owner
        api = owner if endpoint is None else endpoint.api
        return "" if api is None else api.description.stem

    @property
    def operation(self) -> str | None:
        """The id of the operation; None where none is described."""
        endpoint = self.request.endpoint
        return None if endpoint is None else endpoint.operation.id
