"""Assets from the seed to the grave: created, read, changed, exported, deleted."""

from __future__ import annotations

import base64
import copy
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.catalogue import Mock, Settings
from mockserver.state.sandboxes import Rules
from mockserver.state.sources import parse_clock
from tests.apis.assets.world import (
    APPLICATION,
    NEVER,
    PNG,
    Json,
    bytes_of,
    create,
    fragment,
    ids,
    is_uuid4,
    listed,
    members,
    ok,
    only_format,
    picture,
    plant,
    positions,
    read,
    seed,
    text_of,
    without_contents,
)
from tests.running import Server

TEXT = "def greet() -> str:\n    return 'Grüße 🌍?>'\n"
BASE64 = base64.b64encode(TEXT.encode()).decode()
BASE64_URL = base64.urlsafe_b64encode(TEXT.encode()).decode()
DATA_URL = f"data:text/x-python;base64,{BASE64}"
FORMS = {"raw": TEXT, "base64": BASE64, "base64_url": BASE64_URL, "data_url": DATA_URL}

Refuse = Callable[..., httpx.Response]

STANDING_STILL = Settings(Rules(clock=parse_clock("2025-01-01T00:00:00Z")))


@pytest.fixture(scope="module")
def shared(server: Server) -> Iterator[httpx.Client]:
    """A client of one sandbox for all examples of a property."""
    with httpx.Client(base_url=f"{server.url}/@lifecycle-properties") as client:
        yield client


# Creating


@pytest.mark.parametrize("kind", ["fragment", "file"])
@pytest.mark.parametrize("form", FORMS)
def test_a_string_becomes_text_and_bytes(client: httpx.Client, kind: str, form: str) -> None:
    made = only_format(plant(client, seed({kind: {"string": {form: FORMS[form]}}})))
    assert (text_of(made), bytes_of(made)) == (TEXT, TEXT.encode())
    assert {"fragment", "file"} & made.keys() == {kind}


@pytest.mark.parametrize("kind", ["fragment", "file"])
@pytest.mark.parametrize("form", FORMS)
def test_bytes_that_are_text_become_text_and_bytes(
    client: httpx.Client, kind: str, form: str
) -> None:
    data = list(FORMS[form].encode())
    made = only_format(plant(client, seed({kind: {"bytes": {form: data}}})))
    assert (text_of(made), bytes_of(made)) == (TEXT, TEXT.encode())
    assert {"fragment", "file"} & made.keys() == {kind}


@pytest.mark.parametrize("form", ["raw", "base64", "base64_url", "data_url"])
def test_bytes_that_are_no_text_stay_bytes(client: httpx.Client, form: str) -> None:
    encoded = {
        "raw": PNG,
        "base64": base64.b64encode(PNG),
        "base64_url": base64.urlsafe_b64encode(PNG),
        "data_url": b"data:image/png;base64," + base64.b64encode(PNG),
    }[form]
    made = only_format(plant(client, seed({"file": {"bytes": {form: list(encoded)}}})))
    assert bytes_of(made) == PNG
    assert "string" not in made["file"]


def test_whole_numbers_written_with_a_point_are_bytes_as_well(client: httpx.Client) -> None:
    made = plant(client, seed({"fragment": {"bytes": {"raw": [104.0, 105.0]}}}))
    assert bytes_of(only_format(made)) == b"hi"


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("data:text/plain,hello%20world", "hello world"),
        ("data:,QUJD", "QUJD"),
        ("data:text/plain;charset=utf-8;base64,R3LDvMOfZQ==", "Grüße"),
    ],
)
def test_data_urls_are_in_base64_only_when_they_say_so(
    client: httpx.Client, url: str, text: str
) -> None:
    made = plant(client, seed({"fragment": {"string": {"data_url": url}}}))
    assert text_of(only_format(made)) == text


@given(st.text(max_size=50))
@settings(max_examples=50)
def test_any_text_comes_back_as_it_went(shared: httpx.Client, text: str) -> None:
    made = plant(shared, seed(fragment(text)))
    entry = only_format(read(shared, made["id"]))
    assert (text_of(entry), bytes_of(entry)) == (text, text.encode())
    assert entry["bytes"]["value"] == len(text.encode())


@given(st.binary(max_size=50))
@settings(max_examples=50)
def test_any_bytes_come_back_as_they_went(shared: httpx.Client, data: bytes) -> None:
    made = plant(shared, seed(picture(data)))
    entry = only_format(read(shared, made["id"]))
    assert bytes_of(entry) == data
    assert entry["bytes"]["value"] == len(data)


@pytest.mark.parametrize(
    ("size", "readable"), [(0, "0 B"), (11, "11 B"), (1023, "1023 B"), (1024, "1 KB")]
)
def test_the_byte_descriptor_says_the_size(client: httpx.Client, size: int, readable: str) -> None:
    made = only_format(create(client, "a" * size))
    assert made["bytes"] == {"value": size, "readable": readable}


WRONG_CONTENTS = [
    ({"fragment": {"string": {"raw": "a"}}, "file": {"string": {"raw": "a"}}}, ""),
    ({}, ""),
    ({"fragment": {"string": {"raw": "a"}, "bytes": {"raw": [97]}}}, "/fragment"),
    ({"fragment": {}}, "/fragment"),
    ({"file": {"string": {"raw": "a"}, "bytes": {"raw": [97]}}}, "/file"),
    ({"file": {"metadata": {"name": "a.py"}}}, "/file"),
    ({"fragment": {"string": {}}}, "/fragment/string"),
    ({"fragment": {"bytes": {}}}, "/fragment/bytes"),
    ({"fragment": {"string": {"base64": "%%%"}}}, "/fragment/string/base64"),
    ({"fragment": {"string": {"base64": "/w=="}}}, "/fragment/string/base64"),
    ({"fragment": {"string": {"base64_url": "a"}}}, "/fragment/string/base64_url"),
    ({"file": {"bytes": {"raw": [97, 256]}}}, "/file/bytes/raw"),
    ({"file": {"bytes": {"raw": [-1]}}}, "/file/bytes/raw"),
    ({"file": {"bytes": {"raw": [10**30]}}}, "/file/bytes/raw"),
    ({"file": {"bytes": {"base64": [37, 37]}}}, "/file/bytes/base64"),
]


