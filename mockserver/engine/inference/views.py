"""Schemas as records: references and compositions merged, one level deep."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mockserver.engine.shown import LOOKS
from mockserver.engine.spec import Schema

Resolve = Callable[[Schema], Schema]
"""Gives what a schema's ``$ref`` refers to."""

MAX_REFERENCES = 32
"""References that lead to references, followed no further."""

MAX_DEPTH = 50
"""Compositions of compositions, merged no deeper."""

ALIKE = 0.5
"""Of two records of one kind more than this share of the smaller is in both."""

_EMPTY: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class View:
    """A schema with references and compositions merged, one level deep.

    ``kind`` is its first type that is not null, ``identity`` the reference it came from,
    ``plain`` the schema that the reference led to.
    """

    kind: str = ""
    properties: Mapping[str, Schema] = field(default_factory=dict)
    items: Schema | None = None
    extra: Schema | None = None
    required: frozenset[str] = frozenset()
    identity: str = ""
    plain: Schema = field(default_factory=dict)

    @property
    def is_record(self) -> bool:
        """Whether it is an object of known members."""
        return self.kind == "object" and bool(self.properties)

    def same(self, other: View) -> bool:
        """Whether both are the same kind of record, or nearly."""
        most = max(len(self.properties), len(other.properties))
        common = len(self.properties.keys() & other.properties.keys())
        return self.alike(other) and (self.identity == other.identity or common > ALIKE * most)

    def alike(self, other: View) -> bool:
        """Whether both may be the same kind of record."""
        if self.identity and self.identity == other.identity:
            return True
        if not (self.is_record and other.is_record):
            return False
        common = len(self.properties.keys() & other.properties.keys())
        return common / min(len(self.properties), len(other.properties)) > ALIKE


NOTHING = View()


class Views:
    """Makes views of schemas, one per schema met, in whichever thread."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._met: dict[int, tuple[Any, View]] = {}
        self._making: set[int] = set()
        self._lock = threading.RLock()

    def view(self, schema: Any) -> View:
        """The view of a schema; of what is none, a view of nothing.

        A schema met before is recognised by its identity, which is why it is kept.
        """
        met = self._met.get(id(schema))
        if met is not None:
            return met[1]
        if not isinstance(schema, Mapping):
            return NOTHING
        with self._lock:
            return self._new(schema)

    def _new(self, schema: Schema) -> View:
        """The view of a schema that was not met; of one that is inside itself, of nothing."""
        if id(schema) in self._making or len(self._making) == MAX_DEPTH:
            return NOTHING
        self._making.add(id(schema))
        made = self._made(*self._followed(schema))
        self._making.remove(id(schema))
        self._met[id(schema)] = (schema, made)
        return made

    def _followed(self, schema: Schema) -> tuple[Schema, str]:
        identity = ""
        for _ in range(MAX_REFERENCES):
            reference = schema.get("$ref")
            if not isinstance(reference, str):
                return schema.get(LOOKS, schema), identity
            found = self._resolve(schema)
            if not isinstance(found, Mapping):
                break
            schema, identity = found, reference
        return _EMPTY, identity

    def _made(self, schema: Schema, identity: str) -> View:
        parts = [self.view(part) for part in _parts(schema)]
        properties: dict[str, Schema] = {}
        for part in parts:
            properties.update(part.properties)
        properties.update(_named(schema.get("properties")))
        items, extra = _mapping(schema.get("items")), _mapping(schema.get("additionalProperties"))
        required = frozenset(entry for entry in _listed(schema, "required") if _is_text(entry))
        return View(
            kind=_kind(schema) or next((part.kind for part in parts if part.kind), ""),
            properties=properties,
            items=items or next((part.items for part in parts if part.items), None),
            extra=extra or next((part.extra for part in parts if part.extra), None),
            required=required.union(*(part.required for part in parts)),
            identity=identity or _only_identity(parts),
            plain=schema,
        )


def _only_identity(parts: Sequence[View]) -> str:
    """What a composition of one part is: ``allOf: [reference]`` is how a reference is described."""
    solid = [part for part in parts if part.kind != "null"]
    return solid[0].identity if len(solid) == 1 else ""


def _parts(schema: Schema) -> Iterator[Schema]:
    for keyword in ("allOf", "oneOf", "anyOf"):
        yield from (part for part in _listed(schema, keyword) if isinstance(part, Mapping))


def _listed(schema: Schema, keyword: str) -> Sequence[Any]:
    found = schema.get(keyword)
    return found if isinstance(found, list) else ()


def _mapping(value: Any) -> Schema | None:
    return value if isinstance(value, Mapping) else None


def _named(value: Any) -> dict[str, Schema]:
    if not isinstance(value, Mapping):
        return {}
    return {
        name: entry if isinstance(entry, Mapping) else _EMPTY
        for name, entry in value.items()
        if _is_text(name)
    }


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _kind(schema: Schema) -> str:
    declared = schema.get("type")
    kinds = declared if isinstance(declared, list) else [declared]
    for kind in kinds:
        if isinstance(kind, str) and kind != "null":
            return kind
    if isinstance(schema.get("properties"), Mapping):
        return "object"
    return "array" if isinstance(schema.get("items"), Mapping) else ""
