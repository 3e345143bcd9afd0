"""Records written past the operations of their API: what the API then answers."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.catalogue import FIXTURES, build
from mockserver.console.control import control_api
from tests.running import DESCRIPTIONS

STATE = "/__mock__/state"
MERGE = {"Content-Type": "application/merge-patch+json"}


def client_of(*wanted: str) -> TestClient:
    mock = build(wanted)
    return TestClient(create_app(mock, control_api(mock)))


@pytest.fixture
def todo() -> TestClient:
    return client_of(str(DESCRIPTIONS / "todo.yaml"))


def keys(client: TestClient, path: str, **query: Any) -> list[str]:
    found = client.get(f"{STATE}/{path}", params=query).json()["records"]
    return [record["key"] for record in found]


def test_collections_are_counted(todo: TestClient) -> None:
    todo.post("/todos", json={"title": "milk"})
    told = todo.get(STATE).json()
    assert told["revision"] == 1
    assert told["collections"] == [{"api": "todo", "collection": "todos", "records": 4}]


def test_what_is_shown_is_what_the_api_answers(todo: TestClient) -> None:
    [first, *_] = keys(todo, "todo/todos")
    shown = todo.get(f"{STATE}/todo/todos/{first}").json()
    assert shown == {"key": first, "value": todo.get(f"/todos/{first}").json()}


def test_pages_together_show_each_record_once(todo: TestClient) -> None:
    for title in "abcd":
        todo.post("/todos", json={"title": title})
    page = todo.get(f"{STATE}/todo/todos", params={"limit": 3}).json()
    read = [record["key"] for record in page["records"]]
    while "next" in page:
        after = {"limit": 3, "after": page["next"]}
        page = todo.get(f"{STATE}/todo/todos", params=after).json()
        read += [record["key"] for record in page["records"]]
    assert read == keys(todo, "todo/todos")
    assert page["total"] == len(read) == 7


def test_a_changed_member_is_what_the_api_answers(todo: TestClient) -> None:
    [first, *_] = keys(todo, "todo/todos")
    answer = todo.patch(f"{STATE}/todo/todos/{first}", json={"title": "new"}, headers=MERGE)
    assert answer.json()["value"] == todo.get(f"/todos/{first}").json()
    assert todo.get(f"/todos/{first}").json()["title"] == "new"


def test_a_record_that_the_schema_refuses_changes_nothing(todo: TestClient) -> None:
    [first, *_] = keys(todo, "todo/todos")
    before = todo.get(f"/todos/{first}").json()
    refused = todo.patch(f"{STATE}/todo/todos/{first}", json={"title": 5}, headers=MERGE)
    assert refused.status_code == 422
    [error] = refused.json()["errors"]
    assert (error["pointer"], error["rule"], error["received"]) == ("/title", "type", "5")
    assert todo.get(f"/todos/{first}").json() == before


def test_a_record_is_put_under_its_own_key(todo: TestClient) -> None:
    key = "00000000-0000-4000-8000-000000000000"
    other = "00000000-0000-4000-8000-000000000001"
    refused = todo.put(f"{STATE}/todo/todos/{key}", json={"id": other, "title": "a"})
    assert refused.status_code == 422
    assert key in refused.json()["detail"]
    made = todo.put(f"{STATE}/todo/todos/{key}", json={"id": key, "title": "a"})
    assert made.status_code == 201
    assert todo.get(f"/todos/{key}").json()["title"] == "a"
    again = todo.put(f"{STATE}/todo/todos/{key}", json={"id": key, "title": "b"})
    assert again.status_code == 200


def test_what_was_taken_out_is_gone_and_was_there_then(todo: TestClient) -> None:
    [first, *_] = keys(todo, "todo/todos")
    assert todo.delete(f"{STATE}/todo/todos/{first}").status_code == 204
    assert todo.get(f"/todos/{first}").status_code == 404
    assert first not in keys(todo, "todo/todos")
    assert first in keys(todo, "todo/todos", revision=0)
    assert todo.get(f"{STATE}/todo/todos/{first}", params={"revision": 0}).status_code == 200
    assert todo.delete(f"{STATE}/todo/todos/{first}").status_code == 404


def test_what_is_not_there_is_told_with_what_is(todo: TestClient) -> None:
    assert "todo" in todo.get(f"{STATE}/nothing/todos").json()["detail"]
    assert "todos" in todo.get(f"{STATE}/todo/nothing").json()["detail"]
    assert todo.get(f"{STATE}/todo/todos/nothing").status_code == 404
    assert todo.get(f"{STATE}/todo/todos", params={"revision": 9}).status_code == 404


def test_the_only_record_of_a_collection_goes_by_a_dash() -> None:
    client = client_of(str(DESCRIPTIONS / "settings.yaml"))
    [told] = [c for c in client.get(STATE).json()["collections"] if c["collection"] == "settings"]
    assert told["records"] == 1
    [shown] = client.get(f"{STATE}/settings/settings").json()["records"]
    assert shown["key"] == "-"
    assert client.put(f"{STATE}/settings/settings/-", json=shown["value"]).status_code == 200


def test_what_other_collections_hold_of_a_record_goes_and_comes_with_it() -> None:
    client = client_of("assets")
    [key, *_] = keys(client, "assets/assets")
    value = client.get(f"{STATE}/assets/assets/{key}").json()["value"]
    formats = [each["id"] for each in value["formats"]["iterable"]]
    client.delete(f"{STATE}/assets/assets/{key}")
    assert {client.get(f"/format/{each}").status_code for each in formats} == {410}
    assert client.put(f"{STATE}/assets/assets/{key}", json=value).status_code == 201
    assert {client.get(f"/format/{each}").status_code for each in formats} == {200}


def test_bytes_are_given_as_base64_and_kept_by_their_checksum() -> None:
    client = client_of("immich")
    seeds = json.loads((FIXTURES / "immich" / "assets.json").read_text())
    key = seeds[0]["id"]
    place = f"{STATE}/immich/assets/{key}"
    value = client.get(place).json()["value"]
    [name] = [
        name for name, member in value.items() if isinstance(member, dict) and "$bytes" in member
    ]
    seed = {**seeds[0], name: {"$base64": base64.b64encode(b"other bytes").decode()}}
    assert client.put(place, json=seed).status_code == 200
    original = client.get(f"/api/assets/{key}/original", headers={"x-api-key": "key-demo"})
    assert original.content == b"other bytes"
    bad = client.put(place, json={**seeds[0], name: {"$base64": "not base64!"}})
    assert bad.status_code == 422
    assert bad.json()["errors"][0]["pointer"] == f"/{name}/$base64"
    lost = client.put(place, json={**seeds[0], name: {"$bytes": "0" * 40}})
    assert "no bytes" in lost.json()["detail"]
