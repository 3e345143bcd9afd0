from __future__ import annotations

import asyncio
import contextlib
import io
import json
import logging
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from mockserver.app import create_app
from mockserver.catalogue import SPECS, Mock, assemble
from mockserver.console.control import control_api
from mockserver.engine import reply as engine
from mockserver.engine.handlers import Call, Handlers, Paths, Reply
from mockserver.engine.problems import problem_reply, text_reply
from mockserver.engine.reply import Api
from mockserver.engine.request import Request
from mockserver.engine.spec import Description, Operation, describe, read_description
from mockserver.errors import ApiError, StartupError
from mockserver.server import MAX_HEADERS
from mockserver.state.blobs import Blobs
from mockserver.state.sandboxes import Rules, Sandboxes
from tests.engine.tiny import assembled, described, json_content, snapshot, things
from tests.running import Server

BODY_LIMIT = 16 * 1024 * 1024
ASSETS = read_description(SPECS / "assets.yaml")
CONTROL = read_description(SPECS / "control.yaml")
BY_ID = {op.id: op for description in (ASSETS, CONTROL) for op in description.operations}
NEVER = "00000000-0000-4000-8000-000000000000"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes


class Wire:
    """A sandbox spoken to in bytes, for what clients are too polite to send."""

    def __init__(self, url: str) -> None:
        parts = httpx.URL(url)
        self.address = (parts.host, parts.port)
        self.prefix = parts.path

    def exchange(self, request: bytes) -> bytes:
        """All that comes back until the server closes the connection."""
        with socket.create_connection(self.address, timeout=20) as connection:
            connection.sendall(request)
            received = bytearray()
            while chunk := connection.recv(65536):
                received += chunk
        return bytes(received)

    def __call__(
        self, method: str, path: str, *headers: str, body: bytes = b"", prefix: str | None = None
    ) -> Answer:
        prefix = self.prefix if prefix is None else prefix
        lines = [f"{method} {prefix}{path} HTTP/1.1", "Host: localhost", "Connection: close"]
        lines += headers
        if body:
            lines.append(f"Content-Length: {len(body)}")
        request = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
        return parsed(self.exchange(request), method)


def next_answer(connection: socket.socket) -> Answer:
    """The answer that comes first on a connection, which need not end after it."""
    response = HTTPResponse(connection)
    response.begin()
    return Answer(response.status, dict(response.getheaders()), response.read())


class _Received:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self._data)


def parsed(data: bytes, method: str = "GET") -> Answer:
    response = HTTPResponse(_Received(data), method=method)  # type: ignore[arg-type]
    response.begin()
    headers = {name.lower(): value for name, value in response.getheaders()}
    assert len(headers) == len(response.getheaders())
    return Answer(response.status, headers, response.read())


@pytest.fixture
def wire(sandbox_url: str) -> Wire:
    return Wire(sandbox_url)


@pytest.fixture
def unchanged(client: httpx.Client) -> Iterator[None]:
    """The sandbox is the same before and after."""
    before = client.get("/assets").content
    yield
    assert client.get("/assets").content == before


def documented(answer: Answer, operation: str, status: int) -> None:
    """An error that the operation's description has, in the media type that it has."""
    assert answer.status == status, answer.body
    response = BY_ID[operation].response(status)
    assert response is not None
    media_type = answer.headers["content-type"].partition(";")[0]
    assert media_type in response.content
    if media_type == "application/problem+json":
        problem = json.loads(answer.body)
        assert problem["status"] == status
        assert problem["detail"]
    else:
        assert answer.body.decode()


JSON = "Content-Type: application/json"


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", JSON, 400),
        (b'{"type": 5}', JSON, 400),
        (b"[]", JSON, 400),
        (b"null", JSON, 400),
        (b"{}", "Content-Type: text/plain", 415),
        (b"{}", "Content-Type: ;", 415),
        (b"{}", "X-No-Content-Type: 1", 415),
        (b'{"type": "\xff"}', JSON, 400),
        ('{"type": "ż"}'.encode("utf-16"), JSON, 400),
        (b'{"asset": NaN}', JSON, 400),
        (b'{"asset": 1e999}', JSON, 400),
        (b'{"asset": ' + b"9" * 5000 + b"}", JSON, 400),
        (b'{"asset": 123456789012345678901234567890}', JSON, 400),
        (b"[" * 10_000, JSON, 400),
        (b"[" * 10_000 + b"]" * 10_000, JSON, 400),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, JSON, 400),
        (b"\0", JSON, 400),
        (b'{"type": "\0"}', JSON, 400),
        (b'{"type": "\\u0000"}', JSON, 400),
        (b'{"type": "\\ud800"}', JSON, 400),
        (b'{"\\u0000view": "SeededAsset"}', JSON, 400),
    ],
    ids=range(21),
)
def test_bodies_that_are_refused(wire: Wire, body: bytes, content_type: str, status: int) -> None:
    answer = wire("POST", "/assets/create", content_type, body=body)
    documented(answer, "assets_create_new_asset", status)


@pytest.mark.usefixtures("unchanged")
def test_a_violation_names_its_place(client: httpx.Client) -> None:
    seed = {"type": "SEEDED_ASSET", "asset": {"application": 1}}
    response = client.post("/assets/create", json=seed)
    problem = response.json()
    assert response.status_code == 400
    assert {error["pointer"].partition("/application")[0] for error in problem["errors"]} == {
        "/asset"
    }
    assert all(set(error) >= {"location", "rule", "expected"} for error in problem["errors"])


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "query",
    [
        "transferables=true&transferables=false",
        "transferables=true&transferables=true",
        "transferables=1",
        "transferables=",
        "transferables=%00",
        "transferables=%FF",
        "%FF=1",
        "transferables=tr%20ue",
    ],
)
def test_queries_that_are_refused(wire: Wire, query: str) -> None:
    answer = wire("GET", f"/assets?{query}")
    documented(answer, "assets_snapshot", 400)
    assert {error["location"] for error in json.loads(answer.body)["errors"]} == {"query"}


