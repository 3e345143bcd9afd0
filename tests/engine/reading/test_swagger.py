from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.engine.reading.sources import read_source
from mockserver.engine.reading.swagger import upgraded
from mockserver.engine.schema import Schemas
from mockserver.engine.spec import describe

OK = {"200": {"description": "ok"}}
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"


def upgrade(told: list[tuple[str, str]] | None = None, **members: Any) -> dict[str, Any]:
    document = {"swagger": "2.0", "info": {"title": "T", "version": "1"}, "paths": {}, **members}
    remarks = [] if told is None else told
    return upgraded(document, lambda pointer, rule, _message: remarks.append((pointer, rule)))


def operation(*parameters: Any, shared: Any = None, item: Any = (), **members: Any) -> Any:
    """The only operation of a document, upgraded."""
    written = {"parameters": list(parameters), "responses": OK, **members}
    path = {"post": written, "parameters": list(item)}
    more = {"parameters": shared} if shared else {}
    return upgrade(paths={"/a": path}, **more)["paths"]["/a"]["post"]


def test_the_least_there_is() -> None:
    assert upgrade() == {
        "openapi": "3.0.3",
        "info": {"title": "T", "version": "1"},
        "paths": {},
        "components": {},
    }


@pytest.mark.parametrize(
    ("members", "urls"),
    [
        ({}, None),
        ({"basePath": "/v1"}, ["/v1"]),
        ({"basePath": "v1"}, ["/v1"]),
        ({"host": "example.com"}, ["https://example.com"]),
        ({"host": "example.com:81", "basePath": "/v1"}, ["https://example.com:81/v1"]),
        (
            {"host": "example.com", "schemes": ["http", "https", "ws"]},
            ["http://example.com", "https://example.com"],
        ),
        ({"host": None, "schemes": ["http"]}, None),
    ],
)
def test_where_it_is_served(members: Any, urls: list[str] | None) -> None:
    found = upgrade(**members).get("servers")
    assert (found and [server["url"] for server in found]) == urls


def test_a_parameter_has_a_schema() -> None:
    [made] = operation(
        {
            "name": "q", "in": "query", "description": "d", "required": True, "type": "integer",
            "format": "int32", "minimum": 1, "default": 2, "enum": [1, 2], "x-a": 1,
            "x-nullable": True, "allowEmptyValue": True, "x-example": 2,
        }
    )["parameters"]  # fmt: skip
    assert made == {
        "name": "q",
        "in": "query",
        "description": "d",
        "required": True,
        "allowEmptyValue": True,
        "x-a": 1,
        "example": 2,
        "schema": {
            "type": "integer",
            "format": "int32",
            "minimum": 1,
            "default": 2,
            "enum": [1, 2],
            "nullable": True,
        },
    }


@pytest.mark.parametrize(
    ("place", "written", "style", "told"),
    [
        ("query", None, {"style": "form", "explode": False}, False),
        ("query", "csv", {"style": "form", "explode": False}, False),
        ("query", "multi", {"style": "form", "explode": True}, False),
        ("query", "ssv", {"style": "spaceDelimited", "explode": False}, False),
        ("query", "pipes", {"style": "pipeDelimited", "explode": False}, False),
        ("query", "tsv", {"style": "form", "explode": False}, True),
        ("query", "words", {"style": "form", "explode": False}, True),
        ("query", ["csv"], {"style": "form", "explode": False}, True),
        ("path", None, {"style": "simple"}, False),
        ("path", "csv", {"style": "simple"}, False),
        ("path", "pipes", {"style": "simple"}, True),
        ("header", "multi", {"style": "simple"}, True),
    ],
)
def test_how_a_list_is_written(place: str, written: Any, style: Any, told: bool) -> None:
    entry = {"name": "q", "in": place, "type": "array", "items": {"type": "string"}}
    if written is not None:
        entry["collectionFormat"] = written
    remarks: list[tuple[str, str]] = []
    paths = {"/a": {"get": {"parameters": [entry], "responses": OK}}}
    [made] = upgrade(remarks, paths=paths)["paths"]["/a"]["get"]["parameters"]
    assert {name: made[name] for name in made if name in ("style", "explode")} == style
    assert made["schema"] == {"type": "array", "items": {"type": "string"}}
    where = ("/paths/~1a/get/parameters/q", "collection-format")
    assert remarks == ([where] if told else [])


BODY = {"name": "b", "in": "body", "required": True, "schema": {"type": "string"}}


