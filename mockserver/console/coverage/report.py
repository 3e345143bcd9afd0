"""What was touched and what was not, counted by API and operation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mockserver.catalogue import Mock
from mockserver.engine.coverage.counting import Coverage, Seen
from mockserver.engine.coverage.points import KINDS, Points
from mockserver.engine.reply import Api
from mockserver.engine.spec import Operation
from mockserver.state.sandboxes import Sandbox

Row = dict[str, Any]


def report(mock: Mock, sandbox: Sandbox, api: str | None, operation: str | None) -> Row:
    """The coverage of a sandbox, of one API or operation where they are named."""
    mock.coverage.settle()
    touched = mock.coverage.touched(sandbox)
    seen = {id(each.operation): each for each in tuple(touched.seen.values())}
    rows: list[Row] = [
        {
            "api": each.description.stem,
            "title": each.description.title,
            "operations": _operations(mock.coverage, each, seen, operation),
        }
        for each in mock.apis
        if api in (None, each.description.stem)
    ]
    rows = [row for row in rows if row["operations"] or operation is None]
    for row in rows:
        row["totals"] = _sum(each["totals"] for each in row["operations"])
    total = _sum(row["totals"] for row in rows)
    since = touched.since.isoformat()
    return {"since": since, "unread": touched.unread, "total": total, "apis": rows}


def _operations(
    coverage: Coverage, api: Api, seen: Mapping[int, Seen], wanted: str | None
) -> list[Row]:
    return [
        _row(coverage.points(api, operation), seen.get(id(operation)))
        for operation in api.description.operations
        if wanted in (None, operation.id)
    ]


def _row(points: Points, seen: Seen | None) -> Row:
    operation: Operation = points.operation
    bits = 0 if seen is None else seen.bits
    kinds = {kind: _touched(names, bits) for kind, names in points.names.items()}
    shares = {
        kind: {"touched": len(names["touched"]), "of": sum(map(len, names.values()))}
        for kind, names in kinds.items()
    }
    del kinds["operations"]
    return {
        "operation": operation.id,
        "method": operation.method,
        "path": operation.path,
        "hits": 0 if seen is None else seen.hits,
        "totals": _totals(shares),
        **kinds,
        "undocumented": [] if seen is None else [str(each) for each in sorted(seen.undocumented)],
    }


def _touched(names: Mapping[str, int], bits: int) -> dict[str, list[str]]:
    return {
        "touched": [name for name, bit in names.items() if bits & bit],
        "untouched": [name for name, bit in names.items() if not bits & bit],
    }


def _sum(totals: Iterable[Row]) -> Row:
    known = list(totals)
    return _totals(
        {
            kind: {word: sum(each[kind][word] for each in known) for word in ("touched", "of")}
            for kind in KINDS
        }
    )


def _totals(shares: Mapping[str, Mapping[str, int]]) -> Row:
    touched = sum(share["touched"] for share in shares.values())
    whole = sum(share["of"] for share in shares.values())
    percent = round(100 * touched / whole, 1) if whole else 100.0
    return {"percent": percent, "touched": touched, "of": whole, **shares}
