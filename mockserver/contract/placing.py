"""Places in a call where a value may stand, and the call with another one there."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from typing import Any

from mockserver.contract.pools import leaves, with_leaf
from mockserver.contract.texts import is_free
from mockserver.contract.values import Form, Json, Part, Sent
from mockserver.contract.variations import at

Place = tuple[str, Any]
"""A query parameter, a member, or a part of a form and what of it; and where that is."""


def places_of(sent: Sent) -> list[Place]:
    """Where a value may stand in a call, beside its path."""
    found: list[Place] = [("query", n) for n in range(len(sent.query))]
    if isinstance(sent.body, Json):
        inside = leaves(sent.body.value)
        found += [("json", path) for path, leaf in inside if type(leaf) in {str, int, float}]
    elif isinstance(sent.body, Form):
        for number, part in enumerate(sent.body.parts):
            kinds = ("name", "bytes") if part.file_name is not None else ("text", "charset")
            found += [(kind, number) for kind in kinds]
    return found


def put(sent: Sent, place: Place, value: Any) -> Sent | None:
    """The call with a value in a place; None where it can have none of the kind."""
    kind, where = place
    body = sent.body
    if isinstance(body, Form) and kind != "query":
        part = _changed(body.parts[where], kind, value)
        parts = None if part is None else (*body.parts[:where], part, *body.parts[where + 1 :])
        return None if parts is None else replace(sent, body=Form(parts))
    if isinstance(value, bytes):
        value = b64encode(value).decode()
    if kind == "query":
        pairs = [(n, value if i == where else v) for i, (n, v) in enumerate(sent.query)]
        return replace(sent, query=tuple(pairs))
    if isinstance(body, Json):
        return replace(sent, body=Json(with_leaf(body.value, where, value)))
    return None


def value_at(sent: Sent, place: Place) -> Any:
    """What stands in a place of a call; None where it has no such place."""
    kind, where = place
    try:
        if kind == "query":
            return sent.query[where][1]
        if kind == "json" and isinstance(sent.body, Json):
            return at(sent.body.value, where)
        if kind == "text" and isinstance(sent.body, Form):
            return sent.body.parts[where].content
    except (IndexError, KeyError, TypeError):
        pass
    return None


def texts_of(sent: Sent) -> list[Place]:
    """The places of a call where there may be any text."""
    return [place for place in places_of(sent) if _is_text(place, value_at(sent, place))]


def _is_text(place: Place, value: Any) -> bool:
    return isinstance(value, str) and (place[0] != "json" or is_free(value))


def _changed(part: Part, kind: str, value: Any) -> Part | None:
    if kind == "bytes":
        content = part.content if isinstance(part.content, bytes) else b""
        return replace(part, content=value + content) if isinstance(value, bytes) else None
    if kind == "text":
        return None if isinstance(value, bytes) else replace(part, content=str(value))
    if not isinstance(value, str):
        return None
    if kind == "name":
        return replace(part, file_name=f"name.{value.removeprefix('.')}")
    return replace(part, media_type=f"text/plain; charset={value}")
