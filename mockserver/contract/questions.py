"""Questions that one record answers: searches and filters in the values of a record, or near."""

from __future__ import annotations

import random
import unicodedata
from collections import Counter, deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from mockserver.contract.contents import Contents
from mockserver.contract.odds import likely
from mockserver.contract.pools import Pools, plain
from mockserver.contract.resolving import Resolving
from mockserver.contract.values import Key

DEPTH = 10
"""Objects inside of objects past which nothing is asked."""

MISSES = (0.0, 0.0, 0.35)
"""How often a value is that of another record, in a question."""

ALONE = 3
"""Members that two objects share before one stands for the other."""

ELSEWHERE = 0.15
"""How often a list has what the record has under other names."""

MOST = 120
"""Schemas looked at for one question."""

LONG = 60
"""Letters past which only a part of a text is asked for."""

FOLDED = 0.75
"""How often a text with letters that fold in more than one way is asked for in other letters."""

LATE = 6
"""Records of which one is asked for: those that were seen last."""

NOTHING = object()

MOST_KNOWN = 100
"""Records of which it is remembered what is in them."""

Scope = tuple[Contents, Contents]
"""What is looked at of a record, and of another one."""


class Questions:
    """Draws values of schemas that ask for a record that was seen."""

    def __init__(self, schemas: Resolving, pools: Pools, choice: random.Random) -> None:
        self._schemas = schemas
        self._pools = pools
        self._choice = choice
        self._contents: dict[int, Contents] = {}
        self._same: dict[int, tuple[Any, frozenset[str]]] = {}
        self._other: Any = None
        self._misses = 0.0
        self._left = MOST
        self._marks: set[str] = set()
        self._drawn: Counter[tuple[int, str]] = Counter()
        self.reworded: deque[str] = deque(maxlen=LATE)

    def begin(self, focus: list[Any] | None = None) -> Any | None:
        """A record to ask for, one of those in ``focus`` where they were seen; None without any."""
        choice = self._choice
        records = [r for r in self._pools.records if "id" in r and len(r) > ALONE]
        if not records:
            return None
        near = [r for r in records if focus and r["id"] in focus]
        self._other = choice.choice(records)
        self._misses = choice.choice(MISSES)
        self._left = MOST
        self._marks = set()
        late = near[-LATE:] if near and likely(choice, 0.6) else records[-LATE:]
        return choice.choice(late)

    def body(self, schema: Any, record: Any) -> Any | None:
        """A body that asks for a record; None where nothing in the schema is like the record."""
        found = self._value(schema, "", self._scope(record), 0)
        return None if found is NOTHING else found

    def parameter(self, schema: Any, name: str, record: Any) -> Any | None:
        """A value of a parameter that asks for a record; None where the record has none."""
        found = self._named(schema, name, self._scope(record), 0)
        return None if found is NOTHING else found

    def _scope(self, record: Any) -> Scope:
        """The record, and the other one, with what was found in them before."""
        return self._contents_of(record), self._contents_of(self._other)

    def _contents_of(self, record: Any) -> Contents:
        known = self._contents.get(id(record))
        if known is None:
            if len(self._contents) >= MOST_KNOWN:
                self._contents.clear()
            known = self._contents[id(record)] = Contents(record)  # which keeps the record
        return known

    def _value(self, schema: Any, name: str, scope: Scope, depth: int) -> Any:
        schema = self._schemas.resolved(schema)
        self._left -= 1
        if depth > DEPTH or self._left < 0:
            return NOTHING
        some = schema.get("oneOf") or schema.get("anyOf")
        if some:
            return self._value(self._choice.choice(some), name, scope, depth)
        if schema.get("enum"):
            return self._chosen(schema["enum"], scope)
        kind = schema.get("type")
        if kind == "object" or "properties" in schema:
            return self._object(schema, scope, depth)
        if kind == "array":
            return self._array(schema, name, scope, depth)
        return self._scalar(kind, schema, name, scope)

    def _scalar(self, kind: Any, schema: Mapping[str, Any], name: str, scope: Scope) -> Any:
        if kind == "boolean":
            return likely(self._choice, 0.5)
        if kind in {"integer", "number"}:
            numbers = self._side(scope).numbers
            return self._choice.choice(numbers) if numbers else NOTHING
        return self._text(schema, name, scope)

    def _chosen(self, allowed: list[Any], scope: Scope) -> Any:
        """What the record has of the values that are allowed, or any of a few."""
        found = [value for value in self._side(scope).scalars if value in allowed]
        if found and likely(self._choice, 0.8):
            return self._choice.choice(found)
        return self._choice.choice(allowed)

    def _object(self, schema: Mapping[str, Any], scope: Scope, depth: int) -> Any:
        required = set(schema.get("required", ()))
        if len(required) >= ALONE:
            return self._like(required, scope)
        described = schema.get("properties", {})
        self._marks |= self._marked(described)
        optional = [n for n in described if n not in required and n not in self._marks]
        count = self._choice.choice((1, 1, 2, 2, 3))
        made: dict[str, Any] = {}
        for name in self._in_turn(described, optional):
            switch = self._schemas.resolved(described[name]).get("type") == "boolean"
            if switch and likely(self._choice, 0.3):
                self._put(made, name, described[name], scope, depth)
            elif not switch and count:
                self._drawn[id(described), name] += 1
                count -= self._put(made, name, described[name], scope, depth)
        for name in (name for name in described if name in required):
            if not self._put(made, name, described[name], scope, depth):
                return NOTHING
        return made or NOTHING

    def _in_turn(self, described: Mapping[str, Any], names: list[str]) -> list[str]:
        """The members of an object in an order of chance, those first that were drawn least."""
        mixed = self._choice.sample(names, len(names))
        return sorted(mixed, key=lambda name: self._drawn[id(described), name])

    def _marked(self, described: Mapping[str, Any]) -> frozenset[str]:
        """The members that objects have just as those in them: they say nothing of a record."""
        known = self._same.get(id(described)) if described else (described, frozenset())
        if known is None:
            found: set[str] = set()
            for each in described.values():
                inner = self._schemas.resolved(each).get("properties", {})
                if inner != described:
                    found |= {name for name in inner if described.get(name) == inner[name]}
            known = self._same[id(described)] = (described, frozenset(found))
        return known[1]

    def _like(self, required: set[str], scope: Scope) -> Any:
        """A record that has most of what an object must have: one that was seen is taken whole."""
        for side in self._sides(scope):
            record = side.value
            if isinstance(record, dict) and len(required & set(record)) >= ALONE:
                return record
        return NOTHING

    def _put(self, made: dict[str, Any], name: str, schema: Any, scope: Scope, depth: int) -> bool:
        value = self._named(schema, name, scope, depth + 1)
        if value is not NOTHING:
            made[name] = value
        return value is not NOTHING

    def _named(self, schema: Any, name: str, scope: Scope, depth: int) -> Any:
        """A value of what a record has under a name, or else of all that it has."""
        if self._is_list_of_objects(schema):
            return self._value(schema, name, scope, depth)
        narrow = _scoped(name, scope)
        listed = self._schemas.resolved(schema).get("type") == "array"
        if listed and narrow is scope and not likely(self._choice, ELSEWHERE):
            return NOTHING  # the record has none of these
        value = self._value(schema, name, narrow, depth)
        if value is not NOTHING or narrow is scope or listed:
            return value
        return self._value(schema, name, scope, depth)

    def _is_list_of_objects(self, schema: Any) -> bool:
        """Whether a member only holds together what is asked, and is none of a record's."""
        items = self._schemas.resolved(self._schemas.resolved(schema).get("items", {}))
        return items.get("type") == "object" or "properties" in items

    def _array(self, schema: Mapping[str, Any], name: str, scope: Scope, depth: int) -> Any:
        size = self._choice.choice((1, 1, 1, 2, 2, 2, 3)) if likely(self._choice, 0.94) else 0
        items = [self._value(schema.get("items", {}), name, scope, depth + 1) for _ in range(size)]
        found = [item for item in items if item is not NOTHING]
        return found if found or not size else NOTHING

    def _text(self, schema: Mapping[str, Any], name: str, scope: Scope) -> Any:
        form = schema.get("format", "")
        side = self._side(scope)
        if form in {"date-time", "date"}:
            return self._moment(side.moments) if side.moments else NOTHING
        if form == "uuid" or plain(name) in {"id", "identifier"}:
            return self._choice.choice(side.keys) if side.keys else NOTHING
        words, free = side.words, side.free
        late = [v for v in words if v in self.reworded]
        if late and likely(self._choice, 0.6):
            free = late
        return part(self._choice.choice(free or words), self._choice) if words else NOTHING

    def _moment(self, moments: list[Any]) -> Any:
        """A moment of the record, or one that is as near as can be."""
        found = self._choice.choice(moments)
        if isinstance(found, Key) or likely(self._choice, 0.6):
            return found
        try:
            read = datetime.fromisoformat(found)
        except ValueError:
            return found
        step = timedelta(milliseconds=self._choice.choice((-1, 1)))
        return (read + step).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _sides(self, scope: Scope) -> Scope:
        """The record and another one, now and then the other one first."""
        return (scope[1], scope[0]) if likely(self._choice, self._misses) else scope

    def _side(self, scope: Scope) -> Contents:
        return self._sides(scope)[0]


