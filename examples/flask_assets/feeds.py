"""The WebSocket feeds: what is there, then each change once, in order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from simple_websocket import ConnectionClosed, Server

from examples.flask_assets.calls import HANDLERS, Answer, Call, handles, visible
from examples.flask_assets.faults import on
from examples.flask_assets.shapes import assets_shape
from examples.flask_assets.storage import Document, Store

IDENTIFIERS = "assets_stream_identifiers"
ASSETS = "stream_assets"
TRANSFERABLES = "get_assets_stream_transferables"
SILENT = "qgpt_stream"
LOOK_AGAIN = 5.0


def _first(store: Store, operation: str) -> tuple[int, Document]:
    """The revision that is shown, and the first frame."""
    with store.read() as session:
        assets = visible(session.live(), pseudo=False)
        if on("feed_begins_with_oldest"):
            assets = assets[::-1]
        if operation == IDENTIFIERS:
            items = [{"asset": {"id": asset.id}} for asset in assets]
        else:
            contents = operation == TRANSFERABLES or on("feed_with_contents")
            items = assets_shape(assets, contents=contents)
        return session.revision(), {"iterable": items}


def _item(operation: str, document: Document, *, removed: bool) -> Document:
    if operation == IDENTIFIERS:
        marked = removed and not on("feed_removal_unmarked")
        return {"asset": {"id": document["id"]}, **({"deleted": True} if marked else {})}
    if operation == TRANSFERABLES or removed:
        return document
    return without_contents(document)


def without_contents(node: Document) -> Document:
    """A rendered asset without the contents of its formats."""
    bare: Document = {key: value for key, value in node.items() if key not in {"fragment", "file"}}
    for key in ("original", "base", "overlay", "reference", "preview"):
        if isinstance(bare.get(key), dict):
            bare[key] = without_contents(bare[key])
    if isinstance(bare.get("formats"), dict):
        formats = [without_contents(form) for form in bare["formats"]["iterable"]]
        bare["formats"] = {**bare["formats"], "iterable": formats}
    return bare


@handles(IDENTIFIERS)
def identifiers_now(call: Call) -> Answer:
    """What the first frame would say."""
    return Answer(_first(call.store, IDENTIFIERS)[1])


@handles(ASSETS)
def assets_now(call: Call) -> Answer:
    """What the first frame would say."""
    return Answer(_first(call.store, ASSETS)[1])


@handles(TRANSFERABLES)
def transferables_now(call: Call) -> Answer:
    """What the first frame would say."""
    return Answer(_first(call.store, TRANSFERABLES)[1])


def frames(call: Call, operation: str, patience: float = LOOK_AGAIN) -> Iterator[str | None]:
    """The frames of a feed; None where nothing came for so many seconds."""
    if operation not in {IDENTIFIERS, ASSETS, TRANSFERABLES}:
        if operation != SILENT:
            body = HANDLERS[operation](call).body
            yield body if isinstance(body, str) else json.dumps(body)
        while True:
            _wait(call.store, patience)
            yield None
    revision, first = _first(call.store, operation)
    if first["iterable"] or not on("feed_silent_when_empty"):
        yield json.dumps(first)
    while True:
        with call.store.read() as session:
            changes = session.changes(revision)
        if not changes:
            _wait(call.store, patience, revision)
            yield None
        for revision, removed, document in changes:
            if on("feed_skips_every_third") and revision % 3 == 0:
                continue
            yield json.dumps({"iterable": [_item(operation, document, removed=removed)]})
            if on("feed_tells_twice"):
                yield json.dumps({"iterable": [_item(operation, document, removed=removed)]})


def _wait(store: Store, patience: float, revision: int | None = None) -> None:
    with store.committed:
        if revision is not None:
            with store.read() as session:
                if session.revision() > revision:
                    return
        store.committed.wait(patience)


def follow(environment: dict[str, Any], call: Call, operation: str) -> None:
    """Serve one WebSocket until the other side leaves."""
    socket = Server(environment, ping_interval=25)
    try:
        for frame in frames(call, operation):
            if not socket.connected:
                break
            if frame is not None:
                socket.send(frame)
    except ConnectionClosed:
        pass
