"""Parameters written as a client sends them: the inverse of reading them by style."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias
from urllib.parse import quote

from mockserver.engine.media import is_json
from mockserver.engine.wire.sent import Declared

Pairs: TypeAlias = "list[tuple[str, str]]"
"""Names and texts ready to be sent: percent-encoded where the location has it."""

_RESERVED = ":/?[]@!$'()*;"
"""What ``allowReserved`` leaves alone, without what separates in a query: ``&#+=,``."""

_DELIMITED = {"spaceDelimited": (" ", "%20"), "pipeDelimited": ("|", "%7C")}


def encode(parameter: Declared, value: Any) -> Pairs:
    """The pairs that stand for a value; of a path parameter the one text of its segment.

    Written is what the tables of OpenAPI 3.0.4 and 3.1.1 show, where those of 3.0.3 and 3.1.0
    are no URL, or are not what RFC 6570 does (``label``). What the specification leaves
    undefined is not sent: null, empty arrays, empty objects. Raises ValueError for a value that
    the style cannot hold.
    """
    write = _quoting(parameter)
    name = write(parameter.name) if parameter.location in ("query", "cookie") else parameter.name
    if parameter.media_type:
        as_json = is_json(parameter.media_type)
        return [(name, write(json.dumps(value) if as_json else str(value)))]
    if value is None or value in ([], {}):
        return []
    style = parameter.style
    if style == "deepObject":
        return list(_deep(name, value, write))
    if style in ("label", "matrix"):
        return [(name, _label(parameter, value) if style == "label" else _matrix(parameter, value))]
    if parameter.explode and style != "simple" and not _is_scalar(value):
        members = value.items() if isinstance(value, Mapping) else ((None, v) for v in value)
        return [
            (name if key is None else write(key), write(text_of(each)))
            for key, each in members
            if each is not None
        ]
    return [(name, _joined(parameter, value, write))]


def text_of(value: Any) -> str:
    """A scalar as text. Raises ValueError for anything else: no style nests but deepObject."""
    if isinstance(value, str):
        return value
    if not _is_scalar(value):
        raise ValueError(f"no style but deepObject holds {value!r} inside of a value")
    return json.dumps(value)


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | bool | int | float)


def _quoting(parameter: Declared) -> Callable[[str], str]:
    """How texts are encoded (RFC 6570, section 3.2.1), by location and style."""
    if parameter.location == "header":
        return _header
    safe = _RESERVED if parameter.allow_reserved and parameter.location == "query" else ""
    if parameter.style == "label":
        return lambda text: quote(text, safe=safe).replace(".", "%2E")
    return lambda text: quote(text, safe=safe)


def _header(text: str) -> str:
    """A text in a header, which has no encoding (OpenAPI 3.0.4, Appendix D)."""
    if text != text.strip(" \t") or any(character in text for character in "\r\n\0"):
        raise ValueError(f"a header cannot hold {text!r}")
    return text


def _texts(value: Any, write: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """Names and texts of members; of items, the names are empty."""
    if isinstance(value, Mapping):
        for name, member in value.items():
            if member is not None:
                yield write(name), write(text_of(member))
    else:
        for item in value:
            if item is not None:
                yield "", write(text_of(item))


def _joined(parameter: Declared, value: Any, write: Callable[[str], str]) -> str:
    """Items, or names and values, with the style's separator."""
    if _is_scalar(value):
        return write(text_of(value))
    mark, separator = _DELIMITED.get(parameter.style, (",", ","))
    parts = list(_texts(value, write))
    holds = mark if parameter.location == "header" else separator
    told = [text for pair in parts for text in pair]
    if parameter.style in _DELIMITED or parameter.location == "header":
        _check(told, holds, explode=parameter.explode)
    return separator.join(_flat(parts, value, explode=parameter.explode))


def _check(texts: Sequence[str], separator: str, *, explode: bool) -> None:
    for text in texts:
        if separator in text or (explode and "=" in text):
            raise ValueError(f"{text!r} holds what separates")


def _flat(parts: Sequence[tuple[str, str]], value: Any, *, explode: bool) -> Iterator[str]:
    for name, text in parts:
        if not isinstance(value, Mapping):
            yield text
        elif explode:
            yield f"{name}={text}"
        else:
            yield name
            yield text


def _label(parameter: Declared, value: Any) -> str:
    write = _quoting(parameter)
    if _is_scalar(value):
        return "." + write(text_of(value))
    parts = list(_texts(value, write))
    separator = "." if parameter.explode else ","
    return "." + separator.join(_flat(parts, value, explode=parameter.explode))


def _matrix(parameter: Declared, value: Any) -> str:
    write = _quoting(parameter)
    own = write(parameter.name)
    if _is_scalar(value):
        return _pair(own, write(text_of(value)))
    parts = list(_texts(value, write))
    if parameter.explode:
        is_object = isinstance(value, Mapping)
        return "".join(_pair(name if is_object else own, text) for name, text in parts)
    return _pair(own, ",".join(_flat(parts, value, explode=False)))


def _pair(name: str, text: str) -> str:
    return f";{name}={text}" if text else f";{name}"


def _deep(name: str, value: Any, write: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """Members in brackets, items by their index, at any depth."""
    if _is_scalar(value):
        if value is not None:
            yield name, write(text_of(value))
        return
    members = value.items() if isinstance(value, Mapping) else enumerate(value)
    for key, member in members:
        step = str(key)
        if "[" in step or "]" in step:
            raise ValueError(f"{step!r} holds the brackets that separate names")
        yield from _deep(f"{name}%5B{write(step)}%5D", member, write)
