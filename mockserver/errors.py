"""Everything that can go wrong, as one tree.

::

    MockServerError
    ├── StartupError     the server cannot start; every reason at once
    ├── Conflict         another writer committed first; run again
    ├── Superseded       another mock has taken the place of this one; ask that
    ├── StorageFull      the bytes kept beside the log would pass their bound
    ├── ReplyError       a handler's reply breaks the description: a bug of the mock
    └── ApiError         a request is refused, with the status the caller sees
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


class MockServerError(Exception):
    """Root of the tree."""


def pointer_to(path: Iterable[object]) -> str:
    """A JSON pointer (RFC 6901, section 3) from the steps that lead to a value."""
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in path)
    return "".join(f"/{step}" for step in steps)


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why the server cannot start.

    ``source`` names the file (or flag), ``pointer`` is a JSON pointer into it or empty,
    ``message`` says what was expected and what came.
    """

    source: str
    pointer: str
    message: str

    def __str__(self) -> str:
        where = f"{self.source} at {self.pointer}" if self.pointer else self.source
        return f"{where}: {self.message}"


class StartupError(MockServerError):
    """The server cannot start. Carries every problem found, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class Conflict(MockServerError):
    """The log has moved past the revision a transaction was built on."""


class Superseded(MockServerError):
    """A mock that was loaded anew has taken over the state; a request is made again there."""


class StorageFull(MockServerError):
    """Storing more bytes would pass ``--max-blobs``, or there is no more room on the disk."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One rule of the description that a value breaks.

    ``location`` is path, query, header, cookie, body or reply; ``pointer`` a JSON pointer
    (RFC 6901) into it, or the name of the parameter; ``rule`` the JSON Schema keyword or the
    name of the rule; ``expected`` and ``received`` say it in words.
    """

    location: str
    pointer: str
    rule: str
    expected: str
    received: str

    def __str__(self) -> str:
        where = f"{self.location} {self.pointer}".rstrip()
        return f"{where}: expected {self.expected}, received {self.received} ({self.rule})"


class ReplyError(MockServerError):
    """A reply that the description does not allow; it is never sent."""

    def __init__(self, operation: str, status: int, violations: Sequence[Violation]) -> None:
        self.violations = tuple(violations)
        reasons = "; ".join(map(str, self.violations))
        super().__init__(f"{operation} answered {status}, which breaks its description: {reasons}")


class ApiError(MockServerError):
    """A request is refused. The API's own error shape turns it into a reply.

    ``detail`` is one sentence for the caller; ``violations`` list what broke which rule;
    ``headers`` are sent with the answer (``Allow``, ``Retry-After`` ...).
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        violations: Sequence[Violation] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status = status
        self.detail = detail
        self.violations = tuple(violations)
        self.headers = dict(headers or {})
        super().__init__(f"{status}: {detail}")

    @property
    def reason(self) -> str:
        """Why, for a log: the sentence, and what the first violation expected, not what came."""
        first = self.violations[0] if self.violations else None
        if first is None or first.expected in self.detail:
            return self.detail
        where = f"{first.location} {first.pointer}".rstrip()
        return f"{self.detail} {where}: expected {first.expected}"
