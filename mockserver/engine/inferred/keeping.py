"""How records of one resource are made, replaced and taken away by one operation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

from mockserver.engine.handlers import Call
from mockserver.engine.inference.keys import Key
from mockserver.engine.inference.model import Resource, Role
from mockserver.engine.inference.words import CREATED_WORDS, MAIN_KEYS, UPDATED_WORDS, normal
from mockserver.engine.inferred.initial import UNKNOWN, initial
from mockserver.engine.inferred.locating import Locator, below, typed
from mockserver.engine.inferred.presence import gone
from mockserver.engine.inferred.showing import Shower, filled
from mockserver.engine.inferred.world import Sent, World, sent_by
from mockserver.engine.members import text_of, value_at, with_value
from mockserver.engine.spec import Operation
from mockserver.errors import ApiError
from mockserver.state.store import Record

NUMBERS = "#numbers"
"""What is added to the name of a collection whose last integer key is remembered."""

_MAX_TRIES = 30
_FEW = 8


class Keeper:
    """Writes the records of a resource, as one operation wants it."""

    def __init__(self, world: World, operation: Operation, role: Role, locator: Locator) -> None:
        self._world = world
        self._operation = operation
        self._role = role
        self._locator = locator
        self.resource: Resource = locator.resource
        self._sent: Sent | None = None
        self._own = Shower(world, self.resource, self.resource.schema)

    @property
    def sent(self) -> Sent:
        """What the body of this operation may say of a record."""
        if self._sent is None:
            self._sent = sent_by(self._world, self._role, self.resource)
        return self._sent

    def create(self, call: Call, sent: Any) -> Record:
        """A new record of what was sent. Raises ApiError 409, 404."""
        self._locator.need_parents(call)
        self._locator.begin(call)
        above = self._locator.above(call)
        told = self._placed(self.writable(sent))
        key = self._key_sent(told, above)
        taken = key and call.transaction.get(self.resource.name, key) is not None
        if taken and self._refuses_conflicts:
            raise ApiError(409, f"There is a record of the key {unquote(key)} already.")
        if not key:
            key, told = self._keyed(call, above, told)
        value = {**self._world.shown_first(self.resource), **self.sent.defaults, **told}
        value = self.completed(call, value, key)
        return self.put_new(call, key, value)

    def put_new(self, call: Call, key: str, value: Any) -> Record:
        """Write a record that a client created."""
        record = self.put(call, key, self._locator.with_parents(call, value))
        self._world.presence.created(call.transaction, self.resource, key)
        return record

    def _placed(self, told: dict[str, Any]) -> dict[str, Any]:
        """What was sent, where the record has it: members it lacks may stand inside an object."""
        places = self._world.places_inside(self.resource)
        told = self._spelled(told)
        placed = dict(told)
        for name, member in told.items():
            inside = placed.get(places[name], {}) if name in places else None
            if isinstance(inside, dict) and name not in inside:
                placed[places[name]] = {**inside, name: member}
        return placed

    def _spelled(self, told: dict[str, Any]) -> dict[str, Any]:
        """What was sent under the names of the record: ``LastName`` for its ``last_name``."""
        known = self._world.facts(self.resource).view.properties
        if not known or told.keys() <= known.keys():
            return told
        by_word = {normal(name): name for name in known}
        renamed = ((by_word.get(normal(name), name), name) for name in told)
        return {name if name in known or own in told else own: told[name] for own, name in renamed}

    @property
    def _refuses_conflicts(self) -> bool:
        """Whether a conflict with what is kept is a documented refusal."""
        return not {"409", "4XX", "4xx"}.isdisjoint(self._operation.responses)

    def put(self, call: Call, key: str, value: Any) -> Record:
        """Write a record; the last of integer keys is remembered."""
        name = self.resource.name
        self._locator.begin(call)
        if self._counts() and call.transaction.get(name, key) is None:
            own = _integer(key)
            if own is not None and own > self._last(call):
                call.transaction.put(name + NUMBERS, "last", own)
        again = call.transaction.was_deleted(name, key)
        record = call.transaction.put(name, key, value)
        if again:
            self._clear_below(call, record, again=True)
        return record

    def writable(self, sent: Any) -> dict[str, Any]:
        """The members of a body that count: what only the server makes is left out."""
        if not isinstance(sent, dict):
            return {}
        read_only = self.sent.read_only
        return {name: value for name, value in sent.items() if name not in read_only}

    def completed(self, call: Call, value: Mapping[str, Any], key: str) -> Any:
        """A record with what the server adds: instants, and what its schema requires or keeps."""
        facts = self._world.facts(self.resource)
        added = dict(value)
        wanted = dict.fromkeys((*self.made_by_server(), *facts.view.required))
        lacking = [name for name in wanted if name not in added]
        added |= self._first_values(call, lacking)
        lacking = [name for name in lacking if name not in added]
        valid = not lacking and self.is_valid(added)
        if valid:
            return added
        made = self._made(call, key)
        if not isinstance(made, dict):
            return added if value else made
        added |= {name: made[name] for name in lacking if name in made}
        if self.is_valid(added):
            return added
        return filled(self._world, self.resource.schema, added, made)

    def _first_values(self, call: Call, names: Iterable[str]) -> Iterator[tuple[str, Any]]:
        """What members are in a record just created, where that can be known."""
        properties = self._world.facts(self.resource).view.properties
        keys = {key.property[0] for key in self.resource.keys if key.property}
        for name in names:
            value = self._instant(name, call.now)
            if value is None and name not in keys:
                value = initial(self._world, name, properties.get(name, {}))
            if value is not UNKNOWN and (value is not None or name not in keys):
                yield name, value

    def _made(self, call: Call, key: str) -> Any:
        """A made record in which keys say what they are."""
        number = call.transaction.counter + 1_000
        call.transaction.new_id()
        above = key.split("/")[: len(self.resource.parents)]
        value = self._world.shelves.made(self.resource, above, number).value
        own = key.split("/")[len(self.resource.parents) :]
        for entry, part in zip(self.resource.keys, own, strict=False):
            if entry.property:
                value = self._with_key(value, entry, unquote(part))
        return value

    def made_by_server(self) -> Iterator[str]:
        """The members of a record that no client can send."""
        facts, names = self._world.facts(self.resource), self.sent.names
        for name in facts.view.properties:
            unknown = names is not None and name not in names
            if name not in facts.write_only and (name in self.sent.read_only or unknown):
                yield name

    def is_valid(self, value: Any) -> bool:
        """Whether a record satisfies its schema, without what is hidden."""
        return self._world.makers.is_valid(self.resource.schema, self._own.projected(value))

    def _instant(self, name: str, now: datetime, words: frozenset[str] | None = None) -> Any:
        """The instant as a member wants it; None where a member tells none of the kind."""
        if normal(name) not in (words or CREATED_WORDS | UPDATED_WORDS):
            return None
        schema = self._world.facts(self.resource).view.properties.get(name, {})
        plain = {**self._world.view(schema).plain, **schema}
        shown: Any = None
        if plain.get("format") == "date-time":
            shown = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        elif plain.get("format") == "date":
            shown = now.date().isoformat()
        elif self._world.view(schema).kind == "integer":
            shown = int(now.timestamp())
        return shown if shown is not None and self._world.makers.is_valid(schema, shown) else None

    def touched(self, call: Call, value: dict[str, Any]) -> dict[str, Any]:
        """A changed record that says when it was changed, if it has a member for that."""
        for name in self.made_by_server():
            if normal(name) in UPDATED_WORDS:
                instant = self._instant(name, call.now, UPDATED_WORDS)
                if instant is not None:
                    value = {**value, name: instant}
        return value

    def replaced(self, call: Call, found: Record, sent: Any) -> Record:
        """A record in the place of another: what only the server makes is kept."""
        kept = found.value if isinstance(found.value, dict) else {}
        by_server = set(self.made_by_server())
        value = {**self.writable(sent), **{n: v for n, v in kept.items() if n in by_server}}
        value = self._with_own_key(found, value)
        if not self.is_valid(value):
            value = filled(self._world, self.resource.schema, value, kept)
            value = self.completed(call, value, found.key)
        value = self._locator.with_parents(call, value)
        return self.put(call, found.key, self.touched(call, value))

    def changed(self, call: Call, found: Record, wanted: Any) -> Record:
        """A record in the place of another, which its schema must allow.

        Raises ApiError 409 where the operation documents it. Elsewhere what does not fit is left
        out: the request itself is valid, and so no other refusal would be right.
        """
        value = self._with_own_key(found, wanted)
        if self.is_valid(found.value) and not self.is_valid(value):
            if self._refuses_conflicts:
                schema, shown = self.resource.schema, self._own.projected(value)
                violations = self._world.schemas.violations(schema, shown, "body")
                detail = f"A record of {self.resource.name} cannot be changed to that."
                raise ApiError(409, detail, violations=violations)
            value = self._allowed(found.value, value)
        return self.put(call, found.key, self.touched(call, value))

    def _allowed(self, before: Any, after: Any) -> Any:
        """A record with those changes that its schema allows, each on its own."""
        made = before
        for name, member in after.items() if isinstance(after, dict) else ():
            tried = {**made, name: member}
            made = tried if self.is_valid(tried) else made
        return made

    def _with_own_key(self, found: Record, value: Any) -> Any:
        """What a record is known by never changes."""
        if not isinstance(value, dict):
            return found.value
        own = found.key.split("/")[len(self.resource.parents) :]
        for entry, part in zip(self.resource.keys, own, strict=False):
            if entry.property:
                kept = value_at(found.value, entry.property)
                if kept is not None:
                    value = with_value(value, entry.property, kept)
                else:
                    value = self._with_key(value, entry, unquote(part))
        return value

    def delete(self, call: Call, record: Record) -> None:
        """Take a record away, and what is below it."""
        name = self.resource.name
        self._locator.begin(call)
        if call.transaction.get(name, record.key) is None:
            gone(call.transaction, self.resource, record.key)
        else:
            call.transaction.delete(name, record.key)
            self._world.presence.forgotten(call.transaction, self.resource, record.key)
        self._clear_below(call, record)

    def _clear_below(self, call: Call, record: Record, *, again: bool = False) -> None:
        """Take away what is below a record that goes, or that comes ``again``.

        Below a record of many kinds of children, what no client has changed is left until the
        record comes again: it cannot be reached before, and to make it all would take long.
        """
        children = [
            (prefix, child.name)
            for child in self._world.inference.resources.values()
            if (prefix := below(record, self.resource, child))
        ]
        whole = again or len(children) <= _FEW
        for prefix, name in children:
            if whole or call.transaction.is_written(name):
                known = call.transaction.collection(name).records
                for key in [key for key in known if key.startswith(prefix) or key == prefix[:-1]]:
                    call.transaction.delete(name, key)

    def _key_sent(self, told: Mapping[str, Any], above: Sequence[str]) -> str:
        """The key that a body gives, empty when it gives none or not all of it."""
        own = [_key_in(told, key) for key in self.resource.keys]
        if not own or any(part is None or part == "" for part in own):
            return ""
        return "/".join([*above, *(quote(text_of(part), safe="") for part in own)])

    def _keyed(
        self, call: Call, above: Sequence[str], told: Mapping[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        """A key that was never used, and what was sent with it."""
        name, known = self.resource.name, call.transaction
        if not self.resource.keys:
            return "/".join(above), dict(told)
        own: list[str] = []
        value: dict[str, Any] = dict(told)
        for attempt in range(_MAX_TRIES):
            own = self._own_parts(call, above, told, attempt)
            key = "/".join([*above, *(quote(part, safe="") for part in own)])
            if known.get(name, key) is None and not known.was_deleted(name, key):
                for entry, part in zip(self.resource.keys, own, strict=True):
                    if entry.property:
                        value = self._with_key(value, entry, part)
                return key, value
        return self._last_resort(call, above, own, value)

    def _last_resort(
        self, call: Call, above: Sequence[str], own: Sequence[str], value: dict[str, Any]
    ) -> tuple[str, dict[str, Any]]:
        """A key where schemas leave few: a UUID or a number if it may be, or one that is taken."""
        entry = self.resource.keys[-1]
        schema = self._world.property_schema(self.resource, entry.property)
        spare = (call.transaction.new_id(), str(call.transaction.counter))
        fitting = (each for each in spare if typed(self._world, schema, each) is not None)
        parts = [*own[:-1], next(fitting, own[-1])]
        for each, part in zip(self.resource.keys, parts, strict=True):
            if each.property:
                value = self._with_key(value, each, part)
        return "/".join([*above, *(quote(part, safe="") for part in parts)]), value

    def _own_parts(
        self, call: Call, above: Sequence[str], told: Mapping[str, Any], attempt: int
    ) -> list[str]:
        made: list[str] = []
        parts = []
        for place, entry in enumerate(self.resource.keys):
            given = value_at(told, entry.property) if entry.property else None
            if given is not None and place < len(self.resource.keys) - 1:
                parts.append(text_of(given))
                continue
            part = self._next(call, entry)
            if not part:
                made = made or self._made_parts(call, above, attempt)
                part = made[place]
            parts.append(part)
        return parts

    def _next(self, call: Call, entry: Key) -> str:
        """A key of a kind that has a rule: the next integer, or a UUID; empty for others."""
        said: Any = None
        if entry.kind == "integer" and entry is self.resource.keys[-1]:
            said = self._last(call) + 1
        elif entry.kind == "uuid":
            said = call.transaction.new_id()
        if said is None or not self._world.makers.is_valid(entry.schema, said):
            return ""
        return str(said)

    def _made_parts(self, call: Call, above: Sequence[str], attempt: int) -> list[str]:
        number = call.transaction.counter + 1_000 + attempt
        call.transaction.new_id()
        made = self._world.shelves.made(self.resource, above, number)
        return [unquote(part) for part in made.key.split("/")[len(above) :]]

    def _counts(self) -> bool:
        return bool(self.resource.keys) and self.resource.keys[-1].kind == "integer"

    def _last(self, call: Call) -> int:
        """The largest integer that was ever a key here."""
        kept = call.transaction.get(self.resource.name + NUMBERS, "last")
        if kept is not None:
            return int(kept.value)
        known = call.transaction.collection(self.resource.name)
        keys = (_integer(key) for keys in (known.records, known.tombstones) for key in keys)
        return max((key for key in keys if key is not None), default=0)

    def _with_key(self, value: Any, entry: Key, text: str) -> Any:
        schema = self._world.property_schema(self.resource, entry.property)
        said = typed(self._world, schema, text)
        return with_value(value, entry.property, text if said is None else said)


def _key_in(told: Mapping[str, Any], key: Key) -> Any:
    """The part of a key that a body gives: by its property, or called like its parameter."""
    own = value_at(told, key.property) if key.property else None
    if own is None and normal(key.parameter) not in MAIN_KEYS:
        names = (name for name in told if normal(name) == normal(key.parameter))
        own = next((told[name] for name in names if isinstance(told[name], str | int)), None)
    return own


def _integer(key: str) -> int | None:
    own = key.rpartition("/")[2]
    return int(own) if own.isascii() and own.isdigit() and len(own) < 19 else None  # noqa: PLR2004
