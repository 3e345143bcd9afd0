"""What operations were seen to do: which delete records, and whose answers heed what is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from random import Random
from typing import Any

from mockserver.contract.bodies import json_body
from mockserver.contract.pools import plain
from mockserver.engine.reply import Api
from mockserver.engine.spec import Operation

MUCH = 30
"""Members of a body past which there is a lot to say in it."""

REMOVING = frozenset(("delete", "remove", "destroy", "trash", "discard", "erase"))
"""Words of operations that may delete records, until it was seen that they do."""

UNHEEDED = 0.1
"""The weight of a question whose answer nothing ever changed, to one that always changes."""


class Habits:
    """What is known of the operations of one description by what the reference did.

    ``least`` are the sizes of the smallest answers, those of questions that find nothing.
    """

    def __init__(self, api: Api, operations: Mapping[str, Operation]) -> None:
        self.says = {o.id: _says(api, o) for o in operations.values()}
        self.deletes: Counter[str] = Counter()
        self.least: dict[str, int] = {}
        self._asked: Counter[str] = Counter()
        self._heeded: Counter[str] = Counter()
        self._removing = [o.id for o in operations.values() if _may_remove(o)]

    def note_changes(self, operation: str, changes: Any) -> None:
        """Take in what a call changed: one change for each record."""
        if any(change.after is None for change in changes or ()):
            self.deletes[operation] += 1

    def note_question(self, operation: str, *, heeded: bool) -> None:
        """Take in a question: whether it is answered otherwise than in the beginning."""
        self._asked[operation] += 1
        self._heeded[operation] += heeded

    @property
    def deleting(self) -> list[str]:
        """The operations that delete, or may as far as their names tell."""
        return list(self.deletes) or self._removing

    def worth_asking(self, operation: str) -> float:
        """How much a question tells of what is there: those with a lot to say more."""
        heeds = (self._heeded[operation] + 1) / (self._asked[operation] + 1)
        return (0.3 + 2 * self.says[operation]) * max(heeds, UNHEEDED)

    def telling(self, operations: list[str], choice: Random) -> str:
        """One of some operations, those with a lot to say more often."""
        return choice.choices(operations, [0.2 + self.says[name] for name in operations])[0]


def _may_remove(operation: Operation) -> bool:
    said = f"{operation.id}/{operation.path}".lower()
    return operation.method == "DELETE" or any(word in plain(said) for word in REMOVING)


def asks(operation: Operation) -> bool:
    """Whether a call may say in words what it wants."""
    texts = [p for p in operation.parameters if p.location == "query"]
    return operation.body is not None or any(p.schema.get("type") == "string" for p in texts)


def _says(api: Api, operation: Operation) -> float:
    """How much there is to say in a call, from 0 for nothing to 1 for a lot."""
    _, schema = json_body(operation)
    count = len(operation.parameters)
    waiting = [(schema, 0)] if schema is not None else []
    while waiting and count < MUCH:
        inner, depth = waiting.pop()
        members = api.schemas.properties(inner)
        count += len(members)
        if depth < 3:  # noqa: PLR2004 - deeper ones are drawn seldom
            waiting += [(each.get("items", each), depth + 1) for each in members.values()]
    return min(count / MUCH, 1.0)
