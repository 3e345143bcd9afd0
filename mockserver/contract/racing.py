"""The phase in which calls are made at once: pairs of writes about the same record."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from mockserver.contract.branches import at_once
from mockserver.contract.calls import keys_in
from mockserver.contract.drawing import Drawing
from mockserver.contract.effects import writing
from mockserver.contract.odds import likely
from mockserver.contract.pools import leaves
from mockserver.contract.session import Run, Session, is_success
from mockserver.contract.values import Answered, Json, Key, Outcome, Sent
from mockserver.engine.spec import Operation
from mockserver.engine.templates import template_names

RACES = 4
"""Races in one round; fewer in the first one, because others find more in a short time."""

TRIES = 5
"""Calls drawn to find one that changes the same record as another."""

IDLE = 2
"""Times that no call was found which changes something, after which an operation rarely races."""

READS = 4
"""Reads after a race."""

NAMED = 12
"""Keys that calls name, of whose records it is seen whether the calls change them."""

SAFE = frozenset(("GET", "HEAD", "OPTIONS"))

Touched = frozenset[tuple[str, str]]
"""Collections and keys of the records that a call changes."""


class Racing:
    """Draws races, each pair of operations in its turn."""

    def __init__(self, run: Run, drawing: Drawing) -> None:
        self._run = run
        self._drawing = drawing
        self._choice = drawing.choice
        operations = drawing.operations.values()
        self._writers = [o for o in operations if o.method not in SAFE]
        safe = [o for o in operations if o.method == "GET"]
        self._items = [o for o in safe if len(template_names(o.path)) == 1]
        self._lists = [o for o in safe if not template_names(o.path)]
        self._used: Counter[tuple[str, str]] = Counter()
        self._rounds = 0
        self._known: set[str] = set()
        self._idle: Counter[str] = Counter()

    def go(self) -> None:
        """Run a few races, each from a fresh state."""
        if self._run.setting.gentle is not None:
            return
        self._run.phase = "calls at once"
        self._rounds += 1
        for _ in range(min(2 + self._rounds, RACES) if self._writers else 0):
            race = self._drawn()
            if race is None:
                continue
            prefix, sent = race
            one_by_one = [replace(each, why="one by one") for each in sent.inner]
            for calls in (one_by_one, [sent]):
                self._run.fresh()
                if any(self._run.do(each, sweep=False) for each in (*prefix, *calls)):
                    break  # what is wrong one by one is no race

    def _drawn(self) -> tuple[list[Sent], Sent] | None:
        """What comes before a race, and the race: two or three branches that conflict."""
        self._run.fresh()
        session = self._run.session
        if not self._settle(session):
            return None
        prefix = [step.sent for step in session.steps]
        calls = self._conflicting(session)
        if calls is None:
            return None
        pair = calls[0].operation, calls[1].operation
        branches = [[call] for call in calls]
        if likely(self._choice, 0.2):
            branches.append([self._choice.choice(calls)])
        if likely(self._choice, 0.2):
            more = self._writing(session, self._choice.choice(pair))
            if more is not None:
                self._choice.choice(branches).append(more[0])
        sents = list(itertools.chain(*branches))
        return prefix, at_once(branches, list(self._reads(session, sents)))

    def _settle(self, session: Session) -> bool:
        """Look at one record, or make one, and at no other: then all calls are about it."""
        pools = self._drawing.pools
        creators = self._drawing.making()
        if creators and likely(self._choice, 0.4):
            sent = self._drawing.draw(self._choice.choice(creators), session)
            pools.clear()
            return not self._run.do(sent, sweep=False)
        for operation in self._choice.sample(self._lists, min(2, len(self._lists))):
            if self._run.do(self._drawing.filled(operation.id, None), sweep=False):
                return False
        subject = pools.subject(self._choice)
        reads = [] if subject is None else list(self._about([subject]))
        good = [read for read in reads if is_success(session.foresee(read).answer)]
        pools.clear()
        return not any(self._run.do(read, sweep=False) for read in good[:2])

    def _conflicting(self, session: Session) -> list[Sent] | None:
        """Two calls about the same record, of the pair of operations that raced least."""
        found: dict[str, tuple[Sent, Touched] | None] = {}
        left = self._pairs()
        for _ in range(min(TRIES, len(left))):
            pair = self._choice.choices(left, [self._hope(pair) for pair in left])[0]
            left.remove(pair)
            for name in pair:
                if name not in found:
                    found[name] = self._writing(session, name)
            first, second = (found[name] for name in pair)
            if first and second and first[1] & second[1]:
                self._used[pair] += 1
                return [first[0], self._again(session, first) if pair[0] == pair[1] else second[0]]
        return None

    def _again(self, session: Session, first: tuple[Sent, Touched]) -> Sent:
        """The same call, or another one of the same operation about the same record."""
        if likely(self._choice, 0.3):
            other = self._writing(session, first[0].operation)
            if other is not None and other[1] & first[1]:
                return other[0]
        return first[0]

    def _pairs(self) -> list[tuple[str, str]]:
        """Operations that write, or may, each with itself and with each other one."""
        names = sorted(operation.id for operation in self._writers)
        return list(itertools.combinations_with_replacement(names, 2))

    def _hope(self, pair: tuple[str, str]) -> float:
        """How likely a pair is to show something: operations that write, and did not race yet."""
        known = sum(name in self._known or self._drawing.writers[name] > 0 for name in pair)
        idle = sum(self._idle[name] >= IDLE and name not in self._known for name in pair)
        hope = float((1 + 2 * known) ** 2 * (6 if pair[0] == pair[1] else 1))
        return hope / (1 + self._used[pair]) ** 3 * (0.01 if idle else 1.0)

    def _writing(self, session: Session, operation: str) -> tuple[Sent, Touched] | None:
        """A call that changes something, and what."""
        for _ in range(TRIES):
            sent = replace(self._drawing.draw(operation, session), caller=self._drawing.caller)
            touched = self._touched(session, sent)
            if touched:
                self._known.add(operation)
                return sent, touched
        self._idle[operation] += 1
        return None

    def _touched(self, session: Session, sent: Sent) -> Touched:
        found = writing(sent, session)
        return frozenset((c.collection, c.key) for c in found.changes) if found else frozenset()

    def _reads(self, session: Session, sents: Sequence[Sent]) -> Iterator[Sent]:
        """Reads whose answers the calls change, as far as the reference can tell."""
        setting, origin = self._run.setting, self._run.setting.target.base_url
        after = setting.first.fork(session.a)
        for sent in sents:
            message = setting.writer.message(sent, session.names.for_a)
            setting.first.apply(message, after, origin)
        lists = [self._plain(o) for o in self._lists if o.stream is None]
        self._choice.shuffle(lists)
        found = 0
        for sent in (*self._about(named(sents)), *lists):
            message = setting.writer.message(sent, session.names.for_a)
            before = session.foresee(sent).answer
            if found < READS and _told(setting.first.apply(message, after, origin)) != _told(
                before
            ):
                found += 1
                yield sent

    def _about(self, values: Sequence[Any]) -> Iterator[Sent]:
        """Reads of records."""
        for value, operation in itertools.product(values, self._items):
            name = template_names(operation.path)[0]
            yield replace(self._plain(operation), path_parameters={name: value})

    def _plain(self, operation: Operation) -> Sent:
        """A read without what need not be asked."""
        self._drawing.begin(operation.id)
        taken = self._drawing.taken[operation.id] or self._drawing.templates[operation.id]
        optional = {p.name for p in operation.parameters if not p.required}
        query = tuple(pair for pair in taken[0].query if pair[0] not in optional)
        return replace(taken[0], query=query, headers=(), caller=self._drawing.caller)


def named(sents: Sequence[Sent]) -> list[Any]:
    """What calls name: keys, path parameters, and identifiers in bodies."""
    values: list[Any] = []
    for sent in sents:
        values += [*keys_in(sent), *sent.path_parameters.values()]
        if isinstance(sent.body, Json):
            values += [leaf for path, leaf in leaves(sent.body.value) if path[-1:] == ("id",)]
    named = (value for value in values if isinstance(value, Key | str | int))
    return list(dict.fromkeys(named))[:NAMED]


def _told(outcome: Outcome) -> Any:
    return (outcome.status, outcome.body) if isinstance(outcome, Answered) else None
