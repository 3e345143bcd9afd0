"""Fixtures: each client in a virtual environment of its own, and mocks for all of them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.clients.real_clients import CLIENTS, PORTS, Mock
from tests.running import Server

REPEATABLE = ("--clock", "2025-06-01T12:00:00Z", "--seed", "7")


@pytest.fixture(scope="session")
def clients(pytestconfig: pytest.Config) -> dict[str, Path]:
    """For each distribution of CLIENTS the folder of programs it was installed to."""
    made_by_tox = os.environ.get("TOX_ENV_DIR")
    folder = Path(made_by_tox) if made_by_tox else _cache(pytestconfig)
    folder /= "clients"
    with ThreadPoolExecutor(2) as pool:
        programs = pool.map(lambda client: _installed(folder, client), CLIENTS)
        return dict(zip(CLIENTS, programs, strict=True))


def _cache(config: pytest.Config) -> Path:
    assert config.cache is not None
    return config.cache.mkdir("environments")


def _installed(folder: Path, client: str) -> Path:
    """Install a distribution into a virtual environment, unless an earlier run has done so."""
    python = "py{}.{}".format(*sys.version_info[:2])
    environment = folder / f"{client.replace('==', '-')}-{python}"
    programs = environment / "bin"
    complete = environment / "complete"
    if not complete.exists():
        shutil.rmtree(environment, ignore_errors=True)
        _run(sys.executable, "-m", "venv", "--without-pip", str(environment))
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
        into = ["--python", str(programs / "python")]
        _run(*pip, *into, "install", "--quiet", "--no-input", "--no-compile", client)
        complete.touch()
    return programs


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mock]:
    """A mock of everything, where clients look for Pieces OS."""
    folder = tmp_path_factory.mktemp("mock")
    with Server(folder, *REPEATABLE, "--port", str(_free_port())) as server:
        yield Mock(server.port)


@pytest.fixture(scope="session")
def tolerant_mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mock]:
    """A mock of Immich that takes what its client sends and the real server refuses."""
    folder = tmp_path_factory.mktemp("tolerant-mock")
    with Server(folder, *REPEATABLE, "immich", "--tolerant") as server:
        yield Mock(server.port)


def _free_port() -> int:
    """The first port in reach of the clients that can be had.

    The range belongs to those that systems give to outgoing connections, so any one of them
    may be taken for a while.
    """
    for port in PORTS:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError(f"none of the ports {PORTS[0]} to {PORTS[-1]} is free")
