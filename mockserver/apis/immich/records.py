"""Assets as they are stored, found and shown."""

from __future__ import annotations

import base64
import posixpath
from collections.abc import Iterable, Mapping
from typing import Any

from mockserver.apis.immich import file_types
from mockserver.apis.immich.dates import in_milliseconds
from mockserver.apis.immich.registry import Refusal, handlers
from mockserver.engine.handlers import Call
from mockserver.state.blobs import Blob, Blobs
from mockserver.state.store import Record, Transaction

Asset = Mapping[str, Any]

NO_DURATION = "0:00:00.00000"

EXIF = (
    "make", "model", "exifImageWidth", "exifImageHeight", "fileSizeInByte", "orientation",
    "dateTimeOriginal", "modifyDate", "timeZone", "lensModel", "fNumber", "focalLength", "iso",
    "exposureTime", "latitude", "longitude", "city", "state", "country", "description",
    "projectionType", "rating",
)  # fmt: skip
"""The members of ``exifInfo``, in the order in which they are shown."""

_SHOWN = (
    "id", "deviceAssetId", "ownerId", "owner", "deviceId", "libraryId", "type", "originalPath",
    "originalFileName", "originalMimeType", "thumbhash", "fileCreatedAt", "fileModifiedAt",
    "localDateTime", "updatedAt", "isFavorite", "isArchived", "isTrashed", "visibility",
    "duration", "exifInfo", "livePhotoVideoId", "tags", "people", "unassignedFaces", "checksum",
    "stack", "isOffline", "hasMetadata", "duplicateId", "resized",
)  # fmt: skip

_NEEDED = (
    "id", "ownerId", "deviceAssetId", "deviceId", "originalFileName", "file", "fileCreatedAt",
    "fileModifiedAt", "updatedAt",
)  # fmt: skip
"""The members of a fixture's asset that do not follow from others."""

_KINDS: dict[str, type] = {
    **dict.fromkeys(_NEEDED, str),
    "file": Blob,
    "preview": Blob,
    "exif": dict,
}
_TOLD = {str: "a text", Blob: 'the bytes of a file ({"$file": "its name"})', dict: "an object"}

_UNSET: dict[str, Any] = {
    "libraryId": None,
    "isFavorite": False,
    "visibility": "timeline",
    "deletedAt": None,
    "duration": None,
    "livePhotoVideoId": None,
    "duplicateId": None,
    "isOffline": False,
    "thumbhash": None,
}


def completed(value: Any, blobs: Blobs) -> Asset:
    """An asset with what follows from its file and its name: checksum, kind, path, metadata."""
    file: Blob = value["file"]
    name = value["originalFileName"]
    return {
        **_UNSET,
        "originalPath": kept_at(value["ownerId"], value["id"], name),
        "localDateTime": value["fileCreatedAt"],
        **value,
        "type": file_types.kind(name),
        "checksum": base64_of(file),
        "exif": exif({**value.get("exif", {}), "fileSizeInByte": len(file) or None}),
    }


def kept_at(owner: str, identifier: str, name: str) -> str:
    """Where the real server keeps a file: by owner, spread by the name it gives it."""
    folder = f"upload/upload/{owner}/{identifier[:2]}/{identifier[2:4]}"
    return f"{folder}/{identifier}{posixpath.splitext(name)[1]}"


def exif(given: Mapping[str, Any]) -> dict[str, Any]:
    """Metadata with every member, those that are not known null."""
    return {name: given.get(name, "" if name == "description" else None) for name in EXIF}


def base64_of(file: Blob) -> str:
    """The SHA-1 checksum of a file as the API writes it."""
    return base64.b64encode(bytes.fromhex(file.checksum)).decode()


@handlers.fixture("assets", shown=lambda value: shown(value, value["ownerId"]))
def complete_asset(value: Any, blobs: Blobs) -> Any:
    """A fixture's asset, completed.

    Raises ValueError naming every member that nothing else tells, or that is of another kind.
    """
    _require_object(value)
    missing = ", ".join(f"/{name}" for name in _NEEDED if name not in value)
    if missing:
        raise ValueError(f"expected the members {missing}, received none (required)")
    misfits = [
        f"/{name} to be {_TOLD[kind]}"
        for name, kind in _KINDS.items()
        if name in value and not isinstance(value[name], kind)
    ]
    if misfits:
        raise ValueError(f"expected {', '.join(misfits)}")
    return completed({**value, "id": value["id"].lower()}, blobs)


def _require_object(value: Any) -> None:
    if not isinstance(value, dict):
        raise ValueError(f"expected an object, received {value!r}")  # noqa: TRY004 - of a fixture


@handlers.fixture("users")
def complete_user(value: Any, blobs: Blobs) -> Any:
    """A fixture's user; nothing counts against the quota yet. Raises ValueError for a bad quota."""
    _require_object(value)
    for name in ("quotaSizeInBytes", "quotaUsageInBytes"):
        given = value.get(name)
        if given is not None and (isinstance(given, bool) or not isinstance(given, int)):
            raise ValueError(f"expected /{name} to be a number of bytes, received {given!r}")
    return {"quotaSizeInBytes": None, "quotaUsageInBytes": 0, **value}


@handlers.derived("checksums", source="assets")
def checksums(asset: Asset) -> Iterable[tuple[str, Any]]:
    """The index of contents: whose file of which checksum is which asset."""
    return [(_content_key(asset["ownerId"], asset["checksum"]), asset["id"])]


def _content_key(owner: str, checksum: str) -> str:
    return f"{owner}/{checksum}"


