"""Who may do what with whose assets."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from tests.apis.immich.conftest import Caller
from tests.apis.immich.world import (
    ASSETS,
    BALLOON,
    BOATS,
    EXPIRED_KEY,
    IDENTITY_CARD,
    LAKE,
    LIVE,
    MOTION,
    MOUNTAIN,
    NOWHERE,
    PLANETS,
    RECEIPT,
    TULIPS,
    UMBRELLAS,
    created,
    delete,
    fresh,
    info,
    no_access,
    ok,
    refused,
    replace,
    statistics,
    update,
    update_all,
    upload,
)

Act = Callable[[httpx.Client, str], httpx.Response]


def _get(rest: str) -> Act:
    return lambda client, key: client.get(f"{ASSETS}/{key}{rest}")


def _job(client: httpx.Client, key: str) -> httpx.Response:
    sent = {"assetIds": [MOUNTAIN, key], "name": "refresh-metadata"}
    return client.post(f"{ASSETS}/jobs", json=sent)


def _update_many(client: httpx.Client, key: str) -> httpx.Response:
    return client.put(ASSETS, json={"ids": [MOUNTAIN, key], "isFavorite": False})


def _delete(client: httpx.Client, key: str) -> httpx.Response:
    return client.request("DELETE", ASSETS, json={"ids": [MOUNTAIN, key]})


def _update(client: httpx.Client, key: str) -> httpx.Response:
    return client.put(f"{ASSETS}/{key}", json={"isFavorite": False})


EVERYTHING: list[tuple[str, Act]] = [
    ("read", _get("")),
    ("download", _get("/original")),
    ("view", _get("/thumbnail")),
    ("view", _get("/thumbnail?size=fullsize")),
    ("view", _get("/video/playback")),
    ("update", _update),
    ("update", _update_many),
    ("update", _job),
    ("update", replace),
    ("delete", _delete),
]
EACH = pytest.mark.parametrize(("right", "act"), EVERYTHING)


@EACH
def test_what_is_not_there_is_refused(demo: httpx.Client, right: str, act: Act) -> None:
    no_access(act(demo, NOWHERE), right)


@EACH
def test_what_is_somebody_elses_is_refused_in_the_same_words(
    demo: httpx.Client, user1: httpx.Client, right: str, act: Act
) -> None:
    key = created(user1, name="a.mp4")
    no_access(act(demo, key), right)
    assert info(user1, key)["isTrashed"] is False


@EACH
def test_what_is_locked_is_refused_to_a_key(demo: httpx.Client, right: str, act: Act) -> None:
    no_access(act(demo, IDENTITY_CARD), right)


@EACH
def test_what_was_removed_is_refused(demo: httpx.Client, right: str, act: Act) -> None:
    key = created(demo, name="a.mp4")
    delete(demo, key, force=True)
    no_access(act(demo, key), right)


@pytest.mark.parametrize("act", [_update_many, _delete])
def test_one_foreign_asset_spoils_it_all(demo: httpx.Client, user1: httpx.Client, act: Act) -> None:
    before = info(demo, MOUNTAIN)
    assert act(demo, created(user1)).status_code == 400
    assert info(demo, MOUNTAIN) == before


def test_nothing_is_anybodys(demo: httpx.Client) -> None:
    before = statistics(demo)
    update_all(demo, isFavorite=True, rating=3)
    delete(demo, force=True)
    sent = {"assetIds": [], "name": "refresh-faces"}
    assert demo.post(f"{ASSETS}/jobs", json=sent).status_code == 204
    assert statistics(demo) == before


def test_the_owner_sees_what_is_in_the_trash(demo: httpx.Client) -> None:
    assert info(demo, RECEIPT)["isTrashed"] is True
    assert demo.get(f"{ASSETS}/{RECEIPT}/original").status_code == 200
    assert demo.get(f"{ASSETS}/{RECEIPT}/thumbnail").status_code == 200
    assert update(demo, RECEIPT, isFavorite=True)["isFavorite"] is True


def test_the_owner_sees_what_is_hidden(demo: httpx.Client) -> None:
    assert info(demo, PLANETS)["visibility"] == "hidden"


@pytest.mark.parametrize("credential", ["elevated-demo", "immich_access_token=elevated-demo"])
def test_what_is_locked_opens_in_an_unlocked_session(caller: Caller, credential: str) -> None:
    is_cookie = "=" in credential
    name = "Cookie" if is_cookie else "Authorization"
    client = caller({name: credential if is_cookie else f"Bearer {credential}"})
    assert info(client, IDENTITY_CARD)["visibility"] == "locked"
    assert client.get(f"{ASSETS}/{IDENTITY_CARD}/original").status_code == 200
    assert client.get(f"{ASSETS}/{IDENTITY_CARD}/thumbnail").status_code == 200


def test_what_is_locked_stays_so_in_an_ordinary_session(caller: Caller) -> None:
    client = caller({"Authorization": "Bearer session-demo"})
    no_access(client.get(f"{ASSETS}/{IDENTITY_CARD}"), "read")


def test_anybody_may_lock_and_only_an_unlocked_session_unlocks(
    demo: httpx.Client, unlocked: httpx.Client
) -> None:
    update(demo, LAKE, visibility="locked")
    no_access(demo.put(f"{ASSETS}/{LAKE}", json={"visibility": "timeline"}), "update")
    assert update(unlocked, LAKE, visibility="timeline")["visibility"] == "timeline"
    assert info(demo, LAKE)["visibility"] == "timeline"


def test_an_unlocked_session_removes_what_is_locked(unlocked: httpx.Client) -> None:
    delete(unlocked, IDENTITY_CARD, force=True)
    assert statistics(unlocked, visibility="locked")["total"] == 0


@pytest.mark.parametrize("key", [MOUNTAIN, BOATS, BALLOON])
def test_a_link_shows_what_is_in_it(whole_link: httpx.Client, key: str) -> None:
    assert info(whole_link, key)["id"] == key
    assert whole_link.get(f"{ASSETS}/{key}/original").status_code == 200
    assert whole_link.get(f"{ASSETS}/{key}/thumbnail").status_code == 200


@pytest.mark.parametrize("key", [LAKE, NOWHERE])
def test_a_link_shows_nothing_else(whole_link: httpx.Client, key: str) -> None:
    no_access(whole_link.get(f"{ASSETS}/{key}"), "read")
    no_access(whole_link.get(f"{ASSETS}/{key}/original"), "download")
    no_access(whole_link.get(f"{ASSETS}/{key}/thumbnail"), "view")
    no_access(whole_link.get(f"{ASSETS}/{key}/video/playback"), "view")


def test_a_link_plays_videos(whole_link: httpx.Client) -> None:
    answer = whole_link.get(f"{ASSETS}/{BALLOON}/video/playback")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "video/mp4")


def test_a_link_does_not_show_what_is_in_the_trash(
    demo: httpx.Client, whole_link: httpx.Client
) -> None:
    delete(demo, MOUNTAIN)
    no_access(whole_link.get(f"{ASSETS}/{MOUNTAIN}"), "read")


@pytest.mark.parametrize("visibility", ["archive", "hidden", "locked"])
def test_a_link_shows_assets_wherever_their_owner_puts_them(
    demo: httpx.Client, whole_link: httpx.Client, visibility: str
) -> None:
    update(demo, MOUNTAIN, visibility=visibility)
    assert info(whole_link, MOUNTAIN)["visibility"] == visibility


def test_a_link_does_not_tell_the_owner(demo: httpx.Client, whole_link: httpx.Client) -> None:
    own, linked = info(demo, MOUNTAIN), info(whole_link, MOUNTAIN)
    assert linked == {name: value for name, value in own.items() if name != "owner"}
    assert list(linked) == [name for name in own if name != "owner"]


def test_a_link_without_metadata_tells_how_to_draw_an_asset(view_link: httpx.Client) -> None:
    told = info(view_link, TULIPS)
    assert list(told) == [
        "id", "type", "originalMimeType", "thumbhash", "localDateTime", "duration",
        "livePhotoVideoId", "hasMetadata",
    ]  # fmt: skip
    assert (told["id"], told["hasMetadata"]) == (TULIPS, False)


def test_a_link_without_downloads_shows_small_pictures(view_link: httpx.Client) -> None:
    no_access(view_link.get(f"{ASSETS}/{TULIPS}/original"), "download")
    assert view_link.get(f"{ASSETS}/{TULIPS}/thumbnail").status_code == 200


def test_a_link_opens_the_moving_part_of_what_it_shows(
    demo: httpx.Client, whole_link: httpx.Client
) -> None:
    no_access(whole_link.get(f"{ASSETS}/{MOTION}/video/playback"), "view")
    update(demo, MOUNTAIN, livePhotoVideoId=MOTION)
    assert whole_link.get(f"{ASSETS}/{MOTION}/video/playback").status_code == 200


def test_a_link_that_is_over_is_none(client: httpx.Client) -> None:
    answer = client.get(f"{ASSETS}/{UMBRELLAS}", params={"key": EXPIRED_KEY})
    refused(answer, 401, "Invalid share key")


def test_what_comes_by_a_link_is_its_owners(demo: httpx.Client, whole_link: httpx.Client) -> None:
    key = created(whole_link)
    assert info(demo, key)["ownerId"] == info(demo, LIVE)["ownerId"]
    no_access(whole_link.get(f"{ASSETS}/{key}"), "read")


def test_what_comes_by_a_link_may_be_a_duplicate(
    demo: httpx.Client, whole_link: httpx.Client
) -> None:
    data = fresh()
    key = created(demo, data)
    assert ok(upload(whole_link, data)) == {"status": "duplicate", "id": key}
