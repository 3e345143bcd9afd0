"""What is sent in the place of another record: its key, or its name."""

from __future__ import annotations

from typing import Any

from tests.engine.inference.served import Client, answers, api, asked, ref, served, takes

TEXT = {"type": "string"}
INTEGER = {"type": "integer"}
KEYED = {"type": "object", "properties": {"id": TEXT, "name": TEXT}}
TAG = {"type": "object", "required": ["name"], "properties": {"id": TEXT, "name": TEXT}}
ORDER = {
    "type": "object",
    "required": ["id", "tags"],
    "properties": {
        "id": INTEGER,
        "tags": {"type": "array", "items": TAG},
        "customer": ref("Customer"),
        "place": {"type": "object", "properties": {"slug": TEXT, "since": INTEGER}},
        "warehouse": TEXT,
        "labels": {"type": "array", "items": {"oneOf": [TEXT, ref("Label")]}},
    },
}
NEW = {
    "type": "object",
    "properties": {
        "tags": {"type": "array", "items": TEXT},
        "customer": TEXT,
        "place": TEXT,
        "warehouse": {"type": "object", "properties": {"id": TEXT}},
        "labels": {"type": "array", "items": TEXT},
    },
}


def collection(name: str, schema: str, body: Any = None) -> dict[str, Any]:
    one = ref(schema)
    key = asked("id", INTEGER if schema == "Order" else TEXT, "path")
    patch = {"requestBody": takes(body or one), "responses": answers(s200=one, s404=None)}
    return {
        f"/{name}": {
            "get": {"responses": answers(s200={"type": "array", "items": one})},
            "post": {"requestBody": takes(body or one), "responses": answers(s201=one)},
        },
        f"/{name}/{{id}}": {
            "parameters": [key],
            "get": {"responses": answers(s200=one, s404=None)},
            "patch": patch,
        },
    }


def shop() -> dict[str, Any]:
    """Orders that are sent with keys and names, and answered with objects."""
    paths = {
        **collection("orders", "Order", NEW),
        **collection("customers", "Customer"),
        **collection("labels", "Label"),
    }
    return api(paths, {"Order": ORDER, "Customer": KEYED, "Label": KEYED})


def sent(client: Client, **order: Any) -> Any:
    made = client("POST", "/orders", order).json
    assert client("GET", f"/orders/{made['id']}").json == made
    return made


def test_names_are_the_names_of_what_is_embedded() -> None:
    with served(shop()) as client:
        assert sent(client, tags=["red", "hot"])["tags"] == [{"name": "red"}, {"name": "hot"}]


def test_a_key_is_the_key_of_what_is_embedded() -> None:
    with served(shop()) as client:
        assert sent(client, tags=[], customer="c1")["customer"] == {"id": "c1"}
        assert sent(client, tags=[], place="harbour")["place"] == {"slug": "harbour"}


def test_a_key_or_a_name_of_a_record_stands_for_it() -> None:
    with served(shop()) as client:
        known = client("POST", "/customers", {"id": "c7", "name": "Ada"}).json
        for said in ("c7", "Ada"):
            assert sent(client, tags=[], customer=said)["customer"] == known


def test_an_object_is_its_key_where_records_have_keys() -> None:
    with served(shop()) as client:
        assert sent(client, tags=[], warehouse={"id": "w1"})["warehouse"] == "w1"


def test_what_may_stay_a_name_becomes_a_record_that_is_there() -> None:
    with served(shop()) as client:
        assert sent(client, tags=[], labels=["new"])["labels"] == ["new"]
        known = client("POST", "/labels", {"id": "l1", "name": "new"}).json
        assert sent(client, tags=[], labels=["new"])["labels"] == [known]


def test_a_change_names_other_records_the_same_way() -> None:
    with served(shop()) as client:
        key = sent(client, tags=["red"])["id"]
        told = client("PATCH", f"/orders/{key}", {"tags": ["blue"]}).json
        assert told["tags"] == [{"name": "blue"}]
