"""Refusals in the shape that an operation documents, saying what was wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy
from http import HTTPStatus
from typing import Any

from mockserver.engine.handlers import ErrorShape, Reply
from mockserver.engine.inference.shapes import preferred
from mockserver.engine.inference.words import normal
from mockserver.engine.inferred.world import World
from mockserver.engine.media import is_json
from mockserver.engine.problems import problem_reply
from mockserver.engine.request import Request
from mockserver.engine.spec import Operation, Response, Schema
from mockserver.errors import ApiError

_ALIKE = {
    400: (400, 422),
    401: (401, 403),
    403: (403, 401),
    409: (409, 422, 400),
    413: (413, 400),
    415: (415, 400),
    422: (422, 400, 409),
}
"""Statuses that may stand for each other where only one of them is documented."""

_SENTENCES = frozenset(
    ("message", "detail", "details", "error", "errors", "description", "reason", "errormessage",
     "errordescription", "msg", "text", "userfriendlyerror", "developermessage", "usermessage")
)  # fmt: skip
_NUMBERS = frozenset(("status", "code", "statuscode", "httpstatus", "errorcode", "httpcode",
                      "httpstatuscode", "error"))  # fmt: skip
_TITLES = frozenset(("title", "error", "reason", "statustext", "name", "type"))
_NO = frozenset(("success", "ok", "successful", "succeeded", "retryable"))
_NESTED = 3

Steps = tuple[str | int, ...]


def documented(operation: Operation, status: int) -> tuple[int, Response] | None:
    """The status and response that an operation documents for a refusal, or for its like."""
    for candidate in _ALIKE.get(status, (status,)):
        response = operation.responses.get(str(candidate))
        if response is not None:
            return candidate, response
    response = operation.response(status)
    return None if response is None else (status, response)


class Refusals:
    """The refusals of one operation."""

    def __init__(self, world: World, operation: Operation) -> None:
        self._world = world
        self._operation = operation
        self._made: dict[int, Any] = {}

    def shape(self) -> ErrorShape:
        """What turns a refusal into the reply that is documented for it."""
        return self._refused

    def _refused(self, error: ApiError, request: Request) -> Reply:
        told = documented(self._operation, error.status)
        if told is None:
            return problem_reply(error)
        status, response = told
        if not response.content:
            return Reply(None, status, error.headers)
        media_type = preferred(response.content)
        schema = response.content[media_type]
        body = self._explained(schema, media_type, ApiStatus(error, status))
        return Reply(body, status, error.headers)

    def _explained(self, schema: Schema, media_type: str, said: ApiStatus) -> Any:
        """A body of the documented shape that says what was wrong."""
        makers = self._world.makers
        if not is_json(media_type) and makers.is_valid(schema, said.error.detail):
            return said.error.detail
        if not schema or schema == {"type": "object"}:
            return said.problem
        made = self._made.get(said.status)
        if made is None:
            made = self._made[said.status] = makers.make(schema, ("error",))
        told = said.told(made, _NESTED)
        if made == told or makers.is_valid(schema, told):
            return told
        for path, value in _differences(made, told):
            tried = _with(made, path, value)
            made = tried if makers.is_valid(schema, tried) else made
        return made


def _differences(made: Any, told: Any, path: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """The places at which two values of one shape differ, and what the second has there."""
    if isinstance(made, dict) and isinstance(told, dict):
        for name in made:
            yield from _differences(made[name], told[name], (*path, name))
    elif isinstance(made, list) and isinstance(told, list):
        if len(told) < len(made):
            yield path, made[: len(told)]
        for index, (member, other) in enumerate(zip(made, told, strict=False)):
            yield from _differences(member, other, (*path, index))
    elif made != told:
        yield path, told


def _with(value: Any, path: Steps, inner: Any) -> Any:
    """A copy of a value with another one at a place."""
    if not path:
        return inner
    made = copy(value)
    made[path[0]] = _with(value[path[0]], path[1:], inner)
    return made


class ApiStatus:
    """A refusal, and the status that it is told with."""

    def __init__(self, error: ApiError, status: int) -> None:
        self.error = error
        self.status = status

    @property
    def problem(self) -> Any:
        """The refusal as problem details (RFC 9457)."""
        body: Any = problem_reply(self.error).body
        return {**body, "status": self.status}

    def told(self, made: Any, depth: int) -> Any:
        """A made body in which the members that speak of the refusal are true."""
        if isinstance(made, list) and depth:
            return [self.told(made[0], depth - 1)] if made else made
        if not isinstance(made, dict):
            return made
        return {name: self._member(name, value, depth) for name, value in made.items()}

    def _member(self, name: str, value: Any, depth: int) -> Any:
        word = normal(name)
        if isinstance(value, dict | list):
            texts = isinstance(value, list) and value and isinstance(value[0], str)
            if texts and word in _SENTENCES:
                return [self.error.detail]
            return self.told(value, depth - 1) if depth else value
        if isinstance(value, bool):
            return False if word in _NO else value
        if isinstance(value, int | float):
            return self.status if word in _NUMBERS else value
        if isinstance(value, str):
            return self._text(word, value)
        return value

    def _text(self, word: str, value: str) -> str:
        if word == "error" or word in _SENTENCES:
            return self.error.detail
        if word in _NUMBERS:
            if value.isdigit() or word in ("status", "statuscode", "httpstatus"):
                return str(self.status)
            return HTTPStatus(self.status).name if self.status in _STATUSES else value
        if word in _TITLES:
            if word == "type":
                return "about:blank"
            return HTTPStatus(self.status).phrase if self.status in _STATUSES else value
        return value


_STATUSES: Mapping[int, HTTPStatus] = {status.value: status for status in HTTPStatus}
