"""What inferred collections begin with: examples, then made records, true to each other."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from itertools import permutations
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.app import create_app
from mockserver.catalogue import Mock, Settings, build
from mockserver.console.control import control_api
from mockserver.state.sandboxes import Rules

SHOP = Path(__file__).parents[1] / "descriptions" / "shop.yaml"
NAMES = ("owners", "categories", "pets", "toys", "orders")

Connect = Callable[[Any], httpx.Client]


def shop(records: int = 4, seed: int = 0) -> Mock:
    return build([str(SHOP)], Settings(fixtures=None, records=records, rules=Rules(seed)))


def values(mock: Mock, name: str) -> dict[str, Any]:
    head = mock.sandboxes.default.log.head
    return {r.key: r.value for r in head.collection(f"shop/{name}").records.values()}


def served(mock: Mock, in_process: Connect) -> httpx.Client:
    return in_process(create_app(mock, control_api(mock)))


@pytest.fixture
def client(in_process: Connect) -> httpx.Client:
    return served(shop(), in_process)


def test_a_collection_begins_with_its_examples_and_is_filled_up() -> None:
    assert list(values(shop(), "pets"))[:2] == ["7", "8"]
    assert len(values(shop(), "pets")) == 4


def test_examples_count_toward_the_records_but_all_of_them_are_there() -> None:
    assert list(values(shop(records=1), "pets")) == ["7", "8", "500"]


def test_without_records_there_are_no_examples_either() -> None:
    assert values(shop(records=0), "pets") == {}


def test_examples_of_one_key_are_one_record_and_what_shows_it_alone_counts_more() -> None:
    pet = values(shop(), "pets")["7"]
    assert (pet["name"], pet["tag"]) == ("Rexy", "good")


def test_an_example_is_completed_with_what_is_required() -> None:
    assert isinstance(values(shop(), "pets")["8"]["ownerId"], int)


def test_an_example_that_cannot_be_valid_is_told_by_its_pointer(
    caplog: pytest.LogCaptureFixture,
) -> None:
    shop().judge()
    [record] = [each for each in caplog.records if "is no valid record" in each.getMessage()]
    where = "/paths/~1pets/get/responses/200/content/application~1json/examples/some/value/2"
    assert f"{where}: the example is no valid record of pets" in record.getMessage()
    assert "/id: expected type integer" in record.getMessage()


ODD_EXAMPLES = """
openapi: 3.0.3
info: {title: Odd, version: "1"}
paths:
  /pets/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {"200": {description: ok, content: {application/json: {
        schema: {$ref: "#/components/schemas/Pet"},
        examples: {a: {value: {id: 1}}, b: {value: {id: 2}}, c: {value: {id: 3}}}}}}}
