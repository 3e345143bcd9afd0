"""Assets as they are kept, how they are found, and how new ones are made."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC
from typing import Any
from uuid import UUID

from mockserver.apis.plane.errors import not_valid
from mockserver.apis.plane.registry import FILE_SIZE_LIMIT, handlers
from mockserver.apis.plane.values import is_storable
from mockserver.engine.handlers import Call
from mockserver.state.blobs import Blob, Blobs

MAX_KEY = 800
"""Characters of a storage key."""

PICTURES = ("USER_AVATAR", "USER_COVER", "WORKSPACE_LOGO", "PROJECT_COVER")
"""Kinds of assets that browsers show without a key."""

_BLANK = {
    "user": None,
    "workspace": None,
    "project": None,
    "external_id": None,
    "external_source": None,
    "is_uploaded": False,
    "is_deleted": False,
}


def _without_content(asset: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in asset.items() if name != "content"}


@handlers.fixture("assets", shown=_without_content)
def complete(asset: dict[str, Any], blobs: Blobs) -> dict[str, Any]:
    """An asset of the fixtures with what it leaves out; its ``content`` is for the store.

    Raises ValueError for what is no object, and for a content that is no file.
    """
    if not isinstance(asset, dict):
        raise ValueError(f"expected an object, received {asset!r}")  # noqa: TRY004 - of a fixture
    if not isinstance(asset.get("content"), Blob | None):
        message = 'expected /content to be the bytes of a file ({"$file": "its name"})'
        raise ValueError(message)  # noqa: TRY004 - of a fixture
    return {**_BLANK, **asset}


@handlers.derived("slugs", source="workspaces")
def slug(workspace: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Workspaces by slug."""
    yield workspace["slug"], workspace


@handlers.derived("externals", source="assets")
def external(asset: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Ids of living assets by where they come from."""
    if _is_from_elsewhere(asset) and not asset["is_deleted"]:
        yield external_key(asset), asset["id"]


def _is_from_elsewhere(asset: Mapping[str, Any]) -> bool:
    return bool(asset["workspace"] and asset["external_id"] and asset["external_source"])


def external_key(asset: Mapping[str, Any]) -> str:
    """Where an asset of a workspace comes from, as one text."""
    return json.dumps([asset["workspace"], asset["external_source"], asset["external_id"]])


def living(call: Call, key: str) -> Mapping[str, Any] | None:
    """The asset of that id unless it is deleted."""
    record = call.transaction.get("assets", key)
    return None if record is None or record.value["is_deleted"] else record.value


def workspace_of(call: Call) -> Mapping[str, Any] | None:
    """The workspace that the path names."""
    if "\0" in call.path["slug"]:
        raise not_valid()
    record = call.transaction.get("slugs", call.path["slug"])
    return None if record is None else record.value


def twin_of(call: Call, asset: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The living asset of the same workspace that has the same external id and source."""
    record = call.transaction.get("externals", external_key(asset))
    return None if record is None else living(call, record.value)


def new(call: Call, name: str, media_type: str, size: int) -> dict[str, Any]:
    """An asset that nobody owns yet, and that is not kept yet."""
    limited = min(size, FILE_SIZE_LIMIT)
    unique = UUID(call.transaction.new_id()).hex
    created = call.now.astimezone(UTC).isoformat(timespec="milliseconds")
    return {
        **_BLANK,
        "id": call.transaction.new_id(),
        "attributes": {"name": name, "type": media_type, "size": limited},
        "asset": f"{unique}-{name}",
        "size": limited,
        "created_at": created.replace("+00:00", "Z"),
    }


def add(call: Call, asset: Mapping[str, Any]) -> None:
    """Keep a new asset. Raises Refusal 400 where its key is too long or no text."""
    key = asset["asset"]
    if len(key) > MAX_KEY or not is_storable(key):
        raise not_valid()
    call.transaction.put("assets", asset["id"], asset)
    if _is_from_elsewhere(asset):
        call.transaction.put("externals", external_key(asset), asset["id"])


def change(call: Call, asset: Mapping[str, Any], **changes: Any) -> None:
    """Keep an asset with other values in it."""
    call.transaction.put("assets", asset["id"], {**asset, **changes})


def attribute(asset: Mapping[str, Any], name: str) -> Any:
    """One of the attributes; None where there is none, or where they are no object."""
    attributes = asset["attributes"]
    return attributes.get(name) if isinstance(attributes, dict) else None


def asset_url(asset: Mapping[str, Any], slug: str = "", project: Any = None) -> str:
    """The path at which Plane's own pages have an asset; ``None`` stands for what it lacks."""
    if asset["entity_type"] in PICTURES:
        return f"/api/assets/v2/static/{asset['id']}/"
    home = f"/api/assets/v2/workspaces/{slug}/projects/{project}"
    if asset["entity_type"] == "ISSUE_ATTACHMENT":
        return f"{home}/issues/None/attachments/{asset['id']}/"
    return f"{home}/{asset['id']}/"
