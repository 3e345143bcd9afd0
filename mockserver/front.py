"""The ASGI application behind Connexion: requests and feeds in, answers out."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from time import perf_counter

from mockserver.catalogue import Mock
from mockserver.console.access import PREFIX, Access
from mockserver.engine.address import Address, origin_of, read_address
from mockserver.engine.cors import cors_headers
from mockserver.engine.endpoint import Endpoint, claim
from mockserver.engine.exchanges import FEED, Observer
from mockserver.engine.faults.delivering import ConnectionDropped, FeedSender, deliver
from mockserver.engine.faults.matching import Asked
from mockserver.engine.faults.striking import instead, refused_feed, struck
from mockserver.engine.handlers import Paths
from mockserver.engine.journal import LARGE_HEAD
from mockserver.engine.mounting import Mounts, answer_of
from mockserver.engine.receiving import (
    Message,
    Receive,
    Scope,
    Send,
    at_once,
    headers_of,
    in_a_thread,
    lifespan,
    perform,
    raw_path,
    read_body,
)
from mockserver.engine.reply import Answer, Api, undescribed, with_headers
from mockserver.engine.request import Request
from mockserver.engine.routes import Match, Routes
from mockserver.engine.streams import Feed
from mockserver.engine.websocket import INTERNAL_ERROR, Connection, deny
from mockserver.errors import ApiError, ReplyError, Superseded, Violation

logger = logging.getLogger("mockserver")

SWITCHING_PROTOCOLS = 101
_A_MOMENT = 0.001
"""Seconds between two looks whether those who take over are ready: they have begun to."""


class CallerGone(Exception):
    """Nobody waits for an answer any more."""


class Front:
    """Takes every request: finds its sandbox and operation, answers, reports to the observers.

    When what is served was loaded again, the ``successor`` answers what has not been yet.
    """

    def __init__(
        self,
        mock: Mock,
        served: tuple[Api, ...],
        observers: Sequence[Observer] = (),
        access: Access | None = None,
        mounts: Mounts | None = None,
    ) -> None:
        self._mounts = mounts or {}
        self._sandboxes = mock.sandboxes
        self._by_trace = mock.sandboxes.rules.by_trace
        self._observers = tuple(observers)
        self._access = access
        self.routes: Routes[Endpoint] = Routes()
        self._feeds: dict[Endpoint, Feed] = {}
        self.successor: Front | None = None
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
        request = Request(
            self._sandboxes.default, headers=headers, method=scope["method"], target=""
        )
        try:
            answer = await self.answer(scope, request, receive)
        except CallerGone:
            return
        except Superseded:
            answer = await self.by_successor(scope, request)
        if request.strike is not None or request.delay:
            answer = await struck(request, answer)
        origin = headers.get(b"origin")
        if origin is not None and not _is_control(scope):
            answer.headers = answer.headers + cors_headers(origin, headers, answer.headers)
        if request.method == "HEAD":
            answer.body = b""
        start = {"type": "http.response.start", "status": answer.status, "headers": answer.headers}
        if answer.delivery is None:
            await send(start)
            await send({"type": "http.response.body", "body": answer.body})
        else:
            await deliver(answer.delivery, start, answer.body, scope, send)
        seconds = perf_counter() - started
        for observer in self._observers:
            observer(scope, request, answer, seconds)

    async def answer(self, scope: Scope, request: Request, receive: Receive) -> Answer:
        """The answer to a request. Raises CallerGone, and Superseded when others are to give it."""
        headers, method = request.headers, request.method
        endpoint: Endpoint | None = None
        broken: tuple[Violation, ...] = ()
        segments: list[str] = []
        try:
            address = read_address(raw_path(scope), headers, by_trace=self._by_trace)
            segments = address.segments
            self._place(request, scope, address)
            methods = self._methods(request, address)
            endpoint = request.endpoint = _for_method(methods, method)
            if request.sandbox.faults is not None:
                self._strike(request, segments)
            if endpoint is None:
                return await self._elsewhere(scope, request, receive, segments, methods)
            if endpoint.operation.body is not None:
                await self._read(endpoint, request, receive)
            if request.strike is not None:
                return await self._performed(request, endpoint)
            return at_once(endpoint, request) or await in_a_thread(endpoint, request)
        except (Superseded, CallerGone):
            raise
        except ApiError as error:
            refusal = error
        except ReplyError as error:
            logger.error("%s", error)
            refusal = ApiError(500, f"{_culprit(endpoint)}: {error}")
            broken = error.violations
        except Exception as error:
            logger.exception("%s %s failed", method, scope["path"])
            refusal = ApiError(500, f"{_culprit(endpoint)}: {type(error).__name__}: {error}")
        if endpoint is None:
            return self._undescribed(request, segments, refusal)
        answer = endpoint.refuse(refusal, request)
        answer.violations += broken
        return answer

    async def _read(self, endpoint: Endpoint, request: Request, receive: Receive) -> None:
        """Read the body that an operation takes; meanwhile others may have taken over."""
        body = await read_body(endpoint, request.headers, receive)
        if body is None:
            raise CallerGone
        request.body = body
        if self.successor is not None:
            raise Superseded

    async def by_successor(self, scope: Scope, request: Request) -> Answer:
        """The answer of those who took over, once they have, to a request as it was sent."""
        while self.successor is None:  # noqa: ASYNC110 - it is another thread that sets it
            await asyncio.sleep(_A_MOMENT)
        body = request.body
        request.more_headers = None

        async def receive() -> Message:
            return {"type": "http.request", "body": body}

        try:
            return await self.successor.answer(scope, request, receive)
        except Superseded:
            return await self.successor.by_successor(scope, request)

    def _admit(self, scope: Scope, headers: Mapping[bytes, bytes], address: Address) -> None:
        """Judge who asks for something of the control API's. Raises ApiError."""
        if self._access is not None:
            self._access.check(scope, headers, address.segments, address.prefix)

    def _place(self, request: Request, scope: Scope, address: Address) -> None:
        """Say in which sandbox a request is made, and what it asks for there.

        Raises ApiError for who may not ask for that.
        """
        if address.segments and address.segments[0] == PREFIX:
            request.is_watched = False
            self._admit(scope, request.headers, address)
        request.base_url = origin_of(scope["scheme"], request.headers.get(b"host")) + address.prefix
        request.sandbox = self._sandboxes.get(address.sandbox)
        request.query = scope["query_string"]
        request.target = address.target

    async def _performed(self, request: Request, endpoint: Endpoint) -> Answer:
        """The answer of an operation, unless something goes wrong before it."""
        return instead(request, endpoint.api) or await perform(endpoint, request)

    async def _elsewhere(
        self,
        scope: Scope,
        request: Request,
        receive: Receive,
        segments: list[str],
        methods: dict[str, Endpoint],
    ) -> Answer:
        """What is answered where no operation is described for path and method."""
        request.owner = self._owner(segments)
        answer = instead(request, request.owner)
        if answer is not None:
            return answer
        if methods:
            return _other_method(methods, request)
        mounted = await self._mounted(scope, receive, segments)
        return mounted or self._unknown(scope, request, segments)

    def _methods(self, request: Request, address: Address) -> dict[str, Endpoint]:
        """What may be done at a path, by method; nothing where it is not described."""
        match = self.routes.find(address.segments, request.method, address.sent)
        if match is None:
            match = self._meant(address, request.method)
        if match is None:
            return {}
        request.path = match.values
        return match.told_apart(request.told()) if match.variants else match.methods

    def _strike(self, request: Request, segments: list[str]) -> None:
        """Let the rules of a sandbox say what goes wrong; what sets the rules is spared."""
        if not request.is_watched:
            return
        api = request.endpoint.api if request.endpoint else self._owner(segments)
        operation = request.endpoint.operation.id if request.endpoint else ""
        is_feed = request.method == FEED
        method = "GET" if is_feed else request.method
        asked = Asked(api.description.stem, operation, method, segments, is_feed)
        sandbox = request.sandbox
        request.strike = sandbox.faults.strike(asked, sandbox.seed, lambda: sandbox.now)

    def _meant(self, address: Address, method: str) -> Match[Endpoint] | None:
        """What a path means that has a slash too many, where its API is not strict."""
        segments = address.segments
        if segments[-1:] != [""] or self._owner(segments).handlers.paths is not Paths.LOOSE:
            return None
        return self.routes.find(segments[:-1], method, address.sent[:-1])

    async def _mounted(self, scope: Scope, receive: Receive, segments: list[str]) -> Answer | None:
        """What is answered beside the operations of an API, if anything is there."""
        base_path = self._owner(segments).description.base_path
        app = self._mounts.get(base_path)
        answer = await answer_of(app, scope, receive, base_path) if app else None
        return None if answer is None or answer.status == HTTPStatus.NOT_FOUND else answer

    def _unknown(self, scope: Scope, request: Request, segments: list[str]) -> Answer:
        """What is answered where no operation is: with luck, where it is with a slash."""
        owner = request.owner = self._owner(segments)
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
        request.owner = self._owner(segments)
        reply = request.owner.handlers.errors(error, request)
        answer = undescribed(reply)
        answer.reason, answer.violations = error.reason, error.violations
        return with_headers(answer, request.more_headers)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = headers_of(scope)
        request = Request(self._sandboxes.default, headers=headers, method=FEED, target="")
        segments: list[str] = []
        try:
            address = read_address(raw_path(scope), headers, by_trace=self._by_trace)
            segments = address.segments
            self._place(request, scope, address)
            feed = self._feed(segments)
            request.endpoint = feed.endpoint
            if request.sandbox.faults is not None:
                self._strike(request, segments)
            refusal = await refused_feed(request, self._owner(segments))
        except ApiError as error:
            refusal = self._undescribed(request, segments, error)
        if refusal is not None:
            self._observed_feed(scope, request, refusal)
            await deny(scope, receive, send, refusal)
            return
        if request.strike is not None:
            send = FeedSender(request.strike, scope, send)
        self._observed_feed(scope, request, Answer(SWITCHING_PROTOCOLS, [], b""))
        try:
            await Connection(feed.reader(request.sandbox), receive, send).run()
        except ConnectionDropped:
            raise
        except Exception:
            logger.exception("the feed at %s failed", scope["path"])
            reason = "A bug of the mock; its log says more."
            with contextlib.suppress(Exception):  # the connection may be gone already
                await send({"type": "websocket.close", "code": INTERNAL_ERROR, "reason": reason})

    def _observed_feed(self, scope: Scope, request: Request, answer: Answer) -> None:
        scope[LARGE_HEAD] = True  # nobody has counted
        for observer in self._observers:
            observer(scope, request, answer, 0.0)

    def _feed(self, segments: list[str]) -> Feed:
        match = self.routes.find(segments)
        endpoint = match.methods.get("GET") if match else None
        if endpoint is None or endpoint.operation.stream is None:
            raise ApiError(404, "No WebSocket feed is described at this path.")
        if endpoint not in self._feeds:
            frames = endpoint.api.handlers.frames_of.get(endpoint.operation.id)
            self._feeds[endpoint] = Feed(endpoint, frames)
        return self._feeds[endpoint]


def _is_control(scope: Scope) -> bool:
    """Whether a path leads to the control API, which no page of another origin may read."""
    first, _, rest = scope["path"][1:].partition("/")
    return PREFIX in (first, rest.partition("/")[0] if first.startswith("@") else "")


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
