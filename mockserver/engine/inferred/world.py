"""What the operations of one inferred API share, and what they know of each resource."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from mockserver.engine.inference.inferring import Inference
from mockserver.engine.inference.keys import (
    Fields,
    Path,
    alternatives,
    alternatives_told,
    candidates,
    named_property,
)
from mockserver.engine.inference.model import Resource, Role
from mockserver.engine.inference.views import NOTHING, View, Views
from mockserver.engine.inference.words import MAIN_KEYS, normal
from mockserver.engine.inferred.beginnings import Beginnings
from mockserver.engine.inferred.listed_values import listed_values
from mockserver.engine.inferred.presence import Presence
from mockserver.engine.inferred.references import References
from mockserver.engine.seeds.shelves import Shelves
from mockserver.engine.spec import Description, Schema
from mockserver.engine.values.makers import Makers


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of the records of one resource.

    ``view`` is that of their schema; ``declared`` are the members that any body or answer of the
    resource names; ``read_only`` are made by the server, ``write_only`` never shown.
    """

    fields: Fields
    view: View
    declared: frozenset[str]
    read_only: frozenset[str]
    write_only: frozenset[str]


class World:
    """The resources of a description, the makers of their records, and where the API begins.

    What is worked out of schemas is worked out when it is first asked for, by one thread.
    """

    def __init__(
        self,
        inference: Inference,
        description: Description,
        makers: Makers,
        shelves: Shelves,
        records: int,
    ) -> None:
        self.inference = inference
        self.makers = makers
        self.shelves = shelves
        self.schemas = makers.schemas
        self.base_path = description.base_path
        self._views = Views(makers.schemas.resolved)
        beginnings = Beginnings(shelves, records)
        operations = description.operations
        self.presence = Presence(inference, operations, self.view, beginnings, makers.is_valid)
        self._operations = description.operations
        self._facts: dict[str, Facts] = {}
        self._places: dict[str, Mapping[str, str]] = {}
        self._shown_first: dict[str, Mapping[str, object]] = {}
        self._lock = threading.RLock()
        self._references: References | None = None

    @property
    def references(self) -> References:
        """What makes what was sent in the place of other records into what records have."""
        known = self._references
        if known is None:
            with self._lock:
                resources = self.inference.resources
                known = self._references or References(resources, self._views, self.makers)
                self._references = known
        return known

    def view(self, schema: Schema | None) -> View:
        """The view of a schema."""
        return self._views.view(schema)

    def facts(self, resource: Resource) -> Facts:
        """What is known of the records of a resource."""
        known = self._facts.get(resource.name)
        if known is None:
            with self._lock:
                known = self._facts[resource.name] = self._found(resource)
        return known

    def _found(self, resource: Resource) -> Facts:
        view = self._views.view(resource.schema)
        views = [view, *self._others(resource)]
        return Facts(
            fields=Fields(self._views, view),
            view=view,
            declared=frozenset(name for each in views for name in each.properties),
            read_only=frozenset(self.marked(view, "readOnly")),
            write_only=frozenset(self.marked(view, "writeOnly")),
        )

    def _others(self, resource: Resource) -> Iterator[View]:
        for role in self.inference.roles.values():
            if role.resource != resource.name or role.kind == "action":
                continue
            for envelope in (role.body, *role.answers.values()):
                if envelope.form in ("item", "list", "map"):
                    yield self._views.view(envelope.item)
            if role.body.form == "other":
                yield self._views.view(role.body.schema)

    def marked(self, view: View, mark: str) -> Iterator[str]:
        """The members of a view that are ``readOnly`` or ``writeOnly``."""
        for name, entry in view.properties.items():
            if entry.get(mark) is True or self.view(entry).plain.get(mark) is True:
                yield name

    def other_names(
        self, resource: Resource, parameter: str, description: str = ""
    ) -> tuple[Path, ...]:
        """The properties, other than its key, by which a parameter may name a record.

        A parameter that says what it means, as ``petId`` of pets with an ``id``, means no other
        unless its description names one.
        """
        if len(resource.keys) != 1:
            return ()
        fields = self.facts(resource).fields
        exact = named_property(parameter, resource.name, fields)
        likely = [] if exact else candidates(parameter, fields)
        others = (*alternatives(parameter), *alternatives_told(description))
        told = [exact, *map(fields.path, others), *likely]
        if not exact or normal(exact[-1]) not in MAIN_KEYS:
            told += map(fields.path, sorted(MAIN_KEYS))
        return tuple(dict.fromkeys(path for path in told if path and path != resource.key))

    def places_inside(self, resource: Resource) -> Mapping[str, str]:
        """Members that only one object inside a record has, by name, and which object that is."""
        known = self._places.get(resource.name)
        if known is None:
            own = self.facts(resource).view.properties
            found: dict[str, list[str]] = {}
            for member, schema in own.items():
                view = self.view(schema)
                for name in view.properties if view.kind == "object" else ():
                    found.setdefault(name, []).append(member)
            known = {n: at[0] for n, at in found.items() if len(at) == 1 and n not in own}
            self._places[resource.name] = known
        return known

    def shown_first(self, resource: Resource) -> Mapping[str, object]:
        """The values that lists show where nobody asks for others: a new record has them."""
        known = self._shown_first.get(resource.name)
        if known is None:
            known = self._shown_first[resource.name] = dict(self._defaults(resource))
        return known

    def _defaults(self, resource: Resource) -> Iterator[tuple[str, object]]:
        properties = self.facts(resource).view.properties
        for operation in self._operations:
            role = self.inference.roles[operation.id]
            if role.resource != resource.name or role.kind != "list":
                continue
            declared = {p.name: p.schema.get("default") for p in operation.parameters}
            chosen = {p.name for p in operation.parameters if "enum" in p.schema}
            for query in role.queries:
                default = declared.get(query.name)
                if query.meaning != "filter" or len(query.property) != 1 or default is None:
                    continue
                schema = properties.get(query.property[0], {})
                few = query.name in chosen or listed_values(self.view, schema)
                if few and self.makers.is_valid(schema, default):
                    yield query.property[0], default

    def property_schema(self, resource: Resource, path: Path) -> Schema:
        """The schema of the member that a path leads to."""
        with self._lock:
            return self.facts(resource).fields.view(path).plain


@dataclass(frozen=True, slots=True)
class Sent:
    """What the body of an operation may say of a record.

    ``names`` are the members its schema knows, None where it knows none; ``read_only`` those that
    count for nothing when they are sent; ``defaults`` what is meant where nothing is sent.
    """

    names: frozenset[str] | None
    read_only: frozenset[str]
    defaults: Mapping[str, object] = field(default_factory=dict)


def sent_by(world: World, role: Role, resource: Resource) -> Sent:
    """What the body of a role may say of a record of a resource."""
    facts = world.facts(resource)
    schema = role.body.item if role.body.form in ("item", "list") else role.body.schema
    view = world.view(schema) if schema else NOTHING
    names = frozenset(view.properties) if view.properties else None
    # What an answer calls readOnly may all the same be what this body is to say.
    by_server = facts.read_only.difference(view.properties)
    read_only = by_server | frozenset(world.marked(view, "readOnly"))
    defaults = {
        name: plain["default"]
        for name, entry in view.properties.items()
        if "default" in (plain := {**world.view(entry).plain, **entry}) and name not in read_only
    }
    return Sent(names, read_only, defaults)
