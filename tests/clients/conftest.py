"""Fixtures: each client in a virtual environment of its own, and a mock for all of them."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.clients.real_clients import CLIENTS, HERE, PORTS, Mock, until

START_SECONDS = 30.0
STOP_SECONDS = 5.0


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
        _run(sys.executable, "-m", "venv", str(environment))
        pip = [str(programs / "python"), "-m", "pip", "--disable-pip-version-check"]
        _run(*pip, "install", "--quiet", "--no-input", client)
        complete.touch()
    return programs


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="session")
def mock() -> Iterator[Mock]:
    """A mock where clients look for Pieces OS; one interrupt ends it."""
    mock = Mock(_free_port())
    command = [sys.executable, "-m", "mockserver", "serve", "--port", str(mock.port)]
    command += ["--clock", "2025-06-01T12:00:00Z", "--seed", "7"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=HERE
    ) as server:
        said: list[str] = []
        reader = threading.Thread(target=_drain, args=(server, said))
        reader.start()
        try:
            until(lambda: _ready(mock, server, said), START_SECONDS)
            yield mock
            server.send_signal(signal.SIGINT)
            code = server.wait(STOP_SECONDS)
        finally:
            server.kill()
            reader.join()
    log = "".join(said)
    assert code == 0, log
    assert "Traceback" not in log, log


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


def _drain(server: subprocess.Popen[str], said: list[str]) -> None:
    assert server.stdout is not None
    for line in server.stdout:
        said.append(line)  # noqa: PERF402 - seen line by line by another thread


def _ready(mock: Mock, server: subprocess.Popen[str], said: list[str]) -> bool:
    """Whether the server answers. Nothing is asked of the port before the server has it."""
    assert server.poll() is None, "".join(said)
    if not said:
        return False
    try:
        with urllib.request.urlopen(f"{mock.url}/.well-known/health", timeout=5) as answer:
            return bool(answer.status == 200)
    except urllib.error.URLError:
        return False
