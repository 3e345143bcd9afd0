"""Our own mock keeps what it serves: a short check of each description finds nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockserver.app import create_app
from mockserver.catalogue import build, stems
from mockserver.contract.checking import check
from mockserver.contract.results import Options
from tests.running import DESCRIPTIONS

SERVED = [*stems(), *(str(path) for path in sorted(DESCRIPTIONS.glob("*.yaml")))]


@pytest.mark.parametrize("description", SERVED, ids=lambda each: Path(each).stem)
def test_nothing_is_found_on_the_mock_of_a_description(description: str) -> None:
    mock = build([description])
    options = Options(seconds=120, requests=150, seed=7)
    reset = mock.sandboxes.default.reset
    result = check(create_app(mock), description, options, reset=reset)
    assert result.findings == []
    assert result.requests >= 150
