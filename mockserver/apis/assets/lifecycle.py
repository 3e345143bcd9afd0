"""Assets created, read, changed, exported and deleted."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any

from mockserver.apis.assets import contents, records, seeds
from mockserver.apis.assets.classification import generic_of
from mockserver.apis.assets.records import ASSETS, find, formats_of, save, timestamp, view
from mockserver.apis.assets.registry import handlers
from mockserver.engine.handlers import Call, Reply
from mockserver.state.store import Record


@handlers.operation("assets_create_new_asset")
def assets_create_new_asset(call: Call) -> Reply:
    """Make an asset of a seed."""
    seeded, found = seeds.read_seed(call.body)
    record = save(call, seeds.plant(call, seeded, found))
    return Reply(view(record, transferables=call.query["transferables"]))


@handlers.operation("assets_draft")
def assets_draft(call: Call) -> Reply:
    """Say what creating a seed would find out; nothing is stored."""
    return Reply(seeds.draft(call.body, transferables=call.query["transferables"]))


@handlers.operation("assets_delete_asset")
def assets_delete_asset(call: Call) -> Reply:
    """Delete an asset; the answer is its bare id."""
    record = find(call, call.path["asset"])
    records.remove(call, record)
    return Reply(record.key)


@handlers.operation("assets_snapshot", slow=True)
def assets_snapshot(call: Call) -> Reply:
    """All assets, newest first."""
    found = records.listing(call, pseudo=call.query["pseudo"])
    shown = records.views(found, transferables=call.query["transferables"])
    return Reply({"iterable": shown, "indices": records.positions(call, found)})


@handlers.operation("assets_identifiers_snapshot")
def assets_identifiers_snapshot(call: Call) -> Reply:
    """The ids of all assets, newest first."""
    return Reply(_identifiers(call, records.listing(call, pseudo=call.query["pseudo"])))


@handlers.operation("assets_pseudo_snapshot")
def assets_pseudo_snapshot(call: Call) -> Reply:
    """The ids of pseudo assets only."""
    found = [record for record in call.transaction.newest(ASSETS) if records.is_pseudo(record)]
    return Reply({"identifiers": _identifiers(call, found)})


def _identifiers(call: Call, found: list[Record]) -> dict[str, Any]:
    ids = [{"id": record.key} for record in found]
    return {"iterable": ids, "indices": records.positions(call, found)}


@handlers.operation("asset_snapshot")
@handlers.operation("asset_snapshot_post")
@handlers.operation("assets_specific_asset_snapshot")
def asset_snapshot(call: Call) -> Reply:
    """One asset."""
    record = find(call, call.path["asset"])
    return Reply(view(record, transferables=call.query["transferables"]))


@handlers.operation("asset_update")
def asset_update(call: Call) -> Reply:
    """Replace an asset by the one in the body; contents that were left out stay."""
    given = call.body
    before = find(call, given["id"]).value
    core = {
        **given,
        "id": before["id"],
        "created": before["created"],
        "updated": timestamp(call.now),
        "formats": {**given["formats"], "iterable": _replaced(call, before)},
    }
    return Reply(view(save(call, core), transferables=call.query["transferables"]))


def _replaced(call: Call, before: records.Asset) -> list[dict[str, Any]]:
    """The formats of an update: each once, none of another asset, those of before if none is left.

    One that comes without a content keeps the content that it had.
    """
    known = {entry["id"]: entry for entry in formats_of(before)}
    given = {entry["id"].lower(): entry for entry in formats_of(call.body)}
    made = []
    for key, entry in given.items():
        owner = call.transaction.get(records.FORMATS, key)
        if owner is None or owner.value == before["id"]:
            kept = {} if contents.parts_of(entry) else contents.parts_of(known.get(key, {}))
            made.append(records.stored({**entry, **kept, "id": key}, call.blobs))
    return made or list(known.values())


@handlers.operation("asset_reclassify")
def asset_reclassify(call: Call) -> Reply:
    """Give an asset's original and preview another kind of content."""
    specific = call.body["ext"]
    before = find(call, call.body["asset"]["id"]).value
    shown = {before["original"]["id"], before["preview"]["base"]["id"]}
    now = timestamp(call.now)
    kind = {"generic": generic_of(specific), "specific": specific}
    formats = [
        {**entry, "classification": {**entry["classification"], **kind}, "updated": now}
        if entry["id"] in shown
        else entry
        for entry in formats_of(before)
    ]
    core = {**before, "updated": now, "formats": {**before["formats"], "iterable": formats}}
    return Reply(view(save(call, core), transferables=call.query["transferables"]))


@handlers.operation("asset_specific_asset_export")
def asset_specific_asset_export(call: Call) -> Reply:
    """An asset as one document: Markdown, HTML, or the content as it is."""
    asset = find(call, call.path["asset"]).value
    described = [
        note["text"]
        for note in asset.get("annotations", {}).get("iterable", ())
        if note["type"] == "DESCRIPTION"
    ]
    exported = {
        "name": asset.get("name", ""),
        "description": next(iter(described), ""),
        "created": asset["created"],
    }
    raw = _document(asset, exported, str(call.query["export_type"]).upper())
    return Reply({**exported, "raw": raw})


def _document(asset: Mapping[str, Any], exported: Mapping[str, Any], kind: str) -> dict[str, Any]:
    entry = contents.with_numbers(asset["original"].get("reference", {}))
    part: Mapping[str, Any] = next(iter(contents.parts_of(entry).values()), {})
    text = part.get("string", {}).get("raw")
    if text is None:
        return {"bytes": part["bytes"]} if "bytes" in part else {}
    if kind == "MD":
        text = _markdown(text, exported, entry["classification"]["specific"])
    elif kind == "HTML":
        text = _html(text, exported)
    return {"string": {"raw": text}}


def _markdown(text: str, exported: Mapping[str, Any], language: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    head = f"# {exported['name']}\n\n{exported['description']}\n\n"
    return f"{head}{fence}{language}\n{text}\n{fence}\n"


def _html(text: str, exported: Mapping[str, Any]) -> str:
    name, description = html.escape(exported["name"]), html.escape(exported["description"])
    return f"<h1>{name}</h1>\n<p>{description}</p>\n<pre>{html.escape(text)}</pre>\n"
