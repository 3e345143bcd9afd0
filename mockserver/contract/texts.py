"""Texts for calls: words that were seen, near them, and those that programs get wrong."""

from __future__ import annotations

import random
from functools import lru_cache

from mockserver.contract.alike import UUID
from mockserver.contract.odds import likely
from mockserver.contract.pools import INSTANT, Pools, mutated
from mockserver.engine.values.patterns import Pattern

WORDS = ("a", "b", "A", "ab", "a b", "word", "Straße")
"""Texts so few that many records share them."""

HARD = (
    "",
    " ",
    " a ",
    "a\u0301b",
    "\u00e1b",
    "stra\u00dfe STRASSE",
    "\u0130I i\u0131",
    "\u00c9T\u00c9 \u00e9t\u00e9",
    "\u03a3\u03c3\u03c2",
    "\U0001f600 \U0001d11e",
    "a\r\nb\rc\nd",
    "<a href='x'>&amp;\"</a>",
    "a%2Fb/c?d=e&f#g",
    "a" * 65,
    "ab " * 100,
    "word " * 900,
    "x" * 257,
    "\u00e9" * 130,
    "line\n" * 1_100,
    "null",
    "0",
    "a\tb\\c",
    "Stra\u00dfe",
    "\u00c4RGER",
    "\u0130zmir",
    "cafe\u0301",
    "caf\u00e9",
)
"""Blanks, compositions, folds, other planes, line ends, escapes, and lengths."""


def is_free(value: str) -> bool:
    """Whether a text looks like words, and not like a key, a moment or one of a few values."""
    return not (
        UUID.search(value) or INSTANT.match(value) or (value.isupper() and " " not in value)
    )


def matching(pattern: str, least: int, most: float, choice: random.Random) -> str | None:
    """A text that is likely to match a pattern; None where that cannot be read."""
    return next(_read(pattern).texts(choice, least, most), None)


@lru_cache(maxsize=200)
def _read(pattern: str) -> Pattern:
    return Pattern(pattern)


def text(pools: Pools, name: str, choice: random.Random, seen: float = 0.4) -> str:
    """A text for a member of that name, one that was ``seen`` somewhere about as often as told."""
    if likely(choice, seen):
        known = [value for value in pools.named(name) if isinstance(value, str)]
        word = choice.choice(known) if known and likely(choice, 0.3) else pools.word(choice)
        if word is not None:
            return str(mutated(word, choice)) if likely(choice, 0.35) else word
    return choice.choice(WORDS if likely(choice, 0.5) else HARD)
