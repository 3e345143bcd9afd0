"""How records of one resource are made, replaced and taken away by one operation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from mockserver.engine.handlers import Call
from mockserver.engine.inference.model import Resource, Role
from mockserver.engine.inference.words import UPDATED_WORDS, normal
from mockserver.engine.inferred.changes import MERGE_PATCH, KeepsNull
from mockserver.engine.inferred.embedding import Embedding
from mockserver.engine.inferred.initial import UNKNOWN, initial
from mockserver.engine.inferred.locating import Locator, below
from mockserver.engine.inferred.new_keys import NewKeys
from mockserver.engine.inferred.presence import gone
from mockserver.engine.inferred.server_members import FULL_NAME, ServerMembers
from mockserver.engine.inferred.showing import Shower, filled
from mockserver.engine.inferred.uploads import brought, forget, keep
from mockserver.engine.inferred.world import Sent, World, sent_by
from mockserver.engine.leeway import is_otherwise
from mockserver.engine.media import media_type_of
from mockserver.engine.members import Path, value_at, with_value
from mockserver.engine.spec import Operation
from mockserver.errors import ApiError
from mockserver.state.store import Record

_FEW = 8

OTHERWISE = tuple(101 * number for number in range(1, 8))
"""What is added to the number of a record that is made, where it may be any other."""


class Keeper:
    """Writes the records of a resource, as one operation wants it."""

    def __init__(self, world: World, operation: Operation, role: Role, locator: Locator) -> None:
        self._world = world
        self._operation = operation
        self._role = role
        self._locator = locator
        self.resource: Resource = locator.resource
        self._own = Shower(world, self.resource, self.resource.schema)
        self._keys = NewKeys(world, locator.resource)
        self._server = ServerMembers(world, locator.resource)
        self._embedding = Embedding(world, locator.resource)

    @cached_property
    def sent(self) -> Sent:
        """What the body of this operation may say of a record."""
        return sent_by(self._world, self._role, self.resource)

    def create(self, call: Call, sent: Any) -> Record:
        """A new record of what was sent. Raises ApiError 409, 404."""
        self._locator.need_parents(call)
        self._locator.begin(call)
        above = self._locator.above(call)
        told = self._placed(self.told(call, sent))
        key, told = self._keys.sent(call, above, told, self._locator.unkept(call))
        if key and self._is_taken(call, key):
            raise ApiError(409, f"There is a record of the key {unquote(key)} already.")
        if not key:
            key, told = self._keys.new(call, above, told)
        value = {**self._world.shown_first(self.resource), **self.sent.defaults, **told}
        value = self.completed(call, value, key)
        return self.put_new(call, key, value)

    def _is_taken(self, call: Call, key: str) -> bool:
        """Whether a creation is refused because there is a record of its key.

        Where no conflict but 422 is documented, a record that the description shows as its example
        gives way: whoever sends that very example is not to be refused.
        """
        known = call.transaction.get(self.resource.name, key)
        if known is None or self._refuses_conflicts:
            return known is not None
        begun = self._world.shelves.collection(self.resource.name).records.get(key)
        return "422" in self._operation.responses and known is not begun

    def put_new(self, call: Call, key: str, value: Any) -> Record:
        """Write a record that a client created."""
        value = self._locator.with_parents(call, value)
        if isinstance(value, dict):
            declared = self._world.facts(self.resource).view.properties
            value = {**{name: value[name] for name in declared if name in value}, **value}
        shelves = self._world.shelves
        value = shelves.addressed(self.resource, Record(key, value)).value
        record = self.put(call, key, value)
        self._world.presence.created(call.transaction, self.resource, key)
        keep(call, self.resource, key)
        return record

    def _placed(self, told: dict[str, Any]) -> dict[str, Any]:
        """What was sent, where the record has it: members it lacks may stand inside an object."""
        places = self._world.places_inside(self.resource)
        told = self._spelled(told)
        if not places:
            return told
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
        self._keys.remember(call, key)
        again = call.transaction.was_deleted(name, key)
        record = call.transaction.put(name, key, value)
        if again:
            self._clear_below(call, record, again=True)
        return self._embedding.written(call, record)

    def told(self, call: Call, sent: Any) -> dict[str, Any]:
        """The members of a body that count, as records have them.

        What only the server makes is left out; what names another record stands for it.
        """
        if not isinstance(sent, dict):
            return {}
        read_only = self.sent.read_only
        told = {name: value for name, value in sent.items() if name not in read_only}
        above = self._locator.above(call)
        return self._world.references.told(call.transaction, self.resource, told, above)

    def completed(self, call: Call, value: Mapping[str, Any], key: str) -> Any:
        """A record with what the server adds: instants, and what its schema requires or keeps."""
        added = {**value, **dict(self._server.metadata(call, value, {}))}
        lacking = [name for name in self._wanted if name not in added]
        added |= self._first_values(call, lacking)
        lacking = [name for name in lacking if name not in added]
        added |= self._server.whole_names(added, key, lacking)
        lacking = [name for name in lacking if name not in added]
        if not lacking and self.is_valid(added):
            return added
        made = self._made(call, key, lacking)
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
        upload = brought(call)
        for name in names:
            value = self._server.of_file(upload, name) if upload else None
            if value is None:
                value = self._server.instant(name, call.now)
            if value is None and name not in keys:
                value = initial(self._world, name, properties.get(name, {}))
            if value is not UNKNOWN and (value is not None or name not in keys):
                yield name, value

    def _made(self, call: Call, key: str, names: Sequence[str]) -> Any:
        """A made record in which keys say what they are."""
        number = call.transaction.counter + 1_000 + call.sandbox.turn
        call.transaction.new_id()
        above = key.split("/")[: len(self.resource.parents)]
        value = self._invented(above, number, names)
        own = key.split("/")[len(self.resource.parents) :]
        for entry, part in zip(self.resource.keys, own, strict=False):
            value = self._keys.with_key(value, entry, unquote(part))
        return value

    def _invented(self, above: Sequence[str], number: int, names: Sequence[str]) -> Any:
        """An invented record, and where it may be any other one, one with other members."""
        made = self._world.shelves.made
        value = changed = made(self.resource, above, number).value
        for more in OTHERWISE if is_otherwise() else ():
            changed = made(self.resource, above, number + more).value
            if isinstance(changed, dict) and all(changed.get(n) != value.get(n) for n in names):
                break
        return changed

    @cached_property
    def made_by_server(self) -> Sequence[str]:
        """The members of a record that no client can send."""
        facts, sent = self._world.facts(self.resource), self.sent
        known = [name for name in facts.view.properties if name not in facts.write_only]
        return [
            name
            for name in known
            if name in sent.read_only or (sent.names is not None and name not in sent.names)
        ]

    @cached_property
    def _wanted(self) -> Sequence[str]:
        """The members that each record has: those that the server makes, and what is required."""
        required = self._world.facts(self.resource).view.required
        return list(dict.fromkeys((*self.made_by_server, *sorted(required))))

    @cached_property
    def _full_names(self) -> Sequence[str]:
        """The members that the server makes of the parts of a name."""
        return [name for name in self.made_by_server if normal(name) == FULL_NAME]

    @cached_property
    def _updated(self) -> Sequence[str]:
        """The members that may say when a record was changed."""
        return [name for name in self.made_by_server if normal(name) in UPDATED_WORDS]

    @cached_property
    def _children(self) -> Sequence[Resource]:
        """The resources whose records are below those of this one, at whatever depth."""
        resources = self._world.inference.resources.values()
        any_record = Record("", None)
        return [child for child in resources if below(any_record, self.resource, child)]

    def is_valid(self, value: Any) -> bool:
        """Whether a record satisfies its schema, without what is hidden."""
        return self._world.makers.is_valid(self.resource.schema, self._own.projected(value))

    def touched(self, call: Call, value: dict[str, Any], key: str) -> dict[str, Any]:
        """A changed record that says when it was changed, if it has a member for that."""
        value = {**value, **dict(self._server.whole_names(value, key, self._full_names))}
        for name in self._updated:
            instant = self._server.instant(name, call.now, UPDATED_WORDS)
            if instant is not None:
                value = {**value, name: instant}
        return value

    def replaced(self, call: Call, found: Record, sent: Any) -> Record:
        """A record in the place of another: what only the server makes is kept."""
        kept = found.value if isinstance(found.value, dict) else {}
        by_server = set(self.made_by_server)
        value = {
            **self.sent.defaults,
            **self.told(call, sent),
            **{n: v for n, v in kept.items() if n in by_server},
        }
        value = self._with_own_key(found, value)
        value = {**value, **dict(self._server.metadata(call, value, kept))}
        if not self.is_valid(value):
            value = filled(self._world, self.resource.schema, value, kept)
            value = self.completed(call, value, found.key)
        value = self._locator.with_parents(call, value)
        return self.put(call, found.key, self.touched(call, value, found.key))

    def keeps_null(self, call: Call) -> KeepsNull:
        """Which members a change of null sets to null instead of taking them away.

        In ``application/merge-patch+json`` those that must be there (RFC 7396 takes others away),
        in any other media type all that may be null.
        """
        merges = media_type_of(call.request.content_type) == MERGE_PATCH

        def keeps(path: Path) -> bool:
            view = self._world.view(self.resource.schema)
            for name in path[:-1]:
                view = self._world.view(view.properties.get(name))
            schema = view.properties.get(path[-1])
            if schema is None or (merges and path[-1] not in view.required):
                return False
            return self._world.makers.is_valid(schema, None)

        return keeps

    def changed(self, call: Call, found: Record, wanted: Any) -> Record:
        """A record in the place of another, which its schema must allow.

        Raises ApiError 409 where it takes away what is required and the operation documents that.
        What else does not fit is left out: the request is valid, and no other refusal is right.
        """
        value = self._with_own_key(found, wanted)
        if not self.is_valid(value) and self.is_valid(found.value):
            required = self._world.facts(self.resource).view.required
            if self._refuses_conflicts and any(
                n in found.value and n not in value for n in required
            ):
                raise self.conflict(value)
            value = self._allowed(found.value, value)
        return self.put(call, found.key, self.touched(call, value, found.key))

    def conflict(self, value: Any) -> ApiError:
        """The refusal of a change that would leave this."""
        violations = self._world.schemas.violations(
            self.resource.schema, self._own.projected(value), "body"
        )
        detail = f"A record of {self.resource.name} cannot be changed to that."
        return ApiError(409, detail, violations=violations)

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
                    value = self._keys.with_key(value, entry, unquote(part))
        return value

    def delete(self, call: Call, record: Record) -> None:
        """Take a record away, and what is below it."""
        name = self.resource.name
        self._locator.begin(call)
        forget(call, self.resource, record.key)
        if call.transaction.get(name, record.key) is None:
            gone(call.transaction, self.resource, record.key)
        else:
            call.transaction.delete(name, record.key)
            self._world.presence.forgotten(call.transaction, self.resource, record.key)
        self._embedding.changed(call, record.key)
        self._clear_below(call, record)

    def _clear_below(self, call: Call, record: Record, *, again: bool = False) -> None:
        """Take away what is below a record that goes, or that comes ``again``.

        Below a record of many kinds of children, what no client has changed is left until the
        record comes again: it cannot be reached before, and to make it all would take long.
        """
        whole = again or len(self._children) <= _FEW
        prefix = record.key + "/"
        for child in self._children:
            if child.singleton:
                forget(call, child, record.key)
            if whole or call.transaction.is_written(child.name):
                known = call.transaction.collection(child.name).records
                for key in [key for key in known if key.startswith(prefix) or key == record.key]:
                    forget(call, child, key)
                    call.transaction.delete(child.name, key)
