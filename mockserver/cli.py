"""The command line: flags in, exit code out."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import threading
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
    from mockserver.catalogue import Mock, Settings

DEFAULT_PORT = 39300


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
    ]  # fmt: skip
    return _with(options, command)


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
def serve(stem: tuple[str, ...], host: str, port: int | None, quiet: bool, **state: object) -> None:
    """Serve APIs: built-in ones by their stem, others by their description; all when none is named.

    A description is a file, a URL, or - for the standard input.
    """
    gc.disable()  # what is made while starting stays; collecting it again and again is slow
    try:
        _serve(stem, host, port, quiet, _settings(**state))  # type: ignore[arg-type]
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
        rules=Rules(seed, told, more["history"], more["max_sandboxes"]),
        fixtures=None if no_fixtures else fixtures or FIXTURES,
        max_blobs=more["max_blobs"] * 1024 * 1024,
        options=Options(tolerant=tolerant, rate_limit=rate_limit),
        records=more["records"],
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


def _serve(
    stems: tuple[str, ...], host: str, port: int | None, quiet: bool, settings: Settings
) -> None:
    from mockserver import server
    from mockserver.app import create_app
    from mockserver.banner import show_apis
    from mockserver.catalogue import build
    from mockserver.console.control import control_api
    from mockserver.request_log import RequestLog
    from mockserver.state.sources import real_clock

    mock = build(stems, settings)
    log = None if quiet else RequestLog(sys.stdout, _secrets(mock))
    app = create_app(mock, control_api(mock), log)
    listening = server.bind(host, _port(mock) if port is None else port)
    address = server.address(listening)

    gc.freeze()
    gc.enable()

    def ready() -> None:
        if log is not None:
            log.start()
        with contextlib.suppress(OSError, SystemExit):  # nobody may be reading what is shown
            show_apis(mock, address)
        threading.Thread(target=mock.judge, daemon=True).start()

    def stopped() -> None:
        if log is not None:
            log.stop()
        _let_go_of_stdout()

    dated = settings.rules.clock is real_clock
    server.run(app, listening, date_header=dated, ready=ready, stopped=stopped)


def _secrets(mock: Mock) -> set[str]:
    """The query parameters that hold API keys."""
    return {
        scheme.parameter
        for api in mock.apis
        for scheme in api.description.security_schemes.values()
        if scheme.location == "query"
    }


def _let_go_of_stdout() -> None:
    """Python flushes at exit and fails when nobody reads: give it somebody who does."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _port(mock: Mock) -> int:
    """The first loopback server with a port that a served description names."""
    named = (api.description.port for api in mock.apis)
    return next((port for port in named if port), DEFAULT_PORT)


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
