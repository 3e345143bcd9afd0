from __future__ import annotations

import asyncio
import itertools
import json
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any

import httpx
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mockserver.cli import main
from tests.apis.assets.world import fragment, seed
from tests.running import DESCRIPTIONS, Server, eventually

SANDBOXES = 100
CALLS = 5


@dataclass
class Model:
    """What one sandbox holds when nobody else is in it."""

    texts: dict[str, str] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)


@dataclass
class Caller:
    """Makes calls drawn at random, one after another, and expects what its model expects."""

    name: str
    client: httpx.AsyncClient
    draw: random.Random
    model: Model = field(default_factory=Model)

    async def run(self) -> None:
        for number in range(CALLS):
            await self.draw.choice((self.create, self.create, self.delete, self.read, self.reset))(
                f"{self.name} wrote {number}"
            )
            await self.compare()

    async def ask(self, method: str, path: str, status: int = 200, body: Any = None) -> Any:
        response = await self.client.request(method, f"/@{self.name}{path}", json=body)
        assert response.status_code == status, response.text
        return response.json() if status == 200 and response.content else None

    async def create(self, text: str) -> None:
        made = await self.ask("POST", "/assets/create", body=seed(fragment(text)))
        assert made["id"] not in self.model.texts
        assert made["id"] not in self.model.deleted
        self.model.texts[made["id"]] = text

    async def delete(self, text: str) -> None:
        for key in sorted(self.model.deleted)[:1]:
            await self.ask("POST", f"/assets/{key}/delete", status=410)
        if self.model.texts:
            key = self.draw.choice(list(self.model.texts))
            del self.model.texts[key]
            self.model.deleted.add(key)
            response = await self.client.post(f"/@{self.name}/assets/{key}/delete")
            assert response.status_code == 200

    async def read(self, text: str) -> None:
        for key, known in self.model.texts.items():
            asset = await self.ask("GET", f"/asset/{key}")
            [entry] = asset["formats"]["iterable"]
            assert entry["fragment"]["string"]["raw"] == known
        for key in self.model.deleted:
            await self.ask("GET", f"/asset/{key}", status=410)

    async def reset(self, text: str) -> None:
        if self.draw.random() < 0.3:
            await self.ask("POST", "/__mock__/reset", status=204)
            self.model = Model()

    async def compare(self) -> None:
        found = await self.ask("GET", "/assets/identifiers")
        assert {entry["id"] for entry in found["iterable"]} == set(self.model.texts)


async def use_all_at_once(url: str) -> list[Caller]:
    limits = httpx.Limits(max_connections=20)
    async with httpx.AsyncClient(
        base_url=url, limits=limits, timeout=60, trust_env=False
    ) as client:
        callers = [
            Caller(f"s{number}", client, random.Random(number)) for number in range(SANDBOXES)
        ]
        async with asyncio.TaskGroup() as group:
            for caller in callers:
                group.create_task(caller.run())
        for caller, other in zip(callers, callers[1:] + callers[:1], strict=True):
            await caller.read("")
            for key in list(other.model.texts)[:1]:
                await caller.ask("GET", f"/asset/{key}", status=404)
    return callers


def test_a_hundred_at_once_are_a_hundred_worlds(start: Callable[..., Server]) -> None:
    with start("--quiet", "--no-fixtures") as running:
        callers = asyncio.run(use_all_at_once(running.url))
        default = httpx.get(f"{running.url}/assets/identifiers", trust_env=False).json()
    texts = [text for caller in callers for text in caller.model.texts.values()]
    assert len(texts) > SANDBOXES
    assert len({key for caller in callers for key in caller.model.texts}) == len(texts)
    assert default["iterable"] == []


TASKS = str(DESCRIPTIONS / "todo.yaml")
WORLDS, CLIENTS = 200, 20
_runs = itertools.count(1)

STEPS = st.lists(
    st.sampled_from(["add", "add", "add", "rename", "remove", "undo", "reset", "snapshot"]),
    min_size=3,
    max_size=6,
)


