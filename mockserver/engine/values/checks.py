"""Small schemas judged, each compiled once."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs


class Checks:
    """Judges of small schemas, kept for as long as the values of one schema are made."""

    def __init__(self) -> None:
        self._judges: dict[str, Any] = {}

    def judge(self, schema: dict[str, Any]) -> Any:
        """The validator of a schema; one that accepts nothing where it is no schema."""
        key = json.dumps(schema, sort_keys=True)
        if key not in self._judges:
            self._judges[key] = _compiled(schema)
        return self._judges[key]

    def valid(self, schema: dict[str, Any], value: Any) -> bool:
        """Whether a value satisfies a schema."""
        return bool(self.judge(schema).is_valid(value))


def _compiled(schema: Any) -> Any:
    try:
        return jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    except ValueError:
        return jsonschema_rs.Draft202012Validator(False)
