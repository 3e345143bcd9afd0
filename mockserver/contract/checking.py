"""A server checked against its contract: the phases of a run, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from time import monotonic
from typing import Any

from mockserver.catalogue import Mock, build, stems
from mockserver.contract.beginnings import begun
from mockserver.contract.branches import AT_ONCE, BranchSession
from mockserver.contract.calls import literals
from mockserver.contract.collecting import seldom_collected
from mockserver.contract.coverage import Covering
from mockserver.contract.credentials import callers as all_callers
from mockserver.contract.drawing import Drawing
from mockserver.contract.feeds import FOLLOW
from mockserver.contract.findings import Findings
from mockserver.contract.follow_ups import FollowUps
from mockserver.contract.gentle import Gentle, shared
from mockserver.contract.interrupting import Interrupts, interrupts
from mockserver.contract.locating import located
from mockserver.contract.odds import Due, likely
from mockserver.contract.pacing import Busy, OutOfTime, Paced
from mockserver.contract.patience import Patience, Stop
from mockserver.contract.phases import Phases
from mockserver.contract.promises import Policy, Wording
from mockserver.contract.reaching import find, reach
from mockserver.contract.reference import Reference
from mockserver.contract.replaying import Births, Replaying
from mockserver.contract.reproducers.pytest_file import public
from mockserver.contract.results import (
    CannotCheck,
    Event,
    Options,
    Result,
    Subject,
    known_operations,
)
from mockserver.contract.rules import Rules
from mockserver.contract.same_mock import is_same, is_this_version
from mockserver.contract.schemathesis_cases import Cases
from mockserver.contract.session import SAFE, Foreseen, Session, Setting, Stepped, is_success
from mockserver.contract.sweeping import Sweep
from mockserver.contract.targets import NO_FEEDS, Target, is_shared, open_target
from mockserver.contract.values import Answered, Failed, Sent
from mockserver.contract.wire import Callers, Writer
from mockserver.engine.spec import Operation

SPARE = 0.07
"""The part of its time that a check may take longer, to show a last finding."""

CLEANING = 20.0
"""Seconds at most for removing what a run made, once the check is over."""

FOLLOWED, IDLE = (3, 0.3), (4, 0.06)
"""How often, always at first and then at times, the URL in an answer is asked for, and it is seen
whether what should change nothing did."""

THOROUGH = 0.2
"""How often all that can be read is read after a write, and not only at the end of a run."""


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
    with opened(server, description, options, reset=reset, listener=listener) as made:
        return made.run()


@contextmanager
def opened(
    server: Any,
    description: str,
    options: Options | None = None,
    *,
    reset: Any = None,
    listener: Callable[[Event], None] | None = None,
) -> Iterator[Check]:
    """A check that did not begin yet, of what :func:`check` takes; its target is closed after."""
    options = options or Options()
    if isinstance(reset, str):
        options = replace(options, reset=reset)
    mock = build([description], options.settings)
    target = open_target(server, reset, options.timeout)
    try:
        own_data = is_shared(target) if options.own_data is None else options.own_data
        if options.own_data is None and not own_data:
            mock, own_data = begun(mock, target, options)
        made = Check(mock, target, options, listener, own_data=own_data)
        made.result.subject = replace(made.result.subject, description=description)
        yield made
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
        *,
        own_data: bool = False,
    ) -> None:
        self._options = options
        ours, server = is_this_version(target), target
        self._target = target = Paced(target, options.rate, self._clean if own_data else None)
        self._listener = listener
        reference = Reference(mock, bare=not options.base_path, decided=ours)
        api = reference.api
        same = not own_data and is_same(server, api)
        self._description = api.description
        seed = None if own_data else reference.beginning
        callers = Callers(api.description, all_callers(api.description, api.identities, seed))
        base_path = api.description.base_path if options.base_path else ""
        keys = frozenset({"id"} | {c.key for c in api.description.collections.values()})
        strict = api.description.stem in stems() or same  # others' handlers are inferred
        self.result = Result(options.seed)
        cases = Cases(api.description)
        self._rules = Rules(api, cases)
        self.operations = [o for o in api.description.operations if self._wanted(o)]
        feeds = [o for o in self.operations if o.stream is not None]
        if feeds and not target.has_feeds:
            self.operations = [o for o in self.operations if o.stream is None]
            self.result.remarks.append(f"not checked: {len(feeds)} feeds, {NO_FEEDS}")
        self.result.operations = len(self.operations)
        known_operations(api.description.operations, options, some=bool(self.operations))
        self._covering = Covering(api.description, {o.id for o in self.operations})
        self.result.covering = self._covering
        self._drawing = Drawing(api, self.operations, cases, callers, options.seed)
        self._drawing.unjudged = self._rules.ignored.answers(self.operations)
        writer = Writer(api.description, callers, base_path)
        self._gentle: Gentle | None = None
        first = second = reference
        if own_data:
            noise = self.result.noise
            first, second, self._gentle = shared(reference, self._drawing, writer, noise)
        self.setting = Setting(
            first,
            second,
            target,
            writer,
            Policy(strict, strict, keys, self._rules.ignored),
            self.result.noise,
            Wording(verdict=True if ours and strict else None),
            options.headers,
            rules=self._rules,
            gentle=self._gentle,
        )
        called = {o.id: self._rules.facts[o.id] for o in self.operations}
        self._follow_ups = FollowUps(called, self._drawing)
        self._findings = Findings(self.setting, options.seed, options.reset)
        self._findings.quick = options.quick
        self.result.findings = self._findings.all
        self.result.secrets = self._findings.secrets
        self.result.subject = self._subject()
        self._patience = Patience(self.result)
        self._interrupts = Interrupts()
        self.phase, self._told = "", 0.0
        self._followed = Due(*FOLLOWED, self._drawing.choice)
        self._idle = Due(*IDLE, self._drawing.choice)
        self._session: Session | None = None
        self._sweep: Sweep | None = None
        self._phases = Phases(self, self._drawing, cases)

    def _subject(self) -> Subject:
        described = self._description
        url = public(self._target.base_url, "").url
        source, title = described.source, described.title
        return Subject(url, source, described.stem, source, title, tuple(self.operations))

    def _wanted(self, operation: Operation) -> bool:
        options = self._options
        if operation.id in self._rules.ignored.operations:
            return False
        included = not options.include or operation.id in options.include
        return included and operation.id not in options.exclude and operation.method != "TRACE"

    def run(self) -> Result:
        """Check until the time is over or enough was found."""
        deferred = self._gentle is not None or not self._target.is_remote
        with interrupts(deferred=deferred) as interrupted, seldom_collected():
            self._interrupts = interrupted
            return self._run()

    def _run(self) -> Result:
        seconds = self._options.seconds
        self._begin = monotonic()
        self._ends = self._begin + seconds
        self._target.end_by(self._ends + SPARE * seconds, self._interrupts)
        try:
            self._reach()
            self._phases.run()
        except (Stop, OutOfTime):
            pass
        except KeyboardInterrupt:
            self._interrupts.told = True
        except CannotCheck as error:
            self._leave()
            left = self._gentle.left if self._gentle else []
            raise CannotCheck("; ".join([str(error), *left])) from error
        finally:
            self._leave()
        if self._interrupts.told:
            self.result.finished = False
            self.result.remarks.append("interrupted: this is what was found so far")
        self.result.remarks += self._rules.remarks()
        if self._gentle is not None:
            self.result.remarks += self._gentle.remarks()
        self.result.findings = located(self.result.findings)
        self.result.seconds = monotonic() - self._begin
        return self.result

    def again(self, calls: Sequence[Sent], births: Births) -> Session:
        """Make some calls from a fresh state, and nothing else.

        Raises KeyError for a key that did not come, CannotCheck as :meth:`run` does.
        """
        self._target.end_by(monotonic() + self._options.seconds, self._interrupts)
        try:
            self._reach()
            self.fresh()
            return Replaying(self.setting, births).run(enumerate(calls))
        except OutOfTime as error:
            raise CannotCheck(f"it took longer than {self._options.seconds:g} s") from error
        finally:
            self._leave()

    def _cleaning(self) -> float:
        """Seconds that it would take to remove what this run made."""
        if self._gentle is None or not self.result.requests:
            return 0.0
        each = (monotonic() - self._begin) / self.result.requests
        return min(self._gentle.debt * each, CLEANING)

    def _leave(self) -> None:
        """Let go of everything, and remove what is left on a server that others use."""
        self._phases.close()
        self.setting.following.leave()
        self._target.end_by(monotonic() + CLEANING, Interrupts())
        with suppress(OutOfTime, KeyboardInterrupt):
            self._clean()

    def _clean(self) -> bool:
        """Remove what was made on a server that others use."""
        if self._gentle is not None:
            self._gentle.clean()
        return True

    def _reach(self) -> None:
        """Find out whether anybody listens, and whether what is described is there."""
        reach(self._target, self._description.base_path)
        find(self.setting, self._target, self._drawing, base_path=self._options.base_path)

    def fresh(self) -> None:
        """Begin another run from the seed. Raises CannotCheck where the server has no reset.

        On a server that others use a run goes on for a while: there it begins with nothing.
        """
        if self._gentle is None or self._session is None or self._gentle.is_over(self._session):
            self._anew()

    def _anew(self) -> None:
        if not self._target.reset():
            raise CannotCheck(
                "the server cannot be brought back to its seed: tell --reset URL, which is posted "
                "to before each run"
            )
        self._session = BranchSession(self.setting)
        self._drawing.fresh()
        self._sweep = Sweep(self._drawing)

    @property
    def session(self) -> Session:
        """The calls since the state was fresh."""
        if self._session is None:
            self.fresh()
        assert self._session is not None  # noqa: S101 - for the type checker
        return self._session

    @property
    def requests(self) -> int:
        """The requests that were made so far."""
        return self.result.requests

    @property
    def sweep(self) -> Sweep:
        """What reads after the writes of this run."""
        if self._sweep is None:
            self.fresh()
        assert self._sweep is not None  # noqa: S101 - for the type checker
        return self._sweep

    def do(self, sent: Sent, *, sweep: bool = True) -> bool:
        """Make a call, and after a write what it calls for; True when something was wrong."""
        session, sweeping = self.session, self.sweep
        made = len(session.steps)
        if self._step(session, sent):
            return True
        if len(session.steps) == made:
            return False  # it could not be made
        step = session.steps[-1]
        if sweep and any(self._step(session, more) for more in self._follow_ups.after(session)):
            return True
        if not step.wrote:
            sweeping.remember(step)
            return sweep and (self._follows(step) or self._unchanged(step))
        return sweep and self._swept(likely(self._drawing.choice, THOROUGH))

    def _unchanged(self, step: Stepped) -> bool:
        """Read what a call leaves as it is that might have changed it; True when it did not."""
        kind = (step.sent.operation, is_success(step.a))
        if step.sent.method in {*SAFE, FOLLOW, AT_ONCE} or not self._idle.is_due(kind):
            return False
        reads = self.sweep.unchanged(self.session)
        return any(self._step(self.session, read) for read in reads if not self._spares(read))

    def _spares(self, read: Sent) -> bool:
        """Whether a read is left out this time, on a server that others use."""
        return self._gentle is not None and self._gentle.spares(read, self._drawing.choice)

    def settle(self) -> None:
        """Read all that the writes of this run have changed."""
        if self.sweep.due:
            self._swept(whole=True)

    def _swept(self, whole: bool) -> bool:  # noqa: FBT001 - told by lot
        session = self.session
        for read, foreseen in self.sweep.reads(session, whole=whole):
            if self._spares(read):
                continue
            if self._step(session, read, foreseen) or self._follows(session.steps[-1]):
                return True
            if any(self._step(session, more) for more in self._follow_ups.conditional(session)):
                return True
        return False

    def _follows(self, step: Stepped) -> bool:
        """Ask for the URL that an answer leads to; True when something was wrong."""
        links, place = self._drawing.pools.links, (step.sent.operation, step.sent.link is None)
        if not isinstance(step.a, Answered) or not links or step.a.header("location") is None:
            return False
        return self._followed.is_due(place) and self._phases.follow(links[-1])

    def _step(self, session: Session, sent: Sent, foreseen: Foreseen | None = None) -> bool:
        try:
            stepped = session.step(sent, foreseen)
        except Busy as error:
            self._patience.put_off(error)
            self._anew()
            return False
        except KeyError:
            return False
        self.result.requests += len(stepped.inner) or 1
        self._covering.add(sent)
        self._patience.answered(stepped.t)
        if not isinstance(stepped.t, Failed):
            self.result.reached[sent.operation, stepped.t.status] += 1
        self._tell()
        if stepped.differences:
            seconds = monotonic() - self._begin
            known = literals(sent.operation, self._drawing.taken)
            self._findings.add(session, known, seconds)
            if len(self._findings.all) >= self._options.most:
                raise Stop
            self._anew()
            return True
        if sent.method not in {FOLLOW, AT_ONCE}:
            self._drawing.learn(session, sent)
        if monotonic() + self._cleaning() > self._ends:
            raise Stop
        if self._options.requests and self.result.requests >= self._options.requests:
            raise Stop
        return False

    def _tell(self) -> None:
        now = monotonic()
        if self._listener is not None and now - self._told > 0.2:  # noqa: PLR2004 - often enough
            self._told = now
            result = self.result
            reached, wanted = len({o for o, _ in result.reached}), result.operations
            told = (result.requests, len(result.findings), self._ends - now, reached, wanted)
            self._listener(Event(self.phase, *told))
