"""What is served, and whether it is; which sandboxes there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from mockserver import __version__
from mockserver.app import create_app
from mockserver.catalogue import Mock, Settings, build
from mockserver.console.control import control_api
from mockserver.console.served import Loading
from tests.running import DESCRIPTIONS

TASKS = DESCRIPTIONS / "todo.yaml"
OWN = """
from mockserver import Call, Handlers, Reply
handlers = Handlers()

@handlers.operation("readTodo")
def read_todo(call: Call) -> Reply:
    return Reply(status=404)
"""


def client_of(mock: Mock, loading: Loading | None = None) -> TestClient:
    return TestClient(create_app(mock, control_api(mock, loading)))


@pytest.fixture
def client() -> TestClient:
    return client_of(build([str(TASKS), "assets"], Settings(fixtures=None)))


def told(client: TestClient, path: str) -> Any:
    answer = client.get(f"/__mock__{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_server_that_answers_is_healthy(client: TestClient) -> None:
    assert told(client, "/health") == {"status": "ok", "version": __version__}


def test_a_server_is_ready_unless_a_change_is_being_loaded() -> None:
    loading = Loading()
    client = client_of(build([str(TASKS)], Settings(fixtures=None)), loading)
    assert told(client, "/ready") == {"status": "ready", "loads": 1, "problems": []}
    loading.is_under_way = True
    answer = client.get("/__mock__/ready")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.headers["content-type"] == "application/problem+json"
    loading.is_under_way, loading.count, loading.problems = False, 2, ("it is broken",)
    assert told(client, "/ready") == {"status": "ready", "loads": 2, "problems": ["it is broken"]}


def test_the_apis_are_told(client: TestClient) -> None:
    todo, assets = told(client, "/apis")
    assert todo == {
        "api": "todo",
        "title": "Things to do",
        "version": "1",
        "basePath": "",
        "source": str(TASKS),
        "operations": 6,
        "collections": ["todos"],
    }
    assert (assets["api"], assets["operations"]) == ("assets", 40)


def test_operations_are_told_with_what_they_are_taken_for(client: TestClient) -> None:
    found = {each["operation"]: each for each in told(client, "/operations")}
    assert found["readTodo"] == {
        "api": "todo",
        "operation": "readTodo",
        "method": "GET",
        "path": "/todos/{id}",
        "summary": "",
        "tags": [],
        "by": "inferred",
        "guess": "read todos by id (the member id)",
        "why": found["readTodo"]["why"],
        "statuses": ["200", "400", "404", "406"],
        "feed": False,
    }
    assert found["readTodo"]["why"]
    feed = found["assets_identifiers_snapshot"]
    assert (feed["by"], feed["guess"], feed["why"]) == ("handled", "", "")
    assert [each for each in found.values() if each["feed"]]


def test_operations_of_one_api_are_told(client: TestClient) -> None:
    assert {each["api"] for each in told(client, "/operations?api=todo")} == {"todo"}
    missing = client.get("/__mock__/operations?api=todos")
    assert missing.status_code == 404
    assert "there are: todo, assets" in missing.json()["detail"]


def test_a_handler_of_your_own_is_told_with_its_place(tmp_path: Path) -> None:
    own = tmp_path / "own.py"
    own.write_text(OWN)
    client = client_of(build([str(TASKS)], Settings(fixtures=None, handlers=(own,))))
    found = {each["operation"]: each for each in told(client, "/operations")}
    assert found["readTodo"]["by"] == "own"
    assert "own.py" in found["readTodo"]["origin"]
    assert found["addTodo"]["by"] == "inferred"


def test_sandboxes_are_told_the_last_used_first(client: TestClient) -> None:
    for name in ("one", "two", "one"):
        assert client.get(f"/@{name}/todos").status_code == 200
    client.post("/@one/todos", json={"title": "milk"})
    client.post("/@one/__mock__/snapshots")
    told_all = told(client, "/sandboxes")
    assert told_all["total"] == 3
    default, one, two = told_all["sandboxes"]
    assert default == {"name": "default", "revision": 0, "idle": None, "feeds": 0, "snapshots": 0}
    assert (one["name"], one["revision"], one["snapshots"]) == ("one", 1, 1)
    assert (two["name"], two["revision"]) == ("two", 0)
    assert two["idle"] >= one["idle"] >= 0
    some = told(client, "/sandboxes?limit=2")
    assert [each["name"] for each in some["sandboxes"]] == ["default", "one"]
    assert some["total"] == 3


def test_those_who_follow_a_feed_are_counted() -> None:
    mock = build([str(TASKS)], Settings(fixtures=None))
    stop = mock.sandboxes.get("watched").log.listen(lambda: None)
    client = client_of(mock)
    assert told(client, "/sandboxes")["sandboxes"][1]["feeds"] == 1
    stop()
    assert told(client, "/sandboxes")["sandboxes"][1]["feeds"] == 0


def test_a_dropped_sandbox_begins_anew(client: TestClient) -> None:
    made = client.post("/@mine/todos", json={"title": "milk"}).json()
    assert client.delete("/__mock__/sandboxes/mine").status_code == 204
    assert told(client, "/sandboxes")["total"] == 1
    again = client.delete("/__mock__/sandboxes/mine")
    assert (again.status_code, "'mine'" in again.json()["detail"]) == (404, True)
    assert client.get(f"/@mine/todos/{made['id']}").status_code == 404


def test_the_default_sandbox_cannot_be_dropped(client: TestClient) -> None:
    answer = client.delete("/__mock__/sandboxes/default")
    assert answer.status_code == 409
    assert "reset" in answer.json()["detail"]
