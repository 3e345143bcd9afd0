"""Bodies of good answers that hold records: one, or a list of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from mockserver.engine.handlers import Call, Reply
from mockserver.engine.inference.keys import Key
from mockserver.engine.inference.words import MAIN_KEYS, WRAPPERS, normal, stem, words
from mockserver.engine.inferred.acting import Acting
from mockserver.engine.inferred.answers import Answer
from mockserver.engine.inferred.showing import Shower
from mockserver.engine.members import integer_in, value_at, with_value
from mockserver.state.store import Record

_NESTED = 5
"""Compositions of compositions that are looked into for the bounds of a list."""

_ALIKE = 3
"""Members in common by which an object inside an answer is taken for the record."""


class ListAnswer:
    """A list of records as an answer has it."""

    def __init__(self, acting: Acting, answer: Answer) -> None:
        self._world = acting.world
        self._resource = acting.locator.resource
        self._answer = answer
        self._envelope = answer.envelope
        self._shower = Shower(acting.world, acting.locator.resource, answer.envelope.item)
        self._as_view: bool | None = None

    def body(self, records: Sequence[Record]) -> Any:
        """The body that holds these records, or as many of them as it may hold."""
        if self._as_view is None:
            self._as_view = self._takes_views()
        parts = [self._shower.part(record, as_view=self._as_view) for record in records]
        if self._envelope.form == "map":
            keys = [record.key.rpartition("/")[2] for record in records]
            return self._answer.wrapped(dict(zip(keys, parts, strict=True)))
        if self._is_choice():
            return self._chosen(parts)
        each = self._envelope.each
        inner = [with_value({}, each, part) for part in parts] if each else parts
        return self._answer.wrapped(self._within(inner))

    def _is_choice(self) -> bool:
        """Whether the list, or what is around it, is one of several that the answer may be."""
        listed = self._world.view(self._list_schema()).plain
        return self._answer.is_choice or not {"oneOf", "anyOf"}.isdisjoint(listed)

    def _chosen(self, parts: list[Any]) -> Any:
        """The body of a list where its schema allows it, or else a made one."""
        each = self._envelope.each
        body = self._answer.wrapped([with_value({}, each, part) for part in parts])
        return self._answer.allowed(body, (self._resource.name,))

    def _within(self, inner: list[Any]) -> list[Any]:
        """No more records than the list may have, and as many as it must."""
        told = dict(self._bounds(self._list_schema()))
        most, least = told.get("maxItems"), told.get("minItems", 0)
        if isinstance(most, int) and len(inner) > most:
            return inner[:most]
        if isinstance(least, int) and len(inner) < least:
            made = self._answer.makes(self._list_schema(), (self._resource.name,))
            return [*inner, *made[len(inner) : least]] if isinstance(made, list) else inner
        return inner

    def _bounds(self, schema: Any, depth: int = _NESTED) -> Iterator[tuple[str, Any]]:
        """How many elements a list has, as its schema, or else what that is composed of, says."""
        plain = self._world.view(schema).plain
        parts = plain.get("allOf")
        for part in parts if depth and isinstance(parts, list) else ():
            yield from self._bounds(part, depth - 1)
        yield from ((name, plain[name]) for name in ("maxItems", "minItems") if name in plain)

    def _list_schema(self) -> Any:
        schema: Any = self._envelope.schema
        for name in self._envelope.path:
            schema = self._world.view(schema).properties.get(name, {})
        return schema

    def _takes_views(self) -> bool:
        """Whether views may stand in the body where records do.

        They cannot where elements must differ, and where no bare reference says what they are.
        """
        component = self._shower.component
        if component is None or self._world.view(self._list_schema()).plain.get("uniqueItems"):
            return False
        if self._is_choice():
            return False
        token = self._world.schemas.token(component)
        part = with_value({}, self._envelope.each, token)
        inner: Any = {"key": part} if self._envelope.form == "map" else self._within([part])
        body = self._answer.wrapped(inner)
        return self._world.schemas.validator(self._envelope.schema, reply=True).is_valid(body)


class RecordAnswer:
    """One record as an answer has it."""

    def __init__(self, acting: Acting, wanted: Sequence[int]) -> None:
        self._world = acting.world
        self._operation = acting.operation
        self._resource = acting.resource
        self.answer = acting.answer(wanted)
        envelope = self.answer.envelope
        self._shower = Shower(acting.world, acting.resource, envelope.item)
        self._as_view: bool | None = None
        self._beside: frozenset[str] = frozenset()
        # A key that is kept beside the record may all the same be told.
        self._tells_key = any(not key.property for key in acting.resource.keys)
        self._shows = envelope.form == "item" and not self.answer.is_empty
        self._lists = envelope.form in ("list", "map") and not self.answer.is_empty
        self._listed = ListAnswer(acting, self.answer) if self._lists else None

    def reply(self, call: Call, record: Record, known: Mapping[str, Any] | None = None) -> Reply:
        """The reply that shows a record, if the answer has one."""
        if self._shows:
            return self.answer.reply(call, self._body(record), known)
        if self._listed is not None:
            return self.answer.reply(call, self._listed.body([record]), known)
        return self.answer.reply(call, self._telling(record), known)

    def _telling(self, record: Record) -> Any:
        """A body that is no record, in which members that are called like a record's are those."""
        body = self.other()
        if not isinstance(body, dict) or not isinstance(record.value, dict):
            return body
        body = self._with_keys(body, record)
        for name, member in body.items():
            least = 1 if normal(name) in WRAPPERS else _ALIKE
            if isinstance(member, dict) and len(member.keys() & record.value.keys()) >= least:
                return self._with_members(body, (name,), record.value)
        return self._with_members(body, (), record.value)

    def _with_keys(self, body: Mapping[str, Any], record: Record) -> Any:
        """A body in which members that are called like the key, also in objects, are the key."""
        made: Any = body
        own = [unquote(part) for part in record.key.split("/")[len(self._resource.parents) :]]
        for key, text in zip(self._resource.keys, own, strict=False):
            names = self._names_of(key)
            number = integer_in(text)
            tries = [text] if number is None else [number, text]
            for path in _paths_called(body, names):
                made = self._first_valid((with_value(made, path, each) for each in tries), made)
        return made

    def _names_of(self, key: Key) -> frozenset[str]:
        """What an answer may call a key: as its parameter or property, ``petId`` of pets, id."""
        own = stem(self._resource.name.rpartition(".")[2])
        names = {normal(key.parameter), *map(normal, key.property[-1:])}
        is_last = key is self._resource.keys[-1]
        if is_last and (words(key.parameter)[-1:] or [""])[0] in MAIN_KEYS:
            names |= {own + word for word in MAIN_KEYS}
            if not key.property or normal(key.property[-1]) in MAIN_KEYS:
                names |= MAIN_KEYS
        return frozenset(names)

    def _with_members(self, body: Any, path: tuple[str, ...], value: Mapping[str, Any]) -> Any:
        """A body in which the members of an object are those of a record, where they may be."""
        inner = value_at(body, path)
        common = {name: value[name] for name in inner if name in value}
        whole = with_value(body, path, {**inner, **common})
        if self._world.makers.is_valid(self.answer.envelope.schema, whole):
            return whole
        for name, member in common.items():
            tried = with_value(body, (*path, name), member)
            body = self._first_valid([tried], body)
        return body

    def _first_valid(self, tries: Iterable[Any], other: Any) -> Any:
        schema = self.answer.envelope.schema
        return next((each for each in tries if self._world.makers.is_valid(schema, each)), other)

    def _body(self, record: Record) -> Any:
        if self._as_view is None:
            self._as_view = self._takes_views()
            self._beside = self._found_beside()
        beside = isinstance(record.value, dict) and not self._beside.isdisjoint(record.value)
        part = self._shower.part(record, as_view=self._as_view and not beside)
        body = self.answer.wrapped(part)
        if beside:
            told = {name: record.value[name] for name in self._beside if name in record.value}
            body = self._with_members(body, (), told)
        if self._tells_key and isinstance(body, dict):
            body = self._with_keys(body, record)
        return self.answer.allowed(body, (record.key,)) if self.answer.is_choice else body

    def _found_beside(self) -> frozenset[str]:
        """The members around a record that are none of its own."""
        envelope = self.answer.envelope
        around = self.answer.around if envelope.path else None
        if not isinstance(around, dict):
            return frozenset()
        own = self._world.view(envelope.item).properties.keys()
        return frozenset(around.keys() - own - {envelope.path[0]})

    def _takes_views(self) -> bool:
        component = self._shower.component
        if component is None or self._tells_key or self.answer.is_choice:
            return False
        if not self.answer.envelope.path:
            return True
        body = self.answer.wrapped(self._world.schemas.token(component))
        schema = self.answer.envelope.schema
        return self._world.schemas.validator(schema, reply=True).is_valid(body)

    @property
    def shows_record(self) -> bool:
        """Whether the answer has a place for a record."""
        return self._shows

    def other(self, names: Sequence[str] = ()) -> Any:
        """A body that is no record, the same for the same names."""
        if self.answer.is_empty:
            return None
        return self.answer.makes(self.answer.envelope.schema, (self._operation.id, *names))


def _paths_called(body: Mapping[str, Any], names: frozenset[str]) -> Iterator[tuple[str, ...]]:
    """Where scalars are that have one of some names: in an object, and in the objects inside."""
    for name, member in body.items():
        if normal(name) in names and isinstance(member, str | int):
            yield (name,)
        for inner, each in member.items() if isinstance(member, dict) else ():
            if normal(inner) in names and isinstance(each, str | int):
                yield (name, inner)
