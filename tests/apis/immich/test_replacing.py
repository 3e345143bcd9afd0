"""An asset's file replaced, and what becomes of the former one."""

from __future__ import annotations

import httpx
import pytest

from tests.apis.immich.test_validation import NO_FIELDS
from tests.apis.immich.world import (
    ASSETS,
    BALLOON,
    CREATED,
    MODIFIED,
    MOUNTAIN,
    NOWHERE,
    checked,
    created,
    delete,
    fresh,
    in_base64,
    in_hex,
    info,
    no_access,
    ok,
    refused,
    replace,
    send_parts,
    update,
    update_all,
    without,
)


def test_an_asset_keeps_its_id_and_gets_all_that_is_sent(demo: httpx.Client) -> None:
    key = created(demo, duration="0:01:00.0")
    data = fresh()
    fields = {"deviceAssetId": "new", "deviceId": "camera", "fileCreatedAt": "2024-06-06"}
    answer = ok(replace(demo, key, data, "new.MP4", duration="0:00:09.0", **fields))
    assert (list(answer), answer["status"]) == (["status", "id"], "replaced")
    asset = info(demo, key)
    wanted = {
        "type": "VIDEO",
        "originalFileName": "new.MP4",
        "originalMimeType": "video/mp4",
        "deviceAssetId": "new",
        "deviceId": "camera",
        "fileCreatedAt": "2024-06-06T00:00:00.000Z",
        "localDateTime": "2024-06-06T00:00:00.000Z",
        "fileModifiedAt": MODIFIED,
        "duration": "0:00:09.0",
        "checksum": in_base64(data),
    }
    assert {name: asset[name] for name in wanted} == wanted
    assert asset["exifInfo"]["fileSizeInByte"] == len(data)
    assert asset["originalPath"].endswith(".MP4")
    assert demo.get(f"{ASSETS}/{key}/original").content == data


def test_the_former_file_is_an_asset_in_the_trash(demo: httpx.Client) -> None:
    data = fresh()
    key = created(demo, data, isFavorite="true", visibility="archive", duration="0:01:00.0")
    before = info(demo, key)
    copy = info(demo, ok(replace(demo, key))["id"])
    new = ("id", "updatedAt", "isFavorite", "isArchived", "visibility", "isTrashed", "duration")
    assert without(copy, *new) == without(before, *new)
    assert [copy[name] for name in new[2:]] == [False, False, "timeline", True, "0:00:00.00000"]
    assert demo.get(f"{ASSETS}/{copy['id']}/original").content == data


def test_what_the_owner_said_of_an_asset_stays(demo: httpx.Client) -> None:
    key = created(demo, isFavorite="true", visibility="archive")
    update(demo, key, description="kept", rating=4, latitude=1, longitude=2)
    update_all(demo, key, duplicateId=NOWHERE)
    copy = ok(replace(demo, key))["id"]
    asset = info(demo, key)
    assert (asset["isFavorite"], asset["visibility"], asset["duplicateId"]) == (
        True, "archive", NOWHERE,
    )  # fmt: skip
    exif = asset["exifInfo"]
    assert [exif[name] for name in ("description", "rating", "latitude")] == ["kept", 4, 1]
    former = info(demo, copy)
    assert former["duplicateId"] is None
    assert former["exifInfo"]["description"] == ""


def test_the_former_file_keeps_the_moving_part(demo: httpx.Client) -> None:
    key = created(demo, livePhotoVideoId=BALLOON)
    copy = ok(replace(demo, key))["id"]
    assert info(demo, key)["livePhotoVideoId"] is None
    assert info(demo, copy)["livePhotoVideoId"] == BALLOON


def test_without_a_duration_there_is_none_any_more(demo: httpx.Client) -> None:
    key = created(demo, duration="0:01:00.0")
    ok(replace(demo, key))
    assert info(demo, key)["duration"] == "0:00:00.00000"


