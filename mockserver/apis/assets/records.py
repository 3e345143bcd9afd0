"""Assets as they are stored: complete documents of the schema Asset, with blobs for bytes.

Much of an asset follows from the rest: each format carries its asset in flattened form, the
preview and the original carry their formats, and so on. :func:`assemble` is the one place that
derives it; whoever changes an asset changes the core and assembles it again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from mockserver.apis.assets import contents
from mockserver.apis.assets.registry import handlers
from mockserver.engine.handlers import Call, View
from mockserver.errors import ApiError
from mockserver.state.blobs import Blobs
from mockserver.state.store import Record

Asset = Mapping[str, Any]

ASSETS = "assets"
FORMATS = "formats"
"""Derived: for each format the id of its asset."""

MATERIALS = ("tags", "websites", "persons", "annotations", "hints", "anchors")
"""Members of an asset that are lists with ``indices``."""

_FLATTENED = ("id", "name", "creator", "created", "updated", "mechanism", "pseudo")


def timestamp(instant: datetime) -> dict[str, str]:
    """A GroupedTimestamp."""
    text = instant.isoformat(timespec="milliseconds").removesuffix("+00:00")
    return {"value": f"{text}Z"}


def listed(items: list[Any]) -> dict[str, Any]:
    """Materials as a list with their positions."""
    return {"iterable": items, "indices": {item["id"]: i for i, item in enumerate(items)}}


def formats_of(asset: Asset) -> list[dict[str, Any]]:
    """The formats of an asset."""
    return list(asset["formats"]["iterable"])


def is_pseudo(record: Record) -> bool:
    """Whether the user did not save the asset explicitly."""
    return bool(record.value.get("pseudo"))


def assemble(core: Asset) -> dict[str, Any]:
    """The complete asset: everything that follows from its core, derived anew."""
    formats = formats_of(core)
    known = {entry["id"]: entry for entry in formats}
    first = formats[0]["id"] if formats else core["id"]
    original = core.get("original", {}).get("id", first).lower()
    base = core.get("preview", {}).get("base", {}).get("id", original).lower()
    flattened = {name: core[name] for name in _FLATTENED if name in core}
    flattened["formats"] = {"iterable": [{"id": entry["id"]} for entry in formats]}
    flattened["preview"] = {"base": base}
    flattened["original"] = original
    preview = {**core.get("preview", {}), "base": _reference(core, base, known)}
    if "overlay" in preview:
        preview["overlay"] = _reference(core, preview["overlay"]["id"].lower(), known)
    asset = {
        **core,
        "formats": {**core["formats"], "iterable": [_in(flattened, entry) for entry in formats]},
        "original": _reference(core, original, known),
        "preview": preview,
    }
    if "sensitives" in core:
        found = [{**item, "asset": flattened} for item in core["sensitives"]["iterable"]]
        asset["sensitives"] = {**core["sensitives"], "iterable": found}
    for name in MATERIALS:
        if name in core:
            asset[name] = {**core[name], **listed(core[name]["iterable"])}
    return asset


def _in(flattened: Mapping[str, Any], entry: Mapping[str, Any]) -> dict[str, Any]:
    return {**entry, "asset": flattened}


def _reference(core: Asset, key: str, known: Mapping[str, Any]) -> dict[str, Any]:
    if key not in known:
        return {"id": key}
    return {"id": key, "reference": {**known[key], "asset": core["id"]}}


def stored(entry: Mapping[str, Any], blobs: Blobs) -> dict[str, Any]:
    """A format as it came in, its content in raw form and its size right.

    A content that cannot be read stays what it is. Raises StorageFull.
    """
    made = dict(entry)
    size = int(entry.get("bytes", {}).get("value", 0))
    for kind, part in contents.parts_of(entry).items():
        try:
            content = contents.read(part)
        except contents.Unreadable:
            continue
        made[kind] = {**part, **contents.stored(content, blobs)}
        size = len(content.data)
    return {**made, "bytes": contents.byte_descriptor(size)}


@handlers.derived(FORMATS, source=ASSETS)
def asset_of_formats(asset: Asset) -> Iterator[tuple[str, str]]:
    """For each format of an asset the asset's id."""
    return ((entry["id"], asset["id"]) for entry in formats_of(asset))


def with_contents(asset: Asset) -> dict[str, Any]:
    """The asset as it is sent with transferables: blobs are arrays of byte values."""
    return _each_format(asset, contents.with_numbers)


def without_contents(asset: Asset) -> dict[str, Any]:
    """The asset as it is sent without transferables: no fragments, no files."""
    return _each_format(asset, contents.without_parts)


def formats_with_contents(asset: Asset) -> dict[str, Any]:
    """The Formats of an asset, with contents."""
    return {"iterable": [contents.with_numbers(entry) for entry in formats_of(asset)]}


def formats_without_contents(asset: Asset) -> dict[str, Any]:
    """The Formats of an asset, without contents."""
    return {"iterable": [contents.without_parts(entry) for entry in formats_of(asset)]}