@pytest.mark.parametrize("query", ["", "?", "?&&", "?unknown=1", "?transferables=true&%00=1"])
def test_queries_that_are_odd_but_fine(wire: Wire, query: str) -> None:
    assert wire("GET", f"/assets/identifiers{query}").status == 200


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize("key", ["x", "%00", "a%2Fb", "..", "%2e%2e", NEVER[:-1], quote("ż")])
def test_path_parameters_that_are_refused(wire: Wire, key: str) -> None:
    documented(wire("GET", f"/assets/{key}"), "assets_specific_asset_snapshot", 400)
    documented(wire("POST", f"/assets/{key}/delete"), "assets_delete_asset", 400)


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "//assets",
        "/assets/",
        "/assets//identifiers",
        "/%2e%2e/assets",
        "/../assets",
        "/./assets",
        "/assets%2Fidentifiers",
        "/assets%00",
        "/ASSETS",
        "/%40other/assets",
        "/a" * 5000,
        "/assets/" + "a" * 60_000 + "/x",
    ],
    ids=range(13),
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_paths_that_nobody_described(wire: Wire, method: str, path: str) -> None:
    answer = wire(method, path)
    assert answer.status == 404
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.body.decode()


@pytest.mark.parametrize(
    "name", ["bad%20name", "", ".", "..", "%2e%2e", "%2e%2e%2f", "a%00", "x" * 65, quote("ż")]
)
def test_sandbox_names_that_are_none(wire: Wire, name: str) -> None:
    answer = wire("GET", "/assets", prefix=f"/@{name}")
    assert answer.status == 404
    assert b"sandbox" in answer.body


@pytest.mark.parametrize("name", ["bad name", "a/b", "x" * 65, "é"])
def test_sandbox_headers_that_are_none(wire: Wire, name: str) -> None:
    answer = wire("GET", "/assets/identifiers", f"X-Mock-Sandbox: {name}", prefix="")
    documented(answer, "assets_identifiers_snapshot", 400)
    [error] = json.loads(answer.body)["errors"]
    assert (error["location"], error["pointer"]) == ("header", "X-Mock-Sandbox")


def test_the_header_names_the_same_sandbox_as_the_path(
    server: Server, client: httpx.Client
) -> None:
    name = client.base_url.path.strip("/@")
    keys = [entry["id"] for entry in client.get("/assets/identifiers").json()["iterable"]]
    with httpx.Client(base_url=server.url, headers={"X-Mock-Sandbox": name}) as by_header:
        assert by_header.post(f"/assets/{keys[0]}/delete").status_code == 200
        elsewhere = by_header.get(f"/@{name}-other/assets/{keys[0]}")
    assert client.get(f"/assets/{keys[0]}").status_code == 410
    assert elsewhere.status_code == 200


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(
    "request_",
    [
        b"BREW /assets HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"get /assets HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /@bad name/assets HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /assets\0 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /assets?a=\0 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET assets HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /assets HTTP/1.1\r\nHost: localhost\r\nX-\0: 1\r\n\r\n",
        b"POST /assets/create HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /assets/create HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
    ids=range(11),
)
def test_what_is_no_http_is_refused(wire: Wire, request_: bytes) -> None:
    assert parsed(wire.exchange(request_)).status == 400


def template_key(operation: Operation, client: httpx.Client) -> str:
    """The operation's path with things that there are."""
    if "{" not in operation.path:
        return operation.path
    [asset, *_] = client.get("/assets").json()["iterable"]
    values = {"asset": asset["id"], "format": asset["original"]["id"], "stem": "assets"}
    values |= {"api": "assets", "collection": "assets", "key": asset["id"], "sandbox": "none"}
    if "{revision}" in operation.path:
        client.post("/__mock__/reset")
        values["revision"] = "1"
    if "{name}" in operation.path:
        values["name"] = client.post("/__mock__/snapshots").json()["name"]
    if operation.id == "read_request":
        [newest, *_] = client.get("/__mock__/requests").json()["requests"]
        values["id"] = newest["id"]
    if operation.id == "read_fault":
        rule = {"path": "/nowhere", "fault": {"kind": "status", "status": 503}}
        values["id"] = client.post("/__mock__/faults", json=rule).json()["id"]
    return operation.path.format(**values)


def reached(description: Description, operation: Operation, client: httpx.Client) -> str:
    path = description.base_path + template_key(operation, client)
    needed = {"export_type": "HTML", "query": "a"}
    query = [p.name for p in operation.parameters if p.location == "query" and p.name in needed]
    return path + "".join(f"?{name}={needed[name]}" for name in query[:1])


ALL = [(d, operation) for d in (ASSETS, CONTROL) for operation in d.operations]
TEMPLATES = sorted({(d.base_path, op.path) for d, op in ALL})


@pytest.mark.parametrize(
    ("description", "operation"),
    # How long sandboxes are idle is never the same twice.
    [each for each in ALL if each[1].method == "GET" and each[1].id != "list_sandboxes"],
    ids=lambda value: getattr(value, "id", ""),
)
def test_head_is_get_without_a_body(
    wire: Wire, client: httpx.Client, description: Description, operation: Operation
) -> None:
    path = reached(description, operation, client)
    got, head = wire("GET", path), wire("HEAD", path)
    assert got.status == head.status == 200
    assert int(head.headers["content-length"]) == len(got.body) > 0
    assert head.headers["content-type"] == got.headers["content-type"]
    request = f"HEAD {wire.prefix}{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert wire.exchange(request.encode()).endswith(b"\r\n\r\n")


@pytest.mark.usefixtures("unchanged")
@pytest.mark.parametrize(("base_path", "template"), TEMPLATES)
def test_other_methods_are_told_which_there_are(
    wire: Wire, client: httpx.Client, base_path: str, template: str
) -> None:
    there = [op for d, op in ALL if (d.base_path, op.path) == (base_path, template)]
    methods = {op.method for op in there}
    allowed = methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())
    path = base_path + template_key(there[0], client)
    options = wire("OPTIONS", path)
    assert (options.status, options.body) == (204, b"")
    assert set(options.headers["allow"].split(", ")) == allowed
    every = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "QUERY")
    for method in every:
        if method not in allowed:
            answer = wire(method, path, JSON, body=b"{")
            assert set(answer.headers["allow"].split(", ")) == allowed
            if method == "HEAD":
                assert (answer.status, answer.body) == (405, b"")
            else:
                documented(answer, there[0].id, 405)


