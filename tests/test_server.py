from __future__ import annotations

import errno
import socket

import pytest

from mockserver import server
from mockserver.errors import StartupError


def refusal(host: str, port: int) -> str:
    with pytest.raises(StartupError) as caught:
        server.bind(host, port)
    [problem] = caught.value.problems
    assert problem.source == f"{host}:{port}"
    return problem.message


def test_a_free_port_is_bound() -> None:
    with server.bind("127.0.0.1", 0) as listening:
        url = server.address(listening)
        assert url == f"http://127.0.0.1:{listening.getsockname()[1]}"
        with socket.create_connection(("127.0.0.1", listening.getsockname()[1]), timeout=5):
            pass


def test_any_address_is_reached_at_loopback() -> None:
    with server.bind("0.0.0.0", 0) as listening:
        assert server.address(listening).startswith("http://127.0.0.1:")


def test_a_taken_port() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        message = refusal("127.0.0.1", taken.getsockname()[1])
    assert "taken" in message
    assert "--port" in message


def test_a_forbidden_port() -> None:
    message = server._reason(PermissionError(errno.EACCES, "no"), 80)
    assert "port 80 is forbidden" in message
    assert "above 1023" in message


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid", "a..b", "x" * 64])
def test_an_address_of_another_machine_or_of_none(host: str) -> None:
    assert refusal(host, 0).startswith("cannot be bound: ")


def test_a_port_that_is_none() -> None:
    assert "cannot be bound" in refusal("127.0.0.1", 70_000)
