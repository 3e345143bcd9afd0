"""What leads from one collection to another, so that it can be kept and done again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from mockserver.state.ordered import OrderedMap
from mockserver.state.store import Collection, Record, Snapshot


@dataclass(frozen=True, slots=True)
class Delta:
    """Keys to take out of a collection, then records to put into it, in this order.

    ``tombstones`` are the deleted keys that it remembers in the end.
    """

    collection: str
    gone: Sequence[str] = ()
    put: Sequence[Record] = ()
    tombstones: Sequence[str] = field(default_factory=tuple)


def deltas(old: Snapshot, new: Snapshot) -> Iterator[Delta]:
    """What leads from a snapshot to one that came of it, for each collection that differs."""
    for name in sorted(new.collections):
        before, after = old.collection(name), new.collections[name]
        if before is not after:
            yield _delta(name, before, after)


def _delta(name: str, before: Collection, after: Collection) -> Delta:
    """Records keep their places as far as their order is the old one; the others go to the end."""
    places = {key: place for place, key in enumerate(before.records)}
    put: list[Record] = []
    stay: set[str] = set()
    last = -1
    for record in after.records.values():
        place = places.get(record.key, -1)
        if place > last:
            last = place
            stay.add(record.key)
            if before.records.get(record.key) is record:
                continue
        else:
            last = len(places)  # what follows goes to the end as well
        put.append(record)
    gone = [key for key in before.records if key not in stay]
    return Delta(name, gone, put, tuple(after.tombstones))


def applied(delta: Delta, collection: Collection) -> Collection:
    """The collection that a delta leads to; what is not there need not be taken out."""
    records = collection.records
    for key in delta.gone:
        if key in records:
            records = records.delete(key)
    for record in delta.put:
        records = records.set(record.key, record)
    tombstones: OrderedMap[None] = OrderedMap()
    for key in delta.tombstones:
        tombstones = tombstones.set(key, None)
    return Collection(records, tombstones)
