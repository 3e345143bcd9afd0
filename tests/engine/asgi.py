"""Requests put to an ASGI application as they would be on the wire, encoded by nobody else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.app import create_app
from mockserver.catalogue import Mock
from mockserver.engine.reply import Api
from mockserver.state.blobs import Blobs
from mockserver.state.sandboxes import Rules, Sandboxes
from tests.engine.tiny import snapshot


@dataclass(frozen=True, slots=True)
class Told:
    """What was answered."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes

    @property
    def value(self) -> Any:
        return json.loads(self.body)


class Asgi:
    """An application of some APIs."""

    def __init__(self, *apis: Api) -> None:
        self._app = create_app(Mock(apis, Sandboxes(snapshot(), Rules()), Blobs(0)))

    def __call__(
        self,
        target: str,
        *headers: tuple[str, str],
        method: str = "GET",
        body: bytes | Sequence[bytes] = b"",
    ) -> Told:
        path, _, query = target.partition("?")
        pieces = [body] if isinstance(body, bytes) else list(body)
        told: list[Any] = []
        scope = {
            "type": "http",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode("latin-1"),
            "query_string": query.encode("latin-1"),
            "headers": [(n.lower().encode(), text.encode("latin-1")) for n, text in headers],
        }

        async def receive() -> Any:
            return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

        async def send(message: Any) -> None:
            told.append(message)

        asyncio.run(self._app(scope, receive, send))
        return Told(told[0]["status"], dict(told[0]["headers"]), told[1]["body"])
