"""What a strike makes of one request and its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING

from mockserver.engine.faults.delivering import HEADER, Delivery
from mockserver.engine.faults.harming import HARMLESS, Harm, broken, malformed
from mockserver.engine.faults.kinds import (
    LONGEST,
    OWN,
    Break,
    Drop,
    Limit,
    Malformed,
    Slow,
    Status,
    Truncate,
)
from mockserver.engine.handlers import Reply
from mockserver.engine.media import encode_json, is_json, matching, media_type_of
from mockserver.engine.reply import Answer, undescribed, with_headers
from mockserver.errors import ApiError

if TYPE_CHECKING:
    from mockserver.engine.endpoint import Endpoint
    from mockserver.engine.faults.rules import Strike
    from mockserver.engine.reply import Api
    from mockserver.engine.request import Request
    from mockserver.engine.spec import Schema

NONE = 0
"""The status of an answer that is not sent."""

_HEAVY = 64 * 1024
"""Bytes of a body past which it is harmed in a thread."""

_BODILESS = frozenset((204, 304))
"""Statuses whose answers have no content (RFC 9110, sections 15.3.5 and 15.4.5)."""

_ON_PURPOSE = "A fault rule of the mock asks for this status."


def instead(request: Request, owner: Api) -> Answer | None:
    """The answer that takes the place of the operation's, which is then not carried out.

    ``owner`` is the API that refuses what is no operation. None where the operation is carried
    out after all.
    """
    strike = request.strike
    if strike is None:
        return None
    fault = strike.fault
    if isinstance(fault, Drop) and fault.when == "before":
        return Answer(NONE, [], b"")
    if isinstance(fault, Limit):
        answer = _documented(HTTPStatus.TOO_MANY_REQUESTS, owner, request)
        return _with_own(answer, {"Retry-After": str(strike.wait)})
    if not isinstance(fault, Status):
        return None
    if fault.status in _BODILESS:
        answer = Answer(fault.status, [], b"")
    elif fault.body is OWN:
        answer = _documented(fault.status, owner, request)
    else:
        answer = undescribed(Reply(_own_body(fault), fault.status, {}, fault.media_type))
    return _with_own(answer, fault.headers)


async def refused_feed(request: Request, owner: Api) -> Answer | None:
    """The answer that refuses an upgrade to a feed, when its time has come; None if none does."""
    if request.strike is None or isinstance(request.strike.fault, Drop):
        return None
    answer = instead(request, owner)
    if answer is None:
        return None
    answer = await struck(request, answer)
    await asyncio.sleep(answer.delivery.seconds if answer.delivery else 0)
    return answer


def _documented(status: int, owner: Api, request: Request) -> Answer:
    if request.endpoint is not None:
        return request.endpoint.documented(status, request, _ON_PURPOSE)
    return undescribed(owner.handlers.errors(ApiError(status, _ON_PURPOSE), request))


def _own_body(fault: Status) -> bytes:
    if isinstance(fault.body, str) and not is_json(media_type_of(fault.media_type)):
        return fault.body.encode(errors="replace")
    return encode_json(fault.body, _no_part)


def _no_part(part: object) -> object:
    raise TypeError(f"{type(part).__name__} is no JSON value")


def _with_own(answer: Answer, headers: Mapping[str, str]) -> Answer:
    """An answer with headers in the place of those of the same name."""
    names = {name.lower().encode() for name in headers}
    answer.headers = [pair for pair in answer.headers if pair[0] not in names]
    return with_headers(answer, headers)


async def struck(request: Request, answer: Answer) -> Answer:
    """An answer as what befalls its request leaves it, with a header that says so.

    How it is sent says its ``delivery``.
    """
    strike = request.strike
    if strike is None:
        return replace(answer, delivery=Delivery(request.delay))
    fault = strike.fault
    delay = min(strike.delay() + request.delay, LONGEST)
    if isinstance(fault, Drop):
        reason = f"dropped on purpose by {strike.by}"
        return Answer(NONE, [], b"", reason, delivery=Delivery(delay, fault))
    way = fault if isinstance(fault, Truncate | Slow) else None
    harm = Harm(answer.body, "" if answer.body or way is None else HARMLESS)
    if isinstance(fault, Malformed | Break):
        if len(answer.body) > _HEAVY:
            harm = await asyncio.to_thread(_harm, strike, answer, request.endpoint)
        else:
            harm = _harm(strike, answer, request.endpoint)
    headers = _headers(answer, harm, strike.told(harm.told))
    return replace(answer, headers=headers, body=harm.body, delivery=Delivery(delay, way))


def _headers(answer: Answer, harm: Harm, told: str) -> list[tuple[bytes, bytes]]:
    headers = [*answer.headers, (HEADER, told.encode())]
    if harm.body is answer.body:
        return headers
    length = b"%d" % len(harm.body)
    return [(name, length if name == b"content-length" else value) for name, value in headers]


def _harm(strike: Strike, answer: Answer, endpoint: Endpoint | None) -> Harm:
    if isinstance(strike.fault, Malformed):
        return malformed(answer.body, strike.chance)
    schema = _schema(answer, endpoint)
    if endpoint is None or schema is None:
        return Harm(answer.body, HARMLESS)
    validator = endpoint.api.schemas.validator(schema, reply=True)
    return broken(answer.body, validator.is_valid, strike.chance)


def _schema(answer: Answer, endpoint: Endpoint | None) -> Schema | None:
    """What the description says of the body of a JSON answer."""
    content_type = next((v for name, v in answer.headers if name == b"content-type"), b"")
    media_type = media_type_of(content_type.decode("latin-1"))
    documented = endpoint and endpoint.operation.response(answer.status)
    if not documented or not is_json(media_type):
        return None
    offered = matching(media_type, tuple(documented.content))
    return documented.content[offered] if offered else None
