"""Requests to an ASGI application in this process, sent as they are: no client tidies them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: ``target`` is path and query, percent-encoded."""

    method: str
    target: str
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Told:
    """An answer: headers in lower case, the last of each name."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def media_type(self) -> str:
        """The media type without parameters, empty when none is told."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class Talker:
    """Asks an application, one request after another."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._runner = asyncio.Runner()

    def ask(self, asked: Asked) -> Told:
        return self._runner.run(self._exchange(asked))

    def close(self) -> None:
        self._runner.close()

    async def _exchange(self, asked: Asked) -> Told:
        path, _, query = asked.target.partition("?")
        headers = [(b"host", b"mock.test")]
        headers += [(n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in asked.headers]
        if asked.body or asked.method in ("PATCH", "POST", "PUT"):
            headers.append((b"content-length", str(len(asked.body)).encode()))
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": asked.method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode("latin-1"),
            "query_string": query.encode("latin-1"),
            "root_path": "",
            "headers": headers,
            "server": ("mock.test", 80),
            "client": ("127.0.0.1", 1),
        }
        sent: list[Mapping[str, Any]] = []

        async def receive() -> Mapping[str, Any]:
            return {"type": "http.request", "body": asked.body, "more_body": False}

        async def send(message: Mapping[str, Any]) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        start = sent[0]
        told = {n.decode("latin-1").lower(): v.decode("latin-1") for n, v in start["headers"]}
        return Told(start["status"], told, b"".join(m.get("body", b"") for m in sent[1:]))
