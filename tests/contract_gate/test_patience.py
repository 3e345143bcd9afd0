from __future__ import annotations

from typing import Any

import pytest

from mockserver.contract.pacing import Busy
from mockserver.contract.patience import MOST_BUSY, MOST_UNANSWERED, Patience, Stop
from mockserver.contract.results import CannotCheck, Result
from mockserver.contract.values import Answered, Described, Failed, Finding

GONE = Failed("closed", "the connection was closed")
ANSWER = Answered(200, (), b"")
FOUND: Any = Finding("MS201", "op", "status", "", Described(""), "200", "500", ())


def test_a_server_that_stops_answering_cannot_be_checked() -> None:
    patience = Patience(Result())
    for _ in range(MOST_UNANSWERED - 1):
        patience.answered(GONE)
    with pytest.raises(CannotCheck, match="the connection was closed"):
        patience.answered(GONE)


def test_a_server_that_answers_in_between_is_there() -> None:
    patience = Patience(Result())
    for _ in range(3 * MOST_UNANSWERED):
        patience.answered(GONE)
        patience.answered(ANSWER)


def test_a_server_that_never_has_time_cannot_be_checked() -> None:
    patience = Patience(Result())
    for _ in range(MOST_BUSY - 1):
        patience.put_off(Busy("429"))
    with pytest.raises(CannotCheck, match="it answers 429"):
        patience.put_off(Busy("429"))


def test_what_was_found_of_a_server_is_told_though_it_went_away() -> None:
    patience = Patience(Result(findings=[FOUND]))
    for _ in range(MOST_UNANSWERED - 1):
        patience.answered(GONE)
    with pytest.raises(Stop):
        patience.answered(GONE)
