"""What a run made on a server is removed again, the last first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson

from mockserver.contract.alike import key_of
from mockserver.contract.drawing import Drawing
from mockserver.contract.effects import BESIDE, Effect, effect
from mockserver.contract.own_data import is_good, own_part, touches
from mockserver.contract.pacing import Busy
from mockserver.contract.session import Session, Stepped, with_headers
from mockserver.contract.unguessable import SAFE
from mockserver.contract.values import Answered, Json, Key, Outcome, Sent
from mockserver.engine.media import is_json
from mockserver.engine.spec import Operation
from mockserver.engine.templates import template_names
from mockserver.state.store import Change

CREATED = 201
GONE = frozenset((404, 410))
NEW = Key(-1)
"""Stands in the call that removes a record for the record's key."""

TRIES = 8
"""Records for which a way to remove one is sought, as long as none was found."""

MOST_TRIED = 6
"""Templates of one operation that are tried as ways to remove a record."""


@dataclass(slots=True)
class Made:
    """A record that a run made: its keys in the reference and on the server, and by which call.

    What only the server made has no key in the reference.
    """

    collection: str
    a: str
    t: Any
    sent: Sent
    step: int

    @property
    def place(self) -> str:
        """By which it is remembered: each collection may have numbers of its own for keys."""
        text = str(self.t)
        return f"{self.collection} {text}" if text.isdecimal() else text


class Removers:
    """Which call removes a record of which collection, found by trying on the reference."""

    def __init__(self, operations: Iterable[Operation], drawing: Drawing) -> None:
        self._drawing = drawing
        writing = [o for o in operations if o.method not in SAFE]
        self._candidates = sorted(writing, key=lambda o: o.method != "DELETE")
        self._operations = {operation.id: operation for operation in writing}
        self._known: dict[str, Sent | None] = {}
        self._tries: Counter[str] = Counter()

    def of(self, collection: str) -> Sent | None:
        """The call that removes a record, with :data:`NEW` for its key; None when none does."""
        return self._known.get(collection)

    def learn(
        self, session: Session, sent: Sent, found: Effect, nameless: Collection[Change] = ()
    ) -> bool:
        """Whether all records that a call made can be removed; learns how.

        ``found`` is the world in which the call was tried, ``nameless`` are those whose keys
        nobody is told: they have to go with others.
        """
        made = [change for change in found.changes if change.before is None]
        for change in made:
            if (
                self._known.get(change.collection) is None
                and self._tries[change.collection] < TRIES
            ):
                self._tries[change.collection] += 1
                way = self._searched(session, sent, found, change)
                self._known[change.collection] = way
        named = [change for change in made if change not in nameless]
        after = self._without(session, sent, found, named)
        if any(self.of(c.collection) is not None and _holds(after, c) for c in nameless):
            return False
        ways = [self._known[change.collection] for change in made]
        if any(way is not None and _deletes_one(self._operations[way.operation]) for way in ways):
            return True  # what is deleted for clients may be kept, with what belongs to it
        return not any(_holds(after, change) for change in made)

    def _searched(self, session: Session, sent: Sent, found: Effect, record: Change) -> Sent | None:
        kept: Sent | None = None
        for operation in self._candidates:
            for way in self._ways(operation, sent):
                after = self.removed(session, way, found, record.key)
                if after is not None and not _holds(after, record):
                    return way
                if after is not None and kept is None and _deletes_one(operation):
                    kept = way
        return kept

    def removed(self, session: Session, way: Sent, found: Effect, key: str) -> Effect | None:
        """The world after a way to remove a record was tried; None where it does not work."""
        names, setting = session.names, session.setting

        def resolve(asked: Key) -> Any:
            return own_part(key) if asked == NEW else names.for_a(asked)

        try:
            message = setting.writer.message(way, resolve)
        except (KeyError, IndexError):
            return None
        after = effect(setting.first, found.after, message, setting.target.base_url)
        gentle = not touches(after, setting.first.beginning)
        return after if gentle and is_good(after.answer) else None

    def _ways(self, operation: Operation, creation: Sent) -> Iterator[Sent]:
        """Calls of an operation that may remove what another call made."""
        self._drawing.begin(operation.id)
        names = template_names(operation.path)
        taken = self._drawing.taken[operation.id]
        templates = [*taken[:MOST_TRIED], *self._drawing.templates[operation.id][:MOST_TRIED]]
        caller = creation.caller
        for template in (*templates, *map(_switched_on, templates)):
            if names:
                parents = {n: creation.path_parameters.get(n, NEW) for n in names[:-1]}
                yield replace(template, path_parameters={**parents, names[-1]: NEW}, caller=caller)
            elif isinstance(template.body, Json):
                body = _about_new(template.body.value)
                if body is not None:
                    yield replace(template, body=Json(body), caller=caller)

    def _without(
        self, session: Session, sent: Sent, found: Effect, made: Sequence[Change]
    ) -> Effect:
        """The world once some of the records that a call made are removed, the last first."""
        for change in reversed(made):
            way = self._known.get(change.collection)
            if way is not None and _holds(found, change):
                after = self.removed(session, bound(way, sent), found, change.key)
                found = after or found
        return found


