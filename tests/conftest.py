"""What all tests share: mocks in this process, servers in processes of their own."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, settings

from mockserver.app import create_app
from mockserver.catalogue import Mock, build
from mockserver.console.control import control_api
from tests.running import Server

settings.register_profile(
    "mockserver",
    settings.get_profile("default"),
    # Nothing fails because a machine is slow. Examples are new ones in each run, except in CI:
    # the same commit passes or fails each time.
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
settings.load_profile("mockserver")

_numbers = itertools.count(1)


@pytest.fixture
def mock(request: pytest.FixtureRequest) -> Mock:
    """The built-in APIs; parametrize indirectly with Settings for others than the defaults."""
    return build(settings=getattr(request, "param", None))


class _InProcess(httpx.BaseTransport):
    """Runs each request against an ASGI application on one event loop."""

    def __init__(self, app: Any) -> None:
        self._transport = httpx.ASGITransport(app)
        self._runner = asyncio.Runner()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._runner.run(self._answer(request))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        response = await self._transport.handle_async_request(request)
        body = await response.aread()
        return httpx.Response(response.status_code, headers=response.headers, content=body)

    def close(self) -> None:
        self._runner.close()


@pytest.fixture
def in_process() -> Iterator[Callable[[Any], httpx.Client]]:
    """Make a client of an ASGI application in this process."""
    clients: list[httpx.Client] = []

    def make(app: Any) -> httpx.Client:
        client = httpx.Client(transport=_InProcess(app), base_url="http://mock.test")
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def asgi(mock: Mock, in_process: Callable[[Any], httpx.Client]) -> httpx.Client:
    """A client of the ``mock``, in this process."""
    return in_process(create_app(mock, control_api(mock)))


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Server]:
    """Start a server with more flags; use it as a context manager."""

    def make(*flags: str) -> Server:
        return Server(tmp_path_factory.mktemp("server"), *flags)

    return make


@pytest.fixture(scope="session")
def server(start: Callable[..., Server]) -> Iterator[Server]:
    """A server for all tests: each keeps to sandboxes of its own."""
    with start("--quiet") as running:
        yield running


@pytest.fixture
def sandbox_url(server: Server) -> str:
    """Where an unused sandbox begins."""
    return f"{server.url}/@test-{next(_numbers)}"


@pytest.fixture
def client(sandbox_url: str) -> Iterator[httpx.Client]:
    """A client of an unused sandbox."""
    with httpx.Client(base_url=sandbox_url, trust_env=False, verify=False) as made:
        yield made
