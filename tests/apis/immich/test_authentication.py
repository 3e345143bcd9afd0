"""Who calls: every way to say it, and which one counts."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import httpx
import pytest

from tests.apis.immich.conftest import Caller
from tests.apis.immich.world import (
    ASSETS,
    EXPIRED_KEY,
    MOUNTAIN,
    NOWHERE,
    VIEW_ONLY_KEY,
    WHOLE_KEY,
    fresh,
    ok,
    refused,
    upload,
)

STATISTICS = f"{ASSETS}/statistics"
UNKNOWN = "Authentication required"
WRONG_TOKEN = "Invalid user token"
WRONG_KEY = "Invalid API key"
WRONG_LINK = "Invalid share key"


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer session-demo"},
        {"Authorization": "bearer session-demo"},
        {"Authorization": "BEARER session-demo and more"},
        {"Cookie": "immich_access_token=session-demo"},
        {"Cookie": "a=b; immich_access_token=session-demo; c=d"},
        {"x-immich-user-token": "session-demo"},
        {"x-immich-session-token": "session-demo"},
        {"x-api-key": "key-demo"},
        {"x-api-key": "key-demo", "Authorization": "Basic dXNlcjpwYXNz"},
        {"x-api-key": "key-demo", "Authorization": "Bearer"},
        {"x-api-key": "nope", "Authorization": "Bearer session-demo"},
        {"Cookie": "immich_access_token=nope", "Authorization": "Bearer session-demo"},
        {"x-immich-share-key": "", "x-api-key": "key-demo"},
    ],
)
def test_a_caller_is_known_by(caller: Caller, headers: Mapping[str, str]) -> None:
    assert ok(caller(headers).get(STATISTICS))["total"] == 24


@pytest.mark.parametrize("query", ["apiKey=key-demo", "sessionKey=session-demo"])
def test_a_caller_is_known_by_the_query(client: httpx.Client, query: str) -> None:
    assert ok(client.get(f"{STATISTICS}?{query}"))["total"] == 24


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Basic dXNlcjpwYXNz"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer  session-demo"},
        {"Authorization": "session-demo"},
        {"Cookie": "session-demo"},
        {"Cookie": "foo=bar"},
        {"Cookie": "immich_access_token="},
        {"x-api-key": ""},
    ],
)
def test_a_caller_who_shows_nothing_is_unknown(caller: Caller, headers: Mapping[str, str]) -> None:
    refused(caller(headers).get(STATISTICS), 401, UNKNOWN)


@pytest.mark.parametrize("query", ["apiKey=", "sessionKey=", "key="])
def test_a_query_may_show_nothing(client: httpx.Client, query: str) -> None:
    refused(client.get(f"{STATISTICS}?{query}"), 401, UNKNOWN)


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({"Authorization": "Bearer nope"}, WRONG_TOKEN),
        ({"Authorization": "Bearer key-demo"}, WRONG_TOKEN),
        ({"Cookie": "immich_access_token=nope"}, WRONG_TOKEN),
        ({"Cookie": "immich_access_token=%zz"}, WRONG_TOKEN),
        ({"x-immich-user-token": "nope"}, WRONG_TOKEN),
        ({"x-immich-session-token": "nope"}, WRONG_TOKEN),
        ({"x-api-key": "nope"}, WRONG_KEY),
        ({"x-api-key": "session-demo"}, WRONG_KEY),
        ({"x-immich-share-key": "nope"}, WRONG_LINK),
        ({"x-immich-share-key": EXPIRED_KEY}, WRONG_LINK),
        ({"x-immich-share-key": "00" * 50}, WRONG_LINK),
        ({"x-immich-share-key": "ä" * 10}, WRONG_LINK),
    ],
)
def test_a_credential_that_nobody_has_is_refused(
    caller: Caller, headers: Mapping[str, str], told: str
) -> None:
    shown = {name: text.encode() for name, text in headers.items()}
    refused(caller(shown).get(STATISTICS), 401, told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "told"),
    [("apiKey=nope", WRONG_KEY), ("sessionKey=nope", WRONG_TOKEN), ("key=nope", WRONG_LINK)],
)
def test_a_query_may_be_wrong(client: httpx.Client, query: str, told: str) -> None:
    refused(client.get(f"{STATISTICS}?{query}"), 401, told)


@pytest.mark.parametrize(
    ("stronger", "weaker", "told"),
    [
        ({"x-immich-share-key": "nope"}, {"x-immich-user-token": "session-demo"}, WRONG_LINK),
        ({"x-immich-user-token": "nope"}, {"x-immich-session-token": "session-demo"}, WRONG_TOKEN),
        ({"x-immich-session-token": "nope"}, {"Authorization": "Bearer session-demo"}, WRONG_TOKEN),
        (
            {"Authorization": "Bearer nope"},
            {"Cookie": "immich_access_token=session-demo"},
            WRONG_TOKEN,
        ),
        ({"Cookie": "immich_access_token=nope"}, {"x-api-key": "key-demo"}, WRONG_TOKEN),
    ],
)
def test_the_first_credential_counts(
    caller: Caller, stronger: dict[str, str], weaker: dict[str, str], told: str
) -> None:
    refused(caller({**weaker, **stronger}).get(STATISTICS), 401, told)
    assert ok(caller(weaker).get(STATISTICS))["total"] == 24


def test_a_session_key_in_the_query_comes_before_bearer(caller: Caller) -> None:
    client = caller({"Authorization": "Bearer session-demo"})
    refused(client.get(f"{STATISTICS}?sessionKey=nope"), 401, WRONG_TOKEN)


def test_the_first_of_two_api_keys_in_the_query_counts(client: httpx.Client) -> None:
    assert ok(client.get(f"{STATISTICS}?apiKey=key-demo&apiKey=nope"))["total"] == 24
    refused(client.get(f"{STATISTICS}?apiKey=nope&apiKey=key-demo"), 401, WRONG_KEY)


def test_a_user_sees_what_is_theirs(user1: httpx.Client) -> None:
    assert ok(user1.get(STATISTICS)) == {"images": 0, "videos": 0, "total": 0}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", ""),
        ("PUT", ""),
        ("DELETE", ""),
        ("GET", "/random"),
        ("GET", "/statistics"),
        ("GET", "/device/phone"),
        ("POST", "/jobs"),
        ("POST", "/exist"),
        ("POST", "/bulk-upload-check"),
        ("GET", f"/{MOUNTAIN}"),
        ("PUT", f"/{MOUNTAIN}"),
        ("GET", f"/{MOUNTAIN}/original"),
        ("PUT", f"/{MOUNTAIN}/original"),
        ("GET", f"/{MOUNTAIN}/thumbnail"),
        ("GET", f"/{MOUNTAIN}/video/playback"),
        ("GET", "/abc"),
        ("PUT", f"/{NOWHERE}"),
    ],
)
def test_every_operation_asks_who_calls_first(client: httpx.Client, method: str, path: str) -> None:
    answer = client.request(method, ASSETS + path, params={"size": "wrong", "count": "wrong"})
    refused(answer, 401, UNKNOWN)
    assert "www-authenticate" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", ""),
        ("DELETE", ""),
        ("GET", "/random"),
        ("GET", "/statistics"),
        ("GET", "/device/phone"),
        ("POST", "/jobs"),
        ("POST", "/exist"),
        ("POST", "/bulk-upload-check"),
        ("PUT", f"/{MOUNTAIN}"),
    ],
)
def test_a_shared_link_is_for_looking_and_uploading(caller: Caller, method: str, path: str) -> None:
    client = caller({"x-immich-share-key": WHOLE_KEY, "x-api-key": "key-demo"})
    refused(client.request(method, ASSETS + path), 403, "Forbidden", "Forbidden")


def test_a_shared_link_may_stand_in_the_query(client: httpx.Client) -> None:
    path = f"{ASSETS}/{MOUNTAIN}"
    assert ok(client.get(path, params={"key": WHOLE_KEY}))["id"] == MOUNTAIN
    assert ok(client.get(f"{path}?key={WHOLE_KEY}&key=nope"))["id"] == MOUNTAIN


def test_a_shared_link_may_be_written_in_hex(caller: Caller) -> None:
    padded = WHOLE_KEY + "=" * (-len(WHOLE_KEY) % 4)
    key = base64.urlsafe_b64decode(padded).hex()
    assert len(key) == 100
    assert ok(caller({"x-immich-share-key": key}).get(f"{ASSETS}/{MOUNTAIN}"))["id"] == MOUNTAIN


def test_a_shared_link_without_the_right_to_upload_is_told_at_the_file(
    view_link: httpx.Client,
) -> None:
    refused(upload(view_link), 401, "Unauthorized", None)
    refused(upload(view_link, name="a.txt"), 401, "Unauthorized", None)
    answer = view_link.post(ASSETS, files={"foo": ("a.jpg", fresh())})
    refused(answer, 400, "Unexpected field - foo")


def test_both_links_are_known(caller: Caller) -> None:
    for key in (WHOLE_KEY, VIEW_ONLY_KEY):
        client = caller({"x-immich-share-key": key})
        refused(client.get(STATISTICS), 403, "Forbidden", "Forbidden")


@pytest.mark.parametrize("value", ["%73ession-demo", "session%2Ddemo", " session-demo ; a=b"])
def test_the_value_of_a_cookie_is_percent_encoded(caller: Caller, value: str) -> None:
    client = caller({"Cookie": f"immich_access_token={value}"})
    assert client.get(f"{ASSETS}/statistics").status_code == 200


def test_quotation_marks_are_part_of_a_cookie(caller: Caller) -> None:
    client = caller({"Cookie": 'immich_access_token="session-demo"'})
    refused(client.get(f"{ASSETS}/statistics"), 401, WRONG_TOKEN)


def test_of_two_authorizations_the_first_counts(caller: Caller) -> None:
    twice = [("Authorization", "Bearer session-demo"), ("Authorization", "Bearer nope")]
    assert caller({}).get(f"{ASSETS}/statistics", headers=twice).status_code == 200


def test_what_is_no_digit_of_a_share_key_is_passed_over(caller: Caller) -> None:
    client = caller({"x-immich-share-key": f"{WHOLE_KEY[:9]}!{WHOLE_KEY[9:]}"})
    assert client.get(f"{ASSETS}/{MOUNTAIN}").status_code == 200
