from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from mockserver.catalogue import Settings, build
from mockserver.engine.endpoint import Endpoint, PutOff
from mockserver.engine.request import Request
from mockserver.errors import StartupError
from mockserver.state.sources import parse_clock
from tests.engine.inference.served import JSON, Client, answers, api, asked, ref, served, takes

INTEGER = {"type": "integer"}
TEXT = {"type": "string"}
ERROR = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {"code": INTEGER, "message": TEXT},
}
ORDER = {
    "type": "object",
    "required": ["id", "item"],
    "properties": {
        "id": INTEGER,
        "item": {"type": "string", "minLength": 1},
        "note": TEXT,
        "tags": {"type": "array", "items": TEXT},
        "status": {"type": "string", "enum": ["open", "cancelled", "shipped"], "default": "open"},
        "locked": {"type": "boolean"},
        "createdAt": {"type": "string", "format": "date-time", "readOnly": True},
        "updatedAt": {"type": "string", "format": "date-time", "readOnly": True},
    },
}
LINE = {
    "type": "object",
    "required": ["id", "text"],
    "properties": {"id": INTEGER, "text": TEXT, "orderId": INTEGER},
}
KEY = asked("orderId", INTEGER, "path")
LINE_KEY = asked("lineId", INTEGER, "path")
ONE = ref("Order")


def orders(*more: str, **paths: Any) -> dict[str, Any]:
    """A description of orders, which have lines; ``more`` statuses are refusals of all."""
    refused = {"s" + status: ref("Error") for status in more}
    lines = {"type": "array", "items": ref("Line")}
    item = {
        "parameters": [KEY],
        "get": {"responses": answers(s200=ONE, **refused)},
        "put": {"requestBody": takes(ONE), "responses": answers(s200=ONE, **refused)},
        "patch": {
            "requestBody": {"content": {
                JSON: {"schema": {"type": "object"}},
                "application/merge-patch+json": {"schema": {"type": "object"}},
                "application/json-patch+json": {"schema": {"type": "array"}},
            }},
            "responses": answers(s200=ONE, **refused),
        },
        "delete": {"responses": answers(s204=None, **refused)},
    }  # fmt: skip
    made = {
        "/orders": {
            "get": {"responses": answers(s200={"type": "array", "items": ONE})},
            "post": {"requestBody": takes(ONE), "responses": answers(s201=ONE, **refused)},
        },
        "/orders/{orderId}": item,
        "/orders/{orderId}/lines": {
            "parameters": [KEY],
            "get": {"responses": answers(s200=lines, **refused)},
            "post": {"requestBody": takes(ref("Line")),
                     "responses": answers(s201=ref("Line"), **refused)},
        },
        "/orders/{orderId}/lines/{lineId}": {
            "parameters": [KEY, LINE_KEY],
            "get": {"responses": answers(s200=ref("Line"), **refused)},
        },
        **paths,
    }  # fmt: skip
    return api(made, {"Order": ORDER, "Line": LINE, "Error": ERROR})


def created(client: Client, **order: Any) -> Any:
    told = client("POST", "/orders", {"id": 77, "item": "tea", **order})
    assert told.status == 201, told
    return told.json


def test_a_key_that_is_sent_is_the_key() -> None:
    with served(orders("404")) as client:
        assert created(client, id=77)["id"] == 77
        assert client("GET", "/orders/77").json["item"] == "tea"


def test_a_key_that_is_taken_is_a_conflict_where_that_is_documented() -> None:
    with served(orders("404", "409")) as client:
        created(client, id=77)
        told = client("POST", "/orders", {"id": 77, "item": "milk"})
        assert (told.status, told.json["code"]) == (409, 409)
        assert client("GET", "/orders/77").json["item"] == "tea"


def test_a_key_that_is_taken_is_written_again_where_no_conflict_is_documented() -> None:
    with served(orders("404")) as client:
        created(client, id=77)
        created(client, item="milk")
        assert client("GET", "/orders/77").json["item"] == "milk"


def test_the_location_leads_to_what_was_created() -> None:
    with served(orders("404")) as client:
        for url in ("/orders", "/orders/77/lines"):
            told = client("POST", url, {"id": 77, "item": "tea", "text": "x"})
            assert client("GET", told.headers["location"]).json == told.json
        assert told.headers["location"] == "/orders/77/lines/77"


def test_a_default_is_what_is_meant_by_nothing() -> None:
    with served(orders()) as client:
        assert created(client)["status"] == "open"
        assert created(client, id=78, status="shipped")["status"] == "shipped"


def test_instants_are_those_of_creation_and_change() -> None:
    with served(orders("404"), clock=parse_clock("2024-01-01T00:00:00Z")) as client:
        made = created(client)
        assert made["createdAt"] == made["updatedAt"]
        changed = client("PATCH", "/orders/77", {"note": "x"}).json
        assert changed["createdAt"] == made["createdAt"]
        assert changed["updatedAt"] > made["updatedAt"]


