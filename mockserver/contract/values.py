"""What the gate sends, what comes back, and what it finds; nothing here does anything."""

from __future__ import annotations

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
    ``why`` says in a few words what the call is for.
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
    pointer into that part of the answer.
    """

    code: str
    aspect: str
    pointer: str
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call with what was expected of it and what came."""

    sent: Sent
    message: Message
    expected: Outcome
    got: Outcome


@dataclass(frozen=True, slots=True)
class Finding:
    """One way in which a server breaks its contract.

    ``pointer`` leads into the last exchange's answer, ``described`` into the description.
    ``sequence`` are the calls that show it, the last one being the one with the wrong answer;
    ``seconds`` is when it was first seen, ``count`` how often. A ``flaky`` one was not seen again
    when its sequence was repeated on a fresh state.
    """

    code: str
    operation: str
    aspect: str
    pointer: str
    described: str
    expected: str
    got: str
    sequence: tuple[Exchange, ...] = field(repr=False)
    seed: int = 0
    seconds: float = 0.0
    count: int = 1
    flaky: bool = False

    @property
    def cause(self) -> tuple[str, str, str]:
        """What makes two findings one: operation, aspect and pointer."""
        return (self.operation, self.aspect, self.pointer)
