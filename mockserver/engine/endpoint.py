"""One operation compiled at start: a request in, checked bytes out; no framework in sight."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from mockserver.engine.handlers import Call, Handler, Handlers, Reply, View
from mockserver.engine.media import (
    decode_body,
    decode_parameter,
    decode_query,
    encode_json,
    is_json,
    matching,
    media_type_of,
)
from mockserver.engine.schema import Schemas, Validator, component_name
from mockserver.engine.spec import Description, Operation, Parameter, Response, Schema
from mockserver.errors import ApiError, Conflict, ReplyError, StorageFull, Violation
from mockserver.state.blobs import Blobs
from mockserver.state.sandboxes import Sandbox

MAX_KEPT = 256 * 1024
"""Serialised views up to this many bytes are kept with their record."""


@dataclass(slots=True)
class Request:
    """What of an HTTP request an endpoint needs. ``path`` holds the decoded path parameters."""

    sandbox: Sandbox
    path: tuple[str, ...] = ()
    query: bytes = b""
    headers: Mapping[bytes, bytes] = field(default_factory=dict)
    body: bytes = b""
    base_url: str = ""


@dataclass(slots=True)
class Answer:
    """What is sent: a status, headers as ASGI takes them, and bytes."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


@dataclass(frozen=True, slots=True)
class Api:
    """A description with its handlers: everything that is served under one stem."""

    description: Description
    handlers: Handlers
    schemas: Schemas
    blobs: Blobs


class Endpoint:
    """An operation of an API, compiled: call it with a request, it commits and answers."""

    __slots__ = ("_header", "_path", "_query", "_slow", "_writer", "api", "handler", "operation")

    def __init__(self, api: Api, operation: Operation, handler: Handler) -> None:
        self.api = api
        self.operation = operation
        self.handler = handler
        declared = [_Declared(parameter, api.schemas) for parameter in operation.parameters]
        by_name = {d.name: d for d in declared if d.location == "path"}
        self._path = tuple(by_name[name] for name in template_names(operation.path))
        self._query = tuple(d for d in declared if d.location == "query")
        self._header = tuple(d for d in declared if d.location == "header")
        self._slow = operation.id in api.handlers.slow
        self._writer = ReplyWriter(api, operation)

    def __call__(self, request: Request) -> Answer:
        """Answer a request. The state is either before or after it, never between.

        Raises ReplyError when the reply breaks the description; nothing is committed then.
        """
        while True:
            transaction = request.sandbox.transaction(self.api.description.stem)
            call = Call(self.operation, transaction, self.api.blobs, request.sandbox)
            try:
                self._decode(request, call)
                answer = self._writer.write(self.handler(call), request.base_url)
                request.sandbox.commit(transaction)
                return answer
            except Conflict:
                continue
            except ApiError as error:
                return self.refuse(error)
            except StorageFull as error:
                return self.refuse(ApiError(507, str(error)))

    @property
    def slow(self) -> bool:
        """Whether the handler may take over 5 ms and runs in a thread."""
        return self._slow

    def refuse(self, error: ApiError) -> Answer:
        """A refusal in the API's own shape."""
        return self._writer.write(self.api.handlers.errors(error), "")

    def check_length(self, length: int, content_type: str) -> None:
        """Judge a body by its size before it is read. Raises ApiError 413."""
        limit = self.body_limit(content_type)
        if length > limit:
            violation = Violation(
                "body", "", "size", f"at most {limit} bytes", f"{length} bytes or more"
            )
            detail = f"The body is larger than {limit} bytes."
            raise ApiError(413, detail, violations=[violation])

    def body_limit(self, content_type: str) -> int:
        """The largest body this operation takes of a media type, in bytes."""
        handlers = self.api.handlers
        return handlers.body_limits.get(media_type_of(content_type), handlers.body_limit)

    def _decode(self, request: Request, call: Call) -> None:
        call.base_url = request.base_url
        if self._path:
            call.path = {
                declared.name: declared.value([text])
                for declared, text in zip(self._path, request.path, strict=True)
            }
        if self._query:
            call.query = self._values(self._query, request.query)
        if self._header:
            call.header = _header_values(self._header, request.headers)
        if self.operation.body is not None:
            call.body = self._body(request)

    @staticmethod
    def _values(declared: tuple[_Declared, ...], query: bytes) -> dict[str, Any]:
        given = decode_query(query) if query else {}
        values = {}
        for parameter in declared:
            texts = given.get(parameter.name)
            if texts is not None:
                values[parameter.name] = parameter.value(texts)
            elif parameter.required:
                raise parameter.missing()
            elif parameter.default is not None:
                values[parameter.name] = parameter.default
        return values

    def _body(self, request: Request) -> Any:
        declared = self.operation.body
        assert declared is not None  # noqa: S101 - the caller asked
        data = request.body
        if not data:
            if declared.required:
                violation = Violation("body", "", "required", "a body", "none")
                raise ApiError(400, "The request needs a body.", violations=[violation])
            return None
        content_type = request.headers.get(b"content-type", b"").decode("latin-1")
        media_type = media_type_of(content_type)
        offered = matching(media_type, tuple(declared.content))
        if offered is None:
            expected = " or ".join(declared.content)
            received = media_type or "no Content-Type"
            violation = Violation("header", "Content-Type", "media type", expected, received)
            detail = f"The body is {received}, expected {expected}."
            raise ApiError(415, detail, violations=[violation])
        return self._checked_body(decode_body(media_type, data), declared.content[offered])

    def _checked_body(self, value: Any, schema: Schema) -> Any:
        violations = self.api.schemas.violations(schema, value, "body")
        if violations:
            first = violations[0]
            where = first.pointer or "its root"
            detail = f"The body breaks the description at {where}: expected {first.expected}."
            raise ApiError(400, detail, violations=violations)
        return value