def test_a_json_patch_is_applied_as_a_whole_or_not_at_all() -> None:
    patch = "application/json-patch+json"
    with served(orders("404", "409")) as client:
        before = created(client, tags=["a"])
        steps = [
            {"op": "add", "path": "/tags/-", "value": "b"},
            {"op": "test", "path": "/item", "value": "milk"},
        ]
        told = client("PATCH", "/orders/77", steps, patch)
        assert (told.status, told.json["code"]) == (409, 409)
        assert client("GET", "/orders/77").json == before
        steps[1]["value"] = "tea"
        after = client("PATCH", "/orders/77", steps, patch).json
        assert after["tags"] == ["a", "b"]
        assert client("GET", "/orders/77").json == after
        told = client("PATCH", "/orders/77", [{"op": "remove", "path": "/no"}], patch)
        assert told.status == 409


def test_a_json_patch_that_leaves_no_valid_record_is_a_conflict() -> None:
    patch = "application/json-patch+json"
    with served(orders("404", "409")) as client:
        before = created(client)
        steps = [{"op": "replace", "path": "/status", "value": "eaten"}]
        assert client("PATCH", "/orders/77", steps, patch).status == 409
        assert client("GET", "/orders/77").json == before


def test_an_object_that_is_described_as_a_json_patch_is_a_merge_patch() -> None:
    document = orders("404", "409")
    content = document["paths"]["/orders/{orderId}"]["patch"]["requestBody"]["content"]
    content["application/json-patch+json"] = {"schema": {"type": "object"}}
    with served(document) as client:
        created(client)
        patch = "application/json-patch+json"
        assert client("PATCH", "/orders/77", {"note": "x"}, patch).json["note"] == "x"


def test_of_a_change_that_no_record_can_have_what_fits_is_made() -> None:
    with served(orders("404", "409")) as client:
        before = created(client)
        after = client("PATCH", "/orders/77", {"status": "eaten", "note": "x"})
        assert (after.status, after.json["note"]) == (200, "x")
        assert after.json["status"] == before["status"]


def test_null_in_a_merge_patch_takes_a_member_away() -> None:
    with served(orders("404")) as client:
        created(client, note="x")
        changed = client("PATCH", "/orders/77", {"note": None}, "application/merge-patch+json")
        assert "note" not in changed.json
        assert client("GET", "/orders/77").json == changed.json


@pytest.mark.parametrize("status", ["409", "4XX"])
def test_a_change_that_leaves_no_valid_record_is_a_conflict_where_that_is_documented(
    status: str,
) -> None:
    with served(orders("404", status)) as client:
        before = created(client)
        told = client("PATCH", "/orders/77", {"item": None})
        assert (told.status, told.json["code"]) == (409, 409)
        assert told.json["message"]
        assert client("GET", "/orders/77").json == before


@pytest.mark.parametrize("refused", [(), ("404", "422"), ("400",)])
def test_where_no_conflict_is_documented_what_fits_of_a_change_is_made(
    refused: tuple[str, ...],
) -> None:
    with served(orders(*refused)) as client:
        created(client)
        told = client("PATCH", "/orders/77", {"item": 3, "note": "x"})
        assert (told.status, told.json["item"], told.json["note"]) == (200, "tea", "x")


def test_neither_a_key_nor_what_is_read_only_can_be_changed() -> None:
    with served(orders("404")) as client:
        before = created(client)
        false = {"id": 5, "createdAt": "1999-01-01T00:00:00Z", "item": "milk"}
        for method in ("PATCH", "PUT"):
            after = client(method, "/orders/77", false).json
            assert (after["id"], after["createdAt"]) == (77, before["createdAt"])
        steps = [{"op": "replace", "path": "/createdAt", "value": "1999-01-01T00:00:00Z"}]
        after = client("PATCH", "/orders/77", steps, "application/json-patch+json").json
        assert after["createdAt"] == before["createdAt"]


def test_what_is_below_a_deleted_record_goes_with_it() -> None:
    with served(orders("404")) as client:
        created(client)
        line = client("POST", "/orders/77/lines", {"id": 1, "text": "x"}).json
        assert client("DELETE", "/orders/77").status == 204
        assert client("GET", "/orders/77/lines/1").status == 404
        assert client("GET", "/orders/77/lines").status == 404
        assert client("POST", "/orders/77/lines", line).status == 404
        created(client)
        assert client("GET", "/orders/77/lines").json == []


def test_what_a_record_began_with_does_not_come_back_with_it() -> None:
    with served(orders("404")) as client:
        key = several(client)[0]
        assert client("DELETE", f"/orders/{key}").status == 204
        created(client, id=key)
        assert client("GET", f"/orders/{key}/lines").json == []


