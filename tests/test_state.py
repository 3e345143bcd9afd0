"""A server whose process dies goes on where it was: what was answered is there again."""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Callable
from pathlib import Path

import httpx
from click.testing import CliRunner

from mockserver.cli import main
from tests.apis.assets.world import fragment, seed
from tests.running import DESCRIPTIONS, Server

TASKS = str(DESCRIPTIONS / "todo.yaml")
PAGE = 100
KILLS = 8
TITLE = "a title with the number {}, and long enough that a line is not written in no time at all"

Start = Callable[..., Server]


class Client(threading.Thread):
    """Makes, changes and deletes todos until the server is gone; knows what was answered."""

    def __init__(
        self, url: str, known: dict[str, str], given: set[str], draw: random.Random
    ) -> None:
        super().__init__()
        self.http = httpx.Client(base_url=url, trust_env=False, timeout=30)
        self.known = known
        self.given = given
        self.draw = draw
        self.begun: tuple[str, str, str] = ("", "", "")
        """The request that is under way: method, key, title."""
        self.answered = 0
        self.enough = threading.Event()

    def run(self) -> None:
        try:
            while True:
                self.act()
                self.answered += 1
                if self.answered == 25:
                    self.enough.set()
        except httpx.TransportError:
            self.http.close()
            self.enough.set()

    def act(self) -> None:
        title = TITLE.format(self.draw.random())
        key = self.draw.choice(list(self.known)) if self.known else ""
        kinds = ["POST", "POST", "PATCH", "DELETE"] if len(self.known) < PAGE else ["DELETE"]
        kind = self.draw.choice(kinds) if key else "POST"
        self.begun = (kind, key, title)
        if kind == "POST":
            made = self.http.post("/todos", json={"title": title})
            assert made.status_code == 201, made.text
            key = made.json()["id"]
            assert key not in self.given
            self.given.add(key)
            self.known[key] = title
        elif kind == "PATCH":
            merged = {"Content-Type": "application/merge-patch+json"}
            changed = self.http.patch(f"/todos/{key}", json={"title": title}, headers=merged)
            assert changed.status_code == 200, changed.text
            self.known[key] = title
        else:
            assert self.http.delete(f"/todos/{key}").status_code == 204
            del self.known[key]


def todos(url: str) -> dict[str, str]:
    answer = httpx.get(f"{url}/todos", params={"limit": PAGE}, trust_env=False)
    return {todo["id"]: todo["title"] for todo in answer.json()}


def possible(known: dict[str, str], begun: tuple[str, str, str], now: dict[str, str]) -> bool:
    """Whether what is there was answered, or also the one request that had no answer yet."""
    if now == known:
        return True
    kind, key, title = begun
    if kind == "POST":
        more = {k: v for k, v in now.items() if k not in known}
        return list(more.values()) == [title] and {**known, **more} == now
    if kind == "PATCH":
        return now == {**known, key: title}
    return now == {k: v for k, v in known.items() if k != key}


def test_killed_at_any_moment_it_has_lost_nothing_that_was_answered(
    start: Start, tmp_path: Path
) -> None:
    draw = random.Random(4)
    given: set[str] = set()
    known: dict[str, str] | None = None
    begun = ("", "", "")
    flags = ("--quiet", "--records", "0", "--state", str(tmp_path / "state"), TASKS)
    for _ in range(KILLS):
        server = start(*flags)
        try:
            now = todos(server.url)
            assert known is None or possible(known, begun, now)
            given |= set(now)
            client = Client(server.url, now, given, draw)
            client.start()
            assert client.enough.wait(20)
            client.join(draw.random() * 0.05)
        finally:
            server.process.kill()
            server.process.wait()
        client.join()
        known, begun = client.known, client.begun
    assert given


def served(start: Start, path: Path, *flags: str) -> Server:
    return start("--quiet", "--state", str(path / "state"), *flags)


