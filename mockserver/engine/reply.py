"""Replies checked against the description and turned into the bytes that are sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from mockserver.engine.handlers import Handlers, Reply, View
from mockserver.engine.media import encode_json, is_json, matching
from mockserver.engine.schema import VIEW, Schemas, Validator, component_name
from mockserver.engine.spec import Description, Operation, Response, Schema
from mockserver.errors import ReplyError, Violation
from mockserver.state.blobs import Blobs

MAX_KEPT = 256 * 1024
"""Serialised views up to this many bytes are kept with their record."""


@dataclass(slots=True)
class Answer:
    """What is sent: a status, headers as ASGI takes them, and bytes."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


@dataclass(frozen=True, slots=True)
class Api:
    """A description with its handlers: everything that is served under one stem."""

    description: Description
    handlers: Handlers
    schemas: Schemas
    blobs: Blobs


class ReplyWriter:
    """Turns replies of one operation into answers that its description allows."""

    def __init__(self, api: Api, operation: Operation) -> None:
        self._api = api
        self._operation = operation
        self._plans: dict[tuple[int, str | None], _Plan] = {}

    def write(self, reply: Reply, base_url: str) -> Answer:
        """The bytes of a reply. Raises ReplyError when the description does not allow it."""
        key = (reply.status, reply.media_type)
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = _Plan(self._api.schemas, self._operation, reply)
        body = plan.encode(reply)
        headers = [*plan.headers, (b"content-length", str(len(body)).encode())]
        if reply.headers or plan.required_headers:
            headers += plan.named(reply.headers, base_url)
        return Answer(reply.status, headers, body)


class _Plan:
    """How replies of one status and media type are checked and written, worked out once."""

    __slots__ = (
        "_component", "_json", "_operation", "_schema", "_schemas", "_status", "_validator",
        "headers", "required_headers",
    )  # fmt: skip

    def __init__(self, schemas: Schemas, operation: Operation, reply: Reply) -> None:
        self._schemas = schemas
        self._operation = operation
        self._status = reply.status
        documented = operation.response(reply.status)
        if documented is None:
            known = ", ".join(operation.responses)
            raise self._broken(
                "", "status", f"one of the documented statuses {known}", reply.status
            )
        media_type = self._media_type(documented, reply)
        self.required_headers = documented.required_headers
        self._json = is_json(media_type) if media_type else False
        self._schema: Schema | None = documented.content.get(media_type) if media_type else None
        self._component = component_name(self._schema) if self._schema else None
        self._validator: Validator | None = None
        charset = "; charset=utf-8" if (media_type or "").startswith("text/") else ""
        self.headers = [(b"content-type", f"{media_type}{charset}".encode())] if media_type else []

    def _media_type(self, documented: Response, reply: Reply) -> str | None:
        if not documented.content:
            return None
        if reply.media_type is None:
            return next(iter(documented.content))
        offered = matching(reply.media_type, tuple(documented.content))
        if offered is None:
            expected = " or ".join(documented.content)
            raise self._broken("", "media type", expected, reply.media_type)
        return reply.media_type

    def _broken(self, pointer: str, rule: str, expected: str, received: object) -> ReplyError:
        violation = Violation("reply", pointer, rule, expected, str(received))
        return ReplyError(self._operation.id, self._status, [violation])

    def encode(self, reply: Reply) -> bytes:
        """The body's bytes, after they were checked."""
        body = reply.body
        if self._schema is None:
            if body is not None:
                raise self._broken("", "content", "no body", "one")
            return b""
        if isinstance(body, View) and body.schema == self._component:
            return self.view(body)
        if isinstance(body, bytes):
            return body
        self._check(body)
        if self._json:
            return encode_json(body, self._part)
        return str(body).encode()

    def _check(self, body: Any) -> None:
        if self._validator is None:
            self._validator = self._schemas.validator(self._schema or {}, reply=True)
        if not self._validator.is_valid(self._skeleton(body)):
            plain = orjson.loads(encode_json(body, self._part))
            violations = self._schemas.violations(self._schema or {}, plain, "reply")
            raise ReplyError(self._operation.id, self._status, violations or [_misplaced_view()])

    def _skeleton(self, value: Any) -> Any:
        if isinstance(value, View):
            return self._schemas.token(value.schema)
        if isinstance(value, dict):
            # A member that looks like a token is none: tokens stand for views only.
            return {name: self._skeleton(item) for name, item in value.items() if name != VIEW}
        if isinstance(value, list | tuple):
            return [self._skeleton(item) for item in value]
        return value

    def _part(self, part: Any) -> Any:
        if isinstance(part, View):
            return orjson.Fragment(self.view(part))
        raise TypeError(f"{type(part).__name__} is no JSON value")

    def view(self, view: View) -> bytes:
        """The bytes of a view, made and checked once for each version of its record."""
        work = view.record.work
        key = (view.schema, view.make)
        known = work.get(key)
        if known is not None:
            return known  # type: ignore[no-any-return]
        value = view.make(view.record.value)
        schema = self._schemas.component(view.schema)
        violations = self._schemas.violations(schema, value, "reply")
        if violations:
            raise ReplyError(self._operation.id, self._status, violations)
        data = encode_json(value, self._part)
        if len(data) <= MAX_KEPT:
            work[key] = data
        return data

    def named(self, headers: Mapping[str, str], base_url: str) -> list[tuple[bytes, bytes]]:
        """The headers of a reply as bytes; an absolute-path ``Location`` gets the base URL."""
        given = {name.lower(): value for name, value in headers.items()}
        for name in self.required_headers:
            if name.lower() not in given:
                raise self._broken(name, "required header", f"the header {name}", "none")
        if given.get("location", "").startswith("/"):
            given["location"] = base_url + given["location"]
        return [(name.encode(), value.encode("latin-1")) for name, value in given.items()]


def undescribed(reply: Reply) -> Answer:
    """The bytes of a reply to a request for which there is no operation."""
    text = reply.body
    body = text.encode() if isinstance(text, str) else encode_json(text, _no_part)
    media_type = reply.media_type or "application/json"
    charset = "; charset=utf-8" if media_type.startswith("text/") else ""
    headers = [
        (b"content-type", f"{media_type}{charset}".encode()),
        (b"content-length", str(len(body)).encode()),
        *(
            (name.lower().encode(), value.encode("latin-1"))
            for name, value in reply.headers.items()
        ),
    ]
    return Answer(reply.status, headers, body)


def _no_part(part: Any) -> Any:
    raise TypeError(f"{type(part).__name__} is no JSON value")


def _misplaced_view() -> Violation:
    return Violation("reply", "", "schema", "a view where its own component is documented", "one")
