"""Questions of which each part matters: without it the reference would answer otherwise.

A server that does not heed such a part, alone or beside another one, shows it in its answer.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations
from random import Random
from typing import Any

from mockserver.contract.calls import keys_in
from mockserver.contract.mixing import Mixing
from mockserver.contract.odds import likely
from mockserver.contract.pools import INSTANT, with_leaf
from mockserver.contract.session import Session
from mockserver.contract.values import Answered, Json, Key, Sent
from mockserver.contract.variations import at, without
from mockserver.state.store import Snapshot

PARTS = 6
"""Parts of one question of which it is seen whether they matter."""

ENOUGH = 2.0
"""What a question may tell past which no other one is looked at."""

AGAIN = 0.25
"""What it is worth to tell something once more, to what it was worth the last time."""

SHALLOW = 6
"""Steps down to the parts of what is told, past which each step makes it worth less."""

DEEPER = 0.5

CROSSED = 3
"""Questions made of two that are known, where those that were drawn tell too little."""

LOOKED_AT = 24
"""Pairs of parts of which the one that was told least is asked for."""

KEPT = 3
"""Questions kept of each part that mattered in them."""

SLOWLY = 0.5
"""How much of what an operation told on the average stays with each question."""

ECHOED = 0.1
"""What a question is worth whose answer is the same where there are no records at all."""

MORE_BYTES = 24
"""Bytes that an answer has at least that found something, past one that did not."""

ITEM, MORE = "#", "#+"
NUDGED = "±"

Part = tuple[str, ...]
Path = tuple[Any, ...]
Place = tuple[Part, Path]


class Telling:
    """Chooses questions that tell something that others of one operation did not tell yet.

    ``latest`` is how much the latest one tells.
    """

    def __init__(self, choice: Random) -> None:
        self._choice = choice
        self._told: Counter[tuple[str, frozenset[Part]]] = Counter()
        self._known: dict[str, dict[Part, deque[Sent]]] = defaultdict(dict)
        self._yields: dict[str, float] = {}
        self._mixing = Mixing()
        self.latest = 0.0

    def worth(self, operation: str) -> float:
        """How much was new in what the last questions of an operation told; 1 at first."""
        return self._yields.get(operation, 1.0)

    def best(self, session: Session, questions: list[Sent]) -> Sent:
        """The question that tells most; the first one where none tells anything."""
        best, most, told = questions[0], 0.0, set[frozenset[Part]]()
        crossings = self._crossings(best.operation)
        for sent in itertools.chain(itertools.islice(crossings, 1), questions, crossings):
            groups = self._groups(session, sent)
            worth = sum(self._news(sent.operation, group) for group in groups)
            if worth > most:
                best, most, told = sent, worth, groups
            if most > ENOUGH:
                break
        operation, self.latest = best.operation, most
        self._told.update((operation, group) for group in told)
        new = min(most, 1.0) * (1.0 if self._heeds(session, best) else ECHOED)
        self._yields[operation] = SLOWLY * self.worth(operation) + (1 - SLOWLY) * new
        return best

    def _heeds(self, session: Session, sent: Sent) -> bool:
        """Whether the answer says something of what is there."""
        return _answer(session, sent, Snapshot()) != _answer(session, sent)

    def _news(self, operation: str, group: frozenset[Part]) -> float:
        """What it is worth to tell something: 1 at most, less each time, and deep down."""
        times, depth = self._told[operation, group], sum(map(len, group))
        return AGAIN**times * DEEPER ** max(depth - SHALLOW, 0)

    def _groups(self, session: Session, sent: Sent) -> set[frozenset[Part]]:
        """What a question tells: parts that matter, and how the items it finds differ."""
        answer = _answer(session, sent)
        if answer is None:
            return set()
        parts = self._parts(session, sent, answer)
        mixed = self._mixing.of(sent.operation, answer) if parts else ()
        return _groups(parts) | {frozenset((mix,)) for mix in mixed}

    def _parts(self, session: Session, sent: Sent, answer: bytes) -> list[Part]:
        """The parts that matter of a question that works."""
        changed = list(_changed(sent, self._choice))
        found = []
        for part, path, other in self._choice.sample(changed, min(PARTS, len(changed))):
            told = _answer(session, other)
            matters = told is not None and told != answer
            if matters:
                found.append(part)
            if matters or part not in self._known[sent.operation]:
                self._keep(session, sent, (part, path), matters=matters)
        return found

    def _keep(self, session: Session, sent: Sent, place: Place, *, matters: bool) -> None:
        """Keep a question in which a part mattered: that part alone, if it matters alone."""
        part, path = place
        times = self._told[sent.operation, frozenset((part,))]
        if any(True for _ in keys_in(sent)) or not likely(self._choice, 1 / (1 + times)):
            return
        alone = _alone(session, sent, path) if path else None
        kept = alone or (sent if matters else None)
        if kept is not None and self._finds(session, kept):
            known = self._known[sent.operation].setdefault(part, deque(maxlen=KEPT))
            if kept not in known:
                known.append(kept)

    def _finds(self, session: Session, sent: Sent) -> bool:
        """Whether the answer holds something: it is more than where there are no records at all."""
        nothing = _answer(session, sent, Snapshot())
        found = _answer(session, sent) or b""
        return nothing is None or len(found) > len(nothing) + MORE_BYTES

    def _crossings(self, operation: str) -> Iterator[Sent]:
        """Questions that ask at once for what two known ones ask for, the least told together."""
        known = self._known[operation]
        for _ in range(CROSSED if len(known) > 1 else 0):
            pairs = [self._pair(known) for _ in range(LOOKED_AT)]
            apart = [pair for pair in pairs if _are_apart(*(part for part, _ in pair))]
            if apart:
                news = [self._news(operation, frozenset(part for part, _ in p)) for p in apart]
                (_, one), (_, other) = apart[news.index(max(news))]
                yield _crossed(one, other, merged=likely(self._choice, 0.7))

    def _pair(self, known: dict[Part, deque[Sent]]) -> list[tuple[Part, Sent]]:
        """Two known questions with the part that matters in each; of one part as two items."""
        one, other = self._choice.choices(list(known), k=2)
        first, second = self._choice.choice(known[one]), self._choice.choice(known[other])
        if one == other and first != second:
            other = _as_more(other)
        return [(one, first), (other, second)]


def _alone(session: Session, sent: Sent, path: Path) -> Sent | None:
    """The question with nothing but one part in its body; None where that does not matter then."""
    if not isinstance(sent.body, Json):
        return None
    body = _only(sent.body.value, path)
    rest = without(body, tuple(0 if isinstance(step, int) else step for step in path))
    alone = replace(sent, body=Json(body))
    answer = _answer(session, alone)
    told = answer is not None and answer != _answer(session, replace(sent, body=Json(rest)))
    return alone if told else None


def _answer(session: Session, sent: Sent, state: Snapshot | None = None) -> bytes | None:
    """What the reference says to a question; None where it refuses, or would do something."""
    try:
        foreseen = session.outlook(sent, state)
    except KeyError:
        return None
    answer = foreseen.answer
    told = foreseen.good and not foreseen.writes and isinstance(answer, Answered)
    return answer.body if told and isinstance(answer, Answered) else None


def _are_apart(one: Part, other: Part) -> bool:
    """Whether none of two parts is within the other."""
    return one != other[: len(one)] and other != one[: len(other)]


def _groups(parts: Iterable[Part]) -> set[frozenset[Part]]:
    """Each part alone, and each two of which none is within the other."""
    alone = list(dict.fromkeys(parts))
    pairs = (frozenset(pair) for pair in combinations(alone, 2) if _are_apart(*pair))
    return {*(frozenset((part,)) for part in alone), *pairs}


def _changed(sent: Sent, choice: Random) -> Iterator[tuple[Part, Path, Sent]]:
    """The question without each of its parts, and with values that are nearly the same."""
    for index, (name, value) in enumerate(sent.query):
        rest = (*sent.query[:index], *sent.query[index + 1 :])
        yield ("?", name), (), replace(sent, query=rest)
        near = _nudged(value, choice)
        if near is not None:
            yield ("?", name, NUDGED), (), replace(sent, query=(*rest, (name, near)))
    body = sent.body.value if isinstance(sent.body, Json) else None
    for path in _places(body):
        part = _part(path)
        yield part, path, replace(sent, body=Json(without(body, path)))
        near = _nudged(at(body, path), choice)
        if near is not None:
            changed = Json(with_leaf(body, path, near))
            yield (*part, NUDGED), path, replace(sent, body=changed)


def _part(path: Path) -> Part:
    """What a place is called: each name once, wherever it is nested, and whether it is an item."""
    names = dict.fromkeys(step for step in path if isinstance(step, str))
    if isinstance(path[-1], str):
        return tuple(names)
    return (*names, MORE if path[-1] else ITEM)


def _as_more(part: Part) -> Part:
    """An item as a later one of its list."""
    return (*part[:-1], MORE) if part[-1] == ITEM else part


def _places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Where members and items stand, but not inside of whole records: those are only named."""
    inner: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict) and "id" not in value:
        inner = ((name, item) for name, item in value.items() if isinstance(name, str))
    elif isinstance(value, list):
        inner = enumerate(value)
    for step, item in inner:
        yield (*path, step)
        yield from _places(item, (*path, step))


