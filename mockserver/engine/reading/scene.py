"""Where a rule of repair stands, and what it may ask and tell there."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs

from mockserver.engine.reading.documents import Tell
from mockserver.engine.reading.library import steps_of
from mockserver.errors import pointer_to

_CALLBACK = 5
"""Steps to a parameter of an operation; what is further down may be in a callback."""
_SHOWN = 60
"""Characters of a value in a message."""


def shown(value: Any) -> str:
    """A value as short JSON for a message."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


class Scene:
    """The document that is being repaired, and the place where the rule at work looks.

    ``modern`` says that schemas are those of OpenAPI 3.1, which are JSON Schema 2020-12.
    """

    def __init__(self, document: dict[str, Any], tell: Tell) -> None:
        self.document = document
        self.modern = not str(document.get("openapi")).startswith("3.0")
        self.path: list[Any] = []
        self.rule = ""
        self._tell = tell
        self._patterns: dict[str, bool] = {}

    def tell(self, message: str, *steps: Any) -> None:
        """Say what was repaired here, or some steps further."""
        self._tell(pointer_to((*self.path, *steps)), self.rule, message)

    def section(self, name: str) -> dict[str, Any]:
        """The entries of a section of ``components``."""
        components = self.document.get("components")
        entries = components.get(name) if isinstance(components, dict) else None
        return entries if isinstance(entries, dict) else {}

    def resolved(self, value: Any) -> Any:
        """What a Reference Object stands for, None when it leads nowhere; else the value."""
        seen = set()
        while isinstance(value, dict) and isinstance(value.get("$ref"), str):
            reference = value["$ref"]
            if reference in seen:
                return None
            seen.add(reference)
            value = self._at(reference)
        return value

    def _at(self, reference: str) -> Any:
        found: Any = self.document
        for step in steps_of(reference.removeprefix("#")):
            found = found.get(step) if isinstance(found, dict) else None
        return found

    def template(self) -> str | None:
        """The template of the path that this place belongs to, not in a callback; else None."""
        own = 1 < len(self.path) <= _CALLBACK and self.path[0] == "paths"
        return str(self.path[1]) if own else None

    def is_pattern(self, pattern: str) -> bool:
        """Whether a text is a regular expression for the validator that decides."""
        known = self._patterns.get(pattern)
        if known is None:
            try:
                jsonschema_rs.Draft202012Validator({"pattern": pattern})
                known = True
            except ValueError:
                known = False
            self._patterns[pattern] = known
        return known
