"""A run on a server that is used by others: what it may do there, see there, and leaves there."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mockserver.contract.calls import NOWHERE, keys_in
from mockserver.contract.cleaning import Cleaning, Removers
from mockserver.contract.drawing import Drawing
from mockserver.contract.effects import effect
from mockserver.contract.facts import facts_of
from mockserver.contract.narrowing import Narrowing
from mockserver.contract.numbered import Numbering
from mockserver.contract.others import collides
from mockserver.contract.own_data import NAMELESS, Guard, without
from mockserver.contract.reference import Reference
from mockserver.contract.unguessable import SAFE, Unguessable
from mockserver.contract.values import Answered, Key, Outcome, Sent
from mockserver.contract.wire import Writer
from mockserver.engine.reply import Api
from mockserver.engine.spec import Operation
from mockserver.engine.templates import template_names

READING = SAFE | {"WEBSOCKET"}
"""Methods of calls that write nothing; the last one opens a feed, or hears it."""

LONGEST = 60
"""Calls of one run."""

MOST_ALIVE = 60
"""Records of one run that wait for their removal, before it ends."""

LISTED = 0.2
"""How often a list is read after a write that changed it."""

TRIED = 12
"""Templates of each write that are tried, to see which collections clients add to."""

if TYPE_CHECKING:
    from mockserver.contract.session import Answers, Session, Stepped


class Gentle:
    """What a session asks before, within and after each call. There is one session at a time."""

    def __init__(self, guard: Guard, narrowing: Narrowing, cleaning: Cleaning) -> None:
        self._guard = guard
        self._narrowing = narrowing
        self._cleaning = cleaning
        self._session: Session | None = None
        self._before: Any = None

    def begin(self, session: Session) -> None:
        """Another run begins; what the last one made was removed."""
        self._session = session
        self._cleaning.forget()

    def is_over(self, session: Session) -> bool:
        """Whether a run has gone on for long enough: everything is removed, another one begins."""
        return len(session.steps) > LONGEST or self.debt > MOST_ALIVE

    def spares(self, read: Sent, choice: random.Random) -> bool:
        """Whether a list is not read after a write this time: most of it is others'."""
        return not any(keys_in(read)) and choice.random() > LISTED

    def admitted(self, session: Session, sent: Sent) -> Sent:
        """The call as it may be made. Raises Skipped for one that may not."""
        self._before = (session.a.log.head, session.b.log.head)
        return self._guard.admitted(session, sent, session.setting.target.base_url)

    def narrowed(
        self, session: Session, sent: Sent, operation: Operation, answers: Answers
    ) -> Answers:
        """The answers without what is others'."""
        wrote = sent.method not in READING and session.a.log.head is not self._before[0]
        a, b, t = answers
        if collides(a, t, wrote=wrote):
            self._narrowing.noise[operation.id, "used by others"] += 1
            if wrote:  # nothing happened on the server
                session.a.log.restore(self._before[0])
                session.b.log.restore(self._before[1])
            return a, b or a, a
        return self._narrowing.answers(session, (sent, operation), answers, wrote=wrote)

    def note(self, session: Session, step: Stepped) -> None:
        """Take in a call that was made."""
        self._cleaning.note(session, step)
        if step.created and self._cleaning.waits(session) and not step.differences:
            self._guard.bar(step.sent, NAMELESS)

    def clean(self) -> None:
        """Remove what the last run made."""
        session, self._session = self._session, None
        if session is not None:
            self._cleaning.clean(session)

    def lose(self, calls: Sequence[tuple[Sent, Outcome]]) -> None:
        """Tell what calls made that a run could not follow; what it did follow is removed."""
        followed = len(self._session.steps) if self._session is not None else 0
        for sent, answer in calls[followed:]:
            self._cleaning.tell(sent, answer)

    @property
    def debt(self) -> int:
        """How many records wait for their removal."""
        return len(self._cleaning.alive)

    @property
    def left(self) -> list[str]:
        """What could not be removed, with its key."""
        return [f"not removed: {each}" for each in self._cleaning.left]

    def remarks(self) -> list[str]:
        """What a person should know: what was not called, and what is left on the server."""
        skipped = [f"skipped: {name}: {why}" for name, why in sorted(self._guard.skipped.items())]
        return skipped + self.left


def shared(
    full: Reference, drawing: Drawing, writer: Writer, noise: Counter[tuple[str, str]]
) -> tuple[Reference, Reference, Gentle]:
    """The references for a server that others use, the first one empty, and how to be gentle.

    ``full`` is the reference with all of its seed, which stands for a server with others' records.
    """
    api = full.api
    names = frozenset(grown(full, drawing, writer))
    numbering = Numbering(names)
    empty = full.starting(without(full.beginning, names), numbering)
    full = full.starting(full.beginning, numbering)
    unguessable = Unguessable(api.description, api.schemas)
    keys = frozenset({"id"} | {c.key for c in api.description.collections.values()})
    head = empty.beginning
    fixed = frozenset(key for name in head.collections for key in head.collection(name).records)
    operations = {operation.id: operation for operation in api.description.operations}
    removers = Removers(drawing.operations.values(), drawing)
    cleaning = Cleaning(removers, keys, unguessable.made)
    guard = Guard(operations, unguessable, _roles(api), removers.learn, cleaning.would_keep)
    counting = frozenset(sent.operation for sent in counting_reads(empty, full, drawing, writer))
    narrowing = Narrowing(keys, fixed, unguessable.made, noise, counting, _kinds(api, numbering))
    return empty, full, Gentle(guard, narrowing, cleaning)


def grown(full: Reference, drawing: Drawing, writer: Writer) -> Iterator[str]:
    """The collections that clients add to, as far as the description's own cases show."""
    for operation in drawing.operations.values():
        if operation.method in SAFE:
            continue
        drawing.begin(operation.id)
        for sent in drawing.templates[operation.id][:TRIED]:
            message = writer.message(replace(sent, caller=drawing.caller), _unknown)
            for change in effect(full, full.world(1), message, "http://shared.test").changes:
                if change.before is None:
                    yield change.collection


def counting_reads(
    empty: Reference, full: Reference, drawing: Drawing, writer: Writer
) -> Iterator[Sent]:
    """The reads of no single record that answer otherwise where there are others' records."""
    for operation in drawing.operations.values():
        if operation.method != "GET" or template_names(operation.path):
            continue
        sent = Sent(operation.id, "GET", operation.path, caller=drawing.caller)
        message = writer.message(sent, _unknown)
        answers = [effect(each, each.world(0), message, "").answer for each in (empty, full)]
        bodies = {answer.body for answer in answers if isinstance(answer, Answered)}
        if len(bodies) > 1:
            yield sent


def _unknown(key: Key) -> str:
    return NOWHERE


def _kinds(api: Api, numbering: Numbering) -> dict[str, int]:
    """Which keys that count the records have that an operation is about, where they do."""
    stem = api.description.stem
    found = {
        name: numbering.kind(f"{stem}/{facts.role.resource}")
        for name, facts in facts_of(api).items()
    }
    return {name: kind for name, kind in found.items() if kind is not None}


def _roles(api: Api) -> dict[str, str]:
    """The kinds of inferred operations; none of built-in ones."""
    told = api.handlers.guess_of
    return {name: guess.partition(" ")[0].rstrip(":") for name, guess in told.items()}
