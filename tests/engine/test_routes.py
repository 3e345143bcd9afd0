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
    routes: Routes[int] = Routes()
    for number, each in enumerate(templates):
        routes.add(str(number), "/" + "/".join(each), number)
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


@pytest.mark.parametrize("again", ["/a/{x}", "/a/{other}"])
def test_a_method_of_a_path_is_described_once(again: str) -> None:
    routes: Routes[str] = Routes()
    routes.add("GET", "/a/{x}", "first")
    routes.add("POST", "/a/{y}", "other method")
    with pytest.raises(ValueError, match=r"GET .* twice"):
        routes.add("GET", again, "second")
    found = routes.find(["a", "7"])
    assert found is not None
    assert found.methods == {"GET": "first", "POST": "other method"}


PREFIXES = st.lists(st.lists(st.sampled_from(["a", "b", "c"]), max_size=3), max_size=6)


def naive_owner(prefixes: list[list[str]], path: list[str]) -> str | None:
    """The longest of the prefixes with which a path begins."""
    matching = [prefix for prefix in prefixes if path[: len(prefix)] == prefix]
    longest = max(matching, key=len, default=None)
    return None if longest is None else written(longest)


def written(segments: list[str]) -> str:
    return "".join(f"/{segment}" for segment in segments)


@given(PREFIXES, PATHS)
@example([[], ["a"], ["a", "b"]], ["a", "b", "c"])
@example([["a", "b"]], ["a"])
@example([], ["a"])
def test_a_path_belongs_to_the_longest_prefix(prefixes: list[list[str]], path: list[str]) -> None:
    routes: Routes[str] = Routes()
    for prefix in prefixes:
        routes.claim(written(prefix), written(prefix))
    assert routes.owner(path) == naive_owner(prefixes, path)


@given(PREFIXES, st.lists(st.lists(SEGMENTS.filter(bool), max_size=3), max_size=6), PATHS)
@example([[], ["a"]], [["{x}"]], ["a", "b"])
@example([[], ["a"]], [["{x}", "b"]], ["a", "b"])
def test_what_matches_a_path_is_its_owners(
    prefixes: list[list[str]], templates: list[list[str]], path: list[str]
) -> None:
    """Every owner describes the same templates below its prefix, none inside another's."""
    routes: Routes[str] = Routes()
    described: dict[str, list[list[str]]] = {}
    for prefix in {written(prefix): prefix for prefix in prefixes}.values():
        routes.claim(written(prefix), written(prefix))
        own = [[*prefix, *each] for each in templates if each]
        inside = [each for each in own if naive_owner(prefixes, each) == written(prefix)]
        described[written(prefix)] = inside
        for number, each in enumerate(inside):
            routes.add(str(number), written(each), written(prefix))
    owner = naive_owner(prefixes, path)
    wanted = None if owner is None else naive(described[owner], path)
    found = routes.find(path)
    if wanted is None:
        assert found is None
    else:
        assert found is not None
        assert found.template == written(wanted)
        assert {*found.methods.values()} == {owner}


def test_nobody_owns_what_nobody_claimed() -> None:
    routes: Routes[str] = Routes()
    routes.claim("/a", "a")
    routes.add("GET", "/b", "b")
    assert routes.owner(["b"]) is None
    assert routes.owner([]) is None
    assert routes.find(["b"]) is not None


@pytest.mark.parametrize(
    ("path", "values"),
    [
        (["things", "Ab", "parts"], ("Ab",)),
        (["THINGS", "Ab", "Parts"], ("Ab",)),
        (["Things", "PARTS", "parts"], ("PARTS",)),
    ],
)
def test_literals_match_in_any_case_where_that_is_asked_and_values_keep_theirs(
    path: list[str], values: tuple[str, ...]
) -> None:
    routes: Routes[str] = Routes()
    routes.claim("", "owner", loose=True)
    routes.add("GET", "/things/{x}/parts", "target")
    found = routes.find(path)
    assert found is not None
    assert found.values == values
    exact: Routes[str] = Routes()
    exact.add("GET", "/things/{x}/parts", "target")
    assert (exact.find(path) is not None) == (path[0] == "things" and path[2] == "parts")


@pytest.mark.parametrize(("loose", "values"), [(True, ("jobs",)), (False, ())])
def test_a_literal_path_without_the_method_gives_way_where_paths_are_loose(
    loose: bool, values: tuple[str, ...]
) -> None:
    routes: Routes[str] = Routes()
    routes.claim("", "owner", loose=loose)
    routes.add("POST", "/things/jobs", "jobs")
    routes.add("GET", "/things/{x}", "thing")
    found = routes.find(["things", "jobs"], "GET")
    assert found is not None
    assert found.values == values
    unknown = routes.find(["things", "jobs"], "PATCH")
    assert unknown is not None
    assert unknown.values == ()
