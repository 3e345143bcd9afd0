"""What ``--tolerant`` takes although the real server refuses it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.apis.immich.world import (
    ASSETS,
    created,
    fresh,
    info,
    ok,
    picture,
    refused,
    send_parts,
    upload,
)
from tests.running import Server

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def tolerant_server(start: Callable[..., Server]) -> Iterator[Server]:
    with start("immich", "--tolerant", "--quiet") as running:
        yield running


@pytest.fixture
def tolerant(tolerant_server: Server) -> Iterator[httpx.Client]:
    """The demo user in an unused sandbox of a tolerant server."""
    url = f"{tolerant_server.url}/@tolerant-{next(_numbers)}"
    with httpx.Client(base_url=url, headers={"x-api-key": "key-demo"}, trust_env=False) as made:
        yield made


@pytest.mark.parametrize(("text", "kept"), [("True", True), ("False", False), ("true", True)])
def test_a_boolean_in_a_form_may_be_written_as_in_python(
    tolerant: httpx.Client, text: str, kept: bool
) -> None:
    assert info(tolerant, created(tolerant, isFavorite=text))["isFavorite"] is kept


@pytest.mark.parametrize("text", ["TRUE", "1", ""])
def test_no_other_text_is_a_boolean(tolerant: httpx.Client, text: str) -> None:
    refused(upload(tolerant, isFavorite=text), 400, ["isFavorite must be a boolean value"])


def test_a_cookie_may_be_the_token_alone(tolerant_server: Server) -> None:
    url = f"{tolerant_server.url}/@tolerant-{next(_numbers)}{ASSETS}/statistics"
    answers = [
        httpx.get(url, headers={"Cookie": cookie}, trust_env=False)
        for cookie in ("session-demo", "immich_access_token=session-demo", "nope", "a=b")
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 401, 401]


@pytest.mark.parametrize(
    ("data", "ext", "kind"),
    [
        (picture(), ".jpg", "IMAGE"),
        (picture(kind="PNG"), ".png", "IMAGE"),
        (picture(kind="GIF"), ".gif", "IMAGE"),
        (picture(kind="WEBP"), ".webp", "IMAGE"),
        (b"\0\0\0\x18ftypmp42" + fresh(), ".mp4", "VIDEO"),
        (b"\0\0\0\x18ftypqt  " + fresh(), ".mov", "VIDEO"),
        (b"\x1aE\xdf\xa3" + fresh(), ".webm", "VIDEO"),
        (b"anything", ".jpg", "IMAGE"),
    ],
)
@pytest.mark.parametrize("name", ["assetData", "file.txt"])
def test_a_file_without_a_telling_name_is_known_by_its_bytes(
    tolerant: httpx.Client, data: bytes, ext: str, kind: str, name: str
) -> None:
    asset = info(tolerant, created(tolerant, data, name))
    assert (asset["originalFileName"], asset["type"]) == (name + ext, kind)


def test_a_telling_name_is_kept(tolerant: httpx.Client) -> None:
    key = created(tolerant, picture(kind="PNG"), "a.jpg")
    assert info(tolerant, key)["originalFileName"] == "a.jpg"


def test_everything_else_is_as_strict_as_ever(tolerant: httpx.Client) -> None:
    refused(send_parts(tolerant, ("foo", "a.jpg", b"x")), 400, "Unexpected field - foo")
    parts = (("assetData", "a.jpg", fresh()), ("sidecarData", "a.txt", b"x"))
    refused(send_parts(tolerant, *parts), 400, "Unsupported file type a.txt")
    refused(tolerant.get(f"{ASSETS}/abc"), 400, ["id must be a UUID"])
    assert ok(tolerant.get(f"{ASSETS}/statistics"))["total"] == 24


def test_without_tolerance_the_same_is_refused(demo: httpx.Client) -> None:
    refused(upload(demo, isFavorite="True"), 400, ["isFavorite must be a boolean value"])
    refused(upload(demo, name="assetData"), 400, "Unsupported file type assetData")
