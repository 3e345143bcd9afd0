"""Assets read: one, some at random, those of a device, and how many there are."""

from __future__ import annotations

import random
from typing import Any

from mockserver.apis.immich import records, requests
from mockserver.apis.immich.records import Asset, accessible, caller, mine, shown
from mockserver.apis.immich.registry import handlers
from mockserver.engine.handlers import Call, Reply

_OWNER = ("id", "email", "name", "profileImagePath", "avatarColor", "profileChangedAt")


@handlers.operation("get_asset_info")
def get_asset_info(call: Call) -> Reply:
    """Everything about one asset; a shared link may tell less."""
    requests.checked(requests.ASSET_ID, call.path)
    [found] = accessible(call, [call.path["id"]], "read")
    link = (call.identity or {}).get("shared_link")
    if link and not link["showExif"]:
        return Reply(records.without_metadata(found.value))
    owner = {} if link else {"owner": _owner(call, found.value)}
    more: dict[str, Any] = {**owner, "tags": [], "unassignedFaces": [], "stack": None}
    return Reply(shown(found.value, caller(call), **more))


def _owner(call: Call, asset: Asset) -> dict[str, Any]:
    user = call.transaction.get("users", asset["ownerId"])
    return {} if user is None else {name: user.value[name] for name in _OWNER}


@handlers.operation("get_random")
def get_random(call: Call) -> Reply:
    """Some of the caller's assets, other ones each time."""
    values = requests.checked(requests.RANDOM, requests.asked(call.query))
    pool = [a for a in mine(call) if a["visibility"] != "hidden" and a["deletedAt"] is None]
    count = min(int(values.get("count", 1)), len(pool))
    chosen = random.Random(call.request.identifier).sample(pool, count)  # noqa: S311
    return Reply([shown(asset, caller(call)) for asset in chosen])


@handlers.operation("get_all_user_assets_by_device_id")
def get_all_user_assets_by_device_id(call: Call) -> Reply:
    """What a device calls its assets that are neither hidden nor in the trash."""
    values = requests.checked(requests.DEVICE_ID, call.path)
    found = [
        asset["deviceAssetId"]
        for asset in mine(call)
        if asset["deviceId"] == values["deviceId"]
        and asset["visibility"] != "hidden"
        and asset["deletedAt"] is None
    ]
    return Reply(found)


@handlers.operation("get_asset_statistics")
def get_asset_statistics(call: Call) -> Reply:
    """How many pictures and videos the caller has, of one visibility or of what is shown."""
    values = requests.checked(requests.STATISTICS, requests.asked(call.query))
    kinds = [asset["type"] for asset in mine(call) if _counts(asset, values)]
    counted = {"images": kinds.count("IMAGE"), "videos": kinds.count("VIDEO")}
    return Reply({**counted, "total": len(kinds)})


def _counts(asset: Asset, values: dict[str, Any]) -> bool:
    visibility = values.get("visibility")
    wanted = ("timeline", "archive") if visibility is None else (visibility,)
    return (
        asset["visibility"] in wanted
        and values.get("isFavorite") in (None, asset["isFavorite"])
        and bool(values.get("isTrashed")) == (asset["deletedAt"] is not None)
    )
