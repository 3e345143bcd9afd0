"""Which record a call is about, and which records are below the parents that it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from http import HTTPStatus
from itertools import chain
from typing import Any
from urllib.parse import quote, unquote

from mockserver.engine.handlers import Call
from mockserver.engine.inference.keys import Key, Parent, Path
from mockserver.engine.inference.model import Resource, Role
from mockserver.engine.inferred.beginnings import number_of
from mockserver.engine.inferred.presence import named_parents
from mockserver.engine.inferred.refusals import documented
from mockserver.engine.inferred.selecting import values_at
from mockserver.engine.inferred.world import World
from mockserver.engine.members import integer_in, text_of, value_at, with_value
from mockserver.engine.spec import Operation, Schema
from mockserver.engine.templates import template_names
from mockserver.errors import ApiError
from mockserver.state.store import Record

_IMPOSSIBLE = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.BAD_REQUEST)


class Locator:
    """Finds what one operation is about.

    A record's key is the key of its parents and its own parts, joined by slashes; each part is
    percent-encoded.
    """

    def __init__(self, world: World, operation: Operation, role: Role, resource: Resource) -> None:
        self._world = world
        self._operation = operation
        self._role = role
        self.resource = resource
        self._parents = self._named_parents()
        self._by_other_key = bool(role.keys) and _properties(role.keys) != _properties(
            resource.keys[-len(role.keys) :]
        )
        self._other_names = self._names_of_last_key()
        nested = len(role.scope) == len(resource.parents)
        self._narrowing = () if nested else tuple(self._found_narrowing())
        given = frozenset(template_names(operation.path))
        own = (each for each in role.scope if each.parameter in self._parents)
        self._telling = (*self._narrowing, *own)
        self._is_nested = bool(self._parents) and given.issuperset(self._parents)
        self._presence = world.presence
        self._begins_anywhere = world.presence.begins_anywhere(resource)
        self._renamed = dict(self._parents_by_other_names())
        self.expects_404 = documented(operation, HTTPStatus.NOT_FOUND) is not None

    def _names_of_last_key(self) -> tuple[Path, ...]:
        """The other properties by which the parameter of the key may name a record."""
        keys = [key for key in self._role.keys[-1:] if key.location == "path"]
        names = (self._other_names_of(self.resource, key.parameter) for key in keys)
        return next(names, ())

    def _other_names_of(self, resource: Resource, parameter: str) -> tuple[Path, ...]:
        described = (p.description for p in self._operation.parameters if p.name == parameter)
        return self._world.other_names(resource, parameter, next(described, ""))

    def _parents_by_other_names(self) -> Iterator[tuple[str, tuple[Resource, tuple[Path, ...]]]]:
        """The parameters that may name a parent by another property than its key."""
        for parent in self._role.scope:
            known = self._world.inference.resources.get(parent.resource)
            paths = self._other_names_of(known, parent.parameter) if known else ()
            if known is not None and paths and not known.singleton:
                yield parent.parameter, (known, paths)

    def _named_parents(self) -> tuple[str, ...]:
        """The parameters of this operation that give the resource's parents."""
        parents, scope = self.resource.parents, self._role.scope
        chosen = scope if len(scope) == len(parents) else parents
        return tuple(parent.parameter for parent in chosen)

    def _found_narrowing(self) -> Iterator[Parent]:
        """The parents that an operation names beside those of the key.

        A member that says one of those says no other: of ``/sets/{set}/group/sets/{other}/terms``
        a term has one ``set``.
        """
        told = {parent.property for parent in self.resource.parents if parent.property}
        for parent in self._role.scope:
            if parent.parameter not in self._parents and parent.property not in told:
                yield parent

    def above(self, call: Call) -> list[str]:
        """The parts of a key that name the parents."""
        return [self._text(call, name) for name in self._parents]

    def _text(self, call: Call, name: str) -> str:
        """The part of a key that a path parameter gives."""
        text = quote(text_of(call.path.get(name, "")), safe="")
        if name not in self._renamed:
            return text
        parent, paths = self._renamed[name]
        above = [quote(text_of(call.path.get(p.parameter, "")), safe="") for p in parent.parents]
        if self._presence.record(call.transaction, parent, "/".join([*above, text])) is not None:
            return text
        prefix = "".join(f"{part}/" for part in above)
        records = call.transaction.records(parent.name)
        known = (record for record in records if record.key.startswith(prefix))
        begun = self._presence.below(call.transaction, parent, above)
        found = _of_any(chain(known, begun), paths, unquote(text))
        return found.key.rpartition("/")[2] if found is not None else text

    def key(self, call: Call) -> str:
        """The key of the record that a call names."""
        own = [quote(text_of(self.said(call, key)), safe="") for key in self._role.keys]
        return "/".join([*self.above(call), *own])

    def said(self, call: Call, key: Key) -> Any:
        """What a call says a key is."""
        if key.location == "body":
            paths = ((key.parameter,), key.property)
            found = (value_at(call.body, path) for path in paths if path)
            return next((each for each in found if isinstance(each, str | int)), "")
        return (call.path if key.location == "path" else call.query).get(key.parameter, "")

    def _says_key(self, call: Call) -> bool:
        """Whether a call whose body may name a record does."""
        return any(key.location != "body" or self.said(call, key) != "" for key in self._role.keys)

    def is_here(self, call: Call, record: Record) -> bool:
        """Whether a record is below the parents that a call names."""
        for parent in self._narrowing:
            if parent.property and parent.parameter in call.path:
                named = self._named_in(parent, record)
                if text_of(call.path[parent.parameter]) not in named:
                    return False
        return True

    def _named_in(self, parent: Parent, record: Record) -> list[str]:
        """The texts of all that a record names in the place of a parent."""
        told = values_at(record.value, parent.property)
        keys = (self._key_inside(parent, own) if isinstance(own, dict) else own for own in told)
        return [text_of(key) for key in keys if key is not None]

    def _key_inside(self, parent: Parent, whole: dict[str, Any]) -> Any:
        """The key of a parent that a record embeds."""
        known = self._world.inference.resources.get(parent.resource)
        return value_at(whole, known.key) if known is not None and known.key else None

    def records(self, call: Call) -> Iterator[Record]:
        """The records below the parents that a call names, in the order of their creation."""
        known = call.transaction.records(self.resource.name)
        if self._is_nested:
            above = self.above(call)
            prefix = "/".join([*above, ""])
            known = (record for record in known if record.key.startswith(prefix))
            if self._begins_anywhere:
                begun = self._presence.below(call.transaction, self.resource, above)
                known = chain(known, begun)
        if self._narrowing:
            return (record for record in known if self.is_here(call, record))
        return known

    @property
    def shows_all(self) -> bool:
        """Whether no parents narrow the collection."""
        return not (self._is_nested or self._narrowing)

    def peek(self, call: Call) -> Record | None:
        """The record that a call names, None if there is none."""
        if self._by_other_key:
            wanted = [(key.property, text_of(self.said(call, key))) for key in self._role.keys]
            return next((r for r in self.records(call) if _has(r, wanted)), None)
        key = self.key(call)
        record = self._presence.record(call.transaction, self.resource, key)
        if record is None and self._other_names:
            said = text_of(self.said(call, self._role.keys[-1]))
            record = _of_any(self.records(call), self._other_names, said)
        here = record is not None and self.is_here(call, record) and not self._is_orphan(call)
        return record if here else None

    def _is_orphan(self, call: Call) -> bool:
        """Whether a parent that a call names was deleted."""
        written = (call.transaction.is_written(parent.resource) for parent in self._role.scope)
        return any(written) and any(
            call.transaction.was_deleted(resource.name, key) for resource, key in self.parents(call)
        )

    def found(self, call: Call) -> Record:
        """The record that a call names.

        Raises ApiError 404 when there is none. Where the description does not document that, or
        no client could know any key, one that never was gets a record made from it, the same
        each time.
        """
        record = self.peek(call)
        if record is not None:
            return record
        known = self.need_parents(call)
        key = self.key(call)
        expected = self.expects_404 and self._says_key(call) and known
        expected = expected and self._could_know(call, self.resource)
        if expected or call.transaction.was_deleted(self.resource.name, key):
            raise ApiError(404, f"There is no record {unquote(key)!r} in {self.resource.name}.")
        return self.made(call, key)

    def made(self, call: Call, key: str) -> Record:
        """A record made from the key that a call names."""
        shelves = self._world.shelves
        value = shelves.made(self.resource, self.above(call), number_of(key)).value
        value = self.with_parents(call, value)
        return shelves.addressed(self.resource, Record(key, self.with_keys(call, value)))

    def begin(self, call: Call) -> None:
        """Write what is below the parents that a call names, before anything there is changed."""
        if self._begins_anywhere:
            self._presence.write(call.transaction, self.resource, self.above(call))

    def with_keys(self, call: Call, value: Any) -> Any:
        """A value that says the key which a call names."""
        for key in self._role.keys:
            if key.property:
                value = with_value(value, key.property, self._typed(key, self.said(call, key)))
        return value

    def with_parents(self, call: Call, value: Any) -> Any:
        """A value that says the parents which a call names, where it has members for them."""
        for parent in self._telling:
            if parent.property and parent.parameter in call.path and isinstance(value, dict):
                schema = self._world.property_schema(self.resource, parent.property)
                own = typed(self._world, schema, call.path[parent.parameter])
                if own is not None:
                    value = self._with_parent(value, parent.property, own)
        return value

    def _with_parent(self, value: dict[str, Any], path: Path, key: Any) -> Any:
        """A value that says the key of a parent, in a list as one of several."""
        member = self._world.view(self._world.property_schema(self.resource, path[:1]))
        if member.kind != "array":
            return with_value(value, path, key)
        if key in values_at(value, path):
            return value
        known = value.get(path[0])
        whole = [*(known if isinstance(known, list) else ()), with_value({}, path[1:], key)]
        return {**value, path[0]: whole}

    def unkept(self, call: Call) -> list[Any]:
        """What a call says of the parents that narrow a collection and no member tells."""
        told = (each.parameter for each in self._narrowing if not each.property)
        return [call.path[parameter] for parameter in told if parameter in call.path]

    def need_possible_key(self, call: Call) -> None:
        """Raise ApiError where a call names a key that its member can never be.

        It is 404, or what else is documented; where nothing is, any key is taken.
        """
        for key in self._role.keys:
            said = self.said(call, key)
            schema = self._world.property_schema(self.resource, key.property)
            if not key.property or typed(self._world, schema, said) is not None:
                continue
            told = (status for status in _IMPOSSIBLE if documented(self._operation, status))
            status = next(told, None)
            if status is not None:
                place = "/".join(key.property)
                detail = (
                    f"{text_of(said)!r} cannot be the {place} of a record: its schema forbids it."
                )
                raise ApiError(status, detail)

    def _typed(self, key: Key, said: Any) -> Any:
        schema = self._world.property_schema(self.resource, key.property)
        own = typed(self._world, schema, said)
        return said if own is None else own

    def need_parents(self, call: Call) -> bool:
        """Raise ApiError 404 where a parent that a call names was deleted, or never was.

        The answer is whether all of them are there: of what no client can know any name is one.
        """
        known = True
        for resource, key in self.parents(call):
            if self._presence.record(call.transaction, resource, key) is not None:
                continue
            expected = self.expects_404 and self._could_know(call, resource)
            if expected or call.transaction.was_deleted(resource.name, key):
                raise ApiError(404, f"There is no record {unquote(key)!r} in {resource.name}.")
            known = known and self._could_know(call, resource)
        return known

    def _could_know(self, call: Call, resource: Resource) -> bool:
        """Whether a client could have named a record of a resource that is there.

        Of what begins below every parent, and not below all that this call names, it could not.
        """
        narrowed = bool(self._narrowing) and self._begins_anywhere
        if narrowed and resource is self.resource and next(self.records(call), None) is None:
            return False
        return self._presence.could_know(call.transaction, self._operation, self._role, resource)

    def parents(self, call: Call) -> Iterator[tuple[Resource, str]]:
        """The resources and keys of the parents that a call names."""
        texts = [self._text(call, parent.parameter) for parent in self._role.scope]
        yield from named_parents(self._world.inference.resources, self._role.scope, texts)


