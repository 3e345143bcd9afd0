"""How a check is made, and what it comes to."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from mockserver.catalogue import Settings
from mockserver.contract.coverage import Coverage, Covering
from mockserver.contract.masking import Secrets
from mockserver.contract.values import Finding
from mockserver.engine.spec import Operation


class CannotCheck(Exception):
    """The check could not be made: the server cannot be reached, or went away."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a check is made.

    It ends after ``seconds``, or ``requests`` where there are any, or with ``most`` findings.
    ``include`` and ``exclude`` name operations; ``headers`` are sent to the server, not to the
    reference; ``rate`` is in requests a second, 0 for no limit; ``timeout`` in seconds, for one
    answer. With ``own_data`` only what the run makes itself is judged and touched, and is removed
    afterwards; None decides by whether the server can be brought back to its seed. ``reset`` is
    the URL that is posted to for that, told to those who run reproducers. A ``quick`` check shows
    findings as they were seen: neither shortened nor with reproducers.
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
    own_data: bool | None = None
    reset: str = ""
    quick: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """Something to tell while a check runs: what phase it is in, and how far."""

    phase: str
    requests: int
    findings: int
    left: float
    reached: int = 0
    operations: int = 0


@dataclass(frozen=True, slots=True)
class Subject:
    """What was checked: a server, by the description with that stem and source.

    ``description`` is what the check was told to take: a built-in API's stem, a file or a URL.
    ``operations`` are those that were to be called.
    """

    url: str = ""
    description: str = ""
    stem: str = ""
    source: str = ""
    title: str = ""
    operations: tuple[Operation, ...] = field(repr=False, default=())


@dataclass(slots=True)
class Result:
    """What a check found.

    ``operations`` is how many there were to call, ``reached`` the answers by operation and status.
    ``noise`` counts what was not compared, by operation and pointer, because the reference leaves
    it open. One that was interrupted is not ``finished``. ``secrets`` know what to keep out of
    whatever is written of it.
    """

    seed: int = 0
    operations: int = 0
    findings: list[Finding] = field(default_factory=list)
    requests: int = 0
    seconds: float = 0.0
    noise: Counter[tuple[str, str]] = field(default_factory=Counter)
    reached: Counter[tuple[str, int]] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)
    subject: Subject = field(default_factory=Subject)
    finished: bool = True
    covering: Covering | None = field(default=None, repr=False)
    secrets: Secrets = field(default_factory=Secrets, repr=False)

    @property
    def coverage(self) -> Coverage:
        """What was reached of the description; made anew each time."""
        return self.covering.coverage(self.reached) if self.covering else Coverage((), ())

    @property
    def kept(self) -> bool:
        """Whether the server keeps its contract, as far as was seen."""
        return not any(finding.counts for finding in self.findings)

    @property
    def exit_code(self) -> int:
        """1 for a broken contract, 2 where nothing was found in a check that was interrupted."""
        if not self.kept:
            return 1
        return 0 if self.finished else 2


def known_operations(described: Iterable[Operation], options: Options, *, some: bool) -> None:
    """Complain about operations that are told and not described, or where none is left.

    Raises CannotCheck.
    """
    known = {operation.id for operation in described}
    for name in (*options.include, *options.exclude):
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]}?" if near else ": see mockserver routes"
            raise CannotCheck(f"the description has no operation {name}{hint}")
    if not some:
        raise CannotCheck("no operation is left to check: see --include and --exclude")
