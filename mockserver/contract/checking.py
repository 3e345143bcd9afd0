"""A server checked against its contract: the phases of a run, and what it finds."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from time import monotonic, sleep
from typing import Any

from mockserver.catalogue import Mock, build, stems
from mockserver.contract.calls import NOWHERE
from mockserver.contract.drawing import Drawing
from mockserver.contract.findings import Findings
from mockserver.contract.odds import likely
from mockserver.contract.promises import Policy, Wording
from mockserver.contract.reference import Reference
from mockserver.contract.results import CannotCheck, Event, Options, Result
from mockserver.contract.schemathesis_cases import Cases
from mockserver.contract.session import Session, Setting, Stepped
from mockserver.contract.sweeping import Sweep
from mockserver.contract.targets import Target, open_target
from mockserver.contract.values import (
    Answered,
    Failed,
    Key,
    Message,
    Outcome,
    Sent,
)
from mockserver.contract.wire import Callers, Writer
from mockserver.engine.spec import Operation

COVERED_AT_A_TIME = 2
RUNS = 12
"""Short runs between two rounds of boundary cases."""

GROWTH_EVERY = 2
HEAVY_EVERY = 6
GROWN = 60
"""Calls made in a long run once it has many records."""

RUN = 60
"""Calls of a run of boundary cases before the state is made fresh again."""


class Stop(Exception):
    """The time is over, or enough was found."""


def check(
    server: Any,
    description: str,
    options: Options | None = None,
    *,
    reset: Any = None,
    listener: Callable[[Event], None] | None = None,
) -> Result:
    """Check a server: a URL, or an ASGI or WSGI application.

    ``description`` is a built-in API's stem, or the file or URL of a description. ``reset`` is
    the URL, or the function, that brings the server back to its seed. Raises CannotCheck when the
    server cannot be reached, StartupError for a description that cannot be read.
    """
    options = options or Options()
    mock = build([description], options.settings)
    target = open_target(server, reset, options.timeout)
    try:
        return Check(mock, target, options, listener).run()
    finally:
        target.close()


class Check:
    """One check."""

    def __init__(
        self,
        mock: Mock,
        target: Target,
        options: Options,
        listener: Callable[[Event], None] | None = None,
    ) -> None:
        self._options = options
        self._target = target
        self._listener = listener
        reference = Reference(mock)
        api = reference.api
        self._description = api.description
        identities: list[Mapping[str, Any]] = list(api.identities)
        callers = Callers(api.description, identities)
        base_path = api.description.base_path if options.base_path else ""
        keys = frozenset({"id"} | {c.key for c in api.description.collections.values()})
        strict = api.description.stem in stems()  # others' handlers are inferred
        self.result = Result(options.seed)
        self._setting = Setting(
            reference,
            reference,
            target,
            Writer(api.description, callers, base_path),
            Policy(strict=strict, ordered=strict, keys=keys),
            self.result.noise,
            Wording(),
            options.headers,
        )
        self._operations = [o for o in api.description.operations if self._wanted(o)]
        self.result.operations = len(self._operations)
        self._cases = Cases(api.description)
        self._drawing = Drawing(api, self._operations, self._cases, callers, options.seed)
        self._choice = self._drawing.choice
        self._lanes = [
            (operation.id, right, self._cases.coverage(operation.id, right=right))
            for operation in sorted(self._operations, key=_reads_first)
            for right in (True, False)
        ]
        self._findings = Findings(self._setting, options.seed)
        self.result.findings = self._findings.all
        self._unanswered = 0
        self._phase = ""
        self._subjects: list[Any] = []
        self._told = 0.0
        self._next = 0.0
        self._session: Session | None = None
        self._sweep: Sweep | None = None

    def _wanted(self, operation: Operation) -> bool:
        options = self._options
        if options.include and operation.id not in options.include:
            return False
        return operation.id not in options.exclude and operation.method != "TRACE"

    def run(self) -> Result:
        """Check until the time is over or enough was found."""
        self._begin = monotonic()
        self._ends = self._begin + self._options.seconds
        try:
            self._reach()
            self._read_everything()
            for cycle in itertools.count(1):
                self._cover(heavy=cycle % HEAVY_EVERY == 0)
                self._sequences()
                if cycle % GROWTH_EVERY == 0:
                    self._grow()
        except Stop:
            pass
        except KeyboardInterrupt:
            self.result.remarks.append("interrupted: this is what was found so far")
        finally:
            for _, _, cases in self._lanes:
                cases.close()
        self.result.seconds = monotonic() - self._begin
        return self.result

    def _reach(self) -> None:
        """Find out whether anybody listens at all."""
        self._target.send(Message("GET", self._description.base_path + "/", (), b""))
        outcome = self._target.receive()
        if isinstance(outcome, Failed) and outcome.kind in {"unreachable", "garbage"}:
            raise CannotCheck(outcome.detail)

    # Phases

    def _read_everything(self) -> None:
        """Each read once, to see what there is."""
        self._phase = "a first look"
        self._fresh()
        for operation in self._operations:
            if operation.method == "GET":
                self._do(self._drawing.filled(operation.id, None))

    def _cover(self, *, heavy: bool) -> None:
        """A few boundary cases of each operation in turn, right ones and wrong ones."""
        self._phase = "boundary cases"
        self._fresh()
        left = []
        for lane in self._lanes:
            operation, right, cases = lane
            if operation in self._drawing.heavy and not heavy:
                left.append(lane)
                continue
            drawn = list(itertools.islice(cases, COVERED_AT_A_TIME))
            for sent in drawn:
                self._covered(sent, right=right)
            if len(drawn) == COVERED_AT_A_TIME:
                left.append(lane)
        self._lanes = left

    def _covered(self, sent: Sent, *, right: bool) -> None:
        if right:
            self._drawing.add(sent)
        if self._session is not None and len(self._session.steps) > RUN:
            self._fresh()
        drawing = self._drawing
        live = likely(drawing.choice, (0.9 if right else 0.5))
        origins: list[Any] = []
        parameters = drawing.filling.path(sent, None, origins) if live else sent.path_parameters
        sent = replace(sent, path_parameters=parameters, caller=drawing.caller)
        wrong = self._do(sent)
        if right and not wrong and self._require().steps[-1].wrote and likely(drawing.choice, 0.5):
            self._do(sent)

    def _sequences(self) -> None:
        """Short runs from a fresh state, each about a few records."""
        self._phase = "sequences"
        for _ in range(RUNS):
            self._fresh()
            self._look_around()
            subjects = (self._drawing.pools.subject(self._choice) for _ in range(2))
            self._subjects = [subject for subject in subjects if subject is not None]
            for _ in range(self._choice.randint(2, 10)):
                self._any_call()

    def _look_around(self) -> None:
        """Read the lists, so that there is something to be about."""
        for sent in self._sweeping().opening(2):
            self._do(sent, sweep=False)

    def _any_call(self) -> None:
        session = self._require()
        if self._drawing.pools.links and likely(self._choice, 0.12):
            link = self._choice.choice(list(self._drawing.pools.links))
            self._follow(session, link)
            return
        operation = self._pick()
        focus = self._focus(session)
        sent = self._drawing.draw(operation.id, session, focus)
        times = self._choice.choice((1, 1, 1, 1, 2, 3, 4))
        for _ in range(times):
            if self._do(sent):
                return

    def _follow(self, session: Session, link: Any) -> None:
        """Ask for a URL that the server gave."""
        writer = self._setting.writer
        operation = next(o for o in self._operations if o.method == "GET")
        sent = Sent(operation.id, "GET", operation.path, link=link, caller=self._drawing.caller)
        reached = self._setting.first.operation_at(writer.message(sent, session.names.for_a))
        if reached is not None:
            self._do(replace(sent, operation=reached))

    def _focus(self, session: Session) -> list[Any] | None:
        """What the run is about: a record or two, and what it made last."""
        if likely(self._choice, 0.3):
            return None
        keys = [n for n in range(len(session.names)) if session.names[n].is_key]
        return [*self._subjects, *(Key(n) for n in keys[-2:])] or None

    def _pick(self) -> Operation:
        drawing = self._drawing
        weights = []
        for operation in self._operations:
            weight = 0.1 if drawing.is_constant(operation.id) else 1.0
            if operation.parameters or operation.body:
                weight += 2
            if drawing.writers[operation.id]:
                weight += 3
            elif operation.method != "GET":
                weight += 1
            weights.append(weight / math.sqrt(1 + drawing.tried[operation.id] / 20))
        return self._choice.choices(self._operations, weights)[0]

    def _grow(self) -> None:
        """One long run whose state accumulates: many records, then everything else."""
        self._phase = "one long run"
        self._fresh()
        self._look_around()
        creators = [o for o, count in self._drawing.creators.items() if count]
        if creators:
            creator = self._choice.choice(creators)
            for count in range(self._choice.choice((22, 35, 52))):
                sent = self._drawing.draw(creator, self._require(), None)
                self._do(sent, sweep=count % 8 == 0)
        for _ in range(GROWN):
            self._any_call()

    # Steps

    def _fresh(self) -> None:
        if not self._target.reset():
            raise CannotCheck(
                "the server cannot be brought back to its seed: tell --reset URL, which is posted "
                "to before each run"
            )
        self._session = Session(self._setting)
        self._drawing.fresh()
        self._subjects = []
        self._sweep = Sweep(self._drawing, self._choice)

    def _require(self) -> Session:
        if self._session is None:
            self._fresh()
        assert self._session is not None  # noqa: S101 - for the type checker
        return self._session

    def _sweeping(self) -> Sweep:
        self._require()
        assert self._sweep is not None  # noqa: S101 - for the type checker
        return self._sweep

    def _do(self, sent: Sent, *, sweep: bool = True) -> bool:
        """Make a call, and after a write what it calls for; True when something was wrong."""
        session = self._require()
        if self._step(session, sent):
            return True
        step = session.steps[-1]
        if sweep and not step.wrote and self._leads_on(step):
            self._follow(session, self._drawing.pools.links[-1])
        if sweep and step.wrote:
            for read in self._sweeping().reads(session):
                if self._step(session, read):
                    return True
        return False

    def _leads_on(self, step: Stepped) -> bool:
        """Whether an answer had a URL that should be asked for."""
        told = isinstance(step.a, Answered) and step.a.header("location") is not None
        return told and bool(self._drawing.pools.links) and likely(self._choice, 0.6)

    def _pace(self) -> None:
        """Wait until the next request may be made."""
        if self._options.rate > 0:
            self._next = max(self._next, monotonic() - 1 / self._options.rate)
            self._next += 1 / self._options.rate
            sleep(max(0.0, self._next - monotonic()))

    def _step(self, session: Session, sent: Sent) -> bool:
        self._pace()
        try:
            stepped = session.step(sent)
        except KeyError:
            return False
        self.result.requests += 1
        self._count(stepped.t)
        if not isinstance(stepped.t, Failed):
            self.result.reached[sent.operation, stepped.t.status] += 1
        self._tell()
        if stepped.differences:
            seconds = monotonic() - self._begin
            self._findings.add(session, self._literals(sent.operation), seconds)
            if len(self._findings.all) >= self._options.most:
                raise Stop
            self._fresh()
            return True
        self._drawing.learn(session, sent)
        if monotonic() > self._ends:
            raise Stop
        if self._options.requests and self.result.requests >= self._options.requests:
            raise Stop
        return False

    def _count(self, outcome: Outcome) -> None:
        """A server that went away is told as such, once several calls were not answered."""
        self._unanswered = self._unanswered + 1 if isinstance(outcome, Failed) else 0
        if self._unanswered >= 5 and isinstance(outcome, Failed):  # noqa: PLR2004 - in a row
            if self.result.findings:
                raise Stop
            raise CannotCheck(f"the server stopped answering: {outcome.detail}")

    def _tell(self) -> None:
        now = monotonic()
        if self._listener is not None and now - self._told > 0.2:  # noqa: PLR2004 - often enough
            self._told = now
            result = self.result
            left = self._ends - now
            self._listener(Event(self._phase, result.requests, len(result.findings), left))

    def _literals(self, operation: str) -> list[str]:
        """Keys of records that were there from the beginning, those of an operation first."""
        taken = self._drawing.taken
        sents = [*taken[operation], *itertools.chain.from_iterable(taken.values())]
        values = (value for sent in sents for value in sent.path_parameters.values())
        return list(dict.fromkeys(v for v in values if isinstance(v, str) and v != NOWHERE))


def _reads_first(operation: Operation) -> bool:
    return operation.method != "GET"
