"""The assets to begin with: many kinds, complete, and refused as a whole when one is broken."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.apis.assets.records import complete_asset, with_contents
from mockserver.catalogue import FIXTURES, SPECS, Mock, Settings, build
from mockserver.engine.schema import Schemas
from mockserver.engine.spec import read_description
from mockserver.errors import StartupError
from mockserver.state.blobs import Blobs
from tests.apis.assets.world import (
    APPLICATION,
    Json,
    bytes_of,
    listed,
    ok,
    only_format,
    read,
    text_of,
)

FILES = FIXTURES / "assets" / "files"
SHORT: list[Json] = json.loads((FIXTURES / "assets" / "assets.json").read_text(encoding="utf-8"))
KEYS = [asset["id"] for asset in SHORT]
NOW = {"value": "2025-01-01T00:00:00.000Z"}


@pytest.fixture(scope="module")
def begun() -> Mock:
    """The mock with its own fixtures."""
    return build(["assets"])


@pytest.fixture(scope="module")
def assets(begun: Mock) -> list[Any]:
    """The assets of the fixtures as they are stored."""
    transaction = begun.sandboxes.default.transaction("assets")
    return [record.value for record in transaction.records("assets")]


def kinds(assets: list[Any]) -> Counter[tuple[str, str]]:
    told = [only_format(asset)["classification"] for asset in assets]
    return Counter((one["generic"], one["specific"]) for one in told)


def texts(asset: Any, name: str, member: str) -> list[str]:
    return [item[member] for item in asset.get(name, {}).get("iterable", ())]


# What there is


def test_there_are_at_least_24_assets(assets: list[Any]) -> None:
    assert len(assets) >= 24
    assert all(asset["name"].strip() for asset in assets)


def test_the_assets_are_of_many_languages(assets: list[Any]) -> None:
    specifics = {specific for generic, specific in kinds(assets) if generic == "CODE"}
    assert len(specifics) >= 12
    assert {"py", "ts", "js", "sql", "sh", "go", "rs"} <= specifics
    assert kinds(assets)["TEXT", "md"]
    assert {generic for generic, _ in kinds(assets)} >= {"CODE", "TEXT", "IMAGE"}


def test_there_is_a_picture_with_the_bytes_of_its_file(client: httpx.Client) -> None:
    answer = ok(client.get("/assets", params={"pseudo": True}))["iterable"]
    [picture] = [
        asset for asset in answer if only_format(asset)["classification"]["specific"] == "png"
    ]
    [file] = FILES.glob("*.png")
    data = bytes_of(only_format(picture))
    assert data == file.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert data.endswith(b"IEND\xaeB`\x82")
    assert only_format(picture)["bytes"]["value"] == len(data)
    assert "string" not in only_format(picture).get("file", {})


def test_some_assets_are_pseudo_and_most_are_not(assets: list[Any]) -> None:
    pseudo = [asset for asset in assets if asset.get("pseudo")]
    assert 0 < len(pseudo) < len(assets) / 2


@pytest.mark.parametrize(
    "name", ["tags", "websites", "persons", "annotations", "hints", "anchors", "sensitives"]
)
def test_some_assets_have_materials_of_each_kind(assets: list[Any], name: str) -> None:
    assert any(asset.get(name, {}).get("iterable") for asset in assets)


@pytest.mark.parametrize(("name", "member"), [("websites", "url"), ("tags", "text")])
def test_some_materials_are_shared(assets: list[Any], name: str, member: str) -> None:
    counts = Counter(text for asset in assets for text in set(texts(asset, name, member)))
    assert max(counts.values()) > 1
    assert min(counts.values()) == 1


def test_every_file_is_used() -> None:
    written = (FIXTURES / "assets" / "assets.json").read_text(encoding="utf-8")
    unused = [file.name for file in FILES.iterdir() if json.dumps(file.name) not in written]
    assert unused == []


def test_no_id_comes_twice(assets: list[Any]) -> None:
    keys = [asset["id"] for asset in assets]
    keys += [entry["id"] for asset in assets for entry in asset["formats"]["iterable"]]
    assert len(set(keys)) == len(keys)


def test_assets_were_created_before_they_were_updated(assets: list[Any]) -> None:
    for asset in assets:
        assert asset["created"]["value"] <= asset["updated"]["value"], asset["name"]


def test_the_list_begins_with_the_asset_created_last(client: httpx.Client) -> None:
    born = [
        asset["created"]["value"] for asset in ok(client.get("/assets?pseudo=true"))["iterable"]
    ]
    assert born == sorted(born, reverse=True)


@pytest.mark.parametrize("key", KEYS)
def test_every_asset_can_be_read_and_found_by_its_name(client: httpx.Client, key: str) -> None:
    asset = read(client, key)
    assert asset["id"] == key
    hits = ok(client.get("/assets/search", params={"query": asset["name"], "pseudo": True}))
    [exact] = [hit for hit in hits["iterable"] if hit["identifier"] == key]
    assert (exact["exact"], exact["score"]) == (True, 1.0)
    assert (key in listed(client)) is not bool(asset.get("pseudo"))


@pytest.mark.parametrize("key", KEYS)
def test_every_asset_is_complete(client: httpx.Client, key: str) -> None:
    asset = read(client, key)
    for entry in asset["formats"]["iterable"]:
        part = entry.get("fragment") or entry["file"]
        data = bytes_of(entry)
        assert entry["bytes"]["value"] == len(data)
        assert "string" not in part or text_of(entry).encode() == data
        assert ok(client.get(f"/format/{entry['id']}")) == entry
    formats = {entry["id"]: entry for entry in asset["formats"]["iterable"]}
    for reference in (asset["original"], asset["preview"]["base"]):
        assert reference["reference"] == {**formats[reference["id"]], "asset": key}


# Completing


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    return Schemas(read_description(SPECS / "assets.yaml").document)


INSTANT = st.datetimes().map(lambda at: {"value": at.isoformat(timespec="milliseconds") + "Z"})
CONTENT = st.fixed_dictionaries(
    {}, optional={"string": st.fixed_dictionaries({"raw": st.text(max_size=20)})}
) | st.fixed_dictionaries({"bytes": st.fixed_dictionaries({"raw": st.binary(max_size=20)})})
FORMAT = st.fixed_dictionaries(
    {
        "id": st.uuids().map(str),
        "classification": st.sampled_from(
            [{"generic": "CODE", "specific": "py"}, {"generic": "IMAGE", "specific": "png"}]
        ),
        "application": st.just(APPLICATION),
    },
    optional={
        "fragment": CONTENT,
        "file": CONTENT,
        "creator": st.text(max_size=5),
        "role": st.sampled_from(["ORIGINAL", "PREVIEW"]),
        "created": INSTANT,
        "updated": INSTANT,
    },
)
MATERIAL = {"id": st.uuids().map(str), "created": INSTANT, "updated": INSTANT}
TAG = st.fixed_dictionaries(
    {**MATERIAL, "text": st.text(max_size=5), "category": st.just("UNKNOWN")}
)
SENSITIVE = st.fixed_dictionaries(
    {
        **MATERIAL,
        "text": st.text(max_size=5),
        "mechanism": st.just("MANUAL"),
        "category": st.just("SECRET"),
        "severity": st.just("LOW"),
        "name": st.text(max_size=5),
        "description": st.text(max_size=5),
    }
)


def several(items: st.SearchStrategy[Any], least: int = 0) -> st.SearchStrategy[Any]:
    many = st.lists(items, min_size=least, max_size=3, unique_by=lambda item: item["id"])
    return st.fixed_dictionaries({"iterable": many})


RECORD = st.fixed_dictionaries(
    {"id": st.uuids().map(str), "created": INSTANT, "formats": several(FORMAT, 1)},
    optional={
        "name": st.text(max_size=20),
        "creator": st.uuids().map(str),
        "updated": INSTANT,
        "mechanism": st.sampled_from(["MANUAL", "AUTOMATIC"]),
        "pseudo": st.booleans(),
        "tags": several(TAG),
        "sensitives": several(SENSITIVE),
    },
)


def stored_bytes(value: Any, blobs: Blobs) -> Any:
    """A generated record with blobs where bytes stand, as a fixture has them."""
    if isinstance(value, bytes):
        return blobs.store(value)
    if isinstance(value, dict):
        return {name: stored_bytes(item, blobs) for name, item in value.items()}
    return [stored_bytes(item, blobs) for item in value] if isinstance(value, list) else value


@given(record=RECORD)
@settings(max_examples=150)
def test_any_short_record_becomes_a_valid_asset(schemas: Schemas, record: Json) -> None:
    blobs = Blobs(1_000_000)
    asset = complete_asset(stored_bytes(record, blobs), blobs)
    shown = with_contents(asset)
    assert schemas.violations(schemas.component("Asset"), shown, "record") == []
    assert {
        name: asset[name] for name in record if name in {"id", "name", "created", "pseudo"}
    } == {name: record[name] for name in record if name in {"id", "name", "created", "pseudo"}}
    first = record["formats"]["iterable"][0]["id"]
    assert shown["original"]["reference"]["id"] == shown["preview"]["base"]["id"] == first
    assert shown["updated"] == record.get("updated", record["created"])
    assert json.loads(json.dumps(shown)) == shown


def test_a_short_record_gets_what_follows_from_the_rest() -> None:
    blobs = Blobs(1_000)
    entry = {
        "id": "f",
        "classification": {"generic": "TEXT", "specific": "txt"},
        "application": APPLICATION,
        "fragment": {"string": {"raw": "Grüße"}},
    }
    asset = with_contents(
        complete_asset({"id": "a", "created": NOW, "formats": {"iterable": [entry]}}, blobs)
    )
    made = only_format(asset)
    assert (made["role"], made["bytes"]) == ("BOTH", {"value": 7, "readable": "7 B"})
    assert made["fragment"]["bytes"]["raw"] == list("Grüße".encode())
    assert asset["updated"] == made["created"] == made["updated"] == NOW
    assert asset["mechanism"] == "MANUAL"


def test_bytes_of_a_text_file_are_its_text_too() -> None:
    blobs = Blobs(1_000)
    entry = {
        "id": "f",
        "classification": {"generic": "TEXT", "specific": "txt"},
        "application": APPLICATION,
        "file": {"bytes": {"raw": blobs.store("Grüße".encode())}},
    }
    asset = complete_asset({"id": "a", "created": NOW, "formats": {"iterable": [entry]}}, blobs)
    assert text_of(only_format(asset)) == "Grüße"


# Refusing


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the fixtures to break."""
    shutil.copytree(FIXTURES / "assets", tmp_path / "assets")
    return tmp_path