def test_a_file_that_the_owner_has_elsewhere_changes_nothing(demo: httpx.Client) -> None:
    data = fresh()
    other, key = created(demo, data), created(demo)
    before = info(demo, key)
    assert ok(replace(demo, key, data)) == {"status": "duplicate", "id": other}
    assert info(demo, key) == before


def test_the_same_file_again_is_a_duplicate_of_the_asset_itself(demo: httpx.Client) -> None:
    data = fresh()
    key = created(demo, data)
    assert ok(replace(demo, key, data)) == {"status": "duplicate", "id": key}
    assert checked(demo, in_hex(data))[0]["assetId"] == key


def test_the_former_file_again_is_a_duplicate_of_the_copy(demo: httpx.Client) -> None:
    data = fresh()
    key = created(demo, data)
    copy = ok(replace(demo, key))["id"]
    assert ok(replace(demo, key, data)) == {"status": "duplicate", "id": copy}


def test_an_asset_in_the_trash_stays_there(demo: httpx.Client) -> None:
    key = created(demo)
    delete(demo, key)
    ok(replace(demo, key))
    assert info(demo, key)["isTrashed"] is True


def test_old_and_new_files_count_against_the_quota(quota: httpx.Client) -> None:
    key = created(quota, b"a" * 300)
    refused(replace(quota, key, b"b" * 300), 400, "Quota has been exceeded!")
    ok(replace(quota, key, b"b" * 212))
    refused(replace(quota, key, b"c"), 400, "Quota has been exceeded!")


def test_a_checksum_ahead_is_not_looked_at(demo: httpx.Client) -> None:
    known, key = fresh(), created(demo)
    created(demo, known)
    headers = {"x-immich-checksum": in_hex(known)}
    files = {"assetData": ("b.jpg", fresh())}
    fields = {"deviceAssetId": "b", "deviceId": "c", "fileCreatedAt": CREATED}
    answer = demo.put(
        f"{ASSETS}/{key}/original",
        headers=headers,
        data={**fields, "fileModifiedAt": CREATED},
        files=files,
    )
    assert ok(answer)["status"] == "replaced"


def test_fields_of_new_assets_are_unknown(demo: httpx.Client) -> None:
    key = created(demo)
    ok(replace(demo, key, isFavorite="x", visibility="x", livePhotoVideoId="x"))
    assert info(demo, key)["visibility"] == "timeline"


def test_a_sidecar_is_taken(demo: httpx.Client) -> None:
    path = f"{ASSETS}/{created(demo)}/original"
    parts = (("assetData", "a.jpg", fresh()), ("sidecarData", "a.xmp", b"<x/>"))
    assert ok(send_parts(demo, *parts, to=path, method="PUT"))["status"] == "replaced"


@pytest.mark.parametrize("key", [NOWHERE, MOUNTAIN.upper()])
def test_only_what_is_there_can_be_replaced(demo: httpx.Client, key: str) -> None:
    no_access(replace(demo, key), "update")


def test_only_the_owner_replaces(user1: httpx.Client, whole_link: httpx.Client) -> None:
    no_access(replace(user1, MOUNTAIN), "update")
    no_access(replace(whole_link, MOUNTAIN), "update")


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ([("assetData", "a.txt", b"x"), ("fileCreatedAt", "x")], "Unsupported file type a.txt"),
        ([("fileCreatedAt", "x")], "fileCreatedAt must be a date string"),
        ([("deviceId", "")], ["deviceId should not be empty"]),
        ([], ["id must be a UUID"]),
        ([("sidecarData", "a.xmp", b"x")], ["id must be a UUID"]),
    ],
)
def test_the_form_is_judged_before_the_id(
    demo: httpx.Client, parts: list[tuple[str, str]], told: str | list[str]
) -> None:
    answer = send_parts(demo, *parts, to=f"{ASSETS}/abc/original", method="PUT")
    refused(answer, 400, told)


def test_a_file_is_needed_before_a_right(demo: httpx.Client) -> None:
    path = f"{ASSETS}/{NOWHERE}/original"
    refused(send_parts(demo, to=path, method="PUT"), 400, "File is required")
    refused(demo.put(path), 400, NO_FIELDS)
