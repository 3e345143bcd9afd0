"""The examples of RFC 7396 and RFC 6902, appendix A, and laws of both."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.engine.inferred.changes import BadPatch, merged, patched

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("value", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merge_patches_of_rfc_7396_appendix_a(value: Any, patch: Any, result: Any) -> None:
    assert merged(value, patch) == result


def op(name: str, path: str, **more: Any) -> dict[str, Any]:
    return {"op": name, "path": path, **more}


@pytest.mark.parametrize(
    ("value", "patch", "result"),
    [
        ({"foo": "bar"}, op("add", "/baz", value="qux"), {"baz": "qux", "foo": "bar"}),
        ({"foo": ["bar", "baz"]}, op("add", "/foo/1", value="qux"), {"foo": ["bar", "qux", "baz"]}),
        ({"baz": "qux", "foo": "bar"}, op("remove", "/baz"), {"foo": "bar"}),
        ({"foo": ["bar", "qux", "baz"]}, op("remove", "/foo/1"), {"foo": ["bar", "baz"]}),
        ({"baz": "qux", "foo": "bar"}, op("replace", "/baz", value="boo"),
         {"baz": "boo", "foo": "bar"}),
        ({"foo": {"bar": "baz", "waldo": "fred"}, "qux": {"corge": "grault"}},
         {**op("move", "/qux/thud"), "from": "/foo/waldo"},
         {"foo": {"bar": "baz"}, "qux": {"corge": "grault", "thud": "fred"}}),
        ({"foo": ["all", "grass", "cows", "eat"]}, {**op("move", "/foo/3"), "from": "/foo/1"},
         {"foo": ["all", "cows", "eat", "grass"]}),
        ({"baz": "qux", "foo": ["a", 2, "c"]}, op("test", "/foo/1", value=2),
         {"baz": "qux", "foo": ["a", 2, "c"]}),
        ({"foo": "bar"}, op("add", "/child", value={"grandchild": {}}),
         {"foo": "bar", "child": {"grandchild": {}}}),
        ({"foo": "bar"}, op("add", "/baz", value="qux", xyz=123), {"foo": "bar", "baz": "qux"}),
        ({"/": 9, "~1": 10}, op("test", "/~01", value=10), {"/": 9, "~1": 10}),
        ({"foo": ["bar"]}, op("add", "/foo/-", value=["abc", "def"]),
         {"foo": ["bar", ["abc", "def"]]}),
        ({"foo": 1}, op("replace", "", value=[1]), [1]),
        ({"a": {"b": 1}}, {**op("copy", "/c"), "from": "/a"}, {"a": {"b": 1}, "c": {"b": 1}}),
        ({"a": 1}, {**op("move", "/a"), "from": "/a"}, {"a": 1}),
    ],
)  # fmt: skip
def test_json_patches_of_rfc_6902_appendix_a(value: Any, patch: Any, result: Any) -> None:
    assert patched(value, [patch]) == result


@pytest.mark.parametrize(
    ("value", "patch"),
    [
        ({"baz": "qux"}, op("test", "/baz", value="bar")),
        ({"/": 9, "~1": 10}, op("test", "/~01", value="10")),
        ({"a": 1}, op("test", "/a", value=True)),
        ({"a": [1, 2]}, op("test", "/a", value=[2, 1])),
    ],
)
def test_a_test_that_fails_refuses_the_patch(value: Any, patch: Any) -> None:
    with pytest.raises(BadPatch):
        patched(value, [patch])


@pytest.mark.parametrize(
    ("value", "patch"),
    [
        ({"foo": "bar"}, op("add", "/baz/bat", value="qux")),
        ({"a": [1]}, op("add", "/a/2", value=1)),
        ({"a": [1]}, op("add", "/a/01", value=1)),
        ({"a": [1]}, op("remove", "/a/-")),
        ({"a": 1}, op("remove", "/b")),
        ({"a": 1}, op("replace", "/b", value=1)),
        ({"a": 1}, op("replace", "/a/b", value=1)),
        ({"a": 1}, op("add", "/b")),
        ({"a": 1}, op("add", "b", value=1)),
        ({"a": 1}, op("add", "/~2", value=1)),
        ({"a": {"b": 1}}, {**op("move", "/a/b"), "from": "/a"}),
        ({"a": 1}, {**op("copy", "/b"), "from": "/c"}),
        ({"a": 1}, op("copy", "/b")),
        ({"a": 1}, op("swap", "/a")),
        ({"a": 1}, {"path": "/a"}),
        ({"a": 1}, 3),
    ],
)
def test_a_patch_that_does_not_fit_is_refused(value: Any, patch: Any) -> None:
    with pytest.raises(BadPatch):
        patched(value, [patch])


@given(st.dictionaries(st.text(max_size=3), JSON, min_size=1), JSON, st.data())
def test_what_was_added_is_there_and_what_was_removed_is_not(
    value: Any, new: Any, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(sorted(value)))
    path = "/" + name.replace("~", "~0").replace("/", "~1")
    before = {**value}
    assert patched(value, [op("add", path, value=new)])[name] == new
    assert patched(value, [op("remove", path)]) == {n: v for n, v in value.items() if n != name}
    assert value == before


def test_a_patch_that_doubles_a_value_again_and_again_is_refused() -> None:
    with pytest.raises(BadPatch, match="copies more than"):
        patched({"a": [1]}, [op("copy", "/a/-", **{"from": "/a"})] * 40)


def test_long_texts_count_as_what_is_copied() -> None:
    with pytest.raises(BadPatch, match="copies more than"):
        patched({"a": ["x" * 300_000]}, [op("copy", "/a/-", **{"from": "/a/0"})] * 5)


def test_a_patch_that_nests_deeper_than_a_body_may_is_refused() -> None:
    chain: Any = {}
    for _ in range(100):
        chain = {"a": chain}
    deeper = [op("add", "/a" * (100 * times + 1), value=chain) for times in range(20)]
    assert patched({}, deeper[:1]) == {"a": chain}
    with pytest.raises(BadPatch, match="nests deeper"):
        patched({}, deeper)
    with pytest.raises(BadPatch, match="nests deeper"):
        patched({}, [*deeper, op("copy", "/b", **{"from": "/a"})])


@pytest.mark.parametrize("patch", ["x", '[{"op": "remove", "path": "/a"}]', {}, None, 3])
def test_a_patch_that_is_no_array_is_refused(patch: Any) -> None:
    with pytest.raises(BadPatch, match="array of operations"):
        patched({"a": 1}, patch)
