"""What members of a new record are, where neither a client nor a rule of keys and clocks says it.

A record that is there from the start may be in any state; one that is just created is in the first.
"""

from __future__ import annotations

from typing import Any

from mockserver.engine.inference.words import words
from mockserver.engine.inferred.listed_values import listed_values
from mockserver.engine.inferred.world import World
from mockserver.engine.spec import Schema

UNKNOWN = object()
"""Nothing tells what a member begins with."""

_COUNTED = frozenset(("count", "counter", "counts", "attempts", "retries", "likes", "views"))
_UNITS = frozenset(
    ("days", "hours", "minutes", "seconds", "weeks", "months", "years", "millis", "milliseconds",
     "bytes", "pixels", "cents", "units", "meters", "grams", "miles", "status", "address", "class",
     "access", "axis", "bonus", "gas", "bus", "its", "ms", "radius", "us", "terms", "rows", "cols",
     "columns")
)  # fmt: skip
"""Last words that look like several of something, and count nothing."""

_ON = frozenset(("active", "enabled", "available", "visible", "open", "valid"))


def initial(world: World, name: str, schema: Schema) -> Any:
    """The value that a member has in a record just created, or UNKNOWN.

    That is its default, or else null where it may be, the first value of its enumeration, no for a
    truth value (yes for one such as ``active``), and zero for what is counted.
    """
    plain = {**world.view(schema).plain, **schema}
    listed = listed_values(world.view, schema) if world.view(schema).kind != "boolean" else []
    candidates = _candidates(name, {**plain, "enum": listed})
    return next((each for each in candidates if world.makers.is_valid(schema, each)), UNKNOWN)


def _candidates(name: str, plain: Schema) -> list[Any]:
    said = words(name)
    kinds = plain.get("type")
    found: list[Any] = [plain["default"]] if "default" in plain else []
    if plain.get("nullable") is True or (isinstance(kinds, list) and "null" in kinds):
        found.append(None)
    values = plain.get("enum")
    if isinstance(values, list):
        found += values[:1]
    if kinds == "boolean":
        found.append(not _ON.isdisjoint(said))
    if kinds in ("integer", "number") and _counts(said, kinds):
        found.append(0)
    return found


def _counts(said: list[str], kind: object) -> bool:
    """Whether a number counts things: ``views``, ``open_issues``, ``retry_count``."""
    several = said[-1:] and said[-1].endswith("s") and said[-1] not in _UNITS
    return not _COUNTED.isdisjoint(said) or bool(several and kind == "integer")
