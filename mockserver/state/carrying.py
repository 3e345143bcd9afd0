"""What of a state still fits when the descriptions or the records beneath it are others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from mockserver.state.deltas import Delta, applied, deltas
from mockserver.state.records import Shape, Unfit
from mockserver.state.store import Record, Snapshot

Shapes = Mapping[str, Callable[[], Mapping[str, Shape]]]
"""What the records of each collection must be, by the stem of its API."""


@dataclass(frozen=True, slots=True)
class Carrying:
    """Carries states from one seed to another.

    What was changed stays changed, and what was not is as the new seed has it. Records are judged
    by the shapes ``now``. One that broke the same rules ``before`` is no worse than it was, and
    stays. ``stems`` are the APIs that are judged at all: those whose description is another.
    """

    now: Shapes
    before: Shapes
    stems: frozenset[str]
    left_out: dict[str, None] = field(default_factory=dict)

    def carried(self, old: Snapshot, head: Snapshot, seed: Snapshot) -> Snapshot:
        """The state over ``seed`` that ``head`` was over ``old``; ``left_out`` tells the rest."""
        collections = seed.collections
        for delta in deltas(old, head):
            fitting = self._fitting(delta)
            if fitting is not None:
                found = collections.get(delta.collection)
                collection = seed.untouched(delta.collection) if found is None else found
                collections = collections.set(delta.collection, applied(fitting, collection))
        return replace(head, collections=collections, untouched=seed.untouched)

    def _fitting(self, delta: Delta) -> Delta | None:
        """What of a delta still fits; None for a collection that there is no more."""
        stem, _, name = delta.collection.partition("/")
        if stem not in self.stems:
            return delta
        shape, former = self.now[stem]().get(name), self.before.get(stem, dict)().get(name)
        if shape is None:
            if former is None:  # no collection that is described: it comes with those that are
                return delta
            self._leave_out(delta.collection, "", "there is no such collection any more")
            return None
        put = [record for record in delta.put if self._stays(delta, record, shape, former)]
        return replace(delta, put=put)

    def _stays(self, delta: Delta, record: Record, shape: Shape, former: Shape | None) -> bool:
        broken = dict(_broken(shape, record))
        if former is not None:
            for pointer, message in _broken(former, record):
                if broken.get(pointer) == message:
                    del broken[pointer]
        for pointer, message in broken.items():
            self._leave_out(delta.collection, record.key, f"{pointer} {message}".strip())
            return False
        return True

    def _leave_out(self, collection: str, key: str, why: str) -> None:
        where = f"{collection} {key}".rstrip()
        self.left_out.setdefault(f"{where}: {why}")


def _broken(shape: Shape, record: Record) -> Iterator[tuple[str, str]]:
    """The rules that a record breaks as it is kept: where, and what was expected."""
    try:
        for violation in shape.check(record.value):
            told = f"expected {violation.expected}, received {violation.received}"
            yield violation.pointer, told
    except Unfit as unfit:
        yield from unfit.told
