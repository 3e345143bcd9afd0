"""Bodies harmed on purpose: no longer JSON, or JSON that breaks its schema."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from random import Random
from typing import Any, NamedTuple

import orjson

from mockserver.engine.media import encode_json
from mockserver.errors import pointer_to

_MOST_PLACES = 1_000
_MOST_TRIES = 200
_STRUCTURE = b'{}[]:,"'
_WRONG: tuple[Any, ...] = (4711, "4711", True, [], {})
"""Values of five types, of which at least one is wrong where a type is asked for."""


class Harm(NamedTuple):
    """A body, and what was done to it as the header of the answer says it."""

    body: bytes
    told: str


HARMLESS = "harmless"
"""Told where there is nothing that could be harmed."""


def malformed(body: bytes, chance: Random) -> Harm:
    """A text that is no JSON: cut somewhere, or with another character where it hurts."""
    if not body:
        return Harm(body, HARMLESS)
    if chance.random() < 0.5:  # noqa: PLR2004 - one or the other
        made, told = body[: chance.randrange(len(body))], "cut"
    else:
        places = [at for at, byte in enumerate(body[:_MOST_PLACES]) if byte in _STRUCTURE]
        at = chance.choice(places or [0])
        made, told = body[:at] + b"~" + body[at + 1 :], "garbled"
    return Harm(made + b'{"' if _is_json(made) else made, told)


def _is_json(body: bytes) -> bool:
    try:
        orjson.loads(body)
    except ValueError:
        return False
    return True


def broken(body: bytes, is_valid: Callable[[Any], bool], chance: Random) -> Harm:
    """A JSON text that its schema does not allow: a member is missing, or of a wrong type.

    ``is_valid`` is the schema's verdict; where it allows everything nothing is harmed.
    """
    try:
        value = orjson.loads(body)
    except ValueError:
        return Harm(body, HARMLESS)
    ways = list(islice(_ways(value, ()), _MOST_PLACES))
    for path, is_missing in chance.sample(ways, min(len(ways), _MOST_TRIES)):
        # What the value itself is, is left alone while a part of it will do.
        made = _without(value, path) if is_missing else _otherwise(value, path, chance)
        if path and not is_valid(made):
            told = f'{"missing" if is_missing else "type"}="{_visible(pointer_to(path))}"'
            return Harm(encode_json(made, _no_part), told)
    for wrong in chance.sample(_WRONG, len(_WRONG)):
        if not is_valid(wrong):
            return Harm(encode_json(wrong, _no_part), 'type=""')
    return Harm(body, HARMLESS)


Path = Sequence[str | int]


def _ways(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[Path, bool]]:
    """The members of a value, those near its root first: each may be missing, or another."""
    level = [(path, value)] if isinstance(value, dict | list) else []
    while level:
        below: list[tuple[tuple[str | int, ...], Any]] = []
        for place, known in level:
            members = known.items() if isinstance(known, dict) else enumerate(known)
            for name, member in members:
                inner = (*place, name)
                if isinstance(known, dict):
                    yield inner, True
                yield inner, False
                if isinstance(member, dict | list):
                    below.append((inner, member))
        level = below


def _without(value: Any, path: Path) -> Any:
    name, rest = path[0], path[1:]
    if rest:
        return _with(value, name, _without(value[name], rest))
    return {known: member for known, member in value.items() if known != name}


def _otherwise(value: Any, path: Path, chance: Random) -> Any:
    """A value whose part at a path is of another type."""
    if not path:
        others = [wrong for wrong in _WRONG if _type(wrong) is not _type(value)]
        return chance.choice(others)
    return _with(value, path[0], _otherwise(value[path[0]], path[1:], chance))


def _type(value: Any) -> type:
    return int if type(value) is float else type(value)


def _with(value: Any, name: str | int, member: Any) -> Any:
    if isinstance(value, dict):
        return {**value, name: member}
    return [member if at == name else item for at, item in enumerate(value)]


def _visible(text: str) -> str:
    """A text as a quoted string of a header (RFC 9110, section 5.6.4), ASCII only."""
    plain = text.encode("ascii", "backslashreplace").decode()
    return "".join(c if " " <= c <= "~" and c not in '"\\' else "?" for c in plain)


def _no_part(part: Any) -> Any:
    raise TypeError(f"{type(part).__name__} is no JSON value")
