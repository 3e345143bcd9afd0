"""The command ``selftest``: the gate tried on mocks with faults in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

    from mockserver.contract.selftest import SelfTest, Trial


@click.command()
@click.option(
    "--api", metavar="STEM", help="The built-in API to put faults into.  [default: assets]"
)
@click.option("--spec", metavar="FILE", help="The description of another API to put faults into.")
@click.option("--max-time", default=10.0, show_default=True, help="Seconds for each fault.")
@click.option("--seed", default=0, show_default=True, help="What the calls are drawn from.")
@click.option("--fault", "names", multiple=True, metavar="NAME", help="Only these faults.")
@click.option(
    "--at-least",
    type=click.FloatRange(0, 100),
    metavar="PERCENT",
    help="Faults to be found for exit code 0; any share will do when it is not given.",
)
def selftest(api: str | None, spec: str | None, **flags: object) -> None:
    """Show what the gate finds, and what it does not.

    A mock is checked that has one fault at a time: a lost write, a stale read, a wrong status.
    Exit code: 0, or 1 when fewer were found than --at-least asks for, 2 when it could not run.
    """
    if api is not None and spec is not None:
        raise click.UsageError("tell either --api STEM or --spec FILE")
    raise SystemExit(_tested(api or spec or "assets", flags))


def _tested(description: str, flags: dict[str, object]) -> int:
    from rich.console import Console

    from mockserver.contract.selftest import catalogue
    from mockserver.contract.selftest import selftest as run
    from mockserver.errors import StartupError

    names = flags["names"] if isinstance(flags["names"], tuple) else ()
    unknown = [name for name in names if name not in catalogue()]
    if unknown:
        told = ", ".join(sorted(catalogue()))
        click.echo(f"mockserver: no fault {unknown[0]}; there are: {told}", err=True)
        return 2
    console = Console()
    try:
        done = run(
            description,
            seconds=float(str(flags["max_time"])),
            seed=int(str(flags["seed"])),
            names=names,
            listener=lambda trial: _show_trial(trial, console),
        )
    except StartupError as error:
        for problem in error.problems:
            click.echo(f"mockserver: {problem}", err=True)
        return 2
    _show(done, console)
    wanted = flags["at_least"]
    return 1 if wanted is not None and done.share * 100 < float(str(wanted)) else 0


def _show_trial(trial: Trial, console: Console) -> None:
    """A line as soon as a fault was tried."""
    from rich.text import Text

    styles = {"found": "green", "missed": "bold red"}
    name, code = trial.fault.name, f"{trial.code} {trial.operation}".strip()
    line = f"{trial.outcome:12}{name:32}{trial.seconds:7.2f} s {trial.requests:7,} requests  {code}"
    console.print(Text(line, style=styles.get(trial.outcome, "dim")), soft_wrap=True)


def _show(done: SelfTest, console: Console) -> None:
    """What was missed, in words, and the share."""
    from rich.text import Text

    for trial in done.trials:
        if trial.outcome == "missed":
            told = f"missed: {trial.fault.name} ({trial.fault.kind}): {trial.fault.sentence}"
            console.print(Text(told, style="red"), soft_wrap=True)
    found, missed = done.count("found"), done.count("missed")
    idle = done.count("no occasion")
    if idle:
        console.print(f"{idle} faults made no difference to any answer here")
    line = f"found {found} of {found + missed} faults ({done.share:.0%}), "
    line += f"half of them within {done.median:.1f} s; {done.seconds:.0f} s in all"
    console.print(Text(line, style="bold"), soft_wrap=True)
