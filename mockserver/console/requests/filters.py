"""Which requests of a journal are asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from fnmatch import translate
from typing import Any
from urllib.parse import unquote

from mockserver.engine.exchanges import Exchange
from mockserver.engine.journal import Pages
from mockserver.errors import ApiError, Violation

_WILD = frozenset("*?[")

Found = Iterator[tuple[int, Exchange]]


class Filter:
    """What the parameters of a call ask for; all that are given must be met.

    ``status`` is one or a range (``4XX``), ``path`` a glob where it has ``*``, ``?`` or ``[``, or
    else a part, ``text`` stands somewhere in path, query, headers or bodies, in either case.
    Raises ApiError 400 for an instant that is none.
    """

    def __init__(self, asked: Mapping[str, Any]) -> None:
        self._api = asked.get("api")
        self._operation = asked.get("operation")
        self._method = asked.get("method", "").upper()
        self._status = asked.get("status", "")
        self._violations = asked.get("violations")
        self._text = asked.get("text", "").lower().encode()
        self._since = _instant(asked, "since")
        self._until = _instant(asked, "until")
        self._path = _pattern(asked.get("path", ""))

    def found(self, pages: Pages) -> Found:
        """The requests that are asked for, the newest first."""
        return ((n, each) for n, each in pages.newest() if self._is_meant(each))

    def _is_meant(self, exchange: Exchange) -> bool:
        return (
            self._is_of_operation(exchange)
            and self._is_of_status(exchange.answer.status)
            and (self._since is None or exchange.time >= self._since)
            and (self._until is None or exchange.time <= self._until)
            and self._violations in (None, bool(exchange.answer.violations))
            and (self._path is None or self._is_at_path(exchange.target))
            and (not self._text or self._holds_text(exchange))
        )

    def _is_of_operation(self, exchange: Exchange) -> bool:
        return (
            self._method in ("", exchange.method)
            and self._api in (None, exchange.api)
            and self._operation in (None, exchange.operation)
        )

    def _is_of_status(self, status: int) -> bool:
        return self._status in ("", str(status), f"{status // 100}XX")

    def _is_at_path(self, target: str) -> bool:
        return self._path is not None and any(
            self._path.search(path) for path in {target, unquote(target)}
        )

    def _holds_text(self, exchange: Exchange) -> bool:
        request, answer = exchange.request, exchange.answer
        texts = [exchange.target.encode(), unquote(exchange.target).encode(), exchange.query]
        texts += [request.body, answer.body]
        texts += [part for pair in (*exchange.sent_headers, *answer.headers) for part in pair]
        return any(self._text in text.lower() for text in texts)


def _pattern(path: str) -> re.Pattern[str] | None:
    if not path:
        return None
    return re.compile(translate(path) if _WILD.intersection(path) else re.escape(path))


def _instant(asked: Mapping[str, Any], name: str) -> datetime | None:
    """An instant (RFC 3339, section 5.6)."""
    text = asked.get(name)
    if text is None:
        return None
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        expected = "an instant such as 2025-01-31T12:00:00Z (RFC 3339)"
        violation = Violation("query", name, "format", expected, text)
        detail = f"The query parameter {name!r} is {text!r}, expected {expected}."
        raise ApiError(400, detail, violations=[violation]) from None
    return told if told.tzinfo else told.replace(tzinfo=UTC)
