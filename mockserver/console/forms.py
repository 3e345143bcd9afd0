"""What a form shows of a collection: the key of its records, and their members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.engine.inference.views import Views
from mockserver.engine.schema import Schemas
from mockserver.engine.spec import Schema
from mockserver.state.records import Shape

_TOLD = (
    "type", "format", "enum", "const", "nullable", "default", "description", "readOnly",
    "minimum", "maximum", "minLength", "maxLength", "pattern",
)  # fmt: skip
"""What a form needs of a member's schema; the whole of it stands in the description."""


def form_of(shape: Shape, schemas: Schemas) -> dict[str, Any]:
    """The key, whether there is one record only, and the members of records by their schema.

    References are followed and compositions merged, one level deep; of members that are objects
    or lists only their type is told.
    """
    views = Views(schemas.resolved)
    view = views.view(shape.schema)
    members = [
        {"name": name, "required": name in view.required, "schema": _member(views, schema)}
        for name, schema in view.properties.items()
    ]
    return {"key": shape.key, "single": shape.single, "members": members}


def _member(views: Views, schema: Schema) -> Mapping[str, Any]:
    view = views.view(schema)
    told = {name: view.plain[name] for name in _TOLD if name in view.plain}
    if "type" not in told and view.kind:
        told["type"] = view.kind
    return told
