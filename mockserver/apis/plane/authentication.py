"""Who calls, and how often: what Plane looks at before it looks at a request's method."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import unquote

from mockserver.apis.plane.errors import STORE, Refusal, page_not_found, too_large
from mockserver.apis.plane.negotiation import check_wanted
from mockserver.apis.plane.registry import FILE_SIZE_LIMIT, handlers
from mockserver.apis.plane.throttle import MINUTE, Throttle
from mockserver.engine.handlers import Call
from mockserver.engine.request import Request
from mockserver.engine.security import Identity
from mockserver.errors import ApiError

SCHEME = "ApiKeyAuthentication"

RATE = 60
"""Calls a minute for one key."""

SERVICE_RATE = 300
"""Calls a minute for a key of a service (``"is_service": true`` in the fixtures)."""

ANONYMOUS_RATE = 30
"""Calls a minute for all who need no key."""

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MEMORY = "plane throttle"

# In the order of Django REST framework, which tells them with every answer.
_ALLOWED = {
    "create_user_asset_upload": "POST",
    "update_user_asset": "PATCH, DELETE",
    "delete_user_asset": "PATCH, DELETE",
    "create_generic_asset_upload": "POST",
    "get_generic_asset": "GET, PATCH",
    "update_generic_asset": "GET, PATCH",
    "get_static_asset": "GET, HEAD, OPTIONS",
}


@handlers.authenticate(before_method=True)
def authenticate(call: Call) -> Identity | None:
    """The holder of the key; None where none is needed.

    In the order of the real server: size of the body, path, what the answer may be, key, rate,
    method. The object store has nothing of this; its signatures are judged with the request.
    """
    if call.operation.path.startswith(STORE):
        return None
    request = call.request
    _check_size(request)
    _check_path(call)
    allowed = _ALLOWED[call.operation.id]
    request.answer_headers["Allow"] = allowed
    check_wanted(request)
    identity = _holder(call) if call.operation.security else None
    _count(call, identity)
    if request.method == "HEAD" and "HEAD" not in allowed:
        raise ApiError(405, "HEAD is not allowed.", headers={"Allow": allowed})
    return identity


def _check_size(request: Request) -> None:
    """Bodies are read before anything else, even where none is expected."""
    length = request.header("content-length") or ""
    if length.isdecimal() and int(length) > FILE_SIZE_LIMIT:
        raise too_large()


def _check_path(call: Call) -> None:
    """The router of Django knows UUIDs in lower case only, and no slash within a segment."""
    if "%2f" in call.request.target.lower():
        raise page_not_found()
    template = call.operation.path.split("/")
    if "{asset_id}" in template:
        position = template.index("{asset_id}") - len(template)
        if not _UUID.fullmatch(unquote(call.request.target.split("/")[position])):
            raise page_not_found()


def _holder(call: Call) -> Identity:
    key = (call.request.header("x-api-key") or "").strip()
    if not key:
        raise Refusal(401, {"detail": "Authentication credentials were not provided."})
    identity = call.identities.find(SCHEME, key)
    if identity is None or not _is_valid(identity, call.now):
        raise Refusal(403, {"detail": "Given API token is not valid"})
    return identity


def _is_valid(identity: Identity, now: datetime) -> bool:
    expiry = identity.get("expired_at")
    return bool(identity.get("active", True)) and (expiry is None or _instant(expiry) > now)


def _instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _count(call: Call, identity: Identity | None) -> None:
    """Count a call, and refuse it past the rate if the owner of the server wants that."""
    # One atomic step: slow requests run in threads of their own.
    throttle: Throttle = call.sandbox.memory.setdefault(_MEMORY, Throttle())
    now = call.now
    if identity is None:
        window = throttle.call("anonymous", ANONYMOUS_RATE, now)
    else:
        rate = SERVICE_RATE if identity.get("is_service") else RATE
        window = throttle.call(identity["credentials"][SCHEME], rate, now)
    if not window.admitted and call.options.rate_limit:
        body = {"error_code": 5900, "error_message": "RATE_LIMIT_EXCEEDED"}
        raise Refusal(429, body, headers={"Retry-After": str(window.wait)})
    if identity is not None:
        told = call.request.answer_headers
        told["X-RateLimit-Remaining"] = str(window.remaining)
        told["X-RateLimit-Reset"] = str(int((now + MINUTE).timestamp()))
