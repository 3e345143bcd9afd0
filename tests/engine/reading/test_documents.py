from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mockserver.engine.reading.documents import parse_document, parse_yaml, read_document

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text("abc:1- #'", max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text("abn1:", max_size=4), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(JSON)
def test_json_is_yaml(value: Any) -> None:
    assert parse_yaml(orjson.dumps(value)) == value


@pytest.mark.parametrize(
    "text",
    ["2025-01-31", "2025-01-31T12:00:00Z", "on", "off", "no", "yes", "y", "n", "On", "12:30:45"],
)
def test_stays_text(text: str) -> None:
    assert parse_yaml(f"value: {text}".encode()) == {"value": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("False", False),
        ("null", None),
        ("12", 12),
        ("-1.5", -1.5),
        ("1e3", 1000.0),
        ("'12'", "12"),
    ],
)
def test_is_a_value(text: str, value: Any) -> None:
    found = parse_yaml(f"value: {text}".encode())["value"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("key", ["200", "1.0", "on", "2025-01-31", "true", "null", "4XX"])
def test_keys_are_the_text_that_was_written(key: str) -> None:
    assert parse_yaml(f"{key}: 1\nnested: [{{{key}: 2}}]".encode()) == {
        key: 1,
        "nested": [{key: 2}],
    }


def test_anchors_are_followed() -> None:
    assert parse_yaml(b"a: &x {b: 1}\nc: *x") == {"a": {"b": 1}, "c": {"b": 1}}


@pytest.mark.parametrize(
    "text",
    [b"a: {b", b"a: [", b"\xff", b"a: 1\n---\nb: 2", b"a: *no", b"a: !!python/name:os.system"],
)
def test_what_is_no_yaml(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse_yaml(text)


def test_it_does_not_depend_on_the_c_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"a: 2025-01-31\nb: on\nc: true\n200: {d: [1, 1.5, null]}"
    fast = parse_yaml(text)
    monkeypatch.delattr(yaml, "CSafeLoader")
    assert parse_yaml(text) == fast


def test_files_are_read_by_their_suffix(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{"a": "on"}')
    (tmp_path / "a.yaml").write_bytes(b"a: on")
    assert read_document(tmp_path / "a.json") == read_document(tmp_path / "a.yaml") == {"a": "on"}
    (tmp_path / "b.json").write_bytes(b"a: on")
    with pytest.raises(ValueError, match=r"\S"):
        read_document(tmp_path / "b.json")
    with pytest.raises(OSError, match="No such file"):
        read_document(tmp_path / "c.yaml")


def remarks(text: bytes) -> tuple[Any, list[str]]:
    """What a text holds, and the rules that it broke."""
    told: list[str] = []
    value = parse_document(text, lambda _pointer, rule, _message: told.append(rule))
    return value, told


@pytest.mark.parametrize(
    ("text", "value", "rules"),
    [
        (b'{"a": 1}', {"a": 1}, []),
        (b" \n[1]", [1], []),
        (b"a: 1", {"a": 1}, []),
        (b"", None, []),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}, ["encoding"]),
        (b"\xef\xbb\xbfa: 1", {"a": 1}, ["encoding"]),
        ('{"a": "é"}'.encode("utf-16"), {"a": "é"}, ["encoding"]),
        ("a: é".encode("utf-16-le"), {"a": "é"}, ["encoding"]),
        ("a: é".encode("latin-1"), {"a": "é"}, ["encoding"]),
        (b'{"a": "b\tc\x07"}', {"a": "b\tc\x07"}, ["lenient-json"]),
        (b'{"a": NaN}', {"a": None}, ["lenient-json"]),
        (b'{"a": "\\ud800"}', {"a": "?"}, ["lenient-json"]),
        (b'{"a": 1,}', {"a": 1}, ["json-as-yaml"]),
        (b"{a: 1 # one\n}", {"a": 1}, ["json-as-yaml"]),
        (b"a:\n\tb: 1\n\tc:\n\t\td: 2", {"a": {"b": 1, "c": {"d": 2}}}, ["tabs"]),
        (b"a:\n    b: 1\n\tc: 2", {"a": {"b": 1, "c": 2}}, ["tabs"]),
        (b"a: 'b\x01'", {"a": "b"}, ["control-characters"]),
        (b"a: 1\na: 2", {"a": 2}, ["duplicate-key"]),
        (b"a: !b {c: !d e}", {"a": {"c": "e"}}, ["yaml-tag", "yaml-tag"]),
    ],
)
def test_small_faults_are_told(text: bytes, value: Any, rules: list[str]) -> None:
    assert remarks(text) == (value, rules)


@pytest.mark.parametrize("text", [b'{"a": ', b"{a: [}", b"a: b: c", b"\ta: {", b"[" * 5000])
def test_neither_json_nor_yaml(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse_document(text)


@given(JSON)
def test_json_and_yaml_are_told_apart(value: Any) -> None:
    assert remarks(orjson.dumps(value)) == (value, [])
    assert remarks(yaml.safe_dump(value).encode())[1] == []


def test_a_key_that_stands_twice_is_named() -> None:
    told: list[tuple[str, str]] = []
    parse_yaml(
        b"a:\n  b/c:\n  - d: 1\n    d: 2\n", lambda p, _r, message: told.append((p, message))
    )
    [(pointer, message)] = told
    assert pointer == "/a/b~1c/0/d"
    assert "line 4" in message


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"&k a: 1\nb: *k", {"a": 1, "b": "a"}),
        (b"a: &x {b: 1, c: 2}\nd: {<<: *x, b: 3}", {"b": 3, "c": 2}),
        (b"a: &x {b: 1}\nc: &y {b: 2, e: 3}\nd: {<<: [*x, *y]}", {"b": 1, "e": 3}),
        (b"d: {'<<': 1}", {"<<": 1}),
        (b"d: !!str 1", "1"),
        (b"d: !!int '1'", 1),
        (b"d: !!float 1", 1.0),
        (b"d: !!timestamp 2025-01-31", "2025-01-31"),
        (b"d: !!map {}", {}),
        (b"d: 0x1F", 31),
        (b"d: 0o17", 15),
        (b"d: 017", 17),
        (b"d: 1e999", "1e999"),
        (b"d: .inf", ".inf"),
        (b"d: 1_000", "1_000"),
        (b"d: ~", None),
        (b"d: |\n  a\n  b\n", "a\nb\n"),
    ],
)
def test_yaml(text: bytes, value: Any) -> None:
    found = parse_yaml(text)
    assert found.get("d", found) == value


