"""Calls that lead the reference where it has not been: what is seldom run is seldom right.

What a call would do is tried on the reference alone, which costs little; only what leads it to
new parts of its handlers, or has it refuse in new words, is sent to the server.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from random import Random
from typing import Any, Protocol

from mockserver.contract.alike import UUID
from mockserver.contract.altering import Altering
from mockserver.contract.calls import keys_in, without_keys
from mockserver.contract.drawing import Drawing
from mockserver.contract.exchanging import Exchanging
from mockserver.contract.odds import likely
from mockserver.contract.resolving import Resolving
from mockserver.contract.session import Run, Session, Setting
from mockserver.contract.treading import Treading
from mockserver.contract.values import Answered, Outcome, Sent

TRIED, LEAST, MOST = 300, 60, 900
"""Calls tried on the reference in the first round of exploring, and in others by what was found."""

SWEPT_FIRST, SWEPT = 0.3, 0.04
"""How often a call is tried with each record in one place, or by everybody, at first and again."""

LISTING, LISTED = 20, 8
"""Calls tried until some more of the values that the description lists are sent, and how many."""

SEEDED = 40
"""Records of the beginning, of each collection, that calls are tried about."""

SLICE = 120
"""Requests of one round, after which others have their turn."""

BEGUN = 4
"""Records made before a round, so that there is something to be about."""

READ = 0.4
"""How often what a write has changed is read at once."""

LINKED = 0.05
"""How often a URL is asked for that the server gave, with other headers."""

ANYWAY, TAKEN = 0.03, 0.12
"""How often a call is sent that leads nowhere new, and one that is taken however odd it is."""

ALTERED = 0.75
"""How often a call that worked is altered, and not just another one drawn."""

KNOWN = 24
"""Calls kept of each operation that led somewhere new."""

REFUSED = 400

ENOUGH = 2
"""Times that a refusal in the same words is worth sending."""

_VARIES = re.compile(rb"\w*[0-9]\w*")
"""What differs from call to call in what is said otherwise in the same words."""

_LONGEST = 300


class CountedRun(Run, Protocol):
    """A run that tells how far it is."""

    @property
    def requests(self) -> int:
        """The requests that were made so far."""


class Exploring:
    """Explores what the reference does. The handlers of its API are watched."""

    def __init__(self, run: CountedRun, drawing: Drawing) -> None:
        self._run = run
        self._drawing = drawing
        self._choice = drawing.choice
        self._treading = Treading(run.setting.first.api.handlers.by_operation.values())
        schemas = Resolving(run.setting.first.api.schemas)
        self._altering = Altering(drawing, schemas)
        self._exchanging = Exchanging(drawing, schemas, _seeded(run.setting))
        self._names = [o.id for o in drawing.operations.values() if o.stream is None]
        self._asked: Counter[str] = Counter()
        self._worth: Counter[str] = Counter()
        self._told: Counter[Any] = Counter()
        self._led: dict[str, list[Sent]] = defaultdict(list)
        self._works: dict[str, list[Sent]] = defaultdict(list)
        self._swept: set[Any] = set()
        self._listed: set[str] = set()
        self._due: deque[Sent] = deque()
        self._tries = TRIED

    def go(self) -> None:
        """A round of exploring, shorter the less the last one has found."""
        self._run.phase = "exploring"
        found, begun = 0, self._run.requests
        self._begin()
        session = self._run.session
        for number in range(self._tries):
            if self._run.requests - begun >= SLICE:
                break
            if session is not self._run.session:  # a finding was made: keys are others now
                self._begin()
                session = self._run.session
            if number % LISTING == 0:
                self._enumerate()
            for sent in self._some():
                if self._is_worth(session, sent):
                    found += 1
                    if self._run.do(sent, sweep=likely(self._choice, READ)):
                        break
        self._tries = max(LEAST, min(MOST, self._tries // 2 + 5 * found))

    def _some(self) -> Iterator[Sent]:
        """One call that is worth a try, or all of a kind."""
        name = self._pick()
        works = self._works[name]
        if works:
            base = self._choice.choice(works)
            places = self._exchanging.places(base)
            new = [place for place in places if (name, place) not in self._swept]
            if likely(self._choice, SWEPT_FIRST if new else SWEPT):
                place = self._choice.choice(new or places)
                self._swept.add((name, place))
                yield from self._exchanging.exchanged(base, place)
                return
        sent = self._linked() if likely(self._choice, LINKED) else self._drawn(name)
        if sent is not None:
            yield sent

    def _enumerate(self) -> None:
        """All values that are listed for the members of each operation once: each has a line."""
        for name, works in self._works.items():
            lasting = [sent for sent in works if not any(keys_in(sent))]
            if lasting and name not in self._listed:
                self._listed.add(name)
                self._due.extend(self._exchanging.listed(self._choice.choice(lasting)))
                break
        for _ in range(min(LISTED, len(self._due))):
            if self._run.do(self._due.popleft(), sweep=likely(self._choice, READ / 2)):
                return

    def _begin(self) -> None:
        """Make a few records, and forget what worked with those of a run that is over."""
        for works in self._works.values():
            works[:] = [sent for sent in works if not any(keys_in(sent))]
        creators = self._drawing.making()
        for _ in range(BEGUN if creators else 0):
            creator = self._choice.choice(creators)
            self._run.do(self._drawing.draw(creator, self._run.session), sweep=False)

    def _linked(self) -> Sent | None:
        links = list(self._drawing.pools.links)
        if not links:
            return None
        sent = linked(self._run, self._choice.choice(links), self._drawing.caller)
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
        if works and likely(self._choice, 0.5):
            base = self._choice.choice(works)
        elif led and likely(self._choice, 0.5):
            base = self._choice.choice(led)
        elif not works and likely(self._choice, 0.3):
            base = self._drawing.draw(name, self._run.session)
        else:
            base = self._drawing.filled(name, None)
        if not likely(self._choice, ALTERED if works else ALTERED / 2):
            return base
        altered = self._altering.altered(base)
        if altered is not None and likely(self._choice, 0.2):
            altered = self._altering.altered(altered) or altered
        return altered

    def _is_worth(self, session: Session, sent: Sent) -> bool:
        """Whether a call leads the reference somewhere new, or to words it hardly said."""
        try:
            foreseen, parts = self._treading.ran(lambda: session.foresee(sent))
        except KeyError:
            return False
        session.expect(sent, foreseen)
        words = _words(sent, foreseen.answer)
        self._told[words] += 1
        if foreseen.good:
            _keep(self._works[sent.operation], sent, self._choice)
        if self._treading.note(parts):
            self._worth[sent.operation] += 1
            _keep(self._led[sent.operation], without_keys(sent), self._choice)
        if parts or self._told[words] <= ENOUGH:
            return True
        return likely(self._choice, TAKEN if foreseen.good else ANYWAY)


def _seeded(setting: Setting) -> list[str]:
    """Keys of records of the beginning, the first ones of each collection; none of others'."""
    if setting.gentle is not None:
        return []
    beginning, stem = setting.first.beginning, setting.first.api.description.stem
    named = [name for name in sorted(beginning.collections) if name.startswith(f"{stem}/")]
    keys = (islice(beginning.collection(name).records, SEEDED) for name in named)
    return list(dict.fromkeys(key for some in keys for key in some if UUID.fullmatch(key)))


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
    if answer.status < REFUSED:
        return (sent.operation, answer.status, len(answer.body).bit_length())
    return (sent.operation, answer.status, _VARIES.sub(b"", answer.body[:_LONGEST]))
