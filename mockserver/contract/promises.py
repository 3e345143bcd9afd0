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
    """Whether a server refuses in the words of the reference, as the first refusals show.

    Once a ``verdict`` is there, later refusals change nothing.
    """

    agreed: set[Any] = field(default_factory=set)
    differed: set[Any] = field(default_factory=set)
    verdict: bool | None = None

    def count(self, words: Any, *, agreed: bool) -> None:
        """Remember whether a refusal was in the reference's words."""
        if self.verdict is None:
            (self.agreed if agreed else self.differed).add(words)

    @property
    def promised(self) -> bool:
        """Whether other words are a fault: most refusals, of a dozen or more, are alike."""
        if self.verdict is not None:
            return self.verdict
        return len(self.agreed) >= max(12, 4 * len(self.differed))

    def settled(self) -> Wording:
        """The wording as it is judged now, for calls that are made again."""
        return Wording(self.agreed, self.differed, self.promised)
