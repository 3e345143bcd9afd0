"""Texts that are kept in one writing and asked for in another: letters that fold or compose.

One record has words of all kinds in one text. Each operation whose answer depends on such a word is
then asked for all of them in other writings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from mockserver.contract.drawing import Drawing
from mockserver.contract.placing import Place, put, texts_of
from mockserver.contract.session import Run
from mockserver.contract.values import Sent
from mockserver.engine.spec import Operation

KEPT = (
    "Stra\u00dfe GROSS r\u00e9sum\u00e9 nai\u0308ve \u0130zmir \u00c9T\u00c9 "
    "\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2 \ufb01n \u212aelvin x\u00b2 Longword a\r\nb"
)
"""Folds of one letter to two, compositions, final letters, ligatures, and line ends."""

ASKED = (
    "STRASSE",
    "stra\u00dfe",
    "gro\u00df",
    "re\u0301sume\u0301",
    "resume",
    "na\u00efve",
    "izmir",
    "i\u0307zmir",
    "\u03c3\u03af\u03c3\u03c5\u03c6\u03bf\u03c3",
    "\u03a3\u038a\u03a3\u03a5\u03a6\u039f\u03a3",
    "\u00e9t\u00e9",
    "fin",
    "kelvin",
    "x2",
    "LONGWORD",
    "ongwor",
    "longwurd",
    "a\r\nb",
    "a\nb",
)
"""The same words otherwise, and some that are no longer the same."""

WORD, JUNK = "Longword", "qzjxk"
"""A word that is kept, and one that is not."""

DRAWN, TRIED = 3, 12
"""Calls of one operation in which places are sought, and how many places of each."""

ASKERS = 4
"""Places at most in which one record is asked for."""

RECORDS = 4
"""Records that are kept until one can be asked for."""

WHY = "in other letters"


class Folding:
    """Asks for words in other writings than they were kept in."""

    def __init__(self, run: Run, drawing: Drawing) -> None:
        self._run = run
        self._drawing = drawing
        self._choice = drawing.choice
        self._tried: Counter[Place] = Counter()
        self._told: Counter[Place] = Counter()

    def go(self) -> None:
        """Keep a record and ask for it; another one where nobody can ask for what was kept."""
        self._run.phase = "folds"
        self._run.fresh()
        for _ in range(RECORDS):
            kept = self._kept()
            if kept is None or self._run.do(kept[1]) or self._asked(kept[0]):
                return

    def _asked(self, kept: Place) -> bool:
        """Ask for all the words wherever one can; False where that is nowhere."""
        asked = False
        for place, asking in self._asking():
            asked = True
            self._told[kept] += 1
            for word in ASKED:
                sent = put(asking, place, word)
                if sent is not None and self._run.do(replace(sent, why=WHY), sweep=False):
                    return True
        return asked

    def _kept(self) -> tuple[Place, Sent] | None:
        """A call that makes a record with all the words in a text of it, and which text that is."""
        creators = self._drawing.making()
        if not creators:
            return None
        session = self._run.session
        sent = self._drawing.draw(self._choice.choice(creators), session)
        changed = [(p, c) for p in texts_of(sent) if (c := put(sent, p, KEPT)) and session.works(c)]
        if not changed:
            return None
        mixed = self._choice.sample(changed, len(changed))
        place, found = min(mixed, key=lambda each: self._rank(sent, each[0]))
        name = _name(sent, place)
        self._tried[name] += 1
        return name, replace(found, why=WHY)

    def _rank(self, sent: Sent, place: Place) -> float:
        """Texts that were not tried come first, then those that were asked for most often."""
        name = _name(sent, place)
        return -self._told[name] / self._tried[name] if self._tried[name] else -ASKERS - 1

    def _asking(self) -> Iterator[tuple[Place, Sent]]:
        """Calls that only read, each with a place whose word decides what is answered."""
        drawing = self._drawing
        names = [o.id for o in drawing.operations.values() if o.stream is None]
        reading = [name for name in names if not drawing.writers[name]]
        found = 0
        for name in self._choice.sample(reading, len(reading)):
            for place, sent in self._places(drawing.operations[name]):
                if self._decides(sent, place):
                    found += 1
                    yield place, sent
                    break
            if found == ASKERS:
                return

    def _places(self, operation: Operation) -> Iterator[tuple[Place, Sent]]:
        for _ in range(DRAWN):
            sent = self._drawing.filled(operation.id, None)
            texts = texts_of(sent)
            some = self._choice.sample(texts, min(TRIED, len(texts)))
            yield from ((place, sent) for place in some)
            given = {name for name, _ in sent.query}
            for parameter in operation.parameters:
                if parameter.location == "query" and parameter.name not in given:
                    query = (*sent.query, (parameter.name, WORD))
                    yield ("query", len(sent.query)), replace(sent, query=query)

    def _decides(self, sent: Sent, place: Place) -> bool:
        """Whether what was kept is found by a word, and not by any other one."""
        return self._is_found(sent, place, WORD) and not self._is_found(sent, place, JUNK)

    def _is_found(self, sent: Sent, place: Place, word: str) -> bool:
        session = self._run.session
        changed = put(sent, place, word)
        if changed is None or not session.works(changed):
            return False
        before = session.outlook(changed, session.setting.first.beginning)
        return session.outlook(changed).answer != before.answer


def _name(sent: Sent, place: Place) -> Place:
    """An operation and the members on the way to a place in its body."""
    kind, where = place
    steps = where if isinstance(where, tuple) else (where,)
    return sent.operation, (kind, *(step for step in steps if isinstance(step, str)))
