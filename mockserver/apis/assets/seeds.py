"""Seeds: what a client sends to have an asset made of it."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.apis.assets.classification import classify
from mockserver.apis.assets.records import (
    byte_descriptor,
    content,
    listed,
    timestamp,
)
from mockserver.engine.handlers import Call
from mockserver.errors import ApiError, Violation

_NAMES = {"CODE": "Code Snippet", "TEXT": "Text Snippet", "IMAGE": "Image"}


@dataclass(frozen=True, slots=True)
class Content:
    """What a seed's format holds. ``kind`` is fragment or file; ``text`` is None for binary."""

    kind: str
    text: str | None
    data: bytes
    metadata: Mapping[str, Any]

    @property
    def classification(self) -> dict[str, str]:
        """The Classification found from the extension or the content."""
        generic, specific = classify(self.text, self.data, self.metadata.get("ext"))
        return {"generic": generic, "specific": specific}


def _refused(pointer: str, expected: str, received: str) -> ApiError:
    violation = Violation("body", pointer, "seed", expected, received)
    detail = f"The seed cannot become an asset: expected {expected}, received {received}."
    return ApiError(400, detail, violations=[violation])


def read_content(seeded: Mapping[str, Any]) -> Content:
    """The content of a SeededFormat. Raises ApiError 400 unless there is exactly one."""
    where = "/asset/format"
    kind = _the_one(seeded, ("fragment", "file"), where)
    part = seeded[kind]
    form = _the_one(part, ("string", "bytes"), f"{where}/{kind}")
    pointer = f"{where}/{kind}/{form}"
    metadata = part.get("metadata", {})
    if form == "string":
        text = _text(part["string"], pointer)
        return Content(kind, text, text.encode(), metadata)
    data = _bytes(part["bytes"], pointer)
    return Content(kind, _decoded(data), data, metadata)


def _the_one(value: Mapping[str, Any], names: tuple[str, str], pointer: str) -> str:
    given = [name for name in names if name in value]
    if len(given) != 1:
        received = " and ".join(given) or "neither"
        raise _refused(pointer, f"exactly one of {' and '.join(names)}", received)
    return given[0]


def _text(transferable: Mapping[str, Any], pointer: str) -> str:
    if "raw" in transferable:
        return str(transferable["raw"])
    for name in ("base64", "base64_url", "data_url"):
        if name in transferable:
            encoded = transferable[name].rpartition(",")[2]
            try:
                return base64.b64decode(encoded, altchars=_altchars(name), validate=True).decode()
            except (binascii.Error, ValueError) as error:
                raise _refused(f"{pointer}/{name}", "text in base64", str(error)) from None
    raise _refused(pointer, "raw, base64, base64_url or data_url", "none of them")


def _altchars(name: str) -> bytes | None:
    return b"-_" if name == "base64_url" else None


def _bytes(transferable: Mapping[str, Any], pointer: str) -> bytes:
    for name in ("raw", "base64", "base64_url", "data_url"):
        values = transferable.get(name)
        if values:
            try:
                data = bytes(values)
            except ValueError:
                raise _refused(f"{pointer}/{name}", "values from 0 to 255", "others") from None
            if name == "raw":
                return data
            return _text({name: data.decode("latin-1")}, pointer).encode()
    if "raw" in transferable:
        return b""
    raise _refused(pointer, "raw, base64, base64_url or data_url", "none of them")


def _decoded(data: bytes) -> str | None:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text else text


def read_seed(seed: Mapping[str, Any] | None) -> tuple[Mapping[str, Any], Content]:
    """The seeded asset and its content. Raises ApiError 400 when no asset can be made of it."""
    if seed is None:
        raise _refused("", "a seed with an asset", "no body")
    if "asset" not in seed:
        raise _refused("", "a seed with an asset", "a seed without one")
    return seed["asset"], read_content(seed["asset"]["format"])


def name_of(seeded: Mapping[str, Any], found: Content) -> str:
    """The name given in the metadata, the file's own, or one made up from the kind of content."""
    given = seeded.get("metadata", {}).get("name") or found.metadata.get("name")
    return given or _NAMES.get(found.classification["generic"], "Snippet")


def plant(call: Call, seeded: Mapping[str, Any], found: Content) -> dict[str, Any]:
    """The core of a new asset. Raises StorageFull when its bytes do not fit."""
    now = timestamp(call.now)
    creator = next((user.key for user in call.transaction.records("users")), "")
    metadata = seeded.get("metadata", {})
    asset_id = call.transaction.new_id()
    extra = {"metadata": dict(found.metadata)} if _keeps_metadata(found) else {}
    entry = {
        "id": call.transaction.new_id(),
        "creator": creator,
        "classification": found.classification,
        "role": "BOTH",
        "application": seeded["application"],
        "bytes": byte_descriptor(len(found.data)),
        "created": now,
        "updated": now,
        found.kind: {**content(found.text, call.blobs.store(found.data)), **extra},
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


def _keeps_metadata(found: Content) -> bool:
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
