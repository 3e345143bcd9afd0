"""Calls that work about each other record, and by everybody else: who may do what to what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from mockserver.contract.alike import UUID
from mockserver.contract.drawing import Drawing
from mockserver.contract.pictures import PICTURES
from mockserver.contract.pools import INSTANT, leaves, plain, with_leaf
from mockserver.contract.resolving import Resolving
from mockserver.contract.spelling import INSTANTS
from mockserver.contract.values import Form, Json, Key, Part, Sent
from mockserver.contract.wire import BOGUS, NO_CALLER
from mockserver.engine.spec import Operation

NEWEST = 6
"""Records of a run that calls are tried about, beside those of the beginning."""

MANY, SEVERAL = 60, 12
"""Values of one list that are tried, and forms of an instant."""

LISTED = "one of the values that are listed"

_EXTENSIONS = (
    "jpg jpeg jpe png gif webp bmp tif tiff heic heif avif jxl jp2 svg psd raw dng cr2 nef arw "
    "mp4 m4v mov mkv webm avi 3gp 3gpp mpg mpeg mpe mts m2t m2ts vob ogv wmv flv insv insp jfif "
    "cr3 crw raf rw2 orf pef srw x3f 3fr erf kdc mrw nrw sr2 pdf txt csv json xml "
    "xmp md html py js zip gz bin"
)


def usual_names() -> Iterator[str]:
    """Names that files usually have."""
    return (f"name.{extension}" for extension in _EXTENSIONS.split())


Place = tuple[str, Any]
"""Where a call may name a record: in its path, query, form or JSON, and there where."""

BY = ("by", "")
"""The place of who calls."""


class Exchanging:
    """Exchanges records and callers in calls. ``seeded`` are keys of records of the beginning."""

    def __init__(self, drawing: Drawing, schemas: Resolving, seeded: Iterable[str]) -> None:
        self._drawing = drawing
        self._schemas = schemas
        self._seeded = list(seeded)
        self._optional: dict[str, list[str]] = {}

    def places(self, sent: Sent) -> list[Place]:
        """Where something may be exchanged in a call, also members that it leaves out."""
        found: list[Place] = [BY, *(("path", name) for name in sent.path_parameters)]
        found += [("query", n) for n, (_, value) in enumerate(sent.query) if _is_key(value)]
        if isinstance(sent.body, Json):
            inside = leaves(sent.body.value)
            found += [("json", path) for path, value in inside if path and _is_key(value)]
            if not isinstance(sent.body.value, dict):
                return found
            known = set(sent.body.value)
        elif isinstance(sent.body, Form):
            parts = enumerate(sent.body.parts)
            found += [("form", n) for n, part in parts if _is_key(part.content)]
            known = {part.name for part in sent.body.parts}
        else:
            return found
        return [*found, *(("more", n) for n in self._naming(sent.operation) if n not in known)]

    def exchanged(self, sent: Sent, place: Place) -> Iterator[Sent]:
        """The call with everything that is known in one of its places."""
        if place == BY:
            yield from self._by_others(sent)
            return
        seen = [key for key in self._drawing.pools.named("id") if isinstance(key, Key)]
        for key in [*self._seeded, *seen[-NEWEST:]]:
            yield replace(_with(sent, place, key), why="about another record")

    def listed(self, sent: Sent) -> Iterator[Sent]:
        """The call with each of the values that are listed for a parameter, or for a member.

        A file is called by each of the usual names, and is one of several pictures; a time is told
        in several forms.
        """
        operation = self._drawing.operations[sent.operation]
        for parameter in operation.parameters:
            if parameter.location == "query":
                rest = tuple(pair for pair in sent.query if pair[0] != parameter.name)
                for value in self._values(parameter.name, parameter.schema):
                    yield replace(sent, query=(*rest, (parameter.name, value)), why=LISTED)
        body = sent.body
        for name, schema in members_of(
            self._schemas, self._drawing.operations[sent.operation]
        ).items():
            for value in self._values(name, schema):
                yield _having(sent, name, value)
        if isinstance(body, Form):
            for place, part in enumerate(body.parts):
                for file_name in usual_names() if part.file_name is not None else ():
                    named = replace(part, file_name=file_name)
                    parts = (*body.parts[:place], named, *body.parts[place + 1 :])
                    yield replace(sent, body=Form(parts), why=LISTED)
                for content in PICTURES if isinstance(part.content, bytes) else ():
                    parts = (*body.parts[:place], replace(part, content=content))
                    yield replace(sent, body=Form((*parts, *body.parts[place + 1 :])), why=LISTED)

    def _values(self, name: str, schema: Any) -> list[Any]:
        """The values that are listed in a schema, some of many, or instants in many forms."""
        resolved = self._schemas.resolved(schema)
        values = list(resolved.get("enum") or ())
        if resolved.get("type") in ("boolean", ["boolean", "null"]):
            return [True, False]
        if values:
            return self._drawing.choice.sample(values, min(MANY, len(values)))
        seen = self._drawing.pools.named(name)
        tells_time = any(isinstance(value, str) and INSTANT.match(value) for value in seen)
        return self._drawing.choice.sample(INSTANTS, SEVERAL) if tells_time else []

    def _by_others(self, sent: Sent) -> Iterator[Sent]:
        """The call by everybody who may make one, about what each is there for."""
        names = list(sent.path_parameters)
        callers = self._drawing.callers
        for caller in [*callers.names, NO_CALLER, BOGUS]:
            by = replace(sent, caller=caller, why="by somebody else")
            yield by
            for key in callers.about.get(caller, ()) if names else ():
                yield replace(by, path_parameters={**sent.path_parameters, names[-1]: key})

    def _naming(self, operation: str) -> list[str]:
        """The members of the body of an operation that name one record, as far as one can tell."""
        found = self._optional.get(operation)
        if found is None:
            members = members_of(self._schemas, self._drawing.operations[operation])
            found = self._optional[operation] = [n for n, s in members.items() if _names(n, s)]
        return found


def members_of(schemas: Resolving, operation: Operation) -> dict[str, Any]:
    """The members that the body of an operation may have, with their schemas."""
    found: dict[str, Any] = {}
    waiting = list(operation.body.content.values()) if operation.body else []
    while waiting:
        schema = schemas.merged(waiting.pop())
        waiting += [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
        described = schema.get("properties", {})
        found.update({name: schemas.merged(inner) for name, inner in described.items()})
    return found


def _having(sent: Sent, name: str, value: Any) -> Sent:
    """The call with a value in a member, or a part, of its body."""
    body = sent.body
    if isinstance(body, Json) and isinstance(body.value, dict):
        return replace(sent, body=Json({**body.value, name: value}), why=LISTED)
    if isinstance(body, Form):
        kept = tuple(part for part in body.parts if part.name != name)
        return replace(sent, body=Form((*kept, Part(name, value))), why=LISTED)
    return sent


def _names(name: str, schema: Any) -> bool:
    """Whether a member names a record."""
    if schema.get("format") == "uuid":
        return True
    text = schema.get("type", "string") in ("string", ["string", "null"])
    return bool(text) and plain(name).endswith("id")


def _is_key(value: Any) -> bool:
    return isinstance(value, Key) or (isinstance(value, str) and bool(UUID.fullmatch(value)))


def _with(sent: Sent, place: Place, key: Any) -> Sent:
    """The call with another record in one of its places."""
    kind, where = place
    body = sent.body
    if kind == "path":
        return replace(sent, path_parameters={**sent.path_parameters, where: key})
    if kind == "query":
        pairs = [(n, key if i == where else v) for i, (n, v) in enumerate(sent.query)]
        return replace(sent, query=tuple(pairs))
    if isinstance(body, Json):
        more = {**body.value, where: key} if kind == "more" else with_leaf(body.value, where, key)
        return replace(sent, body=Json(more))
    if isinstance(body, Form):
        parts = list(body.parts)
        if kind == "more":
            parts.append(Part(where, key))
        else:
            parts[where] = replace(parts[where], content=key)
        return replace(sent, body=Form(tuple(parts)))
    return sent
