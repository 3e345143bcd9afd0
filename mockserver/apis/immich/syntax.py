"""What is wrong with a JSON text, in the words of the JavaScript engine behind the real server."""

from __future__ import annotations

import json
import re
from typing import NoReturn

_AROUND = 10
"""Characters shown on either side of one that is out of place."""

_SPACE = " \t\n\r"
_SAID = {
    "Expecting ':'": "Expected ':' after property name in JSON",
    "Unterminated": "Unterminated string in JSON",
    "Invalid control": "Bad control character in string literal in JSON",
    "Extra data": "Unexpected non-whitespace character after JSON",
}
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_BRACKET = re.compile(r"[{}\[\]]")
_WORD = re.compile(r"t(?:r(?:ue?)?)?|f(?:a(?:l(?:se?)?)?)?|n(?:ul?)?")


def complaint(text: str) -> str | None:
    """Why a text is no JSON object or list; None when it is one after all."""
    start = len(text) - len(text.lstrip(_SPACE))
    if not text.startswith(("{", "["), start):
        return _out_of_place(text, start)
    try:
        json.loads(text, parse_constant=lambda name: _constant(text, name))
    except json.JSONDecodeError as error:
        return _worded(text, error)
    except RecursionError:
        return "Maximum call stack size exceeded"
    return None


def _constant(text: str, name: str) -> NoReturn:
    """What Python takes for a number and JSON does not."""
    raise json.JSONDecodeError("Expecting value", text, text.find(name))


def _worded(text: str, error: json.JSONDecodeError) -> str:
    at = len(text) if error.msg.startswith("Unterminated") else error.pos
    if error.msg.startswith("Illegal trailing comma"):  # what Python 3.13 and later say
        at = len(text) - len(text[at + 1 :].lstrip(_SPACE))
    known = (said for start, said in _SAID.items() if error.msg.startswith(start))
    said = next(known, None) or _expected(text[:at], error.msg)
    if said is None:
        word = _WORD.match(text, at)
        return _out_of_place(text, word.end() if word else at)
    column = at - text.rfind("\n", 0, at)
    return f"{said} at position {at} (line {text.count(chr(10), 0, at) + 1} column {column})"


def _expected(before: str, message: str) -> str | None:
    """What an object or a list should have gone on with; None for any value."""
    if "property name" in message or "end of object" in message:
        first = before.rstrip(_SPACE).endswith("{")
        name = "property name or '}'" if first else "double-quoted property name"
        return f"Expected {name} in JSON"
    if not message.startswith("Expecting ','"):
        return None
    still_open: list[str] = []
    for bracket in _BRACKET.findall(_STRING.sub("", before)):
        if bracket in "{[":
            still_open.append(bracket)
        else:
            still_open.pop()
    if still_open[-1] == "{":
        return "Expected ',' or '}' after property value in JSON"
    return "Expected ',' or ']' after array element in JSON"


def _out_of_place(text: str, at: int) -> str:
    if at >= len(text):
        return "Unexpected end of JSON input"
    shown = f'"{text}"'
    if len(text) > 2 * _AROUND:
        left, right = at - _AROUND, at + _AROUND
        shown = f'"{text[max(0, left) : right]}"'
        shown = ("..." if left >= 0 else "") + shown + ("..." if right < len(text) else "")
    return f"Unexpected token '{text[at]}', {shown} is not valid JSON"
