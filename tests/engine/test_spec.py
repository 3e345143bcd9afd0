from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.engine.spec import Operation, describe, read_description
from mockserver.errors import StartupError
from tests.engine.tiny import described, json_content, reference

OK = {"200": {"description": "-"}}


def operation(**members: Any) -> dict[str, Any]:
    return {"get": {"operationId": "only", "responses": OK, **members}}


def read(**members: Any) -> Operation:
    return described({"/": operation(**members)}).operations[0]


def problems(paths: Any, **more: Any) -> list[tuple[str, str]]:
    with pytest.raises(StartupError) as caught:
        described(paths, **more)
    return [(problem.pointer, problem.message) for problem in caught.value.problems]


def test_operations_keep_their_order_and_have_names() -> None:
    paths = {
        "/b": {"post": {"responses": OK}, "get": {"operationId": "b", "responses": OK}},
        "/a": {"head": {"responses": OK}},
    }
    found = [(o.id, o.method, o.path) for o in described(paths).operations]
    assert found == [("b", "GET", "/b"), ("POST /b", "POST", "/b"), ("HEAD /a", "HEAD", "/a")]


def test_parameters_of_the_path_hold_unless_the_operation_says_otherwise() -> None:
    shared = [
        {"name": "a", "in": "query", "schema": {"type": "integer"}},
        {"name": "b", "in": "query"},
    ]
    own = [
        {"name": "a", "in": "query", "schema": {"type": "string"}},
        {"name": "a", "in": "header"},
    ]
    item = {"parameters": shared, **operation(parameters=own)}
    found = described({"/": item}).operations[0].parameters
    assert [(p.name, p.location, p.schema) for p in found] == [
        ("a", "query", {"type": "string"}),
        ("b", "query", {}),
        ("a", "header", {}),
    ]


@pytest.mark.parametrize(
    ("written", "style", "explode"),
    [
        ({"in": "query"}, "form", True),
        ({"in": "cookie"}, "form", True),
        ({"in": "header"}, "simple", False),
        ({"in": "path"}, "simple", False),
        ({"in": "query", "explode": False}, "form", False),
        ({"in": "query", "style": "pipeDelimited"}, "pipeDelimited", False),
    ],
)
def test_style_and_explode_have_defaults(written: Any, style: str, explode: bool) -> None:
    [parameter] = read(parameters=[{"name": "a", **written}]).parameters
    assert (parameter.style, parameter.explode) == (style, explode)


def test_references_are_followed() -> None:
    components = {
        "parameters": {"n/~": {"name": "n", "in": "query", "required": True}},
        "requestBodies": {
            "B": {"$ref": "#/components/requestBodies/C"},
            "C": {"required": True, "content": json_content(reference("Thing"), "Text/JSON")},
        },
        "headers": {"H": {"required": True}},
        "responses": {"R": {"headers": {"X-A": {"$ref": "#/components/headers/H"}, "X-B": {}}}},
    }
    item = {
        "post": {
            "operationId": "only",
            "parameters": [{"$ref": "#/components/parameters/n~1~0"}],
            "requestBody": {"$ref": "#/components/requestBodies/B"},
            "responses": {200: {"$ref": "#/components/responses/R"}},
        }
    }
    [made] = described({"/": item}, components=components).operations
    assert [(p.name, p.required) for p in made.parameters] == [("n", True)]
    assert made.body is not None
    assert made.body.required
    assert made.body.content == {"text/json": reference("Thing")}
    assert made.responses["200"].required_headers == ("X-A",)


@pytest.mark.parametrize(
    ("status", "chosen"), [(200, "200"), (201, "2XX"), (404, "default"), (500, "default")]
)
def test_the_most_specific_response_is_taken(status: int, chosen: str) -> None:
    made = read(responses={"200": {}, "2XX": {}, "default": {}})
    assert made.response(status) is made.responses[chosen]


def test_a_status_may_be_undocumented() -> None:
    assert read().response(500) is None


@pytest.mark.parametrize(
    ("url", "base_path", "port"),
    [
        ("/", "", None),
        ("/v1/", "/v1", None),
        ("http://localhost:8080", "", 8080),
        ("http://127.0.0.1:8080/v1", "/v1", 8080),
        ("http://[::1]:8080/v1/x/", "/v1/x", 8080),
        ("http://localhost/v1", "/v1", None),
        ("https://example.com:8080/v1", "/v1", None),
        ("v1", "/v1", None),
        ("./v1/", "/v1", None),
        ("../v1", "/v1", None),
        ("//example.com/v1", "/v1", None),
        ("https://example.com//v1//x", "/v1/x", None),
        ("https://example.com/my%20api", "/my api", None),
        ("https://example.com/{undeclared}/v1", "/undeclared/v1", None),
    ],
)
def test_the_first_server_says_where(url: str, base_path: str, port: int | None) -> None:
    made = described({}, servers=[{"url": url}])
    assert (made.base_path, made.port) == (base_path, port)


