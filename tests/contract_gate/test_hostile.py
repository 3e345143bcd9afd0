"""Servers that mean no good, over real sockets: each ends in exit 1 or 2, with a reason."""

from __future__ import annotations

import gzip
import os
import resource
import socket
import subprocess
import sys
import time

import pytest

from mockserver.contract.checking import check
from mockserver.contract.http_client import HttpClient
from mockserver.contract.results import CannotCheck, Options
from mockserver.contract.values import Answered, Failed, Message
from tests.contract_gate.servers import raw_server

GET = Message("GET", "/", (), b"")
MEMORY = 3 << 29
"""Bytes that a check may have, all in all: 1.5 GiB of address space."""

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def forever(connection: socket.socket, data: bytes) -> None:
    while True:
        connection.sendall(data)


def endless_body(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    forever(connection, b"10000\r\n" + b"x" * 65536 + b"\r\n")


def ten_gigabytes(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Content-Length: 10000000000\r\n\r\n")
    forever(connection, b"x" * 65536)


def endless_headers(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    forever(connection, b"X-More: " + b"y" * 4096 + b"\r\n")


def endless_header(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    forever(connection, b"y" * 65536)


def endless_trailers(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n")
    forever(connection, b"X-More: " + b"y" * 4096 + b"\r\n")


def endless_interim(connection: socket.socket) -> None:
    forever(connection, b"HTTP/1.1 102 Processing\r\n\r\n" * 1000)


def bomb(connection: socket.socket) -> None:
    data = gzip.compress(b"[" + b"0," * (1 << 24) + b"0]")
    head = HEAD + f"Content-Encoding: gzip\r\nContent-Length: {len(data)}\r\n\r\n".encode()
    connection.sendall(head + data)


def deep(connection: socket.socket) -> None:
    data = b'{"a":' * 900 + b"1" + b"}" * 900
    connection.sendall(HEAD + f"Content-Length: {len(data)}\r\n\r\n".encode() + data)


def html(connection: socket.socket) -> None:
    data = b"<html><body>Welcome</body></html>"
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(data)}\r\n\r\n"
    connection.sendall(head.encode() + data)


def redirects(connection: socket.socket) -> None:
    head = b"HTTP/1.1 307 Temporary Redirect\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n"
    connection.sendall(head)


def closes_after_the_head(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Content-Length: 100\r\n\r\n")
    connection.shutdown(socket.SHUT_RDWR)


def never_ends_its_body(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Content-Length: 100\r\n\r\n[")
    time.sleep(30)


def trickles(connection: socket.socket) -> None:
    connection.sendall(HEAD + b"Content-Length: 1000\r\n\r\n")
    for _ in range(1000):
        connection.sendall(b"x")
        time.sleep(0.05)


def wrong_json(connection: socket.socket) -> None:
    data = b'{"id": "\xff\xfe", '
    connection.sendall(HEAD + f"Content-Length: {len(data)}\r\n\r\n".encode() + data)


def garbage(connection: socket.socket) -> None:
    connection.sendall(os.urandom(2000))


class Mortal:
    """Answers a few times, then closes each connection without a word."""

    def __init__(self) -> None:
        self.answers = 0

    def __call__(self, connection: socket.socket) -> None:
        self.answers += 1
        if self.answers > 6:
            connection.shutdown(socket.SHUT_RDWR)
        else:
            connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")


@pytest.mark.parametrize(
    ("talk", "kind"),
    [
        (endless_body, "too large"),
        (endless_headers, "too large"),
        (endless_header, "too large"),
        (endless_trailers, "too large"),
        (endless_interim, "too large"),
        (never_ends_its_body, "timeout"),
        (closes_after_the_head, "cut off"),
    ],
)
def test_what_never_ends_is_ended(talk, kind) -> None:
    with raw_server(talk) as url:
        client = HttpClient(url, 2.0, 1_000_000)
        client.send(GET)
        outcome = client.receive()
        client.close()
    assert isinstance(outcome, Failed)
    assert outcome.kind == kind


def test_short_chunks_are_a_body_like_any_other() -> None:
    chunks = b"1\r\nx\r\n" * 200_000

    def talk(connection: socket.socket) -> None:
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n")

    with raw_server(talk) as url:
        client = HttpClient(url, 30.0, 1_000_000)
        client.send(GET)
        outcome = client.receive()
        client.close()
    assert isinstance(outcome, Answered)
    assert outcome.body == b"x" * 200_000


def judged(talk, seconds: float = 2.0) -> tuple[int, str]:
    """The exit code that a check comes to, and its reason."""
    options = Options(seconds=seconds, timeout=0.5, most=3)
    with raw_server(talk) as url:
        try:
            result = check(url, "plane", options)
        except CannotCheck as error:
            return 2, str(error)
    return (0 if result.kept else 1), "; ".join(finding.got for finding in result.findings)


@pytest.mark.parametrize(
    ("talk", "reason"),
    [
        (html, "200"),
        (redirects, "307"),
        (wrong_json, "200"),
        (deep, "200"),
        (garbage, "HTTP/1.1"),
        (closes_after_the_head, "within the answer's body"),
        (trickles, "no complete answer within 0.5 s"),
        (Mortal(), "closed"),
    ],
)
def test_a_server_that_means_no_good_is_told_as_such(talk, reason) -> None:
    code, told = judged(talk)
    assert code in {1, 2}
    assert reason in told


@pytest.mark.parametrize("talk", [ten_gigabytes, endless_headers, bomb])
def test_no_server_can_make_a_check_take_more_memory(talk) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

    with raw_server(talk) as url:
        words = [sys.executable, "-m", "mockserver", "check", url, "--api", "plane"]
        words += ["--max-time", "3", "--timeout", "1", "--max-findings", "2"]
        done = subprocess.run(
            words, preexec_fn=limit, capture_output=True, text=True, timeout=120, check=False
        )
    assert done.returncode in {1, 2}, done.stdout + done.stderr
    assert "MemoryError" not in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout.strip() or done.stderr.startswith("mockserver: ")


def test_a_server_that_has_no_time_is_asked_again_and_is_no_finding() -> None:
    calls = [0]

    def busy(connection: socket.socket) -> None:
        calls[0] += 1
        if calls[0] % 3:
            status = b"429 Too Many Requests" if calls[0] % 2 else b"503 Service Unavailable"
            connection.sendall(
                b"HTTP/1.1 " + status + b"\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
            )
        else:
            connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    from mockserver.contract.pacing import Paced
    from mockserver.contract.targets import HttpTarget

    with raw_server(busy) as url:
        target = Paced(HttpTarget(url, 2.0))
        statuses = set()
        for _ in range(4):
            target.send(GET)
            outcome = target.receive()
            assert isinstance(outcome, Answered)
            statuses.add(outcome.status)
        target.close()
    assert statuses == {404}
    assert target.waited == 8


def test_a_server_that_never_has_time_cannot_be_checked() -> None:
    answer = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
    code, told = judged(lambda connection: connection.sendall(answer))
    assert (code, told) == (2, "the server has no time: it answers 503, Retry-After: 0")


def test_a_server_that_asks_for_more_time_than_there_is_cannot_be_checked() -> None:
    answer = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n"
    code, told = judged(lambda connection: connection.sendall(answer))
    assert code == 2
    assert "no time" in told
