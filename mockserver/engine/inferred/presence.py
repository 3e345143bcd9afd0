"""Which records are there: those that are kept, and those that nobody could know not to be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from urllib.parse import unquote

from mockserver.engine.inference.inferring import Inference
from mockserver.engine.inference.keys import Parent, Path
from mockserver.engine.inference.model import Resource, Role
from mockserver.engine.inference.views import NOTHING, View
from mockserver.engine.inference.words import QUERY_MEANING, normal
from mockserver.engine.inferred.beginnings import Beginnings
from mockserver.engine.inferred.listed_values import listed_values
from mockserver.engine.members import integer_in, text_of, value_at
from mockserver.engine.spec import Operation, Schema
from mockserver.state.store import Record, Transaction

CREATED = "#created"
"""What is added to the name of a collection whose records, created by clients, are remembered."""

GONE = "#gone"
"""What is added to the name of a collection of which a record that was never kept was deleted."""

_PAGING = frozenset(("page", "offset", "limit", "cursor"))

_ASKED = 1_000
"""Records of which the keys are compared with what an operation takes, at most."""


class Presence:
    """Tells which records are there.

    A key that was never deleted is one of a record where no client could have learned another:
    where no list, asked with what the path of a record has, shows the keys. Below parents of
    which every name is one, collections begin with records that are made for each.
    """

    def __init__(
        self,
        inference: Inference,
        operations: Sequence[Operation],
        view: Callable[[Schema | None], View],
        beginnings: Beginnings,
        is_valid: Callable[[Schema, object], bool],
    ) -> None:
        self._resources = inference.resources
        self._view = view
        self._is_valid = is_valid
        self._beginnings = beginnings
        self._kinds = {(role.resource, role.kind) for role in inference.roles.values()}
        self._listing: dict[str, list[tuple[Role, Operation]]] = {}
        for operation in operations:
            role = inference.roles[operation.id]
            if role.kind in ("list", "search"):
                self._listing.setdefault(role.resource, []).append((role, operation))
        self._listed: dict[str, bool] = {}
        self._anywhere: dict[str, bool] = {}
        self._above: dict[str, bool] = {}

    def is_listed(self, resource: Resource) -> bool:
        """Whether a client that can name a record can also list the keys."""
        known = self._listed.get(resource.name)
        if known is None:
            lists = self._listing.get(resource.name, ())
            shown = any(self._shows_keys(*each, resource) for each in lists)
            known = (shown and not resource.singleton) or self._is_membership(resource)
            self._listed[resource.name] = known
        return known

    def could_know(
        self, transaction: Transaction, operation: Operation, role: Role, resource: Resource
    ) -> bool:
        """Whether a client could have learned a key that is there, and said it in this operation.

        It could not where no list shows the keys, where the records do not say them, or where the
        parameter takes none of them. Of a parameter that lists its values it knows them all.
        """
        own = role.resource == resource.name
        name, schema = _named(operation, role, resource)
        if not self.is_listed(resource) or listed_values(self._view, schema):
            return False
        if role.kind == "search" and QUERY_MEANING.get(normal(name)) in _PAGING:
            return False
        path = resource.key
        if own and role.keys:
            if path and not role.keys[-1].property:
                return False
            path = role.keys[-1].property
        records = list(islice(transaction.records(resource.name), _ASKED))
        known = (_key_told(record, path) for record in records)
        return not records or any(text and self._takes(schema, text) for text in known)

    def _takes(self, schema: Schema, text: str) -> bool:
        """Whether a parameter may be a text."""
        number = integer_in(text)
        return self._is_valid(schema, text) or (
            number is not None and self._is_valid(schema, number)
        )

    def _is_membership(self, resource: Resource) -> bool:
        """Whether records are but there or not: clients put them there, and ask if they are."""
        told = {kind for name, kind in self._kinds if name == resource.name}
        return {"upsert", "exists"} <= told and "read" not in told

    def _shows_keys(self, role: Role, operation: Operation, resource: Resource) -> bool:
        above = {parent.parameter for parent in resource.parents}
        given = {parent.parameter for parent in role.scope}
        untold = (parent for parent in resource.parents if parent.parameter not in given)
        if not given <= above or any(not (each.resource or each.property) for each in untold):
            return False
        asks = operation.body is not None and operation.body.required
        if asks or self._asks_for_unknown(role, operation, resource):
            return False
        for answer in role.answers.values():
            if answer.form == "map":
                return True
            shown = self._view(answer.item) if answer.form == "list" else NOTHING
            if resource.keys and all(self._leads(shown, key.property) for key in resource.keys):
                return True
        return False

    def _leads(self, view: View, path: Path) -> bool:
        """Whether members of a record lead to one value, through no array."""
        for name in path:
            if name not in view.properties:
                return False
            view = self._view(view.properties[name])
        return bool(path)

    def _asks_for_unknown(self, role: Role, operation: Operation, resource: Resource) -> bool:
        """Whether a list must be asked with a part of the key, or a text that nobody can know."""
        keys = {key.property for key in resource.keys}
        required = {each.name: each.schema for each in operation.parameters if each.required}
        return any(
            query.meaning == "search"
            or query.property in keys
            or (
                query.operator in ("eq", "any")
                and self._is_unknown(required[query.name], query.property, resource)
            )
            for query in role.queries
            if query.meaning in ("filter", "search") and query.name in required
        )

    def _is_unknown(self, schema: Schema, path: Path, resource: Resource) -> bool:
        """Whether a description does not tell a parameter's values, or not for all records."""
        view = self._view(schema)
        view = self._view(view.items) if view.kind == "array" else view
        told = view.plain.get("enum")
        if view.kind == "boolean" or told is None:
            return view.kind != "boolean"
        kept = self._view(resource.schema)
        for name in path:
            kept = self._view(kept.properties.get(name))
        values = kept.plain.get("enum")
        return not set(map(text_of, values if isinstance(values, list) else ())) <= set(
            map(text_of, told)
        )

    def begins_anywhere(self, resource: Resource) -> bool:
        """Whether a collection begins with records below every name that a parent may have."""
        known = self._anywhere.get(resource.name)
        if known is None:
            known = bool(resource.keys) and any(map(self._is_any, resource.parents))
            self._anywhere[resource.name] = known
        return known

    def _is_any(self, parent: Parent) -> bool:
        """Whether every name is, or may be, one of a parent."""
        known = self._resources.get(parent.resource)
        return known is None or not (known.singleton or self.is_listed(known))

    def record(self, transaction: Transaction, resource: Resource, key: str) -> Record | None:
        """The record of a key, kept or begun; None if there is none."""
        found = transaction.get(resource.name, key)
        if found is not None or not self.begins_anywhere(resource):
            return found
        begun = self.below(transaction, resource, key.split("/")[: len(resource.parents)])
        return next((record for record in begun if record.key == key), None)

    def below(
        self, transaction: Transaction, resource: Resource, above: Sequence[str]
    ) -> tuple[Record, ...]:
        """The records that a collection begins with below parents that no client created."""
        if not self.begins_anywhere(resource) or len(above) != len(resource.parents):
            return ()
        for parent, key in named_parents(self._resources, resource.parents, above):
            if transaction.get(parent.name + CREATED, key) is not None:
                return ()
        return self._beginnings.below(transaction, resource, above)

    def write(self, transaction: Transaction, resource: Resource, above: Sequence[str]) -> None:
        """Write what is below a parent, so that it stays when something is added or taken away."""
        for record in self.below(transaction, resource, above):
            transaction.put(resource.name, record.key, record.value)

    def created(self, transaction: Transaction, resource: Resource, key: str) -> None:
        """Remember that a client created a record: nothing is below it that no client created."""
        if self._has_beginnings(resource):
            transaction.put(resource.name + CREATED, key, True)

    def forgotten(self, transaction: Transaction, resource: Resource, key: str) -> None:
        """Forget that a client created a record, which is deleted."""
        if transaction.get(resource.name + CREATED, key) is not None:
            transaction.delete(resource.name + CREATED, key)

    def _has_beginnings(self, resource: Resource) -> bool:
        known = self._above.get(resource.name)
        if known is None:
            known = self._above[resource.name] = any(
                parent.resource == resource.name and self.begins_anywhere(child)
                for child in self._resources.values()
                for parent in child.parents
            )
        return known


