"""What a request's members must be, and what the real server says of those that are not.

The rules of one member are asked one by one, and each that does not hold adds its sentence, in
the order in which the real server lists them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Absent(Enum):
    """What a member holds that was not sent."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT

Holds = Callable[[Any], bool]
Values = Mapping[str, Any]


def as_sent(value: Any) -> Any:
    """A value as it is."""
    return value


def if_sent(values: Values, name: str) -> bool:
    """A member is judged when it was sent; null is a value."""
    return values.get(name, ABSENT) is not ABSENT


def if_not_null(values: Values, name: str) -> bool:
    """A member is judged when it was sent and is not null."""
    return values.get(name, ABSENT) not in (ABSENT, None)


def always(values: Values, name: str) -> bool:
    """A member is judged whether it was sent or not."""
    return True


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: ``says`` has ``{}`` where the member's name stands.

    A rule for ``each`` item of a list is asked of the value itself when that is no list.
    """

    says: str
    holds: Holds
    each: bool = False

    def kept_by(self, value: Any) -> bool:
        """Whether a value keeps the rule."""
        if self.each and isinstance(value, list):
            return all(self.holds(item) for item in value)
        return self.holds(value)


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a request: its rules, when they are asked, and how text becomes a value.

    ``items`` are the members of each object where the member is a list of objects.
    """

    name: str
    rules: tuple[Rule, ...]
    when: Callable[[Values, str], bool] = always
    read: Callable[[Any], Any] = as_sent
    items: tuple[Member, ...] = ()


def judged(members: Iterable[Member], sent: Values) -> tuple[dict[str, Any], list[str]]:
    """The values of the members that were sent, converted, and what is wrong with them all.

    What no member is called is dropped.
    """
    members = tuple(members)
    values = {
        member.name: member.read(sent[member.name]) for member in members if member.name in sent
    }
    said = [
        sentence
        for member in members
        if member.when(values, member.name)
        for sentence in _sentences(member, values.get(member.name, ABSENT))
    ]
    return values, said


_IN_LIST = "nested property {} must be either object or array"


def _sentences(member: Member, value: Any) -> Iterable[str]:
    """What is wrong with a member; what is wrong inside it is told instead, if anything is."""
    own = [rule.says.format(member.name) for rule in member.rules if not rule.kept_by(value)]
    if not member.items or value is ABSENT:
        return own
    if not isinstance(value, dict | list):
        return [*own, f"each value in {_IN_LIST.format(member.name)}"]
    return list(_nested(member, member.name, value)) or own or list(_no_objects(member, value))


def _nested(member: Member, place: str, value: dict[str, Any] | list[Any]) -> Iterable[str]:
    """What is wrong inside a list of objects; one object counts as what would be inside."""
    if isinstance(value, dict):
        yield from (f"{place}.{sentence}" for sentence in judged(member.items, value)[1])
        return
    for number, item in enumerate(value):
        if isinstance(item, dict | list):
            yield from _nested(member, f"{place}.{number}", item)
        else:
            yield f"{place}.each value in {_IN_LIST.format(member.name)}"


def _no_objects(member: Member, value: dict[str, Any] | list[Any]) -> Iterable[str]:
    """What is wrong with lists where objects should be, on which the real server stumbles."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            if isinstance(item, list):
                yield from _nested(member, f"{member.name}.{number}", {})


def is_number(value: Any) -> bool:
    """Whether a value is a JSON number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_integer(value: Any) -> bool:
    """Whether a value is a JSON number without a fraction."""
    return is_number(value) and math.isfinite(value) and value == int(value)


def is_text(value: Any) -> bool:
    """Whether a value is a JSON string."""
    return isinstance(value, str)


def is_something(value: Any) -> bool:
    """Whether a value was sent and is neither null nor the empty text."""
    return value is not ABSENT and value is not None and value != ""


_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_MILLIONTH = 1e-6

_UUID4 = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE
)


