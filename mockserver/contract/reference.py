"""The mock in this process as the reference: a call in, the right answer out, without HTTP."""

from __future__ import annotations

import copy
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from mockserver.catalogue import Mock, stems
from mockserver.contract.numbered import Numbering, kind_of, order_of
from mockserver.contract.values import Answered, Failed, Message, Outcome
from mockserver.engine.address import read_address
from mockserver.engine.endpoint import Endpoint, claim
from mockserver.engine.leeway import otherwise
from mockserver.engine.reply import Answer, Api
from mockserver.engine.request import Request
from mockserver.engine.routes import Routes
from mockserver.engine.streams import Feed
from mockserver.errors import ApiError
from mockserver.state.sandboxes import Rules, Sandbox
from mockserver.state.store import Snapshot

APART = timedelta(hours=1)
"""How far the clocks of two references are from now: whatever depends on it differs then."""

QUICK = timedelta(milliseconds=1)
SLOW = timedelta(seconds=1)
"""Between two calls: a server takes longer than the first and less than the second."""

CARRYING = frozenset(("POST", "PUT", "PATCH"))
"""Methods whose calls tell the length of their body, even of none (RFC 9110, section 8.6)."""


SEEDS = 1_000
APART_BY = 100_000
"""Between the numbers that requests have in copies of one world."""


class Watch:
    """A clock that moves by the same step before each call, so that runs repeat."""

    def __init__(self, start: datetime, pace: timedelta) -> None:
        self._start = self._instant = start
        self._pace = pace
        self.moves = 0

    def move(self) -> None:
        """Set the clock before a call."""
        self._instant += self._pace
        self.moves += 1

    @contextmanager
    def ahead(self) -> Iterator[None]:
        """Have the clock as it will be at the next call, while a call is only tried."""
        now = self._instant
        self._instant = now + self._pace
        try:
            yield
        finally:
            self._instant = now

    def call_of(self, instant: datetime) -> int | None:
        """The number of the call that was made at an instant, None for any other instant."""
        number, rest = divmod(instant - self._start, self._pace)
        made = self._start < instant <= self._instant
        return number - 1 if made and not rest else None

    def read(self, revision: int) -> datetime:
        """The instant of a transaction."""
        return self._instant


class Count:
    """Numbers from one on; ``value`` is the next."""

    __slots__ = ("value",)

    def __init__(self, value: int) -> None:
        self.value = value

    def __iter__(self) -> Count:
        return self

    def __next__(self) -> int:
        self.value += 1
        return self.value - 1


class World(Sandbox):
    """A sandbox that remembers which identifiers it gave out, and in which order."""

    __slots__ = ("_count", "issued", "lot", "number", "watch")

    def __init__(self, name: str, snapshot: Snapshot, number: int, watch: Watch) -> None:
        super().__init__(name, snapshot, Rules(seed=SEEDS + number, clock=watch.read))
        self._count = Count(1)
        self._requests = self._count
        self.number = self.lot = number
        self.watch = watch
        self.issued: dict[Any, int] = {}
        make = self._make_id

        def making(number: int) -> str:
            made = make(number)
            self.issued[made] = number
            return made

        self._make_id = making

    def reset(self) -> None:
        """Back to the seed, its requests numbered anew."""
        super().reset()
        self._count = Count(1)
        self._requests = self._count

    def note_numbers(self, revision: int) -> None:
        """Remember the keys that count given out since then, as numbers and as texts."""
        for entry in self.log.since(revision) or ():
            for change in entry.changes or ():
                own = change.key.rpartition("/")[2]
                if change.before is None and kind_of(own) is not None:
                    self.issued[int(own)] = self.issued[own] = order_of(int(own))

    @property
    def position(self) -> int:
        """The number of the next request."""
        return self._count.value

    def count_from(self, number: int) -> None:
        """Number the requests from there."""
        self._count.value = number


