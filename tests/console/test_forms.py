"""What the records of a collection must be, as a form that edits them is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.catalogue import build
from mockserver.console.control import control_api

NAMED = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
PET: dict[str, Any] = {
    "allOf": [{"$ref": "#/components/schemas/Named"}],
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "size": {"$ref": "#/components/schemas/Size"},
        "owner": {"$ref": "#/components/schemas/Named"},
    },
}
SIZE = {"type": "string", "enum": ["small", "large"], "description": "How large"}


def shown(schema: dict[str, Any]) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    return {"responses": {"200": {"description": "", "content": content}}}


def of(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


@pytest.fixture
def pets(tmp_path: Path) -> TestClient:
    where = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    body = {"requestBody": {"content": {"application/json": {"schema": of("Pet")}}}}
    paths = {
        "/pets": {"get": shown({"type": "array", "items": of("Pet")})},
        "/pets/{id}": {
            "parameters": [where],
            "get": shown(of("Pet")),
            "put": body | shown(of("Pet")),
        },
        "/status": {"get": shown(of("Named")), "put": body | shown(of("Named"))},
    }
    schemas = {"Named": NAMED, "Pet": PET, "Size": SIZE}
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Pets", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    }
    source = tmp_path / "pets.json"
    source.write_text(json.dumps(document))
    mock = build([str(source)])
    return TestClient(create_app(mock, control_api(mock)))


def test_references_are_followed_and_compositions_merged(pets: TestClient) -> None:
    told = pets.get("/__mock__/shapes/pets/pets").json()
    assert told["key"] == "id"
    assert told["single"] is False
    members = {each.pop("name"): each for each in told["members"]}
    assert members == {
        "name": {"required": True, "schema": {"type": "string"}},
        "id": {"required": True, "schema": {"type": "integer", "readOnly": True}},
        "size": {"required": False, "schema": SIZE},
        "owner": {"required": False, "schema": {"type": "object"}},
    }


def test_what_there_is_one_of_is_told_as_such(pets: TestClient) -> None:
    assert pets.get("/__mock__/shapes/pets/status").json()["single"] is True


def test_collections_of_built_in_apis_are_told_too() -> None:
    mock = build(["assets"])
    client = TestClient(create_app(mock, control_api(mock)))
    told = client.get("/__mock__/shapes/assets/assets").json()
    assert told["key"] == "id"
    assert "mechanism" in {each["name"] for each in told["members"]}


def test_a_collection_that_is_none_is_refused(pets: TestClient) -> None:
    refused = pets.get("/__mock__/shapes/pets/cats")
    assert refused.status_code == 404
    assert "pets" in refused.json()["detail"]


def test_collections_are_counted_as_they_were(pets: TestClient) -> None:
    [first, *_] = pets.get("/__mock__/state/pets/pets").json()["records"]
    pets.delete(f"/__mock__/state/pets/pets/{first['key']}")

    def count(revision: int) -> int:
        told = pets.get("/__mock__/state", params={"revision": revision}).json()
        assert told["revision"] == revision
        counts = {each["collection"]: each["records"] for each in told["collections"]}
        return int(counts["pets"])

    assert (count(0), count(1)) == (3, 2)
    assert pets.get("/__mock__/state", params={"revision": 9}).status_code == 404
