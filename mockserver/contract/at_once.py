"""Calls made at once: several clients, each of which makes its calls one after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from mockserver.contract.values import Failed, Message, Outcome

Ask = Callable[[Message], Outcome]
"""Makes one call with a client of its own."""

Branches = Sequence[Sequence[Message]]

_LONGEST = 120.0


def in_threads(clients: Sequence[Ask], branches: Branches) -> list[list[Outcome]]:
    """The answers to the calls of each branch, made by as many clients that begin together."""
    outcomes: list[list[Outcome]] = [[] for _ in branches]
    start = threading.Barrier(len(branches))

    def make(ask: Ask, messages: Sequence[Message], into: list[Outcome]) -> None:
        start.wait()
        into.extend(map(ask, messages))

    threads = [
        threading.Thread(target=make, args=each, daemon=True)
        for each in zip(clients, branches, outcomes, strict=False)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_LONGEST)
    late = Failed("timeout", "no answer while other calls were made")
    return [
        [*found, *[late] * (len(messages) - len(found))]
        for found, messages in zip(outcomes, branches, strict=True)
    ]
