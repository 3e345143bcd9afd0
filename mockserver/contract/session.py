"""One run of calls from a fresh state: sent to the server and to two references, and compared."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from mockserver.contract.chance import Chance
from mockserver.contract.choosing import chosen
from mockserver.contract.comparing import Comparison
from mockserver.contract.elsewhere import Elsewhere
from mockserver.contract.explaining import Bodies
from mockserver.contract.feed_clients import Following
from mockserver.contract.moments import Moments
from mockserver.contract.names import Names
from mockserver.contract.promises import Policy, Wording
from mockserver.contract.reference import Reference
from mockserver.contract.rules import Rules
from mockserver.contract.targets import Target
from mockserver.contract.unsaid import is_gone, is_open, may_be_refused, names_nothing
from mockserver.contract.values import (
    Answered,
    Difference,
    Exchange,
    Failed,
    Message,
    Outcome,
    Sent,
)
from mockserver.contract.wire import BOGUS, Writer
from mockserver.engine.briefly import briefly
from mockserver.engine.spec import Operation
from mockserver.state.store import Snapshot

if TYPE_CHECKING:
    from mockserver.contract.gentle import Gentle

Answers = tuple[Outcome, Outcome | None, Outcome]
"""What the references answered, the second one where it was asked, and the server."""

Noise = Counter[tuple[str, str]]

SAFE = frozenset(("GET", "HEAD", "OPTIONS"))

WHOLE = frozenset(("upsert", "replace", "delete"))
"""What inferred operations do that leave nothing of a record as it was."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What all runs of one check share."""

    first: Reference
    second: Reference
    target: Target
    writer: Writer
    policy: Policy
    noise: Noise
    wording: Wording
    headers: tuple[tuple[str, str], ...] = ()
    following: Following = field(default_factory=Following)
    gentle: Gentle | None = None
    rules: Rules | None = None
    bodies: Bodies = field(default_factory=Bodies)

    @property
    def operations(self) -> dict[str, Operation]:
        """The operations by their ids."""
        return {operation.id: operation for operation in self.first.api.description.operations}


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What the reference would answer to a call, whether it would write, and what it gave out.

    One that is not ``whole`` lacks the reasons of a refusal.
    """

    answer: Outcome
    writes: bool
    issued: Mapping[str, int]
    whole: bool = True

    @property
    def good(self) -> bool:
        """Whether the call would do what it asks for."""
        return is_success(self.answer)


@dataclass(frozen=True, slots=True)
class _Call:
    """A call, as the first reference gets it, and the number of its request there."""

    sent: Sent
    for_a: Message
    at: int


@dataclass(slots=True)
class Stepped:
    """One call of a run, with the three answers to it and where the server's differs.

    ``inner`` are the calls that it stands for, in the order that explains them best.
    """

    sent: Sent
    message: Message
    a: Outcome
    t: Outcome
    differences: list[Difference]
    wrote: bool
    created: bool
    inner: tuple[Stepped, ...] = ()

    def exchange(self, expected: Outcome | None = None) -> Exchange:
        """The call for a report."""
        return Exchange(self.sent, self.message, expected or self.a, self.t)


class Session:
    """A run. The server has been brought to a fresh state where it can be."""

    def __init__(self, setting: Setting) -> None:
        self.setting = self._setting = setting
        self._operations = setting.operations
        self.names = Names()
        self.a = setting.first.world(0)
        self.b = setting.second.world(1)
        self.before = self._began = self.a.log.head
        self.steps: list[Stepped] = []
        self.began: list[float] = []
        self.moments = Moments(self.a.watch, self.began)
        rules, origin = setting.rules, setting.target.base_url
        shared = setting.gentle is not None
        self._ruling = rules.run(self.names, origin, shared=shared) if rules else None
        self._explained = False
        self._expected: tuple[Sent, int, Foreseen] | None = None
        self._seen: Answers = (Failed("closed", ""), None, Failed("closed", ""))
        self._comparison = Comparison(
            self.names,
            setting.policy,
            setting.noise,
            self.a.issued,
            self.b.issued,
            setting.wording,
            self.moments,
            setting.bodies,
        )
        if setting.gentle is not None:
            setting.gentle.begin(self)

    def step(self, sent: Sent, foreseen: Foreseen | None = None) -> Stepped:
        """Make a call on all sides. Raises KeyError for a key that one of them has not.

        What was ``foreseen`` of a read is not asked of the reference again. The second reference
        takes part in writes, and in what the first one does not explain.
        """
        setting, names = self._setting, self.names
        if setting.gentle is not None:
            admitted = setting.gentle.admitted(self, sent)
            sent, foreseen = admitted, foreseen if admitted == sent else None
        foreseen = foreseen or self._expected_of(sent)
        writer, base_url = setting.writer, setting.target.base_url
        message = with_headers(writer.message(sent, names.for_t), setting.headers, sent.caller)
        for_a = writer.message(sent, names.for_a)
        if not self.is_said(sent, for_a):
            raise KeyError(sent.operation)
        before, issued = self.a.log.head, len(self.a.issued)
        before_b = self.b.log.head
        self.before = before
        self.a.watch.move()
        self.b.watch.move()
        self.began.append(monotonic())
        setting.target.send(message)
        at = 1 if foreseen else self.a.position
        a = setting.first.apply(for_a, self.a, base_url) if foreseen is None else foreseen.answer
        if foreseen is not None:
            self.a.issued.update(foreseen.issued)
        wrote = self.a.log.head is not before
        fresh = dict(itertools.islice(self.a.issued.items(), issued, None))
        call = _Call(sent, for_a, at)
        b = self._second(call) if wrote else None
        t = setting.target.receive()
        operation = self._reached(sent, for_a)
        differences = self._judged(operation, call, (a, b, t))
        if differences and not setting.policy.strict:
            differences = self._said(operation, for_a, (a, t), differences)
            if wrote and not differences:
                self.a.log.restore(before)
                self.b.log.restore(before_b)
            a, wrote = (a, wrote) if differences else (t, False)
        server = t if setting.policy.strict else None
        if differences:
            differences = self._confirmed(call, (before, fresh), (a, server), differences)
        if self._ruling is not None:
            differences = self._ruling.judged(
                (operation, sent), (a, self._seen[2]), differences, explained=self._explained
            )
        choice = None if differences or self._explained else chosen(self, operation, sent, t)
        if choice is not None:
            a, differences = choice[0], [choice[1]]
        created = wrote and (bool(fresh) or self._made(before))
        stepped = Stepped(sent, message, a, t, differences, wrote, created=created)
        self.steps.append(stepped)
        if setting.gentle is not None:
            setting.gentle.note(self, stepped)
        return stepped

    def _confirmed(
        self,
        call: _Call,
        since: tuple[Snapshot, Mapping[str, int]],
        answers: tuple[Outcome, Outcome | None],
        differences: list[Difference],
    ) -> list[Difference]:
        """The differences that are none by chance, neither here nor in other worlds.

        ``since`` is the state before the call, and what the reference gave out for it.
        """
        setting, (before, fresh), (a, server) = self._setting, since, answers
        origin = setting.target.base_url
        chance = Chance(setting.first, self.a, before, fresh, server)
        left = chance.confirmed(call.for_a, a, differences, origin)
        if not left:
            return []
        made = {n: step.sent for n, step in enumerate(self.steps) if step.a is not step.t}
        elsewhere = Elsewhere(setting.first, setting.writer, self.names, self.a.issued)
        made[len(self.steps)] = call.sent
        return elsewhere.confirmed(made, answers, left, origin)

    def seeded(self, key: str) -> bool:
        """Whether a record of that key was there when the run began."""
        return any(key in collection.records for collection in self._began.collections.values())

    def _made(self, before: Snapshot) -> bool:
        """Whether there is a record since a state that was not there, also one whose key counts."""
        entries = self.a.log.since(before.revision) or ()
        changes = (change for entry in entries for change in entry.changes or ())
        return any(c.before is None and "#" not in c.collection for c in changes)

    def is_said(self, sent: Sent, for_a: Message) -> bool:
        """Whether something says what becomes of a call now."""
        setting = self._setting
        if setting.policy.strict or sent.link is not None:
            return True
        operation, head = self._operations[sent.operation], self.a.log.head
        if is_open(operation, sent, for_a, (setting.first.api.schemas, head)):
            return False
        if sent.method in SAFE or not self._names_nothing(operation, for_a, head):
            return True
        role = setting.rules.facts[operation.id].role if setting.rules else None
        return role is None or role.kind in WHOLE or not self.outlook(sent).writes

    def _said(
        self,
        operation: Operation,
        for_a: Message,
        answers: tuple[Outcome, Outcome],
        differences: list[Difference],
    ) -> list[Difference]:
        """The differences in what something says of a call; none where the server may be right."""
        a, t = answers
        noise = self._setting.noise
        wrote = self.a.log.head is not self.before
        made_up = is_success(a) and self._names_nothing(operation, for_a, self.before)
        writing = operation.method not in SAFE
        refused = writing and may_be_refused(operation, for_a, self.before, answers)
        if refused or (made_up and is_gone(t)):
            noise[operation.id, "names nobody"] += 1
            return []
        if made_up and not wrote:
            noise[operation.id, "made up"] += 1
            return [each for each in differences if each.aspect != "body"]
        return differences

    def _names_nothing(self, operation: Operation, for_a: Message, head: Snapshot) -> bool:
        """Whether a call is about a record that an inferred reference makes up."""
        rules, stem = self._setting.rules, self._setting.first.api.description.stem
        role = rules.facts[operation.id].role if rules else None
        known = head.collection(f"{stem}/{role.resource}") if role else None
        return (
            role is not None and known is not None and names_nothing(operation, role, for_a, known)
        )

    def _second(self, call: _Call) -> Outcome:
        """What the second reference answers to a call."""
        self.b.count_from(call.at)
        message = self._setting.writer.message(call.sent, self.names.for_b)
        return self._setting.second.apply(message, self.b, self._setting.target.base_url)

    def _judged(self, operation: Operation, call: _Call, answers: Answers) -> list[Difference]:
        a, b, t = self._seen = self._narrowed(operation, call, answers)
        self._explained = b is None and self._comparison.explains(operation, a, t)
        if self._explained:
            return []
        if b is None:
            second = self._second(call)
            a, b, t = self._narrowed(operation, call, (answers[0], second, answers[2]))
            b = b or second
        target = f"{call.for_a.method} {call.for_a.target}"
        comparison = self._comparison
        if self._is_ignored(operation, t):  # in any order: nothing there goes with anything
            comparison = replace(comparison, names=self.names.copy())
        return comparison.compare(operation, (a, b, t), len(self.steps), target)

    def _is_ignored(self, operation: Operation, t: Outcome) -> bool:
        rules = self._setting.rules
        if rules is None or not isinstance(t, Answered):
            return False
        return rules.ignored(operation.id, t.status)

    def _narrowed(self, operation: Operation, call: _Call, answers: Answers) -> Answers:
        """The answers without what is others', on a server that is used by others."""
        gentle = self._setting.gentle
        return answers if gentle is None else gentle.narrowed(self, call.sent, operation, answers)

    def _reached(self, sent: Sent, message: Message) -> Operation:
        """The operation that a call reaches: with odd values it may be another one."""
        if sent.link is None:
            return self._operations[sent.operation]
        reached = self._setting.first.operation_at(message)
        return self._operations[reached or sent.operation]

    def expect(self, sent: Sent, foreseen: Foreseen) -> None:
        """Keep what was foreseen of a call that may be the next one, and writes nothing."""
        kept = foreseen.whole and not foreseen.writes
        self._expected = (sent, self.a.watch.moves, foreseen) if kept else None

    def _expected_of(self, sent: Sent) -> Foreseen | None:
        """What was foreseen of this very call, as long as none was made since."""
        if self._expected is None or self._expected[0] is not sent:
            return None
        return self._expected[2] if self._expected[1] == self.a.watch.moves else None

    def foresee(self, sent: Sent, head: Snapshot | None = None) -> Foreseen:
        """What the reference would answer now, or in an earlier state; nothing is done.

        Raises KeyError as a step does.
        """
        known = self._expected_of(sent) if head is None else None
        if known is not None:
            return known
        message = self._setting.writer.message(sent, self.names.for_a)
        fork = self._setting.first.fork(self.a, head)
        before = fork.log.head
        with self.a.watch.ahead():
            answer = self._setting.first.apply(message, fork, self._setting.target.base_url)
        return Foreseen(answer, fork.log.head is not before, fork.issued)

    def outlook(self, sent: Sent, head: Snapshot | None = None) -> Foreseen:
        """What would become of a call, by and large: refusals may be without their reasons.

        Raises KeyError as a step does.
        """
        with briefly() as brevity:
            foreseen = self.foresee(sent, head)
        return replace(foreseen, whole=False) if brevity.left_out else foreseen

    def works(self, sent: Sent, head: Snapshot | None = None) -> bool:
        """Whether a call would do what it asks for; not when a key is missing to make it."""
        try:
            return self.outlook(sent, head).good
        except KeyError:
            return False


class Run(Protocol):
    """What a phase needs of a check."""

    phase: str
    setting: Setting

    @property
    def session(self) -> Session:
        """The calls since the state was fresh."""

    def fresh(self) -> None:
        """Begin another run from the seed."""

    def do(self, sent: Sent, *, sweep: bool = True) -> bool:
        """Make a call, and the reads that follow a write; True when something was wrong."""


def with_headers(message: Message, headers: tuple[tuple[str, str], ...], caller: str) -> Message:
    """A call with headers for the server alone, unless it comes from nobody on purpose."""
    if not headers or caller == BOGUS:
        return message
    own = {name.lower() for name, _ in headers}
    kept = tuple(pair for pair in message.headers if pair[0].lower() not in own)
    return replace(message, headers=kept + headers)


def is_success(outcome: Outcome) -> bool:
    """Whether a call did what it asked for."""
    return isinstance(outcome, Answered) and 200 <= outcome.status < 400  # noqa: PLR2004
