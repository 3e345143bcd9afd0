"""Keys that count: what a run makes among others' records is known by the number it was given."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mockserver.catalogue import build
from mockserver.contract.checking import check
from mockserver.contract.elsewhere import Elsewhere
from mockserver.contract.names import Names
from mockserver.contract.numbered import Numbering, kind_of
from mockserver.contract.own_data import without
from mockserver.contract.reference import Reference
from mockserver.contract.results import Options, Result
from mockserver.contract.values import Answered, Difference, Json, Message, Sent
from mockserver.contract.wire import Callers, Writer
from tests.contract_gate.shop import DESCRIPTION, Shop

STOCK = 7


def checked(shop: Shop, **more: Any) -> Result:
    return check(shop, DESCRIPTION, Options(seconds=120, requests=500, own_data=True, **more))


@pytest.mark.parametrize("seed", [0, 1])
def test_a_right_service_whose_keys_count_is_right_among_others_records(seed: int) -> None:
    shop = Shop(stock=STOCK)
    result = checked(shop, seed=seed)
    assert [(f.endpoint, f.expected, f.got) for f in result.findings] == []
    assert result.reached["createCustomer", 201] > 20
    assert result.reached["deleteCustomer", 204] > 10


def test_what_it_made_there_is_removed_and_nothing_else() -> None:
    shop = Shop(stock=STOCK)
    before = dict(shop.customers)
    checked(shop)
    assert shop.customers == before


@pytest.mark.parametrize("fault", ["filter is ignored", "a removal is lost"])
def test_what_a_service_gets_wrong_is_found_among_others_records(fault: str) -> None:
    assert not checked(Shop(fault, stock=STOCK), most=5).kept


def test_a_service_that_may_be_reset_to_records_of_its_own_is_asked_to_make_more() -> None:
    shop = Shop(stock=STOCK)
    result = check(shop, DESCRIPTION, Options(seconds=120, requests=300), reset=shop.reset)
    assert result.reached["createCustomer", 201] > 20
    assert len(shop.customers) == STOCK


def _shop() -> tuple[Reference, Reference]:
    full = Reference(build([DESCRIPTION]))
    names = frozenset({"shop/customers", "shop/orders"})
    return full, full.starting(without(full.beginning, names), Numbering(names))


def _made(reference: Reference, world: int) -> int:
    base = reference.api.description.base_path
    head = (("Content-Type", "application/json"),)
    message = Message("POST", f"{base}/customers", head, b'{"name":"a"}')
    answer = reference.apply(message, reference.world(world), "")
    assert isinstance(answer, Answered)
    return int(json.loads(answer.body)["id"])


def test_each_world_counts_from_a_place_of_its_own() -> None:
    _, empty = _shop()
    made = {_made(empty, world) for world in range(8)}
    assert len(made) == 8
    assert {kind_of(number) for number in made} == {0}
    assert max(made) < 1 << 31


def test_what_a_reference_makes_up_is_no_difference() -> None:
    _, empty = _shop()
    described = empty.api.description
    writer = Writer(described, Callers(described, []), described.base_path)
    sent = Sent("createCustomer", "POST", "/customers", body=Json({"name": "a"}))
    world = empty.world(0)
    a = empty.apply(writer.message(sent, str), world, "")
    assert isinstance(a, Answered)
    elsewhere = Elsewhere(empty, writer, Names(), world.issued)
    made_up = Difference("MS204", "body", "/id", "1", "2")
    kept = Difference("MS204", "body", "/name", "a", "b")
    other = Answered(a.status, a.headers, a.body.replace(b'"a"', b'"c"'))
    assert elsewhere.confirmed({0: sent}, (a, None), [made_up, kept], "") == [made_up, kept]
    assert elsewhere.confirmed({0: sent}, (other, None), [made_up, kept], "") == [made_up]
