"""What a record embeds is what the collection below it shows."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest

from tests.engine.inference.served import Client, answers, api, asked, ref, served, takes

TEXT = {"type": "string"}
KEY, LINE_KEY = asked("invoiceId", TEXT, "path"), asked("lineId", TEXT, "path")
LINE = {
    "type": "object",
    "required": ["text"],
    "properties": {"id": {**TEXT, "readOnly": True}, "text": TEXT, "invoiceId": TEXT},
}
INVOICE = {
    "type": "object",
    "required": ["id", "lines"],
    "properties": {
        "id": {**TEXT, "readOnly": True},
        "note": TEXT,
        "lines": {"type": "array", "items": ref("Line"), "maxItems": 5},
    },
}


def invoices() -> dict[str, Any]:
    one, line = ref("Invoice"), ref("Line")
    changed = {"requestBody": takes(one), "responses": answers(s200=one, s404=None)}
    paths = {
        "/invoices": {
            "get": {"responses": answers(s200={"type": "array", "items": one})},
            "post": {"requestBody": takes(one), "responses": answers(s201=one)},
        },
        "/invoices/{invoiceId}": {
            "parameters": [KEY],
            "get": {"responses": answers(s200=one, s404=None)},
            "put": changed,
        },
        "/invoices/{invoiceId}/lines": {
            "parameters": [KEY],
            "get": {"responses": answers(s200={"type": "array", "items": line}, s404=None)},
            "post": {"requestBody": takes(line), "responses": answers(s201=line, s404=None)},
        },
        "/invoices/{invoiceId}/lines/{lineId}": {
            "parameters": [KEY, LINE_KEY],
            "get": {"responses": answers(s200=line, s404=None)},
            "put": {"requestBody": takes(line), "responses": answers(s200=line, s404=None)},
            "delete": {"responses": answers(s204=None, s404=None)},
        },
    }
    return api(paths, deepcopy({"Invoice": INVOICE, "Line": LINE}))


@pytest.fixture
def client() -> Iterator[Client]:
    with served(invoices()) as made:
        yield made


def shown(client: Client, key: str) -> list[Any]:
    """The lines of an invoice, which its two views agree on."""
    embedded: list[Any] = client("GET", f"/invoices/{key}").json["lines"]
    assert client("GET", f"/invoices/{key}/lines").json == embedded
    return embedded


def created(client: Client, *texts: str) -> str:
    lines = [{"text": text} for text in texts]
    key: str = client("POST", "/invoices", {"lines": lines}).json["id"]
    return key


def test_what_an_invoice_begins_with_is_what_its_list_shows(client: Client) -> None:
    for invoice in client("GET", "/invoices").json:
        assert shown(client, invoice["id"])


def test_what_is_sent_with_a_record_is_below_it(client: Client) -> None:
    key = created(client, "tea", "milk")
    lines = shown(client, key)
    assert [(line["text"], line["invoiceId"]) for line in lines] == [("tea", key), ("milk", key)]
    for line in lines:
        assert client("GET", f"/invoices/{key}/lines/{line['id']}").json == line


def test_what_is_put_takes_the_place_of_what_was_below(client: Client) -> None:
    key = created(client, "tea", "milk")
    client("PUT", f"/invoices/{key}", {"lines": [{"text": "salt"}]})
    assert [line["text"] for line in shown(client, key)] == ["salt"]


def test_what_is_made_below_a_record_is_embedded_in_it(client: Client) -> None:
    key = created(client, "tea")
    line = client("POST", f"/invoices/{key}/lines", {"text": "milk"}).json
    assert shown(client, key)[1:] == [line]


def test_what_is_changed_or_deleted_below_a_record_is_so_in_it(client: Client) -> None:
    key = created(client, "tea", "milk")
    one, other = (line["id"] for line in shown(client, key))
    client("PUT", f"/invoices/{key}/lines/{one}", {"text": "salt"})
    assert [line["text"] for line in shown(client, key)] == ["salt", "milk"]
    client("DELETE", f"/invoices/{key}/lines/{other}")
    assert [line["text"] for line in shown(client, key)] == ["salt"]


def test_a_record_that_may_embed_no_more_stays_valid(client: Client) -> None:
    key = created(client, *"abcde")
    assert client("POST", f"/invoices/{key}/lines", {"text": "f"}).status == 201
    assert len(client("GET", f"/invoices/{key}").json["lines"]) == 5


def test_a_name_in_the_place_of_a_record_is_one_below() -> None:
    document = invoices()
    schemas = document["components"]["schemas"]
    schemas["Line"]["required"] = ["id", "text"]
    schemas["Line"]["properties"]["id"] = TEXT
    schemas["Invoice"]["properties"]["lines"]["items"] = {"oneOf": [TEXT, ref("Line")]}
    with served(document) as client:
        key = client("POST", "/invoices", {"lines": ["tea"]}).json["id"]
        assert [line["id"] for line in shown(client, key)] == ["tea"]
        assert client("DELETE", f"/invoices/{key}/lines/tea").status == 204
        assert shown(client, key) == []


def test_lines_that_are_made_and_taken_away_together_are_shown_by_their_invoice() -> None:
    described = invoices()
    several = {"type": "array", "items": ref("Line")}
    lines = described["paths"]["/invoices/{invoiceId}/lines"]
    lines["post"] = {"requestBody": takes(several), "responses": answers(s201=several)}
    lines["delete"] = {"responses": answers(s204=None)}
    with served(described) as client:
        made = client("POST", "/invoices", {"lines": []}).json["id"]
        told = client(
            "POST", f"/invoices/{made}/lines", [{"text": "a"}, {"text": "b"}, {"text": "c"}]
        )
        assert told.status == 201, told
        shown = client("GET", f"/invoices/{made}").json["lines"]
        assert [line["text"] for line in shown] == ["a", "b", "c"]
        assert shown == client("GET", f"/invoices/{made}/lines").json
        assert client("DELETE", f"/invoices/{made}/lines").status == 204
        assert client("GET", f"/invoices/{made}").json["lines"] == []
