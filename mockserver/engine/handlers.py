"""What an API module is made of: handlers, plain functions from a call to a reply."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Protocol, TypeVar

from immutables import Map

from mockserver.engine.forms import Upload
from mockserver.engine.members import key_text
from mockserver.engine.request import Request
from mockserver.engine.security import NOBODY, Identities, Identity
from mockserver.engine.spec import Description, Operation
from mockserver.errors import ApiError, Problem
from mockserver.state.blobs import Blob, Blobs
from mockserver.state.sandboxes import Sandbox
from mockserver.state.store import Change, Record, Transaction


def as_it_is(value: Any) -> Any:
    """The value itself."""
    return value


class View:
    """A record as one component of the description shows it.

    ``make``, a function of a module, turns the record's value into a JSON value of the component
    ``schema``. Its bytes and the verdict on them are kept with the record, once per schema and
    ``make``. ``weight`` is roughly the bytes it shows beyond a few kilobytes, if it is known.
    """

    __slots__ = ("make", "record", "schema", "weight")

    def __init__(
        self,
        record: Record,
        schema: str,
        make: Callable[[Any], Any] = as_it_is,
        *,
        weight: int = 0,
    ) -> None:
        self.weight = weight
        self.record = record
        self.schema = schema
        self.make = make


def without_views(value: Any) -> Any:
    """A value with its views as the values that they show."""
    if isinstance(value, View):
        return without_views(value.make(value.record.value))
    if isinstance(value, dict):
        return {name: without_views(member) for name, member in value.items()}
    return [without_views(item) for item in value] if isinstance(value, list | tuple) else value


@dataclass(frozen=True, slots=True)
class Options:
    """What the owner of a server chooses where an API leaves a choice.

    ``tolerant`` takes what clients send although the real server refuses it; ``rate_limit``
    refuses calls past the API's own limit, which are only counted otherwise.
    """

    tolerant: bool = False
    rate_limit: bool = False


AS_THE_SERVER = Options()
"""Everything as the real server has it, but for its rate limit."""


NO_VALUES: Map[str, Any] = Map()


@dataclass(slots=True)
class Call:
    """One request, decoded and judged valid.

    ``path``, ``query``, ``header`` and ``cookie`` hold the declared parameters by name, defaults
    filled in; one that is absent and has no default is missing. ``body`` is the decoded body,
    None when there is none; ``files`` are those of a multipart form, by field. ``identity`` is
    who calls, as the fixtures describe them. ``request`` is what was sent.

    Where the handlers judge calls themselves, ``path`` holds texts, ``query`` lists of texts, and
    the rest is read from ``request``.
    """

    operation: Operation
    transaction: Transaction
    blobs: Blobs
    request: Request
    identities: Identities = NOBODY
    options: Options = AS_THE_SERVER
    path: Mapping[str, Any] = NO_VALUES
    query: Mapping[str, Any] = NO_VALUES
    header: Mapping[str, Any] = NO_VALUES
    cookie: Mapping[str, Any] = NO_VALUES
    body: Any = None
    files: Mapping[str, list[Upload]] = NO_VALUES
    identity: Identity | None = None

    @property
    def sandbox(self) -> Sandbox:
        """The world that this call is made in."""
        return self.request.sandbox

    @property
    def base_url(self) -> str:
        """Where the server is reached, sandbox included; the API's base path is not in it."""
        return self.request.base_url

    @property
    def now(self) -> datetime:
        """The one instant of this call (UTC)."""
        return self.transaction.now

    def key(self, *names: str) -> str:
        """The key of an inferred collection's record, from path parameters: all, or those named.

        A record below parents is kept by their keys and its own, joined by slashes; each is
        percent-encoded. Raises KeyError for what is no path parameter.
        """
        return key_text([self.path[name] for name in names or self.path])


