"""Attachments of workspaces, open to whoever has a key and knows the slug."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.apis.plane import records, values
from mockserver.apis.plane.bodies import data_of
from mockserver.apis.plane.errors import Refusal, constraint_broken
from mockserver.apis.plane.registry import handlers
from mockserver.apis.plane.store import download_url, upload_data
from mockserver.engine.handlers import Call, Reply

ATTACHMENT_TYPES = (
    "application/gzip",
    "application/json",
    "application/msword",
    "application/octet-stream",
    "application/pdf",
    "application/rtf",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.oasis.opendocument.database",
    "application/vnd.oasis.opendocument.graphics",
    "application/vnd.oasis.opendocument.presentation",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.visio",
    "application/x-7z-compressed",
    "application/x-compressed",
    "application/x-compressed-tar",
    "application/x-compressed-tar-7z",
    "application/x-compressed-tar-bz2",
    "application/x-compressed-tar-gz",
    "application/x-compressed-tar-rar",
    "application/x-compressed-tar-zip",
    "application/x-gzip",
    "application/x-rar",
    "application/x-rar-compressed",
    "application/x-sql",
    "application/x-tar",
    "application/x-zip",
    "application/x-zip-compressed",
    "application/xml",
    "application/zip",
    "audio/aac",
    "audio/flac",
    "audio/midi",
    "audio/mpeg",
    "audio/ogg",
    "audio/wav",
    "audio/x-m4a",
    "audio/x-midi",
    "font/otf",
    "font/ttf",
    "font/woff",
    "font/woff2",
    "image/bmp",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/svg+xml",
    "image/tiff",
    "image/webp",
    "image/x-portable-bitmap",
    "image/x-portable-graymap",
    "image/x-portable-pixmap",
    "model/gltf+json",
    "model/gltf-binary",
    "text/css",
    "text/csv",
    "text/javascript",
    "text/markdown",
    "text/plain",
    "text/xml",
    "video/mp4",
    "video/mpeg",
    "video/ogg",
    "video/quicktime",
    "video/webm",
    "video/x-ms-wmv",
    "video/x-msvideo",
)

MAX_EXTERNAL = 255
"""Characters of an external id, and of a source."""


@handlers.operation("create_generic_asset_upload")
def create_generic_asset_upload(call: Call) -> Reply:
    """A new attachment that is not uploaded yet, and the form to upload it with."""
    data = data_of(call)
    asset = _described(call, data)
    workspace = records.workspace_of(call)
    if workspace is None:
        raise Refusal(404, {"error": "The requested resource does not exist."})
    asset |= {
        "workspace": workspace["id"],
        "asset": f"{workspace['id']}/{asset['asset']}",
        "project": None,
        "entity_type": "ISSUE_ATTACHMENT",
    }
    _place(call, data, asset)
    # The real server shows the project as it was sent until the row is read again.
    url = records.asset_url(asset, workspace["slug"], data.get("project_id"))
    upload = upload_data(call, asset)
    return Reply({"upload_data": upload, "asset_id": asset["id"], "asset_url": url})


def _described(call: Call, data: Mapping[str, Any]) -> dict[str, Any]:
    """A new asset of the name, type and size that were asked for."""
    name, size = values.file_name(data.get("name")), values.size_of(data)
    if not name or not size:
        raise _refused("Name and size are required fields.")
    media_type = data.get("type")
    if media_type not in ATTACHMENT_TYPES:
        raise _refused("Invalid file type.")
    return records.new(call, name, media_type, size)


def _place(call: Call, data: Mapping[str, Any], asset: dict[str, Any]) -> None:
    """Keep an asset unless its workspace has one from the same place already."""
    external_id, source = data.get("external_id"), data.get("external_source")
    asset["external_id"] = values.text(external_id, MAX_EXTERNAL)
    asset["external_source"] = values.text(source, MAX_EXTERNAL)
    twin = records.twin_of(call, asset) if external_id and source else None
    if twin is not None:
        raise _conflict(call, twin)
    asset["project"] = values.project_id(data.get("project_id"))
    records.add(call, asset)
    if asset["project"] and call.transaction.get("projects", asset["project"]) is None:
        raise constraint_broken()


def _conflict(call: Call, twin: Mapping[str, Any]) -> Refusal:
    return Refusal(
        409,
        {
            "message": "Asset with same external id and source already exists",
            "asset_id": twin["id"],
            "asset_url": records.asset_url(twin, call.path["slug"], twin["project"]),
        },
    )


@handlers.operation("get_generic_asset")
def get_generic_asset(call: Call) -> Reply:
    """Where the bytes of an attachment are; whether they are there is not looked at."""
    if records.workspace_of(call) is None:
        raise Refusal(404, {"error": "Workspace not found"})
    asset = _found(call)
    if not asset["is_uploaded"]:
        raise Refusal(400, {"error": "Asset not yet uploaded"})
    name, media_type = (records.attribute(asset, which) for which in ("name", "type"))
    shown = call.request.identifier.replace("-", "") if name is None else str(name)
    return Reply(
        {
            "asset_id": asset["id"],
            "asset_url": download_url(call, asset, shown),
            "asset_name": str(name or ""),
            "asset_type": str(media_type or ""),
        }
    )


@handlers.operation("update_generic_asset")
def update_generic_asset(call: Call) -> Reply:
    """Say whether an attachment is uploaded; nothing changes where that is not said."""
    asset = _found(call)
    data = data_of(call)
    if "is_uploaded" in data:
        records.change(call, asset, is_uploaded=values.is_true(data["is_uploaded"]))
    return Reply(None, 204)


def _found(call: Call) -> Mapping[str, Any]:
    workspace = records.workspace_of(call)
    asset = records.living(call, call.path["asset_id"])
    if workspace is None or asset is None or asset["workspace"] != workspace["id"]:
        raise Refusal(404, {"error": "Asset not found"})
    return asset


def _refused(reason: str) -> Refusal:
    return Refusal(400, {"error": reason, "status": False})
