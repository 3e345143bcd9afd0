"""Drafts and guesses made into resources and roles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mockserver.engine.inference.homes import is_unnamed
from mockserver.engine.inference.keys import (
    Fields,
    Key,
    Parent,
    Path,
    declared,
    foreign_key,
    key_kind,
    key_of,
    named_property,
)
from mockserver.engine.inference.kinds import Guess
from mockserver.engine.inference.model import Resource, Role
from mockserver.engine.inference.paths import Node, names_at
from mockserver.engine.inference.places import Draft, Places, body_schema
from mockserver.engine.inference.queries import Query, queries, query_of, settings
from mockserver.engine.inference.shapes import (
    About,
    Envelope,
    alternatives,
    content,
    contents,
    found_beside,
    found_item,
    found_list,
    preferred,
)
from mockserver.engine.inference.views import NOTHING, View
from mockserver.engine.inference.words import NO_SCOPE, normal
from mockserver.engine.spec import Operation, Schema

LISTS = frozenset(("list", "search"))
_BULK = frozenset(("bulk-create", "bulk-replace", "bulk-merge", "bulk-delete", "clear"))
_OF_MANY = LISTS | _BULK | {"action"}
_SET = frozenset(("merge", "create", "singleton-merge"))


class Maker:
    """Makes resources of drafts, and roles of guesses; ``names`` are those of the drafts."""

    def __init__(self, places: Places, names: Mapping[Draft, str]) -> None:
        self._places = places
        self._names = names
        self._fields: dict[Draft, Fields] = {}
        self._keys: dict[Draft, tuple[Key, ...]] = {}

    def resource(self, draft: Draft) -> Resource:
        """The resource that a draft has become."""
        operation = _passing(draft.item) or _passing(draft.node)
        return Resource(
            name=self._names[draft],
            path=draft.node.template,
            item_path=draft.item.template if draft.item is not None else "",
            keys=self._keys_of(draft),
            parents=self._scope(operation, draft, _shared(draft)) if operation else (),
            schema=self._places.record_schema(draft),
            singleton=draft.singleton,
        )

    def role(self, guess: Guess) -> Role:
        """The role that a guess says an operation has."""
        draft = guess.draft.settled() if guess.draft is not None else None
        record = self._places.record(draft) if draft is not None else NOTHING
        about = About(guess.node.name, record, expected=guess.kind in LISTS | _BULK)
        return Role(
            operation=guess.operation.id,
            kind=guess.kind,
            resource=self._names[draft] if draft is not None else "",
            why=guess.why,
            keys=self._role_keys(guess, draft) if draft is not None else (),
            scope=self._scope(guess.operation, draft, _narrowing(guess)) if draft else (),
            body=self._body(guess, about),
            answer=self._answer(guess, about),
            answers={
                status: _said(self._judged(schema, guess, about), status, media_type)
                for status, media_type, schema in contents(guess.operation)
            },
            queries=self._queries(guess, draft),
        )

    def _fields_of(self, draft: Draft) -> Fields:
        if draft not in self._fields:
            self._fields[draft] = Fields(self._places.views, self._places.record(draft))
        return self._fields[draft]

    def _keys_of(self, draft: Draft) -> tuple[Key, ...]:
        if draft not in self._keys:
            self._keys[draft] = () if draft.singleton else tuple(self._found_keys(draft))
        return self._keys[draft]

    def _found_keys(self, draft: Draft) -> Iterator[Key]:
        fields, name = self._fields_of(draft), draft.node.name
        operation = _passing(draft.item)
        if draft.key is not None:
            plain = fields.view(draft.key).plain
            parameter = draft.item.token.names[-1] if draft.item is not None else draft.key[-1]
            yield Key(parameter, draft.key, key_kind(plain), plain)
        elif operation is None or draft.item is None:
            yield key_of("id", {}, name, fields)
        else:
            yield from self._path_keys(operation, _chain(draft.item, draft.node), draft)

    def _path_keys(self, operation: Operation, chain: list[Node], draft: Draft) -> Iterator[Key]:
        """The keys that the parameters at some places are, each of another property."""
        fields, name = self._fields_of(draft), draft.node.name
        given = [parameter for step in chain for parameter in names_at(operation, step)]
        used: set[Path] = set()
        for parameter in given:
            schema, last = declared(operation, parameter), parameter == given[-1]
            found = key_of(parameter, schema, name, fields, last=last)
            free = found.property not in used
            used.add(found.property)
            yield found if free else Key(parameter, (), key_kind(schema), schema)

    def _role_keys(self, guess: Guess, draft: Draft) -> tuple[Key, ...]:
        """The parameters by which an operation names a record."""
        known = self._keys_of(draft)
        if guess.asked:
            return tuple(_elsewhere(known, name, "query") for name in guess.asked)
        if guess.sent:
            sent = self._places.sent(guess.operation)
            return tuple(_in_body(key, sent) for key in known)
        if guess.place is None or guess.draft is None:
            return ()
        top = None if guess.place in self._places.lookups else guess.draft.node
        chain = _chain(guess.place, top)
        names = [name for step in chain for name in names_at(guess.operation, step)]
        if top is not None and len(names) == len(known):
            return tuple(
                self._own_name(guess, draft, key, name)
                for key, name in zip(known, names, strict=True)
            )
        return tuple(self._path_keys(guess.operation, chain, draft))

    def _own_name(self, guess: Guess, draft: Draft, key: Key, name: str) -> Key:
        """The key that a parameter gives; on another path it may be another property."""
        if guess.draft is not draft and normal(name) != normal(key.parameter):
            path = named_property(name, draft.node.name, self._fields_of(draft))
            if path and path != key.property:
                schema = declared(guess.operation, name)
                return Key(name, path, key_kind(schema), schema)
        return _elsewhere([key], name, "path")

    def _scope(self, operation: Operation, draft: Draft, steps: list[Node]) -> tuple[Parent, ...]:
        """The path parameters that narrow a collection, and what they narrow it by."""
        found = []
        for step in steps:
            for index, name in enumerate(names_at(operation, step)):
                if normal(name) not in NO_SCOPE:
                    found.append(self._parent(name, step, index, draft))
        return tuple(found)

    def _parent(self, parameter: str, step: Node, index: int, draft: Draft) -> Parent:
        above = self._places.items.get(step)
        if above is None and step.parent is not None:
            above = self._places.collections.get(step.parent)
        if above is not None and above.home is not None and is_unnamed(above):
            above = None  # whatever {parent} of /v1/{parent}/things is
        fields = self._fields_of(draft)
        name, key = "", tuple[str, ...]()
        if above is not None and not above.singleton:
            above = above.settled()
            name, key = self._names[above], self._key_at(above, step, index)
        named = "parent" if above is draft else name
        found = foreign_key(parameter, named, key, fields)
        own = {entry.property for entry in self._keys_of(draft)}
        return Parent(parameter, name, () if found in own else found)

    def _key_at(self, draft: Draft, step: Node, index: int) -> Path:
        """The property that a parameter of a compound key names."""
        keys = self._keys_of(draft)
        chain = _chain(draft.item, draft.node) if draft.item is not None else []
        before = sum(len(node.token.names) for node in chain if node.depth < step.depth)
        place = before + index if step in chain else len(keys) - 1
        return keys[place].property if 0 <= place < len(keys) else ()

    def _answer(self, guess: Guess, about: About) -> Envelope:
        status, media_type, schema = content(guess.operation)
        found = self._judged(schema, guess, about)
        return _said(found, status, media_type)

    def _body(self, guess: Guess, about: About) -> Envelope:
        schema = body_schema(guess.operation)
        if schema is None or guess.operation.body is None:
            return Envelope("empty")
        found = self._judged(schema, guess, about)
        return _said(found, "", preferred(guess.operation.body.content))

    def _judged(self, schema: Schema | None, guess: Guess, about: About) -> Envelope:
        """How records of the resource stand in a value; ``other`` when none of them do."""
        if schema is None:
            return Envelope("empty")
        views = self._places.views
        several = alternatives(views, schema)
        for each in several if len(several) > 1 else ():
            found = self._found(each, guess, about)
            if found is not None and found.path:
                return found
        found = self._found(schema, guess, about) or found_beside(views, schema, about)
        return found or Envelope("other", schema=schema)

    def _found(self, schema: Schema, guess: Guess, about: About) -> Envelope | None:
        """The records of the resource that a value holds, or None."""
        views = self._places.views
        wanted = [found_list(views, schema, about), found_item(views, schema, about)]
        if guess.kind not in _OF_MANY:
            wanted.reverse()
        fitting = (
            found
            for found in wanted
            if found is not None and _fits(views.view(found.item), about.item, guess)
        )
        return next(fitting, None)

    def _queries(self, guess: Guess, draft: Draft | None) -> tuple[Query, ...]:
        if draft is None:
            return ()
        fields = self._fields_of(draft)
        if guess.kind in _SET:
            return settings(guess.operation, fields)
        if guess.kind not in LISTS | {"clear"}:
            return ()
        return (*queries(guess.operation, fields), *self._asked_in_body(guess, fields))

    def _asked_in_body(self, guess: Guess, fields: Fields) -> Iterator[Query]:
        """What the members of a search's body ask for."""
        schema = body_schema(guess.operation)
        view = self._places.views.view(schema)
        for name, entry in view.properties.items():
            plain = self._places.views.view(entry).plain
            yield query_of(name, "body", plain, fields)


