"""Requests and their answers as people see them: without secrets, bodies as text or base64."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from mockserver.console.requests.curl import command
from mockserver.engine.exchanges import Exchange
from mockserver.engine.media import media_type_of
from mockserver.engine.secrets import MASK, Secrets, without
from mockserver.errors import Violation

_LONGEST_TAIL = 4
"""Bytes of the longest character in UTF-8 (RFC 3629, section 3)."""

Headers = list[dict[str, str]]


class Showing:
    """Shows what a journal keeps. What is called like a secret is masked wherever it turns up."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    def summary(self, number: int, exchange: Exchange) -> dict[str, Any]:
        """One request in a line."""
        answer = exchange.answer
        query = exchange.query.decode("latin-1")
        known = self._learned(exchange) if answer.reason else ()
        return {
            "id": number,
            "at": exchange.time.isoformat(),
            "method": exchange.method,
            "path": without(exchange.target, known),
            "query": without(self._secrets.query(query), known) if query else "",
            "api": exchange.api,
            "operation": exchange.operation,
            "sandbox": exchange.request.sandbox.name,
            "status": answer.status,
            "milliseconds": round(exchange.seconds * 1000, 3),
            "violations": len(answer.violations),
            "reason": without(answer.reason, known),
            "requestBytes": exchange.request_bytes,
            "answerBytes": exchange.answer_bytes,
        }

    def whole(self, number: int, exchange: Exchange) -> dict[str, Any]:
        """All of one request and its answer, with a command line that repeats it."""
        known = self._learned(exchange)
        told = self.summary(number, exchange)
        query = f"?{told['query']}" if told["query"] else ""
        request = self._message(
            exchange.sent_headers, exchange.request.body, exchange.request_bytes, known
        )
        answer = self._message(
            exchange.answer.headers, exchange.answer.body, exchange.answer_bytes, known
        )
        path = without(exchange.target, known)
        told |= {
            "path": path,
            "url": f"{exchange.base_url}{path}{query}",
            "violations": [
                asdict(self._violation(each, known)) for each in exchange.answer.violations
            ],
            "request": request,
            "answer": answer,
        }
        return {**told, "curl": command(exchange.method, told["url"], request)}

    def _message(
        self, headers: Iterable[tuple[bytes, bytes]], body: bytes, size: int, known: Iterable[str]
    ) -> dict[str, Any]:
        """Headers and body of a request or an answer."""
        sent = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]
        shown: Headers = [
            {"name": name, "value": without(self._secrets.header(name, value), known)}
            for name, value in sent
        ]
        content_type = next((v for name, v in sent if name.lower() == "content-type"), "")
        media_type = media_type_of(content_type)
        if not size:
            return {"headers": shown, "body": None}
        told: dict[str, Any] = {"mediaType": media_type, "bytes": size, "cut": len(body) < size}
        text = _text(body, cut=told["cut"])
        if text is None:
            told["base64"] = base64.b64encode(body).decode()
        else:
            told["text"] = without(self._secrets.body(media_type, text), known)
        return {"headers": shown, "body": told}

    def _learned(self, exchange: Exchange) -> set[str]:
        """The secrets of a request, which its answer may repeat."""
        headers = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in exchange.sent_headers]
        found = set(self._secrets.presented(headers, exchange.query.decode("latin-1")))
        found.update(self._secrets.members(exchange.request.body))
        broken = exchange.answer.violations
        return found | {each.received.strip("\"'") for each in broken if self._is_about(each)}

    def _is_about(self, violation: Violation) -> bool:
        """Whether a violation tells the value of a secret."""
        name, *steps = violation.pointer.split("/")
        if violation.location == "cookie":
            return True
        if violation.location == "header":
            return self._secrets.header(name, "value") != "value"
        return self._secrets.is_parameter(name) or any(map(self._secrets.is_parameter, steps))

    def _violation(self, violation: Violation, known: Iterable[str]) -> Violation:
        received = MASK if self._is_about(violation) else without(violation.received, known)
        expected = without(violation.expected, known)
        return Violation(violation.location, violation.pointer, violation.rule, expected, received)


def _text(body: bytes, *, cut: bool) -> str | None:
    """A body as text, None when it is none; a character that was cut in two is left out."""
    for tail in range(_LONGEST_TAIL if cut else 1):
        try:
            text = body[: len(body) - tail].decode()
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return None
