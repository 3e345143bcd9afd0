"""Credentials into identities, as the description's security schemes say where they stand."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
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

MOCK = "mock"
"""Who may call an API that nobody wrote credentials for, and what they present."""

_CERTIFICATE = "mutualTLS"

_CHALLENGES = {
    "Basic": 'Basic realm="mock"',
    "Digest": 'Digest realm="mock", qop="auth", nonce="mock"',
}
"""Challenges that need more than the name of their scheme (RFC 7617, section 2; RFC 7616, 3.3)."""

_USER = re.compile(r'\busername="([^"\\]*)"')


def presented(request: Request, scheme: SecurityScheme) -> str | None:
    """The credential that a request presents to a scheme, None when it presents none.

    API keys stand where the scheme says; HTTP bearer, OAuth 2 and OpenID Connect tokens in the
    Authorization header (RFC 6750, section 2.1), HTTP basic as ``user:password`` (RFC 7617). Of
    HTTP digest it is the name of the user (RFC 7616, section 3.4), who is taken at their word.
    """
    if scheme.kind == "apiKey":
        return _api_key(request, scheme)
    kind, _, credential = (request.header("authorization") or "").partition(" ")
    wanted = scheme.scheme if scheme.kind == "http" else "bearer"
    if kind.lower() != wanted.lower() or not credential.strip():
        return None
    return _READINGS.get(wanted.lower(), str)(credential.strip())


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


def _digest(credential: str) -> str:
    found = _USER.search(credential)
    return found[1] if found else credential


_READINGS: Mapping[str, Callable[[str], str | None]] = {"basic": _basic, "digest": _digest}


def authenticated(
    request: Request,
    operation: Operation,
    schemes: Mapping[str, SecurityScheme],
    identities: Identities,
) -> Identity | None:
    """Who calls, by the first alternative of the operation's security that is met.

    An empty alternative lets everybody in, known or not (OpenAPI 3.0.3, Security Requirement
    Object); what several schemes ask for together, one identity has to present. Client
    certificates are taken as shown. Raises ApiError 401 when none is met.
    """
    for alternative in operation.security:
        needed = [schemes[name] for name in alternative if schemes[name].kind != _CERTIFICATE]
        if alternative and not needed:
            return None
        holder = _holder(request, needed, identities) if needed else None
        if holder is not None:
            return holder
    if () in operation.security:
        return None
    expected = " or ".join(" and ".join(alternative) for alternative in operation.security)
    violation = Violation("header", "", "security", expected, "none that is known")
    right = _right(operation, schemes, identities)
    detail = f"This operation needs credentials for {expected}.{right}"
    headers = _challenge(operation, schemes)
    raise ApiError(401, detail, violations=[violation], headers=headers)


def _right(
    operation: Operation, schemes: Mapping[str, SecurityScheme], identities: Identities
) -> str:
    """What would do, where it is no secret because nobody has chosen it."""
    for identity in identities:
        if identity.get("identity") == MOCK:
            credentials = identity["credentials"]
            named = [n for n in operation.security[0] if n in credentials]
            told = (how_to_send(schemes[name], credentials[name]) for name in named)
            return f" Send {' and '.join(told)}." if named else ""
    return ""


def _holder(
    request: Request, needed: Sequence[SecurityScheme], identities: Identities
) -> Identity | None:
    """The one who presents what each of the schemes asks for; two together are nobody.

    Of schemes that read the same Authorization header in different ways one will do: a request has
    no more than one (RFC 9110, section 11.6.2).
    """
    sharing = [scheme for scheme in needed if _is_in_authorization(scheme)]
    if len({_reading(scheme) for scheme in sharing}) <= 1:
        return _presenter(request, needed, identities)
    others = [scheme for scheme in needed if scheme not in sharing]
    found = (_presenter(request, [*others, scheme], identities) for scheme in sharing)
    return next((holder for holder in found if holder is not None), None)


def _presenter(
    request: Request, needed: Sequence[SecurityScheme], identities: Identities
) -> Identity | None:
    sent = {scheme.name: presented(request, scheme) for scheme in needed}
    for name, credential in sent.items():
        holder = None if credential is None else identities.find(name, credential)
        if holder is not None and sent.items() <= holder["credentials"].items():
            return holder
    return None


def _is_in_authorization(scheme: SecurityScheme) -> bool:
    if scheme.kind == "apiKey":
        return scheme.location == "header" and scheme.parameter.lower() == "authorization"
    return scheme.kind != _CERTIFICATE


def _reading(scheme: SecurityScheme) -> str:
    """How the Authorization header is read for a scheme."""
    return "" if scheme.kind == "apiKey" else _authentication_scheme(scheme).lower()


def _challenge(operation: Operation, schemes: Mapping[str, SecurityScheme]) -> dict[str, str]:
    """What a refusal says of the schemes that would do.

    A 401 carries at least one challenge (RFC 9110, section 11.6.1), so API keys, which are no
    authentication scheme of HTTP, have one too.
    """
    named = sorted({name for alternative in operation.security for name in alternative})
    told = ", ".join(sorted({_challenge_of(schemes[name]) for name in named} - {""}))
    return {"WWW-Authenticate": told} if told else {}


def _challenge_of(scheme: SecurityScheme) -> str:
    if scheme.kind == "apiKey":
        name = re.sub(r'([\\"])', r"\\\1", scheme.parameter)
        return f'ApiKey in="{scheme.location}", name="{name}"'
    kind = _authentication_scheme(scheme)
    return _CHALLENGES.get(kind, kind)


def _authentication_scheme(scheme: SecurityScheme) -> str:
    """The scheme of the Authorization header (RFC 6750 for tokens); empty when none is used."""
    if scheme.kind in ("apiKey", _CERTIFICATE):
        return ""
    return scheme.scheme.capitalize() if scheme.kind == "http" else "Bearer"


def how_to_send(scheme: SecurityScheme, credential: str) -> str:
    """A credential as a person writes it into a request."""
    if scheme.kind == _CERTIFICATE:
        return "no certificate is asked for"
    if scheme.kind != "apiKey":
        return f"{_authentication_scheme(scheme)} {credential}"
    if scheme.location == "query":
        return f"?{scheme.parameter}={credential}"
    if scheme.location == "cookie":
        return f"Cookie: {scheme.parameter}={credential}"
    return f"{scheme.parameter}: {credential}"