@pytest.mark.parametrize(("content", "pointer"), WRONG_CONTENTS)
def test_a_seed_needs_exactly_one_content(
    client: httpx.Client, content: Json, pointer: str
) -> None:
    before = listed(client, pseudo=True)
    refused = client.post("/assets/create", json=seed(content))
    assert refused.status_code == 400, refused.text
    assert refused.headers["content-type"] == "application/problem+json"
    assert [error["pointer"] for error in refused.json()["errors"]] == [f"/asset/format{pointer}"]
    assert listed(client, pseudo=True) == before


def test_creating_without_a_body_is_refused(client: httpx.Client) -> None:
    refused = client.post("/assets/create")
    assert (refused.status_code, refused.json()["status"]) == (400, 400)


@pytest.mark.parametrize("sent", [{}, {"type": "SEEDED_ASSET"}, {"asset": None}])
def test_creating_from_a_seed_without_an_asset_is_refused(client: httpx.Client, sent: Json) -> None:
    refused = client.post("/assets/create", json=sent)
    assert refused.status_code == 400
    assert refused.headers["content-type"] == "application/problem+json"


METADATA: Json = {
    "name": "Wake the printer",
    "mechanism": "AUTOMATIC",
    "tags": [{"text": "printer"}, {"text": "@mira", "category": "HANDLE"}],
    "websites": [{"url": "https://example.com/a", "name": "A"}],
    "persons": [{"type": {"basic": {"name": "Noor", "email": "noor@example.com"}}}],
    "annotations": [
        {"type": "DESCRIPTION", "text": "Sends one byte.", "favorited": True},
        {"type": "COMMENT", "text": "Twice.", "pseudo": True, "mechanism": "RECOMMENDED"},
    ],
    "hints": [{"type": "SUGGESTED_QUERY", "text": "Which port?"}],
    "anchors": [
        {"type": "FILE", "fullpath": "/srv/wake.py"},
        {"type": "DIRECTORY", "fullpath": "/srv", "name": "The folder", "watch": True},
    ],
    "sensitives": [
        {
            "text": "hunter2",
            "category": "SECRET",
            "severity": "HIGH",
            "name": "A password",
            "description": "Of the printer.",
            "metadata": {"entropy": 2.5},
        }
    ],
}
MATERIALS = ("tags", "websites", "persons", "annotations", "hints", "anchors", "sensitives")


def test_the_metadata_of_a_seed_are_on_the_asset(client: httpx.Client) -> None:
    made = plant(client, seed(fragment(TEXT), metadata=METADATA))
    assert (made["name"], made["mechanism"]) == ("Wake the printer", "AUTOMATIC")
    tags, websites = made["tags"]["iterable"], made["websites"]["iterable"]
    assert [(tag["text"], tag["category"]) for tag in tags] == [
        ("printer", "UNKNOWN"),
        ("@mira", "HANDLE"),
    ]
    assert [(site["url"], site["name"]) for site in websites] == [("https://example.com/a", "A")]
    [person] = made["persons"]["iterable"]
    assert person["type"] == METADATA["persons"][0]["type"]
    described, commented = made["annotations"]["iterable"]
    assert (described["type"], described["text"]) == ("DESCRIPTION", "Sends one byte.")
    assert (described["favorited"], commented["pseudo"]) == (True, True)
    assert commented["mechanism"] == "RECOMMENDED"
    [hint] = made["hints"]["iterable"]
    assert (hint["type"], hint["text"]) == ("SUGGESTED_QUERY", "Which port?")
    file, folder = made["anchors"]["iterable"]
    assert (file["type"], file["name"]) == ("FILE", "/srv/wake.py")
    assert (folder["type"], folder["name"], folder["watch"]) == ("DIRECTORY", "The folder", True)
    [secret] = made["sensitives"]["iterable"]
    told = METADATA["sensitives"][0]
    assert {name: secret[name] for name in told} == told
    assert secret["asset"]["id"] == made["id"]


def test_every_material_has_an_id_and_timestamps_of_its_own(client: httpx.Client) -> None:
    made = plant(client, seed(fragment(TEXT), metadata=METADATA))
    materials = [item for kind in MATERIALS for item in made[kind]["iterable"]]
    keys = [item["id"] for item in materials]
    assert len(set(keys)) == len(keys) == sum(len(METADATA[kind]) for kind in MATERIALS)
    assert all(map(is_uuid4, keys))
    assert all(item["created"] == item["updated"] == made["created"] for item in materials)
    again = plant(client, seed(fragment(TEXT), metadata=METADATA))
    assert not set(keys) & {item["id"] for kind in MATERIALS for item in again[kind]["iterable"]}


@pytest.mark.parametrize("kind", MATERIALS[:-1])
def test_lists_of_materials_have_their_positions(client: httpx.Client, kind: str) -> None:
    made = plant(client, seed(fragment(TEXT), metadata=METADATA))[kind]
    assert made["indices"] == positions(ids(made))


@pytest.mark.parametrize(
    ("kind", "maps"),
    [
        ("tags", {"mechanisms"}),
        ("websites", {"mechanisms"}),
        ("hints", {"mechanisms"}),
        ("persons", {"mechanisms", "access", "models"}),
    ],
)
def test_materials_have_the_maps_that_older_clients_need(
    client: httpx.Client, kind: str, maps: set[str]
) -> None:
    [first, *_] = plant(client, seed(fragment(TEXT), metadata=METADATA))[kind]["iterable"]
    assert {name: first[name] for name in maps} == {name: {} for name in maps}


