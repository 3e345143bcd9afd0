"""How one value is built, and where each part of it goes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

MAX_NODES = 2_000
"""Parts that a value has, about; past them only what is required is made."""

Path = tuple[str | int, ...]

UNTOLD: Any = object()
"""Stands where no example tells what a value looks like; None would say null."""

_SEEDS = (1 << 60) - 1


class DeadEnd(Exception):
    """No value can be made at a place: the path there and the rule in the way."""

    def __init__(self, path: Path, rule: str) -> None:
        super().__init__(path, rule)
        self.path = path
        self.rule = rule


class Exhausted(Exception):
    """More was tried for one value than it is worth."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part of a value goes, and what is known of it from above.

    ``seed`` decides what is made and follows from the path, so that a part stays as it is when
    another one changes; ``owner`` is the seed of the object around. ``room`` is how many parts it
    may have, ``trail`` the schemas on the way, ``turn`` counts where distinct values are needed.
    """

    path: Path
    names: tuple[str, ...]
    seed: int
    owner: int
    room: float = MAX_NODES
    hint: Any = UNTOLD
    turn: int | None = None
    trail: tuple[tuple[int, ...], ...] = ()

    def below(self, step: str | int, room: float, hint: Any, key: tuple[int, ...]) -> Place:
        """The place of a member or an item; ``key`` stands for its schemas."""
        named = isinstance(step, str)
        return Place(
            (*self.path, step),
            (*self.names, str(step)) if named else self.names,
            crc32(repr(step).encode(), self.seed & 0xFFFFFFFF) ^ (self.seed << 7 & _SEEDS),
            self.seed if named else self.owner,
            room,
            hint,
            self.turn,
            (*self.trail, key),
        )


@dataclass(slots=True)
class Plan:
    """How one value is built.

    ``number`` tells it from its fellows; the first one shows examples and all members. ``marks``
    are the annotations whose members are left out. ``variants`` counts, by path, how often what
    was made there has been refused. A ``lenient`` plan puts up with places where nothing fits.
    """

    number: int = 0
    marks: frozenset[str] = frozenset()
    only_required: bool = False
    lenient: bool = False
    variants: dict[Path, int] = field(default_factory=dict)
