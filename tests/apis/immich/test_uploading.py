"""Uploads: what is kept, what is a duplicate, and what is refused in which order."""

from __future__ import annotations

import base64
import re

import httpx
import pytest

from tests.apis.immich.test_validation import NO_FIELDS
from tests.apis.immich.world import (
    ASSETS,
    BALLOON,
    CREATED,
    LAKE,
    MODIFIED,
    MOUNTAIN,
    NOWHERE,
    RECEIPT,
    UUID4,
    checked,
    created,
    delete,
    form,
    fresh,
    in_base64,
    in_hex,
    info,
    multipart,
    ok,
    on_device,
    refused,
    send_parts,
    update,
    upload,
)

DUPLICATE = "duplicate"


def test_an_upload_is_an_asset_with_all_that_was_sent(demo: httpx.Client) -> None:
    data = fresh()
    key = created(demo, data, "Fjord.JPG", duration="0:00:01.5", isFavorite="true")
    assert UUID4.fullmatch(key)
    asset = info(demo, key)
    assert asset["exifInfo"].pop("fileSizeInByte") == len(data)
    assert asset["exifInfo"].pop("description") == ""
    assert set(asset.pop("exifInfo").values()) == {None}
    assert re.fullmatch(
        rf"upload/upload/{asset['ownerId']}/(..)/(..)/\1\2[-0-9a-f]+\.JPG",
        asset.pop("originalPath"),
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", asset.pop("updatedAt"))
    assert asset.pop("owner")["id"] == asset.pop("ownerId")
    assert asset == {
        "id": key,
        "deviceAssetId": "a-1",
        "deviceId": "phone",
        "libraryId": None,
        "type": "IMAGE",
        "originalFileName": "Fjord.JPG",
        "originalMimeType": "image/jpeg",
        "thumbhash": None,
        "fileCreatedAt": CREATED,
        "fileModifiedAt": MODIFIED,
        "localDateTime": CREATED,
        "isFavorite": True,
        "isArchived": False,
        "isTrashed": False,
        "visibility": "timeline",
        "duration": "0:00:01.5",
        "livePhotoVideoId": None,
        "tags": [],
        "people": [],
        "unassignedFaces": [],
        "checksum": in_base64(data),
        "stack": None,
        "isOffline": False,
        "hasMetadata": True,
        "duplicateId": None,
        "resized": True,
    }


def test_members_stand_in_the_order_of_the_real_server(demo: httpx.Client) -> None:
    asset = info(demo, created(demo))
    assert list(asset)[:6] == ["id", "deviceAssetId", "ownerId", "owner", "deviceId", "libraryId"]
    assert list(asset)[-6:] == [
        "checksum", "stack", "isOffline", "hasMetadata", "duplicateId", "resized",
    ]  # fmt: skip
    assert list(asset)[20:25] == [
        "exifInfo", "livePhotoVideoId", "tags", "people", "unassignedFaces",
    ]  # fmt: skip


@pytest.mark.parametrize("duration", ["", None])
def test_an_asset_without_a_duration_takes_no_time(
    demo: httpx.Client, duration: str | None
) -> None:
    fields = {} if duration is None else {"duration": duration}
    assert info(demo, created(demo, **fields))["duration"] == "0:00:00.00000"


@pytest.mark.parametrize("visibility", ["timeline", "archive", "hidden"])
def test_an_upload_may_say_where_it_is_shown(demo: httpx.Client, visibility: str) -> None:
    asset = info(demo, created(demo, visibility=visibility))
    assert (asset["visibility"], asset["isArchived"]) == (visibility, visibility == "archive")


def test_an_upload_may_be_locked_away(demo: httpx.Client, unlocked: httpx.Client) -> None:
    key = created(demo, visibility="locked")
    assert info(unlocked, key)["visibility"] == "locked"


def test_unknown_fields_are_dropped(demo: httpx.Client) -> None:
    key = created(demo, filename="other.png", isArchived="true")
    asset = info(demo, key)
    assert (asset["originalFileName"], asset["isArchived"]) == ("a.jpg", False)


def test_a_field_beside_the_file_of_its_name_is_passed_over(demo: httpx.Client) -> None:
    answer = send_parts(demo, ("assetData", "a.jpg", fresh()), ("assetData", "text"))
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("dir/sub/b.jpg", "b.jpg"),
        ("../../etc/e.jpg", "e.jpg"),
        ("é-ñ-日本.jpg", "é-ñ-日本.jpg"),
        ("😀.png", "😀.png"),
        ("it's; a, b.jpg", "it's; a, b.jpg"),
        ("x" * 300 + ".jpg", "x" * 300 + ".jpg"),
        ("a.txt.jpg", "a.txt.jpg"),
    ],
)
def test_a_file_keeps_its_name_without_the_folders(
    demo: httpx.Client, name: str, kept: str
) -> None:
    answer = send_parts(demo, ("assetData", name, fresh()))
    assert answer.status_code == 201
    assert info(demo, answer.json()["id"])["originalFileName"] == kept


