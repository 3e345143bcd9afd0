from __future__ import annotations

from mockserver.contract.contents import MOST_SCALARS, Contents
from mockserver.contract.values import Key

RECORD = {
    "id": Key(0),
    "tags": [{"text": "red", "tags": ["inner"]}, {"text": "blue"}],
    "created": {"value": "2024-01-02T03:04:05.006Z"},
    "asset_id": "2054b565-260b-4bea-bff2-645721175cf1",
    "size": 3,
    "on": True,
    "kind": "CODE",
}


def test_names_are_found_wherever_they_stand_and_however_they_are_written() -> None:
    assert Contents(RECORD).under("Text").value == ["red", "blue"]
    assert Contents(RECORD).under("assetId").value == [RECORD["asset_id"]]


def test_what_stands_below_a_name_is_not_found_again_under_the_same_name() -> None:
    assert Contents(RECORD).under("tags").value == [RECORD["tags"]]


def test_what_is_under_a_name_is_asked_in_turn() -> None:
    assert Contents(RECORD).under("tags").under("tags").value == [["inner"]]


def test_nothing_is_under_a_name_that_there_is_not() -> None:
    assert Contents(RECORD).under("title").value == []
    assert Contents("text").under("title").value == []


def test_scalars_are_told_apart() -> None:
    contents = Contents(RECORD)
    assert contents.numbers == [3]
    assert contents.keys == [Key(0), RECORD["asset_id"]]
    assert contents.moments == [Key(0), "2024-01-02T03:04:05.006Z"]
    assert contents.words == ["red", "inner", "blue", "CODE"]
    assert contents.free == ["red", "inner", "blue"]


def test_of_many_scalars_the_first_are_kept() -> None:
    assert Contents(list(range(1_000))).scalars == list(range(MOST_SCALARS))