def template_names(path: str) -> list[str]:
    """The names of a path template's parameters, in order."""
    return [part[1:-1] for part in path.split("/") if part.startswith("{") and part.endswith("}")]


def _header_values(
    declared: tuple[_Declared, ...], headers: Mapping[bytes, bytes]
) -> dict[str, Any]:
    values = {}
    for parameter in declared:
        text = headers.get(parameter.name.lower().encode())
        if text is not None:
            values[parameter.name] = parameter.value([text.decode("latin-1")])
        elif parameter.required:
            raise parameter.missing()
        elif parameter.default is not None:
            values[parameter.name] = parameter.default
    return values


class _Declared:
    """A declared parameter with its validator."""

    __slots__ = ("_schemas", "_validator", "default", "location", "name", "parameter", "required")

    def __init__(self, parameter: Parameter, schemas: Schemas) -> None:
        self.parameter = parameter
        self.name = parameter.name
        self.location = parameter.location
        self.required = parameter.required
        self.default = parameter.schema.get("default")
        self._schemas = schemas
        self._validator: Validator | None = None

    def value(self, texts: list[str]) -> Any:
        """The decoded value. Raises ApiError 400 when it breaks the parameter's schema."""
        value = decode_parameter(self.parameter, texts)
        if self._validator is None:
            self._validator = self._schemas.validator(self.parameter.schema)
        if self._validator.is_valid(value):
            return value
        found = self._schemas.violations(self.parameter.schema, value, self.location)
        named = [
            Violation(v.location, self.name + v.pointer, v.rule, v.expected, v.received)
            for v in found
        ]
        detail = (
            f"The {self.location} parameter {self.name!r} is {named[0].received!r}, "
            f"expected {named[0].expected}."
        )
        raise ApiError(400, detail, violations=named)

    def missing(self) -> ApiError:
        violation = Violation(self.location, self.name, "required", "a value", "none")
        detail = f"The {self.location} parameter {self.name!r} is required."
        return ApiError(400, detail, violations=[violation])


class ReplyWriter:
    """Turns replies of one operation into answers that its description allows."""

    def __init__(self, api: Api, operation: Operation) -> None:
        self._api = api
        self._operation = operation
        self._plans: dict[tuple[int, str | None], _Plan] = {}

    def write(self, reply: Reply, base_url: str) -> Answer:
        """The bytes of a reply. Raises ReplyError when the description does not allow it."""
        key = (reply.status, reply.media_type)
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = _Plan(self._api.schemas, self._operation, reply)
        body = plan.encode(reply)
        headers = [*plan.headers, (b"content-length", str(len(body)).encode())]
        if reply.headers or plan.required_headers:
            headers += plan.named(reply.headers, base_url)
        return Answer(reply.status, headers, body)


