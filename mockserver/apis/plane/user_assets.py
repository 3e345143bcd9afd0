"""Avatars and covers: each user has their own, and nobody finds another's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.apis.plane import records, values
from mockserver.apis.plane.bodies import data_of
from mockserver.apis.plane.errors import Refusal
from mockserver.apis.plane.registry import handlers
from mockserver.apis.plane.store import download_url, upload_data
from mockserver.engine.handlers import Call, Reply

IMAGE_TYPES = ("image/jpeg", "image/png", "image/webp", "image/jpg", "image/gif")

_SHOWN_AS = {"USER_AVATAR": "avatar_asset", "USER_COVER": "cover_image_asset"}
"""Which member of a user names the asset of that kind."""


@handlers.operation("create_user_asset_upload")
def create_user_asset_upload(call: Call) -> Reply:
    """A new asset that is not uploaded yet, and the form to upload it with."""
    data = data_of(call)
    size = values.size_of(data)
    if data.get("entity_type") not in tuple(_SHOWN_AS):
        raise _refused("Invalid entity type.")
    media_type = data.get("type", "image/jpeg")
    if media_type not in IMAGE_TYPES:
        raise _refused("Invalid file type. Only JPEG and PNG files are allowed.")
    name = values.file_name(data.get("name")) or "unnamed"
    asset = {
        **records.new(call, name, media_type, size),
        "user": _user(call),
        "entity_type": data["entity_type"],
    }
    records.add(call, asset)
    return Reply(
        {
            "upload_data": upload_data(call, asset),
            "asset_id": asset["id"],
            "asset_url": records.asset_url(asset),
        }
    )


@handlers.operation("update_user_asset")
def update_user_asset(call: Call) -> Reply:
    """An own asset counts as uploaded, whatever the store has, and may get new attributes."""
    asset = _own(call)
    given = data_of(call).get("attributes", asset["attributes"])
    records.change(call, asset, is_uploaded=True, attributes=values.attributes(given))
    return Reply(None, 204)


@handlers.operation("delete_user_asset")
def delete_user_asset(call: Call) -> Reply:
    """Mark an own asset as deleted; the user has no avatar, or no cover, any more."""
    asset = _own(call)
    user = call.transaction.get("users", asset["user"])
    shown_as = _SHOWN_AS.get(asset["entity_type"])
    if user is not None and shown_as is not None:
        call.transaction.put("users", user.key, {**user.value, shown_as: None})
    records.change(call, asset, is_deleted=True)
    return Reply(None, 204)


@handlers.operation("get_static_asset")
def get_static_asset(call: Call) -> Reply:
    """To the bytes of a picture, under a new name each time."""
    asset = records.living(call, call.path["asset_id"])
    if asset is None:
        raise Refusal(404, {"error": "The required object does not exist."})
    if not asset["is_uploaded"]:
        raise Refusal(404, {"error": "The requested asset could not be found."})
    if asset["entity_type"] not in records.PICTURES:
        raise _refused("Invalid entity type.")
    name = call.request.identifier.replace("-", "")
    return Reply(None, 302, {"Location": download_url(call, asset, name)})


def _own(call: Call) -> Mapping[str, Any]:
    asset = records.living(call, call.path["asset_id"])
    if asset is None or asset["user"] != _user(call):
        raise Refusal(404, {"error": "The requested resource does not exist."})
    return asset


def _user(call: Call) -> str:
    """The id of the user who calls."""
    return str((call.identity or {})["user"])


def _refused(reason: str) -> Refusal:
    return Refusal(400, {"error": reason, "status": False})
