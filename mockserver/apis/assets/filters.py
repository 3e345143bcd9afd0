"""Search filters and search spaces, compiled into predicates over records."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from mockserver.apis.assets.document import Material, classification, document, normal, places
from mockserver.state.store import Record

Predicate = Callable[[Record], bool]

MAX_DEPTH = 32
"""How deep filters may nest; the description of the API speaks of one level."""

LEAP_SECOND = 60

_INSTANT = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"(?:\.([0-9]+))?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)


def parse_instant(text: str) -> datetime:
    """The instant an RFC 3339 date-time names, with its offset.

    Fractions are cut to microseconds. A leap second is the second after 59. The year 0, and a
    leap second at the end of the year 9999, which datetime does not know, become the earliest
    and the latest instant it knows. Raises ValueError for any other text.
    """
    found = _INSTANT.fullmatch(text)
    if found is None:
        raise ValueError(f"not an RFC 3339 date-time: {text!r}")
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    if year == 0:
        return _EARLIEST
    leap = second == LEAP_SECOND
    micros = int((found[7] or "")[:6].ljust(6, "0"))
    zone = _offset(found[8], found[9], found[10])
    instant = datetime(year, month, day, hour, minute, 59 if leap else second, micros, zone)
    try:
        return instant + timedelta(seconds=leap)
    except OverflowError:
        return _LATEST


def _offset(sign: str | None, hours: str, minutes: str) -> timezone:
    if sign is None:
        return UTC
    ahead = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(ahead if sign == "+" else -ahead)


def compile_filters(filters: Mapping[str, Any], *, casing: bool = True) -> Predicate:
    """The predicate of an ``AssetFilters``: all of its filters hold, or any when its type is OR.

    An absent type means AND; no filters hold for every asset, whatever the type. ``casing`` says
    whether the case of a phrase matters; it never does for classifications, tags, websites and
    persons. Raises ValueError for filters nested deeper than :data:`MAX_DEPTH`.
    """
    return _filters(filters, MAX_DEPTH, casing=casing)


def _filters(filters: Mapping[str, Any], depth: int, *, casing: bool) -> Predicate:
    if depth == 0:
        raise ValueError(f"filters are nested more than {MAX_DEPTH} deep")
    parts = [_filter(one, depth, casing=casing) for one in filters.get("iterable") or ()]
    return _any(parts) if filters.get("type") == "OR" else _all(parts)


def _all(parts: Sequence[Predicate]) -> Predicate:
    return lambda record: all(part(record) for part in parts)


def _any(parts: Sequence[Predicate]) -> Predicate:
    return lambda record: not parts or any(part(record) for part in parts)


def _filter(one: Mapping[str, Any], depth: int, *, casing: bool) -> Predicate:
    """The predicate of an ``AssetFilter``: whatever members it has must all hold."""
    makers: dict[str, Callable[[Any], Predicate]] = {
        "classification": _classified,
        "tags": lambda wanted: _listed(wanted, lambda record: document(record).tags),
        "websites": lambda wanted: _listed(wanted, lambda record: document(record).websites),
        "persons": lambda wanted: _listed(wanted, lambda record: document(record).persons),
        "phrase": lambda phrase: _phrase(phrase, casing=casing),
        "created": lambda span: _timestamp("created", span),
        "updated": lambda span: _timestamp("updated", span),
        "operations": lambda nested: _filters(nested, depth - 1, casing=casing),
    }
    return _all([make(one[name]) for name, make in makers.items() if one.get(name) is not None])


def _classified(extension: str) -> Predicate:
    wanted = extension.casefold()
    return lambda record: classification(record)[1].casefold() == wanted


def _listed(wanted: Sequence[str], read: Callable[[Record], Sequence[Material]]) -> Predicate:
    """Each of the wanted ids or texts must be there; an empty list asks for nothing."""
    asked = {normal(text).strip() for text in wanted}
    return lambda record: not asked or asked <= _known_by(read(record))


def _known_by(materials: Sequence[Material]) -> set[str]:
    return {normal(text).strip() for one in materials for text in (one.id, *one.texts)}


def _phrase(phrase: Mapping[str, Any], *, casing: bool) -> Predicate:
    """The value occurs in one of the places whose flags are set.

    Without a set flag these are all places but those whose flag is false. An option ``annotation``
    leaves annotations of other types out. An absent value occurs in every text.
    """
    flags = ("title", "content", "annotation")
    flagged = [flag for flag in flags if phrase.get(flag)]
    chosen = flagged or [flag for flag in flags if phrase.get(flag) is None]
    value = normal(phrase.get("value") or "", casing=casing)
    only = (phrase.get("options") or {}).get("annotation")

    def holds(record: Record) -> bool:
        texts = places(record, casing=casing)
        return (
            ("title" in chosen and value in texts["TITLE"][0])
            or ("content" in chosen and value in texts["CONTENT"][0])
            or ("annotation" in chosen and _annotated(record, texts["ANNOTATION"], value, only))
        )

    return holds


def _annotated(record: Record, texts: Sequence[str], value: str, only: str | None) -> bool:
    annotations = zip(document(record).annotations, texts, strict=True)
    return any(value in text and only in (None, one.type) for one, text in annotations)


def _timestamp(name: str, span: Mapping[str, Any]) -> Predicate:
    """The asset's instant lies in the range, ends included; or strictly after, or before, one end.

    ``between`` says nothing that the two ends do not say.
    """
    start, end = _instant(span.get("from")), _instant(span.get("to"))

    def holds(record: Record) -> bool:
        at = parse_instant(record.value[name]["value"])
        if start and end:
            return start <= at <= end
        return (start is None or at > start) and (end is None or at < end)

    return holds


def _instant(timestamp: Mapping[str, Any] | None) -> datetime | None:
    return parse_instant(timestamp["value"]) if timestamp else None


def in_space(space: Mapping[str, Any]) -> Predicate:
    """The predicate of an ``AssetSearchSpace``: the asset is one of those listed.

    A space that lists nothing is empty; one without a list sets no bounds.
    """
    listed = (space.get("identifers") or {}).get("iterable")
    if listed is None:
        return lambda _: True
    ids = {one["id"].lower() for one in listed}
    return lambda record: record.key in ids
