"""Handlers that write: each is one transaction, and tells the feeds what became of it."""

from __future__ import annotations

import copy
import html

from examples.flask_assets.calls import TEXT, Answer, Call, find, handles
from examples.flask_assets.contents import decode, default_name, find_out, text_of
from examples.flask_assets.errors import Refusal, bad_request, unknown
from examples.flask_assets.faults import meet, on
from examples.flask_assets.identity import now
from examples.flask_assets.lists import find_format
from examples.flask_assets.shapes import asset_shape, format_shape, removed
from examples.flask_assets.storage import Asset, Document, Session
from examples.flask_assets.writing import (
    build,
    reclassify,
    replace,
    replace_value,
    seeded_content,
)


def creator(session: Session) -> str:
    """The id of the signed-in user; empty when there is none."""
    users = session.others("users")
    return str(users[0]["id"]) if users else ""


def tell(session: Session, before: Asset | None, after: Asset) -> None:
    """Tell the feeds how what they show has changed."""
    shown = before is not None and not before.pseudo
    visible = not after.deleted and (not after.pseudo or on("feed_tells_pseudo"))
    if visible:
        session.tell(asset_shape(after), removed=False)
    elif shown and before is not None:
        session.tell(removed(before, now()), removed=True)


@handles("assets_create_new_asset")
def create(call: Call) -> Answer:
    """Save a seed as the newest asset."""
    if call.body is None:
        raise bad_request("There is nothing to save.")
    try:
        with call.store.write() as session:
            asset = build(call.body, creator(session), session)
            session.insert(asset)
            tell(session, None, asset)
    except Refusal:
        if on("refused_create_is_saved") and "asset" in call.body:
            _save_half(call)
        raise
    status = 201 if on("create_201") else 200
    return Answer(asset_shape(asset, contents=call.contents), status=status)


def _save_half(call: Call) -> None:
    seed = copy.deepcopy(call.body)
    seed["asset"]["format"] = {"fragment": {"string": {"raw": ""}}}
    with call.store.write() as session:
        session.insert(build(seed, creator(session), session))


@handles("assets_draft")
def draft(call: Call) -> Answer:
    """A seed with what would be found out about it."""
    seed: Document = copy.deepcopy(call.body or {})
    wanted = seed.get("asset")
    if wanted is None:
        if on("draft_refuses_seed_without_asset"):
            raise bad_request("A seed needs an asset.")
        return Answer(seed)
    try:
        member, content, data = seeded_content(wanted["format"])
    except Refusal:
        return Answer(seed)
    found = find_out(content, data)
    if found["generic"] == "IMAGE":
        return Answer(seed)
    wanted["format"]["classification"] = found
    metadata = wanted.setdefault("metadata", {})
    metadata.setdefault("mechanism", "MANUAL")
    metadata["name"] = metadata.get("name") or default_name(found, content)
    wanted["available"] = {"iterable": [found]}
    if on("draft_saves"):
        with call.store.write() as session:
            session.insert(build(seed, creator(session), session))
    if not call.contents:
        kept = {name: item for name, item in content.items() if name not in {"string", "bytes"}}
        wanted["format"][member] = kept
    return Answer(seed)


@handles("assets_delete_asset")
def delete(call: Call) -> Answer:
    """Take an asset away; it answers 410 from then on."""
    key = call.values["asset"]
    if on("race_double_delete"):
        with call.store.read() as session:
            find(session, key)
        meet()
    with call.store.write() as session:
        again = on("delete_twice_200") or on("race_double_delete")
        asset = session.asset(key) if again else find(session, key)
        if asset is None:
            raise unknown("asset", key)
        if not asset.deleted and not (on("lost_delete_of_pseudo") and asset.pseudo):
            _remove(session, asset)
    if on("delete_as_json"):
        return Answer(asset.id)
    return Answer(f'"{asset.id}"' if on("delete_quoted") else asset.id, TEXT)


def _remove(session: Session, asset: Asset) -> None:
    victims = [asset]
    if on("delete_takes_twins"):
        same = asset.document.get("name")
        victims = [one for one in session.live() if one.document.get("name") == same]
    for victim in victims:
        before = copy.deepcopy(victim)
        victim.deleted = True
        session.replace(victim)
        tell(session, before, victim)


@handles("asset_update")
def update(call: Call) -> Answer:
    """Replace an asset by the one in the body."""
    body = call.body
    if on("race_update_revives"):
        with call.store.read() as session:
            find(session, body["id"])
        meet()
    try:
        new = _update(call, body)
    except Refusal:
        if on("refused_update_revives"):
            _revive(call, body["id"])
        raise
    contents = call.contents or on("transferables_ignored_by_update")
    return Answer(asset_shape(new, contents=contents))


