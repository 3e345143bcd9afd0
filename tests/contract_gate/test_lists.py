"""Lists: in the order asked for, with each record once, and with what was created in them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import pytest

from mockserver.catalogue import Settings
from mockserver.contract.checking import check
from mockserver.contract.results import Options

DESCRIPTION = """
openapi: 3.0.3
info: {title: Things, version: '1'}
paths:
  /things:
    get:
      operationId: listThings
      parameters:
        - name: sort
          in: query
          schema: {type: string, enum: [size, -size, name, -name, made, rank]}
      responses:
        '200':
          description: All of them.
          content:
            application/json:
              schema: {type: array, items: {$ref: '#/components/schemas/Thing'}}
        '400': {description: It was refused.}
    post:
      operationId: addThing
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: '#/components/schemas/NewThing'}}
      responses:
        '201':
          description: It.
          content:
            application/json: {schema: {$ref: '#/components/schemas/Thing'}}
        '400': {description: It was refused.}
        '415': {description: It was refused.}
components:
  schemas:
    NewThing:
      type: object
      required: [size, name]
      additionalProperties: false
      properties:
        size: {type: integer, minimum: 1, maximum: 100}
        name: {type: string, enum: [ab, Abe, bc, Ca, 'a c', Éa, a2, a10]}
        made: {type: string, enum: ['2020-01-02', '2021-03-04', '2019-12-31']}
        rank: {type: string, enum: [low, medium, high]}
    Thing:
      type: object
      required: [id, size, name]
      properties:
        id: {type: string, format: uuid, readOnly: true}
        size: {type: integer}
        name: {type: string}
        made: {type: string, format: date}
        rank: {type: string, enum: [low, medium, high]}