def part(text: str, choice: random.Random) -> str:
    """A text as it is asked for: all of it, its end or beginning, or in other letters."""
    found = text
    if len(text) > LONG or likely(choice, 0.4):
        found = choice.choice(PARTS)(text)
    if likely(choice, 0.35 if found.isascii() else FOLDED):
        others = [other for each in LETTERS if (other := each(found)) not in {found, ""}]
        found = choice.choice(others) if others else found
    return found or text


PARTS: tuple[Callable[[str], str], ...] = (
    lambda text: text[-6:].strip() or text,
    lambda text: (text.split() or [text])[-1][-LONG:],
    lambda text: (text.split() or [text])[0][:LONG],
    lambda text: text[:6].strip() or text,
)

LETTERS: tuple[Callable[[str], str], ...] = (
    str.upper,
    str.lower,
    str.casefold,
    str.swapcase,
    lambda text: unicodedata.normalize("NFD", text),
    lambda text: unicodedata.normalize("NFC", text),
    lambda text: text.translate({0x130: "i", 0x131: "i", 0xDF: "ss", 0x3C2: "σ"}),
    lambda text: text[: len(text) // 2] + text[len(text) // 2 + 1 :],  # a letter was forgotten
    lambda text: text.replace("e", "a", 1),
)


def _scoped(name: str, scope: Scope) -> Scope:
    """What records have under a name, or near it; all of them where there is no such member."""
    record, other = scope
    inner = record.under(name)
    return (inner, other.under(name)) if inner.value else scope
