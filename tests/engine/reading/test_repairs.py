from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.engine.reading import (
    closed_parts,
    part_repairs,
    path_repairs,
    schema_repairs,
    schema_types,
)
from mockserver.engine.reading.repairs import AFTER, BEFORE, repair
from mockserver.engine.reading.schema_repairs import SCHEMA_RULES
from mockserver.engine.reading.sources import ReadDocument, read_source
from mockserver.engine.schema import Schemas
from mockserver.errors import StartupError, pointer_to

BAD = sorted((Path(__file__).parent.parent / "bad_specs").glob("*.yaml"))
OK = {"200": {"description": "ok"}}


def expected(path: Path) -> list[str]:
    """The comments above the first line of a bad description."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.removeprefix("# ") for line in lines if line.startswith("# ")]


def told(path: Path) -> list[str]:
    try:
        made = read_source(str(path))
    except StartupError as error:
        return [f"refused: {problem.message}" for problem in error.problems]
    return [f"{w.rule} at {w.pointer or '/'}: {w.message}" for w in made.warnings]


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_defect_is_told_as_its_file_says(path: Path) -> None:
    assert told(path) == expected(path)


@pytest.mark.parametrize(
    "path", [p for p in BAD if not p.stem.startswith("refused")], ids=lambda path: path.stem
)
def test_what_was_repaired_is_valid(path: Path) -> None:
    made = read_source(str(path))
    again = read_source(json.dumps(made.document))
    assert [w for w in again.warnings if w.rule != "webhooks"] == []
    assert again.document == made.document
    if made.version != "3.1":
        assert Schemas(made.document).problems() == []


def test_every_rule_has_a_bad_description() -> None:
    rules = [rule for table in (BEFORE, AFTER) for listed in table.values() for rule in listed]
    rules += [rule for _, rule in SCHEMA_RULES]
    names = {rule.__name__.replace("_", "-") for rule in rules}
    silent = {"identifiers"}
    shown = {line.partition(" at ")[0] for path in BAD for line in expected(path)}
    assert names - silent - shown == set()


def test_every_rule_says_what_it_is_about() -> None:
    modules = (path_repairs, part_repairs, schema_repairs, schema_types, closed_parts)
    rules = [rule for table in (BEFORE, AFTER) for listed in table.values() for rule in listed]
    for rule in [*rules, *(rule for _, rule in SCHEMA_RULES)]:
        assert rule.__doc__
        assert rule.__module__ in {module.__name__ for module in modules}


def schema(written: Any, version: str = "3.0.3") -> Any:
    """A schema as it is read, with 3.0's or 3.1's rules."""
    document = {
        "openapi": version,
        "info": {"title": "T", "version": "1"},
        "paths": {},
        "components": {"schemas": {"A": written, "B": {"type": "object"}}},
    }
    repair(document, lambda *_: None)
    return document["components"]["schemas"]["A"]


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ({"type": "int"}, {"type": "integer"}),
        ({"type": "long"}, {"type": "integer", "format": "int64"}),
        ({"type": "float"}, {"type": "number", "format": "float"}),
        ({"type": "date"}, {"type": "string", "format": "date"}),
        ({"type": "DateTime", "format": "x"}, {"type": "string", "format": "x"}),
        ({"type": "any"}, {}),
        ({"type": "enum", "enum": ["a"]}, {"type": "string", "enum": ["a"]}),
        ({"type": "enum", "enum": [1]}, {"enum": [1]}),
        ({"type": "enum", "enum": True}, {}),
        ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
        ({"type": ["string", "integer"]}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        ({"type": "string[]"}, {"type": "array", "items": {"type": "string"}}),
        ({"type": 3}, {}),
        ({"minLength": "3"}, {"minLength": 3}),
        ({"minLength": 3.0}, {"minLength": 3}),
        ({"minLength": None}, {}),
        ({"maximum": "1.5"}, {"maximum": 1.5}),
        ({"maximum": True}, {}),
        ({"readOnly": "true"}, {"readOnly": True}),
        ({"exclusiveMinimum": 3}, {"minimum": 3, "exclusiveMinimum": True}),
        ({"exclusiveMinimum": 3, "minimum": 5}, {"minimum": 5}),
        ({"exclusiveMaximum": 3, "maximum": 5}, {"maximum": 3, "exclusiveMaximum": True}),
        ({"exclusiveMinimum": "true", "minimum": 5}, {"minimum": 5, "exclusiveMinimum": True}),
        ({"exclusiveMinimum": True, "minimum": 5}, {"minimum": 5, "exclusiveMinimum": True}),
        ({"pattern": "/^a$/"}, {"pattern": "^a$"}),
        ({"pattern": "a/b"}, {"pattern": "a/b"}),
        ({"pattern": 3}, {}),
        ({"required": []}, {}),
        ({"required": ["a", 1, "a"]}, {"required": ["a"]}),
        ({"type": "boolean", "enum": ["true"]}, {"type": "boolean", "enum": [True]}),
        ({"type": "string", "enum": [1, True]}, {"type": "string", "enum": ["1", "true"]}),
        ({"type": "number", "enum": ["1.5"]}, {"type": "number", "enum": [1.5]}),
        ({"enum": []}, {}),
        ({"type": "string", "default": 3}, {"type": "string", "default": "3"}),
        ({"type": "integer", "default": 3.0}, {"type": "integer", "default": 3.0}),
        ({"type": "string", "default": None}, {"type": "string"}),
        (
            {"type": "string", "nullable": True, "default": None},
            {"type": "string", "nullable": True, "default": None},
        ),
        ({"properties": []}, {}),
        ({"properties": {"a": None}}, {"properties": {"a": {}}}),
        ({"additionalProperties": "no"}, {"additionalProperties": True}),
        ({"items": [{"type": "string"}, {}]}, {"items": {"anyOf": [{"type": "string"}, {}]}}),
        ({"items": False}, {"items": {"not": {}}}),
        ({"$id": "a", "$schema": "b", "$anchor": "c"}, {}),
        ({"const": None}, {"enum": [None]}),
        ({"examples": {"a": 1}}, {"example": 1}),
        ({"properties": {"type": {"type": "int"}}}, {"properties": {"type": {"type": "integer"}}}),
        ({"example": {"type": "int"}}, {"example": {"type": "int"}}),
        (3, {}),
        ("string", {"type": "string"}),
    ],
)
def test_a_schema_of_3_0(written: Any, made: Any) -> None:
    assert schema(written) == made


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ({"type": ["string", "null"]}, {"type": ["string", "null"]}),
        ({"type": "null"}, {"type": "null"}),
        ({"type": "string", "nullable": True}, {"type": "string", "x-nullable": True}),
        ({"nullable": False}, {}),
        ({"exclusiveMinimum": 3}, {"exclusiveMinimum": 3}),
        ({"exclusiveMinimum": True, "minimum": 3}, {"exclusiveMinimum": 3}),
        ({"exclusiveMinimum": False, "minimum": 3}, {"minimum": 3}),
        ({"items": [{"type": "string"}]}, {"prefixItems": [{"type": "string"}]}),
        ({"const": None}, {"const": None}),
        ({"examples": {"a": 1}}, {"examples": [1]}),
        ({"properties": {"a": True}}, {"properties": {"a": True}}),
        ({"type": "array"}, {"type": "array"}),
    ],
)
def test_a_schema_of_3_1(written: Any, made: Any) -> None:
    assert schema(written, "3.1.0") == made


def document(**members: Any) -> dict[str, Any]:
    """A description with a path that has a parameter, and one operation."""
    operation = {"responses": copy.deepcopy(OK), **members}
    parameter = {"name": "b", "in": "path", "required": True, "schema": {"type": "string"}}
    item = {"parameters": [parameter], "get": operation}
    return {
        "openapi": "3.0.3",
        "info": {"title": "T", "version": "1"},
        "paths": {"/a/{b}": item},
        "components": {"parameters": {"P": {"name": "p", "in": "query", "schema": {}}}},
    }


def operation(**members: Any) -> Any:
    made = document(**members)
    repair(made, lambda *_: None)
    return made["paths"]["/a/{b}"]["get"]


def test_what_is_valid_stays_as_it_is() -> None:
    made = document(parameters=[{"$ref": "#/components/parameters/P"}], tags=["a"], security=[{}])
    remarks: list[str] = []
    before = copy.deepcopy(made)
    repair(made, lambda *remark: remarks.append(str(remark)))
    assert (made, remarks) == (before, [])


def test_a_parameter_of_the_path_item_is_declared() -> None:
    assert "parameters" not in operation()


def test_a_parameter_that_becomes_one_of_the_path() -> None:
    made = document(parameters=[{"name": "c", "schema": {}}])
    made["paths"] = {"/a/{c}": made["paths"]["/a/{b}"]}
    repair(made, lambda *_: None)
    item = made["paths"]["/a/{c}"]
    assert item["parameters"] == []
    assert [(p["name"], p["in"]) for p in item["get"]["parameters"]] == [("c", "path")]


def test_a_shared_parameter_that_is_none_is_dropped_where_it_is_used() -> None:
    made = document(parameters=[{"$ref": "#/components/parameters/P"}])
    del made["components"]["parameters"]["P"]["name"]
    repair(made, lambda *_: None)
    assert made["components"]["parameters"] == {}
    assert made["paths"]["/a/{b}"]["get"]["parameters"] == []


def test_security_alternatives_keep_what_is_declared() -> None:
    made = document(security=[{"none": []}, {"key": [], "none": []}, {}])
    made["components"]["securitySchemes"] = {"key": {"type": "apiKey", "in": "header", "name": "K"}}
    made["security"] = [{"none": []}]
    repair(made, lambda *_: None)
    assert made["paths"]["/a/{b}"]["get"]["security"] == [{"key": []}, {}]
    assert made["security"] == []


def test_a_callback_has_no_parameters_of_the_path() -> None:
    called = {"{$request.body#/url}": {"post": {"responses": OK}}}
    assert operation(callbacks={"c": called})["callbacks"]["c"] == called


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ("a", "/a"),
        ("/a?b=c", "/a?b=c"),
        ("/a#b", "/a#b"),
        ("/#Action=Start", "/#Action=Start"),
        ("/a/#b/c", "/a/b/c"),
        ("/a{?b,c}", "/a"),
        ("/a/{b}?c={d}", "/a/{b}?c={d}"),
        ("https://example.com/a", "/a"),
        ("/a/{b*}/{+c}/{d:[0-9]+}", "/a/{b}/{c}/{d}"),
        ("/a/{b}/{b}", "/a/{b}/{b_2}"),
        ("/a/{}", "/a/{value}"),
        (" /a ", "/a"),
        ("//a", "/a"),
        ("/a/", "/a/"),
        ("", "/"),
    ],
)
def test_a_path(written: str, made: str) -> None:
    described = document()
    described["paths"] = {written: {}}
    repair(described, lambda *_: None)
    assert list(described["paths"]) == [made]


@pytest.mark.parametrize(
    ("one", "other"),
    [("/{a}", "/{b}"), ("/{a}:x", "/{b}:x"), ("/{a}.{b}/x", "/{c}.{d}/x"), ("/{a}#x", "/{b}#x")],
)
def test_of_templates_that_differ_in_names_only_the_first_is_kept(one: str, other: str) -> None:
    described = document()
    get, post = {"responses": OK}, {"responses": OK, "summary": "s"}
    described["paths"] = {one: {"get": get}, other: {"get": post, "post": post}}
    told: list[tuple[str, str]] = []
    repair(described, lambda pointer, rule, _: told.append((pointer, rule)))
    assert [list(item) for item in described["paths"].values()] == [["get"], ["post"]]
    where = pointer_to(["paths", other, "get"])
    assert [pointer for pointer, rule in told if rule == "same-paths"] == [where]


def test_paths_that_become_the_same_share_their_methods() -> None:
    described = document()
    get, post = {"responses": OK}, {"responses": OK, "summary": "s"}
    described["paths"] = {"/a": {"get": get}, "a": {"get": post, "post": post}}
    repair(described, lambda *_: None)
    assert described["paths"] == {"/a": {"get": get, "post": post}}


@pytest.mark.parametrize(
    ("url", "made"),
    [
        ("https://example.com/v1", "https://example.com/v1"),
        ("/v1", "/v1"),
        ("{base}/v1", "{base}/v1"),
        ("https://example.com:{port}", "https://example.com:{port}"),
        (" https://example.com ", "https://example.com"),
        ("example.com:8080", "https://example.com:8080"),
        ("localhost:8080/v1", "https://localhost:8080/v1"),
        ("https:\\\\example.com", "https://example.com"),
        ("https://example.com:port", None),
        ("a b", None),
        ("", None),
    ],
)
def test_the_url_of_a_server(url: str, made: str | None) -> None:
    described = {**document(), "servers": [{"url": url}]}
    repair(described, lambda *_: None)
    assert [server["url"] for server in described.get("servers", [])] == ([made] if made else [])


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ("200", "200"),
        ("2xx", "2XX"),
        ("20x", "2XX"),
        ("200 OK", "200"),
        ("Default", "default"),
        ("x-a", "x-a"),
        ("600", None),
        ("2000", None),
    ],
)
def test_the_name_of_a_response(written: str, made: str | None) -> None:
    found = operation(responses={written: {"description": "a"}, "418": {"description": "b"}})
    assert list(found["responses"]) == ([made] if made else []) + ["418"]


ODD = st.recursive(
    st.none()
    | st.booleans()
    | st.sampled_from([0, -1, 1.5, 10**30, "", "string", "object", "#/x", "path", "a", "3"]),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(
        st.sampled_from(
            ["type", "$ref", "items", "properties", "allOf", "enum", "required", "a", "schema",
             "in", "name", "content", "200", "get", "parameters", "responses", "x-a", "default"]
        ),
        inner,
        max_size=3,
    ),
    max_leaves=6,
)  # fmt: skip


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a document where something else could stand."""
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    return [
        place
        for step, item in list(steps)
        for place in [(value, step), *(places(item) if isinstance(item, (dict, list)) else [])]
    ]


