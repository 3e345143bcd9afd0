"""The reproducer of a finding made, tried, and run once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from mockserver.contract.alike import normal
from mockserver.contract.feeds import FOLLOW
from mockserver.contract.masking import Secrets
from mockserver.contract.pacing import OutOfTime
from mockserver.contract.replaying import Replaying
from mockserver.contract.reproducers import curl_script, pytest_file
from mockserver.contract.reproducers.assertions import Right
from mockserver.contract.reproducers.bridge import Ask
from mockserver.contract.reproducers.feeds import Hearing, OfServer, hears, of_reference
from mockserver.contract.reproducers.moments import compared_with, with_learned_moment
from mockserver.contract.reproducers.numbers import with_learned_keys
from mockserver.contract.reproducers.pytest_file import Draft, Place
from mockserver.contract.reproducers.running import (
    Outcomes,
    Retold,
    recorded,
    run_script,
    run_test,
)
from mockserver.contract.reproducers.templates import Scope, templates
from mockserver.contract.session import Session, Setting
from mockserver.contract.values import Finding, Message, Outcome, Ran, Reproducer

RIGHT = "the answer was right this time"

SECONDS = 10.0
"""How long a script may run; one that waits for answers that never come is ended then."""


@dataclass(frozen=True, slots=True)
class Workshop:
    """Makes the reproducers of one check. ``place`` is told to those who run them later."""

    setting: Setting
    secrets: Secrets
    place: Place

    def reproducer(self, finding: Finding) -> Reproducer | None:
        """The reproducer of a finding, run once; None when its calls cannot be written."""
        told = with_learned_moment(with_learned_keys(finding))
        scope = Scope(told.births, [exchange.sent for exchange in told.sequence])
        calls = templates(told.sequence, scope, self.setting.writer, self.secrets)
        draft = Draft(told, calls, scope, self.place)
        try:
            script = self.secrets.text(curl_script.write(draft))
            test, holds = self._best(draft)
        except KeyError:
            return None
        variables = tuple((variable.name, variable.what) for variable in scope.environment)
        pytest_ran, curl_ran = self._run(finding, draft, (script, test))
        return Reproducer(script, test, variables, curl_ran, pytest_ran, holds)

    def _tests(self, draft: Draft) -> Iterator[str]:
        """The file with each way to assert the right answer that can be written."""
        scope = draft.scope
        needed = set(scope.used)
        for way in Right(
            draft.finding, scope, draft.source, own=self.setting.gentle is not None
        ).ways():
            with contextlib.suppress(KeyError):
                yield self.secrets.text(pytest_file.write(draft, way))
            scope.used = set(needed)

    def _best(self, draft: Draft) -> tuple[str, bool]:
        """The first test that fails on the wrong answer and passes on right ones, if any does.

        Raises KeyError when none can be written.
        """
        answers = [exchange.got for exchange in draft.finding.sequence]
        failing = []
        for test in self._tests(draft):
            if self._tried(draft, test, recorded(answers)).shows(len(answers)):
                failing.append(test)
                if self._tried(draft, test, self._reference()).passed:
                    return test, True
        if not failing:
            raise KeyError(draft.finding.id)
        return failing[0], False

    def _reference(self) -> Ask:
        """The reference in a fresh world, which answers right."""
        first = self.setting.first
        world = first.world(0)

        def ask(message: Message) -> Outcome:
            world.watch.move()
            return first.apply(message, world, self.setting.target.base_url)

        return Hearing(ask, of_reference(first, world))

    def _tried(self, draft: Draft, test: str, ask: Ask) -> Outcomes:
        return run_test(test, ask, draft.scope.presented, self.setting.target.base_url)

    def _run(self, finding: Finding, draft: Draft, scripts: tuple[str, str]) -> tuple[Ran, Ran]:
        """What came of the pytest file and of the script, each on a fresh state of the server."""
        target = self.setting.target
        script, test = scripts
        answers: list[Outcome] = []

        def ask(message: Message) -> Outcome:
            target.send(message)
            return target.receive()

        feeds = OfServer(target)
        heard = Hearing(ask, feeds.hear)

        def remembered(message: Message) -> Outcome:
            answers.append(heard(message))
            return answers[-1]

        try:
            target.reset()
            test_run = self._tried(draft, test, remembered)
            right = self._is_right(finding, draft, test, answers)
            pytest_ran = _told(test_run, len(draft.calls), right=right)
            if hears(finding):
                return pytest_ran, Ran(shown=False, why="not run: the pytest file hears the feed")
            answers.clear()
            target.reset()
            why = run_script(script, remembered, draft.scope.presented, SECONDS)
            right = self._is_right(finding, draft, test, answers)
        except OutOfTime:
            return (Ran(shown=False, why="not run: the time was over"),) * 2
        finally:
            feeds.leave()
        shown = len(answers) == len(draft.calls) and not right
        return pytest_ran, Ran(shown, "" if shown else why or RIGHT)

    def _is_right(self, finding: Finding, draft: Draft, test: str, answers: list[Outcome]) -> bool:
        """Whether the finding does not show in answers, told to a run that compares them.

        How far apart two moments are is lost when answers are told again, and frames are not told
        again: there the test says it.
        """
        told_by_test = compared_with(finding) or hears(finding)
        if not told_by_test or self.setting.gentle is not None:  # which learns what was made
            session = self._retold(finding, answers)
        if told_by_test:
            return self._tried(draft, test, recorded(answers)).passed
        if session is None:
            return False
        return not shows(session, finding) and len(answers) == len(finding.sequence)

    def _retold(self, finding: Finding, answers: list[Outcome]) -> Session | None:
        """A run to which answers are told again, without frames; None where it lacks a key."""
        births = {birth.number: (birth.step, birth.place) for birth in finding.births}
        steps = list(enumerate(exchange.sent for exchange in finding.sequence))
        pairs = [p for p in zip(steps, answers, strict=False) if p[0][1].method != FOLLOW]
        setting = replace(self.setting, target=Retold(self.setting.target, [a for _, a in pairs]))
        try:
            return Replaying(setting, births).run([step for step, _ in pairs])
        except KeyError:
            if setting.gentle is not None:
                setting.gentle.lose([(step[1], answer) for step, answer in pairs])
            return None


def shows(session: Session, finding: Finding) -> bool:
    """Whether the last call of a run shows a finding."""
    if not session.steps:
        return False
    last = session.steps[-1]
    causes = {(last.sent.operation, d.aspect, normal(d.pointer)) for d in last.differences}
    return finding.cause in causes


def _told(test: Outcomes, calls: int, *, right: bool) -> Ran:
    """What a run of the pytest file says."""
    if test.shows(calls) and not right:
        return Ran(shown=True)
    if right:
        return Ran(shown=False, why=RIGHT)
    return Ran(shown=False, why=f"call {test.calls} of {calls}: {test.why or 'it passed'}")
