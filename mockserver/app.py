"""The ASGI application on Connexion: requests in, answers out."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import warnings
from collections.abc import Mapping
from functools import partial
from time import perf_counter
from typing import Any
from urllib.parse import quote

with warnings.catch_warnings():
    # Connexion imports a test client that warns of its own future.
    warnings.simplefilter("ignore")
    from connexion.middleware import ConnexionMiddleware
    from connexion.middleware.abstract import AbstractRoutingAPI, SpecMiddleware
    from connexion.middleware.main import API
    from connexion.resolver import Resolution, Resolver
    from connexion.spec import OpenAPISpecification

from starlette.types import Receive, Scope, Send

from mockserver.catalogue import Mock
from mockserver.engine.address import Address, origin_of, read_address
from mockserver.engine.cors import cors_headers
from mockserver.engine.endpoint import HEAVY, Endpoint, PutOff, claim
from mockserver.engine.exchanges import Observer, exchange
from mockserver.engine.handlers import Paths
from mockserver.engine.reply import Answer, Api, undescribed, with_headers
from mockserver.engine.request import Request
from mockserver.engine.routes import Match, Routes
from mockserver.engine.spec import Description, Operation
from mockserver.engine.streams import Feed, Reader
from mockserver.engine.websocket import INTERNAL_ERROR, Connection, deny
from mockserver.errors import ApiError, Problem, ReplyError, StartupError

logger = logging.getLogger("mockserver")

SWITCHING_PROTOCOLS = 101


def create_app(mock: Mock, control: Api | None = None, observer: Observer | None = None) -> Any:
    """The ASGI application that serves a mock, ready before its first request."""
    served = (*mock.apis, *([control] if control else []))
    endpoints = {
        _routing_id(api.description, operation): Endpoint(
            api, operation, api.handlers.by_operation[operation.id]
        )
        for api in served
        for operation in api.description.operations
    }
    front = partial(Front, mock=mock, served=served, observer=observer)
    app = _Application(_nowhere, middlewares=[front], resolver=_EndpointResolver(endpoints))
    for api in served:
        app.add_description(api.description)
    app.build()
    return app


class _Application(ConnexionMiddleware):  # type: ignore[misc]
    def add_description(self, description: Description) -> None:
        """Hand Connexion what it needs of a description to route its operations."""
        view = _RoutingView(_routing_view(description))
        options = vars(self.options)
        self.apis.append(API(view, base_path=description.base_path, **options))

    def build(self) -> None:
        """Build the stack now, so that what is wrong is known before the port is bound."""
        self.app, self.middleware_stack = self._build_middleware_stack()


class _RoutingView(OpenAPISpecification):  # type: ignore[misc]
    @classmethod
    def _validate_spec(cls, spec: dict[str, Any]) -> None:
        """Valid by construction; checking it would take as long as the rest of the start."""


async def _nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    raise RuntimeError("nothing is behind the front")


def _routing_id(description: Description, operation: Operation) -> str:
    return f"{description.stem}:{operation.method} {operation.path}"


def _routing_view(description: Description) -> dict[str, Any]:
    """What Connexion is given: paths, methods, path parameters as strings, ids."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in description.operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = {
            "operationId": _routing_id(description, operation),
            "parameters": [
                {"name": p.name, "in": "path", "required": True, "schema": {"type": "string"}}
                for p in operation.parameters
                if p.location == "path"
            ],
            "responses": {"default": {"description": "-"}},
        }
    info = {"title": description.title, "version": "1"}
    return {"openapi": "3.0.3", "info": info, "paths": paths}


class _EndpointResolver(Resolver):  # type: ignore[misc]
    def __init__(self, endpoints: Mapping[str, Endpoint]) -> None:
        super().__init__()
        self._endpoints = endpoints

    def resolve(self, operation: Any) -> Resolution:
        return Resolution(self._endpoints[operation.operation_id], operation.operation_id)


class _RoutingAPI(AbstractRoutingAPI):  # type: ignore[misc]
    """Fills the routes with the endpoints to which Connexion resolves a description."""

    def __init__(self, *args: Any, routes: Routes[Endpoint], **kwargs: Any) -> None:
        self._routes = routes
        super().__init__(*args, **kwargs)

    def make_operation(self, operation: Any) -> Endpoint:
        endpoint: Endpoint = self.resolver.resolve(operation).function
        return endpoint

    @staticmethod
    def _framework_path_and_name(operation: Any, path: str) -> tuple[str, str]:
        return path, path

    def _add_operation_internal(
        self, method: str, path: str, operation: Endpoint, name: str | None = None
    ) -> None:
        try:
            self._routes.add(method.upper(), self.base_path + path, operation)
        except ValueError as error:
            source = operation.api.description.source
            raise StartupError([Problem(source, f"/paths{path}", str(error))]) from None


