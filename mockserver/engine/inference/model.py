"""What inference finds: resources, and the role of each operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mockserver.engine.inference.keys import Key, Parent
from mockserver.engine.inference.queries import Query
from mockserver.engine.inference.shapes import Envelope
from mockserver.engine.spec import Schema


@dataclass(frozen=True, slots=True)
class Resource:
    """Something a description keeps: a collection of records, or one thing (a singleton).

    ``path`` is where the collection is, ``item_path`` where one record is, empty if nowhere.
    ``keys`` name a record, several for a compound key. ``parents`` are the path parameters that
    narrow the collection, the outermost first. ``schema`` is the best known one of a record.
    """

    name: str
    path: str
    item_path: str
    keys: tuple[Key, ...]
    parents: tuple[Parent, ...]
    schema: Schema
    singleton: bool = False

    @property
    def key(self) -> tuple[str, ...]:
        """The members that lead to the last part of the key; none if it is kept beside."""
        return self.keys[-1].property if self.keys else ()

    @property
    def key_parameter(self) -> str:
        """The parameter that gives the last part of the key."""
        return self.keys[-1].parameter if self.keys else ""


@dataclass(frozen=True, slots=True)
class Role:
    """What one operation does.

    ``kind`` is one of ``kinds.KINDS``; ``resource`` the name of what it acts on, empty
    if nothing. ``keys`` are the parameters that name a record, where one is named; ``scope`` the
    path parameters that narrow the collection. ``body`` and ``answer`` say how records stand in
    what is sent and in the good answer, ``answers`` in each of the good answers by their status;
    ``queries`` what the query parameters ask for.
    """

    operation: str
    kind: str
    resource: str
    why: str
    keys: tuple[Key, ...] = ()
    scope: tuple[Parent, ...] = ()
    body: Envelope = field(default_factory=lambda: Envelope("empty"))
    answer: Envelope = field(default_factory=lambda: Envelope("empty"))
    answers: Mapping[str, Envelope] = field(default_factory=dict)
    queries: tuple[Query, ...] = ()