@pytest.mark.parametrize(
    ("consumes", "media"),
    [
        (None, ["application/json"]),
        ([], ["application/json"]),
        (["text/plain"], ["text/plain"]),
        (["text/plain", "a/b"], ["text/plain", "a/b"]),
        ("text/plain", ["text/plain"]),
        ([FORM, "a/b"], ["a/b"]),
        ([FORM], [FORM]),
    ],
)
def test_a_body(consumes: Any, media: list[str]) -> None:
    made = operation(BODY, **({} if consumes is None else {"consumes": consumes}))
    assert made["requestBody"] == {
        "required": True,
        "x-body-name": "b",
        "content": {name: {"schema": {"type": "string"}} for name in media},
    }
    assert "parameters" not in made


def field(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "formData", "type": kind, **more}


def test_a_form() -> None:
    made = operation(
        field("a", required=True, description="d"),
        field("l", "array", items={"type": "string"}, collectionFormat="multi"),
        {"name": "q", "in": "query", "type": "string"},
    )
    assert [entry["name"] for entry in made["parameters"]] == ["q"]
    assert made["requestBody"] == {
        "required": True,
        "content": {
            FORM: {
                "schema": {
                    "type": "object",
                    "properties": {
                        "a": {"type": "string", "description": "d"},
                        "l": {"type": "array", "items": {"type": "string"}},
                    },
                    "additionalProperties": False,
                    "required": ["a"],
                },
                "encoding": {"l": {"style": "form", "explode": True}},
            }
        },
    }


@pytest.mark.parametrize(
    ("fields", "consumes", "media"),
    [
        ([field("a")], [], [FORM]),
        ([field("a", "file")], [], [MULTIPART]),
        ([field("a")], [MULTIPART], [MULTIPART]),
        ([field("a")], [MULTIPART, FORM, "a/b"], [MULTIPART, FORM]),
        ([field("a", "file")], ["application/json"], [MULTIPART]),
    ],
)
def test_the_media_type_of_a_form(fields: Any, consumes: list[str], media: list[str]) -> None:
    made = operation(*fields, consumes=consumes)["requestBody"]
    assert list(made["content"]) == media
    kinds = {"string": {"type": "string"}, "file": {"type": "string", "format": "binary"}}
    for entry in made["content"].values():
        assert entry["schema"]["properties"] == {"a": kinds[fields[0]["type"]]}


def test_shared_parameters_of_each_kind() -> None:
    shared = {"Q": {"name": "q", "in": "query", "type": "string"}, "B": BODY, "F": field("f"),
              "C": {"$ref": "#/parameters/B"}}  # fmt: skip
    references = [{"$ref": f"#/parameters/{name}"} for name in "QB"]
    document = upgrade(
        parameters=shared,
        consumes=["text/plain"],
        paths={
            "/a": {
                "post": {"parameters": references, "responses": OK},
                "put": {"parameters": references, "consumes": ["a/b"], "responses": OK},
                "patch": {"parameters": [{"$ref": "#/parameters/F"}], "responses": OK},
                "delete": {"parameters": [{"$ref": "#/parameters/C"}], "responses": OK},
            }
        },
    )
    schema = {"schema": {"type": "string"}}
    body = {"required": True, "x-body-name": "b", "content": {"text/plain": schema}}
    assert document["components"] == {
        "parameters": {"Q": {"name": "q", "in": "query", **schema}},
        "requestBodies": {"B": body, "C": body},
    }
    item = document["paths"]["/a"]
    assert item["post"]["parameters"] == [{"$ref": "#/components/parameters/Q"}]
    assert item["post"]["requestBody"] == {"$ref": "#/components/requestBodies/B"}
    assert item["put"]["requestBody"] == {**body, "content": {"a/b": schema}}
    assert list(item["patch"]["requestBody"]["content"]) == [FORM]
    assert item["delete"]["requestBody"] == body


def test_bodies_of_a_path_are_those_of_its_operations() -> None:
    made = operation(item=[BODY, {"name": "q", "in": "query", "type": "string"}])
    assert made["requestBody"]["content"] == {"application/json": {"schema": {"type": "string"}}}
    own = {**BODY, "schema": {"type": "integer"}}
    made = operation(own, item=[BODY])["requestBody"]
    assert made["content"]["application/json"]["schema"] == {"type": "integer"}


def responses(written: Any, **members: Any) -> Any:
    document = upgrade(paths={"/a": {"get": {"responses": written, **members}}})
    return document["paths"]["/a"]["get"]["responses"]


