"""What a check reached, as a table for a terminal."""

from __future__ import annotations

from itertools import groupby

from rich.console import Console
from rich.text import Text

from mockserver.contract.coverage import Coverage, Reached
from mockserver.contract.keywords import Keyword

MOST_KEYWORDS = 20


def show_coverage(coverage: Coverage, console: Console) -> None:
    """Print a line for each operation, the keywords that were not met both ways, and the sum."""
    for _, rows in groupby(coverage.statuses, key=lambda row: row.operation):
        _show_operation(list(rows), console)
    left = [keyword for keyword in coverage.keywords if not keyword.complete]
    for keyword in left[:MOST_KEYWORDS]:
        console.print(Text(_lacking(keyword), style="dim"), soft_wrap=True)
    if len(left) > MOST_KEYWORDS:
        told = f"{len(left) - MOST_KEYWORDS} more keywords were not met both ways"
        console.print(Text(told, style="dim"), soft_wrap=True)
    console.print(Text(coverage.line), soft_wrap=True)


def _show_operation(rows: list[Reached], console: Console) -> None:
    line = Text(f"{rows[0].method} {rows[0].path}")
    for row in rows:
        style = "green" if row.documented else "yellow"
        if row.count:
            line.append(f"  {row.status} {row.count}×", style=style)
    reasons = {row.reason: [r.status for r in rows if r.reason == row.reason] for row in rows}
    for reason, statuses in reasons.items():
        if reason:
            line.append(f"  {', '.join(statuses)} {reason}", style="dim")
    console.print(line, soft_wrap=True)


def _lacking(keyword: Keyword) -> str:
    met = "valid" if keyword.valid else "invalid" if keyword.invalid else "no"
    return f"{keyword.keyword} met by {met} values only: {keyword.place}"
