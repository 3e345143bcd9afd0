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
import random
import signal
import sys
import time
import warnings
from collections import Counter
from dataclasses import replace
from functools import cache
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from benchmarks.workshop import Guesses, Itself, Pooled, Workshop, places, prepare
from mockserver import catalogue
from mockserver.contract import proven
from mockserver.contract.alike import normal
from mockserver.contract.phases import Phases
from mockserver.contract.replaying import Replaying
from mockserver.contract.session import Session, Setting
from mockserver.contract.shrinking import Shrinker
from tests.contract_gate import mutants

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

Verdict = tuple[str, Any]
"""What became of a mutant, with the number of the proven run, or the new one, that showed it."""


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
                return "new", ([step.sent for step in short.steps], places(short))
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
    parser.add_argument("--modules", nargs="+", help="change only these, as in: records search")
    parser.add_argument("--survivors", type=Path)
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    prepare()
    proving = Proving(Workshop(options.stem), options)
    first = options.first_seed
    proving.fill(range(first, first + options.seeds), options.requests)
    names = mutants.modules(options.stem)
    if options.modules:
        names = [name for name in names if name.rpartition(".")[2] in options.modules]
    everything = [mutant for name in names for mutant in mutants.mutants(name)]
    random.Random(first).shuffle(everything)
    proving.go(everything)


if __name__ == "__main__":
    main()