def _nudged(value: Any, choice: Random) -> Any:
    """A number or a moment next to another; None where there is none."""
    sign = choice.choice((-1, 1))
    if isinstance(value, int) and not isinstance(value, bool):
        return value + sign
    if not isinstance(value, str) or isinstance(value, Key) or not INSTANT.match(value):
        return None
    try:
        moment = datetime.fromisoformat(value) + timedelta(milliseconds=sign)
    except (ValueError, OverflowError):
        return None
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _only(value: Any, path: Path) -> Any:
    """A value with nothing in it but what stands at a place."""
    if not path:
        return value
    inner = _only(value[path[0]], path[1:])
    return {path[0]: inner} if isinstance(value, dict) else [inner]


def _crossed(one: Sent, other: Sent, *, merged: bool) -> Sent:
    """What two questions of one operation ask for, asked for at once."""
    given = {name for name, _ in one.query}
    query = (*one.query, *(pair for pair in other.query if pair[0] not in given))
    if not isinstance(one.body, Json) or not isinstance(other.body, Json):
        return replace(one, query=query)
    return replace(one, query=query, body=Json(_both(one.body.value, other.body.value, merged)))


def _both(one: Any, other: Any, merged: bool) -> Any:  # noqa: FBT001 - told by lot
    """The members of two objects; lists have the items of both, or the first ones as one."""
    if isinstance(one, dict) and isinstance(other, dict):
        shared = {name: _both(one[name], other[name], merged) for name in one if name in other}
        return {**other, **one, **shared} if "id" not in one else one
    if isinstance(one, list) and isinstance(other, list) and one and other:
        if merged and isinstance(one[0], dict) and isinstance(other[0], dict):
            return [_both(one[0], other[0], merged), *one[1:]]
        return [*one, *other]
    return one
