"""A mock with one fault in it, as a target that is checked: what a selftest is made with."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from mockserver.contract.at_once import Branches
from mockserver.contract.feed_clients import FeedClosed, Frame, Listener
from mockserver.contract.reference import Reference, Watch, World
from mockserver.contract.values import Answered, Failed, Message, Outcome
from mockserver.engine.spec import Operation
from mockserver.engine.streams import Reader
from mockserver.errors import ApiError
from mockserver.state.store import Snapshot

NUMBER = 6
"""The number of the worlds of a mock with a fault: neither of a check's references has it."""

SAFE = frozenset(("GET", "HEAD", "OPTIONS"))


class Clock(Watch):
    """The clock of a server: the real one, looked at once for each call."""

    def __init__(self) -> None:
        super().__init__(datetime.now(UTC), timedelta())

    def move(self) -> None:
        """Look at the clock."""
        self._instant = datetime.now(UTC)


class Server:
    """A mock to put a fault into. ``memory`` is the fault's own, and empty after each reset."""

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        self.clock = Clock()
        self.memory: dict[Any, Any] = {}
        self._operations = {o.id: o for o in reference.api.description.operations}
        self.reset()

    def reset(self) -> None:
        """Back to the seed."""
        fresh = self.reference.world(NUMBER)
        self.world = World(fresh.name, fresh.log.head, NUMBER, self.clock)
        self.memory.clear()

    def ask(self, message: Message) -> Answered:
        """The right answer, after which everything is as it should be."""
        outcome = self.reference.apply(message, self.world, FaultyTarget.base_url)
        return outcome if isinstance(outcome, Answered) else Answered(404, (), b"")

    def peek(self, message: Message, head: Snapshot | None = None) -> Answered:
        """The answer that would be right now, or in an earlier state; nothing is changed."""
        world, self.world = self.world, self.reference.fork(self.world, head)
        self.world.count_from(world.position)
        try:
            return self.ask(message)
        finally:
            self.world = world

    def made(self, message: Message) -> tuple[Answered, bool]:
        """The right answer, and whether it changed anything."""
        before = self.head
        answer = self.ask(message)
        return answer, self.head is not before

    def would_write(self, message: Message) -> bool:
        """Whether a call would be taken, and change something."""
        if message.method in SAFE:
            return False
        world, self.world = self.world, self.reference.fork(self.world)
        answer, wrote = self.made(message)
        self.world = world
        return wrote and 200 <= answer.status < 300  # noqa: PLR2004 - RFC 9110, section 15.3

    def lose(self, message: Message) -> Answered:
        """The right answer, after which nothing is true of it but that identifiers were used."""
        world, self.world = self.world, self.reference.fork(self.world)
        self.world.count_from(world.position)
        answer, used = self.ask(message), self.head.counter
        self.world = world
        world.log.head = replace(world.log.head, counter=used)
        return answer

    @property
    def head(self) -> Snapshot:
        """All that is true."""
        return self.world.log.head

    @property
    def records(self) -> dict[str, list[Any]]:
        """The values of all records that were written, by collection."""
        kept = self.head.collections.items()
        return {name: [r.value for r in found.records.values()] for name, found in kept}

    def operation(self, message: Message) -> Operation | None:
        """The operation that a call reaches."""
        name = self.reference.operation_at(message)
        return self._operations[name] if name else None


Behave = Callable[[Server, Message], Answered]
"""How a server with a fault answers a call."""

Tell = Callable[[list[bytes], dict[Any, Any]], list[bytes]]
"""What a feed with a fault makes of the frames that it should tell."""

Together = Callable[[Server, list[list[Message]]], list[list[Outcome]]]
"""How a server with a fault answers calls made at once."""


def right(server: Server, message: Message) -> Answered:
    """As it should."""
    return server.ask(message)


