from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from mockserver.contract.baseline import NO_REASON, Baseline, Entry, read
from mockserver.contract.results import Result
from mockserver.contract.values import Described, Finding
from mockserver.errors import StartupError

TODAY = date(2027, 1, 31)
LOST = Finding("MS204", "read", "body", "/name", Described("/paths"), "a", "b", ())
CUT = replace(LOST, code="MS207", operation="list", pointer="/items")


def entry(finding: Finding, expires: date = TODAY, reason: str = "until the move") -> Entry:
    return Entry(*finding.cause, finding.code, reason, expires)


def judged(*entries: Entry, findings: tuple[Finding, ...] = (LOST, CUT)) -> Result:
    result = Result(findings=list(findings))
    Baseline(entries, "b.yaml").judge(result, TODAY)
    return result


def test_an_accepted_finding_does_not_count_until_its_day_is_over() -> None:
    result = judged(entry(LOST), entry(CUT))
    assert [finding.accepted for finding in result.findings] == ["until the move"] * 2
    assert result.kept
    assert result.remarks == []


def test_an_expired_entry_is_told_and_counts_again() -> None:
    result = judged(entry(LOST, date(2027, 1, 30)), entry(CUT))
    assert [finding.counts for finding in result.findings] == [True, False]
    assert not result.kept
    [remark] = result.remarks
    assert "expired on 2027-01-30" in remark


def test_an_entry_that_was_not_seen_is_told_as_gone() -> None:
    result = judged(entry(LOST), entry(CUT), findings=(LOST,))
    [remark] = result.remarks
    assert "gone" in remark
    assert "MS207 list" in remark


def test_an_update_adds_what_is_new_and_keeps_reasons_and_days() -> None:
    later = date(2027, 2, 1)
    updated = Baseline([entry(CUT, later)], "b").updated([LOST, CUT], frozenset(), TODAY)
    assert [(e.operation, e.reason, e.expires) for e in updated.entries] == [
        ("list", "until the move", later),
        ("read", NO_REASON, date(2027, 5, 1)),
    ]


def test_an_update_drops_what_is_gone_where_the_operation_was_called() -> None:
    known = Baseline([entry(LOST), entry(CUT)], "b")
    assert known.updated([], frozenset({"read"}), TODAY).entries == (entry(CUT),)


def test_an_update_accepts_nothing_that_is_flaky() -> None:
    flaky = replace(LOST, flaky=True)
    assert Baseline([], "b").updated([flaky], frozenset({"read"}), TODAY).entries == ()


def test_the_file_is_read_as_it_is_written_in_one_order(tmp_path: Path) -> None:
    path = tmp_path / "baseline.yaml"
    entries = [entry(LOST, reason="a: b # ü"), entry(CUT)]
    path.write_text(Baseline(entries, "x").text(), encoding="utf-8")
    again = read(path)
    assert set(again.entries) == set(entries)
    path.write_text(Baseline(entries[::-1], "x").text(), encoding="utf-8")
    assert read(path).text() == again.text()


def test_a_baseline_may_be_json(tmp_path: Path) -> None:
    path = tmp_path / "baseline.json"
    path.write_text(
        '{"version": 1, "findings": [{"operation": "read", "aspect": "body", "pointer": "/name",'
        ' "code": "MS204", "reason": "until the move", "expires": "2027-01-31"}]}'
    )
    assert read(path).entries == (entry(LOST),)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("version: 2", "expected version: 1"),
        ("version: 1\nfindings: 7", "expected a list"),
        ("version: 1\nfindings: [{operation: a, aspect: b, expires: 2027-01-31}]", "/reason"),
        (
            "version: 1\nfindings: [{operation: a, aspect: b, reason: ' ', expires: 2027-01-31}]",
            "/findings/0/reason",
        ),
        (
            "version: 1\nfindings: [{operation: a, aspect: b, reason: c, expires: soon}]",
            "expected a day such as 2027-01-31, got 'soon'",
        ),
        ("a: [", "cannot be read"),
    ],
)
def test_what_is_wrong_in_the_file_is_told_with_its_place(tmp_path, text, told) -> None:
    path = tmp_path / "baseline.yaml"
    path.write_text(text)
    with pytest.raises(StartupError, match=r"baseline\.yaml") as error:
        read(path)
    assert told in str(error.value)


def test_no_file_is_an_empty_baseline_only_where_one_is_to_be_written(tmp_path: Path) -> None:
    assert read(tmp_path / "none.yaml", missing=True).entries == ()
    with pytest.raises(StartupError, match=r"none\.yaml"):
        read(tmp_path / "none.yaml")
