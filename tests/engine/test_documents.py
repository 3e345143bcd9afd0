from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mockserver.engine.documents import parse_yaml, read_document

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
