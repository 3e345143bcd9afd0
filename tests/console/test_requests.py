"""The journal as the control API tells it."""

from __future__ import annotations

import base64
import shlex
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from tests.console.watched import newest, requests, text_of, watched
from tests.running import Server


@pytest.fixture
def client() -> TestClient:
    return watched()


@pytest.fixture
def used(client: TestClient) -> TestClient:
    """A client that has made seven different requests."""
    client.get("/pets?limit=5", headers={"X-Trace": "Needle-1"})
    client.get("/pets?limit=no")
    client.post("/pets", json={"name": "Rex", "kind": "dog"})
    client.post("/pets", json={"name": ""})
    client.get("/pets?limit=500")
    client.get("/nowhere/at/all")
    client.get("/picture")
    return client


def test_a_request_is_told_in_a_line(client: TestClient) -> None:
    before = datetime.now(UTC)
    client.get("/@mine/pets?limit=5")
    [told] = requests(client, sandbox="/@mine")
    assert before <= datetime.fromisoformat(told.pop("at")) <= datetime.now(UTC)
    assert told.pop("milliseconds") > 0
    assert told == {
        "id": 1,
        "method": "GET",
        "path": "/pets",
        "query": "limit=5",
        "api": "tiny",
        "operation": "listPets",
        "sandbox": "mine",
        "status": 200,
        "violations": 0,
        "reason": "",
        "requestBytes": 0,
        "answerBytes": len(b'[{"id":"1","name":"Tom","kind":"cat"}]'),
    }


def test_what_is_asked_of_the_mock_itself_is_not_kept(used: TestClient) -> None:
    for path in ("/__mock__/requests", "/__mock__/nothing", "/@x/__mock__/state"):
        used.get(path)
    assert len(requests(used)) == 7
    assert requests(used, sandbox="/@x") == []


@pytest.mark.parametrize(
    ("query", "paths"),
    [
        ("api=tiny", 7),
        ("api=other", 0),
        ("operation=listPets", 3),
        ("method=post", 2),
        ("status=404", ["/nowhere/at/all"]),
        ("status=4XX", 3),
        ("status=5XX", ["/pets"]),
        ("path=/no*/all", ["/nowhere/at/all"]),
        ("path=/no*/a", 0),
        ("path=where", ["/nowhere/at/all"]),
        ("path=/pets&method=GET", 3),
        ("text=rEX", ["/pets"]),
        ("text=needle", ["/pets"]),
        ("text=limit%3D5", 2),
        ("text=Tom", 1),
        ("violations=true", 3),
        ("violations=false", 4),
        ("since=2020-01-01T00:00:00Z", 7),
        ("until=2020-01-01T00:00:00Z", 0),
    ],
)
def test_only_what_is_asked_for_is_told_and_counted(
    used: TestClient, query: str, paths: list[str] | int
) -> None:
    found = [each["path"] for each in requests(used, query)]
    assert (len(found) if isinstance(paths, int) else found) == paths
    counted = used.get(f"/__mock__/requests/count?{query}").json()
    assert counted == {"count": len(found)}
    archived = used.get(f"/__mock__/requests/har?{query}").json()
    assert len(archived["log"]["entries"]) == len(found)


def test_instants_are_heeded_to_the_moment(used: TestClient) -> None:
    at = datetime.fromisoformat(requests(used)[3]["at"])
    assert len(requests(used, f"since={at.isoformat().replace('+00:00', 'Z')}")) == 4
    late = (at + timedelta(microseconds=1)).isoformat().replace("+00:00", "Z")
    assert len(requests(used, f"since={late}")) == 3
    assert len(requests(used, f"until={late}")) == 4


def test_an_instant_that_is_none_is_refused(client: TestClient) -> None:
    refused = client.get("/__mock__/requests?since=yesterday")
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"] == "since"


def test_pages_follow_each_other(used: TestClient) -> None:
    first = used.get("/__mock__/requests?limit=4").json()
    rest = used.get(f"/__mock__/requests?limit=4&before={first['next']}").json()
    numbers = [each["id"] for each in first["requests"] + rest["requests"]]
    assert numbers == [7, 6, 5, 4, 3, 2, 1]
    assert (first["total"], rest["total"]) == (7, 7)
    assert "next" not in rest


def test_what_a_request_broke_is_told_by_pointer(client: TestClient) -> None:
    client.post("/pets", json={"name": ""})
    told = newest(client)
    assert told["reason"]
    [violation] = told["violations"]
    assert (violation["location"], violation["pointer"]) == ("body", "/name")
    assert violation["rule"] == "minLength"
    assert violation["expected"].startswith("minLength 1")


