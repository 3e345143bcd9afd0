"""What an API module is made of: handlers, plain functions from a call to a reply."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from mockserver.engine.spec import Description, Operation
from mockserver.errors import ApiError, Problem
from mockserver.state.blobs import Blobs
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


@dataclass(slots=True)
class Call:
    """One request, decoded and judged valid.

    ``path``, ``query`` and ``header`` hold the declared parameters by name, defaults filled in;
    one that is absent and has no default is missing. ``body`` is the decoded body, None when
    there is none. ``base_url`` is where the server is reached, sandbox included; the API's own
    base path is not in it.
    """

    operation: Operation
    transaction: Transaction
    blobs: Blobs
    sandbox: Sandbox
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    header: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    base_url: str = ""

    @property
    def now(self) -> datetime:
        """The one instant of this call (UTC)."""
        return self.transaction.now


@dataclass(slots=True)
class Reply:
    """What a handler answers.

    ``body`` is a JSON value (with :class:`View` parts where records stand), text, bytes or
    None. ``media_type`` is chosen from the documented ones when it is not given.
    """

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str | None = None


Handler = Callable[[Call], Reply]
Frames = Callable[[Call, tuple[Change, ...]], Any]
Complete = Callable[[Any, Blobs], Any]
Derive = Callable[[Any], Iterable[tuple[str, Any]]]
Show = Callable[[Any], Any]
ErrorShape = Callable[[ApiError], Reply]

AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Any])


class Handlers:
    """The handlers of one API, by operationId.

    ``errors`` turns a refusal into the API's own error body; ``body_limit`` is the largest
    request body in bytes, ``body_limits`` the same for single media types. With
    ``any_case_booleans`` a parameter may say ``True`` where it means ``true``.
    """

    def __init__(
        self,
        errors: ErrorShape,
        *,
        body_limit: int = 16 * 1024 * 1024,
        body_limits: Mapping[str, int] | None = None,
        any_case_booleans: bool = False,
    ) -> None:
        self.errors = errors
        self.body_limit = body_limit
        self.body_limits = dict(body_limits or {})
        self.any_case_booleans = any_case_booleans
        self.by_operation: dict[str, Handler] = {}
        self.frames_of: dict[str, Frames] = {}
        self.complete_of: dict[str, Complete] = {}
        self.shown_of: dict[str, Show] = {}
        self.derived_from: dict[str, tuple[str, Derive]] = {}
        self.slow: set[str] = set()

    def operation(
        self, operation_id: str, *, slow: bool = False
    ) -> Callable[[AnyFunction], AnyFunction]:
        """Register the handler of an operation.

        A ``slow`` one may take over 5 ms: it runs in a thread, so that feeds and other calls
        never wait for it, and runs again when another commit came first.
        """

        def register(function: AnyFunction) -> AnyFunction:
            self.by_operation[operation_id] = function
            if slow:
                self.slow.add(operation_id)
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
        named = {*self.by_operation, *self.frames_of}
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


def _unknown(kind: str, name: str, known: list[str]) -> str:
    nearest = difflib.get_close_matches(name, known, n=1)
    hint = f"; the nearest is {nearest[0]!r}" if nearest else ""
    return f"a handler is registered for the {kind} {name!r}, which is not described{hint}"
