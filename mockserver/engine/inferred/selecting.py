"""Which records a list is asked for, and in what order: pure functions over records."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from mockserver.engine.inference.keys import Fields, Path
from mockserver.engine.inference.queries import Query, bound_of
from mockserver.engine.members import text_of
from mockserver.state.store import Record

_DATED = re.compile(r"\d{4}-\d\d-\d\d([Tt ].*)?")
_EVERY = frozenset(("all", "any", "both", "*"))
_NAMES = re.compile(r"[,;|]")
_DATE_ENDINGS = ("", "at", "on", "date", "time")
_DESCENDING = ("desc", "descending", "-1")
_ASCENDING = ("asc", "ascending", "1")

Order = tuple[Path, bool]
"""A property to sort by, and whether the largest comes first."""


def values_at(value: Any, path: Path) -> list[Any]:
    """What members lead to, through each element of an array on the way; nothing where absent."""
    found = [value]
    for name in path:
        found = [each[name] for each in _spread(found) if isinstance(each, dict) and name in each]
    return list(_spread(found))


def _spread(values: Sequence[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list):
            yield from value
        else:
            yield value


def matches(record: Record, query: Query, wanted: Any) -> bool:
    """Whether a record has the property that a parameter asks for."""
    own = values_at(record.value, query.property)
    if query.operator == "range":
        return isinstance(wanted, dict) and _within(own, wanted)
    if query.operator == "any":
        texts = {text_of(each) for each in _several(wanted)}
        return not texts or any(text_of(each) in texts for each in own)
    if isinstance(wanted, list):
        return all(any(_alike(each, one) for each in own) for one in wanted)
    compare = _COMPARISONS.get(query.operator)
    return any(_holds(compare, each, wanted) if compare else _alike(each, wanted) for each in own)


def asks_for_all(values: Sequence[Any], wanted: Any, *, default: bool) -> bool:
    """Whether a filter's value means any: ``state=all`` where no record's state is called all.

    ``values`` are those that the property lists. A ``default``, which nobody sent, is a filter
    only where it is one of them.
    """
    if default:
        return wanted not in values
    return isinstance(wanted, str) and wanted.lower() in _EVERY and wanted not in values


def _several(wanted: Any) -> Sequence[Any]:
    if isinstance(wanted, list):
        return wanted
    return wanted.split(",") if isinstance(wanted, str) else [wanted]


def _within(own: Sequence[Any], bounds: Mapping[str, Any]) -> bool:
    """Whether a value is inside all bounds, ``{"gte": 1, "lt": 5}``."""
    for name, bound in bounds.items():
        compare = _COMPARISONS.get(bound_of(name))
        if not any(
            _holds(compare, each, bound) if compare else _alike(each, bound) for each in own
        ):
            return False
    return True


def _alike(own: Any, wanted: Any) -> bool:
    """Whether two values are the same as they stand in a URL."""
    return text_of(own) == text_of(wanted)


def _holds(compare: Callable[[Any, Any], bool], own: Any, wanted: Any) -> bool:
    try:
        return compare(*_comparable(own, wanted))
    except TypeError:
        return False


def _comparable(own: Any, wanted: Any) -> tuple[Any, Any]:
    """Two values as they compare: instants as such, and a number with a text of one."""
    if isinstance(own, str) and isinstance(wanted, str):
        instants = instant(own), instant(wanted)
        return instants if None not in instants else (own, wanted)
    if isinstance(own, int | float) and isinstance(wanted, str):
        try:
            return own, float(wanted)
        except ValueError:
            return own, wanted
    return own, wanted


def instant(text: str) -> datetime | None:
    """A date, or a date and time, of RFC 3339 as an instant; None for any other text."""
    if not _DATED.fullmatch(text):
        return None
    try:
        found = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "ge": operator.ge,
    "gt": operator.gt,
    "le": operator.le,
    "lt": operator.lt,
}


def tells(value: Any, text: str) -> bool:
    """Whether any text inside a value holds another, whatever its case."""
    if isinstance(value, str):
        return text in value.casefold()
    if isinstance(value, dict):
        return any(tells(member, text) for member in value.values())
    return isinstance(value, list) and any(tells(each, text) for each in value)


def orders(wanted: Any, direction: Any, fields: Fields) -> list[Order]:
    """What a list is to be sorted by, the most important first.

    Read are ``name``, ``-name``, ``name:desc``, ``name desc``, ``name_desc``, several of them
    with commas, arrays of them, and objects such as ``{"name": "desc"}``; and ``name,born,desc``
    as Spring Data has it.
    """
    falls = text_of(direction).lower().startswith("desc") if direction is not None else None
    found = []
    for text in _said(wanted):
        order = _order(text.strip(), fields)
        if order is not None:
            path, descending = order
            found.append((path, descending if falls is None else falls != descending))
    return found


def _said(wanted: Any) -> Iterator[str]:
    if isinstance(wanted, str):
        names = [name.strip() for name in _NAMES.split(wanted)]
        ways = len(names) > 1 and names[-1].lower() in (*_DESCENDING, *_ASCENDING)
        yield from (f"{name}:{names[-1]}" for name in names[:-1]) if ways else names
    elif isinstance(wanted, list):
        for each in wanted:
            yield from _said(each)
    elif isinstance(wanted, dict):
        for name, way in wanted.items():
            yield f"{name}:{way}"


def _order(text: str, fields: Fields) -> Order | None:
    descending = text.startswith("-")
    text = text.lstrip("+-").strip()
    path = _property(text, fields)
    if path is not None:
        return path, descending
    name, _, way = re.sub(r"[ :._-]([A-Za-z0-9-]+)$", r"\0\1", text).partition("\0")
    if way.lower() not in (*_DESCENDING, *_ASCENDING):
        name, way = _camel(text)
    path = _property(name, fields) if way else None
    return None if path is None else (path, way.lower() in _DESCENDING)


def _camel(text: str) -> tuple[str, str]:
    """``nameDesc`` and ``name-1``."""
    found = re.fullmatch(r"(.+?)[:._ -]?(Asc|Desc|ASC|DESC|-1)", text)
    return (found[1], found[2]) if found else (text, "")


def _property(name: str, fields: Fields) -> Path | None:
    tried = (fields.path(name + ending) for ending in _DATE_ENDINGS if name)
    return next((path for path in tried if path is not None), None)


def in_order(records: Sequence[Record], by: Sequence[Order]) -> list[Record]:
    """Records sorted by several properties; those without the property come last."""
    made = list(records)
    for path, descending in reversed(by):
        told = [(_rank(values_at(record.value, path)), record) for record in made]
        known = [entry for entry in told if entry[0] is not None]
        known.sort(key=lambda entry: entry[0], reverse=descending)
        made = [record for _, record in known] + [r for rank, r in told if rank is None]
    return made


def _rank(own: Sequence[Any]) -> Any:
    """What a value is sorted by: its type, then itself; None where there is none."""
    value = own[0] if own else None
    if value is None or isinstance(value, dict):
        return None
    if isinstance(value, bool | int | float):
        return (0, value)
    found = instant(value)
    return (1, found) if found is not None else (2, value)
