"""What a caller would rather be answered: a documented code, an example, a made value.

The header ``Prefer`` (RFC 7240) and its twins in the query, as Prism understands them:
``Prefer: code=404, example=dog``, ``?__code=404&__example=dog``. Beside these, ``delay=250ms`` (or
``2s``) holds the answer back.
"""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson

from mockserver.engine.faults.kinds import LONGEST
from mockserver.engine.handlers import Reply
from mockserver.engine.media import decode_query, is_json
from mockserver.engine.problems import problem_reply
from mockserver.engine.reply import Api
from mockserver.engine.request import Request
from mockserver.engine.spec import NO_EXAMPLES, Operation, Response, Schema
from mockserver.engine.wire.accept import choose
from mockserver.errors import ApiError, Violation

_TWINS = {"__code": "code", "__example": "example", "__dynamic": "dynamic", "__seed": "seed",
          "__delay": "delay"}  # fmt: skip
_ALSO_CALLED = {"statuscode": "code"}
"""What open-api-mocker calls a preference."""

APPLIED = "preference-applied"
"""The header that says what was heeded (RFC 7240, section 3)."""

_DELAY = re.compile(r"([0-9]{1,5}(?:\.[0-9]{1,6})?)(ms|s)?", re.ASCII)
_CODE = re.compile(r"[2-5][0-9]{2}")
_MEMBER = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TRUTHS = {"": True, "true": True, "false": False}

_OF_THE_MESSAGE = re.compile(
    r"(?i)content-(encoding|length|type)|connection|date|keep-alive|te|trailer"
    r"|transfer-encoding|upgrade"
)
"""Headers that are for the server to say, not for a description."""

_BODILESS = frozenset((204, 304))
"""Statuses whose answers have no content (RFC 9110, sections 15.3.5, 15.4.5)."""

_MOST = 10_000
"""Made values that differ; past it they begin again."""

UNMET = "urn:mockserver:unmet-preference"
"""The type (RFC 9457, section 3.1.1) of a problem with what a caller prefers."""

logger = logging.getLogger("mockserver")


class Unmet(ApiError):
    """A preference is none, or cannot be met; told as problem details whatever the API does."""


def unmet_reply(error: Unmet) -> Reply:
    """The problem details of a preference that is not met: no answer of the API looks like them.

    The status for what is not documented is 404, as Prism has it.
    """
    reply = problem_reply(error)
    body: Any = reply.body
    reply.body = {**body, "type": UNMET, "title": "The preference cannot be met"}
    return reply


@dataclass(frozen=True, slots=True)
class Preferences:
    """The answer that a caller prefers to the one that the state would give.

    Without ``code`` it is the documented success; ``seed`` chooses among made values. ``delay``
    holds any answer back for so many milliseconds.
    """

    code: int | None = None
    example: str | None = None
    dynamic: bool = False
    seed: str | None = None
    delay: float | None = None

    @property
    def leaves_the_answer(self) -> bool:
        """Whether the state gives the answer after all."""
        return self.code is None and self.example is None and not self.dynamic

    @property
    def delay_applied(self) -> str:
        """What the answer says of the delay."""
        return f"delay={self.delay:.12g}ms"


def asked(request: Request, declared: Collection[str] = ()) -> Preferences | None:
    """What a request prefers, None when it leaves the answer to the state.

    The twins in the query count when there is no Prefer header; one that the operation
    ``declared`` is a parameter like any other. Raises Unmet (422) for what is no code.
    """
    header = request.header("prefer")
    told = _in_query(request.query, declared) if header is None else dict(_in_header(header))
    code, dynamic = told.get("code"), told.get("dynamic", "false").lower()
    if code is not None and not _CODE.fullmatch(code):
        raise _misunderstood("code", "a status of three digits from 200 to 599", code)
    if dynamic not in _TRUTHS:
        raise _misunderstood("dynamic", "true or false", dynamic)
    wanted = Preferences(int(code) if code else None, told.get("example"),
                         _TRUTHS[dynamic], told.get("seed"), _delay(told.get("delay")))  # fmt: skip
    return None if wanted == Preferences(seed=wanted.seed) else wanted


def _delay(text: str | None) -> float | None:
    """Milliseconds, which ``250ms``, ``250`` and ``0.25s`` say alike."""
    if text is None:
        return None
    found = _DELAY.fullmatch(text)
    milliseconds = float(found[1]) * (1_000 if found[2] == "s" else 1) if found else math.inf
    if milliseconds > LONGEST * 1_000:
        raise _misunderstood("delay", f"a time such as 250ms or 2s, at most {LONGEST:g}s", text)
    return milliseconds


def _misunderstood(name: str, expected: str, received: str) -> Unmet:
    violation = Violation("header", "Prefer", name, expected, received)
    detail = f"The preference {name!r} should be {expected}, not {received!r}."
    return Unmet(422, detail, violations=[violation])


def _in_header(header: str) -> Iterator[tuple[str, str]]:
    """The preferences of a header by name (RFC 7240, section 2), the first of each name last."""
    for member in reversed(_MEMBER.findall(header)):
        name, _, rest = member.partition("=")
        quoted = _QUOTED.match(rest.strip())
        value = _ESCAPED.sub(r"\1", quoted[1]) if quoted else rest.partition(";")[0].strip()
        plain = name.partition(";")[0].strip().lower()
        yield _ALSO_CALLED.get(plain, plain), value


def _in_query(query: bytes, declared: Collection[str]) -> dict[str, str]:
    pairs = decode_query(query, lenient=True)
    return {name: pairs[twin][0] for twin, name in _TWINS.items()
            if twin in pairs and twin not in declared}  # fmt: skip


