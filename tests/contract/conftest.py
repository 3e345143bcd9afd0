"""Says after the run how many calls Schemathesis made of each API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.test_schemathesis import generated

CASES = "cases"


@pytest.fixture
def told(record_property: Callable[[str, object], None]) -> Callable[[str], int]:
    """Keeps how many calls a report tells of, for the summary, and returns it."""

    def tell(report: str) -> int:
        cases = generated(report)
        record_property(CASES, cases)
        return cases

    return tell


def pytest_terminal_summary(terminalreporter: Any) -> None:
    terminalreporter.section("calls generated, no failure")
    for report in terminalreporter.getreports("passed"):
        for name, cases in report.user_properties:
            if name == CASES:
                terminalreporter.write_line(f"{cases:>6}  {report.nodeid}")
