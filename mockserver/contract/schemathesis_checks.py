"""Schemathesis' own checks of one answer, as they are, asked only where a verdict is not known yet.

Of its checks these judge an answer alone: status, media type, headers, schema, server errors, and
``Allow``. The others are not asked. Whether a call had to be refused (``negative_data_rejection``,
``positive_data_acceptance``, ``missing_required_header``, ``unsupported_method``) the reference
says, which knows the state. ``ignored_auth`` makes calls of its own, which would change a server
and not the reference. ``use_after_free`` and ``ensure_resource_availability`` look at statuses of
earlier calls only; our own rules look at their bodies, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson
import requests
from schemathesis.checks import CheckContext, CheckFunction, not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.transport import Response
from schemathesis.openapi.checks import JsonSchemaError, MissingHeaders, UndefinedStatusCode
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from mockserver.contract.alike import normal, shown
from mockserver.contract.bodies import HEAVY
from mockserver.contract.schemathesis_cases import Cases
from mockserver.contract.values import Answered, Difference, Outcome, Raw, Sent
from mockserver.engine.media import is_json, matching
from mockserver.engine.schema import Schemas, Validator
from mockserver.engine.spec import Operation
from mockserver.errors import pointer_to

CODE = "MS301"
BAD_REQUEST = 400

BY_HEAD: tuple[CheckFunction, ...] = (
    status_code_conformance,
    content_type_conformance,
    not_a_server_error,
)
"""Checks that look at status and media type, and so say the same whenever these are the same."""

MOST_KEPT = 4_000
"""Verdicts on headers and bodies that are remembered."""

LARGE = 64 * 1024
"""Bytes of a JSON body past which only every eighth is judged by its schema."""

EVERY = 8

FIRST = 2
"""Answers of each kind that Schemathesis judges itself, for what our validators do not know."""


class Conformance:
    """Judges answers by what their operation's description allows.

    ``cases`` has the description as Schemathesis read it; ``schemas`` the validators of ours, of
    which each decides at once for most bodies. What they refuse Schemathesis judges: it counts.
    """

    def __init__(self, cases: Cases, schemas: Schemas) -> None:
        self._cases = cases
        self._schemas = schemas
        self._asked: dict[str, _Asked | None] = {}
        self._heads: set[tuple[str, int, str | None]] = set()
        self._headers: dict[tuple[str, int], tuple[str, ...]] = {}
        self._values: set[tuple[str, int, tuple[str | None, ...]]] = set()
        self._bodies: set[tuple[str, int, bytes]] = set()
        self._validators: dict[tuple[str, int, str], Validator | None] = {}
        self._own: dict[tuple[str, int, str], int] = {}
        self._judged: Counter[tuple[str, int, str]] = Counter()

    def differences(
        self, operation: Operation, sent: Sent, a: Outcome, t: Outcome
    ) -> list[Difference]:
        """How an answer breaks the description, beyond what the reference's answer does.

        Of a call that is none of this operation only a server error is wrong: one with another
        method or media type, as Schemathesis has it, or where the reference knows no operation.
        """
        if not isinstance(t, Answered):
            return []
        checks = list(self._open(operation, t, a))
        if not checks:
            return []
        own = isinstance(a, Answered) and _is_its_own(operation, sent)
        if not own:
            checks = [check for check in checks if check is not_a_server_error]
        found = self._failures(operation, checks, t)
        found = [each for each in found if not _is_syntax(each, sent, a, t)]
        if not found:
            if own:
                self._remember(operation, t)
            return []
        excuses = self._failures(operation, checks, a) if isinstance(a, Answered) else []
        excused = {(each.title, _pointer(each)) for each in excuses}
        return [
            _difference(failure, t)
            for failure in found
            if (failure.title, _pointer(failure)) not in excused
        ]

    def _open(self, operation: Operation, t: Answered, a: Outcome) -> Iterator[CheckFunction]:
        """The checks whose verdict is not known."""
        head = (operation.id, t.status, t.header("content-type"))
        if head not in self._heads:
            yield from BY_HEAD
        if not self._known_headers(operation, t):
            yield response_headers_conformance
        if operation.method == "OPTIONS":
            yield allow_header_conformance
        same = isinstance(a, Answered) and a.body == t.body and a.status == t.status
        if not same and not self._known_body(operation, t):
            yield response_schema_conformance

    def _known_headers(self, operation: Operation, t: Answered) -> bool:
        place = (operation.id, t.status)
        names = self._headers.get(place)
        if names is None:
            documented = operation.response(t.status)
            names = tuple(name.lower() for name in documented.headers) if documented else ()
            self._headers[place] = names
        return not names or (*place, tuple(map(t.header, names))) in self._values

    def _known_body(self, operation: Operation, t: Answered) -> bool:
        documented = operation.response(t.status)
        if documented is None or not documented.content:
            return True
        media_type = t.media_type
        if not is_json(media_type):
            return (operation.id, t.status, t.body) in self._bodies
        place = (operation.id, t.status, media_type)
        self._judged[place] += 1
        if len(t.body) > LARGE and self._judged[place] % EVERY:
            return True
        validator = self._validator(operation, t.status, media_type)
        if validator is None or self._judged[place] <= self._first(operation, place):
            return False
        try:
            return validator.is_valid(orjson.loads(t.body))
        except ValueError:
            return False

    def _validator(self, operation: Operation, status: int, media_type: str) -> Validator | None:
        key = (operation.id, status, media_type)
        if key not in self._validators:
            documented = operation.response(status)
            schema = documented.content.get(media_type) if documented else None
            made = None if schema is None else self._schemas.validator(schema, reply=True)
            self._validators[key] = made
        return self._validators[key]

    def _first(self, operation: Operation, place: tuple[str, int, str]) -> int:
        """How many answers Schemathesis judges whatever we say: none where that takes seconds."""
        if place not in self._own:
            documented = operation.response(place[1])
            schema = documented.content.get(place[2], {}) if documented else {}
            heavy = len(self._schemas.bundle(schema)["$defs"]) > HEAVY
            self._own[place] = 0 if heavy else FIRST
        return self._own[place]

    def _failures(
        self, operation: Operation, checks: Iterable[CheckFunction], answer: Answered
    ) -> list[Failure]:
        asked = self._asked_of(operation)
        if asked is None:
            return []
        response = _response(answer)
        return [failure for check in checks for failure in asked.failures(check, response)]

    def _remember(self, operation: Operation, answer: Answered) -> None:
        """Keep what was found good, so that it is not judged again."""
        place = (operation.id, answer.status)
        self._heads.add((*place, answer.header("content-type")))
        if len(self._values) > MOST_KEPT:
            self._values.clear()
        names = self._headers.get(place, ())
        self._values.add((*place, tuple(map(answer.header, names))))
        if len(self._bodies) > MOST_KEPT:
            self._bodies.clear()
        if not is_json(answer.media_type) and len(answer.body) < LARGE:
            self._bodies.add((*place, answer.body))

    def _asked_of(self, operation: Operation) -> _Asked | None:
        if operation.id not in self._asked:
            made = self._cases.made(operation.id)
            self._asked[operation.id] = None if made is None else _Asked(made)
        return self._asked[operation.id]


class _Asked:
    """One operation as Schemathesis knows it, ready to be asked about answers."""

    def __init__(self, operation: Any) -> None:
        self._case: Any = operation.Case()
        self._context = CheckContext(
            override=None,
            auth=None,
            headers=None,
            config=operation.schema.config.checks_config_for(operation=operation),
            transport_kwargs=None,
            response_checks=None,
        )

    def failures(self, check: CheckFunction, response: Response) -> list[Failure]:
        """What a check has against an answer; nothing when it cannot tell."""
        try:
            check(self._context, response, self._case)
        except FailureGroup as group:
            return [each for each in group.exceptions if isinstance(each, Failure)]
        except Failure as failure:
            return [failure]
        except Exception:  # noqa: BLE001 - a schema that it cannot compile judges nothing
            return []
        return []


def _is_its_own(operation: Operation, sent: Sent) -> bool:
    """Whether a call has a method and a media type that the operation describes."""
    if sent.method != operation.method:
        return False
    taken = tuple(operation.body.content) if operation.body else ()
    told = sent.media_type.partition(";")[0].strip().lower()
    if not told or sent.body is None:
        return operation.body is None or not operation.body.required
    return matching(told, taken) is not None


def _is_syntax(failure: Failure, sent: Sent, a: Outcome, t: Answered) -> bool:
    """Whether a body that is no JSON is refused with 400, described or not.

    It means just that (RFC 9110, section 15.5.1); frameworks answer it before any operation runs.
    """
    if t.status != BAD_REQUEST or not isinstance(failure, UndefinedStatusCode):
        return False
    if not isinstance(a, Answered) or a.status < BAD_REQUEST or not isinstance(sent.body, Raw):
        return False
    try:
        orjson.loads(sent.body.data)
    except orjson.JSONDecodeError:
        return True
    return False


def _response(answer: Answered) -> Response:
    headers: dict[str, list[str]] = {}
    for name, value in answer.headers:
        headers.setdefault(name, []).append(value)
    request = requests.PreparedRequest()
    request.method = "OPTIONS"  # the one check that asks is for these only
    request.url = "http://server.test/"
    return Response(answer.status, headers, answer.body, request, 0.0, verify=False)


def _pointer(failure: Failure) -> str:
    """Where in its part of the answer a failure is, without the numbers of items."""
    if isinstance(failure, JsonSchemaError):
        return normal(pointer_to(failure.instance_path))
    if isinstance(failure, MissingHeaders):
        return "".join(f"/{name.lower()}" for name in failure.missing_headers[:1])
    return ""


def _difference(failure: Failure, answer: Answered) -> Difference:
    expected, got = _sides(failure, answer)
    return Difference(CODE, failure.title, _pointer(failure), shown(expected), shown(got))


def _sides(failure: Failure, answer: Answered) -> tuple[str, Any]:
    """What a failure says was expected, and what came."""
    told: Mapping[str, str] = dict(
        line.partition(": ")[::2] for line in failure.message.splitlines() if ": " in line
    )
    if isinstance(failure, JsonSchemaError):
        return failure.validation_message, failure.instance
    if "Received" in told and "Documented" in told:
        return told["Documented"], told["Received"]
    message = " ".join(failure.message.split())
    return message or failure.title, f"status {answer.status} {answer.media_type}".strip()
