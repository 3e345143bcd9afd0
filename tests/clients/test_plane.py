"""The AssetsApi of plane-sdk, old and new, against the mock."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.clients.real_clients import FIXTURES, PLANE, Mock, journey, passed

CHAPTERS = (
    "uploading",
    "names",
    "storing",
    "known_assets",
    "own_pictures",
    "workspaces",
    "external_ids",
    "plain_calls",
    "counting_down",
    "refusals",
)

Told = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module")
def told(clients: dict[str, Path], mock: Mock) -> Told:
    """What the journey of a version told; each is made once."""

    @cache
    def made(version: str) -> dict[str, Any]:
        programs = clients[f"plane-sdk=={version}"]
        host = mock.sandbox(f"plane-{version}")
        return journey(programs, "plane_assets.py", host, str(FIXTURES / "plane"))

    return made


@pytest.mark.parametrize("chapter", CHAPTERS)
@pytest.mark.parametrize("version", PLANE)
def test_chapter(told: Told, version: str, chapter: str) -> None:
    passed(told(version), chapter)


@pytest.mark.parametrize("version", PLANE)
def test_every_operation_was_called(told: Told, version: str) -> None:
    journeyed = told(version)
    assert set(journeyed["chapters"]) == set(CHAPTERS)
    assert journeyed["called"] == journeyed["operations"]
    assert len(journeyed["operations"]) == 6
