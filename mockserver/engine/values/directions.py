"""A schema document for one direction, and what of it can be judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import jsonschema_rs

from mockserver.engine.values.checks import Checks
from mockserver.engine.values.merging import Merger
from mockserver.engine.values.shapes import Sources

Direction = Literal["reply", "request"]
"""Which way a value goes: members that are ``readOnly`` are not sent in requests, nor those that
are ``writeOnly`` in replies (OpenAPI 3.0.3, Schema Object)."""

LEFT_OUT: dict[Direction, str] = {"reply": "writeOnly", "request": "readOnly"}
"""The annotation whose members do not go each way."""

_UNIONS = 3

Change = Callable[[dict[str, Any]], None]

_NAMED = frozenset(("properties", "patternProperties", "dependentSchemas", "$defs"))
_LISTED = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
_SINGLE = frozenset(
    ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames",
     "unevaluatedItems", "unevaluatedProperties")
)  # fmt: skip


def directed(document: Mapping[str, Any], direction: Direction) -> Mapping[str, Any]:
    """A schema document for one direction: members that do not go that way are not required.

    OpenAPI 3.0.3 (Schema Object): where such a member is in ``required``, that "will take effect
    on the response only" for ``readOnly``, and on the request only for ``writeOnly``. The same
    document comes back if it has none.
    """
    if not _mentions(document, LEFT_OUT[direction]):
        return document
    made: dict[str, Any] = relaxed(document, Merger(document, Checks()), direction)
    return made


def relaxed(schema: Any, merger: Merger, direction: Direction) -> Any:
    """A copy of a schema that does not require what does not go in a direction.

    ``merger`` knows the document that the schema's references lead into.
    """
    mark = LEFT_OUT[direction]

    def relax(schema: dict[str, Any]) -> None:
        properties, required = schema.get("properties"), schema.get("required")
        if isinstance(properties, Mapping) and isinstance(required, list):
            schema["required"] = [
                name
                for name in required
                if name not in properties or mark not in merger.shape((properties[name],)).marks
            ]

    return changed(schema, relax)


def mentions(document: Mapping[str, Any], direction: Direction) -> bool:
    """Whether a document has members that do not go in a direction."""
    return _mentions(document, LEFT_OUT[direction])


def stripped(merger: Merger, sources: Sources, value: Any, mark: str) -> Any:
    """A value without the members that have a mark; the value itself if there are none."""
    if isinstance(value, list):
        items = [
            stripped(merger, _held(merger, sources, index), item, mark)
            for index, item in enumerate(value)
        ]
        same = all(made is item for made, item in zip(items, value, strict=True))
        return value if same else items
    if not isinstance(value, dict) or not sources:
        return value
    made = {}
    for name, member in value.items():
        held = _held(merger, sources, name)
        if not any(mark in merger.shape((each,)).marks for each in held):
            made[name] = stripped(merger, held, member, mark)
    same = len(made) == len(value) and all(made[name] is value[name] for name in value)
    return value if same else made


def _held(merger: Merger, sources: Sources, step: str | int, depth: int = 0) -> Sources:
    """The schemas that may hold for a member or an item, in any branch of a union."""
    shape = merger.shape(sources)
    found = shape.member(step) if isinstance(step, str) else shape.item(step)
    held = list(found or ())
    if depth < _UNIONS:
        for union in shape.unions:
            for branch in union.branches if union.key[1] in ("anyOf", "oneOf") else ():
                held += _held(merger, (branch,), step, depth + 1)
    return tuple(held)


def judgeable(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """A copy of a schema document without the keywords that are no JSON Schema.

    Such as a ``pattern`` that is no regular expression, or ``examples`` that are no list.
    """
    made: dict[str, Any] = changed(document, _drop_wrong)
    return made


def _drop_wrong(schema: dict[str, Any]) -> None:
    for keyword in [*schema]:
        if keyword not in _NAMED | _LISTED | _SINGLE and not _judged(keyword, schema[keyword]):
            del schema[keyword]


def _judged(keyword: str, argument: Any) -> bool:
    try:
        jsonschema_rs.Draft202012Validator({keyword: argument} if keyword != "$ref" else {})
    except ValueError:
        return False
    return True


def _mentions(schema: Any, mark: str) -> bool:
    if isinstance(schema, Mapping):
        return schema.get(mark) is True or any(_mentions(each, mark) for each in schema.values())
    return isinstance(schema, list) and any(_mentions(each, mark) for each in schema)


def changed(schema: Any, change: Change) -> Any:
    """A copy of a schema in which it and every schema within has been changed."""
    if not isinstance(schema, Mapping):
        return schema
    made = {keyword: _inner(keyword, value, change) for keyword, value in schema.items()}
    change(made)
    return made


def _inner(keyword: str, value: Any, change: Change) -> Any:
    if keyword in _NAMED and isinstance(value, Mapping):
        return {name: changed(entry, change) for name, entry in value.items()}
    if keyword in _LISTED and isinstance(value, list):
        return [changed(entry, change) for entry in value]
    return changed(value, change) if keyword in _SINGLE else value
