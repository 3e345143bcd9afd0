"""Refusals in the words of Plane and of its object store."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from xml.sax.saxutils import escape

from mockserver.engine.handlers import Reply
from mockserver.engine.request import Request
from mockserver.errors import ApiError

STORE = "/uploads"
"""Where the object store begins, and so the name of its bucket."""

_XML = "application/xml"


class Refusal(ApiError):
    """A refusal whose whole JSON answer is ``body``."""

    def __init__(
        self, status: int, body: Mapping[str, Any], *, headers: Mapping[str, str] | None = None
    ) -> None:
        self.body = dict(body)
        super().__init__(status, next(iter(map(str, body.values()))), headers=headers)


class StoreRefusal(ApiError):
    """A refusal by the object store; ``code`` is one of the Amazon S3 API's error codes."""

    def __init__(
        self, status: int, code: str, message: str, *, headers: Mapping[str, str] | None = None
    ) -> None:
        self.code = code
        super().__init__(status, message, headers=headers)


def page_not_found() -> Refusal:
    """No route leads to that path."""
    return Refusal(404, {"error": "Page not found."})


def not_valid() -> Refusal:
    """A value that its column does not take.

    Plane says so where Django notices, and fails with a 500 where the database or Python does.
    """
    return Refusal(400, {"error": "Please provide valid detail"})


def constraint_broken() -> Refusal:
    """A row that refers to nothing, or lacks what it must have."""
    return Refusal(400, {"error": "The payload is not valid"})


def too_large() -> Refusal:
    """A body past what the server reads."""
    detail = "The size of the request body exceeds the maximum allowed size."
    return Refusal(413, {"error": "REQUEST_BODY_TOO_LARGE", "detail": detail})


def error_shape(error: ApiError, request: Request) -> Reply:
    """The answer to a refused request: XML under ``/uploads``, JSON elsewhere."""
    if request.target == STORE or request.target.startswith(f"{STORE}/"):
        return _document(error, request)
    headers = dict(error.headers)
    if error.status == HTTPStatus.METHOD_NOT_ALLOWED and "Allow" in request.answer_headers:
        headers["Allow"] = request.answer_headers["Allow"]
    return Reply(_body(error, request), error.status, headers)


def _body(error: ApiError, request: Request) -> Mapping[str, Any]:
    if isinstance(error, Refusal):
        return error.body
    if error.status == HTTPStatus.NOT_FOUND:
        return page_not_found().body
    if error.status == HTTPStatus.METHOD_NOT_ALLOWED:
        return {"detail": f'Method "{request.method.upper()}" not allowed.'}
    if error.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return too_large().body
    return {"error": error.detail}


_CODES = {
    400: "InvalidRequest",
    404: "NoSuchKey",
    405: "MethodNotAllowed",
    413: "EntityTooLarge",
    500: "InternalError",
    507: "InsufficientStorage",
}
_MESSAGES = {
    404: "The specified key does not exist.",
    405: "The specified method is not allowed against this resource.",
    413: "Your proposed upload exceeds the maximum allowed size",
}


def _document(error: ApiError, request: Request) -> Reply:
    """The error document of the Amazon S3 API (Error Responses, REST)."""
    code, message = _CODES.get(error.status, "Error"), _MESSAGES.get(error.status, error.detail)
    if isinstance(error, StoreRefusal):
        code, message = error.code, error.detail
    resource, identifier = request.target, request.identifier
    parts = {"Code": code, "Message": message, "Resource": resource, "RequestId": identifier}
    inner = "".join(f"<{name}>{escape(text)}</{name}>" for name, text in parts.items())
    document = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{inner}</Error>'
    # Of bytes the engine does not ask whether they are the object that the description has for XML.
    return Reply(document.encode(), error.status, error.headers, _XML)
