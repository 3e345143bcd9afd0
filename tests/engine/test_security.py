from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.engine.request import Request
from mockserver.engine.security import (
    NOBODY,
    Identities,
    authenticated,
    cookies,
    how_to_send,
    presented,
)
from mockserver.engine.spec import Operation, SecurityScheme
from mockserver.errors import ApiError
from tests.engine.tiny import described, sandbox

KEY = SecurityScheme("key", "apiKey", parameter="X-Api-Key", location="header")
PARAMETER = SecurityScheme("parameter", "apiKey", parameter="key", location="query")
COOKIE = SecurityScheme("cookie", "apiKey", parameter="sid", location="cookie")
BEARER = SecurityScheme("bearer", "http", scheme="bearer")
BASIC = SecurityScheme("basic", "http", scheme="Basic")
DIGEST = SecurityScheme("digest", "http", scheme="digest")
OAUTH = SecurityScheme("oauth", "oauth2")
OPENID = SecurityScheme("openid", "openIdConnect")
MTLS = SecurityScheme("mtls", "mutualTLS")
SCHEMES = {
    scheme.name: scheme
    for scheme in (KEY, PARAMETER, COOKIE, BEARER, BASIC, DIGEST, OAUTH, OPENID, MTLS)
}
ANN = {"name": "Ann", "credentials": {"key": "k", "parameter": "p", "cookie": "c", "bearer": "b"}}
BOB = {"name": "Bob", "credentials": {"key": "k2", "bearer": "k", "basic": "bob:secret"}}
BOTH = Identities([ANN, BOB])


def request(query: bytes = b"", **headers: str) -> Request:
    """A request; ``x_api_key`` stands for the header X-Api-Key."""
    named = {
        name.replace("_", "-").encode(): text.encode("latin-1") for name, text in headers.items()
    }
    return Request(sandbox(), query=query, headers=named)


def operation(*alternatives: tuple[str, ...]) -> Operation:
    return Operation("only", "GET", "/", (), None, {}, alternatives, None)


def basic(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("scheme", "asked", "credential"),
    [
        (KEY, request(x_api_key="k"), "k"),
        (KEY, request(x_api_key=""), ""),
        (KEY, request(b"X-Api-Key=k"), None),
        (KEY, request(authorization="Bearer k", cookie="X-Api-Key=k"), None),
        (PARAMETER, request(b"a=1&key=p%20q+r&key=2"), "p q r"),
        (PARAMETER, request(b"%FF=%FF&key=%C5%BC"), "ż"),
        (PARAMETER, request(b"Key=p", key="p"), None),
        (COOKIE, request(cookie="a=1; sid=c; b=2"), "c"),
        (COOKIE, request(cookie="sid=first; sid=second"), "first"),
        (COOKIE, request(cookie='sid="c"'), "c"),
        (COOKIE, request(b"sid=c", sid="c"), None),
        (COOKIE, request(cookie="xsid=c"), None),
        (BEARER, request(authorization="Bearer t"), "t"),
        (BEARER, request(authorization="bEARER   t "), "t"),
        (BEARER, request(authorization="Bearer a.b-c_d~e+f/g=="), "a.b-c_d~e+f/g=="),
        (BEARER, request(authorization="Bearer"), None),
        (BEARER, request(authorization="Bearer "), None),
        (BEARER, request(authorization="t"), None),
        (BEARER, request(authorization="Basic t"), None),
        (BEARER, request(authorization="BearerX t"), None),
        (BEARER, request(), None),
        (OAUTH, request(authorization="Bearer t"), "t"),
        (OPENID, request(authorization="Bearer t"), "t"),
        (OAUTH, request(authorization="oauth2 t"), None),
        (DIGEST, request(authorization="Digest t"), "t"),
        (DIGEST, request(authorization="Bearer t"), None),
        (BASIC, request(authorization="Basic " + basic("bob:secret")), "bob:secret"),
        (BASIC, request(authorization="basic " + basic("bob:se:cret")), "bob:se:cret"),
        (BASIC, request(authorization="Basic bob:secret"), None),
        (BASIC, request(authorization="Basic " + basic("bob:secret")[:4] + "*"), None),
        (BASIC, request(authorization="Basic /w=="), None),
        (BASIC, request(authorization="Basic a"), None),
        (BASIC, request(authorization="Bearer " + basic("bob:secret")), None),
    ],
    ids=range(33),
)
def test_a_credential_stands_where_its_scheme_says(
    scheme: SecurityScheme, asked: Request, credential: str | None
) -> None:
    assert presented(asked, scheme) == credential


@given(st.text(), st.text())
def test_a_user_and_a_password_of_any_letters(user: str, password: str) -> None:
    credential = f"{user}:{password}"
    asked = request(authorization="Basic " + basic(credential))
    assert presented(asked, BASIC) == credential