class _Plan:
    """How replies of one status and media type are checked and written, worked out once."""

    __slots__ = (
        "_component", "_json", "_operation", "_schema", "_schemas", "_status", "_validator",
        "headers", "required_headers",
    )  # fmt: skip

    def __init__(self, schemas: Schemas, operation: Operation, reply: Reply) -> None:
        self._schemas = schemas
        self._operation = operation
        self._status = reply.status
        documented = operation.response(reply.status)
        if documented is None:
            known = ", ".join(operation.responses)
            raise self._broken("", "status", f"one of the documented statuses {known}", reply.status)
        media_type = self._media_type(documented, reply)
        self.required_headers = documented.required_headers
        self._json = is_json(media_type) if media_type else False
        self._schema: Schema | None = documented.content.get(media_type) if media_type else None
        self._component = component_name(self._schema) if self._schema else None
        self._validator: Validator | None = None
        charset = "; charset=utf-8" if (media_type or "").startswith("text/") else ""
        self.headers = (
            [(b"content-type", f"{media_type}{charset}".encode())] if media_type else []
        )

    def _media_type(self, documented: Response, reply: Reply) -> str | None:
        if not documented.content:
            if reply.body is not None:
                raise self._broken("", "content", "no body", "one")
            return None
        if reply.media_type is None:
            return next(iter(documented.content))
        offered = matching(reply.media_type, tuple(documented.content))
        if offered is None:
            expected = " or ".join(documented.content)
            raise self._broken("", "media type", expected, reply.media_type)
        return reply.media_type

    def _broken(self, pointer: str, rule: str, expected: str, received: object) -> ReplyError:
        violation = Violation("reply", pointer, rule, expected, str(received))
        return ReplyError(self._operation.id, self._status, [violation])

    def encode(self, reply: Reply) -> bytes:
        """The body's bytes, after they were checked."""
        body = reply.body
        if self._schema is None:
            return b""
        if isinstance(body, View) and body.schema == self._component:
            return self.view(body)
        if isinstance(body, bytes):
            return body
        self._check(body)
        if self._json:
            return encode_json(body, self._part)
        return str(body).encode()

    def _check(self, body: Any) -> None:
        if self._validator is None:
            self._validator = self._schemas.validator(self._schema or {}, reply=True)
        if not self._validator.is_valid(self._skeleton(body)):
            plain = orjson.loads(encode_json(body, self._part))
            violations = self._schemas.violations(self._schema or {}, plain, "reply")
            raise ReplyError(
                self._operation.id, self._status, violations or [_misplaced_view()]
            )

    def _skeleton(self, value: Any) -> Any:
        if isinstance(value, View):
            return self._schemas.token(value.schema)
        if isinstance(value, dict):
            return {name: self._skeleton(item) for name, item in value.items()}
        if isinstance(value, list | tuple):
            return [self._skeleton(item) for item in value]
        return value

    def _part(self, part: Any) -> Any:
        if isinstance(part, View):
            return orjson.Fragment(self.view(part))
        raise TypeError(f"{type(part).__name__} is no JSON value")

    def view(self, view: View) -> bytes:
        """The bytes of a view, made and checked once for each version of its record."""
        work = view.record.work
        key = (view.schema, view.make)
        known = work.get(key)
        if known is not None:
            return known  # type: ignore[no-any-return]
        value = view.make(view.record.value)
        schema = self._schemas.component(view.schema)
        violations = self._schemas.violations(schema, value, "reply")
        if violations:
            raise ReplyError(self._operation.id, self._status, violations)
        data = encode_json(value, self._part)
        if len(data) <= MAX_KEPT:
            work[key] = data
        return data

    def named(self, headers: Mapping[str, str], base_url: str) -> list[tuple[bytes, bytes]]:
        """The headers of a reply as bytes; an absolute-path ``Location`` gets the base URL."""
        given = {name.lower(): value for name, value in headers.items()}
        for name in self.required_headers:
            if name.lower() not in given:
                raise self._broken(name, "required header", f"the header {name}", "none")
        if given.get("location", "").startswith("/"):
            given["location"] = base_url + given["location"]
        return [(name.encode(), value.encode("latin-1")) for name, value in given.items()]


def undescribed(reply: Reply) -> Answer:
    """The bytes of a reply to a request for which there is no operation."""
    if isinstance(reply.body, str):
        body = reply.body.encode()
    else:
        body = encode_json(reply.body, _no_part)
    media_type = reply.media_type or "application/json"
    charset = "; charset=utf-8" if media_type.startswith("text/") else ""
    headers = [
        (b"content-type", f"{media_type}{charset}".encode()),
        (b"content-length", str(len(body)).encode()),
        *((name.lower().encode(), value.encode("latin-1")) for name, value in reply.headers.items()),
    ]
    return Answer(reply.status, headers, body)


def _no_part(part: Any) -> Any:
    raise TypeError(f"{type(part).__name__} is no JSON value")


def _misplaced_view() -> Violation:
    return Violation("reply", "", "schema", "a view where its own component is documented", "one")
