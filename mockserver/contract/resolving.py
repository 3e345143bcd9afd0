"""Schemas as drawing needs them: references followed, and what a schema is all of put together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.engine.schema import Schemas

Names = tuple[frozenset[str], frozenset[str]]

MOST_KEPT = 20_000


class Resolving:
    """Remembers what the schemas of one description come to, by their identity.

    Only schemas of the description itself are remembered, or such as were made of them here.
    """

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self._resolved: dict[int, tuple[Any, Any]] = {}
        self._merged: dict[int, tuple[Any, Any]] = {}
        self._names: dict[int, tuple[Any, Names]] = {}

    def resolved(self, schema: Any) -> Mapping[str, Any]:
        """The schema that a reference leads to; any other schema itself, true and false as {}."""
        if not isinstance(schema, dict) or "$ref" not in schema:
            return self._schemas.resolved(schema)
        known = self._resolved.get(id(schema))
        if known is None:
            known = self._resolved[id(schema)] = (schema, self._schemas.resolved(schema))
        found: Mapping[str, Any] = known[1]
        return found

    def merged(self, schema: Any) -> Mapping[str, Any]:
        """A schema with its references followed and what it is all of put together."""
        found = self.resolved(schema)
        if not found.get("allOf"):
            return found
        known = self._merged.get(id(found))
        if known is None:
            known = self._merged[id(found)] = (found, self._put_together(found))
        merged: Mapping[str, Any] = known[1]
        return merged

    def _put_together(self, found: Mapping[str, Any]) -> dict[str, Any]:
        merged: dict[str, Any] = {"properties": {}, "required": []}
        own = {name: value for name, value in found.items() if name != "allOf"}
        for part in (*map(self.merged, found["allOf"]), own):
            merged["properties"].update(part.get("properties", {}))
            merged["required"] += part.get("required", [])
            merged.update({k: v for k, v in part.items() if k not in {"properties", "required"}})
        return merged

    def names(self, schema: Mapping[str, Any]) -> Names:
        """The members that an object of a schema must have, and those that are described."""
        known = self._names.get(id(schema))
        if known is None:
            described = frozenset(schema.get("properties", ()))
            names = (frozenset(schema.get("required", ())), described)
            if len(self._names) >= MOST_KEPT:
                self._names.clear()
            known = self._names[id(schema)] = (schema, names)
        return known[1]
