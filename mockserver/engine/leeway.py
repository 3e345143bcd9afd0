"""What handlers decide where their description leaves it open, and how else it may be decided.

A server answers as its handlers decide. Who judges other servers by them asks them to decide
otherwise now and then: what changes with that is promised by nobody.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from contextvars import ContextVar

_otherwise: ContextVar[random.Random | None] = ContextVar("otherwise", default=None)


@contextlib.contextmanager
def otherwise(seed: int) -> Iterator[None]:
    """Within it what is open is decided by lot, the same way for the same seed."""
    token = _otherwise.set(random.Random(seed))  # noqa: S311 - not for secrets
    try:
        yield
    finally:
        _otherwise.reset(token)


def is_otherwise() -> bool:
    """Whether what is open is to be decided otherwise."""
    return _otherwise.get() is not None


def about(value: float, *others: float) -> float:
    """A number that is not promised: itself, or otherwise one of those."""
    chance = _otherwise.get()
    return value if chance is None else chance.choice((value, *others))


def either(decided: bool) -> bool:  # noqa: FBT001 - what is decided is a truth value
    """A decision that is not promised: itself, or otherwise any."""
    chance = _otherwise.get()
    return decided if chance is None else chance.random() < 0.5  # noqa: PLR2004 - as often as not
