"""What was found, for a person to read in ten seconds."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text

from mockserver.contract.branches import BRANCH
from mockserver.contract.codes import CODES
from mockserver.contract.masking import Secrets
from mockserver.contract.reports.document import ordered, source_name
from mockserver.contract.reproducers import curl_script, pytest_file
from mockserver.contract.results import Result
from mockserver.contract.values import Answered, Exchange, Finding

MOST_CALLS = 6
"""Calls shown of one finding, the last ones."""

MOST_FINDINGS = 12
MOST_REMARKS = 12

_LONG = 160


def show(result: Result, console: Console, folder: Path | None = None) -> None:
    """Print the findings, and the verdict last, where the eye is.

    ``folder`` is where a report was written, if it was.
    """
    findings = ordered(result.findings)
    counting = sum(finding.counts for finding in findings)
    for finding in [each for each in findings if each.counts][:MOST_FINDINGS]:
        _show_finding(finding, console, result, folder)
    for finding in [each for each in findings if not each.counts]:
        why = f"accepted: {finding.accepted}" if finding.accepted else "flaky: not seen again"
        _line(console, f"{_headline(finding)} ({why})", "yellow")
    if counting > MOST_FINDINGS:
        _line(console, f"{counting - MOST_FINDINGS} more findings", "bold red")
    for remark in result.remarks[:MOST_REMARKS]:
        _line(console, result.secrets.text(remark), "yellow")
    if len(result.remarks) > MOST_REMARKS:
        _line(console, f"{len(result.remarks) - MOST_REMARKS} more remarks", "yellow")
    if result.noise:
        _line(console, f"not compared: {_noise(result)}", "dim")
    operations = len({operation for operation, _ in result.reached})
    rate = result.requests / max(result.seconds, 0.001)
    _line(
        console,
        f"{result.requests:,} requests in {result.seconds:.1f} s ({rate:,.0f}/s), "
        f"{operations} of {result.operations} operations, seed {result.seed}",
    )
    _line(console, result.coverage.line)
    if folder is not None:
        _line(console, f"report: {folder}")
    if counting:
        words = "1 finding" if counting == 1 else f"{counting} findings"
        _line(console, f"BROKEN: {words}", "bold red")
    elif not result.finished:
        _line(console, "NOT FINISHED: nothing was found before it was interrupted", "bold yellow")
    else:
        left = sum(remark.startswith("skipped: ") for remark in result.remarks)
        but = f" (not called: {left}, see above)" if left else ""
        _line(console, f"KEPT: no answer differs from the contract{but}", "bold green")


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style=style), soft_wrap=True)


def _noise(result: Result) -> str:
    """Where the reference leaves values open: the most frequent places."""
    told = [f"{operation} {pointer or 'order'}" for (operation, pointer), _ in _first(result)]
    more = len(result.noise) - len(told)
    return ", ".join(told) + (f", and {more} more" if more > 0 else "")


def _first(result: Result) -> list[tuple[tuple[str, str], int]]:
    return result.noise.most_common(3)


def _headline(finding: Finding) -> str:
    where = f"{finding.aspect} {finding.pointer}".strip()
    return f"{finding.code} {CODES[finding.code].title}: {finding.endpoint}, {where}"


def _show_finding(finding: Finding, console: Console, result: Result, folder: Path | None) -> None:
    secrets = result.secrets
    _line(console, _headline(finding), "bold red")
    _line(console, f"  expected {_short(secrets.text(finding.expected))}")
    _line(console, f"  got      {_short(secrets.text(finding.got))}")
    made = finding.reproducer
    if folder is not None and made is not None:
        scripts = [pytest_file.file_name(finding)]
        scripts += [curl_script.file_name(finding.code, finding.id)] if made.curl else []
        told = f"{{{','.join(scripts)}}}" if made.curl else scripts[0]
        _line(console, f"  run      {folder}/findings/{told}", "cyan")
    elif made is not None and made.curl:
        for line in _calls(made.curl):
            _line(console, f"  {_short(line, 400)}", "cyan")
    else:
        for exchange in finding.sequence[-MOST_CALLS:]:
            _line(console, f"  {_call(exchange, secrets)}", "cyan")
    described = finding.described
    line = f":{described.line}" if described.line else f" {described.pointer}"
    when = f"first after {finding.seconds:.1f} s, seen {finding.count}×"
    _line(console, f"  {source_name(described.source)}{line}; {when}; id {finding.id}", "dim")


def _calls(script: str) -> list[str]:
    """The calls of a script, without what is around them."""
    lines = script.split("\n\n", 1)[1].splitlines() if "\n\n" in script else []
    calls = [line for line in lines if "curl -sS" in line and "RESET_URL" not in line]
    return calls[-MOST_CALLS:]


def _call(exchange: Exchange, secrets: Secrets) -> str:
    status = exchange.got.status if isinstance(exchange.got, Answered) else exchange.got.kind
    message = exchange.message
    purpose = f", {exchange.sent.why}" if exchange.sent.why.startswith(BRANCH) else ""
    return f"{message.method} {secrets.target(message.target)}  # {status}{purpose}"


def _short(text: str, most: int = _LONG) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
