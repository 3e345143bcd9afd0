from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mockserver.apis.assets import handlers
from mockserver.catalogue import FIXTURES, SPECS, Mock, Settings, build, stems
from mockserver.engine.handlers import Call, Reply
from mockserver.errors import StartupError
from tests.running import ROOT


def problems(*wanted: str, settings: Settings | None = None) -> list[tuple[str, str, str]]:
    with pytest.raises(StartupError) as caught:
        build(wanted, settings or Settings(fixtures=None))
    return [(p.source, p.pointer, p.message) for p in caught.value.problems]


def folders(parent: Path) -> set[str]:
    return {path.name for path in parent.iterdir() if path.is_dir() and path.name[0] not in "._"}


def test_everything_of_an_api_has_its_stem() -> None:
    known = set(stems())
    assert known
    assert {path.stem for path in SPECS.glob("*.yaml")} == known | {"control"}
    assert folders(ROOT / "mockserver" / "apis") == known
    assert folders(FIXTURES) == known
    assert folders(ROOT / "tests" / "apis") == known


def test_all_are_built_when_none_is_named(mock: Mock) -> None:
    assert [api.description.stem for api in mock.apis] == stems()
    assert build(["assets"], Settings(fixtures=None)).apis[0].description.stem == "assets"


def test_unknown_stems_are_all_named() -> None:
    message = "no such API or file; there are: " + ", ".join(stems())
    assert problems("asets", "assets", "control") == [
        ("asets", "", message),
        ("control", "", message),
    ]


def nothing(call: Call) -> Reply:
    return Reply()


def test_a_handler_of_an_unknown_operation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(handlers.by_operation, "assets_snapshop", nothing)
    monkeypatch.setitem(handlers.frames_of, "zzz", nothing)
    [(source, pointer, message), (_, _, other)] = problems()
    assert source == str(SPECS / "assets.yaml")
    assert pointer == "/paths"
    assert "'assets_snapshop'" in message
    assert message.endswith("the nearest is 'assets_snapshot'")
    assert "'zzz'" in other
    assert "nearest" not in other


def test_a_fixture_handler_of_an_unknown_collection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(handlers.complete_of, "asset", nothing)
    [(_, pointer, message)] = problems()
    assert pointer == "/x-collections"
    assert message.endswith("the nearest is 'assets'")


def test_an_operation_without_a_handler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(handlers.by_operation, "user_snapshot")
    monkeypatch.delitem(handlers.by_operation, "models_snapshot")
    found = [(pointer, message) for _, pointer, message in problems()]
    assert sorted(found) == [
        ("/paths/models", "no handler for 'models_snapshot'"),
        ("/paths/user", "no handler for 'user_snapshot'"),
    ]


def records(mock: Mock) -> dict[str, int]:
    head = mock.sandboxes.default.log.head
    return {name: len(collection.records) for name, collection in head.collections.items()}


def on_disk(name: str) -> Any:
    return json.loads((FIXTURES / "assets" / f"{name}.json").read_bytes())


def test_fixtures_are_the_seed_of_every_sandbox(mock: Mock) -> None:
    counted = records(mock)
    for name in ("assets", "users", "models", "applications"):
        assert counted[f"assets/{name}"] == len(on_disk(name)) > 0
    assert mock.sandboxes.get("other").log.head is mock.sandboxes.default.log.head
    assets = next(api for api in mock.apis if api.description.stem == "assets")
    assert list(assets.identities) == on_disk("credentials")


@pytest.mark.parametrize("mock", [Settings(fixtures=None)], indirect=True)
def test_without_fixtures_there_are_no_records(mock: Mock) -> None:
    assert set(records(mock).values()) <= {0}


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    settings = Settings(fixtures=tmp_path / "no")
    assert problems(settings=settings) == [(str(tmp_path / "no"), "", "no such folder of fixtures")]


def test_all_defects_of_fixtures_and_handlers_are_told_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(FIXTURES, tmp_path, dirs_exist_ok=True)
    users = on_disk("users")
    (tmp_path / "assets" / "users.json").write_text(json.dumps([*users, users[0]]))
    (tmp_path / "assets" / "models.json").write_text(json.dumps([{"id": "m"}]))
    monkeypatch.delitem(handlers.by_operation, "user_snapshot")
    found = problems(settings=Settings(fixtures=tmp_path))
    assert found[0][1] == "/paths/user"
    assert {(Path(source).name, pointer) for source, pointer, _ in found[1:]} == {
        ("models.json", "/0"),
        ("users.json", f"/{len(users)}/id"),
    }
    assert any("the property" in message for _, _, message in found[1:])


def test_files_past_the_bound_of_stored_bytes() -> None:
    found = problems(settings=Settings(max_blobs=1))
    assert found
    assert all("--max-blobs" in message for _, _, message in found)


def test_making_room_forgets_history(mock: Mock) -> None:
    sandbox = mock.sandboxes.get("one")
    transaction = sandbox.transaction("assets")
    transaction.put("things", "a", 1)
    sandbox.commit(transaction)
    assert mock.blobs.reclaim is not None
    mock.blobs.reclaim()
    assert sandbox.log.since(0) is None


def immich_with(tmp_path: Path, name: str, change: Callable[[Any], None]) -> list[Any]:
    shutil.copytree(FIXTURES / "immich", tmp_path / "immich")
    path = tmp_path / "immich" / f"{name}.json"
    value = json.loads(path.read_bytes())
    change(value)
    path.write_text(json.dumps(value))
    return problems("immich", settings=Settings(fixtures=tmp_path))


def test_records_of_an_unknown_owner_are_told(tmp_path: Path) -> None:
    def change(assets: Any) -> None:
        assets[1]["ownerId"] = "nobody"

    [(source, pointer, message)] = immich_with(tmp_path, "assets", change)
    assert source.endswith("assets.json")
    assert pointer == "/1/ownerId"
    assert message.startswith("no record 'nobody' in users; there are: ")


def test_credentials_for_an_unknown_scheme_and_user_are_told(tmp_path: Path) -> None:
    def change(identities: Any) -> None:
        identities[0]["credentials"]["bearr"] = "x"
        identities[1]["user"] = "nobody"

    found = immich_with(tmp_path, "credentials", change)
    assert [pointer for _, pointer, _ in found] == ["/0/credentials/bearr", "/1/user"]
    assert found[0][2].endswith("the nearest is 'bearer'")


def test_what_no_request_can_carry_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    responses = {"200": {"description": ""}}
    sent = [{"name": "b", "in": "query", "schema": {"type": "string"}}]
    paths = {
        "/a": {"get": {"responses": responses}},
        "/a#get_link": {"get": {"responses": responses}},
        "/a#b": {"get": {"parameters": sent, "responses": responses}},
        "/a#Action=Run": {"get": {"responses": responses}},
    }
    info = {"title": "t", "version": "1"}
    source = tmp_path / "a.json"
    source.write_text(json.dumps({"openapi": "3.0.3", "info": info, "paths": paths}))
    build([str(source)])
    [told] = [each.getMessage() for each in caplog.records if "(fragment)" in each.getMessage()]
    assert "at /paths/~1a#get_link/get: " in told
    assert "?get_link" in told
