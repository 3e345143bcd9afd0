"""Replies checked against the description and turned into the bytes that are sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import orjson

from mockserver.engine.handlers import (
    AS_THE_SERVER,
    Handlers,
    Options,
    Reply,
    View,
    without_views,
)
from mockserver.engine.media import encode_json, is_json, matching
from mockserver.engine.schema import VIEW, Schemas, Validator, component_name
from mockserver.engine.security import NOBODY, Identities
from mockserver.engine.spec import Description, Operation, Response, Schema
from mockserver.engine.wire.negotiation import acceptable
from mockserver.engine.wire.samples import sample
from mockserver.engine.wire.shapes import Shapes
from mockserver.engine.wire.writing import Write, writer
from mockserver.errors import ApiError, ReplyError, Violation
from mockserver.state.blobs import Blob, Blobs

if TYPE_CHECKING:
    from mockserver.engine.faults.delivering import Delivery
    from mockserver.engine.values.makers import Makers

MAX_KEPT = 256 * 1024
"""Serialised views up to this many bytes are kept with their record."""

MAX_CHOICES = 256
"""Values of Accept whose meaning for an operation is kept."""

_OWN_HEADERS = frozenset(("content-type", "content-length"))
"""Headers that are never missing; the first one is not described (OpenAPI 3.0.3, Response)."""

_TEXTS = frozenset(("string", "null"))
_UNJUDGED = object()
_SCALARS = frozenset((int, str, float, bool, type(None)))
_ABSOLUTE_PATH = re.compile(r"/(?!/)")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
"""What no value of a header may hold (RFC 9110, section 5.5)."""

_NO_CONTENT = frozenset((204, 205, 304))
"""Statuses whose answers have no content (RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5)."""

_NO_LENGTH = frozenset((204, 304))
"""Statuses whose answers carry no Content-Length of their own (RFC 9110, section 8.6)."""


@dataclass(slots=True)
class Answer:
    """What is sent: a status, headers as ASGI takes them, and bytes.

    ``reason`` says why a request was refused, and ``violations`` what it broke, or what the answer
    breaks; both are for logs. ``delivery`` is how it is sent when that goes wrong on purpose.
    """

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    reason: str = ""
    violations: tuple[Violation, ...] = ()
    delivery: Delivery | None = None


@dataclass(frozen=True, slots=True)
class Api:
    """A description with its handlers: everything that is served under one stem.

    ``makers`` gives what makes values of its schemas, always the same; ``identities`` are those
    who may call it, ``shapes`` what its schemas allow.
    """

    description: Description
    handlers: Handlers
    schemas: Schemas
    blobs: Blobs
    makers: Callable[[], Makers]
    identities: Identities = NOBODY
    options: Options = AS_THE_SERVER
    shapes: Shapes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make what parameters and bodies are read by; it is filled on first use."""

        def accepts(schema: Schema, value: Any) -> bool:
            return self.schemas.validator(schema).is_valid(value)

        object.__setattr__(self, "shapes", Shapes(self.schemas.resolved, accepts))


