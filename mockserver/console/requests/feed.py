"""Requests as they are made: what a reader of the live feed is told."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from mockserver.console.requests.shown import Showing
from mockserver.engine.journal import Journal
from mockserver.state.sandboxes import Sandbox

FIRST = 50
"""Requests of the first frame."""

MOST = 250
"""Requests of any other frame; of more the newest are told, and how many they were."""


class Watching:
    """One reader of the requests of a sandbox: what it has been told."""

    def __init__(self, journal: Journal, sandbox: Sandbox, showing: Showing) -> None:
        self._sandbox = sandbox
        self._showing = showing
        self._pages = journal.pages(sandbox)
        self._seen = self._pages.taken
        self._clears = self._pages.clears

    @property
    def closed(self) -> str:
        """Why there will be no more requests: the sandbox was dropped."""
        return self._sandbox.log.closed

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener`` when there may be news; a sandbox that is watched is not idle."""
        stops = [self._pages.listen(listener), self._sandbox.log.listen(listener)]

        def stop() -> None:
            for each in stops:
                each()

        return stop

    def first(self) -> dict[str, Any]:
        """The newest requests, as of when the reading began."""
        return self._told(self._pages.newest(self._seen + 1), FIRST)

    def news(self) -> dict[str, Any] | None:
        """The requests that were made since, None for none."""
        seen, taken = self._seen, self._pages.taken
        cleared = self._clears != self._pages.clears
        if taken == seen and not cleared:
            return None
        newest = itertools.takewhile(lambda found: found[0] > seen, self._pages.newest(taken + 1))
        told = self._told(newest, MOST)
        missed = taken - seen - len(told["requests"])
        self._seen, self._clears = taken, self._pages.clears
        if cleared:
            missed = max(0, len(self._pages.entries) - len(told["requests"]))
        return {**told, "missed": missed, "cleared": cleared}

    def _told(self, newest: Any, most: int) -> dict[str, Any]:
        found = [self._showing.summary(*each) for each in itertools.islice(newest, most)]
        return {"requests": found, "missed": 0, "cleared": False}
