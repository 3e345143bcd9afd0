"""Calls that are a little simpler than a given one, for a reproducer that can be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from mockserver.contract.values import Form, Json, Part, Sent

MANY = 4
"""Members past which half of them is left out at once first."""


def simpler(sent: Sent) -> Iterator[Sent]:
    """Calls that are a little simpler than one."""
    for name in dict(sent.query):
        yield replace(sent, query=tuple(pair for pair in sent.query if pair[0] != name))
    for name in dict(sent.headers):
        yield replace(sent, headers=tuple(pair for pair in sent.headers if pair[0] != name))
    body = sent.body
    if isinstance(body, Json):
        for value in _simpler_values(body.value):
            yield replace(sent, body=Json(value))
    elif isinstance(body, Form):
        for parts in _without_each(body.parts):
            yield replace(sent, body=Form(parts))


def _without_each(parts: tuple[Part, ...]) -> Iterator[tuple[Part, ...]]:
    for index in range(len(parts)):
        yield parts[:index] + parts[index + 1 :]


def _simpler_values(value: Any, depth: int = 4) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from _simpler_objects(value, depth)
    elif isinstance(value, list):
        for index in range(len(value)):
            yield value[:index] + value[index + 1 :]
        for index, each in enumerate(value if depth else ()):
            for item in _simpler_values(each, depth - 1):
                yield [*value[:index], item, *value[index + 1 :]]
    elif isinstance(value, str) and len(value) > 1:
        yield "a"
        yield value[: len(value) // 2]
    elif isinstance(value, float):
        yield int(value) if abs(value) < 1 << 53 else 0


def _simpler_objects(value: dict[str, Any], depth: int) -> Iterator[dict[str, Any]]:
    names = list(value)
    if len(names) > MANY:
        half = set(names[: len(names) // 2])
        yield {n: v for n, v in value.items() if n not in half}
        yield {n: v for n, v in value.items() if n in half}
    for name in names:
        yield {n: v for n, v in value.items() if n != name}
    for name in names if depth else ():
        for item in _simpler_values(value[name], depth - 1):
            yield {**value, name: item}
