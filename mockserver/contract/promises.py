"""What of an answer is promised, and so compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Ignores = Callable[[str, int, str], bool]
"""Whether a value is not judged: by operation, status, and the pointer into the body."""


def nothing(operation: str, status: int, pointer: str) -> bool:
    """Judge everything."""
    return False


@dataclass(frozen=True, slots=True)
class Policy:
    """What is promised. A ``strict`` reference was written for this very API.

    An inferred one promises no order, no wording of refusals, and of statuses the class. What
    the description ``ignores`` is promised by none.
    """

    strict: bool = True
    ordered: bool = True
    keys: frozenset[str] = frozenset(("id",))
    ignores: Ignores = nothing


@dataclass(slots=True)
class Wording:
    """Whether a server refuses in the words of the reference, as the first refusals show."""

    agreed: set[Any] = field(default_factory=set)
    differed: set[Any] = field(default_factory=set)

    def count(self, words: Any, *, agreed: bool) -> None:
        """Remember whether a refusal was in the reference's words."""
        (self.agreed if agreed else self.differed).add(words)

    @property
    def promised(self) -> bool:
        """Whether other words are a fault: most refusals, of a dozen or more, are alike."""
        return len(self.agreed) >= max(12, 4 * len(self.differed))
