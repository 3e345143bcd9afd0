"""A sample of the published descriptions: they start, answer validly, and keep what is created.

``python -m tests.corpus.sweep`` tries all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.corpus.figures import Figures
from tests.corpus.package import fetched
from tests.corpus.workers import tried

BY_PUBLISHER = 30
BY_SIZE = 20
BY_VERSION = 10

LARGEST = 1_500_000
"""Bytes of a description past which it is left to the sweep of all."""

SECONDS = 30.0


def spread(paths: Iterable[Path], count: int) -> list[Path]:
    """So many of the paths, as far from each other as they are from both ends."""
    listed = list(paths)
    return [listed[(2 * number + 1) * len(listed) // (2 * count)] for number in range(count)]


def sample(folder: Path) -> list[Path]:
    """Descriptions of all sizes, versions and publishers; the same ones each time."""
    paths = sorted(path for path in folder.rglob("*.json") if path.stat().st_size <= LARGEST)
    modern = [path for path in paths if _is_modern(path)]
    by_size = sorted(paths, key=lambda path: (path.stat().st_size, path))
    chosen = spread(_one_each(paths, folder), BY_PUBLISHER) + spread(by_size, BY_SIZE)
    return [*dict.fromkeys(chosen + spread(_one_each(modern, folder), BY_VERSION))]


def _one_each(paths: Iterable[Path], folder: Path) -> list[Path]:
    """The first description of each publisher."""
    first: dict[str, Path] = {}
    for path in paths:
        first.setdefault(path.relative_to(folder).parts[0], path)
    return [*first.values()]


def _is_modern(path: Path) -> bool:
    return re.search(rb'"openapi"\s*:\s*"3\.1', path.read_bytes()) is not None


@pytest.fixture(scope="module")
def figures() -> Figures:
    """What was found of the sample."""
    folder = fetched()
    paths = sample(folder)
    made = Figures()
    for found in tried(paths, seconds=lambda path: SECONDS):
        made.add(found, found.path.relative_to(folder).as_posix())
    print("\n".join(made.lines(20)))
    return made


def test_every_description_starts(figures: Figures) -> None:
    assert figures.sums["descriptions"] >= 50
    assert figures.causes.get("not started", {}) == {}


def test_every_operation_answers_validly_to_a_valid_request(figures: Figures) -> None:
    assert figures.sums["operations"] > 500
    assert figures.sums["valid"] >= 0.99 * figures.sums["operations"], figures.causes


def test_what_is_created_is_readable_listed_and_gone_once_deleted(figures: Figures) -> None:
    assert figures.sums["pairs"] > 10
    assert figures.sums["pairs kept"] >= 0.9 * figures.sums["pairs"], figures.causes


def test_answers_are_judged_by_the_published_schemas_too(figures: Figures) -> None:
    assert figures.sums["judged by the published schema"] > 0.3 * figures.sums["operations"]
