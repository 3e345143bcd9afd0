"""The object store, over HTTP: bytes come with a signed form and go to a signed address."""

from __future__ import annotations

import base64
import hashlib
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from mockserver.catalogue import FIXTURES
from tests.apis.plane.world import (
    ACME,
    ATTACHMENT,
    AVATAR,
    KEY,
    LIMIT,
    STATIC,
    USERS,
    Json,
    done,
    fields,
    new,
    ok,
    upload,
)
from tests.running import Server

DATA = b"\x89PNG\r\n--XBOUND\r\n\x00\xff"


def _refused(answer: httpx.Response, status: int, code: str) -> str:
    """The message of an error document of that code."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/xml")
    document = ET.fromstring(answer.text)
    assert (document.tag, document.findtext("Code")) == ("Error", code), answer.text
    assert document.findtext("RequestId")
    path = answer.url.raw_path.decode().partition("?")[0]
    assert document.findtext("Resource") == "/uploads" + path.partition("/uploads")[2]
    return document.findtext("Message") or ""


def _address(client: httpx.Client, made: Json, path: str = USERS) -> str:
    """Where an asset can be downloaded once it is said to be uploaded."""
    page = f"{path}{made['asset_id']}/"
    done(client.patch(page, json={"is_uploaded": True}))
    if path == ACME:
        return str(ok(client.get(page))["asset_url"])
    return str(client.get(f"{STATIC}{made['asset_id']}/").headers["location"])


@pytest.mark.parametrize("path", [USERS, ACME])
def test_what_is_uploaded_is_downloaded(plane: httpx.Client, path: str) -> None:
    made = new(plane, path)
    answer = upload(made, DATA)
    assert (answer.status_code, answer.content) == (204, b"")
    got = httpx.get(_address(plane, made, path))
    assert (got.status_code, got.content) == (200, DATA)
    assert got.headers["content-type"].partition(";")[0] == fields(made)["Content-Type"]
    assert got.headers["content-length"] == str(len(DATA))


def test_an_upload_is_told_its_etag_and_its_address(plane: httpx.Client) -> None:
    made = new(plane, name="a b.png")
    answer = upload(made, DATA)
    assert answer.headers["etag"] == f'"{hashlib.md5(DATA).hexdigest()}"'
    key = fields(made)["key"].replace(" ", "%20")
    assert answer.headers["location"] == f"{made['upload_data']['url']}/{key}"


def test_a_download_says_when_it_came_and_how_to_show_it(plane: httpx.Client) -> None:
    made = new(plane, ACME, name="été 1.txt")
    before = int(time.time())
    sent = upload(made, DATA)
    got = httpx.get(_address(plane, made, ACME))
    assert got.headers["etag"] == sent.headers["etag"]
    assert got.headers["content-disposition"] == "inline; filename*=UTF-8''%C3%A9t%C3%A9%201.txt"
    came = parsedate_to_datetime(got.headers["last-modified"]).timestamp()
    assert before <= came <= time.time()


def test_bytes_of_the_fixtures_are_there(plane: httpx.Client) -> None:
    folder = FIXTURES / "plane" / "files"
    location = plane.get(f"{STATIC}{AVATAR}/").headers["location"]
    assert httpx.get(location).content == (folder / "avatar.png").read_bytes()
    url = ok(plane.get(f"{ACME}{ATTACHMENT}/"))["asset_url"]
    assert httpx.get(url).content == (folder / "release-notes.pdf").read_bytes()


def test_confirming_does_not_need_the_bytes(plane: httpx.Client) -> None:
    answer = httpx.get(_address(plane, new(plane)))
    assert _refused(answer, 404, "NoSuchKey") == "The specified key does not exist."


def test_an_object_outlives_its_asset(plane: httpx.Client) -> None:
    made = new(plane)
    upload(made, DATA)
    address = _address(plane, made)
    done(plane.delete(f"{USERS}{made['asset_id']}/"))
    assert httpx.get(address).content == DATA


def test_an_object_can_be_uploaded_anew(plane: httpx.Client) -> None:
    made = new(plane)
    for data in (DATA, b"other"):
        assert upload(made, data).status_code == 204
    assert httpx.get(_address(plane, made)).content == b"other"


@pytest.mark.parametrize(
    ("asked", "status", "got"),
    [
        ({"Range": "bytes=1-2"}, 206, DATA[1:3]),
        ({"Range": "bytes=-3"}, 206, DATA[-3:]),
        ({"Range": "lines=1-2"}, 200, DATA),
        ({"If-None-Match": '"other"'}, 200, DATA),
        ({"If-None-Match": "*"}, 304, b""),
    ],
)
def test_part_of_an_object_can_be_had(
    plane: httpx.Client, asked: dict[str, str], status: int, got: bytes
) -> None:
    made = new(plane)
    upload(made, DATA)
    answer = httpx.get(_address(plane, made), headers=asked)
    assert (answer.status_code, answer.content) == (status, got)


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"Range": "bytes=1000-"}, 416, "InvalidRange"),
        ({"If-Match": '"other"'}, 412, "PreconditionFailed"),
    ],
)
def test_a_part_that_cannot_be_had_is_refused(
    plane: httpx.Client, asked: dict[str, str], status: int, code: str
) -> None:
    made = new(plane)
    upload(made, DATA)
    _refused(httpx.get(_address(plane, made), headers=asked), status, code)


@pytest.mark.parametrize(("data", "code"), [(b"", "EntityTooSmall"), (b"1" * 11, "EntityTooLarge")])
def test_an_upload_has_as_many_bytes_as_its_asset_allows(
    plane: httpx.Client, data: bytes, code: str
) -> None:
    made = new(plane, size=10)
    _refused(upload(made, data), 400, code)
    _refused(httpx.get(_address(plane, made)), 404, "NoSuchKey")


def test_an_upload_may_be_as_large_as_the_limit(plane: httpx.Client) -> None:
    made = new(plane, size=LIMIT)
    assert upload(made, b"1" * LIMIT).status_code == 204
    assert len(httpx.get(_address(plane, made)).content) == LIMIT


def test_a_form_past_six_mebibytes_is_not_read(plane: httpx.Client) -> None:
    answer = upload(new(plane), b"1" * 6 * 1024 * 1024)
    _refused(answer, 413, "EntityTooLarge")


@pytest.mark.parametrize(
    "changed",
    [
        {"Content-Type": "image/jpeg"},
        {"key": "0" * 32 + "-other.png"},
        {"x-amz-date": "20000101T000000Z"},
        {"policy": base64.b64encode(b"{}").decode()},
        {"x-amz-signature": "0" * 64},
        {"x-amz-credential": "AKIA/20000101/us-east-1/s3/aws4_request"},
        {"acl": "public-read"},
        {"success_action_status": "201"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_form_is_posted_as_it_was_given(plane: httpx.Client, changed: dict[str, str]) -> None:
    made = new(plane)
    answer = upload(made, DATA, **changed)
    assert answer.status_code in (400, 403)
    assert answer.headers["content-type"] == "application/xml"
    _refused(httpx.get(_address(plane, made)), 404, "NoSuchKey")


def test_every_field_of_a_form_is_needed(plane: httpx.Client) -> None:
    made = new(plane)
    for left_out in fields(made):
        form = {name: value for name, value in fields(made).items() if name != left_out}
        url = made["upload_data"]["url"]
        answer = httpx.post(url, data=form, files={"file": DATA})
        assert answer.status_code == (403 if left_out == "Content-Type" else 400), left_out


def test_a_variable_in_a_key_is_filled_in_before_the_policy_is_judged(plane: httpx.Client) -> None:
    message = _refused(upload(new(plane, name="${filename}"), DATA), 403, "AccessDenied")
    assert message.startswith('Invalid according to Policy: Policy Condition failed: ["eq", "$key"')


def _posted(made: Json, parts: list[tuple[str, Any]]) -> httpx.Response:
    """The answer to a form whose parts come in that order."""
    return httpx.post(made["upload_data"]["url"], files=parts)


def test_what_comes_behind_the_file_is_passed_over(plane: httpx.Client) -> None:
    made = new(plane)
    given = [(name, (None, value)) for name, value in fields(made).items()]
    file = ("file", ("f", DATA))
    extra = ("acl", (None, "public-read"))
    assert _posted(made, [*given, file, extra]).status_code == 204
    _refused(_posted(made, [file, *given]), 400, "InvalidArgument")


def test_a_file_is_needed(plane: httpx.Client) -> None:
    made = new(plane)
    given = [(name, (None, value)) for name, value in fields(made).items()]
    message = _refused(_posted(made, given), 400, "InvalidArgument")
    assert message == "POST requires exactly one file upload per request."


def test_a_file_without_a_name_is_taken_byte_by_byte(plane: httpx.Client) -> None:
    made = new(plane)
    given = [(name, (None, value)) for name, value in fields(made).items()]
    assert _posted(made, [*given, ("file", (None, DATA))]).status_code == 204
    assert httpx.get(_address(plane, made)).content == DATA


@pytest.mark.parametrize(
    ("media_type", "status"),
    [("application/json", 415), ("text/plain", 415), ("multipart/form-data", 400)],
)
def test_an_upload_is_a_multipart_form(plane: httpx.Client, media_type: str, status: int) -> None:
    url = new(plane)["upload_data"]["url"]
    answer = httpx.post(url, content=b"{}", headers={"Content-Type": media_type})
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/xml"


def test_a_download_needs_a_signed_address(plane: httpx.Client) -> None:
    made = new(plane)
    upload(made, DATA)
    signed = httpx.URL(_address(plane, made))
    bare = signed.copy_with(query=None)
    assert _refused(httpx.get(bare), 403, "AccessDenied") == "Access Denied"
    for changed in (
        signed.copy_set_param("response-content-disposition", "attachment"),
        signed.copy_set_param("X-Amz-Signature", "0" * 64),
        signed.copy_add_param("x", "1"),
        signed.copy_with(raw_path=signed.raw_path.replace(b"-cat", b"-dog")),
    ):
        _refused(httpx.get(changed), 403, "SignatureDoesNotMatch")
    host = {"Host": "elsewhere.example"}
    _refused(httpx.get(signed, headers=host), 403, "SignatureDoesNotMatch")
    assert httpx.get(signed).content == DATA


def test_an_address_is_for_its_own_sandbox(plane: httpx.Client, server: Server) -> None:
    made = new(plane)
    upload(made, DATA)
    address = _address(plane, made)
    elsewhere = address.replace(str(plane.base_url), f"{server.url}/@elsewhere/")
    _refused(httpx.get(elsewhere), 403, "SignatureDoesNotMatch")


def test_addresses_and_forms_hold_for_an_hour(start: Callable[..., Server]) -> None:
    flags = ("plane", "--quiet", "--clock")
    with (
        start(*flags, "2026-03-01T12:00:00Z") as early,
        httpx.Client(base_url=early.url, headers={"X-API-Key": KEY}) as client,
    ):
        made = new(client)
        address = ok(client.get(f"{ACME}{ATTACHMENT}/"))["asset_url"]
    told = {"Host": early.url.removeprefix("http://")}
    for clock, got, sent in (("12:59:59", 200, 204), ("13:00:01", 403, 403)):
        with start(*flags, f"2026-03-01T{clock}Z") as late:
            later = address.replace(early.url, late.url)
            assert httpx.get(later, headers=told).status_code == got
            made["upload_data"]["url"] = f"{late.url}/uploads"
            assert upload(made, DATA).status_code == sent


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/uploads", 405, "MethodNotAllowed"),
        ("PUT", "/uploads/key", 405, "MethodNotAllowed"),
        ("DELETE", "/uploads/workspace/key", 405, "MethodNotAllowed"),
        ("GET", "/uploads/a/b/c", 404, "NoSuchKey"),
    ],
)
def test_the_store_refuses_in_xml(
    client: httpx.Client, method: str, path: str, status: int, code: str
) -> None:
    _refused(client.request(method, path), status, code)


def test_a_form_is_for_its_own_sandbox(plane: httpx.Client, server: Server) -> None:
    made = new(plane)
    elsewhere = f"{server.url}/@elsewhere/uploads"
    sent = httpx.post(elsewhere, data=fields(made), files={"file": ("f", b"1")})
    _refused(sent, 403, "SignatureDoesNotMatch")
    assert upload(made, b"1").status_code == 204


def test_a_full_store_refuses_in_xml(start: Callable[..., Server]) -> None:
    with (
        start("plane", "--quiet", "--max-blobs", "1") as small,
        httpx.Client(base_url=small.url, headers={"X-API-Key": KEY}) as client,
    ):
        _refused(upload(new(client), b"1" * 2 * 1024 * 1024), 507, "InsufficientStorage")
