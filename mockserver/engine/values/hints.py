"""Examples and defaults of a schema as hints of what its values look like."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random
from typing import Any

from mockserver.engine.values.plans import UNTOLD
from mockserver.engine.values.shapes import Shape, kind_of

_TRUTHS = {"true": True, "false": False}
_DIGIT = re.compile(r"\d")
_IDENTIFIER = re.compile(r"(?=.*\d)[\w.:#/+-]+")
_DATE = re.compile(r"\d{4}-\d\d-\d\d|\d\d?:\d\d|://")


def hint_of(shape: Shape, given: Any, number: int) -> Any:
    """What a value shall look like: what was given from outside, else an example.

    Examples of objects that are laid together (``allOf``) are united. UNTOLD if nothing tells it;
    an empty list or object does not.
    """
    if given is not UNTOLD and (given is not None or number == 0):
        return given
    examples = [each for each in shape.examples if each not in (None, [], {})]
    if not examples:
        return UNTOLD
    if all(isinstance(each, dict) for each in examples) and len(examples) > 1:
        united: dict[str, Any] = {}
        for each in reversed(examples):
            united.update(each)
        return united if number == 0 else examples[number % len(examples)]
    return examples[number % len(examples)]


def scalars(shape: Shape, hint: Any, kind: str) -> Iterator[Any]:
    """What the hints come to as values of a kind, likeliest first; the caller judges them."""
    for each in (hint, *shape.examples, shape.default):
        if each is UNTOLD or each in (None, ""):
            continue
        if kind_of(each) == kind:
            yield each
        else:
            yield from _read(each, kind)


def _read(value: Any, kind: str) -> Iterator[Any]:
    """A value written as one of another kind: ``"12"`` for 12, 12 for ``"12"``."""
    if kind == "string" and isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)
    if not isinstance(value, str):
        return
    if kind == "boolean" and value.lower() in _TRUTHS:
        yield _TRUTHS[value.lower()]
    if kind in ("integer", "fraction"):
        try:
            number = float(value)
            yield int(number) if number.is_integer() else number
        except (ValueError, OverflowError):
            return


def varied(value: Any, random: Random) -> Any:
    """Another value of the same look, where a value is an identifier or a number."""
    if isinstance(value, str) and _IDENTIFIER.fullmatch(value) and not _DATE.search(value):
        return _DIGIT.sub(lambda _: str(random.randint(1, 9)), value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 1:
        return random.randint(1, 2 * value) if value > 0 else value
    return value
