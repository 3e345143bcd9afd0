"""The clock and the seed of a sandbox, and what follows them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.catalogue import Settings, build
from mockserver.console.control import control_api
from mockserver.state.sandboxes import Rules
from mockserver.state.sources import fixed_clock
from tests.apis.assets.world import create
from tests.running import DESCRIPTIONS, Server

NOON = "2030-01-01T12:00:00+00:00"
TASKS = DESCRIPTIONS / "todo.yaml"
PLANE = {"X-API-Key": "plane_api_11111111111111111111111111111111"}
IMMICH = {"Authorization": "Bearer session-demo"}


def put(client: httpx.Client, now: str = NOON, *, frozen: bool = True) -> dict[str, Any]:
    told = client.put("/__mock__/clock", json={"now": now, "frozen": frozen})
    assert told.status_code == 200, told.text
    clock: dict[str, Any] = told.json()
    return clock


def advance(client: httpx.Client, **by: Any) -> str:
    told = client.post("/__mock__/clock/advance", json=by)
    assert told.status_code == 200, told.text
    now: str = told.json()["now"]
    return now


def upload(client: httpx.Client) -> httpx.Response:
    dates = {"fileCreatedAt": "2025-01-02T03:04:05Z", "fileModifiedAt": "2025-01-02T03:04:05Z"}
    named = {"deviceAssetId": "one", "deviceId": "phone", **dates}
    picture = {"assetData": ("holiday.png", b"any bytes", "image/png")}
    return client.post("/api/assets", data=named, files=picture, headers=IMMICH)


def planned(client: httpx.Client) -> httpx.Response:
    wanted = {"name": "notes.txt", "type": "text/plain", "size": 5}
    return client.post("/api/v1/workspaces/acme/assets/", json=wanted, headers=PLANE)


def test_a_sandbox_has_the_clock_of_its_server(client: httpx.Client) -> None:
    told = client.get("/__mock__/clock").json()
    assert (told["mode"], told["frozen"], told["offset"]) == ("real", False, 0)
    now = datetime.fromisoformat(told["now"])
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=5)


def test_what_is_made_is_made_when_the_clock_says(client: httpx.Client) -> None:
    put(client)
    asset = create(client)
    assert asset["created"]["value"].startswith("2030-01-01T12:00:00")
    advance(client, duration="P1DT1H")
    assert create(client)["created"]["value"].startswith("2030-01-02T13:00:00")
    assert planned(client).status_code == 200
    assert upload(client).status_code == 201
    told = [each["at"] for each in client.get("/__mock__/revisions").json()["revisions"]]
    assert set(told) == {NOON, "2030-01-02T13:00:00+00:00"}


def test_a_clock_that_does_not_stand_goes_on(client: httpx.Client) -> None:
    told = put(client, frozen=False)
    later = client.get("/__mock__/clock").json()
    assert told["now"] < later["now"] < "2030-01-01T12:05"
    assert abs(later["offset"] - told["offset"]) < 1


def test_a_clock_is_frozen_and_resumed_where_it_is(client: httpx.Client) -> None:
    put(client, frozen=False)
    frozen = client.post("/__mock__/clock/freeze").json()
    assert frozen["frozen"]
    assert client.get("/__mock__/clock").json()["now"] == frozen["now"]
    assert client.post("/__mock__/clock/freeze").json()["now"] == frozen["now"]
    resumed = client.post("/__mock__/clock/resume").json()
    assert not resumed["frozen"]
    assert frozen["now"] <= resumed["now"] < "2030-01-01T12:05"


@pytest.mark.parametrize("back", ["/__mock__/clock", "/__mock__/reset"])
def test_it_goes_back_to_the_servers_own(client: httpx.Client, back: str) -> None:
    put(client)
    method = "POST" if back.endswith("reset") else "DELETE"
    assert client.request(method, back).status_code == 204
    told = client.get("/__mock__/clock").json()
    assert (told["frozen"], told["offset"]) == (False, 0)


def test_other_sandboxes_keep_their_time(client: httpx.Client, server: Server) -> None:
    put(client)
    told = httpx.get(f"{server.url}/__mock__/clock", trust_env=False).json()
    assert told["offset"] == 0


def test_rates_are_counted_by_the_clock(client: httpx.Client) -> None:
    def remaining() -> int:
        answer = client.get(f"/api/v1/workspaces/acme/assets/{UUID(int=4)}/", headers=PLANE)
        return int(answer.headers["x-ratelimit-remaining"])

    put(client)
    assert [remaining(), remaining()] == [59, 58]
    advance(client, seconds=61)
    assert remaining() == 59
    advance(client, seconds=-3600)
    assert remaining() == 59


def test_a_signed_form_expires_by_the_clock(client: httpx.Client) -> None:
    def store(form: Any) -> int:
        sent = {"file": ("notes.txt", b"hello")}
        return client.post(form["url"], data=form["fields"], files=sent).status_code

    put(client)
    form = planned(client).json()["upload_data"]
    advance(client, duration="PT59M")
    assert store(form) == 204
    advance(client, duration="PT2M")
    assert store(form) == 403


@pytest.mark.parametrize("now", ["0001-02-01T00:00:00Z", "9999-11-30T00:00:00Z"])
def test_every_api_works_at_the_bounds_of_time(client: httpx.Client, now: str) -> None:
    put(client, now)
    create(client)
    assert upload(client).status_code == 201
    form = planned(client).json()["upload_data"]
    sent = {"file": ("notes.txt", b"hello")}
    assert client.post(form["url"], data=form["fields"], files=sent).status_code < 500
    for path in ("/assets", "/api/assets/statistics", "/api/v1/users/me/"):
        assert client.get(path, headers=PLANE | IMMICH).status_code < 500


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("", {"now": "0001-01-31T23:59:59Z"}),
        ("", {"now": "9999-11-30T00:00:00.000001Z"}),
        ("", {"now": "0001-01-01T00:00:00+23:59"}),
        ("/advance", {"seconds": 1e300}),
        ("/advance", {"seconds": -(10**30)}),
        ("/advance", {"duration": "P9999Y"}),
        ("/advance", {"duration": "-P999999999W"}),
    ],
)
def test_past_its_bounds_a_clock_stays_as_it_is(
    client: httpx.Client, path: str, told: dict[str, Any]
) -> None:
    before = put(client)["now"]
    method = "POST" if path else "PUT"
    answer = client.request(method, f"/__mock__/clock{path}", json=told)
    assert answer.status_code == 422
    assert "stays as it is" in answer.json()["detail"]
    assert client.get("/__mock__/clock").json()["now"] == before


@pytest.fixture
def fixed() -> Callable[..., TestClient]:
    """Make a client of the todo description with a fixed clock."""

    def make(seed: int = 0) -> TestClient:
        rules = Rules(seed=seed, clock=fixed_clock(datetime(2025, 1, 1, tzinfo=UTC)))
        mock = build([str(TASKS)], Settings(fixtures=None, rules=rules))
        return TestClient(create_app(mock, control_api(mock)))

    return make


def test_a_fixed_clock_that_is_set_still_advances_by_commits(fixed: Any) -> None:
    client = fixed()
    assert client.get("/__mock__/clock").json() == {
        "now": "2025-01-01T00:00:00+00:00", "mode": "fixed", "frozen": False, "offset": 0,
    }  # fmt: skip
    put(client, frozen=False)
    client.post("/todos", json={"title": "milk"})
    assert client.get("/__mock__/clock").json()["now"] == "2030-01-01T12:00:00.001000+00:00"
    put(client)
    client.post("/todos", json={"title": "milk"})
    assert client.get("/__mock__/clock").json()["now"] == NOON


def ids(client: httpx.Client, count: int = 3) -> list[str]:
    return [create(client)["id"] for _ in range(count)]


def test_the_same_seed_gives_the_same_ids(client: httpx.Client) -> None:
    own = ids(client)
    runs = []
    for seed in (7, 8, 7):
        client.post("/__mock__/reset")
        assert client.put("/__mock__/seed", json={"seed": seed}).json() == {"seed": seed}
        assert client.get("/__mock__/seed").json() == {"seed": seed}
        runs.append(ids(client))
    assert runs[0] == runs[2]
    assert len({*own, *runs[0], *runs[1]}) == 9
    client.post("/__mock__/reset")
    assert client.get("/__mock__/seed").json() == {"seed": 0}
    assert ids(client) == own


def test_sandboxes_of_one_seed_draw_different_ids(server: Server) -> None:
    drawn = set()
    for name in ("apart-1", "apart-2"):
        with httpx.Client(base_url=f"{server.url}/@{name}", trust_env=False) as client:
            client.put("/__mock__/seed", json={"seed": 7})
            drawn.update(ids(client))
    assert len(drawn) == 6


def test_a_seed_that_is_put_again_draws_no_id_twice(client: httpx.Client) -> None:
    drawn = []
    for _ in range(2):
        client.put("/__mock__/seed", json={"seed": 7})
        drawn += ids(client)
    assert len(set(drawn)) == len(drawn)


def test_made_values_follow_from_the_seed(tmp_path: Path) -> None:
    shown = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}
    thing = {
        "type": "object",
        "required": ["id", "colour"],
        "properties": {
            "id": {"type": "string", "format": "uuid", "readOnly": True},
            "colour": {"type": "integer", "minimum": 0, "readOnly": True},
        },
    }
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Things", "version": "1"},
        "paths": {"/things": {"post": {"requestBody": shown, "responses": {"201": shown}}}},
        "components": {"schemas": {"Thing": thing}},
    }
    path = tmp_path / "things.json"
    path.write_text(json.dumps(document))
    mock = build([str(path)], Settings(fixtures=None))
    client = TestClient(create_app(mock, control_api(mock)))

    def colours(seed: int) -> list[int]:
        client.post("/__mock__/reset")
        client.put("/__mock__/seed", json={"seed": seed})
        return [client.post("/things", json={}).json()["colour"] for _ in range(3)]

    assert colours(7) == colours(7)
    assert colours(7) != colours(8)
    assert colours(0) != colours(8)


def test_a_clock_that_goes_on_anyway_is_left_alone(client: httpx.Client) -> None:
    told = client.post("/__mock__/clock/resume").json()
    assert (told["frozen"], told["offset"]) == (False, 0)