def whole() -> dict[str, Any]:
    """A description with one thing of each kind."""
    media = {"application/json": {"schema": {"$ref": "#/components/schemas/A"}, "example": {}}}
    parameter = {"name": "q", "in": "query", "schema": {"type": "array", "items": {}}}
    return {
        "openapi": "3.0.3",
        "info": {"title": "T", "version": "1"},
        "servers": [{"url": "https://{a}.example.com", "variables": {"a": {"default": "b"}}}],
        "security": [{"key": []}],
        "tags": [{"name": "t"}],
        "paths": {
            "/a/{b}": {
                "get": {
                    "operationId": "o",
                    "parameters": [parameter, {"$ref": "#/components/parameters/P"}],
                    "requestBody": {"content": media},
                    "responses": {
                        "200": {
                            "description": "ok",
                            "headers": {"X-A": {"schema": {"type": "string"}}},
                            "content": media,
                            "links": {"l": {"operationId": "o"}},
                        },
                        "404": {"$ref": "#/components/responses/R"},
                    },
                    "callbacks": {"c": {"{$url}": {"post": {"responses": OK}}}},
                }
            }
        },
        "components": {
            "schemas": {
                "A": {
                    "type": "object",
                    "required": ["n"],
                    "properties": {"n": {"type": "integer", "minimum": 1, "enum": [1, 2]}},
                    "allOf": [{"$ref": "#/components/schemas/B"}],
                    "discriminator": {"propertyName": "n", "mapping": {"b": "B"}},
                },
                "B": {"type": "string", "pattern": "^a$", "nullable": True, "default": "a"},
            },
            "parameters": {"P": {"name": "b", "in": "path", "required": True, "schema": {}}},
            "responses": {"R": {"description": "no", "content": media}},
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "K"}},
        },
    }


def changed(data: st.DataObject) -> str:
    document = copy.deepcopy(json.loads(json.dumps(whole())))
    document["openapi"] = data.draw(st.sampled_from(["3.0.3", "3.1.0"]))
    for _ in range(data.draw(st.integers(1, 4))):
        holder, step = data.draw(st.sampled_from(places(document)))
        holder[step] = data.draw(ODD)
    return json.dumps(document)


@given(st.data())
def test_whatever_stands_anywhere_a_description_is_read_and_valid(data: st.DataObject) -> None:
    try:
        made: ReadDocument = read_source(changed(data))
    except StartupError as error:
        assert "expected" in str(error)  # noqa: PT017 - it may also be read
        return
    again = read_source(json.dumps(made.document))
    assert [w for w in again.warnings if "x-" not in w.pointer] == []
    if made.version == "3.0":
        assert Schemas(made.document).problems() == []


def test_it_can_be_told_as_one_line() -> None:
    [remark] = read_source(json.dumps({**whole(), "info": {"title": "T"}})).warnings
    assert re.fullmatch(r"text at /info/version: no text: now \"0\" \(info\)", str(remark))