def _named(operation: Operation, role: Role, resource: Resource) -> tuple[str, Schema]:
    """The parameter by which an operation names a record of a resource, and its schema."""
    names = [parent.parameter for parent in role.scope if parent.resource == resource.name]
    if role.resource == resource.name and role.keys:
        names = [role.keys[-1].parameter]
    declared = {parameter.name: parameter.schema for parameter in operation.parameters}
    return (names[-1], declared.get(names[-1], {})) if names else ("", {})


def _key_told(record: Record, path: Path) -> str:
    """The own key of a record as the record says it; empty where it says none."""
    if not path:
        return unquote(record.key.rpartition("/")[2])
    told = value_at(record.value, path)
    return text_of(told) if isinstance(told, str | int) else ""


def gone(transaction: Transaction, resource: Resource, key: str) -> None:
    """Remember that a record of a key that was never kept was deleted."""
    transaction.put(resource.name, key, None)
    transaction.delete(resource.name, key)
    # What comes and goes within a transaction is no change: this is one.
    transaction.put(resource.name + GONE, "last", key)


def named_parents(
    resources: Mapping[str, Resource], scope: Sequence[Parent], texts: Sequence[str]
) -> Iterator[tuple[Resource, str]]:
    """The resources and keys of the parents that the values of path parameters name."""
    for place, parent in enumerate(scope):
        known = resources.get(parent.resource)
        following = scope[place + 1].resource if place + 1 < len(scope) else ""
        if known is None or not known.keys or following == parent.resource:
            continue
        start = place + 1 - len(known.keys)
        given = {other.parameter: text for other, text in zip(scope[:start], texts, strict=False)}
        names = [other.parameter for other in known.parents]
        if start >= 0 and all(name in given for name in names):
            yield known, "/".join([*(given[name] for name in names), *texts[start : place + 1]])
        elif start >= len(names):
            yield known, "/".join(texts[start - len(names) : place + 1])
