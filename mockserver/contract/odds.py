"""How often something is done."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any


def likely(choice: random.Random, odds: float) -> bool:
    """True as often as the odds say, between 0 and 1."""
    return choice.random() < odds


class Due:
    """Whether something is to be done: always the first times, and then as often as is said."""

    def __init__(self, first: int, later: float, choice: random.Random) -> None:
        self._first = first
        self._later = later
        self._choice = choice
        self._times: Counter[Any] = Counter()

    def is_due(self, kind: Any) -> bool:
        """Whether it is once more for something of a kind."""
        self._times[kind] += 1
        return self._times[kind] <= self._first or likely(self._choice, self._later)
