"""Fixtures of inferred collections: folders, and files in the shape of json-server."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from mockserver.catalogue import Mock, Settings, build
from mockserver.errors import StartupError

SHOP = Path(__file__).parents[1] / "descriptions" / "shop.yaml"


def put(folder: Path, name: str, value: Any) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def shop(fixtures: Path, records: int = 2) -> Mock:
    return build([str(SHOP)], Settings(fixtures=fixtures, records=records))


def values(mock: Mock, name: str) -> dict[str, Any]:
    head = mock.sandboxes.default.log.head
    return {r.key: r.value for r in head.collection(f"shop/{name}").records.values()}


def problems(fixtures: Path) -> list[tuple[str, str]]:
    with pytest.raises(StartupError) as caught:
        shop(fixtures)
    return [(problem.pointer, problem.message) for problem in caught.value.problems]


OWNERS = [{"id": 2, "name": "Bo"}]
PET = {"id": 5, "name": "Rex", "ownerId": 2}


@pytest.mark.parametrize("name", ["shop/owners.json", "shop.json", "db.json", "other.json"])
def test_a_folder_a_file_in_it_and_a_file_hold_fixtures(tmp_path: Path, name: str) -> None:
    path = put(tmp_path, name, OWNERS if "/" in name else {"owners": OWNERS})
    mock = shop(path if name == "other.json" else tmp_path)
    assert values(mock, "owners") == {"2": {"id": 2, "name": "Bo"}}


def test_fixtures_take_the_place_of_seeds_and_others_keep_theirs(tmp_path: Path) -> None:
    mock = shop(put(tmp_path, "db.json", {"owners": OWNERS, "pets": []}))
    assert list(values(mock, "owners")) == ["2"]
    assert values(mock, "pets") == {}
    assert len(values(mock, "categories")) == 2


def test_without_records_only_fixtures_are_there(tmp_path: Path) -> None:
    mock = shop(put(tmp_path, "db.json", {"owners": OWNERS}), records=0)
    assert list(values(mock, "owners")) == ["2"]
    assert values(mock, "categories") == {}


def test_what_there_is_one_of_is_an_object(tmp_path: Path) -> None:
    mock = shop(put(tmp_path, "db.json", {"profile": {"name": "You"}}))
    assert values(mock, "profile") == {"": {"name": "You"}}


@pytest.mark.parametrize("name", ["pets", "Pets", "pet", "PET", "p-ets"])
def test_names_are_found_whatever_their_case_number_and_dashes(tmp_path: Path, name: str) -> None:
    mock = shop(put(tmp_path, "db.json", {name: [PET], "owners": OWNERS}))
    assert list(values(mock, "pets")) == ["5"]


def test_an_unknown_name_is_told_with_the_nearest(tmp_path: Path) -> None:
    [(pointer, message)] = problems(put(tmp_path, "db.json", {"petz": []}))
    assert pointer == "/petz"
    assert message.startswith("no such collection; there are: categories, ")
    assert message.endswith("; the nearest is 'pets'")


def test_keys_may_be_texts_or_numbers(tmp_path: Path) -> None:
    pets = [{**PET, "id": "5"}]
    assert values(shop(put(tmp_path, "db.json", {"pets": pets})), "pets")["5"]["id"] == 5


def test_records_are_completed_and_what_is_made_names_what_is_there(tmp_path: Path) -> None:
    pets = [{"id": 5, "name": "Rex"}]
    mock = shop(put(tmp_path, "db.json", {"pets": pets, "owners": OWNERS}))
    assert values(mock, "pets")["5"] == {"id": 5, "name": "Rex", "ownerId": 2}


def test_what_somebody_wrote_is_kept(tmp_path: Path) -> None:
    pets = [{**PET, "ownerId": 77}]
    mock = shop(put(tmp_path, "db.json", {"pets": pets, "owners": OWNERS}))
    assert values(mock, "pets")["5"]["ownerId"] == 77


def test_all_that_cannot_be_valid_is_told_at_once(tmp_path: Path) -> None:
    pets = [{**PET, "name": 3}, PET, {**PET, "id": 6, "ownerId": "x"}, "no pet"]
    found = problems(put(tmp_path, "db.json", {"pets": pets, "profile": []}))
    assert [pointer for pointer, _ in found] == [
        "/pets/0/name",
        "/pets/2/ownerId",
        "/pets/3",
        "/profile",
    ]
    assert found[0][1] == "expected type string, received 3 (type)"
    assert found[2][1] == "cannot be completed: expected a record (an object), got a string"
    assert found[3][1] == "expected an object, got an array"


def test_two_records_of_one_key_are_told(tmp_path: Path) -> None:
    [(pointer, message)] = problems(put(tmp_path, "db.json", {"pets": [PET, {**PET, "id": "5"}]}))
    assert pointer == "/pets/1/id"
    assert message == "the same key as record 0"


def test_records_below_others_name_their_parent(tmp_path: Path) -> None:
    data = {"pets": [PET], "toys": [{"id": 1, "petId": "5"}, {"id": 2, "pet_id": 5}]}
    assert list(values(shop(put(tmp_path, "db.json", data)), "toys")) == ["5/1", "5/2"]


def test_a_record_that_names_no_parent_is_told(tmp_path: Path) -> None:
    [(pointer, message)] = problems(put(tmp_path, "db.json", {"pets": [PET], "toys": [{"id": 1}]}))
    assert pointer == "/toys/0"
    assert message == "expected 'petId', the key of pets that it belongs to, received none"


def test_a_parent_that_is_not_there_is_told(tmp_path: Path) -> None:
    toys = [{"id": 1, "petId": 9}]
    [(pointer, message)] = problems(put(tmp_path, "db.json", {"pets": [PET], "toys": toys}))
    assert pointer == "/toys/0"
    assert message == "belongs to '9' of pets: no such record there"


def test_seeds_stand_below_parents_that_were_given(tmp_path: Path) -> None:
    mock = shop(put(tmp_path, "db.json", {"pets": [PET]}))
    assert [key.split("/")[0] for key in values(mock, "toys")] == ["5", "5"]


def test_texts_and_bytes_of_files_are_filled_in(tmp_path: Path) -> None:
    put(tmp_path, "shop/owners.json", [
        {"id": 1, "name": {"$text": "bo.txt"}}, {"id": 2, "name": {"$file": "bo.txt"}},
    ])  # fmt: skip
    (tmp_path / "shop" / "files").mkdir()
    (tmp_path / "shop" / "files" / "bo.txt").write_text("Bo", encoding="utf-8")
    owners = values(shop(tmp_path), "owners")
    assert owners["1"]["name"] == "Bo"
    assert owners["2"]["name"] == base64.b64encode(b"Bo").decode()


def test_a_folder_for_none_of_the_apis_is_told(tmp_path: Path) -> None:
    put(tmp_path, "shoe/owners.json", OWNERS)
    [(_, message)] = problems(tmp_path)
    assert message == "expected a folder shop/ with <collection>.json in it, or db.json"


@pytest.mark.parametrize("names", [("shop.yaml", "pets.yaml"), ("pets.yaml", "shop.yaml")])
def test_two_apis_share_a_file_and_only_what_neither_has_is_told(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    path = put(tmp_path, "db.json", {"owners": OWNERS, "nobodys": []})
    with pytest.raises(StartupError) as caught:
        build([str(SHOP.with_name(name)) for name in names], Settings(fixtures=path))
    told = [problem.pointer for problem in caught.value.problems if problem.source == str(path)]
    assert told == ["/nobodys"]
