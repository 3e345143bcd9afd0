"""Secrets in what people are shown: found by their names, and masked."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote_plus

from mockserver.engine.spec import SecurityScheme

MASK = "***"

TELLING = 8
"""Shorter secrets are masked where their name says so, in other texts only between quotes."""

_SECRET = re.compile(
    r"token(?!s)|secret|passw|passphrase|pwd|signature|credential|authori[sz]ation"
    r"|(api|access|private|auth|signing|encryption)[-_ .]?key|session[-_]?id|^(sig|auth|otp|pin)$",
    re.IGNORECASE,
)
"""Names whose values nobody should read over a shoulder."""

_PAGE = re.compile(r"page|next|prev|continu|cursor|sync|max|count|total|type|expir", re.IGNORECASE)
"""Names beside which ``token`` is no secret: ``nextPageToken``, ``token_type``, ``max_token``."""

_HEADERS = frozenset(("authorization", "proxy-authorization"))
_COOKIES = frozenset(("cookie", "set-cookie"))
_HEADER = re.compile(r"(^|[-_])(key|auth)$|^x-auth|session", re.IGNORECASE)
"""Headers that are secrets besides those of secret names."""

_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9-]*(?=\s)")
_PAIR = re.compile(r"(?<=[?&;])([\w.~%\[\]+-]+)=([^&#\"'\s<>;]+)")
"""A pair of a query that stands in a text."""

_MEMBER = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:\s*)("(?:[^"\\]|\\.)*"?|-?[0-9][-+.0-9eE]*)')
"""A member of a JSON text that may be cut."""

_PART = re.compile(
    r'(name="?([^";\r\n]+)"?[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n)(.*?)(?=\r?\n--|\Z)', re.DOTALL
)
"""A part of a multipart form: its head, its name, its content."""

_ELEMENT = re.compile(r"(<(?:[\w.-]+:)?([\w.-]+)(?:\s[^<>]*)?>)([^<]+)(?=</|\Z)")
"""An XML element that holds text: its tag, its name, its text."""


def is_secret(name: str) -> bool:
    """Whether a value of this name is a secret: a member, a parameter, a field."""
    found = _SECRET.search(name)
    return found is not None and not (found[0].lower() == "token" and _PAGE.search(name))


@dataclass(frozen=True, slots=True)
class Secrets:
    """What is secret besides what is called so: where a description's API keys stand."""

    headers: frozenset[str] = frozenset()
    parameters: frozenset[str] = frozenset()

    @classmethod
    def of(cls, schemes: Iterable[SecurityScheme]) -> Secrets:
        """What the security schemes of descriptions make a secret."""
        keys = [scheme for scheme in schemes if scheme.kind == "apiKey"]
        headers = (scheme.parameter.lower() for scheme in keys if scheme.location == "header")
        parameters = (scheme.parameter for scheme in keys if scheme.location == "query")
        return cls(frozenset(headers), frozenset(parameters))

    def header(self, name: str, value: str) -> str:
        """A header's value for people; what is no secret is told, as the scheme of credentials."""
        name = name.lower()
        if name in _COOKIES:
            return _cookies(name, value)
        if name in self.headers or name in _HEADERS or is_secret(name) or _HEADER.search(name):
            scheme = _SCHEME.match(value) if name in _HEADERS else None
            return f"{scheme[0]} {MASK}" if scheme else MASK
        return self.addresses(value)

    def is_parameter(self, name: str) -> bool:
        """Whether the values of a query parameter, or a form field, are secrets."""
        plain = unquote_plus(name).rstrip("[]")
        return plain in self.parameters or is_secret(plain)

    def query(self, query: str) -> str:
        """A query, or an urlencoded form, as it was sent, without the values of secrets."""
        return "&".join(map(self._pair, query.split("&")))

    def _pair(self, pair: str) -> str:
        name, equals, value = pair.partition("=")
        return f"{name}={MASK}" if equals and value and self.is_parameter(name) else pair

    def addresses(self, text: str) -> str:
        """A text in which the queries of addresses are without secrets."""
        if "=" not in text or "?" not in text:
            return text
        return _PAIR.sub(lambda m: f"{m[1]}={MASK}" if self.is_parameter(m[1]) else m[0], text)

    def body(self, media_type: str, text: str) -> str:
        """A body for people, however it is written; it may be cut."""
        if media_type == "application/x-www-form-urlencoded":
            return self.query(text)
        if media_type.startswith("multipart/"):
            return _PART.sub(lambda m: f"{m[1]}{MASK}" if self.is_parameter(m[2]) else m[0], text)
        if media_type.endswith("xml"):
            text = _ELEMENT.sub(lambda m: f"{m[1]}{MASK}" if is_secret(m[2]) else m[0], text)
        elif '"' in text:
            text = _json(text)
        return self.addresses(text)

    def presented(self, headers: Iterable[tuple[str, str]], query: str) -> Iterator[str]:
        """The secrets of a request, to be masked wherever else they turn up."""
        for name, value in headers:
            if name.lower() == "cookie":
                yield from (pair.partition("=")[2].strip() for pair in value.split(";"))
            elif self.header(name, value) != self.addresses(value):
                scheme = _SCHEME.match(value) if name.lower() in _HEADERS else None
                yield value[scheme.end() :].strip() if scheme else value
        for pair in query.split("&"):
            name, _, value = pair.partition("=")
            if value and self.is_parameter(name):
                yield unquote_plus(value)

    def members(self, body: bytes) -> set[str]:
        """The secrets that stand in a JSON body."""
        if b"{" not in body or not _SECRET.search(body.decode("latin-1")):
            return set()
        found: set[str] = set()
        with contextlib.suppress(ValueError, RecursionError):
            _masked(json.loads(body), secret=False, found=found)
        return found


def without(text: str, secrets: Iterable[str]) -> str:
    """A text without secrets that are known, as they are and as they are written in a URL.

    Short ones are only found between quotes, because they may be a part of anything.
    """
    for secret in secrets:
        if len(secret) >= TELLING:
            for written in (secret, quote(secret, safe="")):
                text = text.replace(written, MASK)
        elif secret:
            for mark in "'\"":
                text = text.replace(f"{mark}{secret}{mark}", f"{mark}{MASK}{mark}")
    return text


def _cookies(header: str, value: str) -> str:
    """Cookies by their names; of one that is set the attributes stay."""
    first, semicolon, attributes = value.partition(";")
    if header == "set-cookie":
        return f"{first.partition('=')[0]}={MASK}{semicolon}{attributes}"
    pairs = (pair.partition("=")[0].strip() for pair in value.split(";"))
    return "; ".join(f"{name}={MASK}" for name in pairs)


def _json(text: str) -> str:
    """A JSON text without the values of secrets; as it is written where there are none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return _MEMBER.sub(_member, text)
    try:
        masked = _masked(value, secret=False, found=set())
        return text if masked == value else json.dumps(masked, ensure_ascii=False)
    except RecursionError:
        return _MEMBER.sub(_member, text)


def _member(found: re.Match[str]) -> str:
    return f'{found[1]}{found[2]}"{MASK}"' if is_secret(found[1].strip('"')) else found[0]


def _masked(value: Any, *, secret: bool, found: set[str]) -> Any:
    """A value in which texts and numbers of secret names, and what is in them, are masked.

    What they were is added to ``found``.
    """
    if isinstance(value, dict):
        return {
            name: _masked(item, secret=secret or is_secret(name), found=found)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_masked(item, secret=secret, found=found) for item in value]
    if not secret or value is None or isinstance(value, bool) or value == "":
        return value
    found.add(str(value))
    return MASK
