"""A server asked no faster than it likes, and no longer than there is time."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from time import monotonic, sleep

from mockserver.contract.at_once import Branches
from mockserver.contract.feed_clients import Listener
from mockserver.contract.interrupting import Interrupts
from mockserver.contract.targets import HttpTarget, Target, WsgiTarget
from mockserver.contract.values import Answered, Failed, Message, Outcome

TOO_MANY = 429
UNAVAILABLE = 503

ASKED_AGAIN = 5
"""How often a call is made again that a server had no time for."""

FIRST_WAIT = 0.25
"""Seconds before a call is made again, where the server does not say; twice as long each time."""

LONGEST_WAIT = 30.0

SLOWER = 0.7
"""What the rate becomes when a server says that there are too many calls."""

LEAST_RATE = 0.5
UNLIMITED = 50.0
"""Requests a second at most, once a server that had no limit has said that they are too many."""


NAP = 0.1
"""Seconds slept at a time: in between it is seen whether the run was interrupted."""


class OutOfTime(Exception):
    """No call is made any more: the time is over, or somebody interrupted the run."""


class Busy(KeyError):
    """The server has no time for a call, however often it is asked: the call was not made."""


class Paced:
    """A target that keeps to a rate, and slows down when it is told to.

    ``rate`` is in requests a second, 0 for no limit. The answers 429, and 503 with Retry-After
    (RFC 6585, section 4; RFC 9110, sections 15.6.4 and 10.2.3), are no findings: the call is made
    again. ``resetting`` takes the place of the target's own reset. Once the time given to
    :meth:`end_by` is over, or the run was interrupted, a call raises OutOfTime.
    """

    def __init__(
        self, target: Target, rate: float = 0.0, resetting: Callable[[], bool] | None = None
    ) -> None:
        self._target = target
        self._rate = rate
        self._resetting = resetting or target.reset
        self._next = 0.0
        self._sent: Message | None = None
        self._until = float("inf")
        self._interrupts = Interrupts()
        self.waited = 0

    def end_by(self, instant: float, interrupts: Interrupts) -> None:
        """Make no calls after an instant of the monotonic clock, nor when interrupted."""
        self._until = instant
        self._interrupts = interrupts
        if isinstance(self._target, HttpTarget):
            self._target.end_by(instant)

    @property
    def is_remote(self) -> bool:
        """Whether calls leave this process: one that is made here has to come to its end."""
        return isinstance(self._target, HttpTarget)

    @property
    def has_feeds(self) -> bool:
        """Whether WebSockets can be opened there at all."""
        return not isinstance(self._target, WsgiTarget)

    @property
    def base_url(self) -> str:
        """Where the server's root is."""
        return self._target.base_url

    def send(self, message: Message) -> None:
        """Begin a call, once it may be made. Raises OutOfTime."""
        self._wait_for_turn()
        self._sent = message
        self._target.send(message)

    def receive(self) -> Outcome:
        """What became of it; a call that the server had no time for is made again.

        Raises OutOfTime when the time was over before the answer came, Busy when the server has
        no time even after a few times.
        """
        outcome = self._target.receive()
        for number in range(ASKED_AGAIN):
            wait = _wait(outcome, number)
            if wait is None or self._sent is None or monotonic() + wait >= self._until:
                break
            self.waited += 1
            self._rate = max(LEAST_RATE, (self._rate or UNLIMITED) * SLOWER)
            self._sleep(wait)
            self._target.send(self._sent)
            outcome = self._target.receive()
        if isinstance(outcome, Failed) and monotonic() >= self._until:
            raise OutOfTime
        if isinstance(outcome, Answered) and (wait := _wait(outcome, 0)) is not None:
            if monotonic() + wait >= self._until:
                raise OutOfTime
            raise Busy(f"{outcome.status}, Retry-After: {outcome.header('retry-after') or 'none'}")
        return outcome

    def reset(self) -> bool:
        """Bring the server back to its seed, or remove what was made there."""
        return self._resetting()

    def follow(self, message: Message) -> Listener:
        """Open a WebSocket feed."""
        self._wait_for_turn()
        return self._target.follow(message)

    def at_once(self, branches: Branches) -> list[list[Outcome]]:
        """Make several calls at once, when all of them may be made."""
        for _ in itertools.chain(*branches):
            self._wait_for_turn()
        return self._target.at_once(branches)

    def close(self) -> None:
        """Let go of connections."""
        self._target.close()

    def _wait_for_turn(self) -> None:
        now = monotonic()
        if self._rate > 0:
            self._next = max(self._next, now - 1 / self._rate) + 1 / self._rate
            self._sleep(self._next - now)
        self._sleep(0.0)

    def _sleep(self, seconds: float) -> None:
        """Wait, unless there is no time for it. Raises OutOfTime."""
        ends = monotonic() + seconds
        while True:
            now = monotonic()
            if self._interrupts.told or max(now, ends) >= self._until:
                raise OutOfTime
            if now >= ends:
                return
            sleep(min(NAP, ends - now))


def _wait(outcome: Outcome, number: int) -> float | None:
    """Seconds until a call is made again; None when it is answered."""
    if not isinstance(outcome, Answered):
        return None
    told = outcome.header("retry-after")
    if outcome.status != TOO_MANY and (outcome.status != UNAVAILABLE or told is None):
        return None
    usual = FIRST_WAIT * 2.0**number
    return min(LONGEST_WAIT, _seconds(told) if told else usual)


def _seconds(told: str) -> float:
    """What Retry-After says: seconds, or an instant (RFC 9110, section 10.2.3)."""
    if told.strip().isdigit():
        return float(told)
    try:
        instant = parsedate_to_datetime(told)
    except ValueError:
        return FIRST_WAIT
    aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())
