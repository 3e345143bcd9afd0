"""Revisions, undo and snapshots, beside a plain model of what is true and what was."""

from __future__ import annotations

from hashlib import sha1
from typing import Any

import httpx
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from starlette.testclient import TestClient

from mockserver.app import create_app
from mockserver.catalogue import Settings, build
from mockserver.console.control import control_api
from mockserver.state.sandboxes import Rules
from tests.running import DESCRIPTIONS

TASKS = DESCRIPTIONS / "todo.yaml"
HISTORY = 6

Todos = dict[str, str]
"""Titles by id."""


def client_of(*wanted: str, history: int = 1_000) -> TestClient:
    mock = build(wanted, Settings(fixtures=None, rules=Rules(history=history)))
    return TestClient(create_app(mock, control_api(mock)))


class History(RuleBasedStateMachine):
    """Each rule is one request; the model is a list of what was true at each revision."""

    mock = build([str(TASKS)], Settings(fixtures=None, rules=Rules(history=HISTORY)))
    names = 0

    def __init__(self) -> None:
        super().__init__()
        History.names += 1
        self.client = TestClient(create_app(self.mock, control_api(self.mock)))
        self.client.headers["X-Mock-Sandbox"] = f"history-{History.names}"
        self.states: list[Todos] = [self.todos()]
        self.steps_back: list[int] = []
        self.snapshots: dict[str, Todos] = {}
        self.given: set[str] = set(self.states[0])

    @property
    def true(self) -> Todos:
        return self.states[-1]

    def todos(self) -> Todos:
        answer = self.client.get("/todos", params={"limit": 100})
        return {todo["id"]: todo["title"] for todo in answer.json()}

    def knows(self, revision: int) -> bool:
        head = len(self.states) - 1
        return revision == 0 or head - HISTORY < revision <= head

    @rule(title=st.sampled_from(["milk", "bread", "salt"]))
    def add(self, title: str) -> None:
        made = self.client.post("/todos", json={"title": title}).json()
        assert made["id"] not in self.given
        self.given.add(made["id"])
        self.states.append({**self.true, made["id"]: title})

    @precondition(lambda self: self.true)
    @rule(place=st.integers(0, 20), title=st.sampled_from(["tea", "rice"]))
    def rename(self, place: int, title: str) -> None:
        key = list(self.true)[place % len(self.true)]
        answer = self.client.patch(
            f"/todos/{key}",
            json={"title": title},
            headers={"Content-Type": "application/merge-patch+json"},
        )
        assert answer.status_code == 200, answer.text
        self.states.append({**self.true, key: title})

    @precondition(lambda self: self.true)
    @rule(place=st.integers(0, 20))
    def remove(self, place: int) -> None:
        key = list(self.true)[place % len(self.true)]
        assert self.client.delete(f"/todos/{key}").status_code == 204
        self.states.append({k: v for k, v in self.true.items() if k != key})

    @rule(revision=st.integers(0, 30))
    def restore(self, revision: int) -> None:
        answer = self.client.post(f"/__mock__/revisions/{revision}/restore")
        if self.knows(revision):
            assert answer.json() == {"revision": len(self.states)}
            self.states.append(self.states[revision])
        else:
            assert answer.status_code == 404
            assert str(revision) in answer.json()["detail"]

    @rule(times=st.integers(1, 4))
    def undo(self, times: int) -> None:
        """Several undos in a row take back one revision after the other."""
        standing = len(self.states) - 1
        for _ in range(times):
            answer = self.client.post("/__mock__/undo")
            if standing == 0 or not self.knows(standing - 1):
                assert answer.status_code == 409
                break
            assert answer.json() == {"revision": len(self.states), "undone": standing}
            standing -= 1
            self.states.append(self.states[standing])
        self.client.post("/todos", json={"title": "a mark"})
        self.given |= self.todos().keys()
        self.states.append(self.todos())

    @rule(name=st.sampled_from(["a", "b"]))
    def keep(self, name: str) -> None:
        answer = self.client.post("/__mock__/snapshots", json={"name": name})
        assert answer.status_code == 201
        self.snapshots.pop(name, None)
        self.snapshots[name] = self.true

    @rule(name=st.sampled_from(["a", "b"]))
    def return_to(self, name: str) -> None:
        answer = self.client.post(f"/__mock__/snapshots/{name}/restore")
        if name in self.snapshots:
            self.states.append(self.snapshots[name])
        else:
            assert answer.status_code == 404

    @rule(name=st.sampled_from(["a", "b"]))
    def drop(self, name: str) -> None:
        answer = self.client.delete(f"/__mock__/snapshots/{name}")
        assert answer.status_code == (204 if name in self.snapshots else 404)
        self.snapshots.pop(name, None)

    @invariant()
    def the_last_state_is_true(self) -> None:
        assert self.todos() == self.true

    @invariant()
    def the_log_is_numbered_without_a_gap(self) -> None:
        told = self.client.get("/__mock__/revisions").json()
        head = len(self.states) - 1
        assert told["head"] == head
        oldest = max(1, head - HISTORY + 1)
        assert [each["revision"] for each in told["revisions"]] == list(range(head, oldest - 1, -1))

    @invariant()
    def the_snapshots_are_listed(self) -> None:
        listed = self.client.get("/__mock__/snapshots").json()
        assert [each["name"] for each in listed] == list(self.snapshots)