def test_a_seed_without_metadata_has_empty_lists_of_materials(client: httpx.Client) -> None:
    made = plant(client, seed(fragment(TEXT)))
    assert [made[kind]["iterable"] for kind in MATERIALS] == [[] for _ in MATERIALS]


@pytest.mark.parametrize(
    ("content", "generic", "specific"),
    [
        (fragment("no code at all", "ts"), "CODE", "ts"),
        (fragment(TEXT), "CODE", "py"),
        (fragment("Bread, milk, and a pound of tea."), "TEXT", "text"),
        (fragment('{"a": [1, 2]}'), "CODE", "json"),
        ({"file": {"string": {"raw": "a"}, "metadata": {"ext": "md"}}}, "TEXT", "md"),
        (picture(), "IMAGE", "png"),
        (picture(b"\xfe\x00\x01"), "FILE", "bin"),
    ],
)
def test_the_kind_comes_from_the_extension_or_else_the_content(
    client: httpx.Client, content: Json, generic: str, specific: str
) -> None:
    made = plant(client, seed(content))
    assert only_format(made)["classification"] == {"generic": generic, "specific": specific}


@pytest.mark.parametrize(
    ("content", "metadata", "name"),
    [
        (fragment(TEXT), {"name": "Mine"}, "Mine"),
        ({"file": {"string": {"raw": TEXT}, "metadata": {"name": "hi.py"}}}, {}, "hi.py"),
        ({"file": {"string": {"raw": TEXT}, "metadata": {"name": "hi.py"}}}, {"name": "A"}, "A"),
        (fragment(TEXT), {}, "Code Snippet"),
        (fragment("Bread, milk, and a pound of tea."), {}, "Text Snippet"),
        (picture(), {}, "Image"),
        (picture(b"\xfe\x00\x01"), {"name": ""}, "Snippet"),
    ],
)
def test_a_missing_name_is_the_files_or_made_up(
    client: httpx.Client, content: Json, metadata: Json, name: str
) -> None:
    assert plant(client, seed(content, metadata=metadata))["name"] == name


def test_ids_are_version_4_uuids_and_never_come_twice(client: httpx.Client) -> None:
    made = [create(client) for _ in range(5)]
    keys = [key for asset in made for key in (asset["id"], only_format(asset)["id"])]
    assert all(map(is_uuid4, keys))
    assert len(set(keys)) == 10


def test_the_one_format_is_original_and_preview(client: httpx.Client) -> None:
    made = create(client, TEXT)
    entry = only_format(made)
    assert entry["role"] == "BOTH"
    assert made["original"]["id"] == made["preview"]["base"]["id"] == entry["id"]
    flattened = {**entry, "asset": made["id"]}
    assert made["original"]["reference"] == made["preview"]["base"]["reference"] == flattened


def test_a_format_carries_its_asset_in_flattened_form(client: httpx.Client) -> None:
    made = create(client, TEXT, "Mine")
    entry = only_format(made)
    told = ("id", "name", "creator", "created", "updated", "mechanism", "pseudo")
    assert {name: entry["asset"][name] for name in told} == {name: made[name] for name in told}
    assert entry["asset"]["formats"] == {"iterable": [{"id": entry["id"]}]}
    assert entry["asset"]["original"] == entry["asset"]["preview"]["base"] == entry["id"]


def test_the_creator_is_the_user(client: httpx.Client) -> None:
    made = create(client)
    user = ok(client.get("/user"))["user"]["id"]
    assert made["creator"] == only_format(made)["creator"] == user


def test_the_application_of_a_format_is_the_seeds(client: httpx.Client) -> None:
    assert only_format(create(client))["application"] == APPLICATION


def test_a_new_asset_is_the_first_of_the_list(client: httpx.Client) -> None:
    before = listed(client)
    one, other = create(client), create(client)
    assert listed(client) == [other["id"], one["id"], *before]


@pytest.mark.parametrize(
    "path", ["/assets/{}", "/asset/{}", "/asset/{}?transferables=true&suggested=true"]
)
def test_what_create_answers_is_what_is_read(client: httpx.Client, path: str) -> None:
    made = plant(client, seed(fragment(TEXT), metadata=METADATA))
    assert ok(client.get(path.format(made["id"]))) == made


def test_reading_by_post_tells_the_same_whoever_opens_it(client: httpx.Client) -> None:
    made = create(client)
    assert ok(client.post(f"/asset/{made['id']}")) == made
    assert ok(client.post(f"/asset/{made['id']}", json={"os": "a", "share": "b"})) == made


# Transferables


def _entries(client: httpx.Client, **query: bool) -> Iterator[tuple[str, Any]]:
    """What every operation with that parameter answers, of a world with one more asset."""
    sent = seed(fragment(TEXT), metadata={"name": "All of it"})
    asset = plant(client, sent, **query)
    yield "create", asset
    key = asset["id"]
    yield "list", ok(client.get("/assets", params=query))
    yield "read", ok(client.get(f"/assets/{key}", params=query))
    yield "read in the singular", ok(client.get(f"/asset/{key}", params=query))
    yield "read by post", ok(client.post(f"/asset/{key}", params=query))
    yield "formats", ok(client.get(f"/assets/{key}/formats", params=query))
    yield "all formats", ok(client.get("/formats", params=query))
    whole = read(client, key)
    yield "update", ok(client.post("/asset/update", json=whole, params=query))
    kind = {"ext": "py", "asset": whole}
    yield "reclassify", ok(client.post("/asset/reclassify", json=kind, params=query))
    yield "search", ok(client.get("/assets/search", params={"query": "All of it", **query}))
    yield "filter", ok(client.post("/assets/search", json={}, params=query))
    single = {name.removesuffix("s"): value for name, value in query.items()}
    entry = only_format(whole)
    yield "format", ok(client.get(f"/format/{entry['id']}", params=single))
    yield "update value", ok(client.post("/format/update/value", json=entry, params=single))
    yield "draft", ok(client.post("/assets/draft", json=sent, params=query))