def test_options_of_what_nobody_described(wire: Wire) -> None:
    assert wire("OPTIONS", "/nothing").status == 404


def test_a_preflight(wire: Wire) -> None:
    answer = wire(
        "OPTIONS",
        "/assets/create",
        "Origin: http://app.test",
        "Access-Control-Request-Method: POST",
        "Access-Control-Request-Headers: content-type, x-mock-sandbox",
    )
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["access-control-allow-origin"] == "http://app.test"
    assert answer.headers["access-control-allow-methods"] == "POST"
    assert answer.headers["access-control-allow-headers"] == "content-type, x-mock-sandbox"
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert int(answer.headers["access-control-max-age"]) > 0
    assert answer.headers["vary"] == "Origin"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/assets/pseudo", 200), ("GET", "/nothing", 404), ("PUT", "/assets", 405)],
)
def test_a_page_of_another_origin_may_read_every_answer(
    wire: Wire, method: str, path: str, status: int
) -> None:
    answer = wire(method, path, "Origin: http://app.test")
    assert answer.status == status
    assert answer.headers["access-control-allow-origin"] == "http://app.test"
    assert answer.headers["vary"] == "Origin"
    assert not any(name.startswith("access-control") for name in wire(method, path).headers)


@pytest.mark.usefixtures("unchanged")
def test_a_body_too_large_is_judged_by_its_head(wire: Wire) -> None:
    head = f"Content-Length: {BODY_LIMIT + 1}"
    documented(wire("POST", "/assets/create", JSON, head), "assets_create_new_asset", 413)


