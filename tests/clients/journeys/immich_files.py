"""Chapters about files: sent, sent again, replaced, and fetched in every form they come in."""

from __future__ import annotations

import json
import tempfile
from hashlib import sha1
from pathlib import Path
from typing import Any
from uuid import UUID

from chapters import header, same
from immich_client import (
    MADE,
    NOON,
    NOWHERE,
    OTHER,
    SUNRISE,
    World,
    bytes_of,
    checksum,
    counts,
    form,
    is_video,
    refused,
    unseen,
    update,
    upload,
)
from immich_python_sdk.models import (
    AssetBulkUploadCheckDto,
    AssetMediaSize,
    AssetVisibility,
    CheckExistingAssetsDto,
)
from pictures import png


def uploading(world: World, assets: Any) -> None:
    """A file becomes an asset with what was said of it, and is counted."""
    before = counts(assets.get_asset_statistics())
    made = upload(assets, is_favorite=None, visibility=AssetVisibility.ARCHIVE, duration="0:00:01")
    same((made.status.value, UUID(made.id).version), ("created", 4))
    asset = assets.get_asset_info(id=made.id)
    same((asset.original_file_name, asset.original_mime_type), ("sunrise.png", "image/png"))
    same((asset.device_asset_id, asset.device_id), (f"sunrise.png-{len(SUNRISE)}", "phone"))
    same((asset.type.value, asset.checksum), ("IMAGE", checksum(SUNRISE)))
    same((asset.file_created_at, asset.file_modified_at), (MADE, MADE))
    same((asset.visibility.value, asset.is_archived), ("archive", True))
    same((asset.is_favorite, asset.is_trashed, asset.duration), (False, False, "0:00:01"))
    same(asset.exif_info.file_size_in_byte, len(SUNRISE))
    after = counts(assets.get_asset_statistics())
    same(after, (before[0] + 1, before[1], before[2] + 1))
    same(assets.download_asset(id=made.id), SUNRISE)


