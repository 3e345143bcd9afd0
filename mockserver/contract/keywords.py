"""Which keywords of request schemas were met by values that satisfy them, and by others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from mockserver.contract.calls import NOWHERE
from mockserver.contract.values import Json, Key, Sent
from mockserver.contract.wire import text_of
from mockserver.engine.media import is_json
from mockserver.engine.schema import Schemas, Validator
from mockserver.engine.spec import Description, Operation, Parameter
from mockserver.errors import pointer_to

_OF = {
    "string": ("minLength", "maxLength", "pattern", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "array": ("minItems", "maxItems", "uniqueItems"),
    "object": ("minProperties", "maxProperties", "required", "additionalProperties"),
}
"""Keywords that judge values of one type only (JSON Schema 2020-12, section 6)."""

_OF_ANY = ("type", "enum", "const", "anyOf", "oneOf", "not")
_SIDES = {"minimum": "exclusiveMinimum", "maximum": "exclusiveMaximum"}
"""Booleans of OpenAPI 3.0 that belong to another keyword."""

_DEEPEST = 12
_ITEMS = 4
"""Items of a list that are looked at."""


@dataclass(slots=True)
class Keyword:
    """One keyword of a request schema: where it stands, and how often values kept or broke it."""

    place: str
    keyword: str
    valid: int = 0
    invalid: int = 0

    @property
    def complete(self) -> bool:
        """Whether it was met both ways."""
        return self.valid > 0 and self.invalid > 0


class Keywords:
    """The keywords of the request schemas of some operations."""

    def __init__(self, description: Description, operations: Iterable[Operation]) -> None:
        self._schemas = Schemas(description.document)
        self._known: dict[tuple[int, str], Keyword] = {}
        self._judges: dict[tuple[int, str], Validator | None] = {}
        self._kept: list[Any] = []  # whose identities are keys above
        self._operations = {operation.id: operation for operation in operations}
        self._seen: set[int] = set()
        for operation in self._operations.values():
            for place, schema in _schemas_of(operation):
                self._find(schema, place, 0)

    @property
    def all(self) -> list[Keyword]:
        """All keywords, in the order of the description."""
        return list(self._known.values())

    def take(self, sent: Sent) -> None:
        """Judge the values of a call that was made."""
        operation = self._operations.get(sent.operation)
        if operation is None:
            return
        for parameter in operation.parameters:
            texts = _texts(sent, parameter)
            if texts:
                schema = self._schemas.resolved(parameter.schema)
                self._walk(parameter.schema, _read(texts, schema.get("type"), parameter), 0)
        body = operation.body
        if body is not None and isinstance(sent.body, Json):
            for media_type, schema in body.content.items():
                if is_json(media_type):
                    self._walk(schema, _plain(sent.body.value), 0)

    def _find(self, schema: Any, pointer: str, depth: int) -> None:
        """Lay out the keywords of a schema and of those inside of it, each once."""
        schema = self._schemas.resolved(schema)
        if id(schema) in self._seen or depth > _DEEPEST:
            return
        self._seen.add(id(schema))
        self._kept.append(schema)
        for keyword in _present(schema):
            self._known[id(schema), keyword] = Keyword(pointer, keyword)
        for step, inner in _inner(schema):
            self._find(inner, pointer + pointer_to(step), depth + 1)

    def _judge(self, schema: Mapping[str, Any], keyword: str) -> Validator | None:
        """What judges one keyword alone; None for one that cannot be compiled."""
        place = (id(schema), keyword)
        if place not in self._judges:
            try:
                self._judges[place] = self._schemas.validator(_alone(schema, keyword))
            except (ValueError, KeyError):
                self._judges[place] = None
        return self._judges[place]

    def _walk(self, schema: Any, value: Any, depth: int) -> None:
        schema = self._schemas.resolved(schema)
        if depth > _DEEPEST:
            return
        for keyword in _present(schema):
            known = self._known.get((id(schema), keyword))
            if known is None or known.complete or not _applies(keyword, value):
                continue
            judge = self._judge(schema, keyword)
            if judge is not None and judge.is_valid(value):
                known.valid += 1
            elif judge is not None:
                known.invalid += 1
        for inner, part in _parts(schema, value):
            self._walk(inner, part, depth + 1)


def _alone(schema: Mapping[str, Any], keyword: str) -> dict[str, Any]:
    """A schema that has one keyword of another, and what belongs to that."""
    alone = {keyword: schema[keyword]}
    side = _SIDES.get(keyword)
    if side and isinstance(schema.get(side), bool):
        alone[side] = schema[side]
    if keyword == "additionalProperties":
        alone["properties"] = {name: {} for name in schema.get("properties", {})}
    if keyword == "type" and schema.get("nullable"):
        alone["nullable"] = True
    return alone


def _schemas_of(operation: Operation) -> Iterator[tuple[str, Any]]:
    where = pointer_to(("paths", operation.path, operation.method.lower()))
    for parameter in operation.parameters:
        yield f"{where} {parameter.location} {parameter.name}", parameter.schema
    for media_type, schema in (operation.body.content if operation.body else {}).items():
        if is_json(media_type):
            yield f"{where} body", schema


def _present(schema: Mapping[str, Any]) -> Iterator[str]:
    for keyword in (*_OF_ANY, *(each for group in _OF.values() for each in group)):
        value = schema.get(keyword)
        if value is None or isinstance(value, bool):
            told = keyword == "uniqueItems" and value is True
            closed = keyword == "additionalProperties" and value is False
            if not told and not closed:
                continue
        elif keyword == "additionalProperties" or value == []:
            continue
        yield keyword


def _applies(keyword: str, value: Any) -> bool:
    """Whether a keyword judges values of this type at all."""
    if keyword in _OF_ANY:
        return True
    return keyword in _OF.get(_type(value), ())


def _type(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, str):
        return "string"
    if isinstance(value, int | float):
        return "number"
    return "array" if isinstance(value, list) else "object"


def _inner(schema: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, each in schema.get("properties", {}).items():
        yield ("properties", name), each
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), Mapping):
            yield (keyword,), schema[keyword]
    for keyword in ("allOf", "anyOf", "oneOf"):
        for index, each in enumerate(schema.get(keyword, ())):
            yield (keyword, str(index)), each


def _parts(schema: Mapping[str, Any], value: Any) -> Iterator[tuple[Any, Any]]:
    """The schemas inside of one, each with the part of the value that it judges."""
    properties = schema.get("properties", {})
    if isinstance(value, dict):
        more = schema.get("additionalProperties")
        for name, part in value.items():
            if name in properties:
                yield properties[name], part
            elif isinstance(more, Mapping):
                yield more, part
    if isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        for part in value[:_ITEMS]:
            yield schema["items"], part
    for keyword in ("allOf", "anyOf", "oneOf"):
        for each in schema.get(keyword, ()):
            yield each, value


def _texts(sent: Sent, parameter: Parameter) -> list[str]:
    """What was sent under a parameter's name."""
    if parameter.location == "path":
        named = sent.path_parameters
        values = [named[parameter.name]] if parameter.name in named else []
    else:
        pairs = sent.query if parameter.location == "query" else sent.headers
        values = [value for name, value in pairs if name.lower() == parameter.name.lower()]
    return [NOWHERE if isinstance(value, Key) else text_of(value) for value in values]


def _read(texts: list[str], wanted: Any, parameter: Parameter) -> Any:
    """Texts as the value that a schema's type asks for, where they can be read so."""
    if wanted == "array":
        return texts if parameter.explode or len(texts) > 1 else texts[0].split(",")
    if wanted in {"integer", "number", "boolean"}:
        try:
            return orjson.loads(texts[0])
        except orjson.JSONDecodeError:
            return texts[0]
    return texts[0]


def _plain(value: Any) -> Any:
    """A body with a text where it has a key."""
    if isinstance(value, Key):
        return NOWHERE
    if isinstance(value, dict):
        return {str(_plain(name)): _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