def test_a_record_says_below_which_one_it_was_made() -> None:
    with served(orders("404")) as client:
        created(client)
        told = client("POST", "/orders/77/lines", {"id": 1, "text": "x", "orderId": 3})
        assert told.json["orderId"] == 77


def test_below_a_parent_that_never_was_nothing_is_made_where_that_is_documented() -> None:
    with served(orders("404")) as client:
        assert client("POST", "/orders/1234567/lines", {"id": 1, "text": "x"}).status == 404
    with served(orders()) as client:
        assert client("POST", "/orders/1234567/lines", {"id": 1, "text": "x"}).status == 201


def action(path: str, status: str = "200", schema: Any = ONE, *refused: str) -> dict[str, Any]:
    told = {"s" + status: schema, **{"s" + each: ref("Error") for each in refused}}
    return {path: {"parameters": [KEY], "post": {"responses": answers(**told)}}}


@pytest.mark.parametrize(
    ("was", "verb", "member", "value"),
    [
        ({"status": "open"}, "cancel", "status", "cancelled"),
        ({"status": "open"}, "ship", "status", "shipped"),
        ({"status": "shipped"}, "reopen", "status", "open"),
        ({"locked": False}, "lock", "locked", True),
        ({"locked": True}, "unlock", "locked", False),
    ],
)
def test_an_action_brings_its_record_into_the_state_it_names(
    was: Any, verb: str, member: str, value: Any
) -> None:
    with served(orders("404", **action(f"/orders/{{orderId}}/{verb}"))) as client:
        before = created(client, **was)
        told = client("POST", f"/orders/77/{verb}")
        assert (told.status, told.json[member]) == (200, value)
        after = client("GET", "/orders/77").json
        assert after == told.json
        same = before.keys() - {member, "updatedAt"}
        assert {name: after[name] for name in same} == {name: before[name] for name in same}


@pytest.mark.parametrize("keyword", ["allOf", "oneOf"])
def test_an_action_finds_its_state_in_a_schema_that_is_shared(keyword: str) -> None:
    document = deepcopy(orders("404", **action("/orders/{orderId}/cancel")))
    schemas = document["components"]["schemas"]
    schemas["Status"] = schemas["Order"]["properties"]["status"]
    schemas["Order"]["properties"]["status"] = {keyword: [ref("Status")], "description": "-"}
    with served(document) as client:
        created(client, status="open")
        assert client("POST", "/orders/77/cancel").json["status"] == "cancelled"


def test_an_action_on_what_is_not_there_is_refused() -> None:
    paths = action("/orders/{orderId}/cancel", "204", None, "404")
    with served(orders("404", **paths)) as client:
        assert client("POST", "/orders/1234567/cancel").status == 404
        created(client)
        assert client("POST", "/orders/77/cancel").status == 204
        assert client("GET", "/orders/77").json["status"] == "cancelled"
        client("DELETE", "/orders/77")
        assert client("POST", "/orders/77/cancel").status == 404


def test_a_membership_is_put_seen_and_taken_away() -> None:
    item = {
        "parameters": [asked("repo", TEXT, "path")],
        "get": {"responses": answers(s204=None, s404=ERROR)},
        "put": {"responses": answers(s204=None)},
        "delete": {"responses": answers(s204=None)},
    }
    with served(api({"/user/starred/{repo}": item})) as client:
        assert client("GET", "/user/starred/x%2Fy").status == 404
        for _ in range(2):
            assert client("PUT", "/user/starred/x%2Fy").status == 204
            assert client("GET", "/user/starred/x%2Fy").status == 204
            assert client("GET", "/user/starred/z").status == 404
        assert client("DELETE", "/user/starred/x%2Fy").status == 204
        assert client("GET", "/user/starred/x%2Fy").status == 404


def test_a_put_makes_what_is_not_there_where_that_is_documented() -> None:
    document = orders("404")
    put = document["paths"]["/orders/{orderId}"]["put"]
    put["responses"] |= answers(s201=ONE)
    with served(document) as client:
        told = client("PUT", "/orders/1234567", {"id": 1234567, "item": "tea"})
        assert (told.status, told.json["id"]) == (201, 1234567)
        assert client("GET", "/orders/1234567").json == told.json
        assert client("PUT", "/orders/1234567", {"id": 1234567, "item": "milk"}).status == 200
    with served(orders("404")) as client:
        told = client("PUT", "/orders/1234567", {"id": 1234567, "item": "tea"})
        assert told.status == 404


MANY = {"type": "array", "items": ONE}


def several(client: Client) -> list[int]:
    return [order["id"] for order in client("GET", "/orders").json]


def collection(**operations: Any) -> dict[str, Any]:
    document = orders("404")
    document["paths"]["/orders"] |= operations
    return document


