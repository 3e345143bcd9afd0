"""The files of a report: what was asked for, and each finding with its reproducers."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import orjson

from mockserver.contract.reports.document import VERSION, document
from mockserver.contract.reports.github import commands, summary
from mockserver.contract.reports.html import html
from mockserver.contract.reports.junit import junit
from mockserver.contract.reports.sarif import sarif
from mockserver.contract.results import Options, Result

FORMATS = ("junit", "html", "json", "sarif", "github")
FOLDER = "contract-report"
FINDINGS = "findings"

_OURS = re.compile(r"(test_)?ms\d{3}_[0-9a-f]{8}\.(json|sh|py)")


def chosen(text: str) -> tuple[str, ...]:
    """The formats that a flag names. Raises ValueError for one that there is not."""
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    unknown = [name for name in names if name not in FORMATS]
    if unknown:
        raise ValueError(
            f"no report is called {', '.join(unknown)}; there are: {', '.join(FORMATS)}"
        )
    return names


def write(
    result: Result,
    options: Options,
    folder: Path,
    formats: Iterable[str],
    say: Callable[[str], object],
) -> list[Path]:
    """Write a report into a folder, and say what GitHub is to read; the files of the formats.

    Raises OSError when it cannot be written.
    """
    told = document(result)
    scripts = {
        finding.id: (finding.reproducer.curl, finding.reproducer.pytest)
        for finding in result.findings
        if finding.reproducer
    }
    made: dict[str, tuple[str, Callable[[], bytes]]] = {
        "junit": ("junit.xml", lambda: junit(told)),
        "html": ("report.html", lambda: html(told, scripts).encode()),
        "json": ("report.json", lambda: _json(told)),
        "sarif": ("report.sarif", lambda: _json(sarif(told))),
    }
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in formats:
        if name == "github":
            _tell_github(told, say)
            continue
        path = folder / made[name][0]
        path.write_bytes(made[name][1]())
        written.append(path)
    _write_findings(told, _check(result, options), scripts, folder / FINDINGS)
    return written


def _tell_github(told: dict[str, Any], say: Callable[[str], object]) -> None:
    for line in commands(told):
        say(line)
    file = os.environ.get("GITHUB_STEP_SUMMARY")
    if file:
        with Path(file).open("a", encoding="utf-8") as step:
            step.write(summary(told))


def _check(result: Result, options: Options) -> dict[str, Any]:
    """What a finding's file says of the check, so that it can be made again."""
    subject = result.subject
    return {
        "url": subject.url,
        "description": subject.description,
        "basePath": options.base_path,
        "reset": options.reset,
        "ownData": options.own_data,
    }


def _write_findings(
    told: dict[str, Any],
    check: dict[str, Any],
    scripts: dict[str, tuple[str, str]],
    folder: Path,
) -> None:
    """One JSON file for each finding, and its scripts; those of the last time are removed."""
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        if _OURS.fullmatch(old.name):
            old.unlink()
    for finding in told["findings"]:
        name = f"{finding['code'].lower()}_{finding['id']}.json"
        file = {"version": VERSION, "check": check, "finding": finding}
        (folder / name).write_bytes(_json(file))
        if finding["id"] in scripts:
            curl, test = scripts[finding["id"]]
            if curl:
                script = folder / finding["reproducer"]["curl"]
                script.write_text(curl, encoding="utf-8")
                script.chmod(0o755)
            (folder / finding["reproducer"]["pytest"]).write_text(test, encoding="utf-8")


def _json(value: Any) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # integers past 64 bits, lone surrogates
        return json.dumps(value, indent=2).encode() + b"\n"
