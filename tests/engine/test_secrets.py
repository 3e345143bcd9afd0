"""What is masked, and what is not, by name and by place."""

from __future__ import annotations

import json

import pytest

from mockserver.engine.secrets import Secrets, is_secret, without
from mockserver.engine.spec import SecurityScheme

SCHEMES = [
    SecurityScheme("mine", "apiKey", parameter="X-Mine", location="header"),
    SecurityScheme("ours", "apiKey", parameter="ours", location="query"),
    SecurityScheme("basic", "http", scheme="basic"),
]
KNOWN = Secrets.of(SCHEMES)
FORM = (
    '--b\r\nContent-Disposition: form-data; name="token"\r\n\r\n%s\r\n--b\r\n'
    'Content-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--\r\n'
)


@pytest.mark.parametrize(
    "name",
    ["password", "newPassword", "passwd", "token", "access_token", "refreshToken", "client_secret",
     "api_key", "apiKey", "X-API-Key", "privateKey", "X-Amz-Signature", "credentials", "sig"],
)  # fmt: skip
def test_a_name_of_a_secret_is_known(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize(
    "name",
    ["name", "key", "author", "monkey", "nextPageToken", "token_type", "max_tokens", "design",
     "authorId", "passenger_id", "sort_key", "signed"],
)  # fmt: skip
def test_a_name_of_something_else_is_not_taken_for_one(name: str) -> None:
    assert not is_secret(name)


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", "Bearer abcdef", "Bearer ***"),
        ("proxy-authorization", "abcdef", "***"),
        ("Cookie", "a=1; session=abc", "a=***; session=***"),
        ("Set-Cookie", "session=abc; Path=/; HttpOnly", "session=***; Path=/; HttpOnly"),
        ("x-mine", "abc", "***"),
        ("X-Api-Key", "abc", "***"),
        ("Location", "/files/1?X-Amz-Signature=abc&a=b", "/files/1?X-Amz-Signature=***&a=b"),
        ("Accept", "text/html", "text/html"),
    ],
)
def test_a_header_tells_no_secret(name: str, value: str, shown: str) -> None:
    assert KNOWN.header(name, value) == shown


def test_a_query_tells_no_secret() -> None:
    assert KNOWN.query("a=1&ours=x&%70assword=y&b&token=") == "a=1&ours=***&%70assword=***&b&token="


@pytest.mark.parametrize(
    ("media_type", "body", "shown"),
    [
        ("application/json", '{"a": 1,  "b": [2]}', '{"a": 1,  "b": [2]}'),
        ("application/json", '{"password":"x","a":1}', '{"password": "***", "a": 1}'),
        ("application/json", '{"pass\\u0077ord":"x"}', '{"password": "***"}'),
        ("application/json", '{"secret":{"a":["x",null,true,5]}}',
         '{"secret": {"a": ["***", null, true, "***"]}}'),
        ("application/problem+json", '[{"apiKey":7}]', '[{"apiKey": "***"}]'),
        ("application/json", '{"a":1,"password":"beginning of a lo', '{"a":1,"password":"***"'),
        ("application/json", '{"url":"/x?sig=abc&n=1"}', '{"url":"/x?sig=***&n=1"}'),
        ("application/x-www-form-urlencoded", "a=1&password=x", "a=1&password=***"),
        ("application/xml", "<a><b>1</b><password>x</password></a>",
         "<a><b>1</b><password>***</password></a>"),
        ("multipart/form-data", FORM % "abc", FORM % "***"),
        ("text/plain", "the password is x", "the password is x"),
    ],
)  # fmt: skip
def test_a_body_tells_no_secret_and_stays_as_it_is_otherwise(
    media_type: str, body: str, shown: str
) -> None:
    assert KNOWN.body(media_type, body) == shown


def test_nesting_past_any_reader_hides_its_secrets_all_the_same() -> None:
    deep = "[" * 100_000 + '{"password":"hidden"}'
    assert "hidden" not in KNOWN.body("application/json", deep)


def test_what_a_request_presents_is_known_wherever_else_it_turns_up() -> None:
    headers = [("authorization", "Bearer abcdefgh"), ("cookie", "a=cookie+value"), ("a", "b")]
    presented = set(KNOWN.presented(headers, "ours=12%2045678&n=1"))
    assert presented == {"abcdefgh", "cookie+value", "12 45678"}
    assert without("no abcdefgh, 12%2045678 or cookie+value", presented) == "no ***, *** or ***"


def test_the_secrets_of_a_json_body_are_known() -> None:
    body = json.dumps({"password": "correct horse", "name": "x"}).encode()
    assert KNOWN.members(body) == {"correct horse"}
    assert KNOWN.members(b'{"password": broken') == set()
    assert KNOWN.members(b"\xff\xfe{password") == set()