def _each_format(asset: Asset, make: Any) -> dict[str, Any]:
    """The asset with each format in it made anew, wherever it stands."""

    def remade(reference: Mapping[str, Any]) -> Mapping[str, Any]:
        if "reference" not in reference:
            return reference
        return {**reference, "reference": make(reference["reference"])}

    preview = asset["preview"]
    shown = {name: remade(preview[name]) for name in ("base", "overlay") if name in preview}
    return {
        **asset,
        "formats": {**asset["formats"], "iterable": [make(entry) for entry in formats_of(asset)]},
        "original": remade(asset["original"]),
        "preview": {**preview, **shown},
    }


def _missing(value: Any) -> Iterator[str]:
    """Pointers to the members of a fixture's asset that cannot be completed from the rest."""
    if not isinstance(value, dict):
        yield from ("/id", "/created", "/formats")
        return
    yield from (f"/{name}" for name in ("id", "created", "formats") if name not in value)
    formats = value.get("formats")
    entries = formats.get("iterable") if isinstance(formats, dict) else None
    for index, entry in enumerate(entries if isinstance(entries, list) else ()):
        for name in ("id", "classification", "application"):
            if isinstance(entry, dict) and name not in entry:
                yield f"/formats/iterable/{index}/{name}"


@handlers.fixture(ASSETS, shown=with_contents)
def complete_asset(value: dict[str, Any], blobs: Blobs) -> dict[str, Any]:
    """A fixture's asset with what follows from the rest: sizes, references, positions.

    Raises ValueError naming every member that nothing else tells.
    """
    missing = list(_missing(value))
    if missing:
        raise ValueError(f"expected the members {', '.join(missing)}, received none (required)")
    updated = value.get("updated", value["created"])
    formats = [
        {
            "creator": value.get("creator", ""),
            "role": "BOTH",
            "created": value["created"],
            "updated": updated,
            **stored(entry, blobs),
            "id": entry["id"].lower(),
        }
        for entry in formats_of(value)
    ]
    filled = {"creator": "", "mechanism": "MANUAL", **value, "updated": updated}
    filled["id"] = value["id"].lower()
    return assemble({**filled, "formats": {**value["formats"], "iterable": formats}})


def view(record: Record, *, transferables: bool) -> View:
    """The asset of a record as the caller asked for it."""
    if not transferables:
        return View(record, "Asset", without_contents)
    size = sum(entry["bytes"]["value"] for entry in formats_of(record.value))
    return View(record, "Asset", with_contents, weight=size)


def views(records: Iterable[Record], *, transferables: bool) -> list[View]:
    """The assets of some records as the caller asked for them."""
    return [view(record, transferables=transferables) for record in records]


def find(call: Call, key: str) -> Record:
    """The asset of that id. Raises ApiError 410 when it was deleted, 404 when it never was."""
    key = key.lower()
    record = call.transaction.get(ASSETS, key)
    if record is not None:
        return record
    if call.transaction.was_deleted(ASSETS, key):
        raise ApiError(410, f"The asset {key} was deleted.")
    raise ApiError(404, f"There is no asset {key}.")


def find_by_format(call: Call, key: str) -> Record:
    """The asset that has a format of that id. Raises ApiError 410 or 404."""
    key = key.lower()
    known = call.transaction.get(FORMATS, key)
    if known is not None:
        return find(call, known.value)
    if call.transaction.was_deleted(FORMATS, key):
        raise ApiError(410, f"The asset of the format {key} was deleted.")
    raise ApiError(404, f"There is no format {key}.")


def save(call: Call, core: Asset) -> Record:
    """Assemble an asset and store it, with the derived entries of its formats."""
    asset = assemble(core)
    before = call.transaction.get(ASSETS, asset["id"])
    now = dict(asset_of_formats(asset))
    for key, _ in asset_of_formats(before.value) if before else ():
        if key not in now:
            call.transaction.delete(FORMATS, key)
    for key, asset_id in now.items():
        call.transaction.put(FORMATS, key, asset_id)
    return call.transaction.put(ASSETS, asset["id"], asset)


def remove(call: Call, record: Record) -> None:
    """Delete an asset and the derived entries of its formats."""
    for key, _ in asset_of_formats(record.value):
        call.transaction.delete(FORMATS, key)
    call.transaction.delete(ASSETS, record.key)


def listing(call: Call, *, pseudo: bool) -> list[Record]:
    """The assets a list shows, newest first; pseudo ones only when asked for."""
    return [record for record in call.transaction.newest(ASSETS) if pseudo or not is_pseudo(record)]


def positions(call: Call, records: Iterable[Record]) -> dict[str, int]:
    """Where each asset stands in a list, and -1 for those that were deleted."""
    gone = dict.fromkeys(call.transaction.collection(ASSETS).tombstones, -1)
    return {**gone, **{record.key: index for index, record in enumerate(records)}}
