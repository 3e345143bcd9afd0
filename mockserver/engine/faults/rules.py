"""The rules of one sandbox, and which of them strike a request."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from mockserver.engine.faults.kinds import (
    LONGEST,
    Drop,
    Fault,
    Fixed,
    Latency,
    Limit,
    Lognormal,
    Status,
    Uniform,
    fault_of,
)
from mockserver.engine.faults.matching import Asked, Match
from mockserver.errors import StorageFull

MOST = 100
"""Rules of one sandbox."""


@dataclass(slots=True)
class Strike:
    """What befalls one request: its latencies, and at most one other fault.

    ``by`` is the rule of the fault, ``chance`` what it draws from, ``wait`` the seconds until a
    limit lets requests through again.
    """

    ids: list[str] = field(default_factory=list)
    latencies: list[tuple[Latency, Random]] = field(default_factory=list)
    fault: Fault | None = None
    by: str = ""
    chance: Random = field(default_factory=Random)
    wait: int = 0

    def delay(self) -> float:
        """Seconds that an answer, or the next frame, is held back."""
        return min(sum(each.seconds(chance) for each, chance in self.latencies), LONGEST)

    def add(self, rule: Rule, chance: Random) -> None:
        """One more rule strikes."""
        self.ids.append(rule.id)
        if isinstance(rule.fault, Fixed | Uniform | Lognormal):
            self.latencies.append((rule.fault, chance))
        else:
            self.fault, self.by = rule.fault, rule.id
            self.chance, self.wait = chance, rule.wait

    def told(self, harm: str = "") -> str:
        """The rules that strike, and what that of the fault does to the body."""
        return ", ".join(f"{id_}; {harm}" if harm and id_ == self.by else id_ for id_ in self.ids)


class Rule:
    """One fault, the requests that it is for, and how often it strikes.

    ``told`` is the rule as somebody wrote it. Whether the nth request that fits is struck follows
    from the seed, the rule's id and n alone, so that the same run is struck in the same places.
    """

    def __init__(self, id_: str, told: Mapping[str, Any]) -> None:
        self.id = id_
        self.told = told
        self.match = Match.of(told)
        self.fault = fault_of(told["fault"])
        self.seen = self.hits = self.wait = 0
        self._probability: float = told.get("probability", 1)
        self._count: int | None = told.get("count")
        self._skip: int = told.get("skip", 0)
        self._seed: int | None = told.get("seed")
        self._window: datetime | None = None
        self._admitted = 0

    @property
    def is_latency(self) -> bool:
        """Whether others may strike the same request."""
        return isinstance(self.fault, Fixed | Uniform | Lognormal)

    @property
    def is_for_feeds(self) -> bool:
        """Whether it can befall a feed, which has no body."""
        return self.is_latency or isinstance(self.fault, Drop | Limit | Status)

    @property
    def is_spent(self) -> bool:
        """Whether it has struck as often as it may."""
        return self._count is not None and self.hits >= self._count

    def strikes(self, seed: int, now: Callable[[], datetime]) -> Random | None:
        """What the fault draws from when the next request that fits is struck, else None."""
        if self.seen <= self._skip or self.is_spent:
            return None
        chance = Random(f"{seed if self._seed is None else self._seed}/{self.id}/{self.seen}")  # noqa: S311
        if chance.random() >= self._probability:
            return None
        if isinstance(self.fault, Limit) and self._admits(self.fault, now()):
            return None
        self.hits += 1
        return chance

    def _admits(self, limit: Limit, now: datetime) -> bool:
        length = timedelta(seconds=limit.seconds)
        window = self._window
        # Windows are told apart by what has passed, because the clock may have been set back.
        if window is None or not timedelta() <= now - window < length:
            self._window, self._admitted, window = now, 0, now
        if self._admitted < limit.requests:
            self._admitted += 1
            return True
        self.wait = max(1, math.ceil((length - (now - window)).total_seconds()))
        return False


class FaultRules:
    """At most :data:`MOST` rules, in the order in which they are tried."""

    def __init__(self) -> None:
        self._rules: dict[str, Rule] = {}
        self._numbers = itertools.count(1)

    def __iter__(self) -> Iterator[Rule]:
        return iter(list(self._rules.values()))

    def __len__(self) -> int:
        return len(self._rules)

    def get(self, id_: str) -> Rule | None:
        """The rule of that id."""
        return self._rules.get(id_)

    def put(self, told: Mapping[str, Any], id_: str | None = None) -> Rule:
        """Add a rule under an id that is new, or given; one that is known is begun afresh.

        Raises StorageFull when there are too many.
        """
        if id_ not in self._rules and len(self._rules) >= MOST:
            raise StorageFull(f"{MOST} fault rules are kept; delete one first")
        if id_ is None:
            names = (f"fault-{number}" for number in self._numbers)
            id_ = next(name for name in names if name not in self._rules)
        rule = self._rules[id_] = Rule(id_, told)
        return rule

    def drop(self, id_: str) -> bool:
        """Keep a rule no longer; whether it was there."""
        return self._rules.pop(id_, None) is not None

    def strike(self, asked: Asked, seed: int, now: Callable[[], datetime]) -> Strike | None:
        """What befalls a request: every latency that is due, and the first other fault that is."""
        strike: Strike | None = None
        for rule in self._rules.values():
            if not rule.match.fits(asked) or (asked.is_feed and not rule.is_for_feeds):
                continue
            rule.seen += 1
            if strike is not None and strike.fault is not None and not rule.is_latency:
                continue
            chance = rule.strikes(seed, now)
            if chance is not None:
                strike = strike or Strike()
                strike.add(rule, chance)
        return strike
