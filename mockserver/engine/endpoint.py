"""One operation compiled at start: a request in, checked bytes out; no framework in sight."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from mockserver.engine.forms import decode_form, form_value, is_form
from mockserver.engine.handlers import Call, Handler, View
from mockserver.engine.media import (
    decode_body,
    decode_query,
    matching,
    media_type_of,
)
from mockserver.engine.parameters import DeclaredParameter
from mockserver.engine.reply import Answer, Api, ReplyWriter, undescribed, with_headers
from mockserver.engine.request import Request
from mockserver.engine.security import authenticated, cookies
from mockserver.engine.spec import Body, Operation, Schema, template_names
from mockserver.errors import (
    ApiError,
    Conflict,
    MockServerError,
    ReplyError,
    StorageFull,
    Violation,
)

HEAVY = 64 * 1024
"""Bytes past which a request body, or a view, is worked on in a thread of its own."""

logger = logging.getLogger("mockserver")


class PutOff(MockServerError):
    """An answer would take long; ask again with patience. Nothing was committed."""


class Endpoint:
    """An operation of an API, compiled: call it with a request, it commits and answers."""

    __slots__ = (
        "_cookie", "_header", "_names", "_path", "_query", "_writer", "api", "handler",
        "operation", "slow",
    )  # fmt: skip

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
        self._names = tuple(template_names(operation.path))
        self._path = tuple(by_name[name] for name in self._names)
        self._query = tuple(d for d in declared if d.location == "query")
        self._header = tuple(d for d in declared if d.location == "header")
        self._cookie = tuple(d for d in declared if d.location == "cookie")
        self.slow = operation.id in api.handlers.slow
        self._writer = ReplyWriter(api, operation)

    def __call__(self, request: Request) -> Answer:
        """Answer a request. The state is either before or after it, never between.

        Raises PutOff for an impatient request whose answer would take long.
        Raises ReplyError when the reply breaks the description; nothing is committed then.
        """
        call = self.call(request)
        try:
            call.identity = self._authenticated(call)
            self._decode(request, call)
            answer = self._handled(request, call)
        except ApiError as error:
            return self.refuse(error, request)
        except StorageFull as error:
            return self.refuse(ApiError(507, str(error)), request)
        return with_headers(answer, request.more_headers)

    def call(self, request: Request) -> Call:
        """The call that a request makes, nothing of it decoded yet."""
        api = self.api
        transaction = request.sandbox.transaction(api.description.stem)
        return Call(self.operation, transaction, api.blobs, request, api.identities, api.options)

    def _handled(self, request: Request, call: Call) -> Answer:
        while True:
            reply = self.handler(call)
            if not request.patient and _is_heavy(reply.body):
                raise PutOff(self.operation.id)
            answer = self._writer.write(reply, request.base_url)
            try:
                request.sandbox.commit(call.transaction)
                return answer
            except Conflict:
                call.transaction = request.sandbox.transaction(self.api.description.stem)

    def refuse(self, error: ApiError, request: Request) -> Answer:
        """A refusal in the API's own shape, even where the description forgot its status."""
        handlers = self.api.handlers
        shape = handlers.refusal_of.get(self.operation.id, handlers.errors)
        reply = shape(error, request)
        try:
            answer = self._writer.write(reply, request.base_url)
        except ReplyError as undocumented:
            logger.warning("%s", undocumented)
            answer = undescribed(reply)
        return with_headers(answer, request.more_headers)

    def refuse_method(self, request: Request, allow: str) -> Answer:
        """The answer to a method that this operation's path does not describe.

        RFC 9110, section 15.5.6. Some APIs want to know who asks even then.
        """
        path = self.api.description.base_path + self.operation.path
        detail = f"{request.method} is not described at {path}, only {allow}."
        error = ApiError(405, detail, headers={"Allow": allow})
        if self.api.handlers.authenticate_first:
            try:
                self._authenticated(self.call(request))
            except ApiError as unknown:
                error = unknown
        return self.refuse(error, request)

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
        own = handlers.body_limit_of.get(self.operation.id)
        if own is not None:
            return own
        return handlers.body_limits.get(media_type_of(content_type), handlers.body_limit)

    def _authenticated(self, call: Call) -> Mapping[str, Any] | None:
        api = self.api
        if api.handlers.authenticate_with is not None:
            return api.handlers.authenticate_with(call)
        if not self.operation.security:
            return None
        schemes = api.description.security_schemes
        return authenticated(call.request, self.operation, schemes, api.identities)

    def _decode(self, request: Request, call: Call) -> None:
        if not self.api.handlers.judged:
            call.path = dict(zip(self._names, request.path, strict=True))
            call.query = decode_query(request.query, lenient=True) if request.query else {}
            return
        if self._path:
            call.path = {
                declared.name: declared.value([text])
                for declared, text in zip(self._path, request.path, strict=True)
            }
        if self._query:
            call.query = _values(self._query, decode_query(request.query) if request.query else {})
        if self._header:
            call.header = _values(self._header, _header_texts(self._header, request.headers))
        if self._cookie:
            given = {name: [value] for name, value in cookies(request).items()}
            call.cookie = _values(self._cookie, given)
        if self.operation.body is not None:
            self._read_body(self.operation.body, request, call)

    def _read_body(self, declared: Body, request: Request, call: Call) -> None:
        if not request.body:
            if declared.required:
                violation = Violation("body", "", "required", "a body", "none")
                raise ApiError(400, "The request needs a body.", violations=[violation])
            return
        media_type = media_type_of(request.content_type)
        offered = matching(media_type, tuple(declared.content))
        if offered is None:
            expected = " or ".join(declared.content)
            received = media_type or "no Content-Type"
            violation = Violation("header", "Content-Type", "media type", expected, received)
            detail = f"The body is {received}, expected {expected}."
            raise ApiError(415, detail, violations=[violation])
        schema = declared.content[offered]
        if is_form(media_type):
            form = decode_form(request.content_type, request.body)
            call.files = form.files
            value: Any = form_value(form, self.api.schemas.properties(schema))
        else:
            value = decode_body(media_type, request.body)
        call.body = self._checked_body(value, schema)

    def _checked_body(self, value: Any, schema: Schema) -> Any:
        if isinstance(value, bytes):
            return value  # of a media type that JSON Schema has nothing to say about
        violations = self.api.schemas.refusals(schema, value)
        if violations:
            first = violations[0]
            where = first.pointer or "its root"
            detail = f"The body breaks the description at {where}: expected {first.expected}."
            raise ApiError(400, detail, violations=violations)
        return value


def _is_heavy(body: Any) -> bool:
    return isinstance(body, View) and body.weight > HEAVY


def _values(
    declared: Iterable[DeclaredParameter], given: Mapping[str, list[str]]
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
    declared: Iterable[DeclaredParameter], headers: Mapping[bytes, bytes]
) -> dict[str, list[str]]:
    found = ((d.name, headers.get(d.name.lower().encode())) for d in declared)
    return {name: [text.decode("latin-1")] for name, text in found if text is not None}