@pytest.mark.parametrize(
    ("name", "kind", "media_type"),
    [
        ("a.jpe", "IMAGE", "image/jpeg"),
        ("a.JPG", "IMAGE", "image/jpeg"),
        ("a.svg", "IMAGE", "image/svg"),
        ("a.dng", "IMAGE", "image/dng"),
        ("a.tif", "IMAGE", "image/tiff"),
        ("a.heic", "IMAGE", "image/heic"),
        ("a.mov", "VIDEO", "video/quicktime"),
        ("a.mts", "VIDEO", "video/mp2t"),
        ("a.insv", "VIDEO", "video/mp4"),
        ("a.avi", "VIDEO", "video/avi"),
    ],
)
def test_the_extension_says_what_a_file_is(
    demo: httpx.Client, name: str, kind: str, media_type: str
) -> None:
    asset = info(demo, created(demo, name=name))
    assert (asset["type"], asset["originalMimeType"]) == (kind, media_type)


@pytest.mark.parametrize(
    "name",
    ["a.txt", "a", "a.", ".jpg", ".hidden", "a.jpg.txt", "a.jpg ", "a.xmp", "a.mp3", "a.jpeg?x=1"],
)
def test_a_file_of_another_kind_is_refused_by_its_name(demo: httpx.Client, name: str) -> None:
    refused(upload(demo, name=name), 400, f"Unsupported file type {name}")


def test_a_refused_name_is_told_without_its_folders(demo: httpx.Client) -> None:
    answer = send_parts(demo, ("assetData", "some/where/a.txt", fresh()))
    refused(answer, 400, "Unsupported file type a.txt")


def test_an_empty_file_is_kept(demo: httpx.Client) -> None:
    key = created(demo, b"")
    assert info(demo, key)["checksum"] == "2jmj7l5rSw0yVb/vlWAYkK/YBwk="
    assert upload(demo, b"").json() == {"status": DUPLICATE, "id": key}


def test_the_same_bytes_again_are_a_duplicate(demo: httpx.Client) -> None:
    data = fresh()
    key = created(demo, data)
    again = upload(demo, data, "other.png", deviceAssetId="b", isFavorite="true")
    assert again.status_code == 200
    assert list(again.json().items()) == [("status", DUPLICATE), ("id", key)]
    asset = info(demo, key)
    assert (asset["originalFileName"], asset["isFavorite"]) == ("a.jpg", False)


@pytest.mark.parametrize("visibility", ["archive", "hidden", "locked"])
def test_the_same_bytes_are_a_duplicate_wherever_they_are_shown(
    demo: httpx.Client, visibility: str
) -> None:
    data = fresh()
    key = created(demo, data, visibility=visibility)
    assert ok(upload(demo, data)) == {"status": DUPLICATE, "id": key}


def test_the_same_bytes_are_a_duplicate_of_what_is_in_the_trash(demo: httpx.Client) -> None:
    data = demo.get(f"{ASSETS}/{RECEIPT}/original").content
    assert ok(upload(demo, data)) == {"status": DUPLICATE, "id": RECEIPT}


def test_the_same_bytes_of_somebody_else_are_no_duplicate(
    demo: httpx.Client, user1: httpx.Client
) -> None:
    data = fresh()
    assert created(demo, data) != created(user1, data)


def test_the_same_device_ids_with_other_bytes_are_no_duplicate(demo: httpx.Client) -> None:
    assert created(demo) != created(demo)
    assert on_device(demo) == ["a-1", "a-1"]


def test_bytes_that_were_removed_are_new_again(demo: httpx.Client) -> None:
    data = fresh()
    key = created(demo, data)
    delete(demo, key, force=True)
    assert created(demo, data) != key


@pytest.mark.parametrize("write", [in_base64, in_hex, lambda data: in_hex(data).upper()])
def test_a_known_checksum_ends_an_upload_before_it_is_looked_at(
    demo: httpx.Client, write: object
) -> None:
    data = fresh()
    key = created(demo, data)
    headers = {"x-immich-checksum": write(data)}  # type: ignore[operator]
    answers = [
        demo.post(ASSETS, headers=headers),
        demo.post(ASSETS, headers=headers, json={"a": 1}),
        demo.post(ASSETS, headers=headers, files={"foo": ("a.txt", b"x")}),
    ]
    assert [ok(answer) for answer in answers] == [{"status": DUPLICATE, "id": key}] * 3


