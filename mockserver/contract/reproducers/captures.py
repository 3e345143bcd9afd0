"""Where in an answer a value stands, as a Python expression over that answer."""

from __future__ import annotations

import re
from typing import Any

import orjson

from mockserver.contract.alike import UUID
from mockserver.contract.pools import leaves
from mockserver.contract.values import Answered, Birth, Outcome

Path = tuple[Any, ...]

_BEFORE = 30
"""Characters before a key within a text that tell which one is meant."""


def expression(birth: Birth, answer: Outcome, body: str) -> str:
    """What gives the value of a key, from the answer in which it appeared first.

    ``body`` is the expression for that answer's JSON value. Raises KeyError when it is not there.
    """
    if not isinstance(answer, Answered):
        raise KeyError(birth.place)
    aspect, _, pointer = birth.place.partition(":")
    steps = steps_of(pointer)
    if aspect.startswith("header"):
        name = steps[0]
        return _within(answer.header(name) or "", birth, f"answer.headers[{name!r}]")
    try:
        value = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        text = answer.body.decode("utf-8", "replace")
        return _within(text, birth, "answer.text")
    if aspect == "name":
        path = _name_at(value, str(birth.value))
        return f"list({body}{indexes(path[:-1])})[{path[-1]}]"
    path, text = _found(value, steps, birth)
    return _within(text, birth, f"{body}{indexes(path)}")


def steps_of(pointer: str) -> list[str]:
    """The steps of a JSON pointer (RFC 6901, section 4)."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def indexes(path: Path) -> str:
    """``["items"][0]``."""
    return "".join(f"[{orjson.dumps(step).decode()}]" for step in path)


def _found(value: Any, steps: list[str], birth: Birth) -> tuple[Path, Any]:
    """The path and text in which a key stands: the one that is told, or else the first."""
    places = list(leaves(value))
    told = [pair for pair in places if [str(step) for step in pair[0]] == steps]
    wanted = str(birth.value)
    for path, leaf in (*told, *places):
        if str(leaf) == wanted:
            return path, leaf
    for path, leaf in (*told, *places):
        if isinstance(leaf, str) and wanted in leaf:
            return path, leaf
    raise KeyError(birth.place)


def _name_at(value: Any, wanted: str, path: Path = ()) -> Path:
    """The path to the object with such a member, then the member's number in it."""
    if isinstance(value, dict):
        for number, (name, item) in enumerate(value.items()):
            if name == wanted:
                return (*path, number)
            if found := _name_at(item, wanted, (*path, name)):
                return found
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if found := _name_at(item, wanted, (*path, index)):
                return found
    if path:
        return ()
    raise KeyError(wanted)


def _within(text: Any, birth: Birth, where: str) -> str:
    """A key that is a whole text, or stands within one."""
    wanted = str(birth.value)
    if str(text) == wanted:
        return where
    place = text.find(wanted) if isinstance(text, str) else -1
    if place < 0:
        raise KeyError(birth.place)
    before, after = text[:place], text[place + len(wanted) :]
    others = [found.end() for found in UUID.finditer(before)]
    before = before[max([*others, len(before) - _BEFORE, 0]) :]
    kept = f"([^{re.escape(after[0])}]+)" if after else "(.+)"
    return f"re.search({re.escape(before) + kept!r}, {where}).group(1)"
