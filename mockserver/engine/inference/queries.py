"""What the parameters of a list ask for: paging, order, or records with a certain property."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from mockserver.engine.inference.keys import Fields, Path
from mockserver.engine.inference.words import (
    CREATED_WORDS,
    DIRECTIONS,
    LOWER_BOUNDS,
    OWN_DATES,
    PLAIN_WORDS,
    QUERY_MEANING,
    STRICT_BOUNDS,
    UPDATED_WORDS,
    UPPER_BOUNDS,
    normal,
    words,
)
from mockserver.engine.spec import Operation, Schema

_BRACKETS = re.compile(r"([^\[\]]+)")
_FILTERS = frozenset(("filter", "filters", "where"))
_PAGING = frozenset(("limit", "offset", "page", "cursor", "sort"))
_DATES = ("date", "date-time")


@dataclass(frozen=True, slots=True)
class Query:
    """A parameter of a list, and what it asks for.

    ``meaning`` is ``filter``, ``set`` (a new value for a property), one of the names of
    ``words.QUERIES``, or empty where nobody knows. A filter compares the ``property``
    by ``operator``: ``eq``, ``any`` (one of several values), ``ge``, ``gt``, ``le``, ``lt``, or
    ``range`` (an object of such bounds).
    """

    name: str
    location: str
    meaning: str
    property: Path = ()
    operator: str = ""


def queries(operation: Operation, fields: Fields) -> tuple[Query, ...]:
    """What each query parameter of an operation asks of a list of records."""
    asked = (entry for entry in operation.parameters if entry.location == "query")
    return tuple(
        _once([query_of(str(entry.name), "query", entry.schema, fields) for entry in asked])
    )


def _once(found: list[Query]) -> Iterator[Query]:
    """One parameter for each part of paging: the one whose name leaves no doubt."""
    meant = {entry.meaning for entry in found}
    sure = {entry.meaning for entry in found if normal(entry.name) not in PLAIN_WORDS}
    pages = "limit" not in meant and not meant.isdisjoint(("offset", "page", "cursor"))
    for entry in found:
        if pages and QUERY_MEANING.get(normal(entry.name)) == "limit":
            yield Query(entry.name, entry.location, "limit")
            continue
        doubtful = entry.meaning in _PAGING and normal(entry.name) in PLAIN_WORDS
        yield replace(entry, meaning="") if doubtful and entry.meaning in sure else entry


def query_of(name: str, location: str, schema: Schema, fields: Fields) -> Query:
    """What one parameter, or one member of a body, asks of a list of records."""
    if not isinstance(schema, Mapping):
        schema = {}
    meaning = _meaning(name, schema, fields)
    if meaning:
        return Query(name, location, meaning)
    for path, operator in _filters(name, schema, fields):
        return Query(name, location, "filter", path, operator)
    return Query(name, location, "")


def _meaning(name: str, schema: Schema, fields: Fields) -> str:
    word = normal(name)
    if word.startswith("page") and word.removeprefix("page") in QUERY_MEANING and "[" in name:
        return _PAGE_MEMBERS.get(word, QUERY_MEANING[word.removeprefix("page")])
    meaning = QUERY_MEANING.get(word, "")
    if meaning and word in PLAIN_WORDS and fields.path(word) is not None:
        return ""
    if meaning in (*_PAGING, "backwards") and schema.get("format") in _DATES:
        return ""
    if meaning == "sort" and _is_direction(schema):
        return "direction"
    return meaning


_PAGE_MEMBERS = {"pagesize": "limit", "pagenumber": "page"}


def _is_direction(schema: Schema) -> bool:
    values = schema.get("enum")
    if not isinstance(values, list):
        return False
    return {str(value).lower() for value in values if value}.issubset(DIRECTIONS)


def _filters(name: str, schema: Schema, fields: Fields) -> Iterator[tuple[Path, str]]:
    """What a parameter may filter by, the likeliest first."""
    parts = _BRACKETS.findall(name.removesuffix("[]"))
    if len(parts) > 1 and normal(parts[0]) in _FILTERS:
        parts = parts[1:]
    path = fields.path("".join(parts))
    if path is not None and fields.kind(path) != "object":
        yield path, _equals(fields, schema)
    for path in _nested("".join(parts), fields):
        yield path, _equals(fields, schema)
    if len(parts) > 1 and (found := bound_of(parts[-1])):
        path = fields.path(parts[0])
        if path is not None:
            yield path, found
    yield from _bounds(parts, fields)
    yield from _plural(parts, schema, fields)
    yield from _dates(parts, schema, fields)


def _nested(name: str, fields: Fields) -> Iterator[Path]:
    """``owner.city`` and ``ownerCity`` of what has an owner with a city."""
    said = words(name)
    for place in range(1, len(said)):
        wanted = "".join(said[place:])
        for path in fields.inner("".join(said[:place])):
            if normal(path[-1]) == wanted:
                yield path


def _equals(fields: Fields, schema: Schema) -> str:
    if any(bound_of(name) for name in fields.members_of(schema)):
        return "range"
    return "any" if fields.kind_of(schema) == "array" else "eq"


def bound_of(word: str) -> str:
    """The comparison that a word asks for, empty for other words."""
    word = normal(word)
    if word in LOWER_BOUNDS:
        return "gt" if word in STRICT_BOUNDS else "ge"
    if word in UPPER_BOUNDS:
        return "lt" if word in STRICT_BOUNDS else "le"
    return ""


def _bounds(parts: list[str], fields: Fields) -> Iterator[tuple[Path, str]]:
    """``min_price`` and ``price_gte``; ``created_since`` of what was ``created_at``."""
    said = [word for part in parts for word in words(part)]
    if len(said) < 2:  # noqa: PLR2004 - a bound and what it bounds
        return
    for bound, rest in ((said[0], said[1:]), (said[-1], said[:-1])):
        path = _bounded("".join(rest), fields)
        if path is not None and bound_of(bound):
            yield path, bound_of(bound)


def _bounded(name: str, fields: Fields) -> Path | None:
    for ending in ("", "at", "on", "date", "time", "dat"):
        path = fields.path(name + ending)
        if path is not None and fields.view(path).kind not in ("array", "boolean"):
            return path
    return None


def _plural(parts: list[str], schema: Schema, fields: Fields) -> Iterator[tuple[Path, str]]:
    """``ids`` and ``statuses`` ask for one of several; ``tags`` for what has such an element."""
    word = normal("".join(parts))
    singulars = [word[: -len(ending)] for ending in ("s", "es") if word.endswith(ending)]
    singular = next((path for name in singulars if (path := fields.path(name))), None)
    if singular is not None and fields.kind_of(schema) in ("array", "string"):
        yield singular, "any"
    for path in fields.arrays("".join(parts)):
        yield path, _equals(fields, schema)
    named = {path[-1]: path for path in fields.inner("".join(parts))}
    for key in ("name", "id"):
        if key in named:
            yield named[key], _equals(fields, schema)


def _dates(parts: list[str], schema: Schema, fields: Fields) -> Iterator[tuple[Path, str]]:
    """``since`` asks for the date that the records have, or for the likeliest of several."""
    said = words(parts[-1]) if parts else []
    bound = next((bound_of(word) for word in said if bound_of(word)), "")
    if not bound or schema.get("format") not in _DATES or len(parts) > 1:
        return
    dated = {
        name: path
        for name in fields.names()
        if (path := fields.path(name)) and fields.view(path).plain.get("format") in _DATES
    }
    changed = [name for name in dated if name in UPDATED_WORDS]
    created = [name for name in dated if name in CREATED_WORDS]
    own = [name for name in dated if name in OWN_DATES]
    likely = [*changed, *created] if said == ["since"] else [*own, *created, *changed]
    for name in likely or (list(dated) if len(dated) == 1 else []):
        yield dated[name], bound


def settings(operation: Operation, fields: Fields) -> tuple[Query, ...]:
    """Query parameters that give properties new values, as in pet store's update with a form."""
    found = []
    for parameter in operation.parameters:
        name = str(parameter.name)
        path = fields.path(name) if parameter.location == "query" else None
        if path is not None and QUERY_MEANING.get(normal(name)) != "ignored":
            found.append(Query(parameter.name, "query", "set", path))
    return tuple(found)
