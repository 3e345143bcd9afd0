"""A client that has a key."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.apis.plane.world import KEY, OTHER_KEY


@pytest.fixture
def plane(sandbox_url: str) -> Iterator[httpx.Client]:
    """A client of an unused sandbox with the key of the first user."""
    with httpx.Client(base_url=sandbox_url, headers={"X-API-Key": KEY}) as made:
        yield made


@pytest.fixture
def other(sandbox_url: str) -> Iterator[httpx.Client]:
    """A client of the same sandbox with the key of the second user."""
    with httpx.Client(base_url=sandbox_url, headers={"X-API-Key": OTHER_KEY}) as made:
        yield made
