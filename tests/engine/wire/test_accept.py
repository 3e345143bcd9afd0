from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.engine.wire.accept import MAX_RANGES, choose

JSON, XML, TEXT, HTML = "application/json", "application/xml", "text/plain", "text/html"


@pytest.mark.parametrize(
    ("accept", "offered", "chosen"),
    [
        (None, [JSON, XML], JSON),
        ("", [JSON, XML], JSON),
        ("*/*", [JSON, XML], JSON),
        ("*", [JSON, XML], JSON),
        (XML, [JSON, XML], XML),
        (f"{XML}, {JSON}", [JSON, XML], JSON),
        (f"{XML}, {JSON};q=0.9", [JSON, XML], XML),
        (f"{XML};q=0.5, {JSON};q=0.9", [XML, JSON], JSON),
        (f"{TEXT}, */*", [JSON, TEXT], TEXT),
        (f"{JSON}, {TEXT}, */*", ["text/csv", JSON], JSON),
        ("text/*, application/json;q=0.9", [JSON, TEXT], TEXT),
        ("text/*;q=0.5, */*;q=0.1", [JSON, TEXT], TEXT),
        ("image/png", [JSON, XML], None),
        (f"{JSON};q=0", [JSON], None),
        (f"{JSON};q=0, */*", [JSON, XML], XML),
        (f"*/*;q=0, {JSON}", [XML, JSON], JSON),
        ("text/*;q=0, */*", [TEXT, JSON], JSON),
        ("application/*+json", ["application/hal+json"], None),
        ("Application/JSON", [JSON], JSON),
        (f"{JSON} ; Q=0.1 ,{XML}", [JSON, XML], XML),
        (f",, {XML} ,", [JSON, XML], XML),
        (JSON, [], None),
        (None, [], None),
    ],
)
def test_what_a_client_wants(accept: str | None, offered: list[str], chosen: str | None) -> None:
    assert choose(accept, offered) == chosen


RFC = (
    "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, "
    "text/plain;format=fixed;q=0.4, */*;q=0.5"
)
QUALITIES = {
    "text/plain;format=flowed": 1,
    "text/plain": 0.7,
    "text/html": 0.3,
    "image/jpeg": 0.5,
    "text/plain;format=fixed": 0.4,
    "text/html;level=3": 0.3,
}


def test_the_qualities_of_the_example_in_rfc_9110() -> None:
    for one, quality in QUALITIES.items():
        for other, less in QUALITIES.items():
            if quality > less:
                assert choose(RFC, [other, one]) == choose(RFC, [one, other]) == one


@pytest.mark.parametrize(
    ("accept", "offered", "chosen"),
    [
        ("text/html;level=1", [HTML], None),
        ("text/html;level=1", ["text/html;level=2"], None),
        ("text/html;level=1", ["text/html; level=1"], "text/html; level=1"),
        ("text/html", ["text/html;level=1"], "text/html;level=1"),
        ("text/html;level=1;q=0.1;ext=2, text/html;q=0.5", [HTML, "text/html;level=1"], HTML),
        ('text/x;a="b,c;d"', ['text/x;a="b,c;d"', JSON], 'text/x;a="b,c;d"'),
        ("application/json; charset=UTF-8", [JSON], JSON),
        ("application/json; charset=utf-16", [JSON], None),
        ("text/plain;charset=utf-16", ["text/plain;charset=UTF-16"], "text/plain;charset=UTF-16"),
    ],
)
def test_parameters_of_media_types(accept: str, offered: list[str], chosen: str | None) -> None:
    assert choose(accept, offered) == chosen


@pytest.mark.parametrize(
    ("accept", "offered", "chosen"),
    [
        ("image/png", ["image/*"], "image/*"),
        ("image/png", ["*/*"], "*/*"),
        ("image/png", [JSON, "image/*"], "image/*"),
        ("image/*", ["image/*"], "image/*"),
        ("text/*", ["image/*"], None),
        ("image/png;q=0", ["image/*"], None),
        ("image/png;q=0, image/*", ["image/*"], "image/*"),
        (f"image/png;q=0.2, {JSON};q=0.3", ["image/*", JSON], JSON),
        (f"image/png, {JSON}", ["*/*", JSON], "*/*"),
        (f"image/*, {JSON}", [JSON, "*/*"], JSON),
    ],
)
def test_ranges_on_offer(accept: str, offered: list[str], chosen: str | None) -> None:
    assert choose(accept, offered) == chosen


@pytest.mark.parametrize(
    "accept",
    [
        "json",
        "/",
        "a/",
        "/b",
        "*/json",
        "a b/c",
        "a/b/c",
        ";q=1",
        ",",
        " ",
        "application/xml;q=high",
        "application/xml;q=2",
        "application/xml;q=-1",
        "application/xml;q=nan",
        "application/xml;q=.",
        '"application/xml',
        "\x00",
        "ą/ę",
    ],
)
def test_a_malformed_header_is_as_good_as_none(accept: str) -> None:
    assert choose(accept, [JSON, XML]) == JSON
    assert choose(f"{accept}, {XML}", [JSON, XML]) in (XML, JSON)


def test_what_java_sends() -> None:
    accept = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"
    assert choose(accept, [JSON, HTML]) == HTML
    assert choose(accept, [JSON, XML]) == JSON


def test_what_a_browser_sends() -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8"
    assert choose(accept, [JSON, XML]) == XML
    assert choose(accept, [JSON, XML, "image/*"]) == "image/*"


TYPES = ["a/x", "a/y", "b/x", "b/z"]
RANGES = [*TYPES, "a/*", "b/*", "*/*", "c/x"]
QUALITY = st.integers(0, 10)
WISHES = st.dictionaries(st.sampled_from(RANGES), QUALITY, min_size=1)


def quality(media_type: str, wishes: dict[str, int]) -> int:
    main = media_type.partition("/")[0]
    known = (wishes.get(each) for each in (media_type, f"{main}/*", "*/*"))
    return next((found for found in known if found is not None), 0)


def written(wishes: dict[str, int]) -> str:
    return ", ".join(f"{name};q={each / 10}" for name, each in wishes.items())


@given(WISHES, st.lists(st.sampled_from(TYPES), min_size=1, unique=True))
def test_nothing_on_offer_is_wanted_more(wishes: dict[str, int], offered: list[str]) -> None:
    most = max(quality(each, wishes) for each in offered)
    chosen = choose(written(wishes), offered)
    if most == 0:
        assert chosen is None
    else:
        assert chosen in offered
        assert quality(chosen, wishes) == most


@given(WISHES, st.permutations(RANGES))
def test_the_order_of_the_header_does_not_matter(wishes: dict[str, int], order: list[str]) -> None:
    ordered = {name: wishes[name] for name in order if name in wishes}
    assert choose(written(ordered), TYPES) == choose(written(wishes), TYPES)


@given(st.text(st.sampled_from('ab/*;q=.01, "\\'), max_size=30) | st.text(max_size=30))
def test_no_header_crashes(accept: str) -> None:
    assert choose(accept, [JSON, "a/b", "*/*"]) in (JSON, "a/b", "*/*", None)


def test_a_long_header_is_read_to_its_bound() -> None:
    wanted = ", ".join(["a/b"] * (MAX_RANGES - 1))
    assert choose(f"{wanted}, {JSON}", [JSON]) == JSON
    assert choose(f"{wanted}, a/b, {JSON}", [JSON]) is None