History.TestCase.settings = settings(max_examples=25, stateful_step_count=20)
TestHistory = History.TestCase


@pytest.fixture
def todo() -> httpx.Client:
    return client_of(str(TASKS))


def add(client: httpx.Client, title: str) -> Any:
    return client.post("/todos", json={"title": title}).json()


def test_a_revision_tells_by_what_it_was_made_and_what_it_changed(todo: httpx.Client) -> None:
    made = add(todo, "milk")
    todo.delete(f"/todos/{made['id']}")
    told = todo.get("/__mock__/revisions").json()["revisions"]
    assert [each["cause"] for each in told] == ["removeTodo", "addTodo"]
    [change] = told[1]["changes"]
    assert change == {"api": "todo", "collection": "todos", "key": made["id"], "kind": "created"}
    [gone] = todo.get("/__mock__/revisions/2").json()["changes"]
    assert (gone["kind"], gone["before"], gone["after"]) == ("deleted", made, None)


def test_the_history_is_read_page_by_page(todo: httpx.Client) -> None:
    for title in "abcde":
        add(todo, title)
    first = todo.get("/__mock__/revisions", params={"limit": 2}).json()["revisions"]
    assert [each["revision"] for each in first] == [5, 4]
    rest = todo.get("/__mock__/revisions", params={"before": 4}).json()["revisions"]
    assert [each["revision"] for each in rest] == [3, 2, 1]


def test_a_reset_is_undone(todo: httpx.Client) -> None:
    made = add(todo, "milk")
    todo.post("/__mock__/reset")
    assert todo.get(f"/todos/{made['id']}").status_code == 404
    todo.post("/__mock__/undo")
    assert todo.get(f"/todos/{made['id']}").json() == made


def test_a_snapshot_outlives_a_reset(todo: httpx.Client) -> None:
    made = add(todo, "milk")
    place = todo.post("/__mock__/snapshots").headers["location"]
    todo.post("/__mock__/reset")
    todo.post(f"{place}/restore")
    assert todo.get(f"/todos/{made['id']}").json() == made


def test_each_sandbox_has_a_history_of_its_own(todo: httpx.Client) -> None:
    add(todo, "milk")
    assert todo.get("/@other/__mock__/revisions").json() == {"head": 0, "revisions": []}
    place = todo.post("/@other/__mock__/snapshots").headers["location"]
    assert place == "/@other/__mock__/snapshots/snapshot-1"
    assert todo.get("/__mock__/snapshots").json() == []


def test_a_snapshot_too_many_is_refused(todo: httpx.Client) -> None:
    for _ in range(100):
        assert todo.post("/__mock__/snapshots").status_code == 201
    refused = todo.post("/__mock__/snapshots")
    assert refused.status_code == 507
    assert "delete one first" in refused.json()["detail"]


def test_bytes_are_told_by_their_checksum() -> None:
    mock = build(["immich"])
    client = TestClient(create_app(mock, control_api(mock)))
    told = {"deviceAssetId": "1", "deviceId": "phone"}
    told |= dict.fromkeys(["fileCreatedAt", "fileModifiedAt"], "2025-01-01T00:00:00Z")
    made = client.post(
        "/api/assets",
        data=told,
        files={"assetData": ("a.jpg", b"never seen before")},
        headers={"x-api-key": "key-demo"},
    )
    assert made.status_code == 201, made.text
    changes = client.get("/__mock__/revisions/1").json()["changes"]
    [asset] = [change["after"] for change in changes if change["collection"] == "assets"]
    checksum = sha1(b"never seen before", usedforsecurity=False).hexdigest()
    assert {"$bytes": checksum} in asset.values()
