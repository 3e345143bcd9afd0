"""The mock of a built-in API asked without HTTP, and the runs of checks of it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from mockserver import catalogue
from mockserver.contract import checking, guessing, reference
from mockserver.contract.branches import AT_ONCE, BranchSession
from mockserver.contract.feed_clients import NoFeeds
from mockserver.contract.feeds import FOLLOW
from mockserver.contract.phases import Phases
from mockserver.contract.reference import Reference
from mockserver.contract.replaying import Births, Replaying
from mockserver.contract.results import Options
from mockserver.contract.session import Session, Setting
from mockserver.contract.targets import WsgiTarget
from mockserver.contract.translating import births
from mockserver.contract.values import Answered, Failed, Message, Outcome, Sent
from tests.contract_gate import mutants

THOROUGH = 0.6
"""How often all is read after a write: what is drawn here need not be quick."""

EVERYTHING = 5_000
"""Constants that are tried in one place."""

WORLD = 7

Said = list[tuple[Message, Outcome]]


class Frozen(datetime):
    """All worlds begin at the same instant, so that what was answered is answered again."""

    @classmethod
    def now(cls, tz: Any = None) -> Frozen:
        return cls(2026, 1, 15, 12, tzinfo=tz or UTC)


def prepare() -> None:
    """Have this process answer alike in all worlds, and decide what is open as the mock does."""
    checking.is_this_version = lambda _: True
    reference.datetime = Frozen  # type: ignore[attr-defined]
    catalogue.read_description = cache(catalogue.read_description)  # type: ignore[attr-defined]


class Itself(WsgiTarget):
    """The operations of a mock as a server, without HTTP; it remembers what was said."""

    def __init__(self, mock: catalogue.Mock) -> None:
        self._asked = Reference(mock, decided=True)
        self._outcome: Outcome = Failed("closed", "")
        self.said: Said = []
        self.reset()

    def send(self, message: Message) -> None:
        self._world.watch.move()
        try:
            self._outcome = _told(self._asked.apply(message, self._world, self.base_url))
        except Exception as error:  # noqa: BLE001 - of a refusal that is made wrongly
            self._outcome = _told(Failed("reference", repr(error)))
        self.said.append((message, self._outcome))

    def reset(self) -> bool:
        self._world = self._asked.world(WORLD)
        self.said = []
        return True

    def at_once(self, branches: Any) -> list[list[Outcome]]:
        return [[self.ask(message) for message in branch] for branch in branches]

    def follow(self, message: Message) -> Any:
        raise NoFeeds("not without a server")


def _told(outcome: Outcome) -> Outcome:
    """What a server would answer where the reference has nothing to say."""
    if isinstance(outcome, Answered):
        return outcome
    status = 404 if outcome.kind == "undescribed" else 500
    return Answered(status, (("content-type", "application/json"),), b"{}")


@dataclass
class Pooled:
    """A run: its calls, where its keys come from, what was said, and the lines it came by."""

    sents: list[Sent]
    births: Births
    said: Said
    lines: dict[str, set[int]] = field(default_factory=dict)
    shows: int = 0

    def comes_by(self, file: str, span: tuple[int, int]) -> bool:
        """Whether it runs something between two lines of a file."""
        return any(span[0] < each <= span[1] for each in self.lines.get(file, ()))


class Guesses(Phases):
    """Nothing but what handlers compare with: many calls, few of them read after."""

    def run(self) -> None:
        checking.THOROUGH = THOROUGH / 6
        guessing.PLACES, guessing.SENT, guessing.TRIED = 1, 60, EVERYTHING
        self._look()
        while True:
            self._guess()


class Workshop:
    """The mock of one API as it should be, and runs of checks of it."""

    def __init__(self, stem: str) -> None:
        self.stem = stem
        self._folder = str(mutants.PACKAGE / "apis" / stem) + os.sep
        self.mock = catalogue.build([stem])
        self.target = Itself(self.mock)

    def check(self, seed: int = 0, requests: int = 1) -> checking.Check:
        options = Options(seconds=36_000, seed=seed, requests=requests, most=1_000, quick=True)
        return checking.Check(self.mock, self.target, options)

    def pool(self, seed: int, requests: int, phases: type[Phases]) -> Iterator[Pooled]:
        """The runs of one check of the mock itself."""
        made: list[Session] = []
        runs: list[Pooled] = []
        target = self.target

        class Remembering(BranchSession):
            def __init__(self, setting: Setting) -> None:
                super().__init__(setting)
                made.append(self)

        def reset() -> bool:
            for session in made[-1:]:
                runs.extend(pooled(session, target.said))
            made.clear()
            return Itself.reset(target)

        checking.BranchSession, checking.Phases = Remembering, phases  # type: ignore[misc]
        checking.THOROUGH = THOROUGH
        target.reset = reset  # type: ignore[method-assign]
        try:
            result = self.check(seed, requests).run()
        finally:
            checking.BranchSession, checking.Phases = BranchSession, Phases  # type: ignore[misc]
            del target.reset  # type: ignore[method-assign]
        for found in result.findings:
            print(f"ALARM {found.operation} {found.aspect} {found.pointer}: {found.got[:200]}")
        for run in runs:
            self._see(run)
            yield run

    def kept(self, calls: list[Sent], where: Births) -> Pooled | None:
        """A proven run as the mock answers it; None where it says what it should not."""
        try:
            session = Replaying(self.check().setting, where).run(enumerate(calls))
        except KeyError:
            return None
        if any(step.differences for step in session.steps):
            return None
        for run in pooled(session, self.target.said):
            run.sents, run.births = calls, where
            self._see(run)
            return run
        return None

    def _see(self, run: Pooled) -> None:
        """Find the lines that a run comes by."""
        lines = run.lines

        def at_line(frame: Any, _event: str, _: Any) -> Any:
            lines[frame.f_code.co_filename].add(frame.f_lineno)
            return at_line

        def at_call(frame: Any, _event: str, _: Any) -> Any:
            if not frame.f_code.co_filename.startswith(self._folder):
                return None
            lines.setdefault(frame.f_code.co_filename, set()).add(frame.f_lineno)
            return at_line

        self.target.reset()
        sys.settrace(at_call)
        try:
            for message, _ in run.said:
                self.target.send(message)
        finally:
            sys.settrace(None)


def pooled(session: Session, said: Said) -> Iterator[Pooled]:
    """A session as a run; none where it has calls made at once, or feeds."""
    sents = [step.sent for step in session.steps]
    if sents and len(said) == len(sents) and not any(s.method in {AT_ONCE, FOLLOW} for s in sents):
        yield Pooled(sents, places(session), list(said))


def places(session: Session) -> Births:
    return {birth.number: (birth.step, birth.place) for birth in births(session)}