@pytest.mark.parametrize("checksum", ["", "zzz", "00" * 20, in_hex(b"?")[:-1]])
def test_an_unknown_checksum_is_no_matter(demo: httpx.Client, checksum: str) -> None:
    answer = demo.post(
        ASSETS,
        headers={"x-immich-checksum": checksum},
        data=form(),
        files={"assetData": ("a.jpg", fresh())},
    )
    assert answer.status_code == 201


def test_a_checksum_of_somebody_else_is_unknown(demo: httpx.Client, user1: httpx.Client) -> None:
    data = fresh()
    created(user1, data)
    headers = {"x-immich-checksum": in_hex(data)}
    refused(demo.post(ASSETS, headers=headers), 400, NO_FIELDS)


def test_a_checksum_is_not_compared_with_the_bytes(demo: httpx.Client) -> None:
    data = fresh()
    files = {"assetData": ("a.jpg", data)}
    headers = {"x-immich-checksum": in_hex(b"other")}
    answer = demo.post(ASSETS, headers=headers, data=form(), files=files)
    assert info(demo, answer.json()["id"])["checksum"] == in_base64(data)


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ([("foo", "a.jpg", b"x")], "Unexpected field - foo"),
        ([("foo", "a.txt", b"x")], "Unexpected field - foo"),
        ([("assetData[]", "a.jpg", b"x")], "Unexpected field - assetData[]"),
        ([("assetdata", "a.jpg", b"x")], "Unexpected field - assetdata"),
        ([("assetData", "a.jpg", b"x"), ("file", "b.jpg", b"y")], "Unexpected field - file"),
        (
            [("assetData", "a.jpg", b"x"), ("assetData", "b.txt", b"y")],
            "Unexpected field - assetData",
        ),
        (
            [("sidecarData", "a.xmp", b"x"), ("sidecarData", "b.xmp", b"y")],
            "Unexpected field - sidecarData",
        ),
        ([("assetData", "a.txt", b"x"), ("foo", "a.jpg", b"y")], "Unsupported file type a.txt"),
        ([("foo", "a.jpg", b"y"), ("assetData", "a.txt", b"x")], "Unexpected field - foo"),
        ([("sidecarData", "a.jpg", b"x")], "Unsupported file type a.jpg"),
        (
            [("assetData", "a.jpg", b"x"), ("sidecarData", "a.txt", b"y")],
            "Unsupported file type a.txt",
        ),
    ],
)
@pytest.mark.parametrize(("method", "to"), [("POST", ""), ("PUT", f"/{MOUNTAIN}/original")])
def test_a_file_that_has_no_place_is_refused(
    demo: httpx.Client, parts: list[tuple[str, str, bytes]], told: str, method: str, to: str
) -> None:
    refused(send_parts(demo, *parts, to=ASSETS + to, method=method), 400, told)


def test_a_file_without_a_field_name_is_refused(demo: httpx.Client) -> None:
    headers, body = multipart([("assetData", "a.jpg", b"x")])
    body = body.replace(b'name="assetData"; ', b"")
    refused(demo.post(ASSETS, headers=headers, content=body), 400, "Unexpected field")


@pytest.mark.parametrize("parts", [[], [("assetData", "text")], [("assetData", "", b"x")]])
def test_an_upload_needs_a_file(demo: httpx.Client, parts: list[tuple[str, str]]) -> None:
    refused(send_parts(demo, *parts), 400, "File is required")


def test_a_sidecar_alone_is_no_asset(demo: httpx.Client) -> None:
    told = "Field(s) assetData should not be empty"
    refused(send_parts(demo, ("sidecarData", "a.xmp", b"<x/>")), 400, told)


@pytest.mark.parametrize("name", ["a.xmp", "a.XMP"])
def test_a_sidecar_is_taken_with_an_asset(demo: httpx.Client, name: str) -> None:
    parts = (("assetData", "a.jpg", fresh()), ("sidecarData", name, b"<x/>"))
    assert send_parts(demo, *parts).status_code == 201


