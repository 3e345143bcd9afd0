"""A first call of each operation that works is sought: by its examples, and by records it takes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from mockserver.contract.session import Session
from mockserver.contract.values import Sent
from mockserver.engine.templates import template_names
from mockserver.state.store import Snapshot

if TYPE_CHECKING:
    from mockserver.contract.drawing import Drawing

TEMPLATES = 16
"""Templates of an operation that are tried as they are."""

AFTER = 3
"""Calls of an operation that did not work, after which it is sought what it works for."""

LOOKED_AT = 150
"""Records for which a call is tried on the reference."""

ENOUGH = 3
"""Records found."""


class Seeking:
    """Seeks once for each operation; what it finds is among the values that name records."""

    def __init__(self, drawing: Drawing) -> None:
        self._drawing = drawing
        self._begun: set[str] = set()
        self._sought: set[str] = set()

    def seek(self, operation: str, session: Session) -> None:
        """Try the templates of an operation as they are; later the records that there are."""
        drawing = self._drawing
        if operation not in self._begun:
            self._begun.add(operation)
            self._try_templates(operation, session)
        if drawing.taken[operation] or drawing.tried[operation] < AFTER:
            return
        names = template_names(drawing.operations[operation].path)
        if not names or operation in self._sought or session.setting.gentle is not None:
            return
        self._sought.add(operation)
        seed = session.setting.first.beginning
        working = (k for k in _keys(seed) if session.works(self._about(operation, k), seed))
        for key in itertools.islice(working, ENOUGH):
            drawing.pools.named_one((operation, names[-1]), key, good=True)

    def _try_templates(self, operation: str, session: Session) -> None:
        drawing = self._drawing
        drawing.begin(operation)
        for template in drawing.templates[operation][:TEMPLATES]:
            sent = replace(template, caller=drawing.caller)
            if session.works(sent):
                drawing.keep(sent)

    def _about(self, operation: str, key: str) -> Sent:
        """A plain call of an operation about a record."""
        drawing = self._drawing
        sent = drawing.templates[operation][0]
        name = template_names(sent.path)[-1]
        parameters = {**drawing.filling.path(sent, None, []), name: key}
        return replace(sent, path_parameters=parameters, caller=drawing.caller)


def _keys(seed: Snapshot) -> Iterator[str]:
    """The keys of the seed, some of each collection first."""
    collections = seed.collections.values()
    ranks = itertools.zip_longest(*(list(each.records)[:LOOKED_AT] for each in collections))
    return itertools.islice((key for rank in ranks for key in rank if key), LOOKED_AT)
