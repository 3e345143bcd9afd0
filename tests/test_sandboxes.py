from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.apis.assets.world import fragment, seed
from tests.running import Server

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
