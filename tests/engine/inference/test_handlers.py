"""A description without a line of code: what is created is listed, read, changed and deleted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.app import create_app
from mockserver.catalogue import Mock, Settings, build
from mockserver.console.control import control_api
from mockserver.state.sandboxes import Rules

PETS = Path(__file__).parents[1] / "descriptions" / "pets.yaml"
BASIC = {"Authorization": "Bearer mock"}

Connect = Callable[[Any], httpx.Client]


def mock(**rules: Any) -> Mock:
    return build([str(PETS)], Settings(rules=Rules(**rules)))


@pytest.fixture
def pets(in_process: Connect) -> httpx.Client:
    """A client of the pet store, known to it."""
    made = mock()
    client = in_process(create_app(made, control_api(made)))
    client.headers.update(BASIC)
    return client


def created(pets: httpx.Client, **pet: Any) -> dict[str, Any]:
    answer = pets.post("/v1/pets", json={"name": "Rex", **pet})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def ids(pets: httpx.Client, **query: Any) -> list[int]:
    return [pet["id"] for pet in pets.get("/v1/pets", params=query).json()]


def test_a_collection_begins_with_some_records(pets: httpx.Client) -> None:
    assert len(set(ids(pets))) == 3


def test_what_a_list_shows_is_what_its_items_answer(pets: httpx.Client) -> None:
    for pet in pets.get("/v1/pets").json():
        assert pets.get(f"/v1/pets/{pet['id']}").json() == pet


def test_what_was_created_is_read_and_listed(pets: httpx.Client) -> None:
    pet = created(pets, status="sold")
    assert (pet["name"], pet["status"]) == ("Rex", "sold")
    assert pets.get(f"/v1/pets/{pet['id']}").json() == pet
    assert ids(pets)[-1] == pet["id"]


def test_the_location_of_what_was_created_leads_to_it(pets: httpx.Client) -> None:
    answer = pets.post("/v1/pets", json={"name": "Rex"})
    assert pets.get(answer.headers["location"]).json() == answer.json()


def test_a_patch_changes_only_what_it_names(pets: httpx.Client) -> None:
    pet = created(pets, status="sold")
    assert pets.patch(f"/v1/pets/{pet['id']}", json={"name": "Max"}).json() == {
        **pet,
        "name": "Max",
    }
    assert pets.get(f"/v1/pets/{pet['id']}").json() == {**pet, "name": "Max"}


def test_what_was_put_is_read(pets: httpx.Client) -> None:
    pet = created(pets)
    put = pets.put(f"/v1/pets/{pet['id']}", json={"name": "Max", "status": "free"})
    assert put.status_code == 200
    read = pets.get(f"/v1/pets/{pet['id']}").json()
    assert read == put.json()
    assert (read["id"], read["name"], read["status"]) == (pet["id"], "Max", "free")


def test_what_was_deleted_is_gone(pets: httpx.Client) -> None:
    pet = created(pets)
    assert pets.delete(f"/v1/pets/{pet['id']}").status_code == 204
    assert pets.get(f"/v1/pets/{pet['id']}").status_code == 404
    assert pet["id"] not in ids(pets)
    assert pets.delete(f"/v1/pets/{pet['id']}").status_code == 404


def test_a_refusal_has_the_documented_shape(pets: httpx.Client) -> None:
    for answer in (pets.get("/v1/pets/999"), pets.post("/v1/pets", json={"name": ""})):
        body = answer.json()
        assert body["code"] == answer.status_code
        assert body["message"]


def test_a_filter_and_a_limit_are_kept(pets: httpx.Client) -> None:
    sold = created(pets, status="sold")["id"]
    created(pets, status="free")
    found = pets.get("/v1/pets", params={"status": "sold"}).json()
    assert sold in [pet["id"] for pet in found]
    assert {pet["status"] for pet in found} == {"sold"}
    assert ids(pets, limit=2) == ids(pets)[:2]


def test_nobody_gets_in_without_the_credential(pets: httpx.Client) -> None:
    assert pets.get("/v1/pets", headers={"Authorization": "Bearer other"}).status_code == 401
    assert pets.get("/v1/pets", headers={"Authorization": ""}).status_code == 401


def test_sandboxes_and_resets_work_as_for_any_api(pets: httpx.Client) -> None:
    before = ids(pets)
    created(pets)
    assert pets.get("/@other/v1/pets").json()[-1]["id"] == before[-1]
    assert pets.post("/__mock__/reset").status_code == 204
    assert ids(pets) == before


def test_a_collection_below_another_is_its_own_for_each_parent(pets: httpx.Client) -> None:
    one, two = ids(pets)[:2]
    toy = pets.post(f"/v1/pets/{one}/toys", json={"label": "ball"}).json()
    assert toy["id"] in [each["id"] for each in pets.get(f"/v1/pets/{one}/toys").json()["items"]]
    assert pets.get(f"/v1/pets/{one}/toys/{toy['id']}").json()["label"] == "ball"
    labels = [each["label"] for each in pets.get(f"/v1/pets/{two}/toys").json()["items"]]
    assert "ball" not in labels


def test_the_same_seed_gives_the_same_records_and_another_does_not(in_process: Connect) -> None:
    def told(seed: int) -> str:
        made = mock(seed=seed)
        return in_process(create_app(made)).get("/v1/pets", headers=BASIC).text

    assert told(7) == told(7)
    assert told(7) != told(8)
