"""What an ASGI server hands over, read: headers, path, body; and who does the work."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import quote

from mockserver.engine.endpoint import HEAVY, Endpoint, PutOff
from mockserver.engine.reply import Answer
from mockserver.engine.request import Request

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


def headers_of(scope: Scope) -> dict[bytes, bytes]:
    """The headers by name, those that came more than once joined (RFC 9110, section 5.2).

    Cookies are joined in their own way (RFC 9113, section 8.2.3).
    """
    sent: list[tuple[bytes, bytes]] = scope["headers"]
    headers = dict(sent)
    if len(headers) != len(sent):
        values: dict[bytes, list[bytes]] = {}
        for name, value in sent:
            values.setdefault(name, []).append(value)
        headers = {
            name: (b"; " if name == b"cookie" else b", ").join(found)
            for name, found in values.items()
        }
    return headers


def raw_path(scope: Scope) -> bytes:
    """The path as it was sent; not every server tells it."""
    raw: bytes | None = scope.get("raw_path")
    return raw if raw is not None else quote(scope["path"]).encode()


async def read_body(
    endpoint: Endpoint, headers: Mapping[bytes, bytes], receive: Receive
) -> bytes | None:
    """The body an operation takes, or None when the caller left. Raises ApiError 413."""
    if endpoint.operation.body is None:
        return b""
    content_type = headers.get(b"content-type", b"").decode("latin-1")
    length = headers.get(b"content-length", b"0")
    endpoint.check_length(int(length) if length.isdigit() else 0, content_type)
    parts: list[bytes] = []
    size = 0
    while True:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")
        parts.append(part)
        size += len(part)
        endpoint.check_length(size, content_type)
        if not message.get("more_body", False):
            return part if len(parts) == 1 else b"".join(parts)


async def perform(endpoint: Endpoint, request: Request) -> Answer:
    """The answer of an endpoint: at once, or from a thread when it takes long."""
    return at_once(endpoint, request) or await in_a_thread(endpoint, request)


def at_once(endpoint: Endpoint, request: Request) -> Answer | None:
    """The answer of an endpoint, None when it takes so long that a thread should give it."""
    if not endpoint.slow and len(request.body) <= HEAVY:
        request.patient = False
        try:
            return endpoint(request)
        except PutOff:
            request.patient = True
    return None


async def in_a_thread(endpoint: Endpoint, request: Request) -> Answer:
    """The answer of an endpoint, given by a thread."""
    return await asyncio.get_running_loop().run_in_executor(None, endpoint, request)


async def lifespan(receive: Receive, send: Send) -> None:
    """Say that start and end went well: everything was built before."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