def test_many_records_are_made_at_once_or_none() -> None:
    post = {"requestBody": takes(MANY), "responses": answers(s201=MANY, s400=ERROR)}
    with served(collection(post=post), records=0) as client:
        told = client("POST", "/orders", [{"id": n, "item": "tea"} for n in (5, 6)])
        assert [order["id"] for order in told.json] == [5, 6]
        assert several(client) == [5, 6]
        assert client("POST", "/orders", [{"id": 7, "item": "x"}, {"id": 8}]).status == 400
        assert several(client) == [5, 6]


def test_hundreds_of_records_are_made_in_a_thread_of_their_own(tmp_path: Path) -> None:
    post = {"requestBody": takes(MANY), "responses": answers(s201=MANY, s400=ERROR)}
    path = tmp_path / "orders.json"
    path.write_text(json.dumps(collection(post=post)))
    mock = build([str(path)], Settings())
    api_of_orders, world = mock.apis[0], mock.sandboxes.get("default")
    operation = next(o for o in api_of_orders.description.operations if o.method == "POST")
    handler = api_of_orders.handlers.by_operation[operation.id]
    endpoint = Endpoint(api_of_orders, operation, handler)
    body = json.dumps([{"id": 1_000 + n, "item": "tea"} for n in range(101)]).encode()
    request = Request(world, body=body, headers={b"content-type": b"application/json"})
    request.patient, before = False, world.log.head
    with pytest.raises(PutOff):
        endpoint(request)
    assert world.log.head is before
    request.patient = True
    assert endpoint(request).status == 201


def test_many_records_are_put_in_the_place_of_all() -> None:
    put = {"requestBody": takes(MANY), "responses": answers(s200=MANY)}
    with served(collection(put=put)) as client:
        created(client)
        client("PUT", "/orders", [{"id": 77, "item": "milk"}, {"id": 78, "item": "tea"}])
        assert several(client) == [77, 78]
        assert client("GET", "/orders/77").json["item"] == "milk"


def test_many_records_are_changed_at_once() -> None:
    patch = {"requestBody": takes({"type": "array", "items": {**ORDER, "required": ["id"]}}),
             "responses": answers(s200=MANY)}  # fmt: skip
    with served(collection(patch=patch)) as client:
        created(client, note="a")
        client("PATCH", "/orders", [{"id": 77, "note": "b"}])
        order = client("GET", "/orders/77").json
        assert (order["item"], order["note"]) == ("tea", "b")


def test_many_records_are_deleted_by_their_keys() -> None:
    ids = {"type": "array", "items": INTEGER}
    delete = {"parameters": [asked("ids", ids)], "responses": answers(s204=None)}
    with served(collection(delete=delete), records=0) as client:
        for number in (5, 6, 7):
            created(client, id=number)
        assert client("DELETE", "/orders?ids=5&ids=7").status == 204
        assert several(client) == [6]


def test_one_record_is_deleted_by_its_key_in_the_query() -> None:
    delete = {"parameters": [asked("id", INTEGER)], "responses": answers(s204=None)}
    with served(collection(delete=delete), records=0) as client:
        created(client, id=5)
        created(client, id=6)
        assert client("DELETE", "/orders?id=5").status == 204
        assert several(client) == [6]


def test_a_collection_is_cleared() -> None:
    with served(collection(delete={"responses": answers(s204=None)})) as client:
        created(client)
        assert client("DELETE", "/orders").status == 204
        assert several(client) == []
        assert client("GET", "/orders/77").status == 404


def test_a_key_of_two_parts_names_one_record() -> None:
    repo = {"type": "object", "required": ["name", "owner"],
            "properties": {"name": TEXT, "owner": TEXT, "stars": INTEGER}}  # fmt: skip
    paths = {
        "/repos/{owner}/{name}": {
            "parameters": [asked("owner", TEXT, "path"), asked("name", TEXT, "path")],
            "get": {"responses": answers(s200=repo, s404=ERROR)},
            "put": {"requestBody": takes(repo), "responses": answers(s200=repo, s201=repo)},
            "delete": {"responses": answers(s204=None)},
        }
    }
    with served(api(paths)) as client:
        for owner in "ab":
            body = {"owner": owner, "name": "x", "stars": 1}
            assert client("PUT", f"/repos/{owner}/x", body).status == 201
        assert client("DELETE", "/repos/a/x").status == 204
        assert client("GET", "/repos/a/x").status == 404
        assert client("GET", "/repos/b/x").json == {"owner": "b", "name": "x", "stars": 1}


