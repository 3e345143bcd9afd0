from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.engine.reading.sources import read_source
from mockserver.errors import StartupError

POSTMAN = {
    "info": {"name": "X", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/"},
    "item": [],
}


def refusal(source: Any) -> str:
    with pytest.raises(StartupError) as caught:
        read_source(str(source))
    [problem] = caught.value.problems
    assert problem.source == str(source)
    assert "\n" not in problem.message
    return problem.message


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", "nothing"),
        ("# only a comment\n", "nothing"),
        ("[1, 2]", "a list"),
        ("just a text", "the value 'just a text'"),
        ("<!DOCTYPE html>\n<html></html>", "an HTML page"),
        ("\ufeff \n<HTML lang='en'>", "an HTML page"),
        ("<?xml version='1.0'?><definitions/>", "an XML document"),
        ("#%RAML 1.0\ntitle: x\n", "a RAML description"),
        ('syntax = "proto3";\nmessage A {}\n', "a file of protocol buffers"),
        ("FORMAT: 1A\n# API\n", "an API Blueprint"),
        (json.dumps(POSTMAN), "a Postman collection"),
        (json.dumps({"info": {"_postman_id": "1"}, "item": []}), "a Postman collection"),
        ("asyncapi: 2.6.0\nchannels: {}\n", "an AsyncAPI description"),
        ('{"log": {"entries": []}}', "a recording of requests (HAR)"),
        ('{"_type": "export", "resources": []}', "an Insomnia collection"),
        ('{"pets": [], "owners": []}', "an object with pets, owners"),
    ],
)
def test_what_was_found_instead_is_told(tmp_path: Path, text: str, found: str) -> None:
    file = tmp_path / "a.yaml"
    file.write_text(text, encoding="utf-8")
    message = refusal(file)
    assert message.startswith("expected an API description with openapi: 3.0.x")
    assert f"found {found}" in message


def test_a_folder_is_told_with_the_files_in_it(tmp_path: Path) -> None:
    assert refusal(tmp_path).endswith("expected a file: *.yaml or *.json")
    for name in ("b.json", "a.yaml", "notes.txt"):
        (tmp_path / name).write_text("")
    assert refusal(tmp_path).endswith(f"expected {tmp_path / 'a.yaml'} or {tmp_path / 'b.json'}")


def test_other_schemes_than_those_of_the_web(tmp_path: Path) -> None:
    assert refusal("ftp://api.test/a.yaml") == "expected an http or https URL, a file, or -"
