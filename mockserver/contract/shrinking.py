"""A long run made as short as it can be and still show the same fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

from mockserver.contract.alike import normal
from mockserver.contract.calls import keys_in, rekeyed
from mockserver.contract.names import Triple
from mockserver.contract.pacing import OutOfTime
from mockserver.contract.replaying import Replaying, Step
from mockserver.contract.session import Session, Setting
from mockserver.contract.simplifying import simpler
from mockserver.contract.values import Key, Sent

Cause = tuple[str, str, str]
"""Operation, aspect, pointer."""


RACED = 3
"""Times that calls are made at once before they are taken to be right."""


@dataclass(slots=True)
class Shrunk:
    """What is left: the run as it was made last, and how often runs were repeated."""

    session: Session
    replays: int


class Shrinker:
    """Shrinks one run. ``births`` are the triples of its names, ``pause`` is between calls."""

    def __init__(
        self,
        setting: Setting,
        births: Sequence[Triple],
        cause: Cause,
        seconds: float,
        pause: float = 0.0,
    ) -> None:
        self._cause = cause
        self._ends = monotonic() + seconds
        self._births = births
        places = {n: (triple.step, triple.pointer) for n, triple in enumerate(births)}
        self._replaying = Replaying(setting, places, pause)
        self._replays = 0
        self._last: Session | None = None
        self._shown: Session | None = None

    def shrink(
        self, sents: Sequence[Sent], wrote: Sequence[bool], literals: Sequence[str]
    ) -> Shrunk | None:
        """The shortest run found, None when not even the whole one shows the fault again."""
        steps = list(enumerate(sents))
        best = self._first(steps, wrote)
        if best is None:
            return None
        best = self._fewer(best, wrote)
        best = self._known_records(best, literals)
        best = self._fewer(self._simpler(best), wrote)
        shown = self._shown  # when the time is over, what was seen of it has to do
        if not self._shows(best, anyway=True) and self._ends:
            return None
        return Shrunk(self._last or shown, self._replays) if shown else None

    def _spent(self) -> bool:
        return monotonic() > self._ends

    def _first(self, steps: list[Step], wrote: Sequence[bool]) -> list[Step] | None:
        """The smallest of a few likely runs that shows the fault."""
        last = steps[-1]
        needed = self._needed([last], steps)
        writes = [step for step in steps[:-1] if wrote[step[0]]]
        about = set(keys_in(last[1]))
        same = [step for step in steps[:-1] if step[1] == last[1]]
        likely = [
            [*needed, last],
            self._joined(writes[-1:], steps),
            self._joined([*same[-1:], *writes[-1:]], steps),
            self._joined(writes[-2:], steps),
            self._joined([*same, *writes[-2:]], steps),
            self._joined(writes[-4:], steps),
            self._joined([s for s in steps if about.intersection(keys_in(s[1]))], steps),
            self._joined(writes[-12:], steps),
            self._joined(steps[-12:], steps),
            self._joined(writes, steps),
            steps,
        ]
        for candidate in likely:
            if self._shows(candidate, anyway=candidate is steps):
                return candidate
        return None

    def _joined(self, some: list[Step], steps: list[Step]) -> list[Step]:
        """Some steps, what they need, and the last one, in order."""
        chosen = {number for number, _ in some} | {steps[-1][0]}
        chosen |= {n for n, _ in self._needed([s for s in steps if s[0] in chosen], steps)}
        return [step for step in steps if step[0] in chosen]

    def _needed(self, of: list[Step], steps: list[Step]) -> list[Step]:
        """The steps in which the keys of others appeared first, and the keys of those."""
        wanted: set[int] = set()
        queue = [sent for _, sent in of]
        while queue:
            for key in keys_in(queue.pop()):
                born = self._births[key.number].step
                if born not in wanted and born < len(steps):
                    wanted.add(born)
                    queue.append(steps[born][1])
        return [step for step in steps if step[0] in wanted and step not in of]

    def _fewer(self, steps: list[Step], wrote: Sequence[bool]) -> list[Step]:
        """Reads first, all at once; then ever smaller groups (Zeller, delta debugging)."""
        without = [s for s in steps[:-1] if wrote[s[0]]]
        candidate = self._joined(without, steps) if len(without) < len(steps) - 1 else steps
        candidate = [s for s in steps if s in candidate]
        if len(candidate) < len(steps) and self._shows(candidate):
            steps = candidate
        size = max(1, (len(steps) - 1) // 2)
        while not self._spent():
            index = 0
            removed = False
            while index < len(steps) - 1:
                candidate = steps[:index] + steps[min(index + size, len(steps) - 1) :]
                if self._shows(candidate):
                    steps, removed = candidate, True
                else:
                    index += size
            if size == 1 and not removed:
                break
            size = max(1, size // 2) if not removed or size > 1 else 1
        return steps

    def _known_records(self, steps: list[Step], literals: Sequence[str]) -> list[Step]:
        """Records that were created swapped for some that were there from the beginning."""
        for number in sorted({key.number for _, sent in steps for key in keys_in(sent)}):
            for literal in literals[:8]:
                swapped = [(n, rekeyed(sent, {Key(number): literal})) for n, sent in steps]
                born = self._births[number].step
                shorter = [step for step in swapped if step[0] != born]
                if len(shorter) < len(steps) and self._shows(shorter):
                    steps = shorter
                    break
        return steps

    def _simpler(self, steps: list[Step]) -> list[Step]:
        for position in range(len(steps) - 1, -1, -1):
            again = True
            while again and not self._spent():
                again = False
                number, sent = steps[position]
                for simple in simpler(sent):
                    candidate = [*steps[:position], (number, simple), *steps[position + 1 :]]
                    if self._shows(candidate):
                        steps, again = candidate, True
                        break
        return steps

    def _shows(self, steps: list[Step], *, anyway: bool = False) -> bool:
        """Whether a run shows the fault again at its last call, from a fresh state."""
        if self._spent() and not anyway:
            return False
        if steps[-1][1].branches:
            return any(self._shows_once(steps) for _ in range(RACED * (4 if anyway else 1)))
        return self._shows_once(steps)

    def _shows_once(self, steps: list[Step]) -> bool:
        self._replays += 1
        self._last = None
        try:
            self._last = self._replaying.run(steps)
        except KeyError:
            return False
        except OutOfTime:
            self._ends = 0.0
            return False
        last = self._last.steps[-1]
        shown = any(
            (last.sent.operation, d.aspect, normal(d.pointer)) == self._cause
            for d in last.differences
        )
        self._shown = self._last if shown else self._shown
        return shown
