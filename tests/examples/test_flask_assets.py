"""The independent service: it works, and each of its faults shows in an answer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import websocket

from examples.flask_assets.__main__ import main, serve
from examples.flask_assets.app import create_app
from examples.flask_assets.config import Settings
from examples.flask_assets.faults import FAULTS
from tests.examples.faults import SEQUENCES
from tests.examples.sequences import World, seed, world

ROOT = Path(__file__).parents[2]
SEED = ROOT / "fixtures" / "assets"
SOURCES = sorted((ROOT / "examples" / "flask_assets").glob("*.py"))
RACES = {name for name, fault in FAULTS.items() if fault.kind == "race"}


def run(folder: Path, name: str, fault: str, *, second_first: bool = False) -> list[str]:
    service = world(folder, fault)
    service.second_first = second_first
    try:
        SEQUENCES[name](service)
    finally:
        service.app.extensions["store"].close()
    return service.transcript()


def test_every_fault_has_a_sequence() -> None:
    assert set(SEQUENCES) == set(FAULTS)


@pytest.mark.parametrize("name", sorted(set(FAULTS) - RACES))
def test_a_fault_changes_an_answer(tmp_path: Path, name: str) -> None:
    right = run(tmp_path, name, "")
    assert run(tmp_path, name, "") == right
    assert run(tmp_path, name, name) != right


@pytest.mark.parametrize("name", sorted(RACES))
def test_a_race_gives_answers_that_no_order_gives(tmp_path: Path, name: str) -> None:
    orders = [run(tmp_path, name, "", second_first=late) for late in (False, True)]
    assert run(tmp_path, name, name) not in orders


def test_an_unknown_fault_is_told_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no fault 'nope'"):
        create_app(Settings(tmp_path / "a.db", fault="nope"))


def test_the_faults_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list-faults"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == list(FAULTS)


def test_the_service_knows_nothing_of_the_mock() -> None:
    assert not [path.name for path in SOURCES if "mockserver" in path.read_text("utf-8")]


def test_its_modules_are_short() -> None:
    assert all(len(path.read_text("utf-8").splitlines()) <= 400 for path in SOURCES)


def test_what_was_saved_outlives_the_process(tmp_path: Path) -> None:
    before = world(tmp_path)
    asset = before.create(name="kept")
    before.app.extensions["store"].close()
    after = World(create_app(Settings(tmp_path / "0.db")))
    assert after.get(f"/asset/{asset['id']}") == asset
    after.app.extensions["store"].close()


def test_it_begins_with_the_records_of_a_directory_and_returns_to_them(tmp_path: Path) -> None:
    service = world(tmp_path, seed_from=SEED)
    records = json.loads((SEED / "assets.json").read_text("utf-8"))
    newest_first = [one["id"] for one in records if not one.get("pseudo")][::-1]

    def listed() -> list[str]:
        return [one["id"] for one in service.get("/assets/identifiers")["iterable"]]

    assert listed() == newest_first
    service.create()
    service.post("/__reset")
    assert listed() == newest_first
    service.app.extensions["store"].close()


def test_there_is_no_reset_unless_it_is_allowed(tmp_path: Path) -> None:
    app = create_app(Settings(tmp_path / "a.db"))
    assert app.test_client().post("/__reset").status_code == 404
    app.extensions["store"].close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The address of a service on a port of its own."""
    server = serve(Settings(tmp_path / "served.db"), "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    server.app.extensions["store"].close()


def test_a_websocket_follows_what_happens_over_http(served: str) -> None:
    feed = websocket.create_connection(f"ws://{served}/assets/stream/identifiers", timeout=10)
    assert json.loads(feed.recv()) == {"iterable": []}
    with httpx.Client(base_url=f"http://{served}", trust_env=False) as client:
        key = client.post("/assets/create", json=seed()).json()["id"]
        assert json.loads(feed.recv()) == {"iterable": [{"asset": {"id": key}}]}
        client.post(f"/assets/{key}/delete")
    removed: dict[str, Any] = {"asset": {"id": key}, "deleted": True}
    assert json.loads(feed.recv()) == {"iterable": [removed]}
    feed.close()


def test_writers_at_the_same_time_all_succeed(served: str) -> None:
    def write() -> None:
        with httpx.Client(base_url=f"http://{served}", trust_env=False) as client:
            for _number in range(5):
                assert client.post("/assets/create", json=seed()).status_code == 200

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with httpx.Client(base_url=f"http://{served}", trust_env=False) as client:
        assert len(client.get("/assets/identifiers").json()["iterable"]) == 20