def test_what_an_answer_broke_is_told_by_pointer(client: TestClient) -> None:
    client.get("/pets?limit=500")
    told = newest(client)
    assert told["status"] == 500
    assert {each["location"] for each in told["violations"]} == {"reply"}
    assert [each["pointer"] for each in told["violations"]] == ["/0/name"]


def test_a_refusal_that_breaks_nothing_has_no_violations(client: TestClient) -> None:
    client.post("/pets", json={"name": "taken"})
    told = newest(client)
    assert (told["status"], told["violations"]) == (409, [])
    assert told["reason"] == "There is a pet of that name."


def test_where_no_operation_is_none_is_named(client: TestClient) -> None:
    client.get("/nowhere")
    client.delete("/pets")
    assert [(each["status"], each["operation"]) for each in requests(client)] == [
        (405, None),
        (404, None),
    ]


def test_bodies_are_told_as_text(client: TestClient) -> None:
    client.post("/pets", content='{"name":  "Rex"}', headers={"content-type": "application/json"})
    told = newest(client)
    assert told["request"]["body"] == {
        "mediaType": "application/json",
        "bytes": 16,
        "cut": False,
        "text": '{"name":  "Rex"}',
    }
    assert told["answer"]["body"]["text"] == '{"id":"2","name":"Rex"}'
    assert {"name": "content-type", "value": "application/json"} in told["request"]["headers"]


def test_bodies_that_are_no_text_are_told_as_base64_and_large_ones_cut(client: TestClient) -> None:
    picture = client.get("/picture").content
    body = newest(client)["answer"]["body"]
    assert (body["bytes"], body["cut"]) == (100_005, True)
    assert base64.b64decode(body["base64"]) == picture[: 64 * 1024]


def test_a_request_that_is_not_kept_is_not_found(client: TestClient) -> None:
    assert client.get("/__mock__/requests/1").status_code == 404
    client.get("/pets")
    assert client.get("/__mock__/requests/1").status_code == 200
    assert client.get("/@other/__mock__/requests/1").status_code == 404


def test_the_journal_is_emptied_for_one_sandbox_only(client: TestClient) -> None:
    client.get("/pets")
    client.get("/@other/pets")
    assert client.delete("/__mock__/requests").status_code == 204
    assert requests(client) == []
    assert len(requests(client, sandbox="/@other")) == 1
    client.get("/pets")
    assert [each["id"] for each in requests(client)] == [2]


def test_no_secret_of_a_request_is_shown(client: TestClient) -> None:
    secrets = ["bearer-value", "cookie-value", "query-value", "scheme-value", "a word"]
    client.post(
        "/pets?access_token=query-value&mine=scheme-value",
        json={"name": "Rex", "password": "a word"},
        headers={"Authorization": "Bearer bearer-value", "Cookie": "session=cookie-value"},
    )
    told = newest(client)
    assert told["status"] == 400
    for shown in (told, requests(client), client.get("/__mock__/requests/har").json()):
        assert [secret for secret in secrets if secret in text_of(shown)] == []
    assert told["query"] == "access_token=***&mine=***"
    assert {"name": "authorization", "value": "Bearer ***"} in told["request"]["headers"]
    [violation] = told["violations"]
    assert (violation["pointer"], violation["received"]) == ("/password", "***")


def test_no_secret_of_an_answer_is_shown_though_it_was_sent(client: TestClient) -> None:
    sent = client.post("/pets", json={"name": "Rex", "password": "long enough a word"})
    assert "long enough a word" in sent.text
    assert "abcdefgh" in sent.headers["set-cookie"]
    told = newest(client)
    assert "long enough a word" not in text_of(told)
    assert {"name": "set-cookie", "value": "session=***; Path=/"} in told["answer"]["headers"]


