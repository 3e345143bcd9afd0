"""Seeds: what a client sends to have an asset made of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.apis.assets import contents
from mockserver.apis.assets.classification import classify
from mockserver.apis.assets.contents import Content
from mockserver.apis.assets.records import listed, timestamp
from mockserver.engine.handlers import Call
from mockserver.errors import ApiError, Violation

_NAMES = {"CODE": "Code Snippet", "TEXT": "Text Snippet", "IMAGE": "Image"}


@dataclass(frozen=True, slots=True)
class Planting:
    """What a seed's format holds: ``kind`` is fragment or file."""

    kind: str
    content: Content
    metadata: Mapping[str, Any]
    classification: Mapping[str, str]


def _refused(pointer: str, expected: str, received: str) -> ApiError:
    violation = Violation("body", pointer, "seed", expected, received)
    detail = f"The seed cannot become an asset: expected {expected}, received {received}."
    return ApiError(400, detail, violations=[violation])


def _read_format(seeded: Mapping[str, Any]) -> Planting:
    where = "/asset/format"
    kind = _the_one(seeded, contents.KINDS, where)
    part = seeded[kind]
    _the_one(part, ("string", "bytes"), f"{where}/{kind}")
    try:
        content = contents.read(part)
    except contents.Unreadable as error:
        pointer = f"{where}/{kind}{error.pointer}"
        raise _refused(pointer, error.expected, error.received) from None
    metadata = part.get("metadata", {})
    # The classification in the seed does not count; the extension in the metadata does.
    generic, specific = classify(content.text, content.data, metadata.get("ext"))
    return Planting(kind, content, metadata, {"generic": generic, "specific": specific})


def _the_one(value: Mapping[str, Any], names: tuple[str, str], pointer: str) -> str:
    given = [name for name in names if name in value]
    if len(given) != 1:
        received = " and ".join(given) or "neither"
        raise _refused(pointer, f"exactly one of {' and '.join(names)}", received)
    return given[0]


def read_seed(seed: Mapping[str, Any] | None) -> tuple[Mapping[str, Any], Planting]:
    """The seeded asset and what its format holds. Raises ApiError 400 where that makes no asset."""
    if seed is None:
        raise _refused("", "a seed with an asset", "no body")
    if "asset" not in seed:
        raise _refused("", "a seed with an asset", "a seed without one")
    return seed["asset"], _read_format(seed["asset"]["format"])


def name_of(seeded: Mapping[str, Any], found: Planting) -> str:
    """The name given in the metadata, the file's own, or one made up from the kind of content."""
    given = seeded.get("metadata", {}).get("name") or found.metadata.get("name")
    return given or _NAMES.get(found.classification["generic"], "Snippet")


def plant(call: Call, seeded: Mapping[str, Any], found: Planting) -> dict[str, Any]:
    """The core of a new asset. Raises StorageFull when its bytes do not fit."""
    now = timestamp(call.now)
    users = (user.key for user in call.transaction.records("users"))
    creator = next(users, call.sandbox.identifier)
    metadata = seeded.get("metadata", {})
    asset_id = call.transaction.new_id()
    extra = {"metadata": dict(found.metadata)} if _keeps_metadata(found) else {}
    entry = {
        "id": call.transaction.new_id(),
        "creator": creator,
        "classification": found.classification,
        "role": "BOTH",
        "application": seeded["application"],
        "bytes": contents.byte_descriptor(len(found.content.data)),
        "created": now,
        "updated": now,
        found.kind: {**contents.stored(found.content, call.blobs), **extra},
    }
    return {
        "id": asset_id,
        "name": name_of(seeded, found),
        "creator": creator,
        "created": now,
        "updated": now,
        "formats": {"iterable": [entry]},
        "mechanism": metadata.get("mechanism", "MANUAL"),
        "score": {"manual": 0, "automatic": 0},
        "pseudo": seeded.get("pseudo", False),
        "discovered": seeded.get("discovered", False),
        **({"demo": seeded["demo"]} if "demo" in seeded else {}),
        **_materials(call, metadata, now),
    }


def _keeps_metadata(found: Planting) -> bool:
    return found.kind == "fragment" and bool(found.metadata)


def _materials(call: Call, metadata: Mapping[str, Any], now: Mapping[str, str]) -> dict[str, Any]:
    """The materials that a seed's metadata names, each with an id of its own."""

    def made(name: str, members: Iterable[str], **constant: Any) -> list[dict[str, Any]]:
        return [
            {
                "id": call.transaction.new_id(),
                "created": now,
                "updated": now,
                **constant,
                **{member: seed[member] for member in members if member in seed},
            }
            for seed in metadata.get(name, ())
        ]

    # Older clients cannot read a tag, website, person or hint without these maps.
    shared: dict[str, Any] = {"mechanisms": {}}
    anchors = made("anchors", ("type", "name", "watch"))
    for anchor, seed in zip(anchors, metadata.get("anchors", ()), strict=True):
        anchor.setdefault("name", seed["fullpath"])
        anchor["points"] = {"iterable": [{"id": call.transaction.new_id()}]}
    annotations = made("annotations", ("type", "text", "favorited", "pseudo", "mechanism"))
    people = made("persons", ("type",), **shared, access={}, models={})
    return {
        "tags": listed(made("tags", ("text", "category"), **shared, category="UNKNOWN")),
        "websites": listed(made("websites", ("url", "name"), **shared)),
        "persons": listed(people),
        "annotations": listed(annotations),
        "hints": listed(made("hints", ("type", "text"), **shared)),
        "anchors": listed(anchors),
        "sensitives": {"iterable": made("sensitives", _SENSITIVE, mechanism="MANUAL")},
    }


_SENSITIVE = ("text", "category", "severity", "name", "description", "mechanism", "metadata")


def draft(seed: Mapping[str, Any] | None, *, transferables: bool) -> dict[str, Any]:
    """A seed with what creating it would find out; one that cannot be an asset as it came."""
    if not seed:
        return {}
    try:
        seeded, found = read_seed(seed)
    except ApiError:
        return dict(seed)
    classification = found.classification
    if classification["generic"] == "IMAGE":
        return dict(seed)
    metadata = {"mechanism": "MANUAL", **seeded.get("metadata", {})}
    metadata["name"] = name_of(seeded, found)
    entry = {**seeded["format"], "classification": classification}
    if not transferables:
        part = entry[found.kind]
        kept = {name: value for name, value in part.items() if name not in ("string", "bytes")}
        entry[found.kind] = kept
    filled = {
        **seeded,
        "metadata": metadata,
        "format": entry,
        "available": {"iterable": [classification]},
    }
    return {**seed, "asset": filled}
