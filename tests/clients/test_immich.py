"""The AssetsApi of immich_python_sdk, and its documented example, against the mock."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.clients.real_clients import FIXTURES, IMMICH, Mock, journey, passed

CHAPTERS = (
    "statistics",
    "info",
    "at_random",
    "uploading",
    "uploading_a_path",
    "duplicates",
    "checking_before",
    "devices",
    "updating",
    "live_photos",
    "updating_many",
    "originals",
    "small_pictures",
    "full_size",
    "playing",
    "replacing",
    "jobs",
    "trash",
    "shared_links",
    "refusals",
)

NAMELESS = "Unsupported file type assetData"
"""What is said of bytes that are sent without a file name."""

EXAMPLES = {
    "all_three": (
        {"cookie": "key-demo", "api_key": "key-demo", "bearer": "session-demo"},
        {"status": 400, "message": NAMELESS},
    ),
    "bearer": ({"bearer": "session-demo"}, {"status": 400, "message": NAMELESS}),
    "one_key": (
        {"cookie": "key-demo", "api_key": "key-demo"},
        {"status": 400, "message": NAMELESS},
    ),
    "cookie": (
        {"cookie": "session-demo"},
        {"status": 401, "message": "Authentication required"},
    ),
}
"""Credentials as the example may set them, and how the real server refuses it then."""


@pytest.fixture(scope="module")
def told(clients: dict[str, Path], mock: Mock) -> dict[str, Any]:
    """What the journey told."""
    host = mock.sandbox("immich")
    return journey(clients[IMMICH], "immich.py", host, str(FIXTURES / "immich"))


def example(clients: dict[str, Path], mock: Mock, name: str) -> dict[str, Any]:
    """What came of the documented example with the credentials of that name."""
    host = mock.sandbox(f"immich-example-{name}") + "/api"
    return journey(clients[IMMICH], "immich_example.py", host, json.dumps(EXAMPLES[name][0]))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_chapter(told: dict[str, Any], chapter: str) -> None:
    passed(told, chapter)


def test_every_operation_was_called(told: dict[str, Any]) -> None:
    assert set(told["chapters"]) == set(CHAPTERS)
    assert told["called"] == told["operations"]
    assert len(told["operations"]) == 15


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_documented_example_is_refused_as_it_is(
    clients: dict[str, Path], mock: Mock, name: str
) -> None:
    assert example(clients, mock, name) == EXAMPLES[name][1]


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_documented_example_works_with_a_tolerant_mock(
    clients: dict[str, Path], tolerant_mock: Mock, name: str
) -> None:
    told = example(clients, tolerant_mock, name)
    assert told == {"status": "created", "favourite": True, "same": True}
