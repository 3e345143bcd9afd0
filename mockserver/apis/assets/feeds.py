"""The WebSocket feeds: what a first frame says, and what each commit adds."""

from __future__ import annotations

from typing import Any, TypeGuard

from mockserver.apis.assets import records, session
from mockserver.apis.assets.records import timestamp, without_contents
from mockserver.apis.assets.registry import handlers
from mockserver.engine.handlers import Call, Reply, View
from mockserver.state.store import Change, Record


@handlers.operation("assets_stream_identifiers")
def assets_stream_identifiers(call: Call) -> Reply:
    """The ids of all assets that are not pseudo, newest first."""
    found = records.listing(call, pseudo=False)
    return Reply({"iterable": [{"asset": {"id": record.key}} for record in found]})


@handlers.frames("assets_stream_identifiers")
def identifier_frame(call: Call, changes: tuple[Change, ...]) -> dict[str, Any] | None:
    """The ids that a commit created, changed or, with ``deleted``, removed."""
    told: list[dict[str, Any]] = []
    for change in changes:
        if _listed(change.after):
            told.append({"asset": {"id": change.key}})
        elif _listed(change.before):
            told.append({"asset": {"id": change.key}, "deleted": True})
    return {"iterable": told} if told else None


def _listed(record: Record | None) -> TypeGuard[Record]:
    """Whether lists and feeds show the record: it is there, and not pseudo."""
    return record is not None and not records.is_pseudo(record)


@handlers.operation("stream_assets", slow=True)
def stream_assets(call: Call) -> Reply:
    """All assets without contents, newest first."""
    found = records.listing(call, pseudo=False)
    return Reply({"iterable": records.views(found, transferables=False)})


@handlers.operation("get_assets_stream_transferables", slow=True)
def get_assets_stream_transferables(call: Call) -> Reply:
    """All assets with contents, newest first."""
    found = records.listing(call, pseudo=False)
    return Reply({"iterable": records.views(found, transferables=True)})


@handlers.frames("stream_assets")
def asset_frame(call: Call, changes: tuple[Change, ...]) -> dict[str, Any] | None:
    """The assets that a commit touched, without contents."""
    return _asset_frame(call, changes, transferables=False)


@handlers.frames("get_assets_stream_transferables")
def transferable_frame(call: Call, changes: tuple[Change, ...]) -> dict[str, Any] | None:
    """The assets that a commit touched, with contents."""
    return _asset_frame(call, changes, transferables=True)


def _asset_frame(
    call: Call, changes: tuple[Change, ...], *, transferables: bool
) -> dict[str, Any] | None:
    told: list[View | dict[str, Any]] = []
    for change in changes:
        if _listed(change.after):
            told.append(records.view(change.after, transferables=transferables))
        elif _listed(change.before):
            last = without_contents(change.before.value)
            told.append({**last, "deleted": timestamp(call.now)})
    return {"iterable": told} if told else None


@handlers.operation("conversations_stream_identifiers")
@handlers.operation("anchors_stream_identifiers")
@handlers.operation("ranges_stream_identifiers")
def nothing_identified(call: Call) -> Reply:
    """Feeds of things that this mock does not keep: an empty list."""
    return Reply({"iterable": []})


@handlers.operation("user_stream")
def user_stream(call: Call) -> Reply:
    """The profile of the user who is signed in."""
    return Reply(session.user(call))


@handlers.operation("stream_health")
def stream_health(call: Call) -> Reply:
    """That the service is well; it stays open as long as it is."""
    return Reply(session.health(call))


@handlers.operation("workstream_pattern_engine_processors_vision_status")
@handlers.operation("workstream_pattern_engine_processors_vision_status_stream")
def vision_status(call: Call) -> Reply:
    """The status of the workstream pattern engine, which is not running here."""
    return Reply({})


@handlers.operation("qgpt_stream")
def qgpt_stream(call: Call) -> Reply:
    """The form of a copilot's answer; on the socket the first message is the client's."""
    return Reply({"conversation": call.sandbox.identifier})