def uploading_a_path(world: World, assets: Any) -> None:
    """A file is named by its path, with its sidecar, and keeps its last name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "Mittag über der Bucht.png"
        path.write_bytes(NOON)
        sidecar = ("noon.xmp", b"<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
        made = assets.upload_asset(**{**form(), "asset_data": str(path)}, sidecar_data=sidecar)
    same(assets.get_asset_info(id=made.id).original_file_name, path.name)
    same(assets.download_asset(id=made.id), NOON)


def duplicates(world: World, assets: Any) -> None:
    """The same bytes are kept once; what the client makes of that answer is None."""
    key = upload(assets).id
    before = assets.get_asset_info(id=key)
    same(upload(assets), None)
    told = assets.upload_asset_with_http_info(**form(name="other.png", device_id="other phone"))
    same((told.status_code, told.data), (200, None))
    same(json.loads(told.raw_data), {"status": "duplicate", "id": key})
    same(assets.get_asset_info(id=key), before)

    digest = sha1(SUNRISE, usedforsecurity=False).hexdigest()
    for announced in (digest, checksum(SUNRISE)):
        told = assets.upload_asset_with_http_info(
            **form(b"never looked at", "unread.nothing"), x_immich_checksum=announced
        )
        same(json.loads(told.raw_data), {"status": "duplicate", "id": key})
    made = upload(assets, NOON, "noon.png", x_immich_checksum=checksum(b"something else"))
    same(made.status.value, "created")
    theirs = upload(world.assets(OTHER))
    assert theirs.id != key


def checking_before(world: World, assets: Any) -> None:
    """A client learns what it need not send, by checksum and by the names of a device."""
    known = world.named("badge.png")
    trashed = next(one for one in world.fixtures if one.get("deletedAt"))
    digest = sha1(bytes_of(known), usedforsecurity=False).hexdigest()
    asked = [
        {"id": "as base64", "checksum": checksum(bytes_of(known))},
        {"id": "new", "checksum": checksum(SUNRISE)},
        {"id": "as hex", "checksum": digest},
        {"id": "as hex", "checksum": checksum(bytes_of(trashed))},
    ]
    sent = AssetBulkUploadCheckDto.from_dict({"assets": asked})
    results = assets.check_bulk_upload(asset_bulk_upload_check_dto=sent).results
    same([one.id for one in results], [one["id"] for one in asked])
    same([one.action for one in results], ["reject", "accept", "reject", "reject"])
    same([one.asset_id for one in results], [known["id"], None, known["id"], trashed["id"]])
    same([one.is_trashed for one in results], [False, None, False, True])
    same([one.reason for one in results], ["duplicate", None, "duplicate", "duplicate"])

    names = [known["deviceAssetId"], trashed["deviceAssetId"], "never-sent.png-1"]
    same(_existing(assets, names, known["deviceId"]), [known["deviceAssetId"]])
    same(_existing(assets, names, trashed["deviceId"]), [trashed["deviceAssetId"]])
    same(_existing(assets, names, "no such device"), [])
    same(_existing(world.assets(OTHER), names, known["deviceId"]), [])


def _existing(assets: Any, names: list[str], device: str) -> list[str]:
    wanted = CheckExistingAssetsDto(device_asset_ids=names, device_id=device)
    found: list[str] = assets.check_existing_assets(check_existing_assets_dto=wanted).existing_ids
    return found


def originals(world: World, assets: Any) -> None:
    """Files come back as they are, and as what they are."""
    for one in world.fixtures:
        if one["visibility"] != "locked":
            told = assets.download_asset_with_http_info(id=one["id"])
            same(told.data, bytes_of(one))
            kind = "video/" if is_video(one) else "image/"
            assert header(told, "content-type").startswith(kind), told.headers
    key = upload(assets).id
    same(assets.download_asset(id=key), SUNRISE)
    same(header(assets.download_asset_with_http_info(id=key), "content-type"), "image/png")


def small_pictures(world: World, assets: Any) -> None:
    """There is a thumbnail and a preview of every picture, and of videos that came with one."""
    for one in world.fixtures:
        key = one["id"]
        if is_video(one) and "preview" not in one:
            refused(404, "Asset media not found", assets.view_asset, id=key)
        elif one["visibility"] != "locked":
            is_webp(assets.view_asset(id=key))
            is_webp(assets.view_asset(id=key, size=AssetMediaSize.THUMBNAIL))
            _is_jpeg(assets.view_asset(id=key, size=AssetMediaSize.PREVIEW))
    key = upload(assets).id
    told = assets.view_asset_with_http_info(id=key)
    is_webp(told.data)
    same(header(told, "content-type"), "image/webp")
    assert "sunrise_thumbnail.webp" in header(told, "content-disposition")


def is_webp(data: bytes) -> None:
    """Fail unless that is a whole WebP file."""
    same((data[:4], data[8:12]), (b"RIFF", b"WEBP"))
    same(int.from_bytes(data[4:8], "little") + 8, len(data))


def _is_jpeg(data: bytes) -> None:
    same((data[:3], data[-2:]), (b"\xff\xd8\xff", b"\xff\xd9"))


def full_size(world: World, assets: Any) -> None:
    """The client follows to the original where browsers show it, otherwise to the preview."""
    full = AssetMediaSize.FULLSIZE
    for name in ("DSC_0117.jpg", "badge.png", "IMG_2058.webp", "bounce.gif", "京都 鳥居.jpg"):
        one = world.named(name)
        same(assets.view_asset(id=one["id"], size=full), bytes_of(one))
    same(assets.view_asset(id=upload(assets).id, size=full), SUNRISE)
    for name in ("castle.bmp", "scan_0004.tiff"):
        key = world.named(name)["id"]
        followed = assets.view_asset(id=key, size=full)
        _is_jpeg(followed)
        same(followed, assets.view_asset(id=key, size=AssetMediaSize.PREVIEW))


def playing(world: World, assets: Any) -> None:
    """Videos are played, hidden ones too, and nothing else is."""
    videos = [one for one in world.fixtures if is_video(one)]
    assert videos, "no video among the fixtures"
    for one in videos:
        told = assets.play_asset_video_with_http_info(id=one["id"])
        same((told.data, header(told, "content-type")), (bytes_of(one), "video/mp4"))
    part = {"Range": "bytes=4-7"}
    told = assets.play_asset_video_with_http_info(id=videos[0]["id"], _headers=part)
    same((told.status_code, told.raw_data), (206, b"ftyp"))
    key = world.named("badge.png")["id"]
    refused(400, "Asset is not a video", assets.play_asset_video, id=key)


def replacing(world: World, assets: Any) -> None:
    """An asset gets another file; the former one is kept in the trash under a new id."""
    key = upload(assets).id
    update(assets, key, is_favorite=True)
    replaced = assets.replace_asset(id=key, **form(NOON, "noon.png"))
    same(replaced.status.value, "replaced")
    assert replaced.id != key
    now = assets.get_asset_info(id=key)
    same((now.original_file_name, now.checksum), ("noon.png", checksum(NOON)))
    same((now.is_favorite, now.is_trashed), (True, False))
    same(now.device_asset_id, f"noon.png-{len(NOON)}")
    same(assets.download_asset(id=key), NOON)
    backup = assets.get_asset_info(id=replaced.id)
    same((backup.original_file_name, backup.is_trashed), ("sunrise.png", True))
    same(assets.download_asset(id=backup.id), SUNRISE)

    told = assets.replace_asset(id=key, **form())
    same((told.status.value, told.id), ("duplicate", backup.id))
    same(assets.download_asset(id=key), NOON)
    said = unseen("update")
    refused(400, said, assets.replace_asset, id=NOWHERE, **form(png((1, 2, 3))))
