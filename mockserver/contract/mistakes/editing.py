"""Calls and answers with something else in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

import orjson

from mockserver.contract.faults import Server
from mockserver.contract.values import Answered, Message
from mockserver.engine.media import is_json


def body_of(message: Message) -> Any:
    """The JSON value that a call sends; None when there is none."""
    try:
        return orjson.loads(message.body) if message.body else None
    except orjson.JSONDecodeError:
        return None


def with_body(message: Message, value: Any) -> Message:
    """A call that sends another JSON value."""
    return replace(message, body=orjson.dumps(value))


def path_of(message: Message) -> str:
    """Where a call goes, without its query."""
    return message.target.partition("?")[0]


def query_of(message: Message) -> list[tuple[str, str]]:
    """The query parameters of a call."""
    return parse_qsl(message.target.partition("?")[2], keep_blank_values=True)


def with_query(message: Message, pairs: list[tuple[str, str]]) -> Message:
    """A call with other query parameters."""
    text = urlencode(pairs, quote_via=quote)
    return replace(message, target=path_of(message) + (f"?{text}" if text else ""))


def of_body(server: Server, message: Message, change: Any) -> Answered:
    """An answer whose scalars were changed."""
    answer = server.ask(message)
    value = value_of(answer)
    if value is None or not is_good(answer):
        return answer
    return with_value(answer, mapped(value, change))


def value_of(answer: Answered) -> Any:
    """The JSON value of an answer; None when it has none."""
    if not is_json(answer.media_type):
        return None
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None


def with_value(answer: Answered, value: Any) -> Answered:
    """An answer with another JSON value; its bytes stay where it is the same."""
    return answer if value == value_of(answer) else replace(answer, body=orjson.dumps(value))


def with_status(answer: Answered, status: int) -> Answered:
    """An answer with another status."""
    return replace(answer, status=status)


def is_good(answer: Answered) -> bool:
    """Whether a call did what it asks for."""
    return 200 <= answer.status < 300  # noqa: PLR2004 - RFC 9110, section 15.3


def lists_in(value: Any, depth: int = 2) -> list[list[Any]]:
    """The lists of objects in a body that are worth a mistake: itself, or its members."""
    if isinstance(value, list):
        return [value] if value and isinstance(value[0], dict) else []
    if not isinstance(value, dict) or not depth:
        return []
    return [each for item in value.values() for each in lists_in(item, depth - 1)]


def mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """A value with each scalar in it changed."""
    if isinstance(value, dict):
        return {name: mapped(item, change) for name, item in value.items()}
    if isinstance(value, list):
        return [mapped(item, change) for item in value]
    return change(value)
