"""Who may use the control API and its pages."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any

from mockserver.errors import ApiError

PREFIX = "__mock__"
"""The first segment of every path that belongs to the control API and its pages."""

COOKIE = "mockserver_control"
LOGIN = "login"
"""The page below the prefix that may be seen without credentials, to give them."""

FILES = "static"
"""What stands below it makes up the pages; nothing in it is secret, and the login page needs it."""

_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="mockserver control"'}
_BEARER = re.compile(r"bearer +(\S+)", re.IGNORECASE)
_LOCAL_NAME = re.compile(r"(?:[\w-]+\.)*localhost\.?", re.ASCII | re.IGNORECASE)
_ELSEWHERE = frozenset((b"cross-site", b"same-site"))


class Access:
    """Judges every request below the prefix before anything else sees it.

    Without a token only programs of this machine may ask, and a browser only for a page that came
    from here. With one, whoever presents it may: as a bearer token (RFC 6750, section 2.1), or in
    the cookie that the login page sets. ``has_pages`` sends people who lack it to that page.
    """

    def __init__(self, token: str = "") -> None:
        self.token = token
        self.has_pages = False
        self._sealed = hmac.new(token.encode(), COOKIE.encode(), "sha256").hexdigest()

    def check(
        self, scope: Mapping[str, Any], headers: Mapping[bytes, bytes], path: list[str], prefix: str
    ) -> None:
        """Let a request or an upgrade pass, or raise ApiError.

        ``path`` is its decoded path without the sandbox, ``prefix`` what links into the sandbox
        begin with. 403 for another site's page, another machine, or a name of this one that is
        not its own; 401 without the token; 303 to the login page for a person.
        """
        _from_here(scope, headers)
        if not self.token:
            _is_local(scope.get("client"))
            _is_plain_host(headers.get(b"host", b"localhost").decode("latin-1"))
        elif path[1:] != [LOGIN] and path[1:2] != [FILES] and not self._presented(headers):
            if self.has_pages and scope.get("method") == "GET" and _is_person(headers):
                location = {"Location": f"{prefix}/{PREFIX}/{LOGIN}"}
                raise ApiError(303, "Log in first.", headers=location)
            raise ApiError(401, _UNKNOWN_CALLER, headers=_CHALLENGE)

    def admits(self, token: str) -> bool:
        """Whether a text is the token, found out in a time that does not depend on the text."""
        return bool(self.token) and hmac.compare_digest(token.encode(), self.token.encode())

    def cookie(self) -> str:
        """The ``Set-Cookie`` header that lets a browser in; the token cannot be read from it."""
        return f"{COOKIE}={self._sealed}; Path=/; HttpOnly; SameSite=Strict"

    def no_cookie(self) -> str:
        """The ``Set-Cookie`` header that takes it back."""
        return f"{COOKIE}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0"

    def _presented(self, headers: Mapping[bytes, bytes]) -> bool:
        told = headers.get(b"authorization", b"").decode("utf-8", "replace").strip()
        sent = _BEARER.fullmatch(told)
        if sent is not None and self.admits(sent[1]):
            return True
        return hmac.compare_digest(_cookie_of(headers).encode(), self._sealed.encode())


_UNKNOWN_CALLER = (
    "The control API wants its token: send 'Authorization: Bearer TOKEN', with the TOKEN that the "
    "server was started with (--control-token, or MOCKSERVER_CONTROL_TOKEN)."
)


def _from_here(scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> None:
    """Refuse what a page of another site has a browser send (Fetch, sections 3.2 and 3.4)."""
    origin = headers.get(b"origin")
    if origin is not None and _host_of(origin) != headers.get(b"host", b"").lower():
        shown = origin.decode("latin-1")[:200]
        detail = f"A page of {shown} may not use the control API: only its own pages may."
        raise ApiError(403, detail)
    elsewhere = headers.get(b"sec-fetch-site") in _ELSEWHERE
    if elsewhere and not _is_visit(scope, headers):
        raise ApiError(403, "A page of another site may not use the control API.")


def _host_of(origin: bytes) -> bytes:
    """The host and port of an origin, as the header Host of the same server has them."""
    scheme, _, host = origin.lower().partition(b"://")
    return host if scheme in (b"http", b"https") else b""


def _is_visit(scope: Mapping[str, Any], headers: Mapping[bytes, bytes]) -> bool:
    """Whether a person follows a link: the page that they leave sees nothing of the answer."""
    asked = (headers.get(b"sec-fetch-mode"), headers.get(b"sec-fetch-dest"))
    return scope.get("method") in ("GET", "HEAD") and asked == (b"navigate", b"document")


def _is_person(headers: Mapping[bytes, bytes]) -> bool:
    return b"text/html" in headers.get(b"accept", b"")


def _is_local(client: Any) -> None:
    host = client[0] if client else ""
    if not _is_loopback(host):
        detail = (
            f"The control API answers to this machine only, and not to {host or 'somebody unknown'}"
            "; start the server with --control-token TOKEN, and send the token."
        )
        raise ApiError(403, detail)


@lru_cache(maxsize=64)
def _is_loopback(host: str) -> bool:
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def _is_plain_host(sent: str) -> None:
    """Refuse names that anybody may point at this machine (DNS rebinding)."""
    name = sent[1:].partition("]")[0] if sent.startswith("[") else sent.partition(":")[0]
    if _LOCAL_NAME.fullmatch(name):
        return
    try:
        ip_address(name)
    except ValueError:
        detail = (
            f"The control API does not answer to the host {name[:80]!r}: ask localhost or an IP "
            "address, or start the server with --control-token TOKEN, and send the token."
        )
        raise ApiError(403, detail) from None


def _cookie_of(headers: Mapping[bytes, bytes]) -> str:
    sent = headers.get(b"cookie", b"").decode("latin-1")
    for pair in sent.split(";"):
        name, _, value = pair.strip().partition("=")
        if name == COOKIE:
            return value
    return ""