@dataclass(slots=True)
class Reply:
    """What a handler answers.

    ``body`` is a JSON value (with :class:`View` parts where records stand), text, bytes, a
    :class:`~mockserver.state.blobs.Blob` (bytes that are sent as they are kept) or None.
    ``media_type`` is chosen from the documented ones when it is not given.
    """

    body: Any | Blob = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str | None = None


class Source(Protocol):
    """What a feed tells that is not in the log: bodies, of whatever has happened until then."""

    @property
    def closed(self) -> str:
        """Why nothing will come any more; empty while something may."""
        ...

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener``, on any thread, when there may be news; returns what stops it."""
        ...

    def first(self) -> Any:
        """What is true when the reading begins."""
        ...

    def news(self) -> Any:
        """What has happened since it was last asked, None for nothing. Never more than fits."""
        ...


Handler = Callable[[Call], Reply]
Frames = Callable[[Call, tuple[Change, ...]], Any]
Complete = Callable[[Any, Blobs], Any]
Derive = Callable[[Any], Iterable[tuple[str, Any]]]
Show = Callable[[Any], Any]
ErrorShape = Callable[[ApiError, Request], Reply]
MakeHeader = Callable[[Mapping[str, Any], str], str]
Authenticate = Callable[[Call], Identity | None]

AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Any])


class Paths(Enum):
    """How a path that nothing matches may differ from one that is described.

    ``REDIRECTED``: it lacks the last slash, and is redirected to where it has one. ``LOOSE``: it
    has one too many, or capital letters, and is taken as it was meant.
    """

    EXACT = "exact"
    REDIRECTED = "redirected"
    LOOSE = "loose"


class Handlers:
    """The handlers of one API, by operationId.

    ``errors`` turns the refusal of a request into the API's own error body, problem details where
    it is not given; ``body_limit`` is the largest request body in bytes, ``body_limits`` the same
    for single media types. With
    ``any_case_booleans`` a parameter may say ``True`` where it means ``true``. Without ``judged``
    calls come as they were sent: the handlers refuse them in the words of the server that they
    stand for, and the description tells clients and testers what to expect. ``paths`` says how
    exactly a path must be written. ``guess_of`` tells what inferred operations are taken for,
    ``collections`` what they keep, ``notes`` what a person should know when the server starts.
    ``origin_of`` names the function and the line of a handler that is the user's own.
    With ``negotiates`` a reply without a media type is written in the documented one that its
    caller wants most; ``make_header`` gives, for schema and name, a required header it lacks.
    URLs in JSON answers that begin with one of ``origins`` lead to the mock instead.
    """

    def __init__(  # noqa: PLR0913 - each is a choice of its own
        self,
        errors: ErrorShape | None = None,
        *,
        body_limit: int = 16 * 1024 * 1024,
        body_limits: Mapping[str, int] | None = None,
        any_case_booleans: bool = False,
        judged: bool = True,
        paths: Paths = Paths.EXACT,
    ) -> None:
        self.errors = errors or _problem
        self.body_limit = body_limit
        self.body_limits = dict(body_limits or {})
        self.any_case_booleans = any_case_booleans
        self.judged = judged
        self.paths = paths
        self.authenticate_with: Authenticate | None = None
        self.authenticate_first = False
        self.by_operation: dict[str, Handler] = {}
        self.frames_of: dict[str, Frames] = {}
        self.source_of: dict[str, Callable[[Sandbox], Source]] = {}
        self.complete_of: dict[str, Complete] = {}
        self.shown_of: dict[str, Show] = {}
        self.derived_from: dict[str, tuple[str, Derive]] = {}
        self.slow: set[str] = set()
        self.body_limit_of: dict[str, int] = {}
        self.refusal_of: dict[str, ErrorShape] = {}
        self.guess_of: dict[str, str] = {}
        self.origin_of: dict[str, str] = {}
        self.negotiates = False
        self.make_header: MakeHeader | None = None
        self.origins: tuple[str, ...] = ()
        self.collections: tuple[str, ...] = ()
        self.notes: list[str] = []

    def operation(
        self, operation_id: str, *, slow: bool = False, body_limit: int | None = None
    ) -> Callable[[AnyFunction], AnyFunction]:
        """Register the handler of an operation.

        A ``slow`` one may take over 5 ms: it runs in a thread, so that feeds and other calls
        never wait for it, and runs again when another commit came first. ``body_limit`` is the
        largest body of this operation, in bytes, where it is not the API's.
        """

        def register(function: AnyFunction) -> AnyFunction:
            self.by_operation[operation_id] = function
            if slow:
                self.slow.add(operation_id)
            if body_limit is not None:
                self.body_limit_of[operation_id] = body_limit
            return function

        return register

    def refusal(self, operation_id: str) -> Callable[[AnyFunction], AnyFunction]:
        """Register the shape of one operation's refusals, where it is not the API's."""

        def register(function: AnyFunction) -> AnyFunction:
            self.refusal_of[operation_id] = function
            return function

        return register

    def authenticate(self, *, before_method: bool = False) -> Callable[[AnyFunction], AnyFunction]:
        """Register what tells who calls; without it the description's security does.

        The function returns an identity, or None where nobody has to be known, and raises
        ApiError 401 or 403. It runs before anything else of a request is looked at (twice when
        the answer turns out to take long), with ``before_method`` even before a method that is
        not described is refused.
        """

        def register(function: AnyFunction) -> AnyFunction:
            self.authenticate_with = function
            self.authenticate_first = before_method
            return function

        return register

    def frames(self, operation_id: str) -> Callable[[AnyFunction], AnyFunction]:
        """Register what a feed tells of one commit's changes: a body, or None for nothing.

        The first frame is the reply of the operation's own handler.
        """

        def register(function: AnyFunction) -> AnyFunction:
            self.frames_of[operation_id] = function
            return function

        return register

    def source(self, operation_id: str) -> Callable[[AnyFunction], AnyFunction]:
        """Register what gives readers of a feed that tells something else than commits."""

        def register(function: AnyFunction) -> AnyFunction:
            self.source_of[operation_id] = function
            return function

        return register

    def fixture(
        self, collection: str, *, shown: Show = as_it_is
    ) -> Callable[[AnyFunction], AnyFunction]:
        """Register what fills in the parts of a fixture record that follow from the rest.

        ``shown`` turns a completed record into the JSON value that its schema judges.
        """

        def register(function: AnyFunction) -> AnyFunction:
            self.complete_of[collection] = function
            self.shown_of[collection] = shown
            return function

        return register

    def derived(self, collection: str, *, source: str) -> Callable[[AnyFunction], AnyFunction]:
        """Register what a collection without fixtures of its own holds when the server starts.

        The function gives the keys and values that follow from one record of ``source``.
        """

        def register(function: AnyFunction) -> AnyFunction:
            self.derived_from[collection] = (source, function)
            return function

        return register

    def problems(self, description: Description) -> list[Problem]:
        """Handlers for operations or collections that the description does not have."""
        known = [operation.id for operation in description.operations]
        named = {*self.by_operation, *self.frames_of, *self.source_of}
        found = [
            Problem(description.source, "/paths", _unknown("operationId", name, known))
            for name in sorted(named.difference(known))
        ]
        collections = list(description.collections)
        found += [
            Problem(description.source, "/x-collections", _unknown("collection", name, collections))
            for name in sorted(set(self.complete_of).difference(collections))
        ]
        return found


def _problem(error: ApiError, request: Request) -> Reply:
    from mockserver.engine.problems import problem_reply  # noqa: PLC0415 - it has need of Reply

    return problem_reply(error, request)


def _unknown(kind: str, name: str, known: list[str]) -> str:
    nearest = difflib.get_close_matches(name, known, n=1)
    hint = f"; the nearest is {nearest[0]!r}" if nearest else ""
    return f"a handler is registered for the {kind} {name!r}, which is not described{hint}"
