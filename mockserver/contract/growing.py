"""Many records of one kind in one run: pages, caps and questions that find several show there."""

from __future__ import annotations

from collections import Counter

from mockserver.contract.drawing import Drawing
from mockserver.contract.effects import writing
from mockserver.contract.hardening import Hardening
from mockserver.contract.odds import likely
from mockserver.contract.placing import places_of, put, value_at
from mockserver.contract.session import Run
from mockserver.contract.values import Sent

SIZES = (13, 57, 22, 35)
"""Records that a run makes: more than the usual pages and caps."""

HARDENED = 0.3
"""How often one of many records has hard texts, or long lists."""

OTHERS = 0.1
"""How often the records that follow are not like those before."""

DRAWN = 6
"""Calls drawn to have another value from."""


class Growing:
    """Makes many records, of each kind in its turn."""

    def __init__(self, run: Run, drawing: Drawing, hardening: Hardening) -> None:
        self._run = run
        self._drawing = drawing
        self._choice = drawing.choice
        self._hardening = hardening
        self._grown: Counter[str] = Counter()

    def grow(self, cycle: int) -> None:
        """Make records of the kind that had the fewest turns."""
        creators = self._drawing.making()
        if creators:
            creator = min(creators, key=lambda name: self._grown[name])
            self._grown[creator] += 1
            self._create(creator, SIZES[cycle % len(SIZES)])

    def _create(self, creator: str, count: int) -> None:
        """Many records, most of them alike: then one search finds them all; the others are hard."""
        session = self._run.session
        sent: Sent | None = None
        for number in range(count):
            if sent is None or likely(self._choice, OTHERS):
                sent = self._drawing.draw(creator, session, None)
            elif not writing(sent, session):
                sent = self._alike(sent) or self._drawing.draw(creator, session, None)
            hard = likely(self._choice, HARDENED)
            changed = self._hardening.hardened(sent, session) if hard else None
            if self._run.do(changed or sent, sweep=number == count - 1):
                return

    def _alike(self, sent: Sent) -> Sent | None:
        """The call with one value otherwise, its key perhaps, so that it makes one more record."""
        session = self._run.session
        for _ in range(DRAWN):
            other = self._drawing.filled(sent.operation, None)
            for place in places_of(sent):
                value = value_at(other, place)
                changed = None if value is None else put(sent, place, value)
                if changed is not None and writing(changed, session):
                    return changed
        return None
