from __future__ import annotations

import contextlib
import socket
import time

import pytest

from mockserver.contract.http_client import HttpClient
from mockserver.contract.values import Answered, Failed, Message
from tests.contract_gate.servers import raw_server

GET = Message("GET", "/", (), b"")
HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def asked(url: str, message: Message = GET, timeout: float = 0.5, limit: int = 100_000):
    client = HttpClient(url, timeout, limit)
    client.send(message)
    outcome = client.receive()
    client.close()
    return outcome


def test_an_answer_is_read_to_its_length() -> None:
    with raw_server(lambda connection: connection.sendall(HELLO)) as url:
        assert asked(url) == Answered(200, (("content-length", "5"),), b"hello")


def test_a_body_without_a_length_ends_with_the_connection() -> None:
    def talk(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nhello")
        connection.shutdown(socket.SHUT_RDWR)

    with raw_server(talk) as url:
        assert asked(url) == Answered(200, (), b"hello")


def test_an_interim_answer_is_not_the_answer() -> None:
    with raw_server(lambda c: c.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\n" + HELLO)) as url:
        outcome = asked(url)
    assert isinstance(outcome, Answered)
    assert (outcome.status, outcome.body) == (200, b"hello")


def test_the_answer_to_head_has_no_body_to_wait_for() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n"
    with raw_server(lambda connection: connection.sendall(answer)) as url:
        outcome = asked(url, Message("HEAD", "/", (), b""))
    assert isinstance(outcome, Answered)
    assert (outcome.status, outcome.body) == (200, b"")


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    answer = b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n"
    with raw_server(lambda connection: connection.sendall(answer)) as url:
        outcome = asked(url)
    assert isinstance(outcome, Answered)
    assert (outcome.status, outcome.header("location")) == (302, "/")


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def trickle(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(1000):
        connection.sendall(b"x")
        time.sleep(0.05)


def silent(connection: socket.socket) -> None:
    time.sleep(5)


def garbage(connection: socket.socket) -> None:
    connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")


def cut_off(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello")
    connection.shutdown(socket.SHUT_RDWR)


def hang_up(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    ("talk", "kind"),
    [
        (endless, "too large"),
        (trickle, "timeout"),
        (silent, "timeout"),
        (garbage, "garbage"),
        (cut_off, "cut off"),
        (hang_up, "closed"),
    ],
)
def test_what_is_no_answer_is_told_by_its_kind_and_ends(talk, kind) -> None:
    with raw_server(talk) as url:
        outcome = asked(url)
    assert isinstance(outcome, Failed)
    assert outcome.kind == kind


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    outcome = asked(f"http://127.0.0.1:{port}")
    assert isinstance(outcome, Failed)
    assert outcome.kind == "unreachable"


def test_a_kept_connection_that_was_closed_is_opened_again() -> None:
    def once(connection: socket.socket) -> None:
        connection.sendall(HELLO)
        connection.shutdown(socket.SHUT_RDWR)

    with raw_server(once) as url:
        client = HttpClient(url, 2.0)
        for _ in range(5):
            client.send(GET)
            outcome = client.receive()
            assert isinstance(outcome, Answered)
        client.close()
