"""Proven runs: what showed a wrong handler once is asked first."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockserver.catalogue import build, stems
from mockserver.contract import proven
from mockserver.contract.checking import check, opened
from mockserver.contract.replaying import Replaying
from mockserver.contract.results import Options
from mockserver.contract.turns import Activity, Turns
from mockserver.contract.values import Key, Sent
from tests.contract_gate.servers import Spoilt

ANY = Options(seconds=300, most=5, quick=True)


@pytest.mark.parametrize("stem", stems())
def test_the_mock_answers_its_proven_runs_as_it_should(stem: str) -> None:
    app = Spoilt(stem, lambda method, path, status, body: (status, body))
    with opened(app, stem, ANY, reset=app.reset) as made:
        for calls, births in proven.read(stem):
            session = Replaying(made.setting, births).run(enumerate(calls))
            assert [step.differences for step in session.steps] == [[]] * len(calls), calls


@pytest.mark.parametrize("stem", stems())
def test_proven_runs_speak_of_operations_that_there_are(stem: str) -> None:
    known = {operation.id for operation in build([stem]).apis[0].description.operations}
    used = {sent.operation for calls, _ in proven.read(stem) for sent in calls}
    assert used <= known
    assert len(used) > len(known) / 3


def other_code(method: str, path: str, status: int, body: bytes) -> tuple[int, bytes]:
    """One of the many refusals of the store has another code."""
    return status, body.replace(b"InvalidAccessKeyId", b"InvalidKey")


def test_a_fault_in_a_corner_is_found_soon() -> None:
    app = Spoilt("plane", other_code)
    few = Options(seconds=120, requests=400, most=1, quick=True)
    [found] = check(app, "plane", few, reset=app.reset).findings
    assert "InvalidKey" in found.got


def test_runs_are_read_as_they_were_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proven, "FOLDER", tmp_path / "runs")
    made = Sent("make", "POST", "/things", path_parameters={}, query=(("a", 1),))
    seen = Sent("see", "GET", "/things/{id}", path_parameters={"id": Key(3)}, caller="u1")
    runs = [([made, seen], {3: (0, "body:/id")}), ([made], {})]
    proven.write("things", runs)
    assert list(proven.read("things")) == runs
    assert list(proven.read("others")) == []


def test_an_activity_that_is_over_has_no_turn_any_more() -> None:
    taken: list[str] = []
    over = Activity(lambda: taken.append("over") or False, 9.0)
    other = Activity(lambda: taken.append("other"), 1.0)
    turns = Turns((over, other), lambda: len(taken))
    for _ in range(4):
        turns.take()
    assert taken == ["over", "other", "other", "other"]
