"""The calls of one run as one side saw them, for rules to look back on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from mockserver.contract.facts import Facts
from mockserver.contract.values import Answered, Json, Outcome, Sent
from mockserver.contract.wire import resolved
from mockserver.engine.media import is_json
from mockserver.engine.members import text_of, value_at

FAR = 60
"""Calls that a rule looks back on at most."""

NOT_JSON = object()
_UNREAD = object()


@dataclass(slots=True)
class Seen:
    """One call and what it was answered."""

    sent: Sent
    facts: Facts
    answer: Outcome
    _value: Any = field(default=_UNREAD, repr=False)

    @property
    def status(self) -> int:
        """The status of the answer, 0 when there was none."""
        return self.answer.status if isinstance(self.answer, Answered) else 0

    @property
    def kind(self) -> str:
        """What the call asks to be done; empty for another method than the operation's."""
        return self.facts.kind if self.sent.method == self.facts.operation.method else ""

    @property
    def is_good(self) -> bool:
        """Whether the call did what it asks for."""
        return 200 <= self.status < 300  # noqa: PLR2004 - successes

    @property
    def is_refused(self) -> bool:
        """Whether the call was refused, and so did nothing."""
        return 400 <= self.status < 500  # noqa: PLR2004 - refusals

    @property
    def is_safe(self) -> bool:
        """Whether nothing is asked to change, whatever is answered."""
        return self.sent.method == self.facts.operation.method and self.facts.is_safe

    @property
    def is_quiet(self) -> bool:
        """Whether nothing may have changed."""
        return self.is_safe or self.is_refused

    @property
    def value(self) -> Any:
        """The JSON value of the answer, NOT_JSON when it is none."""
        if self._value is _UNREAD:
            self._value = json_of(self.answer)
        return self._value

    @property
    def items(self) -> list[Any] | None:
        """The records of the list that was answered, None when there is none."""
        return self.facts.items(self.status, self.value) if self.is_good else None

    @property
    def record(self) -> dict[str, Any] | None:
        """The record that was answered, None when there is none."""
        return self.facts.record(self.status, self.value) if self.is_good else None

    def asked(self, name: str) -> Any:
        """The value of a query parameter; None when it was not sent, or not once."""
        values = [value for known, value in self.sent.query if known == name]
        return values[0] if len(values) == 1 else None

    def same_answer(self, other: Seen) -> bool:
        """Whether both were answered with the same status and bytes."""
        one, two = self.answer, other.answer
        answered = isinstance(one, Answered) and isinstance(two, Answered)
        return answered and (one.status, one.body) == (two.status, two.body)  # type: ignore[union-attr]

    def same_call(self, other: Seen) -> bool:
        """Whether both are the same safe call."""
        one, two = self.sent, other.sent
        return (
            one.operation == two.operation
            and one.query == two.query
            and one.caller == two.caller
            and one.link == two.link
            and one.headers == two.headers
            and one.method == two.method
            and dict(one.path_parameters) == dict(two.path_parameters)
        )


def json_of(answer: Outcome) -> Any:
    """The JSON value of an answer, NOT_JSON when it is none."""
    if not isinstance(answer, Answered) or not is_json(answer.media_type):
        return NOT_JSON
    try:
        return orjson.loads(answer.body)
    except ValueError:
        return NOT_JSON


@dataclass(frozen=True, slots=True)
class Story:
    """The calls of one side, the last one being judged; ``resolve`` is what it calls keys.

    Where the server is ``shared``, others make and change records, of which lists show nothing:
    what is on which page, and how many there are, is no business of this run.
    """

    seen: Sequence[Seen]
    resolve: Callable[[Any], Any]
    origin: str = ""
    shared: bool = False

    @property
    def last(self) -> Seen:
        """The call that is judged."""
        return self.seen[-1]

    def back(self, start: Seen | None = None) -> Iterator[Seen]:
        """The calls before the last one, or before another, the latest first."""
        found = False
        for each in list(reversed(self.seen))[: FAR + 1]:
            if found:
                yield each
            found = found or each is (start or self.last)

    def last_write(self) -> Seen | None:
        """The latest call that may have changed something."""
        return next((each for each in self.back() if not each.is_quiet), None)

    def earlier(self, seen: Seen) -> Seen | None:
        """The same call as the last one, made before another and with nothing in between."""
        for each in self.back(seen):
            if each.same_call(self.last):
                return each
            if not each.is_quiet:
                return None
        return None

    def named(self, seen: Seen) -> tuple[str, ...] | None:
        """The texts that name what a call is about, from the outermost parent on.

        What was created is named by its place and its key; None when it told no key.
        """
        parameters = seen.sent.path_parameters
        try:
            place = tuple(self._text(parameters[name]) for name in seen.facts.names)
        except KeyError:
            return None
        if seen.kind != "create":
            return place
        key = self.key(seen, seen.record)
        return None if key is None else (*place, key)

    def key(self, seen: Seen, record: Any) -> str | None:
        """The key of a record as a path would have it, None when it shows none."""
        value = value_at(record, seen.facts.key) if seen.facts.key else None
        return None if value is None or isinstance(value, dict | list) else text_of(value)

    def body(self, seen: Seen) -> dict[str, Any] | None:
        """The record that was sent, None when the body is none."""
        if not isinstance(seen.sent.body, Json) or "patch+json" in _plain_patch(seen.sent):
            return None
        value = resolved(seen.sent.body.value, self.resolve)
        found = value_at(value, seen.facts.role.body.path)
        return found if isinstance(found, dict) else None

    def _text(self, value: Any) -> str:
        return text_of(resolved(value, self.resolve))


@dataclass(frozen=True, slots=True)
class Broken:
    """How an answer breaks a rule: in its body, or, without a pointer, in its status.

    What is not ``promised`` is worth a note only.
    """

    pointer: str | None
    expected: str
    got: str
    promised: bool = True


Rule = Callable[[Story], Broken | None]


def _plain_patch(sent: Sent) -> str:
    """The media type of a body, nothing for a merge patch, which is a record (RFC 7396)."""
    return "" if sent.media_type.startswith("application/merge-patch+json") else sent.media_type