def put(folder: Path, collection: str, records: Any) -> Path:
    path = folder / "assets" / f"{collection}.json"
    path.write_text(json.dumps(records), encoding="utf-8")
    return path


def problems(folder: Path) -> list[str]:
    with pytest.raises(StartupError) as refused:
        build(["assets"], Settings(fixtures=folder))
    return [str(problem) for problem in refused.value.problems]


SHORTEST: Json = {
    "id": "7f8a3c52-5d1e-4c0b-9d53-0c6f6a2f4b11",
    "created": NOW,
    "formats": {
        "iterable": [
            {
                "id": "3b9f0f64-7f0e-4d1c-bb1d-6f7a0a3f8c21",
                "classification": {"generic": "CODE", "specific": "py"},
                "application": APPLICATION,
                "fragment": {"string": {"raw": "x = 1"}},
            }
        ]
    },
}


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ({**SHORTEST, "created": {"value": "yesterday"}}, ["/0/created/value", "format"]),
        ({**SHORTEST, "mechanism": "BY_HAND"}, ["/0/mechanism", "enum", "BY_HAND"]),
        ({**SHORTEST, "name": 7}, ["/0/name", "type", "7"]),
        ({**SHORTEST, "tags": {"iterable": [{"id": "t"}]}}, ["/0/tags/iterable/0", "required"]),
        ({"id": "a", "created": NOW}, ["/0", "formats"]),
        ({**SHORTEST, "name": {"$text": "none.py"}}, ["/0/name/$text", "none.py"]),
        ({**SHORTEST, "name": {"$file": "../assets.json"}}, ["/0/name/$file", "assets.json"]),
        (7, ["/0"]),
    ],
)
def test_a_broken_record_is_told_by_file_pointer_and_rule(
    folder: Path, record: Any, told: list[str]
) -> None:
    path = put(folder, "assets", [record])
    where = f"{path} at {told[0]}: "
    found = "\n".join(one for one in problems(folder) if one.startswith(where))
    assert found
    for word in told[1:]:
        assert word in found


