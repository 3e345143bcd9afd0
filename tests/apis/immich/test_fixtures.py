"""The assets to begin with, and what fixtures of one's own may leave out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.apis.immich.records import complete_asset, shown
from mockserver.catalogue import FIXTURES, SPECS, Mock, Settings, build
from mockserver.engine.schema import Schemas
from mockserver.engine.spec import read_description
from mockserver.errors import StartupError
from mockserver.state.blobs import Blobs
from tests.apis.immich.world import (
    CREATED,
    MODIFIED,
    MOUNTAIN,
    NOWHERE,
    Json,
    in_base64,
    upload,
)
from tests.running import Server

FOLDER = FIXTURES / "immich"
DEMO = "3981193c-c935-4d40-bf10-1777a6fa14e5"


@pytest.fixture(scope="module")
def begun() -> Mock:
    """The mock with its own fixtures."""
    return build(["immich"])


@pytest.fixture(scope="module")
def assets(begun: Mock) -> dict[str, Any]:
    """The assets of the fixtures as they are stored, by id."""
    transaction = begun.sandboxes.default.transaction("immich")
    return {record.key: record.value for record in transaction.records("assets")}


def _others(begun: Mock, collection: str) -> list[Json]:
    transaction = begun.sandboxes.default.transaction("immich")
    return [record.value for record in transaction.records(collection)]


def test_every_asset_is_complete(assets: dict[str, Any]) -> None:
    schemas = Schemas(read_description(SPECS / "immich.yaml").document)
    schema = schemas.component("AssetResponseDto")
    for asset in assets.values():
        assert schemas.violations(schema, shown(asset, asset["ownerId"]), "record") == []


def test_every_asset_has_other_bytes(assets: dict[str, Any]) -> None:
    assert len({asset["checksum"] for asset in assets.values()}) == len(assets) == 29
    for asset in assets.values():
        assert asset["checksum"] == in_base64(asset["file"].data)
        assert asset["exif"]["fileSizeInByte"] == len(asset["file"])


def test_every_file_is_used(assets: dict[str, Any]) -> None:
    written = (FOLDER / "assets.json").read_text(encoding="utf-8")
    for path in (FOLDER / "files").iterdir():
        assert f'"{path.name}"' in written


def test_whatever_is_named_is_there(begun: Mock, assets: dict[str, Any]) -> None:
    users = {user["id"] for user in _others(begun, "users")}
    assert {asset["ownerId"] for asset in assets.values()} <= users
    motions = {asset["livePhotoVideoId"] for asset in assets.values()} - {None}
    assert motions <= set(assets)
    for link in _others(begun, "shared_links"):
        assert link["userId"] in users
        assert set(link["assetIds"]) <= set(assets)
    identities = json.loads((FOLDER / "credentials.json").read_text(encoding="utf-8"))
    assert {identity["user"] for identity in identities} == users


def test_there_is_one_of_every_kind(assets: dict[str, Any]) -> None:
    everything = list(assets.values())
    assert {a["visibility"] for a in everything} == {"timeline", "archive", "hidden", "locked"}
    assert {a["type"] for a in everything} == {"IMAGE", "VIDEO"}
    assert {bool(a["deletedAt"]) for a in everything} == {True, False}
    assert {a["isFavorite"] for a in everything} == {True, False}
    assert any(a["livePhotoVideoId"] for a in everything)


def test_contents_are_indexed(begun: Mock, assets: dict[str, Any]) -> None:
    transaction = begun.sandboxes.default.transaction("immich")
    index = {record.key: record.value for record in transaction.records("checksums")}
    assert index == {f"{a['ownerId']}/{a['checksum']}": key for key, a in assets.items()}


def _short(**more: Any) -> Json:
    return {
        "id": MOUNTAIN,
        "ownerId": NOWHERE,
        "deviceAssetId": "a",
        "deviceId": "b",
        "originalFileName": "a.MP4",
        "fileCreatedAt": CREATED,
        "fileModifiedAt": MODIFIED,
        "updatedAt": MODIFIED,
        **more,
    }


def test_what_follows_from_the_rest_can_be_left_out() -> None:
    blobs = Blobs(1_000)
    asset = complete_asset(_short(file=blobs.store(b"video")), blobs)
    assert asset["type"] == "VIDEO"
    assert asset["checksum"] == in_base64(b"video")
    assert asset["localDateTime"] == CREATED
    assert asset["originalPath"] == f"upload/upload/{NOWHERE}/22/5e/{MOUNTAIN}.MP4"
    assert (asset["visibility"], asset["isFavorite"], asset["deletedAt"]) == (
        "timeline", False, None,
    )  # fmt: skip


def test_what_is_written_counts() -> None:
    blobs = Blobs(1_000)
    own = {
        "visibility": "archive",
        "localDateTime": MODIFIED,
        "originalPath": "/x",
        "duration": "1",
    }
    file = blobs.store(b"")
    asset = complete_asset(_short(file=file, exif={"make": "Canon"}, **own), blobs)
    assert {name: asset[name] for name in own} == own
    assert asset["exif"]["make"] == "Canon"


def test_an_id_is_kept_in_lower_case() -> None:
    blobs = Blobs(1_000)
    made = complete_asset(_short(file=blobs.store(b""), id=MOUNTAIN.upper()), blobs)
    assert made["id"] == MOUNTAIN


def test_all_that_is_missing_is_told_at_once() -> None:
    with pytest.raises(ValueError, match="/id, /ownerId, /deviceAssetId, /deviceId, /original"):
        complete_asset({}, Blobs(1_000))


def _folder(path: Path, **files: Any) -> Settings:
    """Settings with fixtures that are as the built-in ones but for these collections."""
    shutil.copytree(FOLDER, path / "immich")
    for name, content in files.items():
        (path / "immich" / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return Settings(fixtures=path)


def test_a_broken_asset_is_told_by_file_and_pointer(tmp_path: Path) -> None:
    owned = {"ownerId": DEMO}
    fitting = _short(file={"$file": "tulip-field.jpg"}, **owned)
    broken = _short(file={"$file": "campfire.jpg"}, id=NOWHERE, visibility="everywhere", **owned)
    files = {"assets": [fitting, broken, {"id": "x"}], "shared_links": []}
    with pytest.raises(StartupError) as told:
        build(["immich"], settings=_folder(tmp_path, **files))
    pointers = {problem.pointer for problem in told.value.problems}
    assert any(pointer.startswith("/1/visibility") for pointer in pointers)
    assert "/2" in pointers
    assert not any(pointer.startswith("/0") for pointer in pointers)


def test_the_same_bytes_twice_are_told(tmp_path: Path) -> None:
    file = {"$file": "tulip-field.jpg"}
    twice = [_short(file=file), _short(file=file, id=NOWHERE)]
    with pytest.raises(StartupError, match="checksums"):
        build(["immich"], settings=_folder(tmp_path, assets=twice))


def test_a_link_must_say_what_it_allows(tmp_path: Path) -> None:
    link = {"id": "x", "key": "y", "userId": NOWHERE, "assetIds": [], "expiresAt": None}
    with pytest.raises(StartupError, match="allowDownload"):
        build(["immich"], settings=_folder(tmp_path, shared_links=[link]))


@pytest.mark.parametrize(
    ("member", "value", "told"),
    [
        ("id", 5, "/id to be a text"),
        ("originalFileName", None, "/originalFileName to be a text"),
        ("file", "tulip-field.jpg", "/file to be the bytes of a file"),
        ("preview", "tulip-field.jpg", "/preview to be the bytes of a file"),
        ("exif", [], "/exif to be an object"),
    ],
)
def test_a_member_of_another_kind_is_told(member: str, value: Any, told: str) -> None:
    blobs = Blobs(1_000)
    with pytest.raises(ValueError, match=told):
        complete_asset({**_short(file=blobs.store(b"")), member: value}, blobs)


@pytest.mark.parametrize("collection", ["assets", "users"])
def test_what_is_no_record_is_told(tmp_path: Path, collection: str) -> None:
    with pytest.raises(StartupError, match="expected an object, received 'x'"):
        build(["immich"], settings=_folder(tmp_path, **{collection: ["x"]}))


@pytest.mark.parametrize("quota", ["512", 1.5, True])
def test_a_quota_must_be_a_number_of_bytes(tmp_path: Path, quota: Any) -> None:
    users = json.loads((FOLDER / "users.json").read_text(encoding="utf-8"))
    users[1]["quotaSizeInBytes"] = quota
    with pytest.raises(StartupError, match="/quotaSizeInBytes to be a number of bytes"):
        build(["immich"], settings=_folder(tmp_path, users=users))


def test_without_room_an_upload_is_refused_and_an_empty_one_is_not(
    tmp_path: Path, start: Callable[..., Server]
) -> None:
    _folder(tmp_path, assets=[], shared_links=[])
    flags = ("immich", "--quiet", "--max-blobs", "0", "--fixtures", str(tmp_path))
    headers = {"x-api-key": "key-demo"}
    with start(*flags) as full, httpx.Client(base_url=full.url, headers=headers) as client:
        refusal = upload(client, b"1")
        assert upload(client, b"").status_code == 201
    assert refusal.status_code == 507
    told = refusal.json()
    assert list(told) == ["message", "error", "statusCode", "correlationId"]
    assert (told["error"], told["statusCode"]) == ("Insufficient Storage", 507)
    assert "--max-blobs" in told["message"]
