"""The records that inferred collections begin with, made when they are first asked for."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any
from urllib.parse import quote, unquote

from mockserver.engine.inference.inferring import Inference
from mockserver.engine.inference.model import Resource
from mockserver.engine.inference.views import Views
from mockserver.engine.members import Path, integer_in, key_text, text_of, value_at, with_value
from mockserver.engine.seeds.addresses import Addresses
from mockserver.engine.seeds.examples import Examples
from mockserver.engine.seeds.links import Link, Links, narrowing
from mockserver.engine.spec import Schema
from mockserver.engine.values.makers import Makers
from mockserver.state.store import EMPTY, Collection, Record

_TURNS = 5
_STRIDE = 10_000


@dataclass(frozen=True, slots=True)
class _Draft:
    """A record, and the members that somebody wrote and nobody changes."""

    record: Record
    written: frozenset[str] = frozenset()


_Drafts = dict[str, _Draft]


class Shelves:
    """The seed of each collection of a description, by its name, made once.

    A collection begins with what was given for it, or else with its examples and, up to a number,
    with records that are made. Three rounds make what a record says of others true, whichever
    collection is asked for first: keys, then members that name keys, then members that embed.
    """

    def __init__(self, inference: Inference, makers: Makers, records: int) -> None:
        self._resources = inference.resources
        self._makers = makers
        self._records = records
        views = Views(makers.schemas.resolved)
        self._links = Links(inference.resources, views, narrowing(inference))
        self._examples: Examples | None = None
        self._named_by: Mapping[str, Sequence[Schema]] = {}
        self._addresses: Addresses | None = None
        self.left_out: list[tuple[str, str]] = []
        self._given: dict[str, _Drafts] = {}
        self._bare: dict[str, _Drafts] = {}
        self._joined: dict[str, _Drafts] = {}
        self._made: dict[str, Collection] = {}
        self._lock = threading.RLock()

    def begin_with(self, examples: Examples) -> None:
        """Have the records that a description shows come before those that are made."""
        examples.name_others(self._resources, self._links)
        self._examples = examples

    def address_by(self, addresses: Addresses) -> None:
        """Have records say where they are."""
        self._addresses = addresses

    def addressed(
        self, resource: Resource, record: Record, written: frozenset[str] = frozenset()
    ) -> Record:
        """A record that says where it is; what somebody has ``written`` stays."""
        if self._addresses is None:
            return record
        value = self._addresses.told(resource, record.key, record.value, written)
        return record if value is record.value else Record(record.key, value)

    def name_by(self, naming: Mapping[str, Sequence[Schema]]) -> None:
        """Have the keys of records be such that all these parameters take them, if they can be."""
        self._named_by = naming

    def take_examples(self) -> None:
        """Make the collections that have examples: ``left_out`` then says which are none, and why.

        Each is told by its pointer and a message.
        """
        for name in self._examples.resources if self._examples else ():
            self.collection(name)

    def give(
        self, name: str, records: Sequence[Record], written: Mapping[str, frozenset[str]]
    ) -> None:
        """Have a collection begin with these records and no others.

        ``written`` says by key which members somebody wrote; the others were made.
        """
        drafts = [_Draft(record, written.get(record.key, frozenset())) for record in records]
        self._given[name] = {draft.record.key: draft for draft in drafts}

    def collection(self, name: str) -> Collection:
        """The records that a collection begins with; none for one that was not inferred."""
        with self._lock:
            if name not in self._made:
                collection = EMPTY
                for number, draft in enumerate(self._linked(name).values()):
                    collection = collection.put(self._embedding(name, draft, number))
                self._made[name] = collection
            return self._made[name]

    # Keys

    def _keyed(self, name: str) -> _Drafts:
        """Records with keys of their own, below the keys of their parents."""
        if name not in self._bare:
            self._bare[name] = {}  # what a parent needs of its own child is nothing
            resource = self._resources.get(name)
            if name in self._given:
                self._bare[name] = self._given[name]
            elif resource is not None and self._records:
                self._bare[name] = self._filled(resource)
        return self._bare[name]

    def _filled(self, resource: Resource) -> _Drafts:
        made: _Drafts = {}
        scopes = self._scopes(resource)
        for draft in self._shown(resource, scopes):
            made.setdefault(draft.record.key, draft)
        count = 1 if resource.singleton else self._records
        number = len(made)
        for scope in scopes:
            above = "".join(f"{key}/" for key in scope)
            there = sum(key.startswith(above) for key in made)
            for _ in range(count - there):
                record = self._another(resource, scope, number, made)
                number += 1
                if record is not None:
                    made[record.key] = _Draft(record)
        return made

    def _scopes(self, resource: Resource) -> list[tuple[str, ...]]:
        """Below which parents records are to be: the first records of each parent."""
        most = 1 if resource.singleton else self._records
        scopes: list[tuple[str, ...]] = [()]
        for place, parent in enumerate(resource.parents):
            above = parent.resource if not self._is_below_itself(parent.resource) else ""
            known = self._keyed(above) if above else {}
            depth = self._depth(resource, place) if above else 0
            scopes = list(dict.fromkeys(
                (*scope, key)
                for scope in scopes
                for key in _keys_below(known, scope, depth, self._records) or ["1"]
            ))[: most * 8]  # fmt: skip
        return scopes

    def _depth(self, resource: Resource, place: int) -> int:
        """Which part of its parent's key a parameter gives; those of one key are in a row."""
        name = resource.parents[place].resource
        parent = self._resources[name]
        following = resource.parents[place + 1 :]
        row = takewhile(lambda other: other.resource == name, following)
        return max(0, len(parent.parents) + len(parent.keys) - 1 - sum(1 for _ in row))

    def _is_below_itself(self, name: str) -> bool:
        """Whether a resource is, by some way, a parent of itself."""
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            resource = self._resources.get(waiting.pop())
            for parent in resource.parents if resource else ():
                if parent.resource == name:
                    return True
                if parent.resource not in seen:
                    seen.add(parent.resource)
                    waiting.append(parent.resource)
        return False

    def _another(
        self, resource: Resource, scope: tuple[str, ...], number: int, taken: Mapping[str, Any]
    ) -> Record | None:
        """A made record whose key is not taken: numbers count from 1."""
        for turn in range(_TURNS):
            record = self.made(resource, scope, number + turn * _STRIDE)
            if resource.keys and resource.keys[-1].kind == "integer":
                record = self._counted(resource, scope, record, len(taken) + turn + 1)
            if record.key not in taken:
                return self.addressed(resource, record)
        return None

    def _counted(
        self, resource: Resource, scope: tuple[str, ...], record: Record, number: int
    ) -> Record:
        if len(resource.keys) > 1 or not resource.key:
            return record
        value = self.told(resource, record.value, resource.key, str(number))
        if text_of(value_at(value, resource.key)) != str(number):
            return record
        return Record("/".join([*scope, str(number)]), value)

    # Examples

    def _shown(self, resource: Resource, scopes: Sequence[tuple[str, ...]]) -> Iterator[_Draft]:
        """The records that the description shows, those of one key laid together."""
        merged: dict[str, tuple[dict[str, Any], str, tuple[str, ...]]] = {}
        for example in self._examples.of(resource.name) if self._examples else ():
            scope = self._scope_of(resource, example.value, scopes)
            own = [value_at(example.value, key.property) for key in resource.keys if key.property]
            known = bool(own) and None not in own
            key = "/".join([*scope, key_text(own)]) if known else f"{len(merged)} without a key"
            if resource.singleton:
                key = "/".join(scope)
            shown, pointer, _ = merged.get(key, ({}, example.pointer, scope))
            merged[key] = ({**example.value, **shown}, pointer, scope)
        for number, (shown, pointer, scope) in enumerate(merged.values()):
            yield from self._completed(resource, scope, number, (shown, pointer))

    def _completed(
        self, resource: Resource, scope: tuple[str, ...], number: int,
        example: tuple[dict[str, Any], str],
    ) -> Iterator[_Draft]:  # fmt: skip
        shown, pointer = example
        value = self._makers.completed(resource.schema, shown, (resource.name,))
        if value is None:
            told = self._makers.schemas.violations(resource.schema, shown, "example")
            told.sort(key=lambda violation: violation.rule == "required")
            reason = f": {told[0]}" if told else ""
            message = f"the example is no valid record of {resource.name} and is left out{reason}"
            self.left_out.append((pointer, message))
            return
        record = self.keyed(resource, scope, number, value)
        written = frozenset(shown)
        yield _Draft(self.addressed(resource, record, written), written)

    def _scope_of(
        self, resource: Resource, value: Any, scopes: Sequence[tuple[str, ...]]
    ) -> tuple[str, ...]:
        """Below which of the known parents a record says it is, or else the first one."""

        def fits(scope: tuple[str, ...]) -> bool:
            told = (value_at(value, parent.property) if parent.property else None
                    for parent in resource.parents)  # fmt: skip
            return all(own is None or quote(text_of(own), safe="") == key
                       for own, key in zip(told, scope, strict=False))  # fmt: skip

        return next(filter(fits, scopes), scopes[0] if scopes else ())

    # What records say of each other

    def _linked(self, name: str) -> _Drafts:
        """Records whose members name keys that are there."""
        if name not in self._joined:
            drafts = self._keyed(name)
            for resource, link in self._links_of(name):
                if not link.whole:
                    drafts = {
                        key: self._naming(resource, draft, link, number)
                        for number, (key, draft) in enumerate(drafts.items())
                    }
            self._joined[name] = drafts
        return self._joined[name]

    def _links_of(self, name: str) -> Iterator[tuple[Resource, Link]]:
        resource = self._resources.get(name)
        if resource is not None:
            yield from ((resource, link) for link in self._links.of(resource))

    def _naming(self, resource: Resource, draft: _Draft, link: Link, number: int) -> _Draft:
        value = draft.record.value
        path = (link.member,)
        member = value_at(value, path)
        keys = _nearest(self._keyed(link.resource), draft.record.key)
        if (member is None and not link.narrows) or not keys or link.member in draft.written:
            return draft
        if not link.many:
            if text_of(member) in keys:
                return draft
            value = self.told(resource, value, path, keys[number % len(keys)])
        elif isinstance(member, list):
            count = min(len(member), len(keys))
            chosen = [keys[(number + turn) % len(keys)] for turn in range(count)]
            numbers = [key if (n := integer_in(key)) is None else n for key in chosen]
            tried = (with_value(value, path, each) for each in (numbers, chosen))
            value = next((v for v in tried if self._makers.is_valid(resource.schema, v)), value)
        return _Draft(Record(draft.record.key, value), draft.written)

    def _embedding(self, name: str, draft: _Draft, number: int) -> Record:
        """A record whose members that embed others are like those."""
        value = draft.record.value
        for resource, link in self._links_of(name):
            member = value_at(value, (link.member,)) or link.blank
            targets = list(self._linked(link.resource).values()) if link.whole else []
            known = isinstance(value, dict) and member is not None and targets
            if not known or link.member in draft.written:
                continue
            own = [each.record.value for each in targets if _is_below(each.record, draft.record)]
            if own and self._makers.is_valid(resource.schema, {**value, link.member: own}):
                value = {**value, link.member: own}
                continue
            for like in self._likenesses(link, member, targets, number):
                tried = {**value, link.member: like}
                if self._makers.is_valid(resource.schema, tried):
                    value = tried
                    break
        return draft.record if value is draft.record.value else Record(draft.record.key, value)

    def _likenesses(
        self, link: Link, member: Any, targets: Sequence[_Draft], number: int
    ) -> Iterator[Any]:
        """Members that embed records: as these are, then with no more than they have now."""
        inner = self._links.of(self._resources[link.resource])
        deep = {each.member for each in inner if each.whole}
        listed = member if isinstance(member, list) else [member]
        found = [targets[(number + turn) % len(targets)].record.value
                 for turn in range(min(len(listed), len(targets)))]  # fmt: skip
        pairs = list(zip(listed, found, strict=False))
        if all(isinstance(each, dict) for pair in pairs for each in pair):
            whole = [{n: m for n, m in like.items() if n not in deep} for _, like in pairs]
            partly = [{**own, **{n: like[n] for n in own if n in like and n not in deep}}
                      for own, like in pairs]  # fmt: skip
            for each in (whole, partly):
                yield each if link.many else each[0]

    def made(self, resource: Resource, above: Sequence[str], number: int) -> Record:
        """A record made from the schema, with a key of its own and the keys of its parents."""
        value = self._makers.make(resource.schema, (resource.name,), number)
        return self.addressed(resource, self.keyed(resource, above, number, value))

    def keyed(self, resource: Resource, above: Sequence[str], number: int, value: Any) -> Record:
        """A record of a value, which says its own key and those of its parents."""
        for parent, text in zip(resource.parents, above, strict=False):
            if parent.property:
                value = self.told(resource, value, parent.property, text)
        keys = [text_of(self._key(resource, position, value, number))
                for position in range(len(resource.keys))]  # fmt: skip
        for key, text in zip(resource.keys, keys, strict=True):
            if key.property:
                value = self.told(resource, value, key.property, text)
        return Record("/".join([*above, *(quote(text, safe="") for text in keys)]), value)

    def _key(self, resource: Resource, position: int, value: Any, number: int) -> Any:
        key = resource.keys[position]
        own = value_at(value, key.property) if key.property else None
        naming = self._named_by.get(resource.name, ()) if key is resource.keys[-1] else ()
        schemas = (key.schema, *naming)
        if own is not None and not isinstance(own, dict | list) and self._are_keys(schemas, own):
            return own
        names = (resource.name, key.parameter)
        made = [self._makers.make(schema, names, number) for schema in schemas]
        tried = [each for each in made if each is not None] or [number + 1]
        return max(tried, key=lambda each: sum(self._is_key(schema, each) for schema in schemas))

    def _are_keys(self, schemas: Sequence[Schema], own: Any) -> bool:
        return all(self._is_key(schema, own) for schema in schemas)

    def _is_key(self, schema: Schema, own: Any) -> bool:
        """Whether a parameter takes a value as a key: as it is, or as the text that it is there."""
        text = text_of(own)
        tries = [each for each in (own, text, integer_in(text)) if each is not None]
        return any(self._makers.is_valid(schema, each) for each in tries)

    def told(self, resource: Resource, value: Any, path: Path, text: str) -> Any:
        """A record that says its key, or a parent's, as a value of the type it may have."""
        if not isinstance(value, dict) or text_of(value_at(value, path)) == text:
            return value
        number = integer_in(text)
        candidates: list[Any] = [text] if number is None else [number, text]
        for candidate in candidates:
            tried = with_value(value, path, candidate)
            if self._makers.is_valid(resource.schema, tried):
                return tried
        return value


def _is_below(record: Record, other: Record) -> bool:
    """Whether a record is one right below another: its key is the other's and a part of its own."""
    return record.key.rpartition("/")[0] == other.key


def _keys_below(
    known: Mapping[str, _Draft], scope: tuple[str, ...], depth: int, most: int
) -> list[str]:
    """The next parts of the keys of the first records below as many parents as they have."""
    above = "".join(f"{key}/" for key in scope[-depth:]) if depth else ""
    found = [key for key in known if key.startswith(above)]
    if not found and depth != len(scope):
        found = list(known)
    parts = (key.split("/")[depth:] for key in found)
    return list(dict.fromkeys(part[0] for part in parts if part))[:most]


def _nearest(known: Mapping[str, _Draft], key: str) -> list[str]:
    """The own keys, as they stand in a path, of those records that have most parents in common."""
    parts = key.split("/")[:-1]
    for depth in range(len(parts), -1, -1):
        above = "".join(f"{part}/" for part in parts[:depth])
        found = [other for other in known if other.startswith(above)]
        if found:
            return [unquote(other.rpartition("/")[2]) for other in found]
    return []
