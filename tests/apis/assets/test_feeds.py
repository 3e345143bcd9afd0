"""The WebSocket feeds: first frames, what each change adds, and who is let down."""

from __future__ import annotations

import base64
import json
import os
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any, Self

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from mockserver.catalogue import SPECS, Mock
from mockserver.engine.endpoint import Endpoint
from mockserver.engine.schema import Schemas
from mockserver.engine.spec import Description, read_description
from mockserver.engine.streams import MAX_BACKLOG, Reader
from mockserver.engine.streams import Feed as EngineFeed
from tests.apis.assets.world import (
    WITHIN,
    Feed,
    Json,
    create,
    empty,
    fragment,
    ids,
    listed,
    members,
    ok,
    only_format,
    plant,
    read,
    seed,
    without_contents,
)
from tests.running import Server

IDENTIFIERS = "/assets/stream/identifiers"
ASSETS = "/assets/stream"
CONTENTS = "/assets/stream/transferables"
OF_ASSETS = (IDENTIFIERS, ASSETS, CONTENTS)
HEALTH = "/.well-known/stream/health"
QGPT = "/qgpt/stream"
OTHERS = (
    "/anchors/stream/identifiers",
    "/conversations/stream/identifiers",
    "/ranges/stream/identifiers",
    "/user/stream",
    "/workstream_pattern_engine/processors/vision/status/stream",
)

Open = Callable[[str], Feed]
EACH = pytest.mark.parametrize("path", OF_ASSETS)


@pytest.fixture
def follow(sandbox_url: str) -> Iterator[Open]:
    """Open a feed of the sandbox."""
    with ExitStack() as opened:
        yield lambda path: opened.enter_context(Feed(sandbox_url, path))


@pytest.fixture
def three(follow: Open) -> tuple[Feed, Feed, Feed]:
    """Identifiers, assets and assets with contents, past their first frames."""
    identifiers, assets, contents = (follow(path) for path in OF_ASSETS)
    for feed in (identifiers, assets, contents):
        feed.frame()
    return identifiers, assets, contents


def keys(frame: Json) -> list[str]:
    """The ids of the assets in a frame, in order."""
    return [
        entry["asset"]["id"] if "asset" in entry else entry["id"] for entry in frame["iterable"]
    ]


def delete(client: httpx.Client, asset: Json) -> None:
    assert client.post(f"/assets/{asset['id']}/delete").status_code == 200


def reclassify(client: httpx.Client, asset: Json) -> None:
    ok(client.post("/asset/reclassify", json={"ext": "ts", "asset": asset}))


def update(client: httpx.Client, asset: Json, **changed: Any) -> Json:
    answer: Json = ok(client.post("/asset/update", json={**asset, **changed}))
    return answer


def new_value(client: httpx.Client, asset: Json) -> None:
    sent = {**only_format(asset), "fragment": {"string": {"raw": "anew"}}}
    ok(client.post("/format/update/value", json=sent))


# First frames


@EACH
def test_the_first_frame_is_what_a_plain_get_answers(
    client: httpx.Client, follow: Open, path: str
) -> None:
    create(client)
    assert follow(path).frame() == ok(client.get(path))


@EACH
def test_the_first_frame_has_all_assets_newest_first(
    client: httpx.Client, follow: Open, path: str
) -> None:
    made = create(client)
    got = keys(follow(path).frame())
    assert got[0] == made["id"]
    assert got == listed(client)


@EACH
def test_the_first_frame_has_no_pseudo_assets(
    client: httpx.Client, follow: Open, path: str
) -> None:
    made = create(client, pseudo=True)
    hidden = set(listed(client, pseudo=True)) - set(listed(client))
    assert made["id"] in hidden
    assert not hidden & set(keys(follow(path).frame()))


@EACH
def test_the_first_frame_comes_even_when_there_are_no_assets(
    client: httpx.Client, follow: Open, path: str
) -> None:
    empty(client)
    assert follow(path).frame() == {"iterable": []}


def test_first_frames_have_contents_only_where_they_should(
    client: httpx.Client, follow: Open
) -> None:
    made = create(client)
    assert not {"fragment", "file"} & set(members(follow(ASSETS).frame()))
    with_contents = follow(CONTENTS).frame()
    assert with_contents["iterable"][0] == made
    assert without_contents(with_contents) == follow(ASSETS).frame()
    assert with_contents["iterable"] == ok(client.get("/assets"))["iterable"]


def test_the_first_frame_has_as_many_ids_as_the_snapshot(
    client: httpx.Client, follow: Open
) -> None:
    assert keys(follow(IDENTIFIERS).frame()) == ids(ok(client.get("/assets/identifiers")))


# Later frames


def test_creating_sends_the_new_asset(client: httpx.Client, three: tuple[Feed, Feed, Feed]) -> None:
    identifiers, assets, contents = three
    made = create(client)
    assert identifiers.frame() == {"iterable": [{"asset": {"id": made["id"]}}]}
    assert assets.frame() == {"iterable": [without_contents(made)]}
    assert contents.frame() == {"iterable": [made]}


@pytest.mark.parametrize("change", [update, reclassify, new_value])
def test_a_change_sends_the_asset_as_it_is_now(
    client: httpx.Client, follow: Open, change: Callable[[httpx.Client, Json], Any]
) -> None:
    made = create(client)
    identifiers, assets, contents = (follow(path) for path in OF_ASSETS)
    for feed in (identifiers, assets, contents):
        feed.frame()
    change(client, made)
    now = read(client, made["id"])
    assert identifiers.frame() == {"iterable": [{"asset": {"id": made["id"]}}]}
    assert assets.frame() == {"iterable": [without_contents(now)]}
    assert contents.frame() == {"iterable": [now]}


def test_an_annotation_sends_the_asset(
    client: httpx.Client, three: tuple[Feed, Feed, Feed]
) -> None:
    made = create(client)
    noted = create(client, annotations=[{"type": "COMMENT", "text": "Mind the gap."}])
    update(client, made, annotations=noted["annotations"])
    told = [keys(three[0].frame()) for _ in range(3)]
    assert told == [[made["id"]], [noted["id"]], [made["id"]]]


def test_deleting_sends_the_id_with_deleted(
    client: httpx.Client, three: tuple[Feed, Feed, Feed]
) -> None:
    made = create(client)
    delete(client, made)
    three[0].frame()
    assert three[0].frame() == {"iterable": [{"asset": {"id": made["id"]}, "deleted": True}]}


@pytest.mark.parametrize("at", [1, 2])
def test_deleting_sends_the_last_asset_with_deleted_set(
    client: httpx.Client, three: tuple[Feed, Feed, Feed], at: int
) -> None:
    made = create(client)
    delete(client, made)
    three[at].frame()
    [entry] = three[at].frame()["iterable"]
    deleted = entry.pop("deleted")
    assert deleted["value"] >= made["created"]["value"]
    assert without_contents(entry) == without_contents(made)


def test_changes_arrive_in_order_and_each_once(
    client: httpx.Client, three: tuple[Feed, Feed, Feed]
) -> None:
    one, other = create(client), create(client)
    update(client, one)
    delete(client, other)
    reclassify(client, one)
    last = create(client)
    expected = [[asset["id"]] for asset in (one, other, one, other, one, last)]
    for feed in three:
        assert [keys(feed.frame()) for _ in expected] == expected
        assert feed.is_open_and_silent()


@EACH
def test_pseudo_assets_send_nothing(client: httpx.Client, follow: Open, path: str) -> None:
    feed = follow(path)
    feed.frame()
    hidden = create(client, pseudo=True)
    update(client, hidden, name="Anew")
    delete(client, hidden)
    made = create(client)
    assert keys(feed.frame()) == [made["id"]]


@EACH
def test_an_asset_that_stops_being_pseudo_is_sent(
    client: httpx.Client, follow: Open, path: str
) -> None:
    hidden = create(client, pseudo=True)
    feed = follow(path)
    feed.frame()
    update(client, hidden, pseudo=False)
    assert keys(feed.frame()) == [hidden["id"]]


