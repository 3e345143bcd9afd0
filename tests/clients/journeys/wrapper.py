"""What users of PiecesClient do: find the service, follow its assets, change them.

Called with the folder of fixtures; prints what the client found out about the service.
"""

from __future__ import annotations

import faulthandler
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from expected import Fixtures, read_fixtures
from pieces_os_client.wrapper import PiecesClient
from pieces_os_client.wrapper.basic_identifier import BasicAsset
from pieces_os_client.wrapper.streamed_identifiers import AssetSnapshot
from pieces_os_client.wrapper.websockets import BaseWebsocket

T = TypeVar("T")

SECONDS = 90
"""After this long the journey ends, telling what each thread waits for."""

TEXT = "def quokka(steps):\n    return sorted(steps)\n"


def until(found: Callable[[], T], seconds: float = 10) -> T:
    """Ask again and again until there is something; what a busy client raises is no answer."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            value = found()
            if value:
                return value
        except ValueError:
            if time.monotonic() > deadline:
                raise
        assert time.monotonic() < deadline, f"nothing within {seconds} s"
        time.sleep(0.02)


def start() -> PiecesClient:
    """Find the service where it is looked for; a slow answer to the scan is asked for again."""
    client = PiecesClient()
    until(lambda: client.ensure_initialization() is None, 20)
    client.wait_for_cache()
    return client


def settle() -> None:
    """Wait for the cache's worker to end: news that comes while it does is lost on it."""
    until(lambda: not AssetSnapshot._worker_thread.is_alive())


def cached() -> list[str]:
    """The ids in the cache, which nothing but the stream of identifiers adds to."""
    return list(AssetSnapshot.identifiers_snapshot)


def follow_fixtures(client: PiecesClient, fixtures: Fixtures) -> None:
    """The cache holds what the service began with, all but pseudo assets."""
    saved = {one["id"]: one for one in fixtures["assets"] if not one.get("pseudo")}
    assets = client.assets()
    assert {asset.id: asset.name for asset in assets} == {
        key: one["name"] for key, one in saved.items()
    }
    for asset in assets:
        entry = saved[asset.id]["formats"]["iterable"][0]
        if not asset.is_image:
            assert asset.raw_content == entry["fragment"]["string"]["raw"], asset.name
            assert asset.classification.value == entry["classification"]["specific"], asset.name
        tags = [tag["text"] for tag in saved[asset.id].get("tags", {}).get("iterable", ())]
        assert [tag.raw_content for tag in asset.tags or ()] == tags, asset.name
    assert client.user.user_profile.id == fixtures["users"][0]["id"]
    models = {one["name"] for one in fixtures["models"] if one["cloud"] or one.get("downloaded")}
    assert set(client.available_models_names) == models


def change_an_asset(client: PiecesClient) -> str:
    """What is created, renamed, rewritten and reclassified is told by the stream."""
    before = cached()
    settle()
    key: str = client.create_asset(TEXT)
    until(lambda: AssetSnapshot.identifiers_snapshot.get(key))
    assert cached() == [key, *before]
    asset = client.asset(key)
    assert (asset.raw_content, asset.classification.value) == (TEXT, "py")

    told: list[str] = []
    AssetSnapshot.on_update_list.append(lambda changed: told.append(changed.name))
    settle()
    asset.name = "Quokka itinerary"
    until(lambda: told[-1:] == ["Quokka itinerary"])
    settle()
    asset.raw_content = "const quokka = 1;\n"
    until(lambda: asset.raw_content == "const quokka = 1;\n")
    settle()
    asset.classification = "js"
    until(lambda: asset.classification.value == "js")
    assert cached() == [key, *before]
    assert "const quokka = 1;" in asset.markdown
    assert asset.markdown.startswith("# Quokka itinerary")
    return key


def search_and_delete(client: PiecesClient, key: str) -> None:
    """The three ways to search find the asset until it is deleted."""
    queries = {"fuzzy": "Quokka itinerary", "fts": "quokka", "ncs": "const quokka = 1;"}
    for way, query in queries.items():
        assert BasicAsset.search(query, way)[0].id == key, way
    gone: list[str] = []
    AssetSnapshot.on_remove_list.append(lambda removed: gone.append(removed.id))
    settle()
    client.asset(key).delete()
    until(lambda: gone)
    assert gone == [key]
    assert key not in cached()
    for way, query in queries.items():
        assert key not in [asset.id for asset in BasicAsset.search(query, way) or ()], way


def close(client: PiecesClient) -> None:
    """Close the sockets all at once: each may wait ten seconds for its own reader."""
    with ThreadPoolExecutor(len(BaseWebsocket.instances)) as pool:
        list(pool.map(lambda feed: feed.close(), BaseWebsocket.instances))
    client.close()


def main(folder: str) -> None:
    """Go the whole way and print where it led."""
    faulthandler.dump_traceback_later(SECONDS, exit=True)
    client = start()
    try:
        fixtures = read_fixtures(Path(folder))
        follow_fixtures(client, fixtures)
        key = change_an_asset(client)
        search_and_delete(client, key)
        until(lambda: client.is_pos_stream_running)
        told = {"port": client.port, "health": client.health, "version": client.version}
    finally:
        close(client)
    sys.stdout.write(json.dumps({**told, "asset": key}))


def run() -> int:
    """The exit code; what failed is told on the standard error."""
    try:
        main(*sys.argv[1:])
    except Exception:  # noqa: BLE001 - whatever it is, the test is told
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    code = run()
    sys.stdout.flush()
    # A socket that the client has opened twice stays open, and its thread would keep the process.
    os._exit(code)
