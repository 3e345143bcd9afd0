"""How a check is made, and what it comes to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from mockserver.catalogue import Settings
from mockserver.contract.values import Finding


class CannotCheck(Exception):
    """The check could not be made: the server cannot be reached, or went away."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a check is made.

    It ends after ``seconds``, or ``requests`` where there are any, or with ``most`` findings.
    ``include`` and ``exclude`` name operations; ``headers`` are sent to the server, not to the
    reference; ``rate`` is in requests a second, 0 for no limit; ``timeout`` in seconds, for one
    answer.
    """

    seconds: float = 60.0
    seed: int = 0
    most: int = 20
    requests: int = 0
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    base_path: bool = True
    rate: float = 0.0
    timeout: float = 10.0
    settings: Settings | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something to tell while a check runs: what phase it is in, and how far."""

    phase: str
    requests: int
    findings: int
    left: float


@dataclass(slots=True)
class Result:
    """What a check found.

    ``noise`` counts what was not compared, by operation and pointer, because the reference leaves
    it open; ``reached`` the answers by operation and status.
    """

    seed: int = 0
    operations: int = 0
    findings: list[Finding] = field(default_factory=list)
    requests: int = 0
    seconds: float = 0.0
    noise: Counter[tuple[str, str]] = field(default_factory=Counter)
    reached: Counter[tuple[str, int]] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)

    @property
    def kept(self) -> bool:
        """Whether the server keeps its contract, as far as was seen."""
        return all(finding.flaky for finding in self.findings)
