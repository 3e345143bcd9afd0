"""Callers, each a client of the same unused sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import httpx
import pytest

from tests.apis.immich.world import VIEW_ONLY_KEY, WHOLE_KEY

Caller = Callable[[Mapping[str, str]], httpx.Client]


@pytest.fixture
def caller(sandbox_url: str) -> Iterator[Caller]:
    """Make a client that sends these headers."""
    clients: list[httpx.Client] = []

    def make(headers: Mapping[str, str]) -> httpx.Client:
        client = httpx.Client(base_url=sandbox_url, headers=headers, trust_env=False, verify=False)
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def demo(caller: Caller) -> httpx.Client:
    """The user whose assets the fixtures are, with an API key."""
    return caller({"x-api-key": "key-demo"})


@pytest.fixture
def unlocked(caller: Caller) -> httpx.Client:
    """The same user in a session that has shown its PIN."""
    return caller({"Authorization": "Bearer elevated-demo"})


@pytest.fixture
def user1(caller: Caller) -> httpx.Client:
    """Another user, who has no assets."""
    return caller({"x-api-key": "key-user1"})


@pytest.fixture
def quota(caller: Caller) -> httpx.Client:
    """A user with room for 512 bytes."""
    return caller({"x-api-key": "key-quota"})


@pytest.fixture
def whole_link(caller: Caller) -> httpx.Client:
    """Somebody with a shared link that allows everything."""
    return caller({"x-immich-share-key": WHOLE_KEY})


@pytest.fixture
def view_link(caller: Caller) -> httpx.Client:
    """Somebody with a shared link that allows to look, and to do nothing else."""
    return caller({"x-immich-share-key": VIEW_ONLY_KEY})