def _update(call: Call, body: Document) -> Asset:
    with call.store.write() as session:
        old = _to_update(session, body)
        new = replace(old, body, session)
        stored = old if _is_lost(call, old) else new
        session.replace(stored)
        if on("alias_twin_tags"):
            _share_tags(session, new)
        tell(session, old, stored)
    return new


def _to_update(session: Session, body: Document) -> Asset:
    asset = session.asset(body["id"])
    if asset is None and on("update_creates_unknown"):
        asset = Asset(body["id"].lower(), body, [])
        session.insert(asset)
        return asset
    if asset is not None and asset.deleted and on("race_update_revives"):
        asset.deleted = False
        return asset
    return find(session, body["id"])


def _revive(call: Call, key: str) -> None:
    with call.store.write() as session:
        asset = session.asset(key)
        if asset is not None and asset.deleted:
            asset.deleted = False
            session.replace(asset)


def _is_lost(call: Call, asset: Asset) -> bool:
    times = call.cache.setdefault(("updates", asset.id), 0) + 1
    call.cache["updates", asset.id] = times
    return times % 3 == 0 and on("third_update_lost")


def _share_tags(session: Session, asset: Asset) -> None:
    for other in session.live():
        if other.id != asset.id and other.document.get("name") == asset.document.get("name"):
            other.document["tags"] = asset.document.get("tags", {"iterable": []})
            session.replace(other)


@handles("asset_reclassify")
def reclassify_asset(call: Call) -> Answer:
    """Give the content of an asset another kind."""
    with call.store.write() as session:
        asset = find(session, call.body["asset"]["id"])
        before = copy.deepcopy(asset)
        changed = reclassify(asset, call.body["ext"])
        session.replace(changed)
        if not on("feed_misses_reclassify"):
            tell(session, before, changed)
    return Answer(asset_shape(changed, contents=call.contents))


@handles("asset_snapshot_post")
def open_asset(call: Call) -> Answer:
    """One asset, for somebody who came through a share."""
    with call.store.write() as session:
        asset = find(session, call.values["asset"])
        if on("opening_touches_updated"):
            asset.document["updated"] = now()
            session.replace(asset)
    return Answer(asset_shape(asset, contents=call.contents))


@handles("format_update_value")
def update_value(call: Call) -> Answer:
    """Replace the content of a format."""
    key = call.body["id"]
    early = None
    if on("race_lost_update"):
        with call.store.read() as session:
            early = copy.deepcopy(find_format(session, key))
        meet()
    with call.store.write() as session:
        asset, form = early or find_format(session, key)
        before = copy.deepcopy(asset)
        changed = replace_value(asset, form, call.body)
        if not (on("lost_value_of_code") and form["classification"]["generic"] == "CODE"):
            session.replace(changed)
        if on("alias_equal_contents"):
            _share_content(session, before, form)
        tell(session, before, changed)
    return Answer(format_shape(changed, form, contents=call.contents))


def _share_content(session: Session, before: Asset, form: Document) -> None:
    old = before.format(form["id"]) or {}
    for other in session.live():
        for one in other.formats:
            if other.id != before.id and one.get("fragment") == old.get("fragment"):
                one["fragment"] = form.get("fragment", {})
                session.replace(other)


@handles("asset_specific_asset_export")
def export(call: Call) -> Answer:
    """An asset as one document."""
    key = call.values["asset"].lower()

    def read() -> Document:
        with call.store.read() as session:
            return exported(find(session, key), call.values["export_type"].upper())

    return Answer(call.cached("stale_export", (key, call.values["export_type"]), read))


def exported(asset: Asset, kind: str) -> Document:
    """The original's content as Markdown, as HTML, or else as it is."""
    document = asset.document
    name = document.get("name", "")
    listed = document.get("annotations", {}).get("iterable", [])
    prose = next((one["text"] for one in listed if one["type"] == "DESCRIPTION"), "")
    form = asset.format(document["original"]["id"]) or {}
    content = next((form[member] for member in ("fragment", "file") if member in form), {})
    data = decode(content)
    text = text_of(content, data) if data is not None else None
    if text is None:
        raw: Document = {"bytes": content["bytes"]} if "bytes" in content else {}
    else:
        raw = {"string": {"raw": _document(kind, name, prose, (form, text))}}
    return {"name": name, "description": prose, "created": document["created"], "raw": raw}


def _document(kind: str, name: str, prose: str, content: tuple[Document, str]) -> str:
    form, text = content
    if kind == "MD":
        fence = "```"
        while fence in text:
            fence += "`"
        specific = form.get("classification", {}).get("specific", "")
        return f"# {name}\n\n{prose}\n\n{fence}{specific}\n{text}\n{fence}\n"
    if kind == "HTML":
        name, prose, text = (html.escape(part) for part in (name, prose, text))
        return f"<h1>{name}</h1>\n<p>{prose}</p>\n<pre>{text}</pre>\n"
    return text