@pytest.mark.parametrize("text", [b"a: &x 1\n*x : 2", b"[a]: 1", b"? {a: 1}\n: 2", b"{<<: 1}"])
def test_a_key_is_text(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"a key is no text|expected a mapping to merge"):
        parse_yaml(text)


def test_aliases_are_copies() -> None:
    made = parse_yaml(b"a: &x {b: []}\nc: *x")
    made["a"]["b"].append(1)
    assert made["c"] == {"b": []}


def bomb(levels: int) -> bytes:
    lines = ["a0: &a0 x"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join(lines).encode()


def test_aliases_do_not_multiply_without_bound() -> None:
    assert len(parse_yaml(bomb(5))["a4"]) == 10
    with pytest.raises(ValueError, match="repeat more than"):
        parse_yaml(bomb(9))


@pytest.mark.parametrize("text", [b"&a [*a]", b"a: &a {b: *a}", b"a: &a\n  <<: *a"])
def test_nothing_holds_itself(text: bytes) -> None:
    with pytest.raises(ValueError, match="no complete value"):
        parse_yaml(text)


@pytest.mark.parametrize("opened", [b"[", b"- "])
def test_nesting_is_bounded(opened: bytes) -> None:
    closed = b"]" if opened == b"[" else b""
    value = parse_document(opened * 199 + closed * 199)
    while value:
        [value] = value
    with pytest.raises(ValueError, match="levels deep"):
        parse_document(opened * 202 + b"1" + closed * 202)


def test_long_chains_of_aliases_are_nesting() -> None:
    lines = ["a0: &a0 []", *(f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 300))]
    with pytest.raises(ValueError, match="levels deep"):
        parse_document("\n".join(lines).encode())