@pytest.mark.parametrize(
    ("written", "produces", "content"),
    [
        ({}, ["a/b"], None),
        ({"schema": {}}, None, {"application/json": {"schema": {}}}),
        ({"schema": {}}, ["a/b", "c/d"], {"a/b": {"schema": {}}, "c/d": {"schema": {}}}),
        (
            {"schema": {"type": "file"}},
            None,
            {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        ),
        (
            {"schema": {"type": "file"}},
            ["image/png"],
            {"image/png": {"schema": {"type": "string", "format": "binary"}}},
        ),
        ({"examples": {"a/b": 1}}, None, {"a/b": {"example": 1}}),
        (
            {"schema": {}, "examples": {"a/b": 1}},
            ["c/d"],
            {"c/d": {"schema": {}}, "a/b": {"schema": {}, "example": 1}},
        ),
    ],
)
def test_a_response(written: Any, produces: Any, content: Any) -> None:
    members = {} if produces is None else {"produces": produces}
    made = responses({"200": {"description": "d", **written}, "x-a": 1}, **members)
    told = {"content": content} if content else {"x-produces": produces[0]}
    assert made == {"200": {"description": "d", **told}, "x-a": 1}


def test_headers_have_schemas() -> None:
    headers = {"X-A": {"type": "integer", "description": "d"},
               "X-B": {"type": "array", "items": {"type": "string"}}}  # fmt: skip
    assert responses({"200": {"description": "", "headers": headers}})["200"]["headers"] == {
        "X-A": {"description": "d", "schema": {"type": "integer"}},
        "X-B": {"style": "simple", "schema": {"type": "array", "items": {"type": "string"}}},
    }


def test_shared_responses() -> None:
    shared = {"R": {"description": "r", "schema": {"$ref": "#/definitions/A"}},
              "N": {"description": "n"}}  # fmt: skip
    written = {"200": {"$ref": "#/responses/R"}, "404": {"$ref": "#/responses/N"}}
    document = upgrade(
        responses=shared,
        produces=["a/b"],
        definitions={"A": {"items": {"$ref": "#/definitions/A"}}},
        paths={"/a": {"get": {"responses": written},
                      "put": {"responses": written, "produces": ["c/d"]}}},
    )  # fmt: skip
    schema = {"schema": {"$ref": "#/components/schemas/A"}}
    assert document["components"] == {
        "schemas": {"A": {"items": {"$ref": "#/components/schemas/A"}}},
        "responses": {
            "R": {"description": "r", "content": {"a/b": schema}},
            "N": {"description": "n", "x-produces": "a/b"},
        },
    }
    item = document["paths"]["/a"]
    assert item["get"]["responses"] == {
        "200": {"$ref": "#/components/responses/R"},
        "404": {"$ref": "#/components/responses/N"},
    }
    assert item["put"]["responses"] == {
        "200": {"description": "r", "content": {"c/d": schema}},
        "404": {"description": "n", "x-produces": "c/d"},
    }


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ({"type": "file"}, {"type": "string", "format": "binary"}),
        ({"x-nullable": True, "type": "string"}, {"nullable": True, "type": "string"}),
        ({"discriminator": "kind"}, {"discriminator": {"propertyName": "kind"}}),
        ({"discriminator": {"propertyName": "k"}}, {"discriminator": {"propertyName": "k"}}),
        (
            {"properties": {"type": {"type": "file"}, "discriminator": {"type": "string"}}},
            {
                "properties": {
                    "type": {"type": "string", "format": "binary"},
                    "discriminator": {"type": "string"},
                }
            },
        ),
        ({"example": {"x-nullable": True}}, {"example": {"x-nullable": True}}),
        ({"allOf": [{"x-nullable": False}]}, {"allOf": [{"nullable": False}]}),
        (True, True),
    ],
)
def test_a_schema(written: Any, made: Any) -> None:
    assert upgrade(definitions={"A": written})["components"]["schemas"]["A"] == made


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ({"type": "basic", "description": "d"},
         {"type": "http", "scheme": "basic", "description": "d"}),
        ({"type": "apiKey", "in": "query", "name": "k"},
         {"type": "apiKey", "in": "query", "name": "k"}),
        ({"type": "oauth2", "flow": "implicit", "authorizationUrl": "/a", "scopes": {"s": "d"}},
         {"type": "oauth2", "flows": {
             "implicit": {"authorizationUrl": "/a", "scopes": {"s": "d"}}}}),
        ({"type": "oauth2", "flow": "password", "tokenUrl": "/t"},
         {"type": "oauth2", "flows": {"password": {"tokenUrl": "/t", "scopes": {}}}}),
        ({"type": "oauth2", "flow": "application", "tokenUrl": "/t"},
         {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/t", "scopes": {}}}}),
        ({"type": "oauth2", "flow": "accessCode", "authorizationUrl": "/a", "tokenUrl": "/t"},
         {"type": "oauth2", "flows": {"authorizationCode": {
             "authorizationUrl": "/a", "tokenUrl": "/t", "scopes": {}}}}),
    ],
)  # fmt: skip
def test_a_security_scheme(written: Any, made: Any) -> None:
    document = upgrade(securityDefinitions={"s": written}, security=[{"s": []}])
    assert document["components"]["securitySchemes"] == {"s": made}
    assert document["security"] == [{"s": []}]


