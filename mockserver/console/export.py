"""The state of a sandbox as fixtures: a ZIP archive in the layout that ``--fixtures`` reads."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from mockserver.catalogue import Mock
from mockserver.engine.handlers import Call, Handlers, Reply
from mockserver.engine.reply import Api
from mockserver.engine.security import MOCK
from mockserver.state.blobs import Blob
from mockserver.state.fixtures import CREDENTIALS
from mockserver.state.records import Shape
from mockserver.state.store import Snapshot

_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The date of every file, so that the same state is the same archive."""


class Export:
    """Writes what is true in a sandbox."""

    def __init__(self, mock: Mock) -> None:
        self._mock = mock

    def register(self, handlers: Handlers) -> None:
        """Add the operations."""
        handlers.operation("export_state", slow=True)(self.export_state)

    def export_state(self, call: Call) -> Reply:
        """The archive of all APIs, or of the one asked for."""
        written = io.BytesIO()
        with ZipFile(written, "w", ZIP_DEFLATED) as archive:
            for name, data in self._files(call.sandbox.log.head, call.query.get("api")):
                archive.writestr(ZipInfo(name, _EARLIEST), data, ZIP_DEFLATED)
        return Reply(written.getvalue(), media_type="application/zip")

    def _files(self, snapshot: Snapshot, wanted: str | None) -> Iterator[tuple[str, bytes]]:
        for api in self._mock.apis:
            stem = api.description.stem
            if wanted in (None, stem):
                yield from _files_of(api, self._mock.shapes[stem](), snapshot)


def _files_of(
    api: Api, shapes: Mapping[str, Shape], snapshot: Snapshot
) -> Iterator[tuple[str, bytes]]:
    stem = api.description.stem
    blobs: dict[str, Blob] = {}
    for name, shape in shapes.items():
        records = snapshot.collection(f"{stem}/{name}").records.values()
        yield f"{stem}/{name}.json", _json([_written(shape.fixture(r), blobs) for r in records])
    identities = [each for each in api.identities if each.get("identity") != MOCK]
    if identities:
        yield f"{stem}/{CREDENTIALS}.json", _json(identities)
    for checksum, blob in blobs.items():
        yield f"{stem}/files/{checksum}", blob.data


def _written(value: Any, blobs: dict[str, Blob]) -> Any:
    """A value as a fixture has it; the files that it names are added to ``blobs``."""
    if isinstance(value, Blob):
        blobs[value.checksum] = value
        return {"$file": value.checksum}
    if isinstance(value, dict):
        return {name: _written(member, blobs) for name, member in value.items()}
    return [_written(item, blobs) for item in value] if isinstance(value, list | tuple) else value


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