def test_a_json_body_has_fields_but_no_file(demo: httpx.Client) -> None:
    refused(demo.post(ASSETS, json=form()), 400, "File is required")
    refused(demo.post(ASSETS, json={}), 400, NO_FIELDS)


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ([("assetData", "a.txt", b"x"), ("fileCreatedAt", "x")], "Unsupported file type a.txt"),
        ([("isFavorite", "x"), ("fileCreatedAt", "x")], "fileCreatedAt must be a date string"),
        ([("isFavorite", "x")], ["isFavorite must be a boolean value"]),
        ([("sidecarData", "a.xmp", b"x"), ("deviceId", "")], ["deviceId should not be empty"]),
    ],
)
def test_files_are_judged_before_dates_before_fields_before_a_missing_file(
    demo: httpx.Client, parts: list[tuple[str, str]], told: str | list[str]
) -> None:
    refused(send_parts(demo, *parts), 400, told)


WHOLE = multipart([("assetData", "a.jpg", b"some bytes")])[1]


@pytest.mark.parametrize(
    ("content_type", "body", "told"),
    [
        ("multipart/form-data", WHOLE, "Boundary not found"),
        ("multipart/form-data; boundary=other", WHOLE, "Unexpected end of form"),
        ("multipart/form-data; boundary=edge", b"", "Unexpected end of form"),
        ("multipart/form-data; boundary=edge", WHOLE[:60], "Unexpected end of form"),
        ("multipart/form-data; boundary=edge", WHOLE[:125], "Unexpected end of form"),
        ("multipart/form-data; boundary=edge", WHOLE[:-8], "Unexpected end of form"),
        (
            "multipart/form-data; boundary=edge",
            b"--edge\r\nfoo bar\r\n\r\nx\r\n--edge--\r\n",
            "Malformed part header",
        ),
    ],
)
def test_what_is_no_form_is_refused(
    demo: httpx.Client, content_type: str, body: bytes, told: str
) -> None:
    headers = {"Content-Type": content_type}
    refused(demo.post(ASSETS, headers=headers, content=body), 400, f"Multipart: {told}")


def test_another_kind_of_multipart_is_refused(demo: httpx.Client) -> None:
    headers = {"Content-Type": "multipart/mixed; boundary=edge"}
    answer = demo.post(ASSETS, headers=headers, content=WHOLE)
    refused(answer, 400, "Unsupported content type: multipart/mixed; boundary=edge")


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data; boundary=edge", b"--edge--\r\n"),
        ("multipart/form-data; boundary=", WHOLE),
        ("multipart/form-data; boundary=edge;", WHOLE),
        ("multipart/form-data, boundary=edge", WHOLE),
        ("multipart/form-data; boundary=edge", b"--edge\r\n--edge--\r\n"),
        ("text/plain", b"hello"),
        ("application/octet-stream", b"hello"),
    ],
)
def test_what_brings_no_fields_misses_all(
    demo: httpx.Client, content_type: str, body: bytes
) -> None:
    headers = {"Content-Type": content_type}
    refused(demo.post(ASSETS, headers=headers, content=body), 400, NO_FIELDS)


@pytest.mark.parametrize("written", ['Multipart/FORM-DATA; boundary="edge"'])
def test_a_form_may_be_announced_in_any_case(demo: httpx.Client, written: str) -> None:
    body = multipart([*form().items(), ("assetData", "a.jpg", fresh())])[1]
    answer = demo.post(ASSETS, headers={"Content-Type": written}, content=body)
    assert answer.status_code == 201


def test_a_field_holds_less_than_a_mebibyte(demo: httpx.Client) -> None:
    refused(upload(demo, deviceId="z" * (1024 * 1024)), 400, "Field value too long - deviceId")
    created(demo, deviceId="z" * (1024 * 1024 - 1))


@pytest.mark.parametrize("motion", [BALLOON, BALLOON.upper()])
def test_a_live_photo_hides_its_video(demo: httpx.Client, motion: str) -> None:
    key = created(demo, livePhotoVideoId=motion)
    assert info(demo, key)["livePhotoVideoId"] == BALLOON
    assert info(demo, BALLOON)["visibility"] == "hidden"


def test_a_live_photo_leaves_an_archived_video_where_it_is(demo: httpx.Client) -> None:
    update(demo, BALLOON, visibility="archive")
    created(demo, livePhotoVideoId=BALLOON)
    assert info(demo, BALLOON)["visibility"] == "archive"


@pytest.mark.parametrize(
    ("motion", "told"),
    [(NOWHERE, "Live photo video not found"), (LAKE, "Live photo video must be a video")],
)
def test_a_live_photo_needs_a_video(demo: httpx.Client, motion: str, told: str) -> None:
    refused(upload(demo, livePhotoVideoId=motion), 400, told)


