"""How far a check is, on the standard error: one line that changes, or plain lines now and then."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from time import monotonic

from rich.console import Console

from mockserver.contract.results import Event

EVERY = 10.0
"""Seconds between two lines where nobody watches, such as in a log."""


def words(event: Event) -> str:
    """The phase, operations, requests, findings, and the time that is left."""
    parts = [
        event.phase,
        f"{event.reached} of {event.operations} operations",
        f"{event.requests:,} requests",
        f"{event.findings} findings",
        f"{max(0, round(event.left))} s left",
    ]
    return " · ".join(parts)


@contextlib.contextmanager
def progress(console: Console) -> Iterator[Callable[[Event], None]]:
    """What is told of events; no control characters where the console is no terminal."""
    if console.is_terminal:
        with console.status("starting") as status:
            yield lambda event: status.update(words(event))
        return
    told = monotonic()

    def tell(event: Event) -> None:
        nonlocal told
        if monotonic() - told >= EVERY:
            told = monotonic()
            console.print(words(event), markup=False, highlight=False, soft_wrap=True)

    yield tell
