"""Fixture records of inferred collections: keys found, what they lack made, and judged."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote

from mockserver.engine.inference.keys import Parent
from mockserver.engine.inference.model import Resource
from mockserver.engine.inference.words import normal, stem
from mockserver.engine.members import integer_in, key_text, text_of, value_at, with_value
from mockserver.engine.seeds.seeding import Seeded
from mockserver.errors import Problem, Violation
from mockserver.state.blobs import Blob, Blobs
from mockserver.state.fixtures import Fixtures
from mockserver.state.records import Shape, Unfit
from mockserver.state.store import Record

_MOST = 100


class Given:
    """The fixtures of one inferred API."""

    def __init__(self, inferred: Seeded) -> None:
        self._inferred = inferred
        self._readers = {
            resource.name: _Reader(inferred, resource)
            for resource in inferred.inference.resources.values()
        }

    @property
    def shapes(self) -> dict[str, Shape]:
        """What the records of each collection must be, by its name."""
        return {name: reader.shape() for name, reader in self._readers.items()}

    def give(self, fixtures: Fixtures) -> Iterator[Problem]:
        """Have collections begin with fixtures; a problem for each that has no known parent."""
        shelves, resources = self._inferred.shelves, self._inferred.inference.resources
        for name, records in fixtures.collections.items():
            shelves.give(name, records, self._readers[name].written)
        for name, records in fixtures.collections.items():
            for parent in resources[name].parents[-1:]:
                if not parent.resource:
                    continue
                above = shelves.collection(parent.resource).records
                known = {each.key.rpartition("/")[2] for each in above.values()}
                for record in records:
                    key = record.key.split("/")[len(resources[name].parents) - 1]
                    if key not in known:
                        message = f"belongs to {key!r} of {parent.resource}: no such record there"
                        yield Problem(*fixtures.places[name, record.key], message)


class _Reader:
    """Reads the records of one resource."""

    def __init__(self, inferred: Seeded, resource: Resource) -> None:
        self._makers = inferred.makers
        self._shelves = inferred.shelves
        self._resource = resource
        self.written: dict[str, frozenset[str]] = {}

    def shape(self) -> Shape:
        key = "/".join(self._resource.key) or "key"
        return Shape(
            key, self.completed, self.violations, written=self.violations,
            key_of=self.key, fixture=self.as_written,
            single=self._resource.singleton and not self._resource.parents,
            schema=self._resource.schema,
        )  # fmt: skip

    def violations(self, value: Any) -> Sequence[Violation]:
        """The rules that a record breaks."""
        schema = self._resource.schema
        if self._makers.is_valid(schema, value):
            return ()
        found = self._makers.schemas.violations(schema, value, "record", most=_MOST)
        said = [each for each in found if each.rule != "required"]
        return said or found

    def completed(self, written: Any, _: Blobs) -> Any:
        """A record with what its schema requires; as it is where that makes none."""
        if not isinstance(written, dict):
            raise TypeError
        value = self._typed(_texts(written))
        resource = self._resource
        beside = self._beside(value)
        own = {name: member for name, member in value.items() if name not in beside}
        for tried in (own, value):
            made = self._makers.completed(resource.schema, tried, (resource.name,))
            if made is not None:
                return made
        return value

    def _beside(self, value: dict[str, Any]) -> set[str]:
        """The members that say the key of a record, or of its parents, and are none of its own."""
        resource = self._resource
        names = {name for parent in resource.parents if (name := _naming(parent, value))}
        if any(not key.property for key in resource.keys):
            names.add("id")
        return names.difference(self._makers.schemas.properties(resource.schema))

    def _typed(self, value: dict[str, Any]) -> dict[str, Any]:
        """A record whose keys have the types of the schema: the text 1 may mean the number."""
        schema, made = self._resource.schema, value
        properties = self._makers.schemas.properties(schema)
        named = [key.property for key in self._resource.keys]
        named += [parent.property for parent in self._resource.parents]
        for path in filter(None, named):
            own = value_at(value, path)
            kinds = properties.get(path[0], {}).get("type") if len(path) == 1 else None
            number = integer_in(own) if isinstance(own, str) else None
            if kinds in ("integer", "number") and number is not None:
                made = with_value(made, path, number)
            elif kinds == "string" and isinstance(own, int) and not isinstance(own, bool):
                made = with_value(made, path, str(own))
        return made

    def key(self, written: Any, value: Any) -> str:
        """The key of a record below its parents. Raises Unfit when it says too little."""
        above = [self._above(parent, written) for parent in self._resource.parents]
        own = [self._own(index, written, value) for index in range(len(self._resource.keys))]
        named = [] if self._resource.singleton or not own else [key_text(own)]
        key = "/".join([*above, *named])
        self.written[key] = frozenset(written)
        return key

    def as_written(self, record: Record) -> Any:
        """A record with the parts of its key that it does not say itself."""
        if not isinstance(record.value, dict):
            return record.value
        parts = [unquote(part) for part in record.key.split("/")]
        parents = self._resource.parents
        value: dict[str, Any] = dict(record.value)
        for parent, part in zip(parents, parts, strict=False):
            if not parent.property or value_at(value, parent.property) is None:
                value.setdefault(_name_of(parent), part)
        for key, part in zip(self._resource.keys, parts[len(parents) :], strict=False):
            if not key.property:
                value.setdefault("id", part)
        return value

    def _own(self, index: int, written: Any, value: Any) -> Any:
        key = self._resource.keys[index]
        found = value_at(value, key.property) if key.property else written.get("id")
        if found is None:
            name = "/".join(key.property) or "id"
            raise Unfit("", f"expected the key {name!r}, received none")
        return found

    def _above(self, parent: Parent, written: Any) -> str:
        """The key of the record that this one belongs to."""
        found = value_at(written, parent.property) if parent.property else None
        name = _naming(parent, written)
        if found is None and name:
            found = written[name]
        if found is None:
            wanted = "/".join(parent.property) or parent.parameter
            whose = f" of {parent.resource}" if parent.resource else ""
            message = f"expected {wanted!r}, the key{whose} that it belongs to, received none"
            raise Unfit("", message)
        return quote(text_of(found), safe="")


def _name_of(parent: Parent) -> str:
    """A member that says what the parent is: its parameter, or ``petId`` where that is ``id``."""
    one = stem(parent.resource.rpartition(".")[2])
    return f"{one}Id" if normal(parent.parameter) == "id" and one else parent.parameter


def _naming(parent: Parent, written: Mapping[str, Any]) -> str | None:
    """The member that names the parent: its parameter, or ``petId`` as json-server has it."""
    one = stem(parent.resource.rpartition(".")[2])
    for name in written:
        base = normal(name)
        if base == normal(parent.parameter) and base != "id":
            return name
        if one and base.endswith("id") and stem(base[:-2]) == one:
            return name
    return None


def _texts(value: Any) -> Any:
    """A value in which bytes of files are base64, as JSON can say them (RFC 4648)."""
    if isinstance(value, Blob):
        return base64.b64encode(value.data).decode()
    if isinstance(value, dict):
        return {name: _texts(member) for name, member in value.items()}
    return [_texts(item) for item in value] if isinstance(value, list) else value
