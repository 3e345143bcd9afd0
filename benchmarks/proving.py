"""Makes the proven runs of a built-in API: short runs that show its handlers changed by machine.

python -m benchmarks.proving STEM [--requests 10000] [--seeds 3] [--minutes 20] [--calls 8000]

Checks of the mock itself give many runs. Then one mutant after the other is asked with those that
come by its function, first with the runs that are proven already. A run that shows it is made
short and kept; those that show the most mutants come first. Made again, it adds to what is there.
``--survivors FILE`` keeps a line for each mutant that no run has shown, and says what became of it.
"""

from __future__ import annotations

import argparse
import ast
import gc
import logging
import multiprocessing
import os
import random
import signal
import sys
import time
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from mockserver import catalogue
from mockserver.contract import checking, guessing, proven, reference
from mockserver.contract.alike import normal
from mockserver.contract.branches import AT_ONCE, BranchSession
from mockserver.contract.feed_clients import NoFeeds
from mockserver.contract.feeds import FOLLOW
from mockserver.contract.phases import Phases
from mockserver.contract.reference import Reference
from mockserver.contract.replaying import Births, Replaying
from mockserver.contract.results import Options
from mockserver.contract.session import Session, Setting
from mockserver.contract.shrinking import Shrinker
from mockserver.contract.targets import WsgiTarget
from mockserver.contract.translating import births
from mockserver.contract.values import Answered, Failed, Message, Outcome, Sent
from tests.contract_gate import mutants

THOROUGH = 0.6
"""How often all is read after a write: what is drawn here need not be quick."""

EVERYTHING = 5_000
"""Constants that are tried in one place."""

SHRINKING = 2.0
"""Seconds for making a run short."""

DOUBTS = 10
"""Runs answered otherwise only in what is left open, after which a mutant is given up."""

DIFFERENT = 12
"""Answers that differ, past which a run is not asked on."""

LONGEST = 40
"""Seconds at most for one mutant."""

LARGEST = 6_000
"""Bytes of a run that is kept."""

WORLD = 7

Said = list[tuple[Message, Outcome]]
Verdict = tuple[str, Any]
"""What became of a mutant, with the number of the proven run, or the new one, that showed it."""


class Frozen(datetime):
    """All worlds begin at the same instant, so that what was answered is answered again."""

    @classmethod
    def now(cls, tz: Any = None) -> Frozen:
        return cls(2026, 1, 15, 12, tzinfo=tz or UTC)


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
                runs.extend(_pooled(session, target.said))
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
        for run in _pooled(session, self.target.said):
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


def _pooled(session: Session, said: Said) -> Iterator[Pooled]:
    """A session as a run; none where it has calls made at once, or feeds."""
    sents = [step.sent for step in session.steps]
    if sents and len(said) == len(sents) and not any(s.method in {AT_ONCE, FOLLOW} for s in sents):
        yield Pooled(sents, _places(session), list(said))


def _places(session: Session) -> Births:
    return {birth.number: (birth.step, birth.place) for birth in births(session)}


