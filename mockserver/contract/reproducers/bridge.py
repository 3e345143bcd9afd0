"""A target at a URL of this machine while a script runs, so that what was asked is seen."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from time import monotonic
from typing import Any, Self

from mockserver.contract.pacing import OutOfTime
from mockserver.contract.values import Answered, Message, Outcome

Ask = Callable[[Message], Outcome]

RESET = "/reset-before-the-script"
POLL = 0.02
"""Seconds between two looks at whether the script has ended."""

_HOP = frozenset(("connection", "keep-alive", "transfer-encoding", "content-length"))
"""Headers of one connection (RFC 9110, section 7.6.1), and those that are written anew."""

_OF_CURL = frozenset(("host", "user-agent", "expect", *_HOP))
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


class Bridge:
    """Listens on loopback, and asks a target in the thread that runs the script."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._server = HTTPServer(("127.0.0.1", 0), self._handler())
        self._server.timeout = POLL
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.answers: list[Outcome] = []
        self._ended: OutOfTime | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.server_close()

    def run(self, script: str, environment: Mapping[str, str], seconds: float) -> tuple[int, str]:
        """Run a bash script against the target; its exit code and what it said on stderr.

        The code is 124 for a script that was ended because its time was over.
        """
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
            given.write(script.encode())  # a pipe would be full before anybody asks for more
            given.seek(0)
            process = subprocess.Popen(
                ["bash"],  # noqa: S607 - whichever bash there is
                stdin=given,
                stdout=subprocess.DEVNULL,
                stderr=said,
                env={**_surroundings(), "BASE_URL": self.url, "RESET_URL": self.url + RESET}
                | dict(environment),
                start_new_session=True,
            )
            if not self._served(process, monotonic() + seconds):
                return 124, "it took too long"
            said.seek(0)
            return process.returncode, said.read().decode("utf-8", "replace")

    def _served(self, process: subprocess.Popen[bytes], ends: float) -> bool:
        """Answer until a process is over; one that takes too long is ended, and that is False.

        Raises OutOfTime as the target does.
        """
        while process.poll() is None:
            self._server.handle_request()
            if monotonic() > ends or self._ended is not None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                if self._ended is not None:
                    raise self._ended
                return False
        return True

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        bridge = self

        class Handler(BaseHTTPRequestHandler):
            """Hands each request on."""

            def _answer(self) -> None:
                bridge._hand_on(self)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        for method in METHODS:
            setattr(Handler, f"do_{method}", Handler._answer)  # noqa: SLF001 - its own
        return Handler

    def _hand_on(self, request: BaseHTTPRequestHandler) -> None:
        length = int(request.headers.get("content-length") or 0)
        body = request.rfile.read(length)
        if request.path == RESET:
            request.send_response(204)
            request.end_headers()
            return
        headers = tuple(
            (name, value.encode("latin-1").decode("utf-8", "replace"))
            for name, value in request.headers.items()
            if name.lower() not in _OF_CURL and (name.lower(), value) != ("accept", "*/*")
        )
        try:
            outcome = self._ask(Message(request.command, request.path, headers, body))
        except OutOfTime as error:
            self._ended = error
            return
        self.answers.append(outcome)
        if isinstance(outcome, Answered):
            _write(request, outcome)


def _write(request: BaseHTTPRequestHandler, answer: Answered) -> None:
    with contextlib.suppress(OSError):
        request.send_response_only(answer.status)
        for name, value in answer.headers:
            if name not in _HOP:
                request.send_header(name, value)
        if answer.status >= 200 and answer.status != 204:  # noqa: PLR2004 - RFC 9110, 8.6
            request.send_header("Content-Length", str(len(answer.body)))
        request.end_headers()
        if request.command != "HEAD":
            request.wfile.write(answer.body)


def _surroundings() -> dict[str, str]:
    """The environment of a script: this one, without proxies, with this Python."""
    kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    here = os.path.dirname(sys.executable)  # noqa: PTH120 - a text for PATH
    return {**kept, "PATH": f"{kept.get('PATH', '')}{os.pathsep}{here}"}