@EACH
def test_an_asset_that_becomes_pseudo_is_sent_as_deleted(
    client: httpx.Client, follow: Open, path: str
) -> None:
    made = create(client)
    feed = follow(path)
    feed.frame()
    update(client, made, pseudo=True)
    create(client)
    frame = feed.frame()
    assert keys(frame) == [made["id"]]
    assert frame["iterable"][0]["deleted"]


@EACH
def test_what_changes_nothing_sends_nothing(client: httpx.Client, follow: Open, path: str) -> None:
    feed = follow(path)
    feed.frame()
    ok(client.post("/assets/draft", json=seed(fragment("a"))))
    client.post("/assets/create", json=seed({}))
    listed(client)
    application = {"name": "SUBLIME", "version": "1.0.0", "platform": "LINUX"}
    ok(client.post("/connect", json={"application": application}))
    made = create(client)
    assert keys(feed.frame()) == [made["id"]]


@EACH
def test_changes_in_other_sandboxes_never_arrive(
    server: Server, client: httpx.Client, follow: Open, path: str
) -> None:
    feed = follow(path)
    feed.frame()
    with httpx.Client(base_url=f"{str(client.base_url).rstrip('/')}-other") as elsewhere:
        foreign = create(elsewhere)
        assert foreign["id"] in listed(elsewhere)
    made = create(client)
    assert keys(feed.frame()) == [made["id"]]
    assert foreign["id"] not in listed(client)


def test_a_reset_tells_the_difference_in_one_frame(
    client: httpx.Client, three: tuple[Feed, Feed, Feed]
) -> None:
    identifiers, assets, contents = three
    born = create(client)
    *_, removed, changed = ok(client.get("/assets"))["iterable"]
    delete(client, removed)
    update(client, changed, name="Anew")
    for feed in three:
        for _ in range(3):
            feed.frame()
    assert client.post("/__mock__/reset").status_code == 204
    told = {entry["asset"]["id"]: "deleted" in entry for entry in identifiers.frame()["iterable"]}
    assert told == {born["id"]: True, removed["id"]: False, changed["id"]: False}
    for feed, shown in ((assets, without_contents), (contents, dict)):
        frame = {entry["id"]: entry for entry in feed.frame()["iterable"]}
        assert "deleted" in frame.pop(born["id"])
        assert frame == {asset["id"]: shown(asset) for asset in (removed, changed)}
    made = create(client)
    for feed in three:
        assert keys(feed.frame()) == [made["id"]]


@EACH
def test_a_reset_of_what_never_changed_sends_nothing(
    client: httpx.Client, follow: Open, path: str
) -> None:
    feed = follow(path)
    feed.frame()
    assert client.post("/__mock__/reset").status_code == 204
    made = create(client)
    assert keys(feed.frame()) == [made["id"]]


# Readers


def test_fifty_readers_get_the_same_frames(
    server: Server, sandbox_url: str, client: httpx.Client
) -> None:
    with ExitStack() as opened, ThreadPoolExecutor(10) as pool:
        feeds = list(pool.map(lambda _: Feed(sandbox_url, IDENTIFIERS), range(50)))
        for feed in feeds:
            opened.enter_context(feed)
        made = [create(client)["id"] for _ in range(10)]
        told = [[feed.text() for _ in range(11)] for feed in feeds]
        assert {tuple(frames) for frames in told} == {tuple(told[0])}
        assert [keys(json.loads(frame)) for frame in told[0][1:]] == [[key] for key in made]


CONTENT = 20_000
BUFFERED = 60
"""Frames with such a content are more than sockets and server hold for who does not read."""


