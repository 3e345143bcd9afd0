from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mockserver.engine.routes import MAX_SEGMENTS, Routes, Told

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


def found(routes: Routes[str], path: str, sent: str = "") -> tuple[str, tuple[str, ...]] | None:
    """The template of what matches, and its values."""
    segments = path.split("/")[1:]
    match = routes.find(segments, sent=(sent or path).split("/")[1:])
    return None if match is None else (match.template, match.values)


def routed(*templates: str) -> Routes[str]:
    routes: Routes[str] = Routes()
    for each in templates:
        routes.add("GET", each, each)
    return routes


PARTS = ["/f/{id}", "/f/{id}.{ext}", "/f/{id}.json", "/f/new.json", "/f/{name}:run/{x}"]


@pytest.mark.parametrize("order", [PARTS, PARTS[::-1]])
@pytest.mark.parametrize(
    ("path", "template", "values"),
    [
        ("/f/a", "/f/{id}", ("a",)),
        ("/f/a.b", "/f/{id}.{ext}", ("a", "b")),
        ("/f/a.json", "/f/{id}.json", ("a",)),
        ("/f/new.json", "/f/new.json", ()),
        ("/f/a:run", "/f/{id}", ("a:run",)),
        ("/f/a:run/b", "/f/{name}:run/{x}", ("a", "b")),
        ("/f/.json", "/f/{id}", (".json",)),
    ],
)
def test_the_more_of_a_segment_is_literal_the_sooner_it_matches(
    order: list[str], path: str, template: str, values: tuple[str, ...]
) -> None:
    assert found(routed(*order), path) == (template, values)


def test_what_separates_and_came_encoded_belongs_to_a_value() -> None:
    routes = routed("/at/{latitude},{longitude}", "/at/{place}")
    assert found(routes, "/at/a,b,c", "/at/a%2Cb,c") == (
        "/at/{latitude},{longitude}",
        ("a%2Cb", "c"),
    )
    assert found(routes, "/at/a,b", "/at/a%2Cb") == ("/at/{place}", ("a%2Cb",))


def test_literals_that_came_encoded_match_when_nothing_else_does() -> None:
    routes = routed("/report(id={id})")
    assert found(routes, "/report(id=a b)", "/report%28id%3Da%20b%29") == (
        "/report(id={id})",
        ("a%20b",),
    )


def test_one_pattern_may_have_several_methods_and_paths_below() -> None:
    routes: Routes[str] = Routes()
    routes.add("GET", "/{a}.{b}", "got")
    routes.add("PUT", "/{c}.{d}", "put")
    match = routes.find(["x.y"])
    assert match is not None
    assert match.methods == {"GET": "got", "PUT": "put"}


def told(**texts: str) -> Told:
    return texts.get


@pytest.mark.parametrize(
    ("texts", "target"),
    [
        ({"Action": "Run"}, "/#Action=Run"),
        ({"Action": "Stop"}, "/#Action=Stop"),
        ({"Action": "Stop", "now": "1"}, "/#Action=Stop&now"),
        ({"other": "1"}, "/?other"),
        ({}, "/"),
        ({"Action": "Walk"}, "/"),
    ],
)
def test_templates_of_one_path_are_told_apart_by_what_stands_beside_it(
    texts: dict[str, str], target: str
) -> None:
    routes = routed("/#Action=Run", "/#Action=Stop", "/#Action=Stop&now", "/", "/?other")
    match = routes.find([""])
    assert match is not None
    assert match.told_apart(told(**texts)) == {"GET": target}


def test_a_request_of_no_template_in_particular_means_the_first() -> None:
    match = routed("/#Action=Run", "/#Action=Stop").find([""])
    assert match is not None
    assert match.told_apart(told()) == {"GET": "/#Action=Run"}


def test_a_template_with_a_fragment_is_found_as_it_is_written_too() -> None:
    match = routed("/f/{id}#share").find(["f", "1#share"], sent=["f", "1%23share"])
    assert match is not None
    assert (match.methods, match.values) == ({"GET": "/f/{id}#share"}, ("1",))
