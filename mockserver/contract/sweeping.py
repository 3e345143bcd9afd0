"""After each write, what can be read is read: the records it was about, and the lists."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from mockserver.contract.calls import keys_in
from mockserver.contract.drawing import Drawing
from mockserver.contract.odds import likely
from mockserver.contract.pools import leaves
from mockserver.contract.session import Session, is_success
from mockserver.contract.values import Answered, Key, Outcome, Sent
from mockserver.engine.spec import Operation
from mockserver.engine.templates import template_names

ANYWAY = 0.12
"""How often something is read that the reference says did not change."""

GONE = 410
INNER = 3
"""Identifiers inside of a record that was written which are read, too."""

MOST = 24
"""Reads after one write."""


class Sweep:
    """Draws the reads that follow writes in one run."""

    def __init__(self, drawing: Drawing, choice: random.Random) -> None:
        self._drawing = drawing
        self._choice = choice
        self._known: dict[Any, bytes] = {}
        safe = [o for o in drawing.operations.values() if o.method in {"GET", "HEAD"}]
        self._lists = [o for o in safe if not template_names(o.path)]
        self._items = [o for o in safe if len(template_names(o.path)) >= 1]

    def reads(self, session: Session) -> Iterator[Sent]:
        """The reads that are worth making after the last step."""
        touched = self._touched(session)
        count = 0
        for sent in (*self._of_items(touched), *self._of_lists()):
            if count >= MOST:
                return
            answer, _ = session.foresee(sent)
            if self._is_news(sent, answer):
                count += 1
                yield sent

    def opening(self, count: int) -> list[Sent]:
        """A few reads of lists with which a run begins."""
        some = self._choice.sample(self._lists, min(count, len(self._lists)))
        return [self._template(operation) for operation in some]

    def _is_news(self, sent: Sent, answer: Outcome) -> bool:
        if not isinstance(answer, Answered):
            return False
        place = (sent.operation, str(sent.path_parameters), sent.query)
        before = self._known.get(place)
        self._known[place] = answer.body
        if before == answer.body:
            return likely(self._choice, ANYWAY)
        return is_success(answer) or before is not None or answer.status == GONE

    def _touched(self, session: Session) -> list[Any]:
        """The keys that the last step was about, and that of one other record."""
        step = session.steps[-1]
        number = len(session.steps) - 1
        found: list[Any] = list(dict.fromkeys(keys_in(step.sent)))
        found += [v for v in step.sent.path_parameters.values() if not isinstance(v, Key)]
        names = session.names
        fresh = range(max(0, len(names) - 12), len(names))
        found += [Key(n) for n in fresh if names[n].step == number and names[n].is_key]
        found = list(dict.fromkeys(found))[:4]
        inner = [key for record in self._records(found) for key in _identifiers(record)]
        return [*found, *self._choice.sample(inner, min(INNER, len(inner)))]

    def _records(self, keys: list[Any]) -> Iterator[Any]:
        """The records that were read under some keys."""
        for record in reversed(self._drawing.pools.records):
            if record.get("id") in keys:
                yield record
                return

    def _of_items(self, touched: list[Any]) -> Iterator[Sent]:
        for operation in self._items:
            yield from self._about(operation, touched)

    def _about(self, operation: Operation, touched: list[Any]) -> Iterator[Sent]:
        """Reads of one operation: of each record that was touched, and of another one."""
        names = template_names(operation.path)
        template = self._template(operation)
        for value in touched:
            yield _with(template, {**template.path_parameters, names[-1]: value})
        found = self._drawing.pools.identifier((operation.id, names[-1]), self._choice)
        if found is not None:
            yield _with(template, {**template.path_parameters, names[-1]: found[0]})

    def _template(self, operation: Operation) -> Sent:
        self._drawing.begin(operation.id)
        taken = self._drawing.taken[operation.id]
        sent = taken[0] if taken else self._drawing.templates[operation.id][0]
        optional = {p.name for p in operation.parameters if not p.required}
        odds = likely(self._choice, 0.7)
        query = tuple(pair for pair in sent.query if pair[0] not in optional or not odds)
        return _with(sent, dict(sent.path_parameters), query, self._drawing.caller)

    def _of_lists(self) -> Iterator[Sent]:
        for operation in self._lists:
            if not self._drawing.is_constant(operation.id) or likely(self._choice, 0.03):
                yield self._template(operation)


def _identifiers(record: Any) -> list[Any]:
    """The identifiers in a record, beside its own."""
    found = [leaf for path, leaf in leaves(record) if path[-1:] == ("id",) and len(path) > 1]
    return list(dict.fromkeys(value for value in found if isinstance(value, str | Key)))


def _with(
    sent: Sent,
    parameters: dict[str, Any],
    query: tuple[tuple[str, Any], ...] | None = None,
    caller: str | None = None,
) -> Sent:
    return Sent(
        sent.operation,
        sent.method,
        sent.path,
        parameters,
        sent.query if query is None else query,
        sent.headers,
        sent.body,
        sent.media_type,
        sent.caller if caller is None else caller,
        why="read after a write",
    )
