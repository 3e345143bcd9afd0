from __future__ import annotations

import io
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
from typing import Any

import httpx
import pytest
from rich.console import Console
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from mockserver import __version__
from mockserver.app import create_app
from mockserver.banner import show_routes
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
        assert complaint(command, "asets") == (
            "asets: no such API or file; there are: assets, immich, plane"
        )


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
        banner = running.output.partition("Sandboxes:")[2].partition("\n")[0]
        lines = eventually(
            lambda: (found := running.output.partition(banner)[2].split("\n")[1:-1])[3:] and found
        )
    wanted = [
        WORKING.format(method="GET", path="/assets/pseudo", status=200),
        WORKING.format(method="POST", path="/@one/assets", status=405)
        + "  POST is not described at /assets, only GET, HEAD, OPTIONS.",
        WORKING.format(method="GET", path=r"/no\\nsuch\\x1b\\u017c", status=404)
        + "  No operation is described at this path.*",
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


PETS = """
openapi: 3.0.3
info: {title: Pets, version: "1"}
servers: [{url: "https://pets.test/{version}", variables: {version: {default: v2}}}]
security: [{key: []}, {login: []}]
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-API-Key}
    login: {type: http, scheme: basic}
    unused: {type: http, scheme: bearer}
  schemas:
    Pet: {type: object, required: [id], properties: {id: {type: string}}}
paths:
  /pets:
    get:
      operationId: listPets
      responses:
        "200":
          description: all
          content:
            application/json:
              schema: {type: array, items: {$ref: "#/components/schemas/Pet"}}
        "401": {description: nobody known}
  /pets/{petId}:
    servers: [{url: "https://other.test"}]
    parameters: [{in: path, name: petId, required: true, schema: {type: string}}]
    get:
      operationId: getPet
      responses: &pet
        "200":
          description: one
          content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}
    delete:
      operationId: deletePet
      responses: {"204": {description: gone}}
"""

KEY = {"X-API-Key": "mock"}


def written(folder: Path, text: str = PETS, name: str = "pets.yaml") -> str:
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return str(file)


WITHOUT_REMARKS = PETS.replace('    servers: [{url: "https://other.test"}]\n', "")


def test_the_banner_says_what_a_description_is_served_as(start: Start, tmp_path: Path) -> None:
    with start("--quiet", written(tmp_path, WITHOUT_REMARKS)) as running:
        for headers in (KEY, {"Authorization": "Basic bW9jazptb2Nr"}):
            answer = httpx.get(f"{running.url}/v2/pets", headers=headers, trust_env=False)
            assert answer.status_code == 200
        assert httpx.get(f"{running.url}/v2/pets", trust_env=False).status_code == 401
    row = next(line for line in running.output.splitlines() if "Pets (pets)" in line)
    assert f"{running.url}/v2 " in row
    assert " 1 collection " in row
    assert row.rstrip().endswith("X-API-Key: mock, Basic mock:mock")
    note = "pets: a deleted record is 404 in getPet, deletePet too, where no 404 is documented"
    assert note in running.output


def test_a_deleted_record_is_404_as_the_banner_says(
    in_process: Callable[[Any], httpx.Client], tmp_path: Path
) -> None:
    client = in_process(create_app(build([written(tmp_path, WITHOUT_REMARKS)])))
    client.headers.update(KEY)
    key = client.get("/v2/pets").json()[0]["id"]
    assert client.delete(f"/v2/pets/{key}").status_code == 204
    assert client.get(f"/v2/pets/{key}").status_code == 404
    assert client.delete(f"/v2/pets/{key}").status_code == 404


@pytest.mark.parametrize("documented", [401, 403])
def test_who_is_not_known_gets_the_refusal_that_is_documented(
    in_process: Callable[[Any], httpx.Client], tmp_path: Path, documented: int
) -> None:
    text = WITHOUT_REMARKS.replace('"401":', f'"{documented}":')
    client = in_process(create_app(build([written(tmp_path, text)])))
    for headers in ({}, {"X-API-Key": "wrong"}, {"Authorization": "Basic d3Jvbmc6bW9jaw=="}):
        answer = client.get("/v2/pets", headers=headers)
        assert answer.status_code == documented
        assert 'Basic realm="mock"' in answer.headers["www-authenticate"]


def test_the_base_path_may_be_left_out(start: Start, tmp_path: Path) -> None:
    with start("--quiet", "--no-base-path", written(tmp_path, WITHOUT_REMARKS)) as running:
        for path, status in (("/pets", 200), ("/v2/pets", 404)):
            answer = httpx.get(running.url + path, headers=KEY, trust_env=False)
            assert answer.status_code == status


def test_preferences_are_understood(start: Start, tmp_path: Path) -> None:
    with start("--quiet", written(tmp_path, WITHOUT_REMARKS)) as running:
        url = f"{running.url}/v2/pets/1"
        with httpx.Client(headers=KEY, trust_env=False) as client:
            deleted = client.delete(url, headers={"Prefer": "code=204"})
            assert deleted.headers["preference-applied"] == "code=204"
            assert client.get(url, params={"__code": "500"}).status_code == 404
            several = [("Prefer", "wait=1"), ("Prefer", "dynamic=true"), ("Prefer", "seed=7")]
            answers = [client.get(url, headers=[*KEY.items(), *several]) for _ in range(2)]
    first, again = answers
    assert first.headers["preference-applied"] == "dynamic=true, seed=7"
    assert first.content == again.content


def test_handlers_of_a_file_answer(start: Start, tmp_path: Path) -> None:
    own = written(
        tmp_path,
        "from mockserver import Handlers\n"
        "handlers = Handlers()\n"
        "@handlers.operation('getPet')\n"
        "def get_pet(call):\n"
        "    return {'id': 'own'}\n",
        "own.py",
    )
    with start("--quiet", "--handlers", own, written(tmp_path, WITHOUT_REMARKS)) as running:
        answer = httpx.get(f"{running.url}/v2/pets/1", headers=KEY, trust_env=False)
    assert answer.json() == {"id": "own"}


def test_what_is_wrong_with_handlers_is_one_line(tmp_path: Path) -> None:
    own = written(tmp_path, "x = 1\nraise RuntimeError('no')\n", "own.py")
    line = complaint("serve", written(tmp_path, WITHOUT_REMARKS), "--handlers", own)
    assert line == f"{own}: line 2: RuntimeError: no in \"raise RuntimeError('no')\""


def test_remarks_are_one_line_for_each_rule(tmp_path: Path) -> None:
    odd = PETS.replace("operationId: getPet", "operationId: getPet\n      tags: 3").replace(
        "operationId: listPets", "operationId: listPets\n      tags: 4"
    )
    file = written(tmp_path, odd)
    done = run("routes", file)
    assert done.returncode == 0
    tags, servers = sorted(done.stderr.splitlines(), key=lambda line: "other-servers" in line)
    assert tags.endswith("; 1 more of listed-tags, shown with --verbose")
    assert servers.startswith(f"{file} at /paths/~1pets~1{{petId}}/servers: ")
    assert len(run("routes", "--verbose", file).stderr.splitlines()) == 3


def test_routes_tell_what_each_operation_is_taken_for(tmp_path: Path) -> None:
    done = run("routes", written(tmp_path, WITHOUT_REMARKS))
    assert (done.returncode, done.stderr) == (0, "")
    row = next(line for line in done.stdout.splitlines() if "deletePet" in line)
    assert row.split()[:4] == ["pets", "DELETE", "/v2/pets/{petId}", "deletePet"]
    assert "delete pets" in row


def test_routes_say_why_and_what_is_not_heeded_only_when_asked(tmp_path: Path) -> None:
    parameter = "parameters: [{name: moonPhase, in: query, schema: {type: string}}]"
    odd = WITHOUT_REMARKS.replace(
        "operationId: listPets", f"operationId: listPets\n      {parameter}"
    )
    file = written(tmp_path, odd)
    short, long = (
        next(line for line in run(*arguments, file).stdout.splitlines() if "listPets" in line)
        for arguments in (["routes"], ["routes", "--verbose"])
    )
    assert short.rstrip().endswith(" list pets")
    assert " list pets: " in long
    assert long.rstrip().endswith("; not heeded: moonPhase")


def test_piped_routes_are_never_wrapped(tmp_path: Path) -> None:
    long = "/".join(["", *(f"part-{number}" for number in range(100))])
    done = run("routes", written(tmp_path, WITHOUT_REMARKS.replace("/pets:", f"{long}:")))
    assert any("listPets" in line and long in line for line in done.stdout.splitlines())


def test_routes_fold_where_the_screen_is_narrow(tmp_path: Path) -> None:
    file = written(tmp_path, WITHOUT_REMARKS)
    screen = Console(width=60, file=io.StringIO(), markup=False)
    show_routes(build([file]), screen)
    assert isinstance(screen.file, io.StringIO)
    lines = screen.file.getvalue().splitlines()
    assert "DELETE  /v2/pets/{petId}" in lines
    assert any(line.startswith("        pets: deletePet: delete pets") for line in lines)
    assert max(map(len, lines)) <= 60


def test_equal_names_of_files_are_told_apart(start: Start, tmp_path: Path) -> None:
    one = written(tmp_path, WITHOUT_REMARKS, "one/openapi.yaml")
    two = written(
        tmp_path, WITHOUT_REMARKS.replace("default: v2", "default: v3"), "two/openapi.yaml"
    )
    with (
        start("--quiet", one, two) as running,
        httpx.Client(headers=KEY, trust_env=False) as client,
    ):
        for base in ("v2", "v3"):
            assert client.get(f"{running.url}/{base}/pets").status_code == 200
        key = client.get(f"{running.url}/v2/pets").json()[0]["id"]
        assert client.delete(f"{running.url}/v2/pets/{key}").status_code == 204
        assert len(client.get(f"{running.url}/v3/pets").json()) == 3
    for name in ("Pets (openapi)", "Pets (openapi-2)"):
        assert name in running.output


def test_a_description_called_like_the_control_api(tmp_path: Path) -> None:
    done = run("routes", written(tmp_path, WITHOUT_REMARKS, "control.yaml"))
    assert "control-2 " in done.stdout


def test_descriptions_of_the_same_paths_are_told(tmp_path: Path) -> None:
    one = written(tmp_path, WITHOUT_REMARKS, "one.yaml")
    two = written(tmp_path, WITHOUT_REMARKS, "two.yaml")
    line = complaint("serve", one, two)
    assert line.startswith(f"{two} at /paths: GET /v2/pets is described by {one}, too: ")
    assert "a port of its own" in line


def test_descriptions_may_share_a_base_path(start: Start, tmp_path: Path) -> None:
    one = written(tmp_path, WITHOUT_REMARKS, "one.yaml")
    two = written(tmp_path, WITHOUT_REMARKS.replace("/pets", "/beasts"), "two.yaml")
    with start("--quiet", one, two) as running:
        for path in ("/v2/pets", "/v2/beasts"):
            answer = httpx.get(running.url + path, headers=KEY, trust_env=False)
            assert answer.status_code == 200


@pytest.mark.parametrize("name", ["no.yaml", "./no", "no/such.json"])
def test_a_file_that_is_not_there(name: str) -> None:
    assert complaint("serve", name) == f"{name}: cannot be read: No such file or directory"


def test_a_folder_is_no_description(tmp_path: Path) -> None:
    file = written(tmp_path)
    assert complaint("serve", str(tmp_path)) == f"{tmp_path}: it is a folder; expected {file}"
