"""What handlers decide where their description leaves it open, and how else it may be decided.

A server answers as its handlers decide. Who judges other servers by them asks them to decide
otherwise now and then: what changes with that is promised by nobody.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Lots:
    """Draws decisions; where they are ``mirrored``, others than the same seed draws elsewhere."""

    chance: random.Random
    mirrored: bool

    def draw(self, count: int) -> int:
        """One of some numbers from 0."""
        drawn = self.chance.randrange(count)
        return (drawn + count // 2) % count if self.mirrored else drawn


_otherwise: ContextVar[_Lots | None] = ContextVar("otherwise", default=None)


@contextlib.contextmanager
def otherwise(seed: int, *, mirrored: bool = False) -> Iterator[None]:
    """Within it what is open is decided by lot, the same way for the same seed.

    ``mirrored`` the same seed decides everything in another way: of two such worlds each decision
    has gone both ways.
    """
    token = _otherwise.set(_Lots(random.Random(seed), mirrored))  # noqa: S311 - not for secrets
    try:
        yield
    finally:
        _otherwise.reset(token)


def is_otherwise() -> bool:
    """Whether what is open is to be decided otherwise."""
    return _otherwise.get() is not None


def about(value: float, *others: float) -> float:
    """A number that is not promised: itself, or otherwise one of those."""
    lots = _otherwise.get()
    return value if lots is None else (value, *others)[lots.draw(1 + len(others))]


def either(decided: bool) -> bool:  # noqa: FBT001 - what is decided is a truth value
    """A decision that is not promised: itself, or otherwise any."""
    lots = _otherwise.get()
    return decided if lots is None else bool(lots.draw(2))
