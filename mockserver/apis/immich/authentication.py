"""Who calls: a shared link, a session or an API key, in this order."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any
from urllib.parse import unquote

from mockserver.apis.immich.bodies import read_body
from mockserver.apis.immich.dates import instant
from mockserver.apis.immich.registry import CORRELATION, Refusal, correlation, handlers
from mockserver.engine.handlers import Call
from mockserver.engine.media import decode_query
from mockserver.engine.request import Request
from mockserver.engine.security import Identity

SHARED = frozenset(
    ("upload_asset", "get_asset_info", "download_asset", "replace_asset", "view_asset",
     "play_asset_video")
)  # fmt: skip
"""The operations that a shared link may be used for."""

_COOKIE = "immich_access_token"
_HEX_KEY = 100
_NO_BASE64 = re.compile(r"=.*|[^A-Za-z0-9_-]")


@handlers.authenticate()
def authenticate(call: Call) -> Identity:
    """Who calls. JSON and urlencoded bodies are read before that, as on the real server.

    Raises Refusal 401 for no credential or a wrong one, 403 for a shared link where none is
    taken.
    """
    call.body = read_body(call.request)
    call.request.answer_headers[CORRELATION] = correlation(call.request)
    query = decode_query(call.request.query, lenient=True)
    asked = {name: values[0] for name, values in query.items()}
    identity = _identified(call, asked)
    if identity.get("shared_link") and call.operation.id not in SHARED:
        raise Refusal(403, "Forbidden")
    return identity


def _identified(call: Call, query: dict[str, str]) -> Identity:
    request = call.request
    key = request.header("x-immich-share-key") or query.get("key")
    if key:
        return _shared(call, key)
    session = (
        request.header("x-immich-user-token")
        or request.header("x-immich-session-token")
        or query.get("sessionKey")
        or _bearer(request)
        or _cookie(call)
    )
    if session:
        return _known(call, "bearer", session, "Invalid user token")
    api_key = request.header("x-api-key") or query.get("apiKey")
    if api_key:
        return _known(call, "api_key", api_key, "Invalid API key")
    raise Refusal(401, "Authentication required")


def _known(call: Call, scheme: str, credential: str, otherwise: str) -> Identity:
    found = call.identities.find(scheme, credential)
    if found is None:
        raise Refusal(401, otherwise)
    return found


def _bearer(request: Request) -> str | None:
    kind, _, rest = (request.header("authorization") or "").partition(" ")
    # Of two headers, which come joined by a comma, the first one counts.
    return rest.partition(" ")[0].rstrip(",") if kind.lower() == "bearer" else None


def _cookie(call: Call) -> str | None:
    sent = call.request.header("cookie") or ""
    for pair in sent.split(";"):
        name, _, value = pair.partition("=")
        if name.strip() == _COOKIE:
            return unquote(value.strip())  # quotation marks are part of it
    if call.options.tolerant and call.identities.find("bearer", sent.strip()):
        return sent.strip()  # the generated Python client sends the value alone
    return None


def _shared(call: Call, key: str) -> Identity:
    wanted = _key(key)
    for record in call.transaction.records("shared_links"):
        link: dict[str, Any] = record.value
        if _key(link["key"]) == wanted and not _is_over(call, link["expiresAt"]):
            return {"identity": "shared link", "user": link["userId"], "shared_link": link}
    raise Refusal(401, "Invalid share key")


def _key(text: str) -> bytes | None:
    """The bytes of a key: hex when it has 100 characters, otherwise base64url (RFC 4648)."""
    try:
        if len(text) == _HEX_KEY:
            return bytes.fromhex(text)
        digits = _NO_BASE64.sub("", text)
        return base64.urlsafe_b64decode(digits + "=" * (-len(digits) % 4))
    except (ValueError, binascii.Error):
        return None


def _is_over(call: Call, expires: str | None) -> bool:
    end = instant(expires) if expires else None
    return end is not None and end <= call.now
