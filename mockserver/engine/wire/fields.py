"""The fields of forms read as values, by their schemas and Encoding Objects."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.engine.media import decode_json, is_json
from mockserver.engine.spec import Schema
from mockserver.engine.wire.sent import PART, Raw, Text
from mockserver.engine.wire.shapes import ANY, CONTAINERS, Shapes
from mockserver.engine.wire.styles import MISSING, Decode, decoder
from mockserver.engine.wire.texts import Reader
from mockserver.errors import ApiError

_STYLED = ("style", "explode", "allowReserved")


@dataclass(frozen=True, slots=True)
class Field:
    """A property of a form's schema, declared as a parameter is."""

    name: str
    location: str
    schema: Schema
    style: str = "form"
    explode: bool = True
    allow_reserved: bool = False
    media_type: str = ""


class FieldReader:
    """Reads the fields of one form; ``location`` says whether they are percent-encoded.

    A property with a ``style``, ``explode`` or ``allowReserved`` of its own is read by it, as
    OpenAPI 3.0.4 and 3.1 have it (Encoding Object). Without, objects and arrays are taken as
    JSON, as fields that came several times, and with brackets in their names.
    """

    def __init__(
        self, schema: Schema, encodings: Mapping[str, Any], shapes: Shapes, location: str
    ) -> None:
        self._schema = schema
        self._shapes = shapes
        self._location = location
        self.properties = _properties(schema, shapes)
        self._fields = {
            name: self._field(name, property_, encodings.get(name) or {})
            for name, property_ in self.properties.items()
        }

    def _field(self, name: str, schema: Schema, encoding: Mapping[str, Any]) -> Decode:
        kinds = self._shapes.kinds(schema)
        if any(keyword in encoding for keyword in _STYLED):
            style = encoding.get("style", "form")
            field = Field(
                name,
                self._location,
                schema,
                style,
                bool(encoding.get("explode", style == "form")),
                bool(encoding.get("allowReserved")),
            )
            others = [other for other in self.properties if other != name]
            if self._location == PART and kinds & CONTAINERS:
                # OpenAPI 3.0.3 has styles in urlencoded forms only: parts are JSON all the same.
                return _Nested(field, self._shapes, others)
            return decoder(field, self._shapes, others)
        if kinds & CONTAINERS:
            return _Nested(Field(name, self._location, schema, "deepObject"), self._shapes)
        told = str(encoding.get("contentType", ""))
        media_type = told if is_json(told) and "string" not in kinds else ""
        return decoder(Field(name, self._location, schema, media_type=media_type), self._shapes)

    def value(self, raw: Raw) -> dict[str, Any]:
        """The fields as the members of an object, not judged. Raises ApiError 400."""
        found = ((name, decode(raw)) for name, decode in self._fields.items())
        members = {name: value for name, value in found if value is not MISSING}
        return {**members, **dict(self._others(raw))}

    def _others(self, raw: Raw) -> Iterator[tuple[str, Any]]:
        """The fields that no property describes."""
        reader = Reader(self._shapes)
        for name, texts in raw.items():
            if name.partition("[")[0] not in self._fields and name not in self._fields:
                text = Text(Field(name, self._location, ANY))
                node = [text.decoded(each) for each in texts]
                yield name, reader.read(self._member(name), node)

    def _member(self, name: str) -> Schema:
        members = (shape.member(name) for shape in self._shapes.of(self._schema))
        return next((schema for schema in members if schema is not None), ANY)


def _properties(schema: Schema, shapes: Shapes) -> dict[str, Schema]:
    """The properties of all alternatives of a schema; those of one name any of which will do."""
    found: dict[str, list[Schema]] = {}
    for shape in shapes.of(schema):
        for name, property_ in shape.properties.items():
            known = found.setdefault(name, [])
            if property_ not in known:
                known.append(property_)
    return {
        name: schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
        for name, schemas in found.items()
    }


class _Nested:
    """A property that is an object or an array: as JSON, repeated, or with brackets."""

    def __init__(self, field: Field, shapes: Shapes, others: Collection[str] = ()) -> None:
        self._field = field
        self._text = Text(field)
        self._shapes = shapes
        self._kinds = shapes.kinds(field.schema)
        self._plain = decoder(field, shapes, others)

    def __call__(self, raw: Raw) -> Any:
        values = _containers([self._text.decoded(text) for text in raw.get(self._field.name, ())])
        if not values:
            return self._plain(raw)
        readings = [values, values[0]] if "array" in self._kinds else [values[0]]
        if len(values) > 1:
            readings = [values]
        for value in readings:
            if self._shapes.accepts(self._field.schema, value):
                return value
        # Refused either way: as what it looks like, unless it may be a text that looks so.
        return readings[-1] if "string" not in self._kinds else self._plain(raw)


def _containers(texts: Sequence[str]) -> list[Any]:
    """Texts as JSON objects and arrays, nothing when one of them is none."""
    values = []
    for text in texts:
        if not text.lstrip().startswith(("{", "[")):
            return []
        try:
            values.append(decode_json(text.encode()))
        except (ApiError, UnicodeEncodeError):
            return []
    return values


def file_value(contents: Sequence[tuple[str, bytes]], schema: Schema, shapes: Shapes) -> Any:
    """Files of one name as what their schema judges; ``contents`` are media types and bytes.

    A file is a string of its octets (OpenAPI 3.0.3, Considerations for File Uploads), or what
    its JSON says where no string is wanted.
    """
    kinds = shapes.kinds(schema)
    is_list = "array" in kinds
    items = [shape.item(0) for shape in shapes.of(schema) if "array" in shape.read_as]
    wanted = shapes.kinds(items[0]) if items else kinds
    values = [
        decode_json(data)
        if "string" not in wanted and is_json(media_type.partition(";")[0].strip().lower())
        else data.decode("latin-1")
        for media_type, data in contents
    ]
    return values if is_list or len(values) > 1 else values[0]
