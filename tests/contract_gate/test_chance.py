"""Lists whose items have something open in them: what they hold, and in what order, is not open."""

from __future__ import annotations

from pathlib import Path

import pytest

from mockserver.contract.alike import in_order
from mockserver.contract.checking import check
from mockserver.contract.results import Options
from tests.contract_gate.flask_service import service

SEARCHES = ("assets_search_assets", "assets_search_with_filters", "full_text_search")


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("ties_oldest_first", "MS208"),
        ("suggestions_first", "MS208"),
        ("content_outranks_title", "MS208"),
        ("range_without_its_end", "MS207"),
    ],
)
def test_hits_are_compared_though_their_scores_are_open(
    tmp_path: Path, fault: str, code: str
) -> None:
    app, reset = service(tmp_path, fault)
    options = Options(seconds=60, requests=300, most=1, include=SEARCHES)
    (finding,) = check(app, "assets", options, reset=reset).findings
    assert (finding.code, finding.flaky) == (code, False)


def test_keys_are_looked_for_in_their_order_and_new_ones_by_theirs() -> None:
    items = [{"id": "a"}, {"id": "n7"}, {"id": "b"}]
    assert in_order(items, ["a", "b"], {})
    assert not in_order(items, ["b", "a"], {})
    assert not in_order(items, ["a", "c"], {})
    assert in_order(items, ["a", "1"], {"n7": 1})
    assert not in_order({"id": "a"}, ["a"], {})
