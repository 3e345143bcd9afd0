from __future__ import annotations

from typing import Any

import pytest

from tests.engine.inference.served import answers, api, asked, ref, served, takes

TEXT = {"type": "string"}
USER = {"type": "object", "properties": {"id": TEXT, "name": TEXT}}


def test_a_body_that_may_be_left_out_may_be_where_the_path_has_no_letters() -> None:
    changed = {
        "get": {"responses": answers(s200=ref("User"))},
        "patch": {
            "requestBody": {"content": {"application/json": {"schema": ref("User")}}},
            "responses": answers(s200=ref("User")),
        },
    }
    with served(api({"/users/~": changed}, {"User": USER})) as client:
        before = client("GET", "/users/~").json
        assert client("PATCH", "/users/~").json == before


def test_a_list_that_the_answer_has_no_place_for_is_answered_as_documented() -> None:
    counted = {
        "type": "object",
        "required": ["count"],
        "properties": {"count": {"type": "integer"}},
    }
    guess = {"resource": "users", "kind": "list"}
    paths = {
        "/users/{userId}": {
            "parameters": [asked("userId", TEXT, "path")],
            "get": {"responses": answers(s200=ref("User"))},
        },
        "/counted": {"get": {"responses": answers(s200=counted), "x-mock": guess}},
    }
    with served(api(paths, {"User": USER})) as client:
        told = client("GET", "/counted")
        assert told.status == 200
        assert isinstance(told.json["count"], int)


@pytest.mark.parametrize("bounds", [{"minItems": 5}, {"maxItems": 2}])
def test_the_bounds_of_a_list_may_be_in_what_its_schema_is_composed_of(
    bounds: dict[str, int],
) -> None:
    users = {"type": "array", "items": ref("User"), **bounds}
    whole = {
        "type": "object",
        "required": ["users"],
        "properties": {"users": {"allOf": [ref("Users"), {"description": "All of them."}]}},
    }
    paths = {
        "/users": {"get": {"responses": answers(s200=whole)}},
        "/users/{userId}": {
            "parameters": [asked("userId", TEXT, "path")],
            "get": {"responses": answers(s200=ref("User"))},
        },
    }
    with served(api(paths, {"User": USER, "Users": users})) as client:
        [count] = bounds.values()
        assert len(client("GET", "/users").json["users"]) == count


def test_what_only_changes_the_protocol_asks_for_another_one() -> None:
    feed: dict[str, Any] = {"get": {"responses": {"101": {"description": "Switching."}}}}
    with served(api({"/feed": feed})) as client:
        told = client("GET", "/feed")
        assert (told.status, told.headers["upgrade"]) == (426, "websocket")


def test_a_record_that_is_sent_inside_a_member_beside_others_is_kept() -> None:
    order = {
        "type": "object",
        "required": ["OrderId", "Item"],
        "properties": {"OrderId": TEXT, "Item": TEXT},
    }
    whole = {"type": "object", "required": ["Data"], "properties": {"Data": order}}
    part = {"type": "object", "properties": {"Item": TEXT}}
    sent = {"type": "object", "properties": {"Data": part, "Risk": {"type": "object"}}}
    paths = {
        "/orders": {"post": {"requestBody": takes(sent), "responses": answers(s201=whole)}},
        "/orders/{OrderId}": {
            "parameters": [asked("OrderId", TEXT, "path")],
            "get": {"responses": answers(s200=whole, s404=None)},
        },
    }
    with served(api(paths)) as client:
        made = client("POST", "/orders", {"Data": {"Item": "tea"}, "Risk": {}}).json["Data"]
        assert made["Item"] == "tea"
        assert client("GET", f"/orders/{made['OrderId']}").json["Data"] == made


def test_a_key_may_be_sent_inside_an_object_of_its_own() -> None:
    account = {"type": "object", "required": ["code"], "properties": {"code": TEXT, "name": TEXT}}
    wrapped = {"type": "object", "properties": {"value": TEXT}}
    sent = {"type": "object", "properties": {"code": wrapped, "name": TEXT}}
    paths = {
        "/accounts": {
            "get": {"responses": answers(s200={"type": "array", "items": account})},
            "post": {"requestBody": takes(sent), "responses": answers(s201=account)},
        },
        "/accounts/{code}": {
            "parameters": [asked("code", TEXT, "path")],
            "get": {"responses": answers(s200=account, s404=None)},
        },
    }
    with served(api(paths)) as client:
        made = client("POST", "/accounts", {"code": {"value": "cash"}, "name": "Cash"})
        assert made.json == {"code": "cash", "name": "Cash"}
        assert client("GET", "/accounts/cash").json == made.json


def test_a_list_is_answered_such_that_one_only_of_several_schemas_has_it() -> None:
    one = {"type": "object", "properties": {"id": {"type": "integer"}}}
    listed = {"type": "array", "items": ref("User")}
    several = {"type": "object", "required": ["users"], "properties": {"users": listed}}
    paths = {
        "/users": {"get": {"responses": answers(s200={"oneOf": [one, several]})}},
        "/users/{userId}": {
            "parameters": [asked("userId", TEXT, "path")],
            "get": {"responses": answers(s200=ref("User"))},
        },
    }
    with served(api(paths, {"User": USER})) as client:
        assert client("GET", "/users").status == 200
