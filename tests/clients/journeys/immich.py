"""What users of immich_python_sdk do with its AssetsApi, in chapters.

Called with a base URL and a folder of fixtures; each chapter has a sandbox of its own. Prints
for each chapter null or why it failed, the operations there are, and those called.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import immich_python_sdk
from chapters import operations, same, tell
from expected import read_fixtures
from immich_client import (
    API_KEY,
    BEARER,
    COOKIE,
    ELEVATED,
    NOON,
    NOWHERE,
    OTHER,
    SUNRISE,
    Credentials,
    Fixture,
    World,
    bytes_of,
    checksum,
    counted,
    counts,
    form,
    is_video,
    refused,
    unseen,
    update,
    upload,
)
from immich_files import (
    checking_before,
    duplicates,
    full_size,
    is_webp,
    originals,
    playing,
    replacing,
    small_pictures,
    uploading,
    uploading_a_path,
)
from immich_python_sdk.models import (
    AssetBulkDeleteDto,
    AssetBulkUpdateDto,
    AssetJobName,
    AssetJobsDto,
    AssetVisibility,
    UpdateAssetDto,
)

EVERYTHING = "demo-everything-000000000000000000000000000000000000000000000000000"
VIEW_ONLY = "demo-view-only-0000000000000000000000000000000000000000000000000000"
EXPIRED = "demo-expired-000000000000000000000000000000000000000000000000000000"


def statistics(world: World, assets: Any) -> None:
    """Pictures and videos are counted by visibility, favourites and trash."""
    there = world.where(deletedAt=None)
    shown = [one for one in there if one["visibility"] in ("timeline", "archive")]
    same(counts(assets.get_asset_statistics()), counted(shown))
    found = assets.get_asset_statistics(is_favorite=True)
    same(counts(found), counted([one for one in shown if one["isFavorite"]]))
    for visibility in ("archive", "timeline", "hidden"):
        found = assets.get_asset_statistics(visibility=AssetVisibility(visibility))
        same(counts(found), counted(world.where(visibility=visibility, deletedAt=None)))
    trashed = [one for one in world.fixtures if one.get("deletedAt")]
    assert trashed, "nothing in the trash of the fixtures"
    same(counts(assets.get_asset_statistics(is_trashed=True)), counted(trashed))
    same(counts(assets.get_asset_statistics(is_trashed=False)), counted(shown))
    same(counts(world.assets(OTHER).get_asset_statistics()), (0, 0, 0))


def info(world: World, assets: Any) -> None:
    """Every asset that a mock begins with is accepted by the client's models, and is complete."""
    for one in world.fixtures:
        if one["visibility"] == "locked":
            refused(400, unseen("read"), assets.get_asset_info, id=one["id"])
            _is_fixture(world.assets(ELEVATED).get_asset_info(id=one["id"]), one)
        else:
            _is_fixture(assets.get_asset_info(id=one["id"]), one)
        refused(400, unseen("read"), world.assets(OTHER).get_asset_info, id=one["id"])


def _is_fixture(asset: Any, one: Fixture) -> None:
    same((asset.id, asset.owner_id, asset.owner.id), (one["id"], one["ownerId"], one["ownerId"]))
    same(asset.original_file_name, one["originalFileName"])
    same((asset.device_asset_id, asset.device_id), (one["deviceAssetId"], one["deviceId"]))
    same(asset.checksum, checksum(bytes_of(one)))
    same(asset.type.value, "VIDEO" if is_video(one) else "IMAGE")
    same((asset.visibility.value, asset.is_favorite), (one["visibility"], one["isFavorite"]))
    same(asset.is_archived, one["visibility"] == "archive")
    same(asset.is_trashed, one.get("deletedAt") is not None)
    same(asset.file_created_at, datetime.fromisoformat(one["fileCreatedAt"]))
    same(asset.live_photo_video_id, one.get("livePhotoVideoId"))
    same(asset.exif_info.description, one["exif"].get("description", ""))
    same(asset.exif_info.city, one["exif"].get("city"))
    same(asset.exif_info.file_size_in_byte, len(bytes_of(one)))
    same((asset.tags, asset.unassigned_faces, asset.people, asset.stack), ([], [], [], None))