def _fits(found: View, record: View, guess: Guess) -> bool:
    if guess.draft is None:
        return False
    if guess.kind == "action":
        return found.same(record)
    return found.alike(record) or not record.is_record or guess.kind in LISTS


def _said(found: Envelope, status: str, media_type: str) -> Envelope:
    return Envelope(
        found.form,
        found.path,
        found.each,
        found.paging,
        status,
        media_type,
        found.schema,
        found.item,
    )


def _elsewhere(known: tuple[Key, ...] | list[Key], name: str, location: str) -> Key:
    """The last key of a resource, given by another parameter."""
    if not known:
        return Key(name, (), "string", {}, location)
    return Key(name, known[-1].property, known[-1].kind, known[-1].schema, location)


def _in_body(key: Key, sent: View) -> Key:
    """A key given by the member of the body that is called like its property or parameter."""
    wanted = [normal(name) for name in (*key.property[-1:], key.parameter)]
    found = [name for word in wanted for name in sent.properties if normal(name) == word]
    return _elsewhere([key], found[0] if found else key.parameter, "body")


def _passing(node: Node | None) -> Operation | None:
    """The first operation of a place, or one that passes it."""
    while node is not None:
        if node.operations:
            return node.operations[0]
        node = next(iter(node.children.values()), None)
    return None


