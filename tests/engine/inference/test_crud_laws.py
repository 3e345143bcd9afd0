from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.engine.inference.served import Client, Told, served
from tests.engine.inference.worlds import BODIES, CHANGES, WORLDS, World

SLOW = settings(max_examples=20)


def listed(client: Client, world: World) -> list[Any]:
    told = client("GET", world.path)
    assert told.status == 200, told
    return world.rows(told.json)


def created(client: Client, world: World, body: Any) -> tuple[Any, Any]:
    """The key of a new record, and the record as it is read."""
    before = [row[world.key] for row in listed(client, world)]
    told = client("POST", world.path, world.sent(body))
    assert told.status == int(world.created), told
    after = [row[world.key] for row in listed(client, world)]
    assert after[:-1] == before
    if told.content:
        assert world.row(told.json)[world.key] == after[-1]
    return after[-1], read(client, world, after[-1])


def read(client: Client, world: World, key: Any) -> Any:
    told = client("GET", world.item(key))
    assert told.status == 200, told
    return world.row(told.json)


def gone(told: Told) -> bool:
    return told.status == 404


@SLOW
@given(WORLDS, st.lists(BODIES, min_size=1, max_size=3))
def test_what_is_created_is_readable_and_listed(world: World, bodies: list[Any]) -> None:
    with served(world.document()) as client:
        made = {}
        for body in bodies:
            key, row = created(client, world, body)
            assert body.items() <= row.items()
            made[key] = row
        assert len(made) == len(bodies)
        rows = {row[world.key]: row for row in listed(client, world)}
        assert made.items() <= rows.items()


@SLOW
@given(WORLDS)
def test_what_a_list_begins_with_is_read_as_it_is_listed(world: World) -> None:
    with served(world.document()) as client:
        rows = listed(client, world)
        assert world.nested or len(rows) == 3
        for row in rows:
            assert read(client, world, row[world.key]) == row


@SLOW
@given(WORLDS, BODIES)
def test_what_is_deleted_is_neither_read_nor_listed(world: World, body: Any) -> None:
    with served(world.document()) as client:
        key, _ = created(client, world, body)
        assert client("DELETE", world.item(key)).status == 204
        assert gone(client("GET", world.item(key)))
        assert gone(client("DELETE", world.item(key)))
        assert key not in [row[world.key] for row in listed(client, world)]


@SLOW
@given(WORLDS, st.lists(st.booleans(), min_size=2, max_size=6), BODIES)
def test_no_key_is_used_twice(world: World, deletions: list[bool], body: Any) -> None:
    with served(world.document()) as client:
        used = {row[world.key] for row in listed(client, world)}
        for delete in deletions:
            key, _ = created(client, world, body)
            assert key not in used
            used.add(key)
            if delete:
                assert client("DELETE", world.item(key)).status == 204


@SLOW
@given(WORLDS.filter(lambda world: "put" in world.changed), BODIES, BODIES)
def test_what_is_put_is_read(world: World, first: Any, second: Any) -> None:
    with served(world.document()) as client:
        key, before = created(client, world, first)
        told = client("PUT", world.item(key), world.sent(second))
        assert told.status == 200
        by_server = {name: before[name] for name in (world.key, "created_at") if name in before}
        after = read(client, world, key)
        assert after == {**second, **by_server}
        assert world.row(told.json) == after


@SLOW
@given(WORLDS.filter(lambda world: "patch" in world.changed), BODIES, CHANGES)
def test_a_patch_changes_what_it_names_and_nothing_else(
    world: World, body: Any, change: Any
) -> None:
    with served(world.document()) as client:
        key, before = created(client, world, body)
        told = client("PATCH", world.item(key), world.sent(change))
        assert told.status == 200
        after = read(client, world, key)
        owner = {**before.get("owner", {}), **change.get("owner", {})}
        assert after == {**before, **change, **({"owner": owner} if "owner" in after else {})}
        assert world.row(told.json) == after


@SLOW
@given(WORLDS, BODIES)
def test_what_is_read_only_is_made_by_the_server(world: World, body: Any) -> None:
    with served(world.document()) as client:
        false = {**body, world.key: "mine", "created_at": "1999-01-01T00:00:00Z"}
        told = client("POST", world.path, world.sent(false))
        if told.status == 400:  # of a key that is none
            return
        row = listed(client, world)[-1]
        assert row[world.key] != "mine"
        assert not str(row.get("created_at", "")).startswith("1999")


@SLOW
@given(WORLDS, BODIES)
def test_sandboxes_are_apart(world: World, body: Any) -> None:
    with served(world.document()) as client:
        other = client.within("other")
        before = listed(other, world)
        key, _ = created(client, world, body)
        assert listed(other, world) == before
        assert client("DELETE", world.item(key)).status == 204
        assert created(other, world, body)[1]["title"] == body["title"]


@SLOW
@given(WORLDS, st.sampled_from(({"title": ""}, {"title": 3}, {}, {"title": "a", "status": "no"})))
def test_a_refused_write_leaves_no_trace(world: World, bad: Any) -> None:
    with served(world.document()) as client:
        before = listed(client, world)
        told = client("POST", world.path, world.sent(bad))
        assert told.status == 400
        assert listed(client, world) == before


@SLOW
@given(WORLDS)
def test_a_key_that_never_was_is_documented_or_made(world: World) -> None:
    key = {
        "uuid": "00000000-0000-4000-8000-000000000000",
        "integer": 987654321,
        "pattern": "ABC-987654",
        "string": "never-was",
    }[world.kind]
    with served(world.document()) as client:
        told = client("GET", world.item(key))
        if world.tells_404:
            assert told.status == 404
        else:
            assert (told.status, world.row(told.json)[world.key]) == (200, key)
            assert client("GET", world.item(key)).json == told.json


@SLOW
@given(WORLDS.filter(lambda world: world.own_schemas), BODIES)
def test_what_only_a_request_declares_is_never_shown(world: World, body: Any) -> None:
    with served(world.document()) as client:
        _, row = created(client, world, {**body, "password": "hunter2"})
        assert "password" not in row
        assert all("password" not in each for each in listed(client, world))
