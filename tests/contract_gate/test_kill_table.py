"""The page that says which faults are found, made from measured results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.kill_table import page, read

FOUND = {
    "name": "stale_get",
    "seed": 0,
    "outcome": "killed",
    "seconds": 2.5,
    "requests": 120,
    "reproducer": 3,
    "where": "asset_snapshot body /name",
    "told": "expected a, got b",
}
MISSED = FOUND | {"seed": 1, "outcome": "survived", "requests": 800, "where": ""}
OTHER = FOUND | {"name": "create_201", "requests": 40}


def told(tmp_path: Path, *runs: dict[str, Any]) -> str:
    file = tmp_path / "results.jsonl"
    file.write_text("\n".join(map(json.dumps, runs)))
    return "\n".join(page(read([file]), "in process"))


def test_a_fault_is_told_with_how_often_it_was_found(tmp_path: Path) -> None:
    text = told(tmp_path, FOUND, MISSED, OTHER)
    assert "| `stale_get` |" in text
    assert "| 1 of 2 | 120 | asset_snapshot body /name |" in text
    assert "- found in each seed: 1 of 2; in one at least: 2" in text


def test_what_was_not_measured_is_told(tmp_path: Path) -> None:
    assert "`list_capped_at_40`" in told(tmp_path, FOUND).splitlines()[-1]


def test_the_last_result_of_a_seed_counts(tmp_path: Path) -> None:
    again = MISSED | {"seed": 0}
    assert "| no | 800 |" in told(tmp_path, FOUND, again)


def test_conditions_are_told(tmp_path: Path) -> None:
    text = told(tmp_path, FOUND, MISSED)
    assert "seeds: 0, 1" in text
    assert "at most 800 requests" in text
    assert "- in process" in text
