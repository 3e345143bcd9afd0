"""Every kind of fault as a real client over HTTP sees it, and the rules themselves."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosedError, InvalidHandshake, InvalidStatus
from websockets.sync.client import connect

from mockserver.catalogue import Mock
from mockserver.engine.faults.delivering import ConnectionDropped
from tests.apis.assets.world import create, fragment, seed
from tests.running import Server, eventually

IDENTIFIERS = "/assets/identifiers"
FEED = "/assets/stream/identifiers"
MINE = "x-mock-fault"
FOREVER = {"kind": "latency", "distribution": "fixed", "milliseconds": 60_000}
WITHIN = 20.0


def rule(client: httpx.Client, kind: str, *, on: str | None = None, **fault: Any) -> str:
    """The id of a new rule; members of the rule itself are given with a leading underscore."""
    told = {name[1:]: fault.pop(name) for name in list(fault) if name.startswith("_")}
    if on is not None:
        told["path"] = on
    made = client.post("/__mock__/faults", json={**told, "fault": {"kind": kind, **fault}})
    assert made.status_code == 201, made.text
    assert made.headers["location"].endswith(f"/__mock__/faults/{made.json()['id']}")
    id_: str = made.json()["id"]
    return id_


def known(client: httpx.Client) -> list[str]:
    """The keys of all assets, past any rule."""
    found = client.get("/__mock__/state/assets/assets", params={"limit": 1000}).json()
    return [record["key"] for record in found["records"]]


class Line:
    """A connection on which bytes are sent and read as they are."""

    def __init__(self, server: Server, sandbox_url: str) -> None:
        self.prefix = sandbox_url.removeprefix(server.url)
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=WITHIN)

    def ask(self, *paths: str, method: str = "GET", more: str = "") -> None:
        """Send requests at once, without waiting for answers."""
        head = f"Host: mock.test\r\nContent-Length: 0\r\n{more}\r\n"
        texts = [f"{method} {self.prefix}{path} HTTP/1.1\r\n{head}" for path in paths]
        self.socket.sendall("".join(texts).encode())

    def rest(self) -> bytes:
        """All that comes until the connection is closed. Raises ConnectionResetError."""
        parts = iter(lambda: self.socket.recv(65_536), b"")
        return b"".join(parts)

    def close(self) -> None:
        self.socket.close()


@pytest.fixture
def line(server: Server, sandbox_url: str) -> Iterator[Line]:
    with closing(Line(server, sandbox_url)) as made:
        yield made


def test_a_status_has_the_body_that_is_documented_for_it(client: httpx.Client) -> None:
    path = f"/assets/{known(client)[0]}"
    preferred = client.get(path, headers={"Prefer": "code=410"})
    id_ = rule(client, "status", status=410)
    answer = client.get(path)
    assert (answer.status_code, answer.text) == (410, preferred.text)
    assert answer.headers[MINE] == id_
    assert "preference-applied" not in answer.headers


def test_a_status_of_ones_own(client: httpx.Client) -> None:
    rule(client, "status", status=503, headers={"Retry-After": "3"}, body={"why": "maintenance"})
    answer = client.get(IDENTIFIERS)
    assert (answer.status_code, answer.json()) == (503, {"why": "maintenance"})
    assert answer.headers["retry-after"] == "3"
    assert answer.headers["content-type"] == "application/json"


def test_a_text_of_ones_own(client: httpx.Client) -> None:
    rule(client, "status", status=502, body="<h1>Bad gateway</h1>", mediaType="text/html")
    answer = client.get(IDENTIFIERS)
    assert answer.text == "<h1>Bad gateway</h1>"
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_content(client: httpx.Client, status: int) -> None:
    rule(client, "status", status=status)
    for _ in range(2):
        answer = client.get(IDENTIFIERS)
        assert (answer.status_code, answer.content) == (status, b"")
        assert "content-length" not in answer.headers


def test_a_status_that_is_not_documented_is_a_refusal_in_words(client: httpx.Client) -> None:
    rule(client, "status", status=503)
    answer = client.get(IDENTIFIERS)
    assert answer.status_code == 503
    assert "fault rule" in answer.text


@pytest.mark.parametrize(
    ("kind", "more", "is_done"),
    [
        ("status", {"status": 500}, False),
        ("drop", {}, False),
        ("drop", {"when": "after"}, True),
        ("reset", {}, False),
        ("reset", {"when": "after"}, True),
        ("limit", {"requests": 1, "seconds": 60}, False),
        ("malformed", {}, True),
    ],
)
def test_an_operation_is_carried_out_or_not(
    client: httpx.Client, kind: str, more: dict[str, Any], is_done: bool
) -> None:
    create(client)
    before = known(client)
    rule(client, kind, on="/assets/create", **more)
    if kind == "limit":
        create(client)
        before = known(client)
    try:
        answer = client.post("/assets/create", json=seed(fragment("lost")))
        assert answer.headers[MINE]
        assert kind not in ("drop", "reset")
    except httpx.TransportError:
        assert kind in ("drop", "reset")
    assert len(known(client)) == len(before) + is_done


def test_a_dropped_connection_is_closed_without_a_byte(client: httpx.Client, line: Line) -> None:
    rule(client, "drop")
    line.ask(IDENTIFIERS)
    assert line.rest() == b""


def test_a_reset_is_told_by_tcp(client: httpx.Client, line: Line) -> None:
    rule(client, "reset")
    line.ask(IDENTIFIERS)
    with pytest.raises(ConnectionResetError):
        line.rest()


@pytest.mark.parametrize("size", [None, 0, 7, 10**6])
def test_a_truncated_body_is_shorter_than_its_length_says(
    client: httpx.Client, line: Line, size: int | None
) -> None:
    whole = client.get(IDENTIFIERS).content
    id_ = rule(client, "truncate", **({} if size is None else {"bytes": size}))
    line.ask(IDENTIFIERS)
    head, _, body = line.rest().partition(b"\r\n\r\n")
    assert f"content-length: {len(whole)}".encode() in head
    assert f"{MINE}: {id_}".encode() in head
    assert body == whole[: len(whole) // 2 if size is None else min(size, len(whole) - 1)]


@pytest.mark.parametrize("pace", [{"milliseconds": 100}, {"rate": 20_000}])
def test_a_slow_body_is_whole_in_the_end(client: httpx.Client, pace: dict[str, int]) -> None:
    whole = client.get(IDENTIFIERS).content
    rule(client, "slow", **pace)
    with client.stream("GET", IDENTIFIERS) as answer:
        pieces = list(answer.iter_raw())
    assert b"".join(pieces) == whole
    assert len(pieces) > 1


def test_a_malformed_body_is_complete_but_no_json(client: httpx.Client) -> None:
    rule(client, "malformed")
    answer = client.get(IDENTIFIERS)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert int(answer.headers["content-length"]) == len(answer.content)
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_a_broken_body_is_json_that_its_schema_does_not_allow(
    client: httpx.Client, mock: Mock
) -> None:
    key = known(client)[0]
    [api] = [api for api in mock.apis if api.description.stem == "assets"]
    [operation] = [each for each in api.description.operations if each.path == "/assets/{asset}"
                   and each.method == "GET"]  # fmt: skip
    schema = operation.responses["200"].content["application/json"]
    validator = api.schemas.validator(schema, reply=True)
    assert validator.is_valid(client.get(f"/assets/{key}").json())
    id_ = rule(client, "break")
    told = set()
    for _ in range(10):
        answer = client.get(f"/assets/{key}")
        assert not validator.is_valid(answer.json())
        assert answer.headers[MINE].startswith(f"{id_}; ")
        told.add(answer.headers[MINE])
    assert len(told) > 1


def test_past_a_limit_there_is_429_until_its_window_is_over(client: httpx.Client) -> None:
    client.post("/__mock__/clock/freeze")
    rule(client, "limit", requests=2, seconds=60)
    statuses = [client.get(IDENTIFIERS).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    client.post("/__mock__/clock/advance", json={"seconds": 58.5})
    answer = client.get(IDENTIFIERS)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
    client.post("/__mock__/clock/advance", json={"seconds": 2})
    assert client.get(IDENTIFIERS).status_code == 200


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "DELETE"])
@pytest.mark.parametrize("path", [IDENTIFIERS, "/no/such/path", "/api/nothing"])
def test_whatever_is_answered_can_be_struck(client: httpx.Client, method: str, path: str) -> None:
    plain = client.request(method, path)
    id_ = rule(client, "latency", distribution="fixed", milliseconds=1, _method=method)
    answer = client.request(method, path)
    assert answer.headers[MINE] == id_
    assert answer.status_code == plain.status_code
    rule(client, "drop", _method=method)
    with pytest.raises(httpx.RemoteProtocolError):
        client.request(method, path)


def test_the_control_api_is_spared(client: httpx.Client) -> None:
    rule(client, "drop")
    rule(client, "status", status=500)
    assert client.get("/__mock__/revisions").status_code == 200
    assert client.get("/%5f_mock__/revisions").status_code == 200
    assert client.get("/__mock__/nothing").status_code == 404
    [first, second] = client.get("/__mock__/faults").json()
    assert (first["seen"], second["seen"]) == (0, 0)


def test_other_sandboxes_are_spared(client: httpx.Client, server: Server) -> None:
    rule(client, "drop")
    assert httpx.get(server.url + IDENTIFIERS, trust_env=False).status_code == 200


def test_one_that_waits_keeps_nobody_waiting(client: httpx.Client, line: Line) -> None:
    rule(client, on="/assets/stream", **FOREVER)
    line.ask("/assets/stream")
    eventually(lambda: client.get("/__mock__/faults").json()[0]["hits"])
    assert client.get(IDENTIFIERS).status_code == 200
    line.socket.setblocking(False)
    with pytest.raises(BlockingIOError):
        line.socket.recv(1)


def test_pipelined_answers_come_in_order_however_late_the_first_is(
    client: httpx.Client, line: Line
) -> None:
    rule(client, "latency", distribution="fixed", milliseconds=50, on=IDENTIFIERS)
    rule(client, "status", status=410, on="/assets/last")
    rule(client, "drop", on="/assets/never")
    line.ask(IDENTIFIERS, "/assets/last", "/assets/never")
    answers = line.rest().split(b"HTTP/1.1 ")[1:]
    assert [answer[:3] for answer in answers] == [b"200", b"410"]


def test_answers_before_a_drop_arrive_whole(client: httpx.Client, line: Line) -> None:
    whole = client.get("/assets").content
    rule(client, "drop", on=IDENTIFIERS)
    line.ask("/assets", IDENTIFIERS, "/assets")
    head, _, body = line.rest().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert body == whole


def test_the_same_seed_strikes_twice_the_same(server: Server) -> None:
    def run(name: str) -> list[Any]:
        with httpx.Client(base_url=f"{server.url}/@{name}", trust_env=False) as client:
            client.put("/__mock__/seed", json={"seed": 11})
            rule(client, "status", status=500, _probability=0.3)
            rule(client, "break", _probability=0.5)
            rule(client, "malformed", _seed=5)
            answers = [client.get(IDENTIFIERS) for _ in range(30)]
            client.post("/__mock__/reset", params={"faults": True})
            return [(answer.status_code, answer.headers[MINE], answer.text) for answer in answers]

    first = run("seeded-1")
    assert run("seeded-1") == run("seeded-2") == first
    assert len({told for _, told, _ in first}) > 5


@pytest.fixture
def feed_url(sandbox_url: str) -> str:
    return sandbox_url.replace("http://", "ws://", 1) + FEED


def test_a_feed_is_dropped_after_some_frames(client: httpx.Client, feed_url: str) -> None:
    id_ = rule(client, "drop", on=FEED, frames=2)
    with connect(feed_url, proxy=None) as feed:
        assert feed.response is not None
        assert feed.response.headers[MINE] == id_
        feed.recv(timeout=WITHIN)
        made = create(client)
        assert json.loads(feed.recv(timeout=WITHIN))["iterable"][0]["asset"]["id"] == made["id"]
        with pytest.raises(ConnectionClosedError) as lost:
            feed.recv(timeout=WITHIN)
    assert lost.value.rcvd is None


@pytest.mark.parametrize("kind", ["drop", "reset"])
def test_a_feed_is_not_even_accepted(client: httpx.Client, feed_url: str, kind: str) -> None:
    rule(client, kind, on=FEED)
    with pytest.raises((InvalidHandshake, OSError, EOFError)):
        connect(feed_url, proxy=None)


def test_a_feed_is_refused(client: httpx.Client, feed_url: str) -> None:
    id_ = rule(client, "status", status=503, on=FEED)
    with pytest.raises(InvalidStatus) as refused:
        connect(feed_url, proxy=None)
    assert refused.value.response.status_code == 503
    assert refused.value.response.headers[MINE] == id_


def test_the_frames_of_a_feed_are_late_but_all_there(client: httpx.Client, feed_url: str) -> None:
    rule(client, "latency", distribution="uniform", lower=1, upper=30, on=FEED)
    with connect(feed_url, proxy=None) as feed:
        feed.recv(timeout=WITHIN)
        made = [create(client)["id"] for _ in range(3)]
        told = [json.loads(feed.recv(timeout=WITHIN))["iterable"][0]["asset"]["id"] for _ in made]
    assert told == made


@pytest.mark.parametrize("delay", ["20ms", "20", "0.02s"])
def test_a_delay_is_preferred_for_one_request(client: httpx.Client, delay: str) -> None:
    plain = client.get(IDENTIFIERS)
    answer = client.get(IDENTIFIERS, headers={"Prefer": f"delay={delay}"})
    assert (answer.status_code, answer.text) == (plain.status_code, plain.text)
    assert answer.headers["preference-applied"] == "delay=20ms"
    assert "preference-applied" not in plain.headers
    twin = client.get(IDENTIFIERS, params={"__delay": delay})
    assert twin.headers["preference-applied"] == "delay=20ms"


def test_a_delayed_answer_is_made_at_once_and_sent_later(client: httpx.Client, line: Line) -> None:
    key = known(client)[0]
    line.ask(f"/assets/{key}/delete", method="POST", more="Prefer: delay=60s\r\n")
    eventually(lambda: key not in known(client))
    line.socket.setblocking(False)
    with pytest.raises(BlockingIOError):
        line.socket.recv(1)


def test_a_code_may_be_late(client: httpx.Client) -> None:
    path = f"/assets/{known(client)[0]}"
    answer = client.get(path, headers={"Prefer": "delay=5ms, code=410"})
    assert answer.status_code == 410
    assert answer.headers["preference-applied"] == "code=410, delay=5ms"


@pytest.mark.parametrize("delay", ["60001ms", "61s", "1h", "", "-1s", "1e9", "99999s"])
def test_a_delay_that_is_none_is_refused(client: httpx.Client, delay: str) -> None:
    answer = client.get(IDENTIFIERS, headers={"Prefer": f"delay={delay}"})
    assert answer.status_code == 422
    assert "at most 60s" in answer.json()["detail"]


def test_rules_are_kept_until_they_are_taken_out(client: httpx.Client) -> None:
    assert client.get("/__mock__/faults").json() == []
    first = rule(client, "drop", on="/never", _count=3, _api="assets", _method="GET")
    made = client.get(f"/__mock__/faults/{first}").json()
    assert made == {
        "id": first, "seen": 0, "hits": 0, "spent": False, "probability": 1, "skip": 0,
        "count": 3, "api": "assets", "method": "GET", "path": "/never", "fault": {"kind": "drop"},
    }  # fmt: skip
    put = client.put("/__mock__/faults/mine", json={"fault": {"kind": "break"}})
    assert (put.status_code, put.json()["id"]) == (201, "mine")
    put = client.put(f"/__mock__/faults/{first}", json={"fault": {"kind": "reset"}})
    assert (put.status_code, put.json()["fault"]) == (200, {"kind": "reset"})
    assert [each["id"] for each in client.get("/__mock__/faults").json()] == [first, "mine"]
    assert client.delete(f"/__mock__/faults/{first}").status_code == 204
    assert client.delete(f"/__mock__/faults/{first}").status_code == 404
    missing = client.get(f"/__mock__/faults/{first}")
    assert missing.status_code == 404
    assert "mine" in missing.json()["detail"]
    assert client.delete("/__mock__/faults").status_code == 204
    assert client.get("/__mock__/faults").json() == []
    assert rule(client, "drop") == "fault-1"


def test_a_spent_rule_is_still_told(client: httpx.Client) -> None:
    rule(client, "status", status=500, _count=1)
    assert [client.get(IDENTIFIERS).status_code for _ in range(3)] == [500, 200, 200]
    [told] = client.get("/__mock__/faults").json()
    assert (told["seen"], told["hits"], told["spent"]) == (3, 1, True)


def test_a_reset_leaves_rules_alone_unless_they_are_named(client: httpx.Client) -> None:
    rule(client, "status", status=500)
    client.get(IDENTIFIERS)
    before = client.get("/__mock__/faults").json()
    client.post("/__mock__/reset")
    assert client.get("/__mock__/faults").json() == before
    client.post("/__mock__/reset", params={"faults": True})
    assert client.get("/__mock__/faults").json() == []
    assert client.get(IDENTIFIERS).status_code == 200


@pytest.mark.parametrize(
    ("told", "names"),
    [
        ({"api": "asset"}, ["/api", "assets", "immich", "plane"]),
        ({"operation": "assets_snapshott"}, ["/operation", "assets_snapshot", "more"]),
        ({"api": "plane", "operation": "assets_snapshot"}, ["/operation", "generic"]),
        ({"fault": {"kind": "status", "status": 500, "headers": {"Content-Length": "1"}}},
         ["/fault/headers"]),
        ({"fault": {"kind": "status", "status": 500, "headers": {"a b": "1"}}},
         ["/fault/headers"]),
        ({"fault": {"kind": "latency", "distribution": "uniform", "lower": 2, "upper": 1}},
         ["lower", "upper"]),
    ],
)  # fmt: skip
def test_a_rule_that_cannot_hold_is_refused_in_words(
    client: httpx.Client, told: dict[str, Any], names: list[str]
) -> None:
    body = {"fault": {"kind": "drop"}, **told}
    for answer in (
        client.post("/__mock__/faults", json=body),
        client.put("/__mock__/faults/mine", json=body),
    ):
        assert answer.status_code == 422
        assert [name for name in names if name not in answer.json()["detail"]] == []
    assert client.get("/__mock__/faults").json() == []


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ({"kind": "dropp"}, '/fault/kind: expected one of ["latency", "status"'),
        ({}, "/fault: expected the property 'kind'"),
        ({"kind": "latency", "distribution": "even"}, '["fixed", "uniform", "lognormal"]'),
        ({"kind": "latency", "distribution": "fixed"}, "expected the property 'milliseconds'"),
        ({"kind": "status", "status": 600}, "/fault/status: expected maximum 599"),
    ],
)
def test_a_fault_that_is_none_is_told_by_what_was_meant(
    client: httpx.Client, fault: dict[str, Any], expected: str
) -> None:
    answer = client.post("/__mock__/faults", json={"fault": fault})
    assert answer.status_code == 400
    assert expected in answer.json()["detail"]


def test_there_are_at_most_so_many_rules(client: httpx.Client) -> None:
    for _ in range(100):
        rule(client, "drop", on="/never")
    full = client.post("/__mock__/faults", json={"fault": {"kind": "drop"}})
    assert full.status_code == 507
    assert "100" in full.json()["detail"]


def test_in_the_same_process_a_drop_is_raised(asgi: httpx.Client) -> None:
    rule(asgi, "drop", on=IDENTIFIERS)
    with pytest.raises(ConnectionDropped):
        asgi.get(IDENTIFIERS)
    assert asgi.get("/assets").status_code == 200


def test_a_sandbox_without_rules_pays_nothing_for_them(asgi: httpx.Client, mock: Mock) -> None:
    sandbox = mock.sandboxes.default
    assert sandbox.faults is None
    for _ in range(2):
        id_ = rule(asgi, "drop", on="/never")
        assert id_ == "fault-1"
        assert asgi.delete(f"/__mock__/faults/{id_}").status_code == 204
        assert sandbox.faults is None
    assert asgi.get("/__mock__/faults/fault-1").status_code == 404
