"""What changes on the disk is served, and what was done before stays as far as it fits."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from starlette.testclient import TestClient
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from mockserver.app import create_app
from mockserver.catalogue import Mock, Settings, build
from mockserver.cli import main
from mockserver.console.control import control_api
from mockserver.console.served import Loading
from mockserver.state.state_file import StateFile
from mockserver.watching import Recipe, Watching
from tests.running import Server, eventually

SHOP = """
openapi: 3.0.3
info: {title: Shop, version: '1'}
paths:
  /items:
    get:
      responses: {'200': {$ref: '#/components/responses/Items'}}
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Item'}}}}
      responses: {'201': {$ref: '#/components/responses/Item'}}
  /items/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: readItem
      responses:
        '200': {$ref: '#/components/responses/Item'}
        '404': {description: No such item}
    delete:
      responses: {'204': {description: Gone}, '404': {description: No such item}}
components:
  schemas:
    Item:
      type: object
      required: [name]
      properties:
        id: {type: string, readOnly: true}
        name: {type: string, maxLength: 30}
  responses:
    Item:
      description: One
      content: {application/json: {schema: {$ref: '#/components/schemas/Item'}}}
    Items:
      description: All
      content:
        application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Item'}}}
"""

OWN = """
from mockserver import Call, Handlers, Reply

handlers = Handlers()


@handlers.operation("readItem")
def read_item(call: Call) -> Reply:
    return Reply({"name": "NAME"})
