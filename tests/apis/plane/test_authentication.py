"""Keys, and how often they may be used, over HTTP."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from mockserver.apis.plane.throttle import Throttle
from mockserver.catalogue import FIXTURES
from tests.apis.plane.world import (
    ACME,
    AVATAR,
    INACTIVE_KEY,
    KEY,
    LIMIT,
    NEVER,
    OTHER_KEY,
    PICTURE,
    STATIC,
    USERS,
    ok,
    refused,
)
from tests.running import Server

NO_KEY = {"detail": "Authentication credentials were not provided."}
WRONG_KEY = {"detail": "Given API token is not valid"}
NO_PAGE = {"error": "Page not found."}
TOO_LARGE = {
    "error": "REQUEST_BODY_TOO_LARGE",
    "detail": "The size of the request body exceeds the maximum allowed size.",
}
TOO_MANY = {"error_code": 5900, "error_message": "RATE_LIMIT_EXCEEDED"}

PAGES = {
    USERS: "POST",
    f"{USERS}{AVATAR}/": "PATCH, DELETE",
    ACME: "POST",
    f"{ACME}{AVATAR}/": "GET, PATCH",
}

EXPIRED = "plane_api_" + "4" * 32
LASTING = "plane_api_" + "5" * 32
SERVICE = "plane_api_" + "6" * 32


@pytest.fixture(scope="module")
def strict(
    start: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server with more keys that refuses calls past the limit."""
    folder: Path = tmp_path_factory.mktemp("fixtures")
    shutil.copytree(FIXTURES / "plane", folder / "plane")
    path = folder / "plane" / "credentials.json"
    known = json.loads(path.read_text(encoding="utf-8"))
    more = [
        {"credentials": {"ApiKeyAuthentication": key}, "user": known[0]["user"], **told}
        for key, told in (
            (EXPIRED, {"expired_at": "2020-01-01T00:00:00Z"}),
            (LASTING, {"expired_at": "2999-01-01T00:00:00"}),
            (SERVICE, {"is_service": True}),
        )
    ]
    path.write_text(json.dumps([*known, *more]), encoding="utf-8")
    with start("plane", "--quiet", "--rate-limit", "--fixtures", str(folder)) as running:
        yield running


def _strict(server: Server, sandbox: str) -> httpx.Client:
    return httpx.Client(base_url=f"{server.url}/@{sandbox}", headers={"X-API-Key": KEY})


@pytest.mark.parametrize("name", ["x-api-key", "X-API-KEY", "X-Api-Key"])
def test_a_key_is_taken_in_a_header_of_any_case(client: httpx.Client, name: str) -> None:
    assert ok(client.post(USERS, json=PICTURE, headers={name: KEY}))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": ""},
        {"X_API_Key": KEY},
        {"Authorization": f"Bearer {KEY}"},
        {"Authorization": "Basic dTE6eA=="},
        {"Cookie": f"X-API-Key={KEY}"},
    ],
    ids=str,
)
def test_without_a_key_nothing_is_answered(client: httpx.Client, headers: dict[str, str]) -> None:
    answer = client.post(f"{USERS}?api_key={KEY}", json=PICTURE, headers=headers)
    assert refused(answer, 401) == NO_KEY
    assert "www-authenticate" not in answer.headers


@pytest.mark.parametrize(
    "key", ["plane_api_" + "9" * 32, INACTIVE_KEY, KEY.upper(), f"Bearer {KEY}", "é", "k" * 5000]
)
def test_a_key_that_is_not_known_or_not_active_is_refused(client: httpx.Client, key: str) -> None:
    headers = {b"X-API-Key": key.encode(), b"Authorization": f"Bearer {KEY}".encode()}
    assert refused(client.post(USERS, json=PICTURE, headers=headers), 403) == WRONG_KEY


def test_a_key_can_expire(strict: Server) -> None:
    with _strict(strict, "expired") as client:
        answer = client.post(USERS, json=PICTURE, headers={"X-API-Key": EXPIRED})
        assert refused(answer, 403) == WRONG_KEY
        assert ok(client.post(USERS, json=PICTURE, headers={"X-API-Key": LASTING}))


@pytest.mark.parametrize("method", ["GET", "PUT", "TRACE"])
@pytest.mark.parametrize("path", [USERS, f"{USERS}{AVATAR}/", ACME, f"{ACME}{AVATAR}/"])
def test_a_key_is_asked_for_before_a_method_is_refused(
    client: httpx.Client, method: str, path: str
) -> None:
    assert refused(client.request(method, path), 401) == NO_KEY
    headers = {"X-API-Key": INACTIVE_KEY}
    assert refused(client.request(method, path, headers=headers), 403) == WRONG_KEY


@pytest.mark.parametrize(("path", "allowed"), PAGES.items())
def test_other_methods_are_refused(plane: httpx.Client, path: str, allowed: str) -> None:
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"):
        if method not in allowed:
            answer = plane.request(method, path)
            told = {"detail": f'Method "{method}" not allowed.'}
            assert refused(answer, 405) == told
            assert answer.headers.get_list("allow") == [allowed]
            assert "x-ratelimit-remaining" in answer.headers


