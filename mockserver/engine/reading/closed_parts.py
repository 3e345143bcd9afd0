"""The rule of repair for parts of a schema that leave no room for each other."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from mockserver.engine.reading.scene import Scene, shown
from mockserver.engine.reading.schema_types import Schema

_CLOSES = "additionalProperties"


def closed_parts(schema: Schema, scene: Scene) -> None:
    """Parts of ``allOf`` that allow no members but their own, where others are required.

    ``additionalProperties`` knows the properties beside it and none of another part (JSON Schema
    Core, section 10.3.2.3), so no object satisfies all of them. Each part that is in the way is
    taken as if it did not say so.
    """
    parts = schema["allOf"]
    if not isinstance(parts, list):
        return
    whole = [schema, *(scene.resolved(part) for part in parts)]
    described = {name for part in whole for name in _mapping(part, "properties")}
    wanted = [name for part in whole for name in _names(part, "required") if name in described]
    for number, part in enumerate(whole):
        lacking = _lacking(part, wanted)
        if not lacking:
            continue
        message = f"it has no {shown(lacking)}, which is required: dropped"
        if number == 0:
            del schema[_CLOSES]
            scene.tell(message, _CLOSES)
        else:
            parts[number - 1] = {k: deepcopy(v) for k, v in part.items() if k != _CLOSES}
            scene.tell(message, "allOf", number - 1, _CLOSES)


def _lacking(part: Any, wanted: list[str]) -> str:
    """A wanted member that a part does not allow, empty when there is none."""
    closed = isinstance(part, dict) and part.get(_CLOSES) is False
    if not closed or "patternProperties" in part:
        return ""
    known = _mapping(part, "properties")
    return next((name for name in wanted if name not in known), "")


def _mapping(part: Any, keyword: str) -> dict[str, Any]:
    found = part.get(keyword) if isinstance(part, dict) else None
    return found if isinstance(found, dict) else {}


def _names(part: Any, keyword: str) -> list[str]:
    found = part.get(keyword) if isinstance(part, dict) else None
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []
