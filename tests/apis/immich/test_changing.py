"""Assets changed, thrown away and removed."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.apis.immich.world import (
    ASSETS,
    BALLOON,
    LAKE,
    LIVE,
    MOTION,
    MOUNTAIN,
    NOWHERE,
    RECEIPT,
    TULIPS,
    Json,
    created,
    delete,
    done,
    info,
    no_access,
    ok,
    refused,
    statistics,
    update,
    update_all,
    upload,
    without,
)


def _changes(before: Json, after: Json) -> Json:
    """What an asset has after a change that it had not before."""
    return {name: value for name, value in after.items() if before[name] != value}


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"isFavorite": False}, {"isFavorite": False}),
        ({"visibility": "archive"}, {"visibility": "archive", "isArchived": True}),
        ({"visibility": "hidden"}, {"visibility": "hidden"}),
        ({"isFavorite": True, "visibility": "timeline"}, {}),
    ],
)
def test_an_update_of_the_asset_itself_is_dated(
    demo: httpx.Client, sent: Json, shown: Json
) -> None:
    before = info(demo, MOUNTAIN)
    changed = _changes(before, update(demo, MOUNTAIN, **sent))
    assert changed.pop("updatedAt") > before["updatedAt"]
    assert changed == shown


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"description": "hello"}, {"description": "hello"}),
        ({"description": ""}, {"description": ""}),
        ({"rating": -1}, {"rating": -1}),
        ({"rating": 0}, {"rating": 0}),
        ({"rating": 3.0}, {"rating": 3}),
        ({"latitude": 12.5, "longitude": -70.25}, {"latitude": 12.5, "longitude": -70.25}),
        ({"latitude": "1.50", "longitude": "2"}, {"latitude": 1.5, "longitude": 2}),
        ({"latitude": "+10.1", "longitude": "-0"}, {"latitude": 10.1, "longitude": 0}),
        ({"latitude": -90, "longitude": 180}, {"latitude": -90, "longitude": 180}),
    ],
)
def test_an_update_of_metadata_is_not_dated(demo: httpx.Client, sent: Json, shown: Json) -> None:
    before = info(demo, MOUNTAIN)
    after = update(demo, MOUNTAIN, **sent)
    assert without(_changes(before, after), "exifInfo") == {}
    assert _changes(before["exifInfo"], after["exifInfo"]) == shown
    kept = [after["exifInfo"][name] for name in shown]
    assert [type(value) for value in kept] == [type(value) for value in shown.values()]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("2023-11-19", "2023-11-19T00:00:00+00:00"),
        ("2023-11-19T18:11:00", "2023-11-19T18:11:00+00:00"),
        ("2023-11-19T18:11:00.000-07:00", "2023-11-20T01:11:00+00:00"),
        ("2023-11-19T18:11:00.123456+05:30", "2023-11-19T12:41:00.123456+00:00"),
        ("2023-11-19T18:11:00+0530", "2023-11-19T12:41:00+00:00"),
        ("2023-11-19 18:11", "2023-11-19T18:11:00+00:00"),
        ("2023-11-19T23:59:59.9999999Z", "2023-11-20T00:00:00+00:00"),
        ("2023-11-19T18:11:00+15:00", "2023-11-19T03:11:00+00:00"),
        ("20231119", "2023-11-19T00:00:00+00:00"),
        ("2023-100", "2023-04-10T00:00:00+00:00"),
        ("2023-W10-2", "2023-03-07T00:00:00+00:00"),
        ("2023", "2023-01-01T00:00:00+00:00"),
        ("2023-11", "2023-11-01T00:00:00+00:00"),
        ("2023-02-30", "2023-03-02T00:00:00+00:00"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59+00:00"),
    ],
)
def test_a_picture_may_be_dated_anew(demo: httpx.Client, sent: str, shown: str) -> None:
    before = info(demo, LAKE)
    after = update(demo, LAKE, dateTimeOriginal=sent)
    assert after["exifInfo"]["dateTimeOriginal"] == shown
    assert (after["localDateTime"], after["fileCreatedAt"]) == (
        before["localDateTime"],
        before["fileCreatedAt"],
    )


def test_an_update_is_there_to_stay(demo: httpx.Client) -> None:
    after = update(demo, LAKE, isFavorite=True, description="x", rating=2)
    assert {name: info(demo, LAKE)[name] for name in after} == after


def test_many_assets_are_changed_alike(demo: httpx.Client) -> None:
    ids = [created(demo) for _ in range(3)]
    changes: Json = {"isFavorite": True, "visibility": "archive", "rating": 4}
    update_all(demo, *ids, ids[0], **changes, description="all", latitude=1.5, longitude="2.5")
    for key in ids:
        asset = info(demo, key)
        assert (asset["isFavorite"], asset["isArchived"]) == (True, True)
        exif = asset["exifInfo"]
        shown = [exif[name] for name in ("rating", "description", "latitude", "longitude")]
        assert shown == [4, "all", 1.5, 2.5]


def test_assets_become_duplicates_of_each_other(demo: httpx.Client) -> None:
    update_all(demo, LAKE, TULIPS, duplicateId=NOWHERE.upper())
    assert {info(demo, key)["duplicateId"] for key in (LAKE, TULIPS)} == {NOWHERE}


def test_what_many_assets_cannot_have_is_dropped(demo: httpx.Client) -> None:
    update_all(demo, LAKE, livePhotoVideoId="x")
    assert info(demo, LAKE)["livePhotoVideoId"] is None


@pytest.mark.parametrize("motion", [BALLOON, BALLOON.upper()])
def test_a_photo_comes_alive_and_hides_its_video(demo: httpx.Client, motion: str) -> None:
    assert update(demo, LAKE, livePhotoVideoId=motion)["livePhotoVideoId"] == BALLOON
    assert info(demo, BALLOON)["visibility"] == "hidden"


@pytest.mark.parametrize("visibility", ["archive", "hidden"])
def test_a_video_that_is_not_in_the_timeline_stays(demo: httpx.Client, visibility: str) -> None:
    update(demo, BALLOON, visibility=visibility)
    update(demo, LAKE, livePhotoVideoId=BALLOON)
    assert info(demo, BALLOON)["visibility"] == visibility


@pytest.mark.parametrize("visibility", ["timeline", "archive"])
def test_a_photo_that_stands_still_shows_its_video_beside_it(
    demo: httpx.Client, visibility: str
) -> None:
    changed = update(demo, LIVE, livePhotoVideoId=None, visibility=visibility)
    assert changed["livePhotoVideoId"] is None
    assert info(demo, MOTION)["visibility"] == visibility


def test_a_photo_that_stood_still_is_dated_all_the_same(demo: httpx.Client) -> None:
    before = info(demo, LAKE)["updatedAt"]
    assert update(demo, LAKE, livePhotoVideoId=None)["updatedAt"] > before


@pytest.mark.parametrize(
    ("motion", "told"),
    [(NOWHERE, "Live photo video not found"), (LAKE, "Live photo video must be a video")],
)
def test_only_a_video_moves(demo: httpx.Client, motion: str, told: str) -> None:
    refused(demo.put(f"{ASSETS}/{LAKE}", json={"livePhotoVideoId": motion}), 400, told)


def test_a_video_of_somebody_else_does_not_move(demo: httpx.Client, user1: httpx.Client) -> None:
    sent = {"livePhotoVideoId": created(user1, name="a.mp4"), "isFavorite": True}
    told = "Live photo video does not belong to the user"
    refused(demo.put(f"{ASSETS}/{LAKE}", json=sent), 400, told)
    assert info(demo, LAKE)["isFavorite"] is False


def test_a_deleted_asset_is_in_the_trash(demo: httpx.Client) -> None:
    before = info(demo, LAKE)
    delete(demo, LAKE, LAKE)
    after = info(demo, LAKE)
    assert _changes(before, after) == {"isTrashed": True, "updatedAt": after["updatedAt"]}
    assert after["updatedAt"] > before["updatedAt"]


def test_an_asset_can_be_deleted_again(demo: httpx.Client) -> None:
    delete(demo, RECEIPT)
    assert info(demo, RECEIPT)["isTrashed"] is True
    assert statistics(demo, isTrashed="true")["total"] == 2


@pytest.mark.parametrize(("force", "is_there"), [("false", True), (False, True), ("true", False)])
def test_force_may_be_written_as_text(demo: httpx.Client, force: Any, is_there: bool) -> None:
    delete(demo, LAKE, force=force)
    assert (demo.get(f"{ASSETS}/{LAKE}").status_code == 200) is is_there


@pytest.mark.parametrize("key", [LAKE, RECEIPT])
def test_a_removed_asset_is_gone(demo: httpx.Client, key: str) -> None:
    data = demo.get(f"{ASSETS}/{key}/original").content
    delete(demo, key, key, force=True)
    no_access(demo.get(f"{ASSETS}/{key}"), "read")
    no_access(demo.request("DELETE", ASSETS, json={"ids": [key]}), "delete")
    assert upload(demo, data).status_code == 201


def test_a_removed_live_photo_takes_its_video_along(demo: httpx.Client) -> None:
    delete(demo, LIVE, force=True)
    no_access(demo.get(f"{ASSETS}/{MOTION}"), "read")


def test_a_video_that_another_photo_has_stays(demo: httpx.Client) -> None:
    update(demo, LAKE, livePhotoVideoId=MOTION)
    delete(demo, LIVE, force=True)
    assert info(demo, MOTION)["id"] == MOTION
    delete(demo, LAKE, force=True)
    no_access(demo.get(f"{ASSETS}/{MOTION}"), "read")


def test_a_removed_video_leaves_a_still_photo(demo: httpx.Client) -> None:
    delete(demo, MOTION, force=True)
    assert info(demo, LIVE)["livePhotoVideoId"] is None


def test_a_live_photo_goes_into_the_trash_without_its_video(demo: httpx.Client) -> None:
    delete(demo, LIVE)
    assert info(demo, MOTION)["isTrashed"] is False


def test_a_live_photo_and_its_video_can_be_removed_together(demo: httpx.Client) -> None:
    delete(demo, LIVE, MOTION, force=True)
    assert statistics(demo, visibility="hidden") == {"images": 1, "videos": 0, "total": 1}


@pytest.mark.parametrize(
    "name", ["refresh-faces", "refresh-metadata", "regenerate-thumbnail", "transcode-video"]
)
def test_jobs_are_taken_and_not_seen(demo: httpx.Client, name: str) -> None:
    before = info(demo, LAKE)
    sent = {"assetIds": [LAKE, LAKE, RECEIPT], "name": name}
    done(demo.post(f"{ASSETS}/jobs", json=sent))
    assert info(demo, LAKE) == before


def test_a_place_may_be_written_as_a_pair(demo: httpx.Client) -> None:
    sent = {"latitude": "(1.5,2)", "longitude": "3,4"}
    exif = ok(demo.put(f"{ASSETS}/{LAKE}", json=sent))["exifInfo"]
    assert (exif["latitude"], exif["longitude"]) == (1.5, 3)
