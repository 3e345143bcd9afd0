"""Whose turn it is: what a check does in several ways it does in fair shares of its requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(slots=True)
class Activity:
    """One way to find something; ``share`` is its part of the requests beside that of others.

    It begins when each of the others had as many times its share as it is ``late``. When ``go``
    gives False there is nothing left to do for it.
    """

    go: Callable[[], bool | None]
    share: float
    late: float = 0.0
    spent: int = 0

    @property
    def had(self) -> float:
        """How many times its share it had."""
        return self.late + self.spent / self.share


class Turns:
    """Lets the activity go on that has had the least of its share, the first one of several.

    Requests are counted and not seconds: so the same seed takes the same turns.
    """

    def __init__(self, activities: Iterable[Activity], requests: Callable[[], int]) -> None:
        self._activities = list(activities)
        self._requests = requests

    def take(self) -> None:
        """One turn. What needs no request counts as one, so that others have theirs."""
        activity = min(self._activities, key=lambda each: each.had)
        before = self._requests()
        if activity.go() is False:
            self._activities.remove(activity)
        activity.spent += max(1, self._requests() - before)
