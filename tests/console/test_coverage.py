"""What of a description the traffic of a sandbox touched."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient

from mockserver.catalogue import Mock
from mockserver.engine.coverage import counting
from mockserver.engine.coverage.counting import QUIET
from mockserver.engine.handlers import Reply
from tests.console.watched import watched
from tests.engine import tiny
from tests.running import eventually


@pytest.fixture
def client() -> TestClient:
    return watched()


def coverage(client: TestClient, query: str = "", sandbox: str = "") -> Any:
    answer = client.get(f"{sandbox}/__mock__/coverage?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def of(client: TestClient, operation: str) -> Any:
    [api] = coverage(client, f"operation={operation}")["apis"]
    [row] = api["operations"]
    return row


def test_nothing_is_touched_before_the_first_request(client: TestClient) -> None:
    told = coverage(client)
    assert (told["total"]["touched"], told["total"]["percent"]) == (0, 0)
    assert told["total"]["operations"] == {"touched": 0, "of": 3}
    [api] = told["apis"]
    for row in api["operations"]:
        assert row["hits"] == 0
        assert all(not row[kind]["touched"] for kind in ("parameters", "statuses"))


def test_one_request_touches_just_this(client: TestClient) -> None:
    client.get("/pets?kind=cat")
    row = of(client, "listPets")
    assert row["hits"] == 1
    assert row["parameters"] == {
        "touched": ["query kind"],
        "untouched": ["query limit", "header X-Trace"],
    }
    assert row["parameterValues"] == {
        "touched": ["query kind=cat"],
        "untouched": ["query kind=dog"],
    }
    assert row["statuses"] == {"touched": ["200"], "untouched": ["400"]}
    assert row["answerProperties"] == {
        "touched": ["200 /*/id", "200 /*/name", "200 /*/kind", "200 /*/kind=cat"],
        "untouched": ["200 /*/kind=dog", "200 /*/owner", "200 /*/owner/name"],
    }
    assert row["totals"] == {
        "percent": 53.3,
        "touched": 8,
        "of": 15,
        "operations": {"touched": 1, "of": 1},
        "parameters": {"touched": 1, "of": 3},
        "parameterValues": {"touched": 1, "of": 2},
        "requestTypes": {"touched": 0, "of": 0},
        "requestProperties": {"touched": 0, "of": 0},
        "statuses": {"touched": 1, "of": 2},
        "answerProperties": {"touched": 4, "of": 7},
    }
    assert of(client, "addPet")["totals"]["touched"] == 0


def test_a_body_touches_its_media_type_and_its_properties(client: TestClient) -> None:
    client.post("/pets", json={"name": "Rex", "kind": "dog", "owner": {"name": "Ann"}, "more": 1})
    row = of(client, "addPet")
    assert row["requestTypes"]["touched"] == ["application/json"]
    assert row["requestProperties"] == {
        "touched": ["/name", "/kind", "/kind=dog", "/owner", "/owner/name"],
        "untouched": ["/kind=cat", "/password"],
    }
    assert row["statuses"] == {"touched": ["201"], "untouched": ["4XX"]}


def test_a_form_touches_its_fields(client: TestClient) -> None:
    client.post("/pets", data={"name": "Rex", "kind": "cat"})
    row = of(client, "addPet")
    assert row["requestTypes"]["touched"] == ["application/x-www-form-urlencoded"]
    assert row["requestProperties"]["touched"] == ["/name", "/kind", "/kind=cat"]


def test_a_refused_request_touches_what_it_sent_and_the_range_of_its_status(
    client: TestClient,
) -> None:
    client.get("/pets?limit=no")
    assert of(client, "listPets")["parameters"]["touched"] == ["query limit"]
    client.post("/pets", json={"name": ""})
    row = of(client, "addPet")
    assert row["requestProperties"]["touched"] == ["/name"]
    assert row["statuses"]["touched"] == ["4XX"]


def test_a_status_that_is_not_documented_is_told(client: TestClient) -> None:
    client.get("/pets?limit=500")
    row = of(client, "listPets")
    assert row["undocumented"] == ["500"]
    assert row["statuses"]["touched"] == []


def test_headers_are_parameters_too(client: TestClient) -> None:
    client.get("/pets", headers={"x-trace": "1"})
    assert of(client, "listPets")["parameters"]["touched"] == ["header X-Trace"]


def test_what_leads_nowhere_touches_nothing(client: TestClient) -> None:
    client.get("/nowhere")
    client.delete("/pets")
    client.get("/__mock__/requests")
    assert coverage(client)["total"]["touched"] == 0


def test_totals_are_the_sums_of_the_operations(client: TestClient) -> None:
    client.get("/pets")
    client.post("/pets", json={"name": "Rex"})
    told = coverage(client)
    [api] = told["apis"]
    for word in ("touched", "of"):
        assert api["totals"][word] == sum(row["totals"][word] for row in api["operations"])
    assert told["total"] == api["totals"]
    assert api["totals"]["operations"] == {"touched": 2, "of": 3}


def test_each_sandbox_is_counted_for_itself(client: TestClient) -> None:
    client.get("/@mine/pets")
    assert coverage(client)["total"]["touched"] == 0
    assert coverage(client, sandbox="/@mine")["total"]["operations"]["touched"] == 1


def test_counting_begins_anew_when_it_is_asked_to(client: TestClient) -> None:
    client.get("/pets")
    since = coverage(client)["since"]
    assert client.delete("/__mock__/coverage").status_code == 204
    told = coverage(client)
    assert told["total"]["touched"] == 0
    assert told["since"] > since
    client.get("/pets")
    assert of(client, "listPets")["hits"] == 1


def test_neither_a_reset_nor_an_empty_journal_changes_what_was_touched(client: TestClient) -> None:
    client.get("/pets")
    before = coverage(client)
    client.post("/__mock__/reset")
    client.delete("/__mock__/requests")
    assert coverage(client) == before


def test_only_the_api_that_is_named_is_told(client: TestClient) -> None:
    assert [each["api"] for each in coverage(client, "api=tiny")["apis"]] == ["tiny"]
    assert coverage(client, "api=other")["apis"] == []
    assert coverage(client, "operation=other")["apis"] == []


def test_every_request_counts_and_new_ones_are_seen_among_thousands(client: TestClient) -> None:
    for _ in range(3 * QUIET):
        client.get("/pets")
        coverage(client, "operation=none")
    client.get("/pets?limit=1")
    client.get("/pets?kind=dog")
    row = of(client, "listPets")
    assert row["hits"] == 3 * QUIET + 2
    assert row["parameters"]["touched"] == ["query limit", "query kind"]


def test_a_new_status_is_seen_among_thousands(client: TestClient) -> None:
    for _ in range(2 * QUIET):
        client.post("/pets", json={"name": "Rex"})
        coverage(client, "operation=none")
    client.post("/pets", json={"name": "taken"})
    assert of(client, "addPet")["statuses"]["touched"] == ["201", "4XX"]
    client.post("/pets", json={"name": "Rex", "owner": {}})
    assert "/owner" in of(client, "addPet")["requestProperties"]["touched"]


def test_what_cannot_wait_is_counted_as_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "MOST_WAITING", 2)
    client = watched()
    for _ in range(5):
        client.get("/pets")
    told = coverage(client)
    assert told["unread"] == 3
    assert told["total"]["operations"]["touched"] == 1


def test_enough_of_it_is_looked_at_before_anybody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "_BATCH", 1)
    mocks: list[Mock] = []

    def kept(mock: Mock) -> Mock:
        mocks.append(mock)
        return mock

    watched(kept).get("/pets")
    [mock] = mocks
    [seen] = mock.coverage.touched(mock.sandboxes.default).seen.values()
    eventually(lambda: seen.bits)


def test_the_page_is_asked_for_by_accept_or_by_name(client: TestClient) -> None:
    client.get("/pets")
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    page = client.get("/__mock__/coverage", headers=browser)
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "query limit" in page.text
    assert "src=" not in page.text
    assert client.get("/__mock__/coverage?format=html").text == page.text
    assert client.get("/__mock__/coverage?format=json", headers=browser).json() == coverage(client)


def test_markup_in_names_is_shown_as_text() -> None:
    evil = "<script>alert(1)</script>"
    paths = {
        "/x": {
            "get": {
                "operationId": "x",
                "parameters": [{"name": evil, "in": "query", "schema": {"type": "string"}}],
                "responses": {"200": {}},
            }
        }
    }
    api = tiny.assembled(tiny.described(paths), x=lambda call: Reply())
    client = watched(lambda mock: replace(mock, apis=(api,)))
    page = client.get("/__mock__/coverage?format=html")
    assert evil not in page.text
    assert "&lt;script&gt;" in page.text
