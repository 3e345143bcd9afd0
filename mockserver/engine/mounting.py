"""Applications beside an API: what they answer below its prefix where no operation is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from mockserver.engine.receiving import Message, Receive, Scope, Send
from mockserver.engine.reply import Answer

Application = Callable[[Scope, Receive, Send], Awaitable[None]]
"""An ASGI application that answers HTTP requests, and is told its prefix as ``root_path``."""

Mounts = Mapping[str, Application]
"""Applications by the base path of the API that they stand beside."""


async def answer_of(app: Application, scope: Scope, receive: Receive, base_path: str) -> Answer:
    """What an application answers below a base path, in the sandbox that the path names."""
    prefix = base_path
    if scope["path"].startswith("/@"):
        prefix = scope["path"].partition(base_path)[0] + base_path
    answer = Answer(500, [], b"")
    parts: list[bytes] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = list(message["headers"])
        else:
            parts.append(message.get("body", b""))

    await app({**scope, "root_path": prefix}, receive, send)
    answer.body = b"".join(parts)
    return answer
