"""Assets searched, filtered, related and recommended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mockserver.apis.assets import records, related, search
from mockserver.apis.assets.filters import compile_filters, in_space
from mockserver.apis.assets.records import is_pseudo, view
from mockserver.apis.assets.registry import handlers
from mockserver.apis.assets.search import Hit
from mockserver.engine.handlers import Call, Reply
from mockserver.errors import ApiError
from mockserver.state.store import Record


def _searched(call: Call) -> list[Record]:
    """What a search looks at, oldest first; pseudo assets only when asked for."""
    pseudo = call.query.get("pseudo", False)
    return [r for r in call.transaction.records(records.ASSETS) if pseudo or not is_pseudo(r)]


def _results(call: Call, hits: Iterable[Hit]) -> dict[str, Any]:
    transferables = call.query.get("transferables", True)
    found = [
        {
            "exact": hit.exact,
            "score": hit.score,
            "match": hit.match,
            "identifier": hit.record.key,
            "pseudo": is_pseudo(hit.record),
            "asset": view(hit.record, transferables=transferables),
        }
        for hit in hits
    ]
    exact = sum(1 for entry in found if entry["exact"])
    return {"iterable": found, "exact": exact, "suggested": len(found) - exact}


@handlers.operation("assets_search_assets", slow=True)
def assets_search_assets(call: Call) -> Reply:
    """Search by words or by tags; with both, the assets that both find."""
    query = call.query.get("query", "")
    tags = [tag for tag in call.query.get("searchable_tags", "").split(",") if tag.strip()]
    if not query.strip() and not tags:
        raise ApiError(500, "A search needs a query or searchable_tags; neither was given.")
    found = _searched(call)
    if tags:
        hits = search.by_tags(found, tags)
        if query.strip():
            carrying = {hit.record.key for hit in hits}
            hits = [hit for hit in search.fuzzy(found, query) if hit.record.key in carrying]
    else:
        hits = search.fuzzy(found, query)
    return Reply(_results(call, hits))


@handlers.operation("assets_search_with_filters", slow=True)
def assets_search_with_filters(call: Call) -> Reply:
    """Search with a query, a space and filters, each of which narrows the result."""
    asked = call.body or {}
    casing = asked.get("casing", True)
    found = _searched(call)
    if "space" in asked:
        found = list(filter(in_space(asked["space"]), found))
    if "filters" in asked:
        found = list(filter(_compiled(asked["filters"], casing=casing), found))
    if asked.get("query", "").strip():
        hits = search.fuzzy(found, asked["query"], casing=casing)
    else:
        hits = [Hit(record, True, 1.0, "MULTIPLE") for record in reversed(found)]
    return Reply({"results": _results(call, hits)})


def _compiled(filters: Mapping[str, Any], *, casing: bool) -> Callable[[Record], bool]:
    try:
        return compile_filters(filters, casing=casing)
    except ValueError as error:
        raise ApiError(400, f"The filters cannot be used: {error}.") from None


@handlers.operation("full_text_search", slow=True)
def full_text_search(call: Call) -> Reply:
    """Assets in which every word of the query occurs."""
    return Reply(_results(call, search.full_text(_searched(call), call.query.get("query", ""))))


@handlers.operation("neural_code_search", slow=True)
def neural_code_search(call: Call) -> Reply:
    """Code assets that resemble the query."""
    return Reply(_results(call, search.neural_code(_searched(call), call.query.get("query", ""))))


@handlers.operation("assets_get_related_assets", slow=True)
def assets_get_related_assets(call: Call) -> Reply:
    """Assets that share tags or words with those in the body."""
    inputs = {asset["id"].lower() for asset in (call.body or {}).get("iterable", ())}
    return _ranked(related.related(_searched(call), inputs))


@handlers.operation("assets_get_recommended_assets", slow=True)
def assets_get_recommended_assets(call: Call) -> Reply:
    """Assets that resemble those in the body, the much viewed ones above all."""
    if call.body is None:
        return _ranked(records.listing(call, pseudo=False))
    assets = call.body["assets"]["iterable"]
    dealings = call.body["interactions"]["iterable"]
    weights = [related.weight(dealing.get("interactions", {})) for dealing in dealings]
    weights += [0.0] * (len(assets) - len(weights))
    pairs = [(asset["id"].lower(), weight) for asset, weight in zip(assets, weights, strict=False)]
    return _ranked(related.recommended(_searched(call), pairs))


def _ranked(found: list[Record]) -> Reply:
    indices = {record.key: index for index, record in enumerate(found)}
    return Reply({"iterable": records.views(found, transferables=True), "indices": indices})
