"""What collections begin with below parents that every name is one of."""

from __future__ import annotations

import zlib
from collections import OrderedDict
from collections.abc import Iterator, Sequence

from mockserver.engine.inference.model import Resource
from mockserver.engine.seeds.shelves import Shelves
from mockserver.state.store import Record, Transaction

MAX_KEPT = 500
"""Parents whose records are kept; for others they are made again, the same."""


class Beginnings:
    """Records made for each parent that is asked for, until something below it is written."""

    def __init__(self, shelves: Shelves, records: int) -> None:
        self._shelves = shelves
        self._records = records
        self._kept: OrderedDict[tuple[str, str], tuple[Record, ...]] = OrderedDict()

    def below(
        self, transaction: Transaction, resource: Resource, above: Sequence[str]
    ) -> tuple[Record, ...]:
        """The records below a parent of which nothing was ever written; none below others."""
        if resource.singleton or not resource.keys:
            return ()
        prefix = "/".join([*above, ""])
        known = transaction.collection(resource.name)
        for keys in (known.records, known.tombstones):
            if any(key.startswith(prefix) for key in keys):
                return ()
        return self._made(resource, above, prefix)

    def _made(self, resource: Resource, above: Sequence[str], prefix: str) -> tuple[Record, ...]:
        found = self._kept.get((resource.name, prefix))
        if found is None:
            records = {record.key: record for record in self._making(resource, above, prefix)}
            found = self._kept[resource.name, prefix] = tuple(records.values())
            if len(self._kept) > MAX_KEPT:
                self._kept.popitem(last=False)
        return found

    def _making(self, resource: Resource, above: Sequence[str], prefix: str) -> Iterator[Record]:
        for number in range(self._records):
            yield self._shelves.made(resource, above, number_of(prefix) + number)

    def write(self, transaction: Transaction, resource: Resource, above: Sequence[str]) -> None:
        """Write what is below a parent, so that it stays when something is added or taken away."""
        for record in self.below(transaction, resource, above):
            transaction.put(resource.name, record.key, record.value)


def number_of(key: str) -> int:
    """A number for a key, the same in every process."""
    return 1_000 + zlib.crc32(key.encode()) % 1_000_000