@pytest.mark.parametrize("broken", [{"mechanism": "BY_HAND"}, {"name": 7}])
def test_a_broken_member_is_told_where_it_stands_and_nowhere_else(
    folder: Path, broken: Json
) -> None:
    path = put(folder, "assets", [{**SHORTEST, **broken}])
    [name] = broken
    [problem] = problems(folder)
    assert problem.startswith(f"{path} at /0/{name}: ")


def test_a_second_record_with_the_same_key_is_refused(folder: Path) -> None:
    path = put(folder, "assets", [SHORTEST, SHORTEST])
    assert problems(folder) == [f"{path} at /1/id: the same key as record 0"]


def test_a_second_format_with_the_same_id_is_refused(folder: Path) -> None:
    path = put(folder, "assets", [SHORTEST, {**SHORTEST, "id": APPLICATION["id"]}])
    assert any(problem.startswith(f"{path} at /1") for problem in problems(folder))


def test_everything_that_is_broken_is_told_at_once(folder: Path) -> None:
    several = [{**SHORTEST, "name": 7}, SHORTEST, {**SHORTEST, "pseudo": "no", "mechanism": "X"}]
    paths = [
        put(folder, "assets", several),
        put(folder, "models", [{"id": "m"}]),
        put(folder, "users", {"id": "not in a list"}),
        put(folder, "strangers", []),
    ]
    (folder / "assets" / "applications.json").write_text("[", encoding="utf-8")
    paths.append(folder / "assets" / "applications.json")
    command = [sys.executable, "-m", "mockserver", "serve", "assets", "--port", "0"]
    ended = subprocess.run(
        [*command, "--fixtures", str(folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=SPECS.parent,
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    for path in paths:
        assert f"mockserver: {path}" in ended.stderr
    for pointer in ("/0/name", "/2/pseudo", "/2/mechanism"):
        assert f"{paths[0]} at {pointer}: expected" in ended.stderr
    assert f"{paths[0]} at /1" not in ended.stderr
    assert "Traceback" not in ended.stderr


def test_other_fixtures_may_be_served(folder: Path) -> None:
    put(folder, "assets", [SHORTEST])
    mock = build(["assets"], Settings(fixtures=folder))
    [record] = mock.sandboxes.default.transaction("assets").records("assets")
    assert record.key == SHORTEST["id"]


def test_all_that_a_record_lacks_is_told_at_once(folder: Path) -> None:
    path = put(folder, "assets", [{"formats": {"iterable": [{"id": "f"}]}}, "no object"])
    first, second = problems(folder)
    assert first.startswith(f"{path} at /0: ")
    assert second.startswith(f"{path} at /1: ")
    for pointer in ("/id", "/created", "/formats/iterable/0/classification"):
        assert pointer in first
