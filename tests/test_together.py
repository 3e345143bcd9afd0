"""All built-in APIs on one server: whose a path is, and in whose words it is refused."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from mockserver.catalogue import stems

ROOT = Path(__file__).parents[1]
NEVER = "00000000-0000-4000-8000-000000000000"
SESSION = {"Authorization": "Bearer session-demo"}
KEY = {"X-API-Key": "plane_api_11111111111111111111111111111111"}


def shape(answer: httpx.Response) -> str:
    """Whose refusal it is."""
    if answer.headers["content-type"].startswith("application/xml"):
        return "object store"
    if not answer.headers["content-type"].startswith("application/json"):
        return "pieces"
    return "immich" if "statusCode" in answer.json() else "plane"


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("/", "pieces"),
        ("/nothing", "pieces"),
        ("/apis", "pieces"),
        ("/assets/a/b/c", "pieces"),
        ("/uploadsx", "pieces"),
        ("/api", "immich"),
        ("/api/nothing", "immich"),
        ("/api/v2/assets", "immich"),
        ("/api/v10/assets/user-assets/", "immich"),
        ("/api/assets/v20/static", "immich"),
        ("/api/v1", "plane"),
        ("/api/v1/nothing", "plane"),
        ("/api/v1/assets/user-assets/server/", "plane"),
        ("/api/assets/v2", "plane"),
        ("/api/assets/v2/original", "plane"),
        ("/api/assets/v2/thumbnail", "plane"),
        ("/uploads/a/b/c", "object store"),
    ],
)
def test_the_longest_prefix_says_whose_an_unknown_path_is(
    client: httpx.Client, path: str, owner: str
) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert shape(answer) == owner


@pytest.mark.parametrize(
    ("method", "path", "status", "owner"),
    [
        ("PUT", "/assets", 405, "pieces"),
        ("PATCH", "/api/assets", 404, "immich"),
        ("PUT", "/api/v1/assets/user-assets/", 405, "plane"),
        ("PUT", f"/api/assets/v2/static/{NEVER}/", 405, "plane"),
        ("PUT", "/uploads", 405, "object store"),
    ],
)
def test_a_method_that_is_not_described_is_refused_in_the_words_of_the_api(
    client: httpx.Client, method: str, path: str, status: int, owner: str
) -> None:
    answer = client.request(method, path, headers=KEY)
    assert answer.status_code == status
    assert shape(answer) == owner


def test_a_path_of_one_api_is_not_taken_for_a_template_of_another(client: httpx.Client) -> None:
    answer = client.get("/api/assets/v2/original", headers=SESSION)
    assert answer.json() == {"error": "Page not found."}


def test_each_api_is_served_beside_the_others(client: httpx.Client) -> None:
    assert client.get("/assets/identifiers").status_code == 200
    assert client.get("/api/assets/statistics", headers=SESSION).status_code == 200
    avatar = {"name": "a.png", "type": "image/png", "size": 1, "entity_type": "USER_AVATAR"}
    assert client.post("/api/v1/assets/user-assets/", json=avatar, headers=KEY).status_code == 200


def test_credentials_of_one_api_open_no_other(client: httpx.Client) -> None:
    assert client.get("/api/assets/statistics", headers=KEY).status_code == 401
    assert client.post("/api/v1/assets/user-assets/", headers=SESSION).status_code == 401


def test_a_reset_returns_every_api_to_its_seed(client: httpx.Client) -> None:
    before = client.get("/api/assets/statistics", headers=SESSION).json()
    [some] = client.get("/api/assets/random", headers=SESSION).json()
    gone = {"ids": [some["id"]]}
    client.request("DELETE", "/api/assets", json=gone, headers=SESSION)
    assert client.post("/__mock__/reset").status_code == 204
    assert client.get("/api/assets/statistics", headers=SESSION).json() == before


@pytest.mark.parametrize("place", ["engine", "state", "console", "app.py", "server.py"])
def test_what_serves_every_api_names_none(place: str) -> None:
    named = re.compile(rf"\b(pieces|{'|'.join(set(stems()) - {'assets'})})\b", re.IGNORECASE)
    root = ROOT / "mockserver" / place
    files = [root] if root.is_file() else list(root.rglob("*.py"))
    assert files
    assert [str(path) for path in files if named.search(path.read_text())] == []
