"""What a request may be beyond its schema: strict in what is sent, lenient in what is taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jsonschema_rs

from mockserver.engine.dialects import BOUNDS, or_null
from mockserver.engine.spec import Schema
from mockserver.engine.values.directions import changed, directed

_MOST = 50
"""Schemas of which the lenient reading is kept."""

Judged = tuple[Mapping[str, Any], jsonschema_rs.Draft202012Validator]


def lenient(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema document that takes what its author means beside what it says.

    - What is ``readOnly`` need not be sent, required or not (OpenAPI 3.0.3, Schema Object).
    - ``nullable`` is no keyword of OpenAPI 3.1; who writes it there means null all the same. It is
      called ``x-nullable`` once a description is read.
    - A format of integers is but a remark where the type is ``number`` (OpenAPI Format Registry:
      formats that a type does not go with are ignored).
    """
    made: Mapping[str, Any] = changed(directed(document, "request"), _relax)
    return made


def _relax(schema: dict[str, Any]) -> None:
    _unbind(schema)
    if schema.pop("x-nullable", None) is True:
        alone = dict(schema)
        schema.clear()
        schema.update(or_null(alone))


def _unbind(schema: dict[str, Any]) -> None:
    kinds = schema.get("type")
    kinds = [kinds] if isinstance(kinds, str) else kinds or ()
    if "number" not in kinds or "integer" in kinds:
        return
    least, most = BOUNDS.get(schema.get("format", ""), (None, None))
    if schema.get("minimum") == least:
        schema.pop("minimum", None)
    if schema.get("maximum") == most:
        schema.pop("maximum", None)


class Leniency:
    """The lenient readings of the schemas of one description, each made when it is needed.

    ``bundle`` gives the schema document of a schema.
    """

    def __init__(self, bundle: Callable[[Schema], Mapping[str, Any]]) -> None:
        self._bundle = bundle
        self._known: dict[int, tuple[Schema, Judged | None]] = {}

    def reading(self, schema: Schema) -> Judged | None:
        """The lenient document of a schema with its validator; None where it is as strict."""
        known = self._known.get(id(schema))
        if known is None:
            if len(self._known) >= _MOST:
                self._known.clear()
            known = self._known[id(schema)] = (schema, self._made(schema))
        return known[1]

    def _made(self, schema: Schema) -> Judged | None:
        document = self._bundle(schema)
        relaxed = lenient(document)
        if relaxed == document:
            return None
        return relaxed, jsonschema_rs.Draft202012Validator(dict(relaxed), validate_formats=True)
