"""Replies checked against the description and turned into the bytes that are sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson

from mockserver.engine.handlers import AS_THE_SERVER, Handlers, Options, Reply, View
from mockserver.engine.media import encode_json, is_json, matching
from mockserver.engine.schema import VIEW, Schemas, Validator, component_name
from mockserver.engine.security import NOBODY, Identities
from mockserver.engine.spec import Description, Operation, Response, Schema
from mockserver.errors import ReplyError, Violation
from mockserver.state.blobs import Blob, Blobs

MAX_KEPT = 256 * 1024
"""Serialised views up to this many bytes are kept with their record."""

_UNJUDGED = object()
_ABSOLUTE_PATH = re.compile(r"/(?!/)")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
"""What no value of a header may hold (RFC 9110, section 5.5)."""

_NO_CONTENT = frozenset((204, 304))
"""Statuses whose answers carry no Content-Length of their own (RFC 9110, section 8.6)."""


@dataclass(slots=True)
class Answer:
    """What is sent: a status, headers as ASGI takes them, and bytes."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


@dataclass(frozen=True, slots=True)
class Api:
    """A description with its handlers: everything that is served under one stem.

    ``identities`` are those who may call it.
    """

    description: Description
    handlers: Handlers
    schemas: Schemas
    blobs: Blobs
    identities: Identities = NOBODY
    options: Options = AS_THE_SERVER


class ReplyWriter:
    """Turns replies of one operation into answers that its description allows."""

    def __init__(self, api: Api, operation: Operation) -> None:
        self._api = api
        self._operation = operation
        self._plans: dict[tuple[int, str | None, bool], _Plan] = {}

    def write(self, reply: Reply, base_url: str) -> Answer:
        """The bytes of a reply. Raises ReplyError when the description does not allow it."""
        key = (reply.status, reply.media_type, type(reply.body) is Blob)
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = _Plan(self._api.schemas, self._operation, reply)
        body = plan.encode(reply)
        headers = list(plan.headers)
        if reply.status not in _NO_CONTENT:
            headers.append((b"content-length", str(len(body)).encode()))
        if reply.headers or plan.required_headers:
            headers += plan.named(reply.headers, base_url)
        return Answer(reply.status, headers, body)


class _Plan:
    """How replies of one status and media type are checked and written, worked out once."""

    __slots__ = (
        "_component", "_json", "_operation", "_schema", "_schemas", "_status", "_text",
        "_validator", "headers", "required_headers",
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
        offered, media_type = self._media_type(documented, reply)
        self.required_headers = documented.required_headers
        self._json = is_json(media_type) if media_type else False
        self._schema: Schema | None = documented.content.get(offered) if offered else None
        self._component = component_name(self._schema) if self._schema else None
        self._validator: Validator | None = None
        self._text = (media_type or "").startswith("text/")
        # Bytes that are sent as they are kept may be in any charset.
        charset = "; charset=utf-8" if self._text and not isinstance(reply.body, Blob) else ""
        self.headers = [(b"content-type", f"{media_type}{charset}".encode())] if media_type else []

    def _media_type(self, documented: Response, reply: Reply) -> tuple[str | None, str | None]:
        """The documented media range that covers the reply, and its own media type."""
        if not documented.content:
            return None, None
        wanted = reply.media_type or next(iter(documented.content))
        offered = matching(wanted, tuple(documented.content))
        if offered is None or "*" in wanted:
            expected = " or ".join(documented.content)
            raise self._broken("", "media type", expected, wanted)
        return offered, wanted

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
        if isinstance(body, Blob):
            return body.data
        if isinstance(body, bytes):
            self._check_bytes(body)
            return body
        self._check(body)
        if self._json:
            return encode_json(body, self._part)
        return str(body).encode()

    def _check_bytes(self, body: bytes) -> None:
        """Bytes are judged by what they say where the media type lets them say something."""
        if self._json or self._text:
            try:
                self._check(orjson.loads(body) if self._json else body.decode())
            except ValueError as error:
                expected = "a JSON text" if self._json else "UTF-8 text"
                raise self._broken("", "media type", expected, error) from error

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
        known = work.get(key, _UNJUDGED)
        if isinstance(known, bytes):
            return known
        value = view.make(view.record.value)
        if known is _UNJUDGED:
            self._judge(view.schema, value)
        data = encode_json(value, self._part)
        # What is too large to be kept need not be judged again, either.
        work[key] = data if len(data) <= MAX_KEPT else None
        return data

    def _judge(self, component: str, value: Any) -> None:
        schema = self._schemas.component(component)
        violations = self._schemas.violations(schema, value, "reply")
        if violations:
            raise ReplyError(self._operation.id, self._status, violations)

    def named(self, headers: Mapping[str, str], base_url: str) -> list[tuple[bytes, bytes]]:
        """The headers of a reply as bytes; an absolute-path ``Location`` stays in the sandbox."""
        given = {name.lower(): value for name, value in headers.items()}
        for name in self.required_headers:
            if name.lower() not in given:
                raise self._broken(name, "required header", f"the header {name}", "none")
        if _ABSOLUTE_PATH.match(given.get("location", "")):
            given["location"] = urlsplit(base_url).path + given["location"]
        return _encoded(given)


def _encoded(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as ASGI takes them; what is past Latin-1 is sent as UTF-8."""
    return [(name.lower().encode(), _octets(value)) for name, value in headers.items()]


def _octets(value: str) -> bytes:
    visible = _CONTROL.sub(" ", value)
    try:
        return visible.encode("latin-1")
    except UnicodeEncodeError:
        return visible.encode()


def with_headers(answer: Answer, headers: Mapping[str, str] | None) -> Answer:
    """The answer with more headers, if any; those that it has already stay as they are."""
    if not headers:
        return answer
    known = {name for name, _ in answer.headers}
    more = [pair for pair in _encoded(headers) if pair[0] not in known]
    return Answer(answer.status, answer.headers + more, answer.body)


def undescribed(reply: Reply) -> Answer:
    """The bytes of a reply to a request for which there is no operation."""
    body = _as_bytes(reply.body)
    media_type = reply.media_type or "application/json"
    charset = "; charset=utf-8" if media_type.startswith("text/") else ""
    headers = [
        (b"content-type", f"{media_type}{charset}".encode()),
        (b"content-length", str(len(body)).encode()),
        *_encoded(reply.headers),
    ]
    return Answer(reply.status, headers, body)


def _as_bytes(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) else encode_json(body, _no_part)


def _no_part(part: Any) -> Any:
    raise TypeError(f"{type(part).__name__} is no JSON value")


def _misplaced_view() -> Violation:
    return Violation("reply", "", "schema", "a view where its own component is documented", "one")
