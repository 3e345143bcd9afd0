"""Fields of forms whose names nest: ``ids[]``, ``assets[0][id]``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_NESTED = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\]){1,5})")
_PLACE = re.compile(r"0|[1-9][0-9]?|100")
_STEP = re.compile(r"\[([^\]]*)\]")


def nested(fields: Mapping[str, list[str]]) -> dict[str, Any]:
    """The fields of a form as the object that they spell.

    A name that came more than once is a list. ``a[]`` adds to a list, ``a[0]`` stands in one,
    ``a[b]`` is a member of an object; names that nest deeper than five levels are taken as they
    are.
    """
    made: dict[str, Any] = {}
    for name, values in fields.items():
        found = _NESTED.fullmatch(name)
        steps = [found[1], *_STEP.findall(found[2])] if found else [name]
        is_list = found is None and (len(values) > 1 or name in made)
        for value in values:
            _put(made, [*steps, ""] if is_list else steps, value)
    return {name: _listed(value) for name, value in made.items()}


def _put(made: dict[str, Any], steps: list[str], value: str) -> None:
    node, key = made, steps[0]
    for step in steps[1:]:
        if not isinstance(node.get(key), dict):
            node[key] = {"0": node[key]} if key in node else {}
        node = node[key]
        key = step or str(len(node))
    node[key] = value


def _listed(value: Any) -> Any:
    """Objects whose members are numbered as lists, in their order and without gaps."""
    if not isinstance(value, dict):
        return value
    items = {key: _listed(item) for key, item in value.items()}
    if not all(_PLACE.fullmatch(key) for key in items):
        return items
    return [items[key] for key in sorted(items, key=int)]
