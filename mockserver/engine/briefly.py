"""Refusals without their reasons, for who only wants to know what would be refused.

To tell all that is wrong with a value takes a hundred times as long as to see that something is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Brevity:
    """Whether a reason was ``left_out``, so that an answer is not what a client would get."""

    left_out: bool = False


_brevity: ContextVar[Brevity | None] = ContextVar("brevity", default=None)


@contextlib.contextmanager
def briefly() -> Iterator[Brevity]:
    """Within it no reasons are looked for."""
    brevity = Brevity()
    token = _brevity.set(brevity)
    try:
        yield brevity
    finally:
        _brevity.reset(token)


def is_brief() -> bool:
    """Whether a reason is to be left out, which is then remembered."""
    brevity = _brevity.get()
    if brevity is None:
        return False
    brevity.left_out = True
    return True
