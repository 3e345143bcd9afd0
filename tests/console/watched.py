"""A small API whose requests are watched, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.catalogue import Mock, assemble
from mockserver.console.control import control_api
from mockserver.engine.handlers import Call, Handlers, Reply
from mockserver.engine.problems import problem_reply
from mockserver.engine.reply import Api
from mockserver.errors import ApiError
from mockserver.state.blobs import Blobs
from mockserver.state.sandboxes import Rules, Sandboxes
from tests.engine.tiny import described, json_content, reference, snapshot

REFUSED = json_content({"type": "object"}, "application/problem+json")
PET = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "id": {"type": "string", "readOnly": True},
        "name": {"type": "string", "minLength": 1},
        "kind": {"type": "string", "enum": ["cat", "dog"]},
        "password": {"type": "string", "minLength": 12, "writeOnly": True},
        "owner": {"type": "object", "properties": {"name": {"type": "string"}}},
    },
}
PETS = {
    "get": {
        "operationId": "listPets",
        "parameters": [
            {"name": "limit", "in": "query", "schema": {"type": "integer"}},
            {"name": "kind", "in": "query", "schema": {"type": "string", "enum": ["cat", "dog"]}},
            {"name": "X-Trace", "in": "header", "schema": {"type": "string"}},
        ],
        "responses": {
            "200": {"content": json_content({"type": "array", "items": reference("Pet")})},
            "400": {"content": REFUSED},
        },
    },
    "post": {
        "operationId": "addPet",
        "requestBody": {"content": {
            **json_content(reference("Pet")),
            **json_content(reference("Pet"), "application/x-www-form-urlencoded"),
        }},
        "responses": {
            "201": {"content": json_content(reference("Pet"))},
            "4XX": {"content": REFUSED},
        },
    },
}  # fmt: skip
PICTURE = {
    "get": {
        "operationId": "readPicture",
        "responses": {"200": {"content": {"image/png": {"schema": {}}}}},
    }
}


def _api() -> Api:
    handlers = Handlers(problem_reply)

    @handlers.operation("listPets")
    def list_pets(call: Call) -> Reply:
        if call.query.get("limit") == 500:
            return Reply([{"name": 7}])  # not what is described
        return Reply([{"id": "1", "name": "Tom", "kind": "cat"}])

    @handlers.operation("addPet")
    def add_pet(call: Call) -> Reply:
        if call.body["name"] == "taken":
            raise ApiError(409, "There is a pet of that name.")
        return Reply({"id": "2", **call.body}, 201, {"Set-Cookie": "session=abcdefgh; Path=/"})

    @handlers.operation("readPicture")
    def read_picture(call: Call) -> Reply:
        return Reply(b"\x89PNG\0" + b"\xff" * 100_000, media_type="image/png")

    paths = {"/pets": PETS, "/picture": PICTURE}
    schemes = {"mine": {"type": "apiKey", "in": "query", "name": "mine"}}
    components = {"securitySchemes": schemes}
    return assemble(described(paths, {"Pet": PET}, components=components), handlers, Blobs(0))


def watched(change: Callable[[Mock], Mock] = lambda mock: mock) -> TestClient:
    """A client of the API and of what watches it."""
    mock = change(Mock((_api(),), Sandboxes(snapshot(), Rules()), Blobs(0)))
    return TestClient(create_app(mock, control_api(mock)), raise_server_exceptions=False)


def requests(client: TestClient, query: str = "", sandbox: str = "") -> list[dict[str, Any]]:
    """The summaries that are listed, newest first."""
    answer: httpx.Response = client.get(f"{sandbox}/__mock__/requests?{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["requests"]
    return found


def newest(client: TestClient) -> Any:
    """All of the newest request, and the text that it was told in."""
    number = requests(client, "limit=1")[0]["id"]
    return client.get(f"/__mock__/requests/{number}").json()


def text_of(told: Any) -> str:
    return json.dumps(told)
