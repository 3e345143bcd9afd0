"""A call that is sent again under the same idempotency key is made once."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx

from mockserver.app import create_app
from mockserver.catalogue import Settings, build
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


def test_of_large_answers_only_the_last_are_remembered() -> None:
    large = "a" * 3_000_000
    with served(payments(KEY), records=0) as client:
        first = [paid(client, large, key).json["id"] for key in ("k1", "k2", "k3")]
        again = [paid(client, large, key).json["id"] for key in ("k3", "k2", "k1")]
        assert again[:2] == [first[2], first[1]]
        assert again[2] not in first


def test_keys_are_those_of_one_sandbox() -> None:
    with served(payments(KEY), records=0) as client:
        paid(client, "ann", "k1")
        other = client.within("other")
        paid(other, "ann", "k1")
        assert len(other("GET", "/payments").json) == 1


def test_calls_made_at_once_under_one_key_make_one_record(tmp_path: Path) -> None:
    path = tmp_path / "payments.json"
    path.write_text(json.dumps(payments(KEY)))
    app = create_app(build([str(path)], Settings(records=0)))

    async def all_paid(count: int, to: str) -> set[bytes]:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://mock") as client:
            headers = {"Idempotency-Key": "k1"}
            calls = (
                client.post("/payments", json={"to": to}, headers=headers) for _ in range(count)
            )
            return {told.content for told in await asyncio.gather(*calls)}

    assert len(asyncio.run(all_paid(20, "ann"))) == 1
    # Bodies of this size are worked on in threads.
    assert len(asyncio.run(all_paid(20, "b" * 100_000))) == 1


def test_a_key_that_is_only_a_default_says_nothing() -> None:
    declared = asked("Idempotency-Key", {**TEXT, "default": "none"}, "header")
    with served(payments(declared), records=0) as client:
        assert paid(client, "ann").json["id"] != paid(client, "ann").json["id"]


def test_a_key_is_its_callers_own(tmp_path: Path) -> None:
    document = payments(KEY)
    document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{"token": []}]
    (tmp_path / "payments.json").write_text(json.dumps(document))
    folder = tmp_path / "fixtures" / "payments"
    folder.mkdir(parents=True)
    callers = [{"identity": who, "credentials": {"token": who}} for who in ("ann", "bob")]
    (folder / "credentials.json").write_text(json.dumps(callers))
    settings = Settings(fixtures=folder.parent, records=0)
    mock = build([str(tmp_path / "payments.json")], settings)
    with asyncio.Runner() as runner:
        client = Client(create_app(mock), runner)
        made = [
            client(
                "POST", "/payments", {"to": "eve"},
                headers={"Idempotency-Key": "k1", "Authorization": f"Bearer {who}"},
            ).json["id"]
            for who in ("ann", "bob", "ann")
        ]  # fmt: skip
        assert made[0] == made[2] != made[1]


def test_a_header_that_is_not_declared_says_nothing() -> None:
    with served(payments(), records=0) as client:
        first, again = paid(client, "ann", "k1"), paid(client, "ann", "k1")
        assert first.json["id"] != again.json["id"]
