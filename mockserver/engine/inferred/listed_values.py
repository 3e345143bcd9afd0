"""The values that a schema lists, wherever in it they stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mockserver.engine.inference.views import View
from mockserver.engine.spec import Schema

_DEEPEST = 4


def listed_values(
    view: Callable[[Schema | None], View], schema: Schema, depth: int = _DEEPEST
) -> list[Any]:
    """The values of an enumeration, or both of a truth value; none where others may be.

    An enumeration may stand behind a reference or inside a composition, as it does where a shared
    schema is given a description or a null of its own.
    """
    plain = view(schema).plain
    declared = plain.get("enum")
    if isinstance(declared, list):
        return declared
    if "const" in plain:
        return [plain["const"]]
    if view(schema).kind == "boolean":
        return [True, False]
    for keyword in ("allOf", "oneOf", "anyOf"):
        parts = plain.get(keyword)
        for part in parts if isinstance(parts, list) and depth else ():
            found = listed_values(view, part, depth - 1)
            if found:
                return found
    return []
