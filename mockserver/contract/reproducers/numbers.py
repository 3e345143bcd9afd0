"""Keys that reference and server count alike: a script learns them, so that it runs anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson

from mockserver.contract.values import Answered, Birth, Exchange, Finding, Key

NAMES = ("id", "key", "uuid")
"""Members by which an answer tells the key of what was made."""

CREATED = frozenset((200, 201))


def with_learned_keys(finding: Finding) -> Finding:
    """The finding with keys in the place of literals that an earlier POST told.

    A key such as 2 is the same on a fresh server as on the reference, so a run does not need to
    tell them apart; on a server that was used before it is another one.
    """
    births = list(finding.births)
    known: dict[str, Key] = {}
    sequence: list[Exchange] = []
    number = max((birth.number for birth in births), default=0)
    for step, exchange in enumerate(finding.sequence):
        sequence.append(_learned(exchange, known))
        for name, value in _told(exchange):
            if str(value) not in known:
                number += 1
                known[str(value)] = Key(number)
                births.append(Birth(number, step, f"body:/{name}", value))
    return replace(finding, sequence=tuple(sequence), births=tuple(births))


def _told(exchange: Exchange) -> Iterator[tuple[str, int]]:
    """Numbers by which an answer names what was made; other keys are no literals anyway."""
    answer = exchange.got
    if exchange.message.method != "POST" or not isinstance(answer, Answered):
        return
    if answer.status not in CREATED:
        return
    try:
        body = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return
    for name in NAMES:
        value = body.get(name) if isinstance(body, dict) else None
        if isinstance(value, int) and not isinstance(value, bool):
            yield name, value


def _learned(exchange: Exchange, known: dict[str, Key]) -> Exchange:
    sent = exchange.sent
    if sent.link is not None:
        return exchange
    parameters: dict[str, Any] = {
        name: known.get(str(value), value) if isinstance(value, int | str) else value
        for name, value in sent.path_parameters.items()
    }
    return replace(exchange, sent=replace(sent, path_parameters=parameters))
