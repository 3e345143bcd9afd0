"""The command line: flags in, exit code out."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mockserver import __version__
from mockserver.contract.command import check, explain
from mockserver.contract.selftest_command import selftest
from mockserver.errors import Problem, StartupError

if TYPE_CHECKING:
    from mockserver.catalogue import Settings


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mockserver")
def main() -> None:
    """A stateful mock of APIs, driven by their OpenAPI descriptions."""


main.add_command(check)
main.add_command(explain)
main.add_command(selftest)


def _state_options(command: click.decorators.FC) -> click.decorators.FC:
    """The options that say which state a mock begins with, and how large it may grow."""
    options = [
        click.option("--seed", default=0, show_default=True, help="What new ids are made from."),
        click.option("--clock", default="real", show_default=True,
                     help="'real', or an ISO 8601 instant that advances 1 ms a commit."),
        click.option("--fixtures", type=click.Path(path_type=Path), metavar="DIR",
                     help="Records to begin with, DIR/<api>/<collection>.json."),
        click.option("--no-fixtures", is_flag=True, help="Begin without records."),
        click.option("--max-sandboxes", default=10_000, show_default=True,
                     type=click.IntRange(1), help="The longest idle are dropped past it."),
        click.option("--history", default=1_000, show_default=True, type=click.IntRange(1),
                     help="Revisions kept of each sandbox."),
        click.option("--max-blobs", default=512, show_default=True, type=click.IntRange(0),
                     metavar="MIB", help="Stored bytes of all sandboxes together."),
        click.option("--records", default=3, show_default=True, type=click.IntRange(0),
                     help="Records that each inferred collection begins with."),
        click.option("--tolerant", is_flag=True,
                     help="Take what known clients send and the real server refuses."),
        click.option("--rate-limit", is_flag=True,
                     help="Refuse calls past an API's own limit with 429."),
        click.option("--sandbox-ttl", default="1h", show_default=True, metavar="TIME",
                     callback=_seconds, help="Idle sandboxes are dropped after it; 0: never."),
        click.option("--sandbox-by", type=click.Choice(["traceparent"]),
                     help="What names the sandbox where neither path nor header does."),
        click.option("--journal", default=1_000, show_default=True, type=click.IntRange(0),
                     help="Requests kept of each sandbox."),
        click.option("--journal-size", default=32, show_default=True, type=click.IntRange(1),
                     metavar="MIB", help="Requests kept of all sandboxes together."),
    ]  # fmt: skip
    return _with(options, command)


_TIME = re.compile(r"(\d+(?:\.\d+)?)(s|m|h|d|)")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3_600, "d": 86_400}


def _seconds(context: click.Context, parameter: click.Parameter, text: str) -> float:
    """The seconds that a text such as 90, 30m or 1h says."""
    found = _TIME.fullmatch(text)
    if found is None:
        message = f"expected seconds, or a number with s, m, h or d such as 30m; got {text!r}"
        raise click.BadParameter(message)
    return float(found[1]) * _UNITS[found[2]]


def _control_options(command: click.decorators.FC) -> click.decorators.FC:
    """The options that say who may use the control API."""
    options = [
        click.option("--control-token", envvar="MOCKSERVER_CONTROL_TOKEN", metavar="TOKEN",
                     callback=_token, show_envvar=True,
                     help="Answer control calls that send it, from other machines, too."),
        click.option("--no-control", is_flag=True, help="Begin without the control API."),
    ]  # fmt: skip
    return _with(options, command)


def _lasting_options(command: click.decorators.FC) -> click.decorators.FC:
    """The options that say what outlives the process, or a change of the description."""
    options = [
        click.option("--state", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
                     help="Keep the default sandbox in a file, and go on where it ends."),
        click.option("--state-sync", is_flag=True,
                     help="Wait at each commit until it is on the disk."),
        click.option("--watch", is_flag=True,
                     help="Load description, handlers and fixtures again when they change."),
    ]  # fmt: skip
    return _with(options, command)


def _token(context: click.Context, parameter: click.Parameter, text: str | None) -> str:
    """A token that a header can carry; nothing when none is set."""
    if text is not None and not re.fullmatch(r"[!-~]+", text):
        raise click.BadParameter("expected one or more visible ASCII characters without spaces")
    return text or ""


def _reading_options(command: click.decorators.FC) -> click.decorators.FC:
    """The options that say how descriptions are read, and who answers in their place."""
    options = [
        click.option("--handlers", multiple=True, type=click.Path(path_type=Path),
                     metavar="FILE.py",
                     help="Handlers of your own, for some operations; the file is run."),
        click.option("--no-base-path", is_flag=True,
                     help="Serve paths without the path of the description's first server."),
        click.option("--allow-remote-refs", is_flag=True,
                     help="Fetch what a description refers to on other hosts."),
        click.option("--verbose", is_flag=True,
                     help="Tell all that is wrong in a description, not only the first of a "
                     "kind, and why operations are taken for what they are."),
    ]  # fmt: skip
    return _with(options, command)


def _with(
    options: Sequence[Callable[[click.decorators.FC], click.decorators.FC]],
    command: click.decorators.FC,
) -> click.decorators.FC:
    for option in reversed(options):
        command = option(command)
    return command


@main.command()
@click.argument("stem", nargs=-1, metavar="[API|FILE|URL|-]...")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to bind.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to bind; 0 takes a free one.")
@click.option("--quiet", is_flag=True, help="No line for each request.")
@_reading_options
@_state_options
@_lasting_options
@_control_options
def serve(stem: tuple[str, ...], **options: Any) -> None:
    """Serve APIs: built-in ones by their stem, others by their description; all when none is named.

    A description is a file, a URL, or - for the standard input.
    """
    gc.disable()  # what is made while starting stays; collecting it again and again is slow
    from mockserver import serving

    try:
        plan = serving.Plan(
            host=options["host"],
            port=options["port"],
            quiet=options["quiet"],
            control=not options["no_control"],
            token=options["control_token"],
            state=options["state"],
            sync=options["state_sync"],
            watch=options["watch"],
        )
        serving.serve(stem, _settings(**options), plan)
    except StartupError as error:
        raise SystemExit(_complain(error)) from None


def _complain(error: StartupError) -> int:
    for problem in error.problems:
        click.echo(f"mockserver: {problem}", err=True)
    return 2


def _settings(
    seed: int,
    clock: str,
    fixtures: Path | None,
    no_fixtures: bool,
    tolerant: bool,
    rate_limit: bool,
    **more: Any,
) -> Settings:
    from mockserver.catalogue import FIXTURES
    from mockserver.engine.handlers import Options
    from mockserver.state.sandboxes import Rules
    from mockserver.state.sources import parse_clock

    try:
        told = parse_clock(clock)
    except ValueError as error:
        raise StartupError([Problem("--clock", "", str(error))]) from None
    return replace(
        _reading(**more),
        rules=Rules(
            seed,
            told,
            more["history"],
            more["max_sandboxes"],
            more["sandbox_ttl"],
            more["sandbox_by"] is not None,
        ),
        fixtures=None if no_fixtures else fixtures or FIXTURES,
        max_blobs=more["max_blobs"] * 1024 * 1024,
        options=Options(tolerant=tolerant, rate_limit=rate_limit),
        records=more["records"],
        journal=more["journal"],
        journal_size=more["journal_size"] * 1024 * 1024,
    )


def _reading(
    handlers: tuple[Path, ...],
    no_base_path: bool,
    allow_remote_refs: bool,
    verbose: bool,
    **others: object,
) -> Settings:
    """What the options say of how descriptions are read."""
    from mockserver.catalogue import Settings

    return Settings(
        fixtures=None,
        allow_remote_refs=allow_remote_refs,
        handlers=handlers,
        base_path=not no_base_path,
        verbose=verbose,
    )


@main.command()
@click.argument("stem", nargs=-1, metavar="[API|FILE|URL|-]...")
@_reading_options
def routes(stem: tuple[str, ...], **reading: Any) -> None:
    """List operations and, where nobody wrote a handler, what they are taken for."""
    from mockserver.banner import show_routes
    from mockserver.catalogue import build

    try:
        show_routes(build(stem, _reading(**reading)), verbose=reading["verbose"])
    except StartupError as error:
        raise SystemExit(_complain(error)) from None
