"""What is sent in the place of another record: its key or its name, where records embed it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any
from urllib.parse import unquote

from mockserver.engine.inference.model import Resource
from mockserver.engine.inference.views import View, Views
from mockserver.engine.inference.words import KEY_WORDS, NAMED, NAMES, normal, stem
from mockserver.engine.members import text_of, value_at
from mockserver.engine.seeds.links import Link, Links
from mockserver.engine.spec import Schema
from mockserver.engine.values.makers import Makers
from mockserver.state.store import Record, Transaction

_SCALARS = (str, int, float)
_KINDS = frozenset(("string", "integer", "number"))


class References:
    """Makes what was sent into what records have: ``tags: ["red"]`` into objects called so.

    A value that names a record which is there stands for that record, any other for an object that
    has the value as its key or its name.
    """

    def __init__(self, resources: Mapping[str, Resource], views: Views, makers: Makers) -> None:
        self._resources = resources
        self._views = views
        self._makers = makers
        self._links = Links(resources, views)
        self._known: dict[str, Mapping[str, Link]] = {}
        self._places: dict[str, Mapping[str, _Place]] = {}
        self._by_name: dict[str, list[Resource]] = {}
        for resource in resources.values():
            if resource.keys and not resource.singleton:
                self._by_name.setdefault(_stem_of(resource.name), []).append(resource)

    def told(
        self,
        transaction: Transaction,
        resource: Resource,
        sent: dict[str, Any],
        above: Sequence[str] = (),
    ) -> dict[str, Any]:
        """The members that were sent, as records of a resource have them.

        ``above`` are the keys of the record's parents: what it names may be below them, too.
        """
        places = self._places.get(resource.name)
        if places is None:
            places = self._places[resource.name] = self._found_places(resource)
        made = sent
        for name, member in sent.items():
            place = places.get(name)
            if place is not None and place.differs(member):
                link = self._link(resource, name)
                referred = _Member(name, place.schema, link, resource, above)
                found = self._as_kept(transaction, referred, member)
                if found is not None:
                    made = {**made, name: found}
        return made

    def _link(self, resource: Resource, name: str) -> Link | None:
        known = self._known.get(resource.name)
        if known is None:
            known = {link.member: link for link in self._links.of(resource)}
            self._known[resource.name] = known
        return known.get(name)

    def _found_places(self, resource: Resource) -> Mapping[str, _Place]:
        """The members that may embed a record, or name one, by their names."""
        found = {}
        for name, schema in self._views.view(resource.schema).properties.items():
            view = self._views.view(schema)
            listed = view.kind == "array"
            element = self._views.view(view.items) if listed else view
            embeds, names = bool(element.properties), element.kind in _KINDS
            if embeds or names:
                found[name] = _Place(schema, listed, embeds, names)
        return found

    def _as_kept(self, transaction: Transaction, referred: _Member, member: Any) -> Any:
        """A member as its schema wants it; None where it wants what was sent, or nothing fits."""
        if self._makers.is_valid(referred.schema, member):
            return self._known_ones(transaction, referred, member)
        if not isinstance(member, list):
            return self._one(transaction, referred, referred.schema, member)
        items = self._views.view(referred.schema).items or {}
        found = [self._one(transaction, referred, items, part) for part in member]
        return None if None in found else found

    def _known_ones(self, transaction: Transaction, referred: _Member, member: Any) -> Any:
        """Records in the place of keys that may stay as they are; None where one is unknown."""
        if not isinstance(member, list) or referred.link is None:
            return None
        found = [self._record(transaction, referred, part) for part in member]
        values = [each.value for each in found if each is not None]
        whole = bool(values) and len(values) == len(member)
        return values if whole and self._makers.is_valid(referred.schema, values) else None

    def _one(self, transaction: Transaction, referred: _Member, schema: Schema, part: Any) -> Any:
        view = self._views.view(schema)
        if isinstance(part, dict) and view.kind in _KINDS:
            return self._first_valid(schema, _keys_in(part))
        if not (_is_scalar(part) and view.is_record):
            return part
        known = self._record(transaction, referred, part)
        if known is not None and isinstance(known.value, dict):
            whole = known.value
            shared = {name: whole[name] for name in whole if name in view.properties}
            if self._makers.is_valid(schema, shared):
                return shared
        return self._made(referred, schema, view, part)

    def _record(self, transaction: Transaction, referred: _Member, part: Any) -> Record | None:
        """The record that a value names by its key, or by its name: one below the same parents."""
        if referred.link is None or not _is_scalar(part):
            return None
        for target, depth in self._targets(referred, referred.link):
            above = "".join(f"{each}/" for each in referred.above[:depth])
            known = transaction.records(target.name)
            found = _called([each for each in known if each.key.startswith(above)], part)
            if found is not None:
                return found
        return None

    def _targets(self, referred: _Member, link: Link) -> Sequence[tuple[Resource, int]]:
        """The resources that a member may mean, and how many parents they share with its record.

        Of several that are called alike it means those with the most parents in common.
        """
        alike = self._by_name[_stem_of(link.resource)]
        found = [(each, _shared(each, referred.resource)) for each in alike]
        most = max((depth for _, depth in found), default=0)
        return [each for each in found if each[1] == most]

    def _made(self, referred: _Member, schema: Schema, view: View, part: Any) -> Any:
        """An object that has a value as its key or its name, and else what it must have."""
        made = self._makers.make(schema, (referred.name, text_of(part)))
        lacking = {
            name: made[name] for name in view.required if isinstance(made, dict) and name in made
        }
        tries = ({**lacking, name: part} for name in self._names(referred, view))
        return self._first_valid(schema, tries)

    def _names(self, referred: _Member, view: View) -> Iterator[str]:
        """The members that a value may be: the key of its resource, then usual keys and names."""
        target = self._resources.get(referred.link.resource) if referred.link else None
        if target is not None and len(target.key) == 1 and target.key[0] in view.properties:
            yield target.key[0]
        words = KEY_WORDS if stem(referred.name) not in _NAMED else ("name", *KEY_WORDS)
        for word in words:
            yield from (name for name in view.properties if normal(name) == word)

    def _first_valid(self, schema: Schema, tries: Iterable[Any]) -> Any:
        return next((each for each in tries if self._makers.is_valid(schema, each)), None)


@dataclass(frozen=True, slots=True)
class _Member:
    """A member of a record that refers to another."""

    name: str
    schema: Schema
    link: Link | None
    resource: Resource
    above: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Place:
    """A member in which a record, or each record of a list, is embedded or named."""

    schema: Schema
    listed: bool
    embeds: bool
    names: bool

    def differs(self, member: Any) -> bool:
        """Whether a member names what its schema embeds, or embeds what its schema names."""
        if isinstance(member, list) != self.listed:
            return False
        parts = member if self.listed else (member,)
        return any(
            (self.embeds and _is_scalar(part)) or (self.names and isinstance(part, dict))
            for part in parts
        )


_NAMED = frozenset(map(stem, NAMED))


def _stem_of(resource: str) -> str:
    return stem(resource.rpartition(".")[2])


def _shared(one: Resource, other: Resource) -> int:
    """How many parents two resources have in common."""
    pairs = zip(one.parents, other.parents, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0].resource == pair[1].resource, pairs))


def _called(records: Sequence[Record], part: Any) -> Record | None:
    """The record that has a value as its key, or else as its name."""
    text = text_of(part)
    by_key = (each for each in records if unquote(each.key.rpartition("/")[2]) == text)
    by_name = (each for name in NAMES for each in records if value_at(each.value, (name,)) == part)
    return next(by_key, None) or next(by_name, None)


def _is_scalar(part: Any) -> bool:
    return isinstance(part, _SCALARS) and not isinstance(part, bool)


def _keys_in(part: Mapping[str, Any]) -> Iterator[Any]:
    """The values by which an object that was sent may be named."""
    for word in KEY_WORDS:
        yield from (part[name] for name in part if normal(name) == word)