def test_the_head_of_an_attachment_cannot_be_had(plane: httpx.Client) -> None:
    answer = plane.head(f"{ACME}{AVATAR}/")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, PATCH")


@pytest.mark.parametrize(("path", "allowed"), PAGES.items())
def test_refusals_tell_the_methods(client: httpx.Client, path: str, allowed: str) -> None:
    answer = client.request(allowed.partition(",")[0], path)
    assert (answer.status_code, answer.headers["allow"]) == (401, allowed)


@pytest.mark.parametrize(
    "key", [AVATAR.upper(), AVATAR.replace("-", ""), AVATAR[:-1], "x", "a%2Fb"]
)
@pytest.mark.parametrize("method", ["GET", "PATCH", "PUT"])
@pytest.mark.parametrize("home", [USERS, ACME, STATIC])
def test_a_path_is_looked_at_before_a_key(
    client: httpx.Client, home: str, method: str, key: str
) -> None:
    answer = client.request(method, f"{home}{key}/")
    assert refused(answer, 404) == NO_PAGE
    assert "allow" not in answer.headers


@pytest.mark.parametrize(
    "path",
    ["/api/v1/", "/api/v1/nothing/", "/api/v1/assets//user-assets/", "/api/v1/Assets/user-assets/",
     "/api/assets/v2/nothing/", f"{USERS}/", "/api/v1/workspaces/ac%2Fme/assets/"],
)  # fmt: skip
def test_other_paths_are_no_pages(plane: httpx.Client, path: str) -> None:
    assert refused(plane.post(path), 404) == NO_PAGE