@given(st.text(st.characters(max_codepoint=126), max_size=30))
def test_no_header_crashes(text: str) -> None:
    asked = request(text.encode(), authorization=text, cookie=text, x_api_key=text)
    for scheme in SCHEMES.values():
        credential = presented(asked, scheme)
        assert credential is None or isinstance(credential, str)
    for kind in ("Basic", "Bearer"):
        asked = request(authorization=f"{kind} {text}")
        credential = presented(asked, BASIC)
        assert credential is None or kind == "Basic"


@given(st.text(st.characters(max_codepoint=255), max_size=30))
def test_a_token_is_any_text(text: str) -> None:
    assert presented(request(authorization=f"Bearer {text}"), BEARER) == (text.strip() or None)


def test_cookies_by_name() -> None:
    assert cookies(request()) == {}
    assert cookies(request(cookie="a=1; b=; a=2; c")) == {"a": "1", "b": "", "c": ""}


def test_identities_are_found_by_scheme_and_credential() -> None:
    assert BOTH.find("key", "k") is ANN
    assert BOTH.find("bearer", "k") is BOB
    assert BOTH.find("bearer", "k2") is None
    assert BOTH.find("nothing", "k") is None
    assert list(BOTH) == [ANN, BOB]


def test_an_identity_without_credentials_is_found_by_none() -> None:
    nameless = {"name": "Zoe"}
    known = Identities([nameless])
    assert list(known) == [nameless]
    assert known.find("key", "") is None
    assert list(NOBODY) == []


KNOWN = {"key": ("x_api_key", "k"), "bearer": ("authorization", "Bearer b")}
UNKNOWN = {"key": ("x_api_key", "?"), "bearer": ("authorization", "Bearer ?")}


@given(
    st.lists(
        st.lists(st.sampled_from(["key", "bearer", "parameter"]), min_size=1, unique=True),
        min_size=1,
        max_size=4,
    ),
    st.booleans(),
    st.dictionaries(st.sampled_from(["key", "bearer", "parameter"]), st.booleans()),
)
def test_whoever_meets_an_alternative_is_let_in(
    alternatives: list[list[str]], optional: bool, given_: dict[str, bool]
) -> None:
    """``given_`` says which credentials are presented, and whether they are known."""
    headers = dict((KNOWN if given_[n] else UNKNOWN)[n] for n in given_ if n != "parameter")
    query = {None: b"", True: b"key=p", False: b"key=?"}[given_.get("parameter")]
    asked = request(query, **headers)
    needed = operation(*map(tuple, alternatives), *([()] if optional else []))
    if any(all(given_.get(name) for name in names) for names in alternatives):
        assert authenticated(asked, needed, SCHEMES, BOTH) is ANN
    elif optional:
        assert authenticated(asked, needed, SCHEMES, BOTH) is None
    else:
        with pytest.raises(ApiError) as caught:
            authenticated(asked, needed, SCHEMES, BOTH)
        assert caught.value.status == 401


def test_the_first_alternative_that_is_met_says_who_calls() -> None:
    asked = request(x_api_key="k", authorization="Bearer k")
    assert authenticated(asked, operation(("key",), ("bearer",)), SCHEMES, BOTH) is ANN
    assert authenticated(asked, operation(("bearer",), ("key",)), SCHEMES, BOTH) is BOB
    assert authenticated(asked, operation(("cookie",), ("bearer",)), SCHEMES, BOTH) is BOB


def refusal(asked: Request, *alternatives: tuple[str, ...]) -> ApiError:
    with pytest.raises(ApiError) as caught:
        authenticated(asked, operation(*alternatives), SCHEMES, BOTH)
    assert caught.value.status == 401
    return caught.value


def test_a_refusal_says_what_is_needed() -> None:
    error = refusal(request(), ("key", "cookie"), ("bearer",))
    [violation] = error.violations
    assert violation.expected == "key and cookie or bearer"
    assert violation.rule == "security"
    assert violation.expected in error.detail


def test_a_refusal_does_not_repeat_a_credential() -> None:
    error = refusal(request(x_api_key="hunter2"), ("key",))
    assert "hunter2" not in repr((error.detail, error.violations, error.headers))


@pytest.mark.parametrize(
    ("name", "challenge"),
    [
        ("bearer", {"WWW-Authenticate": "Bearer"}),
        ("oauth", {"WWW-Authenticate": "Bearer"}),
        ("openid", {"WWW-Authenticate": "Bearer"}),
        ("basic", {"WWW-Authenticate": 'Basic realm="mock"'}),
        ("digest", {"WWW-Authenticate": 'Digest realm="mock", qop="auth", nonce="mock"'}),
        ("key", {"WWW-Authenticate": 'ApiKey in="header", name="X-Api-Key"'}),
        ("parameter", {"WWW-Authenticate": 'ApiKey in="query", name="key"'}),
        ("cookie", {"WWW-Authenticate": 'ApiKey in="cookie", name="sid"'}),
    ],
)
def test_each_refusal_carries_a_challenge(name: str, challenge: Any) -> None:
    assert refusal(request(), (name,)).headers == challenge


