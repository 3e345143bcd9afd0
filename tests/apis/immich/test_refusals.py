"""What is refused before anybody looks at it, and the name that every request has."""

from __future__ import annotations

import json

import httpx
import pytest

from tests.apis.immich.world import (
    ASSETS,
    CORRELATION,
    MOUNTAIN,
    Json,
    created,
    info,
    ok,
    refused,
    statistics,
)

STATISTICS = f"{ASSETS}/statistics"
UNREADABLE: list[tuple[str, str]] = [
    ('{"ids":[', "Unexpected end of JSON input"),
    ("   ", "Unexpected end of JSON input"),
    ("abc", "Unexpected token 'a', \"abc\" is not valid JSON"),
    ("null", "Unexpected token 'n', \"null\" is not valid JSON"),
    ('"abc"', 'Unexpected token \'"\', ""abc"" is not valid JSON'),
    ("5", "Unexpected token '5', \"5\" is not valid JSON"),
    ("true", "Unexpected token 't', \"true\" is not valid JSON"),
    ("\0", "Unexpected token '\0', \"\0\" is not valid JSON"),
    ("{'a':1}", "Expected property name or '}' in JSON at position 1 (line 1 column 2)"),
    ('{"a":1,}', "Expected double-quoted property name in JSON at position 7 (line 1 column 8)"),
    (
        "{}{}",
        "Unexpected non-whitespace character after JSON at position 2 (line 1 column 3)",
    ),
]


@pytest.mark.parametrize("key", ["key-demo", "nope"])
@pytest.mark.parametrize(("sent", "told"), UNREADABLE)
def test_json_is_read_before_anything_else(
    client: httpx.Client, sent: str, told: str, key: str
) -> None:
    headers = {"Content-Type": "application/json", "x-api-key": key, "x-immich-cid": "mine"}
    answer = client.put(ASSETS, content=sent, headers=headers)
    body = {"message": told, "error": "Bad Request", "statusCode": 400}
    assert (answer.status_code, answer.json()) == (400, body)
    assert list(answer.json()) == list(body)
    assert "x-immich-cid" not in answer.headers


@pytest.mark.parametrize(
    ("sent", "content_type"),
    [
        (b"", "application/json"),
        (b"{}", "application/json; charset=utf-8"),
        (b"\xef\xbb\xbf{}", "application/json"),
        ('{"foo": "é"}'.encode("utf-16"), 'application/json; charset="UTF-16"'),
        (b' \n{"description": "\xff"}', "application/json"),
        (b'{"isFavorite": "x", "isFavorite": true}', "application/json"),
        (b'{"__proto__": {"isFavorite": "x"}}', "application/json"),
    ],
)
def test_json_is_read_kindly(demo: httpx.Client, sent: bytes, content_type: str) -> None:
    headers = {"Content-Type": content_type}
    ok(demo.put(f"{ASSETS}/{MOUNTAIN}", content=sent, headers=headers))


def test_json_is_in_unicode(demo: httpx.Client) -> None:
    headers = {"Content-Type": "application/json; charset=iso-8859-1"}
    answer = demo.put(ASSETS, content=b"{}", headers=headers)
    told = 'unsupported charset "ISO-8859-1"'
    assert answer.json() == {"message": told, "error": "Bad Request", "statusCode": 400}


def test_json_is_not_nested_without_end(demo: httpx.Client) -> None:
    for depth in (300, 100_000):
        sent = '{"ids":' + "[" * depth + "]" * depth + "}"
        headers = {"Content-Type": "application/json"}
        assert demo.put(ASSETS, content=sent, headers=headers).status_code == 400


@pytest.mark.parametrize(
    ("content_type", "limit"),
    [("application/json", 10 * 1024 * 1024), ("application/x-www-form-urlencoded", 100 * 1024)],
)
def test_a_body_has_a_largest_size(demo: httpx.Client, content_type: str, limit: int) -> None:
    start, end = (b'{"ids":[],"x":"', b'"}') if "json" in content_type else (b"ids[]=&x=", b"")
    filled = start + b"a" * (limit - len(start) - len(end)) + end
    headers = {"Content-Type": content_type}
    fits = demo.request("DELETE", ASSETS, content=filled, headers=headers)
    assert fits.status_code in {204, 400}
    too_large = demo.request("DELETE", ASSETS, content=filled + b" ", headers=headers)
    assert too_large.status_code == 413
    assert list(too_large.json()) == ["message", "error", "statusCode"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PATCH", ""),
        ("HEAD", ""),
        ("POST", f"/{MOUNTAIN}"),
        ("DELETE", f"/{MOUNTAIN}"),
        ("PATCH", f"/{MOUNTAIN}"),
        ("TRACE", f"/{MOUNTAIN}"),
        ("POST", f"/{MOUNTAIN}/original"),
        ("DELETE", f"/{MOUNTAIN}/original"),
        ("PUT", f"/{MOUNTAIN}/thumbnail"),
        ("DELETE", "/random"),
        ("POST", "/statistics"),
        ("POST", "/device/x"),
        ("GET", "/device/x/y"),
        ("GET", f"/{MOUNTAIN}/foo"),
        ("GET", f"/{MOUNTAIN}/video"),
        ("GET", "/statistics//"),
        ("DELETE", "/nope/nope?x=1&apiKey=z%20"),
    ],
)
def test_what_nobody_answers_is_not_found(client: httpx.Client, method: str, path: str) -> None:
    answer = client.request(method, ASSETS + path)
    if method == "HEAD":
        assert (answer.status_code, answer.content) == (404, b"")
        return
    refused(answer, 404, f"Cannot {method} {ASSETS}{path}")
    assert "allow" not in answer.headers