class Sleeper:
    """A reader that has shaken hands and then reads no further."""

    def __init__(self, server: Server, path: str) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.settimeout(WITHIN)
        self._socket.connect(("127.0.0.1", server.port))
        key = base64.b64encode(os.urandom(16)).decode()
        self._socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            "Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self._stream = self._socket.makefile("rb")
        assert self._stream.readline() == b"HTTP/1.1 101 Switching Protocols\r\n"
        while self._stream.readline() != b"\r\n":
            pass

    def closed(self) -> tuple[int, str]:
        """Wake up: the code and the reason of the close frame behind all others (RFC 6455)."""
        while True:
            opcode, length = self._stream.read(2)
            if length >= 126:
                length = int.from_bytes(self._stream.read(2 if length == 126 else 8), "big")
            payload = self._stream.read(length)
            if opcode & 0x0F == 8:
                return int.from_bytes(payload[:2], "big"), payload[2:].decode()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self._socket.close()


def test_a_reader_that_does_not_read_is_closed_and_others_go_on(
    server: Server, sandbox_url: str, client: httpx.Client, follow: Open
) -> None:
    empty(client)
    made = plant(client, seed(fragment("x" * CONTENT)))
    with Sleeper(server, sandbox_url.removeprefix(server.url) + CONTENTS) as sleeper:
        awake = follow(IDENTIFIERS)
        awake.frame()
        entry = without_contents(only_format(made))
        kind = {"ext": "py", "asset": {**without_contents(made), "formats": {"iterable": [entry]}}}
        for _ in range(MAX_BACKLOG + BUFFERED):
            ok(client.post("/asset/reclassify?transferables=false", json=kind))
            assert keys(awake.frame()) == [made["id"]]
        code, reason = sleeper.closed()
    assert code == 1013
    assert "too slow" in reason
    last = create(client)
    assert keys(awake.frame()) == [last["id"]]


