"""What the gate sends, what comes back, and what it finds; nothing here does anything."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from immutables import Map

NOTHING: Mapping[str, Any] = Map()


@dataclass(frozen=True, slots=True)
class Key:
    """A value that each side made for itself, by its number in the run's :class:`Names`."""

    number: int


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a form; ``content`` is text, bytes, or a :class:`Key`."""

    name: str
    content: Any
    file_name: str | None = None
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A body of ``multipart/form-data`` or ``application/x-www-form-urlencoded``."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Json:
    """A body that is a JSON value; keys may stand anywhere in it."""

    value: Any


@dataclass(frozen=True, slots=True)
class Raw:
    """A body of bytes."""

    data: bytes


Body = Json | Form | Raw | None


@dataclass(frozen=True, slots=True)
class Sent:
    """One call, with keys where each side has values of its own.

    ``path`` is the template; ``caller`` the name of an identity, empty for nobody. A ``link`` is
    the key of a URL that a server gave: its path and query are asked for as they stand there.
    ``why`` says in a few words what the call is for. With ``branches`` it stands for several
    calls made at once, those of one branch one after the other, and then for ``reads``.
    """

    operation: str
    method: str
    path: str
    path_parameters: Mapping[str, Any] = NOTHING
    query: tuple[tuple[str, Any], ...] = ()
    headers: tuple[tuple[str, Any], ...] = ()
    body: Body = None
    media_type: str = ""
    caller: str = ""
    link: Key | None = None
    why: str = ""
    branches: tuple[tuple[Sent, ...], ...] = ()
    reads: tuple[Sent, ...] = ()

    @property
    def inner(self) -> tuple[Sent, ...]:
        """The calls that it stands for."""
        return (*(sent for branch in self.branches for sent in branch), *self.reads)


@dataclass(frozen=True, slots=True)
class Message:
    """A call as it goes over the wire: the target is path and query, without the host."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    """What a server answered: names of headers are in lower case."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The value of a header, those that came more than once joined; None when absent."""
        found = [value for known, value in self.headers if known == name]
        return ", ".join(found) if found else None

    @property
    def media_type(self) -> str:
        """The media type without parameters, in lower case; empty when none was told."""
        return (self.header("content-type") or "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Failed:
    """No answer: ``kind`` is one of the words in :mod:`mockserver.contract.codes`."""

    kind: str
    detail: str


Outcome = Answered | Failed


@dataclass(frozen=True, slots=True)
class Difference:
    """Where an answer is not what it should be.

    ``aspect`` is status, media type, header, body, or the name of a rule; ``pointer`` a JSON
    pointer into that part of the answer. ``keys`` are those of the items that are missing in a
    list, or in the wrong order.
    """

    code: str
    aspect: str
    pointer: str
    expected: str
    got: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call with what was expected of it and what came."""

    sent: Sent
    message: Message
    expected: Outcome
    got: Outcome


@dataclass(frozen=True, slots=True)
class Birth:
    """Where a value that the server made for itself appeared first.

    ``number`` is that of its :class:`Key` in the sequence, ``step`` the place of the call in it,
    ``place`` where in the answer: ``body:/id``. ``value`` is what the server called it;
    ``is_key`` says that it names something.
    """

    number: int
    step: int
    place: str
    value: Any
    is_key: bool = True


@dataclass(frozen=True, slots=True)
class Described:
    """A place in a description: a JSON pointer, the file (or URL), and the line there.

    The line is 0 while it was not looked up, or where the source is no file.
    """

    pointer: str
    source: str = ""
    line: int = 0

    def __str__(self) -> str:
        return f"{self.source}:{self.line}" if self.line else f"{self.source} {self.pointer}"


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of running a reproducer: ``shown`` when it showed the finding, or why not."""

    shown: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Reproducer:
    """A finding for others to see: a shell script with curl lines, and a pytest file.

    ``variables`` are those of the environment that take the place of secrets, each with a word
    on what it holds. ``holds`` says that the pytest file passes on right answers.
    """

    curl: str
    pytest: str
    variables: tuple[tuple[str, str], ...] = ()
    curl_ran: Ran = Ran(shown=False, why="not run")
    pytest_ran: Ran = Ran(shown=False, why="not run")
    holds: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """One way in which a server breaks its contract.

    ``endpoint`` is the method and path of the operation. ``place`` is a JSON pointer into that
    part of the last exchange's answer which ``aspect`` names, ``pointer`` the same without the
    numbers of items, ``described`` where the description speaks of it. ``sequence`` are the calls
    that show it, the last one being the one with the wrong answer, ``calls`` the same as they were
    drawn (several made at once are one), and ``births`` where the keys in these come from.
    ``seconds`` is when it was first seen, ``count`` how often. A ``flaky`` one was not seen again
    when its sequence was repeated on a fresh state; an ``accepted`` one is in the baseline, with
    that reason.
    """

    code: str
    operation: str
    aspect: str
    pointer: str
    described: Described
    expected: str
    got: str
    sequence: tuple[Exchange, ...] = field(repr=False)
    endpoint: str = ""
    place: str = ""
    births: tuple[Birth, ...] = field(repr=False, default=())
    calls: tuple[Sent, ...] = field(repr=False, default=())
    reproducer: Reproducer | None = field(repr=False, default=None)
    seed: int = 0
    seconds: float = 0.0
    count: int = 1
    flaky: bool = False
    accepted: str = ""

    @property
    def cause(self) -> tuple[str, str, str]:
        """What makes two findings one: operation, aspect and pointer."""
        return (self.operation, self.aspect, self.pointer)

    @property
    def id(self) -> str:
        """Eight hexadecimal digits that stay the same from run to run: those of the cause."""
        return hashlib.sha256("\n".join(self.cause).encode()).hexdigest()[:8]

    @property
    def counts(self) -> bool:
        """Whether it makes the check fail."""
        return not self.flaky and not self.accepted
