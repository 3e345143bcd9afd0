"""Assets counted, drawn at random, and asked for by device."""

from __future__ import annotations

import httpx
import pytest

from tests.apis.immich.world import (
    ASSETS,
    BALLOON,
    MOUNTAIN,
    created,
    delete,
    existing,
    info,
    ok,
    on_device,
    statistics,
    update,
)


@pytest.mark.parametrize(
    ("query", "images", "videos"),
    [
        ({}, 23, 1),
        ({"visibility": "timeline"}, 20, 1),
        ({"visibility": "archive"}, 3, 0),
        ({"visibility": "hidden"}, 1, 1),
        ({"visibility": "locked"}, 1, 0),
        ({"isFavorite": "true"}, 3, 0),
        ({"isFavorite": "false"}, 20, 1),
        ({"isTrashed": "true"}, 2, 0),
        ({"isTrashed": "false"}, 23, 1),
        ({"isTrashed": "true", "visibility": "locked"}, 0, 0),
        ({"isFavorite": "true", "visibility": "archive"}, 1, 0),
    ],
)
def test_assets_are_counted(
    demo: httpx.Client, query: dict[str, str], images: int, videos: int
) -> None:
    counted = statistics(demo, **query)
    assert counted == {"images": images, "videos": videos, "total": images + videos}
    assert list(counted) == ["images", "videos", "total"]


def test_what_is_locked_is_counted_without_unlocking(demo: httpx.Client) -> None:
    created(demo, visibility="locked")
    assert statistics(demo, visibility="locked")["total"] == 2


def test_random_assets_are_neither_hidden_nor_in_the_trash(demo: httpx.Client) -> None:
    drawn = ok(demo.get(f"{ASSETS}/random", params={"count": 1000}))
    assert len(drawn) == 25
    assert {asset["visibility"] for asset in drawn} == {"timeline", "archive", "locked"}
    assert {asset["isTrashed"] for asset in drawn} == {False}
    assert len({asset["id"] for asset in drawn}) == 25


def test_random_assets_tell_neither_owner_nor_stack(demo: httpx.Client) -> None:
    [drawn] = ok(demo.get(f"{ASSETS}/random"))
    whole = info(demo, created(demo))
    left_out = {"owner", "tags", "unassignedFaces", "stack"}
    assert list(drawn) == [name for name in whole if name not in left_out]


def test_random_assets_are_others_each_time(demo: httpx.Client) -> None:
    drawn = {ok(demo.get(f"{ASSETS}/random"))[0]["id"] for _ in range(40)}
    assert len(drawn) > 5


def test_a_huge_number_of_random_assets_is_all_of_them(demo: httpx.Client) -> None:
    assert len(ok(demo.get(f"{ASSETS}/random?count=99999999999999999999"))) == 25


def test_nobody_draws_assets_of_somebody_else(user1: httpx.Client) -> None:
    assert ok(user1.get(f"{ASSETS}/random?count=10")) == []


def test_a_device_lists_what_is_shown_of_it(demo: httpx.Client) -> None:
    for place, visibility in enumerate(["timeline", "archive", "hidden", "locked"]):
        created(demo, deviceAssetId=f"a-{place}", visibility=visibility)
    delete(demo, created(demo, deviceAssetId="gone"))
    assert sorted(on_device(demo)) == ["a-0", "a-1", "a-3"]


@pytest.mark.parametrize(("device", "count"), [("pixel-8", 10), ("cli", 15), ("other", 0)])
def test_a_device_lists_its_own(demo: httpx.Client, device: str, count: int) -> None:
    assert len(on_device(demo, device)) == count


def test_a_device_of_somebody_else_is_another_one(user1: httpx.Client) -> None:
    assert on_device(user1, "cli") == []


def test_what_a_device_has_is_told_wherever_it_is(demo: httpx.Client) -> None:
    for place, visibility in enumerate(["timeline", "archive", "hidden", "locked"]):
        created(demo, deviceAssetId=f"a-{place}", visibility=visibility)
    delete(demo, created(demo, deviceAssetId="trashed"))
    delete(demo, created(demo, deviceAssetId="gone"), force=True)
    asked = ["a-3", "a-2", "a-1", "a-0", "a-0", "trashed", "gone", "never"]
    assert sorted(existing(demo, *asked)) == ["a-0", "a-1", "a-2", "a-3", "trashed"]


def test_what_another_device_has_is_not_told(demo: httpx.Client, user1: httpx.Client) -> None:
    created(demo)
    assert existing(demo, "a-1", device="other") == []
    assert existing(user1, "a-1") == []


def test_an_asset_is_told_by_its_owner(demo: httpx.Client) -> None:
    assert info(demo, MOUNTAIN)["owner"] == {
        "id": info(demo, BALLOON)["ownerId"],
        "email": "demo@example.com",
        "name": "Demo",
        "profileImagePath": "",
        "avatarColor": "primary",
        "profileChangedAt": "2025-01-01T00:00:00+00:00",
    }


def test_numbers_follow_changes(demo: httpx.Client) -> None:
    key = created(demo, name="a.mp4")
    assert statistics(demo)["videos"] == 2
    update(demo, key, visibility="hidden")
    assert statistics(demo)["videos"] == 1
    assert statistics(demo, visibility="hidden")["videos"] == 2
    delete(demo, key)
    assert statistics(demo, visibility="hidden")["videos"] == 1
    assert statistics(demo, visibility="hidden", isTrashed="true")["videos"] == 1
