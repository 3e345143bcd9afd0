"""What tries the published descriptions tells what goes wrong, and is right about it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import ValidationError

from mockserver.engine.spec import Operation
from tests.corpus import package
from tests.corpus.agreeing import Agreeing
from tests.corpus.asking import nested_as_json
from tests.corpus.figures import Figures
from tests.corpus.keys import listed_in, rows_of
from tests.corpus.pairs import differences
from tests.corpus.raw import Raw
from tests.corpus.talking import Told
from tests.corpus.workers import Found, tried

PETS = Path(__file__).parents[1] / "engine" / "descriptions" / "pets.yaml"


def one(path: Path, **bounds: Any) -> Found:
    [found] = tried([path], **bounds)
    return found


def test_a_good_description_is_valid_in_all_that_is_asked() -> None:
    figures = Figures()
    line = figures.add(one(PETS), "pets")
    assert (line["valid"], line["pairs kept"]) == (line["operations"], line["pairs"]) == (9, 2)
    assert figures.causes == {}


def test_what_takes_too_long_is_told() -> None:
    assert one(PETS, seconds=lambda path: 0.0).one("refused")["cause"] == "out of time"


def test_what_takes_too_much_memory_is_told() -> None:
    assert one(PETS, memory=1).of("done") == []


def test_what_is_no_description_is_told_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text("[]")
    assert one(path).one("refused")["detail"].startswith(str(path))


def test_an_answer_that_breaks_the_published_schema_is_told(tmp_path: Path) -> None:
    """No value satisfies both parts, so whatever is answered breaks the schema."""
    path = tmp_path / "impossible.yaml"
    path.write_text(
        """
        openapi: 3.0.3
        info: {title: Impossible, version: '1'}
        paths:
          /thing:
            get:
              responses:
                '200':
                  description: It.
                  content:
                    application/json:
                      schema: {allOf: [{type: string}, {type: integer}]}
        """
    )
    [told] = one(path).of("operation")
    assert not told["valid"]
    assert told["cause"]


def judged(schema: Any, value: Any) -> bool:
    """Whether a published schema takes a value, or cannot be blamed on anybody."""
    content = {"application/json": {"schema": schema}}
    responses = {"200": {"description": "It.", "content": content}}
    document = {"openapi": "3.0.3", "paths": {"/a": {"get": {"responses": responses}}}}
    operation = Operation("a", "GET", "/a", (), None, {}, (), None)
    try:
        Raw(document).check(operation, 200, "application/json", value)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("schema", "value", "taken"),
    [
        ({"required": ["a"], "properties": {"a": {}}}, {}, False),
        ({"required": ["a"], "properties": {"a": {"writeOnly": True}}}, {}, True),
        ({"required": ["a"], "additionalProperties": False}, {}, True),
        ({"type": "string", "pattern": "^b"}, "a", False),
        ({"type": "string", "pattern": "/^a/i"}, "a", True),
        ({"type": "string", "enum": ["b"]}, "a", False),
        ({"type": "string", "enum": [1]}, "1", True),
    ],
)
def test_a_schema_that_nothing_satisfies_is_not_held_against_an_answer(
    schema: Any, value: Any, taken: bool
) -> None:
    assert judged(schema, value) is taken


def test_what_no_style_holds_is_sent_as_json_inside() -> None:
    assert nested_as_json([{"a": 1}, [2], "b"]) == ['{"a": 1}', "[2]", "b"]
    assert nested_as_json({"a": {"b": []}, "c": 1}) == {"a": '{"b": []}', "c": 1}


def test_rows_are_the_array_that_the_path_names() -> None:
    body = {"links": [{"href": "/"}], "pets": [{"id": 1}], "errors": [{"id": 2}]}
    assert rows_of(body, "/v1/pets") == [{"id": 1}]


def test_a_difference_is_found_inside_an_envelope() -> None:
    shown = {"status": "OK", "data": {"name": "Rex", "tags": ["a"], "status": "sold"}}
    sent = {"name": "Max", "tags": ["a"], "status": "sold"}
    assert list(differences(sent, shown)) == [(("data", "name"), "Max", "Rex")]


def test_an_archive_that_is_another_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "other.tgz"
    archive.write_bytes(b"something else")
    monkeypatch.delenv("MOCKSERVER_CORPUS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(package, "URL", archive.as_uri())
    with pytest.raises(package.NotFetched, match="is not what it was"):
        package.fetched()


def test_a_registry_that_cannot_be_reached_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MOCKSERVER_CORPUS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(package, "URL", (tmp_path / "nothing").as_uri())
    with pytest.raises(package.NotFetched, match="cannot be fetched"):
        package.fetched()


@pytest.mark.parametrize(
    ("template", "sent", "wanted"),
    [
        ("/shops/{shopId}/pets", {"shop_id": "x", "id": "y"}, {"shop_id": "7", "id": "y"}),
        ("/shops/{parentId}/pets", {"shopId": "x"}, {"shopId": "7"}),
        ("/pets/{pet-id}", {"pet": {"id": "x", "name": "y"}}, {"pet": {"id": "7", "name": "y"}}),
        ("/pets/{id}", {"id": "x", "name": "y"}, {"id": "x", "name": "y"}),
        ("/shops/{shopId}/pets", {"shopId": 3}, {"shopId": 7}),
    ],
)
def test_a_body_says_the_same_of_the_records_above_as_the_path(
    template: str, sent: Any, wanted: Any
) -> None:
    [name] = re.findall(r"\{(.*)\}", template)
    bodies = Agreeing([template])
    assert bodies.agreed(sent, template, {name: "7"}, lambda value: True) == wanted


def test_a_body_keeps_what_its_schema_does_not_let_it_say_otherwise() -> None:
    sent, template = {"shopId": "x"}, "/shops/{shopId}"
    bodies = Agreeing([template])
    assert bodies.agreed(sent, template, {"shopId": "7"}, lambda value: False) == sent


def test_a_name_that_all_sorts_of_parameters_have_says_nothing_of_the_records_above() -> None:
    templates = ["/shops/{webId}/pets", "/pets/{webId}", "/owners/{webId}"]
    sent = {"webId": "x", "shopId": "y"}
    agreed = Agreeing(templates).agreed(sent, templates[0], {"webId": "7"}, lambda value: True)
    assert agreed == {"webId": "x", "shopId": "7"}


def test_rows_are_read_from_lists_in_xml() -> None:
    body = (
        b"<directory count='2'><entry name='a'/><entry name='b'><size>1</size></entry></directory>"
    )
    told = Told(200, {"content-type": "application/xml"}, body)
    assert rows_of(listed_in(told)) == [{"name": "a"}, {"size": "1", "name": "b"}]
