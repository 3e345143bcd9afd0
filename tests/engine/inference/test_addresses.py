"""URLs in answers lead to the mock, and those of records to the records."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.inference.served import answers, api, asked, ref, served, takes

URI = {"type": "string", "format": "uri"}
INTEGER = {"type": "integer"}
TEXT = {"type": "string"}


def repos(example: Any = None, **members: Any) -> dict[str, Any]:
    """A description of repositories on a server elsewhere; they have these members."""
    properties = {"id": {**INTEGER, "readOnly": True}, "name": TEXT, **members}
    repo = {"type": "object", "required": ["id", *members], "properties": properties}
    new = {"type": "object", "properties": {"name": TEXT, "homepage": URI}}
    several = {"type": "array", "items": ref("Repo")}
    listed = answers(s200=several)
    if example is not None:
        listed["200"]["content"]["application/json"]["example"] = [example]
    paths = {
        "/repos": {
            "get": {"responses": listed},
            "post": {"requestBody": takes(new), "responses": answers(s201=ref("Repo"))},
        },
        "/repos/{id}": {
            "parameters": [asked("id", INTEGER, "path")],
            "get": {"responses": answers(s200=ref("Repo"), s404={"type": "object"})},
        },
    }
    servers = [{"url": "https://api.example.dev/v3"}]
    return {**api(paths, {"Repo": repo}), "servers": servers}


@pytest.mark.parametrize(
    ("member", "schema", "steps"),
    [
        ("url", URI, ()),
        ("self", TEXT, ()),
        ("_links", {"type": "object", "properties": {"self": {"type": "object",
         "required": ["href"], "properties": {"href": URI}}}, "required": ["self"]},
         ("self", "href")),
    ],
)  # fmt: skip
def test_the_address_of_a_record_leads_to_it(
    member: str, schema: Any, steps: tuple[str, ...]
) -> None:
    with served(repos(**{member: schema})) as client:
        made = client("POST", "/v3/repos", {"name": "x"}).json
        rows = client("GET", "/v3/repos").json
        assert made in rows
        for row in rows:
            address = row[member]
            for step in steps:
                address = address[step]
            assert address.startswith("http://mock.test/v3/")
            assert client("GET", address).json == row


def test_the_address_of_a_record_keeps_to_its_sandbox() -> None:
    with served(repos(url=URI)) as client:
        inside = client.within("mine")
        made = inside("POST", "/v3/repos", {"name": "x"}).json
        assert made["url"].startswith("http://mock.test/@mine/v3/")
        assert client("GET", made["url"]).json == made
        [elsewhere, *_] = client("GET", "/v3/repos").json
        assert elsewhere["url"].startswith("http://mock.test/v3/")


def test_an_example_of_the_api_itself_leads_to_the_mock_and_others_stay() -> None:
    example = {
        "id": 7,
        "url": "https://api.example.dev/v3/repos/7",
        "hooks": "https://api.example.dev/v3/repos/7/hooks",
        "html": "https://www.example.dev/repos/7",
    }
    with served(repos(example, url=URI, hooks=URI, html=URI)) as client:
        told = client("GET", "/v3/repos/7").json
    assert told["url"] == "http://mock.test/v3/repos/7"
    assert told["hooks"] == "http://mock.test/v3/repos/7/hooks"
    assert told["html"] == "https://www.example.dev/repos/7"


def test_an_address_that_a_client_sends_is_its_own() -> None:
    homepage = "https://else.example.dev/x"
    with served(repos(homepage=URI)) as client:
        sent = {"name": "x", "homepage": homepage}
        assert client("POST", "/v3/repos", sent).json["homepage"] == homepage