@cache
def functions(module: str) -> dict[int, tuple[int, int]]:
    """For each line the first and the last one of the function in which it stands."""
    found: dict[int, tuple[int, int]] = {}
    for node in ast.walk(ast.parse(mutants.source_of(module).read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            last = node.end_lineno or node.lineno
            for line in range(node.lineno, last + 1):
                if found.get(line, (0, 0))[0] < node.lineno:
                    found[line] = (node.lineno, last)
    return found


def relevant(runs: list[Pooled], mutant: mutants.Mutant) -> list[Pooled]:
    """The runs that may show a mutant, in their order."""
    span = functions(mutant.module).get(mutant.line)
    if span is not None:
        file = str(mutants.source_of(mutant.module))
        runs = [run for run in runs if run.comes_by(file, span)]
        runs = [run for run in runs if mutant.line in run.lines[file]] or runs
    return runs


def asked(
    mutant: mutants.Mutant, shop: Workshop, known: list[Pooled], pool: list[Pooled], most: int
) -> Verdict:
    """What becomes of one mutant; in a process of its own, which it changes.

    It is asked with the calls of the pool until there were ``most``.
    """
    signal.alarm(LONGEST)
    package = f"mockserver.apis.{shop.stem}"
    for name in [name for name in sys.modules if f"{name}.".startswith(f"{package}.")]:
        del sys.modules[name]
    mutants.install(mutant)
    try:
        target = Itself(catalogue.build([shop.stem]))
    except Exception as error:  # noqa: BLE001 - whatever keeps it from starting shows it
        return "does not start", repr(error)
    asking = Asking(target, replace(shop.check().setting, target=target), most)
    for run in relevant(known, mutant):
        if asking.differs(run) and asking.shown(run) is not None:
            return "known", known.index(run)
    for run in relevant(pool, mutant):
        if asking.is_over:
            break
        if asking.differs(run) and (session := asking.shown(run)) is not None:
            short = asking.shortened(run, session)
            if short is not None:
                return "new", ([step.sent for step in short.steps], _places(short))
    return asking.verdict, ""


class Asking:
    """Asks a changed mock with runs, and has the gate judge what it answers."""

    def __init__(self, target: Itself, setting: Setting, most: int) -> None:
        self._target = target
        self._most = most
        self._setting = setting
        self._calls = self._doubts = 0
        self._places: list[int] = []

    @property
    def is_over(self) -> bool:
        return self._calls > self._most or self._doubts > DOUBTS

    @property
    def verdict(self) -> str:
        if self._doubts:
            return "left open"
        return "survived" if self._calls else "never run"

    def differs(self, run: Pooled) -> bool:
        """Whether other answers are given than the right ones."""
        self._target.reset()
        self._calls += len(run.said)
        self._places = []
        for place, (message, right) in enumerate(run.said):
            self._target.send(message)
            if self._target.said[-1][1] != right:
                self._places.append(place)
                if len(self._places) == DIFFERENT:
                    break
        return bool(self._places)

    def shown(self, run: Pooled) -> Session | None:
        """The run made again up to the last other answer, if the gate finds fault with one."""
        calls = list(enumerate(run.sents[: self._places[-1] + 1]))
        try:
            session = Replaying(self._setting, run.births).run(calls)
        except KeyError:
            session = None
        if session is None or not any(step.differences for step in session.steps):
            self._doubts += 1
            return None
        return session

    def shortened(self, run: Pooled, session: Session) -> Session | None:
        """The run up to the first fault with as few calls as it needs."""
        at = next(n for n, step in enumerate(session.steps) if step.differences)
        steps = session.steps[: at + 1]
        wrong = steps[at].differences[0]
        cause = (steps[at].sent.operation, wrong.aspect, normal(wrong.pointer))
        names = [session.names[number] for number in range(len(session.names))]
        shrinker = Shrinker(self._setting, names, cause, SHRINKING)
        sents = [step.sent for step in steps]
        shrunk = shrinker.shrink(sents, [step.wrote for step in steps], [])
        return shrunk.session if shrunk else None


class Proving:
    """Asks one mutant after the other, several at a time, and keeps the runs that show some."""

    def __init__(self, shop: Workshop, options: argparse.Namespace) -> None:
        self._shop = shop
        self._ends = 0.0
        self._minutes, self._jobs, self._calls = options.minutes, options.jobs, options.calls
        told = proven.read(shop.stem)
        self._known = [run for calls, where in told if (run := shop.kept(calls, where))]
        self._pool: list[Pooled] = []
        self._counts: Counter[str] = Counter()
        self._survivors = options.survivors

    def fill(self, seeds: range, requests: int) -> None:
        """Find runs to ask with."""
        for seed in seeds:
            for phases in (Phases, Guesses):
                self._pool += self._shop.pool(seed, requests, phases)
                print(f"seed {seed}: {len(self._pool)} runs", flush=True)
        random.Random(requests).shuffle(self._pool)

    def go(self, everything: list[mutants.Mutant]) -> None:
        gc.freeze()  # so that the processes share it
        self._ends = time.monotonic() + 60 * self._minutes
        queue = iter(everything)
        busy: dict[Connection, tuple[mutants.Mutant, Any]] = {}
        while True:
            while len(busy) < self._jobs and time.monotonic() < self._ends:
                mutant = next(queue, None)
                if mutant is None:
                    break
                pipe, process = self._begun(mutant)
                busy[pipe] = (mutant, process)
            if not busy:
                break
            for pipe in wait(list(busy)):
                mutant, process = busy.pop(pipe)  # type: ignore[arg-type]
                try:
                    verdict = pipe.recv()  # type: ignore[union-attr]
                except EOFError:
                    verdict = ("no end", "")
                process.join()
                self._take(mutant, *verdict)
        self.keep()
        print(self._told(), flush=True)

    def _begun(self, mutant: mutants.Mutant) -> tuple[Connection, Any]:
        context = multiprocessing.get_context("fork")
        ours, theirs = context.Pipe(duplex=False)

        def work() -> None:
            theirs.send(asked(mutant, self._shop, self._known, self._pool, self._calls))

        process = context.Process(target=work)
        process.start()
        theirs.close()
        return ours, process

    def _take(self, mutant: mutants.Mutant, how: str, what: Any) -> None:
        if how == "known":
            self._known[what].shows += 1
        elif how == "new":
            run = self._shop.kept(*what)
            if run is not None and len(proven.line(*what)) <= LARGEST:
                run.shows = 1
                self._known.append(run)
        elif self._survivors:
            with self._survivors.open("a") as file:
                print(how, mutant.module, mutant.line, mutant.what, file=file)
        self._counts[how] += 1
        if self._counts.total() % 100 == 0:
            print(self._told(), f"{self._ends - time.monotonic():.0f} s left", flush=True)
            self.keep()

    def _told(self) -> str:
        return f"{self._counts.total()} mutants: {dict(self._counts)}; {len(self._known)} runs"

    def keep(self) -> None:
        """Write what is proven, the runs first that show the most for a call."""
        ordered = sorted(self._known, key=lambda run: -run.shows / (1 + len(run.sents)))
        proven.write(self._shop.stem, [(run.sents, run.births) for run in ordered])


def main() -> None:
    style = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=style)
    parser.add_argument("stem", choices=catalogue.stems())
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--calls", type=int, default=8_000, help="at most for one mutant")
    parser.add_argument("--survivors", type=Path)
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    checking.is_this_version = lambda _: True  # what is open is decided as here, also in words
    reference.datetime = Frozen  # type: ignore[attr-defined]
    catalogue.read_description = cache(catalogue.read_description)  # type: ignore[attr-defined]
    proving = Proving(Workshop(options.stem), options)
    first = options.first_seed
    proving.fill(range(first, first + options.seeds), options.requests)
    everything = [m for name in mutants.modules(options.stem) for m in mutants.mutants(name)]
    random.Random(first).shuffle(everything)
    proving.go(everything)


if __name__ == "__main__":
    main()
