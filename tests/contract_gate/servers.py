"""Servers that break one rule of HTTP each, and a mock whose answers are spoilt on purpose."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

from mockserver.app import create_app
from mockserver.catalogue import Settings, build
from mockserver.console.control import control_api

Talk = Callable[[socket.socket], None]


@contextlib.contextmanager
def raw_server(talk: Talk) -> Iterator[str]:
    """A server that reads a request and then does what ``talk`` says, again and again."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=_one, args=(connection, talk), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.close()


def _one(connection: socket.socket, talk: Talk) -> None:
    with connection, contextlib.suppress(OSError):
        while connection.recv(65536):
            talk(connection)


class Spoilt:
    """A mock in this process; ``spoil`` may change what it answers to a method and path."""

    def __init__(
        self,
        stem: str,
        spoil: Callable[[str, str, int, bytes], tuple[int, bytes]],
        settings: Settings | None = None,
    ) -> None:
        self.mock = build([stem], settings)
        self._app = create_app(self.mock, control_api(self.mock))
        self._spoil = spoil
        self.asked: list[tuple[str, str, bytes]] = []

    def reset(self) -> None:
        self.mock.sandboxes.default.reset()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        messages: list[Any] = []

        async def keep(message: Any) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        if scope["type"] != "http":
            return
        start, body = messages
        target = scope["path"] + "?" + scope["query_string"].decode()
        self.asked.append((scope["method"], target, start["status"]))
        status, data = self._spoil(scope["method"], scope["path"], start["status"], body["body"])
        await send({**start, "status": status})
        await send({**body, "body": data})