class ReplyWriter:
    """Turns replies of an operation into answers it may give; of a ``trusted`` one all are such."""

    def __init__(self, api: Api, operation: Operation, *, trusted: bool = False) -> None:
        self._api = api
        self._trusted = trusted
        self._operation = operation
        self._negotiates = api.handlers.negotiates
        self._abroad = _beginnings(api.handlers.origins)
        self._plans: dict[tuple[int, str | None, bool], _Plan] = {}
        self._choices: dict[tuple[int, bytes | None], tuple[str, ...]] = {}

    def write(
        self, reply: Reply, base_url: str, accept: bytes | None = None, *, refused: bool = False
    ) -> Answer:
        """The bytes of a reply. Raises ReplyError when the description does not allow it.

        Where the handlers leave the media type to the caller's ``accept`` it is the one most
        wanted that can hold the value. Raises ApiError 406 when none is wanted, but for replies
        that tell why a request was ``refused``.
        """
        if not self._negotiates or reply.media_type is not None:
            return self._written(reply, reply.media_type, base_url)
        choices = self._chosen(reply.status, accept)
        if not choices and refused:
            choices = self._chosen(reply.status, None)
        if not choices:
            documented = self._operation.response(reply.status)
            if documented and documented.content and reply.status not in _NO_CONTENT:
                raise _unacceptable(documented, accept)
            return self._written(reply, None, base_url)
        broken = None
        for media_type in choices:
            try:
                return self._written(reply, media_type, base_url)
            except ReplyError as error:
                broken = broken or error
        raise broken or AssertionError

    def _chosen(self, status: int, accept: bytes | None) -> tuple[str, ...]:
        """The media types a reply of a status may have, the most wanted first."""
        known = self._choices.get((status, accept))
        if known is not None:
            return known
        documented = self._operation.response(status)
        text = None if accept is None else accept.decode("latin-1")
        found: tuple[str, ...] = ()
        if documented is not None and status not in _NO_CONTENT:
            found = tuple(media_type for _, media_type in acceptable(documented, text))
        if len(self._choices) < MAX_CHOICES:
            self._choices[status, accept] = found
        return found

    def _written(self, reply: Reply, media_type: str | None, base_url: str) -> Answer:
        key = (reply.status, media_type, type(reply.body) is Blob)
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plans[key] = _Plan(self._api, self._operation, reply, media_type)
            plan.trusted = self._trusted
        body = plan.encode(reply)
        if self._abroad is not None and plan.is_json and self._abroad.search(body):
            home = b'"' + (base_url + self._api.description.base_path).encode()
            body = self._abroad.sub(lambda _: home, body)
        headers = list(plan.headers)
        if reply.status not in _NO_LENGTH:
            headers.append((b"content-length", b"%d" % len(body)))
        if reply.headers or plan.required_headers:
            headers += plan.named(reply.headers, base_url)
        return Answer(reply.status, headers, body)


