"""Which requests a rule is about."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import translate
from typing import Any, NamedTuple

ANY_SEGMENTS = "**"


class Asked(NamedTuple):
    """A request as rules see it: the API that owns its path, and the operation if there is one."""

    api: str
    operation: str
    method: str
    segments: Sequence[str]
    is_feed: bool = False


class PathGlob:
    """A pattern of paths: ``*``, ``?`` and ``[a-z]`` within a segment, ``**`` for any segments.

    It is compared with decoded segments, in time that grows with both and no faster.
    """

    def __init__(self, text: str) -> None:
        parts = text.removeprefix("/").split("/")
        self._parts = [
            None if part == ANY_SEGMENTS else re.compile(translate(part)) for part in parts
        ]

    def matches(self, segments: Sequence[str]) -> bool:
        """Whether the whole path fits the pattern."""
        parts = self._parts
        at = part = 0
        star = back = -1
        while at < len(segments):
            wanted = parts[part] if part < len(parts) else _NOTHING
            if wanted is None:
                star, back = part, at
                part += 1
            elif wanted.match(segments[at]):
                part += 1
                at += 1
            elif star >= 0:  # the last ** takes one segment more
                back += 1
                part, at = star + 1, back
            else:
                return False
        return all(left is None for left in parts[part:])


_NOTHING = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Match:
    """What a request must be; what is not said may be anything."""

    api: str | None = None
    operation: str | None = None
    method: str | None = None
    path: PathGlob | None = None

    @classmethod
    def of(cls, told: Any) -> Match:
        """What a rule says, as JSON."""
        path = told.get("path")
        return cls(
            told.get("api"),
            told.get("operation"),
            told.get("method"),
            None if path is None else PathGlob(path),
        )

    def fits(self, asked: Asked) -> bool:
        """Whether a request is meant."""
        return (
            self.api in (None, asked.api)
            and self.operation in (None, asked.operation)
            and self.method in (None, asked.method)
            and (self.path is None or self.path.matches(asked.segments))
        )
