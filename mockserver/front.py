"""The ASGI application behind Connexion: requests and feeds in, answers out."""

from __future__ import annotations

import contextlib
import logging
from time import perf_counter

from mockserver.catalogue import Mock
from mockserver.engine.address import Address, origin_of, read_address
from mockserver.engine.cors import cors_headers
from mockserver.engine.endpoint import Endpoint, claim
from mockserver.engine.exchanges import Observer, exchange
from mockserver.engine.handlers import Paths
from mockserver.engine.receiving import (
    Receive,
    Scope,
    Send,
    headers_of,
    lifespan,
    perform,
    raw_path,
    read_body,
)
from mockserver.engine.reply import Answer, Api, undescribed, with_headers
from mockserver.engine.request import Request
from mockserver.engine.routes import Match, Routes
from mockserver.engine.streams import Feed, Reader
from mockserver.engine.websocket import INTERNAL_ERROR, Connection, deny
from mockserver.errors import ApiError, ReplyError

logger = logging.getLogger("mockserver")

SWITCHING_PROTOCOLS = 101


class Front:
    """Takes every request: finds its sandbox and operation, answers, reports to the observer."""

    def __init__(
        self, mock: Mock, served: tuple[Api, ...], observer: Observer | None = None
    ) -> None:
        self._sandboxes = mock.sandboxes
        self._observer = observer
        self.routes: Routes[Endpoint] = Routes()
        self._feeds: dict[Endpoint, Feed] = {}
        for api in served:
            claim(self.routes, api)
        self._fallback = min(served, key=lambda api: len(api.description.base_path))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI interface: HTTP, WebSocket, lifespan."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await lifespan(receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = perf_counter()
        headers = headers_of(scope)
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
            address = read_address(raw_path(scope), headers)
            segments = address.segments
            self._place(request, scope, address)
            match = self.routes.find(segments, method, address.sent)
            if match is None:
                match = self._meant(address, method)
            if match is None:
                return self._unknown(scope, request, segments)
            request.path = match.values
            methods = match.told_apart(request.told()) if match.variants else match.methods
            endpoint = _for_method(methods, method)
            if endpoint is None:
                return _other_method(methods, request)
            body = await read_body(endpoint, headers, receive)
            if body is None:
                return None
            request.body = body
            return await perform(endpoint, request)
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
        return self.routes.find(segments[:-1], method, address.sent[:-1])

    def _unknown(self, scope: Scope, request: Request, segments: list[str]) -> Answer:
        """What is answered where no operation is: with luck, where it is with a slash."""
        owner = self._owner(segments)
        slashed = [*segments, ""]
        redirected = owner.handlers.paths is Paths.REDIRECTED
        if redirected and any(segments[-1:]) and self.routes.find(slashed):
            query = b"?" + request.query if request.query else b""
            location = raw_path(scope) + b"/" + query
            return Answer(301, [(b"location", location), (b"content-length", b"0")], b"")
        nearest = self.routes.nearest(segments)
        hint = f" The nearest is {nearest}." if nearest else ""
        error = ApiError(404, f"No operation is described at this path.{hint}")
        return self._undescribed(request, segments, error)

    def _owner(self, segments: list[str]) -> Api:
        """The API whose prefix a path begins with."""
        owner: Api = self.routes.owner(segments) or self._fallback
        return owner

    def _undescribed(self, request: Request, segments: list[str], error: ApiError) -> Answer:
        reply = self._owner(segments).handlers.errors(error, request)
        answer = undescribed(reply)
        answer.reason = error.reason
        return with_headers(answer, request.more_headers)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = headers_of(scope)
        request = Request(self._sandboxes.default, headers=headers)
        segments: list[str] = []
        try:
            address = read_address(raw_path(scope), headers)
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
        match = self.routes.find(segments)
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
