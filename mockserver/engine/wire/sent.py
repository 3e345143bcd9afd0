"""What was sent: texts by name, still as they came, and how each is decoded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Protocol
from urllib.parse import unquote

from mockserver.engine.spec import Schema
from mockserver.errors import ApiError, Violation, pointer_to

Raw = Mapping[str, list[str]]
"""Texts by decoded name, as they were sent: still percent-encoded.

Of a path parameter the one segment under the parameter's name, of a header its value.
"""

_ESCAPES = re.compile("(?:%[0-9A-Fa-f]{2})+")
"""Octets that are percent-encoded (RFC 3986, section 2.1), taken together where they touch."""

BODY: Final = "body"
"""The location of the fields of an urlencoded form, which are written as a query is."""

PART: Final = "part"
"""The location of the parts of a multipart form, whose texts are not encoded."""


class Declared(Protocol):
    """A parameter as it is declared.

    ``media_type`` is that of its ``content``, empty for a parameter with a style.
    """

    @property
    def name(self) -> str:
        """The name, as it is declared."""
        ...

    @property
    def location(self) -> str:
        """One of path, query, header, cookie, or the forms' own :data:`BODY` and :data:`PART`."""
        ...

    @property
    def schema(self) -> Schema:
        """What values it may have."""
        ...

    @property
    def style(self) -> str:
        """How it is serialised."""
        ...

    @property
    def explode(self) -> bool:
        """Whether items and members stand one by one."""
        ...

    @property
    def allow_reserved(self) -> bool:
        """Whether reserved characters stand in a query as they are."""
        ...

    @property
    def media_type(self) -> str:
        """What its ``content`` is."""
        ...


def raw_query(query: bytes, location: str = "query") -> dict[str, list[str]]:
    """The pairs of a query string: names decoded, values as they were sent.

    Raises ApiError 400 for what is not UTF-8, a name once it is decoded.
    """
    pairs: dict[str, list[str]] = {}
    try:
        text = query.decode()
    except UnicodeDecodeError:
        raise _no_utf_8(query.decode(errors="backslashreplace"), location, "") from None
    for part in text.split("&"):
        if part:
            name, _, value = part.partition("=")
            if "%" in name or "+" in name:
                name = _decoded(name, location, "", plus=True)
            pairs.setdefault(name, []).append(value)
    return pairs


def raw_cookies(header: str) -> dict[str, list[str]]:
    """The pairs of a Cookie header (RFC 6265, section 4.2.1): names decoded, values as sent.

    Unlike a mapping of cookies it has every value of a name, as exploded arrays need it.
    """
    pairs: dict[str, list[str]] = {}
    for part in header.split(";"):
        name, equals, value = part.partition("=")
        text = value.strip()
        if len(text) > 1 and text[0] == text[-1] == '"':
            text = text[1:-1]
        if equals:
            # Cookies are shared with others, whose names need not be ours to judge.
            pairs.setdefault(unquote(name.strip(), errors="replace"), []).append(text)
    return pairs


class Text:
    """How the texts of one parameter are decoded, and refused."""

    __slots__ = ("_plus", "location", "name")

    def __init__(self, parameter: Declared) -> None:
        self.name = parameter.name
        self.location = parameter.location
        # A plus is a space in forms only; where reserved characters may stand it is a plus.
        self._plus = parameter.location in ("query", BODY) and not parameter.allow_reserved

    def decoded(self, text: str) -> str:
        """A text without its percent-encoding; headers have none, but space around values."""
        if self.location == "header":
            return text.strip(" \t")
        if self.location == PART or ("%" not in text and "+" not in text):
            return text
        return _decoded(text, self.location, self.name, plus=self._plus)

    def refused(self, rule: str, expected: str, received: str) -> ApiError:
        """The refusal of what was sent."""
        detail = f"{self._where()} is {received!r}, expected {expected}."
        return ApiError(400, detail, violations=[self._violation(rule, expected, received)])

    def repeated(self, number: int) -> ApiError:
        """The refusal of what came more often than once."""
        violation = self._violation("once", "one value", f"{number} values")
        return ApiError(400, f"{self._where()} came more than once.", violations=[violation])

    def _where(self) -> str:
        if self.location in (BODY, PART):
            return f"The field {self.name!r} of the body"
        return f"The {self.location} parameter {self.name!r}"

    def _violation(self, rule: str, expected: str, received: str) -> Violation:
        if self.location in (BODY, PART):
            return Violation("body", pointer_to([self.name]), rule, expected, received)
        return Violation(self.location, self.name, rule, expected, received)


def _decoded(text: str, location: str, name: str, *, plus: bool) -> str:
    try:
        return _ESCAPES.sub(_unescaped, text.replace("+", " ") if plus else text)
    except UnicodeDecodeError:
        in_body = location == BODY and name
        raise _no_utf_8(text, location, pointer_to([name]) if in_body else name) from None


def _unescaped(escapes: re.Match[str]) -> str:
    return bytes.fromhex(escapes[0].replace("%", " ")).decode()


def _no_utf_8(text: str, location: str, name: str) -> ApiError:
    violation = Violation(location, name, "encoding", "percent-encoded UTF-8", text)
    detail = f"The {location} is not UTF-8 once decoded."
    return ApiError(400, detail, violations=[violation])
