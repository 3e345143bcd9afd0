"""Differences gathered into findings: one for each cause, as short as it can be shown."""

from __future__ import annotations

from dataclasses import replace

from mockserver.contract.alike import normal
from mockserver.contract.session import Session, Setting
from mockserver.contract.shrinking import Cause, Shrinker
from mockserver.contract.values import Difference, Finding

SHRINKING = 4.0
"""Seconds for making one finding short."""


class Findings:
    """The findings of one check, in the order in which they were made."""

    def __init__(self, setting: Setting, seed: int) -> None:
        self._setting = setting
        self._seed = seed
        self._places: dict[Cause, int] = {}
        self.all: list[Finding] = []

    def add(self, session: Session, literals: list[str], seconds: float) -> None:
        """Take in the differences of a run's last step.

        Those of a cause that is known count there; of the others the first is shown, because the
        rest come with it. ``literals`` are keys of records that are there from the beginning.
        """
        step = session.steps[-1]
        for difference in step.differences:
            cause = (step.sent.operation, difference.aspect, normal(difference.pointer))
            place = self._places.get(cause)
            if place is None:
                self._places[cause] = len(self.all)
                self.all.append(self._finding(session, difference, literals, seconds))
                return
            self.all[place] = replace(self.all[place], count=self.all[place].count + 1)

    def _finding(
        self, session: Session, difference: Difference, literals: list[str], seconds: float
    ) -> Finding:
        operation = session.steps[-1].sent.operation
        cause = (operation, difference.aspect, normal(difference.pointer))
        births = [session.names[number] for number in range(len(session.names))]
        shrinker = Shrinker(self._setting, births, cause, SHRINKING)
        sents = [step.sent for step in session.steps]
        wrote = [step.wrote for step in session.steps]
        shrunk = shrinker.shrink(sents, wrote, literals)
        steps = shrunk.steps if shrunk else session.steps[-20:]
        told = next(
            (
                again
                for again in steps[-1].differences
                if (again.aspect, normal(again.pointer)) == cause[1:]
            ),
            difference,
        )
        return Finding(
            code=told.code,
            operation=operation,
            aspect=told.aspect,
            pointer=normal(told.pointer),
            described=self._described(operation),
            expected=told.expected,
            got=told.got,
            sequence=tuple(step.exchange() for step in steps),
            seed=self._seed,
            seconds=seconds,
            flaky=shrunk is None,
        )

    def _described(self, operation: str) -> str:
        found = self._setting.operations[operation]
        path = found.path.replace("~", "~0").replace("/", "~1")
        return f"/paths/{path}/{found.method.lower()}"
