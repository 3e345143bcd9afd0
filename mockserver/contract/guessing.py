"""Calls that work with what handlers compare with in one place: names, letters, bounds."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from mockserver.contract.constants import Constants
from mockserver.contract.drawing import Drawing
from mockserver.contract.effects import effect
from mockserver.contract.placing import Place, places_of, put
from mockserver.contract.session import Run, Session, is_success
from mockserver.contract.values import Answered, Sent

PLACES = 4
"""Places in which constants are tried in one round."""

DRAWN = 5
"""Calls drawn until one works."""

TRIED, SENT = 240, 24
"""Constants that one place is tried with, and calls at most that are made of them."""

WRITING, MAKING = 2, 8
"""How much more often a place is one in a call that writes, and in one that makes something."""

NEW = 8
"""As how telling a place counts that was not tried yet."""

JUNK: tuple[Any, ...] = ("qzjxk", 7_919, b"qzjxk")
"""What no handler compares with."""

BEGINNINGS = (0, 4, 8)
"""Where in a file its kind may be told."""

CONTENTS = frozenset(("body", "code", "content", "data", "raw", "source", "text"))
"""Names of members that hold what people write."""

LOOKED_INTO = 12
"""How much more often a place is one of these."""

BRIEF = 80
"""Letters of a refusal that are looked at: what follows often repeats what was sent."""

LENGTHS = range(8, 5_000)
"""Numbers that may be the length of a text."""

WHY = "with a value that handlers compare with"


class Guessing:
    """Tries constants on the reference alone.

    Sent is what changes more than itself: where the answer, or the records that are left, are not
    as with any other value; and what is taken where hardly anything is.
    """

    def __init__(self, run: Run, drawing: Drawing) -> None:
        self._run = run
        self._drawing = drawing
        self._choice = drawing.choice
        self._constants = Constants(run.setting.first.api.handlers.by_operation.values())
        constants, long = self._constants, [n for n in self._constants.numbers if n in LENGTHS]
        self._values = [*constants.texts, *constants.numbers, *constants.octets]
        self._values += ["a" * number for number in long]
        self._matching = list(constants.matching)
        self._octets = [bytes(begin) + o for o in constants.octets for begin in BEGINNINGS]
        self._names = [o.id for o in drawing.operations.values() if o.stream is None]
        self._told: dict[tuple[str, Place], int] = {}
        self._sent: set[tuple[str, Place, Any]] = set()

    def go(self) -> bool:
        """A round; False where there is nothing to guess with."""
        if not self._constants.texts:
            return False
        self._run.phase = "guesses"
        self._run.fresh()
        for _ in range(PLACES):
            sent = self._working()
            places = places_of(sent) if sent is not None else []
            if sent is None or not places:
                continue
            place = self._chosen(sent.operation, places)
            if any(self._run.do(each) for each in self._telling(sent, place)):
                break
        return True

    def _chosen(self, operation: str, places: list[Place]) -> Place:
        """A place: one that was not tried, or that told much when it was."""
        weights = [
            (0.2 + self._told.get((operation, place), NEW))
            * (LOOKED_INTO if _is_content(place) else 1)
            for place in places
        ]
        return self._choice.choices(places, weights)[0]

    def _telling(self, sent: Sent, place: Place) -> list[Sent]:
        where = (sent.operation, place)
        values = [value for value in self._drawn(place) if (*where, value) not in self._sent]
        each = self._constants.matching if _is_content(place) else ()
        told = telling(self._run.session, sent, place, values, each)
        found = list(islice(told, SENT))
        self._sent.update((*where, value) for value, _ in found)
        self._told[where] = len(found)
        return [changed for _, changed in found]

    def _working(self) -> Sent | None:
        session = self._run.session
        writers, creators = self._drawing.writers, self._drawing.creators
        weights = [1 + WRITING * bool(writers[n]) + MAKING * bool(creators[n]) for n in self._names]
        name = self._choice.choices(self._names, weights)[0]
        drawn = (self._drawing.draw(name, session, None) for _ in range(DRAWN))
        return next((sent for sent in drawn if session.works(sent)), None)

    def _drawn(self, place: Place) -> Iterable[Any]:
        values: list[Any] = self._values
        if _is_content(place):
            values = self._matching
        elif place[0] in {"name", "charset"}:
            values = self._constants.texts
        elif place[0] == "bytes":
            values = self._octets
        return self._choice.sample(values, min(TRIED, len(values)))


def telling(
    session: Session, sent: Sent, place: Place, values: Iterable[Any], each: Collection[Any] = ()
) -> Iterator[tuple[Any, Sent]]:
    """Those of some values that change more than themselves in one place, with the call of each.

    Of several that change the same the first counts; of those in ``each`` all that are taken do.
    So do those that are taken where nearly nothing is: what they change may be seen later.
    """
    junk = [_done(session, put(sent, place, value), value) for value in JUNK]
    seen = set(junk)
    choosy = not any(done.good for done in junk if done is not None)
    for value in values:
        changed = put(sent, place, value)
        done = _done(session, changed, value)
        if changed is None or done is None:
            continue
        if done not in seen or (done.good and (choosy or value in each)):
            seen.add(done)
            yield value, replace(changed, why=WHY)


def _is_content(place: Place) -> bool:
    """Whether what stands there is looked into: what matches a pattern is tried there."""
    kind, where = place
    return kind == "json" and bool(where) and where[-1] in CONTENTS


@dataclass(frozen=True, slots=True)
class _Done:
    """What a call would do, but for the value that is tried."""

    good: bool
    said: str
    left: tuple[str, ...]


def _done(session: Session, sent: Sent | None, value: Any) -> _Done | None:
    """None for no call."""
    if sent is None:
        return None
    setting = session.setting
    try:
        message = setting.writer.message(sent, session.names.for_a)
    except (KeyError, ValueError):
        return None
    done = effect(setting.first, session.a, message, setting.target.base_url)
    if not isinstance(done.answer, Answered):
        return None
    good = is_success(done.answer)
    said = f"{done.answer.status} {done.answer.body.decode('utf-8', 'replace')}"
    left = (f"{change.collection} {change.after!r}" for change in done.changes)
    said = _without(said, value) if good else _without(said, value)[:BRIEF]
    return _Done(good, said, tuple(_without(text, value) for text in left))


def _without(text: str, value: Any) -> str:
    """A text without a value, however it is written in it."""
    own = str(value)
    for written in (own, json.dumps(own)[1:-1], repr(own)[1:-1]):
        text = text.replace(written, "")
    return text
