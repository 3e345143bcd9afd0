"""Which records are there: those that are kept, and those that nobody could know not to be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from mockserver.engine.inference.inferring import Inference
from mockserver.engine.inference.keys import Parent
from mockserver.engine.inference.model import Resource, Role
from mockserver.engine.inference.views import View
from mockserver.engine.inferred.beginnings import Beginnings
from mockserver.engine.spec import Operation, Schema
from mockserver.state.store import Record, Transaction

CREATED = "#created"
"""What is added to the name of a collection whose records, created by clients, are remembered."""

GONE = "#gone"
"""What is added to the name of a collection of which a record that was never kept was deleted."""


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
    ) -> None:
        self._resources = inference.resources
        self._view = view
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

    def _is_membership(self, resource: Resource) -> bool:
        """Whether records are but there or not: clients put them there, and ask if they are."""
        return {(resource.name, "upsert"), (resource.name, "exists")} <= self._kinds

    def _shows_keys(self, role: Role, operation: Operation, resource: Resource) -> bool:
        above = {parent.parameter for parent in resource.parents}
        if not {parent.parameter for parent in role.scope} <= above:
            return False
        if self._asks_for_unknown(role, operation, resource):
            return False
        for answer in role.answers.values():
            if answer.form == "map":
                return True
            shown = self._view(answer.item).properties if answer.form == "list" else {}
            if resource.keys and all(k.property and k.property[0] in shown for k in resource.keys):
                return True
        return False

    def _asks_for_unknown(self, role: Role, operation: Operation, resource: Resource) -> bool:
        """Whether a list must be asked with a part of the key, or a text that nobody can know."""
        keys = {key.property for key in resource.keys}
        required = {each.name: each.schema for each in operation.parameters if each.required}
        return any(
            query.meaning == "search"
            or query.property in keys
            or (query.operator in ("eq", "any") and self._is_unknown(required[query.name]))
            for query in role.queries
            if query.meaning in ("filter", "search") and query.name in required
        )

    def _is_unknown(self, schema: Schema) -> bool:
        """Whether a description does not tell the values that a parameter may have."""
        view = self._view(schema)
        view = self._view(view.items) if view.kind == "array" else view
        return view.kind != "boolean" and "enum" not in view.plain

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
