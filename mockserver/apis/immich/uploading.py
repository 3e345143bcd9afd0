"""Files uploaded, replaced, and asked for before they are sent."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mockserver.apis.immich import records, requests
from mockserver.apis.immich.bodies import read_form
from mockserver.apis.immich.dates import in_milliseconds
from mockserver.apis.immich.records import Asset, accessible, caller, same_content, save
from mockserver.apis.immich.registry import Refusal, handlers
from mockserver.engine.forms import Upload
from mockserver.engine.handlers import Call, Reply

_BASE64_SHA1 = 28
_HEX = re.compile(r"([0-9a-fA-F]{2})*")
_NO_BASE64 = re.compile(r"=.*|[^A-Za-z0-9+/]")


@handlers.operation("upload_asset")
def upload_asset(call: Call) -> Reply:
    """Keep a file, unless its owner has it already.

    A checksum in the header that is known ends the call before the rest is looked at.
    """
    announced = call.request.header("x-immich-checksum")
    if announced:
        known = same_content(call.transaction, caller(call), as_base64(announced))
        if known is not None:
            return _duplicate(known)
    sent = read_form(call)
    values = requests.checked(requests.UPLOAD, sent.members)
    file = sent.needed_file()
    _require_upload(call)
    return _kept(call, file, values)


def _kept(call: Call, file: Upload, values: Mapping[str, Any]) -> Reply:
    owner = caller(call)
    _require_quota(call, owner, len(file.data))
    link_motion(call, values.get("livePhotoVideoId"))
    asset = _new(call, owner, file, values)
    known = same_content(call.transaction, owner, asset["checksum"])
    if known is not None:
        return _duplicate(known)
    save(call.transaction, asset)
    records.use_quota(call.transaction, owner, len(file.data))
    return Reply({"id": asset["id"], "status": "created"}, 201)


def _duplicate(key: str) -> Reply:
    return Reply({"status": "duplicate", "id": key})


def _require_upload(call: Call) -> None:
    link = (call.identity or {}).get("shared_link")
    if link and not link["allowUpload"]:
        raise Refusal(400, "Not found or no asset.upload access")


def _require_quota(call: Call, owner: str, size: int) -> None:
    user = call.transaction.get("users", owner)
    quota = user.value["quotaSizeInBytes"] if user else None
    if user and quota is not None and quota < user.value["quotaUsageInBytes"] + size:
        raise Refusal(400, "Quota has been exceeded!")


def _file_members(call: Call, file: Upload, values: Mapping[str, Any]) -> dict[str, Any]:
    """What a new file says of its asset, whether the asset is new or not."""
    created: datetime = values["fileCreatedAt"]
    modified: datetime = values["fileModifiedAt"]
    return {
        "file": call.blobs.store(file.data),
        "originalFileName": file.filename,
        "deviceAssetId": values["deviceAssetId"],
        "deviceId": values["deviceId"],
        "fileCreatedAt": in_milliseconds(created),
        "fileModifiedAt": in_milliseconds(modified),
        "localDateTime": in_milliseconds(created),
        "duration": values.get("duration") or None,
    }


def _new(call: Call, owner: str, file: Upload, values: Mapping[str, Any]) -> Asset:
    given = {
        "id": call.transaction.new_id(),
        "ownerId": owner,
        **_file_members(call, file, values),
        "updatedAt": in_milliseconds(call.now),
        "isFavorite": values.get("isFavorite", False),
        "visibility": values.get("visibility", "timeline"),
        "livePhotoVideoId": requests.lower(values.get("livePhotoVideoId")),
    }
    return records.completed(given, call.blobs)


def link_motion(call: Call, key: str | None) -> None:
    """Make a video the moving part of a live photo: it is hidden where it was on the timeline.

    Raises Refusal 400 when it is missing, no video, or somebody else's.
    """
    if key is None:
        return
    found = call.transaction.get("assets", key.lower())
    if found is None:
        raise Refusal(400, "Live photo video not found")
    if found.value["type"] != "VIDEO":
        raise Refusal(400, "Live photo video must be a video")
    if found.value["ownerId"] != caller(call):
        raise Refusal(400, "Live photo video does not belong to the user")
    if found.value["visibility"] == "timeline":
        save(call.transaction, records.touched(call, found.value, visibility="hidden"))


@handlers.operation("replace_asset")
def replace_asset(call: Call) -> Reply:
    """Give an asset another file; the former one becomes an asset of its own, in the trash."""
    sent = read_form(call)
    values = requests.checked(requests.REPLACE, sent.members)
    requests.checked(requests.ASSET_ID, call.path)
    file = sent.needed_file()
    [found] = accessible(call, [call.path["id"]], "update")
    old: Asset = found.value
    _require_quota(call, old["ownerId"], len(file.data))
    new = _replaced(call, old, file, values)
    known = same_content(call.transaction, old["ownerId"], new["checksum"])
    if known is not None and known != old["id"]:
        return _duplicate(known)
    save(call.transaction, new)
    if known is not None:
        return _duplicate(known)
    backup = save(call.transaction, _backup(call, old))
    records.use_quota(call.transaction, old["ownerId"], len(file.data))
    return Reply({"status": "replaced", "id": backup.key})


def _replaced(call: Call, old: Asset, file: Upload, values: Mapping[str, Any]) -> Asset:
    kept = {name: v for name, v in old.items() if name not in ("originalPath", "preview")}
    changes = {**_file_members(call, file, values), "livePhotoVideoId": None}
    return records.completed(records.touched(call, kept, **changes), call.blobs)


def _backup(call: Call, old: Asset) -> Asset:
    copied = (
        "ownerId", "originalPath", "originalFileName", "libraryId", "deviceAssetId", "deviceId",
        "fileCreatedAt", "fileModifiedAt", "localDateTime", "livePhotoVideoId", "file",
    )  # fmt: skip
    now = in_milliseconds(call.now)
    given = {
        "id": call.transaction.new_id(),
        **{name: old[name] for name in copied},
        "updatedAt": now,
        "deletedAt": now,
    }
    return records.completed(given, call.blobs)


@handlers.operation("check_bulk_upload")
def check_bulk_upload(call: Call) -> Reply:
    """Which of these files need not be sent, because their owner has them already."""
    asked = requests.checked(requests.BULK_CHECK, call.body)["assets"]
    return Reply({"results": [_verdict(call, entry) for entry in asked]})


def _verdict(call: Call, entry: Mapping[str, str]) -> dict[str, Any]:
    known = same_content(call.transaction, caller(call), as_base64(entry["checksum"]))
    if known is None:
        return {"id": entry["id"], "action": "accept"}
    found = call.transaction.get("assets", known)
    trashed = found is not None and found.value["deletedAt"] is not None
    return {
        "id": entry["id"],
        "action": "reject",
        "reason": "duplicate",
        "assetId": known,
        "isTrashed": trashed,
    }


def as_base64(checksum: str) -> str:
    """A checksum in base64: 28 characters are base64 already, anything else is hex.

    What is neither counts as far as it can be read, and so is no checksum of anything.
    """
    if len(checksum) == _BASE64_SHA1:
        digits = _NO_BASE64.sub("", checksum.replace("-", "+").replace("_", "/"))
        return digits + "=" * (-len(digits) % 4)
    hexadecimal = _HEX.match(checksum)
    return base64.b64encode(bytes.fromhex(hexadecimal[0] if hexadecimal else "")).decode()


@handlers.operation("check_existing_assets")
def check_existing_assets(call: Call) -> Reply:
    """Which of a device's files are there, in the trash or not."""
    values = requests.checked(requests.EXIST, call.body)
    asked = set(values["deviceAssetIds"])
    device = values["deviceId"]
    if isinstance(device, list):  # the real server's database takes the list for its text
        device = ",".join(map(str, device))
    found = [
        asset["deviceAssetId"]
        for asset in records.mine(call)
        if asset["deviceId"] == device and asset["deviceAssetId"] in asked
    ]
    return Reply({"existingIds": found})
