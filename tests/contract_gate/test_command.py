from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from mockserver.cli import main
from mockserver.contract.progress import progress, words
from mockserver.contract.results import Event
from tests.contract_gate.servers import raw_server


def run(*given: str) -> Any:
    return CliRunner().invoke(main, given)


def test_a_server_that_keeps_its_contract_is_told_so(server: Any) -> None:
    done = run("check", server.url, "--api", "plane", "--max-time", "4")
    assert done.exit_code == 0, done.output
    assert "KEPT" in done.output


def test_a_server_that_breaks_it_is_told_so_with_calls_to_see_it() -> None:
    with raw_server(lambda c: c.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")) as url:
        done = run("check", url, "--api", "plane", "--reset", f"{url}/r", "--max-findings", "1")
    assert done.exit_code == 1, done.output
    assert done.output.splitlines()[-1] == "BROKEN: 1 finding"
    assert "curl -sS" in done.output


NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"


def check_broken(*more: str) -> Any:
    """Check a server that answers 204 to everything, until two findings are made."""
    with raw_server(lambda c: c.sendall(NO_CONTENT)) as url:
        flags = ("--api", "plane", "--reset", f"{url}/r", "--max-findings", "2")
        return run("check", url, *flags, *more)


def test_a_report_is_written_where_it_is_asked_for(tmp_path: Path) -> None:
    done = check_broken("--report", "html,github", "--report-dir", str(tmp_path))
    assert done.exit_code == 1, done.output
    assert (tmp_path / "report.html").exists()
    assert not (tmp_path / "report.json").exists()
    assert done.output.count("::error file=") == 2
    [test, _] = (tmp_path / "findings").glob("test_*.py")
    assert test.name in done.output


def test_a_report_that_there_is_not_is_told_before_anything_is_called() -> None:
    done = run("check", "http://127.0.0.1:9", "--api", "plane", "--report", "pdf")
    assert done.exit_code == 2
    assert "no report is called pdf" in done.output


def test_a_baseline_is_written_kept_to_and_expires(tmp_path: Path) -> None:
    path = tmp_path / "baseline.yaml"
    assert check_broken("--baseline", str(path)).exit_code == 2  # there is none yet
    done = check_broken("--baseline", str(path), "--update-baseline")
    assert done.exit_code == 0, done.output
    assert "accepted: to be said" in done.output
    again = check_broken("--baseline", str(path))
    assert again.exit_code == 0, again.output
    path.write_text(re.sub(r"expires: '?[0-9-]+'?", "expires: 2020-01-01", path.read_text()))
    expired = check_broken("--baseline", str(path))
    assert expired.exit_code == 1
    assert "expired on 2020-01-01, and counts again" in expired.output


def test_a_header_that_is_a_secret_is_nowhere_in_what_is_printed() -> None:
    done = check_broken("--auth", "a-very-secret-token", "--header", "X-Team: blue")
    assert "a-very-secret-token" not in done.output
    assert "$AUTHORIZATION" in done.output or "${AUTHORIZATION}" in done.output
    assert "X-Team: blue" in done.output


def test_progress_is_one_line_with_all_that_one_waits_for() -> None:
    event = Event("sequences", 1_234, 2, 41.6, 7, 10)
    told = "sequences · 7 of 10 operations · 1,234 requests · 2 findings · 42 s left"
    assert words(event) == told


def test_progress_is_plain_where_nobody_watches() -> None:
    file = io.StringIO()
    with progress(Console(file=file, force_terminal=False)) as listener:
        listener(Event("sequences", 1, 0, 1.0))
    assert "\x1b" not in file.getvalue()
    shown = io.StringIO()
    with progress(Console(file=shown, force_terminal=True, width=100)) as listener:
        listener(Event("sequences", 1, 0, 1.0))
    assert "\x1b" in shown.getvalue()


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("http://127.0.0.1:9", "--api", "plane"), "nobody listens"),
        (("http://127.0.0.1:9", "--api", "plain"), "no such API"),
        (("http://127.0.0.1:9", "--spec", "nowhere.yaml"), "nowhere.yaml"),
        (("localhost", "--api", "plane"), "expected the URL"),
        (("http://127.0.0.1:9",), "--api STEM or --spec FILE"),
        ((), "tell the URL of a server"),
        (("http://127.0.0.1:9", "--api", "plane", "--spec", "x.yaml"), "either --api STEM or"),
        (("http://127.0.0.1:9", "--api", "plane", "--update-baseline"), "--baseline FILE"),
        (("http://127.0.0.1:9", "--api", "plane", "--header", "x"), "expected a header"),
    ],
)
def test_what_cannot_be_checked_is_told_in_a_line(flags, told) -> None:
    done = run("check", *flags)
    assert done.exit_code == 2
    assert told in done.output


def test_a_code_is_explained_with_an_example_and_what_to_do() -> None:
    said = run("explain", "ms407").output
    assert said.startswith("MS407: not kept\n\nWhat was written")
    assert "For example: " in said
    assert "What to do: " in said
    assert run("explain", "MS000").exit_code == 2
    assert "MS201  status" in run("explain").output


def test_every_option_of_check_is_in_the_readme() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    options = set(re.findall(r"--[a-z][a-z-]+", run("check", "--help").output)) - {"--help"}
    assert "--baseline" in options
    assert {option for option in options if option not in readme} == set()