"""


class World:
    """A mock that is watched, in this process; what changed is looked at when a test says so."""

    def __init__(self, folder: Path, *, handlers: bool = False, state: StateFile | None = None):
        self.folder = folder
        self.description = folder / "shop.yaml"
        self.write(SHOP)
        self.own = folder / "own.py"
        self.own.write_text(OWN.replace("NAME", "first"))
        self.fixtures = folder / "fixtures"
        (self.fixtures / "shop").mkdir(parents=True)
        self.give("tea", "milk")
        settings = Settings(
            fixtures=self.fixtures, records=0, handlers=(self.own,) if handlers else ()
        )
        self.loading = Loading()
        wanted = [str(self.description)]
        recipe = Recipe(wanted, settings, self.application)
        self.watching = Watching(recipe, build(wanted, settings), self.loading)
        self.client = TestClient(self.watching.switch)

    def application(self, mock: Mock) -> Any:
        return create_app(mock, control_api(mock, self.loading))

    def write(self, text: str) -> None:
        self.description.write_text(text)

    def give(self, *names: str) -> None:
        records = ", ".join(f'{{"id": "{name}", "name": "{name}"}}' for name in names)
        (self.fixtures / "shop" / "items.json").write_text(f"[{records}]")

    def names(self, sandbox: str = "default") -> list[str]:
        answer = self.client.get(f"/@{sandbox}/items")
        assert answer.status_code == 200, answer.text
        return [item["name"] for item in answer.json()]

    def add(self, name: str, sandbox: str = "default") -> str:
        answer = self.client.post(f"/@{sandbox}/items", json={"name": name})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def ready(self) -> Any:
        return self.client.get("/__mock__/ready").json()


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_while_nothing_changes_nothing_is_loaded(world: World) -> None:
    assert not world.watching.look()
    assert world.ready() == {"status": "ready", "loads": 1, "problems": []}


def test_a_new_operation_is_served_and_the_state_stays(world: World) -> None:
    for sandbox in ("default", "mine"):
        world.add("bread", sandbox)
        world.client.delete(f"/@{sandbox}/items/milk")
    assert world.client.get("/offers").status_code == 404
    world.write(SHOP.replace("  /items:", "  /offers:\n    get:\n      responses: {'200': "
                             "{$ref: '#/components/responses/Items'}}\n  /items:"))  # fmt: skip
    assert world.watching.look()
    assert world.client.get("/offers").status_code == 200
    assert world.names() == world.names("mine") == ["tea", "bread"]
    assert world.names("new") == ["tea", "milk"]
    assert world.client.get("/items/milk").status_code == 404
    assert world.ready() == {"status": "ready", "loads": 2, "problems": []}
    assert not world.watching.look()


def test_what_does_not_fit_the_new_schema_is_left_out_and_told(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.add("bread")
    long = world.add("bread with butter")
    world.write(SHOP.replace("maxLength: 30", "maxLength: 6"))
    with caplog.at_level(logging.WARNING):
        assert world.watching.look()
    assert world.names() == ["tea", "milk", "bread"]
    told = [line for line in caplog.messages if line.startswith("left out: ")]
    assert len(told) == 1
    assert f"shop/items {long}: /name expected" in told[0]


def test_a_broken_description_changes_nothing_and_is_told(world: World) -> None:
    world.add("bread")
    world.write(SHOP.replace("openapi: 3.0.3", "opeapi: ["))
    assert world.watching.look()
    assert world.names() == ["tea", "milk", "bread"]
    told = world.ready()
    assert (told["loads"], "shop.yaml" in told["problems"][0]) == (1, True)
    assert world.add("salt")
    world.write(SHOP)
    assert world.watching.look()
    assert world.names() == ["tea", "milk", "bread", "salt"]
    assert world.ready() == {"status": "ready", "loads": 2, "problems": []}


def test_records_that_nobody_changed_are_those_of_the_new_fixtures(world: World) -> None:
    world.add("bread")
    world.client.delete("/items/milk")
    world.give("milk", "coffee", "sugar")
    assert world.watching.look()
    assert world.names() == ["coffee", "sugar", "bread"]
    assert world.names("new") == ["milk", "coffee", "sugar"]


def test_handlers_of_your_own_are_loaded_again(tmp_path: Path) -> None:
    world = World(tmp_path, handlers=True)
    assert world.client.get("/items/tea").json() == {"name": "first"}
    world.own.write_text(OWN.replace("NAME", "the second"))
    assert world.watching.look()
    assert world.client.get("/items/tea").json() == {"name": "the second"}
    world.own.write_text("handlers = 1 / 0")
    assert world.watching.look()
    assert world.client.get("/items/tea").json() == {"name": "the second"}
    assert "ZeroDivisionError" in world.ready()["problems"][0]


def test_a_file_that_the_description_refers_to_is_watched(tmp_path: Path) -> None:
    world = World(tmp_path)
    schema = tmp_path / "item.yaml"
    schema.write_text("type: object\nproperties: {name: {type: string}}\n")
    world.write(SHOP.replace("schema: {$ref: '#/components/schemas/Item'}",
                             "schema: {$ref: 'item.yaml'}"))  # fmt: skip
    assert world.watching.look()
    assert world.client.post("/items", json={"name": ""}).status_code == 201
    schema.write_text("type: object\nproperties: {name: {type: string, minLength: 1}}\n")
    assert world.watching.look()
    assert world.client.post("/items", json={"name": ""}).status_code == 400


def test_history_ends_where_the_description_changed_and_revisions_go_on(world: World) -> None:
    world.add("bread")
    kept = world.client.post("/__mock__/snapshots", json={"name": "with-bread"}).json()
    world.add("salt")
    world.write(SHOP.replace("maxLength: 30", "maxLength: 31"))
    assert world.watching.look()
    assert world.client.get("/__mock__/revisions").json() == {"head": 3, "revisions": []}
    assert world.client.post("/__mock__/undo").status_code == 409
    assert kept["revision"] == 1
    assert world.client.post("/__mock__/snapshots/with-bread/restore").status_code == 200
    assert world.names() == ["tea", "milk", "bread"]
    assert world.client.post("/__mock__/reset").status_code == 204
    assert world.names() == ["tea", "milk"]


def test_ids_that_were_given_are_not_given_again(world: World) -> None:
    given = {world.add("bread"), world.add("salt")}
    world.write(SHOP.replace("maxLength: 30", "maxLength: 31"))
    assert world.watching.look()
    assert world.add("oil") not in given


def test_a_request_whose_body_is_still_coming_is_answered_by_what_is_new(world: World) -> None:
    old = world.watching.switch.app
    sent = threading.Event()

    async def receive() -> Any:
        await asyncio.to_thread(sent.wait)
        return {"type": "http.request", "body": b'{"name": "what was too long a name before"}'}

    def change() -> None:
        world.write(SHOP.replace("maxLength: 30", "maxLength: 60"))
        assert world.watching.look()
        sent.set()

    changing = threading.Thread(target=change)
    changing.start()
    assert asyncio.run(post(old, receive)) == 201
    changing.join()
    assert world.names() == ["tea", "milk", "what was too long a name before"]


def test_a_write_that_meets_the_change_is_made_once_in_what_is_new(world: World) -> None:
    old = world.watching.switch.app
    everyone = world.watching.mock.sandboxes.supersede()
    assert everyone[0].log.superseded

    async def receive() -> Any:
        return {"type": "http.request", "body": b'{"name": "bread"}'}

    async def meet() -> int:
        writing = asyncio.create_task(post(old, receive))
        await asyncio.sleep(0)
        world.write(SHOP.replace("maxLength: 30", "maxLength: 31"))
        assert await asyncio.to_thread(world.watching.look)
        return await writing

    assert asyncio.run(meet()) == 201
    assert world.names() == ["tea", "milk", "bread"]


async def post(app: Any, receive: Any) -> int:
    told: list[Any] = []
    scope = {
        "type": "http",
        "method": "POST",
        "scheme": "http",
        "path": "/items",
        "raw_path": b"/items",
        "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
    }

    async def send(message: Any) -> None:
        told.append(message)

    await app(scope, receive, send)
    return int(told[0]["status"])


def test_clients_that_write_meanwhile_lose_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    made: list[str] = []
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            made.append(world.add(f"item {len(made)}"))

    writer = threading.Thread(target=write)
    writer.start()
    for length in range(40, 46):
        world.write(SHOP.replace("maxLength: 30", f"maxLength: {length}"))
        assert world.watching.look()
    stop.set()
    writer.join()
    found = [item["id"] for item in world.client.get("/items").json()]
    assert found == ["tea", "milk", *made]


def test_a_server_loads_what_changed_and_its_file_goes_on(
    start: Callable[..., Server], tmp_path: Path
) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP)
    state = ("--state", str(tmp_path / "state"), "--records", "0", "--quiet")
    server = start(str(path), "--watch", *state)
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        for name in ("bread", "bread with butter"):
            assert client.post("/items", json={"name": name}).status_code == 201
        path.write_text(SHOP.replace("maxLength: 30", "maxLength: 6"))
        eventually(lambda: client.post("/items", json={"name": "much too long"}).status_code == 400)
        assert [item["name"] for item in client.get("/items").json()] == ["bread"]
        assert client.post("/items", json={"name": "salt"}).status_code == 201
        path.write_text("nothing")
        eventually(lambda: client.get("/__mock__/ready").json().get("problems"))
        assert client.get("/items").status_code == 200
    assert server.interrupt() == 0
    assert "loaded again: " in server.complaints
    assert "not loaded: " in server.complaints
    path.write_text(SHOP.replace("maxLength: 30", "maxLength: 6"))
    with start(str(path), *state) as again:
        listed = httpx.get(f"{again.url}/items", trust_env=False).json()
        assert [item["name"] for item in listed] == ["bread", "salt"]


def test_feeds_are_closed_for_a_restart(start: Callable[..., Server], tmp_path: Path) -> None:
    own = tmp_path / "own.py"
    own.write_text("from mockserver import Handlers\nhandlers = Handlers()\n")
    server = start("assets", "--watch", "--quiet", "--handlers", str(own))
    with connect(f"{server.ws}/assets/stream/identifiers") as feed:
        feed.recv()
        own.write_text("from mockserver import Handlers\nhandlers = Handlers()\n# changed\n")
        with pytest.raises(ConnectionClosed) as closed:
            feed.recv(timeout=20)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012
    assert server.interrupt() == 0


def test_the_standard_input_cannot_be_watched() -> None:
    done = CliRunner().invoke(main, ["serve", "-", "--watch"], input=SHOP)
    assert done.exit_code == 2
    assert "--watch: the standard input cannot be read again" in done.output
