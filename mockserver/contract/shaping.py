"""Values drawn from schemas: of what was seen, small, and now and then at a boundary."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from mockserver.contract.calls import NOWHERE
from mockserver.contract.odds import likely
from mockserver.contract.pools import Pools, leaves, mutated, scalars
from mockserver.contract.resolving import Resolving
from mockserver.contract.texts import HARD, matching, text

DEPTH = 6
"""Objects inside of objects past which only what is required is drawn."""

SMALLER = 0.7
"""How much seldomer an optional member is drawn with each step inwards."""

JOLTED = 3
"""Texts of a value that are exchanged, about."""

GENTLY, BOLDLY = (0, 1, 1, 1, 2, 3, 5), (1, 2, 3, 4, 6)
"""How many members of a record are changed, and how many of what is made anew."""

UNSEEN = 0.25
"""How often a text that has a pattern is a new one."""

LONGEST = 60
"""Letters of such a text at most, where its schema does not say."""

MANY = 20
"""Identifiers in a record that are looked at."""

KINDS = frozenset(("string", "integer", "number", "boolean", "object", "array", "null"))

Named = Callable[[str, Any], Any]
"""A value that may name a record, for a member; the second is what to take without any."""


@dataclass(frozen=True, slots=True)
class About:
    """What a call is about: what may name a record, the keys preferred, how often seen words."""

    named: Named
    focus: Collection[Any] = ()
    seen: float = 0.4


class Missing(Exception):
    """No value of a schema can be drawn."""


class Shaping:
    """Draws values of the schemas of one description."""

    def __init__(self, schemas: Resolving, pools: Pools, choice: random.Random) -> None:
        self._schemas = schemas
        self._pools = pools
        self._choice = choice
        self._about = About(lambda _, value: value)
        self._local: list[Any] = []
        self._bold = False
        self._optional = 0.3
        self._echoes = 0.6

    def anew(self, schema: Any, about: About) -> Any:
        """A value of a schema, as far as that is easily told; the reference judges it."""
        self._begin(about)
        return self._value(schema, "", 0)

    def echoed(self, schema: Any, about: About) -> Any:
        """A record that was read, a few of its members changed; None where there is none."""
        self._begin(about)
        schema = self._schemas.merged(schema)
        record = self._record(schema)
        if record is None:
            return None
        self._local = [leaf for path, leaf in leaves(record) if path[-1:] == ("id",)][:MANY]
        return self._changed(record, schema, 0)

    def varied(self, value: dict[str, Any], schema: Any, about: About) -> Any:
        """A value that was taken, a few of its members changed."""
        self._begin(about)
        schema = self._schemas.merged(schema)
        record = self._record(schema) if value.get("id") == NOWHERE else None
        if record is not None and "id" in record:
            value = {**value, "id": record["id"]}
        self._bold = True
        changed = self._changed(self._renamed(value, ""), schema, 0)
        count = sum(1 for _ in scalars(changed))
        return (
            self._jolted(changed, "", JOLTED / max(count, 1))
            if likely(self._choice, 0.6)
            else changed
        )

    def _begin(self, about: About) -> None:
        self._about = about
        self._local = []
        self._bold = False
        self._optional = self._choice.choice((0.0, 0.1, 0.3, 0.6))
        self._echoes = self._choice.choice((0.0, 0.6, 0.9))

    def _renamed(self, value: Any, name: str) -> Any:
        """A value with names of records where they were left open."""
        if isinstance(value, dict):
            if value.get("id") == NOWHERE and name and likely(self._choice, 0.7):
                known = self._pools.like(frozenset(), frozenset(value))
                if known:
                    return self._choice.choice(known)
            return {key: self._renamed(item, _label(name, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self._renamed(item, name) for item in value]
        return self._named(name, value) if value == NOWHERE else value

    def _jolted(self, value: Any, name: str, odds: float) -> Any:
        """A value with other texts, and longer lists, here and there; not all of it is allowed."""
        choice = self._choice
        if isinstance(value, dict):
            return {key: self._jolted(item, key, odds) for key, item in value.items()}
        if isinstance(value, list):
            items = [self._jolted(item, name, odds) for item in value]
            if items and likely(choice, 2 * odds):
                items *= choice.choice((2, 3, 12))
            return items
        if isinstance(value, str) and value != NOWHERE:
            free = not value.replace("-", "").replace("_", "").isalnum()  # prose more often
            if not likely(choice, 3 * odds if free else odds):
                return value
            if likely(choice, 0.6):
                return choice.choice(HARD)
            return text(self._pools, name, choice, self._about.seen)
        return value

    def _named(self, name: str, value: Any) -> Any:
        """What may name a record: one that the record at hand speaks of, or any that was seen."""
        if self._local and likely(self._choice, 0.4):
            return self._choice.choice(self._local)
        return self._about.named(name, value)

    def member(self, schema: Any, name: str, about: About) -> Any:
        """A value of a parameter, or a member, of that name; None when there is none."""
        self._begin(about)
        try:
            return self._value(schema, name, 0)
        except Missing:
            return None

    def _value(self, schema: Any, name: str, depth: int) -> Any:
        choice = self._choice
        schema = self._schemas.merged(schema)
        for word in ("oneOf", "anyOf"):
            if schema.get(word):
                return self._value(choice.choice(schema[word]), name, depth)
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            seen = [v for v in self._pools.named(name) if v in schema["enum"]]
            return choice.choice(seen if seen and likely(choice, 0.5) else schema["enum"])
        kind = self._kind(schema)
        if kind == "object":
            return self._object(schema, name, depth)
        if kind == "array":
            return self._array(schema, name, depth)
        return self._scalar(kind, schema, name)

    def _kind(self, schema: Mapping[str, Any]) -> str:
        kinds = schema.get("type")
        if isinstance(kinds, list):
            some = [kind for kind in kinds if kind != "null"] or kinds
            kinds = self._choice.choice(some if likely(self._choice, 0.9) else kinds)
        if schema.get("nullable") and likely(self._choice, 0.08):
            return "null"
        if kinds in KINDS:
            return str(kinds)
        if "properties" in schema:
            return "object"
        return "array" if "items" in schema else "string"

    def _object(self, schema: Mapping[str, Any], name: str, depth: int) -> dict[str, Any]:
        if likely(self._choice, self._echoes):
            record = self._record(schema)
            if record is not None:
                return self._changed(record, schema, depth, name)
        described = schema.get("properties", {})
        required = set(schema.get("required", ()))
        made: dict[str, Any] = {}
        for member, inner in described.items():
            wanted = member in required
            if not wanted:
                odds = self._optional * SMALLER**depth if depth < DEPTH else 0.0
                wanted = likely(self._choice, odds) and not self._hidden(inner)
            if wanted:
                if depth > DEPTH * 3:
                    raise Missing
                made[member] = self._value(inner, _label(name, member), depth + 1)
        if not described and isinstance(schema.get("additionalProperties"), Mapping):
            for _ in range(self._choice.randint(0, 2)):
                inner = schema["additionalProperties"]
                key = text(self._pools, name, self._choice, self._about.seen)
                made[key] = self._value(inner, name, depth + 1)
        return made

    def _hidden(self, schema: Any) -> bool:
        """Whether a member says more about the API than about a record."""
        found = self._schemas.resolved(schema)
        return bool(found.get("readOnly")) and likely(self._choice, 0.8)

    def _record(self, schema: Mapping[str, Any]) -> dict[str, Any] | None:
        """A record that was read and has what an object must have, a late one."""
        required, described = self._schemas.names(schema)
        found = self._pools.like(required, described)
        if not found:
            return None
        focus = [record for record in found if record.get("id") in self._about.focus]
        if focus and likely(self._choice, 0.7):
            return self._choice.choice(focus)
        return found[max(self._choice.randrange(len(found)) for _ in range(2))]

    def _changed(
        self, record: dict[str, Any], schema: Mapping[str, Any], depth: int, name: str = ""
    ) -> dict[str, Any]:
        """A record with a few members changed, left out or put in."""
        choice = self._choice
        changed = dict(record)
        described = schema.get("properties", {})
        required = set(schema.get("required", ()))
        for _ in range(choice.choice(BOLDLY if self._bold and depth < 2 else GENTLY)):  # noqa: PLR2004 - near the root
            if not described:
                break
            member = choice.choice(list(described))
            if member in changed and member not in required and likely(choice, 0.3):
                del changed[member]
                continue
            try:
                changed[member] = self._within(
                    changed.get(member), described[member], _label(name, member), depth
                )
            except Missing:
                continue
        return changed

    def _within(self, value: Any, schema: Any, name: str, depth: int) -> Any:
        """A member changed inside where it holds more than one value."""
        choice = self._choice
        if isinstance(value, dict) and value and likely(choice, 0.7):
            return self._changed(value, self._schemas.merged(schema), depth + 1, name)
        if isinstance(value, list) and value and likely(choice, 0.7):
            inner = self._schemas.merged(schema).get("items", {})
            return self._rearranged(list(value), inner, name, depth)
        if value is not None and not isinstance(value, dict | list) and likely(choice, 0.2):
            return mutated(value, choice)
        return self._value(schema, name, depth + 1)

    def _rearranged(self, items: list[Any], schema: Any, name: str, depth: int) -> list[Any]:
        """A list with an item less, twice, changed, one more, or in another order."""
        choice = self._choice
        place = choice.randrange(len(items))
        kind = choice.choice(
            ("none", "less", "twice", "like", "new", "turned", "changed", "changed")
        )
        if kind == "none":
            items.clear()
        elif kind == "less":
            del items[place]
        elif kind == "twice":
            items.append(items[place])
        elif kind == "like" and isinstance(items[place], dict) and "id" in items[place]:
            made = UUID(int=choice.getrandbits(128), version=4)
            items.append({**items[place], "id": str(made)})
        elif kind == "new":
            items.insert(choice.choice((0, len(items))), self._value(schema, name, depth + 1))
        elif kind == "turned":
            items.reverse()
        else:
            items[place] = self._within(items[place], schema, name, depth + 1)
        return items

    def _array(self, schema: Mapping[str, Any], name: str, depth: int) -> list[Any]:
        choice = self._choice
        least, most = schema.get("minItems", 0), schema.get("maxItems")
        size = choice.choice((0, 1, 1, 2, 2, 3))
        if likely(choice, 0.06):
            size = most + choice.choice((0, 1)) if most is not None and most < 100 else 12  # noqa: PLR2004
        size = max(size, least) if likely(choice, 0.95) else max(least - 1, 0)
        size = size if depth < DEPTH else least
        inner = schema.get("items", {})
        items = [self._value(inner, name, depth + 1) for _ in range(size)]
        if items and likely(choice, 0.15) and not schema.get("uniqueItems"):
            items.append(choice.choice(items))
        return items

    def _scalar(self, kind: str, schema: Mapping[str, Any], name: str) -> Any:
        if kind == "null":
            return None
        if kind == "boolean":
            return likely(self._choice, 0.5)
        if kind in {"integer", "number"}:
            return self._number(kind, schema, name)
        return self._text(schema, name)

    def _text(self, schema: Mapping[str, Any], name: str) -> Any:
        form = schema.get("format", "")
        if form in {"date-time", "date"}:
            return self._instant(form, name)
        if form == "uuid":
            return self._named(name, NOWHERE)
        if not form and "pattern" not in schema:
            return self._bounded(schema, name)
        seen = self._pools.named(name)
        pattern = schema.get("pattern")
        if isinstance(pattern, str) and likely(self._choice, UNSEEN if seen else 1 - UNSEEN):
            most = schema.get("maxLength", LONGEST)
            made = matching(pattern, schema.get("minLength", 0), most, self._choice)
            if made is not None:
                return made
        if seen and (likely(self._choice, 0.8) or "example" not in schema):
            return self._choice.choice(seen)
        return schema.get("example", "a")

    def _bounded(self, schema: Mapping[str, Any], name: str) -> Any:
        choice = self._choice
        found = self._named(name, None) if name.lower().endswith("id") else None
        if found is None:
            found = text(self._pools, name, choice, self._about.seen)
        least, most = schema.get("minLength", 0), schema.get("maxLength")
        if isinstance(found, str) and len(found) < least:
            found = found.ljust(least, "a")
        if isinstance(found, str) and isinstance(most, int):
            if likely(choice, 0.05) and most < 1 << 13:
                found = (found or "a") * (most + 1)
                return found[: most + choice.choice((0, 1))]
            found = found[:most]
        return found

    def _number(self, kind: str, schema: Mapping[str, Any], name: str) -> Any:
        choice = self._choice
        least, most = schema.get("minimum"), schema.get("maximum")
        bounds = [b for b in (least, most) if isinstance(b, int | float)]
        seen = [v for v in self._pools.named(name) if isinstance(v, int | float)]
        if bounds and likely(choice, 0.15):
            return choice.choice(bounds) + choice.choice((-1, 0, 0, 1))
        if seen and likely(choice, 0.4):
            return mutated(choice.choice(seen), choice)
        number = choice.choice((0, 1, 2, 3, 7, 20, 100))
        if least is not None and number < least:
            number = least
        if most is not None and number > most:
            number = most
        return number if kind == "integer" or likely(choice, 0.5) else number + 0.5

    def _instant(self, form: str, name: str) -> Any:
        choice = self._choice
        seen = [v for v in self._pools.named(name) if not isinstance(v, int)]
        if seen and likely(choice, 0.6):
            return choice.choice(seen)
        seen = self._pools.instants()
        if seen and likely(choice, 0.5):
            return choice.choice(seen)
        days = choice.choice((-4000, -1, 1, 400))
        moment = datetime(2024, 3, 1, tzinfo=UTC) + timedelta(days=days)
        return moment.date().isoformat() if form == "date" else moment.isoformat()[:19] + "Z"


def _label(holder: str, member: str) -> str:
    """The name of a member; one that only says ``id`` is told by what holds it, too."""
    return f"{holder} {member}" if member == "id" and holder else member
