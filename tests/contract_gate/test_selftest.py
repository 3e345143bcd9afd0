from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from mockserver.catalogue import Mock, build
from mockserver.cli import main
from mockserver.contract import selftest as module
from mockserver.contract.codes import CODES
from mockserver.contract.faults import Fault, FaultyTarget
from mockserver.contract.reference import Reference
from mockserver.contract.selftest import catalogue, selftest
from mockserver.contract.values import Answered, Message

MISSING = Message("GET", "/api/assets/v2/static/00000000-0000-4000-8000-00000000abcd/", (), b"")
QUICK = ("refusal_is_html", "headers_are_missing", "json_is_plain_text")


@pytest.fixture(scope="module")
def plane() -> Mock:
    return build(["plane"])


def told(mock: Mock, fault: Fault, *messages: Message) -> tuple[list[Answered], int]:
    target = FaultyTarget(Reference(mock), fault)
    target.reset()
    answers = []
    for message in messages:
        target.send(message)
        outcome = target.receive()
        assert isinstance(outcome, Answered)
        answers.append(outcome)
    return answers, target.shown


def test_there_are_many_kinds_of_faults_each_with_a_sentence() -> None:
    faults = catalogue()
    assert len(faults) >= 40
    assert len({fault.kind for fault in faults.values()}) >= 20
    assert all(fault.sentence.endswith(".") for fault in faults.values())


def test_a_mock_without_a_fault_answers_as_it_should(plane) -> None:
    right = Fault("none", "none", "Nothing is wrong.")
    answers, shown = told(plane, right, MISSING, MISSING)
    assert [answer.status for answer in answers] == [404, 404]
    assert shown == 0


def test_a_fault_counts_the_answers_that_it_changes(plane) -> None:
    answers, shown = told(plane, catalogue()["missing_is_bad_request"], MISSING, MISSING)
    assert [answer.status for answer in answers] == [400, 400]
    assert shown == 2


def test_each_fault_that_is_found_is_told_with_its_code_and_operation() -> None:
    done = selftest("plane", seconds=20, names=QUICK)
    assert [trial.outcome for trial in done.trials] == ["found"] * 3
    assert all(trial.code in CODES and trial.operation for trial in done.trials)
    assert (done.share, done.count("found")) == (1.0, 3)


def test_a_fault_that_never_shows_does_not_count() -> None:
    done = selftest("plane", seconds=5, names=["feed_tells_twice"])
    assert done.trials[0].outcome == "no occasion"
    assert done.share == 1.0


def unseen(server: Any, message: Message) -> Answered:
    """An answer that nobody looks at: a header that is not described."""
    answer = server.ask(message)
    return Answered(answer.status, (*answer.headers, ("x-served-by", "b")), answer.body)


@pytest.fixture
def unseen_fault(monkeypatch: pytest.MonkeyPatch) -> str:
    fault = Fault("unseen", "header", "There is a header more.", unseen)
    monkeypatch.setattr(module, "FAULTS", {**catalogue(), "unseen": fault})
    return "unseen"


def test_a_fault_that_shows_and_is_not_found_is_missed(unseen_fault) -> None:
    done = selftest("plane", seconds=1, names=[unseen_fault])
    assert done.trials[0].outcome == "missed"
    assert done.share == 0.0


def run(*words: str) -> Any:
    return CliRunner().invoke(main, ["selftest", "--api", "plane", "--max-time", "1", *words])


def test_the_table_and_the_share_are_printed() -> None:
    done = run("--fault", "refusal_is_html", "--fault", "feed_tells_twice")
    assert done.exit_code == 0, done.output
    assert "found       refusal_is_html" in done.output
    assert "found 1 of 1 faults (100%)" in done.output


def test_too_small_a_share_is_exit_code_1(unseen_fault) -> None:
    words = ("--fault", unseen_fault, "--fault", "refusal_is_html", "--at-least")
    assert run(*words, "50").exit_code == 0
    done = run(*words, "51")
    assert done.exit_code == 1
    assert "missed: unseen (header): There is a header more." in done.output


def test_what_cannot_be_tested_is_exit_code_2() -> None:
    assert run("--fault", "nope").exit_code == 2
    assert CliRunner().invoke(main, ["selftest", "--api", "nope"]).exit_code == 2
    assert CliRunner().invoke(main, ["selftest", "--api", "a", "--spec", "b"]).exit_code == 2
