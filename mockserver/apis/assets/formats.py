"""Formats of assets: read by themselves, and given new contents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.apis.assets import contents, records
from mockserver.apis.assets.records import find, find_by_format, formats_of, save, timestamp
from mockserver.apis.assets.registry import handlers
from mockserver.engine.handlers import Call, Reply, View


@handlers.operation("assets_specific_asset_formats_snapshot")
def assets_specific_asset_formats_snapshot(call: Call) -> Reply:
    """The formats of one asset."""
    record = find(call, call.path["asset"])
    if call.query["transferables"]:
        return Reply(View(record, "Formats", records.formats_with_contents))
    return Reply(View(record, "Formats", records.formats_without_contents))


@handlers.operation("formats_snapshot", slow=True)
def formats_snapshot(call: Call) -> Reply:
    """The formats of all assets, newest asset first."""
    found = [
        _shown(entry, transferables=call.query["transferables"])
        for record in records.listing(call, pseudo=True)
        for entry in formats_of(record.value)
    ]
    return Reply({"iterable": found})


@handlers.operation("format_snapshot")
def format_snapshot(call: Call) -> Reply:
    """One format."""
    asset = find_by_format(call, call.path["format"]).value
    entry = _format(asset, call.path["format"])
    return Reply(_shown(entry, transferables=call.query["transferable"]))


@handlers.operation("format_update_value")
def format_update_value(call: Call) -> Reply:
    """Give a format new contents, and its asset's original or preview of a text the same."""
    given = call.body
    asset = find_by_format(call, given["id"]).value
    entry = _format(asset, given["id"])
    alike = {entry["id"]}
    shown = {asset["original"]["id"], asset["preview"]["base"]["id"]}
    if entry["id"] in shown and entry["classification"]["generic"] != "IMAGE":
        alike |= shown
    now = timestamp(call.now)
    formats = [
        _renewed(call, old, given, now) if old["id"] in alike else old for old in formats_of(asset)
    ]
    core = {**asset, "updated": now, "formats": {**asset["formats"], "iterable": formats}}
    changed = _format(save(call, core).value, given["id"])
    return Reply(_shown(changed, transferables=call.query["transferable"]))


def _renewed(
    call: Call, old: Mapping[str, Any], given: Mapping[str, Any], now: Mapping[str, str]
) -> dict[str, Any]:
    """A format with the content of another, or its own if that has none."""
    parts = contents.parts_of(given) or contents.parts_of(old)
    return records.stored({**contents.without_parts(old), **parts, "updated": now}, call.blobs)


def _format(asset: Mapping[str, Any], key: str) -> dict[str, Any]:
    return next(entry for entry in formats_of(asset) if entry["id"] == key.lower())


def _shown(entry: Mapping[str, Any], *, transferables: bool) -> dict[str, Any]:
    if transferables:
        return contents.with_numbers(entry)
    return contents.without_parts(entry)
