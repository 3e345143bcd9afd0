"""Lists whose items have something open in them: what they hold, and in what order, is not open."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mockserver.contract.alike import in_order
from mockserver.contract.checking import check
from mockserver.contract.results import Options
from mockserver.contract.values import Answered, Json, Key, Sent
from tests.contract_gate.flask_service import CREATE, checked, service

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


def test_what_a_text_is_taken_for_stays_open_beside_a_moment_that_was_told(tmp_path: Path) -> None:
    with checked(tmp_path) as check:
        check.fresh()
        format_ = {"fragment": {"string": {"raw": '"""ONE."""\n\nIMPORT SYS\n\nCLASS A:\n'}}}
        assert isinstance(CREATE.body, Json)
        asset = {**CREATE.body.value["asset"], "format": format_}
        body = Json({**CREATE.body.value, "asset": asset})
        made = check.session.step(replace(CREATE, body=body))
        assert isinstance(made.a, Answered)
        assert isinstance(made.t, Answered)
        assert b'"specific":"text"' in made.a.body.replace(b" ", b"")
        assert b'"specific":"text"' not in made.t.body.replace(b" ", b"")
        names = check.session.names
        moment = next(Key(n) for n in range(9) if names[n].pointer == "body:/created/value")
        asked = {"created": {"from": {"value": moment}, "to": {"value": moment}}}
        found = [{**asked, "classification": "text"}]
        sent = Sent(
            "assets_search_with_filters",
            "POST",
            "/assets/search",
            body=Json({"filters": {"iterable": found}}),
            media_type="application/json",
        )
        assert check.session.step(sent).differences == []
