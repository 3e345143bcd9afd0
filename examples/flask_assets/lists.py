"""Reading: one asset, lists of them, their formats, what is related and what is found."""

from __future__ import annotations

from functools import partial

from examples.flask_assets import search
from examples.flask_assets.calls import Answer, Call, find, handles, visible
from examples.flask_assets.errors import Refusal, gone, unknown
from examples.flask_assets.faults import on
from examples.flask_assets.filters import holds_all
from examples.flask_assets.related import related, weights
from examples.flask_assets.shapes import (
    asset_shape,
    assets_shape,
    format_shape,
    formats_shape,
    listing,
)
from examples.flask_assets.storage import Asset, Document, Session


def in_order(assets: list[Asset]) -> list[Asset]:
    """Newest first."""
    if on("list_oldest_first"):
        return assets[::-1]
    if on("list_by_update"):
        return sorted(assets, key=lambda one: str(one.document["updated"]["value"]), reverse=True)
    if on("list_drops_oldest") and len(assets) > 1:
        return assets[:-1]
    if on("list_capped_at_40"):
        return assets[:40]
    return assets


@handles("assets_snapshot")
def all_assets(call: Call) -> Answer:
    """Everything that is there, newest first."""
    with call.store.read() as session:
        assets = in_order(visible(session.live(), call.values["pseudo"]))
        shown = assets_shape(assets, contents=call.contents)
        return Answer(listing(shown, session.deleted_ids()))


@handles("assets_identifiers_snapshot")
def identifiers(call: Call) -> Answer:
    """Only the ids."""
    pseudo = call.values["pseudo"] and not on("pseudo_ignored_by_identifiers")

    def read() -> Document:
        with call.store.read() as session:
            ids = [{"id": asset.id} for asset in visible(session.live(), pseudo)]
            if on("identifiers_capped_at_20"):
                ids = ids[:20]
            return listing(ids, session.deleted_ids())

    return Answer(call.cached("stale_identifiers", pseudo, read))


@handles("assets_pseudo_snapshot")
def pseudo_identifiers(call: Call) -> Answer:
    """The ids of assets that were not saved explicitly."""
    with call.store.read() as session:
        assets = session.live()
        if on("deleted_in_pseudo"):
            assets = assets + session.dead()
        ids = [{"id": asset.id} for asset in assets if asset.pseudo]
        return Answer({"identifiers": listing(ids, session.deleted_ids())})


@handles("assets_specific_asset_snapshot", "asset_snapshot")
def one_asset(call: Call) -> Answer:
    """One asset."""
    key = call.values["asset"].lower()
    contents = call.contents or on("transferables_ignored_by_asset")

    def read() -> Document:
        with call.store.read() as session:
            return asset_shape(find(session, key), contents=contents)

    return Answer(call.cached("stale_get", (key, contents), read))


@handles("assets_specific_asset_formats_snapshot")
def formats_of_asset(call: Call) -> Answer:
    """The formats of one asset."""
    with call.store.read() as session:
        asset = find(session, call.values["asset"])
        return Answer({"iterable": formats_shape(asset, contents=call.contents)})


@handles("formats_snapshot")
def all_formats(call: Call) -> Answer:
    """The formats of all assets, newest first."""
    contents = call.contents and not on("formats_without_contents_by_default")
    with call.store.read() as session:
        assets = session.live()
        if on("deleted_formats_listed"):
            assets = assets + session.dead()
        if on("formats_oldest_first"):
            assets = assets[::-1]
        found = [form for asset in assets for form in formats_shape(asset, contents=contents)]
        return Answer({"iterable": found})


def find_format(session: Session, key: str) -> tuple[Asset, Document]:
    """A live format and its asset; raises 404 or 410."""
    asset = session.owner(key)
    if asset is None or (asset.deleted and on("format_gone_as_404")):
        raise unknown("format", key)
    form = asset.format(key)
    if asset.deleted or form is None:
        raise gone("format", key)
    return asset, form


@handles("format_snapshot")
def one_format(call: Call) -> Answer:
    """One format."""
    contents = call.contents or on("transferable_ignored")
    key = call.values["format"].lower()

    def read() -> Document:
        with call.store.read() as session:
            asset, form = find_format(session, key)
            return format_shape(asset, form, contents=contents)

    return Answer(call.cached("stale_format", (key, contents), read))