def test_variables_of_a_server_stand_for_their_defaults() -> None:
    variables = {
        "host": {"default": "localhost"},
        "port": {"default": "8080"},
        "version": {"default": "v2", "enum": ["v1", "v2"]},
    }
    server = {"url": "https://{host}:{port}/{version}/x", "variables": variables}
    made = described({}, servers=[server])
    assert (made.base_path, made.port) == ("/v2/x", 8080)


def test_the_base_path_may_be_left_out() -> None:
    document = described({}, servers=[{"url": "/v1"}]).document
    assert describe("tiny", document).base_path == "/v1"
    made = describe("tiny", document, base_path="")
    assert (made.base_path, made.prefixes) == ("", ("",))


def test_extensions_are_no_part_of_a_description() -> None:
    paths = {
        "x-paths": {"get": 3},
        "/": {
            "x-item": MISSING,
            "get": {
                "operationId": "only",
                "x-operation": MISSING,
                "responses": {**OK, "x-responses": 3},
            },
        },
    }
    [made] = described(paths).operations
    assert list(made.responses) == ["200"]


def test_a_header_may_be_called_like_an_extension() -> None:
    headers = {"x-rate-limit": {"required": True, "schema": {}}, "x-note": "no header"}
    made = read(responses={"200": {"headers": headers}})
    assert made.responses["200"].required_headers == ("x-rate-limit",)
    assert list(made.responses["200"].headers) == ["x-rate-limit"]


@pytest.mark.parametrize("member", ["example", "default", "const", "x-anything"])
def test_a_reference_in_data_is_none(member: str) -> None:
    schema = {"type": "object", member: {"a": [MISSING]}, "enum": [MISSING]}
    content = {"application/json": {"schema": schema, "example": MISSING}}
    assert read(responses={"200": {"content": content}}).responses["200"].content


@pytest.mark.parametrize("keyword", ["properties", "patternProperties", "$defs"])
def test_what_has_a_name_may_be_called_like_data(keyword: str) -> None:
    for name in ("example", "default", "x-a", "$ref"):
        schema = {keyword: {name: reference("No")}}
        content = json_content(schema)
        [(pointer, _)] = problems({"/": operation(responses={"200": {"content": content}})})
        assert pointer == "#/components/schemas/No"


def test_without_servers_it_is_the_root() -> None:
    assert (described({}).base_path, described({}).port) == ("", None)
    assert described({}, servers=[]).base_path == ""


def test_the_port_is_the_first_loopback_servers() -> None:
    servers = [
        "https://example.com:1/a",
        "http://localhost/b",
        "http://localhost:2",
        "http://[::1]:3",
    ]
    assert described({}, servers=[{"url": url} for url in servers]).port == 2


def test_collections() -> None:
    made = described(
        {}, **{"x-collections": {"a": {"schema": "Thing"}, "b": {"schema": "Thing", "key": "k"}}}
    )
    assert [(name, c.schema, c.key) for name, c in made.collections.items()] == [
        ("a", "Thing", "id"),
        ("b", "Thing", "k"),
    ]


MISSING = {"$ref": "#/components/nothing/Here"}


@pytest.mark.parametrize(
    "members",
    [
        {"parameters": [MISSING]},
        {"requestBody": MISSING},
        {"responses": {"200": MISSING}},
        {"responses": {"200": {"headers": {"X-A": MISSING}}}},
    ],
    ids=["parameter", "body", "response", "header"],
)
def test_a_reference_to_nothing(members: Any) -> None:
    [(pointer, message)] = problems({"/": operation(**members)})
    assert pointer == "#/components/nothing/Here"
    assert "no such place" in message


@pytest.mark.parametrize(
    ("members", "schemas"),
    [
        ({"responses": {"200": {"content": json_content(reference("No"))}}}, {}),
        ({"requestBody": {"content": json_content({"items": reference("No")})}}, {}),
        ({"parameters": [{"name": "a", "in": "query", "schema": reference("No")}]}, {}),
        ({"responses": {"200": {"content": json_content(reference("A"))}}}, {"A": reference("No")}),
    ],
    ids=["response", "body", "parameter", "component"],
)
def test_a_schema_that_refers_to_nothing(members: Any, schemas: Any) -> None:
    [(pointer, _)] = problems({"/": operation(**members)}, schemas=schemas)
    assert pointer == "#/components/schemas/No"


class Impatient(dict[str, Any]):
    """Gives up where a reader would go round for ever."""

    asked = 0

    def __getitem__(self, name: str) -> Any:
        self.asked += 1
        assert self.asked < 1000, "it goes round"
        return super().__getitem__(name)


def test_references_that_go_round() -> None:
    responses = {
        "A": {"$ref": "#/components/responses/B"},
        "B": {"$ref": "#/components/responses/A"},
    }
    document = Impatient(
        openapi="3.0.3",
        info={"title": "Tiny"},
        paths={"/": operation(responses={"200": {"$ref": "#/components/responses/A"}})},
        components={"responses": responses},
    )
    with pytest.raises(StartupError):
        describe("tiny", document)


