"""SARIF 2.1.0 (OASIS), for code scanning: each finding at its line of the description."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from mockserver.contract.codes import CODES

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def sarif(told: dict[str, Any]) -> dict[str, Any]:
    """The log: one run with a rule for each code that was found."""
    codes = sorted({finding["code"] for finding in told["findings"]})
    driver = {
        "name": "mockserver",
        "semanticVersion": told["tool"]["version"],
        "rules": [_rule(code) for code in codes],
    }
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"mockserver/{told['subject']['stem']}"},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True}],
        "properties": {"seed": told["seed"], "requests": told["requests"]},
        "results": [_result(finding, codes) for finding in told["findings"]],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, Any]:
    known = CODES[code]
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in known.title.split()),
        "shortDescription": {"text": known.title},
        "fullDescription": {"text": known.meaning},
        "help": {"text": known.explanation},
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": [known.check]},
    }


def _result(finding: dict[str, Any], codes: list[str]) -> dict[str, Any]:
    where = f"{finding['aspect']} {finding['pointer']}".strip()
    text = (
        f"{finding['endpoint']}: {finding['title']} ({where}). "
        f"Expected {finding['expected']}, got {finding['got']}."
    )
    result: dict[str, Any] = {
        "ruleId": finding["code"],
        "ruleIndex": codes.index(finding["code"]),
        "level": "note" if finding["flaky"] else "error",
        "message": {"text": text},
        "locations": [_location(finding)],
        "partialFingerprints": {"cause/v1": finding["id"]},
        "occurrenceCount": finding["count"],
        "properties": {"flaky": finding["flaky"]},
    }
    if finding["accepted"]:
        accepted = {"kind": "external", "justification": finding["accepted"]}
        result["suppressions"] = [accepted]
    return result


def _location(finding: dict[str, Any]) -> dict[str, Any]:
    described = finding["described"]
    logical = {"fullyQualifiedName": finding["endpoint"], "kind": "function"}
    location: dict[str, Any] = {"logicalLocations": [logical]}
    if described["source"]:
        location["physicalLocation"] = {
            "artifactLocation": {"uri": _uri(described["source"])},
            "region": {"startLine": max(1, described["line"])},
        }
    return location


def _uri(source: str) -> str:
    """A file below the current folder is told relative to it, as code scanning wants it."""
    if "://" in source:
        return source
    path = Path(source)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())
