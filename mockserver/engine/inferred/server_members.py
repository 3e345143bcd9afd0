"""What members of a record say that the server alone can know: instants, files, full names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from mockserver.engine.forms import Upload
from mockserver.engine.handlers import Call
from mockserver.engine.inference.model import Resource
from mockserver.engine.inference.words import CREATED_WORDS, METADATA, UPDATED_WORDS, normal
from mockserver.engine.inferred.uploads import told_of
from mockserver.engine.inferred.world import World
from mockserver.engine.spec import Schema

_OF_CREATION = CREATED_WORDS | {"uid"}
_INSTANTS = CREATED_WORDS | UPDATED_WORDS

FULL_NAME = "fullname"
"""What members are called that tell all parts of a name, without case and separators."""


class ServerMembers:
    """Tells what the server knows of the records of one resource."""

    def __init__(self, world: World, resource: Resource) -> None:
        self._world = world
        self._resource = resource

    @cached_property
    def _metadata(self) -> Sequence[tuple[str, Schema]]:
        """The members that hold metadata, with their schemas."""
        properties = self._world.facts(self._resource).view.properties
        return [(name, schema) for name, schema in properties.items() if normal(name) in METADATA]

    def _schema(self, name: str) -> Schema:
        return self._world.facts(self._resource).view.properties.get(name, {})

    def instant(self, name: str, now: datetime, words: frozenset[str] = _INSTANTS) -> Any:
        """The instant as a member wants it; None where a member tells none of the kind."""
        return self._instant(name, self._schema(name), now, words)

    def _instant(self, name: str, schema: Schema, now: datetime, words: frozenset[str]) -> Any:
        if normal(name) not in words:
            return None
        plain = {**self._world.view(schema).plain, **schema}
        shown: Any = None
        if plain.get("format") == "date-time":
            shown = now.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        elif plain.get("format") == "date":
            shown = now.date().isoformat()
        elif self._world.view(schema).kind == "integer":
            shown = int(now.timestamp())
        return shown if shown is not None and self._world.makers.is_valid(schema, shown) else None

    def of_file(self, upload: Upload, name: str) -> Any:
        """What a member says of an uploaded file, None where it says nothing."""
        told, schema = told_of(upload, name), self._schema(name)
        return next((each for each in told if self._world.makers.is_valid(schema, each)), None)

    def whole_names(
        self, value: Mapping[str, Any], key: str, names: Iterable[str]
    ) -> Iterator[tuple[str, str]]:
        """Members called ``full_name``: all parts of a compound key, or first and last name."""
        for name in names:
            if normal(name) != FULL_NAME:
                continue
            own = key.split("/")[len(self._resource.parents) :]
            parts = {normal(each): member for each, member in value.items()}
            said = [parts.get("firstname"), parts.get("lastname")]
            if len(own) > 1:
                yield name, "/".join(map(unquote, own))
            elif all(isinstance(each, str) for each in said):
                yield name, " ".join(map(str, said))

    def metadata(
        self, call: Call, value: Mapping[str, Any], before: Mapping[str, Any]
    ) -> Iterator[tuple[str, Any]]:
        """Metadata with the instant and the identity of creation, where a client gives none."""
        for name, schema in self._metadata:
            inner, kept = value.get(name), before.get(name)
            if not isinstance(inner, dict):
                continue
            known = kept if isinstance(kept, dict) else {}
            told = dict(inner)
            for each, entry in self._world.view(schema).properties.items():
                if each not in inner and normal(each) in _OF_CREATION:
                    own = known.get(each) if known else self._first(call, each, entry)
                    told |= {each: own} if own is not None else {}
            yield name, told

    def _first(self, call: Call, name: str, schema: Schema) -> Any:
        """What a member of metadata says once a record is created."""
        if normal(name) == "uid":
            made = call.transaction.new_id()
            return made if self._world.makers.is_valid(schema, made) else None
        return self._instant(name, schema, call.now, CREATED_WORDS)