def is_uuid4(value: Any) -> bool:
    """Whether a value is a version 4 UUID as text (RFC 9562, section 5.4)."""
    return isinstance(value, str) and _UUID4.fullmatch(value) is not None


def is_uuid(value: Any) -> bool:
    """Whether a value is a UUID of any version as text."""
    return isinstance(value, str) and _UUID.fullmatch(value) is not None


_LATITUDE = re.compile(r"\(?[+-]?(90(\.0+)?|[1-8]?[0-9](\.[0-9]+)?)")
_LONGITUDE = re.compile(r"\s?[+-]?(180(\.0+)?|1[0-7][0-9](\.[0-9]+)?|[0-9]{1,2}(\.[0-9]+)?)\)?")


def is_latitude(value: Any) -> bool:
    """Whether a value is a latitude: a number, or the text of one, from -90 to 90."""
    return _is_place(value, "{},0")


def is_longitude(value: Any) -> bool:
    """Whether a value is a longitude: a number, or the text of one, from -180 to 180."""
    return _is_place(value, "0,{}")


def _is_place(value: Any, pair: str) -> bool:
    if not (is_number(value) or is_text(value)):
        return False
    north, east = pair.format(_as_text(value)).split(",")[:2]
    if north.startswith("(") != east.endswith(")"):
        return False
    return bool(_LATITUDE.fullmatch(north) and _LONGITUDE.fullmatch(east))


def _as_text(value: Any) -> str:
    """A number as JavaScript writes it: without an exponent from a millionth on."""
    if is_integer(value):
        return str(int(value))
    small = is_number(value) and abs(value) >= _MILLIONTH
    return f"{value:.20f}".rstrip("0") if small and "e" in str(value) else str(value)


_DAY = r"(0[1-9]|1[0-2])((?P=dash)([12][0-9]|0[1-9]|3[01]))?"
_WEEK = r"W([0-4][0-9]|5[0-3])(-?[1-7])?"
_ORDINAL = r"(00[1-9]|0[1-9][0-9]|[12][0-9]{2}|3([0-5][0-9]|6[1-6]))"
_HOURS = r"(([01][0-9]|2[0-3])((?P<colon>:?)[0-5][0-9])?|24:?00)([.,][0-9]+(?!:))?"
_SECONDS = r"(?(colon)(?P=colon))[0-5][0-9]([.,][0-9]+)?"
_ZONE = r"[zZ]|[+-]([01][0-9]|2[0-3]):?([0-5][0-9])?"
_INSTANT = re.compile(
    rf"[+-]?[0-9]{{4}}(?![0-9]{{2}}\b)"
    rf"((?P<dash>-?)({_DAY}|{_WEEK}|{_ORDINAL})([T\s]({_HOURS})?({_SECONDS})?({_ZONE})?)?)?",
    re.ASCII,
)


def is_instant(value: Any) -> bool:
    """Whether a value is a date, or a date and a time, as ISO 8601 writes them."""
    return isinstance(value, str) and _INSTANT.fullmatch(value) is not None


def as_boolean(value: Any) -> Any:
    """The texts ``true`` and ``false``, and lists of nothing else, as what they say.

    So the real server compares them, in forms, queries and JSON alike.
    """
    only = value
    while isinstance(only, list) and len(only) == 1:
        only = only[0]
    if only in ("true", "false"):
        return only == "true"
    return only if isinstance(only, bool) else value


_INFINITE = ("Infinity", "+Infinity", "-Infinity")


def as_number(value: Any) -> Any:
    """A text as the number that JavaScript makes of it; NaN where it is none."""
    if not isinstance(value, str):
        return math.nan if isinstance(value, list) else value
    text = value.strip()
    if not text:
        return 0
    if text in _INFINITE:
        return float(text)
    if re.fullmatch(r"0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+", text):
        return int(text, 0)
    plain = re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", text)
    return float(text) if plain else math.nan
