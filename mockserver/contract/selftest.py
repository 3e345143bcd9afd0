"""The gate tried on a mock with faults in it: which of them it finds, and how soon."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from time import monotonic

from mockserver.catalogue import Settings, build
from mockserver.contract.checking import Check
from mockserver.contract.faults import FAULTS, Fault, FaultyTarget
from mockserver.contract.reference import Reference
from mockserver.contract.results import Options

MISTAKES = ("writes", "reads", "answers", "concurrent")

FOUND, MISSED, NO_OCCASION = "found", "missed", "no occasion"


@dataclass(frozen=True, slots=True)
class Trial:
    """One fault, and what became of the check of a mock that has it.

    ``outcome`` is found, missed, or no occasion: in this API, or with these calls, the fault made
    no difference. ``seconds`` and ``requests`` are those until it was found, or in all. ``code``
    and ``operation`` are those of the first finding, ``shown`` how often an answer was
    another than without the fault.
    """

    fault: Fault
    outcome: str
    seconds: float
    requests: int
    code: str = ""
    operation: str = ""
    shown: int = 0


@dataclass(frozen=True, slots=True)
class SelfTest:
    """What a selftest came to: a trial for each fault."""

    trials: tuple[Trial, ...]
    seconds: float

    def count(self, outcome: str) -> int:
        """How many trials ended so."""
        return sum(trial.outcome == outcome for trial in self.trials)

    @property
    def share(self) -> float:
        """The part of those faults that made a difference which were found, from 0 to 1."""
        told = self.count(FOUND) + self.count(MISSED)
        return self.count(FOUND) / told if told else 1.0

    @property
    def median(self) -> float:
        """Seconds in which half of the faults that were found had been found."""
        found = sorted(trial.seconds for trial in self.trials if trial.outcome == FOUND)
        return found[len(found) // 2] if found else 0.0


def catalogue() -> Mapping[str, Fault]:
    """All faults by their names."""
    for module in MISTAKES:
        importlib.import_module(f"mockserver.contract.mistakes.{module}")
    return FAULTS


def selftest(
    description: str,
    *,
    seconds: float = 10.0,
    seed: int = 0,
    names: Iterable[str] = (),
    listener: Callable[[Trial], None] | None = None,
) -> SelfTest:
    """Check a mock with each fault of the catalogue, or those named, one after the other.

    ``seconds`` are those for each. Raises StartupError for a description that cannot be read,
    KeyError for a fault that there is not.
    """
    begin = monotonic()
    known = catalogue()
    faults = [known[name] for name in names] or list(known.values())
    trials = []
    for trial in _trials(description, faults, Options(seconds, seed, most=1, quick=True)):
        trials.append(trial)
        if listener is not None:
            listener(trial)
    return SelfTest(tuple(trials), monotonic() - begin)


def _trials(description: str, faults: Iterable[Fault], options: Options) -> Iterator[Trial]:
    mock = build([description], Settings())
    reference = Reference(mock)
    for fault in faults:
        if fault.tell is not None and not reference.feeds:
            yield Trial(fault, NO_OCCASION, 0.0, 0)
            continue
        target = FaultyTarget(reference, fault, options.seed)
        result = Check(mock, target, options).run()
        shown = target.shown
        if result.findings:
            finding = result.findings[0]
            told = (finding.seconds, result.requests, finding.code, finding.operation)
            yield Trial(fault, FOUND, *told, shown)
        else:
            outcome = MISSED if shown else NO_OCCASION
            yield Trial(fault, outcome, result.seconds, result.requests, shown=shown)