def test_with_transferables_every_answer_has_contents(client: httpx.Client) -> None:
    for name, value in _entries(client):
        assert "string" in set(members(value)), name


def test_without_transferables_no_answer_has_contents(client: httpx.Client) -> None:
    for name, value in _entries(client, transferables=False):
        assert not {"string", "bytes"} & _parts(value), name


def _parts(value: Any) -> set[str]:
    """The members of all fragments and files in a value."""
    if isinstance(value, dict):
        nested = {part for item in value.values() for part in _parts(item)}
        own = {part for name in ("fragment", "file") for part in value.get(name, ())}
        return nested | own
    return {part for item in value for part in _parts(item)} if isinstance(value, list) else set()


@pytest.mark.parametrize("path", ["/assets/{}", "/assets/{}/formats", "/assets?pseudo=true"])
def test_without_transferables_everything_else_stays(client: httpx.Client, path: str) -> None:
    made = plant(client, seed(fragment(TEXT), metadata=METADATA))
    where = path.format(made["id"])
    bare = ok(client.get(where + ("&" if "?" in path else "?") + "transferables=false"))
    assert bare == without_contents(ok(client.get(where)))
    if where.endswith(made["id"]):
        assert bare["original"]["reference"]["bytes"]["value"] == len(TEXT.encode())


def test_without_transferables_an_overlay_has_no_contents_either(client: httpx.Client) -> None:
    made = create(client, TEXT)
    made["preview"]["overlay"] = made["original"]
    ok(client.post("/asset/update", json=made))
    bare = read(client, made["id"], transferables=False)
    assert bare["preview"]["overlay"]["id"] == made["original"]["id"]
    assert not {"fragment", "file"} & set(members(bare))


# Drafts


def test_a_draft_stores_nothing(client: httpx.Client) -> None:
    before = listed(client, pseudo=True)
    ok(client.post("/assets/draft", json=seed(fragment(TEXT), metadata=METADATA)))
    assert listed(client, pseudo=True) == before


def test_a_draft_says_what_creating_would_find_out(client: httpx.Client) -> None:
    sent = seed(fragment(TEXT))
    drafted = ok(client.post("/assets/draft", json=sent))["asset"]
    made = plant(client, sent)
    kind = only_format(made)["classification"]
    assert drafted["format"]["classification"] == kind == {"generic": "CODE", "specific": "py"}
    assert drafted["metadata"]["name"] == made["name"]
    assert drafted["application"] == APPLICATION
    assert drafted["format"]["fragment"] == sent["asset"]["format"]["fragment"]


def test_a_draft_can_be_created(client: httpx.Client) -> None:
    sent = seed(fragment(TEXT), metadata=METADATA)
    made = plant(client, ok(client.post("/assets/draft", json=sent)))
    assert (made["name"], text_of(only_format(made))) == (METADATA["name"], TEXT)


def test_a_draft_of_a_picture_comes_back_unchanged(client: httpx.Client) -> None:
    sent = seed(picture(), metadata={"tags": [{"text": "a"}]})
    assert ok(client.post("/assets/draft", json=sent)) == sent


@pytest.mark.parametrize("content", [content for content, _ in WRONG_CONTENTS])
def test_a_draft_that_cannot_be_an_asset_comes_back_as_it_came(
    client: httpx.Client, content: Json
) -> None:
    sent = seed(content)
    assert ok(client.post("/assets/draft", json=sent)) == sent


@pytest.mark.parametrize("sent", [{}, {"type": "SEEDED_FORMAT"}])
def test_a_draft_without_an_asset_comes_back_as_it_came(client: httpx.Client, sent: Json) -> None:
    assert ok(client.post("/assets/draft", json=sent)) == sent


def test_a_draft_without_a_body_is_an_empty_seed(client: httpx.Client) -> None:
    assert ok(client.post("/assets/draft")) == {}


# Deleting


def _touching(asset: Json) -> dict[str, Callable[[httpx.Client], httpx.Response]]:
    """Everything that can be asked of one asset."""
    key = asset["id"]
    entry = only_format(asset)
    kind = {"ext": "py", "asset": asset}
    return {
        "read": lambda client: client.get(f"/assets/{key}"),
        "read in the singular": lambda client: client.get(f"/asset/{key}"),
        "read by post": lambda client: client.post(f"/asset/{key}"),
        "formats": lambda client: client.get(f"/assets/{key}/formats"),
        "export": lambda client: client.get(f"/asset/{key}/export", params={"export_type": "MD"}),
        "format": lambda client: client.get(f"/format/{entry['id']}"),
        "update": lambda client: client.post("/asset/update", json=asset),
        "reclassify": lambda client: client.post("/asset/reclassify", json=kind),
        "update value": lambda client: client.post("/format/update/value", json=entry),
        "delete": lambda client: client.post(f"/assets/{key}/delete"),
    }


TOUCHING = (
    "read",
    "read in the singular",
    "read by post",
    "formats",
    "export",
    "format",
    "update",
    "reclassify",
    "update value",
    "delete",
)


@pytest.mark.parametrize(
    "accepted", ["application/json", "text/plain", "application/json, text/plain", "*/*"]
)
def test_deleting_answers_the_bare_id_whatever_is_accepted(
    client: httpx.Client, accepted: str
) -> None:
    key = create(client)["id"]
    answer = client.post(f"/assets/{key}/delete", headers={"Accept": accepted})
    assert (answer.status_code, answer.text) == (200, key)
    assert answer.headers["content-type"].partition(";")[0] == "text/plain"


