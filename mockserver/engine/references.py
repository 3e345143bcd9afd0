"""References within one document: followed, and told where they lead to nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.errors import Problem

_DATA = frozenset(("example", "examples", "default", "enum", "const"))
"""Members that hold data, in which ``$ref`` is a word like any other."""

_EXTENDED = frozenset(("paths", "responses"))
"""Members whose members have names, or are extensions (OpenAPI 3.0.3, Paths, Responses Object)."""

_NAMED = _EXTENDED | frozenset(
    ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "schemas",
     "headers", "parameters", "requestBodies", "securitySchemes", "links", "callbacks",
     "pathItems", "webhooks", "content", "encoding")
)  # fmt: skip
"""Members whose members have names, which may be any."""


class References:
    """The references of a document; those that lead to nothing become problems."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._targets: dict[str, Any] = {}
        self.problems: list[Problem] = []

    def problem(self, pointer: str, message: str) -> None:
        """Record what is wrong."""
        self.problems.append(Problem("", pointer, message))

    def check_references(self, value: Any, within: str = "") -> None:
        """Record a problem for each reference in a value that leads to nothing.

        ``within`` is the name of the member that the value is.
        """
        if isinstance(value, dict):
            named = within in _NAMED
            reference = value.get("$ref")
            if isinstance(reference, str) and not named:
                self._target(reference)
            for name, item in value.items():
                if not _is_data(str(name), within):
                    self.check_references(item, "" if named else str(name))
        elif isinstance(value, list):
            for item in value:
                self.check_references(item)

    def resolve(self, value: Any) -> Any:
        """The value a Reference Object stands for; any other value itself."""
        seen: set[str] = set()
        while isinstance(value, dict) and isinstance(value.get("$ref"), str):
            reference = value["$ref"]
            if reference in seen:
                self.problem(reference, "references that lead to each other and to nothing else")
                return {}
            seen.add(reference)
            value = self._target(reference)
        return value

    def _target(self, reference: str) -> Any:
        known = self._targets.get(reference)
        if known is not None:
            return known
        found: Any = self._document if reference.startswith("#/") else None
        for part in reference.removeprefix("#/").split("/"):
            name = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(found, dict) or name not in found:
                self.problem(reference, "a reference to it, and no such place in the document")
                found = {}
                break
            found = found[name]
        self._targets[reference] = found
        return found


def _is_data(name: str, within: str) -> bool:
    """Whether a member holds data, or is an extension, rather than a part of the description."""
    if within in _NAMED:
        return within in _EXTENDED and name.startswith("x-")
    return name in _DATA or name.startswith("x-")
