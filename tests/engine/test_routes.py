from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.engine.routes import MAX_SEGMENTS, Routes

SEGMENTS = st.sampled_from(["a", "b", "c", "{x}", "{y}", ""])
TEMPLATES = st.lists(st.lists(SEGMENTS, min_size=1, max_size=4), min_size=1, max_size=12)
PATHS = st.lists(st.sampled_from(["a", "b", "c", "d", "", "{x}"]), max_size=5)


def template(segment: str) -> bool:
    return segment.startswith("{")


def naive(templates: list[list[str]], path: list[str]) -> list[str] | None:
    """Of all that match, the one with a literal at the first place where they differ."""
    matching = [
        candidate
        for candidate in templates
        if len(candidate) == len(path)
        and all(
            bool(given_) if template(wanted) else wanted == given_
            for wanted, given_ in zip(candidate, path, strict=True)
        )
    ]
    # Templates that differ only in the names of their parameters are one; the first names it.
    return min(matching, key=lambda each: [template(s) for s in each], default=None)


@given(TEMPLATES, PATHS)
@example([["a", "{x}", "c"], ["{x}", "b", "d"]], ["a", "b", "d"])
@example([["{x}"], ["a"]], ["a"])
@example([["{x}"]], [""])
def test_finds_what_a_naive_search_finds(templates: list[list[str]], path: list[str]) -> None:
    routes: Routes[str] = Routes()
    for each in templates:
        routes.add("GET", "/" + "/".join(each), "target")
    wanted = naive(templates, path)
    found = routes.find(path)
    if wanted is None:
        assert found is None
    else:
        assert found is not None
        assert found.template == "/" + "/".join(wanted)
        assert found.values == tuple(
            given_ for part, given_ in zip(wanted, path, strict=True) if template(part)
        )


def test_the_path_decides_before_the_method() -> None:
    routes: Routes[str] = Routes()
    routes.add("GET", "/things/{id}", "any")
    routes.add("POST", "/things/new", "new")
    routes.add("DELETE", "/things/{id}", "gone")
    found = routes.find(["things", "new"])
    assert found is not None
    assert found.methods == {"POST": "new"}
    other = routes.find(["things", "7"])
    assert other is not None
    assert other.methods == {"GET": "any", "DELETE": "gone"}


def test_a_prefix_of_a_path_is_no_path() -> None:
    routes: Routes[str] = Routes()
    routes.add("GET", "/a/b", "target")
    assert routes.find(["a"]) is None
    assert routes.find(["a", "b", ""]) is None
    assert routes.find([]) is None


def test_depth_is_bounded() -> None:
    routes: Routes[str] = Routes()
    routes.add("GET", "/{x}" * MAX_SEGMENTS, "deep")
    routes.add("GET", "/{x}" * (MAX_SEGMENTS + 1), "too deep")
    assert routes.find(["a"] * MAX_SEGMENTS)
    assert routes.find(["a"] * (MAX_SEGMENTS + 1)) is None
    assert routes.find(["a"] * 100_000) is None


@pytest.mark.parametrize(
    ("segments", "nearest"),
    [
        (["asset"], "/assets"),
        (["assets", "creat"], "/assets/create"),
        (["quite", "another", "thing"], ""),
        (["assets"] * 1000, ""),
    ],
)
def test_nearest(segments: list[str], nearest: str) -> None:
    routes: Routes[str] = Routes()
    for path in ("/assets", "/assets/create", "/user"):
        routes.add("GET", path, path)
    assert routes.nearest(segments) == nearest


def test_nothing_is_near_in_an_empty_table() -> None:
    assert Routes[str]().nearest(["a"]) == ""
