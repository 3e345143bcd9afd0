from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from mockserver.cli import main
from tests.contract_gate.servers import raw_server


def run(*words: str) -> Any:
    return CliRunner().invoke(main, words)


def test_a_server_that_keeps_its_contract_is_told_so(server: Any) -> None:
    done = run("check", server.url, "--api", "plane", "--max-time", "4")
    assert done.exit_code == 0, done.output
    assert "KEPT" in done.output


def test_a_server_that_breaks_it_is_told_so_with_calls_to_see_it() -> None:
    with raw_server(lambda c: c.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")) as url:
        done = run("check", url, "--api", "plane", "--reset", f"{url}/r", "--max-findings", "1")
    assert done.exit_code == 1, done.output
    assert "BROKEN: 1 findings" in done.output
    assert "curl -X" in done.output


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("http://127.0.0.1:9", "--api", "plane"), "nobody listens"),
        (("http://127.0.0.1:9", "--api", "plain"), "no such API"),
        (("http://127.0.0.1:9", "--spec", "nowhere.yaml"), "nowhere.yaml"),
        (("localhost", "--api", "plane"), "expected the URL"),
        (("http://127.0.0.1:9",), "--api STEM or --spec FILE"),
        (("http://127.0.0.1:9", "--api", "plane", "--header", "x"), "expected a header"),
    ],
)
def test_what_cannot_be_checked_is_told_in_a_line(words, told) -> None:
    done = run("check", *words)
    assert done.exit_code == 2
    assert told in done.output


def test_a_code_is_explained() -> None:
    assert "PUT" in run("explain", "MS407").output or "written" in run("explain", "ms407").output
    assert run("explain", "MS000").exit_code == 2
    assert "MS201" in run("explain").output