def test_every_problem_is_named_with_its_file() -> None:
    paths = {
        "/a": operation(responses={"200": MISSING}),
        "/b": operation(responses={"200": {"$ref": "#/paths/~1c"}}),
    }
    with pytest.raises(StartupError) as caught:
        describe("tiny", {"openapi": "3.0.3", "paths": paths}, source="tiny.yaml")
    assert [(p.source, p.pointer) for p in caught.value.problems] == [
        ("tiny.yaml", "#/components/nothing/Here"),
        ("tiny.yaml", "#/paths/~1c"),
        ("tiny.yaml", "/paths"),
    ]
    assert "GET /b has the operationId of GET /a" in str(caught.value)


@pytest.mark.parametrize(
    "content",
    ["", "[]", "3", "openapi: 3.1.0", "swagger: '2.0'", "openapi: [3.0]", "a: {b", "a: *b"],
)
def test_a_file_that_is_no_description(tmp_path: Path, content: str) -> None:
    path = tmp_path / "tiny.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(StartupError) as caught:
        read_description(path)
    [problem] = caught.value.problems
    assert problem.source == str(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StartupError, match="cannot be read"):
        read_description(tmp_path / "no.yaml")


def test_a_description_is_named_after_its_file(tmp_path: Path) -> None:
    document = {"openapi": "3.0.1", "info": {"title": "T"}, "paths": {"/": operation()}}
    path = tmp_path / "tiny.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    made = read_description(path)
    assert (made.stem, made.source, made.title) == ("tiny", str(path), "T")
    assert made.document == document


SCHEMES = {"a": {"type": "http", "scheme": "bearer"}, "b": {"type": "oauth2"}}


def needed(own: Any = None, shared: Any = None) -> tuple[tuple[str, ...], ...]:
    """The security of an operation that says its own, in a document that says one for all."""
    item = operation() if own is None else operation(security=own)
    more = {} if shared is None else {"security": shared}
    made = described({"/": item}, components={"securitySchemes": SCHEMES}, **more)
    return made.operations[0].security


@pytest.mark.parametrize(
    ("own", "shared", "security"),
    [
        (None, None, ()),
        (None, [{"a": []}], (("a",),)),
        ([{"b": ["read"]}], [{"a": []}], (("b",),)),
        ([], [{"a": []}], ()),
        ([{}], [{"a": []}], ((),)),
        ([{"a": [], "b": []}, {"b": []}, {}], None, (("a", "b"), ("b",), ())),
    ],
)
def test_an_operation_needs_its_own_security_or_else_the_documents(
    own: Any, shared: Any, security: Any
) -> None:
    assert needed(own, shared) == security


def test_a_security_scheme_may_be_a_reference() -> None:
    schemes = {"a": {"$ref": "#/components/securitySchemes/b"}, "b": {"type": "oauth2"}}
    made = described({}, components={"securitySchemes": schemes}).security_schemes
    assert [(s.name, s.kind) for s in made.values()] == [("a", "oauth2"), ("b", "oauth2")]


def test_security_schemes_that_nobody_declared_are_problems_all_told() -> None:
    paths = {
        "/": operation(security=[{"a": [], "none": []}, {"nil": []}]),
        "/b": {"get": {"operationId": "other", "responses": OK}},
    }
    found = problems(paths, components={"securitySchemes": SCHEMES}, security=[{"void": []}])
    assert {pointer for pointer, _ in found} == {"/components/securitySchemes"}
    told = sorted((message.partition(" ")[0], message.split("'")[1]) for _, message in found)
    assert told == [("only", "nil"), ("only", "none"), ("other", "void")]


def test_a_description_without_security_has_no_schemes() -> None:
    assert described({}).security_schemes == {}


@pytest.mark.parametrize(
    ("members", "prefixes"),
    [
        ({}, ("",)),
        ({"servers": [{"url": "http://localhost/api/"}]}, ("/api",)),
        (
            {"servers": [{"url": "/api"}], "x-base-paths": ["/api", "/.well-known"]},
            ("/api", "/.well-known"),
        ),
    ],
)
def test_the_paths_of_an_api_begin_with_its_base_path_or_what_is_listed(
    members: Any, prefixes: tuple[str, ...]
) -> None:
    assert described({}, **members).prefixes == prefixes


def test_examples_of_bodies_and_answers_have_names() -> None:
    media = {
        "application/json; charset=utf-8": {
            "schema": {},
            "example": {"id": 1},
            "examples": {
                "cat": {"value": {"id": 2}},
                "dog": {"$ref": "#/components/examples/dog"},
                "far": {"externalValue": "https://example.com/far.json"},
            },
        }
    }
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Pets", "version": "1"},
        "components": {"examples": {"dog": {"value": None}}},
        "paths": {
            "/pets": {
                "post": {
                    "requestBody": {"content": media},
                    "responses": {"201": {"description": "", "content": media}, "204": {}},
                }
            }
        },
    }
    [operation] = describe("pets", document).operations
    named = {"application/json": {"": {"id": 1}, "cat": {"id": 2}, "dog": None}}
    assert operation.body is not None
    assert operation.body.examples == named
    assert operation.responses["201"].examples == named
    assert not operation.responses["204"].examples
