"""Bytes that were uploaded are the bytes that are read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from mockserver.app import create_app
from mockserver.catalogue import Settings, build
from tests.engine.inference.served import answers, api, asked, ref, takes

Connect = Callable[[Any], httpx.Client]

BYTES = {"type": "string", "format": "binary"}
TEXT = {"type": "string"}
PNG = b"\x89PNG not really"
FILE = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "size": {"type": "integer", "readOnly": True},
        "contentType": {"type": "string", "readOnly": True},
        "filename": {"type": "string", "readOnly": True},
        "label": TEXT,
    },
}
ID = asked("id", {"type": "integer"}, "path")


def download(*media_types: str) -> dict[str, Any]:
    content = {each: {"schema": BYTES} for each in media_types}
    return {"responses": {"200": {"description": "-", "content": content}, **answers(s404=None)}}


def upload(*media_types: str, status: str = "204") -> dict[str, Any]:
    return {"requestBody": takes(BYTES, *media_types), "responses": answers(**{"s" + status: None})}


def files() -> dict[str, Any]:
    """Files with their bytes, and things with a photo and an avatar."""
    form = {"type": "object", "properties": {"content": BYTES, "label": TEXT}}
    thing = {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}
    photo = {"requestBody": takes(form, "multipart/form-data"), "responses": answers(s200=thing)}
    paths = {
        "/files": {
            "get": {"responses": answers(s200={"type": "array", "items": ref("File")})},
            "post": {
                "requestBody": takes(form, "multipart/form-data"),
                "responses": answers(s201=ref("File")),
            },
        },
        "/files/{id}": {
            "parameters": [ID],
            "get": {"responses": answers(s200=ref("File"), s404=None)},
            "delete": {"responses": answers(s204=None, s404=None)},
        },
        "/files/{id}/content": {
            "parameters": [ID],
            "get": download("application/octet-stream"),
            "put": upload("application/octet-stream"),
        },
        "/files/{id}/preview": {"parameters": [ID], "get": download("image/*")},
        "/things": {"get": {"responses": answers(s200={"type": "array", "items": thing})}},
        "/things/{id}": {"parameters": [ID], "get": {"responses": answers(s200=thing, s404=None)}},
        "/things/{id}/photo": {
            "parameters": [ID],
            "get": download("image/png", "application/octet-stream"),
            "post": photo,
            "delete": {"responses": answers(s204=None)},
        },
    }
    return api(paths, {"File": FILE})


@pytest.fixture
def client(in_process: Connect, tmp_path: Path) -> httpx.Client:
    path = tmp_path / "files.json"
    path.write_text(json.dumps(files()))
    return in_process(create_app(build([str(path)], Settings())))


def uploaded(client: httpx.Client, data: bytes = PNG, media_type: str = "image/png") -> Any:
    sent = {"content": ("cat.png", data, media_type)}
    told = client.post("/files", files=sent, data={"label": "x"})
    assert told.status_code == 201, told.text
    return told.json()


def test_bytes_that_a_form_brings_are_those_of_the_record(client: httpx.Client) -> None:
    key = uploaded(client)["id"]
    assert client.get(f"/files/{key}/content").content == PNG
    assert client.get("/files/1/content").content != PNG


def test_a_record_tells_of_its_file(client: httpx.Client) -> None:
    made = uploaded(client)
    told = {"size": len(PNG), "contentType": "image/png", "filename": "cat.png", "label": "x"}
    assert made == {"id": made["id"], **told}


def test_bytes_that_are_put_are_read_from_the_same_path(client: httpx.Client) -> None:
    key = uploaded(client)["id"]
    octets = {"content-type": "application/octet-stream"}
    told = client.put(f"/files/{key}/content", content=b"other", headers=octets)
    assert told.status_code == 204
    assert client.get(f"/files/{key}/content").content == b"other"


def test_bytes_are_answered_where_their_media_type_is_documented(client: httpx.Client) -> None:
    key = uploaded(client)["id"]
    told = client.get(f"/files/{key}/preview")
    assert (told.headers["content-type"], told.content) == ("image/png", PNG)
    key = uploaded(client, b"plain", "text/plain")["id"]
    assert client.get(f"/files/{key}/preview").content != b"plain"
    assert client.get(f"/files/{key}/content").content == b"plain"


def test_bytes_are_answered_as_the_client_takes_them(client: httpx.Client) -> None:
    key = uploaded(client)["id"]
    told = client.get(f"/files/{key}/preview", headers={"accept": "image/webp"})
    assert told.content != PNG


def test_what_is_uploaded_beside_a_record_is_its_own(client: httpx.Client) -> None:
    before = client.get("/things/2/photo").content
    told = client.post("/things/1/photo", files={"content": ("a.png", PNG, "image/png")})
    assert told.status_code == 200
    read = client.get("/things/1/photo")
    assert (read.headers["content-type"], read.content) == ("image/png", PNG)
    assert client.get("/things/2/photo").content == before
    assert client.delete("/things/1/photo").status_code == 204
    assert client.get("/things/1/photo").content != PNG


def test_bytes_go_with_their_record(client: httpx.Client) -> None:
    key = uploaded(client)["id"]
    client.put(f"/files/{key}/content", content=b"other")
    assert client.delete(f"/files/{key}").status_code == 204
    assert client.get(f"/files/{key}/content").status_code == 404


def test_bytes_go_with_the_record_above(in_process: Connect, tmp_path: Path) -> None:
    octets = "application/octet-stream"
    record = {"type": "object", "properties": {"name": TEXT}, "required": ["name"]}
    name, file = asked("name", TEXT, "path"), asked("file", TEXT, "path")
    paths = {
        "/users/{name}": {
            "parameters": [name],
            "get": {"responses": answers(s200=record, s404=None)},
            "put": {"requestBody": takes(record), "responses": answers(s200=record)},
            "delete": {"responses": answers(s204=None)},
        },
        "/users/{name}/files/{file}": {
            "parameters": [name, file],
            "get": download(octets),
            "put": upload(octets),
        },
    }
    path = tmp_path / "users.json"
    path.write_text(json.dumps(api(paths)))
    client = in_process(create_app(build([str(path)], Settings(max_blobs=10))))
    for user, data in (("ann", b"hers, 8."), ("bob", b"his, too")):
        client.put(f"/users/{user}", json={"name": user})
        file_of_user = f"/users/{user}/files/a"
        sent = client.put(file_of_user, content=data, headers={"content-type": octets})
        assert sent.status_code == 204, sent.text  # 507 if the bytes before were still kept
        assert client.get(file_of_user).content == data
        assert client.delete(f"/users/{user}").status_code == 204


def test_bytes_are_those_of_one_sandbox(client: httpx.Client) -> None:
    client.post("/@one/things/1/photo", files={"content": ("a.png", PNG, "image/png")})
    assert client.get("/@one/things/1/photo").content == PNG
    assert client.get("/@two/things/1/photo").content != PNG
