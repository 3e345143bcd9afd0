"""Calls made at once: right when some order of them explains all answers and what is read after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mockserver.contract.chance import Chance
from mockserver.contract.comparing import Comparison
from mockserver.contract.feeds import FeedSession
from mockserver.contract.moments import Moments
from mockserver.contract.names import Names
from mockserver.contract.promises import Wording
from mockserver.contract.reference import World
from mockserver.contract.rules import NOT_BODY
from mockserver.contract.session import Foreseen, Session, Setting, Stepped, with_headers
from mockserver.contract.unsaid import may_be_refused
from mockserver.contract.values import Answered, Difference, Message, Outcome, Sent
from mockserver.engine.spec import Operation

AT_ONCE = "AT ONCE"
"""The method of a call that stands for several, made at once."""

PROMISED = frozenset(("MS201", "MS207"))
"""What of a race inferred handlers can judge: not the values that a server makes itself."""

LOTS, APART = 6, 64
"""How often what is open is decided otherwise, and the numbers between the worlds of each time."""

BRANCH = "at once, branch"
"""How the purpose of a call begins that is made at once with others; its number follows."""

AFTERWARDS = "read after calls at once"


def at_once(branches: Sequence[Sequence[Sent]], reads: Sequence[Sent]) -> Sent:
    """The call that stands for branches made at once, and for what is read afterwards."""
    first = branches[0][0]
    named = [
        [replace(sent, why=f"{BRANCH} {number}") for sent in branch]
        for number, branch in enumerate(branches, 1)
    ]
    return Sent(
        first.operation,
        AT_ONCE,
        first.path,
        caller=first.caller,
        why="calls made at once",
        branches=tuple(map(tuple, named)),
        reads=tuple(replace(sent, why=AFTERWARDS) for sent in reads),
    )


def joined(sents: Sequence[Sent]) -> list[Sent]:
    """The calls of a report, those that were made at once as one call again."""
    found: list[Sent] = []
    branches: dict[str, list[Sent]] = {}
    reads: list[Sent] = []
    for sent in sents:
        if sent.why.startswith(BRANCH):
            branches.setdefault(sent.why, []).append(sent)
        elif branches and sent.why == AFTERWARDS:
            reads.append(sent)
        else:
            found.append(sent)
    if not branches:
        return found
    return [*found, at_once([branches[name] for name in sorted(branches)], reads)]


class BranchSession(FeedSession):
    """A run in which calls are made at once, too."""

    def step(self, sent: Sent, foreseen: Foreseen | None = None) -> Stepped:
        """Make a call, hear a feed, or make several calls at once."""
        if not sent.branches:
            return super().step(sent, foreseen)
        for inner in sent.inner:
            if not self.is_said(inner, self._setting.writer.message(inner, self.names.for_a)):
                raise KeyError(inner.operation)
        calls = [[self._message(inner) for inner in branch] for branch in sent.branches]
        answers = self._setting.target.at_once(calls)
        told = [list(map(_Told, *each)) for each in zip(sent.branches, calls, answers, strict=True)]
        reads = [self._read(inner) for inner in sent.reads]
        explanation = Explanation(self._setting, told, reads)
        differences = explanation.of(self)
        self.moments.blur()
        first = told[0][0]
        stepped = Stepped(
            sent,
            Message(AT_ONCE, first.message.target, (), b""),
            first.outcome,
            first.outcome,
            differences,
            wrote=True,
            created=False,
            inner=explanation.steps,
        )
        self.steps.append(stepped)
        return stepped

    def _message(self, sent: Sent) -> Message:
        message = self._setting.writer.message(sent, self.names.for_t)
        return with_headers(message, self._setting.headers, sent.caller)

    def _read(self, sent: Sent) -> _Told:
        message = self._message(sent)
        self._setting.target.send(message)
        return _Told(sent, message, self._setting.target.receive())


@dataclass(frozen=True, slots=True)
class _Told:
    """One call, as it was sent to the server, and what that answered."""

    sent: Sent
    message: Message
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class _State:
    """The references after some of the calls, in one order."""

    a: World
    b: World
    names: Names
    steps: tuple[Stepped, ...] = ()

    @property
    def wrong(self) -> list[Difference]:
        """Where the last answer differs."""
        return self.steps[-1].differences if self.steps else []


class Explanation:
    """Looks for an order of calls in which the references answer as the server did."""

    def __init__(
        self, setting: Setting, branches: Sequence[Sequence[_Told]], reads: Sequence[_Told]
    ) -> None:
        self._setting = setting
        self._operations = setting.operations
        self._branches = branches
        self._reads = reads
        self._best = 0
        self._orders = 0
        self._by_lot = False
        self._lot = 0
        self.steps: tuple[Stepped, ...] = ()

    def of(self, session: Session) -> list[Difference]:
        """Nothing when there is such an order, else how far the best one gets.

        Most wrong orders are plainly wrong: only where none is right it is asked of each
        difference whether the reference leaves it to chance, and whether it is one where what is
        open was decided otherwise, which takes long.
        """
        state = _State(session.a, session.b, session.names)
        for self._by_lot, self._lot in ((False, 0), *((True, lot) for lot in range(LOTS))):
            self._best = self._orders = 0
            if self._explained(state, (0,) * len(self._branches)):
                return []
        nearest = self.steps[-1]
        others = sorted({branch[0].sent.operation for branch in self._branches[1:]})
        difference = nearest.differences[0]
        where = f"{nearest.sent.operation}, {difference.aspect} {difference.pointer}".strip()
        got = f"none of {self._orders} does; the nearest fails at {where}: expected "
        got += f"{difference.expected}, got {difference.got}"
        aspect = f"at once with {' and '.join(others)}"
        return [Difference("MS601", aspect, "", "some order that explains all answers", got)]

    def _explained(self, state: _State, done: tuple[int, ...]) -> bool:
        """Whether the calls that are left can be put in an order that explains them."""
        calls = list(self._next(done))
        if not calls:
            self._orders += 1
            return self._reads_explained(state)
        for number, told in calls:
            after = self._after(state, told)
            if after.wrong:
                self._orders += 1
                self._keep(after)
                continue
            if self._explained(after, (*done[:number], done[number] + 1, *done[number + 1 :])):
                return True
        return False

    def _next(self, done: tuple[int, ...]) -> Iterator[tuple[int, _Told]]:
        for number, count in enumerate(done):
            if count < len(self._branches[number]):
                yield number, self._branches[number][count]

    def _reads_explained(self, state: _State) -> bool:
        for told in self._reads:
            state = self._after(state, told)
            if state.wrong:
                self._keep(state)
                return False
        self._keep(state)
        return True

    def _keep(self, state: _State) -> None:
        """Remember the order that gets furthest."""
        if len(state.steps) > self._best:
            self._best = len(state.steps)
            self.steps = state.steps

    def _after(self, state: _State, told: _Told) -> _State:
        """The references after one more call, and how its answer differs."""
        setting, operation = self._setting, self._operations[told.sent.operation]
        apart = LOTS * APART if self._by_lot else 0  # what is decided otherwise in one is noise
        a, b = self._forked(state.a, state), self._forked(state.b, state, apart)
        after = _State(a, b, state.names.copy(), state.steps)
        a.watch.move()
        b.watch.move()
        message = setting.writer.message(told.sent, after.names.for_a)
        answer = setting.first.apply(message, a, setting.target.base_url)
        wrote = a.log.head is not state.a.log.head
        differences = self._compared(after, told, (message, answer), wrote=wrote)
        if differences and self._by_lot and isinstance(told.outcome, Answered):
            differences = self._confirmed(state, after, (message, answer), differences)
        if differences and not setting.policy.strict:
            differences = [each for each in differences if each.code in PROMISED]
            if may_be_refused(operation, message, state.a.log.head, (answer, told.outcome)):
                return replace(state, steps=(*state.steps, self._refused(told)))
        sent, t = told.sent, told.outcome
        step = Stepped(sent, told.message, answer, t, differences, wrote, created=False)
        return replace(after, steps=(*state.steps, step))

    def _compared(
        self, after: _State, told: _Told, made: tuple[Message, Outcome], *, wrote: bool
    ) -> list[Difference]:
        """Where an answer differs from the references'; the second one is asked where need be."""
        setting, (message, answer) = self._setting, made
        a, b, names = after.a, after.b, after.names
        wording = Wording(set(setting.wording.agreed), set(setting.wording.differed))
        issued, moments = (a.issued, b.issued), Moments()
        comparison = Comparison(
            names, setting.policy, Counter(), *issued, wording, moments, setting.bodies
        )
        operation = self._operations[told.sent.operation]
        if not wrote and comparison.explains(operation, answer, told.outcome):
            return []
        for_b = setting.writer.message(told.sent, names.for_b)
        second = setting.second.apply(for_b, b, setting.target.base_url)
        answers = (answer, second, told.outcome)
        differences = comparison.compare(operation, answers, len(after.steps), message.target)
        return [each for each in differences if self._counts(operation, told, each)]

    def _confirmed(
        self,
        state: _State,
        after: _State,
        made: tuple[Message, Outcome],
        differences: list[Difference],
    ) -> list[Difference]:
        """The differences that the reference does not leave to chance."""
        known = state.a.issued
        fresh = {text: place for text, place in after.a.issued.items() if text not in known}
        chance = Chance(self._setting.first, state.a, state.a.log.head, fresh)
        return chance.confirmed(*made, differences, self._setting.target.base_url)

    def _refused(self, told: _Told) -> Stepped:
        """A call that the server refused, as it may."""
        return Stepped(
            told.sent, told.message, told.outcome, told.outcome, [], wrote=False, created=False
        )

    def _counts(self, operation: Operation, told: _Told, difference: Difference) -> bool:
        """Whether the description leaves what differs to be judged."""
        rules, outcome = self._setting.rules, told.outcome
        if rules is None or difference.aspect in NOT_BODY or not isinstance(outcome, Answered):
            return True
        return not rules.ignored(operation.id, outcome.status, difference.pointer)

    def _forked(self, world: World, state: _State, apart: int = 0) -> World:
        """A copy of a world that gives out what none before it did."""
        number = 2 + len(state.steps) + self._lot * APART + apart
        copy = self._setting.first.fork(world, number=number)
        copy.issued.update(world.issued)
        return copy
