"""Every schema has values that both validators take, and whatever is sent has its schema."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mockserver.catalogue import SPECS
from mockserver.engine.schema import Schemas, explain
from mockserver.engine.spec import Description, read_description
from tests.apis.assets.world import (
    NEVER,
    Feed,
    Json,
    fragment,
    ok,
    only_format,
    picture,
    plant,
    seed,
)

DESCRIPTION: Description = read_description(SPECS / "assets.yaml")
SCHEMAS = Schemas(DESCRIPTION.document)
COMPONENTS: Mapping[str, Any] = DESCRIPTION.document["components"]["schemas"]

FORMATS: dict[str, st.SearchStrategy[str]] = {
    "date-time": st.datetimes().map(lambda at: at.isoformat(timespec="milliseconds") + "Z"),
    "uuid": st.uuids().map(str),
    "uri": st.from_regex(r"https://[a-z]{1,8}\.example(/[a-z0-9]{0,8}){0,2}", fullmatch=True),
    "email": st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.example", fullmatch=True),
    "duration": st.sampled_from(["PT1M30S", "P1D", "PT0S", "P1Y2M3DT4H5M6S"]),
}


def named(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema itself, or the component that it refers to."""
    reference = schema.get("$ref")
    return COMPONENTS[reference.rpartition("/")[2]] if reference else schema


def values(schema: Mapping[str, Any], depth: int) -> st.SearchStrategy[Any]:
    """Values of a schema; optional members and items only down to that depth."""
    schema = named(schema)
    if schema.get("nullable"):
        bare = {name: entry for name, entry in schema.items() if name != "nullable"}
        return st.none() | values(bare, depth)
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema["type"] == "object":
        return _objects(schema, depth)
    if schema["type"] == "array":
        items = st.deferred(lambda: values(schema["items"], depth - 1))
        return st.lists(items, max_size=2) if depth > 0 else st.just([])
    return _scalars(schema)


def _objects(schema: Mapping[str, Any], depth: int) -> st.SearchStrategy[Any]:
    members = schema.get("properties", {})
    needed = {name: values(members[name], depth - 1) for name in schema.get("required", ())}
    others = [name for name in members if name not in needed] if depth > 0 else []
    # A few at a time: all of them together would be as wide as the description itself.
    few = st.lists(st.sampled_from(others), max_size=3, unique=True) if others else st.just([])
    made = few.flatmap(
        lambda names: st.fixed_dictionaries(
            {**needed, **{name: values(members[name], depth - 1) for name in names}}
        )
    )
    more = schema.get("additionalProperties")
    if isinstance(more, Mapping) and depth > 0:
        entries = st.dictionaries(st.text("xyz", min_size=1), values(more, depth - 1), max_size=2)
        return st.tuples(entries, made).map(lambda both: {**both[0], **both[1]})
    return made