class Play:
    """One sandbox, in which steps are made one after the other; each is followed by a look."""

    def __init__(self, name: str, steps: list[str]) -> None:
        self.name = name
        self.steps = steps
        self.keys: list[str] = []
        self.told: list[bytes] = []

    def step(self, http: HTTPConnection, number: int) -> None:
        title = {"title": f"{self.name} wrote {number}"}
        key = self.keys[number % len(self.keys)] if self.keys else ""
        match self.steps[number]:
            case "add":
                self.ask(http, "POST", "/todos", title)
            case "rename" if key:
                self.ask(http, "PUT", f"/todos/{key}", title)
            case "remove" if key:
                self.ask(http, "DELETE", f"/todos/{key}")
            case "undo" | "reset" as kind:
                self.ask(http, "POST", f"/__mock__/{kind}")
            case "snapshot":
                self.ask(http, "POST", "/__mock__/snapshots")
        listed = self.ask(http, "GET", "/todos?limit=100")
        todos = json.loads(listed)
        assert all(todo["title"].startswith(f"{self.name} ") for todo in todos)
        self.keys = [todo["id"] for todo in todos]
        self.told.append(listed)

    def ask(self, http: HTTPConnection, method: str, path: str, body: Any = None) -> bytes:
        sent = None if body is None else json.dumps(body)
        http.request(method, f"/@{self.name}{path}", sent, {"Content-Type": "application/json"})
        response = http.getresponse()
        content = response.read()
        assert response.status in {200, 201, 204, 409}, content
        return content


def play(port: int, plays: list[Play]) -> None:
    """Make the first step in each sandbox, then the second, and so on, on one connection."""
    http = HTTPConnection("127.0.0.1", port, timeout=60)
    for number in range(max(len(each.steps) for each in plays)):
        for each in plays:
            if number < len(each.steps):
                each.step(http, number)
    http.close()


def all_at_once(port: int, plans: dict[str, list[str]]) -> dict[str, list[bytes]]:
    plays = [Play(name, plan) for name, plan in plans.items()]
    with ThreadPoolExecutor(CLIENTS) as pool:
        for done in [pool.submit(play, port, plays[n::CLIENTS]) for n in range(CLIENTS)]:
            done.result()
    return {each.name: each.told for each in plays}


def one_by_one(port: int, plans: dict[str, list[str]]) -> dict[str, list[bytes]]:
    plays = [Play(name, plan) for name, plan in plans.items()]
    for each in plays:
        play(port, [each])
    return {each.name: each.told for each in plays}


@pytest.fixture(scope="module")
def twins(start: Callable[..., Server]) -> Iterator[tuple[int, int]]:
    """Two servers that answer the same calls with the same bytes."""
    flags = (TASKS, "--quiet", "--records", "0", "--clock", "2025-01-01T00:00:00Z")
    with start(*flags) as one, start(*flags) as other:
        yield one.port, other.port


@given(plans=st.lists(STEPS, min_size=10, max_size=10))
@settings(
    max_examples=2,
    phases=[Phase.generate],  # a failure of many at once is not made clearer by fewer steps
    suppress_health_check=list(HealthCheck),
)
def test_two_hundred_at_once_answer_what_they_answer_one_by_one(
    twins: tuple[int, int], plans: list[list[str]]
) -> None:
    run = next(_runs)
    worlds = {f"run{run}-{n}": plans[n % len(plans)] for n in range(WORLDS)}
    assert all_at_once(twins[0], worlds) == one_by_one(twins[1], worlds)


def test_a_trace_names_a_sandbox_of_a_server_that_is_told_so(start: Callable[..., Server]) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    sent = {"traceparent": f"00-{trace}-00f067aa0ba902b7-01"}
    with start(TASKS, "--quiet", "--records", "0", "--sandbox-by", "traceparent") as server:
        made = httpx.post(f"{server.url}/todos", json={"title": "milk"}, headers=sent)
        assert made.headers["location"].startswith(f"/@{trace}/todos/")
        assert httpx.get(f"{server.url}/@{trace}/todos").json() == [made.json()]
        assert httpx.get(f"{server.url}/todos").json() == []
        assert httpx.get(f"{server.url}/@mine/todos", headers=sent).json() == []


def test_a_server_drops_what_is_idle_for_as_long_as_it_is_told(
    start: Callable[..., Server],
) -> None:
    with start(TASKS, "--quiet", "--sandbox-ttl", "0.1s") as server:
        httpx.get(f"{server.url}/@mine/todos")
        listed = f"{server.url}/__mock__/sandboxes"
        eventually(lambda: httpx.get(listed).json()["total"] == 1)


@pytest.mark.parametrize("told", ["", "soon", "-1", "1 h", "1w", "1e3"])
def test_a_time_that_is_none_is_refused(told: str) -> None:
    done = CliRunner().invoke(main, ["serve", "--sandbox-ttl", told])
    assert done.exit_code == 2
    assert "such as 30m" in done.output
