"""Whether a list is sorted as it was asked to be, as far as nobody would sort it otherwise."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from mockserver.contract.story import Broken, Seen, Story
from mockserver.engine.inference.words import normal
from mockserver.engine.inferred.selecting import instant, orders, values_at
from mockserver.errors import pointer_to

_DIGITS = re.compile(r"(\d+)")

Sorter = Callable[[str], Any]


def in_asked_order(story: Story) -> Broken | None:
    """MS411: a list is sorted by the property that was asked for, in the direction asked for.

    Where no direction is told, either is right: descriptions seldom name their default. Texts are
    out of order only if they are so by all usual collations; a few listed words may have an order
    of their own, such as low, medium, high.
    """
    last = story.last
    asked = last.asked(last.facts.sort) if last.facts.sort else None
    if not isinstance(asked, str) or not asked:
        return None
    items = last.items
    if items is None:
        return None
    way = last.asked(last.facts.direction) if last.facts.direction else None
    by = orders(asked, way, last.facts.fields)
    if not by or "enum" in last.facts.fields.view(by[0][0]).plain:
        return None
    path, descending = by[0]
    wrong = _wrong(items, path, descending=descending)
    if wrong is None:
        return None
    if not _tells_way(last, asked, path[-1], way) and not _wrong(
        items, path, descending=not descending
    ):
        return None
    index, before, value = wrong
    envelope = last.facts.envelope(last.status)
    told = "descending" if descending else "ascending"
    return Broken(
        pointer_to(envelope.path),
        f"{told} by {'/'.join(path)}",
        f"{value!r} at {index}, after {before!r}",
    )


def _tells_way(last: Seen, asked: str, name: str, way: Any) -> bool:
    """Whether a call tells the direction, or its description has a word for the other one."""
    if way is not None or normal(asked) != normal(name) or asked[:1] in "+-":
        return True
    declared = (p.schema for p in last.facts.operation.parameters if p.name == last.facts.sort)
    return any(f"-{asked}" in schema.get("enum", ()) for schema in declared)


def _wrong(
    items: list[Any], path: tuple[str, ...], *, descending: bool
) -> tuple[int, Any, Any] | None:
    """The first item that is out of order: its place, the value before it, and its own."""
    for (_, before), (index, value) in pairwise(_valued(items, path)):
        first, second = (value, before) if descending else (before, value)
        if _is_after(first, second):
            return index, before, value
    return None


def _valued(items: list[Any], path: tuple[str, ...]) -> Iterator[tuple[int, Any]]:
    """The items that have one value there; where those without it come is not promised."""
    for index, item in enumerate(items):
        values = values_at(item, path)
        if len(values) == 1 and values[0] is not None:
            yield index, values[0]


def _is_after(one: Any, other: Any) -> bool:
    """Whether a value comes after another wherever values are sorted."""
    if isinstance(one, str) and isinstance(other, str):
        moments = instant(one), instant(other)
        if moments[0] is not None and moments[1] is not None:
            return moments[0] > moments[1]
        return all(sorter(one) > sorter(other) for sorter in _COLLATIONS)
    numbers = all(isinstance(x, int | float) and not isinstance(x, bool) for x in (one, other))
    return numbers and bool(one > other)


def _letters(text: str) -> str:
    """A text as most languages sort it first: without case, accents, spaces and punctuation."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(each for each in plain if each.isalnum())


def _counted(text: str) -> list[tuple[int, int, str]]:
    """A text whose numbers are sorted as such."""
    parts = _DIGITS.split(text.casefold())
    return [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts if p]


_COLLATIONS: tuple[Sorter, ...] = (str, str.casefold, _letters, _counted)
