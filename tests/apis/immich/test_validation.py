"""What a request must be like, and every sentence that is said of one that is not."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.apis.immich.world import (
    ASSETS,
    BALLOON,
    IDENTITY_CARD,
    LAKE,
    MOUNTAIN,
    NOWHERE,
    created,
    form,
    fresh,
    info,
    no_access,
    ok,
    on_device,
    refused,
    send_parts,
    update,
    update_all,
)

OWN = MOUNTAIN
VERSION_1 = "c232ab00-9414-11ec-b3c8-9f6bdeced846"
VERSION_7 = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"
NIL = "00000000-0000-0000-0000-000000000000"
CHECKSUM = "afaed1e74073c86683523028be7ab281252b485b"

FAVORITE = "isFavorite must be a boolean value"
FORCE = "force must be a boolean value"
TRASHED = "isTrashed must be a boolean value"
VISIBILITY = "visibility must be one of the following values: archive, timeline, hidden, locked"
DATE = "dateTimeOriginal must be a valid ISO 8601 date string"
LATITUDE = "latitude must be a latitude string or number"
LONGITUDE = "longitude must be a longitude string or number"
NO_LATITUDE = "latitude should not be empty"
NO_LONGITUDE = "longitude should not be empty"
TOO_LOW = "rating must not be less than -1"
TOO_HIGH = "rating must not be greater than 5"
NO_INTEGER = "rating must be an integer number"
DESCRIPTION = "description must be a string"
MOTION = "livePhotoVideoId must be a UUID"
MOTION_TEXT = "livePhotoVideoId must be a string"
JOB = (
    "name must be one of the following values: "
    "refresh-faces, refresh-metadata, regenerate-thumbnail, transcode-video"
)
SIZE = "size must be one of the following values: fullsize, preview, thumbnail"
NOT_POSITIVE = "count must be a positive number"
NO_WHOLE_COUNT = "count must be an integer number"
NO_LIST = "assets must be an array"
NO_OBJECTS = "each value in nested property assets must be either object or array"
NO_OBJECT_INSIDE = "assets.each value in nested property assets must be either object or array"
EMPTY_INSIDE = "each value in deviceAssetIds should not be empty"
NO_TEXT_INSIDE = "each value in deviceAssetIds must be a string"
NO_DEVICE_IDS = "deviceAssetIds should not be empty"
NO_DEVICE = "deviceId should not be empty"
ID_INSIDE = "each value in ids must be a UUID"
NO_IDS = "ids should not be empty"
IDS_LIST = "ids must be an array"
ASSET_ID_INSIDE = "each value in assetIds must be a UUID"
NO_ASSET_IDS = "assetIds should not be empty"
ASSET_IDS_LIST = "assetIds must be an array"
RATING = [TOO_LOW, TOO_HIGH, NO_INTEGER]
NO_IDS_AT_ALL = [ID_INSIDE, NO_IDS, IDS_LIST]
NO_ASSET_IDS_AT_ALL = [ASSET_ID_INSIDE, NO_ASSET_IDS, ASSET_IDS_LIST]
WITHOUT_LATITUDE = [NO_LATITUDE, LATITUDE]
WITHOUT_LONGITUDE = [NO_LONGITUDE, LONGITUDE]
NO_DEVICE_IDS_AT_ALL = [EMPTY_INSIDE, NO_TEXT_INSIDE, NO_DEVICE_IDS]

UPDATE: list[tuple[Any, list[str]]] = [
    ({"isFavorite": None}, [FAVORITE]),
    ({"isFavorite": ""}, [FAVORITE]),
    ({"isFavorite": "True"}, [FAVORITE]),
    ({"isFavorite": 1}, [FAVORITE]),
    ({"isFavorite": 0}, [FAVORITE]),
    ({"isFavorite": "1"}, [FAVORITE]),
    ({"isFavorite": []}, [FAVORITE]),
    ({"isFavorite": {}}, [FAVORITE]),
    ({"visibility": None}, [VISIBILITY]),
    ({"visibility": ""}, [VISIBILITY]),
    ({"visibility": "foo"}, [VISIBILITY]),
    ({"visibility": 3}, [VISIBILITY]),
    ({"visibility": "TIMELINE"}, [VISIBILITY]),
    ({"visibility": ["timeline"]}, [VISIBILITY]),
    ({"dateTimeOriginal": None}, [DATE]),
    ({"dateTimeOriginal": ""}, [DATE]),
    ({"dateTimeOriginal": "123abc"}, [DATE]),
    ({"dateTimeOriginal": 1700000000}, [DATE]),
    ({"dateTimeOriginal": "1700000000"}, [DATE]),
    ({"dateTimeOriginal": ["2020-01-01"]}, [DATE]),
    ({"dateTimeOriginal": "2020-13-01"}, [DATE]),
    ({"dateTimeOriginal": "2020-02-03T24:00:00Z"}, [DATE]),
    ({"dateTimeOriginal": "2020/02/03"}, [DATE]),
    ({"rating": None}, [*RATING]),
    ({"rating": 3.5}, [NO_INTEGER]),
    ({"rating": "3"}, [*RATING]),
    ({"rating": 7}, [TOO_HIGH]),
    ({"rating": -2}, [TOO_LOW]),
    ({"rating": 7.5}, [TOO_HIGH, NO_INTEGER]),
    ({"rating": True}, [*RATING]),
    ({"rating": ""}, [*RATING]),
    ({"rating": [3]}, [*RATING]),
    ({"description": None}, [DESCRIPTION]),
    ({"description": 5}, [DESCRIPTION]),
    ({"description": ["x"]}, [DESCRIPTION]),
    ({"description": {"a": 1}}, [DESCRIPTION]),
    ({"latitude": 12}, [*WITHOUT_LONGITUDE]),
    ({"longitude": 12}, [*WITHOUT_LATITUDE]),
    ({"latitude": None, "longitude": None}, [*WITHOUT_LATITUDE, *WITHOUT_LONGITUDE]),
    ({"latitude": None}, [*WITHOUT_LATITUDE, *WITHOUT_LONGITUDE]),
    ({"longitude": None}, [*WITHOUT_LATITUDE, *WITHOUT_LONGITUDE]),
    ({"latitude": None, "longitude": 12}, [*WITHOUT_LATITUDE]),
    ({"latitude": "abc", "longitude": "def"}, [LATITUDE, LONGITUDE]),
    ({"latitude": 91, "longitude": 181}, [LATITUDE, LONGITUDE]),
    ({"latitude": "", "longitude": ""}, [*WITHOUT_LATITUDE, *WITHOUT_LONGITUDE]),
    ({"latitude": 45, "longitude": 181}, [LONGITUDE]),
    ({"latitude": True, "longitude": False}, [LATITUDE, LONGITUDE]),
    ({"latitude": [1], "longitude": [2]}, [LATITUDE, LONGITUDE]),
    ({"livePhotoVideoId": ""}, [MOTION]),
    ({"livePhotoVideoId": "abc"}, [MOTION]),
    ({"livePhotoVideoId": 1}, [MOTION, MOTION_TEXT]),
    ({"livePhotoVideoId": [NOWHERE]}, [MOTION, MOTION_TEXT]),
    ({"livePhotoVideoId": VERSION_1}, [MOTION]),
    ({"livePhotoVideoId": NIL}, [MOTION]),
    ({"livePhotoVideoId": False}, [MOTION, MOTION_TEXT]),
    (
        {
            "isFavorite": "x",
            "visibility": "x",
            "dateTimeOriginal": "x",
            "latitude": "x",
            "longitude": "x",
            "rating": "x",
            "description": 1,
            "livePhotoVideoId": 1,
        },
        [
            MOTION,
            MOTION_TEXT,
            FAVORITE,
            VISIBILITY,
            DATE,
            LATITUDE,
            LONGITUDE,
            *RATING,
            DESCRIPTION,
        ],
    ),
    (
        {
            "isFavorite": None,
            "visibility": None,
            "dateTimeOriginal": None,
            "latitude": None,
            "longitude": None,
            "rating": None,
            "description": None,
            "livePhotoVideoId": None,
        },
        [FAVORITE, VISIBILITY, DATE, *WITHOUT_LATITUDE, *WITHOUT_LONGITUDE, *RATING, DESCRIPTION],
    ),
    ({"rating": "x", "description": 1, "isFavorite": "x"}, [FAVORITE, *RATING, DESCRIPTION]),
]

UPDATE_ALL: list[tuple[Any, list[str]]] = [
    ({}, [*NO_IDS_AT_ALL]),
    ({"ids": None}, [*NO_IDS_AT_ALL]),
    ({"ids": OWN}, [IDS_LIST]),
    ({"ids": 5}, [ID_INSIDE, IDS_LIST]),
    ({"ids": ""}, [*NO_IDS_AT_ALL]),
    ({"ids": {}}, [ID_INSIDE, IDS_LIST]),
    ({"ids": {"a": "x"}}, [ID_INSIDE, IDS_LIST]),
    ({"ids": [""]}, [ID_INSIDE]),
    ({"ids": [None]}, [ID_INSIDE]),
    ({"ids": [1]}, [ID_INSIDE]),
    ({"ids": ["x", "y"]}, [ID_INSIDE]),
    ({"ids": [OWN, "x"]}, [ID_INSIDE]),
    ({"ids": [[OWN]]}, [ID_INSIDE]),
    ({"ids": [VERSION_1]}, [ID_INSIDE]),
    ({"ids": [VERSION_7]}, [ID_INSIDE]),
    ({"ids": [NIL]}, [ID_INSIDE]),
    ({"isFavorite": "x", "rating": 9}, [*NO_IDS_AT_ALL, FAVORITE, TOO_HIGH]),
    ({"ids": [], "rating": 9}, [TOO_HIGH]),
    ({"ids": [OWN], "latitude": 1}, [*WITHOUT_LONGITUDE]),
    ({"ids": [OWN], "description": "x", "rating": -5}, [TOO_LOW]),
    ([], [*NO_IDS_AT_ALL]),
]

DELETE: list[tuple[Any, list[str]]] = [
    ({}, [*NO_IDS_AT_ALL]),
    ({"ids": None}, [*NO_IDS_AT_ALL]),
    ({"ids": OWN}, [IDS_LIST]),
    ({"ids": ["x"]}, [ID_INSIDE]),
    ({"ids": [None]}, [ID_INSIDE]),
    ({"ids": [NOWHERE], "force": None}, [FORCE]),
    ({"ids": [NOWHERE], "force": "yes"}, [FORCE]),
    ({"ids": [NOWHERE], "force": 1}, [FORCE]),
    ({"ids": "x", "force": "x"}, [FORCE, ID_INSIDE, IDS_LIST]),
    ({"force": "x"}, [FORCE, *NO_IDS_AT_ALL]),
    ([], [*NO_IDS_AT_ALL]),
]

JOBS: list[tuple[Any, list[str]]] = [
    ({}, [JOB, *NO_ASSET_IDS_AT_ALL]),
    ({"assetIds": [OWN]}, [JOB]),
    ({"assetIds": [OWN], "name": None}, [JOB]),
    ({"assetIds": [OWN], "name": "x"}, [JOB]),
    ({"assetIds": [OWN], "name": ""}, [JOB]),
    ({"assetIds": [OWN], "name": ["refresh-metadata"]}, [JOB]),
    ({"assetIds": [OWN], "name": 1}, [JOB]),
    ({"name": "refresh-metadata"}, [*NO_ASSET_IDS_AT_ALL]),
    ({"assetIds": OWN, "name": "refresh-metadata"}, [ASSET_IDS_LIST]),
    ({"assetIds": ["x"], "name": "refresh-faces"}, [ASSET_ID_INSIDE]),
    ({"assetIds": ["x"], "name": "x"}, [JOB, ASSET_ID_INSIDE]),
    ({"name": "x", "assetIds": "x"}, [JOB, ASSET_ID_INSIDE, ASSET_IDS_LIST]),
    ({"ids": [OWN], "name": "refresh-metadata"}, [*NO_ASSET_IDS_AT_ALL]),
    ([], [JOB, *NO_ASSET_IDS_AT_ALL]),
]

BULK_CHECK: list[tuple[Any, list[str]]] = [
    ({}, [NO_LIST]),
    ({"assets": None}, [NO_LIST, NO_OBJECTS]),
    ({"assets": "x"}, [NO_LIST, NO_OBJECTS]),
    ({"assets": 5}, [NO_LIST, NO_OBJECTS]),
    (
        {"assets": {}},
        [
            "assets.id should not be empty",
            "assets.id must be a string",
            "assets.checksum should not be empty",
            "assets.checksum must be a string",
        ],
    ),
    ({"assets": {"id": "1", "checksum": "x"}}, [NO_LIST]),
    (
        {"assets": [{}]},
        [
            "assets.0.id should not be empty",
            "assets.0.id must be a string",
            "assets.0.checksum should not be empty",
            "assets.0.checksum must be a string",
        ],
    ),
    ({"assets": [None]}, [NO_OBJECT_INSIDE]),
    ({"assets": ["x"]}, [NO_OBJECT_INSIDE]),
    ({"assets": [1]}, [NO_OBJECT_INSIDE]),
    ({"assets": [True]}, [NO_OBJECT_INSIDE]),
    ({"assets": [["x"]]}, [f"assets.0.{NO_OBJECTS}"]),
    ({"assets": [None, "x"]}, [NO_OBJECT_INSIDE, NO_OBJECT_INSIDE]),
    (
        {"assets": [{"id": 1, "checksum": "x"}, None, {"id": "x"}]},
        [
            "assets.0.id must be a string",
            NO_OBJECT_INSIDE,
            "assets.2.checksum should not be empty",
            "assets.2.checksum must be a string",
        ],
    ),
    ({"assets": [[{"id": 1, "checksum": "x"}]]}, ["assets.0.0.id must be a string"]),
    ({"assets": [[], {"id": 1, "checksum": "x"}]}, ["assets.1.id must be a string"]),
    (
        {"assets": [[]]},
        [
            "assets.0.id should not be empty",
            "assets.0.id must be a string",
            "assets.0.checksum should not be empty",
            "assets.0.checksum must be a string",
        ],
    ),
    (
        {"assets": [{"checksum": CHECKSUM}]},
        ["assets.0.id should not be empty", "assets.0.id must be a string"],
    ),
    (
        {"assets": [{"id": "a"}]},
        ["assets.0.checksum should not be empty", "assets.0.checksum must be a string"],
    ),
    (
        {"assets": [{"id": "", "checksum": ""}]},
        ["assets.0.id should not be empty", "assets.0.checksum should not be empty"],
    ),
    (
        {"assets": [{"id": None, "checksum": None}]},
        [
            "assets.0.id should not be empty",
            "assets.0.id must be a string",
            "assets.0.checksum should not be empty",
            "assets.0.checksum must be a string",
        ],
    ),
    (
        {"assets": [{"id": 1, "checksum": 2}]},
        ["assets.0.id must be a string", "assets.0.checksum must be a string"],
    ),
    (
        {"assets": [{"id": "a", "checksum": CHECKSUM}, {"id": 1, "checksum": ""}]},
        ["assets.1.id must be a string", "assets.1.checksum should not be empty"],
    ),
    (
        {"assets": [{"id": 1}, {"checksum": 2}]},
        [
            "assets.0.id must be a string",
            "assets.0.checksum should not be empty",
            "assets.0.checksum must be a string",
            "assets.1.id should not be empty",
            "assets.1.id must be a string",
            "assets.1.checksum must be a string",
        ],
    ),
    ({"assets": [{"id": "a", "checksum": CHECKSUM}, None]}, [NO_OBJECT_INSIDE]),
    ([], [NO_LIST]),
]

EXIST: list[tuple[Any, list[str]]] = [
    ({}, [*NO_DEVICE_IDS_AT_ALL, NO_DEVICE]),
    ({"deviceAssetIds": None, "deviceId": "phone"}, [*NO_DEVICE_IDS_AT_ALL]),
    ({"deviceAssetIds": "a-1", "deviceId": "phone"}, [NO_DEVICE_IDS]),
    ({"deviceAssetIds": "", "deviceId": "phone"}, [EMPTY_INSIDE, NO_DEVICE_IDS]),
    ({"deviceAssetIds": 5, "deviceId": "phone"}, [NO_TEXT_INSIDE, NO_DEVICE_IDS]),
    ({"deviceAssetIds": {"a": "a-1"}, "deviceId": "phone"}, [NO_TEXT_INSIDE, NO_DEVICE_IDS]),
    ({"deviceAssetIds": [], "deviceId": "phone"}, [NO_DEVICE_IDS]),
    ({"deviceAssetIds": [""], "deviceId": "phone"}, [EMPTY_INSIDE]),
    ({"deviceAssetIds": [None], "deviceId": "phone"}, [EMPTY_INSIDE, NO_TEXT_INSIDE]),
    ({"deviceAssetIds": [1], "deviceId": "phone"}, [NO_TEXT_INSIDE]),
    ({"deviceAssetIds": [1, "a"], "deviceId": "phone"}, [NO_TEXT_INSIDE]),
    ({"deviceAssetIds": [["a"]], "deviceId": "phone"}, [NO_TEXT_INSIDE]),
    ({"deviceAssetIds": ["a-1"]}, [NO_DEVICE]),
    ({"deviceAssetIds": ["a-1"], "deviceId": None}, [NO_DEVICE]),
    ({"deviceAssetIds": ["a-1"], "deviceId": ""}, [NO_DEVICE]),
    ({"deviceAssetIds": "x"}, [NO_DEVICE_IDS, NO_DEVICE]),
    ([], [*NO_DEVICE_IDS_AT_ALL, NO_DEVICE]),
]

RANDOM: list[tuple[Any, list[str]]] = [
    ("count=", [NOT_POSITIVE]),
    ("count=0", [NOT_POSITIVE]),
    ("count=-1", [NOT_POSITIVE]),
    ("count=2.5", [NO_WHOLE_COUNT]),
    ("count=abc", [NOT_POSITIVE, NO_WHOLE_COUNT]),
    ("count=2&count=3", [NOT_POSITIVE, NO_WHOLE_COUNT]),
    ("count=null", [NOT_POSITIVE, NO_WHOLE_COUNT]),
    ("count=true", [NOT_POSITIVE, NO_WHOLE_COUNT]),
    ("count=Infinity", [NO_WHOLE_COUNT]),
]

STATISTICS: list[tuple[Any, list[str]]] = [
    ("visibility=", [VISIBILITY]),
    ("visibility=foo", [VISIBILITY]),
    ("visibility=Timeline", [VISIBILITY]),
    ("visibility=timeline&visibility=archive", [VISIBILITY]),
    ("isFavorite=", [FAVORITE]),
    ("isFavorite=True", [FAVORITE]),
    ("isFavorite=1", [FAVORITE]),
    ("isFavorite=0", [FAVORITE]),
    ("isFavorite=true&isFavorite=true", [FAVORITE]),
    ("isTrashed=yes", [TRASHED]),
    ("isTrashed=null", [TRASHED]),
    ("visibility=x&isFavorite=x&isTrashed=x", [VISIBILITY, FAVORITE, TRASHED]),
    ("isTrashed=x&isFavorite=x&visibility=x", [VISIBILITY, FAVORITE, TRASHED]),
]

THUMBNAIL: list[tuple[Any, list[str]]] = [
    ("size=", [SIZE]),
    ("size=foo", [SIZE]),
    ("size=PREVIEW", [SIZE]),
    ("size=preview&size=thumbnail", [SIZE]),
    ("size=preview&size=preview", [SIZE]),
]


@pytest.mark.parametrize(("sent", "told"), UPDATE)
def test_an_update_must_be_in_order(demo: httpx.Client, sent: Any, told: list[str]) -> None:
    refused(demo.put(f"{ASSETS}/{OWN}", json=sent), 400, told)


@pytest.mark.parametrize(("sent", "told"), UPDATE_ALL)
def test_an_update_of_many_must_be_in_order(demo: httpx.Client, sent: Any, told: list[str]) -> None:
    refused(demo.put(ASSETS, json=sent), 400, told)


@pytest.mark.parametrize(("sent", "told"), DELETE)
def test_a_deletion_must_be_in_order(demo: httpx.Client, sent: Any, told: list[str]) -> None:
    refused(demo.request("DELETE", ASSETS, json=sent), 400, told)


@pytest.mark.parametrize(("sent", "told"), JOBS)
def test_a_job_must_be_in_order(demo: httpx.Client, sent: Any, told: list[str]) -> None:
    refused(demo.post(f"{ASSETS}/jobs", json=sent), 400, told)


@pytest.mark.parametrize(("sent", "told"), BULK_CHECK)
def test_a_check_before_the_upload_must_be_in_order(
    demo: httpx.Client, sent: Any, told: list[str]
) -> None:
    refused(demo.post(f"{ASSETS}/bulk-upload-check", json=sent), 400, told)


@pytest.mark.parametrize(("sent", "told"), EXIST)
def test_a_question_for_device_ids_must_be_in_order(
    demo: httpx.Client, sent: Any, told: list[str]
) -> None:
    refused(demo.post(f"{ASSETS}/exist", json=sent), 400, told)


@pytest.mark.parametrize(("query", "told"), RANDOM)
def test_a_number_of_random_assets_must_be_in_order(
    demo: httpx.Client, query: str, told: list[str]
) -> None:
    refused(demo.get(f"{ASSETS}/random?{query}"), 400, told)


@pytest.mark.parametrize(("query", "told"), STATISTICS)
def test_what_is_counted_must_be_in_order(demo: httpx.Client, query: str, told: list[str]) -> None:
    refused(demo.get(f"{ASSETS}/statistics?{query}"), 400, told)


@pytest.mark.parametrize(("query", "told"), THUMBNAIL)
def test_the_size_of_a_picture_must_be_in_order(
    demo: httpx.Client, query: str, told: list[str]
) -> None:
    refused(demo.get(f"{ASSETS}/{OWN}/thumbnail?{query}"), 400, told)


NO_ASSET_NAME = ["deviceAssetId must be a string", "deviceAssetId should not be empty"]
NO_DEVICE_NAME = ["deviceId must be a string", "deviceId should not be empty"]
NO_DATES = [
    "fileCreatedAt must be a Date instance",
    "fileCreatedAt should not be empty",
    "fileModifiedAt must be a Date instance",
    "fileModifiedAt should not be empty",
]
NO_FIELDS = [*NO_ASSET_NAME, *NO_DEVICE_NAME, *NO_DATES]
NO_CREATED = "fileCreatedAt must be a date string"
NO_DATE = ["fileCreatedAt must be a Date instance"]

UPLOAD: list[tuple[dict[str, str], str | list[str]]] = [
    ({"deviceAssetId": ""}, ["deviceAssetId should not be empty"]),
    ({"deviceId": ""}, ["deviceId should not be empty"]),
    ({"fileCreatedAt": ""}, NO_CREATED),
    ({"fileModifiedAt": ""}, "fileModifiedAt must be a date string"),
    ({"fileCreatedAt": "abc"}, NO_CREATED),
    ({"fileCreatedAt": "null"}, NO_CREATED),
    ({"fileCreatedAt": "1735787045"}, NO_CREATED),
    ({"fileCreatedAt": "1735787045000"}, NO_CREATED),
    ({"fileCreatedAt": "Thu, 02 Jan 2025 03:04:05 GMT"}, NO_CREATED),
    ({"fileCreatedAt": "2025-13-01"}, NO_CREATED),
    ({"fileCreatedAt": "2025-01-02T25:00:00Z"}, NO_CREATED),
    ({"fileCreatedAt": "2025-01-02T24:00:00Z"}, NO_CREATED),
    ({"fileCreatedAt": "2025-01-02t03:04:05z"}, NO_CREATED),
    ({"fileCreatedAt": "+012025-01-01"}, NO_CREATED),
    ({"fileCreatedAt": "-000001-01-01"}, NO_CREATED),
    ({"fileCreatedAt": "2025-01-02T03:04:05.000Z "}, NO_CREATED),
    ({"fileCreatedAt": " 2025-01-02"}, NO_CREATED),
    ({"fileCreatedAt": "20250102"}, NO_DATE),
    ({"fileCreatedAt": "2025-W01"}, NO_DATE),
    ({"fileCreatedAt": "2025-100"}, NO_DATE),
    ({"fileCreatedAt": "2025-01-02T03:04:05,5Z"}, NO_DATE),
    ({"fileCreatedAt": "a", "fileModifiedAt": "b", "isFavorite": "x"}, NO_CREATED),
    ({"isFavorite": "True"}, [FAVORITE]),
    ({"isFavorite": "FALSE"}, [FAVORITE]),
    ({"isFavorite": "1"}, [FAVORITE]),
    ({"isFavorite": "0"}, [FAVORITE]),
    ({"isFavorite": ""}, [FAVORITE]),
    ({"isFavorite": "yes"}, [FAVORITE]),
    ({"isFavorite": "null"}, [FAVORITE]),
    ({"visibility": ""}, [VISIBILITY]),
    ({"visibility": "x"}, [VISIBILITY]),
    ({"visibility": "TIMELINE"}, [VISIBILITY]),
    ({"livePhotoVideoId": ""}, [MOTION]),
    ({"livePhotoVideoId": "abc"}, [MOTION]),
    ({"livePhotoVideoId": VERSION_1}, [MOTION]),
    (
        {"deviceId": "", "visibility": "x", "isFavorite": "x", "livePhotoVideoId": "x"},
        [FAVORITE, VISIBILITY, MOTION, "deviceId should not be empty"],
    ),
]


@pytest.mark.parametrize(("fields", "told"), UPLOAD)
def test_the_fields_of_an_upload_must_be_in_order(
    demo: httpx.Client, fields: dict[str, str], told: str | list[str]
) -> None:
    files = {"assetData": ("a.jpg", fresh())}
    refused(demo.post(ASSETS, data=form(**fields), files=files), 400, told)


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ("deviceAssetId", NO_ASSET_NAME),
        ("deviceId", NO_DEVICE_NAME),
        ("fileCreatedAt", NO_DATES[:2]),
        ("fileModifiedAt", NO_DATES[2:]),
    ],
)
@pytest.mark.parametrize(("method", "path"), [("POST", ""), ("PUT", f"/{OWN}/original")])
def test_a_field_that_an_upload_needs_is_missed(
    demo: httpx.Client, method: str, path: str, missing: str, told: list[str]
) -> None:
    fields = {name: text for name, text in form().items() if name != missing}
    files = {"assetData": ("a.jpg", fresh())}
    refused(demo.request(method, ASSETS + path, data=fields, files=files), 400, told)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("deviceAssetId", "a-1", ["deviceAssetId must be a string"]),
        ("deviceId", "phone", ["deviceId must be a string"]),
        ("fileCreatedAt", "2025-01-02", NO_CREATED),
        ("fileModifiedAt", "2025-01-02", "fileModifiedAt must be a date string"),
        ("isFavorite", "maybe", [FAVORITE]),
        ("visibility", "archive", [VISIBILITY]),
        ("duration", "1", ["duration must be a string"]),
        ("livePhotoVideoId", BALLOON, [MOTION, MOTION_TEXT]),
    ],
)
def test_a_field_that_comes_twice_is_a_list(
    demo: httpx.Client, name: str, text: str, told: str | list[str]
) -> None:
    refused(
        send_parts(demo, ("assetData", "a.jpg", fresh()), (name, text), (name, text)), 400, told
    )


@pytest.mark.parametrize("name", ["deviceId[]", "deviceId[0]", "deviceId[a]", "deviceId[a][b]"])
def test_names_of_fields_nest(demo: httpx.Client, name: str) -> None:
    named = (("deviceId", "x"), (name, "1"), ("assetData", "a.jpg", fresh()))
    refused(send_parts(demo, *named), 400, ["deviceId must be a string"])


def test_the_first_date_that_is_none_is_told(demo: httpx.Client) -> None:
    parts = (("fileModifiedAt", "b"), ("fileCreatedAt", "a"), ("assetData", "a.jpg", fresh()))
    refused(send_parts(demo, *parts), 400, "fileModifiedAt must be a date string")


def test_all_that_is_missing_is_told_at_once(demo: httpx.Client) -> None:
    refused(demo.post(ASSETS, files={"assetData": ("a.jpg", fresh())}), 400, NO_FIELDS)


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("2025", "2025-01-01T00:00:00.000Z"),
        ("2025-01", "2025-01-01T00:00:00.000Z"),
        ("2025-01-02", "2025-01-02T00:00:00.000Z"),
        ("2025-001", "2025-01-01T00:00:00.000Z"),
        ("2025-012", "2025-12-01T00:00:00.000Z"),
        ("2025-02-30", "2025-03-02T00:00:00.000Z"),
        ("2025-01-02T03:04", "2025-01-02T03:04:00.000Z"),
        ("2025-01-02T03:04:05", "2025-01-02T03:04:05.000Z"),
        ("2025-01-02 03:04:05", "2025-01-02T03:04:05.000Z"),
        ("2025-01-02T03:04:05+02:00", "2025-01-02T01:04:05.000Z"),
        ("2025-01-02T03:04:05+0200", "2025-01-02T01:04:05.000Z"),
        ("2025-01-02T03:04:05.123956Z", "2025-01-02T03:04:05.123Z"),
    ],
)
def test_what_javascript_takes_for_a_date_is_one(demo: httpx.Client, sent: str, shown: str) -> None:
    asset = info(demo, created(demo, fileCreatedAt=sent))
    assert (asset["fileCreatedAt"], asset["localDateTime"]) == (shown, shown)


@pytest.mark.parametrize("sent", [{}, {"foo": 1, "id": "x", "isArchived": True}, [], ["x"]])
def test_an_update_of_nothing_changes_nothing(demo: httpx.Client, sent: Any) -> None:
    before = info(demo, OWN)
    after = ok(demo.put(f"{ASSETS}/{OWN}", json=sent))
    assert {name: before[name] for name in after} == after
    assert set(before) - set(after) == {"owner", "tags", "stack"}


@pytest.mark.parametrize(
    "content_type",
    [None, "text/plain", "application/xml", "application/vnd.api+json", "application/octet-stream"],
)
def test_a_body_that_is_no_json_is_not_looked_at(
    demo: httpx.Client, content_type: str | None
) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    sent = '{"isFavorite": "x"}'
    ok(demo.put(f"{ASSETS}/{OWN}", content=sent, headers=headers))
    refused(demo.put(ASSETS, content=sent, headers=headers), 400, NO_IDS_AT_ALL)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (True, True),
        ("true", True),
        (["true"], True),
        ([True], True),
        (False, False),
        ("false", False),
        (["false"], False),
    ],
)
def test_a_boolean_may_be_written_as_text(demo: httpx.Client, sent: Any, kept: bool) -> None:
    assert update(demo, OWN, isFavorite=sent)["isFavorite"] is kept


def test_urlencoded_bodies_are_read(demo: httpx.Client) -> None:
    assert ok(demo.put(f"{ASSETS}/{OWN}", data={"isFavorite": "false"}))["isFavorite"] is False
    refused(demo.put(f"{ASSETS}/{OWN}", data={"rating": "3"}), 400, RATING)


def test_lists_can_be_urlencoded(demo: httpx.Client) -> None:
    sent = {"ids[]": [OWN, BALLOON], "description": "both"}
    assert demo.put(ASSETS, data=sent).status_code == 204
    assert info(demo, BALLOON)["exifInfo"]["description"] == "both"
    refused(demo.put(ASSETS, data={"ids": OWN}), 400, [IDS_LIST])


def test_ids_in_the_query_are_not_read(demo: httpx.Client) -> None:
    refused(demo.request("DELETE", f"{ASSETS}?ids={OWN}"), 400, NO_IDS_AT_ALL)


@pytest.mark.parametrize(
    "key", ["abc", VERSION_1, VERSION_7, NIL, OWN.replace("-", ""), f"{{{OWN}}}", f"{OWN}%20"]
)
@pytest.mark.parametrize("rest", ["", "/original", "/thumbnail", "/video/playback"])
def test_an_id_must_be_a_version_4_uuid(demo: httpx.Client, key: str, rest: str) -> None:
    refused(demo.get(f"{ASSETS}/{key}{rest}"), 400, ["id must be a UUID"])


def test_an_id_may_be_percent_encoded(demo: httpx.Client) -> None:
    assert ok(demo.get(f"{ASSETS}/{OWN.replace('-', '%2D')}"))["id"] == OWN


def test_an_id_in_capitals_is_well_formed_and_not_found(demo: httpx.Client) -> None:
    no_access(demo.get(f"{ASSETS}/{OWN.upper()}"), "read")
    no_access(demo.put(ASSETS, json={"ids": [OWN.upper()]}), "update")


@pytest.mark.parametrize("sent", ["abc", 5, "", {}, [NOWHERE]])
def test_an_id_of_duplicates_must_be_a_uuid(demo: httpx.Client, sent: Any) -> None:
    answer = demo.put(ASSETS, json={"ids": [OWN], "duplicateId": sent})
    refused(answer, 400, ["duplicateId must be a UUID"])
    assert info(demo, OWN)["duplicateId"] is None


def test_an_id_of_duplicates_may_be_null(demo: httpx.Client) -> None:
    update_all(demo, OWN, duplicateId=NOWHERE)
    assert info(demo, OWN)["duplicateId"] == NOWHERE
    update_all(demo, OWN, duplicateId=None)
    assert info(demo, OWN)["duplicateId"] is None


def test_a_wrong_body_is_told_before_a_wrong_path(demo: httpx.Client) -> None:
    refused(demo.put(f"{ASSETS}/abc", json={"isFavorite": "x"}), 400, [FAVORITE])
    refused(demo.put(f"{ASSETS}/abc", json={}), 400, ["id must be a UUID"])


def test_a_wrong_query_is_told_before_a_wrong_path(demo: httpx.Client) -> None:
    refused(demo.get(f"{ASSETS}/abc/thumbnail?size=x"), 400, [SIZE])


@pytest.mark.parametrize("key", [NOWHERE, IDENTITY_CARD])
def test_a_wrong_body_is_told_before_a_missing_right(demo: httpx.Client, key: str) -> None:
    refused(demo.put(f"{ASSETS}/{key}", json={"isFavorite": "x"}), 400, [FAVORITE])


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 1), ("count=2.0", 2), ("count=1e1", 10), ("count=0x2", 2), ("count=%202", 2)],
)
def test_a_count_is_read_as_javascript_reads_numbers(
    demo: httpx.Client, query: str, count: int
) -> None:
    assert len(ok(demo.get(f"{ASSETS}/random?{query}"))) == count


@pytest.mark.parametrize("query", ["Count=0", "count[]=0", "count[a]=0", "foo=bar"])
def test_unknown_parameters_are_passed_over(demo: httpx.Client, query: str) -> None:
    assert len(ok(demo.get(f"{ASSETS}/random?{query}"))) == 1
    assert ok(demo.get(f"{ASSETS}/statistics?{query}&isfavorite=x"))["total"] == 24


def test_any_text_names_a_device(demo: httpx.Client) -> None:
    created(demo, deviceId="a/b %+ü", deviceAssetId="there")
    assert on_device(demo, "a%2Fb%20%25%2B%C3%BC") == ["there"]
    assert on_device(demo, "%20") == []


@pytest.mark.parametrize("device", [5, {}, ["phone", "x"], False, True])
def test_a_device_that_is_no_text_has_nothing(demo: httpx.Client, device: Any) -> None:
    created(demo)
    asked = {"deviceAssetIds": ["a-1"], "deviceId": device}
    assert ok(demo.post(f"{ASSETS}/exist", json=asked)) == {"existingIds": []}


def test_a_device_in_a_list_is_the_device(demo: httpx.Client) -> None:
    created(demo)
    asked = {"deviceAssetIds": ["a-1"], "deviceId": ["phone"]}
    assert ok(demo.post(f"{ASSETS}/exist", json=asked)) == {"existingIds": ["a-1"]}


def _sent(demo: httpx.Client, body: bytes, media_type: str = "application/json") -> httpx.Response:
    headers = {"Content-Type": media_type}
    return demo.put(f"{ASSETS}/{MOUNTAIN}", headers=headers, content=body)


def test_half_a_character_is_replaced(demo: httpx.Client) -> None:
    assert ok(_sent(demo, rb'{"description": "a\ud800b"}'))["exifInfo"]["description"] == "a\ufffdb"


def test_a_number_past_a_double_is_infinite(demo: httpx.Client) -> None:
    told = ["rating must not be greater than 5", "rating must be an integer number"]
    refused(_sent(demo, b'{"rating": 1e400}'), 400, told)


def test_a_text_with_nul_is_refused(demo: httpx.Client) -> None:
    told = ["description must not contain NUL"]
    refused(_sent(demo, rb'{"description": "a\u0000b"}'), 400, told)


@pytest.mark.parametrize("body", [b'{"x": 1e400, "y": %s}', b'{"x": "\\ud800", "y": %s}'])
def test_the_bound_of_nesting_holds_for_any_json(demo: httpx.Client, body: bytes) -> None:
    assert _sent(demo, body % (b"[" * 255 + b"]" * 255)).status_code == 200
    answer = _sent(demo, body % (b"[" * 300 + b"]" * 300))
    assert (answer.status_code, list(answer.json())) == (400, ["message", "error", "statusCode"])


@pytest.mark.parametrize("media_type", ["application/json;", "application/json; charset="])
def test_a_body_of_a_broken_media_type_is_none(demo: httpx.Client, media_type: str) -> None:
    assert _sent(demo, b'{"rating": 9}', media_type).status_code == 200


@pytest.mark.parametrize(
    ("written", "kept"), [(b"%FF", "%FF"), (b"a+b%2Bc", "a b+c"), (b"%zz+x", "%zz x")]
)
def test_what_is_not_percent_encoded_utf_8_stays_as_it_was_sent(
    demo: httpx.Client, written: bytes, kept: str
) -> None:
    changed = ok(_sent(demo, b"description=" + written, "application/x-www-form-urlencoded"))
    assert changed["exifInfo"]["description"] == kept


@pytest.mark.parametrize("names", [("ids[2]", "ids[1]"), ("ids[100]", "ids[0]")])
def test_numbered_fields_are_a_list_without_gaps(demo: httpx.Client, names: list[str]) -> None:
    fields = dict(zip(names, (MOUNTAIN, LAKE), strict=True))
    assert demo.put(ASSETS, data=fields).status_code == 204
