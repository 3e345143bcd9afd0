"""Whether an answer is plainly right: the reference's own, with the server's keys and moments."""

from __future__ import annotations

from typing import Any

import orjson

from mockserver.contract.names import Names

MOST_REMEMBERED = 100
"""Bodies of the reference that are kept as values."""


class Explaining:
    """Compares answers of one run with one reference, quickly; says no where it is not sure."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._bodies: dict[bytes, Any] = {}

    def parsed(self, body: bytes) -> Any:
        """A JSON body of the reference. Raises ValueError when it is none."""
        known = self._bodies.get(body, self)
        if known is self:
            known = orjson.loads(body)
            if len(self._bodies) > MOST_REMEMBERED:
                self._bodies.clear()
            self._bodies[body] = known
        return known

    def explains(self, a: bytes, t: bytes) -> bool:
        """Whether a JSON body is that of the reference, but for keys and moments known by now."""
        if a == t:
            return True
        if a.count(b"true") != t.count(b"true") or a.count(b"false") != t.count(b"false"):
            return False  # so that below 1 is not taken for true
        try:
            return self.same(self.parsed(a), orjson.loads(t))
        except (ValueError, RecursionError):
            return False

    def same(self, a: Any, t: Any) -> bool:
        """Whether two JSON values are the same in that way."""
        if a == t:
            return True
        if isinstance(a, str):
            return isinstance(t, str) and self.named(a, t)
        if isinstance(a, dict) and isinstance(t, dict):
            return a.keys() == t.keys() and all(self.same(a[name], t[name]) for name in a)
        if isinstance(a, list) and isinstance(t, list):
            return len(a) == len(t) and all(map(self.same, a, t))
        return False

    def named(self, a: str, t: str) -> bool:
        """Whether the server is known to call so what the reference calls otherwise."""
        number = self._names.find(a)
        return number is not None and bool(self._names[number].t == t)
