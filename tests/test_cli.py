from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from mockserver import __version__
from mockserver.catalogue import FIXTURES, build
from tests.running import ROOT, Server, eventually

WORKING = r"\d\d:\d\d:\d\d {method} +{path} {status} \d+\.\d ms"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mockserver", *arguments]
    return subprocess.run(
        command,
        capture_output=True,
        check=False,
        cwd=ROOT,
        encoding="utf-8",
        env={**os.environ, "COLUMNS": "300"},
        timeout=30,
    )


def complaint(*arguments: str) -> str:
    """The one line with which the command gives up."""
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    [line] = done.stderr.splitlines()
    assert line.startswith("mockserver: ")
    return line.removeprefix("mockserver: ")


def test_a_taken_port() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = complaint("serve", "--port", str(port))
    assert line.startswith(f"127.0.0.1:{port}: the port is taken")


def test_an_address_of_another_machine() -> None:
    assert "cannot be bound" in complaint("serve", "--host", "192.0.2.1", "--port", "0")


def test_a_host_that_is_none() -> None:
    assert "cannot be bound" in complaint("serve", "--host", "a..b", "--port", "0")


def test_an_unknown_stem() -> None:
    for command in ("serve", "routes"):
        assert complaint(command, "asets") == "asets: no such API; there are: assets, immich, plane"


@pytest.mark.parametrize("clock", ["yesterday", "2025-13-01", "", "0001-01-01T00:00:00+14:00"])
def test_a_clock_that_is_none(clock: str) -> None:
    line = complaint("serve", "--clock", clock)
    assert line.startswith("--clock: ")
    assert "ISO 8601" in line


@pytest.mark.parametrize(
    "flags", [["--port", "x"], ["--port", "70000"], ["--max-sandboxes", "0"], ["--what"]]
)
def test_flags_that_are_none(flags: list[str]) -> None:
    done = run("serve", *flags)
    assert (done.returncode, done.stdout) == (2, "")
    assert flags[0] in done.stderr
    assert "Traceback" not in done.stderr


def test_broken_fixtures_are_all_told(tmp_path: Path) -> None:
    shutil.copytree(FIXTURES, tmp_path, dirs_exist_ok=True)
    broken = tmp_path / "assets"
    (broken / "users.json").write_text("{")
    (broken / "models.json").write_text(json.dumps([3, {"id": "m"}]))
    (broken / "unheard.json").write_text("[]")
    done = run("serve", "--fixtures", str(tmp_path), "--port", "0")
    assert (done.returncode, done.stdout) == (2, "")
    lines = done.stderr.splitlines()
    assert all(line.startswith(f"mockserver: {broken}") for line in lines)
    for start in ("users.json: not JSON", "unheard.json: no such collection", "models.json at /0"):
        assert any(line.startswith(f"mockserver: {broken / start}") for line in lines), start


def test_fixtures_that_are_not_there(tmp_path: Path) -> None:
    line = complaint("serve", "--fixtures", str(tmp_path / "no"))
    assert line == f"{tmp_path / 'no'}: no such folder of fixtures"


def test_version() -> None:
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"mockserver, version {__version__}\n")


@pytest.mark.parametrize("arguments", [[], ["--help"], ["serve", "-h"]])
def test_help(arguments: list[str]) -> None:
    done = run(*arguments)
    told = done.stdout + done.stderr
    assert "Usage:" in told
    assert "Traceback" not in told


def test_routes_lists_every_operation() -> None:
    done = run("routes")
    assert (done.returncode, done.stderr) == (0, "")
    listed = [line.split() for line in done.stdout.splitlines()]
    for api in build().apis:
        stem, base_path = api.description.stem, api.description.base_path
        for operation in api.description.operations:
            row = [stem, operation.method, base_path + operation.path, operation.id]
            assert row + ["WebSocket"] * (operation.stream is not None) in listed


Start = Callable[..., Server]


def test_each_request_is_one_line(start: Start) -> None:
    with start() as running:
        httpx.get(f"{running.url}/assets/pseudo", trust_env=False)
        httpx.post(f"{running.url}/@one/assets", trust_env=False)
        httpx.get(f"{running.url}/no%0Asuch%1B%C5%BC", trust_env=False)
        with connect(f"{running.ws}/assets/stream/identifiers", proxy=None):
            pass
        banner = running.output.partition("Reset:")[2].partition("\n")[0]
        lines = eventually(
            lambda: (found := running.output.partition(banner)[2].split("\n")[1:-1])[3:] and found
        )
    wanted = [
        WORKING.format(method="GET", path="/assets/pseudo", status=200),
        WORKING.format(method="POST", path="/@one/assets", status=405),
        WORKING.format(method="GET", path=r"/no\\nsuch\\x1b\\u017c", status=404),
        WORKING.format(method="WS", path="/assets/stream/identifiers", status=101),
    ]
    assert len(lines) == len(wanted)
    for line, pattern in zip(lines, wanted, strict=True):
        assert re.fullmatch(pattern, line), line
    assert running.output.endswith("".join(line + "\n" for line in lines))


def test_quiet_says_nothing_of_requests(start: Start) -> None:
    with start("--quiet") as running:
        before = running.output
        assert httpx.get(f"{running.url}/assets/pseudo", trust_env=False).status_code == 200
    assert running.output == before


