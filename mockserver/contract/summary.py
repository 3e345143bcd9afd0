"""What was found, for a person to read in ten seconds."""

from __future__ import annotations

import shlex

from rich.console import Console
from rich.text import Text

from mockserver.contract.codes import CODES
from mockserver.contract.results import Event, Result
from mockserver.contract.values import Answered, Exchange, Finding, Message

MOST_SHOWN = 6
"""Calls shown of one finding, the last ones."""

_LONG = 160


def progress(event: Event) -> str:
    """One line for a run that goes on."""
    left = max(0, round(event.left))
    return f"{event.phase}: {event.requests:,} requests, {event.findings} findings, {left} s left"


def show(result: Result, console: Console, url: str) -> None:
    """Print the verdict last, where the eye is."""
    for finding in result.findings:
        _show_finding(finding, console, url)
    for (operation, pointer), count in result.noise.most_common(5):
        told = f"not compared: {operation} {pointer or 'order'} ({count}×)"
        console.print(Text(told, style="dim"))
    if len(result.noise) > 5:  # noqa: PLR2004 - a few are enough
        console.print(Text(f"not compared: {len(result.noise) - 5} more", style="dim"))
    for remark in result.remarks:
        console.print(Text(remark, style="yellow"))
    operations = len({operation for operation, _ in result.reached})
    rate = result.requests / max(result.seconds, 0.001)
    console.print(
        f"{result.requests:,} requests in {result.seconds:.1f} s ({rate:,.0f}/s), "
        f"{operations} of {result.operations} operations, seed {result.seed}"
    )
    broken = sum(not finding.flaky for finding in result.findings)
    if broken:
        console.print(Text(f"BROKEN: {broken} findings", style="bold red"))
    else:
        console.print(Text("KEPT: no answer differs from the contract", style="bold green"))


def _show_finding(finding: Finding, console: Console, url: str) -> None:
    title = CODES[finding.code].title
    flaky = " (flaky: not seen again on a fresh state)" if finding.flaky else ""
    where = f"{finding.aspect} {finding.pointer}".strip()
    head = f"{finding.code} {title}: {finding.operation}, {where}{flaky}"
    console.print(Text(head, style="bold yellow" if finding.flaky else "bold red"))
    console.print(Text(f"  expected {_short(finding.expected)}"))
    console.print(Text(f"  got      {_short(finding.got)}"))
    for exchange in finding.sequence[-MOST_SHOWN:]:
        console.print(Text(f"  {_line(exchange, url)}", style="cyan"), soft_wrap=True)
    when = f"  first after {finding.seconds:.1f} s, seen {finding.count}×; described at"
    console.print(Text(f"{when} {finding.described}", style="dim"))


def _line(exchange: Exchange, url: str) -> str:
    status = exchange.got.status if isinstance(exchange.got, Answered) else exchange.got.kind
    return f"{_short(curl(exchange.message, url), 400)}  # {status}"


def curl(message: Message, url: str) -> str:
    """A call as a line for a shell."""
    words = ["curl", "-X", message.method]
    for name, value in message.headers:
        words += ["-H", f"{name}: {value}"]
    if message.body:
        words += ["--data-binary", message.body.decode("utf-8", "replace")]
    words.append(url.rstrip("/") + message.target)
    return " ".join(map(shlex.quote, words))


def _short(text: str, most: int = _LONG) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
