"""The records of a sandbox: listed, read, and written past the operations of their API."""

from __future__ import annotations

import base64
import binascii
import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

from mockserver.catalogue import Mock
from mockserver.console.forms import form_of
from mockserver.console.values import shown
from mockserver.engine.handlers import Call, Handlers, Reply
from mockserver.engine.inferred.changes import merged
from mockserver.errors import ApiError, Conflict, Violation
from mockserver.state.records import Parts, RecordReader, Shape, Unfit
from mockserver.state.store import Collection, Record, Snapshot, Transaction

_SAID = re.compile(r"expected (.*), received (.*?)(?: \((\w+)\))?", re.DOTALL)

ALONE = "-"
"""What stands in a path for the record that has no key, because there is no other."""


class Records:
    """What is kept in the collections of a mock that have a schema."""

    def __init__(self, mock: Mock) -> None:
        self._mock = mock
        self._parts: Parts = {"$bytes": self._kept, "$base64": _decoded}

    def register(self, handlers: Handlers) -> None:
        """Add the operations."""
        for handler in (
            self.list_collections,
            self.list_records,
            self.read_record,
            self.put_record,
            self.patch_record,
            self.delete_record,
            self.read_shape,
        ):
            handlers.operation(handler.__name__)(handler)

    def list_collections(self, call: Call) -> Reply:
        """Each collection and how many records it has, or had at a revision."""
        snapshot = _snapshot(call)
        counts = [
            {"api": stem, "collection": name, "records": len(_of(snapshot, stem, name).records)}
            for stem, shapes in self._mock.shapes.items()
            for name in shapes()
        ]
        return Reply({"revision": snapshot.revision, "collections": counts})

    def read_shape(self, call: Call) -> Reply:
        """What the records of a collection must be."""
        shape, stem = self._shape(call), call.path["api"]
        [schemas] = [api.schemas for api in self._mock.apis if api.description.stem == stem]
        return Reply(form_of(shape, schemas))

    def list_records(self, call: Call) -> Reply:
        """Records in the order they were made, as they are or were at a revision."""
        self._shape(call)
        records = self._then(call).records
        after = call.query.get("after")
        left: Iterator[Record] = records.values()
        if after is not None:
            left = itertools.islice(itertools.dropwhile(lambda r: r.key != after, left), 1, None)
        page = [_shown(record) for record in itertools.islice(left, call.query["limit"] + 1)]
        more = len(page) > call.query["limit"]
        page = page[: call.query["limit"]]
        found = {"total": len(records), "records": page}
        return Reply({**found, "next": page[-1]["key"]} if more else found)

    def read_record(self, call: Call) -> Reply:
        """One record."""
        self._shape(call)
        record = self._then(call).records.get(_key(call))
        if record is None:
            raise _no_record(call)
        return Reply(_shown(record))

    def put_record(self, call: Call) -> Reply:
        """Make a record what the body says, completed as a fixture is; 201 when it is new."""
        shape = self._shape(call)
        record = self._taken(shape, call, call.body)

        def put(transaction: Transaction) -> bool:
            return _put(transaction, call, shape, record)

        return Reply(_shown(record), 201 if self._change(call, put) else 200)

    def patch_record(self, call: Call) -> Reply:
        """Change members of a record (RFC 7396)."""
        shape = self._shape(call)
        changed: list[Record] = []

        def patch(transaction: Transaction) -> bool:
            known = transaction.get(call.path["collection"], _key(call))
            if known is None:
                raise _no_record(call)
            changed[:] = [self._taken(shape, call, merged(shown(known.value), call.body))]
            return _put(transaction, call, shape, changed[0])

        self._change(call, patch)
        return Reply(_shown(changed[0]))

    def delete_record(self, call: Call) -> Reply:
        """Take a record out, with what other collections hold of it."""
        shape = self._shape(call)

        def delete(transaction: Transaction) -> bool:
            known = transaction.get(call.path["collection"], _key(call))
            if known is None:
                raise _no_record(call)
            _forget(transaction, shape, known)
            transaction.delete(call.path["collection"], known.key)
            return True

        self._change(call, delete)
        return Reply(status=204)

    def _shape(self, call: Call) -> Shape:
        stem, name = call.path["api"], call.path["collection"]
        if stem not in self._mock.shapes:
            known = ", ".join(self._mock.shapes)
            raise ApiError(404, f"No API is called {stem!r}; there are: {known}.")
        shapes = self._mock.shapes[stem]()
        if name not in shapes:
            known = ", ".join(shapes) or "none"
            raise ApiError(404, f"{stem} has no collection {name!r}; there are: {known}.")
        return shapes[name]

    def _then(self, call: Call) -> Collection:
        """The collection as it is, or as it was at the revision asked for."""
        return _of(_snapshot(call), call.path["api"], call.path["collection"])

    def _taken(self, shape: Shape, call: Call, written: Any) -> Record:
        """A record as the body says it. Raises ApiError 422 with each rule that it breaks."""
        try:
            record = RecordReader(shape, self._mock.blobs, self._parts).record(written)
        except Unfit as unfit:
            raise _refused(list(unfit.told)) from None
        key = _key(call)
        if record.key != key:
            raise _refused([(f"/{shape.key}", f"expected {key!r}, received {record.key!r}")])
        return record

    def _change(self, call: Call, change: Callable[[Transaction], bool]) -> bool:
        """Commit a change of an API's records, made again when another commit came first."""
        while True:
            transaction = call.sandbox.transaction(call.path["api"])
            result = change(transaction)
            try:
                call.sandbox.commit(transaction, call.operation.id)
                return result
            except Conflict:
                continue

    def _kept(self, checksum: Any) -> bytes:
        blob = self._mock.blobs.known(str(checksum))
        if blob is None:
            raise ValueError(f"no bytes of the SHA-1 checksum {checksum!r} are kept")
        return blob.data