"""
NAMES = ["ab", "Abe", "bc", "Ca", "a c", "Éa", "a2", "a10"]
MADE = ["2020-01-02", "2021-03-04", "2019-12-31"]
RANKS = ["low", "medium", "high"]

Sort = Callable[[list[Any], str], list[Any]]


def plainly(things: list[Any], asked: str) -> list[Any]:
    name = asked.lstrip("-")
    known = [thing for thing in things if name in thing]
    known.sort(key=lambda thing: thing[name], reverse=asked.startswith("-"))
    return known + [thing for thing in things if name not in thing]


def otherwise(things: list[Any], asked: str) -> list[Any]:
    """Whatever the case, those without the member first, the latest first, and by rank."""
    name = asked.lstrip("-")
    known = [thing for thing in things if name in thing]
    falls = asked.startswith("-") or name == "made"
    known.sort(key=lambda thing: _otherwise(thing[name]))
    return [thing for thing in things if name not in thing] + (known[::-1] if falls else known)


def _otherwise(value: Any) -> Any:
    if value in RANKS:
        return RANKS.index(value)
    return value.lower() if isinstance(value, str) else value


def without_sign(things: list[Any], asked: str) -> list[Any]:
    return plainly(things, asked.lstrip("-"))


def as_texts(things: list[Any], asked: str) -> list[Any]:
    if asked.lstrip("-") != "size":
        return plainly(things, asked)
    return sorted(things, key=lambda thing: str(thing["size"]), reverse=asked.startswith("-"))


def unsorted_dates(things: list[Any], asked: str) -> list[Any]:
    return things if asked == "made" else plainly(things, asked)


def twice(things: list[Any], asked: str) -> list[Any]:
    shown = plainly(things, asked)
    return [*shown[:1], *shown[:-1]]


def with_a_phantom(things: list[Any], asked: str) -> list[Any]:
    """Somebody nobody made stands in the place of the last one."""
    shown, nobody = plainly(things, asked), str(UUID(int=7 << 100, version=4))
    return [*shown[:-1], *(each | {"id": nobody} for each in shown[-1:])]


def cut(things: list[Any], asked: str) -> list[Any]:
    return plainly(things, asked)[:25]


class Things:
    """A WSGI application that shows its list in one way."""

    def __init__(self, sort: Sort) -> None:
        self._sort = sort
        self.reset()

    def reset(self) -> None:
        self._things: list[dict[str, Any]] = []

    def __call__(self, environ: dict[str, Any], start: Any) -> list[bytes]:
        if environ["PATH_INFO"] != "/things":
            status, value = 404, None
        elif environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
            status, value = self._list(parse_qs(environ["QUERY_STRING"], keep_blank_values=True))
        elif environ["REQUEST_METHOD"] == "POST":
            status, value = self._add(environ)
        else:
            start("405 x", [("Allow", "GET, HEAD, OPTIONS, POST")])
            return [b""]
        headers = [] if value is None else [("Content-Type", "application/json")]
        start(f"{status} x", headers)
        shown = value is not None and environ["REQUEST_METHOD"] != "HEAD"
        return [json.dumps(value).encode() if shown else b""]

    def _list(self, query: dict[str, list[str]]) -> tuple[int, Any]:
        asked = query.get("sort", [])
        if asked and asked not in [[x] for x in ("size", "-size", "name", "-name", "made", "rank")]:
            return 400, None
        return 200, self._sort(list(self._things), asked[0] if asked else "")

    def _add(self, environ: dict[str, Any]) -> tuple[int, Any]:
        if environ.get("CONTENT_TYPE", "").partition(";")[0].strip() != "application/json":
            return 415, None
        try:
            sent = json.loads(environ["wsgi.input"].read())
        except ValueError:
            return 400, None
        known = {"size": range(1, 101), "name": NAMES, "made": MADE, "rank": RANKS}
        if not isinstance(sent, dict) or not {"size", "name"} <= set(sent) <= set(known):
            return 400, None
        if isinstance(sent["size"], bool | str | list | dict):
            return 400, None
        if any(value not in known[name] for name, value in sent.items()):
            return 400, None
        self._things.append({"id": f"00000000-0000-4000-8000-{len(self._things):012}", **sent})
        return 201, self._things[-1]


@pytest.fixture
def told(tmp_path: Path) -> Callable[[Sort], list[str]]:
    """The codes and places of what is found on a server that sorts in some way."""
    path = tmp_path / "things.yaml"
    path.write_text(DESCRIPTION, encoding="utf-8")

    def checked(sort: Sort) -> list[str]:
        things = Things(sort)
        options = Options(
            seconds=60, requests=900, most=1, quick=True, settings=Settings(records=0)
        )
        found = check(things, str(path), options, reset=things.reset).findings
        return [f"{each.code} {each.operation}: {each.expected}" for each in found]

    return checked


@pytest.mark.parametrize("sort", [plainly, otherwise])
def test_a_right_order_is_no_finding(told: Any, sort: Sort) -> None:
    assert told(sort) == []


@pytest.mark.parametrize(
    ("sort", "expected"),
    [(without_sign, "descending by"), (as_texts, "by size"), (unsorted_dates, "by made")],
)
def test_a_wrong_order_is_found(told: Any, sort: Sort, expected: str) -> None:
    [found] = told(sort)
    assert found.startswith("MS411 listThings: ")
    assert expected in found


def test_a_record_that_is_shown_twice_is_found(told: Any) -> None:
    assert told(twice) == ["MS412 listThings: each record once"]


def test_what_only_many_records_show_is_shown_again_with_all_its_calls(tmp_path: Path) -> None:
    path = tmp_path / "things.yaml"
    path.write_text(DESCRIPTION, encoding="utf-8")
    things = Things(cut)
    options = Options(seconds=60, requests=3_000, most=1, settings=Settings(records=0))
    [found] = check(things, str(path), options, reset=things.reset).findings
    assert found.counts
    assert len(found.sequence) > 25


def test_a_list_without_what_was_created_is_found(told: Any) -> None:
    [found] = told(with_a_phantom)
    assert found.startswith("MS207 listThings: with ")
