"""What the documents say is executed, or compared with what is there."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from mockserver.cli import main
from mockserver.engine.inference.kinds import KINDS
from tests.running import Server

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
DOCUMENTED = "http://127.0.0.1:39300"
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
SHELL = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
EXAMPLES = [text for text in PYTHON if DOCUMENTED in text]

ORDER = {
    "type": "object",
    "required": ["id", "status"],
    "properties": {
        "id": {"type": "string", "readOnly": True},
        "status": {"type": "string", "enum": ["open", "cancelled"]},
    },
}
SHOWN = {"description": "", "content": {"application/json": {"schema": ORDER}}}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
ORDERS = {
    "openapi": "3.0.3",
    "info": {"title": "Orders", "version": "1"},
    "paths": {
        "/orders": {
            "post": {
                "requestBody": {"content": {"application/json": {"schema": ORDER}}},
                "responses": {"201": SHOWN},
            }
        },
        "/orders/{id}": {"parameters": [ID], "get": {"responses": {"200": SHOWN}}},
        "/orders/{id}/cancel": {
            "parameters": [ID],
            "post": {
                "operationId": "cancelOrder",
                "responses": {"200": SHOWN, "404": {"description": ""}},
            },
        },
    },
}


@pytest.mark.parametrize("example", EXAMPLES, ids=[text.splitlines()[2] for text in EXAMPLES])
def test_examples_of_the_readme_run(example: str, server: Any) -> None:
    names: dict[str, Any] = {}
    exec(compile(example.replace(DOCUMENTED, server.url), "README.md", "exec"), names)
    for value in names.values():
        if isinstance(value, httpx.Client):
            value.close()


def test_the_handlers_of_the_readme_take_over_one_operation(tmp_path: Path) -> None:
    [own] = [text for text in PYTHON if text not in EXAMPLES]
    (tmp_path / "own.py").write_text(own)
    (tmp_path / "openapi.json").write_text(json.dumps(ORDERS))
    flags = (str(tmp_path / "openapi.json"), "--handlers", str(tmp_path / "own.py"))
    with Server(tmp_path, *flags) as server, httpx.Client(base_url=server.url) as api:
        order = api.post("/orders", json={"status": "open"}).json()
        assert order["status"] == "open"
        cancelled = api.post(f"/orders/{order['id']}/cancel")
        assert cancelled.json() == {**order, "status": "cancelled"}
        assert api.get(f"/orders/{order['id']}").json() == cancelled.json()
        assert api.post("/orders/x/cancel").status_code == 404


def test_the_calls_of_the_readme_work_on_its_description(tmp_path: Path) -> None:
    [description] = re.findall(r"```yaml\n(openapi:.*?)```", README, re.DOTALL)
    (tmp_path / "openapi.yaml").write_text(description)
    [calls] = [text for text in SHELL if "/v1/orders" in text]
    with Server(tmp_path, str(tmp_path / "openapi.yaml")) as server:
        told = [called(line.replace(DOCUMENTED, server.url)) for line in calls.splitlines()]
    made, listed, changed, deleted, gone = told
    assert made.text == '{"id":4,"item":"tea","status":"open"}'
    assert made.json() in listed.json()
    assert changed.json() == {**made.json(), "status": "sent"}
    assert (made.status_code, deleted.status_code, gone.status_code) == (201, 204, 404)
    for text in (made.text, gone.text):
        assert f"`{text}`" in README


def called(line: str) -> httpx.Response:
    """What a call of curl is answered."""
    words = shlex.split(line)
    assert words[0] == "curl"
    flags = dict(zip(words[1:-1:2], words[2:-1:2], strict=True))
    body = json.loads(flags["--json"]) if "--json" in flags else None
    return httpx.request(flags.get("-X", "GET"), words[-1], json=body)


def test_every_kind_of_operation_is_in_the_readme() -> None:
    assert {kind for kind in KINDS if f"`{kind}`" not in README} == set()


def test_the_readme_opens_with_two_commands() -> None:
    first, second = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)[:2]
    assert first.count("\n") == second.count("\n") == 1
    assert shlex.split(first)[-2:] == [".venv/bin/mockserver", "serve"]
    assert shlex.split(second)[-2:] == [".venv/bin/tox", "run"]


def test_every_option_of_serve_is_in_the_readme() -> None:
    shown = CliRunner().invoke(main, ["serve", "--help"]).output
    options = set(re.findall(r"--[a-z][a-z-]+", shown)) - {"--help"}
    assert options
    assert {option for option in options if option not in README} == set()


def test_every_module_has_its_line() -> None:
    package = ROOT / "mockserver"
    listed = set(re.findall(r"^\| `([^`]+)`", (package / "README.md").read_text(), re.MULTILINE))
    modules = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if path.name not in ("__init__.py", "__main__.py")
    }
    assert listed == modules


def test_the_ci_runs_the_test_command_of_the_readme() -> None:
    assert README.count("<!-- test command -->") == 1
    assert "README.md" in (ROOT / ".ci" / "run").read_text()
