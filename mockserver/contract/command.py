"""The commands ``check`` and ``explain``: flags in, exit code out."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

if TYPE_CHECKING:
    from mockserver.contract.results import Options

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}
GENTLE = 20.0
"""Requests a second to a server that is not on this machine."""


@click.command()
@click.argument("url")
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
@click.option("--reset", metavar="URL", help="Posted to, to bring the server back to its seed.")
@click.option("--rate", type=float, help="Requests a second; unlimited on this machine, else 20.")
@click.option("--timeout", default=10.0, show_default=True, help="Seconds for one answer.")
@click.option("--max-findings", default=20, show_default=True, help="Findings that end the check.")
@click.option("--no-base-path", is_flag=True, help="The URL has the description's base path.")
def check(url: str, api: str | None, spec: str | None, **flags: object) -> None:
    """Check whether a server keeps its contract.

    URL is the server's root. Each call goes to the server and to a mock in this process, and the
    answers are compared. Exit code: 0 kept, 1 broken, 2 could not be checked.
    """
    if (api is None) == (spec is None):
        raise click.UsageError("tell either --api STEM or --spec FILE")
    raise SystemExit(_checked(url, api or spec or "", flags))


def _checked(url: str, description: str, flags: dict[str, object]) -> int:
    from rich.console import Console

    from mockserver.contract.checking import check as run
    from mockserver.contract.results import CannotCheck
    from mockserver.contract.summary import progress, show
    from mockserver.errors import StartupError

    console, errors = Console(), Console(stderr=True)
    try:
        options = _options(url, flags)
        with errors.status("starting") as status:
            result = run(
                url,
                description,
                options,
                reset=flags["reset"],
                listener=lambda event: status.update(progress(event)),
            )
    except (CannotCheck, ValueError) as error:
        click.echo(f"mockserver: {error}", err=True)
        return 2
    except StartupError as error:
        for problem in error.problems:
            click.echo(f"mockserver: {problem}", err=True)
        return 2
    show(result, console, url)
    return 0 if result.kept else 1


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