def test_one_thing_is_put_read_and_deleted() -> None:
    thing = {"type": "object", "required": ["theme"], "properties": {"theme": TEXT}}
    paths = {
        "/settings": {
            "get": {"responses": answers(s200=thing, s404=ERROR)},
            "put": {"requestBody": takes(thing), "responses": answers(s200=thing)},
            "patch": {"requestBody": takes(thing), "responses": answers(s200=thing)},
            "delete": {"responses": answers(s204=None)},
        }
    }
    with served(api(paths)) as client:
        assert client("GET", "/settings").status == 200
        client("PUT", "/settings", {"theme": "dark"})
        assert client("GET", "/settings").json == {"theme": "dark"}
        client("PATCH", "/settings", {"theme": "light"})
        assert client("GET", "/settings").json == {"theme": "light"}
        assert client("DELETE", "/settings").status == 204
        assert client("GET", "/settings").status == 404
        client("PUT", "/settings", {"theme": "dark"})
        assert client("GET", "/settings").json == {"theme": "dark"}


def test_a_list_and_its_items_agree_on_what_both_show() -> None:
    brief = {"type": "object", "required": ["id", "item", "rank"],
             "properties": {"id": INTEGER, "item": TEXT, "rank": INTEGER}}  # fmt: skip
    document = orders("404")
    listing = document["paths"]["/orders"]["get"]
    listing["responses"] = answers(s200={"type": "array", "items": brief})
    with served(document) as client:
        created(client, note="x")
        rows = client("GET", "/orders").json
        for row in rows:
            one = client("GET", f"/orders/{row['id']}").json
            assert {"id": one["id"], "item": one["item"]} == {k: row[k] for k in ("id", "item")}
        assert all(row.keys() == {"id", "item", "rank"} for row in rows)
        assert client("GET", "/orders").json == rows


@pytest.mark.parametrize(
    ("documented", "status"),
    [("default", 200), ("2XX", 200), ("404", 404), ("3XX", 302), ("5XX", 500), ("301", 301)],
)
def test_the_status_is_a_documented_one_whatever_is_documented(
    documented: str, status: int
) -> None:
    response = {"description": "-", "headers": {"Location": {"schema": TEXT, "required": True}}}
    paths = {"/ping": {"get": {"responses": {documented: response}}}}
    with served(api(paths)) as client:
        told = client("GET", "/ping")
        assert told.status == status
        assert told.headers["location"]


def test_a_refusal_tells_the_truth_inside_its_envelope() -> None:
    error = {
        "type": "object",
        "required": ["error", "success"],
        "properties": {
            "success": {"type": "boolean"},
            "error": {
                "type": "object",
                "required": ["status", "detail", "kind"],
                "properties": {"status": TEXT, "detail": TEXT,
                               "kind": {"type": "string", "enum": ["client"]}},
            },
        },
    }  # fmt: skip
    document = orders()
    document["paths"]["/orders/{orderId}"]["get"]["responses"] = answers(s200=ONE, default=error)
    with served(document) as client:
        told = client("GET", "/orders/1234567")
    assert told.status == 404
    assert told.json["success"] is False
    assert told.json["error"]["status"] == "404"
    assert told.json["error"]["kind"] == "client"
    assert "1234567" in told.json["error"]["detail"]


def test_a_refusal_tells_what_it_can_beside_a_member_that_it_cannot_change() -> None:
    inner = {
        "type": "object",
        "required": ["message", "status"],
        "properties": {"message": TEXT, "status": {"type": "string", "enum": ["failed"]}},
    }
    several = {"type": "array", "items": inner, "minItems": 1}
    error = {"type": "object", "required": ["errors"], "properties": {"errors": several}}
    document = orders()
    item = document["paths"]["/orders/{orderId}"]
    item["get"]["responses"] = answers(s200=ONE, default=error)
    with served(document) as client:
        told = client("GET", "/orders/1234567").json["errors"][0]
    assert told["status"] == "failed"
    assert "1234567" in told["message"]


def test_a_list_outside_of_all_parents_has_the_records_below_each_of_them() -> None:
    issue = {"type": "object", "required": ["number"],
             "properties": {"number": INTEGER, "title": TEXT}}  # fmt: skip
    team, number = asked("team", TEXT, "path"), asked("number", INTEGER, "path")
    one, several = ref("Issue"), {"type": "array", "items": ref("Issue")}
    paths = {
        "/teams/{team}/issues": {
            "parameters": [team],
            "get": {"responses": answers(s200=several)},
            "post": {"requestBody": takes(one), "responses": answers(s201=one)},
        },
        "/teams/{team}/issues/{number}": {
            "parameters": [team, number],
            "get": {"responses": answers(s200=one)},
        },
        "/issues": {"get": {"responses": answers(s200=several)}},
    }
    with served(api(paths, {"Issue": issue})) as client:
        for name in ("red", "blue"):
            client("POST", f"/teams/{name}/issues", {"number": 77, "title": name})
        titles = [each.get("title") for each in client("GET", "/issues").json]
    assert {"red", "blue"} <= set(titles)


