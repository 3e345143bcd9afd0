"""What is told of each request and its answer: to a log, or to whoever watches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from mockserver.engine.address import SANDBOX_HEADER
from mockserver.engine.reply import Answer


class Exchange(NamedTuple):
    """A request and how it was answered.

    ``path`` is decoded, ``query`` and ``sandbox`` (of the header) are as they were sent;
    ``reason`` says why a request was refused.
    """

    method: str
    path: str
    query: bytes
    sandbox: bytes
    status: int
    seconds: float
    reason: str = ""


Observer = Callable[[Exchange], None]
"""Told of each exchange, on the event loop."""


def exchange(
    scope: Mapping[str, Any], headers: Mapping[bytes, bytes], answer: Answer, seconds: float
) -> Exchange:
    """What is told of an answer to what an ASGI scope says; a feed has the method ``WS``."""
    return Exchange(
        scope.get("method", "WS"),
        scope["path"],
        scope["query_string"],
        headers.get(SANDBOX_HEADER, b""),
        answer.status,
        seconds,
        answer.reason,
    )
