"""Whether an answer is plainly right: the reference's own, with the server's keys and moments."""

from __future__ import annotations

from typing import Any

import orjson

from mockserver.contract.names import Names
from mockserver.contract.numbered import kind_of

MOST_REMEMBERED = 4 << 20
"""Bytes of bodies that are kept as values."""


class Bodies:
    """JSON bodies as values, which nobody changes: the same ones come again and again."""

    def __init__(self) -> None:
        self._bodies: dict[bytes, Any] = {}
        self._size = 0

    def parsed(self, body: bytes) -> Any:
        """The value of a body. Raises ValueError when it is no JSON text."""
        known = self._bodies.get(body, self)
        if known is self:
            known = orjson.loads(body)
            self._size += len(body)
            if self._size > MOST_REMEMBERED:
                self._bodies.clear()
                self._size = len(body)
            self._bodies[body] = known
        return known


class Explaining:
    """Compares answers of one run with one reference, quickly; says no where it is not sure."""

    def __init__(self, names: Names, bodies: Bodies) -> None:
        self._names = names
        self._parsed = bodies.parsed

    def explains(self, a: bytes, t: bytes) -> bool:
        """Whether a JSON body is that of the reference, but for keys and moments known by now."""
        if a == t:
            return True
        if a.count(b"true") != t.count(b"true") or a.count(b"false") != t.count(b"false"):
            return False  # so that below 1 is not taken for true
        try:
            return self.same(self._parsed(a), self._parsed(t))
        except (ValueError, RecursionError):
            return False

    def same(self, a: Any, t: Any) -> bool:
        """Whether two JSON values are the same in that way."""
        if a == t:
            return True
        if isinstance(a, str) or kind_of(a) is not None:
            return type(t) is type(a) and self.named(a, t)
        if isinstance(a, dict) and isinstance(t, dict):
            if a.keys() != t.keys():
                return self._same_renamed(a, t)
            return all(self.same(a[name], t[name]) for name in a)
        if isinstance(a, list) and isinstance(t, list):
            return len(a) == len(t) and all(map(self.same, a, t))
        return False

    def _same_renamed(self, a: dict[str, Any], t: dict[str, Any]) -> bool:
        """Whether two objects are the same whose members are called by keys."""
        told = {}
        for name in a:
            number = None if name in t else self._names.find(name)
            told[name] = name if number is None else str(self._names[number].t)
        if len(a) != len(t) or t.keys() != set(told.values()):
            return False
        return all(self.same(item, t[told[name]]) for name, item in a.items())

    def named(self, a: str | int, t: str | int) -> bool:
        """Whether the server is known to call so what the reference calls otherwise."""
        number = self._names.find(a)
        return number is not None and bool(self._names[number].t == t)
