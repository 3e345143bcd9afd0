"""What no description says is judged by nobody: other people's services are right as they are."""

from __future__ import annotations

import pytest

from mockserver.contract.checking import check
from mockserver.contract.results import CannotCheck, Options
from tests.contract_gate.shop import DESCRIPTION, Shop


@pytest.mark.parametrize("seed", [0, 1])
def test_a_service_with_rules_of_its_own_that_begins_empty_is_right(seed: int) -> None:
    shop = Shop()
    options = Options(seconds=60, requests=900, seed=seed)
    result = check(shop, DESCRIPTION, options, reset=shop.reset)
    assert [(f.endpoint, f.expected, f.got, f.sequence) for f in result.findings] == []
    assert ("createOrder", 201) in result.reached


def test_a_service_that_begins_with_records_of_its_own_is_right() -> None:
    shop = Shop(stock=5)
    result = check(shop, DESCRIPTION, Options(seconds=60, requests=300), reset=shop.reset)
    assert [(f.endpoint, f.expected, f.got) for f in result.findings] == []


@pytest.mark.parametrize("fault", ["filter is ignored", "a removal is lost"])
def test_what_it_gets_wrong_is_found(fault: str) -> None:
    shop = Shop(fault)
    options = Options(seconds=60, requests=3000, most=1, quick=True)
    assert not check(shop, DESCRIPTION, options, reset=shop.reset).kept


def test_an_operation_that_is_not_described_is_told() -> None:
    shop = Shop()
    with pytest.raises(CannotCheck, match="no operation listCustomer; did you mean listCustomers"):
        check(shop, DESCRIPTION, Options(include=("listCustomer",)), reset=shop.reset)