def test_extensions_and_texts_are_kept() -> None:
    document = upgrade(
        **{"x-a": 1, "tags": [{"name": "t"}], "externalDocs": {"url": "u"}},
        paths={"x-b": 2, "/a": {"x-c": 3, "get": {"x-d": 4, "tags": ["t"], "responses": OK}}},
    )
    assert (document["x-a"], document["tags"]) == (1, [{"name": "t"}])
    assert document["paths"] == {
        "x-b": 2,
        "/a": {"x-c": 3, "get": {"x-d": 4, "tags": ["t"], "responses": OK}},
    }


WHOLE = {
    "swagger": "2.0",
    "info": {"title": "T", "version": "1"},
    "host": "example.com",
    "basePath": "/v1",
    "consumes": ["application/json"],
    "produces": ["application/json"],
    "parameters": {"B": BODY, "Q": {"name": "q", "in": "query", "type": "string"}},
    "responses": {"R": {"description": "r", "schema": {"$ref": "#/definitions/Pet«A»"}}},
    "definitions": {
        "Pet«A»": {
            "type": "object",
            "discriminator": "kind",
            "required": ["kind"],
            "properties": {"kind": {"type": "string"}, "me": {"$ref": "#/definitions/Pet«A»"}},
        }
    },
    "securityDefinitions": {"key": {"type": "apiKey", "in": "header", "name": "K"}},
    "security": [{"key": []}],
    "paths": {
        "/pets/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "type": "integer"}],
            "put": {
                "operationId": "put",
                "parameters": [{"$ref": "#/parameters/B"}, {"$ref": "#/parameters/Q"}],
                "responses": {
                    "200": {"$ref": "#/responses/R"},
                    "201": {
                        "description": "",
                        "schema": {"$ref": "#/paths/~1pets~1%7Bid%7D/put/responses/202/schema"},
                    },
                    "202": {"description": "", "schema": {"type": "array", "items": {}}},
                },
            },
        }
    },
}


def test_a_whole_description_is_served_as_one_of_3_0() -> None:
    made = read_source(json.dumps(WHOLE))
    assert (made.version, made.document["openapi"]) == ("2.0", "3.0.3")
    assert [w.rule for w in made.warnings] == ["component-name"]
    assert Schemas(made.document).problems() == []
    description = describe("tiny", made.document)
    [found] = description.operations
    assert description.base_path == "/v1"
    assert [(p.name, p.location) for p in found.parameters] == [("id", "path"), ("q", "query")]
    assert found.body is not None
    assert found.body.content == {"application/json": {"type": "string"}}
    assert found.responses["200"].content == {
        "application/json": {"$ref": "#/components/schemas/Pet_A"}
    }
    assert found.security == (("key",),)
    name = found.responses["201"].content["application/json"]["$ref"].rpartition("/")[2]
    assert made.document["components"]["schemas"][name] == {"type": "array", "items": {}}


ODD = st.sampled_from(
    [None, True, 3, "x", [], {}, [None], [[]], {"a": None}, {"$ref": 3}, ["x"]]
).map(copy.deepcopy)


def places(value: Any) -> list[tuple[Any, Any]]:
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    return [
        place
        for step, item in list(steps)
        for place in [(value, step), *(places(item) if isinstance(item, (dict, list)) else [])]
    ]


@given(st.data())
def test_whatever_stands_anywhere_it_is_upgraded(data: st.DataObject) -> None:
    document = json.loads(json.dumps({**WHOLE, "consumes": [FORM]}))
    document["paths"]["/pets/{id}"]["post"] = {"parameters": [field("f", "array")]}
    for _ in range(data.draw(st.integers(1, 3))):
        holder, step = data.draw(st.sampled_from(places(document)))
        holder[step] = data.draw(ODD)
    document["swagger"] = "2.0"
    made = read_source(json.dumps(document))
    assert Schemas(made.document).problems() == []
    assert read_source(json.dumps(made.document)).warnings == ()