def _chain(item: Node, top: Node | None) -> list[Node]:
    """The parameters that name a record together: those after the collection ``top``."""
    found = [item]
    step = item.parent
    while step is not None and step.is_parameter and step is not top and not step.operations:
        found.append(step)
        step = step.parent
    return found[::-1]


def _above(node: Node) -> list[Node]:
    """The parameters on the way to a collection; its own, when it ends in one."""
    return [step for step in node.line() if step.is_parameter]


def _shared(draft: Draft) -> list[Node]:
    """The parameters before a collection that stand before its records, too.

    ``/v1/{name}`` reads what ``/v1/{parent}/things`` lists: there the key is all there is.
    """
    above, item = _above(draft.node), draft.item
    if item is not None and item is draft.node:
        return above[:-1]  # the last parameter is the record's own key
    if item is None or draft.node in item.line():
        return above
    return [step for step in above if step in item.line() and step is not item]


def _narrowing(guess: Guess) -> list[Node]:
    """The parameters of an operation's path that narrow the collection it acts on."""
    if guess.draft is None:
        return []
    if guess.place is not None:
        chain = _chain(guess.place, guess.draft.node)
        return [step for step in _above(guess.place) if step not in chain]
    if guess.kind == "search":
        return _above(guess.node)
    return _above(guess.draft.node)
