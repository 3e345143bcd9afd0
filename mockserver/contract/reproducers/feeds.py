"""Feeds in reproducers: a pytest file hears them, and so do the runs that try it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from time import monotonic

import orjson

from mockserver.contract.feed_clients import FeedClosed, Listener
from mockserver.contract.feeds import FOLLOW
from mockserver.contract.reference import Reference, World
from mockserver.contract.reproducers.bridge import Ask
from mockserver.contract.targets import Target
from mockserver.contract.values import Answered, Exchange, Failed, Finding, Message, Outcome
from mockserver.engine.streams import Reader

PATIENCE = 3.0
"""Seconds for a frame that should come."""

GRACE = 0.3
"""Seconds for one that should not."""


def hears(finding: Finding) -> bool:
    """Whether a finding is seen on a feed, or while one is open."""
    return any(exchange.message.method == FOLLOW for exchange in finding.sequence)


def count_of(exchange: Exchange) -> int:
    """How many frames are expected of a call that hears a feed."""
    return len(frames_of(exchange.expected))


def frames_of(outcome: Outcome) -> list[bytes]:
    """The frames in an answer: one stands for itself, others in a list."""
    if not isinstance(outcome, Answered):
        return []
    try:
        value = orjson.loads(outcome.body)
    except orjson.JSONDecodeError:  # the answer to an upgrade
        return []
    return [orjson.dumps(each) for each in value] if isinstance(value, list) else [outcome.body]


def _told(frames: list[bytes]) -> Answered:
    body = frames[0] if len(frames) == 1 else b"[" + b",".join(frames) + b"]"
    return Answered(200, (("content-type", "application/json"),), body)


class Hearing:
    """Answers calls, and those that hear feeds: these tell in their bodies how many frames."""

    def __init__(self, ask: Ask, hear: Callable[[Message, int], list[bytes]]) -> None:
        self._ask = ask
        self._hear = hear

    def __call__(self, message: Message) -> Outcome:
        """Make a call, or hear a feed."""
        if message.method != FOLLOW:
            return self._ask(message)
        try:
            return _told(self._hear(replace(message, method="GET", body=b""), int(message.body)))
        except FeedClosed as error:
            return Failed("closed", str(error))


class OfServer:
    """The feeds of a server that one run of a script hears."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._open: dict[str, Listener] = {}

    def hear(self, message: Message, count: int) -> list[bytes]:
        """What a feed has told since it was heard last. Raises FeedClosed."""
        if message.target not in self._open:
            self._open[message.target] = self._target.follow(message)
        frames: list[bytes] = []
        ends = monotonic() + PATIENCE
        while len(frames) <= count:
            late = len(frames) == count
            frame = self._open[message.target].receive(GRACE if late else ends - monotonic())
            if frame is None:
                break
            frames.append(frame if isinstance(frame, bytes) else frame.encode())
        return frames

    def leave(self) -> None:
        """Close the feeds."""
        for listener in self._open.values():
            listener.close()
        self._open.clear()


def of_reference(reference: Reference, world: World) -> Callable[[Message, int], list[bytes]]:
    """The feeds of the reference in a world."""
    readers: dict[str, Reader] = {}

    def hear(message: Message, _: int) -> list[bytes]:
        known = readers.get(message.target)
        if known is not None:
            return list(known.frames())
        operation = reference.operation_at(message) or ""
        known = readers[message.target] = Reader(reference.feeds[operation], world)
        first = known.first()
        return [] if first is None else [first]

    return hear
