"""Records as the schemas of answers have them: nothing hidden is told, and what lacks is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.engine.handlers import View
from mockserver.engine.inference.model import Resource
from mockserver.engine.inference.views import View as SchemaView
from mockserver.engine.inferred.beginnings import number_of
from mockserver.engine.inferred.world import World
from mockserver.engine.members import text_of, value_at
from mockserver.engine.schema import component_name
from mockserver.engine.spec import Schema
from mockserver.state.store import Record

_NESTED = 3
_NO_MEMBERS: frozenset[str] = frozenset()


class Shower:
    """Shows records of a resource as one schema has them, each version of a record once.

    Members that other bodies or answers of the resource declare, and this schema does not, are
    left out, and so is whatever is ``writeOnly``. The rest is as it is kept, where the schema
    allows it.
    """

    def __init__(self, world: World, resource: Resource, schema: Schema) -> None:
        self._world = world
        self._resource = resource
        self._schema = schema
        self._component = component_name(schema)
        self._masks: tuple[frozenset[str], Mapping[str, Any]] | None = None
        self.make = self._made
        """The one object that the bytes of a view are kept under."""

    @property
    def component(self) -> str | None:
        """The component that this schema is a bare reference to."""
        return self._component

    def part(self, record: Record, *, as_view: bool) -> Any:
        """A record as a part of an answer: a view of it, or its value."""
        if as_view and self._component is not None:
            return View(record, self._component, self.make)
        return self.value(record)

    def value(self, record: Record) -> Any:
        """The value of a record as this schema shows it."""
        kept = record.work.get(self.make)
        if kept is None:
            kept = record.work[self.make] = self._made(record.value)
        return kept

    def _made(self, value: Any) -> Any:
        shown = self.projected(value)
        if self._world.makers.is_valid(self._schema, shown):
            return shown
        return self._fitted(shown)

    def projected(self, value: Any) -> Any:
        """A value without the members that this schema hides."""
        hidden, inner = self._mask()
        if not isinstance(value, dict):
            return value
        if inner or not hidden.isdisjoint(value):
            return _without(value, hidden, inner)
        return value

    def _mask(self) -> tuple[frozenset[str], Mapping[str, Any]]:
        """The members to hide, and those inside of which some are to be hidden."""
        if self._masks is None:
            view = self._world.view(self._schema)
            others: frozenset[str] = _NO_MEMBERS
            if view.properties:
                others = self._world.facts(self._resource).declared - view.properties.keys()
            hidden, inner = self._write_only(view, _NESTED)
            self._masks = (hidden | others, inner)
        return self._masks

    def _write_only(self, view: SchemaView, depth: int) -> tuple[frozenset[str], Mapping[str, Any]]:
        hidden = frozenset(self._world.marked(view, "writeOnly"))
        inner = {}
        for name, entry in view.properties.items() if depth else ():
            below = self._world.view(entry)
            if below.kind == "array":
                below = self._world.view(below.items)
            found = self._write_only(below, depth - 1)
            if found[0] or found[1]:
                inner[name] = found
        return hidden, inner

    def _fitted(self, value: Any) -> Any:
        """A value made valid: what is required and lacks is made, what does not fit is replaced."""
        makers, names = self._world.makers, (self._resource.name,)
        if not isinstance(value, dict):
            return makers.make(self._schema, names)
        made = makers.make(self._schema, names, self._number(value))
        if not isinstance(made, dict):
            return made
        tried = filled(self._world, self._schema, value, made)
        if makers.is_valid(self._schema, tried):
            return tried
        said = self._mended(tried, made)
        return said if said is not None else makers.fitted(self._schema, value, names)

    def _mended(self, tried: Mapping[str, Any], made: Mapping[str, Any]) -> dict[str, Any] | None:
        """A value in which the members that do not fit on their own are replaced or left out."""
        # What one schema shows is judged member by member: with all that they share at once.
        self._world.schemas.join(self._world.view(self._schema).properties.values(), reply=True)
        said = mended(self._world, self._schema, tried, made)
        return said if self._world.makers.is_valid(self._schema, said) else None

    def _number(self, value: Any) -> int:
        """A number of a record's own, by which what is made for it differs from others'."""
        keys = [value_at(value, key.property) for key in self._resource.keys if key.property]
        return number_of("/".join(map(text_of, keys)))


def filled(
    world: World,
    schema: Schema,
    value: Mapping[str, Any],
    made: Mapping[str, Any],
    depth: int = _NESTED,
) -> dict[str, Any]:
    """A value with what its schema requires, or leaves to the server, taken from a made one."""
    view = world.view(schema)
    filling = dict(value)
    for name, entry in view.properties.items():
        own, other = value.get(name), made.get(name)
        if name not in value:
            plain = world.view(entry).plain
            by_server = entry.get("readOnly") is True or plain.get("readOnly") is True
            if name in made and (name in view.required or by_server):
                filling[name] = other
        elif isinstance(own, dict) and isinstance(other, dict) and depth:
            filling[name] = filled(world, entry, own, other, depth - 1)
        elif isinstance(own, list) and (like := _first(other)) and depth:
            items = world.view(entry).items or {}
            filling[name] = [
                filled(world, items, each, like, depth - 1) if isinstance(each, dict) else each
                for each in own
            ]
    return filling


def _first(made: Any) -> dict[str, Any]:
    """The first object of a made array, by which others are filled in."""
    return made[0] if isinstance(made, list) and made and isinstance(made[0], dict) else {}


def mended(
    world: World, schema: Schema, tried: Mapping[str, Any], made: Any, depth: int = _NESTED
) -> dict[str, Any]:
    """A value in which each member that does not fit is mended inside, or replaced, or left out."""
    properties, makers = world.view(schema).properties, world.makers
    other = made if isinstance(made, dict) else {}
    said = {}
    for name, member in tried.items():
        entry = properties.get(name)
        if entry is None or makers.is_valid(entry, member):
            said[name] = member
            continue
        candidates: list[Any] = [text_of(member)] if isinstance(member, int) else []
        if isinstance(member, dict) and depth:
            candidates.append(mended(world, entry, member, other.get(name), depth - 1))
        if isinstance(member, list) and depth:
            items, like = world.view(entry).items or {}, _first(other.get(name))
            candidates.append(
                [
                    mended(world, items, each, like, depth - 1) if isinstance(each, dict) else each
                    for each in member
                ]
            )
        candidates += [other[name]] if name in other else []
        fitting = [each for each in candidates if makers.is_valid(entry, each)]
        if fitting:
            said[name] = fitting[0]
    return said


def _without(
    value: Mapping[str, Any], hidden: frozenset[str], inner: Mapping[str, Any]
) -> dict[str, Any]:
    shown = {}
    for name, member in value.items():
        if name not in hidden:
            masks = inner.get(name)
            shown[name] = _masked(member, masks) if masks is not None else member
    return shown


def _masked(member: Any, masks: tuple[frozenset[str], Mapping[str, Any]]) -> Any:
    if isinstance(member, dict):
        return _without(member, *masks)
    if isinstance(member, list):
        return [_masked(each, masks) for each in member]
    return member
