"""Members of values: what they lead to, and how keys that stand in them are written in a path."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

Path = tuple[str, ...]
"""The names of the members that lead to a value."""

_INTEGER = re.compile(r"-?[0-9]{1,19}")


def key_text(parts: Sequence[Any]) -> str:
    """The key of a record from the texts that name its parents and itself."""
    return "/".join(quote(text_of(part), safe="") for part in parts)


def text_of(value: Any) -> str:
    """A key as it stands in a path."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def integer_in(text: str) -> int | None:
    """The integer of 64 bits that a text is, as JSON writes it or with zeros before it.

    None for any other text, such as ``--5``, ``²``, and one of a thousand digits.
    """
    return int(text) if _INTEGER.fullmatch(text) else None


def value_at(value: Any, path: Path) -> Any:
    """What members lead to, None where there is nothing."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def with_value(value: Any, path: Path, inner: Any) -> Any:
    """A copy of a value in which members lead to another."""
    if not path:
        return inner
    made = dict(value) if isinstance(value, dict) else {}
    made[path[0]] = with_value(made.get(path[0]), path[1:], inner)
    return made