def at_random(world: World, assets: Any) -> None:
    """As many different assets as were asked for, none of them hidden or in the trash."""
    pool = {one["id"] for one in world.where(deletedAt=None) if one["visibility"] != "hidden"}
    [one] = assets.get_random()
    assert one.id in pool
    same(one.owner, None)
    few = assets.get_random(count=5.0)
    same(len({asset.id for asset in few}), 5)
    every = assets.get_random(count=1000)
    same(sorted(asset.id for asset in every), sorted(pool))
    same(world.assets(OTHER).get_random(count=3), [])


def devices(world: World, assets: Any) -> None:
    """A device's own names for its assets, but for those hidden or in the trash."""
    for device in ("cli", "pixel-8"):
        expected = [
            one["deviceAssetId"]
            for one in world.where(deviceId=device, deletedAt=None)
            if one["visibility"] != "hidden"
        ]
        found = assets.get_all_user_assets_by_device_id(device_id=device)
        same(sorted(found), sorted(expected))
    same(assets.get_all_user_assets_by_device_id(device_id="phone"), [])
    key = upload(assets).id
    name = f"sunrise.png-{len(SUNRISE)}"
    same(assets.get_all_user_assets_by_device_id(device_id="phone"), [name])
    update(assets, key, visibility=AssetVisibility.HIDDEN)
    same(assets.get_all_user_assets_by_device_id(device_id="phone"), [])


def updating(world: World, assets: Any) -> None:
    """One asset is changed, and shows it; what was not named stays."""
    key = upload(assets).id
    before = assets.get_asset_info(id=key)
    changed = update(
        assets,
        key,
        description="Over the bay",
        is_favorite=True,
        rating=4,
        latitude=47.3769,
        longitude=8.5417,
        date_time_original="2024-12-31T23:59:59.000Z",
        visibility=AssetVisibility.ARCHIVE,
    )
    same((changed.id, changed.is_favorite, changed.is_archived), (key, True, True))
    exif = changed.exif_info
    same((exif.description, exif.rating), ("Over the bay", 4))
    same((exif.latitude, exif.longitude), (47.3769, 8.5417))
    same(exif.date_time_original, datetime(2024, 12, 31, 23, 59, 59, tzinfo=UTC))
    assert changed.updated_at > before.updated_at
    read = assets.get_asset_info(id=key)
    same((read.exif_info, read.updated_at), (exif, changed.updated_at))

    changed = update(assets, key, is_favorite=False)
    same((changed.is_favorite, changed.is_archived), (False, True))
    same(changed.exif_info.description, "Over the bay")
    same(changed.checksum, before.checksum)


def live_photos(world: World, assets: Any) -> None:
    """A video becomes the moving part of a photo, which hides it, and is shown once freed."""
    clip, photo = world.named("VID_20240720_064500.mp4"), upload(assets).id
    same(update(assets, photo, live_photo_video_id=clip["id"]).live_photo_video_id, clip["id"])
    same(assets.get_asset_info(id=clip["id"]).visibility.value, "hidden")
    same(update(assets, photo, live_photo_video_id=None).live_photo_video_id, None)
    same(assets.get_asset_info(id=clip["id"]).visibility.value, "timeline")
    made = upload(assets, NOON, "noon.png", live_photo_video_id=clip["id"])
    same(assets.get_asset_info(id=made.id).live_photo_video_id, clip["id"])
    said = "Live photo video must be a video"
    wrong = UpdateAssetDto(live_photo_video_id=made.id)
    refused(400, said, assets.update_asset, id=photo, update_asset_dto=wrong)


