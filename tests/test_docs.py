"""What the documents say is executed, or compared with what is there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner

from mockserver.cli import main

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
DOCUMENTED = "http://127.0.0.1:39300"
EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=[text.splitlines()[2] for text in EXAMPLES])
def test_examples_of_the_readme_run(example: str, server: Any) -> None:
    assert DOCUMENTED in example
    names: dict[str, Any] = {}
    exec(compile(example.replace(DOCUMENTED, server.url), "README.md", "exec"), names)
    for value in names.values():
        if isinstance(value, httpx.Client):
            value.close()


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
