"""What a check reached: each operation with each documented status, and keywords met both ways."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from mockserver.contract.keywords import Keyword, Keywords
from mockserver.contract.values import Sent
from mockserver.engine.spec import Description, Operation

MOST_LOOKED_AT = 100
"""Calls of one operation whose values are judged by the keywords of its schemas."""

_HARD = {
    "408": "needs a slow client",
    "413": "needs a larger request than is sent",
    "414": "needs a larger request than is sent",
    "429": "needs more calls than a rate limit allows",
    "431": "needs a larger request than is sent",
}
"""Statuses that a check does not try to reach, and why (RFC 9110, section 15; RFC 6585)."""


@dataclass(frozen=True, slots=True)
class Reached:
    """One operation with one status: how often it was answered, and why it never was.

    ``status`` is as the description has it (``200``, ``4XX``, ``default``), or one that it does
    not have, which came nevertheless.
    """

    operation: str
    method: str
    path: str
    status: str
    documented: bool
    count: int
    reason: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a check reached, for people and for reports."""

    statuses: tuple[Reached, ...]
    keywords: tuple[Keyword, ...]

    @property
    def counts(self) -> tuple[int, int]:
        """How many documented statuses were reached, and how many there are."""
        documented = [each for each in self.statuses if each.documented]
        return sum(each.count > 0 for each in documented), len(documented)

    @property
    def keyword_counts(self) -> tuple[int, int]:
        """How many keywords were met by valid and by invalid values, and how many there are."""
        return sum(keyword.complete for keyword in self.keywords), len(self.keywords)

    @property
    def line(self) -> str:
        """All of it in one line."""
        reached, documented = self.counts
        met, keywords = self.keyword_counts
        return (
            f"reached {reached} of {documented} documented answers; "
            f"{met} of {keywords} keywords met by valid and invalid values"
        )


class Covering:
    """Remembers the calls of a check. ``wanted`` are the operations that it makes calls of."""

    def __init__(self, description: Description, wanted: Collection[str]) -> None:
        self._description = description
        self._wanted = wanted
        self._called: dict[str, list[Sent]] = defaultdict(list)
        self._shapes: set[tuple[str, str]] = set()
        self._counts: Counter[str] = Counter()

    def add(self, sent: Sent) -> None:
        """Remember a call; of many that are for the same thing a few."""
        for inner in sent.inner:
            self.add(inner)
        self._counts[sent.operation] += 1
        kept = self._called[sent.operation]
        if len(kept) < MOST_LOOKED_AT:
            kept.append(sent)
        elif (sent.operation, sent.why) not in self._shapes:
            kept[len(self._shapes) % MOST_LOOKED_AT] = sent
        self._shapes.add((sent.operation, sent.why))

    def coverage(self, reached: Mapping[tuple[str, int], int]) -> Coverage:
        """What was reached; ``reached`` counts the answers by operation and status."""
        operations = self._description.operations
        keywords = Keywords(self._description, [o for o in operations if o.id in self._wanted])
        for calls in self._called.values():
            for sent in calls:
                keywords.take(sent)
        rows = (row for operation in operations for row in self._rows(operation, reached))
        return Coverage(tuple(rows), tuple(keywords.all))

    def _rows(
        self, operation: Operation, reached: Mapping[tuple[str, int], int]
    ) -> Iterator[Reached]:
        counts: Counter[str] = Counter()
        for (name, status), count in reached.items():
            if name == operation.id:
                counts[_documented(operation, status)] += count
        for entry in (*operation.responses, *sorted(counts.keys() - set(operation.responses))):
            count = counts[entry]
            yield Reached(
                operation=operation.id,
                method=operation.method,
                path=operation.path,
                status=entry,
                documented=entry in operation.responses,
                count=count,
                reason="" if count else self._reason(operation, entry),
            )

    def _reason(self, operation: Operation, status: str) -> str:
        """Why a documented status was never answered."""
        calls = self._counts[operation.id]
        if operation.id not in self._wanted:
            return "not sent" if operation.method == "TRACE" else "excluded"
        if not calls:
            return "never drawn"
        if status.startswith("5"):
            return "needs a fault in the server"
        if status == "default":
            return "no other status came"
        return _HARD.get(status, f"not the answer to any of {calls} calls")


def _documented(operation: Operation, status: int) -> str:
    """The entry of the description that a status belongs to (OpenAPI 3.0.3, Responses Object)."""
    for entry in (str(status), f"{status // 100}XX", "default"):
        if entry in operation.responses:
            return entry
    return str(status)
