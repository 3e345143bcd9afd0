"""Our own mock at a URL is compared to the letter, where its handlers are inferred as here."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockserver.catalogue import Settings
from mockserver.contract import same_mock
from mockserver.contract.checking import check
from mockserver.contract.results import Options, Result
from mockserver.state.sandboxes import Rules
from tests.contract_gate.servers import Spoilt
from tests.contract_gate.serving import serving
from tests.running import DESCRIPTIONS

TASKS = str(DESCRIPTIONS / "todo.yaml")
FEW = Options(seconds=60, requests=250, most=1, quick=True)


def more(method: str, path: str, status: int, body: bytes) -> tuple[int, bytes]:
    """A record has one member more, which its description does not forbid."""
    if method == "GET" and "/todos/" in path and status == 200:
        return status, json.dumps(json.loads(body) | {"more": 1}).encode()
    return status, body


def as_it_is(method: str, path: str, status: int, body: bytes) -> tuple[int, bytes]:
    return status, body


def written(method: str, path: str, status: int, body: bytes) -> tuple[int, bytes]:
    """As ``more``, by a handler that somebody wrote."""
    if path.endswith("/__mock__/operations"):
        return status, body.replace(b'"by":"inferred"', b'"by":"handlers.py"', 1)
    return more(method, path, status, body)


def checked(spoil: Any) -> Result:
    with serving(Spoilt(TASKS, spoil)) as url:
        return check(url, TASKS, FEW)


def test_one_member_more_is_a_fault_of_our_own_mock() -> None:
    [found] = checked(more).findings
    assert (found.code, found.operation) == ("MS206", "readTodo")


def test_our_own_mock_as_it_is_has_no_fault() -> None:
    assert checked(as_it_is).findings == []


def test_one_member_more_is_right_where_somebody_wrote_a_handler() -> None:
    assert checked(written).findings == []


def test_one_member_more_is_right_in_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(same_mock, "__version__", "0.0.0")
    assert checked(more).findings == []


def test_one_member_more_is_right_on_another_server() -> None:
    server = Spoilt(TASKS, more)
    assert check(server, TASKS, FEW, reset=server.reset).findings == []


@pytest.mark.parametrize(
    "settings", [Settings(rules=Rules(seed=5)), Settings(records=7)], ids=["seed", "records"]
)
def test_our_own_mock_that_begins_with_other_records_has_no_fault(settings: Settings) -> None:
    with serving(Spoilt(TASKS, as_it_is, settings)) as url:
        assert check(url, TASKS, FEW).findings == []
