"""Secrets in calls: found by their names, kept out of all that is written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from mockserver.contract.wire import BOGUS
from mockserver.engine import secrets
from mockserver.engine.secrets import MASK, TELLING
from mockserver.engine.spec import SecurityScheme

_SECRET = re.compile(
    r"auth|token|secret|api-?_?key|cookie|passw|session|credential|signature|(^|[-_])key$",
    re.IGNORECASE,
)
_NAMED = frozenset(("authorization", "proxy-authorization", "cookie", "set-cookie"))
_SCHEME = re.compile(r"^(Bearer|Basic|Digest|Token)\s+", re.IGNORECASE)


@dataclass(slots=True)
class Secrets:
    """What is secret in the calls of one check.

    ``schemes`` are those of the description: where an API key stands is named there. ``values``
    collects what was presented, so that it is masked wherever else it turns up.
    """

    schemes: Iterable[SecurityScheme] = ()
    values: set[str] = field(default_factory=set)
    _keys: secrets.Secrets = field(init=False)

    def __post_init__(self) -> None:
        self._keys = secrets.Secrets.of(self.schemes)

    def is_header(self, name: str, value: str = "") -> bool:
        """Whether a header is a secret; what nobody has (a bogus credential) is none."""
        known = name.lower() in _NAMED | self._keys.headers or bool(_SECRET.search(name))
        return known and BOGUS not in value

    def in_query(self, target: str) -> list[tuple[str, str]]:
        """The names and (encoded) values of secrets in a target's query."""
        pairs = (pair.partition("=") for pair in target.partition("?")[2].split("&"))
        secret = {quote(each) for each in self._keys.parameters}
        return [
            (name, value)
            for name, _, value in pairs
            if value and BOGUS not in value and name in secret
        ]

    def learn(self, name: str, value: str) -> None:
        """Remember a header's value as a secret, if it is one."""
        if self.is_header(name, value):
            self.add(value)
            self.add(_SCHEME.sub("", value))
            if name.lower() == "cookie":
                for pair in value.split(";"):
                    self.add(pair.partition("=")[2].strip())

    def add(self, value: str) -> None:
        """Remember a secret."""
        if len(value) >= TELLING:
            self.values.add(value)

    def header(self, name: str, value: str) -> str:
        """A header's value for people."""
        if not self.is_header(name, value):
            return self.text(value)
        scheme = _SCHEME.match(value)
        return f"{scheme.group(1)} {MASK}" if scheme else MASK

    def target(self, target: str) -> str:
        """A target for people."""
        path, mark, query = target.partition("?")
        for name, value in self.in_query(target):
            query = query.replace(f"{name}={value}", f"{name}={MASK}")
        return self.text(f"{path}{mark}{query}")

    def text(self, text: str) -> str:
        """A text for people: secrets that are known are masked wherever they stand."""
        for value in self.values:
            if value in text:
                text = text.replace(value, MASK)
        return text

    def headers(self, headers: Iterable[tuple[str, str]]) -> Mapping[str, str]:
        """Headers for people."""
        told: dict[str, str] = {}
        for name, value in headers:
            shown = self.header(name, value)
            told[name] = f"{told[name]}, {shown}" if name in told else shown
        return told