@pytest.mark.usefixtures("unchanged")
def test_a_body_too_large_in_chunks(wire: Wire) -> None:
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    head = (
        f"POST {wire.prefix}/assets/create HTTP/1.1\r\nHost: localhost\r\n{JSON}\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    )
    with socket.create_connection(wire.address, timeout=20) as connection:
        connection.sendall(head.encode())
        for _ in range(BODY_LIMIT // 0x100000):
            connection.sendall(chunk)
        connection.sendall(b"1\r\n \r\n")
        documented(next_answer(connection), "assets_create_new_asset", 413)


def test_a_body_just_small_enough_is_read(wire: Wire) -> None:
    answer = wire("POST", "/assets/create", JSON, body=b" " * BODY_LIMIT)
    documented(answer, "assets_create_new_asset", 400)
    assert b"not a JSON text" in answer.body


def test_a_caller_that_leaves_before_its_body_is_complete(wire: Wire, client: httpx.Client) -> None:
    before = client.get("/assets").content
    request = f"POST {wire.prefix}/assets/create HTTP/1.1\r\nHost: localhost\r\n{JSON}\r\n"
    with socket.create_connection(wire.address, timeout=20) as connection:
        connection.sendall(f"{request}Content-Length: 100\r\n\r\n{{".encode())
    assert client.get("/assets").content == before


@pytest.mark.parametrize("size", [10, 3_000_000])
def test_a_body_that_nobody_asked_for_does_not_disturb_the_next_request(
    wire: Wire, size: int
) -> None:
    first = f"GET /assets/identifiers HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n\r\n"
    second = b"GET /.well-known/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with socket.create_connection(wire.address, timeout=20) as connection:
        connection.sendall(first.encode() + b"x" * size)
        assert next_answer(connection).status == 200
        connection.sendall(second)
        assert next_answer(connection).status == 200


def head_of(size: int) -> bytes:
    line = b"X-Long: %s\r\n" % (b"a" * 1000)
    return b"GET /assets/pseudo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + line * (
        size // len(line)
    )


def test_headers_below_the_bound_are_taken(wire: Wire) -> None:
    assert parsed(wire.exchange(head_of(MAX_HEADERS - 2000) + b"\r\n")).status == 200


@pytest.mark.parametrize(
    "request_", [head_of(MAX_HEADERS + 2000), head_of(MAX_HEADERS + 2000) + b"\r\n"]
)
def test_headers_above_the_bound_are_refused(wire: Wire, request_: bytes) -> None:
    answer = parsed(wire.exchange(request_))
    assert answer.status == 431
    assert json.loads(answer.body)["status"] == 431
    assert answer.headers["connection"] == "close"


def test_a_long_request_line_counts_too(wire: Wire) -> None:
    assert wire("GET", "/assets?x=" + "a" * MAX_HEADERS).status == 431


def test_the_bound_is_for_each_request_and_not_for_bodies(wire: Wire) -> None:
    body = b" " * (2 * MAX_HEADERS)
    post = (
        f"POST {wire.prefix}/assets/create HTTP/1.1\r\nHost: localhost\r\n{JSON}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    get = head_of(MAX_HEADERS // 2).replace(b"Connection: close\r\n", b"") + b"\r\n"
    received = wire.exchange((post + get) * 4 + head_of(0) + b"\r\n")
    statuses = [part[:3] for part in received.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [b"400", b"200"] * 4 + [b"200"]


def test_a_head_that_follows_another_request_is_bounded_too(wire: Wire) -> None:
    get = f"GET {wire.prefix}/assets/pseudo HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    received = wire.exchange(get + head_of(MAX_HEADERS + 2000) + b"\r\n")
    statuses = [part[:3] for part in received.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [b"200", b"431"]


def memory(process: int) -> int:
    """Bytes that a process occupies."""
    command = ["ps", "-o", "rss=", "-p", str(process)]
    return int(subprocess.run(command, check=True, capture_output=True).stdout) * 1024


def test_endless_headers_are_cut_off(server: Server, wire: Wire) -> None:
    before, sent = memory(server.process.pid), 0
    line = b"X-Long: %s\r\n" % (b"a" * 10_000)
    with socket.create_connection(wire.address, timeout=20) as connection:
        connection.sendall(head_of(MAX_HEADERS + 2000))
        assert next_answer(connection).status == 431
        with contextlib.suppress(ConnectionError):
            while sent < 50_000_000:
                sent += connection.send(line)
    assert sent < 50_000_000
    assert memory(server.process.pid) - before < 10_000_000


def test_reset_returns_the_callers_sandbox_to_its_seed(
    server: Server, client: httpx.Client
) -> None:
    before = client.get("/assets").content
    [first, second, *_] = [e["id"] for e in client.get("/assets/identifiers").json()["iterable"]]
    other = str(client.base_url).rstrip("/") + "-other"
    assert httpx.post(f"{other}/assets/{first}/delete").status_code == 200
    assert client.post(f"/assets/{second}/delete").status_code == 200
    assert client.get("/assets").content != before
    reset = client.post("/__mock__/reset")
    assert (reset.status_code, reset.content) == (204, b"")
    assert client.get("/assets").content == before
    assert httpx.get(f"{other}/assets/{first}").status_code == 410


def test_the_description_names_the_callers_sandbox(
    server: Server, client: httpx.Client, sandbox_url: str
) -> None:
    for base in (sandbox_url, server.url):
        document = httpx.get(f"{base}/__mock__/apis/assets/openapi.json").json()
        assert document.pop("servers") == [{"url": base}]
        assert document == {k: v for k, v in ASSETS.document.items() if k != "servers"}


@pytest.mark.parametrize("stem", ["nope", "%00", ".."])
def test_the_description_of_what_is_not_served(wire: Wire, stem: str) -> None:
    answer = wire("GET", f"/__mock__/apis/{stem}/openapi.json")
    documented(answer, "api_description", 404)


def test_errors_below_the_control_api_are_problems(wire: Wire) -> None:
    answer = wire("GET", "/__mock__/nothing")
    assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")


def test_two_runs_answer_the_same_bytes(start: Callable[..., Server]) -> None:
    def transcript(running: Server) -> list[Any]:
        with httpx.Client(base_url=running.url, headers={"Host": "mock.test"}) as client:
            return list(told(client))

    flags = ("--quiet", "--clock", "2025-01-01T00:00:00Z", "--seed", "7")
    with start(*flags) as one, start(*flags) as two:
        first, second = transcript(one), transcript(two)
    assert first == second
    assert len({answer[2] for answer in first if answer[0] == 200}) > 10
    assert not any(name == b"date" for answer in first for name, _ in answer[1])


def told(client: httpx.Client) -> Iterator[tuple[int, list[tuple[bytes, bytes]], bytes]]:
    applications = client.get("/applications").json()["iterable"]
    seed = {
        "type": "SEEDED_ASSET",
        "asset": {
            "application": applications[0],
            "format": {"fragment": {"string": {"raw": "print('hello')"}}},
        },
    }
    key = client.get("/assets/identifiers").json()["iterable"][0]["id"]
    calls: list[tuple[str, str, Any]] = [
        ("GET", "/assets", None),
        ("POST", "/assets/create", seed),
        ("POST", "/@one/assets/create", seed),
        ("POST", "/assets/create", seed),
        ("POST", "/assets/draft", seed),
        ("POST", f"/assets/{key}/delete", None),
        ("GET", f"/assets/{key}", None),
        ("GET", "/assets", None),
        ("GET", "/assets/identifiers", None),
        ("GET", "/formats", None),
        ("GET", "/assets/search?query=hello", None),
        ("POST", "/assets/search", {"query": "hello"}),
        ("POST", "/connect", {"application": applications[0]}),
        ("GET", "/user", None),
        ("GET", "/.well-known/health", None),
        ("POST", "/assets/create", {"type": 1}),
        ("PUT", "/assets", None),
        ("GET", "/nothing", None),
        ("POST", "/__mock__/reset", None),
        ("POST", "/assets/create", seed),
        ("GET", "/__mock__/apis/assets/openapi.json", None),
    ]
    for method, path, body in calls:
        response = client.request(method, path, json=body)
        yield response.status_code, response.headers.raw, response.content


def app_of(handler: Callable[[Call], Reply], world: Sandboxes, **operation: Any) -> Any:
    responses = {"200": {"content": json_content({"type": "string"})}, **operation}
    path = {"/": {"post": {"operationId": "only", "responses": responses}}}
    api = assembled(described(path), only=handler)
    return create_app(Mock((api,), world, Blobs(0)))


def raising(call: Call) -> Reply:
    call.transaction.put("things", "a", 1)
    raise LookupError("a bug")


def misdescribed(call: Call) -> Reply:
    call.transaction.put("things", "a", 1)
    return Reply(3)


@pytest.mark.parametrize(
    ("handler", "said"), [(raising, "LookupError: a bug"), (misdescribed, "type string")]
)
@pytest.mark.parametrize(
    "documented_",
    [{}, {"500": {"content": json_content({"type": "object"}, "application/problem+json")}}],
)
def test_a_bug_of_a_handler_is_a_500_that_changes_nothing(
    in_process: Callable[[Any], httpx.Client],
    caplog: pytest.LogCaptureFixture,
    handler: Callable[[Call], Reply],
    said: str,
    documented_: Any,
) -> None:
    world = Sandboxes(snapshot(("a", 0)), Rules())
    client = in_process(app_of(handler, world, **documented_))
    with caplog.at_level(logging.ERROR, "mockserver"):
        response = client.post("/")
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert "bug of the mock" in response.json()["detail"]
    assert said in response.json()["detail"]
    assert caplog.records
    assert things(world.default) == {"a": 0}
    assert world.default.log.head.revision == 0


def test_the_observer_is_told_of_each_exchange(
    mock: Mock, in_process: Callable[[Any], httpx.Client]
) -> None:
    seen: list[tuple[str, str, bytes, int]] = []

    def watch(scope: Any, request: Request, answer: engine.Answer, seconds: float) -> None:
        assert seconds > 0
        told = (request.method, scope["path"], scope["query_string"], answer.status)
        seen.append(told)

    client = in_process(create_app(mock, None, watch))
    client.get("/assets/pseudo?a=b")
    client.head("/assets")
    client.get("/nothing")
    assert seen == [
        ("GET", "/assets/pseudo", b"a=b", 200),
        ("HEAD", "/assets", b"", 200),
        ("GET", "/nothing", b"", 404),
    ]


def test_the_observer_is_told_why_a_request_was_refused(
    mock: Mock, in_process: Callable[[Any], httpx.Client]
) -> None:
    reasons: list[str] = []
    client = in_process(create_app(mock, None, lambda *told: reasons.append(told[2].reason)))
    client.get("/assets")
    client.get("/nothing")
    client.post("/assets/create", json={"type": 7})
    client.get("/assets", headers={"Prefer": "code=418"})
    good, unknown, body, unmet = reasons
    assert good == ""
    assert unknown.startswith("No operation is described at this path.")
    assert " body" in body
    assert "expected" in body
    assert "code=418 is not documented at GET /assets" in unmet


def test_the_application_itself_leaves_the_body_of_head_out(mock: Mock) -> None:
    async def receive() -> Any:
        raise AssertionError("a HEAD has no body to read")

    async def send(message: Any) -> None:
        sent.append(message)

    sent: list[Any] = []
    scope = {"type": "http", "method": "HEAD", "path": "/assets", "headers": [], "scheme": "http"}
    asyncio.run(create_app(mock)({**scope, "query_string": b""}, receive, send))
    start, body = sent
    assert start["status"] == 200
    assert int(dict(start["headers"])[b"content-length"]) > 0
    assert body["body"] == b""


def test_in_process_and_over_http_are_the_same(asgi: httpx.Client, client: httpx.Client) -> None:
    for path in ("/assets", "/user", "/nothing"):
        one, other = asgi.get(path), client.get(path)
        assert (one.status_code, one.content) == (other.status_code, other.content)


def test_an_oversized_upgrade_is_refused_like_any_request(server: Server, wire: Wire) -> None:
    before = server.complaints
    upgrade = (
        b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    )
    request = head_of(MAX_HEADERS + 2000).replace(b"Connection: close\r\n", upgrade) + b"\r\n"
    assert parsed(wire.exchange(request)).status == 431
    assert wire("GET", "/assets/pseudo").status == 200
    assert server.complaints == before


def test_a_refusal_waits_for_all_the_answers_before_it(wire: Wire) -> None:
    get = f"GET {wire.prefix}/assets/pseudo HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    received = wire.exchange(get * 2 + head_of(MAX_HEADERS + 2000) + b"\r\n")
    statuses = [part[:3] for part in received.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [b"200", b"200", b"431"]


def test_what_is_no_http_waits_for_the_answers_before_it_too(wire: Wire) -> None:
    get = f"GET {wire.prefix}/assets/pseudo HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    received = wire.exchange(get * 2 + b"BREW / HTTP/1.1\r\n\r\n")
    statuses = [part[:3] for part in received.split(b"HTTP/1.1 ")[1:]]
    assert statuses == [b"200", b"200", b"400"]


def test_a_broken_body_is_refused_at_once(wire: Wire) -> None:
    head = (
        f"POST {wire.prefix}/assets/create HTTP/1.1\r\nHost: localhost\r\n{JSON}\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    )
    assert parsed(wire.exchange(head.encode() + b"1\r\n{\r\nzz\r\n")).status == 400


@pytest.mark.parametrize(
    "request_",
    [b"BREW /assets HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\x16\x03\x01\x02\x00\r\n\r\n"],
    ids=["unknown method", "garbage"],
)
def test_what_is_no_http_is_told_in_problem_details(wire: Wire, request_: bytes) -> None:
    answer = parsed(wire.exchange(request_))
    assert answer.status == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["connection"] == "close"
    problem = json.loads(answer.body)
    assert problem["status"] == 400
    assert problem["detail"]


def chunked(wire: Wire) -> bytes:
    """A request up to its trailers."""
    return (
        f"POST {wire.prefix}/assets/create HTTP/1.1\r\nHost: localhost\r\n{JSON}\r\n"
        "Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n0\r\n"
    ).encode()


def test_trailers_are_no_headers(wire: Wire) -> None:
    answer = parsed(wire.exchange(chunked(wire) + b"Origin: http://app.test\r\n\r\n"))
    documented(answer, "assets_create_new_asset", 400)
    assert not any(name.startswith("access-control") for name in answer.headers)


def test_trailers_of_any_size_are_dropped(server: Server, wire: Wire) -> None:
    line = b"X-Long: %s\r\n" % (b"a" * 10_000)
    before = memory(server.process.pid)
    with socket.create_connection(wire.address, timeout=20) as connection:
        connection.sendall(chunked(wire))
        for _ in range(50):
            connection.sendall(line * 100)
        grown = memory(server.process.pid) - before
        connection.sendall(b"\r\n")
        documented(next_answer(connection), "assets_create_new_asset", 400)
    assert grown < 20_000_000


@pytest.mark.parametrize(("method", "path"), [("POST", "/__mock__/reset"), ("OPTIONS", "/assets")])
def test_an_answer_without_content_has_no_length(wire: Wire, method: str, path: str) -> None:
    answer = wire(method, path)
    assert (answer.status, answer.body) == (204, b"")
    assert not {"content-length", "transfer-encoding", "content-type"} & set(answer.headers)


def test_the_description_names_the_sandbox_of_the_header(
    server: Server, client: httpx.Client
) -> None:
    name = client.base_url.path.strip("/@")
    for sandbox, base in ((name, f"{server.url}/@{name}"), ("default", server.url)):
        for stem, base_path in (("assets", ""), ("control", "/__mock__")):
            url = f"{server.url}/__mock__/apis/{stem}/openapi.json"
            document = httpx.get(url, headers={"X-Mock-Sandbox": sandbox}, trust_env=False).json()
            assert document["servers"] == [{"url": base + base_path}]


def test_the_control_api_describes_itself(client: httpx.Client, sandbox_url: str) -> None:
    response = client.get("/__mock__/apis/control/openapi.json")
    assert response.status_code == 200
    document = response.json()
    assert document.pop("servers") == [{"url": f"{sandbox_url}/__mock__"}]
    assert document == {k: v for k, v in CONTROL.document.items() if k != "servers"}


@pytest.mark.parametrize("fails", ["first frame", "later frame"])
def test_a_feed_that_breaks_its_description_is_closed_and_logged(
    caplog: pytest.LogCaptureFixture, fails: str
) -> None:
    world = Sandboxes(snapshot(), Rules())
    content = json_content({"type": "string"})
    get = {
        "operationId": "only",
        "responses": {"200": {"content": content}},
        "x-stream": {"collection": "things"},
    }
    first = Reply(3) if fails == "first frame" else Reply("first")
    api = assembled(described({"/": {"get": get}}), only=lambda call: first)
    api.handlers.frames("only")(lambda call, changes: 3)
    app = create_app(Mock((api,), world, Blobs(0)))
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)
        if message["type"] == "websocket.send":
            transaction = world.default.transaction("tiny")
            transaction.put("things", "a", 1)
            world.default.commit(transaction)

    async def open_feed() -> None:
        incoming: asyncio.Queue[Any] = asyncio.Queue()
        incoming.put_nowait({"type": "websocket.connect"})
        scope = {"type": "websocket", "scheme": "ws", "path": "/", "headers": []}
        scope["query_string"] = b""
        await asyncio.wait_for(app(scope, incoming.get, send), 20)

    with caplog.at_level(logging.ERROR, "mockserver"):
        asyncio.run(open_feed())
    frames = [message["text"] for message in sent if message["type"] == "websocket.send"]
    assert frames == ([] if fails == "first frame" else ['"first"'])
    assert (sent[-1]["type"], sent[-1]["code"]) == ("websocket.close", 1011)
    [record] = caplog.records
    assert "feed at / failed" in record.getMessage()
    assert record.exc_info


def an_api(stem: str, base: str, *paths: str, more: Any = None, **chosen: Any) -> Api:
    """An API whose operations answer who they are, and the values of their path.

    Each path is described for GET, after a method and a space for another one.
    """
    handlers = Handlers(chosen.pop("errors", problem_reply), **chosen)
    described_: dict[str, dict[str, Any]] = {}
    for each in paths:
        method, path = f"GET {each}".split(" ")[-2:]
        names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        described_.setdefault(path, {})[method.lower()] = {
            "operationId": f"{stem}: {each}",
            "parameters": [{"name": n, "in": "path", "schema": {}} for n in names],
            "responses": {"200": {"content": json_content({})}},
            **({"requestBody": {"content": json_content({})}} if method != "GET" else {}),
        }
    document = {
        "openapi": "3.0.3",
        "info": {"title": stem, "version": "1"},
        "servers": [{"url": base}],
        "paths": described_,
        **(more or {}),
    }
    made = describe(stem, document)
    for operation in made.operations:
        handlers.operation(operation.id)(
            lambda call: Reply([call.operation.id, list(call.path.values())])
        )
    return assemble(made, handlers, Blobs(0))


def served(*apis: Api) -> Any:
    return create_app(Mock(apis, Sandboxes(snapshot(), Rules()), Blobs(0)))


def shouted(error: ApiError, request: Any) -> Reply:
    return Reply({"shouted": error.status}, error.status, error.headers, "application/json")


InProcess = Callable[[Any], httpx.Client]


@pytest.fixture
def three(in_process: InProcess) -> httpx.Client:
    """An API at the root, one below it, and one that is at two places below that."""
    inner = {"x-base-paths": ["/a/b", "/c"]}
    return in_process(
        served(
            an_api("root", "/", "/things", "/{any}", "/{any}/{more}", errors=problem_reply),
            an_api("a", "/a", "/things", "/{any}/{more}/{last}", errors=text_reply),
            an_api("inner", "/a/b", "/things", "POST /things", errors=shouted, more=inner),
        )
    )


@pytest.mark.parametrize(
    ("path", "told_"),
    [
        ("/things", ["root: /things", []]),
        ("/other", ["root: /{any}", ["other"]]),
        ("/ab/things", ["root: /{any}/{more}", ["ab", "things"]]),
        ("/a/things", ["a: /things", []]),
        ("/a/bc/d/e", ["a: /{any}/{more}/{last}", ["bc", "d", "e"]]),
        ("/a/b/things", ["inner: /things", []]),
        ("/@one/a/b/things", ["inner: /things", []]),
    ],
)
def test_a_path_is_answered_by_the_api_of_its_longest_prefix(
    three: httpx.Client, path: str, told_: Any
) -> None:
    response = three.get(path)
    assert (response.status_code, response.json()) == (200, told_)


@pytest.mark.parametrize(
    ("path", "shape"),
    [
        ("/", "application/problem+json"),
        ("/x/y/z", "application/problem+json"),
        ("/a", "text/plain; charset=utf-8"),
        ("/a/x", "text/plain; charset=utf-8"),
        ("/a/x/y", "text/plain; charset=utf-8"),
        ("/a/b", "application/json"),
        ("/a/b/c/d", "application/json"),
        ("/c", "application/json"),
        ("/c/things", "application/json"),
        ("/@one/a/b/c", "application/json"),
        ("/@bad%20name/a/b/c", "application/problem+json"),
    ],
)
def test_what_nobody_described_is_refused_in_the_shape_of_its_api(
    three: httpx.Client, path: str, shape: str
) -> None:
    response = three.get(path)
    assert (response.status_code, response.headers["content-type"]) == (404, shape)


@pytest.mark.parametrize(
    ("path", "shape", "allow"),
    [
        ("/things", "application/problem+json", "GET, HEAD, OPTIONS"),
        ("/a/things", "text/plain; charset=utf-8", "GET, HEAD, OPTIONS"),
        ("/a/b/things", "application/json", "GET, HEAD, OPTIONS, POST"),
    ],
)
def test_a_method_is_refused_in_the_shape_of_its_api(
    three: httpx.Client, path: str, shape: str, allow: str
) -> None:
    response = three.put(path)
    assert (response.status_code, response.headers["content-type"]) == (405, shape)
    assert response.headers["allow"] == allow


def test_a_refusal_before_an_operation_is_known_has_the_shape_of_its_api(
    three: httpx.Client,
) -> None:
    bad = {"X-Mock-Sandbox": "no name"}
    response = three.get("/a/b/things", headers=bad)
    assert response.status_code == 400
    assert three.get("/a/b/%FF").status_code == 400


def test_what_is_no_apis_is_refused_in_the_shape_of_the_outermost(in_process: InProcess) -> None:
    apis = [
        an_api("inner", "/a/b", "/x", errors=shouted),
        an_api("outer", "/a", "/x", errors=text_reply),
    ]
    for order in (apis, apis[::-1]):
        response = in_process(served(*order)).get("/elsewhere")
        assert response.status_code == 404
        assert response.headers["content-type"] == "text/plain; charset=utf-8"


def test_the_order_of_apis_does_not_matter(in_process: InProcess) -> None:
    apis = [
        an_api("root", "/", "/{any}/{more}"),
        an_api("a", "/a", "/x", errors=text_reply),
    ]
    for order in (apis, apis[::-1]):
        client = in_process(served(*order))
        assert client.get("/a/x").json() == ["a: /x", []]
        assert client.get("/a/y").headers["content-type"] == "text/plain; charset=utf-8"
        assert client.get("/b/y").json() == ["root: /{any}/{more}", ["b", "y"]]


REDIRECTED = ("/things/", "/things/{x}/parts/", "POST /things/", "/exact")


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/api/things", "/api/things/"),
        ("/api/things?a=b&c=%20", "/api/things/?a=b&c=%20"),
        ("/@one/api/things?a", "/@one/api/things/?a"),
        ("/api/things/a%20b%2Fc/parts", "/api/things/a%20b%2Fc/parts/"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
def test_a_path_without_its_last_slash_is_redirected(
    in_process: InProcess, method: str, path: str, location: str
) -> None:
    client = in_process(served(an_api("r", "/api", *REDIRECTED, paths=Paths.REDIRECTED)))
    response = client.request(method, path)
    assert (response.status_code, response.headers["location"]) == (301, location)
    assert response.content == b""
    followed = client.get(response.headers["location"])
    assert followed.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/api/things//",
        "/api/Things",
        "/api/things/a",
        "/api/things//parts",
        "/api/exact/",
        "/api/nothing",
        "/api",
        "/things",
    ],
)
def test_nothing_else_is_redirected(in_process: InProcess, path: str) -> None:
    client = in_process(served(an_api("r", "/api", *REDIRECTED, paths=Paths.REDIRECTED)))
    assert client.get("/api/things/").json() == ["r: /things/", []]
    assert client.get(path).status_code == 404


LOOSE = ("/things", "/things/{x}/parts", "/slashed/", "/")


@pytest.mark.parametrize(
    ("path", "told_"),
    [
        ("/api/things", ["l: /things", []]),
        ("/api/things/", ["l: /things", []]),
        ("/api/THINGS", ["l: /things", []]),
        ("/api/Things/?a=b", ["l: /things", []]),
        ("/@One/api/Things/", ["l: /things", []]),
        ("/api/Things/Ab%2F/PARTS/", ["l: /things/{x}/parts", ["Ab/"]]),
        ("/api/things/Parts/parts", ["l: /things/{x}/parts", ["Parts"]]),
        ("/api/slashed/", ["l: /slashed/", []]),
        ("/api/", ["l: /", []]),
    ],
)
def test_a_path_is_taken_as_it_was_meant_where_its_api_is_loose(
    in_process: InProcess, path: str, told_: Any
) -> None:
    client = in_process(served(an_api("l", "/api", *LOOSE, paths=Paths.LOOSE)))
    response = client.get(path)
    assert (response.status_code, response.json()) == (200, told_)


@pytest.mark.parametrize(
    "path", ["/api/things//", "/api//things", "/api/thing", "/api/things/a/b", "/api/things//parts"]
)
def test_not_everything_is_meant_well(in_process: InProcess, path: str) -> None:
    client = in_process(served(an_api("l", "/api", *LOOSE, paths=Paths.LOOSE)))
    assert client.get(path).status_code == 404


def test_a_method_is_refused_where_a_path_was_meant(in_process: InProcess) -> None:
    client = in_process(served(an_api("l", "/api", *LOOSE, paths=Paths.LOOSE)))
    response = client.put("/api/Things/")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize("path", ["/api/things/", "/api/Things", "/api/slashed"])
def test_a_path_is_taken_as_it_is_where_nothing_else_is_said(
    in_process: InProcess, path: str
) -> None:
    client = in_process(served(an_api("e", "/api", *LOOSE)))
    assert client.get(path).status_code == 404


def test_each_of_several_apis_is_as_exact_as_it_says(in_process: InProcess) -> None:
    client = in_process(
        served(
            an_api("e", "/e", "/x", "/y/"),
            an_api("l", "/l", "/x", "/y/", paths=Paths.LOOSE),
            an_api("r", "/r", "/x", "/y/", paths=Paths.REDIRECTED),
        )
    )
    statuses = {
        path: [client.get(f"/{api}{path}").status_code for api in "elr"]
        for path in ("/x", "/x/", "/X", "/y/", "/y")
    }
    assert statuses == {
        "/x": [200, 200, 200],
        "/x/": [404, 200, 404],
        "/X": [404, 200, 404],
        "/y/": [200, 200, 200],
        "/y": [404, 404, 301],
    }


@pytest.mark.parametrize(
    "apis",
    [
        [an_api("one", "/", "/x/{a}", "/x/{b}")],
        [an_api("one", "/", "/x/{a}"), an_api("two", "/x", "/{b}")],
    ],
    ids=["one API", "two APIs"],
)
def test_what_is_described_twice_stops_the_start(apis: list[Api]) -> None:
    with pytest.raises(StartupError) as caught:
        served(*apis)
    [problem] = caught.value.problems
    assert problem.source in {api.description.source for api in apis}
    assert "GET" in problem.message
    assert "twice" in problem.message


def test_one_path_may_have_methods_of_several_apis(in_process: InProcess) -> None:
    client = in_process(served(an_api("one", "/", "/x"), an_api("two", "/", "POST /x")))
    assert client.get("/x").json() == ["one: /x", []]
    assert client.post("/x").json() == ["two: POST /x", []]


def exposed(response: httpx.Response) -> set[str]:
    return {*response.headers["access-control-expose-headers"].split(", ")}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/r/x", 200), ("GET", "/r/no", 404), ("PUT", "/r/x", 405), ("GET", "/r/y", 301)],
)
def test_a_page_of_another_origin_may_read_every_header_of_an_answer(
    in_process: InProcess, method: str, path: str, status: int
) -> None:
    client = in_process(served(an_api("r", "/r", "/x", "/y/", paths=Paths.REDIRECTED)))
    plain = client.request(method, path)
    crossed = client.request(method, path, headers={"Origin": "http://app.test"})
    assert plain.status_code == crossed.status_code == status
    assert exposed(crossed) == {*plain.headers}
    assert len(exposed(crossed)) >= 2


def test_what_a_handler_tells_is_read_by_a_page_of_another_origin(in_process: InProcess) -> None:
    api = an_api("one", "/", "/x")
    api.handlers.operation("one: /x")(lambda call: Reply(1, headers={"X-Total": "7"}))
    response = in_process(served(api)).get("/x", headers={"Origin": "http://app.test"})
    assert exposed(response) == {"content-type", "content-length", "x-total"}


def test_a_reset_forgets_what_a_sandbox_remembers_beside_its_state(in_process: InProcess) -> None:
    api = an_api("one", "/", "/x")

    def count(call: Call) -> Reply:
        calls = call.sandbox.memory["calls"] = call.sandbox.memory.get("calls", 0) + 1
        return Reply([calls, call.request.identifier])

    api.handlers.operation("one: /x")(count)
    mock = Mock((api,), Sandboxes(snapshot(), Rules()), Blobs(0))
    client = in_process(create_app(mock, control_api(mock)))
    first, second = (client.get("/@one/x").json() for _ in range(2))
    assert (first[0], second[0]) == (1, 2)
    assert first[1] != second[1]
    assert client.get("/@two/x").json()[0] == 1
    assert client.post("/@one/__mock__/reset").status_code == 204
    assert client.get("/@one/x").json() == first
    assert client.get("/@two/x").json()[0] == 2


def test_the_limit_of_an_operation_is_kept_before_its_body_is_read(in_process: InProcess) -> None:
    api = an_api("one", "/", "POST /small", "POST /other", body_limit=20)
    api.handlers.operation("one: POST /small", body_limit=5)(lambda call: Reply(call.body))
    client = in_process(served(api))
    assert client.post("/small", json="abc").status_code == 200
    assert client.post("/small", json="abcd").status_code == 413
    assert client.post("/other", json="abcd").status_code == 200
    assert client.post("/other", content=b" " * 21).status_code == 413


def test_a_refusal_before_the_body_tells_what_was_to_be_told(in_process: InProcess) -> None:
    def errors(error: ApiError, request: Any) -> Reply:
        request.answer_headers["X-Method"] = request.method
        request.answer_headers["X-Target"] = request.target
        return problem_reply(error)

    api = an_api("one", "/", "POST /small", body_limit=5, errors=errors)
    client = in_process(served(api))
    for method, path, status in (
        ("POST", "/@one/small", 413),
        ("GET", "/small", 405),
        ("POST", "/no%20where", 404),
    ):
        response = client.request(method, path, content=b"1234567")
        assert response.status_code == status
        assert response.headers["x-method"] == method
        assert response.headers["x-target"] == path.removeprefix("/@one")