def without_preferences(query: bytes) -> bytes:
    """A query without the twins, for an operation that declares none of them."""
    parts = query.split(b"&")
    return b"&".join(p for p in parts if p.partition(b"=")[0].decode("latin-1") not in _TWINS)


def documented_reply(
    api: Api, operation: Operation, wanted: Preferences, request: Request
) -> Reply:
    """The documented answer that is preferred; the state has no part in it.

    Raises Unmet (404) for a code or an example that is not documented, ApiError 406 where none of
    its media types is accepted.
    """
    return _Documented(api, operation, wanted).reply(request)


class _Documented:
    """The answers that one operation documents, as one request prefers them."""

    def __init__(self, api: Api, operation: Operation, wanted: Preferences) -> None:
        self._schemas, self._makers = api.schemas, api.makers
        self._operation = operation
        self._place = f"{operation.method} {api.description.base_path}{operation.path}"
        self._wanted = wanted

    def reply(self, request: Request) -> Reply:
        status, response = self._response()
        number = self._number(request)
        headers = dict(self._headers(response, number))
        applied = {} if self._wanted.code is None else {"code": str(status)}
        media_type = self._media_type(status, response, request)
        body: Any = None
        if media_type is not None and status not in _BODILESS:
            body, name = self._body(response, media_type, number)
            if name is not None and self._wanted.example is not None:
                applied["example"] = name
            if name is None and self._wanted.dynamic:
                applied["dynamic"] = "true"
                if self._wanted.seed is not None:
                    applied["seed"] = self._wanted.seed
        if applied:
            told = [f"{name}={_word(value)}" for name, value in applied.items()]
            more = [self._wanted.delay_applied] if self._wanted.delay is not None else []
            headers[APPLIED] = ", ".join(told + more)
        return Reply(body, status, headers, _concrete(media_type))

    def _response(self) -> tuple[int, Response]:
        if self._wanted.code is None:
            return self._operation.success
        found = self._operation.response(self._wanted.code)
        if found is None:
            known = ", ".join(self._operation.responses)
            raise Unmet(
                404,
                f"Prefer: code={self._wanted.code} is not documented at "
                f"{self._place}; documented: {known}.",
            )
        return self._wanted.code, found

    def _media_type(self, status: int, response: Response, request: Request) -> str | None:
        """The media type to answer in; of those only that have the example, when one is named."""
        offered = tuple(response.content)
        name = self._wanted.example
        if name is not None:
            offered = tuple(each for each in offered if name in response.examples.get(each, ()))
            if not offered:
                known = sorted({n for each in response.examples.values() for n in each} - {""})
                there = ", ".join(known) or "none with a name"
                raise Unmet(
                    404,
                    f"Prefer: example={name!r} is not described for the answer {status} of "
                    f"{self._place}; described: {there}.",
                )
        if not offered:
            return None
        chosen = choose(request.header("accept"), offered)
        if chosen is None:
            raise ApiError(406, f"The answer {status} is described as {' or '.join(offered)}.")
        return chosen

    def _body(self, response: Response, media_type: str, number: int) -> tuple[Any, str | None]:
        """A valid body, and the name of the example that it is."""
        schema = response.content[media_type]
        examples = response.examples.get(media_type, NO_EXAMPLES)
        for name, example in self._chosen(examples):
            for value in _readings(example, media_type):
                if isinstance(value, bytes) or self._schemas.validator(schema).is_valid(value):
                    return value, name
            logger.warning("%s: the example %r of %s breaks its schema: a value is made instead",
                           self._operation.id, name, media_type)  # fmt: skip
        return self._made(schema, number), None

    def _chosen(self, examples: Mapping[str, Any]) -> list[tuple[str, Any]]:
        """The examples that may be shown, the one that is wanted first."""
        name = self._wanted.example
        if name is not None:
            return [(name, examples[name])]
        return [] if self._wanted.dynamic else list(examples.items())[:1]

    def _headers(self, response: Response, number: int) -> Iterator[tuple[str, str]]:
        for name, schema in response.headers.items():
            if not _OF_THE_MESSAGE.fullmatch(name):
                yield name, _header_text(self._made(schema, number, name))

    def _made(self, schema: Schema, number: int, *names: str) -> Any:
        return self._makers().make(schema, (*names, self._operation.id), number)

    def _number(self, request: Request) -> int:
        """Which of the made values is wanted: the first one shows what the schema has for it."""
        if not self._wanted.dynamic:
            return 0
        seed = request.identifier if self._wanted.seed is None else self._wanted.seed
        digest = blake2b(seed.encode(), digest_size=8).digest()
        return 1 + int.from_bytes(digest) % _MOST


def _readings(example: Any, media_type: str) -> Iterator[Any]:
    """What an example may mean: many are written as the text that is sent."""
    if isinstance(example, str) and not is_json(media_type) and not media_type.startswith("text/"):
        yield example.encode()
        return
    yield example
    if isinstance(example, str) and is_json(media_type):
        try:
            yield orjson.loads(example)
        except ValueError:
            return


def _concrete(media_type: str | None) -> str | None:
    """A media type that a range stands for."""
    if media_type is None or "*" not in media_type:
        return media_type
    return {"*/*": "application/json", "text/*": "text/plain"}.get(
        media_type, media_type.replace("*", "octet-stream")
    )


def _header_text(value: Any) -> str:
    """A value in the style ``simple`` (OpenAPI 3.0.3, Header Object)."""
    if isinstance(value, list):
        return ",".join(map(_header_text, value))
    if isinstance(value, dict):
        return ",".join(f"{name},{_header_text(member)}" for name, member in value.items())
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _word(value: str) -> str:
    """A token, or a quoted text where it is none (RFC 9110, section 5.6)."""
    if _TOKEN.fullmatch(value):
        return value
    return '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'