components: {schemas: {Pet: {type: object, required: [id], properties: {id: {type: string}}}}}
"""


@pytest.mark.parametrize(("verbose", "lines"), [(False, 1), (True, 3)])
def test_examples_that_cannot_be_valid_are_told_together_unless_all_are_asked_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, *, verbose: bool, lines: int
) -> None:
    file = tmp_path / "odd.yaml"
    file.write_text(ODD_EXAMPLES)
    build([str(file)], Settings(fixtures=None, verbose=verbose)).judge()
    told = [r.getMessage() for r in caplog.records if "is no valid record" in r.getMessage()]
    assert len(told) == lines
    assert told[0].startswith(f"{file} at /paths/")
    assert ("2 more of example, shown with --verbose" in told[0]) is not verbose


def test_what_there_is_one_of_shows_its_example(client: httpx.Client) -> None:
    assert client.get("/profile").json() == {"name": "Me"}


def test_an_answer_that_is_no_record_is_its_example(client: httpx.Client) -> None:
    assert client.post("/stats").json() == {"total": 42}


def test_what_an_example_names_is_there(client: httpx.Client) -> None:
    assert client.get("/orders/1").json()["petId"] == 500
    assert client.get("/pets/500").json()["id"] == 500


def test_numbers_count_from_one() -> None:
    assert list(values(shop(), "owners")) == ["1", "2", "3", "4"]


def test_what_lists_show_is_what_items_answer(client: httpx.Client) -> None:
    for name in ("owners", "categories", "pets", "orders"):
        listed = client.get(f"/{name}").json()
        assert listed
        for record in listed:
            assert client.get(f"/{name}/{record['id']}").json() == record


def test_each_record_has_records_below_it(client: httpx.Client) -> None:
    for pet in client.get("/pets").json():
        toys = client.get(f"/pets/{pet['id']}/toys").json()
        assert len(toys) == 4
        assert {toy["petId"] for toy in toys} == {pet["id"]}


def test_members_that_name_a_record_name_one_that_is_there() -> None:
    mock = shop()
    pets, owners = values(mock, "pets"), values(mock, "owners")
    assert {str(pet["ownerId"]) for pet in pets.values()} <= set(owners)
    assert {str(order["petId"]) for order in values(mock, "orders").values()} <= set(pets)


def test_an_embedded_record_is_equal_to_the_one_that_is_there() -> None:
    mock = shop()
    categories = values(mock, "categories")
    embedded = [pet["category"] for pet in values(mock, "pets").values() if "category" in pet]
    assert embedded
    assert all(category == categories[category["id"]] for category in embedded)


def test_embedded_lists_hold_records_that_are_there() -> None:
    mock = shop()
    pets = values(mock, "pets")
    listed = [pet for owner in values(mock, "owners").values() for pet in owner.get("pets", ())]
    assert listed
    for pet in listed:
        whole = pets[str(pet["id"])]
        assert pet == {name: member for name, member in whole.items() if name != "category"}


def test_what_is_write_only_is_neither_required_nor_shown(client: httpx.Client) -> None:
    for pet in client.get("/pets").json():
        assert "secret" not in pet
    sent = {"name": "Tom", "ownerId": 1, "secret": "hidden"}
    made = client.post("/pets", json=sent)
    assert made.status_code == 201
    assert "secret" not in made.json()
    assert "secret" not in client.get(f"/pets/{made.json()['id']}").json()


def test_dates_are_in_order() -> None:
    for pet in values(shop(records=40), "pets").values():
        if "created_at" in pet and "updated_at" in pet:
            assert pet["created_at"] <= pet["updated_at"]


@pytest.mark.parametrize("names", list(permutations(NAMES[:4])), ids="-".join)
def test_the_order_of_requests_decides_nothing(names: tuple[str, ...]) -> None:
    mock, other = shop(), shop()
    asked = {name: values(mock, name) for name in names}
    assert asked == {name: values(other, name) for name in NAMES[:4]}


def test_another_seed_gives_other_records() -> None:
    assert values(shop(seed=1), "categories") != values(shop(), "categories")
    assert values(shop(seed=1), "categories") == values(shop(seed=1), "categories")


_PRINTS = """
import json, sys
from tests.engine.inference.test_seeds import NAMES, shop, values
mock = shop()
print(json.dumps({name: values(mock, name) for name in NAMES}))
"""


def _in_a_process(hash_seed: str) -> Mapping[str, Any]:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    told = subprocess.run(
        [sys.executable, "-c", _PRINTS], env=environment, capture_output=True, check=True
    )
    found: Mapping[str, Any] = json.loads(told.stdout)
    return found


def test_all_processes_make_the_same_records() -> None:
    assert _in_a_process("1") == _in_a_process("2")


def test_what_no_value_satisfies_is_told_with_its_operation(
    caplog: pytest.LogCaptureFixture,
) -> None:
    mock = shop()
    with caplog.at_level(logging.WARNING):
        mock.judge()
    told = [record.getMessage() for record in caplog.records if "no value" in record.getMessage()]
    [never] = [line for line in told if "never answers 200" in line]
    assert "no value satisfies type at /a" in never
    [records] = [line for line in told if "oddit" in line]
    assert "no value satisfies type at /x" in records


def test_examples_that_are_left_out_are_told_before_anybody_asks(
    caplog: pytest.LogCaptureFixture,
) -> None:
    shop().judge()
    assert any("is no valid record of pets" in each.getMessage() for each in caplog.records)


def test_what_no_value_satisfies_is_answered_all_the_same(in_process: Connect) -> None:
    mock = shop()
    mock.judge()
    client = served(mock, in_process)
    for path in ("/never", "/oddities", "/oddities/1"):
        assert client.get(path).status_code == 200
