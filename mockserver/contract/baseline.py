"""Findings that are accepted for a while: a file that people read, change and commit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from mockserver.contract.results import Result
from mockserver.contract.values import Finding
from mockserver.engine.reading.documents import parse_document
from mockserver.errors import Problem, StartupError, pointer_to

VERSION = 1
DAYS = 90
"""How long a new entry holds, unless somebody writes another date."""

NO_REASON = "to be said"
"""The reason of a new entry, until somebody writes one."""

_HEAD = """\
# Findings of `mockserver check` that are accepted for a while. Say why in `reason`; after the day
# in `expires` the finding counts again. `--update-baseline` adds new ones and drops those gone.
"""

Cause = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One accepted finding, by its cause: operation, aspect and pointer. ``code`` is for people."""

    operation: str
    aspect: str
    pointer: str
    code: str
    reason: str
    expires: date

    @property
    def cause(self) -> Cause:
        """What the finding is told by."""
        return (self.operation, self.aspect, self.pointer)


class Baseline:
    """The accepted findings of one file."""

    def __init__(self, entries: Sequence[Entry], name: str) -> None:
        self.entries = tuple(sorted(entries, key=lambda entry: (entry.cause, entry.code)))
        self._name = name

    def judge(self, result: Result, today: date) -> None:
        """Mark the findings that are accepted today; tell of expired entries and of those gone."""
        known = {entry.cause: entry for entry in self.entries}
        for number, finding in enumerate(result.findings):
            entry = known.pop(finding.cause, None)
            if entry is not None and entry.expires < today:
                self._tell(result, f"expired on {entry.expires}, and counts again", entry)
            elif entry is not None:
                result.findings[number] = replace(finding, accepted=entry.reason)
        for entry in known.values():
            self._tell(result, "gone, was not seen", entry)

    def _tell(self, result: Result, what: str, entry: Entry) -> None:
        result.remarks.append(f"{self._name}: {what}: {_words(entry)}")

    def updated(
        self, findings: Sequence[Finding], reached: frozenset[str], today: date
    ) -> Baseline:
        """The baseline that accepts these findings.

        Reasons stay, and days that are still to come. What was not seen is dropped, unless its
        operation was not ``reached`` at all.
        """
        known = {entry.cause: entry for entry in self.entries}
        until = today + timedelta(days=DAYS)
        entries = {cause: known[cause] for cause in known if cause[0] not in reached}
        for finding in findings:
            if finding.flaky:
                continue
            old = known.get(finding.cause)
            expires = old.expires if old and old.expires >= today else until
            reason = old.reason if old else NO_REASON
            entries[finding.cause] = Entry(*finding.cause, finding.code, reason, expires)
        return Baseline(list(entries.values()), self._name)

    def text(self) -> str:
        """The file, in an order that stays, so that changes are easy to review."""
        entries = [
            {
                "operation": entry.operation,
                "code": entry.code,
                "aspect": entry.aspect,
                "pointer": entry.pointer,
                "reason": entry.reason,
                "expires": entry.expires.isoformat(),
            }
            for entry in self.entries
        ]
        told = {"version": VERSION, "findings": entries}
        return _HEAD + str(yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=100))


def read(path: Path, *, missing: bool = False) -> Baseline:
    """Read a baseline, YAML or JSON; with ``missing`` none at all is an empty one.

    Raises StartupError with all that is wrong in the file.
    """
    if missing and not path.exists():
        return Baseline((), path.name)
    try:
        document = parse_document(path.read_bytes())
    except (OSError, ValueError) as error:
        raise StartupError([Problem(str(path), "", f"cannot be read: {error}")]) from error
    problems: list[Problem] = []
    entries = _entries(document, str(path), problems)
    if problems:
        raise StartupError(problems)
    return Baseline(entries, path.name)


def _entries(document: Any, source: str, problems: list[Problem]) -> list[Entry]:
    if not isinstance(document, dict) or document.get("version") != VERSION:
        problems.append(Problem(source, "/version", f"expected version: {VERSION}"))
        return []
    listed = document.get("findings")
    if not isinstance(listed, list):
        problems.append(Problem(source, "/findings", "expected a list"))
        return []
    return [
        entry
        for number, told in enumerate(listed)
        if (entry := _entry(told, source, pointer_to(("findings", number)), problems))
    ]


def _entry(told: Any, source: str, pointer: str, problems: list[Problem]) -> Entry | None:
    if not isinstance(told, dict):
        problems.append(Problem(source, pointer, "expected a mapping"))
        return None
    texts = {}
    for name in ("operation", "aspect", "pointer", "code", "reason", "expires"):
        value = told.get(name, "" if name in {"pointer", "code"} else None)
        if not isinstance(value, str) or (not value.strip() and name == "reason"):
            problems.append(Problem(source, f"{pointer}/{name}", f"expected a text, got {value!r}"))
            return None
        texts[name] = value
    try:
        expires = date.fromisoformat(texts.pop("expires"))
    except ValueError:
        message = f"expected a day such as 2027-01-31, got {told['expires']!r}"
        problems.append(Problem(source, f"{pointer}/expires", message))
        return None
    return Entry(**texts, expires=expires)


def _words(entry: Entry) -> str:
    where = f"{entry.code} {entry.operation}, {entry.aspect} {entry.pointer}".rstrip()
    return f"{where} ({entry.reason})"
