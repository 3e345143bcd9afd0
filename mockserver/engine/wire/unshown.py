"""The empty arrays and objects of a form: names without values have no way to show them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from mockserver.engine.spec import Schema
from mockserver.engine.wire.shapes import ANY, CONTAINERS, Shape, Shapes

_DEEP = 8
"""Objects in objects that are made of nothing."""

_MOST = 2_000
"""Places of one value that are looked at."""

_NOTHING: Final = object()


class Unshown:
    """Reads what was refused as a value whose empty arrays and objects were not shown.

    How an empty array or object is written in a form is left undefined (OpenAPI 3.0.4, Style
    Examples: n/a; RFC 6570, section 3.2.1): clients leave its name out, or its value. A required
    member that is left out is the empty array or object that its schema allows, and so is an
    empty text where only those may be.
    """

    def __init__(self, shapes: Shapes) -> None:
        self._shapes = shapes
        self._left = _MOST

    def restored(self, schema: Schema, value: Any) -> Any:
        """A value with the empty arrays and objects in it; as it is where none are missing."""
        self._left -= 1
        if self._left < 0 or self._shapes.accepts(schema, value):
            return value
        return self._shapes.chosen(schema, self._readings(schema, value))

    def _readings(self, schema: Schema, value: Any) -> Iterator[Any]:
        yield value
        if value == "" and self._shapes.kinds(schema) <= CONTAINERS:
            yield from self._empties(schema, _DEEP)
        elif value in ([""], [[]], [{}]):
            yield []
        if isinstance(value, Mapping):
            for shape in self._shapes.of(schema):
                if "object" in shape.kinds:
                    yield self._whole(shape, value, _DEEP)
        elif isinstance(value, list):
            for shape in self._shapes.of(schema):
                if "array" in shape.kinds:
                    items = enumerate(value)
                    yield [self.restored(shape.item(i), each) for i, each in items]

    def _whole(self, shape: Shape, value: Mapping[str, Any], depth: int) -> dict[str, Any]:
        """An object with the members that were not shown."""
        made = {
            name: self.restored(shape.member(name) or ANY, each) for name, each in value.items()
        }
        for name in sorted(shape.required - value.keys()):
            schema = shape.member(name)
            empty = _NOTHING if schema is None else self._empty(schema, depth - 1)
            if empty is not _NOTHING:
                made[name] = empty
        return made

    def _empty(self, schema: Schema, depth: int) -> Any:
        """The empty array or object that a schema allows, and nothing else."""
        if not depth or not self._shapes.kinds(schema) <= CONTAINERS:
            return _NOTHING
        found = (
            each for each in self._empties(schema, depth) if self._shapes.accepts(schema, each)
        )
        return next(found, _NOTHING)

    def _empties(self, schema: Schema, depth: int) -> Iterator[Any]:
        for shape in self._shapes.of(schema):
            if "array" in shape.kinds:
                yield []
            if "object" in shape.kinds:
                yield self._whole(shape, {}, depth - 1)
