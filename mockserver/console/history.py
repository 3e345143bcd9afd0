"""The history of a sandbox: look at its revisions, go back to one, undo."""

from __future__ import annotations

import itertools
from typing import Any

from mockserver.console.values import shown
from mockserver.engine.handlers import Call, Reply
from mockserver.errors import ApiError
from mockserver.state.log import Entry, Log
from mockserver.state.store import Change, Record

UNDO = "undo"


def list_revisions(call: Call) -> Reply:
    """The newest revisions first, without the records that they changed."""
    log = call.sandbox.log
    before = call.query.get("before")
    found = (e for e in reversed(log.entries()) if before is None or e.revision < before)
    told = [_told(entry) for entry in itertools.islice(found, call.query["limit"])]
    return Reply({"head": log.head.revision, "revisions": told})


def read_revision(call: Call) -> Reply:
    """One revision, with what it made of each record."""
    entry = _entry(call.sandbox.log, call.path["revision"])
    changes = [
        {**_named(change), "before": _value(change.before), "after": _value(change.after)}
        for change in entry.changes
    ]
    return Reply({**_told(entry), "changes": changes})


def restore_revision(call: Call) -> Reply:
    """Make true again what was true at a revision."""
    log, revision = call.sandbox.log, call.path["revision"]
    snapshot = log.at(revision)
    if snapshot is None:
        raise _unknown(log, revision)
    log.restore(snapshot, f"restore {revision}")
    return Reply({"revision": log.head.revision})


def undo(call: Call) -> Reply:
    """Make true again what was true before the last revision that still stands."""
    log = call.sandbox.log
    last = _last_standing(log)
    snapshot = log.at(last - 1) if last > 0 else None
    if snapshot is None:
        raise ApiError(409, "There is no revision, still known, to go back to.")
    log.restore(snapshot, f"{UNDO} {last}")
    return Reply({"revision": log.head.revision, "undone": last})


def _entry(log: Log, revision: int) -> Entry:
    for entry in log.entries():
        if entry.revision == revision:
            return entry
    raise _unknown(log, revision)


def _unknown(log: Log, revision: int) -> ApiError:
    kept = [entry.revision for entry in log.entries()]
    known = f"{kept[0]} to {kept[-1]} are kept" if kept else f"it is at {log.head.revision}"
    return ApiError(404, f"The log does not know what was true at revision {revision}: {known}.")


def _last_standing(log: Log) -> int:
    """The newest revision that was not undone: where an undo led to, or what was last."""
    entry = log.entries()[-1:]
    if entry and entry[0].repeats is not None and entry[0].cause.startswith(UNDO):
        return entry[0].repeats
    return log.head.revision


def _told(entry: Entry) -> dict[str, Any]:
    return {
        "revision": entry.revision,
        "at": entry.at.isoformat(),
        "cause": entry.cause,
        "repeats": entry.repeats,
        "changes": [_named(change) for change in entry.changes],
    }


def _named(change: Change) -> dict[str, Any]:
    api, _, collection = change.collection.partition("/")
    kind = "created" if change.before is None else "deleted" if change.after is None else "updated"
    return {"api": api, "collection": collection, "key": change.key, "kind": kind}


def _value(record: Record | None) -> Any:
    return None if record is None else shown(record.value)


HISTORY = {
    "list_revisions": list_revisions,
    "read_revision": read_revision,
    "restore_revision": restore_revision,
    "undo": undo,
}
"""The handlers of revisions, by operation."""