@pytest.mark.parametrize(
    "body",
    [r"""it's $(me) `x` \ "q" !!""", "two\nlines\tand more\n", "\x7f żółw\r\n"],
)
def test_the_command_line_repeats_the_request(tmp_path: Path, body: str) -> None:
    description = tmp_path / "any.yaml"
    description.write_text(
        """
openapi: 3.0.3
info: {title: any, version: "1"}
paths:
  "/a b/{x}":
    post:
      parameters: [{name: x, in: path, required: true, schema: {type: string}}]
      requestBody: {content: {text/plain: {schema: {type: string}}}}
      responses: {"200": {description: ok, content: {text/plain: {schema: {type: string}}}}}
"""
    )
    with Server(tmp_path, str(description), "--quiet") as server, httpx.Client() as http:
        headers = {"Content-Type": "text/plain", "X-Odd": 'it\'s; "q"'}
        http.post(f"{server.url}/a%20b/[1]?q='x'&y=$z", content=body.encode(), headers=headers)
        one = http.get(f"{server.url}/__mock__/requests/1").json()
        command = ["bash", "-c", f"{one['curl']} --silent"]
        subprocess.run(command, check=True, timeout=20, capture_output=True)
        two = http.get(f"{server.url}/__mock__/requests/2").json()
    same = ("method", "path", "query", "operation", "status")
    assert {name: two[name] for name in same} == {name: one[name] for name in same}
    assert two["request"]["body"] == one["request"]["body"]
    assert {"name": "x-odd", "value": 'it\'s; "q"'} in two["request"]["headers"]


def test_a_command_line_of_a_cut_body_says_so(client: TestClient) -> None:
    client.post("/pets", content=b"x" * 100_000, headers={"content-type": "application/json"})
    command = newest(client)["curl"]
    assert command.endswith("# the body had 100000 bytes, of which this is the beginning")
    assert "x" * 1000 in shlex.split(command, comments=True)[-1]


def test_an_archive_is_what_har_1_2_asks_for(used: TestClient) -> None:
    log = used.get("/__mock__/requests/har").json()["log"]
    assert log["version"] == "1.2"
    assert log["creator"]["name"] == "mockserver"
    started = [datetime.fromisoformat(entry["startedDateTime"]) for entry in log["entries"]]
    assert started == sorted(started)
    for entry in log["entries"]:
        _has(entry, time=float, request=dict, response=dict, cache=dict, timings=dict)
        _has(entry["timings"], send=int, wait=float, receive=int)
        _has(
            entry["request"], method=str, url=str, httpVersion=str, cookies=list, headers=list,
            queryString=list, headersSize=int, bodySize=int,
        )  # fmt: skip
        _has(
            entry["response"], status=int, statusText=str, httpVersion=str, cookies=list,
            headers=list, content=dict, redirectURL=str, headersSize=int, bodySize=int,
        )  # fmt: skip
        _has(entry["response"]["content"], size=int, mimeType=str)
        if "postData" in entry["request"]:
            _has(entry["request"]["postData"], mimeType=str, text=str)
        named = [*entry["request"]["headers"], *entry["response"]["headers"]]
        for pair in (*named, *entry["request"]["queryString"], *entry["request"]["cookies"]):
            _has(pair, name=str, value=str)
        assert entry["time"] == sum(entry["timings"].values())
        assert httpx.URL(entry["request"]["url"]).is_absolute_url


def test_an_archive_has_bodies_and_cookies(client: TestClient) -> None:
    client.post("/pets?a=b%20c", json={"name": "Rex"}, headers={"Cookie": "x=1; y=2"})
    client.get("/picture")
    client.post("/pets", content=b"\xff\x00", headers={"content-type": "application/json"})
    post, picture, odd = client.get("/__mock__/requests/har").json()["log"]["entries"]
    assert base64.b64decode(odd["request"]["postData"]["_base64"]) == b"\xff\x00"
    assert post["request"]["url"] == "http://testserver/pets?a=b%20c"
    assert post["request"]["queryString"] == [{"name": "a", "value": "b c"}]
    assert post["request"]["postData"]["text"] == '{"name":"Rex"}'
    assert [each["name"] for each in post["request"]["cookies"]] == ["x", "y"]
    assert post["response"]["cookies"] == [{"name": "session", "value": "***"}]
    content = picture["response"]["content"]
    assert (content["encoding"], content["size"]) == ("base64", 100_005)
    assert content["comment"] == "the beginning of 100005 bytes"


def _has(told: dict[str, Any], /, **kinds: type) -> None:
    wrong = {
        name: told.get(name)
        for name, kind in kinds.items()
        if not isinstance(told.get(name), (float, int) if kind is float else kind)
    }
    assert wrong == {}


def test_the_options_say_how_much_is_kept(tmp_path: Path) -> None:
    with Server(tmp_path, "assets", "--quiet", "--journal", "2") as server:
        for _ in range(5):
            httpx.get(f"{server.url}/assets/pseudo")
        told = httpx.get(f"{server.url}/__mock__/requests").json()
    assert [each["id"] for each in told["requests"]] == [5, 4]