def updating_many(world: World, assets: Any) -> None:
    """Many assets are changed alike, or none of them."""
    keys = [upload(assets).id, upload(assets, NOON, "noon.png").id]
    told = _update_many(assets, keys, is_favorite=True, visibility=AssetVisibility.ARCHIVE)
    same((told.status_code, told.data, told.raw_data), (204, None, b""))
    _update_many(assets, keys, latitude=1, longitude=-2.5, duplicate_id=NOWHERE)
    for key in keys:
        read = assets.get_asset_info(id=key)
        same((read.is_favorite, read.is_archived, read.duplicate_id), (True, True, NOWHERE))
        same((read.exif_info.latitude, read.exif_info.longitude), (1, -2.5))
    _update_many(assets, keys, duplicate_id=None)
    same({assets.get_asset_info(id=key).duplicate_id for key in keys}, {None})

    wanted = AssetBulkUpdateDto(ids=[*keys, NOWHERE], is_favorite=False)
    said = unseen("update")
    refused(400, said, assets.update_assets, asset_bulk_update_dto=wanted)
    assert all(assets.get_asset_info(id=key).is_favorite for key in keys)


def _update_many(assets: Any, keys: list[str], **changes: Any) -> Any:
    wanted = AssetBulkUpdateDto(ids=keys, **changes)
    return assets.update_assets_with_http_info(asset_bulk_update_dto=wanted)


def jobs(world: World, assets: Any) -> None:
    """Every job is taken for assets that one may change."""
    keys = [one["id"] for one in world.fixtures[:2]]
    for job in AssetJobName:
        wanted = AssetJobsDto(asset_ids=keys, name=job)
        told = assets.run_asset_jobs_with_http_info(asset_jobs_dto=wanted)
        same((told.status_code, told.raw_data), (204, b""))
    wanted = AssetJobsDto(asset_ids=[NOWHERE], name=AssetJobName.REFRESH_MINUS_METADATA)
    refused(400, unseen("update"), assets.run_asset_jobs, asset_jobs_dto=wanted)


def trash(world: World, assets: Any) -> None:
    """What is in the trash is still there and has no way back; by force it is gone."""
    before = counts(assets.get_asset_statistics(is_trashed=True))
    key = upload(assets).id
    _delete(assets, key)
    assert assets.get_asset_info(id=key).is_trashed
    same(assets.download_asset(id=key), SUNRISE)
    after = counts(assets.get_asset_statistics(is_trashed=True))
    same(after, (before[0] + 1, before[1], before[2] + 1))
    same(upload(assets), None)
    assert not [name for name in operations(immich_python_sdk.AssetsApi) if "restore" in name]

    _delete(assets, key, force=True)
    same(counts(assets.get_asset_statistics(is_trashed=True)), before)
    refused(400, unseen("read"), assets.get_asset_info, id=key)
    refused(400, unseen("download"), assets.download_asset, id=key)
    refused(400, unseen("view"), assets.view_asset, id=key)
    again = AssetBulkDeleteDto(ids=[key], force=True)
    refused(400, unseen("delete"), assets.delete_assets, asset_bulk_delete_dto=again)
    made = upload(assets)
    same(made.status.value, "created")
    assert made.id != key


def _delete(assets: Any, *keys: str, force: bool | None = None) -> None:
    wanted = AssetBulkDeleteDto(ids=list(keys), force=force)
    told = assets.delete_assets_with_http_info(asset_bulk_delete_dto=wanted)
    same((told.status_code, told.raw_data), (204, b""))


def shared_links(world: World, assets: Any) -> None:
    """Whoever has the key of a link sees what is in it, and may do what it allows."""
    nobody = world.assets({})
    inside, outside = world.named("DSC_0117.jpg"), world.named("badge.png")
    open_to_all = {"id": inside["id"], "key": EVERYTHING}
    asset = nobody.get_asset_info(**open_to_all)
    same((asset.id, asset.owner), (inside["id"], None))
    same(nobody.download_asset(**open_to_all), bytes_of(inside))
    is_webp(nobody.view_asset(**open_to_all))
    clip = world.named("VID_20240720_064500.mp4")
    same(nobody.play_asset_video(id=clip["id"], key=EVERYTHING), bytes_of(clip))
    same(upload(nobody, key=EVERYTHING).status.value, "created")
    refused(400, unseen("read"), nobody.get_asset_info, id=outside["id"], key=EVERYTHING)

    seen = {"id": world.named("mosaic.png")["id"], "key": VIEW_ONLY}
    is_webp(nobody.view_asset(**seen))
    refused(400, unseen("download"), nobody.download_asset, **seen)
    refused(401, "Unauthorized", nobody.upload_asset, **form(NOON, "noon.png"), key=VIEW_ONLY)
    refused(401, "Invalid share key", nobody.view_asset, id=inside["id"], key=EXPIRED)
    header = {"x-immich-share-key": EVERYTHING}
    refused(403, "Forbidden", nobody.get_asset_statistics, _headers=header)


