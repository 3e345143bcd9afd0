"""Who may use the control API: programs of this machine, pages of its own, holders of the token."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from mockserver.app import create_app
from mockserver.catalogue import Mock, Settings, build
from mockserver.cli import main
from mockserver.console.access import COOKIE, Access
from mockserver.console.control import control_api
from tests.running import DESCRIPTIONS, Server

TASKS = DESCRIPTIONS / "todo.yaml"
LOCAL = "http://localhost:39300"
PATHS = ["/__mock__/reset", "/@mine/__mock__/reset", "/__mock__/nothing", "/%5F_mock__/reset"]
BEARER = {"Authorization": "Bearer sesame"}

Client = Callable[..., TestClient]


@pytest.fixture(scope="module")
def served() -> Mock:
    return build([str(TASKS)], Settings(fixtures=None))


def client_of(
    served: Mock, token: str = "", peer: str = "127.0.0.1", base_url: str = LOCAL
) -> TestClient:
    app = create_app(served, control_api(served), None, Access(token))
    return TestClient(app, base_url=base_url, client=(peer, 40000), follow_redirects=False)


def refused(answer: httpx.Response, status: int) -> str:
    """What a refusal says; no page of another origin may read it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert not [name for name in answer.headers if name.startswith("access-control")]
    return str(answer.json()["detail"])


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])
def test_programs_of_this_machine_may(served: Mock, peer: str) -> None:
    assert client_of(served, peer=peer).post("/__mock__/reset").status_code == 204


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("peer", ["192.0.2.7", "2001:db8::7", "::ffff:192.0.2.7", "testclient"])
def test_other_machines_may_not(served: Mock, peer: str, path: str) -> None:
    told = refused(client_of(served, peer=peer).post(path), 403)
    assert "--control-token" in told
    assert peer in told


def test_other_machines_may_use_the_api(served: Mock) -> None:
    assert client_of(served, peer="192.0.2.7").get("/todos").status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:1",
        "LOCALHOST",
        "mock.localhost:80",
        "127.0.0.1:39300",
        "[::1]:39300",
    ],
)
def test_this_machine_by_its_own_names_may_be_asked(served: Mock, host: str) -> None:
    client = client_of(served)
    assert client.post("/__mock__/reset", headers={"Host": host}).status_code == 204


@pytest.mark.parametrize(
    "host", ["evil.test", "localhost.evil.test", "notlocalhost", "127.0.0.1.x"]
)
def test_a_name_that_anybody_may_give_to_this_machine_may_not(served: Mock, host: str) -> None:
    answer = client_of(served).post("/__mock__/reset", headers={"Host": host})
    assert host in refused(answer, 403)


@pytest.mark.parametrize("token", ["", "sesame"])
@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.test",
        "null",
        "http://localhost:3000",
        "http://localhost",
        "file://localhost:39300",
    ],
)
def test_a_page_of_another_site_may_not(served: Mock, token: str, origin: str) -> None:
    client = client_of(served, token)
    for method in ("GET", "POST", "OPTIONS"):
        answer = client.request(method, "/__mock__/reset", headers={**BEARER, "Origin": origin})
        assert origin in refused(answer, 403)


def test_a_preflight_of_another_site_is_refused(served: Mock) -> None:
    asked = {"Origin": "http://evil.test", "Access-Control-Request-Method": "DELETE"}
    refused(client_of(served).options("/__mock__/snapshots/a", headers=asked), 403)


def test_a_page_of_its_own_may_and_is_told_nothing_about_others(served: Mock) -> None:
    answer = client_of(served).get("/__mock__/revisions", headers={"Origin": LOCAL})
    assert answer.status_code == 200
    assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_page_of_another_site_may_use_the_api(served: Mock) -> None:
    answer = client_of(served).get("/todos", headers={"Origin": "http://app.test"})
    assert answer.headers["access-control-allow-origin"] == "http://app.test"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_another_site_embeds_is_refused_though_it_says_no_origin(
    served: Mock, site: str
) -> None:
    fetched = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    refused(client_of(served).get("/__mock__/state", headers=fetched), 403)
    framed = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}
    refused(client_of(served).get("/__mock__/state", headers=framed), 403)


def test_a_link_on_another_site_may_be_followed(served: Mock) -> None:
    followed = {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
    }
    assert client_of(served).get("/__mock__/state", headers=followed).status_code == 200
    refused(client_of(served).post("/__mock__/reset", headers=followed), 403)


@pytest.mark.parametrize("peer", ["127.0.0.1", "192.0.2.7"])
def test_who_sends_the_token_may_from_anywhere_and_by_any_name(served: Mock, peer: str) -> None:
    client = client_of(served, "sesame", peer, base_url="http://mock.test:39300")
    for scheme in ("Bearer", "bearer"):
        sent = {"Authorization": f"{scheme} sesame"}
        assert client.post("/__mock__/reset", headers=sent).status_code == 204