def same_content(transaction: Transaction, owner: str, checksum: str) -> str | None:
    """The id of the owner's asset of that checksum (base64), None when there is none."""
    found = transaction.get("checksums", _content_key(owner, checksum))
    return None if found is None else str(found.value)


def save(transaction: Transaction, asset: Asset) -> Record:
    """Create or replace an asset, and keep the index of contents right."""
    before = transaction.get("assets", asset["id"])
    if before is not None and before.value["checksum"] != asset["checksum"]:
        transaction.delete(
            "checksums", _content_key(before.value["ownerId"], before.value["checksum"])
        )
    key = _content_key(asset["ownerId"], asset["checksum"])
    if transaction.get("checksums", key) is None:
        transaction.put("checksums", key, asset["id"])
    return transaction.put("assets", asset["id"], asset)


def remove(transaction: Transaction, asset: Asset) -> None:
    """Remove an asset, with the moving part of a live photo when nothing else has it."""
    transaction.delete("checksums", _content_key(asset["ownerId"], asset["checksum"]))
    transaction.delete("assets", asset["id"])
    use_quota(transaction, asset["ownerId"], -(asset["exif"]["fileSizeInByte"] or 0))
    if asset["type"] == "VIDEO":
        for photo in _live_photos(transaction, asset["id"]):
            transaction.put("assets", photo.key, {**photo.value, "livePhotoVideoId": None})
    motion = transaction.get("assets", asset["livePhotoVideoId"] or "")
    if motion and not _live_photos(transaction, motion.key):
        remove(transaction, motion.value)


def _live_photos(transaction: Transaction, motion: str) -> list[Record]:
    """The assets whose moving part that is."""
    records = transaction.records("assets")
    return [record for record in records if record.value["livePhotoVideoId"] == motion]


def use_quota(transaction: Transaction, owner: str, size: int) -> None:
    """Count bytes for or, negative, against a user's quota."""
    user = transaction.get("users", owner)
    if user is not None and user.value["quotaSizeInBytes"] is not None and size:
        used = max(0, user.value["quotaUsageInBytes"] + size)
        transaction.put("users", owner, {**user.value, "quotaUsageInBytes": used})


def caller(call: Call) -> str:
    """The id of the user who calls."""
    assert call.identity is not None  # noqa: S101 - nobody gets here unknown
    return str(call.identity["user"])


def mine(call: Call) -> list[Asset]:
    """All the caller's assets, oldest first."""
    owner = caller(call)
    return [r.value for r in call.transaction.records("assets") if r.value["ownerId"] == owner]


def accessible(call: Call, ids: Iterable[str], right: str) -> list[Record]:
    """The assets of these ids, if the caller has the right to every one of them.

    ``right`` is read, view, download, update or delete. Raises Refusal 400 otherwise, which
    does not tell what is missing from what is somebody else's.
    """
    found = [_accessible(call, key, right) for key in ids]
    if None in found:
        raise Refusal(400, f"Not found or no asset.{right} access")
    return [record for record in found if record is not None]


def _accessible(call: Call, key: str, right: str) -> Record | None:
    record = call.transaction.get("assets", key)
    if record is None or call.identity is None:
        return None
    link = call.identity.get("shared_link")
    if link is not None:
        return record if _in_link(call, link, record, right) else None
    is_owner = record.value["ownerId"] == call.identity["user"]
    unlocked = record.value["visibility"] != "locked" or call.identity.get("elevated", False)
    return record if is_owner and unlocked else None


def _in_link(call: Call, link: Mapping[str, Any], record: Record, right: str) -> bool:
    allowed = {"read": True, "view": True, "download": link["allowDownload"]}
    if not allowed.get(right, False):
        return False
    linked = (call.transaction.get("assets", key) for key in link["assetIds"])
    there = [found.value for found in linked if found and not found.value["deletedAt"]]
    return any(record.key in (asset["id"], asset["livePhotoVideoId"]) for asset in there)


def touched(call: Call, asset: Asset, **changes: Any) -> Asset:
    """A copy of an asset with these changes, updated now."""
    return {**asset, **changes, "updatedAt": in_milliseconds(call.now)}


def shown(asset: Asset, viewer: str, **more: Any) -> dict[str, Any]:
    """An asset as lists show it; ``viewer`` is the user who looks.

    ``more`` are the members that only some answers have; they stand where the real server writes
    them.
    """
    made = {
        **{name: asset[name] for name in _SHOWN if name in asset},
        "originalMimeType": file_types.media_type(asset["originalFileName"]),
        "isFavorite": asset["isFavorite"] if viewer == asset["ownerId"] else False,
        "isArchived": asset["visibility"] == "archive",
        "isTrashed": asset["deletedAt"] is not None,
        "duration": asset["duration"] or NO_DURATION,
        "exifInfo": asset["exif"],
        "people": [],
        "hasMetadata": True,
        "resized": True,
        **more,
    }
    return {name: made[name] for name in _SHOWN if name in made}


def without_metadata(asset: Asset) -> dict[str, Any]:
    """An asset as a shared link shows it that does not tell where and how it was made."""
    return {
        "id": asset["id"],
        "type": asset["type"],
        "originalMimeType": file_types.media_type(asset["originalFileName"]),
        "thumbhash": asset["thumbhash"],
        "localDateTime": asset["localDateTime"],
        "duration": asset["duration"] or NO_DURATION,
        "livePhotoVideoId": asset["livePhotoVideoId"],
        "hasMetadata": False,
    }