def _scalars(schema: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    if schema["type"] == "boolean":
        return st.booleans()
    if schema["type"] == "integer":
        return st.integers(-(2**53), 2**53)
    if schema["type"] == "number":
        return st.floats(-1e9, 1e9) | st.integers(-1000, 1000)
    if "format" in schema:
        return FORMATS[schema["format"]]
    if "pattern" in schema:
        return st.from_regex(schema["pattern"])
    return st.text(min_size=schema.get("minLength", 0), max_size=schema.get("maxLength", 12))


def both_judge(name: str, value: Any) -> tuple[bool, bool]:
    """What jsonschema_rs and what jsonschema say of a value of a component."""
    schema = SCHEMAS.component(name)
    return (
        SCHEMAS.validator(schema).is_valid(value),
        explain(SCHEMAS.bundle(schema), value, "value") == [],
    )


few_examples = settings(
    max_examples=2,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("name", sorted(COMPONENTS))
@few_examples
@given(data=st.data())
def test_a_value_made_by_its_schema_is_valid_to_both_validators(
    name: str, data: st.DataObject
) -> None:
    value = data.draw(values(COMPONENTS[name], 3))
    assert both_judge(name, value) == (True, True)


@pytest.mark.parametrize(
    "name", sorted(name for name, schema in COMPONENTS.items() if schema.get("required"))
)
@few_examples
@given(data=st.data())
def test_a_value_without_a_required_member_is_valid_to_neither(
    name: str, data: st.DataObject
) -> None:
    value = data.draw(values(COMPONENTS[name], 1))
    del value[data.draw(st.sampled_from(COMPONENTS[name]["required"]))]
    assert both_judge(name, value) == (False, False)


@pytest.mark.parametrize("name", sorted(COMPONENTS))
def test_a_value_of_another_type_is_valid_to_neither(name: str) -> None:
    assert both_judge(name, [[]]) == (False, False)


# Strictness: what is sent has no member that its schema does not name


def strange(schema: Mapping[str, Any], value: Any, pointer: str = "") -> Iterator[str]:
    """Pointers to the members of a value that its schema does not name."""
    schema = named(schema)
    if isinstance(value, list):
        for at, item in enumerate(value):
            yield from strange(schema["items"], item, f"{pointer}/{at}")
    if isinstance(value, dict):
        members, more = schema.get("properties", {}), schema.get("additionalProperties")
        for name, item in value.items():
            if name in members:
                yield from strange(members[name], item, f"{pointer}/{name}")
            elif isinstance(more, Mapping):
                yield from strange(more, item, f"{pointer}/{name}")
            else:
                yield f"{pointer}/{name}"


def test_a_strange_member_is_noticed_wherever_it_is() -> None:
    asset = copy.deepcopy(DESCRIPTION.document["components"]["examples"]["Asset"]["value"])
    asset["preview"]["base"]["huh"] = 1
    asset["tags"] = {"iterable": [{"eh": 2}], "indices": {"any": 0}}
    found = set(strange(SCHEMAS.component("Asset"), asset))
    assert found == {"/preview/base/huh", "/tags/iterable/0/eh"}


METADATA: Json = {
    "name": "All of it",
    "tags": [{"text": "a", "category": "HANDLE"}],
    "websites": [{"url": "https://example.com/", "name": "A"}],
    "persons": [{"type": {"basic": {"name": "Noor"}}}],
    "annotations": [
        {"type": "DESCRIPTION", "text": "a", "favorited": True, "pseudo": False},
        {"type": "COMMENT", "text": "b", "mechanism": "MANUAL"},
    ],
    "hints": [{"type": "SUGGESTED_QUERY", "text": "a"}],
    "anchors": [{"type": "FILE", "fullpath": "/a", "name": "a", "watch": True}],
    "sensitives": [
        {
            "text": "a",
            "category": "SECRET",
            "severity": "LOW",
            "name": "a",
            "description": "a",
            "mechanism": "MANUAL",
            "metadata": {"entropy": 1},
        }
    ],
}
SENT = seed(fragment("a = 1\n", "py"), metadata=METADATA, demo=True, discovered=True)


Told = Iterator[tuple[str, httpx.Response]]


def told(operation: str, *answers: httpx.Response) -> Told:
    return ((operation, answer) for answer in answers)


def tour(client: httpx.Client) -> Told:
    """Each operation called, with and without success, in one life of a few assets."""
    gone = plant(client, seed(picture()))["id"]
    yield from told("assets_delete_asset", client.post(f"/assets/{gone}/delete"))
    asset = plant(client, SENT)
    plant(client, seed(picture(), pseudo=True))
    yield from _created(client)
    yield from _listed(client, asset)
    yield from _searched(client)
    yield from _read(client, (asset["id"], gone, NEVER, "-"))
    yield from _changed(client, asset, gone)
    yield from _session(client)
    for operation in DESCRIPTION.operations:
        if operation.stream is not None:
            yield operation.id, client.get(operation.path)


def _created(client: httpx.Client) -> Told:
    path, post = "/assets/create", client.post
    yield from told("assets_create_new_asset", post(path, json=SENT), post(path))
    yield from told("assets_create_new_asset", post(path, json=seed({})), post(path, data={}))
    yield from told("assets_create_new_asset", post(path + "?transferables=no"))
    yield from told("assets_create_new_asset", post(path, content=b"a"), client.put(path))
    path = "/assets/draft"
    yield from told("assets_draft", post(path, json=SENT), post(path), post(path, json=[]))
    yield from told("assets_draft", post(path + "?transferables=false", json=SENT))


def _listed(client: httpx.Client, asset: Json) -> Told:
    get = client.get
    yield from told("assets_snapshot", get("/assets?pseudo=true"), get("/assets?pseudo=maybe"))
    yield from told("assets_snapshot", get("/assets?transferables=false"))
    yield from told("assets_identifiers_snapshot", get("/assets/identifiers?pseudo=true"))
    yield from told("assets_pseudo_snapshot", get("/assets/pseudo"))
    yield from told("formats_snapshot", get("/formats"), get("/formats?transferables=false"))
    dealings = [{"asset": asset["id"], "interactions": {"viewed": "PT1M"}}]
    assets = {"iterable": [asset]}
    bodies = {
        "related": assets,
        "recommended": {"assets": assets, "interactions": {"iterable": dealings}},
    }
    for name, body in bodies.items():
        operation = f"assets_get_{name}_assets"
        for sent in (body, []):
            yield operation, client.request("GET", f"/assets/{name}", json=sent)
        yield operation, get(f"/assets/{name}")


def _searched(client: httpx.Client) -> Told:
    get, post = client.get, client.post
    yield from told("assets_search_assets", get("/assets/search?query=retry&pseudo=true"))
    yield from told("assets_search_assets", get("/assets/search?searchable_tags=python"))
    yield from told("assets_search_assets", get("/assets/search"))
    filters = {"filters": {"iterable": [{"classification": "py"}]}, "query": "retry"}
    yield from told("assets_search_with_filters", post("/assets/search", json=filters))
    yield from told("assets_search_with_filters", post("/assets/search", json={"filters": 1}))
    yield from told("full_text_search", get("/search/full_text?query=retry"))
    yield from told("neural_code_search", get("/search/neural_code?query=retry"))


def _read(client: httpx.Client, keys: tuple[str, ...]) -> Told:
    for operation, path in (
        ("assets_specific_asset_snapshot", "/assets/{}"),
        ("assets_specific_asset_formats_snapshot", "/assets/{}/formats"),
        ("asset_snapshot", "/asset/{}"),
        ("asset_specific_asset_export", "/asset/{}/export?export_type=MD"),
        ("asset_specific_asset_export", "/asset/{}/export?export_type=HTML"),
        ("asset_specific_asset_export", "/asset/{}/export"),
    ):
        yield from told(operation, *(client.get(path.format(key)) for key in keys))
    for body in ({"os": "a", "share": "b"}, None, 1):
        yield from told(
            "asset_snapshot_post", *(client.post(f"/asset/{key}", json=body) for key in keys)
        )


def _changed(client: httpx.Client, asset: Json, gone: str) -> Told:
    entry, post = only_format(asset), client.post
    yield from told("assets_delete_asset", post(f"/assets/{gone}/delete"))
    yield from told("assets_delete_asset", post(f"/assets/{NEVER}/delete"))
    yield from told("asset_update", post("/asset/update"), post("/asset/update", json={}))
    yield from told("asset_reclassify", post("/asset/reclassify"))
    for changed in ({"name": "b"}, {"id": gone}, {"id": NEVER}):
        sent = {**asset, **changed}
        yield from told("asset_update", post("/asset/update", json=sent))
        kind = {"ext": "ts", "asset": sent}
        yield from told("asset_reclassify", post("/asset/reclassify", json=kind))
    path = "/format/update/value"
    yield from told("format_update_value", post(path, json=entry), post(path))
    yield from told("format_update_value", post(path, json={**entry, "id": NEVER}))
    for key in (entry["id"], NEVER, "-"):
        yield from told("format_snapshot", client.get(f"/format/{key}"))


def _session(client: httpx.Client) -> Told:
    for name in ("health", "version"):
        yield from told(f"get_well_known_{name}", client.get(f"/.well-known/{name}"))
    yield from told("head_well_known_health", client.head("/.well-known/health"))
    application = {"name": "SUBLIME", "version": "9.9.9", "platform": "WINDOWS"}
    yield from told("connect", client.post("/connect", json={"application": application}))
    yield from told("connect", client.post("/connect"))
    for name in ("user", "models", "applications"):
        yield from told(f"{name}_snapshot", client.get(f"/{name}"))
    vision = "workstream_pattern_engine/processors/vision/status"
    yield from told(vision.replace("/", "_"), client.get(f"/{vision}"))


@pytest.fixture(scope="module")
def answers(server: Any) -> list[tuple[str, httpx.Response]]:
    """What the tour gets in a world with fixtures."""
    with httpx.Client(base_url=f"{server.url}/@tour-of-schemas") as client:
        return list(tour(client))


def judged(operation_id: str, status: int, content_type: str, body: bytes) -> list[str]:
    """What is wrong with an answer, by what its operation documents."""
    operation = next(one for one in DESCRIPTION.operations if one.id == operation_id)
    documented = operation.response(status)
    if documented is None:
        return [f"{status} is not documented"]
    media_type = content_type.partition(";")[0]
    schema = documented.content.get(media_type)
    if schema is None:
        return [f"{media_type} is not documented for {status}"]
    is_text = media_type.startswith("text/")
    value = body.decode() if is_text else httpx.Response(200, content=body).json()
    return [*map(str, SCHEMAS.violations(schema, value, "answer")), *strange(schema, value)]


def test_the_tour_comes_by_every_operation(answers: list[tuple[str, httpx.Response]]) -> None:
    seen = {operation for operation, _ in answers}
    assert seen == {operation.id for operation in DESCRIPTION.operations}
    assert len(seen) == 40
    well = {operation for operation, answer in answers if answer.status_code == 200}
    assert well == seen
    assert {answer.status_code for _, answer in answers} == {200, 400, 404, 405, 410, 415, 500}


def test_500_is_answered_only_by_a_search_for_nothing(
    answers: list[tuple[str, httpx.Response]],
) -> None:
    broken = [operation for operation, answer in answers if answer.status_code == 500]
    assert broken == ["assets_search_assets"]


@pytest.mark.parametrize("operation", sorted(one.id for one in DESCRIPTION.operations))
def test_every_answer_has_its_schema_and_nothing_besides(
    answers: list[tuple[str, httpx.Response]], operation: str
) -> None:
    for _, answer in (one for one in answers if one[0] == operation):
        sent = (answer.status_code, answer.headers["content-type"], answer.content)
        assert judged(operation, *sent) == []


@pytest.mark.parametrize(
    "operation",
    [one for one in DESCRIPTION.operations if one.stream is not None and one.id != "qgpt_stream"],
    ids=lambda operation: operation.id,
)
def test_every_frame_has_its_schema_and_nothing_besides(
    sandbox_url: str, client: httpx.Client, operation: Any
) -> None:
    documented = operation.response(200)
    [media_type] = documented.content
    with Feed(sandbox_url, operation.path) as feed:
        frames = [feed.text()]
        if "collection" in operation.stream:
            asset = plant(client, seed(fragment("a"), metadata=METADATA))
            ok(client.post("/asset/update", json={**asset, "name": "b"}))
            client.post(f"/assets/{asset['id']}/delete")
            frames += [feed.text() for _ in range(3)]
    for frame in frames:
        assert judged(operation.id, 200, media_type, frame.encode()) == []


def test_an_empty_world_has_its_schemas_too(start: Any) -> None:
    with start("--quiet", "--no-fixtures") as running, httpx.Client(base_url=running.url) as client:
        for operation, answer in tour(client):
            sent = (answer.status_code, answer.headers["content-type"], answer.content)
            assert judged(operation, *sent) == [], operation
