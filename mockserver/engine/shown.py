"""What a value looks like of which a description shows examples, and says nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

LOOKS: Final = "x-looks"
"""Where a schema that allows anything keeps the schema of what its examples look like."""

_DEEPEST = 12
_MOST = 200
"""Elements of one list, and examples of one value, that are looked at."""

_WHOLE = ("id", "key", "number", "no", "code")
"""How names of whole numbers end; others may have a fraction although no example has."""


def looking_like(examples: Iterable[Any]) -> Mapping[str, Any]:
    """A schema that allows anything, and knows what examples look like; no more if none tells.

    Only objects and arrays tell: a text may as well be what a person wrote there.
    """
    told = [each for each in examples if isinstance(each, dict | list)]
    return {LOOKS: _looks(told)} if told else {}


def _looks(values: Sequence[Any], name: str = "", depth: int = _DEEPEST) -> dict[str, Any]:
    """A schema of values of one place; one that allows anything where they differ in kind."""
    known = [value for value in values[:_MOST] if value is not None]
    if not known or not depth:
        return {}
    if all(isinstance(value, dict) for value in known):
        names = dict.fromkeys(str(name) for value in known for name in value)
        return {
            "type": "object",
            "properties": {
                each: _looks([value[each] for value in known if each in value], each, depth - 1)
                for each in names
            },
        }
    if all(isinstance(value, list) for value in known):
        elements = [element for value in known for element in value]
        return {"type": "array", "items": _looks(elements, name, depth - 1)}
    return _scalar(known, name)


def _scalar(values: Sequence[Any], name: str) -> dict[str, Any]:
    if all(isinstance(value, bool) for value in values):
        return {"type": "boolean"}
    if all(isinstance(value, str) for value in values):
        return {"type": "string"}
    if any(isinstance(value, bool | str | dict | list) for value in values):
        return {}
    whole = all(isinstance(value, int) for value in values) and name.lower().endswith(_WHOLE)
    return {"type": "integer" if whole else "number"}
