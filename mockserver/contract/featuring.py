"""Writes that work, with something in their bodies that no write had yet, as far as they still do.

Each optional member is left out once, each list emptied, each switch turned, each allowed value
sent: what a server does with these is seldom tried by chance, where bodies are large.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mockserver.contract.bodies import json_body
from mockserver.contract.drawing import Drawing
from mockserver.contract.session import Session
from mockserver.contract.values import Json, Sent
from mockserver.contract.variations import at, without

TRIED = 8
"""Features of one call that are tried on the reference."""

TAKEN = 3
"""Features that one call has at most: with many, one hides what another does."""

DEEPEST = 6
"""Objects and lists inside of others in which nothing is changed any more."""

OTHERS = 3
"""Allowed values of one member that are looked at, those that were sent least."""

LEFT_OUT, EMPTIED = "left out", "emptied"

Path = tuple[Any, ...]
Feature = tuple[Path, Any]
"""A place in a body, and what becomes of it: a value, or one of the words above."""

Name = tuple[str, tuple[str, ...], str]
"""An operation, the members on the way to a place, and what becomes of it."""


class Featuring:
    """Changes writes so that they have features that were not sent, or seldom."""

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self._choice = drawing.choice
        self._done: Counter[Name] = Counter()

    def featured(self, sent: Sent, session: Session) -> Sent | None:
        """The call with a few features that were sent least; None where it has none that works."""
        _, schema = json_body(self._drawing.operations[sent.operation])
        if schema is None or not isinstance(sent.body, Json):
            return None
        found = list(self._features(sent.body.value, schema, ()))
        mixed = self._choice.sample(found, len(found))
        mixed.sort(key=lambda feature: self._done[_name(sent.operation, feature)])
        changed: Sent | None = None
        taken = 0
        for feature in mixed[:TRIED]:
            self._done[_name(sent.operation, feature)] += 1
            trial = _with(changed or sent, feature)
            if trial is not None and self._works(trial, session):
                changed, taken = trial, taken + 1
            if taken == TAKEN:
                break
        return changed

    def _works(self, sent: Sent, session: Session) -> bool:
        try:
            foreseen = session.outlook(sent)
        except KeyError:
            return False
        return foreseen.good and foreseen.writes

    def _features(self, value: Any, schema: Any, path: Path) -> Iterator[Feature]:
        """What may become of the members of a body, and of those inside of them."""
        if len(path) > DEEPEST:
            return
        schema = self._drawing.schemas.merged(schema)
        if isinstance(value, list):
            if value and path and not schema.get("minItems"):
                yield path, EMPTIED
            for index, item in enumerate(value[:2]):
                yield from self._features(item, schema.get("items", {}), (*path, index))
        elif isinstance(value, dict):
            required = set(schema.get("required", ()))
            for name, inner in schema.get("properties", {}).items():
                place = (*path, name)
                if name in value and name not in required:
                    yield place, LEFT_OUT
                yield from self._others(value.get(name), inner, place)
                if name in value:
                    yield from self._features(value[name], inner, place)

    def _others(self, value: Any, schema: Any, place: Path) -> Iterator[Feature]:
        """The other values that a member may have, where it has a few to choose from."""
        found: Mapping[str, Any] = self._drawing.schemas.merged(schema)
        allowed = found.get("enum") or ((False, True) if found.get("type") == "boolean" else ())
        others = [other for other in allowed if other != value or type(other) is not type(value)]
        for other in self._choice.sample(others, min(OTHERS, len(others))):
            yield place, other


def _name(operation: str, feature: Feature) -> Name:
    path, what = feature
    return operation, tuple(step for step in path if isinstance(step, str)), str(what)


def _put(value: Any, path: Path, new: Any) -> Any:
    """A value with another one at a place in it, which need not have been there."""
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[path[0]] = new if len(path) == 1 else _put(value[path[0]], path[1:], new)
    return changed


def _with(sent: Sent, feature: Feature) -> Sent | None:
    """The call with a feature; None where its place is gone."""
    path, what = feature
    body = sent.body.value if isinstance(sent.body, Json) else None
    try:
        at(body, path[:-1])
        if what == LEFT_OUT:
            changed = without(body, path)
        else:
            changed = _put(body, path, [] if what == EMPTIED else what)
    except (KeyError, IndexError, TypeError):
        return None
    return replace(sent, body=Json(changed), why="a write with something new in it")
