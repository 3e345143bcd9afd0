from __future__ import annotations

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.engine.faults.matching import Asked, Match, PathGlob

SEGMENTS = st.lists(st.text("ab", max_size=2), min_size=1, max_size=5)
PARTS = st.lists(st.sampled_from(["**", "*", "?", "a", "b", "a*", "*b", "[ab]"]), min_size=1)


def naive(parts: list[str], segments: list[str]) -> bool:
    """What a pattern means, tried in every way there is."""
    if not parts:
        return not segments
    if parts[0] == "**":
        return any(naive(parts[1:], segments[taken:]) for taken in range(len(segments) + 1))
    return bool(segments) and fnmatchcase(segments[0], parts[0]) and naive(parts[1:], segments[1:])


@given(PARTS.filter(lambda parts: len(parts) < 7), SEGMENTS)
def test_a_pattern_fits_what_some_way_of_reading_it_fits(
    parts: list[str], segments: list[str]
) -> None:
    assert PathGlob("/" + "/".join(parts)).matches(segments) == naive(parts, segments)


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("/assets", "/assets", True),
        ("/assets", "/assets/", False),
        ("/assets/*", "/assets/1", True),
        ("/assets/*", "/assets/1/formats", False),
        ("/assets/**", "/assets/1/formats", True),
        ("/assets/**", "/assets", True),
        ("/**", "/", True),
        ("/**/formats", "/assets/1/formats", True),
        ("/assets/[0-9]*", "/assets/17", True),
        ("/assets/[", "/assets/[", True),
        ("/Assets", "/assets", False),
    ],
)
def test_patterns_of_paths(pattern: str, path: str, fits: bool) -> None:
    assert PathGlob(pattern).matches(path.split("/")[1:]) is fits


def test_no_pattern_takes_long() -> None:
    assert not PathGlob("/" + "*a" * 250).matches(["a" * 200 + "b"])
    assert not PathGlob("/**" * 160 + "/b").matches(["a"] * 1_000)


@pytest.mark.parametrize(
    ("told", "fits"),
    [
        ({}, True),
        ({"api": "tiny", "operation": "only", "method": "GET", "path": "/a/*"}, True),
        ({"api": "other"}, False),
        ({"operation": "other"}, False),
        ({"method": "HEAD"}, False),
        ({"path": "/b"}, False),
        ({"method": "GET", "path": "/b"}, False),
    ],
)
def test_all_that_is_said_must_hold(told: dict[str, str], fits: bool) -> None:
    assert Match.of(told).fits(Asked("tiny", "only", "GET", ["a", "b"])) is fits


@given(st.text(max_size=30), st.lists(st.text(max_size=5), min_size=1, max_size=5))
def test_any_text_is_a_pattern(text: str, segments: list[str]) -> None:
    assert PathGlob("/" + text).matches(segments) in (True, False)


@given(st.lists(st.text(st.characters(exclude_characters="/*?["), max_size=5), min_size=1))
def test_a_path_without_wildcards_is_its_own_pattern(segments: list[str]) -> None:
    assert PathGlob("/" + "/".join(segments)).matches(segments)