def _base(session: Session, given: list[Document]) -> list[Asset]:
    found = (session.asset(one["id"]) for one in given)
    return [asset for asset in found if asset and not asset.deleted and not asset.pseudo]


def _candidates(session: Session, fault: str) -> list[Asset]:
    assets: list[Asset] = session.live()
    if on(fault):
        assets = assets + session.dead()
    return visible(assets, on("pseudo_among_related"))


@handles("assets_get_related_assets")
def related_assets(call: Call) -> Answer:
    """What has to do with the given assets."""
    given = call.body["iterable"] if call.body else []
    with call.store.read() as session:
        base = [(asset, 1.0) for asset in _base(session, given)]
        found = related(base, _candidates(session, "deleted_in_related"))
        return Answer(listing(assets_shape(found)))


@handles("assets_get_recommended_assets")
def recommended_assets(call: Call) -> Answer:
    """What may be wanted next."""
    with call.store.read() as session:
        candidates = _candidates(session, "deleted_in_recommended")
        if call.body is None:
            return Answer(listing(assets_shape(candidates)))
        given = call.body["assets"]["iterable"]
        weight = weights(call.body["interactions"], len(given))
        by_id = {one["id"].lower(): heavy for one, heavy in zip(given, weight, strict=True)}
        base = [(asset, by_id.get(asset.id, 1.0)) for asset in _base(session, given)]
        return Answer(listing(assets_shape(related(base, candidates))))


def _itself(asset: Asset) -> Asset:
    return asset


def _searched(call: Call, session: Session, *, pseudo: bool | None = None) -> list[Asset]:
    assets: list[Asset] = session.live()
    if on("deleted_in_search"):
        assets = assets + session.dead()
    if on("stale_search"):
        assets = [call.cached("stale_search", one.id, partial(_itself, one)) for one in assets]
    return visible(assets, call.values["pseudo"] if pseudo is None else pseudo)


def _results(call: Call, hits: list[search.Hit]) -> Document:
    return search.shape(hits, lambda asset: asset_shape(asset, contents=call.contents))


@handles("assets_search_assets")
def search_assets(call: Call) -> Answer:
    """By words, by tags, or by both."""
    query = (call.values["query"] or "").strip()
    tags = search.split_tags(call.values["searchable_tags"] or "")
    if not query and not tags:
        if on("blank_search_200"):
            return Answer(search.shape([], asset_shape))
        raise Refusal(500, "Tell a query or tags to search for.")
    with call.store.read() as session:
        assets = _searched(call, session)
        if not query:
            return Answer(_results(call, search.by_tags(assets, tags)))
        hits = search.by_words(assets, query)
        if tags and not on("tags_ignored_beside_query"):
            tagged = {hit[0].id for hit in search.by_tags(assets, tags)}
            hits = [hit for hit in hits if hit[0].id in tagged]
        return Answer(_results(call, hits))


@handles("assets_search_with_filters")
def search_with_filters(call: Call) -> Answer:
    """By words, within a space, by filters; everything without any of them."""
    body = call.body or {}
    casing = body.get("casing", True) or on("casing_ignored")
    query = body.get("query", "").strip()
    ignore = False if on("pseudo_ignored_by_filter_search") else None
    with call.store.read() as session:
        assets = _within(body, _searched(call, session, pseudo=ignore))
        filters = body.get("filters", {"iterable": []})
        assets = [asset for asset in assets if holds_all(filters, asset, casing=casing)]
        if query:
            hits = search.by_words(assets, query, casing=casing)
        else:
            hits = [(asset, True, 1.0, "MULTIPLE") for asset in assets]
        return Answer({"results": _results(call, hits)})


def _within(body: Document, assets: list[Asset]) -> list[Asset]:
    space = body.get("space", {}).get("identifers", {}).get("iterable")
    if space is None or (on("space_ignored_beside_query") and body.get("query")):
        return assets
    if not space and on("empty_space_is_everything"):
        return assets
    ids = {one["id"].lower() for one in space}
    return [asset for asset in assets if asset.id in ids]


@handles("full_text_search")
def full_text_search(call: Call) -> Answer:
    """By every word."""
    with call.store.read() as session:
        hits = search.full_text(_searched(call, session), call.values["query"] or "")
        return Answer(_results(call, hits))


@handles("neural_code_search")
def neural_code_search(call: Call) -> Answer:
    """Code by what it is about."""
    with call.store.read() as session:
        hits = search.by_meaning(_searched(call, session), call.values["query"] or "")
        return Answer(_results(call, hits))
