"""Calls that lead the reference where it has not been: what is seldom run is seldom right.

What a call would do is tried on the reference alone, which costs little; only what leads it to
new lines of its handlers, or has it refuse in new words, is sent to the server.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import replace
from random import Random
from typing import Any

from mockserver.contract.altering import Altering
from mockserver.contract.calls import without_keys
from mockserver.contract.drawing import Drawing
from mockserver.contract.odds import likely
from mockserver.contract.session import Run, Session
from mockserver.contract.treading import Treading
from mockserver.contract.values import Answered, Outcome, Sent

TRIED, LEAST, MOST = 300, 60, 900
"""Calls tried on the reference in the first round of exploring, and in others by what was found."""

BEGUN = 4
"""Records made before a round, so that there is something to be about."""

LINKED = 0.05
"""How often a URL is asked for that the server gave, with other headers."""

ANYWAY = 0.03
"""How often a call is sent that leads nowhere new."""

ALTERED = 0.75
"""How often a call that worked is altered, and not just another one drawn."""

KNOWN = 24
"""Calls kept of each operation that led somewhere new."""

ENOUGH = 2
"""Times that a refusal in the same words is worth sending."""

_VARIES = re.compile(rb"[0-9a-fA-F]{8,}(-[0-9a-fA-F]{4,})*|[0-9]+|(?<=correlationId\":\")\w+")
_LONGEST = 300


class Exploring:
    """Explores what the reference does. The handlers of its API are watched."""

    def __init__(self, run: Run, drawing: Drawing) -> None:
        self._run = run
        self._drawing = drawing
        self._choice = drawing.choice
        self._treading = Treading(run.setting.first.api.handlers.by_operation.values())
        self._altering = Altering(drawing)
        self._names = [o.id for o in drawing.operations.values() if o.stream is None]
        self._asked: Counter[str] = Counter()
        self._worth: Counter[str] = Counter()
        self._told: Counter[Any] = Counter()
        self._led: dict[str, list[Sent]] = defaultdict(list)
        self._works: dict[str, list[Sent]] = defaultdict(list)
        self._tries = TRIED

    def go(self) -> None:
        """A round of exploring, shorter the less the last one has found."""
        self._run.phase = "exploring"
        found = 0
        self._begin()
        session = self._run.session
        for _ in range(self._tries):
            if session is not self._run.session:  # a finding was made: keys are others now
                self._begin()
                session = self._run.session
            sent = self._linked() if likely(self._choice, LINKED) else self._drawn(self._pick())
            if sent is not None and (self._is_new(session, sent) or likely(self._choice, ANYWAY)):
                found += 1
                self._run.do(sent)
        self._tries = max(LEAST, min(MOST, self._tries // 2 + 5 * found))

    def _begin(self) -> None:
        """Make a few records: what is known to work is about those of this run."""
        self._works.clear()
        creators = [o for o, count in self._drawing.creators.items() if count]
        for _ in range(BEGUN if creators else 0):
            creator = self._choice.choice(creators)
            self._run.do(self._drawing.draw(creator, self._run.session), sweep=False)

    def _linked(self) -> Sent | None:
        links = list(self._drawing.pools.links)
        sent = linked(self._run, self._choice.choice(links), self._drawing.caller) if links else None
        return None if sent is None else self._altering.with_header(sent)

    def _pick(self) -> str:
        """An operation: one that led to something new more often."""
        weights = [(2 + self._worth[n]) / (1 + self._asked[n]) ** 0.5 for n in self._names]
        chosen = self._choice.choices(self._names, weights)[0]
        self._asked[chosen] += 1
        return chosen

    def _drawn(self, name: str) -> Sent | None:
        """A call that worked, or led somewhere, with one thing altered; or just another one."""
        works, led = self._works[name], self._led[name]
        draw = self._choice.random()
        if works and draw < 0.5:  # noqa: PLR2004 - half of them
            base = self._choice.choice(works)
        elif led and draw < 0.75:  # noqa: PLR2004 - a quarter
            base = self._choice.choice(led)
        elif not works and likely(self._choice, 0.3):
            base = self._drawing.draw(name, self._run.session)
        else:
            base = self._drawing.filled(name, None)
        if not works or not likely(self._choice, ALTERED):
            return base
        altered = self._altering.altered(base)
        if altered is not None and likely(self._choice, 0.2):
            altered = self._altering.altered(altered) or altered
        return altered

    def _is_new(self, session: Session, sent: Sent) -> bool:
        """Whether a call leads the reference somewhere new, or to words it hardly said."""
        try:
            foreseen, lines = self._treading.ran(lambda: session.foresee(sent))
        except KeyError:
            return False
        words = _words(sent, foreseen.answer)
        self._told[words] += 1
        if foreseen.good:
            _keep(self._works[sent.operation], sent, self._choice)
        if self._treading.note(lines):
            self._worth[sent.operation] += 1
            _keep(self._led[sent.operation], without_keys(sent), self._choice)
        return bool(lines) or self._told[words] <= ENOUGH


def linked(run: Run, link: Any, caller: str) -> Sent | None:
    """A call of a URL that the server gave; None where no operation is described."""
    setting = run.setting
    operation = next(o for o in setting.operations.values() if o.method == "GET")
    sent = Sent(operation.id, "GET", operation.path, link=link, caller=caller)
    message = setting.writer.message(sent, run.session.names.for_a)
    reached = setting.first.operation_at(message)
    return None if reached is None else replace(sent, operation=reached)


def _keep(kept: list[Sent], sent: Sent, choice: Random) -> None:
    kept.append(sent)
    if len(kept) > KNOWN:
        del kept[choice.randrange(len(kept))]


def _words(sent: Sent, answer: Outcome) -> Any:
    """What an answer says, by and large; of one that is no refusal only its status and size."""
    if not isinstance(answer, Answered):
        return (sent.operation, "none")
    if answer.status < 400:  # noqa: PLR2004 - no refusal
        return (sent.operation, answer.status, len(answer.body).bit_length(), answer.headers[:0])
    said = _VARIES.sub(b"", answer.body[:_LONGEST])
    return (sent.operation, answer.status, said)
