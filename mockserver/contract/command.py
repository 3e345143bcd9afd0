"""The commands ``check`` and ``explain``: flags in, exit code out."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

if TYPE_CHECKING:
    from mockserver.contract.results import Options

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
GENTLE = 20.0
"""Requests a second to a server that is not on this machine."""


@click.command()
@click.argument("url", required=False)
@click.option("--api", metavar="STEM", help="The built-in API that the server should be.")
@click.option("--spec", metavar="FILE", help="The description that the server should keep.")
@click.option("--max-time", default=60.0, show_default=True, help="Seconds in all.")
@click.option("--seed", default=0, show_default=True, help="What the calls are drawn from.")
@click.option(
    "--header",
    "headers",
    multiple=True,
    metavar="'NAME: VALUE'",
    help="Sent with every call to the server.",
)
@click.option("--auth", metavar="TOKEN|USER:PASSWORD", help="Who calls, where not a fixture's own.")
@click.option("--include", multiple=True, metavar="OPERATION", help="Only these operations.")
@click.option("--exclude", multiple=True, metavar="OPERATION", help="Not these operations.")
@click.option(
    "--fixtures/--own-data-only",
    default=None,
    help="Whether the server begins with the mock's records and may be reset, or others use it, "
    "too: then only what the check makes itself is judged, and is removed.  [default: own data "
    "only, unless --reset is told or the server is a mock of ours]",
)
@click.option("--reset", metavar="URL", help="Posted to, to bring the server back to its seed.")
@click.option("--rate", type=float, help="Requests a second; unlimited on this machine, else 20.")
@click.option("--timeout", default=10.0, show_default=True, help="Seconds for one answer.")
@click.option("--max-findings", default=20, show_default=True, help="Findings that end the check.")
@click.option("--no-base-path", is_flag=True, help="The URL has the description's base path.")
@click.option(
    "--report",
    metavar="FORMATS",
    default="",
    help="junit, html, json, sarif, github: one or more, with commas between.",
)
@click.option(
    "--report-dir",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where reports go, and each finding with its scripts.  [default: contract-report]",
)
@click.option(
    "--baseline",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Findings that are accepted for a while.",
)
@click.option("--update-baseline", is_flag=True, help="Write what was found into the baseline.")
@click.option("--coverage", is_flag=True, help="Show what was reached of the description.")
@click.option("--replay", metavar="FINDING", help="Make one finding's calls again: a file, or id.")
def check(url: str | None, api: str | None, spec: str | None, **flags: object) -> None:
    """Check whether a server keeps its contract.

    URL is the server's root. Each call goes to the server and to a mock in this process, and the
    answers are compared. Exit code: 0 kept, 1 broken, 2 could not be checked, or was interrupted
    before anything was found. With --replay: 0 fixed, 1 still there, 2 could not be run, 3
    something else is wrong.
    """
    if api is not None and spec is not None:
        raise click.UsageError("tell either --api STEM or --spec FILE")
    if flags["update_baseline"] and flags["baseline"] is None:
        raise click.UsageError("--update-baseline writes the file of --baseline FILE: tell it, too")
    if flags["replay"] is None and (url is None or (api or spec) is None):
        raise click.UsageError("tell the URL of a server, and --api STEM or --spec FILE")
    run = _replayed if flags["replay"] else _checked
    raise SystemExit(run(url, api or spec or "", flags))


def _complaining(run: Callable[[], int]) -> int:
    """Run something; what cannot be done is told in a line, and is 2."""
    from mockserver.contract.results import CannotCheck
    from mockserver.errors import StartupError

    try:
        return run()
    except (CannotCheck, ValueError, OSError) as error:
        click.echo(f"mockserver: {error}", err=True)
    except StartupError as error:
        for problem in error.problems:
            click.echo(f"mockserver: {problem}", err=True)
    return 2


def _checked(url: str | None, description: str, flags: dict[str, object]) -> int:
    return _complaining(lambda: _check(url or "", description, flags))


def _check(url: str, description: str, flags: dict[str, object]) -> int:
    from rich.console import Console

    from mockserver.contract import baseline
    from mockserver.contract.checking import check as run
    from mockserver.contract.coverage_table import show_coverage
    from mockserver.contract.progress import progress
    from mockserver.contract.reports.writing import FOLDER, chosen, write
    from mockserver.contract.summary import show

    options = _options(url, flags)
    formats = chosen(str(flags["report"]))
    file, updating = flags["baseline"], bool(flags["update_baseline"])
    known = baseline.read(file, missing=updating) if isinstance(file, Path) else None
    with progress(Console(stderr=True)) as listener:
        result = run(url, description, options, reset=flags["reset"], listener=listener)
    today = datetime.now(UTC).date()
    if known is not None and isinstance(file, Path):
        if updating:
            reached = frozenset(operation for operation, _ in result.reached)
            known = known.updated(result.findings, reached, today)
            file.write_text(known.text(), encoding="utf-8")
        known.judge(result, today)
    folder = flags["report_dir"]
    if formats or isinstance(folder, Path):
        folder = folder if isinstance(folder, Path) else Path(FOLDER)
        write(result, options, folder, formats, click.echo)
    if flags["coverage"]:
        show_coverage(result.coverage, Console())
    show(result, Console(), folder if isinstance(folder, Path) else None)
    return result.exit_code


def _replayed(url: str | None, description: str, flags: dict[str, object]) -> int:
    return _complaining(lambda: _replay(url, description, flags))


def _replay(url: str | None, description: str, flags: dict[str, object]) -> int:
    from mockserver.contract.replay import find, load, replay
    from mockserver.contract.reports.writing import FOLDER

    folder = flags["report_dir"] if isinstance(flags["report_dir"], Path) else Path(FOLDER)
    stored = load(find(str(flags["replay"]), folder))
    told = _options(url or stored.url, flags)
    kept = stored.options
    own_data = kept.own_data if told.own_data is None else told.own_data
    options = replace(told, base_path=told.base_path and kept.base_path, own_data=own_data)
    done = replay(stored, url, description, options, reset=flags["reset"])
    click.echo(f"{done.verdict}: {stored.code} {stored.cause[0]}")
    click.echo(f"  {done.why}")
    return done.verdict.value


def _options(url: str, flags: dict[str, object]) -> Options:
    from mockserver.contract.results import Options

    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"expected the URL of a server such as http://localhost:8000, got {url!r}")
    rate = flags["rate"]
    if rate is None:
        rate = 0.0 if parts.hostname in _LOOPBACK else GENTLE
    headers = [_header(text) for text in _texts(flags["headers"])]
    if flags["auth"]:
        headers.append(("Authorization", _credential(str(flags["auth"]))))
    return Options(
        seconds=float(str(flags["max_time"])),
        seed=int(str(flags["seed"])),
        most=int(str(flags["max_findings"])),
        include=tuple(_texts(flags["include"])),
        exclude=tuple(_texts(flags["exclude"])),
        headers=tuple(headers),
        base_path=not flags["no_base_path"],
        rate=float(str(rate)),
        own_data=None if flags["fixtures"] is None else not flags["fixtures"],
        timeout=float(str(flags["timeout"])),
    )


def _texts(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, tuple) else []


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise ValueError(f"expected a header such as 'X-Team: blue', got {text!r}")
    return name.strip(), value.strip()


def _credential(text: str) -> str:
    """What the Authorization header holds (RFC 7617 for a name and password, else RFC 6750)."""
    if ":" in text:
        return f"Basic {base64.b64encode(text.encode()).decode()}"
    return f"Bearer {text}"


@click.command()
@click.argument("code", required=False)
def explain(code: str | None) -> None:
    """Say what the code of a finding means; all codes when none is given."""
    from mockserver.contract.codes import CODES

    if code is None:
        for name in sorted(CODES):
            click.echo(f"{name}  {CODES[name].title}")
        return
    found = CODES.get(code.upper())
    if found is None:
        click.echo(f"mockserver: no code {code}; there are: {', '.join(sorted(CODES))}", err=True)
        raise SystemExit(2)
    click.echo(f"{code.upper()}: {found.title}\n\n{found.explanation}")