def test_ids_times_and_history_go_on(start: Start, tmp_path: Path) -> None:
    flags = ("--no-fixtures", "--clock", "2025-01-01T00:00:00Z", "assets")
    ids, dates = [], []
    for _ in range(3):
        with served(start, tmp_path, *flags) as server:
            made = httpx.post(f"{server.url}/assets/create", json=seed(fragment("x"))).json()
            asset = httpx.get(f"{server.url}/asset/{made['id']}").json()
            ids.append(made["id"])
            dates.append(asset["created"]["value"])
    assert len(set(ids)) == 3
    assert dates == sorted(set(dates))
    with served(start, tmp_path, *flags) as server:
        told = httpx.get(f"{server.url}/__mock__/revisions").json()
        assert told["head"] == 3
        assert httpx.post(f"{server.url}/__mock__/undo").json() == {"revision": 4, "undone": 3}
    with served(start, tmp_path, *flags) as server:
        assert httpx.get(f"{server.url}/asset/{ids[2]}").status_code == 404
        assert httpx.get(f"{server.url}/asset/{ids[1]}").status_code == 200


def test_uploaded_bytes_and_the_names_of_objects_last(start: Start, tmp_path: Path) -> None:
    key = {"X-API-Key": "plane_api_11111111111111111111111111111111"}
    wanted = {"name": "notes.txt", "type": "text/plain", "size": 5}
    paths, names = [], []
    for _ in range(2):
        with served(start, tmp_path, "plane") as server:
            for path in paths:
                content = httpx.get(httpx.get(server.url + path, headers=key).json()["asset_url"])
                assert content.content == b"hello"
            home = "/api/v1/workspaces/acme/assets/"
            made = httpx.post(server.url + home, json=wanted, headers=key).json()
            upload = made["upload_data"]
            names.append(upload["fields"]["key"])
            files = {"file": ("notes.txt", b"hello")}
            assert httpx.post(upload["url"], data=upload["fields"], files=files).is_success
            path = f"{home}{made['asset_id']}/"
            httpx.patch(server.url + path, json={"is_uploaded": True}, headers=key)
            paths.append(path)
    assert len(set(names)) == 2


def test_only_the_default_sandbox_is_kept(start: Start, tmp_path: Path) -> None:
    with served(start, tmp_path, "--records", "0", TASKS) as server:
        httpx.post(f"{server.url}/@mine/todos", json={"title": "milk"})
    with served(start, tmp_path, "--records", "0", TASKS) as server:
        assert httpx.get(f"{server.url}/@mine/todos").json() == []


def test_a_torn_end_is_said(start: Start, tmp_path: Path) -> None:
    with served(start, tmp_path, "--records", "0", TASKS) as server:
        for title in ("milk", "bread"):
            httpx.post(f"{server.url}/todos", json={"title": title})
    file = tmp_path / "state"
    file.write_bytes(file.read_bytes()[:-7])
    server = served(start, tmp_path, "--records", "0", TASKS)
    assert list(todos(server.url).values()) == ["milk"]
    assert server.interrupt() == 0
    assert re.search(r"state: its last entry was torn: \d+ bytes were cut off", server.complaints)


def test_the_second_mock_on_a_file_does_not_start(start: Start, tmp_path: Path) -> None:
    with served(start, tmp_path, TASKS):
        done = CliRunner().invoke(main, ["serve", TASKS, "--state", str(tmp_path / "state")])
    assert done.exit_code == 2
    assert "another mock keeps its state there" in done.output


def test_what_fits_another_description_stays_and_the_rest_is_told(
    start: Start, tmp_path: Path
) -> None:
    written = Path(TASKS).read_text()
    path = tmp_path / "todo.yaml"
    path.write_text(written)
    with served(start, tmp_path, "--records", "0", str(path)) as server:
        for title in ("milk", "bread and butter"):
            httpx.post(f"{server.url}/todos", json={"title": title})
    before = (tmp_path / "state").read_bytes()
    path.write_text(written.replace("maxLength: 200", "maxLength: 6"))
    server = served(start, tmp_path, "--records", "0", str(path))
    assert list(todos(server.url).values()) == ["milk"]
    assert server.interrupt() == 0
    assert "written with another description of todo" in server.complaints
    assert "left out: todo/todos " in server.complaints
    assert (tmp_path / "state.before-1").read_bytes().startswith(before)
    with served(start, tmp_path, "--records", "0", str(path)) as again:
        assert list(todos(again.url).values()) == ["milk"]
