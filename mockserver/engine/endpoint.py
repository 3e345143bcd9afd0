"""One operation compiled at start: a request in, checked bytes out; no framework in sight."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from mockserver.engine.bodies import BodyReader
from mockserver.engine.handlers import Call, Handler, Paths, View
from mockserver.engine.media import decode_query, media_type_of
from mockserver.engine.parameters import declared_in, raw_headers, values_of
from mockserver.engine.preferences import (
    APPLIED,
    Preferences,
    Unmet,
    asked,
    documented_reply,
    unmet_reply,
    without_preferences,
)
from mockserver.engine.reply import Answer, Api, ReplyWriter, undescribed, with_headers
from mockserver.engine.request import Request
from mockserver.engine.routes import Routes
from mockserver.engine.security import authenticated
from mockserver.engine.spec import Operation
from mockserver.engine.templates import template_names
from mockserver.engine.wire.sent import raw_cookies, raw_query
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
    """An operation of an API, compiled: call it with a request, it commits and answers.

    The answers of a ``trusted`` one are not judged.
    """

    __slots__ = (
        "_asks", "_body", "_cookie", "_defaults", "_header", "_names", "_path", "_query",
        "_told", "_writer", "api", "handler", "operation", "slow",
    )  # fmt: skip

    def __init__(
        self, api: Api, operation: Operation, handler: Handler, *, trusted: bool = False
    ) -> None:
        self.api = api
        self.operation = operation
        self.handler = handler
        self._names = tuple(template_names(operation.path))
        in_path = {d.name: d for d in declared_in("path", operation.parameters, api)}
        self._path = tuple((name, in_path[name]) for name in self._names)
        self._query = declared_in("query", operation.parameters, api)
        self._asks = any(declared.required for declared in self._query)
        self._defaults = {d.name: d.default for d in self._query if d.default is not None}
        self._header = declared_in("header", operation.parameters, api)
        self._cookie = declared_in("cookie", operation.parameters, api)
        self._body = None if operation.body is None else BodyReader(operation.body, api)
        self.slow = operation.id in api.handlers.slow
        self._writer = ReplyWriter(api, operation, trusted=trusted)
        self._told: set[int] = set()

    def __call__(self, request: Request) -> Answer:
        """Answer a request. The state is either before or after it, never between.

        Raises PutOff for an impatient request whose answer would take long.
        Raises ReplyError when the reply breaks the description; nothing is committed then.
        """
        call = self.call(request)
        handler = self.handler
        try:
            if b"prefer" in request.headers or (request.query and b"__" in request.query):
                handler = self._preferred(request)
            call.identity = self._authenticated(call)
            self._decode(request, call)
            answer = self._handled(request, call, handler)
        except Unmet as error:
            answer = undescribed(unmet_reply(error))
            answer.reason, answer.violations = error.reason, error.violations
            return with_headers(answer, request.more_headers)
        except ApiError as error:
            return self.refuse(error, request)
        except StorageFull as error:
            return self.refuse(ApiError(507, str(error)), request)
        more = request.more_headers
        return answer if more is None else with_headers(answer, more)

    def call(self, request: Request) -> Call:
        """The call that a request makes, nothing of it decoded yet."""
        api = self.api
        transaction = request.sandbox.transaction(api.description.stem)
        return Call(self.operation, transaction, api.blobs, request, api.identities, api.options)

    def _preferred(self, request: Request) -> Handler:
        """What answers in the place of the handler when the caller prefers that, else itself."""
        wanted = asked(request, [declared.name for declared in self._query])
        if wanted is None:
            return self.handler
        if wanted.delay is not None:
            request.delay = wanted.delay / 1000
            request.answer_headers[APPLIED] = wanted.delay_applied
        if wanted.leaves_the_answer:
            request.query = without_preferences(request.query)
            return self.handler
        if not request.patient:
            raise PutOff(self.operation.id)
        request.query = without_preferences(request.query)
        return lambda _: documented_reply(self.api, self.operation, wanted, request)

    def _handled(self, request: Request, call: Call, handler: Handler) -> Answer:
        while True:
            reply = handler(call)
            if not request.patient and _is_heavy(reply.body):
                raise PutOff(self.operation.id)
            answer = self._writer.write(reply, request.base_url, request.headers.get(b"accept"))
            try:
                request.sandbox.commit(call.transaction, self.operation.id)
                return answer
            except Conflict:
                call.transaction = request.sandbox.transaction(self.api.description.stem)

    def refuse(self, error: ApiError, request: Request) -> Answer:
        """A refusal in the API's own shape, even where the description forgot its status."""
        handlers = self.api.handlers
        shape = handlers.refusal_of.get(self.operation.id, handlers.errors)
        reply = shape(error, request)
        try:
            accept = request.headers.get(b"accept")
            answer = self._writer.write(reply, request.base_url, accept, refused=True)
        except ReplyError as undocumented:
            self._tell(undocumented, reply.status)
            answer = undescribed(reply)
        answer.reason, answer.violations = error.reason, error.violations
        return with_headers(answer, request.more_headers)

    def documented(self, status: int, request: Request, detail: str) -> Answer:
        """The answer that is documented for a status; where none is, a refusal that says why."""
        try:
            reply = documented_reply(self.api, self.operation, Preferences(status), request)
            answer = self._writer.write(reply, request.base_url, request.headers.get(b"accept"))
        except (ApiError, ReplyError):
            handlers = self.api.handlers
            shape = handlers.refusal_of.get(self.operation.id, handlers.errors)
            return undescribed(shape(ApiError(status, detail), request))
        answer.headers = [pair for pair in answer.headers if pair[0] != APPLIED.encode()]
        return answer

    def _tell(self, undocumented: ReplyError, status: int) -> None:
        """Warn of a refusal that the description does not allow, once for each status.

        Descriptions that were not written for a mock leave out most refusals: that is no news.
        """
        is_inferred = self.operation.id in self.api.handlers.guess_of
        if status in self._told or (is_inferred and self.operation.response(status) is None):
            return
        self._told.add(status)
        logger.warning("%s", undocumented)

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
            texts = (unquote(text) if "%" in text else text for text in request.path)
            call.path = dict(zip(self._names, texts, strict=True))
            call.query = decode_query(request.query, lenient=True) if request.query else {}
            return
        if self._path:
            sent = zip(self._path, request.path, strict=True)
            call.path = {name: declared.value({name: [text]}) for (name, declared), text in sent}
        if request.query or self._asks:
            call.query = values_of(self._query, raw_query(request.query))
        elif self._query:
            call.query = self._defaults.copy()
        if self._header:
            call.header = values_of(self._header, raw_headers(self._header, request.headers))
        if self._cookie:
            call.cookie = values_of(self._cookie, raw_cookies(request.header("cookie") or ""))
        if self._body is not None:
            content = self._body.read(request.content_type, request.body)
            call.body = content.value
            if content.files:
                call.files = content.files


def claim(routes: Routes[Endpoint], api: Api) -> None:
    """Say that the paths below an API's prefixes are its own, and how exactly they must match."""
    loose = api.handlers.paths is Paths.LOOSE
    for prefix in api.description.prefixes:
        routes.claim(prefix, api, loose=loose)


def _is_heavy(body: Any) -> bool:
    return isinstance(body, View) and body.weight > HEAVY