def test_the_banner_says_where_the_apis_are(start: Start) -> None:
    with start("--quiet", "--no-fixtures") as running:
        pass
    assert "Pieces OS Assets" in running.output
    assert f"{running.url} " in running.output
    assert f"Sandboxes: {running.url}/@NAME/" in running.output


def test_an_interrupt_ends_it_at_once(start: Start) -> None:
    with start("--quiet") as running:
        address = ("127.0.0.1", running.port)
        with socket.create_connection(address, timeout=5) as idle:
            idle.sendall(b"GET /assets HTTP/1.1\r\n")
            assert running.interrupt() == 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=5)


def test_an_interrupt_ends_open_feeds_too(start: Start) -> None:
    with start("--quiet") as running, ExitStack() as stack:
        for number in range(5):
            url = f"{running.ws}/@{number}/assets/stream"
            feed = stack.enter_context(connect(url, proxy=None))
            assert feed.recv(timeout=20)
        assert running.interrupt() == 0


def test_an_interrupt_does_not_wait_for_a_caller_that_never_answers(start: Start) -> None:
    upgrade = (
        b"GET /assets/stream HTTP/1.1\r\nHost: mock\r\nConnection: Upgrade\r\n"
        b"Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    with (
        start("--quiet") as running,
        socket.create_connection(("127.0.0.1", running.port), timeout=20) as deaf,
    ):
        deaf.sendall(upgrade)
        assert deaf.recv(12) == b"HTTP/1.1 101"
        assert running.interrupt() == 0


def test_an_interrupt_does_not_wait_for_the_rest_of_a_body(start: Start) -> None:
    request = (
        b"POST /assets/create HTTP/1.1\r\nHost: mock\r\nExpect: 100-continue\r\n"
        b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    )
    with (
        start("--quiet") as running,
        socket.create_connection(("127.0.0.1", running.port), timeout=20) as slow,
    ):
        slow.sendall(request)
        assert slow.recv(12) == b"HTTP/1.1 100"
        assert running.interrupt() == 0


def test_no_fixtures_and_the_bounds(start: Start) -> None:
    flags = ("--quiet", "--no-fixtures", "--max-sandboxes", "2", "--history", "1")
    with start(*flags) as running:
        url = running.url
        assert httpx.get(f"{url}/assets", trust_env=False).json()["iterable"] == []
        with connect(f"{running.ws}/@one/assets/stream", proxy=None) as feed:
            assert feed.recv(timeout=20)
            httpx.get(f"{url}/@two/assets", trust_env=False)
            with pytest.raises(ConnectionClosed, match="more than 2 sandboxes"):
                feed.recv(timeout=20)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/assets/pseudo", trust_env=False, timeout=20).status_code == 200
    except httpx.ConnectError:
        return False


@pytest.mark.parametrize("at", ["once", "the banner"])
@pytest.mark.parametrize("flags", [[], ["--quiet"]], ids=["lines", "quiet"])
def test_it_serves_though_nobody_reads_its_output(
    tmp_path: Path, at: str, flags: list[str]
) -> None:
    port = free_port()
    command = [sys.executable, "-m", "mockserver", "serve", "--port", str(port), *flags]
    with (
        (tmp_path / "err").open("wb") as err,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=err, cwd=tmp_path) as running,
    ):
        try:
            assert running.stdout is not None
            if at == "the banner":
                assert any(line.startswith(b"Reset:") for line in running.stdout)
            running.stdout.close()
            eventually(lambda: answers(f"http://127.0.0.1:{port}"))
            assert all(answers(f"http://127.0.0.1:{port}") for _ in range(10))
            running.send_signal(signal.SIGINT)
            code = running.wait(20)
        finally:
            running.kill()
    assert (code, (tmp_path / "err").read_text(encoding="utf-8")) == (0, "")


def test_the_last_lines_are_written_when_it_is_terminated(tmp_path: Path) -> None:
    # With so long an interval nothing is written before the end.
    script = (
        "from mockserver import request_log; request_log._INTERVAL = 1000\n"
        "from mockserver.cli import main; main()"
    )
    port = free_port()
    command = [sys.executable, "-c", script, "serve", "--port", str(port)]
    with (
        (tmp_path / "out").open("wb") as out,
        subprocess.Popen(command, stdout=out, stderr=out, cwd=tmp_path) as running,
    ):
        try:
            eventually(lambda: b"Reset:" in (tmp_path / "out").read_bytes())
            assert answers(f"http://127.0.0.1:{port}")
            running.send_signal(signal.SIGTERM)
            code = running.wait(20)
        finally:
            running.kill()
    assert code in (0, -signal.SIGTERM)
    line = (tmp_path / "out").read_text(encoding="utf-8").splitlines()[-1]
    assert re.fullmatch(WORKING.format(method="GET", path="/assets/pseudo", status=200), line)


def test_a_folder_where_a_file_of_fixtures_should_be(tmp_path: Path) -> None:
    shutil.copytree(FIXTURES, tmp_path, dirs_exist_ok=True)
    users = tmp_path / "assets" / "users.json"
    users.unlink()
    users.mkdir()
    line = complaint("serve", "--fixtures", str(tmp_path), "--port", "0")
    assert line.startswith(f"{users}: cannot be read: ")