def bound(way: Sent, creation: Sent) -> Sent:
    """A way to remove records, below the parents of one that a call made."""
    known = creation.path_parameters
    parameters = {
        name: value if value == NEW else known.get(name, value)
        for name, value in way.path_parameters.items()
    }
    return replace(way, path_parameters=parameters, caller=creation.caller)


def _deletes_one(operation: Operation) -> bool:
    """Whether an operation deletes the record at a path of its own (RFC 9110, section 9.3.5)."""
    return operation.method == "DELETE" and bool(template_names(operation.path))


def _holds(found: Effect, record: Change) -> bool:
    return record.key in found.after.log.head.collection(record.collection).records


def _switched_on(template: Sent) -> Sent:
    """A call with all of its switches on: one of them may remove for good what is kept else."""
    query = tuple((name, "true" if value == "false" else value) for name, value in template.query)
    body = template.body
    if isinstance(body, Json) and isinstance(body.value, dict):
        on = {name: item is False or item for name, item in body.value.items()}
        body = Json(on)
    return replace(template, query=query, body=body)


def _about_new(value: Any, name: str = "") -> Any:
    """A body whose identifiers are the new record's; None when it has none."""
    word = name.lower()
    if isinstance(value, dict):
        members = {n: _about_new(item, str(n)) for n, item in value.items()}
        if all(item is None for item in members.values()):
            return None
        return {n: value[n] if item is None else item for n, item in members.items()}
    if isinstance(value, list):
        about = [each for each in (_about_new(item, name) for item in value[:1]) if each]
        return about or None
    named = word in {"id", "ids", "key", "uuid"} or word.endswith(("_id", "_ids", "id", "ids"))
    return NEW if named and isinstance(value, str | Key) else None


