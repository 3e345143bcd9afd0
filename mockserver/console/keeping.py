"""Snapshots of a sandbox that a test keeps by name, and returns to."""

from __future__ import annotations

from typing import Any

from mockserver.engine.handlers import Call, Reply
from mockserver.errors import ApiError
from mockserver.state.snapshots import Kept


def list_snapshots(call: Call) -> Reply:
    """The snapshots that are kept, oldest first."""
    return Reply([_shown(name, kept) for name, kept in call.sandbox.snapshots])


def make_snapshot(call: Call) -> Reply:
    """Keep what is true now under a name, in the place of what was kept so before."""
    snapshots = call.sandbox.snapshots
    name = (call.body or {}).get("name") or snapshots.unused()
    kept = snapshots.keep(name, call.sandbox.log.head, call.now)
    return Reply(_shown(name, kept), 201, {"Location": f"/__mock__/snapshots/{name}"})


def read_snapshot(call: Call) -> Reply:
    """One snapshot."""
    return Reply(_shown(call.path["name"], _kept(call)))


def restore_snapshot(call: Call) -> Reply:
    """Make true again what a snapshot holds."""
    log = call.sandbox.log
    log.restore(_kept(call).snapshot, f"restore {call.path['name']}")
    return Reply({"revision": log.head.revision})


def delete_snapshot(call: Call) -> Reply:
    """Keep a snapshot no longer."""
    if not call.sandbox.snapshots.drop(call.path["name"]):
        raise _no_snapshot(call)
    return Reply(status=204)


def _kept(call: Call) -> Kept:
    kept = call.sandbox.snapshots.get(call.path["name"])
    if kept is None:
        raise _no_snapshot(call)
    return kept


def _no_snapshot(call: Call) -> ApiError:
    names = ", ".join(name for name, _ in call.sandbox.snapshots) or "none"
    return ApiError(404, f"No snapshot is called {call.path['name']!r}; there are: {names}.")


def _shown(name: str, kept: Kept) -> dict[str, Any]:
    since = kept.since.isoformat()
    return {"name": name, "revision": kept.snapshot.revision, "since": since}


SNAPSHOTS = {
    "list_snapshots": list_snapshots,
    "make_snapshot": make_snapshot,
    "read_snapshot": read_snapshot,
    "restore_snapshot": restore_snapshot,
    "delete_snapshot": delete_snapshot,
}
"""The handlers of snapshots, by operation."""