def test_what_is_deleted_is_in_no_list(client: httpx.Client) -> None:
    before = listed(client)
    made = create(client, name="Soon gone")
    client.post(f"/assets/{made['id']}/delete")
    assert listed(client) == before
    assert ids(ok(client.get("/assets/identifiers"))) == before
    assert only_format(made)["id"] not in ids(ok(client.get("/formats")))
    hits = ok(client.get("/assets/search", params={"query": "Soon gone"}))
    assert made["id"] not in [hit["identifier"] for hit in hits["iterable"]]


@pytest.mark.parametrize("name", TOUCHING)
def test_what_is_deleted_answers_410_in_plain_text(client: httpx.Client, name: str) -> None:
    asset = create(client)
    assert client.post(f"/assets/{asset['id']}/delete").status_code == 200
    answer = _touching(asset)[name](client)
    assert answer.status_code == 410
    assert answer.headers["content-type"].partition(";")[0] == "text/plain"
    assert answer.text


@pytest.mark.parametrize("name", TOUCHING)
def test_what_never_was_answers_404_in_plain_text(client: httpx.Client, name: str) -> None:
    asset = create(client)
    asset["id"] = NEVER
    asset["formats"]["iterable"][0]["id"] = NEVER
    answer = _touching(asset)[name](client)
    assert answer.status_code == 404
    assert answer.headers["content-type"].partition(";")[0] == "text/plain"
    assert answer.text


@pytest.mark.parametrize("name", TOUCHING)
def test_ids_may_come_in_upper_case(client: httpx.Client, name: str) -> None:
    asset = create(client)
    shouted = copy.deepcopy(asset)
    shouted["id"] = asset["id"].upper()
    if name != "update":
        shouted["formats"]["iterable"][0]["id"] = only_format(asset)["id"].upper()
    answer = _touching(shouted)[name](client)
    assert answer.status_code == 200, answer.text
    assert asset["id"].upper() not in answer.text


def test_an_update_may_name_its_formats_in_upper_case(client: httpx.Client) -> None:
    asset = create(client)
    bare = read(client, asset["id"], transferables=False)
    bare["formats"]["iterable"][0]["id"] = only_format(asset)["id"].upper()
    ok(client.post("/asset/update", json=bare))
    kept = ok(client.get(f"/format/{only_format(asset)['id']}"))
    assert text_of(kept) == "x = 1"


@pytest.mark.parametrize("path", ["/assets/{}", "/asset/{}", "/assets/{}/formats", "/format/{}"])
def test_what_is_no_uuid_is_refused(client: httpx.Client, path: str) -> None:
    answer = client.get(path.format("not-an-id"))
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


# Changing


def test_an_update_replaces_the_whole_asset(client: httpx.Client) -> None:
    made = plant(client, seed(fragment(TEXT), metadata=METADATA))
    changed = {name: made[name] for name in made if name not in {"tags", "websites", "score"}}
    changed |= {"name": "Anew", "favorited": True, "mechanism": "RECOMMENDED"}
    answer = ok(client.post("/asset/update", json=changed))
    assert (answer["name"], answer["favorited"]) == ("Anew", True)
    assert not {"tags", "websites", "score"} & answer.keys()
    assert only_format(answer)["asset"]["name"] == "Anew"
    assert read(client, made["id"]) == answer


def test_an_update_keeps_when_the_asset_was_created(client: httpx.Client) -> None:
    made = create(client)
    other = {"value": "1999-12-31T23:59:59Z"}
    answer = ok(client.post("/asset/update", json={**made, "created": other, "updated": other}))
    assert answer["created"] == made["created"]
    assert answer["updated"] != other


@pytest.mark.parametrize("mock", [STANDING_STILL], indirect=True)
def test_every_change_sets_updated(asgi: httpx.Client) -> None:
    made = create(asgi)
    assert made["created"] == made["updated"] == {"value": "2025-01-01T00:00:00.000Z"}
    told = [ok(asgi.post("/asset/update", json=made))]
    told.append(ok(asgi.post("/asset/reclassify", json={"ext": "ts", "asset": made})))
    ok(asgi.post("/format/update/value", json=only_format(made)))
    told.append(read(asgi, made["id"]))
    instants = [datetime.fromisoformat(asset["updated"]["value"]) for asset in told]
    start = datetime(2025, 1, 1, tzinfo=UTC)
    assert [(instant - start).microseconds for instant in instants] == [1000, 2000, 3000]
    assert {asset["created"]["value"] for asset in told} == {"2025-01-01T00:00:00.000Z"}
    assert only_format(told[-1])["updated"] == told[-1]["updated"]


def test_an_update_keeps_contents_that_were_left_out(client: httpx.Client) -> None:
    made = create(client, TEXT)
    bare = read(client, made["id"], transferables=False)
    answer = ok(client.post("/asset/update", json={**bare, "name": "Anew"}))
    assert answer["name"] == "Anew"
    assert only_format(answer)["fragment"] == only_format(made)["fragment"]
    assert only_format(answer)["bytes"] == only_format(made)["bytes"]
    assert answer["original"]["reference"]["fragment"] == only_format(made)["fragment"]


def test_an_update_without_formats_keeps_them(client: httpx.Client) -> None:
    made = create(client, TEXT)
    answer = ok(client.post("/asset/update", json={**made, "formats": {"iterable": []}}))
    assert text_of(only_format(answer)) == TEXT


