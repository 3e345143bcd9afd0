"""What is documented by examples alone is inferred from what they look like."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.engine.shown import LOOKS, looking_like
from tests.engine.inference.served import JSON, Client, api, asked, served

TEXT, NUMBER, WHOLE = {"type": "string"}, {"type": "number"}, {"type": "integer"}


@pytest.mark.parametrize(
    ("value", "looks"),
    [
        ([True, False], {"type": "boolean"}),
        (["a"], TEXT),
        ([1, 2.5], NUMBER),
        ([None, "a"], TEXT),
        ([None], {}),
        ([1, "a"], {}),
        ([True, 1], {}),
        ([[], ["a"]], {"type": "array", "items": TEXT}),
        ([{"id": 1}, {"n": 1}], {"type": "object", "properties": {"id": WHOLE, "n": NUMBER}}),
    ],
)
def test_what_several_values_look_like(value: list[Any], looks: Any) -> None:
    [(name, found)] = looking_like([value]).items()
    assert (name, found) == (LOOKS, {"type": "array", "items": looks})


@pytest.mark.parametrize("examples", [[], ["text"], [1, None]])
def test_texts_and_numbers_tell_nothing(examples: list[Any]) -> None:
    assert looking_like(examples) == {}


def shown(value: Any) -> dict[str, Any]:
    """A response of which nothing but an example is documented."""
    return {"description": "-", "content": {JSON: {"example": value}}}


def lists() -> dict[str, Any]:
    first, second = {"list_id": 7, "name": "Friends"}, {"list_id": 8, "name": "Others"}
    missing = {"404": shown({"message": "Not found"})}
    paths = {
        "/lists": {
            "get": {"responses": {"200": shown({"code": 200, "data": [first, second]})}},
            "post": {
                "requestBody": {"content": {JSON: {"example": {"name": "Friends"}}}},
                "responses": {"201": shown({"code": 201, "data": first})},
            },
        },
        "/lists/{list_id}": {
            "parameters": [asked("list_id", {"type": "integer"}, "path")],
            "get": {"responses": {"200": shown({"code": 200, "data": first}), **missing}},
            "delete": {"responses": {"204": {"description": "-"}, **missing}},
        },
    }
    return api(paths)


def names(client: Client) -> list[str]:
    return [each["name"] for each in client("GET", "/lists").json["data"]]


def test_a_list_begins_with_the_records_of_its_example() -> None:
    with served(lists()) as client:
        assert names(client)[:2] == ["Friends", "Others"]
        assert client("GET", "/lists/8").json["data"]["name"] == "Others"


def test_what_is_created_is_read_listed_and_deleted() -> None:
    with served(lists(), records=0) as client:
        made = client("POST", "/lists", {"name": "New"}).json["data"]
        assert client("GET", f"/lists/{made['list_id']}").json["data"] == made
        assert "New" in names(client)
        assert client("DELETE", f"/lists/{made['list_id']}").status == 204
        assert client("GET", f"/lists/{made['list_id']}").status == 404
        assert "New" not in names(client)


def test_what_is_sent_need_not_look_like_the_example() -> None:
    with served(lists()) as client:
        assert client("POST", "/lists", {"name": ["any", "thing"]}).status == 201