class _Plan:
    """How replies of one status and media type are checked and written, worked out once."""

    __slots__ = (
        "_component", "_header_schemas", "_json", "_make_header", "_only_text", "_operation",
        "_sample", "_schema", "_schemas", "_status", "_text", "_validator", "_write", "headers",
        "is_json", "required_headers", "trusted",
    )  # fmt: skip

    def __init__(
        self, api: Api, operation: Operation, reply: Reply, media_type: str | None
    ) -> None:
        self.trusted = False
        self._schemas = api.schemas
        self._operation = operation
        self._status = reply.status
        documented = operation.response(reply.status)
        if documented is None:
            known = ", ".join(operation.responses)
            raise self._broken(
                "", "status", f"one of the documented statuses {known}", reply.status
            )
        offered, media_type = self._media_type(documented, media_type)
        self.required_headers = tuple(
            name for name in documented.required_headers if name.lower() not in _OWN_HEADERS
        )
        self._header_schemas = documented.headers
        self._make_header = api.handlers.make_header
        self.is_json = self._json = is_json(media_type) if media_type else False
        self._schema: Schema | None = documented.content.get(offered) if offered else None
        self._write: Write | None = None
        self._sample: bytes | None = None
        self._only_text = False
        if api.handlers.negotiates and media_type and not self._json:
            self._write = writer(media_type, self._schema or {}, api.shapes)
            self._only_text = api.shapes.kinds(self._schema or {}) <= _TEXTS
            self._sample = sample(media_type)
        self._component = component_name(self._schema) if self._schema else None
        self._validator: Validator | None = None
        self._text = (media_type or "").startswith("text/")
        # Bytes that are sent as they are kept may be in any charset.
        charset = "; charset=utf-8" if self._text and not isinstance(reply.body, Blob) else ""
        told = f"{media_type}{charset}" if media_type else documented.media_type
        self.headers = [(b"content-type", told.encode())] if told else []
        if api.handlers.negotiates and len(documented.content) > 1:
            self.headers.append((b"vary", b"Accept"))

    def _media_type(
        self, documented: Response, media_type: str | None
    ) -> tuple[str | None, str | None]:
        """The documented media range that covers the reply, and its own media type."""
        if not documented.content or self._status in _NO_CONTENT:
            return None, None
        wanted = media_type or next(iter(documented.content))
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
        if isinstance(body, View) and body.schema == self._component and self._write is None:
            return self.view(body)
        if isinstance(body, Blob | bytes):
            return self._given(body)
        if self._sample is not None:
            return self._sample
        if self._only_text and not isinstance(body, str) and body is not None:
            body = encode_json(body, self._part).decode()
        self._check(body)
        if self._json:
            return encode_json(body, self._part)
        return str(body).encode() if self._write is None else self._write(without_views(body))

    def _given(self, body: Blob | bytes) -> bytes:
        if isinstance(body, Blob):
            return body.data
        self._check_bytes(body)
        return body

    def _check_bytes(self, body: bytes) -> None:
        """Bytes are judged by what they say where the media type lets them say something."""
        if self._json or self._text:
            try:
                self._check(orjson.loads(body) if self._json else body.decode())
            except ValueError as error:
                expected = "a JSON text" if self._json else "UTF-8 text"
                raise self._broken("", "media type", expected, error) from error

    def _check(self, body: Any) -> None:
        if self.trusted:
            return
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
            if _SCALARS.issuperset(map(type, value)):
                return list(value)  # such as the octets of a content: there may be thousands
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
        if known is _UNJUDGED and not self.trusted:
            self._judge(view.schema, value)
        data = encode_json(value, self._part)
        # What is too large to be kept need not be judged again, either.
        work[key] = data if len(data) <= MAX_KEPT else None
        return data

    def _judge(self, component: str, value: Any) -> None:
        schema = self._schemas.component(component)
        validators = (self._schemas.validator(schema, reply=reply) for reply in (False, True))
        if not any(validator.is_valid(value) for validator in validators):
            violations = self._schemas.violations(schema, value, "reply")
            raise ReplyError(self._operation.id, self._status, violations)

    def named(self, headers: Mapping[str, str], base_url: str) -> list[tuple[bytes, bytes]]:
        """The headers of a reply as bytes; an absolute-path ``Location`` stays in the sandbox."""
        given = {name.lower(): value for name, value in headers.items()}
        for name in self.required_headers:
            if name.lower() in given:
                continue
            if self._make_header is None:
                raise self._broken(name, "required header", f"the header {name}", "none")
            given[name.lower()] = self._make_header(self._header_schemas.get(name, {}), name)
        if _ABSOLUTE_PATH.match(given.get("location", "")):
            given["location"] = urlsplit(base_url).path + given["location"]
        return _encoded(given)


def _beginnings(origins: Sequence[str]) -> re.Pattern[bytes] | None:
    """Finds texts in JSON that begin with one of some URLs, the longest first; None for none."""
    longest = sorted(origins, key=len, reverse=True)
    known = b"|".join(re.escape(orjson.dumps(origin)[1:-1]) for origin in longest)
    return re.compile(b'"(?:' + known + b')(?=[/?#"])') if known else None


def _unacceptable(documented: Response, accept: bytes | None) -> ApiError:
    """The refusal of a client that takes nothing of what there is (RFC 9110, section 15.5.7)."""
    received = (accept or b"").decode("latin-1")
    expected = " or ".join(documented.content)
    violation = Violation("header", "Accept", "media type", expected, received)
    detail = f"The answer is {expected}, and the header Accept takes neither."
    return ApiError(406, detail, violations=[violation])


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
    return replace(answer, headers=answer.headers + more)


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