@pytest.mark.parametrize("peer", ["127.0.0.1", "192.0.2.7"])
@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"Authorization": "Bearer sesam"},
        {"Authorization": "Bearer sesame sesame"},
        {"Authorization": "Basic sesame"},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer sésame".encode()},
        {"Cookie": f"{COOKIE}=sesame"},
        {"Cookie": f"{COOKIE}="},
    ],
    ids=repr,
)
def test_who_does_not_send_the_token_may_not(served: Mock, peer: str, sent: Any) -> None:
    for path in PATHS:
        answer = client_of(served, "sesame", peer).post(path, headers=sent)
        assert "Authorization: Bearer TOKEN" in refused(answer, 401)
        assert answer.headers["www-authenticate"].startswith("Bearer ")


def test_a_browser_is_let_in_by_the_cookie_of_this_token_only(served: Mock) -> None:
    cookie = Access("sesame").cookie()
    assert "sesame" not in cookie
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    pair = {"Cookie": f"other=1; {cookie.partition(';')[0]}"}
    assert client_of(served, "sesame").post("/__mock__/reset", headers=pair).status_code == 204
    refused(client_of(served, "other").post("/__mock__/reset", headers=pair), 401)
    stolen = {**pair, "Origin": "http://evil.test"}
    refused(client_of(served, "sesame").post("/__mock__/reset", headers=stolen), 403)


def test_a_person_without_the_token_is_sent_to_where_it_is_asked_for(served: Mock) -> None:
    access = Access("sesame")
    access.has_pages = True
    app = create_app(served, control_api(served), None, access)
    client = TestClient(app, base_url=LOCAL, follow_redirects=False)
    page = client.get("/@mine/__mock__/state", headers={"Accept": "text/html,*/*"})
    assert (page.status_code, page.headers["location"]) == (303, "/@mine/__mock__/login")
    assert client.get("/@mine/__mock__/login").status_code == 404  # nobody has put one there
    refused(client.get("/@mine/__mock__/state"), 401)


@pytest.mark.parametrize("token", ["", "sesame"])
def test_a_feed_of_the_control_api_is_judged_like_a_request(served: Mock, token: str) -> None:
    client = client_of(served, token)
    for headers in ({"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "cross-site"}):
        with (
            pytest.raises(WebSocketDisconnect),
            client.websocket_connect("/__mock__/anything", headers=headers),
        ):
            raise AssertionError("it was accepted")


def test_a_server_says_no_to_another_address_of_its_machine(start: Any) -> None:
    address = another_address()
    with start("--quiet", "--no-fixtures", "--host", "0.0.0.0", "assets") as server:
        there = f"http://{address}:{server.port}"
        assert httpx.post(f"{server.url}/__mock__/reset").status_code == 204
        assert httpx.get(f"{there}/assets/identifiers").status_code == 200
        assert address in refused(httpx.post(f"{there}/__mock__/reset"), 403)
        with pytest.raises(InvalidStatus) as denied:
            connect(f"ws://{address}:{server.port}/__mock__/feed")
        assert denied.value.response.status_code == 403


def another_address() -> str:
    """An address of this machine that is not loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(("192.0.2.1", 9))  # no packet is sent
        return str(probe.getsockname()[0])


def test_a_server_takes_the_token_from_the_command_line_or_the_environment(
    start: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    with start("--quiet", "--no-fixtures", "assets", "--control-token", "sesame") as server:
        refused(httpx.post(f"{server.url}/__mock__/reset"), 401)
        assert httpx.post(f"{server.url}/__mock__/reset", headers=BEARER).status_code == 204
    monkeypatch.setenv("MOCKSERVER_CONTROL_TOKEN", "sesame")
    with start("--quiet", "--no-fixtures", "assets") as server:
        refused(httpx.post(f"{server.url}/__mock__/reset"), 401)


def test_without_control_there_is_nothing_to_ask(start: Callable[..., Server]) -> None:
    with start("--quiet", "--no-fixtures", "assets", "--no-control") as server:
        assert httpx.post(f"{server.url}/__mock__/reset").status_code == 404
        assert "__mock__" not in server.output


@pytest.mark.parametrize("token", ["", "two words", "sésame"])
def test_a_token_that_no_header_can_carry_is_refused(token: str) -> None:
    done = CliRunner().invoke(main, ["serve", "--control-token", token])
    assert done.exit_code == 2
    assert "visible ASCII" in done.output


@pytest.mark.parametrize(
    "name",
    [
        "..",
        ".",
        "%2e%2e",
        ".%2E",
        "a%2Fb",
        "..%2f..",
        "",
        "a%00b",
        "%20",
        "x" * 65,
        "a\\b",
        "a%5Cb",
    ],
)
@pytest.mark.parametrize("path", ["/__mock__/reset", "/../__mock__/reset", "/todos"])
def test_tricks_in_the_name_of_a_sandbox_lead_nowhere(served: Mock, name: str, path: str) -> None:
    known = len(served.sandboxes)
    app = create_app(served, control_api(served), None, Access())
    for method in ("GET", "POST"):
        assert asyncio.run(status_of(app, method, f"/@{name}{path}")) == 404
    assert len(served.sandboxes) == known


async def status_of(app: Any, method: str, target: str) -> int:
    """The status of the answer to a path that nobody has tidied up on its way."""
    told: list[Any] = []
    scope = {
        "type": "http",
        "method": method,
        "scheme": "http",
        "path": unquote(target),
        "raw_path": target.encode(),
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 40000),
    }

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        told.append(message)

    await app(scope, receive, send)
    return int(told[0]["status"])
