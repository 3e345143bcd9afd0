"""When two JSON values are the same, and how they are told."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from mockserver.errors import pointer_to

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
ISSUED = re.compile(rf"{UUID.pattern}|(?<!\w)[5-8][0-9]{{8}}(?!\w)", re.IGNORECASE)
"""What references give out: UUIDs, and keys that count (:mod:`mockserver.contract.numbered`)."""

IDENTIFYING = ("identifier", "uuid")
"""Members that say which item it is, where none has the name of a key."""

_INDEX = re.compile(
    r"/(\d+|[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}|\d{4}-\d\d-\d\dT[^/]*)(?=/|$)"
)


def normal(pointer: str) -> str:
    """A pointer without the numbers of items: one cause is one, wherever it shows."""
    return _INDEX.sub("/*", pointer)


def shown(value: Any) -> str:
    """A value in as many words as a line has room for."""
    if isinstance(value, str):
        text = value
    else:
        text = orjson.dumps(value, default=str).decode() if value is not None else "null"
    return text if len(text) <= 300 else f"{text[:297]}..."  # noqa: PLR2004 - a few lines


def identical(a: Any, t: Any) -> bool:
    """Whether two JSON values are the same; ``1`` and ``true`` are not."""
    if a != t:
        return False
    kind = type(a)
    if kind is str or a is None:
        return True
    if kind is dict or kind is list:
        sort = orjson.OPT_SORT_KEYS
        return orjson.dumps(a, option=sort) == orjson.dumps(t, option=sort)
    return isinstance(a, bool) == isinstance(t, bool)


def close(a: Any, t: Any) -> bool:
    """Whether two values are the same, numbers as far as floating point can tell."""
    if identical(a, t):
        return True
    return both_numbers(a, t) and math.isclose(a, t, rel_tol=1e-9, abs_tol=1e-12)


_WORD = re.compile(rf"{UUID.pattern}|[\w:+.%~]+", re.IGNORECASE)


def has_in_common(texts: Sequence[str], t: str) -> bool:
    """Whether a text has, in their places, the words that several other texts have in common.

    It need not where these are not built alike, and so may be anything.
    """
    words = [_WORD.findall(text) for text in texts]
    if len(set(map(len, words))) > 1:
        return True
    places = enumerate(zip(*words, strict=True))
    common = [(n, some[0]) for n, some in places if len(set(some)) == 1 and _is_telling(some[0])]
    its = _WORD.findall(t) if common else words[0]
    return len(its) == len(words[0]) and all(its[n] == word for n, word in common)


def _is_telling(word: str) -> bool:
    """Whether two texts hardly have a word in common by chance."""
    return len(word) > 5 or (len(word) > 2 and any(map(str.isalpha, word)))  # noqa: PLR2004


def pieces_of(text: str, issued: Mapping[Any, int]) -> tuple[Any, ...] | None:
    """A text in pieces around the identifiers in it that were issued; None without any."""
    found = [m for m in ISSUED.finditer(text) if m.group() in issued]
    if not found:
        return None
    pieces: list[Any] = []
    end = 0
    for match in found:
        pieces += [text[end : match.start()], issued[match.group()]]
        end = match.end()
    return (*pieces, text[end:])


def place_of(aspect: str, path: tuple[Any, ...]) -> str:
    """Where a value stands in an answer, as triples remember it."""
    return f"{aspect}:{pointer_to(path)}"


def issued_in(text: str, issued: Mapping[Any, int]) -> list[str]:
    """The identifiers in a text that a reference gave out."""
    return [m.group() for m in ISSUED.finditer(text) if m.group() in issued]


NO_KEYS: frozenset[str] = frozenset()
"""No names of keys but those that are known for it."""


def key_of(item: Any, keys: frozenset[str]) -> Any:
    """What an item of a list is known by: its key, that of the one record in it, or itself."""
    if not isinstance(item, dict):
        return item
    names = ("id", *sorted(keys), *IDENTIFYING)
    inner = [value for value in item.values() if isinstance(value, dict)]
    for record in (item, inner[0]) if len(inner) == 1 else (item,):
        for name in names:
            if name in record:
                return record[name]
    return item


def in_order(items: Any, keys: Sequence[str], issued: Mapping[Any, int]) -> bool:
    """Whether a list has the items of some keys one after the other.

    Keys are those that were ``issued``, by their order, and others as they are.
    """
    if not isinstance(items, list):
        return False
    told = (key_of(item, NO_KEYS) for item in items)
    there = [str(issued.get(key, key) if isinstance(key, str | int) else key) for key in told]
    places = [there.index(key) for key in keys if key in there]
    return len(places) == len(keys) and places == sorted(places)


def keys_of(items: Any) -> str:
    """The keys of a few items, for people."""
    return ", ".join(shown(key_of(item, frozenset(("id",))))[:40] for item in items[:12])


def frozen(value: Any) -> Any:
    """A value as something that can be counted."""
    if isinstance(value, dict | list):
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return value


def both_numbers(a: Any, t: Any) -> bool:
    """Whether both are numbers; true and false are none."""
    numbers = isinstance(a, int | float) and isinstance(t, int | float)
    return numbers and not isinstance(a, bool) and not isinstance(t, bool)


def instant_of(value: Any) -> datetime | None:
    """The instant that a text tells (ISO 8601), None for any other value."""
    if not isinstance(value, str) or not 16 <= len(value) <= 40:  # noqa: PLR2004 - ISO 8601
        return None
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def sorted_list(value: str | None) -> str | None:
    """The members of a header's list in one order; methods have case (RFC 9110, section 9.1)."""
    if value is None:
        return None
    return ", ".join(sorted({part.strip() for part in value.split(",")}))


def as_text(data: bytes) -> str:
    """Bytes as text, whatever they are."""
    return data.decode("utf-8", "replace")


def as_words(data: bytes) -> str:
    """How many bytes, and how they begin."""
    return f"{len(data)} bytes: {data[:80].decode('utf-8', 'replace')}"
