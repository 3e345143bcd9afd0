from __future__ import annotations

from typing import Any

import orjson

from mockserver.contract.mixing import KINDS, Mixing


def mixes(value: Any, mixing: Mixing | None = None) -> set[tuple[str, ...]]:
    return (mixing or Mixing()).of("search", orjson.dumps(value))


def hits(**members: list[Any]) -> dict[str, Any]:
    rows = zip(*members.values(), strict=True)
    return {"hits": [dict(zip(members, row, strict=True)) for row in rows]}


def test_kinds_side_by_side_and_ties_are_told() -> None:
    assert mixes(hits(exact=[True, False])) == {("hits", "exact", "False True")}
    assert mixes(hits(kind=["TITLE", "TAG", "TAG"])) == {("hits", "kind", "TAG TITLE")}
    assert mixes(hits(score=[0.9, 0.9])) == {("hits", "score", "tied")}
    assert mixes([{"score": 1}, {"score": 1}]) == {("score", "tied")}


def test_items_that_are_alike_or_alone_tell_nothing() -> None:
    assert mixes(hits(exact=[True, True], kind=["TAG", "TAG"], score=[1, 2])) == set()
    assert mixes(hits(exact=[True])) == set()
    assert mixes(7) == set()
    assert Mixing().of("search", b"no JSON") == set()


def test_a_member_with_many_values_tells_no_kinds() -> None:
    mixing = Mixing()
    names = [f"name {number}" for number in range(KINDS + 1)]
    assert mixes(hits(name=names), mixing) == set()
    assert mixes(hits(name=names[:2]), mixing) == set()
