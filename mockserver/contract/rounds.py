"""What a check goes through once before chance decides: lives of records, writes, and empty lists.

A record of each kind is made twice, changed, deleted, and read all the time; each write that works
says as much as it can, then less in each place, has each of the texts that programs get wrong, and
is made with each of its values wrong; short lists are emptied, and lists read after what writes
nothing.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from mockserver.contract.bodies import json_body
from mockserver.contract.calls import about_another
from mockserver.contract.drawing import Drawing
from mockserver.contract.effects import writing
from mockserver.contract.lives import Lives
from mockserver.contract.placing import Place, put, texts_of
from mockserver.contract.pools import leaves, with_leaf
from mockserver.contract.saying import Saying
from mockserver.contract.session import Session
from mockserver.contract.sweeping import SweptRun
from mockserver.contract.texts import HARD
from mockserver.contract.values import Json, Key, Sent

WORD = "a b"
"""A text for a place that may have any."""

DRAWN = 4
"""Calls drawn for one that is as it is wanted."""

WAYS = 4
"""Operations that change one record."""

LIVES = 2
"""Records of each kind that have a life."""

LESS = 12
"""Places of one write in which there is less."""

EMPTIED = 6
"""Lists that are emptied."""

LISTS = 12
"""Lists that are read after what writes nothing."""

WRONG, REFUSED = {"wrong": ["value"]}, 16
"""What is right in hardly any place of a body, and how many places of one write have it."""


class Rounds:
    """Takes each kind of record, and each write, as soon as one has worked."""

    def __init__(self, run: SweptRun, drawing: Drawing, lives: Lives, saying: Saying) -> None:
        self._run = run
        self._drawing = drawing
        self._lives = lives
        self._saying = saying
        self._lives_of: Counter[str] = Counter()
        self._said: set[str] = set()
        self._refused: set[str] = set()
        self._emptied = 0

    def live(self) -> None:
        """The life of one record of a kind: of one as it is drawn, then of one that says a lot."""
        left = [o for o in self._drawing.making() if self._lives_of[o] < LIVES]
        if not left:
            return
        creator = min(left, key=lambda name: self._lives_of[name])
        self._lives_of[creator] += 1
        self._run.phase = "lives of records"
        self._run.fresh()
        session = self._run.session
        sent = self._writing(creator, session)
        if sent is not None and self._lives_of[creator] > 1:
            sent = self._saying.telling(sent, session)
        for each in () if sent is None else self._life(sent, session):
            if self._run.do(each):
                return
        self._run.settle()

    def _life(self, sent: Sent, session: Session) -> Iterator[Sent]:
        """A record and its twin made, the one changed in several ways, deleted, and made again."""
        number = len(session.steps)
        yield sent
        made = _made(session, number)
        if not made:
            return
        twin = replace(sent, why="a twin")
        yield twin
        changes: dict[str, Sent] = {}
        for change in self._changes(session, made[0]):
            changes[change.operation] = change
            yield from self._lives.between(session, self._run.sweep, change)
        writes = list(changes.values())
        yield from self._lives.ending(session, self._run.sweep, made, writes)
        yield twin

    def _changes(self, session: Session, key: Key) -> Iterator[Sent]:
        """Of each operation that changes a record and leaves it: a call twice, and otherwise."""
        drawing = self._drawing
        kept = [
            name
            for name, count in drawing.writers.items()
            if count and not drawing.creators[name] and not drawing.habits.deletes[name]
        ]
        ways = 0
        for name in drawing.choice.sample(kept, len(kept)):
            sent = self._changing(name, session, key)
            if sent is None:
                continue
            yield from (sent, sent)
            yield self._saying.otherwise(sent, session)
            ways += 1
            if ways == WAYS:
                return

    def _writing(self, name: str, session: Session) -> Sent | None:
        """A call that writes; None where none is drawn."""
        drawn = (self._drawing.draw(name, session) for _ in range(DRAWN))
        return next((sent for sent in drawn if _changed(sent, session)), None)

    def _changing(self, name: str, session: Session, key: Key) -> Sent | None:
        """A call that changes one record; None where none is found."""
        wanted = session.names.for_a(key)
        for _ in range(DRAWN):
            sent = self._drawing.draw(name, session, [key])
            changed = _changed(sent, session)
            if wanted in changed:
                return sent
            lean = self._saying.essential(sent, session) if changed else sent
            for other in changed:
                aimed = about_another(lean, session.names.symbolic(other), key)
                if wanted in _changed(aimed, session):
                    return aimed
        return None

    def say(self) -> None:
        """One write that had no such round yet: it says a lot, then less, then hard texts."""
        drawn = self._begun("writes that say a lot", self._said)
        if drawn is None:
            return
        session = self._run.session
        full = replace(self._saying.telling(drawn, session), why="a write that says a lot")
        calls = itertools.chain((full,), self._less(full, session), self._hard(full, session))
        for each in calls:
            if self._run.do(each, sweep=False):
                return
        self._run.settle()

    def _less(self, full: Sent, session: Session) -> Iterator[Sent]:
        """The call with less in it, in one place each time; changes begin with all of it."""
        for less in self._saying.less(full, session, LESS):
            yield less
            if not self._drawing.creators[full.operation]:
                yield full

    def refuse(self) -> None:
        """One write that had none yet with each of its values wrong in its turn, between reads."""
        drawn = self._begun("refusals", self._refused)
        if drawn is None:
            return
        for each in self._wrong(drawn, self._run.session):
            if self._run.do(each, sweep=False):
                return

    def empty(self) -> None:
        """One list of which all is deleted where it is a short one; another one each time."""
        if self._emptied == EMPTIED or self._run.setting.gentle is not None:
            return  # what the lists have there is others'
        self._run.phase = "lists emptied"
        self._run.fresh()
        calls = list(self._lives.emptying(self._run.session, self._run.sweep))
        self._emptied += bool(calls)
        for each in calls:
            if self._run.do(each, sweep=False):
                return

    def ask(self) -> bool:
        """All that writes nothing made once, and then the lists read; False: never again."""
        if self._run.setting.gentle is not None:
            return False  # what the lists have there is others'
        self._run.phase = "calls that write nothing"
        self._run.fresh()
        drawing, session = self._drawing, self._run.session
        asking = [
            o.id
            for o in self._run.operations
            if o.method != "GET" and not drawing.writers[o.id] and drawing.taken[o.id]
        ]
        calls = (call for name in asking for call in self._asked(name, session))
        for each in itertools.chain(calls, self._run.sweep.opening(LISTS)):
            if self._run.do(each, sweep=False):
                break
        return False

    def _asked(self, name: str, session: Session) -> Iterator[Sent]:
        """Calls of an operation, also with what writes of the same body say."""
        drawing = self._drawing
        for _ in range(DRAWN):
            yield drawing.draw(name, session)
        described = json_body(drawing.operations[name])
        if described[1] is None:
            return
        for writer in [w for w, count in drawing.writers.items() if count]:
            alike = json_body(drawing.operations[writer]) == described
            for said in drawing.taken[writer][:DRAWN] if alike else ():
                yield replace(drawing.draw(name, session), body=said.body, why=f"as in {writer}")

    def _begun(self, phase: str, had: set[str]) -> Sent | None:
        """A run with a write that had none yet; None where there is no such write."""
        left = (o for o, count in self._drawing.writers.items() if count and o not in had)
        writer = next(left, None)
        if writer is None:
            return None
        had.add(writer)
        self._run.phase = phase
        self._run.fresh()
        session = self._run.session
        return self._writing(writer, session) or self._with_records(writer, session)

    def _with_records(self, name: str, session: Session) -> Sent | None:
        """A call that writes, once there is a record of each kind."""
        for creator in self._drawing.making():
            sent = self._writing(creator, session)
            if sent is not None and self._run.do(sent, sweep=False):
                return None
        return self._writing(name, session)

    def _hard(self, sent: Sent, session: Session) -> Iterator[Sent]:
        """The call with hard texts in all places that may have any, others each time."""
        texts = (place for place in texts_of(sent) if place[0] != "query")
        places = [place for place in texts if writing(_with(sent, [(place, WORD)]), session)]
        for shift in range(len(HARD) if places else 0):
            wanted = [(p, HARD[(n + shift) % len(HARD)]) for n, p in enumerate(places)]
            yield replace(_fitted(sent, wanted, session), why="a write with hard texts")

    def _wrong(self, sent: Sent, session: Session) -> Iterator[Sent]:
        """Calls that are refused, and before and after them what the right one would change."""
        if not isinstance(sent.body, Json):
            return
        value = sent.body.value
        trials = [replace(sent, body=Json(with_leaf(value, p, WRONG))) for p, _ in leaves(value)]
        refused = [each for each in trials if not session.outlook(each).good]
        reads = self._lives.around(session, self._run.sweep, sent)
        yield from reads
        for each in self._drawing.choice.sample(refused, min(REFUSED, len(refused))):
            yield replace(each, why="a write with a wrong value")
        yield from reads


def _with(sent: Sent, wanted: Iterable[tuple[Place, str]]) -> Sent:
    """The call with texts in some places."""
    for place, text in wanted:
        sent = put(sent, place, text) or sent
    return sent


def _fitted(sent: Sent, wanted: Sequence[tuple[Place, str]], session: Session) -> Sent:
    """The call with texts in some places, without those that it does not work with."""
    trial = _with(sent, wanted)
    if writing(trial, session):
        return trial
    if len(wanted) == 1:
        return sent
    middle = len(wanted) // 2
    return _fitted(_fitted(sent, wanted[:middle], session), wanted[middle:], session)


def _changed(sent: Sent, session: Session) -> list[Any]:
    """The keys of the records that a call changes, as far as it works."""
    done = writing(sent, session)
    return [] if done is None else [change.key for change in done.changes]


def _made(session: Session, number: int) -> list[Key]:
    """The keys of what a call made."""
    names = session.names
    return [Key(n) for n in range(len(names)) if names[n].is_key and names[n].step == number]
