"""One operation compiled at start: a request in, checked bytes out; no framework in sight."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.engine.handlers import Call, Handler, View
from mockserver.engine.media import (
    decode_body,
    decode_query,
    matching,
    media_type_of,
)
from mockserver.engine.parameters import DeclaredParameter, template_names
from mockserver.engine.reply import Answer, Api, ReplyWriter, undescribed
from mockserver.engine.spec import Operation, Schema
from mockserver.errors import (
    ApiError,
    Conflict,
    MockServerError,
    ReplyError,
    StorageFull,
    Violation,
)
from mockserver.state.sandboxes import Sandbox

HEAVY = 64 * 1024
"""Bytes past which a request body, or a view, is worked on in a thread of its own."""

logger = logging.getLogger("mockserver")


@dataclass(slots=True)
class Request:
    """What of an HTTP request an endpoint needs.

    ``path`` holds the decoded path parameters. ``patient`` says that nobody else waits for the
    answer: a request that is not is put off when it turns out to take long.
    """

    sandbox: Sandbox
    path: tuple[str, ...] = ()
    query: bytes = b""
    headers: Mapping[bytes, bytes] = field(default_factory=dict)
    body: bytes = b""
    base_url: str = ""
    patient: bool = True


class PutOff(MockServerError):
    """An answer would take long; ask again with patience. Nothing was committed."""


class Endpoint:
    """An operation of an API, compiled: call it with a request, it commits and answers."""

    __slots__ = ("_header", "_path", "_query", "_writer", "api", "handler", "operation", "slow")

    def __init__(self, api: Api, operation: Operation, handler: Handler) -> None:
        self.api = api
        self.operation = operation
        self.handler = handler
        any_case = api.handlers.any_case_booleans
        declared = [
            DeclaredParameter(parameter, api.schemas, any_case_booleans=any_case)
            for parameter in operation.parameters
        ]
        by_name = {d.name: d for d in declared if d.location == "path"}
        self._path = tuple(by_name[name] for name in template_names(operation.path))
        self._query = tuple(d for d in declared if d.location == "query")
        self._header = tuple(d for d in declared if d.location == "header")
        self.slow = operation.id in api.handlers.slow
        self._writer = ReplyWriter(api, operation)

    def __call__(self, request: Request) -> Answer:
        """Answer a request. The state is either before or after it, never between.

        Raises PutOff for an impatient request whose answer would take long.
        Raises ReplyError when the reply breaks the description; nothing is committed then.
        """
        stem = self.api.description.stem
        sandbox = request.sandbox
        call = Call(self.operation, sandbox.transaction(stem), self.api.blobs, sandbox)
        try:
            self._decode(request, call)
            while True:
                reply = self.handler(call)
                if not request.patient and _is_heavy(reply.body):
                    raise PutOff(self.operation.id)
                answer = self._writer.write(reply, request.base_url)
                try:
                    sandbox.commit(call.transaction)
                    return answer
                except Conflict:
                    call.transaction = sandbox.transaction(stem)
        except ApiError as error:
            return self.refuse(error)
        except StorageFull as error:
            return self.refuse(ApiError(507, str(error)))

    def refuse(self, error: ApiError) -> Answer:
        """A refusal in the API's own shape, even where the description forgot its status."""
        reply = self.api.handlers.errors(error)
        try:
            return self._writer.write(reply, "")
        except ReplyError as undocumented:
            logger.warning("%s", undocumented)
            return undescribed(reply)

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
            call.query = _values(self._query, decode_query(request.query) if request.query else {})
        if self._header:
            call.header = _values(self._header, _header_texts(self._header, request.headers))
        if self.operation.body is not None:
            call.body = self._body(request)

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
        if isinstance(value, bytes):
            return value  # of a media type that JSON Schema has nothing to say about
        violations = self.api.schemas.violations(schema, value, "body")
        if violations:
            first = violations[0]
            where = first.pointer or "its root"
            detail = f"The body breaks the description at {where}: expected {first.expected}."
            raise ApiError(400, detail, violations=violations)
        return value


def _is_heavy(body: Any) -> bool:
    return isinstance(body, View) and body.weight > HEAVY


def _values(
    declared: tuple[DeclaredParameter, ...], given: Mapping[str, list[str]]
) -> dict[str, Any]:
    """The values of declared parameters, defaults filled in. Raises ApiError 400."""
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


def _header_texts(
    declared: tuple[DeclaredParameter, ...], headers: Mapping[bytes, bytes]
) -> dict[str, list[str]]:
    found = ((d.name, headers.get(d.name.lower().encode())) for d in declared)
    return {name: [text.decode("latin-1")] for name, text in found if text is not None}
