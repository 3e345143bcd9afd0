"""Values and texts with variables in them, as Python source."""

from __future__ import annotations

import json
import re
from typing import Any

from mockserver.contract.reproducers.templates import MARK, Scope, pieces

WIDTH = 88


class Source:
    """Writes values of one reproducer as Python source."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def text(self, text: str, *, quoted: bool = False) -> str:
        """A text: a literal, a variable, or an f-string; ``quoted`` for the path of a URL."""
        parts = pieces(text)
        if not any(isinstance(part, int) for part in parts):
            return repr_of(text)
        if len(parts) == 1 and not quoted:
            name = self._name(parts[0])
            return name if self._scope.variables[int(parts[0])].is_text else f"str({name})"
        inner = ""
        for part in parts:
            if isinstance(part, str):
                inner += part.replace("{", "{{").replace("}", "}}")
            else:
                inner += "{" + self._in_url(part, quoted=quoted) + "}"
        return "f" + repr_of(inner)

    def _name(self, number: str | int) -> str:
        return self._scope.variables[int(number)].name

    def _in_url(self, number: int, *, quoted: bool) -> str:
        birth = self._scope.variables[number].birth
        value = "" if birth is None else str(birth.value)
        plain = re.fullmatch(r"[\w.~-]*", value, re.ASCII) is not None
        name = self._name(number)
        return name if plain or not quoted else f"quote({name}, safe='')"

    def value(self, value: Any, indent: int = 4) -> str:
        """A JSON value, on several lines where one is too short."""
        line = self._line(value)
        if len(line) + indent <= WIDTH or not isinstance(value, dict | list) or not value:
            return line
        inner, outer = " " * (indent + 4), " " * indent
        if isinstance(value, dict):
            rows = [
                f"{inner}{self._line(name)}: {self.value(item, indent + 4)},"
                for name, item in value.items()
            ]
            return "\n".join(["{", *rows, outer + "}"])
        rows = [f"{inner}{self.value(item, indent + 4)}," for item in value]
        return "\n".join(["[", *rows, outer + "]"])

    def _line(self, value: Any) -> str:
        if isinstance(value, dict):
            pairs = (f"{self._line(name)}: {self._line(item)}" for name, item in value.items())
            return "{" + ", ".join(pairs) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(map(self._line, value)) + "]"
        if isinstance(value, str):
            whole = MARK.fullmatch(value)
            return self._name(whole.group(1)) if whole else self.text(value)
        return repr(value)

    def octets(self, data: bytes) -> str:
        """Bytes, as a literal or as an encoded text."""
        text = data.decode("utf-8", "surrogateescape")
        if not MARK.search(text):
            return _wrapped(data)
        return f"{self.text(text)}.encode()"


def repr_of(text: str) -> str:
    """A text in double quotes, as formatters have it."""
    literal = json.dumps(text, ensure_ascii=False) if text.isprintable() else ""
    return literal if literal and "\\" not in literal else repr(text)


def _wrapped(data: bytes) -> str:
    """Long bytes on several lines."""
    if len(data) <= WIDTH:
        return repr(data)
    rows = [repr(data[start : start + 72]) for start in range(0, len(data), 72)]
    return "\n".join(["(", *(f"        {row}" for row in rows), "    )"])
