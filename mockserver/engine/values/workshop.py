"""Values of all the schemas of one description, which share what is known of their parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import RLock
from typing import Any

from mockserver.engine.values.building import Builder
from mockserver.engine.values.checks import Checks
from mockserver.engine.values.directions import LEFT_OUT, Direction, mentions, relaxed, stripped
from mockserver.engine.values.making import Maker, placed
from mockserver.engine.values.merging import Merger
from mockserver.engine.values.plans import Plan

_DIRECTION: Direction = "reply"


class Workshop:
    """Makes the values that a server answers, of any schema of one description.

    Its schemas refer to the same components: what these say together is worked out once for all
    of them. One value is made at a time.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._written: dict[str, Any] = {}
        self._relaxed: dict[str, Any] = {}
        self._before = Merger({"$defs": self._written}, Checks())
        self._merger = Merger({"$defs": self._relaxed}, Checks())
        self._builder = Builder(self._merger)
        self._marked = False
        self._lock = RLock()

    def maker(self, bundle: Mapping[str, Any], judge: Any) -> Maker:
        """What makes values of a schema.

        ``bundle`` is its document as Schemas.annotated gives it: the same names in ``$defs``
        stand for the same schemas in all documents. ``judge`` decides what is valid.
        """
        with self._lock:
            definitions = bundle["$defs"]
            fresh = {name: definitions[name] for name in definitions.keys() - self._written.keys()}
            self._written.update(fresh)
            found = mentions({"allOf": bundle["allOf"], "$defs": fresh}, _DIRECTION)
            self._marked = self._marked or found
            self._relaxed.update({name: self._adapted(each) for name, each in fresh.items()})
            root = {"allOf": [self._adapted(each) for each in bundle["allOf"]]}
            return Maker(root, self._builder, judge)

    def _adapted(self, schema: Any) -> Any:
        return relaxed(schema, self._before, _DIRECTION) if self._marked else schema

    def make(self, maker: Maker, names: Sequence[str], number: int) -> Any:
        """A value, as Values.make gives it. Raises Unsatisfiable."""
        plan = Plan(number, frozenset((LEFT_OUT[_DIRECTION],)))
        with self._lock:
            return maker.make(placed(self._seed, names, number), plan)

    def without_secrets(self, maker: Maker, value: Any) -> Any:
        """A value without the members that are ``writeOnly``, wherever they stand in it."""
        if not self._marked:
            return value
        with self._lock:
            return stripped(self._merger, (maker.schema,), value, LEFT_OUT[_DIRECTION])

    def required(self, maker: Maker) -> tuple[str, ...]:
        """The members that every object of a schema has."""
        with self._lock:
            return tuple(self._merger.shape((maker.schema,)).required)
