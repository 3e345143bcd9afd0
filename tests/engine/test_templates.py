from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.engine.templates import Pattern, marked, template_names, unsent_names


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("/a/{b}/c/{d}", ["b", "d"]),
        ("/", []),
        ("/files/{id}.{ext}", ["id", "ext"]),
        ("/x(a={a},b='{b}')/{c}:run", ["a", "b", "c"]),
        ("/x/{a}?b={b}#c={c}", ["a"]),
        ("/v1/{+name}:cancel", ["name"]),
    ],
)
def test_the_names_of_a_template_are_those_of_its_path(template: str, names: list[str]) -> None:
    assert template_names(template) == names


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("/a#get_link", ["get_link"]),
        ("/a#q&get_link&h", ["get_link"]),
        ("/a#Action=Run", []),
        ("/a?b", []),
        ("/a", []),
        ("/a#", []),
    ],
)
def test_names_in_a_fragment_that_no_parameter_has_are_never_sent(
    template: str, names: list[str]
) -> None:
    assert unsent_names(template, {"q", "h"}) == names


@pytest.mark.parametrize(
    ("template", "path", "marks", "templated"),
    [
        ("/a/{b}", "/a/{b}", (), ()),
        ("/#Action=Run", "/", (("Action", "Run"),), ()),
        ("/rest?method=get&x", "/rest", (("method", "get"), ("x", None)), ()),
        ("/alerts?lat={lat}", "/alerts", (("lat", None),), ("lat",)),
        ("/a?{b}=1", "/a", (), ("b",)),
    ],
)
def test_what_stands_beside_a_path_tells_its_requests_apart(
    template: str, path: str, marks: object, templated: object
) -> None:
    assert tuple(marked(template)) == (path, marks, templated)


@pytest.mark.parametrize(
    ("segment", "text", "values"),
    [
        ("{id}.{ext}", "a.b.c", ["a.b", "c"]),
        ("{id}.{ext}", "a.", None),
        ("{id}.{ext}", "ab", None),
        ("{name}:cancel", "x:cancel", ["x"]),
        ("{name}:cancel", ":cancel", None),
        ("report({id})", "report(7)", ["7"]),
        ("report({id})", "report()", None),
        ("{a}{b}", "xyz", ["xy", "z"]),
        ("{a}{b}", "x", None),
        ("{id}{extension}", "1.2.json", ["1.2", ".json"]),
        ("{id}{extension}", ".json", [".jso", "n"]),
        ("ab{x}b", "ab", None),
    ],
)
def test_a_segment_is_split_by_its_literals(
    segment: str, text: str, values: list[str] | None
) -> None:
    assert Pattern(segment).split(text) == values


VALUES = st.text("abc", min_size=1, max_size=3)


@given(st.lists(VALUES, min_size=1, max_size=4), st.text(".:(", max_size=2))
def test_values_that_hold_no_literal_are_found(values: list[str], around: str) -> None:
    separator = "," + around
    segment = separator.join(f"{{p{number}}}" for number in range(len(values)))
    text = separator.join(values)
    if len(values) > 1 or around:
        found = Pattern(around + segment + around).split(around + text + around)
        assert found == values


def test_a_long_segment_is_split_at_once() -> None:
    segment = ",".join(f"{{p{number}}}" for number in range(30))
    assert Pattern(segment + "!").split("," * 100_000) is None
    values = Pattern(segment).split("a" + ",a" * 20_000)
    assert values is not None
    assert values[1:] == ["a"] * 29
