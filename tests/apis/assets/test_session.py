"""What clients ask before they get to the assets, with fixtures and in an empty world."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.apis.assets.world import Feed, Json, create, is_uuid4, listed, ok
from tests.running import Server

NEW = {"name": "SUBLIME", "version": "9.9.9", "platform": "WINDOWS"}


@pytest.fixture(scope="module")
def empty_server(start: Callable[..., Server]) -> Iterator[Server]:
    """A server that begins without records."""
    with start("--quiet", "--no-fixtures") as running:
        yield running


@pytest.fixture
def world(request: pytest.FixtureRequest) -> httpx.Client:
    """A client of the world of that name: with fixtures, or empty."""
    client: httpx.Client = request.getfixturevalue(request.param)
    return client


@pytest.fixture
def nothing(empty_server: Server, request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """A client of an unused sandbox without records."""
    name = re.sub(r"\W", "-", request.node.name)[-60:]
    with httpx.Client(base_url=f"{empty_server.url}/@{name}") as made:
        yield made


BOTH = pytest.mark.parametrize("world", ["client", "nothing"], indirect=True)


def text(answer: httpx.Response) -> str:
    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == "text/plain"
    return answer.text


@BOTH
def test_health_is_ok_and_an_id(world: httpx.Client) -> None:
    well, _, installation = text(world.get("/.well-known/health")).partition(":")
    assert well == "ok"
    assert is_uuid4(installation)
    assert text(world.get("/.well-known/health")) == f"ok:{installation}"


@BOTH
def test_health_answers_head_without_a_body(world: httpx.Client) -> None:
    assert text(world.head("/.well-known/health")) == ""


@BOTH
def test_the_version_is_one_that_clients_take(world: httpx.Client) -> None:
    version = text(world.get("/.well-known/version"))
    assert re.fullmatch(r"12\.\d+\.\d+", version)


def test_a_known_application_is_recognised_by_its_name(client: httpx.Client) -> None:
    before = ok(client.get("/applications"))
    known = next(one for one in before["iterable"] if one["name"] == "OPEN_SOURCE")
    sent = {"name": "OPEN_SOURCE", "version": "0.0.1", "platform": "MACOS"}
    context = ok(client.post("/connect", json={"application": sent}))
    assert context["application"] == known
    assert ok(client.get("/applications")) == before


@BOTH
def test_a_new_application_is_registered_and_then_listed(world: httpx.Client) -> None:
    before = ok(world.get("/applications"))["iterable"]
    assert NEW["name"] not in {one["name"] for one in before}
    application = ok(world.post("/connect", json={"application": NEW}))["application"]
    assert {name: application[name] for name in NEW} == NEW
    assert is_uuid4(application["id"])
    assert application["privacy"] == "OPEN"
    assert ok(world.get("/applications"))["iterable"][-1] == application
    assert ok(world.post("/connect", json={"application": NEW}))["application"] == application
    names = [one["name"] for one in ok(world.get("/applications"))["iterable"]]
    assert names.count(NEW["name"]) == 1


def test_a_new_application_keeps_what_it_says_of_itself(client: httpx.Client) -> None:
    told = {**NEW, "privacy": "CLOSED", "capabilities": "LOCAL", "automaticUnload": True}
    application = ok(client.post("/connect", json={"application": told}))["application"]
    assert {name: application[name] for name in told} == told


@BOTH
def test_connecting_tells_of_the_installation_and_the_user(world: httpx.Client) -> None:
    context = ok(world.post("/connect", json={"application": NEW}))
    installation = text(world.get("/.well-known/health")).partition(":")[2]
    version = text(world.get("/.well-known/version"))
    assert context["os"] == installation
    assert context["health"] == {"os": {"id": installation, "version": version}}
    assert context["user"] == ok(world.get("/user"))["user"]


@pytest.mark.parametrize("body", [None, {}, {"application": {"name": "SUBLIME"}}])
def test_connecting_without_an_application_is_refused(
    client: httpx.Client, body: Json | None
) -> None:
    before = ok(client.get("/applications"))
    answer = client.post("/connect", json=body) if body is not None else client.post("/connect")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert ok(client.get("/applications")) == before


def test_the_user_is_the_fixtures(client: httpx.Client) -> None:
    user = ok(client.get("/user"))["user"]
    assert (user["name"], user["username"]) == ("Mira Lindqvist", "mira")
    assert user["aesthetics"] == {"theme": {"dark": True}, "font": {"size": 14}}


@BOTH
def test_there_is_a_user_so_that_clients_start(world: httpx.Client) -> None:
    user = ok(world.get("/user"))["user"]
    assert {"theme", "font"} <= user["aesthetics"].keys()
    assert is_uuid4(user["id"])


@BOTH
def test_the_user_created_what_is_created(world: httpx.Client) -> None:
    assert create(world)["creator"] == ok(world.get("/user"))["user"]["id"]


@BOTH
def test_models_have_those_that_clients_need(world: httpx.Client) -> None:
    models = ok(world.get("/models"))["iterable"]
    wrapper = next(model for model in models if model["name"] == "GPT-3.5-turbo Chat Model")
    assert wrapper["cloud"] or wrapper["downloaded"]
    assert "gemini-2.0-flash-lite-001" in {model["unique"] for model in models}
    assert any("GPT-4o Chat" in model["name"] or model["cloud"] for model in models)


@BOTH
def test_the_server_itself_is_an_application(world: httpx.Client) -> None:
    names = [one["name"] for one in ok(world.get("/applications"))["iterable"]]
    assert names.count("OS_SERVER") == 1


@BOTH
def test_the_server_stays_an_application_when_another_connects(world: httpx.Client) -> None:
    ok(world.post("/connect", json={"application": NEW}))
    names = [one["name"] for one in ok(world.get("/applications"))["iterable"]]
    assert names.count("OS_SERVER") == 1
    assert names.count(NEW["name"]) == 1


def test_the_applications_are_the_fixtures(client: httpx.Client) -> None:
    names = [one["name"] for one in ok(client.get("/applications"))["iterable"]]
    assert names == ["OS_SERVER", "OPEN_SOURCE", "VS_CODE", "PIECES_FOR_DEVELOPERS_CLI"]


@BOTH
def test_the_screen_is_not_observed(world: httpx.Client) -> None:
    path = "/workstream_pattern_engine/processors/vision/status"
    assert ok(world.get(path)) == {}


def test_header_application_and_origin_are_welcome(client: httpx.Client) -> None:
    sent = {"application": "anything", "Origin": "http://127.0.0.1:39300"}
    assert client.get("/assets", headers=sent).status_code == 200


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("/assets", {"iterable": [], "indices": {}}),
        ("/assets/identifiers", {"iterable": [], "indices": {}}),
        ("/assets/pseudo", {"identifiers": {"iterable": [], "indices": {}}}),
        ("/assets/related", {"iterable": [], "indices": {}}),
        ("/assets/recommended", {"iterable": [], "indices": {}}),
        ("/assets/search?query=a", {"iterable": [], "exact": 0, "suggested": 0}),
        ("/search/full_text?query=a", {"iterable": [], "exact": 0, "suggested": 0}),
        ("/search/neural_code?query=a", {"iterable": [], "exact": 0, "suggested": 0}),
        ("/formats", {"iterable": []}),
        ("/assets/stream", {"iterable": []}),
        ("/assets/stream/identifiers", {"iterable": []}),
        ("/assets/stream/transferables", {"iterable": []}),
        ("/anchors/stream/identifiers", {"iterable": []}),
        ("/conversations/stream/identifiers", {"iterable": []}),
        ("/ranges/stream/identifiers", {"iterable": []}),
    ],
)
def test_an_empty_world_answers_empty_lists(nothing: httpx.Client, path: str, value: Json) -> None:
    assert ok(nothing.get(path)) == value


@pytest.mark.parametrize(
    "path",
    [
        "/assets/stream",
        "/assets/stream/identifiers",
        "/assets/stream/transferables",
        "/anchors/stream/identifiers",
        "/conversations/stream/identifiers",
        "/ranges/stream/identifiers",
    ],
)
def test_first_frames_of_an_empty_world_are_empty_lists(nothing: httpx.Client, path: str) -> None:
    with Feed(str(nothing.base_url).rstrip("/"), path) as feed:
        assert feed.frame() == {"iterable": []}


def test_an_empty_world_can_be_filled(nothing: httpx.Client) -> None:
    with Feed(str(nothing.base_url).rstrip("/"), "/assets/stream/identifiers") as feed:
        assert feed.frame() == {"iterable": []}
        made = create(nothing, name="The first")
        assert feed.frame() == {"iterable": [{"asset": {"id": made["id"]}}]}
    assert listed(nothing) == [made["id"]]
    nothing.post("/__mock__/reset")
    assert listed(nothing) == []
