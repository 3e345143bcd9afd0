"""The phase that only asks: questions about what there is from the start, none told before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from mockserver.contract.drawing import Drawing, is_identifier
from mockserver.contract.pools import records_of
from mockserver.contract.session import Run, Session
from mockserver.contract.values import Answered, Sent
from mockserver.engine.templates import template_names

QUESTIONS = 80
"""Questions looked at in one round at most."""

IDLE = 20
"""Questions in a row that tell little, after which a round is over."""

LITTLE = 0.05
"""What a question tells at most that is not worth asking."""

DRAWN = 4
"""Questions drawn for one that is asked."""

SEEN = 10
"""Records of each list that questions are about."""


class Inquiring:
    """Asks what the reference would answer otherwise if any part of the question were not there."""

    def __init__(self, run: Run, drawing: Drawing) -> None:
        self._run = run
        self._drawing = drawing
        self._choice = drawing.choice

    def go(self) -> None:
        """Ask from a fresh state until nothing new is told."""
        if self._run.setting.gentle is not None:
            return  # what there is belongs to others
        self._run.phase = "questions"
        self._run.fresh()
        self._look(self._run.session)
        idle = 0
        for _ in range(QUESTIONS):
            sent = self._question()
            if sent is None or idle == IDLE:
                return
            tells = self._drawing.telling.latest > LITTLE
            idle = 0 if tells else idle + 1
            if tells and self._run.do(sent, sweep=False):
                return

    def _question(self) -> Sent | None:
        drawing = self._drawing
        operation = next(iter(drawing.asking(1)), None)
        if operation is None:
            return None
        questions = [drawing.filled(operation, self._one()) for _ in range(DRAWN)]
        return drawing.telling.best(self._run.session, questions)

    def _one(self) -> list[Any] | None:
        """Any record that was seen, for a question to be about."""
        records = [record for record in self._drawing.pools.records if "id" in record]
        return [self._choice.choice(records)["id"]] if records else None

    def _look(self, session: Session) -> None:
        """See some records of each list, as the reference has them: from anywhere in it."""
        for record in self._records(session):
            self._drawing.pools.see(record, session.names, is_identifier)

    def _records(self, session: Session) -> Iterator[Any]:
        for operation in self._drawing.operations.values():
            if operation.method != "GET" or template_names(operation.path):
                continue
            sent = self._drawing.filled(operation.id, None)
            try:
                answer = session.outlook(sent).answer
                value = orjson.loads(answer.body) if isinstance(answer, Answered) else None
            except (KeyError, orjson.JSONDecodeError):
                continue
            lists = [value] if isinstance(value, list) else _lists(value)
            for items in lists:
                yield from self._choice.sample(items, min(SEEN, len(items)))


def _lists(value: Any) -> Iterator[list[Any]]:
    """The lists of objects that an object has for its members."""
    for item in value.values() if isinstance(value, dict) else ():
        if isinstance(item, list) and records_of(item):
            yield [each for each in item if isinstance(each, dict)]
