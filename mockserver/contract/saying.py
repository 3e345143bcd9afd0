"""Calls that say a lot, and nothing that does not matter: by what the reference makes of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from mockserver.contract.bodies import json_body
from mockserver.contract.drawing import Drawing
from mockserver.contract.effects import Effect, effect_of, writing
from mockserver.contract.featuring import (
    ADDED,
    EMPTIED,
    LEFT_OUT,
    SEVERAL,
    Feature,
    Featuring,
)
from mockserver.contract.pools import with_leaf
from mockserver.contract.session import Session
from mockserver.contract.values import Json, Sent
from mockserver.contract.variations import at, without

ROUNDS, TRIED = 3, 40
"""How often it is looked for more to say, and how much of that is tried each time."""

FEW = 3
"""Items of a list that are enough."""

DROPPED = 120
"""Parts that are tried to be left out."""

MORE = frozenset((ADDED, SEVERAL, "= True"))
"""Features of calls that say more than others."""

LESS = frozenset((EMPTIED, LEFT_OUT))
"""Features of calls that say less."""

Path = tuple[Any, ...]


class Saying:
    """Makes more, and less, of calls that were drawn."""

    def __init__(self, drawing: Drawing, featuring: Featuring) -> None:
        self._drawing = drawing
        self._featuring = featuring

    def telling(self, sent: Sent, session: Session) -> Sent:
        """The call with whatever else can be said in it, and nothing that does not matter."""
        fuller = self._fuller(self.essential(sent, session), session)
        return self.essential(self._shorter(fuller, session), session)

    def _shorter(self, sent: Sent, session: Session) -> Sent:
        """The call with short lists, as far as it works with them."""
        waiting: list[Path] = [()]
        while waiting:
            path = waiting.pop()
            value = at(_body(sent), path)
            if isinstance(value, list) and len(value) > FEW:
                trial = replace(sent, body=Json(with_leaf(_body(sent), path, value[:FEW])))
                sent = trial if _telling(trial, None, session) else sent
            waiting += _inside(sent, path)
        return sent

    def essential(self, sent: Sent, session: Session) -> Sent:
        """The call without the members and items of its body that change nothing."""
        known, left = effect_of(sent, session), DROPPED
        waiting: list[Path] = [()]
        while waiting and left > 0:
            holder = waiting.pop(0)
            for path in _inside(sent, holder):
                left -= 1
                trial = replace(sent, body=Json(without(_body(sent), path)))
                if _is_same(known, effect_of(trial, session)):
                    sent = trial
            waiting += _inside(sent, holder)
        return sent

    def less(self, sent: Sent, session: Session, most: int) -> list[Sent]:
        """Calls that tell something else for a list emptied, or a member left out."""
        _, schema = json_body(self._drawing.operations[sent.operation])
        known = effect_of(sent, session)
        features = self._featuring.features(_body(sent), schema or {})
        found = [feature for feature in features if feature.what in LESS]
        found.sort(key=lambda feature: (feature.what != EMPTIED, len(feature.path)))
        trials = (self._featuring.with_feature(sent, each) for each in found[:TRIED])
        less = (trial for trial in trials if trial and _telling(trial, known, session))
        return list(itertools.islice(less, most))

    def otherwise(self, sent: Sent, session: Session) -> Sent:
        """The call with something in it that none had, as far as there is such a thing."""
        return self._featuring.featured(sent, session) or sent

    def _fuller(self, sent: Sent, session: Session) -> Sent:
        """The call with more members, and longer lists, as far as they tell something."""
        _, schema = json_body(self._drawing.operations[sent.operation])
        known = effect_of(sent, session)
        tried: set[tuple[Path, str]] = set()
        for _ in range(ROUNDS if schema is not None else 0):
            for feature in self._more(_body(sent), schema, tried):
                trial = self._featuring.with_feature(sent, feature)
                done = _telling(trial, known, session)
                if trial is not None and done is not None:
                    sent, known = trial, done
        return sent

    def _more(self, value: Any, schema: Any, tried: set[tuple[Path, str]]) -> list[Feature]:
        """What else may be said in a body, the upper places first, and was not tried yet."""
        found = [
            feature
            for feature in self._featuring.features(value, schema)
            if feature.what in MORE and (feature.path, feature.what) not in tried
        ]
        found.sort(key=lambda feature: len(feature.path))
        tried.update((feature.path, feature.what) for feature in found[:TRIED])
        return found[:TRIED]


def _body(sent: Sent) -> Any:
    return sent.body.value if isinstance(sent.body, Json) else None


def _inside(sent: Sent, holder: Path) -> Iterator[Path]:
    """Where the members, or the items from the last one on, of a part of the body are."""
    value = at(_body(sent), holder)
    if isinstance(value, dict):
        yield from [(*holder, name) for name in value]
    elif isinstance(value, list):
        yield from [(*holder, index) for index in reversed(range(len(value)))]


def _is_same(one: Effect | None, other: Effect | None) -> bool:
    return one is not None and other is not None and one.told == other.told


def _telling(trial: Sent | None, known: Effect | None, session: Session) -> Effect | None:
    """What a call does; None unless it works, writes, and does something else than is known."""
    done = None if trial is None else writing(trial, session)
    return None if _is_same(known, done) else done
