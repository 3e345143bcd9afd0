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
_HEX = re.compile(r"[0-9A-Fa-f]{0,3}")
_ESCAPE_AT_END = re.compile(r"(?<!\\)(\\\\)*\\$")
_LONGEST = 400
"""Characters of a number that are looked at."""

_ZERO = re.compile(r"(?<![0-9.eE+])-?0$")
_WHOLE = re.compile(r"(?<![0-9.eE+-])-?[0-9]+$")
_DECIMAL = re.compile(r"(?<![0-9.eE+-])-?[0-9]+(\.[0-9]+)?$")
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
    if error.msg.startswith("Unterminated") and _ESCAPE_AT_END.search(text):
        return _out_of_place(text, at)
    inside = _inside(text, error)
    known = (said for start, said in _SAID.items() if error.msg.startswith(start))
    said = next(known, None) or _expected(text[:at], error.msg)
    if inside is not None:
        said, at = inside
    if said is None:
        word = _WORD.match(text, at)
        return _out_of_place(text, word.end() if word else at)
    column = at - text.rfind("\n", 0, at)
    return f"{said} at position {at} (line {text.count(chr(10), 0, at) + 1} column {column})"


def _inside(text: str, error: json.JSONDecodeError) -> tuple[str, int] | None:
    """What is wrong within a number or an escape, and where; None for anything else."""
    at = error.pos
    if error.msg.startswith("Invalid \\u"):
        found = _HEX.match(text, text.index("u", at) + 1)
        return "Bad Unicode escape in JSON", found.end() if found else at
    if error.msg.startswith("Invalid \\"):
        return "Bad escaped character in JSON", at + 1
    if text.startswith("-", at) and error.msg == "Expecting value":
        return "No number after minus sign in JSON", at + 1
    return _in_number(text, at)


def _in_number(text: str, at: int) -> tuple[str, int] | None:
    """What is wrong with a number that is cut off at a place, and where."""
    before = text[max(0, at - _LONGEST) : at]
    if text[at : at + 1].isdigit() and _ZERO.search(before):
        return "Unexpected number in JSON", at
    if text.startswith(".", at) and _WHOLE.search(before):
        return "Unterminated fractional number in JSON", at + 1
    if text[at : at + 1] in ("e", "E") and _DECIMAL.search(before):
        return "Exponent part is missing a number in JSON", at + 1 + (
            text[at + 1 : at + 2] in ("+", "-")
        )
    return None


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
