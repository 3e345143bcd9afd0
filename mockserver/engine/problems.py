"""Refusals as problem details (RFC 9457), the error shape of an API that has none of its own."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from http import HTTPStatus
from typing import Any

from mockserver.engine.handlers import Reply
from mockserver.engine.request import Request
from mockserver.errors import ApiError

PROBLEM_JSON = "application/problem+json"


def problem_reply(error: ApiError, request: Request | None = None) -> Reply:
    """The problem details of a refusal: what was expected, what came, where."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": _titles().get(error.status, "Error"),
        "status": error.status,
        "detail": error.detail,
    }
    if error.violations:
        body["errors"] = [asdict(violation) for violation in error.violations]
    return Reply(body, error.status, error.headers, PROBLEM_JSON)


@cache
def _titles() -> dict[int, str]:
    return {status.value: status.phrase for status in HTTPStatus}


def text_reply(error: ApiError, request: Request | None = None) -> Reply:
    """A refusal as one sentence of plain text."""
    return Reply(error.detail, error.status, error.headers, "text/plain")
