"""Whether a difference is one, or what the reference leaves to chance."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from mockserver.contract.alike import UUID
from mockserver.contract.reference import Reference, World
from mockserver.contract.values import Answered, Difference, Message, Outcome
from mockserver.state.store import Snapshot

REPEATED = 12
"""How often a call is made again with other seeds before a difference counts as one."""


_ITEM = re.compile(r"^(.*/\d+)/.*$")
"""A pointer into an item of a list: of items drawn by lot some members are alike."""


@dataclass(frozen=True, slots=True)
class Chance:
    """Makes a call again on the state before it, with other seeds.

    ``fresh`` are the identifiers that the call gave out, with their order.
    """

    reference: Reference
    world: World
    before: Snapshot
    fresh: Mapping[str, int]

    def confirmed(
        self, message: Message, a: Outcome, differences: list[Difference], origin: str
    ) -> list[Difference]:
        """The differences in what each repetition answers alike."""
        if not isinstance(a, Answered):
            return differences
        left = differences
        for number in range(REPEATED):
            fork = self.reference.fork(self.world, self.before, number)
            again = self.reference.apply(message, fork, origin)
            if not isinstance(again, Answered):
                return left
            left = [d for d in left if _alike(d, (a, self.fresh), (again, fork.issued))]
        return left


Told = tuple[Answered, Mapping[str, int]]


def _alike(difference: Difference, one: Told, other: Told) -> bool:
    return bool(_seen(difference, *one) == _seen(difference, *other))


def _seen(difference: Difference, answer: Answered, issued: Mapping[str, int]) -> Any:
    """What an answer has at the place of a difference, identifiers replaced by their order."""
    if difference.aspect == "status":
        return answer.status
    if difference.aspect == "media type":
        return answer.media_type
    if difference.aspect == "header":
        text = answer.header(difference.pointer.split("/")[1]) or ""
    else:
        value = value_at(answer, _ITEM.sub(r"\1", difference.pointer))
        text = orjson.dumps(value).decode() if isinstance(value, dict | list) else str(value)
    return UUID.sub(lambda found: str(issued.get(found.group(), found.group())), text)


def value_at(answer: Answered, pointer: str) -> Any:
    """The value at a JSON pointer (RFC 6901) into a body; None when there is none."""
    if not pointer:
        return answer.body.decode("utf-8", "replace")
    try:
        value = orjson.loads(answer.body)
        for step in pointer.split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            value = value[int(name)] if isinstance(value, list) else value[name]
    except (ValueError, KeyError, IndexError, TypeError):
        return None
    return value