@pytest.mark.parametrize(
    "path",
    ["/assets", "/assets/identifiers", "/.well-known/health", "/nothing", "/asset/update", "/"],
)
def test_an_upgrade_where_there_is_no_feed_is_refused(sandbox_url: str, path: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        Feed(sandbox_url, path)
    assert refused.value.response.status_code == 404


@pytest.mark.parametrize("path", OTHERS)
def test_other_feeds_send_a_first_frame_and_stay_open(
    client: httpx.Client, follow: Open, path: str
) -> None:
    feed, marker = follow(path), follow(IDENTIFIERS)
    assert feed.frame() == ok(client.get(path))
    _commit(client, marker)
    assert feed.is_open_and_silent()


def _commit(client: httpx.Client, marker: Feed) -> None:
    """A change that another feed has told of."""
    marker.frame()
    made = create(client)
    assert keys(marker.frame()) == [made["id"]]


def test_the_health_feed_begins_with_ok_and_stays_open(client: httpx.Client, follow: Open) -> None:
    feed, marker = follow(HEALTH), follow(IDENTIFIERS)
    said = feed.text()
    assert said.startswith("ok")
    assert said == client.get("/.well-known/health").text == client.get(HEALTH).text
    _commit(client, marker)
    assert feed.is_open_and_silent()


def test_the_copilots_feed_is_open_and_silent(client: httpx.Client, follow: Open) -> None:
    feed, marker = follow(QGPT), follow(IDENTIFIERS)
    _commit(client, marker)
    assert feed.is_open_and_silent()


@pytest.mark.parametrize("path", [*OF_ASSETS, HEALTH, QGPT, *OTHERS])
def test_what_a_client_says_is_ignored(client: httpx.Client, follow: Open, path: str) -> None:
    feed, marker = follow(path), follow(IDENTIFIERS)
    feed.socket.send("hello")
    feed.socket.send(b"\x00\xff")
    feed.socket.send(json.dumps({"question": {"query": "?"}}))
    if path != QGPT:
        feed.text()
    _commit(client, marker)
    if path in OF_ASSETS:
        assert len(feed.frame()["iterable"]) == 1
    assert feed.is_open_and_silent()


def test_a_reader_that_leaves_is_forgotten(
    sandbox_url: str, client: httpx.Client, follow: Open
) -> None:
    for _ in range(5):
        Feed(sandbox_url, IDENTIFIERS).socket.close()
    leaver = follow(IDENTIFIERS)
    leaver.text()
    leaver.socket.close()
    with pytest.raises(ConnectionClosed):
        leaver.text()
    feed = follow(IDENTIFIERS)
    feed.frame()
    made = create(client)
    assert keys(feed.frame()) == [made["id"]]


def test_a_feed_needs_no_subprotocol_and_takes_any_origin(sandbox_url: str) -> None:
    from websockets.sync.client import connect

    url = sandbox_url.replace("http://", "ws://", 1) + IDENTIFIERS
    with connect(url, origin="http://127.0.0.1:39300", proxy=None) as feed:  # type: ignore[arg-type]
        assert feed.subprotocol is None
        assert "iterable" in json.loads(feed.recv(timeout=WITHIN))


def test_another_client_library_reads_the_same(sandbox_url: str, client: httpx.Client) -> None:
    import websocket

    feed = websocket.create_connection(
        sandbox_url.replace("http://", "ws://", 1) + IDENTIFIERS, timeout=WITHIN
    )
    try:
        assert json.loads(feed.recv()) == ok(client.get(IDENTIFIERS))
        made = create(client)
        assert keys(json.loads(feed.recv())) == [made["id"]]
    finally:
        feed.close()


def test_a_reader_behind_a_reset_does_not_spoil_the_frames_of_others(
    mock: Mock, asgi: httpx.Client
) -> None:
    [api] = [one for one in mock.apis if one.description.stem == "assets"]
    [operation] = [one for one in api.description.operations if one.path == ASSETS]
    endpoint = Endpoint(api, operation, api.handlers.by_operation[operation.id])
    feed = EngineFeed(endpoint, api.handlers.frames_of[operation.id])
    behind = Reader(feed, mock.sandboxes.default)
    for name in ("one", "two"):
        create(asgi, name=name)
    waiting = behind.frames()
    assert b'"one"' in next(waiting)
    assert asgi.post("/__mock__/reset").status_code == 204
    assert b'"two"' in next(waiting)
    ahead = Reader(feed, mock.sandboxes.default)
    for name in ("three", "four"):
        create(asgi, name=name)
    told = [json.loads(frame)["iterable"][0]["name"] for frame in ahead.frames()]
    assert told == ["three", "four"]


# What is sent is what is described


@pytest.fixture(scope="module")
def described() -> Description:
    return read_description(SPECS / "assets.yaml")


@pytest.fixture(scope="module")
def schemas(described: Description) -> Schemas:
    return Schemas(described.document)


@pytest.mark.parametrize("path", [*OF_ASSETS, HEALTH, *OTHERS])
def test_every_frame_has_the_documented_schema(
    client: httpx.Client, follow: Open, described: Description, schemas: Schemas, path: str
) -> None:
    operation = next(one for one in described.operations if one.path == path)
    documented = operation.response(200)
    assert documented is not None
    [(media_type, schema)] = documented.content.items()
    feed = follow(path)
    frames = [feed.text()]
    if path in OF_ASSETS:
        made = create(client)
        update(client, made, name="Anew")
        delete(client, made)
        frames += [feed.text() for _ in range(3)]
        client.post("/__mock__/reset")
        create(client)
        frames.append(feed.text())
    for text in frames:
        value = json.loads(text) if media_type == "application/json" else text
        assert schemas.violations(schema, value, "frame") == []


def test_a_feed_does_not_hold_contents_that_are_gone(start: Callable[..., Server]) -> None:
    flags = ("--quiet", "--no-fixtures", "--max-blobs", "1", "--history", "4")
    with (
        start(*flags) as running,
        httpx.Client(base_url=running.url, timeout=WITHIN, trust_env=False) as client,
        Feed(running.url, IDENTIFIERS) as feed,
    ):
        assert feed.frame() == {"iterable": []}
        for number in range(6):
            made = plant(client, seed(fragment(str(number) * 700_000)), transferables=False)
            assert keys(feed.frame()) == [made["id"]]
            delete(client, made)
            assert feed.frame()["iterable"][0]["deleted"]
