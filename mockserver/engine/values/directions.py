"""A schema document for one direction, and what of it can be judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import jsonschema_rs

from mockserver.engine.values.checks import Checks
from mockserver.engine.values.merging import Merger

Direction = Literal["reply", "request"]
"""Which way a value goes: members that are ``readOnly`` are not sent in requests, nor those that
are ``writeOnly`` in replies (OpenAPI 3.0.3, Schema Object)."""

LEFT_OUT: dict[Direction, str] = {"reply": "writeOnly", "request": "readOnly"}
"""The annotation whose members do not go each way."""

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
    mark = LEFT_OUT[direction]
    if not _mentions(document, mark):
        return document
    merger = Merger(document, Checks())

    def relax(schema: dict[str, Any]) -> None:
        properties, required = schema.get("properties"), schema.get("required")
        if isinstance(properties, Mapping) and isinstance(required, list):
            schema["required"] = [
                name
                for name in required
                if name not in properties or mark not in merger.shape((properties[name],)).marks
            ]

    made: dict[str, Any] = _changed(document, relax)
    return made


def judgeable(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """A copy of a schema document without the keywords that are no JSON Schema.

    Such as a ``pattern`` that is no regular expression, or ``examples`` that are no list.
    """
    made: dict[str, Any] = _changed(document, _drop_wrong)
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


def _changed(schema: Any, change: Change) -> Any:
    """A copy of a schema in which it and every schema within has been changed."""
    if not isinstance(schema, Mapping):
        return schema
    made = {keyword: _inner(keyword, value, change) for keyword, value in schema.items()}
    change(made)
    return made


def _inner(keyword: str, value: Any, change: Change) -> Any:
    if keyword in _NAMED and isinstance(value, Mapping):
        return {name: _changed(entry, change) for name, entry in value.items()}
    if keyword in _LISTED and isinstance(value, list):
        return [_changed(entry, change) for entry in value]
    return _changed(value, change) if keyword in _SINGLE else value