def test_a_new_record_is_in_its_first_state() -> None:
    by_server = {
        "state": {"type": "string", "enum": ["new", "running", "done"], "readOnly": True},
        "priority": {"type": "string", "enum": ["low", "high"], "default": "high"},
        "closed_at": {"type": "string", "format": "date-time", "nullable": True, "readOnly": True},
        "archived": {"type": "boolean", "readOnly": True},
        "isActive": {"type": "boolean", "readOnly": True},
        "commentsCount": {"type": "integer", "readOnly": True},
    }
    job = {"type": "object", "required": ["id", *by_server],
           "properties": {"id": {**INTEGER, "readOnly": True}, **by_server}}  # fmt: skip
    seed = {"type": "object", "properties": {"note": TEXT}}
    paths = {
        "/jobs": {"post": {"requestBody": takes(seed), "responses": answers(s201=ref("Job"))}},
        "/jobs/{id}": {
            "parameters": [asked("id", INTEGER, "path")],
            "get": {"responses": answers(s200=ref("Job"))},
        },
    }
    with served(api(paths, {"Job": job})) as client:
        for _ in range(4):
            told = client("POST", "/jobs", {}).json
            assert {name: told[name] for name in by_server} == {
                "state": "new",
                "priority": "high",
                "closed_at": None,
                "archived": False,
                "isActive": True,
                "commentsCount": 0,
            }


def test_members_are_known_in_another_spelling() -> None:
    message = {"type": "object", "required": ["sid", "friendly_name"],
               "properties": {"sid": TEXT, "friendly_name": TEXT}}  # fmt: skip
    form = {"type": "object", "properties": {"FriendlyName": TEXT}}
    paths = {
        "/messages": {
            "post": {"requestBody": takes(form), "responses": answers(s201=ref("Message"))}
        },
        "/messages/{sid}": {
            "parameters": [asked("sid", TEXT, "path")],
            "get": {"responses": answers(s200=ref("Message"))},
        },
    }
    with served(api(paths, {"Message": message})) as client:
        made = client("POST", "/messages", {"FriendlyName": "hello"}).json
        assert made["friendly_name"] == "hello"
        assert client("GET", f"/messages/{made['sid']}").json == made


def test_a_problem_of_an_extension_stops_the_start() -> None:
    document = orders()
    document["paths"]["/orders"]["get"]["x-mock"] = {"kind": "lst"}
    with pytest.raises(StartupError) as stopped, served(document):
        pass
    [problem] = stopped.value.problems
    assert problem.pointer == "/paths/~1orders/get/x-mock/kind"
    assert "did you mean 'list'?" in problem.message


def test_records_of_another_path_are_the_same_records() -> None:
    user = {"type": "object", "required": ["id", "name"],
            "properties": {"id": INTEGER, "name": TEXT, "teamId": INTEGER}}  # fmt: skip
    users = {"type": "array", "items": ref("User")}
    team = asked("teamId", INTEGER, "path")
    named = {"type": "object", "required": ["id"], "properties": {"id": INTEGER, "title": TEXT}}
    paths = {
        "/users": {
            "get": {"responses": answers(s200=users)},
            "post": {"requestBody": takes(ref("User")), "responses": answers(s201=ref("User"))},
        },
        "/users/{id}": {
            "parameters": [asked("id", INTEGER, "path")],
            "get": {"responses": answers(s200=ref("User"), s404=ERROR)},
        },
        "/teams/{teamId}": {"parameters": [team], "get": {"responses": answers(s200=ref("Team"))}},
        "/teams/{teamId}/users": {
            "parameters": [team],
            "get": {"responses": answers(s200=users)},
            "post": {"requestBody": takes(ref("User")), "responses": answers(s201=ref("User"))},
        },
    }
    with served(api(paths, {"User": user, "Team": named}), records=0) as client:
        client("POST", "/users", {"id": 1, "name": "Ann", "teamId": 5})
        client("POST", "/users", {"id": 2, "name": "Bob", "teamId": 6})
        client("POST", "/teams/5/users", {"id": 3, "name": "Cy"})
        assert [each["id"] for each in client("GET", "/teams/5/users").json] == [1, 3]
        assert client("GET", "/users/3").json == {"id": 3, "name": "Cy", "teamId": 5}


