"""Credentials into identities, as the description's security schemes say where they stand."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.http import parse_cookie

from mockserver.engine.media import decode_query
from mockserver.engine.request import Request
from mockserver.engine.spec import Operation, SecurityScheme
from mockserver.errors import ApiError, Violation

Identity = Mapping[str, Any]
"""Who calls: an entry of ``credentials.json``."""


class Identities:
    """Identities by credential.

    Each has ``credentials``: the name of a security scheme, and what is presented there
    (``user:password`` for HTTP basic).
    """

    def __init__(self, identities: Iterable[Identity] = ()) -> None:
        self._all = tuple(identities)
        self._by_credential = {
            (scheme, credential): identity
            for identity in self._all
            for scheme, credential in identity.get("credentials", {}).items()
        }

    def __iter__(self) -> Any:
        return iter(self._all)

    def find(self, scheme: str, credential: str) -> Identity | None:
        """Whose credential that is, or None."""
        return self._by_credential.get((scheme, credential))


NOBODY = Identities()

_CHALLENGES = {"Basic": 'Basic realm="mock"'}
"""Challenges that need more than the name of their scheme (RFC 7617, section 2)."""


def presented(request: Request, scheme: SecurityScheme) -> str | None:
    """The credential that a request presents to a scheme, None when it presents none.

    API keys stand where the scheme says; HTTP bearer, OAuth 2 and OpenID Connect tokens in the
    Authorization header (RFC 6750, section 2.1), HTTP basic as ``user:password`` (RFC 7617).
    """
    if scheme.kind == "apiKey":
        return _api_key(request, scheme)
    kind, _, credential = (request.header("authorization") or "").partition(" ")
    wanted = scheme.scheme if scheme.kind == "http" else "bearer"
    if kind.lower() != wanted.lower() or not credential.strip():
        return None
    return _basic(credential.strip()) if wanted.lower() == "basic" else credential.strip()


def _api_key(request: Request, scheme: SecurityScheme) -> str | None:
    if scheme.location == "header":
        return request.header(scheme.parameter.lower())
    if scheme.location == "query":
        return decode_query(request.query, lenient=True).get(scheme.parameter, [None])[0]
    return cookies(request).get(scheme.parameter)


def cookies(request: Request) -> dict[str, str]:
    """The cookies of a request by name (RFC 6265, section 4.2.1), the first of each name."""
    sent = request.headers.get(b"cookie", b"").decode(errors="replace")
    # What parse_cookie is given is the octets of the header, one character each (PEP 3333).
    return dict(parse_cookie(sent.encode().decode("latin-1")).items())


def _basic(credential: str) -> str | None:
    try:
        return base64.b64decode(credential, validate=True).decode()
    except ValueError:
        return None


def authenticated(
    request: Request,
    operation: Operation,
    schemes: Mapping[str, SecurityScheme],
    identities: Identities,
) -> Identity | None:
    """Who calls, by the first alternative of the operation's security that is met.

    An empty alternative lets everybody in, known or not (OpenAPI 3.0.3, Security Requirement
    Object). Raises ApiError 401 when none is met.
    """
    for alternative in filter(None, operation.security):
        found = [_holder(request, schemes[name], identities) for name in alternative]
        if all(holder is not None for holder in found):
            return found[0]
    if () in operation.security:
        return None
    expected = " or ".join(" and ".join(alternative) for alternative in operation.security)
    violation = Violation("header", "", "security", expected, "none that is known")
    detail = f"This operation needs credentials for {expected}."
    headers = _challenge(operation, schemes)
    raise ApiError(401, detail, violations=[violation], headers=headers)


def _holder(request: Request, scheme: SecurityScheme, identities: Identities) -> Identity | None:
    credential = presented(request, scheme)
    return None if credential is None else identities.find(scheme.name, credential)


def _challenge(operation: Operation, schemes: Mapping[str, SecurityScheme]) -> dict[str, str]:
    """What a refusal says of the schemes that use the Authorization header (RFC 9110, 11.6.1)."""
    named = {name for alternative in operation.security for name in alternative}
    kinds = {_authentication_scheme(schemes[name]) for name in sorted(named)}
    told = ", ".join(_CHALLENGES.get(kind, kind) for kind in sorted(kinds - {""}))
    return {"WWW-Authenticate": told} if told else {}


def _authentication_scheme(scheme: SecurityScheme) -> str:
    if scheme.kind == "apiKey":
        return ""
    return scheme.scheme.capitalize() if scheme.kind == "http" else "Bearer"
