"""What a refusal says, in the shape that an operation documents for it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.inference.served import Told, answers, api, asked, served, takes

TEXT = {"type": "string"}
INTEGER = {"type": "integer"}


def record(*required: str, **members: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": members}


ONE = record("id", "name", id=INTEGER, name={**TEXT, "minLength": 2})


def refused(error: Any, *, valid: bool = True) -> Told:
    """A record that is not there, or a creation of what is no record, refused in a shape."""
    paths = {
        "/pets": {
            "get": {"responses": answers(s200={"type": "array", "items": ONE})},
            "post": {"requestBody": takes(ONE), "responses": answers(s201=ONE, s400=error)},
        },
        "/pets/{petId}": {
            "parameters": [asked("petId", INTEGER, "path")],
            "get": {"responses": answers(s200=ONE, s404=error)},
        },
    }
    with served(api(paths)) as client:
        if valid:
            return client("GET", "/pets/7654321")
        return client("POST", "/pets", {"id": 1, "name": "x"})


def test_an_error_has_no_optional_members_that_say_nothing_of_it() -> None:
    meta = record(trace=TEXT, host=TEXT)
    told = refused(record(message=TEXT, documentation_url=TEXT, help=TEXT, meta=meta)).json
    assert told.keys() == {"message"}
    assert "7654321" in told["message"]


def test_an_error_keeps_what_its_schema_requires() -> None:
    told = refused(record("requestId", message=TEXT, requestId=TEXT)).json
    assert told.keys() == {"message", "requestId"}


def test_an_error_code_is_the_one_of_those_listed_that_is_called_like_the_status() -> None:
    code = {"type": "string", "enum": ["BAD_CREDENTIALS", "PET_NOT_FOUND", "OUT_OF_STOCK"]}
    assert refused(record("code", code=code, message=TEXT)).json["code"] == "PET_NOT_FOUND"


def test_an_optional_error_code_of_which_none_is_right_is_left_out() -> None:
    code = {"type": "string", "enum": ["BAD_CREDENTIALS", "OUT_OF_STOCK"]}
    assert refused(record(code=code, message=TEXT)).json.keys() == {"message"}


def test_an_error_says_the_path_that_was_asked_for() -> None:
    problem = record(status=INTEGER, error=TEXT, message=TEXT, path=TEXT)
    told = refused(problem).json
    assert told["path"] == "/pets/7654321"
    assert told["error"] == "Not Found"
    assert "7654321" in told["message"]


@pytest.mark.parametrize("name", ["field", "param", "property"])
def test_a_list_of_errors_has_an_entry_for_each_broken_rule(name: str) -> None:
    entry = record(name, "message", **{name: TEXT, "message": TEXT})
    errors = {"type": "array", "items": entry}
    told = refused(record(message=TEXT, errors=errors), valid=False).json
    assert [each[name] for each in told["errors"]] == ["name"]
    assert "minLength" in told["errors"][0]["message"]


def test_a_list_of_errors_is_left_out_where_no_rule_is_broken() -> None:
    entry = record("field", "message", field=TEXT, message=TEXT)
    told = refused(record(message=TEXT, errors={"type": "array", "items": entry})).json
    assert told.keys() == {"message"}


def test_errors_by_field_are_told_by_field() -> None:
    errors = {"type": "object", "additionalProperties": {"type": "array", "items": TEXT}}
    told = refused(record(message=TEXT, errors=errors), valid=False).json
    assert told["errors"].keys() == {"name"}
    assert "minLength" in told["errors"]["name"][0]


def test_errors_are_told_in_the_shape_of_fastapi() -> None:
    step = {"anyOf": [TEXT, INTEGER]}
    entry = record("loc", "msg", "type", loc={"type": "array", "items": step}, msg=TEXT, type=TEXT)
    shape = record(detail={"type": "array", "items": entry})
    [told] = refused(shape, valid=False).json["detail"]
    assert told["loc"] == ["body", "name"]
    assert told["type"] == "minLength"


@pytest.mark.parametrize(
    ("documented", "status"),
    [
        (("413", "400", "default"), 413),
        (("4XX", "400"), 413),
        (("400", "default"), 400),
        (("422", "default"), 422),
        (("default",), 413),
    ],
)
def test_a_body_that_is_too_large_is_refused_as_it_is_documented(
    documented: tuple[str, ...], status: int
) -> None:
    responses = answers(s201=ONE, **{f"s{each}": record(message=TEXT) for each in documented})
    paths = {"/pets": {"post": {"requestBody": takes(ONE), "responses": responses}}}
    with served(api(paths)) as client:
        assert client("POST", "/pets", {"id": 1, "name": "x" * (17 << 20)}).status == status


def test_a_refusal_of_a_caller_says_which_credential_is_right() -> None:
    schemes = {
        "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "login": {"type": "http", "scheme": "basic"},
    }
    for name, told in (("key", "X-Key: mock"), ("login", "mock:mock")):
        paths = {"/pets": {"get": {"responses": answers(s200=ONE, s401=record(message=TEXT))}}}
        document = api(paths) | {"security": [{name: []}]}
        document["components"]["securitySchemes"] = schemes
        with served(document) as client:
            refusal = client("GET", "/pets")
        assert refusal.status == 401
        assert told in refusal.json["message"]
