"""Values of the schemas of one description, as its answers need them."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from mockserver.engine.schema import Schemas
from mockserver.engine.spec import Schema
from mockserver.engine.values import Unsatisfiable, Workshop
from mockserver.engine.values.making import Maker

MAX_MAKERS = 5_000
"""Makers of values that are kept; what is large about them they share."""

logger = logging.getLogger("mockserver")


class Makers:
    """Values of schemas as they are answered, the same for the same seed.

    What is ``writeOnly`` is in none of them, and nothing requires it (OpenAPI 3.0.3, Schema
    Object).
    """

    def __init__(self, schemas: Schemas, seed: int) -> None:
        self.schemas = schemas
        self._workshop = Workshop(seed)
        self._known: OrderedDict[int, tuple[Schema, Maker]] = OrderedDict()
        self._examples: dict[int, tuple[Schema, Any]] = {}
        self._told: set[str] = set()
        self._lock = threading.Lock()

    def show(self, schema: Schema, example: Any) -> None:
        """Answer this example where the first value of a schema is asked for, if it is valid."""
        self._examples.setdefault(id(schema), (schema, example))

    def make(self, schema: Schema, names: Sequence[str], number: int = 0) -> Any:
        """A value of a schema; where none satisfies it the best that there is, which is told."""
        shown = self._examples.get(id(schema)) if number == 0 else None
        if shown is not None and self.is_valid(schema, shown[1]):
            return shown[1]
        try:
            return self._workshop.make(self._maker(schema), names, number)
        except Unsatisfiable as unsatisfiable:
            return self._nearest(schema, names, unsatisfiable)

    def problem(self, schema: Schema) -> Unsatisfiable | None:
        """Why no value of a schema can be made, or None.

        From then on the nearest value may be answered where the schema is documented.
        """
        try:
            self._workshop.make(self._maker(schema), (), 0)
        except Unsatisfiable as unsatisfiable:
            self.schemas.accept(schema)
            return unsatisfiable
        return None

    def _nearest(self, schema: Schema, names: Sequence[str], found: Unsatisfiable) -> Any:
        """A value that satisfies a schema after all, or else the best that there is."""
        problem = self.problem(schema)
        if problem is None:
            return self._workshop.make(self._maker(schema), (), 0)
        text = f"{names[0] if names else 'an answer'}: {problem}; the nearest one is answered"
        if text not in self._told and len(self._told) < MAX_MAKERS:
            self._told.add(text)
            logger.warning("%s", text)
        return found.value

    def is_valid(self, schema: Schema, value: Any) -> bool:
        """Whether a value may be answered where a schema is documented."""
        return self.schemas.validator(schema, reply=True).is_valid(value)

    def fitted(self, schema: Schema, value: Any, names: Sequence[str]) -> Any:
        """A value as a schema asks for it: what it lacks is made, what does not fit is left out."""
        value = self._workshop.without_secrets(self._maker(schema), value)
        if self.is_valid(schema, value):
            return value
        made = self.make(schema, names)
        if not (isinstance(made, dict) and isinstance(value, dict)):
            return made
        for name, member in value.items():
            tried = {**made, name: member}
            made = tried if self.is_valid(schema, tried) else made
        return made

    def completed(self, schema: Schema, value: Any, names: Sequence[str]) -> Any:
        """A value with what the schema requires beyond it; None where that makes none.

        Nothing of the value itself is left out, but for what is ``writeOnly``.
        """
        value = self._workshop.without_secrets(self._maker(schema), value)
        if self.is_valid(schema, value):
            return value
        made = self.make(schema, names, 1)
        if not isinstance(value, dict) or not isinstance(made, dict):
            return None
        required = self._workshop.required(self._maker(schema))
        lacking = {name: made[name] for name in required if name in made and name not in value}
        for tried in ({**value, **lacking}, _filled(value, made)):
            if self.is_valid(schema, tried):
                return tried
        return None

    def _maker(self, schema: Schema) -> Maker:
        with self._lock:
            known = self._known.get(id(schema))
            if known is not None:
                self._known.move_to_end(id(schema))
                return known[1]
            judge = self.schemas.validator(schema, reply=True)
            made = self._workshop.maker(self.schemas.annotated(schema), judge)
            self._known[id(schema)] = (schema, made)
            if len(self._known) > MAX_MAKERS:
                self._known.popitem(last=False)
            return made


def _filled(value: Any, made: Any) -> Any:
    """A value with all that a made one has beyond it, member by member, item by item."""
    if isinstance(value, dict) and isinstance(made, dict):
        inner = {name: _filled(item, made.get(name)) for name, item in value.items()}
        return {**made, **inner}
    if isinstance(value, list) and isinstance(made, list) and made:
        return [_filled(item, made[index % len(made)]) for index, item in enumerate(value)]
    return value