def typed(world: World, schema: Schema, said: Any) -> Any:
    """What is said of a key as a value of its schema; None where it is none."""
    text = text_of(said)
    candidates: list[Any] = [said, text]
    number = integer_in(text)
    if number is not None:
        candidates.insert(1, number)
    return next((each for each in candidates if world.makers.is_valid(schema, each)), None)


def _properties(keys: Sequence[Key]) -> list[Path]:
    return [key.property for key in keys]


def _has(record: Record, wanted: Sequence[tuple[Path, str]]) -> bool:
    return all(_names(record, path, text) for path, text in wanted)


def _names(record: Record, path: Path, text: str) -> bool:
    own = value_at(record.value, path)
    return isinstance(own, str | int) and text_of(own) == text


def _of_any(records: Iterable[Record], paths: Sequence[Path], text: str) -> Record | None:
    """The first record of which one of some properties says a text, the first property first."""
    known = list(records)
    found = (record for path in paths for record in known if _names(record, path, text))
    return next(found, None)


def below(record: Record, resource: Resource, child: Resource) -> str:
    """What the keys of records of another resource below a record begin with; empty if nothing."""
    length = len(resource.parents) + len(resource.keys)
    parents = child.parents[:length]
    if len(parents) == length and length and parents[-1].resource == resource.name:
        return record.key + "/"
    return ""