class Cleaning:
    """Remembers what the runs of a check made, and removes it.

    ``natural`` are the keys that clients choose. What could not be removed is in ``left``, told
    with its key.
    """

    def __init__(self, removers: Removers, keys: frozenset[str], natural: Container[str]) -> None:
        self._removers = removers
        self._keys = keys
        self._natural = natural
        self.alive: dict[str, Made] = {}
        self.left: list[str] = []
        self._homes: dict[str, str] = {}
        self._pending: dict[str, Made] = {}
        self._revision = self._named = 0

    def note(self, session: Session, step: Stepped) -> None:
        """Take in what a call made and removed. The call is the last one of its run."""
        gone = self._of_reference(session, step)
        names = session.names
        for number in range(self._named, len(names)):
            triple = names[number]
            if triple.is_key and str(triple.a) in self._pending:
                self._keep(self._pending.pop(str(triple.a)), triple.t)
        self._named = len(names)
        if not is_good(step.t) or step.sent.method in SAFE:
            return
        for made in [m for m in self.alive.values() if (m.collection, m.a) in gone]:
            del self.alive[made.place]
        self._unexpected(session, step)

    def waits(self, session: Session) -> bool:
        """Whether the last call made a record whose key was not told, and that could be removed."""
        last = len(session.steps) - 1
        return any(
            made.step == last and self._removers.of(made.collection) is not None
            for made in self._pending.values()
        )

    def would_keep(self, session: Session, found: Effect) -> bool:
        """Whether a call would make a record of the run one that cannot be removed any more."""
        changed = {(c.collection, c.key) for c in found.changes if None not in (c.before, c.after)}
        for made in self.alive.values():
            way = self._removers.of(made.collection)
            if way is not None and (made.collection, made.a) in changed:
                way = bound(way, made.sent)
                if self._removers.removed(session, way, found, made.a) is None:
                    return True
        return False

    def _of_reference(self, session: Session, step: Stepped) -> set[tuple[str, str]]:
        """Collections and keys of what the call removed; what it made is waited for."""
        gone: set[tuple[str, str]] = set()
        for entry in session.a.log.since(self._revision) or ():
            for change in entry.changes or ():
                if change.after is None:
                    gone.add((change.collection, change.key))
                    self._pending.pop(own_part(change.key), None)
                elif change.before is None and is_good(step.t):
                    self._made(session, step, (change.collection, change.key))
        self._revision = session.a.log.head.revision
        return gone

    def _made(self, session: Session, step: Stepped, record: tuple[str, str]) -> None:
        if BESIDE in record[0]:
            return
        made = Made(*record, None, step.sent, len(session.steps) - 1)
        self._homes.setdefault(step.sent.operation, made.collection)
        own = own_part(record[1])
        known = session.names.find(own)
        if known is not None and session.names[known].is_key:
            self._keep(made, session.names[known].t)  # a key that was used before
        elif own in self._natural:
            self._keep(made, own)
        elif own in session.a.issued:
            self._pending[own] = made

    def _keep(self, made: Made, t: Any) -> None:
        made.t = t
        self.alive.setdefault(made.place, made)

    def _unexpected(self, session: Session, step: Stepped) -> None:
        """What a server made that should have refused, or have changed something that is there.

        With any other status than 201 the key may be that of a record that was there before.
        """
        home, last = self._homes.get(step.sent.operation), len(session.steps) - 1
        if home is None or not isinstance(step.t, Answered) or step.t.status != CREATED:
            return
        key = _told_key(step.t, self._keys)
        if key is not None and session.names.of_server(key) is None:
            made = Made(home, "", key, step.sent, last)
            self.alive.setdefault(made.place, made)
            self._pending = {k: made for k, made in self._pending.items() if made.step != last}

    def tell(self, sent: Sent, answer: Outcome) -> None:
        """Tell of a record that a call made, and that is not remembered."""
        if isinstance(answer, Answered) and answer.status == CREATED:
            key = _told_key(answer, self._keys)
            self.left.append(f"{key or 'one'}, made by {sent.operation}")

    def clean(self, session: Session) -> None:
        """Remove what a run made, the last first."""
        try:
            for made in list(reversed(self.alive.values())):
                if made.place in self.alive and self._removers.of(made.collection) is not None:
                    self._remove(session, made)
        finally:
            self._tell()
            self.forget()

    def _tell(self) -> None:
        """Tell what was not removed."""
        for made in self.alive.values():
            self.left.append(f"{made.collection.partition('/')[2]} {made.t}")
        for made in self._pending.values():
            if self._removers.of(made.collection) is not None:
                name = made.collection.partition("/")[2]
                self.left.append(f"{name}: one made by {made.sent.operation}, which told no key")

    def forget(self) -> None:
        """Begin with another run."""
        self.alive.clear()
        self._pending.clear()
        self._revision = self._named = 0

    def _remove(self, session: Session, made: Made) -> None:
        way = self._removers.of(made.collection)
        if way is None:
            return
        way = bound(way, made.sent)
        names, setting = session.names, session.setting
        message = setting.writer.message(
            way, lambda key: made.t if key == NEW else names.for_t(key)
        )
        setting.target.send(with_headers(message, setting.headers, way.caller))
        try:
            outcome = setting.target.receive()
        except Busy:
            return
        gone = isinstance(outcome, Answered) and outcome.status in GONE
        if not is_good(outcome) and not gone:
            return
        del self.alive[made.place]
        if made.a:
            for_a = setting.writer.message(
                way, lambda key: own_part(made.a) if key == NEW else names.for_a(key)
            )
            setting.first.apply(for_a, session.a, setting.target.base_url)
            self._drop_parts(session)

    def _drop_parts(self, session: Session) -> None:
        """Forget what went with a record that was removed."""
        head = session.a.log.head
        for made in list(self.alive.values()):
            known = made.a in head.collection(made.collection).records
            has_way = self._removers.of(made.collection) is not None
            if not known and not has_way and made.a:
                del self.alive[made.place]
        for own, made in list(self._pending.items()):
            if made.a not in head.collection(made.collection).records:
                del self._pending[own]


def _told_key(answer: Answered, keys: frozenset[str]) -> Any:
    """The key of what an answer says was made: its body's, or the end of its Location."""
    if is_json(answer.media_type):
        try:
            value = orjson.loads(answer.body)
        except orjson.JSONDecodeError:
            return None
        found = key_of(value, keys) if isinstance(value, dict) else None
        return found if isinstance(found, str | int) and not isinstance(found, bool) else None
    location = answer.header("location")
    return location.rstrip("/").rpartition("/")[2] if location else None