def test_a_live_photo_needs_a_video_of_its_owner(user1: httpx.Client) -> None:
    answer = upload(user1, livePhotoVideoId=BALLOON)
    refused(answer, 400, "Live photo video does not belong to the user")


def test_a_live_photo_is_judged_before_a_duplicate(demo: httpx.Client) -> None:
    data = fresh()
    created(demo, data)
    refused(upload(demo, data, livePhotoVideoId=NOWHERE), 400, "Live photo video not found")


def test_a_quota_can_be_used_up_to_its_last_byte(quota: httpx.Client) -> None:
    created(quota, b"a" * 300)
    refused(upload(quota, b"b" * 213), 400, "Quota has been exceeded!")
    created(quota, b"c" * 212)
    created(quota, b"")
    refused(upload(quota, b"d"), 400, "Quota has been exceeded!")


def test_a_quota_is_judged_before_duplicates_and_live_photos(quota: httpx.Client) -> None:
    created(quota, b"a" * 500)
    refused(upload(quota, b"a" * 500), 400, "Quota has been exceeded!")
    answer = upload(quota, b"b" * 20, livePhotoVideoId=NOWHERE)
    refused(answer, 400, "Quota has been exceeded!")


def test_what_is_removed_is_given_back_to_the_quota(quota: httpx.Client) -> None:
    key = created(quota, b"a" * 500)
    delete(quota, key)
    refused(upload(quota, b"b" * 100), 400, "Quota has been exceeded!")
    delete(quota, key, force=True)
    created(quota, b"b" * 512)


def test_a_check_before_the_upload_accepts_what_is_not_there(demo: httpx.Client) -> None:
    assert checked(demo, in_hex(fresh())) == [{"id": "0", "action": "accept"}]


def test_a_check_before_the_upload_rejects_what_is_there(demo: httpx.Client) -> None:
    data = fresh()
    key = created(demo, data)
    rejected = {"action": "reject", "reason": "duplicate", "assetId": key, "isTrashed": False}
    written = [in_hex(data), in_hex(data).upper(), in_hex(data) + "zz", in_base64(data)]
    found = checked(demo, *written)
    assert found == [{"id": str(place), **rejected} for place in range(4)]
    assert list(found[0]) == ["id", "action", "reason", "assetId", "isTrashed"]


def test_a_check_before_the_upload_tells_what_is_in_the_trash(demo: httpx.Client) -> None:
    data = fresh()
    key = created(demo, data)
    delete(demo, key)
    assert checked(demo, in_hex(data))[0]["isTrashed"] is True
    delete(demo, key, force=True)
    assert checked(demo, in_hex(data))[0]["action"] == "accept"


def test_a_check_before_the_upload_keeps_order_and_ids(demo: httpx.Client) -> None:
    data = fresh()
    created(demo, data)
    asked = [
        {"id": "z", "checksum": in_hex(fresh())},
        {"id": "z", "checksum": in_hex(data), "foo": 1},
        {"id": " ", "checksum": " "},
    ]
    answer = ok(demo.post(f"{ASSETS}/bulk-upload-check", json={"assets": asked}))
    told = [(entry["id"], entry["action"]) for entry in answer["results"]]
    assert told == [("z", "accept"), ("z", "reject"), (" ", "accept")]


@pytest.mark.parametrize("spoilt", [lambda text: text[:-1], lambda text: "A" + text[1:]])
def test_a_checksum_must_be_whole(demo: httpx.Client, spoilt: object) -> None:
    data = fresh()
    created(demo, data)
    text = spoilt(in_base64(data))  # type: ignore[operator]
    assert checked(demo, text)[0]["action"] == "accept"


def test_a_checksum_may_be_written_for_urls(demo: httpx.Client) -> None:
    data = next(data for data in (fresh() for _ in range(200)) if {"+", "/"} & set(in_base64(data)))
    created(demo, data)
    raw = base64.b64decode(in_base64(data))
    assert checked(demo, base64.urlsafe_b64encode(raw).decode())[0]["action"] == "reject"


def test_nothing_can_be_checked_before_an_upload(demo: httpx.Client) -> None:
    assert ok(demo.post(f"{ASSETS}/bulk-upload-check", json={"assets": []})) == {"results": []}


def test_files_of_somebody_else_are_accepted(demo: httpx.Client, user1: httpx.Client) -> None:
    checksum = info(demo, MOUNTAIN)["checksum"]
    assert checked(user1, checksum)[0]["action"] == "accept"