@pytest.mark.parametrize("path", ["/api", "/api/nope", "/api/assets/a/b/c/d"])
def test_a_path_that_is_not_there_is_told_as_it_was_sent(client: httpx.Client, path: str) -> None:
    refused(client.get(path), 404, f"Cannot GET {path}")


@pytest.mark.parametrize(
    "path",
    [f"{STATISTICS}/", "/api/ASSETS/statistics", "/api/Assets/Statistics/"],
)
def test_case_and_a_last_slash_do_not_matter(demo: httpx.Client, path: str) -> None:
    assert ok(demo.get(path))["total"] == 24


def test_a_last_slash_does_not_matter_where_an_asset_is(demo: httpx.Client) -> None:
    assert ok(demo.get(f"{ASSETS}/{MOUNTAIN}/"))["id"] == MOUNTAIN
    assert demo.get(f"{ASSETS}/{MOUNTAIN}/original/").status_code == 200
    refused(demo.get(f"{ASSETS}/device/"), 400, ["id must be a UUID"])


@pytest.mark.parametrize(
    "name",
    ["abc", "x" * 8000, "a b  c", "<script>\"'", "123e4567-e89b-12d3-a456-426614174000", "a\tb"],
)
def test_a_request_keeps_the_name_it_comes_with(client: httpx.Client, name: str) -> None:
    answer = client.get(STATISTICS, headers={"x-immich-cid": name})
    assert answer.headers["x-immich-cid"] == name
    assert answer.json()["correlationId"] == name


@pytest.mark.parametrize("headers", [{}, {"x-immich-cid": ""}])
def test_a_request_without_a_name_gets_one_of_its_own(
    client: httpx.Client, headers: dict[str, str]
) -> None:
    names = [client.get(STATISTICS, headers=headers).headers["x-immich-cid"] for _ in range(50)]
    assert all(CORRELATION.fullmatch(name) for name in names)
    assert len(set(names)) == 50


def test_every_answer_tells_the_name(demo: httpx.Client) -> None:
    headers = {"x-immich-cid": "mine"}
    path = f"{ASSETS}/{created(demo)}"
    answers = [
        demo.get(path, headers=headers),
        demo.get(f"{path}/original", headers=headers),
        demo.get(f"{path}/original", headers={**headers, "If-None-Match": "*"}),
        demo.get(f"{path}/original", headers={**headers, "Range": "bytes=900-"}),
        demo.get(f"{path}/original", headers={**headers, "If-Match": '"a"'}),
        demo.get(f"{path}/thumbnail?size=fullsize", headers=headers),
        demo.put(ASSETS, json={"ids": []}, headers=headers),
        demo.get(f"{path}/nope", headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 304, 416, 412, 302, 204, 404]
    assert {answer.headers["x-immich-cid"] for answer in answers} == {"mine"}


def test_two_refusals_differ_in_the_name_alone(demo: httpx.Client) -> None:
    bodies: list[Json] = [demo.get(f"{ASSETS}/abc").json() for _ in range(2)]
    names = [body.pop("correlationId") for body in bodies]
    assert names[0] != names[1]
    assert bodies[0] == bodies[1]


def test_a_refused_call_changes_nothing(demo: httpx.Client) -> None:
    before = statistics(demo), info(demo, MOUNTAIN)
    sent = {"ids": [MOUNTAIN, "x"], "isFavorite": False}
    refused(demo.put(ASSETS, json=sent), 400, ["each value in ids must be a UUID"])
    assert (statistics(demo), info(demo, MOUNTAIN)) == before


def test_accept_is_not_looked_at(demo: httpx.Client) -> None:
    answer = demo.get(STATISTICS, headers={"Accept": "application/xml"})
    assert json.loads(answer.content)["total"] == 24
