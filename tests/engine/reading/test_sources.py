from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from mockserver.engine.reading import sources
from mockserver.engine.reading.sources import ReadDocument, read_source
from mockserver.engine.spec import describe
from mockserver.errors import StartupError
from tests.engine.reading.web import serving

TINY = {
    "openapi": "3.0.3",
    "info": {"title": "Tiny", "version": "1"},
    "paths": {"/a": {"get": {"operationId": "a", "responses": {"200": {"description": "ok"}}}}},
}
TEXT = json.dumps(TINY)


def refusal(source: str, **more: Any) -> str:
    with pytest.raises(StartupError) as caught:
        read_source(source, **more)
    [problem] = caught.value.problems
    return str(problem)


def test_a_file(tmp_path: Path) -> None:
    for name, text in (("a.json", TEXT), ("a.yaml", yaml.safe_dump(TINY)), ("no-suffix", TEXT)):
        (tmp_path / name).write_text(text, encoding="utf-8")
        path = str(tmp_path / name)
        assert read_source(path) == ReadDocument(TINY, "3.0", path, (), (tmp_path / name,))
        assert read_source(f"file://{path}").document == TINY


def test_the_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_source("-", stdin=io.BytesIO(TEXT.encode())).document == TINY
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    assert read_source("-").source == "-"


def test_a_text() -> None:
    assert read_source(TEXT).document == TINY
    assert read_source(yaml.safe_dump(TINY)).document == TINY


def test_a_url() -> None:
    with serving({"/a": TEXT.encode()}) as web:
        assert read_source(f"{web}/a") == ReadDocument(TINY, "3.0", f"{web}/a", ())


def test_references_beside_a_url_are_followed() -> None:
    schemas = {"A": {"$ref": "b.yaml#/B"}}
    root = json.dumps({**TINY, "components": {"schemas": schemas}}).encode()
    with serving({"/x/a": root, "/x/b.yaml": b"B: {type: integer}"}) as web:
        made = read_source(f"{web}/x/a")
        assert made.warnings == ()
        assert made.document["components"]["schemas"]["B"] == {"type": "integer"}


def test_references_to_another_host_name_the_option_that_allows_them(tmp_path: Path) -> None:
    with serving({"/b": b"B: {type: integer}"}) as web:
        schemas = {"A": {"$ref": f"{web}/b#/B"}}
        file = tmp_path / "a.json"
        file.write_text(json.dumps({**TINY, "components": {"schemas": schemas}}))
        made = read_source(str(file))
    assert made.document["components"]["schemas"]["A"] == {}
    [warning] = made.warnings
    assert "leads nowhere (it is on another host, which takes --allow-remote-refs)" in str(warning)


def test_references_are_relative_to_where_a_url_was_found() -> None:
    schemas = {"A": {"$ref": "b.yaml#/B"}}
    root = json.dumps({**TINY, "components": {"schemas": schemas}}).encode()
    with serving({"/a": "/x/a", "/x/a": root, "/x/b.yaml": b"B: {type: integer}"}) as web:
        made = read_source(f"{web}/a", allow_remote_refs=True)
        assert made.document["components"]["schemas"]["B"] == {"type": "integer"}


def test_a_description_from_a_url_reads_no_files(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text("B: {type: integer}", encoding="utf-8")
    uri = f"{(tmp_path / 'b.yaml').as_uri()}#/B"
    root = json.dumps({**TINY, "components": {"schemas": {"A": {"$ref": uri}}}}).encode()
    with serving({"/a": root}) as web:
        made = read_source(f"{web}/a", allow_remote_refs=True)
    assert made.document["components"]["schemas"] == {"A": {}}
    assert "cannot refer to files" in made.warnings[0].message


def test_a_password_in_a_url_is_told_nobody() -> None:
    message = refusal("http://user:secret@127.0.0.1:1/a?token=secret")
    assert "secret" not in message
    assert message.startswith("http://127.0.0.1:1/a: cannot be read")


@pytest.mark.parametrize(
    ("member", "version"),
    [
        ({"openapi": "3.0.0"}, "3.0"),
        ({"openapi": 3.0}, "3.0"),
        ({"openapi": "3"}, "3.0"),
        ({"openapi": "3.1.1"}, "3.1"),
        ({"openapi": 3.1}, "3.1"),
        ({"openapi": "3.2.0"}, "3.1"),
        ({"openapi": " v3.0.3"}, "3.0"),
        ({"swagger": "2.0"}, "2.0"),
        ({"swagger": 2.0}, "2.0"),
        ({"swagger": "3.0.0"}, "3.0"),
        ({}, "3.0"),
        ({"host": "example.com"}, "2.0"),
    ],
)
def test_the_version_it_is_written_in(member: Any, version: str) -> None:
    made = read_source(json.dumps({"info": TINY["info"], "paths": {}, **member}))
    assert made.version == version
    assert made.document["openapi"].startswith("3.1." if version == "3.1" else "3.0.")
    assert "swagger" not in made.document


def test_what_is_valid_is_as_it_was_written() -> None:
    made = read_source(TEXT)
    assert made.document == TINY
    assert made.warnings == ()
    assert [o.id for o in describe("tiny", made.document).operations] == ["a"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]\n", "found a list"),
        ("3\n", "found the value '3'"),
        ("\n", "found nothing"),
        ("{}", "found an empty object"),
        ('{"openapi": "1.0"}', "found openapi: 1.0"),
        ('{"openapi": [3]}', "found openapi"),
        ('{"swaggerVersion": "1.2"}', "Swagger 1"),
        ('{"asyncapi": "3.0.0", "channels": {}}', "AsyncAPI"),
        ('{"discoveryVersion": "v1"}', "Google discovery"),
        ('{"$schema": "x", "type": "object"}', "a JSON schema"),
        ("a: {\n", "cannot be read"),
        ('{"a": \n', "cannot be read"),
    ],
)
def test_what_is_no_description_is_refused(text: str, message: str) -> None:
    assert message in refusal(text)
    assert refusal(text).startswith("text")
    assert refusal("-", stdin=io.BytesIO(text.encode())).startswith("standard input")


def test_what_cannot_be_read(tmp_path: Path) -> None:
    assert "No such file" in refusal(str(tmp_path / "none"))
    assert "it is a folder" in refusal(str(tmp_path))
    assert "cannot be read" in refusal("a\0b")
    with serving({}) as web:
        assert "answered 404" in refusal(f"{web}/a")


def test_too_large_an_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "read_bounded", lambda stream: stream.read(-2))
    assert "cannot be read" in refusal("-", stdin=_Endless())


class _Endless(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        raise ValueError("it is larger than 1 bytes")


def test_faults_of_a_file_referred_to_are_told_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text("B: {type: integer, type: string}", encoding="utf-8")
    root = {**TINY, "components": {"schemas": {"A": {"$ref": "b.yaml#/B"}}}}
    (tmp_path / "a.json").write_text(json.dumps(root), encoding="utf-8")
    [remark] = read_source(str(tmp_path / "a.json")).warnings
    assert remark.source == str(tmp_path / "b.yaml")
    assert (remark.pointer, remark.rule) == ("/B/type", "duplicate-key")


def test_the_same_fault_is_told_once() -> None:
    schemas = {"A": {"type": "object"}, "B": {"type": "int"}}
    text = json.dumps({**TINY, "components": {"schemas": schemas}})
    assert [w.pointer for w in read_source(text).warnings] == ["/components/schemas/B/type"]