def test_where_no_client_could_know_a_key_each_key_names_a_record() -> None:
    item = {
        "parameters": [KEY],
        "get": {"responses": answers(s200=ONE, s404=ERROR)},
        "delete": {"responses": answers(s204=None, s404=ERROR)},
    }
    lines = {
        "parameters": [KEY],
        "get": {"responses": answers(s200={"type": "array", "items": ref("Line")}, s404=ERROR)},
        "post": {"requestBody": takes(ref("Line")), "responses": answers(s201=ref("Line"))},
    }
    line = {
        "parameters": [KEY, LINE_KEY],
        "get": {"responses": answers(s200=ref("Line"), s404=ERROR)},
        "delete": {"responses": answers(s204=None, s404=ERROR)},
    }
    paths = {
        "/orders/{orderId}": item,
        "/orders/{orderId}/lines": lines,
        "/orders/{orderId}/lines/{lineId}": line,
    }
    with served(api(paths, {"Order": ORDER, "Line": LINE})) as client:
        made = client("GET", "/orders/1234567")
        assert (made.status, made.json["id"]) == (200, 1234567)
        rows = client("GET", "/orders/1234567/lines").json
        assert len(rows) == 3
        for row in rows:
            assert client("GET", f"/orders/1234567/lines/{row['id']}").json == row
        client("POST", "/orders/1234567/lines", {"id": 5, "text": "x"})
        assert client("DELETE", f"/orders/1234567/lines/{rows[0]['id']}").status == 204
        after = client("GET", "/orders/1234567/lines").json
        assert after == [*rows[1:], {"id": 5, "text": "x", "orderId": 1234567}]
        assert client("GET", f"/orders/1234567/lines/{rows[0]['id']}").status == 404


def test_a_parameter_may_name_another_property_than_the_key() -> None:
    team = {"type": "object", "required": ["id", "slug"],
            "properties": {"id": INTEGER, "slug": TEXT}}  # fmt: skip
    teams = {"type": "array", "items": ref("Team")}
    org = asked("org", TEXT, "path")
    paths = {
        "/teams": {
            "get": {"responses": answers(s200=teams)},
            "post": {"requestBody": takes(ref("Team")), "responses": answers(s201=ref("Team"))},
        },
        "/teams/{team_id}": {
            "parameters": [asked("team_id", INTEGER, "path")],
            "get": {"responses": answers(s200=ref("Team"), s404=ERROR)},
        },
        "/orgs/{org}/teams": {"parameters": [org], "get": {"responses": answers(s200=teams)}},
        "/orgs/{org}/teams/{team_slug}": {
            "parameters": [org, asked("team_slug", TEXT, "path")],
            "get": {"responses": answers(s200=ref("Team"), s404=ERROR)},
            "delete": {"responses": answers(s204=None, s404=ERROR)},
        },
    }
    with served(api(paths, {"Team": team})) as client:
        client("POST", "/teams", {"id": 9, "slug": "blue"})
        assert client("GET", "/orgs/x/teams/blue").json == {"id": 9, "slug": "blue"}
        assert client("DELETE", "/orgs/x/teams/blue").status == 204
        assert client("GET", "/teams/9").status == 404


def test_a_parameter_may_give_either_of_two_properties() -> None:
    item = {
        "parameters": [asked("idOrItem", TEXT, "path")],
        "get": {"responses": answers(s200=ONE, s404=ERROR)},
    }
    paths = {"/orders": orders()["paths"]["/orders"], "/orders/{idOrItem}": item}
    with served(api(paths, {"Order": ORDER})) as client:
        made = created(client, item="green tea")
        assert client("GET", "/orders/77").json == made
        assert client("GET", "/orders/green%20tea").json == made
        assert client("GET", "/orders/black%20tea").status == 404


def test_what_was_created_is_shown_beside_other_things() -> None:
    document = orders("404")
    beside = {"type": "object", "required": ["jobs", "order"],
              "properties": {"jobs": {"type": "array", "items": TEXT}, "order": ONE}}  # fmt: skip
    document["paths"]["/orders"]["post"]["responses"] = answers(s201=beside)
    with served(document) as client:
        told = client("POST", "/orders", {"id": 77, "item": "tea"}).json
        assert told["order"]["id"] == 77
        assert client("GET", "/orders/77").json == told["order"]


@pytest.mark.parametrize(("documented", "status"), [("422", 422), ("400", 400), ("4XX", 409)])
def test_a_conflict_is_told_by_the_documented_status_that_is_like_it(
    documented: str, status: int
) -> None:
    with served(orders("404", documented)) as client:
        before = created(client)
        steps = [{"op": "test", "path": "/item", "value": "milk"}]
        told = client("PATCH", "/orders/77", steps, "application/json-patch+json")
        assert (told.status, told.json["code"]) == (status, status)
        assert client("GET", "/orders/77").json == before