class Reference:
    """The operations of one API of a mock, to be called in worlds of one's own."""

    def __init__(
        self, mock: Mock, stem: str = "", *, bare: bool = False, decided: bool = False
    ) -> None:
        """With ``bare`` calls are without the description's base path, too.

        With ``decided`` nothing is left open: the server is known to decide as this mock does.
        """
        self._decided = decided
        apis = [api for api in mock.apis if not stem or api.description.stem == stem]
        self.api: Api = apis[0]
        self._snapshot = mock.sandboxes.default.log.head
        self._numbering: Numbering | None = None
        self._routes: Routes[Endpoint] = Routes()
        self.feeds: dict[str, Feed] = {}
        description = self.api.description
        claim(self._routes, self.api)
        for operation in description.operations:
            handler = self.api.handlers.by_operation[operation.id]
            path = description.base_path + operation.path
            endpoint = Endpoint(self.api, operation, handler, trusted=description.stem in stems())
            self._routes.add(operation.method, path, endpoint)
            if bare and description.base_path:
                self._routes.add(operation.method, operation.path, endpoint)
            if operation.stream is not None:
                frames = self.api.handlers.frames_of.get(operation.id)
                self.feeds[operation.id] = Feed(endpoint, frames)

    @property
    def beginning(self) -> Snapshot:
        """What worlds begin with."""
        return self._snapshot

    def starting(self, snapshot: Snapshot, numbering: Numbering) -> Reference:
        """The same operations in worlds that begin otherwise and count from where they are told."""
        other = copy.copy(self)
        vars(other).update(_snapshot=snapshot, _numbering=numbering)
        return other

    def world(self, number: int) -> World:
        """A fresh world: each number has identifiers and a clock of its own."""
        start = datetime.now(UTC).replace(microsecond=0)
        watch = Watch(start + APART, SLOW) if number % 2 else Watch(start - APART, QUICK)
        numbering = self._numbering
        snapshot = numbering.begun(self._snapshot, number) if numbering else self._snapshot
        return World(f"reference-{number}", snapshot, number, watch)

    def fork(self, world: World, head: Snapshot | None = None, number: int = 0) -> World:
        """A copy of a world, as it is or was, to try things in.

        It gives out the same identifiers, but with each ``number`` others to requests, from which
        follows what is left to chance.
        """
        copy = World(world.name, head or world.log.head, world.number, world.watch)
        copy.memory.update(world.memory)
        copy.count_from(1 + number * APART_BY)
        copy.lot = number or world.number
        return copy

    def operation_at(self, message: Message) -> str | None:
        """The id of the operation that a call reaches, None when there is none."""
        request = _request(message, self.world(0), "")
        endpoint = self._methods(message, request).get(message.method)
        return endpoint.operation.id if endpoint else None

    def _methods(self, message: Message, request: Request) -> dict[str, Endpoint]:
        """The operations of the path that a call goes to, by their methods."""
        path = message.target.partition("?")[0].encode("utf-8", "replace")
        try:
            address = read_address(path, {})
        except ApiError:
            return {}
        request.target = address.target
        match = self._routes.find(address.segments, message.method, address.sent)
        if match is None:
            return {}
        request.path = match.values
        return match.told_apart(request.told()) if match.variants else match.methods

    def apply(self, message: Message, world: World, origin: str) -> Outcome:
        """What the contract answers to a call, made in a world.

        Failed with the kind ``undescribed`` where no operation is described. What a description
        leaves open is decided otherwise in all worlds but the first, and in two that follow each
        other in one way and in the other.
        """
        if world.lot == 0 or self._decided:
            return self._applied(message, world, origin)
        pair, mirrored = divmod(world.lot, 2)
        with otherwise(pair * APART_BY + world.position, mirrored=bool(mirrored)):
            return self._applied(message, world, origin)

    def _applied(self, message: Message, world: World, origin: str) -> Outcome:
        request = _request(message, world, origin)
        methods = self._methods(message, request)
        if not methods:
            return Failed("undescribed", "no operation is described there")
        endpoint = methods.get(message.method)
        if endpoint is None:
            return _as_answered(_other_method(methods, request))
        try:
            content_type = request.header("content-type") or ""
            endpoint.check_length(len(message.body), content_type)
            if endpoint.operation.body is None:
                request.body = b""
            revision = world.log.head.revision
            answered = _as_answered(endpoint(request))
            if self._numbering is not None:
                world.note_numbers(revision)
            return replace(answered, body=b"") if message.method == "HEAD" else answered
        except ApiError as error:
            return _as_answered(endpoint.refuse(error, request))
        except Exception as error:
            logging.getLogger("mockserver").debug("the reference failed", exc_info=True)
            return Failed("reference", f"{type(error).__name__}: {error}")


def _request(message: Message, world: World, origin: str) -> Request:
    host = origin.partition("://")[2].partition("/")[0]
    headers: dict[bytes, bytes] = {b"host": host.encode()}
    if message.body or message.method in CARRYING:
        headers[b"content-length"] = str(len(message.body)).encode()
    for name, value in message.headers:
        key, octets = name.lower().encode(), value.encode("utf-8")
        headers[key] = headers[key] + b", " + octets if key in headers else octets
    target, _, query = message.target.partition("?")
    return Request(
        world,
        query=query.encode("utf-8", "replace"),
        headers=headers,
        body=message.body,
        base_url=origin,
        method=message.method,
        target=target,
    )


def _other_method(methods: dict[str, Endpoint], request: Request) -> Answer:
    allowed = {*methods, "OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
    endpoint = next(iter(methods.values()))
    return endpoint.refuse_method(request, ", ".join(sorted(allowed)))


def _as_answered(answer: Answer) -> Answered:
    headers = tuple((n.decode("latin-1"), v.decode("latin-1")) for n, v in answer.headers)
    body = b"" if answer.status in {204, 304} else answer.body
    return Answered(answer.status, headers, body)
