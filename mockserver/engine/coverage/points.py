"""What there is to touch of one operation, and what of it an exchange touches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from mockserver.engine.bodies import BodyReader
from mockserver.engine.coverage.schemas import Layout, Node, key_of, listed, told
from mockserver.engine.media import decode_query, is_json, matching, media_type_of
from mockserver.engine.parameters import DeclaredParameter, declared_in, raw_headers
from mockserver.engine.reply import Answer, Api
from mockserver.engine.request import Request
from mockserver.engine.spec import Operation, Response
from mockserver.engine.templates import template_names
from mockserver.engine.wire.sent import Raw, raw_cookies, raw_query
from mockserver.engine.wire.styles import MISSING
from mockserver.errors import ApiError

KINDS = (
    "operations", "parameters", "parameterValues", "requestTypes", "requestProperties",
    "statuses", "answerProperties",
)  # fmt: skip

OPERATION = 1
"""The bit of the operation itself, which any request touches."""

_LOCATIONS = ("path", "query", "header", "cookie")
_UNKNOWN = "application/octet-stream"


class Points:
    """The points of one operation, a bit for each; ``names`` has them by kind."""

    def __init__(self, api: Api, operation: Operation) -> None:
        self.operation = operation
        self._api = api
        self._taken = 1
        self.names: dict[str, dict[str, int]] = {kind: {} for kind in KINDS}
        self.names["operations"][operation.id] = OPERATION
        self._parameters = {
            location: [
                (declared, self._count("parameters", f"{location} {declared.name}"))
                for declared in declared_in(location, operation.parameters, api)
            ]
            for location in _LOCATIONS
        }
        self._values = {
            id(declared): dict(self._listed(declared))
            for known in self._parameters.values()
            for declared, _ in known
        }
        self._types: dict[str, tuple[int, Node]] = {}
        self._reader = None if operation.body is None else BodyReader(operation.body, api)
        self._lay_out_bodies()
        self._answers = {
            status: (self._count("statuses", status), self._answer(status, response))
            for status, response in operation.responses.items()
        }

    def _count(self, kind: str, name: str) -> int:
        """The bit of a point; two of a name are one."""
        known = self.names[kind]
        if name not in known:
            known[name] = 1 << self._taken
            self._taken += 1
        return known[name]

    def _listed(self, declared: DeclaredParameter) -> Iterator[tuple[Any, int]]:
        schema = declared.parameter.schema
        for value in (*listed(self._api, schema), *listed(self._api, schema.get("items", {}))):
            name = f"{declared.location} {declared.name}={told(value)}"
            if value is not None:
                yield key_of(value), self._count("parameterValues", name)

    def _lay_out_bodies(self) -> None:
        body = self.operation.body
        layout = Layout(self._api, "readOnly", lambda n: self._count("requestProperties", n))
        for media_type, schema in body.content.items() if body else ():
            bit = self._count("requestTypes", media_type)
            self._types[media_type] = (bit, layout.node(schema))

    def _answer(self, status: str, response: Response) -> Node | None:
        """The tree of an answer's first JSON schema; of other media types nothing is counted."""
        layout = Layout(self._api, "writeOnly", lambda n: self._count("answerProperties", n))
        schemas = (schema for name, schema in response.content.items() if is_json(name))
        schema = next(schemas, None)
        return None if schema is None else layout.node(schema, f"{status} ")

    def status(self, status: int) -> str | None:
        """The entry of a status (OpenAPI 3.0.3, Responses Object), None where there is none."""
        for entry in (str(status), f"{status // 100}XX", "default"):
            if entry in self._answers:
                return entry
        return None

    def asked(self, request: Request) -> int:
        """The bits of what a request has."""
        bits = OPERATION
        for location, known in self._parameters.items():
            if known:
                bits |= self._sent(known, self._raw(location, request))
        return bits | self._body(request)

    def answered(self, answer: Answer) -> int:
        """The bits of what an answer has."""
        entry = self.status(answer.status)
        if entry is None:
            return 0
        bit, node = self._answers[entry]
        if node is None or not answer.body:
            return bit
        try:
            return bit | node.touched(orjson.loads(answer.body))
        except ValueError:  # it is of another media type
            return bit

    def _raw(self, location: str, request: Request) -> Raw:
        if location == "path":
            names = template_names(self.operation.path)
            return {name: [text] for name, text in zip(names, request.path, strict=False)}
        if location == "query":
            try:
                return raw_query(request.query)
            except ApiError:
                return decode_query(request.query, lenient=True)
        if location == "header":
            declared = [each for each, _ in self._parameters["header"]]
            return raw_headers(declared, request.headers)
        return raw_cookies(request.header("cookie") or "")

    def _sent(self, known: list[tuple[DeclaredParameter, int]], raw: Raw) -> int:
        bits = 0
        for declared, bit in known:
            try:
                value = declared.value(raw)
            except ApiError:  # it was sent, if not as it should be
                value = None
            if value is not MISSING:
                values: Mapping[Any, int] = self._values[id(declared)]
                several = value if isinstance(value, list) else [value]
                bits |= bit | values.get(key_of(value), 0)
                for each in several if values else ():
                    bits |= values.get(key_of(each), 0)
        return bits

    def _body(self, request: Request) -> int:
        media_type = media_type_of(request.content_type)
        offered = matching(media_type or _UNKNOWN, tuple(self._types)) if request.body else None
        if offered is None:
            return 0
        bit, node = self._types[offered]
        try:
            return bit | node.touched(self._value(media_type, request))
        except (ApiError, ValueError):  # nobody can say what is in it
            return bit

    def _value(self, media_type: str, request: Request) -> Any:
        if is_json(media_type) or self._reader is None:
            return orjson.loads(request.body)
        return self._reader.read(request.content_type, request.body).value
