"""The Immich handlers are registered here, with the shape of their refusals."""

from __future__ import annotations

import string
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from uuid import UUID

from mockserver.engine.forms import MULTIPART, URLENCODED
from mockserver.engine.handlers import Handlers, Paths, Reply
from mockserver.engine.request import Request
from mockserver.errors import ApiError

MIB = 1024 * 1024
CORRELATION = "x-immich-cid"
"""The header that names a request, in both directions."""

_DIGITS = string.digits + string.ascii_lowercase


class Refusal(ApiError):
    """A refusal in Immich's words: one sentence, or a list of what is wrong with the request.

    ``error`` is the second member of the body, None where the real server leaves it out.
    """

    def __init__(
        self, status: int, message: str | Sequence[str], *, error: str | None = ""
    ) -> None:
        super().__init__(status, message if isinstance(message, str) else ", ".join(message))
        self.message = message if isinstance(message, str) else list(message)
        self.error = _phrase(status) if error == "" else error


class Unreadable(ApiError):
    """A body that could not be read; it is refused before the request has a name."""


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase


def correlation(request: Request) -> str:
    """The name of a request: the caller's own, or a new one of eight digits in base 36."""
    given = request.header(CORRELATION)
    if given and given.strip():
        return given
    number = UUID(request.identifier).int
    return "".join(_DIGITS[number // 36**place % 36] for place in range(8))


def error_shape(error: ApiError, request: Request) -> Reply:
    """Refusals as the real server words them, in the order of its members."""
    if isinstance(error, Unreadable) or error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return Reply(_body(error.status, error.detail, _phrase(error.status)), error.status)
    if isinstance(error, Refusal):
        status, message, phrase = error.status, error.message, error.error
    elif error.status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED):
        status, phrase = 404, "Not Found"
        message = f"Cannot {request.method} {_asked(request)}"
    else:
        status, message, phrase = error.status, error.detail, _phrase(error.status)
    identifier = correlation(request)
    body = {**_body(status, message, phrase), "correlationId": identifier}
    told = error.headers if isinstance(error, Refusal) else {}
    return Reply(body, status, {**told, CORRELATION: identifier})


def _asked(request: Request) -> str:
    query = "?" + request.query.decode("latin-1") if request.query else ""
    return request.target + query


def _body(status: int, message: Any, error: str | None) -> dict[str, Any]:
    named = {} if error is None else {"error": error}
    return {"message": message, **named, "statusCode": status}


handlers = Handlers(
    error_shape,
    judged=False,
    body_limit=10 * MIB,
    body_limits={MULTIPART: 256 * MIB, URLENCODED: 100 * 1024},
    paths=Paths.LOOSE,
)
