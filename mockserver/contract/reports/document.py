"""A check as one JSON document, from which all other reports are made; secrets are masked in it.

``version`` is that of the form: members may be added within one, nothing else changes. A finding's
``id`` is that of its cause (operation, aspect and pointer), and stays the same from run to run.
``replay`` holds what ``mockserver check --replay`` needs. A body that is no text is told in
base64, with ``encoding`` saying so.
"""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mockserver import __version__
from mockserver.contract.codes import CHECKS, CODES
from mockserver.contract.masking import Secrets
from mockserver.contract.reports.calls import as_json, birth_as_json
from mockserver.contract.reproducers import curl_script, pytest_file
from mockserver.contract.results import Result, Subject
from mockserver.contract.values import Answered, Exchange, Finding, Message, Outcome, Ran

VERSION = 1
MOST_BODY = 256 * 1024
"""Bytes of a body that are told of one answer."""


def document(result: Result) -> dict[str, Any]:
    """The whole check."""
    return {
        "version": VERSION,
        "tool": {"name": "mockserver", "version": __version__},
        "verdict": "kept" if result.kept else "broken",
        "finished": result.finished,
        "subject": subject(result.subject),
        "seed": result.seed,
        "seconds": round(result.seconds, 3),
        "requests": result.requests,
        "operations": _operations(result),
        "checks": list(CHECKS),
        "notCompared": [
            {"operation": operation, "pointer": pointer, "count": count}
            for (operation, pointer), count in sorted(result.noise.items())
        ],
        "remarks": [result.secrets.text(remark) for remark in result.remarks],
        "findings": [finding_document(each, result.secrets) for each in ordered(result.findings)],
    }


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Those that count first, as they were found; then the flaky and the accepted ones."""
    return sorted(findings, key=lambda finding: (not finding.counts, bool(finding.accepted)))


def subject(told: Subject) -> dict[str, str]:
    """What was checked."""
    return {
        "url": told.url,
        "stem": told.stem,
        "description": source_name(told.source),
        "title": told.title,
    }


def source_name(source: str) -> str:
    """A description's file as seen from here, where it lies below; else as it is."""
    if "://" in source:
        return source
    try:
        return Path(source).resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return source


def _operations(result: Result) -> list[dict[str, Any]]:
    statuses: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for each in result.coverage.statuses:
        statuses[each.operation].append(
            {
                "status": each.status,
                "documented": each.documented,
                "count": each.count,
                "reason": each.reason,
            }
        )
    called = {operation for operation, _ in result.reached}
    return [
        {
            "id": operation.id,
            "method": operation.method,
            "path": operation.path,
            "called": operation.id in called,
            "statuses": statuses[operation.id],
        }
        for operation in result.subject.operations
    ]


def finding_document(finding: Finding, secrets: Secrets) -> dict[str, Any]:
    """One finding."""
    code = CODES[finding.code]
    described = finding.described
    return {
        "id": finding.id,
        "code": finding.code,
        "title": code.title,
        "check": code.check,
        "operation": finding.operation,
        "endpoint": finding.endpoint,
        "aspect": finding.aspect,
        "pointer": secrets.text(finding.pointer),
        "place": secrets.text(finding.place),
        "described": {
            "pointer": described.pointer,
            "source": source_name(described.source),
            "line": described.line,
        },
        "expected": secrets.text(finding.expected),
        "got": secrets.text(finding.got),
        "counts": finding.counts,
        "flaky": finding.flaky,
        "accepted": finding.accepted,
        "count": finding.count,
        "seconds": round(finding.seconds, 3),
        "seed": finding.seed,
        "sequence": [_exchange(each, secrets) for each in finding.sequence],
        "reproducer": _reproducer(finding),
        "replay": {
            "calls": [as_json(sent) for sent in finding.calls],
            "births": [birth_as_json(birth) for birth in finding.births if birth.step >= 0],
        },
    }


def _exchange(exchange: Exchange, secrets: Secrets) -> dict[str, Any]:
    return {
        "operation": exchange.sent.operation,
        "caller": exchange.sent.caller,
        "request": _request(exchange.message, secrets),
        "expected": _outcome(exchange.expected, secrets),
        "got": _outcome(exchange.got, secrets),
    }


def _request(message: Message, secrets: Secrets) -> dict[str, Any]:
    return {
        "method": message.method,
        "target": secrets.target(message.target),
        "headers": dict(secrets.headers(message.headers)),
        **_body(message.body, secrets),
    }


def _outcome(outcome: Outcome, secrets: Secrets) -> dict[str, Any]:
    if not isinstance(outcome, Answered):
        return {"failed": outcome.kind, "detail": secrets.text(outcome.detail)}
    return {
        "status": outcome.status,
        "headers": dict(secrets.headers(outcome.headers)),
        **_body(outcome.body, secrets),
    }


def _body(body: bytes, secrets: Secrets) -> dict[str, Any]:
    shown = body[:MOST_BODY]
    told: dict[str, Any] = {"body": "", "bytes": len(body)}
    try:
        told["body"] = secrets.text(shown.decode())
    except UnicodeDecodeError:
        told |= {"body": base64.b64encode(shown).decode(), "encoding": "base64"}
    return told


def _reproducer(finding: Finding) -> dict[str, Any] | None:
    made = finding.reproducer
    if made is None:
        return None
    return {
        "curl": curl_script.file_name(finding.code, finding.id) if made.curl else None,
        "pytest": pytest_file.file_name(finding),
        "variables": [{"name": name, "what": what} for name, what in made.variables],
        "curlRan": _ran(made.curl_ran),
        "pytestRan": _ran(made.pytest_ran),
        "holds": made.holds,
    }


def _ran(ran: Ran) -> dict[str, Any]:
    return {"shown": ran.shown, "why": ran.why}