def refusals(world: World, assets: Any) -> None:
    """What the server does not take comes as the client's own exceptions."""
    refused(401, "Authentication required", world.assets({}).get_random)
    unknown: tuple[tuple[str, Credentials], ...] = (
        ("Invalid user token", {"access_token": "nobody"}),
        ("Invalid user token", {"access_token": "nobody", **API_KEY}),
        ("Invalid user token", {"api_key": {"cookie": "immich_access_token=nobody"}}),
        ("Invalid API key", {"api_key": {"api_key": "nobody"}}),
        ("Authentication required", {"api_key": {"cookie": "session-demo"}}),
    )
    for said, credentials in unknown:
        refused(401, said, world.assets(credentials).get_asset_statistics)

    refused(400, unseen("read"), assets.get_asset_info, id=NOWHERE)
    refused(400, unseen("download"), assets.download_asset, id=NOWHERE)
    refused(400, unseen("view"), assets.view_asset, id=NOWHERE)
    refused(400, unseen("view"), assets.play_asset_video, id=NOWHERE)
    refused(400, ["id must be a UUID"], assets.get_asset_info, id="one")
    half = UpdateAssetDto(latitude=47)
    key = world.fixtures[0]["id"]
    said = ["longitude should not be empty", "longitude must be a longitude string or number"]
    refused(400, said, assets.update_asset, id=key, update_asset_dto=half)
    refused(
        400, unseen("update"), assets.update_asset, id=NOWHERE, update_asset_dto=UpdateAssetDto()
    )

    before = counts(assets.get_asset_statistics())
    for name in ("notes.txt", "noon", "noon.png.exe"):
        said = f"Unsupported file type {name}"
        refused(400, said, assets.upload_asset, **form(NOON, name))
    said = "Unsupported file type noon.png"
    refused(400, said, assets.upload_asset, **form(), sidecar_data=("noon.png", NOON))
    said = ["isFavorite must be a boolean value"]
    refused(400, said, assets.upload_asset, **form(), is_favorite=True)
    full = world.assets({"api_key": {"api_key": "key-quota"}})
    large = {"asset_data": ("noise.png", SUNRISE + bytes(512))}
    refused(400, "Quota has been exceeded!", full.upload_asset, **{**form(), **large})
    same(counts(assets.get_asset_statistics()), before)


Chapter = Callable[[World, Any], None]

CHAPTERS: dict[Chapter, Credentials] = {
    statistics: BEARER,
    info: API_KEY,
    at_random: COOKIE,
    uploading: API_KEY,
    uploading_a_path: BEARER,
    duplicates: COOKIE,
    checking_before: API_KEY,
    devices: BEARER,
    updating: COOKIE,
    live_photos: API_KEY,
    updating_many: BEARER,
    originals: COOKIE,
    small_pictures: API_KEY,
    full_size: BEARER,
    playing: COOKIE,
    replacing: API_KEY,
    jobs: BEARER,
    trash: COOKIE,
    shared_links: BEARER,
    refusals: API_KEY,
}
"""The chapters, and how their user is known in each."""


def main(host: str, folder: str) -> None:
    """Go through all chapters and print where they led."""
    fixtures = read_fixtures(Path(folder))["assets"]
    called: set[str] = set()

    def go(chapter: Chapter) -> None:
        world = World(f"{host}-{chapter.__name__}/api", called, fixtures)
        chapter(world, world.assets(CHAPTERS[chapter]))

    tell(CHAPTERS, go, called, operations(immich_python_sdk.AssetsApi))


if __name__ == "__main__":
    main(*sys.argv[1:])