def test_an_update_may_change_the_contents(client: httpx.Client) -> None:
    made = create(client, TEXT)
    made["formats"]["iterable"][0]["fragment"]["string"]["raw"] = "Neu: ä"
    answer = ok(client.post("/asset/update", json=made))
    entry = only_format(answer)
    assert (text_of(entry), bytes_of(entry)) == ("Neu: ä", "Neu: ä".encode())
    assert entry["bytes"] == {"value": 7, "readable": "7 B"}
    assert text_of(answer["preview"]["base"]["reference"]) == "Neu: ä"


def _second(made: Json, text: str = "two") -> Json:
    """The asset with one more format, which is its preview."""
    extra = copy.deepcopy(only_format(made))
    extra |= {"id": "1b671a64-40d5-491e-99b0-da01ff1f3341", "role": "PREVIEW"}
    extra["fragment"] = {"string": {"raw": text}}
    formats = {"iterable": [only_format(made), extra]}
    return {**made, "formats": formats, "preview": {"base": {"id": extra["id"]}}}


def test_an_update_may_add_a_format_and_take_it_away_again(client: httpx.Client) -> None:
    made = create(client, "one")
    two = ok(client.post("/asset/update", json=_second(made)))
    first, second = two["formats"]["iterable"]
    assert text_of(ok(client.get(f"/format/{second['id']}"))) == "two"
    assert two["preview"]["base"]["reference"]["id"] == second["id"]
    assert two["original"]["reference"]["id"] == first["id"]
    again = ok(client.post("/asset/update", json=made))
    assert ids(again["formats"]) == [first["id"]]
    assert client.get(f"/format/{second['id']}").status_code == 410
    assert client.get(f"/format/{first['id']}").status_code == 200


def test_an_update_does_not_make_an_asset_undeletable(client: httpx.Client) -> None:
    made = create(client)
    entry = only_format(made)
    client.post("/asset/update", json={**made, "formats": {"iterable": [entry, entry]}})
    gone = client.post(f"/assets/{made['id']}/delete")
    assert (gone.status_code, gone.text) == (200, made["id"])


def test_an_update_cannot_take_the_format_of_another_asset(client: httpx.Client) -> None:
    one, other = create(client, "one"), create(client, "other")
    client.post("/asset/update", json={**other, "formats": one["formats"]})
    assert client.post(f"/assets/{other['id']}/delete").status_code == 200
    assert text_of(ok(client.get(f"/format/{only_format(one)['id']}"))) == "one"
    assert client.post(f"/assets/{one['id']}/delete").status_code == 200


@pytest.mark.parametrize("size", [3, 3.0, 0, -1])
def test_the_size_of_a_format_without_contents_may_be_any_integer(
    client: httpx.Client, size: float
) -> None:
    made = create(client)
    extra = {**without_contents(only_format(made)), "id": "1b671a64-40d5-491e-99b0-da01ff1f3341"}
    extra["bytes"] = {"value": size, "readable": "?"}
    formats = {"iterable": [only_format(made), extra]}
    answer = client.post("/asset/update", json={**made, "formats": formats})
    assert answer.status_code == 200, answer.text


def test_an_update_without_a_body_is_refused(client: httpx.Client) -> None:
    for path in ("/asset/update", "/asset/reclassify", "/format/update/value"):
        assert client.post(path).status_code == 400


def test_an_update_leaves_the_place_in_the_list(client: httpx.Client) -> None:
    one, other = create(client), create(client)
    ok(client.post("/asset/update", json={**one, "name": "Anew"}))
    assert listed(client)[:2] == [other["id"], one["id"]]


@pytest.mark.parametrize(("ext", "generic"), [("ts", "CODE"), ("md", "TEXT"), ("png", "IMAGE")])
def test_reclassifying_changes_the_kind_and_nothing_else(
    client: httpx.Client, ext: str, generic: str
) -> None:
    made = create(client, TEXT)
    answer = ok(client.post("/asset/reclassify", json={"ext": ext, "asset": made}))
    kind = {"generic": generic, "specific": ext}
    entry = only_format(answer)
    assert entry["classification"] == kind
    assert answer["original"]["reference"]["classification"] == kind
    assert answer["preview"]["base"]["reference"]["classification"] == kind
    assert entry["fragment"] == only_format(made)["fragment"]
    assert (answer["name"], answer["created"]) == (made["name"], made["created"])
    assert read(client, made["id"]) == answer


def test_reclassifying_takes_nothing_else_from_the_asset_sent(client: httpx.Client) -> None:
    made = create(client, TEXT, "Mine")
    bare = read(client, made["id"], transferables=False)
    answer = ok(
        client.post("/asset/reclassify", json={"ext": "ts", "asset": {**bare, "name": "Other"}})
    )
    assert (answer["name"], text_of(only_format(answer))) == ("Mine", TEXT)


def _update_value(client: httpx.Client, entry: Json, part: Json, **query: bool) -> Json:
    kept = {name: entry[name] for name in entry if name not in {"fragment", "file"}}
    answer: Json = ok(client.post("/format/update/value", json={**kept, **part}, params=query))
    return answer


def test_a_new_value_shows_wherever_the_format_does(client: httpx.Client) -> None:
    made = create(client, TEXT)
    answer = _update_value(client, only_format(made), {"fragment": {"string": {"raw": "Ä"}}})
    now = read(client, made["id"])
    everywhere = [
        answer,
        ok(client.get(f"/format/{answer['id']}")),
        only_format(now),
        now["original"]["reference"],
        now["preview"]["base"]["reference"],
    ]
    for entry in everywhere:
        assert (text_of(entry), bytes_of(entry)) == ("Ä", "Ä".encode())
        assert entry["bytes"] == {"value": 2, "readable": "2 B"}


def test_a_changed_string_wins_over_the_bytes_that_came_with_it(client: httpx.Client) -> None:
    entry = only_format(create(client, TEXT))
    entry["fragment"]["string"]["raw"] = "new"
    answer = ok(client.post("/format/update/value", json=entry))
    assert (text_of(answer), bytes_of(answer)) == ("new", b"new")