def _decoded(text: Any) -> bytes:
    try:
        return base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("expected base64 (RFC 4648, section 4)") from None


def _snapshot(call: Call) -> Snapshot:
    """What is true, or was at the revision asked for."""
    log = call.sandbox.log
    revision = call.query.get("revision")
    snapshot = log.head if revision is None else log.at(revision)
    if snapshot is None:
        raise ApiError(404, f"The log does not know what was true at revision {revision}.")
    return snapshot


def _of(snapshot: Snapshot, stem: str, name: str) -> Collection:
    return snapshot.collection(f"{stem}/{name}")


def _shown(record: Record) -> dict[str, Any]:
    return {"key": record.key or ALONE, "value": shown(record.value)}


def _put(transaction: Transaction, call: Call, shape: Shape, record: Record) -> bool:
    """Write a record and what follows from it; whether it is new."""
    name = call.path["collection"]
    known = transaction.get(name, record.key)
    if known is not None:
        _forget(transaction, shape, known)
    for other, derive in shape.derived.items():
        for key, value in derive(record.value):
            if transaction.get(other, key) is not None:
                raise ApiError(409, f"Another record has the key {key!r} of {other}.")
            transaction.put(other, key, value)
    transaction.put(name, record.key, record.value)
    return known is None


def _forget(transaction: Transaction, shape: Shape, record: Record) -> None:
    """Delete what other collections hold of a record."""
    for other, derive in shape.derived.items():
        for key, _ in derive(record.value):
            if transaction.get(other, key) is not None:
                transaction.delete(other, key)


def _key(call: Call) -> str:
    """The key of a record; the only one of a collection has none, and goes by ``-``."""
    key: str = call.path["key"]
    return "" if key == ALONE else key


def _no_record(call: Call) -> ApiError:
    return ApiError(404, f"{call.path['collection']} has no record {call.path['key']!r}.")


def _refused(told: list[tuple[str, str]]) -> ApiError:
    where, what = told[0]
    detail = f"This is no record of the collection: {f'{where} {what}'.strip()}."
    return ApiError(422, detail, violations=[_violation(*each) for each in told])


def _violation(pointer: str, message: str) -> Violation:
    """What was expected, what came and by which rule, of a message that says them."""
    said = _SAID.fullmatch(message)
    expected, received, rule = said.groups() if said else (message, "", None)
    return Violation("body", pointer, rule or "record", expected, received)
