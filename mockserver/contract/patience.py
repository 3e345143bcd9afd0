"""How long a check goes on with a server that does not answer, or has no time."""

from __future__ import annotations

from mockserver.contract.pacing import Busy
from mockserver.contract.results import CannotCheck, Result
from mockserver.contract.values import Failed, Outcome

MOST_BUSY = 3
"""Calls in a row for which a server has no time, although each was made several times."""

MOST_UNANSWERED = 5
"""Calls in a row that are not answered before a server is taken to be gone."""


class Stop(Exception):
    """The time is over, or enough was found."""


class Patience:
    """Counts what a server leaves unanswered; ``result`` is what was found of it so far.

    When it is over a check that found something ends with that, and any other cannot be made.
    """

    def __init__(self, result: Result) -> None:
        self._result = result
        self._unanswered = self._busy = 0

    def answered(self, outcome: Outcome) -> None:
        """Take in what became of a call. Raises Stop or CannotCheck once the server is gone."""
        self._busy = 0
        if not isinstance(outcome, Failed):
            self._unanswered = 0
            return
        self._unanswered += 1
        if self._unanswered >= MOST_UNANSWERED:
            self._end(f"the server stopped answering: {outcome.detail}")

    def put_off(self, error: Busy) -> None:
        """Take in that a server had no time for a call. Raises Stop or CannotCheck in the end."""
        self._busy += 1
        if self._busy >= MOST_BUSY:
            self._end(f"the server has no time: it answers {error.args[0]}")

    def _end(self, why: str) -> None:
        if not self._result.kept:
            raise Stop
        raise CannotCheck(why)
