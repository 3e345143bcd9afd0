"""Which members of a record name, or embed, records of other resources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.engine.inference.inferring import Inference
from mockserver.engine.inference.model import Resource
from mockserver.engine.inference.views import View, Views
from mockserver.engine.inference.words import stem, words
from mockserver.engine.spec import Schema

_KEYS = frozenset(("id", "ids", "uuid", "uuids", "guid", "guids", "key", "keys", "slug", "slugs"))
_PEOPLE = frozenset(
    ("owner", "author", "creator", "user", "assignee", "reviewer", "reporter", "customer", "member",
     "sender", "recipient", "approver", "manager", "editor", "requester")
)  # fmt: skip
_ACCOUNTS = ("user", "account", "member", "person", "customer", "profile")
_SCALARS = frozenset(("string", "integer", "number"))


@dataclass(frozen=True, slots=True)
class Link:
    """A member that stands for a record of another resource.

    ``whole`` says that it embeds the record, otherwise it is its key; ``many`` that it is a list;
    ``narrows`` that lists show by it what is below the other record.
    """

    member: str
    resource: str
    whole: bool
    many: bool
    narrows: bool = False

    @property
    def blank(self) -> Any:
        """What stands for a member that is to embed a record and is absent; None if none is to."""
        embeds = self.narrows and self.whole
        return ([{}] if self.many else {}) if embeds else None


def narrowing(inference: Inference) -> dict[str, dict[str, str]]:
    """The members by which lists show what is below another record, and which resource that is."""
    found: dict[str, dict[str, str]] = {}
    for role in inference.roles.values():
        resource = inference.resources.get(role.resource)
        own = {parent.parameter for parent in resource.parents} if resource else set()
        for parent in role.scope if role.kind in ("list", "search") else ():
            if parent.resource and parent.property and parent.parameter not in own:
                members = found.setdefault(role.resource, {})
                members.setdefault(parent.property[0], parent.resource)
    return found


class Links:
    """Finds the links of each resource, once.

    ``narrowing`` says of the members by which lists show the records below another one which
    resource that is, by the names of the resource and of the member.
    """

    def __init__(
        self,
        resources: Mapping[str, Resource],
        views: Views,
        narrowing: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self._resources = resources
        self._views = views
        self._narrowing = narrowing or {}
        self._by_schema: dict[str, str] = {}
        self._by_name: dict[str, str] = {}
        self._known: dict[str, tuple[Link, ...]] = {}
        for resource in sorted(resources.values(), key=lambda each: len(each.parents)):
            if resource.singleton or not resource.keys:
                continue
            identity = views.view(resource.schema).identity
            if identity:
                self._by_schema.setdefault(identity, resource.name)
            self._by_name.setdefault(stem(resource.name.rpartition(".")[2]), resource.name)

    def of(self, resource: Resource) -> tuple[Link, ...]:
        """The links of a resource, in the order of its members."""
        known = self._known.get(resource.name)
        if known is None:
            known = self._known[resource.name] = tuple(self._found(resource))
        return known

    def _found(self, resource: Resource) -> Iterator[Link]:
        taken = {path[:1] for path in (each.property for each in resource.parents)}
        taken |= {key.property[:1] for key in resource.keys}
        narrowing = self._narrowing.get(resource.name, {})
        for name, schema in self._views.view(resource.schema).properties.items():
            link = self._narrowed(name, schema, narrowing.get(name, ""))
            link = link or self._link(name, schema)
            if link is not None and link.resource != resource.name and (name,) not in taken:
                yield link

    def _narrowed(self, name: str, schema: Schema, target: str) -> Link | None:
        known = self._resources.get(target)
        view = self._views.view(schema)
        many = view.kind == "array"
        element = self._views.view(view.items) if many else view
        if known is None or known.singleton or not (element.is_record or element.kind in _SCALARS):
            return None
        return Link(name, target, whole=element.is_record, many=many, narrows=True)

    def _link(self, name: str, schema: Schema) -> Link | None:
        view = self._views.view(schema)
        many = view.kind == "array"
        element = self._views.view(view.items) if many else view
        if element.kind in _SCALARS and element.properties:  # a key, or else the record itself
            target = self._named(name, element)
            return Link(name, target, whole=False, many=many) if target else None
        if element.is_record:
            target = self._by_schema.get(element.identity) or self._named(name, element)
            return Link(name, target, whole=True, many=many) if target else None
        base = _base(name)
        if element.kind not in _SCALARS or not base:
            return None
        target = self._by_name.get(stem(base)) or self._person(base)
        return Link(name, target, whole=False, many=many) if target else None

    def _named(self, name: str, element: View) -> str | None:
        """The resource of an object's name, if the object says the key of its records."""
        target = self._by_name.get(stem(name)) or self._person(name)
        if target is None:
            return None
        path = self._resources[target].key
        return target if len(path) == 1 and path[0] in element.properties else None

    def _person(self, name: str) -> str | None:
        said = words(name)
        if not said or said[-1] not in _PEOPLE:
            return None
        found = (self._by_name.get(stem(each)) for each in _ACCOUNTS)
        return next(filter(None, found), None)


def _base(name: str) -> str:
    """What a name says without the word that makes it a key: ``owner`` of ``ownerId``."""
    said = words(name)
    return "".join(said[:-1]) if said and said[-1] in _KEYS else ""