@pytest.mark.parametrize("form", FORMS)
def test_a_new_value_may_come_as_a_string_in_any_form(client: httpx.Client, form: str) -> None:
    entry = only_format(create(client, "old"))
    _update_value(client, entry, {"fragment": {"string": {form: FORMS[form]}}})
    now = ok(client.get(f"/format/{entry['id']}"))
    assert (text_of(now), bytes_of(now)) == (TEXT, TEXT.encode())
    assert now["bytes"]["value"] == len(TEXT.encode())


@pytest.mark.parametrize("form", FORMS)
def test_a_new_value_may_come_as_bytes_in_any_form(client: httpx.Client, form: str) -> None:
    entry = only_format(create(client, "old"))
    _update_value(client, entry, {"fragment": {"bytes": {form: list(FORMS[form].encode())}}})
    now = ok(client.get(f"/format/{entry['id']}"))
    assert bytes_of(now) == TEXT.encode()
    assert text_of(now) == TEXT
    assert now["bytes"]["value"] == len(TEXT.encode())


def test_a_new_value_takes_the_place_of_the_old_one_of_another_sort(client: httpx.Client) -> None:
    entry = only_format(create(client, "old"))
    _update_value(client, entry, {"file": {"string": {"raw": "new"}}})
    now = ok(client.get(f"/format/{entry['id']}"))
    assert {"fragment", "file"} & now.keys() == {"file"}
    assert text_of(now) == "new"


@pytest.mark.parametrize("which", [0, 1])
def test_original_and_preview_of_a_text_get_the_same_value(
    client: httpx.Client, which: int
) -> None:
    two = ok(client.post("/asset/update", json=_second(create(client, "one"))))
    entry = two["formats"]["iterable"][which]
    _update_value(client, entry, {"fragment": {"string": {"raw": "both"}}})
    now = read(client, two["id"])
    assert [text_of(each) for each in now["formats"]["iterable"]] == ["both", "both"]
    assert [each["bytes"]["value"] for each in now["formats"]["iterable"]] == [4, 4]


def test_the_preview_of_a_picture_is_not_the_original(client: httpx.Client) -> None:
    made = plant(client, seed(picture()))
    extra = {**only_format(made), "id": "1b671a64-40d5-491e-99b0-da01ff1f3341"}
    formats = {"iterable": [only_format(made), extra]}
    preview = {"base": {"id": extra["id"]}}
    ok(client.post("/asset/update", json={**made, "formats": formats, "preview": preview}))
    _update_value(client, extra, {"file": {"bytes": {"raw": [1, 2, 3]}}})
    original, small = read(client, made["id"])["formats"]["iterable"]
    assert (bytes_of(original), bytes_of(small)) == (PNG, b"\1\2\3")
    assert (original["bytes"]["value"], small["bytes"]["value"]) == (len(PNG), 3)


def test_a_new_value_is_found_and_the_old_one_is_not(client: httpx.Client) -> None:
    made = create(client, "quixotical")
    _update_value(client, only_format(made), {"fragment": {"string": {"raw": "zymurgical"}}})
    for query, hits in (("zymurgical", [made["id"]]), ("quixotical", [])):
        answer = ok(client.get("/search/full_text", params={"query": query}))
        assert [hit["identifier"] for hit in answer["iterable"]] == hits


def test_formats_are_those_of_all_assets_newest_first(client: httpx.Client) -> None:
    one, other = create(client), create(client, pseudo=True)
    got = ids(ok(client.get("/formats")))
    assert got[:2] == [only_format(other)["id"], only_format(one)["id"]]
    assert len(got) == len(listed(client, pseudo=True))


# Exporting


def _exported(client: httpx.Client, key: str, kind: str) -> Json:
    answer: Json = ok(client.get(f"/asset/{key}/export", params={"export_type": kind}))
    return answer


def test_an_export_tells_name_description_and_birth(client: httpx.Client) -> None:
    made = plant(client, seed(fragment(TEXT), metadata=METADATA))
    exported = _exported(client, made["id"], "MD")
    assert (exported["name"], exported["description"]) == (made["name"], "Sends one byte.")
    assert exported["created"] == made["created"]


def test_an_export_in_markdown_has_the_text_in_a_fence(client: httpx.Client) -> None:
    made = create(client, "a < b", "One", ext="py")
    text = _exported(client, made["id"], "MD")["raw"]["string"]["raw"]
    assert text == "# One\n\n\n\n```py\na < b\n```\n"


def test_a_fence_in_an_export_is_longer_than_any_in_the_text(client: httpx.Client) -> None:
    made = create(client, "````\nnested\n````", "One", ext="md")
    lines = _exported(client, made["id"], "MD")["raw"]["string"]["raw"].splitlines()
    opening = next(line for line in lines if line.startswith("```"))
    assert opening.rstrip("md") not in made["original"]["reference"]["fragment"]["string"]["raw"]


def test_an_export_in_html_is_escaped(client: httpx.Client) -> None:
    made = create(client, "<script>1 & 2</script>", "<b>One</b>")
    text = _exported(client, made["id"], "HTML")["raw"]["string"]["raw"]
    assert "&lt;script&gt;1 &amp; 2&lt;/script&gt;" in text
    assert "&lt;b&gt;One&lt;/b&gt;" in text
    assert "<script>" not in text
    assert "<b>" not in text


def test_any_other_export_is_the_content_as_it_is(client: httpx.Client) -> None:
    assert _exported(client, create(client, TEXT)["id"], "RAW")["raw"]["string"]["raw"] == TEXT


def test_a_picture_is_exported_as_bytes(client: httpx.Client) -> None:
    exported = _exported(client, plant(client, seed(picture()))["id"], "MD")
    assert bytes(exported["raw"]["bytes"]["raw"]) == PNG


