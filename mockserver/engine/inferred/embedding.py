"""Records that embed those below them: an invoice's ``line_items`` are what its list shows."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from mockserver.engine.handlers import Call, Handler, Reply
from mockserver.engine.inference.model import Resource
from mockserver.engine.inference.words import stem
from mockserver.engine.inferred.beginnings import number_of
from mockserver.engine.inferred.new_keys import NewKeys
from mockserver.engine.inferred.world import World
from mockserver.engine.members import text_of, value_at
from mockserver.state.store import Record

_waiting: ContextVar[dict[tuple[str, str], tuple[Embedding, str]] | None] = ContextVar(
    "waiting", default=None
)


def together(handler: Handler) -> Handler:
    """A handler that writes many records; what embeds them is made to show them at its end.

    For each of them would take as long as there are records, each time.
    """

    def handle(call: Call) -> Reply:
        waiting: dict[tuple[str, str], tuple[Embedding, str]] = {}
        token = _waiting.set(waiting)
        try:
            reply = handler(call)
        finally:
            _waiting.reset(token)
        for embedding, key in waiting.values():
            embedding.changed(call, key)
        return reply

    return handle


class Embedding:
    """Keeps what a record embeds and the collection below it the same.

    A collection is embedded by a member of its parent that is called like it, an array of the same
    kind of record.
    """

    def __init__(self, world: World, resource: Resource) -> None:
        self._world = world
        self._resource = resource
        self._below: list[tuple[str, NewKeys, Resource]] | None = None
        self._above: list[tuple[str, Resource]] = []

    def written(self, call: Call, record: Record) -> Record:
        """Make the collections below a record, and what embeds it, those of a record just written.

        The record as it is then.
        """
        self._find()
        for member, keys, child in self._below or ():
            record = self._taken_apart(call, record, (member, keys, child))
        self.changed(call, record.key)
        return record

    def changed(self, call: Call, key: str) -> None:
        """Make what embeds a record show that it is another, or gone."""
        self._find()
        above = "/".join(key.split("/")[: len(self._resource.parents)])
        waiting = _waiting.get()
        if waiting is not None:
            waiting[self._resource.name, above] = (self, key)
            return
        for member, parent in self._above:
            found = call.transaction.get(parent.name, above)
            if found is not None and isinstance(found.value, dict):
                shown = [each.value for each in self._records(call, self._resource, above)]
                value = {**found.value, member: shown}
                if value != found.value and self._world.makers.is_valid(parent.schema, value):
                    call.transaction.put(parent.name, above, value)

    def _find(self) -> None:
        if self._below is None:
            resources = self._world.inference.resources.values()
            own = self._resource
            self._below = [
                (member, NewKeys(self._world, child), child)
                for child in resources
                if (member := self._member(own, child))
            ]
            self._above = [
                (member, parent) for parent in resources if (member := self._member(parent, own))
            ]

    def _member(self, parent: Resource, child: Resource) -> str:
        """The member of a parent that embeds the records of a child; empty if none does."""
        depth = len(parent.parents) + len(parent.keys)
        if child.singleton or not child.keys or not depth or len(child.parents) != depth:
            return ""
        if child.parents[-1].resource != parent.name:
            return ""
        last = stem(child.path.rpartition("/")[2])
        record = self._world.view(child.schema)
        for name, schema in self._world.view(parent.schema).properties.items():
            view = self._world.view(schema)
            element = self._world.view(view.items)
            if element.properties:  # a record, or else its name
                element = replace(element, kind="object")
            if stem(name) == last and view.kind == "array" and element.same(record):
                return name
        return ""

    def _records(self, call: Call, resource: Resource, above: str) -> list[Record]:
        records = call.transaction.records(resource.name)
        return [record for record in records if record.key.startswith(above + "/")]

    def _taken_apart(
        self, call: Call, record: Record, embedded: tuple[str, NewKeys, Resource]
    ) -> Record:
        """Write what a record embeds below it, each with a key."""
        member, keys, child = embedded
        elements = record.value.get(member) if isinstance(record.value, dict) else None
        known = self._records(call, child, record.key)
        if not isinstance(elements, list) or elements == [each.value for each in known]:
            return record
        for each in known:
            call.transaction.delete(child.name, each.key)
        values = [self._written(call, keys, child, (record.key, each)) for each in elements]
        value = {**record.value, member: values}
        if not self._world.makers.is_valid(self._resource.schema, value):
            return record
        return call.transaction.put(self._resource.name, record.key, value)

    def _written(self, call: Call, keys: NewKeys, child: Resource, told: tuple[str, Any]) -> Any:
        """Write one of the records that a record embeds; what it then is."""
        above, element = told
        parts = above.split("/")
        if not isinstance(element, dict):
            element = self._called(keys, child, parts, text_of(element))
        key, value = keys.sent(call, parts, element)
        if not key:
            key, value = keys.new(call, parts, value)
        for parent, part in zip(child.parents, parts, strict=True):
            if parent.property and value_at(value, parent.property) is None:
                value = self._world.shelves.told(child, value, parent.property, unquote(part))
        keys.remember(call, key)
        call.transaction.put(child.name, key, value)
        return value

    def _called(
        self, keys: NewKeys, child: Resource, above: Sequence[str], text: str
    ) -> dict[str, Any]:
        """A record that is called as a name says which stands in its place."""
        number = number_of("/".join([*above, text]))
        value = self._world.shelves.made(child, above, number).value
        named: dict[str, Any] = keys.with_key(value, child.keys[-1], text)
        return named
