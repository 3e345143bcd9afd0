"""Writes that work, with something in their bodies that no write had yet, as far as they still do.

Each optional member is left out once, each list emptied, each switch turned, some of the allowed
values sent, and each text that programs get wrong: what a server does with these is seldom tried by
chance, where bodies are large.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mockserver.contract.bodies import json_body
from mockserver.contract.drawing import Drawing
from mockserver.contract.effects import effect_of, writing
from mockserver.contract.session import Session
from mockserver.contract.texts import HARD, is_free
from mockserver.contract.values import Json, Sent
from mockserver.contract.variations import at, without

TRIED = 16
"""Features of one call that are tried on the reference."""

DULL = 2
"""Features of one place that changed nothing, after which others come first."""

TAKEN = 3
"""Features that one call has at most: with many, one hides what another does."""

UPPER = 4
"""Members on the way to the places whose features come first."""

DEEPEST = 6
"""Objects and lists inside of others in which nothing is changed any more."""

ITEMS = 2
"""Items of a list that has several."""

FEW = 6
"""Allowed values of which each is a feature of its own; of more, all of them are one."""

LEFT_OUT, EMPTIED, DOUBLED = "left out", "emptied", "doubled"
ANOTHER, ADDED, SEVERAL = "another", "added", "several"

Path = tuple[Any, ...]

Place = tuple[str, tuple[str, ...]]
"""An operation, and the members on the way to a place in its body."""

Name = tuple[str, tuple[str, ...], str]
"""A place, and what becomes of it."""


@dataclass(frozen=True, slots=True)
class Feature:
    """A place in a body, and what becomes of it in words.

    The ``value`` is the new one, or the schema of one that is drawn where a member is added, or a
    list has several items.
    """

    path: Path
    what: str
    value: Any = None


class Featuring:
    """Changes writes so that they have features that were not sent, or seldom.

    ``new`` counts the features that were tried.
    """

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self._choice = drawing.choice
        self.new = 0
        self._done: Counter[Name] = Counter()
        self._told: defaultdict[Place, Counter[bool]] = defaultdict(Counter)

    def featured(self, sent: Sent, session: Session) -> Sent | None:
        """The call with a few features that were sent least; None where it has none that works."""
        _, schema = json_body(self._drawing.operations[sent.operation])
        if schema is None or not isinstance(sent.body, Json):
            return None
        found = list(self.features(sent.body.value, schema))
        mixed = self._choice.sample(found, len(found))
        mixed.sort(key=lambda feature: self._rank(sent.operation, feature))
        changed: Sent | None = None
        known = effect_of(sent, session)
        taken = 0
        for feature in mixed[:TRIED]:
            name = _name(sent.operation, feature)
            self.new += name not in self._done
            self._done[name] += 1
            trial = self.with_feature(changed or sent, feature)
            done = None if trial is None else writing(trial, session)
            if done is None:
                continue
            tells = known is None or done.told != known.told
            self._told[_place(sent.operation, feature)][tells] += 1
            if tells:
                changed, known, taken = trial, done, taken + 1
            if taken == TAKEN:
                break
        return changed

    def _rank(self, operation: str, feature: Feature) -> tuple[bool, int, bool, int]:
        """Those first that were tried least, the upper ones; where nothing is told at last.

        Hard texts come after the others: rounds have sent each of them.
        """
        place = _place(operation, feature)
        told = self._told[place]
        dull = told[False] >= DULL and not told[True]
        is_text = feature.value in HARD
        return dull, self._done[_name(operation, feature)], is_text, len(place[1]) // UPPER

    def features(self, value: Any, schema: Any, path: Path = ()) -> Iterator[Feature]:
        """What may become of the members of a body, and of those inside of them."""
        if len(path) > DEEPEST:
            return
        schema = self._drawing.schemas.merged(schema)
        if isinstance(value, list):
            yield from self._of_list(value, schema, path)
        elif isinstance(value, dict):
            required = set(schema.get("required", ()))
            for name, inner in schema.get("properties", {}).items():
                place = (*path, name)
                if name in value and name not in required:
                    yield Feature(place, LEFT_OUT)
                if name not in value:
                    yield Feature(place, ADDED, inner)
                yield from self._others(value.get(name), inner, place)
                yield from self._several(value.get(name), inner, place)
                if name in value:
                    yield from self.features(value[name], inner, place)

    def _of_list(self, items: list[Any], schema: Any, path: Path) -> Iterator[Feature]:
        if items and path:
            yield Feature(path, DOUBLED, items * 2)
            if not schema.get("minItems"):
                yield Feature(path, EMPTIED, [])
        for index, item in enumerate(items[:2]):
            yield from self.features(item, schema.get("items", {}), (*path, index))

    def _several(self, value: Any, schema: Any, place: Path) -> Iterator[Feature]:
        """A list of two in the place of a shorter one, or of none."""
        items = self._drawing.schemas.merged(schema).get("items")
        given = value if isinstance(value, list) else ()
        if items is not None and len(given) < ITEMS:
            yield Feature(place, SEVERAL, items)

    def _others(self, value: Any, schema: Any, place: Path) -> Iterator[Feature]:
        """The other values that a member may have: some of a few, or texts in the place of one."""
        found: Mapping[str, Any] = self._drawing.schemas.merged(schema)
        allowed = found.get("enum") or ((False, True) if found.get("type") == "boolean" else ())
        others = [other for other in allowed if other != value or type(other) is not type(value)]
        if len(others) > FEW:
            yield Feature(place, ANOTHER, self._choice.choice(others))
        else:
            yield from (Feature(place, f"= {other}", other) for other in others)
        if not allowed and isinstance(value, str) and is_free(value):
            yield from (Feature(place, f"= {text}", text) for text in HARD)

    def with_feature(self, sent: Sent, feature: Feature) -> Sent | None:
        """The call with a feature; None where its place is gone."""
        body = sent.body.value if isinstance(sent.body, Json) else None
        path, value = feature.path, feature.value
        if feature.what == ADDED:
            value = self._drawn(feature)
        elif feature.what == SEVERAL:
            value = [self._drawn(feature) for _ in range(ITEMS)]
        try:
            at(body, path[:-1])
            left_out = feature.what == LEFT_OUT
            changed = without(body, path) if left_out else _put(body, path, value)
        except (KeyError, IndexError, TypeError):
            return None
        return replace(sent, body=Json(changed), why="a write with something new in it")

    def _drawn(self, feature: Feature) -> Any:
        """A value of the schema that a feature has."""
        return self._drawing.filling.parameter(feature.value, feature.path[-1])


def _place(operation: str, feature: Feature) -> Place:
    return operation, tuple(step for step in feature.path if isinstance(step, str))


def _name(operation: str, feature: Feature) -> Name:
    return *_place(operation, feature), feature.what


def _put(value: Any, path: Path, new: Any) -> Any:
    """A value with another one at a place in it, which need not have been there."""
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[path[0]] = new if len(path) == 1 else _put(value[path[0]], path[1:], new)
    return changed
