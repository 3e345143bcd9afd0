"""Ctrl-C and SIGTERM, heeded between two calls where an answer must not be lost."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(slots=True)
class Interrupts:
    """Whether somebody wants the run to end."""

    told: bool = False


@contextmanager
def interrupts(*, deferred: bool) -> Iterator[Interrupts]:
    """Heed both signals while the block runs; the handlers from before are put back.

    ``deferred`` ones are only told the first time: an answer that is on its way may hold the key
    of what was made. The second one, and the first where nothing is lost by it, raises
    KeyboardInterrupt. Outside of the main thread signals are left alone.
    """
    state = Interrupts()

    def heed(number: int, frame: FrameType | None) -> None:
        again, state.told = state.told, True
        if again or not deferred:
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield state
        return
    before = [signal.signal(number, heed) for number in SIGNALS]
    try:
        yield state
    finally:
        for number, handler in zip(SIGNALS, before, strict=True):
            signal.signal(number, handler)
