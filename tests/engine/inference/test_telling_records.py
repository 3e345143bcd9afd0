"""How records stand in answers, and what a new one says that nobody sent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.inference.served import JSON, answers, api, asked, ref, served, takes

TEXT = {"type": "string"}
INTEGER = {"type": "integer"}
MERGE = "application/merge-patch+json"


def collection(record: Any, *, body: Any = None, query: Any = (), **created: Any) -> dict[str, Any]:
    """A description of things, which are created and read."""
    one = ref("Thing")
    listed = {"responses": answers(s200={"type": "array", "items": one}), "parameters": list(query)}
    change = {"content": {each: {"schema": {"type": "object"}} for each in (JSON, MERGE)}}
    paths = {
        "/things": {
            "get": listed,
            "post": {
                "requestBody": takes(body or one),
                "responses": answers(**(created or {"s201": one})),
            },
        },
        "/things/{id}": {
            "parameters": [asked("id", INTEGER, "path")],
            "get": {"responses": answers(s200=one, s404=None)},
            "patch": {"requestBody": change, "responses": answers(s200=one, s404=None)},
        },
    }
    return api(paths, {"Thing": record})


def thing(**members: Any) -> dict[str, Any]:
    return {"type": "object", "required": ["id"], "properties": {"id": INTEGER, **members}}


def held(name: str, schema: Any) -> dict[str, Any]:
    links = {"type": "object", "properties": {"self": TEXT}}
    return {"type": "object", "required": [name], "properties": {name: schema, "links": links}}


def test_an_answer_that_is_one_record_or_several_is_the_record_that_was_created() -> None:
    several = {"type": "array", "items": ref("Thing")}
    created = {"oneOf": [held("thing", ref("Thing")), held("things", several)]}
    common = dict.fromkeys(("size", "backups", "agent", "user_data", "password"), TEXT)
    one = {"type": "object", "required": ["name"], "properties": {"name": TEXT, **common}}
    names = {"type": "array", "items": TEXT}
    many = {"type": "object", "required": ["names"], "properties": {"names": names, **common}}
    record = thing(name=TEXT, size=TEXT, disk=INTEGER, memory=INTEGER, kind=TEXT, zone=TEXT)
    document = collection(record, body={"oneOf": [one, many]}, s202=created)
    with served(document) as client:
        made = client("POST", "/things", {"name": "web", "size": "s-1"}).json["thing"]
        assert (made["name"], made["size"]) == ("web", "s-1")
        assert client("GET", f"/things/{made['id']}").json == made


def test_what_stands_beside_a_record_is_what_was_sent() -> None:
    tags = {"type": "object", "additionalProperties": TEXT}
    created = {"type": "object", "required": ["thing", "tags"], "properties": {
        "thing": ref("Thing"), "tags": tags}}  # fmt: skip
    body = {"type": "object", "properties": {"name": TEXT, "tags": tags}}
    with served(collection(thing(name=TEXT), body=body, s201=created)) as client:
        told = client("POST", "/things", {"name": "a", "tags": {"env": "dev"}}).json
        assert (told["thing"]["name"], told["tags"]) == ("a", {"env": "dev"})


NEW = {"type": "object", "properties": {"name": TEXT}}


@pytest.mark.parametrize(
    ("name", "schema", "query", "begins"),
    [
        ("status", {"allOf": [{"type": "string", "enum": ["new", "done"]}]}, (), "new"),
        ("comments", INTEGER, (), 0),
        ("open_issues", INTEGER, (), 0),
        (
            "state",
            TEXT,
            (asked("state", {**TEXT, "enum": ["open", "closed"], "default": "open"}),),
            "open",
        ),
    ],
)
def test_a_new_record_is_in_its_first_state(
    name: str, schema: Any, query: Any, begins: Any
) -> None:
    record = thing(name=TEXT, **{name: schema})
    record["required"] = ["id", name]
    with served(collection(record, body=NEW, query=query)) as client:
        for _ in range(3):
            assert client("POST", "/things", {"name": "a"}).json[name] == begins


def test_null_is_a_value_where_a_member_may_be_null() -> None:
    name = {**TEXT, "nullable": True}
    inner = {"type": "object", "properties": {"note": name}}
    with served(collection(thing(name=name, size=TEXT, inner=inner))) as client:
        sent = {"id": 7, "name": "a", "size": "b", "inner": {"note": "c"}}
        assert client("POST", "/things", sent).json == sent
        nothing = {"name": None, "size": None, "inner": {"note": None}}
        told = client("PATCH", "/things/7", nothing).json
        assert told == {"id": 7, "name": None, "inner": {"note": None}}
        assert client("GET", "/things/7").json == told


def test_null_in_a_merge_patch_takes_away_what_need_not_be_there() -> None:
    name = {**TEXT, "nullable": True}
    record = thing(name=name, title=name)
    record["required"] = ["id", "title"]
    with served(collection(record)) as client:
        client("POST", "/things", {"id": 7, "name": "a", "title": "b"})
        told = client("PATCH", "/things/7", {"name": None, "title": None}, MERGE).json
        assert told == {"id": 7, "title": None}


def test_a_full_name_is_made_of_its_parts() -> None:
    parts = {"first_name": TEXT, "last_name": TEXT}
    record = thing(**parts, full_name={**TEXT, "readOnly": True})
    with served(collection(record)) as client:
        sent = {"id": 7, "first_name": "Ada", "last_name": "Byron"}
        assert client("POST", "/things", sent).json["full_name"] == "Ada Byron"
        told = client("PATCH", "/things/7", {"last_name": "Lovelace"}).json
        assert told["full_name"] == "Ada Lovelace"