class Front(SpecMiddleware):  # type: ignore[misc]
    """Takes every request: finds its sandbox and operation, answers, reports to the observer."""

    def __init__(
        self, app: Any, *, mock: Mock, served: tuple[Api, ...], observer: Observer | None
    ) -> None:
        self._sandboxes = mock.sandboxes
        self._observer = observer
        self._routes: Routes[Endpoint] = Routes()
        self._feeds: dict[Endpoint, Feed] = {}
        for api in served:
            claim(self._routes, api)
        self._fallback = min(served, key=lambda api: len(api.description.base_path))

    def add_api(self, specification: Any, **options: Any) -> None:
        """Called by Connexion for each description."""
        _RoutingAPI(specification, routes=self._routes, **options)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI interface: HTTP, WebSocket, lifespan."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await _lifespan(receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        headers = _headers(scope)
        answer = await self._answer(scope, headers, receive)
        if answer is None:
            return
        sent = answer.headers
        origin = headers.get(b"origin")
        if origin is not None:
            sent = sent + cors_headers(origin, headers, sent)
        body = b"" if scope["method"] == "HEAD" else answer.body
        await send({"type": "http.response.start", "status": answer.status, "headers": sent})
        await send({"type": "http.response.body", "body": body})
        if self._observer is not None:
            self._observer(exchange(scope, headers, answer, perf_counter() - started))

    async def _answer(
        self, scope: Scope, headers: dict[bytes, bytes], receive: Receive
    ) -> Answer | None:
        """The answer to a request, or None when the caller has gone."""
        method = scope["method"]
        endpoint: Endpoint | None = None
        request = Request(self._sandboxes.default, headers=headers, method=method)
        segments: list[str] = []
        try:
            address = read_address(_raw_path(scope), headers)
            segments = address.segments
            self._place(request, scope, address)
            match = self._routes.find(segments, method, address.sent)
            if match is None:
                match = self._meant(address, method)
            if match is None:
                return self._unknown(scope, request, segments)
            request.path = match.values
            methods = match.told_apart(request.told()) if match.variants else match.methods
            endpoint = _for_method(methods, method)
            if endpoint is None:
                return _other_method(methods, request)
            body = await _read_body(endpoint, headers, receive)
            if body is None:
                return None
            request.body = body
            return await _perform(endpoint, request)
        except ApiError as error:
            refusal = error
        except ReplyError as error:
            logger.error("%s", error)
            refusal = ApiError(500, f"{_culprit(endpoint)}: {error}")
        except Exception as error:
            logger.exception("%s %s failed", method, scope["path"])
            refusal = ApiError(500, f"{_culprit(endpoint)}: {type(error).__name__}: {error}")
        if endpoint is None:
            return self._undescribed(request, segments, refusal)
        return endpoint.refuse(refusal, request)

    def _place(self, request: Request, scope: Scope, address: Address) -> None:
        """Say in which sandbox a request is made, and what it asks for there."""
        request.base_url = origin_of(scope["scheme"], request.headers.get(b"host")) + address.prefix
        request.sandbox = self._sandboxes.get(address.sandbox)
        request.query = scope["query_string"]
        request.target = address.target

    def _meant(self, address: Address, method: str) -> Match[Endpoint] | None:
        """What a path means that has a slash too many, where its API is not strict."""
        segments = address.segments
        if segments[-1:] != [""] or self._owner(segments).handlers.paths is not Paths.LOOSE:
            return None
        return self._routes.find(segments[:-1], method, address.sent[:-1])

    def _unknown(self, scope: Scope, request: Request, segments: list[str]) -> Answer:
        """What is answered where no operation is: with luck, where it is with a slash."""
        owner = self._owner(segments)
        slashed = [*segments, ""]
        redirected = owner.handlers.paths is Paths.REDIRECTED
        if redirected and any(segments[-1:]) and self._routes.find(slashed):
            query = b"?" + request.query if request.query else b""
            location = _raw_path(scope) + b"/" + query
            return Answer(301, [(b"location", location), (b"content-length", b"0")], b"")
        nearest = self._routes.nearest(segments)
        hint = f" The nearest is {nearest}." if nearest else ""
        error = ApiError(404, f"No operation is described at this path.{hint}")
        return self._undescribed(request, segments, error)

    def _owner(self, segments: list[str]) -> Api:
        """The API whose prefix a path begins with."""
        owner: Api = self._routes.owner(segments) or self._fallback
        return owner

    def _undescribed(self, request: Request, segments: list[str], error: ApiError) -> Answer:
        reply = self._owner(segments).handlers.errors(error, request)
        answer = undescribed(reply)
        answer.reason = error.reason
        return with_headers(answer, request.more_headers)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _headers(scope)
        request = Request(self._sandboxes.default, headers=headers)
        segments: list[str] = []
        try:
            address = read_address(_raw_path(scope), headers)
            segments = address.segments
            feed = self._feed(segments)
        except ApiError as error:
            refusal = self._undescribed(request, segments, error)
            self._observed_feed(scope, headers, refusal)
            await deny(scope, receive, send, refusal)
            return
        self._observed_feed(scope, headers, Answer(SWITCHING_PROTOCOLS, [], b""))
        reader = Reader(feed, self._sandboxes.get(address.sandbox))
        try:
            await Connection(reader, receive, send).run()
        except Exception:
            logger.exception("the feed at %s failed", scope["path"])
            reason = "A bug of the mock; its log says more."
            with contextlib.suppress(Exception):  # the connection may be gone already
                await send({"type": "websocket.close", "code": INTERNAL_ERROR, "reason": reason})

    def _observed_feed(self, scope: Scope, headers: dict[bytes, bytes], answer: Answer) -> None:
        if self._observer is not None:
            self._observer(exchange(scope, headers, answer, 0.0))

    def _feed(self, segments: list[str]) -> Feed:
        match = self._routes.find(segments)
        endpoint = match.methods.get("GET") if match else None
        if endpoint is None or endpoint.operation.stream is None:
            raise ApiError(404, "No WebSocket feed is described at this path.")
        if endpoint not in self._feeds:
            frames = endpoint.api.handlers.frames_of.get(endpoint.operation.id)
            self._feeds[endpoint] = Feed(endpoint, frames)
        return self._feeds[endpoint]