@pytest.mark.parametrize(
    "path", [USERS, f"{USERS}{AVATAR}/", ACME, f"{ACME}{AVATAR}/", f"{STATIC}{AVATAR}/"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PATCH", "DELETE", "PUT", "OPTIONS"])
def test_a_path_without_its_last_slash_leads_to_the_one_with_it(
    client: httpx.Client, path: str, method: str
) -> None:
    answer = client.request(method, f"{path[:-1]}?a=1&b=x%20y")
    assert (answer.status_code, answer.content) == (301, b"")
    sandbox = client.base_url.path.rstrip("/")
    assert answer.headers["location"] == f"{sandbox}{path}?a=1&b=x%20y"


@pytest.mark.parametrize("method", ["POST", "DELETE", "PUT"])
def test_a_body_is_measured_before_anything_else(client: httpx.Client, method: str) -> None:
    path = f"{USERS}{NEVER}/" if method == "DELETE" else USERS
    answer = client.request(method, path, content=b"1" * (LIMIT + 1))
    assert refused(answer, 413) == TOO_LARGE


def test_a_body_may_be_as_large_as_the_limit(plane: httpx.Client) -> None:
    body = b'{"entity_type":"USER_AVATAR","x":"'
    body += b"1" * (LIMIT - len(body) - 2) + b'"}'
    headers = {"Content-Type": "application/json"}
    assert ok(plane.post(USERS, content=body, headers=headers))


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/*", "", "garbage", "*"])
@pytest.mark.parametrize("key", [KEY, "", INACTIVE_KEY])
def test_whoever_does_not_want_json_is_refused_before_a_key_is_asked_for(
    client: httpx.Client, accept: str, key: str
) -> None:
    told = {"detail": "Could not satisfy the request Accept header."}
    headers = {"Accept": accept, "X-API-Key": key}
    for answer in (
        client.post(USERS, json=PICTURE, headers=headers),
        client.put(USERS, headers=headers),
        client.get(f"{STATIC}{AVATAR}/", headers=headers),
    ):
        assert refused(answer, 406) == told
        assert "x-ratelimit-remaining" not in answer.headers


@pytest.mark.parametrize(
    "accept",
    ["*/*", "application/*", "application/json; indent=4", "application/json;q=0",
     "text/html,*/*;q=0.1", "Application/JSON"],
)  # fmt: skip
def test_json_is_wanted_in_many_ways(plane: httpx.Client, accept: str) -> None:
    assert ok(plane.post(USERS, json=PICTURE, headers={"Accept": accept}))


@pytest.mark.parametrize("given", ["xml", "api", "JSON"])
def test_there_are_no_other_formats(client: httpx.Client, given: str) -> None:
    answer = client.post(f"{USERS}?format={given}", json=PICTURE)
    assert refused(answer, 404) == {"detail": "Not found."}


@pytest.mark.parametrize("given", ["json", "", "xml&format=json"])
def test_the_format_may_be_named(plane: httpx.Client, given: str) -> None:
    assert ok(plane.post(f"{USERS}?format={given}", json=PICTURE))


def _left(answer: httpx.Response) -> int:
    return int(answer.headers["x-ratelimit-remaining"])


def test_each_call_is_counted_whatever_comes_of_it(plane: httpx.Client) -> None:
    plain = {"Content-Type": "text/plain"}
    answers = [
        plane.post(USERS, json=PICTURE),
        plane.post(USERS, json={}),
        plane.put(USERS),
        plane.post(USERS, content=b"x", headers=plain),
        plane.patch(f"{USERS}{NEVER}/"),
        plane.head(USERS),
    ]
    assert [answer.status_code for answer in answers] == [200, 400, 405, 415, 404, 405]
    assert [_left(answer) for answer in answers] == [59, 58, 57, 56, 55, 54]


def test_what_does_not_get_as_far_is_not_counted(plane: httpx.Client) -> None:
    none = {"X-API-Key": ""}
    answers = [
        plane.post(USERS, headers=none),
        plane.post(USERS, headers={"X-API-Key": INACTIVE_KEY}),
        plane.get(f"{USERS}x/"),
        plane.get(USERS[:-1]),
        plane.post(USERS, headers={"Accept": "text/html"}),
        plane.post(f"{USERS}?format=xml"),
        plane.get(f"{STATIC}{AVATAR}/"),
    ]
    assert all("x-ratelimit-remaining" not in answer.headers for answer in answers)
    assert _left(plane.post(USERS, json=PICTURE)) == 59


def test_each_key_of_each_sandbox_has_a_count_of_its_own(
    plane: httpx.Client, other: httpx.Client, server: Server
) -> None:
    assert [_left(plane.put(USERS)) for _ in range(3)] == [59, 58, 57]
    assert _left(other.put(USERS)) == 59
    elsewhere = f"{plane.base_url.path[1:-1]}-elsewhere"
    headers = {"X-API-Key": KEY}
    assert _left(httpx.put(f"{server.url}/{elsewhere}{USERS}", headers=headers)) == 59


def test_the_count_starts_anew_with_the_sandbox(plane: httpx.Client) -> None:
    plane.put(USERS)
    assert plane.post("/__mock__/reset").status_code == 204
    assert _left(plane.put(USERS)) == 59


def test_a_call_is_forgotten_after_a_minute(plane: httpx.Client) -> None:
    before = int(time.time())
    told = int(plane.put(USERS).headers["x-ratelimit-reset"])
    assert before + 60 <= told <= int(time.time()) + 60


def test_a_minute_slides() -> None:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    throttle = Throttle()
    calls = [throttle.call("k", 2, start + timedelta(seconds=s)) for s in (0, 30, 59.5, 60, 89, 90)]
    assert [call.remaining for call in calls] == [1, 0, 0, 0, 0, 0]
    assert [call.admitted for call in calls] == [True, True, False, True, False, True]
    assert [call.wait for call in calls] == [0, 0, 1, 0, 1, 0]


def test_calls_past_the_limit_are_answered_unless_told_otherwise(plane: httpx.Client) -> None:
    left = [_left(plane.put(USERS)) for _ in range(62)]
    assert left == [*range(59, -1, -1), 0, 0]


def test_calls_past_the_limit_can_be_refused(strict: Server) -> None:
    with _strict(strict, "refused") as client:
        left = [_left(client.put(USERS)) for _ in range(60)]
        assert left == [*range(59, -1, -1)]
        for answer in (client.post(USERS, json=PICTURE), client.put(USERS), client.get(ACME)):
            assert refused(answer, 429) == TOO_MANY
            assert 1 <= int(answer.headers["retry-after"]) <= 60
            assert answer.headers["allow"] == "POST"
            assert "x-ratelimit-remaining" not in answer.headers
        assert client.post(USERS, headers={"X-API-Key": ""}).status_code == 401
        assert client.get("/api/v1/nothing/").status_code == 404
        assert _left(client.put(USERS, headers={"X-API-Key": OTHER_KEY})) == 59


def test_services_may_call_more_often(strict: Server) -> None:
    with _strict(strict, "service") as client:
        client.headers["X-API-Key"] = SERVICE
        assert [_left(client.put(USERS)) for _ in range(2)] == [299, 298]


def test_pages_without_a_key_have_a_limit_of_their_own(strict: Server) -> None:
    with _strict(strict, "anonymous") as client:
        seen = [client.get(f"{STATIC}{AVATAR}/") for _ in range(31)]
        assert [answer.status_code for answer in seen] == [302] * 30 + [429]
        assert refused(seen[-1], 429) == TOO_MANY
        assert _left(client.put(USERS)) == 59


def test_callers_at_the_same_time_are_all_counted(plane: httpx.Client) -> None:
    # Past 64 KiB a request is worked on in a thread of its own.
    body = {**PICTURE, "x": "x" * 100_000}
    with ThreadPoolExecutor(8) as pool:
        left = list(pool.map(lambda _: _left(plane.post(USERS, json=body)), range(40)))
    assert sorted(left) == list(range(20, 60))
