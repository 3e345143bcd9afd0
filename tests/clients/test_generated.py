"""The generated API classes of pieces_os_client, old and new, against the mock."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.clients.real_clients import FIXTURES, GENERATED, Mock, journey, passed

CHAPTERS = (
    "bootstrap",
    "fixture_assets",
    "without_transferables",
    "streams",
    "lifecycle",
    "pseudo_assets",
    "drafts",
    "searching",
    "recommending",
    "refusals",
)

Told = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module")
def told(clients: dict[str, Path], mock: Mock) -> Told:
    """What the journey of a version told; each is made once."""

    @cache
    def made(version: str) -> dict[str, Any]:
        programs = clients[f"pieces_os_client=={version}"]
        host = mock.sandbox(f"generated-{version}")
        return journey(programs, "generated.py", host, str(FIXTURES / "assets"))

    return made


@pytest.mark.parametrize("chapter", CHAPTERS)
@pytest.mark.parametrize("version", GENERATED)
def test_chapter(told: Told, version: str, chapter: str) -> None:
    passed(told(version), chapter)


@pytest.mark.parametrize("version", GENERATED)
def test_every_asset_operation_was_called(told: Told, version: str) -> None:
    journeyed = told(version)
    assert set(journeyed["chapters"]) == set(CHAPTERS)
    assert journeyed["called"] == journeyed["operations"]
    assert len(journeyed["operations"]) == 15