def test_a_record_of_another_parent_is_not_here() -> None:
    user = {"type": "object", "required": ["id"],
            "properties": {"id": INTEGER, "teamId": INTEGER}}  # fmt: skip
    one, team = (
        {"responses": answers(s200=ref("User"), s404=ERROR)},
        asked("teamId", INTEGER, "path"),
    )
    users, key = {"type": "array", "items": ref("User")}, asked("id", INTEGER, "path")
    paths = {
        "/users": {
            "get": {"responses": answers(s200=users)},
            "post": {"requestBody": takes(ref("User")), "responses": answers(s201=ref("User"))},
        },
        "/users/{id}": {"parameters": [key], "get": one},
        "/teams/{teamId}/users": {"parameters": [team], "get": {"responses": answers(s200=users)}},
        "/teams/{teamId}/users/{id}": {"parameters": [team, key], "get": one},
    }
    with served(api(paths, {"User": user}), records=0) as client:
        client("POST", "/users", {"id": 1, "teamId": 5})
        assert client("GET", "/teams/5/users/1").json == {"id": 1, "teamId": 5}
        assert client("GET", "/teams/6/users/1").status == 404


def test_what_is_below_a_deleted_record_is_gone_even_where_no_client_looked() -> None:
    with served(orders("404")) as client:
        key = several(client)[0]
        line = client("GET", f"/orders/{key}/lines").json[0]
        assert client("DELETE", f"/orders/{key}").status == 204
        assert client("GET", f"/orders/{key}/lines/{line['id']}").status == 404


def test_of_many_kinds_of_children_none_can_be_reached_once_their_parent_is_gone() -> None:
    document = orders("404")
    lines = document["paths"]["/orders/{orderId}/lines"]
    for number in range(9):
        document["paths"][f"/orders/{{orderId}}/kind{number}s"] = lines
    with served(document) as client:
        key = several(client)[0]
        line = client("GET", f"/orders/{key}/lines").json[0]
        assert client("DELETE", f"/orders/{key}").status == 204
        assert client("GET", f"/orders/{key}/lines/{line['id']}").status == 404
        created(client, id=key)
        assert client("GET", f"/orders/{key}/lines").json == []


def labelled() -> dict[str, Any]:
    """A description of issues that have labels, which are those of all issues."""
    label = {"type": "object", "required": ["name"], "properties": {"name": TEXT, "color": TEXT}}
    number, name = asked("number", INTEGER, "path"), asked("name", TEXT, "path")
    several = {"type": "array", "items": ref("Label")}
    names = {"type": "object", "properties": {"labels": {"type": "array", "items": TEXT}}}
    shown = {"requestBody": takes(names), "responses": answers(s200=several)}
    one, new = answers(s200=ref("Label")), answers(s201=ref("Label"))
    paths = {
        "/labels": {
            "get": {"responses": answers(s200=several)},
            "post": {"requestBody": takes(ref("Label")), "responses": new},
        },
        "/labels/{name}": {"parameters": [name], "get": {"responses": one}},
        "/issues/{number}/labels": {
            "parameters": [number],
            "get": {"responses": answers(s200=several)},
            "post": shown,
            "put": shown,
        },
        "/issues/{number}/labels/{name}": {
            "parameters": [number, name],
            "delete": {"responses": answers(s200=several)},
        },
    }
    return api(paths, {"Label": label})


def test_a_list_of_names_adds_what_they_stand_for() -> None:
    with served(labelled(), records=0) as client:
        bug = client("POST", "/labels", {"name": "bug", "color": "red"}).json
        client("POST", "/issues/7/labels", {"labels": ["bug", "new"]})
        client("POST", "/issues/7/labels", {"labels": ["bug"]})
        told = client("GET", "/issues/7/labels").json
        assert bug in told
        assert sorted(each["name"] for each in told) == ["bug", "new"]
        assert client("GET", "/labels").json == [bug]
        client("PUT", "/issues/7/labels", {"labels": ["new"]})
        assert [each["name"] for each in client("GET", "/issues/7/labels").json] == ["new"]


def test_parts_of_a_collection_under_several_versions_are_one_collection() -> None:
    document = orders("404")
    paths = document["paths"]
    paths["/v6/orders"] = {"get": paths["/orders"].pop("get")}
    paths["/v13/orders"] = paths.pop("/orders")
    item = paths.pop("/orders/{orderId}")
    paths["/v2/orders/{orderId}"] = {"parameters": [KEY], "delete": item.pop("delete")}
    paths["/v13/orders/{orderId}"] = item
    with served(document, records=0) as client:
        made = client("POST", "/v13/orders", {"id": 77, "item": "tea"}).json
        assert client("GET", "/v6/orders").json == [made]
        assert client("DELETE", "/v2/orders/77").status == 204
        assert client("GET", "/v13/orders/77").status == 404


def test_the_same_operations_under_two_versions_are_two_collections() -> None:
    document = orders("404")
    paths = document["paths"]
    for version in ("v1", "v2"):
        paths[f"/{version}/orders"] = paths["/orders"]
        paths[f"/{version}/orders/{{orderId}}"] = paths["/orders/{orderId}"]
    with served(document, records=0) as client:
        client("POST", "/v1/orders", {"id": 77, "item": "tea"})
        assert client("GET", "/v1/orders/77").status == 200
        assert client("GET", "/v2/orders/77").status == 404
