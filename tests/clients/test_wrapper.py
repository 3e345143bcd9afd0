"""The wrapper of pieces_os_client, which finds the mock by itself and follows its feeds."""

from __future__ import annotations

from pathlib import Path

from tests.clients.real_clients import FIXTURES, Mock, journey


def test_wrapper(clients: dict[str, Path], mock: Mock) -> None:
    mock.reset()
    before = mock.get("/assets?pseudo=true")["iterable"]

    told = journey(clients["pieces_os_client==5.0.1"], "wrapper.py", str(FIXTURES / "assets"))

    assert told["port"] == str(mock.port)
    assert told["health"].startswith("ok")
    assert told["version"].startswith("12.")
    after = mock.get("/assets?pseudo=true")
    assert after["iterable"] == before
    assert after["indices"][told["asset"]] == -1