def test_a_refusal_challenges_once_for_each_scheme() -> None:
    headers = refusal(request(), ("bearer", "key"), ("oauth",)).headers
    assert headers == {"WWW-Authenticate": 'ApiKey in="header", name="X-Api-Key", Bearer'}


def test_what_is_asked_for_together_one_identity_has_to_present() -> None:
    together = operation(("key", "bearer"))
    ann = request(x_api_key="k", authorization="Bearer b")
    assert authenticated(ann, together, SCHEMES, BOTH) is ANN
    both = request(x_api_key="k", authorization="Bearer k")
    assert refusal(both, ("key", "bearer")).status == 401


TOKEN = SecurityScheme("token", "apiKey", parameter="Authorization", location="header")


@pytest.mark.parametrize("sent", ["Basic " + basic("ann:a"), "t"])
def test_of_schemes_that_share_a_header_one_will_do(sent: str) -> None:
    ann = {"credentials": {"basic": "ann:a", "token": "t", "key": "k"}}
    schemes = {**SCHEMES, "token": TOKEN}
    needed = operation(("basic", "token", "key"))
    both = request(x_api_key="k", authorization=sent)
    assert authenticated(both, needed, schemes, Identities([ann])) is ann
    for asked in (request(authorization=sent), request(x_api_key="k", authorization="?")):
        with pytest.raises(ApiError):
            authenticated(asked, needed, schemes, Identities([ann]))


def test_a_credential_that_two_share_is_told_apart_by_the_other() -> None:
    one = {"credentials": {"key": "shared", "bearer": "1"}}
    two = {"credentials": {"key": "shared", "bearer": "2"}}
    asked = request(x_api_key="shared", authorization="Bearer 1")
    known = Identities([one, two])
    assert authenticated(asked, operation(("key", "bearer")), SCHEMES, known) is one


def test_credentials_that_are_optional_may_be_wrong() -> None:
    optional = operation(("key",), ())
    assert authenticated(request(x_api_key="?"), optional, SCHEMES, BOTH) is None
    assert authenticated(request(x_api_key="k"), optional, SCHEMES, BOTH) is ANN


def test_client_certificates_are_taken_as_shown() -> None:
    assert authenticated(request(), operation(("mtls",)), SCHEMES, BOTH) is None
    asked = request(x_api_key="k")
    assert authenticated(asked, operation(("mtls", "key")), SCHEMES, BOTH) is ANN
    assert refusal(request(), ("mtls", "key")).status == 401


def test_a_user_of_http_digest_is_taken_at_their_word() -> None:
    client = httpx.DigestAuth("bob", "any password")
    flow = client.auth_flow(httpx.Request("GET", "http://mock.test/"))
    first = next(flow)
    challenge = refusal(request(), ("digest",)).headers
    sent = flow.send(httpx.Response(401, headers=challenge, request=first))
    asked = request(authorization=sent.headers["Authorization"])
    assert presented(asked, DIGEST) == "bob"


@pytest.mark.parametrize(
    ("scheme", "shown"),
    [
        (KEY, "X-Api-Key: mock"),
        (PARAMETER, "?key=mock"),
        (COOKIE, "Cookie: sid=mock"),
        (BEARER, "Bearer mock"),
        (OAUTH, "Bearer mock"),
        (OPENID, "Bearer mock"),
        (DIGEST, "Digest mock"),
        (MTLS, "no certificate is asked for"),
    ],
)
def test_a_credential_is_shown_as_it_is_sent(scheme: SecurityScheme, shown: str) -> None:
    assert how_to_send(scheme, "mock") == shown


@pytest.mark.parametrize("declared", sorted(SCHEMES))
def test_schemes_are_what_the_description_declares(declared: str) -> None:
    scheme = SCHEMES[declared]
    entry = {
        "type": scheme.kind,
        "name": scheme.parameter,
        "in": scheme.location,
        "scheme": scheme.scheme,
    }
    components = {"securitySchemes": {declared: {k: v for k, v in entry.items() if v}}}
    assert described({}, components=components).security_schemes == {declared: scheme}


@pytest.mark.parametrize("credential", ["é", "Ö=", "====", ""])
def test_a_basic_credential_that_is_none_is_unknown(credential: str) -> None:
    assert refusal(request(authorization=f"Basic {credential}"), ("basic",)).status == 401


def test_cookies_of_any_bytes_are_read() -> None:
    sent = Request(sandbox(), headers={b"cookie": b"a=\xff; b=1"})
    assert cookies(sent)["b"] == "1"
