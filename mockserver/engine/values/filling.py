"""An array while it is filled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockserver.engine.values.shapes import Shape, Sources, identity


class Filling:
    """The items so far, and what ``contains`` and ``uniqueItems`` still ask for."""

    def __init__(self, shape: Shape, hints: list[Any]) -> None:
        self.shape = shape
        self.hints = hints
        self.made: list[Any] = []
        self._left = {number: rule.least for number, rule in enumerate(shape.contains)}
        self._taken: set[Any] = set()

    @property
    def largest(self) -> int:
        """How many items the most demanding ``contains`` needs."""
        return max(self._left.values(), default=0)

    @property
    def unmet(self) -> list[int]:
        """The numbers of the ``contains`` that more items must satisfy."""
        return [number for number, left in self._left.items() if left > 0]

    def ways(self, *, late: bool) -> Iterator[tuple[list[int], Sources]]:
        """What the next item may be: good for every unmet ``contains``, for one, for none.

        If it is to be ``late`` the other way round, as long as there are places left.
        """
        unmet = self.unmet
        single = [[number] for number in unmet] if len(unmet) > 1 else []
        ways = [unmet, *single, *([[]] if unmet else [])]
        spare = self.shape.bound("minItems", 0) - len(self.made) > len(unmet)
        for chosen in reversed(ways) if late and spare else ways:
            yield chosen, tuple(self._rules(chosen))

    def _rules(self, chosen: list[int]) -> Iterator[Any]:
        for number, rule in enumerate(self.shape.contains):
            if number in chosen:
                yield rule.schema
            elif rule.bounded:
                yield rule.opposite

    def meet(self, chosen: list[int]) -> None:
        """Count an item that satisfies some ``contains``."""
        for number in chosen:
            self._left[number] -= 1

    def take(self, item: Any) -> bool:
        """Whether an item is not there yet; from now on it is."""
        key = identity(item)
        new = key not in self._taken
        self._taken.add(key)
        return new