@dataclass(frozen=True, slots=True)
class Fault:
    """One mistake: its name, its kind, and what goes wrong in a sentence."""

    name: str
    kind: str
    sentence: str
    behave: Behave = right
    tell: Tell | None = None
    together: Together | None = None


FAULTS: dict[str, Fault] = {}
"""All faults, by their names; the modules of :mod:`mockserver.contract.mistakes` fill it."""


def fault(kind: str) -> Callable[[Behave], Behave]:
    """Register a way to answer as a fault; its docstring is what goes wrong."""

    def register(behave: Behave) -> Behave:
        name = behave.__name__
        FAULTS[name] = Fault(name, kind, str(behave.__doc__), behave)
        return behave

    return register


@dataclass(slots=True)
class _Feed:
    """A feed of a server with a fault."""

    fault: Fault
    reader: Reader
    showed: Callable[[bool], None]
    waiting: list[bytes] = field(default_factory=list)
    memory: dict[Any, Any] = field(default_factory=dict)

    def receive(self, seconds: float) -> Frame | None:
        """The next frame; nothing is waited for, because all of them have come."""
        self._take(list(self.reader.frames()))
        return self.waiting.pop(0).decode() if self.waiting else None

    def first(self) -> None:
        """Begin with the first frame."""
        frame = self.reader.first()
        self._take([] if frame is None else [frame])

    def _take(self, frames: list[bytes]) -> None:
        told = self.fault.tell(frames, self.memory) if self.fault.tell else frames
        self.showed(told != frames)
        self.waiting += told

    def close(self) -> None:
        """Nothing is held."""


class FaultyTarget:
    """A mock in this process with one fault in it."""

    base_url = "http://app.test"

    def __init__(self, reference: Reference, fault: Fault, seed: int = 0) -> None:
        self._fault = fault
        self._server = Server(reference)
        self._right = Server(reference)
        self._right.clock = self._server.clock
        self.shown = 0
        self._choice = random.Random(seed)  # noqa: S311 - not for secrets
        self._outcome: Outcome = Failed("closed", "nothing was sent")

    def send(self, message: Message) -> None:
        """Make a call."""
        self._outcome = self._answered(message)

    def _answered(self, message: Message) -> Outcome:
        self._server.clock.move()
        try:
            outcome = self._fault.behave(self._server, message)
        except ApiError as error:
            return Failed("closed", str(error))
        self._showed(outcome != self._right.ask(message))
        return replace(outcome, body=b"") if message.method == "HEAD" else outcome

    def _showed(self, difference: bool) -> None:  # noqa: FBT001 - a verdict
        """Count what a server without the fault would have told otherwise."""
        self.shown += difference

    def receive(self) -> Outcome:
        """What became of it."""
        return self._outcome

    def reset(self) -> bool:
        """Back to the seed."""
        self._server.reset()
        self._right.reset()
        return True

    def follow(self, message: Message) -> Listener:
        """Open a feed."""
        operation = self._server.operation(message)
        if operation is None or operation.stream is None:
            raise FeedClosed("there is no feed at this path")
        reader = Reader(self._server.reference.feeds[operation.id], self._server.world)
        feed = _Feed(self._fault, reader, self._showed)
        feed.first()
        return feed

    def at_once(self, branches: Branches) -> list[list[Outcome]]:
        """Make calls at once: in any order, unless the fault is about just that."""
        if self._fault.together is not None:
            self._server.clock.move()
            outcomes = self._fault.together(self._server, [list(branch) for branch in branches])
            one_by_one = [[self._right.ask(message) for message in branch] for branch in branches]
            self._showed(outcomes != one_by_one or self._server.records != self._right.records)
            return outcomes
        order = [number for number, branch in enumerate(branches) for _ in branch]
        self._choice.shuffle(order)
        waiting = [iter(branch) for branch in branches]
        answers: list[list[Outcome]] = [[] for _ in branches]
        for number in order:
            answers[number].append(self._answered(next(waiting[number])))
        return answers

    def close(self) -> None:
        """Nothing is held."""
