"""Annotations of GitHub Actions, which stand beside the line of the description, and a summary."""

from __future__ import annotations

from typing import Any


def commands(told: dict[str, Any]) -> list[str]:
    """Workflow commands, to be printed: an error for each finding that counts."""
    lines = []
    for finding in told["findings"]:
        described = finding["described"]
        kind = "error" if finding["counts"] else "notice"
        place = f"file={_property(described['source'])}," if described["source"] else ""
        line = f"line={max(1, described['line'])}," if described["source"] else ""
        title = _property(f"{finding['code']} {finding['title']}: {finding['endpoint']}")
        where = f"{finding['aspect']} {finding['pointer']}".strip()
        text = f"{where}: expected {finding['expected']}, got {finding['got']}"
        lines.append(f"::{kind} {place}{line}title={title}::{_message(text)}")
    return lines


def summary(told: dict[str, Any]) -> str:
    """A table in Markdown, for ``$GITHUB_STEP_SUMMARY``."""
    count = sum(finding["counts"] for finding in told["findings"])
    title = f"Contract {told['verdict']}: {told['subject']['title']}"
    lines = [f"### {title}", ""]
    lines.append(f"{count} findings, {told['requests']:,} requests, seed {told['seed']}")
    if told["findings"]:
        lines += ["", "| code | operation | where | expected | got |", "|---|---|---|---|---|"]
    for finding in told["findings"]:
        where = f"{finding['aspect']} {finding['pointer']}".strip()
        cells = (finding["code"], finding["endpoint"], where, finding["expected"], finding["got"])
        lines.append(f"| {' | '.join(map(_cell, cells))} |")
    return "\n".join([*lines, ""])


def _cell(text: str) -> str:
    line = " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
    return line if len(line) <= 120 else f"{line[:119]}…"  # noqa: PLR2004 - a column's width


def _message(text: str) -> str:
    """A workflow command is one line."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
