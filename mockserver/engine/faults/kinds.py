"""What can go wrong with an answer, each kind a small value."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

LONGEST = 60.0
"""Seconds that an answer is held back, or spread over, at most."""

OWN = object()
"""The body of a status that is made as the description has it."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """The same latency each time."""

    milliseconds: float

    def seconds(self, chance: Random) -> float:
        """How long this once."""
        return self.milliseconds / 1000


@dataclass(frozen=True, slots=True)
class Uniform:
    """Any latency between two is as likely as another."""

    lower: float
    upper: float

    def seconds(self, chance: Random) -> float:
        """How long this once."""
        return chance.uniform(self.lower, self.upper) / 1000


@dataclass(frozen=True, slots=True)
class Lognormal:
    """A latency with a long tail, the longer the larger sigma; half are below the median."""

    median: float
    sigma: float

    def seconds(self, chance: Random) -> float:
        """How long this once, never longer than the bound."""
        drawn = chance.lognormvariate(math.log(self.median), self.sigma)
        return min(drawn / 1000, LONGEST)


Latency = Fixed | Uniform | Lognormal


@dataclass(frozen=True, slots=True)
class Status:
    """Another status, with the body documented for it or one of the rule's own.

    A text whose ``media_type`` is not JSON is sent as it is.
    """

    status: int
    body: Any = OWN
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many requests within so many seconds of the sandbox's clock: 429 past it.

    The window is a fixed one: it begins with the first request after the last one ended.
    """

    requests: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Drop:
    """The connection is closed without an answer, by a TCP reset (RFC 9293, 3.5.2) if asked to.

    ``when`` is ``before`` (nothing was done) or ``after`` (all was done, the answer is lost). A
    feed is closed after so many ``frames``.
    """

    when: str = "before"
    frames: int = 0
    reset: bool = False


@dataclass(frozen=True, slots=True)
class Truncate:
    """The connection is closed within the body, by default half way."""

    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Slow:
    """The body comes little by little: ``rate`` bytes a second, or all within ``milliseconds``."""

    rate: float | None = None
    milliseconds: float | None = None


@dataclass(frozen=True, slots=True)
class Malformed:
    """The body is complete as HTTP has it, but no longer what its media type says."""


@dataclass(frozen=True, slots=True)
class Break:
    """The body is JSON, but breaks its schema: a member is missing or of a wrong type."""


Fault = Latency | Status | Limit | Drop | Truncate | Slow | Malformed | Break

_BY_NAME: Mapping[str, Callable[..., Fault]] = {
    "status": Status,
    "limit": Limit,
    "drop": Drop,
    "truncate": Truncate,
    "slow": Slow,
    "malformed": Malformed,
    "break": Break,
}
_BY_DISTRIBUTION: Mapping[str, Callable[..., Latency]] = {
    "fixed": Fixed,
    "uniform": Uniform,
    "lognormal": Lognormal,
}


def fault_of(told: Mapping[str, Any]) -> Fault:
    """The fault that a rule describes: its ``kind``, and what that kind has of its own.

    The description of the control API says what each kind takes. Raises KeyError for a kind that
    there is not, TypeError for a member that a kind does not have.
    """
    members = dict(told)
    kind = members.pop("kind")
    if kind == "latency":
        return _BY_DISTRIBUTION[members.pop("distribution")](**members)
    if "mediaType" in members:
        members["media_type"] = members.pop("mediaType")
    if kind == "reset":
        return Drop(**members, reset=True)
    return _BY_NAME[kind](**members)
