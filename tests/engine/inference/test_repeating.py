"""A call that is sent again under the same idempotency key is made once."""

from __future__ import annotations

from typing import Any

from tests.engine.inference.served import Client, Told, answers, api, asked, ref, served, takes

INTEGER = {"type": "integer"}
TEXT = {"type": "string"}


def payments(*parameters: Any) -> dict[str, Any]:
    payment = {"type": "object", "properties": {"id": {**INTEGER, "readOnly": True}, "to": TEXT}}
    paths = {
        "/payments": {
            "get": {"responses": answers(s200={"type": "array", "items": ref("Payment")})},
            "post": {
                "parameters": [*parameters],
                "requestBody": takes(ref("Payment")),
                "responses": answers(s201=ref("Payment")),
            },
        },
        "/payments/{id}": {
            "parameters": [asked("id", INTEGER, "path")],
            "get": {"responses": answers(s200=ref("Payment"))},
            "delete": {"responses": answers(s204=None)},
        },
    }
    return api(paths, {"Payment": payment})


def paid(client: Client, to: str, key: str = "") -> Told:
    return client("POST", "/payments", {"to": to}, headers={"Idempotency-Key": key} if key else {})


KEY = asked("Idempotency-Key", location="header")


def test_the_same_call_under_the_same_key_is_made_once() -> None:
    with served(payments(KEY), records=0) as client:
        first, again = paid(client, "ann", "k1"), paid(client, "ann", "k1")
        assert (again.status, again.json) == (first.status, first.json)
        assert client("GET", "/payments").json == [first.json]


def test_the_first_answer_is_given_again_although_its_record_is_gone() -> None:
    with served(payments(KEY), records=0) as client:
        first = paid(client, "ann", "k1")
        client("DELETE", f"/payments/{first.json['id']}")
        assert paid(client, "ann", "k1").json == first.json
        assert client("GET", "/payments").json == []


def test_another_key_another_body_or_no_key_is_another_call() -> None:
    with served(payments(KEY), records=0) as client:
        made = [paid(client, "ann", "k1"), paid(client, "ann", "k2"), paid(client, "bob", "k1")]
        made += [paid(client, "ann"), paid(client, "ann")]
        assert len({told.json["id"] for told in made}) == 5


def test_keys_are_those_of_one_sandbox() -> None:
    with served(payments(KEY), records=0) as client:
        paid(client, "ann", "k1")
        other = client.within("other")
        paid(other, "ann", "k1")
        assert len(other("GET", "/payments").json) == 1


def test_a_header_that_is_not_declared_says_nothing() -> None:
    with served(payments(), records=0) as client:
        first, again = paid(client, "ann", "k1"), paid(client, "ann", "k1")
        assert first.json["id"] != again.json["id"]
