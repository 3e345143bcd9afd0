"""Assets changed, one or many, thrown away, and handed to jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.apis.immich import records, requests
from mockserver.apis.immich.dates import in_exif, in_milliseconds, instant
from mockserver.apis.immich.records import Asset, accessible, caller, save, shown, touched
from mockserver.apis.immich.registry import handlers
from mockserver.apis.immich.uploading import link_motion
from mockserver.engine.handlers import Call, Reply

_OF_ASSET = ("isFavorite", "visibility", "livePhotoVideoId", "duplicateId")
_OF_EXIF = ("description", "dateTimeOriginal", "latitude", "longitude", "rating")


@handlers.operation("update_asset")
def update_asset(call: Call) -> Reply:
    """Change one asset and show it."""
    values = requests.checked(requests.UPDATE, call.body)
    requests.checked(requests.ASSET_ID, call.path)
    [found] = accessible(call, [call.path["id"]], "update")
    motion = found.value["livePhotoVideoId"]
    link_motion(call, values.get("livePhotoVideoId"))
    changed = changed_by(call, found.value, values)
    if "livePhotoVideoId" in values and values["livePhotoVideoId"] is None and motion:
        _unlink(call, motion, changed["visibility"])
    save(call.transaction, changed)
    return Reply(shown(changed, caller(call), unassignedFaces=[]))


def changed_by(call: Call, asset: Asset, values: Mapping[str, Any]) -> Asset:
    """An asset with the changes that a request asks for; metadata alone do not update it."""
    own = {name: requests.lower(values[name]) for name in _OF_ASSET if name in values}
    metadata = {name: _metadata(name, values[name]) for name in _OF_EXIF if name in values}
    made = touched(call, asset, **own) if own else asset
    return {**made, "exif": {**asset["exif"], **metadata}}


def _metadata(name: str, value: Any) -> Any:
    if name == "dateTimeOriginal":
        when = instant(value)
        return None if when is None else in_exif(when)
    if name in ("latitude", "longitude", "rating"):
        number = float(str(value).strip("( )").partition(",")[0])
        return int(number) if number.is_integer() else number
    return value


def _unlink(call: Call, motion: str, visibility: str) -> None:
    """Show what was the moving part of a live photo wherever the photo is shown."""
    found = call.transaction.get("assets", motion)
    if found is not None:
        save(call.transaction, touched(call, found.value, visibility=visibility))


@handlers.operation("update_assets")
def update_assets(call: Call) -> Reply:
    """Change many assets alike."""
    values = requests.checked(requests.UPDATE_ALL, call.body)
    for found in accessible(call, dict.fromkeys(values["ids"]), "update"):
        save(call.transaction, changed_by(call, found.value, values))
    return Reply(status=204)


@handlers.operation("delete_assets")
def delete_assets(call: Call) -> Reply:
    """Put assets into the trash or, by force, remove them."""
    values = requests.checked(requests.DELETE, call.body)
    for found in accessible(call, dict.fromkeys(values["ids"]), "delete"):
        if not values.get("force"):
            trashed = touched(call, found.value, deletedAt=in_milliseconds(call.now))
            save(call.transaction, trashed)
        elif call.transaction.get("assets", found.key) is not None:
            records.remove(call.transaction, found.value)
    return Reply(status=204)


@handlers.operation("run_asset_jobs")
def run_asset_jobs(call: Call) -> Reply:
    """Take jobs for assets; what they do is not seen."""
    values = requests.checked(requests.RUN_JOBS, call.body)
    accessible(call, values["assetIds"], "update")
    return Reply(status=204)
