"""The pytest file of a finding about calls made at once, run on servers that lose a race or not."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from mockserver.catalogue import build
from mockserver.contract.branches import at_once
from mockserver.contract.checking import Check
from mockserver.contract.faults import Fault, FaultyTarget
from mockserver.contract.findings import Findings
from mockserver.contract.mistakes.concurrent import _checked_too_early
from mockserver.contract.pacing import OutOfTime
from mockserver.contract.reference import Reference
from mockserver.contract.results import Options
from mockserver.contract.shrinking import Shrinker
from mockserver.contract.values import Finding, Sent
from tests.contract_gate.test_feeds import delete

LIST = Sent("assets_identifiers_snapshot", "GET", "/assets/identifiers")
WINDOW = 0.05


class Answer:
    """What the file's own client would have got."""

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        self.text = text


class Shelf:
    """One asset that can be deleted; with a race two may do so."""

    def __init__(self, *, races: bool) -> None:
        self._races = races
        self._lock = threading.Lock()
        self._met = threading.Barrier(2)
        self.reset()

    def reset(self) -> None:
        self.there = True

    def call(self, method: str, target: str, *_: Any, **__: Any) -> Answer:
        if method == "GET":
            return Answer(200, str(self.there))
        if self._races:
            found = self.there
            self._meet()
            self.there = False
            return Answer(200 if found else 410, "")
        with self._lock:
            found, self.there = self.there, False
            return Answer(200 if found else 410, "")

    def _meet(self) -> None:
        """Wait for the other call, where there is one."""
        try:
            self._met.wait(WINDOW)
        except threading.BrokenBarrierError:
            self._met.reset()


def raced() -> Finding:
    """What is found on a mock in which calls at once get in each other's way."""
    fault = Fault("spoilt", "race", "Calls at once are spoilt.", together=_checked_too_early)
    check = Check(
        build(["assets"]), FaultyTarget(Reference(build(["assets"])), fault, 0), Options()
    )
    check.fresh()
    key = str(next(iter(check.session.a.log.head.collection("assets/assets").records)))
    check.session.step(at_once([[delete(key)], [delete(key)]], [LIST]))
    findings = Findings(check.setting, 0)
    findings.add(check.session, [], 0.0)
    return findings.all[0]


@pytest.fixture(scope="module")
def finding() -> Finding:
    return raced()


def test_a_race_that_there_is_no_time_to_run_again_does_not_count(
    finding: Finding, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_time(*_: Any) -> None:
        raise OutOfTime

    monkeypatch.setattr(Shrinker, "shrink", no_time)
    assert finding.counts
    assert not raced().counts


def run(finding: Finding, shelf: Shelf) -> None:
    assert finding.reproducer is not None
    names: dict[str, Any] = {}
    exec(compile(finding.reproducer.pytest, "race.py", "exec"), names)
    names |= {"call": shelf.call, "reset": shelf.reset}
    if "reset()" not in finding.reproducer.pytest:
        outcome = names["outcome"]

        def afresh(order: Any) -> Any:
            shelf.reset()
            return outcome(order)

        names["outcome"] = afresh
    names["test_assets_delete_asset_at_once"]()


def test_it_fails_on_a_server_that_loses_the_race(finding: Finding) -> None:
    with pytest.raises(AssertionError, match="no order of the calls"):
        run(finding, Shelf(races=True))


def test_it_passes_on_a_server_that_does_not(finding: Finding) -> None:
    run(finding, Shelf(races=False))


def test_it_is_told_that_it_was_not_run(finding: Finding) -> None:
    assert finding.code == "MS601"
    assert finding.reproducer is not None
    assert finding.reproducer.curl == ""
    assert finding.reproducer.pytest_ran.why.startswith("not run: ")
