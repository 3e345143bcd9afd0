"""One run of calls from a fresh state: sent to the server and to two references, and compared."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, replace

from mockserver.contract.chance import Chance
from mockserver.contract.comparing import Comparison
from mockserver.contract.names import Names
from mockserver.contract.promises import Policy, Wording
from mockserver.contract.reference import Reference
from mockserver.contract.targets import Target
from mockserver.contract.values import Answered, Difference, Exchange, Message, Outcome, Sent
from mockserver.contract.wire import BOGUS, Writer
from mockserver.engine.spec import Operation

Noise = Counter[tuple[str, str]]


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

    @property
    def operations(self) -> dict[str, Operation]:
        """The operations by their ids."""
        return {operation.id: operation for operation in self.first.api.description.operations}


@dataclass(slots=True)
class Stepped:
    """One call of a run, with the three answers to it and where the server's differs."""

    sent: Sent
    message: Message
    a: Outcome
    t: Outcome
    differences: list[Difference]
    wrote: bool
    created: bool

    def exchange(self, expected: Outcome | None = None) -> Exchange:
        """The call for a report."""
        return Exchange(self.sent, self.message, expected or self.a, self.t)


class Session:
    """A run. The server has been brought to a fresh state where it can be."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._operations = setting.operations
        self.names = Names()
        self.a = setting.first.world(0)
        self.b = setting.second.world(1)
        self.steps: list[Stepped] = []
        self._comparison = Comparison(
            self.names,
            setting.policy,
            setting.noise,
            self.a.issued,
            self.b.issued,
            setting.wording,
        )

    def step(self, sent: Sent) -> Stepped:
        """Make a call on all sides. Raises KeyError for a key that one of them has not."""
        setting, names = self._setting, self.names
        writer, base_url = setting.writer, setting.target.base_url
        message = _with(writer.message(sent, names.for_t), setting.headers, sent.caller)
        for_a = writer.message(sent, names.for_a)
        for_b = writer.message(sent, names.for_b)
        before, issued = self.a.log.head, len(self.a.issued)
        self.a.watch.move()
        self.b.watch.move()
        setting.target.send(message)
        a = setting.first.apply(for_a, self.a, base_url)
        b = setting.second.apply(for_b, self.b, base_url)
        t = setting.target.receive()
        operation = self._reached(sent, for_a)
        number = len(self.steps)
        differences = self._comparison.compare(operation, (a, b, t), number)
        if differences:
            fresh = dict(itertools.islice(self.a.issued.items(), issued, None))
            chance = Chance(setting.first, self.a, before, fresh)
            differences = chance.confirmed(for_a, a, differences, base_url)
        wrote = self.a.log.head is not before
        created = wrote and len(self.a.issued) > issued
        stepped = Stepped(sent, message, a, t, differences, wrote, created)
        self.steps.append(stepped)
        return stepped

    def _reached(self, sent: Sent, message: Message) -> Operation:
        """The operation that a call reaches: with odd values it may be another one."""
        if sent.link is None:
            return self._operations[sent.operation]
        reached = self._setting.first.operation_at(message)
        return self._operations[reached or sent.operation]

    def foresee(self, sent: Sent) -> tuple[Outcome, bool]:
        """What the reference would answer now, and whether it would write; nothing is done."""
        message = self._setting.writer.message(sent, self.names.for_a)
        fork = self._setting.first.fork(self.a)
        before = fork.log.head
        answer = self._setting.first.apply(message, fork, self._setting.target.base_url)
        return answer, fork.log.head is not before


def _with(message: Message, headers: tuple[tuple[str, str], ...], caller: str) -> Message:
    """A call with headers for the server alone, unless it comes from nobody on purpose."""
    if not headers or caller == BOGUS:
        return message
    own = {name.lower() for name, _ in headers}
    kept = tuple(pair for pair in message.headers if pair[0].lower() not in own)
    return replace(message, headers=kept + headers)


def is_success(outcome: Outcome) -> bool:
    """Whether a call did what it asked for."""
    return isinstance(outcome, Answered) and 200 <= outcome.status < 400  # noqa: PLR2004
