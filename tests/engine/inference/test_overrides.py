from __future__ import annotations

from typing import Any

import pytest

from mockserver.engine.inference.inferring import Inference
from tests.engine.inference.api_styles import array, does, inferred, keyed, record, told
from tests.engine.tiny import reference

PET = record("id", "name", owner=record("login"))


def overridden(extension: Any) -> Inference:
    """What is inferred where ``POST /pets/{petId}/adopt`` has an extension."""
    return inferred(
        {
            "/pets": {"get": does(array(reference("Pet")))},
            "/pets/{petId}": {"get": does(reference("Pet"))},
            "/pets/{petId}/adopt": {"post": does(None, reference("Pet"), **{"x-mock": extension})},
        },
        {"Pet": PET},
    )


def test_the_extension_wins_over_the_guess() -> None:
    role = overridden({"kind": "merge"}).roles["POST /pets/{petId}/adopt"]
    assert (role.kind, role.resource, keyed(role)) == ("merge", "pets", [("petId", "id")])
    assert role.body.form == "item"
    assert "x-mock" in role.why


def test_the_key_holds_for_the_whole_resource() -> None:
    found = overridden({"key": "name"})
    assert found.resources["pets"].key == ("name",)
    assert keyed(found.roles["GET /pets/{petId}"]) == [("petId", "name")]


def test_the_key_may_be_a_member_of_a_member() -> None:
    assert overridden({"key": "owner.login"}).resources["pets"].key == ("owner", "login")


def test_a_resource_that_nobody_guessed_is_made_of_its_key() -> None:
    found = inferred(
        {
            "/addPet": {"post": does(None, PET, **{"x-mock": {
                "resource": "pets", "kind": "create", "key": "name"}})},
            "/getPet": {"get": does(PET, query=["name"], **{"x-mock": {
                "resource": "pets", "kind": "read"}})},
            "/dropPet": {"post": does(None, PET, **{"x-mock": {
                "resource": "pets", "kind": "delete"}})},
        }
    )  # fmt: skip
    assert found.problems == ()
    assert told(found) == {
        "POST /addPet": "create pets",
        "GET /getPet": "read pets",
        "POST /dropPet": "delete pets",
    }
    assert found.resources["pets"].key == ("name",)
    locations = [found.roles[name].keys[0].location for name in ("GET /getPet", "POST /dropPet")]
    assert locations == ["query", "body"]


def rpc(**extensions: Any) -> Inference:
    """What is inferred of calls that name their record by the query parameter orderId."""
    order = record("id", "item")
    asked = {"query": ["orderId"]}
    create = {"resource": "orders", "kind": "create", "key": "id"}
    return inferred(
        {
            "/CreateOrder": {"post": does(None, order, **{"x-mock": create})},
            "/GetOrder": {"get": does(order, **asked, **{"x-mock": extensions})},
        }
    )


@pytest.mark.parametrize("more", [{}, {"key": "orderId"}, {"key": "id"}])
def test_a_query_parameter_gives_the_key(more: dict[str, str]) -> None:
    found = rpc(resource="orders", kind="read", **more)
    assert found.problems == ()
    role = found.roles["GET /GetOrder"]
    assert (role.kind, role.resource, keyed(role)) == ("read", "orders", [("orderId", "id")])
    assert role.keys[0].location == "query"


@pytest.mark.parametrize(
    ("extension", "below", "message"),
    [
        ("merge", "", "expected a mapping with one of resource, kind, key"),
        ({"kind": "marge"}, "/kind", "there is no 'marge'; did you mean 'merge'?"),
        ({"resource": "pest"}, "/resource", "there is no 'pest'; did you mean 'pets'?"),
        ({"resource": ["x"]}, "/resource", "there is no ['x'], expected one of pets"),
        ({"key": "nam"}, "/key", "there is no 'nam'; did you mean 'name'?"),
        ({"kinds": "merge"}, "/kinds", "there is no 'kinds'; did you mean 'kind'?"),
    ],
)
def test_a_bad_extension_is_a_problem(extension: Any, below: str, message: str) -> None:
    found = overridden(extension)
    [problem] = found.problems
    assert problem.pointer == "/paths/~1pets~1{petId}~1adopt/post/x-mock" + below
    assert problem.message == message
    assert told(found)["POST /pets/{petId}/adopt"] == "action pets"


def test_a_kind_needs_a_resource() -> None:
    found = inferred({"/login": {"post": does(**{"x-mock": {"kind": "create"}})}})
    assert [p.message for p in found.problems] == ["create of which resource? None is known"]
    assert told(found) == {"POST /login": "action"}
