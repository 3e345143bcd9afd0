"""What no description says is judged by nobody: other people's services are right as they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

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


UNLISTED = """
openapi: 3.1.0
info: {title: Reports, version: "1"}
paths:
  /reports/{reportId}:
    get:
      operationId: getReport
      parameters: [{$ref: "#/components/parameters/key"}]
      responses:
        "200": {$ref: "#/components/responses/report"}
        "404": {description: None}
  /reports/{reportId}/publish:
    post:
      operationId: publishReport
      parameters: [{$ref: "#/components/parameters/key"}]
      responses:
        "200": {$ref: "#/components/responses/report"}
        "404": {description: None}
components:
  parameters:
    key: {name: reportId, in: path, required: true, schema: {type: string}}
  responses:
    report:
      description: A report
      content: {application/json: {schema: {$ref: "#/components/schemas/Report"}}}
  schemas:
    Report:
      type: object
      required: [id, title, pages]
      properties:
        id: {type: string}
        title: {type: string}
        pages: {type: integer, minimum: 1, maximum: 9}
"""


def _reports(known: str, broken: bool) -> Any:
    """A server with one report, which nobody is told of; and perhaps one that fails."""

    def answer(environ: dict[str, Any], start: Any) -> list[bytes]:
        key = environ["PATH_INFO"].split("/")[2] if environ["PATH_INFO"].count("/") > 1 else ""
        methods = "POST" if environ["PATH_INFO"].endswith("/publish") else "GET"
        if environ["REQUEST_METHOD"] != methods:
            start("405 x", [("Allow", methods)])
            return [b""]
        if broken:
            start("500 x", [])
            return [b""]
        if known and key != known:
            start("404 x", [])
            return [b""]
        start("200 x", [("Content-Type", "application/json")])
        return [json.dumps({"id": key, "title": "as it is", "pages": 3}).encode()]

    return answer


@pytest.mark.parametrize("known", ["", "the only one"])
def test_records_of_which_nobody_is_told_may_be_there_or_not(tmp_path: Path, known: str) -> None:
    path = tmp_path / "reports.yaml"
    path.write_text(UNLISTED)
    options = Options(seconds=60, requests=300)
    result = check(_reports(known, broken=False), str(path), options, reset=lambda: None)
    assert [(f.endpoint, f.expected, f.got) for f in result.findings] == []
    assert ("getReport", 404 if known else 200) in result.reached


def test_what_no_server_may_answer_is_found_there_too(tmp_path: Path) -> None:
    path = tmp_path / "reports.yaml"
    path.write_text(UNLISTED)
    options = Options(seconds=60, requests=300, most=1, quick=True)
    assert not check(_reports("", broken=True), str(path), options, reset=lambda: None).kept
