"""The rule of repair for parts of a schema that leave no room for each other."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from mockserver.engine.reading.scene import Scene, shown
from mockserver.engine.reading.schema_types import Schema

_CLOSES = "additionalProperties"
_MESSAGE = "it has no {}, which is required: dropped"

_NESTED = 4
"""Parts of parts that are looked into."""


def closed_parts(schema: Schema, scene: Scene) -> None:
    """Parts of ``allOf`` that allow no members but their own, where others are required.

    ``additionalProperties`` knows the properties beside it and none of another part (JSON Schema
    Core, section 10.3.2.3), so no object satisfies all of them. Each part that is in the way is
    taken as if it did not say so.
    """
    parts = schema["allOf"]
    if not isinstance(parts, list):
        return
    whole = list(_whole(schema, scene))
    described = {name for part in whole for name in _mapping(part, "properties")}
    wanted = [name for part in whole for name in _names(part, "required") if name in described]
    lacking = _lacking(schema, wanted)
    if lacking:
        del schema[_CLOSES]
        scene.tell(_MESSAGE.format(shown(lacking)), _CLOSES)
    for number, part in enumerate(parts):
        opened, lacking = _opened(part, wanted, scene)
        if lacking:
            parts[number] = opened
            scene.tell(_MESSAGE.format(shown(lacking)), "allOf", number, _CLOSES)


def _whole(part: Any, scene: Scene, depth: int = _NESTED) -> Iterator[Any]:
    """A schema, and the parts of it and of its parts."""
    part = scene.resolved(part)
    yield part
    parts = part.get("allOf") if isinstance(part, dict) and depth else None
    for each in parts if isinstance(parts, list) else ():
        yield from _whole(each, scene, depth - 1)


def _opened(part: Any, wanted: list[str], scene: Scene, depth: int = _NESTED) -> tuple[Any, str]:
    """A part that lets wanted members in, and the first that it did not; empty if it did."""
    found = scene.resolved(part)
    if not isinstance(found, dict) or not depth:
        return part, ""
    lacking = _lacking(found, wanted)
    parts = found.get("allOf")
    listed = parts if isinstance(parts, list) else []
    inner = [_opened(each, wanted, scene, depth - 1) for each in listed]
    first = next((name for name in (lacking, *(each for _, each in inner)) if name), "")
    if not first:
        return part, ""
    made = {keyword: deepcopy(value) for keyword, value in found.items() if keyword != "allOf"}
    if inner:
        made["allOf"] = [deepcopy(each) for each, _ in inner]
    if lacking:
        del made[_CLOSES]
    return made, first


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
