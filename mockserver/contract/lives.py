"""Records led to their end, and reads around a write: what is kept too long shows there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import orjson

from mockserver.contract.drawing import Drawing
from mockserver.contract.effects import writing
from mockserver.contract.odds import likely
from mockserver.contract.pools import leaves
from mockserver.contract.racing import named
from mockserver.contract.session import Session
from mockserver.contract.sweeping import Sweep
from mockserver.contract.values import Answered, Key, Outcome, Sent
from mockserver.engine.templates import template_names

TRIES = 4
"""Calls drawn to find one that does what is wanted."""

LOOKED_AT = 24
"""Reads of which it is seen whether a write changes their answers."""

AROUND = 6
"""Reads before a write, and again after it, each of another operation."""

SHORT = 4
"""Records of a list that is emptied at most; of a longer one one is taken."""

LISTS = 12
"""Lists looked at for one of which records can be deleted."""

AFTERWARDS = 2
"""Writes to a record that was deleted."""


class Lives:
    """Draws calls that belong together."""

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self._choice = drawing.choice
        self._emptied: Counter[str] = Counter()

    def emptying(self, session: Session, sweep: Sweep) -> Iterator[Sent]:
        """What a list names deleted, all of it where that is little, and the list read each time.

        Each list has its turn, short ones first: of some a record that was deleted by chance is
        hardly ever one.
        """
        told = [(read, self._told_of(session, read)) for read in sweep.opening(LISTS)]
        told.sort(key=lambda each: (self._emptied[each[0].operation], len(each[1]) > SHORT))
        for read, keys in told:
            self._emptied[read.operation] += 1
            some = keys if len(keys) <= SHORT else self._choice.sample(keys, 1)
            deletions = [self._deletion_of(session, key) for key in some]
            found = [sent for sent in deletions if sent is not None]
            if found:
                yield read
                for deletion in found:
                    yield deletion
                    yield replace(read, why="what was deleted")
                return

    def _told_of(self, session: Session, read: Sent) -> list[Any]:
        """The identifiers of the records in a list, but not of what is inside of them."""
        try:
            answer = session.outlook(read).answer
            value = orjson.loads(answer.body) if isinstance(answer, Answered) else None
        except (KeyError, orjson.JSONDecodeError):
            return []
        told = [(len(path), leaf) for path, leaf in leaves(value) if path[-1:] == ("id",)]
        least = min((depth for depth, _ in told), default=0)
        found = [session.names.symbolic(leaf) for depth, leaf in told if depth == least]
        return list(dict.fromkeys(key for key in found if isinstance(key, Key | str | int)))

    def _deletion_of(self, session: Session, key: Any) -> Sent | None:
        """A call that deletes one record, as far as the reference can tell."""
        deleting = self._drawing.habits.deleting
        for operation in self._choice.sample(deleting, len(deleting)):
            sent = replace(self._drawing.filled(operation, [key]), caller=self._drawing.caller)
            if template_names(sent.path) and self._deletes(session, _of(sent, key)):
                return _of(sent, key)
        return None

    def ending(
        self, session: Session, sweep: Sweep, focus: Sequence[Any], writes: Sequence[Sent] = ()
    ) -> Iterator[Sent]:
        """A record deleted, read, deleted again, and written to: all that is left of it is told.

        What is written then are the given ``writes``, or some drawn before, while they would have
        worked.
        """
        deletion = self._deletion(session, focus)
        if deletion is None:
            return
        names = named([deletion])
        held = list(writes or self._about(session, names))
        inside = sweep.inside(names)
        changing = self.around(session, sweep, deletion)
        twin = self._twin(session, names)
        if twin is not None and likely(self._choice, 0.5):
            yield twin
        yield deletion
        reads = sweep.of_items([*names, *inside])
        for read in (*changing, *self._choice.sample(reads, min(AROUND, len(reads)))):
            yield replace(read, why="what was deleted")
        if likely(self._choice, 0.6):
            yield replace(deletion, why="deleted again")
        for write in held:
            yield replace(write, why="a write to what was deleted")
        if held:
            yield from (replace(read, why="what was deleted") for read in changing)

    def _about(self, session: Session, names: Sequence[Any]) -> Iterator[Sent]:
        """Writes to a record, as far as some are drawn."""
        writers = [o for o, count in self._drawing.writers.items() if count]
        found = 0
        for _ in range(2 * TRIES if writers else 0):
            operation = self._drawing.habits.telling(writers, self._choice)
            sent = self._drawing.draw(operation, session, list(names))
            if found < AFTERWARDS and not set(names).isdisjoint(named([sent])):
                found += 1
                yield sent

    def _twin(self, session: Session, names: Sequence[Any]) -> Sent | None:
        """The call again that created a record in this run."""
        for key in names:
            if isinstance(key, Key) and session.names[key.number].step < len(session.steps):
                step = session.steps[session.names[key.number].step]
                if step.created and not step.inner:
                    return replace(step.sent, why="a twin")
        return None

    def _deletion(self, session: Session, focus: Sequence[Any]) -> Sent | None:
        """A call that deletes something, as far as the reference can tell."""
        for key in self._choice.sample(list(focus), min(TRIES, len(focus))):
            deletion = self._deletion_of(session, key)
            if deletion is not None:
                return deletion
        deleting = self._drawing.habits.deleting
        for _ in range(TRIES if deleting else 0):
            sent = self._drawing.filled(self._choice.choice(deleting), list(focus))
            sent = replace(sent, caller=self._drawing.caller)
            if self._deletes(session, sent):
                return sent
        return None

    def _deletes(self, session: Session, sent: Sent) -> bool:
        found = writing(sent, session)
        return found is not None and any(change.after is None for change in found.changes)

    def between(self, session: Session, sweep: Sweep, sent: Sent) -> list[Sent]:
        """A write between the same reads before it and after it."""
        reads = self.around(session, sweep, sent)
        return [*reads, sent, *reads]

    def around(self, session: Session, sweep: Sweep, sent: Sent) -> list[Sent]:
        """Reads of several operations whose answers a write changes, as the reference tells."""
        setting, origin = session.setting, session.setting.target.base_url
        after = setting.first.fork(session.a)
        try:
            setting.first.apply(setting.writer.message(sent, session.names.for_a), after, origin)
            reads = sweep.candidates(named([sent]))
            found: dict[str, Sent] = {}
            for read in self._choice.sample(reads, min(LOOKED_AT, len(reads))):
                if read.operation in found:
                    continue
                message = setting.writer.message(read, session.names.for_a)
                told = setting.first.apply(message, after, origin)
                if _told(told) != _told(session.foresee(read).answer):
                    found[read.operation] = replace(read, why="read around a write")
        except KeyError:
            return []
        return list(found.values())[:AROUND]


def _of(sent: Sent, key: Any) -> Sent:
    """A call about another record: the last name in its path is that one's."""
    names = template_names(sent.path)
    return replace(sent, path_parameters={**sent.path_parameters, names[-1]: key})


def _told(outcome: Outcome) -> Any:
    return (outcome.status, outcome.body) if isinstance(outcome, Answered) else None
