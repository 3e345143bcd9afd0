"""Short follow-ups: the calls after which a rule can be judged that one answer does not show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mockserver.contract.conditions import Conditions
from mockserver.contract.drawing import Drawing
from mockserver.contract.facts import DELETES, LISTS, MERGES, READS, REPLACES, Facts
from mockserver.contract.odds import Due, likely
from mockserver.contract.session import Session
from mockserver.contract.story import Seen
from mockserver.contract.values import Json, Sent
from mockserver.engine.members import value_at, with_value

AFTER_REFUSAL = 0.2
"""How often a record is read before and after a change to it that is refused."""

AT_FIRST, LATER = 3, 0.06
"""Times that each list is paged through, and a record of each resource is led through its life."""

AGAIN = 0.02
"""How often a safe call is repeated at once."""

TRIED = 12
"""Boundary cases looked at for a body."""

NO_MEMBER: Any = [{"no": "such member"}]
"""A value that hardly any member may have."""

PAGES = 3
WHOLE = 100
"""Records asked for when a list is asked for as a whole, where no lower maximum is described."""


class FollowUps:
    """Draws the calls that follow others, of the operations that may be called."""

    def __init__(self, facts: Mapping[str, Facts], drawing: Drawing) -> None:
        self._facts = facts
        self._drawing = drawing
        self._choice = drawing.choice
        self._due = Due(AT_FIRST, LATER, drawing.choice)
        self._conditions = Conditions(drawing.operations, drawing.choice)

    def after(self, session: Session) -> Iterator[Sent]:
        """The calls that are worth making after the last one of a run."""
        step = session.steps[-1]
        yield from self.conditional(session)
        facts = self._facts.get(step.sent.operation)
        if facts is None or step.sent.link is not None:
            return
        seen = Seen(step.sent, facts, step.a)
        if facts.limit and seen.kind in LISTS and seen.items is not None:
            yield from self._pages(seen, seen.items)
        if seen.is_safe and likely(self._choice, AGAIN):
            yield replace(step.sent, why="the same call again")
        elif seen.kind == "create" and seen.is_good:
            yield from self._life(seen, session)
        elif not seen.is_safe and seen.is_refused and seen.kind:
            yield from self._around(seen)

    def conditional(self, session: Session) -> Iterator[Sent]:
        """The last read again, under conditions."""
        yield from self._conditions.after(session.steps[-1], session.names)

    def _of(self, resource: str, kinds: frozenset[str], names: int) -> Facts | None:
        """An operation of a kind on a resource, whose path has so many parameters."""
        return next(
            (
                each
                for each in self._facts.values()
                if each.role.resource == resource
                and each.kind in kinds
                and len(each.names) == names
            ),
            None,
        )

    def _pages(self, seen: Seen, items: list[Any]) -> Iterator[Sent]:
        """The list as a whole, and then in pages of two thirds, so that a second one is short."""
        facts, sent = seen.facts, seen.sent
        if len(items) < 2 or not (facts.offset or facts.page):  # noqa: PLR2004 - no two pages
            return
        if not self._due.is_due(sent.operation):
            return
        paging = {facts.limit, facts.offset, facts.page}
        query = tuple(pair for pair in sent.query if pair[0] not in paging)
        most = _most(facts)
        yield replace(sent, query=(*query, (facts.limit, most)), why="the list as a whole")
        size = max(1, min(most, 2 * len(items) // 3))
        for number in range(min(PAGES, len(items) // size + 1)):
            place = _place(facts, number, size)
            paged = (*query, (facts.limit, size), place)
            yield replace(sent, query=paged, why=f"page {number + 1} of the list")

    def _around(self, seen: Seen) -> Iterator[Sent]:
        """What a refused change was about, before it is tried again and after."""
        facts, sent = seen.facts, seen.sent
        kinds = frozenset(("list",)) if seen.kind == "create" else READS
        read = self._of(facts.role.resource, kinds, len(facts.names))
        if read is None or not likely(self._choice, AFTER_REFUSAL):
            return
        look = self._about(read, list(sent.path_parameters.values()), sent)
        yield look
        yield sent
        yield look

    def _life(self, seen: Seen, session: Session) -> Iterator[Sent]:
        """A record that was created changed, replaced, not changed, and deleted; read each time."""
        facts, record = seen.facts, seen.record
        key = value_at(record, facts.key) if record and facts.key else None
        count = len(facts.names) + 1
        read = self._of(facts.role.resource, READS, count)
        if key is None or read is None or not self._due.is_due(seen.sent.operation):
            return
        known = session.names.symbolic(key) if isinstance(key, str) else key
        place = [*(seen.sent.path_parameters[name] for name in facts.names), known]
        look = self._about(read, place, seen.sent)
        yield look
        for kinds in (MERGES, REPLACES, DELETES):
            change = self._of(facts.role.resource, kinds, count)
            if change is None:
                continue
            for sent in self._changes(change, self._about(change, place, seen.sent), record or {}):
                yield sent
                yield look
        listing = self._of(facts.role.resource, frozenset(("list",)), count - 1)
        if listing is not None:
            yield self._about(listing, place[:-1], seen.sent)

    def _about(self, facts: Facts, place: list[Any], like: Sent) -> Sent:
        """A call of an operation about a record, by the caller of another call."""
        operation = facts.operation
        parameters = dict(zip(facts.names, place, strict=False))
        return Sent(
            operation.id, operation.method, operation.path, parameters,
            caller=like.caller, why="the life of a record",
        )  # fmt: skip

    def _changes(self, facts: Facts, call: Sent, record: Mapping[str, Any]) -> Iterator[Sent]:
        """A right change of a record, and where there is a body one with a wrong member before."""
        if facts.kind in DELETES:
            yield call
            return
        path = facts.role.body.path
        for like in self._bodies(facts.operation.id):
            body = like.body.value if isinstance(like.body, Json) else None
            given = value_at(body, path)
            if not isinstance(given, dict):
                continue
            new = sorted(n for n, v in given.items() if record.get(n) != v and n in facts.sent)
            if not new:
                continue
            name = self._choice.choice(new)
            right = {name: given[name]} if facts.kind in MERGES else given
            others = sorted(facts.sent.keys() - {name}) or [name]
            wrong = {**given, self._choice.choice(others): NO_MEMBER}
            for value in (wrong, right):
                whole = Json(with_value(body, path, value))
                yield replace(call, body=whole, media_type=like.media_type, query=like.query)
            return

    def _bodies(self, operation: str) -> list[Sent]:
        """Calls of an operation whose bodies may be used, in an order of chance."""
        self._drawing.begin(operation)
        known = [*self._drawing.taken[operation], *self._drawing.templates[operation][:TRIED]]
        return self._choice.sample(known, len(known))


def _most(facts: Facts) -> int:
    """How many records may be asked for at once."""
    declared = (p.schema for p in facts.operation.parameters if p.name == facts.limit)
    most = next(declared, {}).get("maximum")
    return min(WHOLE, int(most)) if isinstance(most, int | float) and most >= 1 else WHOLE


def _place(facts: Facts, number: int, size: int) -> tuple[str, Any]:
    """The parameter that says where a page is."""
    if facts.offset:
        return facts.offset, number * size
    return facts.page, facts.first_page + number