def test_an_export_must_say_what_it_shall_be(client: httpx.Client) -> None:
    assert client.get(f"/asset/{create(client)['id']}/export").status_code == 400


# Lists


def test_pseudo_assets_are_listed_only_when_asked_for(client: httpx.Client) -> None:
    before, everything = listed(client), listed(client, pseudo=True)
    made = create(client, pseudo=True)
    assert made["pseudo"] is True
    assert listed(client) == listed(client, pseudo=False) == before
    assert listed(client, pseudo=True) == [made["id"], *everything]
    assert read(client, made["id"]) == made


def test_identifiers_agree_with_the_list(client: httpx.Client) -> None:
    create(client, pseudo=True)
    for pseudo in (False, True):
        answer = ok(client.get("/assets/identifiers", params={"pseudo": pseudo}))
        assert ids(answer) == listed(client, pseudo=pseudo)


def test_the_pseudo_list_has_pseudo_assets_only(client: httpx.Client) -> None:
    made = create(client, pseudo=True)
    create(client)
    identifiers = ok(client.get("/assets/pseudo"))["identifiers"]
    assert ids(identifiers)[0] == made["id"]
    assert set(ids(identifiers)) == set(listed(client, pseudo=True)) - set(listed(client))


@pytest.mark.parametrize(
    ("path", "inside"),
    [
        ("/assets", None),
        ("/assets?pseudo=true", None),
        ("/assets/identifiers", None),
        ("/assets/identifiers?pseudo=true", None),
        ("/assets/pseudo", "identifiers"),
    ],
)
def test_indices_are_positions_and_minus_one_for_the_deleted(
    client: httpx.Client, path: str, inside: str | None
) -> None:
    one, _, other = create(client), create(client, pseudo=True), create(client, pseudo=True)
    gone = [one["id"], other["id"]]
    for key in gone:
        client.post(f"/assets/{key}/delete")
    answer = ok(client.get(path))
    answer = answer[inside] if inside else answer
    assert answer["indices"] == positions(ids(answer), gone)


def test_suggested_makes_no_difference(client: httpx.Client) -> None:
    create(client)
    plain = ok(client.get("/assets"))
    assert ok(client.get("/assets", params={"suggested": True})) == plain
    assert ok(client.get("/assets", params={"suggested": False})) == plain


def test_lists_are_never_without_their_iterable(client: httpx.Client) -> None:
    for key in listed(client, pseudo=True):
        client.post(f"/assets/{key}/delete")
    for path in ("/assets", "/assets/identifiers", "/formats", "/assets/related"):
        assert ok(client.get(path))["iterable"] == []
    assert ok(client.get("/assets/pseudo"))["identifiers"]["iterable"] == []
    assert ok(client.get("/assets/recommended"))["iterable"] == []


# Storage

LARGE = "x" * 700_000


@pytest.fixture(scope="module")
def small(start: Callable[..., Server]) -> Iterator[Server]:
    """A server that keeps one mebibyte."""
    with start("assets", "--quiet", "--max-blobs", "1") as running:
        yield running


@pytest.fixture
def cramped(small: Server, tmp_path: Path) -> Iterator[httpx.Client]:
    """A client of a sandbox of that server; what it kept goes in the end."""
    with httpx.Client(base_url=f"{small.url}/@{tmp_path.name}", timeout=30) as client:
        yield client
        client.post("/__mock__/reset")


def _assert_full(answer: httpx.Response) -> None:
    assert answer.status_code == 507, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 507
    assert "--max-blobs" in answer.json()["detail"]


def test_what_does_not_fit_is_refused_and_changes_nothing(cramped: httpx.Client) -> None:
    before = ok(cramped.get("/assets?pseudo=true"))
    _assert_full(cramped.post("/assets/create", json=seed(fragment(LARGE * 2))))
    assert ok(cramped.get("/assets?pseudo=true")) == before
    assert text_of(only_format(create(cramped, "small"))) == "small"


@pytest.mark.parametrize("name", ["update", "update value"])
def test_a_change_that_does_not_fit_leaves_the_asset_as_it_was(
    cramped: httpx.Client, name: str
) -> None:
    made = create(cramped, "small")
    grown = copy.deepcopy(made)
    grown["formats"]["iterable"][0]["fragment"]["string"]["raw"] = LARGE * 2
    _assert_full(_touching(grown)[name](cramped))
    assert read(cramped, made["id"]) == made


def test_what_is_deleted_makes_room(cramped: httpx.Client) -> None:
    one = create(cramped, LARGE)
    _assert_full(cramped.post("/assets/create", json=seed(fragment(LARGE + "2"))))
    cramped.post(f"/assets/{one['id']}/delete")
    assert only_format(create(cramped, LARGE + "2"))["bytes"]["value"] == len(LARGE) + 1


def test_the_same_content_is_kept_once(cramped: httpx.Client) -> None:
    keys = {create(cramped, LARGE)["id"] for _ in range(3)}
    assert len(keys) == 3


def test_a_draft_needs_no_room(cramped: httpx.Client) -> None:
    drafted = ok(cramped.post("/assets/draft", json=seed(fragment(LARGE * 2))))
    assert drafted["asset"]["format"]["classification"]["specific"]


def test_assets_with_the_same_content_share_its_text(mock: Mock, asgi: httpx.Client) -> None:
    text = "the same in both " * 10_000
    made = [create(asgi, text, name=name) for name in ("one", "two")]
    collections = mock.sandboxes.default.log.head.collections.values()
    values = [record.value for each in collections for record in each.records.values()]
    kept = [each for value in values for each in strings(value) if each == text]
    assert len(kept) >= len(made)
    assert len({id(each) for each in kept}) == 1


def strings(value: Any) -> Iterator[str]:
    """All the texts in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings(part)