def _culprit(endpoint: Endpoint | None) -> str:
    """Whose fault it is when an answer cannot be sent."""
    own = endpoint and endpoint.api.handlers.origin_of.get(endpoint.operation.id)
    return f"A bug of the handler {own}" if own else "A bug of the mock"


def _headers(scope: Scope) -> dict[bytes, bytes]:
    """The headers by name, those that came more than once joined (RFC 9110, section 5.2).

    Cookies are joined in their own way (RFC 9113, section 8.2.3).
    """
    sent: list[tuple[bytes, bytes]] = scope["headers"]
    headers = dict(sent)
    if len(headers) != len(sent):
        values: dict[bytes, list[bytes]] = {}
        for name, value in sent:
            values.setdefault(name, []).append(value)
        headers = {
            name: (b"; " if name == b"cookie" else b", ").join(found)
            for name, found in values.items()
        }
    return headers


def _raw_path(scope: Scope) -> bytes:
    raw: bytes | None = scope.get("raw_path")
    return raw if raw is not None else quote(scope["path"]).encode()


def _for_method(methods: dict[str, Endpoint], method: str) -> Endpoint | None:
    endpoint = methods.get(method)
    if endpoint is None and method == "HEAD":
        return methods.get("GET")
    return endpoint


def _other_method(methods: dict[str, Endpoint], request: Request) -> Answer:
    """What a path answers to a method it does not describe (RFC 9110, section 15.5.6)."""
    allowed = {*methods, "OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
    allow = ", ".join(sorted(allowed))
    endpoint = next(iter(methods.values()))
    preflight = b"access-control-request-method" in request.headers
    if request.method == "OPTIONS" and (preflight or not endpoint.api.handlers.authenticate_first):
        return Answer(204, [(b"allow", allow.encode())], b"")
    return endpoint.refuse_method(request, allow)


async def _perform(endpoint: Endpoint, request: Request) -> Answer:
    if not endpoint.slow and len(request.body) <= HEAVY:
        request.patient = False
        try:
            return endpoint(request)
        except PutOff:
            request.patient = True
    return await asyncio.get_running_loop().run_in_executor(None, endpoint, request)


async def _read_body(
    endpoint: Endpoint, headers: Mapping[bytes, bytes], receive: Receive
) -> bytes | None:
    """The body an operation takes, or None when the caller left. Raises ApiError 413."""
    if endpoint.operation.body is None:
        return b""
    content_type = headers.get(b"content-type", b"").decode("latin-1")
    length = headers.get(b"content-length", b"0")
    endpoint.check_length(int(length) if length.isdigit() else 0, content_type)
    parts: list[bytes] = []
    size = 0
    while True:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")
        parts.append(part)
        size += len(part)
        endpoint.check_length(size, content_type)
        if not message.get("more_body", False):
            return part if len(parts) == 1 else b"".join(parts)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
