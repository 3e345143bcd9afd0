"""Values written as their media types ask for: XML, forms, text, JSON inside of anything else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from mockserver.engine.media import encode_json, media_type_of
from mockserver.engine.spec import Schema
from mockserver.engine.wire.fields import Field
from mockserver.engine.wire.sent import BODY
from mockserver.engine.wire.serialized import encode
from mockserver.engine.wire.shapes import ANY, CONTAINERS, Shapes, kind_of
from mockserver.engine.wire.xml import encode_xml, is_xml
from mockserver.engine.wire.xml_tree import parse_xml
from mockserver.errors import ApiError

Write = Callable[[Any], bytes]
"""The bytes of a JSON value."""

_LINES = frozenset(("application/jsonl", "application/x-ndjson", "application/x-jsonlines",
                    "application/json-seq", "application/jsonlines"))  # fmt: skip
_YAML = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml", "text/vnd.yaml")
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NO_NAME = re.compile(r"[^A-Za-z0-9_.-]")
_NO_START = re.compile(r"^(?=[^A-Za-z_])")


def writer(media_type: str, schema: Schema, shapes: Shapes) -> Write:
    """How values of a schema are written in a media type that is not JSON."""
    bare = media_type_of(media_type)
    if is_xml(bare):
        return lambda value: _xml(value, schema, shapes)
    if bare == "application/x-www-form-urlencoded":
        return lambda value: _form(value, schema, shapes)
    if bare in _LINES:
        return _lines
    if bare == "text/event-stream":
        return lambda value: b"data: " + _json(value) + b"\n\n"
    return _json if bare in _YAML or bare.endswith("+yaml") else _text


def _json(value: Any) -> bytes:
    return encode_json(value, _no_part)


def _no_part(part: Any) -> Any:
    raise TypeError(f"{type(part).__name__} is no JSON value")


def _text(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else b"" if value is None else _json(value)


def _lines(value: Any) -> bytes:
    """JSON texts, each on a line of its own."""
    items = value if isinstance(value, list) else [value]
    return b"".join(_json(item) + b"\n" for item in items)


def _form(value: Any, schema: Schema, shapes: Shapes) -> bytes:
    """The members of an object as fields, those with members of their own in brackets."""
    if not isinstance(value, Mapping):
        return _text(value)
    pairs = []
    for name, member in value.items():
        nested = kind_of(member) in CONTAINERS and any(
            kind_of(each) in CONTAINERS
            for each in (member.values() if isinstance(member, Mapping) else member)
        )
        deep = nested or isinstance(member, Mapping)
        style = "deepObject" if deep else "form"
        known = (shape.member(name) for shape in shapes.of(schema))
        declared = next((each for each in known if each is not None), ANY)
        pairs += encode(Field(name, BODY, declared, style), member)
    return "&".join(f"{name}={text}" for name, text in pairs).encode()


def _xml(value: Any, schema: Schema, shapes: Shapes) -> bytes:
    """A value as XML; a text that is a document already is that document.

    What XML cannot hold is left out: control characters; in names all but letters and digits.
    """
    if isinstance(value, str) and _is_document(value):
        return value.encode()
    try:
        return encode_xml(value, schema, shapes)
    except ValueError:
        return encode_xml(_cleaned(value), ANY, shapes, _root(schema, shapes))


def _is_document(text: str) -> bool:
    if not text.startswith("<"):
        return False
    try:
        parse_xml(text.encode())
    except ApiError:
        return False
    return True


def _root(schema: Schema, shapes: Shapes) -> str:
    names = (shape.xml.get("name") or shape.component for shape in shapes.of(schema))
    return _name(next(filter(None, names), ""))


def _name(text: str) -> str:
    return _NO_START.sub("_", _NO_NAME.sub("_", text)) if text else ""


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return _NO_XML.sub("", value)
    if isinstance(value, Mapping):
        return {_name(name) or "_": _cleaned(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_cleaned(item) for item in value]
    return value
