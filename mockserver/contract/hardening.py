"""Writes that work made harder: texts that programs get wrong, and lists of several things."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from mockserver.contract.drawing import Drawing
from mockserver.contract.odds import likely
from mockserver.contract.pools import leaves, with_leaf
from mockserver.contract.session import Session
from mockserver.contract.texts import HARD, WORDS, is_free
from mockserver.contract.values import Json, Key, Sent
from mockserver.contract.variations import at

PLACES = 10
"""Texts of one call that are exchanged at most."""

SIZES = (2, 2, 3, 5, 9, 21)
"""Items that a list gets: more than one, and more than the usual caps."""

LISTS = 3
"""Lists of one call that are made longer at most."""


class Hardening:
    """Changes writes, as far as the reference still does what they ask for."""

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self._choice = drawing.choice
        self._bag: list[str] = []

    def hardened(self, sent: Sent, session: Session) -> Sent | None:
        """The call with other texts, or longer lists; None where nothing of it may be changed."""
        longer = self._lengthened(sent, session) if likely(self._choice, 0.6) else None
        if longer is not None and likely(self._choice, 0.4):
            return longer
        return self._reworded(longer or sent, session) or longer

    def _reworded(self, sent: Sent, session: Session) -> Sent | None:
        """The call with a hard text in the place of each text that may be one."""
        if not isinstance(sent.body, Json):
            return None
        told = leaves(sent.body.value)
        places = [path for path, leaf in told if isinstance(leaf, str) and is_free(leaf)]
        changed: Sent | None = None
        value = sent.body.value
        for place in self._choice.sample(places, min(PLACES, len(places))):
            hard = self._next()
            trial = replace(sent, body=Json(with_leaf(value, place, hard)))
            if self._works(trial, session):
                changed, value = trial, trial.body.value  # type: ignore[union-attr]
                self._drawing.questions.reworded.append(hard)
        return changed

    def _lengthened(self, sent: Sent, session: Session) -> Sent | None:
        """The call with more items in its lists, each of them another one."""
        if not isinstance(sent.body, Json):
            return None
        value = sent.body.value
        changed: Sent | None = None
        places = list(lists_in(value))
        chosen = self._choice.sample(places, min(LISTS, len(places)))
        for place in sorted(chosen, key=len, reverse=True):  # inner ones first: they may go
            items = at(value, place)
            size = self._choice.choice(SIZES)
            more = [self._alike(self._choice.choice(items)) for _ in range(size - 1)]
            trial = replace(sent, body=Json(with_leaf(value, place, [*items[:1], *more])))
            if self._works(trial, session):
                changed, value = trial, trial.body.value  # type: ignore[union-attr]
        return changed

    def _alike(self, item: Any) -> Any:
        """An item like another one, with words of its own."""
        words = [str(word) for word in (*WORDS, self._drawing.pools.word(self._choice)) if word]
        for place, leaf in leaves(item):
            if isinstance(leaf, str) and not isinstance(leaf, Key) and is_free(leaf):
                word = f"{self._choice.choice(words)} {self._choice.randrange(100)}"
                item = with_leaf(item, place, word)
        return item

    def _works(self, sent: Sent, session: Session) -> bool:
        foreseen = session.outlook(sent)
        return foreseen.good and foreseen.writes

    def _next(self) -> str:
        """A hard text: each of them in its turn."""
        if not self._bag:
            self._bag = self._choice.sample(HARD, len(HARD))
        return self._bag.pop()


def lists_in(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of the lists in a value that hold something."""
    inner: Any = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list) and value:
        yield path
        inner = enumerate(value)
    for name, item in inner:
        yield from lists_in(item, (*path, name))
