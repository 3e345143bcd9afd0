"""What is kept in one writing is asked for in others; a body that is needed is left out once."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockserver.contract.checking import Check
from mockserver.contract.folding import ASKED, KEPT
from mockserver.contract.values import Sent
from tests.contract_gate.flask_service import CREATE, checked


def folds(check: Check) -> list[Sent]:
    """What is sent once it is known how assets are made."""

    def phase() -> None:
        check.fresh()
        check.do(CREATE)
        check._phases._folding.go()

    check._phases.run = phase
    check.run()
    return [step.sent for step in check.session.steps]


def test_words_are_asked_for_in_all_writings_where_one_of_them_finds_the_record(
    tmp_path: Path,
) -> None:
    with checked(tmp_path) as check:
        calls = folds(check)
        assert KEPT.split()[0] in str(calls[0].body)
        assert set(ASKED) <= {value for call in calls for _, value in call.query}
        assert not check.result.findings


@pytest.mark.parametrize(
    "fault", ["composition_matters", "lower_instead_of_casefold", "dot_above_ignored"]
)
def test_a_search_that_folds_otherwise_is_found(tmp_path: Path, fault: str) -> None:
    with checked(tmp_path, fault) as check:
        folds(check)
        assert check.result.findings


def test_a_body_that_is_needed_is_left_out(tmp_path: Path) -> None:
    with checked(tmp_path, "missing_body_500") as check:
        check._phases.run = check._phases._look
        [found] = check.run().findings
        assert found.got.startswith("500 ")
        assert found.calls[-1].body is None
