"""The records that inferred collections begin with, made when they are first asked for."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from mockserver.engine.inference.model import Resource
from mockserver.engine.schema import Schemas
from mockserver.engine.spec import Schema
from mockserver.engine.values import Unsatisfiable, Values
from mockserver.state.store import EMPTY, Collection, Record

Path = tuple[str, ...]

MAX_MAKERS = 200
"""Makers of values that are kept; one may take two megabytes."""


def key_text(parts: Sequence[Any]) -> str:
    """The key of a record from the texts that name its parents and itself."""
    return "/".join(quote(text_of(part), safe="") for part in parts)


def text_of(value: Any) -> str:
    """A key as it stands in a path."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def value_at(value: Any, path: Path) -> Any:
    """What members lead to, None where there is nothing."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def with_value(value: Any, path: Path, inner: Any) -> Any:
    """A copy of a value in which members lead to another."""
    if not path:
        return inner
    made = dict(value) if isinstance(value, dict) else {}
    made[path[0]] = with_value(made.get(path[0]), path[1:], inner)
    return made


class Makers:
    """Values of schemas, one maker for each schema, the same for the same seed."""

    def __init__(self, schemas: Schemas, seed: int) -> None:
        self.schemas = schemas
        self._seed = seed
        self._known: OrderedDict[int, tuple[Schema, Values]] = OrderedDict()
        self._lock = threading.Lock()

    def make(self, schema: Schema, names: Sequence[str], number: int = 0) -> Any:
        """A value of a schema; the best that there is where none satisfies it."""
        try:
            return self._values(schema).make(names, number)
        except Unsatisfiable as unsatisfiable:
            return unsatisfiable.value

    def is_valid(self, schema: Schema, value: Any) -> bool:
        """Whether a value satisfies a schema."""
        return self.schemas.validator(schema).is_valid(value)

    def fitted(self, schema: Schema, value: Any, names: Sequence[str]) -> Any:
        """A value as a schema asks for it: what it lacks is made, what does not fit is left out."""
        if self.is_valid(schema, value):
            return value
        made = self.make(schema, names)
        if not (isinstance(made, dict) and isinstance(value, dict)):
            return made
        for name, member in value.items():
            tried = {**made, name: member}
            made = tried if self.is_valid(schema, tried) else made
        return made

    def _values(self, schema: Schema) -> Values:
        with self._lock:
            known = self._known.get(id(schema))
            if known is None:
                made = Values(self.schemas.annotated(schema), seed=self._seed)
                known = self._known[id(schema)] = (schema, made)
                if len(self._known) > MAX_MAKERS:
                    self._known.popitem(last=False)
            else:
                self._known.move_to_end(id(schema))
            return known[1]


class Shelves:
    """The seed of each collection of a description, by its name, made once."""

    def __init__(self, resources: Mapping[str, Resource], makers: Makers, records: int) -> None:
        self._resources = resources
        self._makers = makers
        self._records = records
        self._made: dict[str, Collection] = {}
        self._lock = threading.RLock()

    def collection(self, name: str) -> Collection:
        """The records that a collection begins with; none for one that was not inferred."""
        with self._lock:
            if name not in self._made:
                self._made[name] = EMPTY  # what a parent needs of its own child is nothing
                self._made[name] = self._filled(name)
            return self._made[name]

    def _filled(self, name: str) -> Collection:
        collection = EMPTY
        resource = self._resources.get(name)
        if resource is None:
            return collection
        for number, above in enumerate(self._places(resource)):
            record = self.made(resource, above, number)
            if record.key not in collection.records:
                collection = collection.put(record)
        return collection

    def _places(self, resource: Resource) -> Iterator[tuple[str, ...]]:
        """Below which parents records are to be: the first records of each parent."""
        count = 1 if resource.singleton else self._records
        scopes: list[tuple[str, ...]] = [()]
        for parent in resource.parents:
            known = self.collection(parent.resource).records.values() if parent.resource else ()
            keys = [record.key.rpartition("/")[2] for record in known][: self._records]
            scopes = [(*scope, key) for scope in scopes for key in keys or ["1"]][: count * 8]
        for scope in scopes:
            for _ in range(count):
                yield scope

    def made(self, resource: Resource, above: Sequence[str], number: int) -> Record:
        """A record made from the schema, with a key of its own and the keys of its parents."""
        value = self._makers.make(resource.schema, (resource.name,), number)
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
        if own is not None and not isinstance(own, dict | list):
            return own
        made = self._makers.make(key.schema, (resource.name, key.parameter), number)
        return made if made is not None else number + 1

    def told(self, resource: Resource, value: Any, path: Path, text: str) -> Any:
        """A record that says its key, or a parent's, as a value of the type it may have."""
        if not isinstance(value, dict) or text_of(value_at(value, path)) == text:
            return value
        candidates: list[Any] = [text]
        if text.lstrip("-").isdigit():
            candidates.insert(0, int(text))
        for candidate in candidates:
            tried = with_value(value, path, candidate)
            if self._makers.is_valid(resource.schema, tried):
                return tried
        return value
