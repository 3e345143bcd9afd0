"""What rules need to know of each operation: what it does, to what, and how its answers look."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.engine.inference.inferring import infer
from mockserver.engine.inference.keys import Fields
from mockserver.engine.inference.model import Resource, Role
from mockserver.engine.inference.queries import Query
from mockserver.engine.inference.shapes import Envelope
from mockserver.engine.inference.views import Views
from mockserver.engine.inference.words import normal, words
from mockserver.engine.members import value_at
from mockserver.engine.reply import Api
from mockserver.engine.schema import Schemas
from mockserver.engine.spec import Operation, Parameter, Schema
from mockserver.engine.templates import template_names

LISTS = frozenset(("list", "search"))
READS = frozenset(("read", "singleton-read"))
REPLACES = frozenset(("replace", "upsert", "singleton-replace"))
MERGES = frozenset(("merge", "singleton-merge"))
DELETES = frozenset(("delete", "singleton-delete"))

_CHANGES = REPLACES | MERGES | DELETES | {"create"}
_BY_CHANCE = frozenset(
    ("random", "shuffle", "sample", "suggest", "suggested", "suggestions", "recommend",
     "recommended", "recommendations", "related", "trending", "popular", "recent", "next", "feed",
     "discover", "poll", "live", "status", "health", "now", "today", "latest")
)  # fmt: skip
"""Words of paths whose answers may differ from call to call."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One operation.

    ``names`` are the path parameters, which name what the call is about; ``key`` leads to the
    member of a record that the last of them has. ``limit``, ``offset``, ``page``, ``sort`` and
    ``direction`` are names of query parameters, empty where there are none, and ``fields`` what
    lists may be sorted by; ``filters`` those that ask for an equal member of
    the same name. ``sent`` are the members that a client may give the resource, ``shown`` those
    of the good answer that were given by a client, each with its schema. ``settled`` says that
    answers change with calls that change something, and not by themselves.
    """

    operation: Operation
    role: Role
    names: tuple[str, ...]
    key: tuple[str, ...]
    limit: str
    offset: str
    page: str
    first_page: int
    filters: tuple[tuple[Query, Schema], ...]
    paging: frozenset[str]
    sent: Mapping[str, Schema]
    shown: Mapping[str, Schema]
    settled: bool
    sort: str
    direction: str
    fields: Fields

    @property
    def kind(self) -> str:
        """What the operation does, one of the inferred kinds."""
        return self.role.kind

    @property
    def is_safe(self) -> bool:
        """Whether a call changes nothing (RFC 9110, section 9.2.1)."""
        return self.operation.method in {"GET", "HEAD", "OPTIONS"}

    def envelope(self, status: int) -> Envelope:
        """How records stand in an answer of a status."""
        return self.role.answers.get(str(status), self.role.answer)

    def items(self, status: int, value: Any) -> list[Any] | None:
        """The records of a list, None when the value is none."""
        envelope = self.envelope(status)
        found = value_at(value, envelope.path) if envelope.path else value
        if envelope.form != "list" or not isinstance(found, list):
            return None
        return [value_at(item, envelope.each) for item in found] if envelope.each else found

    def record(self, status: int, value: Any) -> dict[str, Any] | None:
        """The one record of an answer, None when there is none."""
        envelope = self.envelope(status)
        found = value_at(value, envelope.path) if envelope.path else value
        return found if envelope.form == "item" and isinstance(found, dict) else None


def facts_of(api: Api) -> dict[str, Facts]:
    """The facts of each operation by its id."""
    inference = infer(api.description, api.schemas.resolved)
    reader = _Reader(api.schemas, inference.resources, inference.roles)
    return {o.id: reader.read(o, inference.roles[o.id]) for o in api.description.operations}


class _Reader:
    def __init__(
        self, schemas: Schemas, resources: Mapping[str, Resource], roles: Mapping[str, Role]
    ) -> None:
        self._schemas = schemas
        self._views = Views(schemas.resolved)
        self._resources = resources
        self._sent: dict[str, dict[str, Schema]] = {}
        self._changed = {r.resource for r in roles.values() if r.kind in _CHANGES}
        for role in roles.values():
            known = self._sent.setdefault(role.resource, {})
            if role.kind in _CHANGES and role.resource:
                known.update(self._members(role.body.item, "readOnly"))

    def read(self, operation: Operation, role: Role) -> Facts:
        """What is known of one operation."""
        resource = self._resources.get(role.resource)
        meant = {query.meaning: query.name for query in role.queries if query.location == "query"}
        declared = {p.name: p for p in operation.parameters if p.location == "query"}
        said = {word for step in operation.path.split("/") for word in words(step)}
        shown = self._members(role.answer.item, "writeOnly")
        sent = self._sent.get(role.resource, {})
        return Facts(
            operation=operation,
            role=role,
            names=tuple(template_names(operation.path)),
            key=resource.key if resource else (),
            limit=meant.get("limit", ""),
            offset=meant.get("offset", ""),
            page=meant.get("page", ""),
            first_page=_first_page(declared.get(meant.get("page", ""))),
            filters=tuple(_filters(role, declared)),
            paging=frozenset(q.name for q in role.queries if q.meaning not in {"", "filter"}),
            sent=sent,
            shown={name: schema for name, schema in shown.items() if name in sent},
            settled=role.resource in self._changed and said.isdisjoint(_BY_CHANCE),
            sort=meant.get("sort", ""),
            direction=meant.get("direction", ""),
            fields=Fields(self._views, self._views.view(role.answer.item)),
        )

    def _members(self, schema: Schema, never: str) -> dict[str, Schema]:
        """The members of an object but for those that are only for the other direction."""
        if not schema:
            return {}
        found = self._schemas.properties(schema)
        return {name: entry for name, entry in found.items() if entry.get(never) is not True}


def _first_page(parameter: Parameter | None) -> int:
    """The number of the first page: 1 unless the description counts from 0."""
    schema = parameter.schema if parameter else {}
    counted = (schema.get("minimum"), schema.get("default"))
    return 0 if 0 in [each for each in counted if isinstance(each, int)] else 1


def _filters(role: Role, declared: Mapping[str, Parameter]) -> Iterator[tuple[Query, Schema]]:
    """The parameters that ask for an equal member of the same name, with what they take."""
    for query in role.queries:
        parameter = declared.get(query.name)
        if query.meaning != "filter" or query.operator != "eq" or parameter is None:
            continue
        if len(query.property) == 1 and normal(query.property[0]) == normal(query.name):
            yield query, parameter.schema
