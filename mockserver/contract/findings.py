"""Differences gathered into findings: one for each cause, as short as it can be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mockserver.contract.alike import normal
from mockserver.contract.masking import Secrets
from mockserver.contract.pacing import OutOfTime
from mockserver.contract.reproducers import race_file
from mockserver.contract.reproducers.making import RIGHT, Workshop
from mockserver.contract.reproducers.moments import EARLIER, LATER
from mockserver.contract.reproducers.pytest_file import public
from mockserver.contract.session import Session, Setting
from mockserver.contract.shrinking import Cause, Shrinker
from mockserver.contract.translating import births, exchange, translation
from mockserver.contract.values import (
    Answered,
    Birth,
    Described,
    Difference,
    Finding,
    Outcome,
    Reproducer,
)
from mockserver.engine.spec import Operation
from mockserver.errors import pointer_to

SHRINKING = 4.0
"""Seconds for making one finding short."""

PAUSE = 0.005
"""Seconds between calls where a moment is the same that should be another one, or not."""

CONCURRENT = "MS6"
"""How the codes of calls made at once begin."""

LONGER = 3
"""Times as long on a server that others use: its lists are long, and each run is cleaned up."""

LAST = 20
"""Calls that are told of a run which could not be repeated."""


class Findings:
    """The findings of one check, in the order in which they were made."""

    def __init__(self, setting: Setting, seed: int, reset: str = "") -> None:
        self._setting = setting
        self._seed = seed
        self._places: dict[Cause, int] = {}
        self.quick = False
        self.all: list[Finding] = []
        self.secrets = Secrets(tuple(setting.first.api.description.security_schemes.values()))
        for name, value in setting.headers:
            self.secrets.learn(name, value)
        self._place = public(setting.target.base_url, reset)

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
        if self.quick:
            return self._told(session, difference, seconds)
        operation = session.steps[-1].sent.operation
        cause = (operation, difference.aspect, normal(difference.pointer))
        known = [session.names[number] for number in range(len(session.names))]
        more = 1 if self._setting.gentle is None else LONGER
        pause = PAUSE if difference.expected in {LATER, EARLIER} else 0.0
        judging = replace(self._setting, wording=self._setting.wording.settled())
        shrinker = Shrinker(judging, known, cause, SHRINKING * more, pause)
        sents = [step.sent for step in session.steps]
        wrote = [step.wrote for step in session.steps]
        try:
            shrunk = shrinker.shrink(sents, wrote, literals)
        except OutOfTime:  # it is told as it was seen; a race that was seen once proves nothing
            told_once = self._told(session, difference, seconds)
            return replace(told_once, flaky=told_once.code.startswith(CONCURRENT))
        if shrunk is not None:
            session = shrunk.session
        told = next(
            (
                again
                for again in session.steps[-1].differences
                if (again.aspect, normal(again.pointer)) == cause[1:]
            ),
            difference,
        )
        calls = LAST if shrunk is None else len(session.steps)
        finding = self._told(session, told, seconds, calls)
        return self._shown(replace(finding, flaky=shrunk is None))

    def _told(
        self, session: Session, difference: Difference, seconds: float, calls: int = LAST
    ) -> Finding:
        """A difference in the last answer of a run, as a finding with its last calls."""
        operation = self._setting.operations[session.steps[-1].sent.operation]
        words = translation(session)
        told = words.difference(difference)
        steps = session.steps[-calls:]
        cut = len(session.steps) - len(steps)
        for step in steps:
            for name, value in step.message.headers:
                self.secrets.learn(name, value)
        return Finding(
            code=told.code,
            operation=operation.id,
            aspect=told.aspect,
            pointer=normal(difference.pointer),
            described=self._described(operation, told, session.steps[-1].a),
            expected=told.expected,
            got=told.got,
            sequence=tuple(exchange(e, words) for step in steps for e in step.inner or (step,)),
            endpoint=f"{operation.method} {operation.path}",
            place=told.pointer,
            births=_later(births(session), cut),
            calls=tuple(step.sent for step in steps),
            seed=self._seed,
            seconds=seconds,
        )

    def _shown(self, finding: Finding) -> Finding:
        """A finding with its reproducer, which was run; one that it does not show is flaky."""
        if finding.code.startswith(CONCURRENT):
            return replace(finding, reproducer=self._raced(finding))
        made = Workshop(self._setting, self.secrets, self._place).reproducer(finding)
        return replace(finding, reproducer=made, flaky=finding.flaky or _disproved(made))

    def _raced(self, finding: Finding) -> Reproducer | None:
        """The reproducer of calls made at once; None when its calls cannot be written."""
        try:
            return race_file.reproducer(finding, self._setting.writer, self.secrets, self._place)
        except KeyError:
            return None

    def _described(self, operation: Operation, told: Difference, expected: Outcome) -> Described:
        """The most telling place in the description that there is."""
        description = self._setting.first.api.description
        path = ["paths", operation.path, operation.method.lower()]
        for step in _described_below(told, expected):
            if _at(description.document, [*path, step]) is None:
                break
            path.append(step)
        return Described(pointer_to(path), description.source)


def _described_below(told: Difference, expected: Outcome) -> list[str]:
    """Where an operation says what is expected of its answer."""
    if not isinstance(expected, Answered):
        return []
    steps = ["responses", str(expected.status)]
    if told.aspect == "header":
        return [*steps, "headers", told.pointer.removeprefix("/")]
    return [*steps, "content", expected.media_type] if told.aspect == "body" else steps


def _at(document: Mapping[str, Any], steps: list[str]) -> Any:
    value: Any = document
    for step in steps:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _later(found: tuple[Birth, ...], cut: int) -> tuple[Birth, ...]:
    """The keys of a run whose first calls are left out."""
    return tuple(replace(birth, step=birth.step - cut) for birth in found)


def _disproved(made: Reproducer | None) -> bool:
    """Whether the calls were answered rightly when they were made once more."""
    return made is not None and made.pytest_ran.why == RIGHT
