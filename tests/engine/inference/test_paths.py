from __future__ import annotations

import pytest

from mockserver.engine.inference.paths import tokens
from mockserver.engine.inference.words import is_version, normal, stem, words


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("/", []),
        ("/a/b/", ["a", "b"]),
        ("/a/{b}", ["a", ("b",)]),
        ("/a/{b}/c.json", ["a", ("b",), "c"]),
        ("/a/{b}.json", ["a", ("b",)]),
        ("/a/{+b}:cancel", ["a", ("b",), ":cancel"]),
        ("/a:merge", ["a", ":merge"]),
        ("/a({b})", ["a", ("b",)]),
        ("/a(b={b},c={c})", ["a", ("b", "c")]),
        ("/{a}...{b}", [("a", "b")]),
        ("/a?b={c}", ["a"]),
        ("/{}", [("",)]),
    ],
)
def test_the_steps_of_a_path(path: str, steps: list[object]) -> None:
    assert [token.literal or token.names for token in tokens(path)] == steps


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("pet", "Pets"),
        ("company", "companies"),
        ("movie", "movies"),
        ("box", "boxes"),
        ("house", "houses"),
        ("address", "addresses"),
        ("status", "statuses"),
        ("key", "keys"),
        ("person", "people"),
        ("rate-plan", "ratePlans"),
    ],
)
def test_one_and_many_are_the_same(one: str, many: str) -> None:
    assert stem(one) == stem(many)


@pytest.mark.parametrize(("one", "other"), [("status", "state"), ("user", "use")])
def test_other_words_are_not(one: str, other: str) -> None:
    assert stem(one) != stem(other)


def test_names() -> None:
    assert normal("@odata.next-Link") == "odatanextlink"
    assert words("shipSymbol_ID2") == ["ship", "symbol", "id", "2"]


@pytest.mark.parametrize("segment", ["v1", "V2.1", "v1beta1", "2010-04-01", "api", "3.0"])
def test_versions(segment: str) -> None:
    assert is_version(segment)


@pytest.mark.parametrize("segment", ["vendors", "apis", "v", "values"])
def test_what_is_no_version(segment: str) -> None:
    assert not is_version(segment)
