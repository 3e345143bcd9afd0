"""The texts and numbers that stand in the reference's handlers: what they compare with.

Of a regular expression it is texts that match it, and of several in one list also those of two of
them: where points are counted, two may be just enough.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import combinations, islice
from random import Random
from types import CodeType, ModuleType
from typing import Any

from mockserver.engine.values.patterns import Pattern

LONGEST = 40
"""Letters of a text past which it is a message."""

DEEPEST, LARGEST = 4, 200
"""Containers in containers of which the values are taken, and of how many."""


SPECIAL = re.compile(r"\\[\w.(\[]|\[[^\]]+\][+*?{]|\(\?")
"""What hardly any text has but a regular expression."""

EXPRESSION = 400
"""Letters of a regular expression at most."""

MATCHES, SHORT, LONG = 2, 1, 120
"""Texts for one regular expression, how long they are at least, and how much longer at most."""

TOGETHER = 12
"""Regular expressions of one list of which each two are matched together."""


class Constants:
    """The constants of the modules in which functions stand, and of those beside them."""

    def __init__(self, functions: Iterable[Callable[..., Any]]) -> None:
        files = {code.co_filename for f in functions if (code := getattr(f, "__code__", None))}
        folders = {os.path.dirname(file) for file in files}  # noqa: PTH120 - as modules name them
        modules = [m for m in list(sys.modules.values()) if _folder(m) in folders]
        found: dict[Any, None] = {}
        for module in sorted(modules, key=lambda module: module.__name__):
            found.update(dict.fromkeys(_of_module(module)))
        self.texts = list(dict.fromkeys(str(value) for value in found if isinstance(value, str)))
        matching = (str(value) for value in found if isinstance(value, Matching))
        self.matching = dict.fromkeys(matching)  # in an order that is the same in all processes
        self.octets = [value for value in found if isinstance(value, bytes)]
        numbers = (value for value in found if isinstance(value, int))
        self.numbers = list(dict.fromkeys(n + step for n in numbers for step in (-1, 0, 1)))


def _folder(module: ModuleType) -> str:
    return os.path.dirname(getattr(module, "__file__", None) or "")  # noqa: PTH120 - as above


def _of_module(module: ModuleType) -> Iterator[Any]:
    for name, value in list(vars(module).items()):
        if (
            name.startswith("__")
            or getattr(value, "__module__", module.__name__) != module.__name__
        ):
            continue
        code = getattr(value, "__code__", None)
        if isinstance(code, CodeType):
            yield from _of_code(code)
        elif isinstance(value, type):
            inner = (getattr(each, "__code__", None) for each in vars(value).values())
            yield from (c for code in inner if isinstance(code, CodeType) for c in _of_code(code))
        else:
            yield from _scalars(value, DEEPEST)


def _of_code(code: CodeType) -> Iterator[Any]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _of_code(constant)
        else:
            yield from _scalars(constant, DEEPEST)


def _scalars(value: Any, depth: int) -> Iterator[Any]:
    if isinstance(value, re.Pattern):
        yield from _matching(value.pattern)
    elif isinstance(value, str | bytes):
        expression = len(value) <= EXPRESSION and isinstance(value, str) and SPECIAL.search(value)
        if expression:
            yield from _matching(value)
        if 0 < len(value) <= LONGEST:
            yield value
    elif isinstance(value, int) and not isinstance(value, bool):
        yield int(value)
    elif isinstance(value, Mapping) and depth:
        for pair in list(value.items())[:LARGEST]:
            yield from _scalars(pair, depth - 1)
    elif isinstance(value, list | tuple | set | frozenset) and depth:
        items = sorted(value, key=repr) if isinstance(value, set | frozenset) else value
        inside = [list(_scalars(item, depth - 1)) for item in list(items)[:LARGEST]]
        yield from (each for found in inside for each in found)
        firsts = (next((e for e in found if isinstance(e, Matching)), None) for found in inside)
        some = [first for first in firsts if first is not None][:TOGETHER]
        yield from (Matching("\n".join(two)) for two in combinations(some, 2))


class Matching(str):
    """A text that was made to match a regular expression."""

    __slots__ = ()


def _matching(pattern: str | bytes) -> Iterator[Matching]:
    text = pattern.decode("latin-1") if isinstance(pattern, bytes) else pattern
    try:
        compiled = re.compile(text, re.MULTILINE)
    except re.error:
        return
    made = Pattern(text).texts(Random(len(text)), SHORT, LONG)  # noqa: S311 - no secret
    yield from map(Matching, islice(filter(compiled.search, made), MATCHES))
