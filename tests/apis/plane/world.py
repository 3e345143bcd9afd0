"""What tests ask of the Plane API again and again; the fixtures are the world they ask in."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx

Json = dict[str, Any]

KEY = "plane_api_" + "1" * 32
OTHER_KEY = "plane_api_" + "2" * 32
INACTIVE_KEY = "plane_api_" + "3" * 32

USERS = "/api/v1/assets/user-assets/"
ACME = "/api/v1/workspaces/acme/assets/"
GLOBEX = "/api/v1/workspaces/globex/assets/"
STATIC = "/api/assets/v2/static/"

ACME_ID = "aaaaaaaa-0000-4000-8000-00000000000a"
PROJECT = "cccccccc-0000-4000-8000-00000000000c"
AVATAR = "a0000000-0000-4000-8000-000000000001"
ATTACHMENT = "a0000000-0000-4000-8000-000000000002"
NEVER = "12345678-1234-4234-8234-123456789abc"

LIMIT = 5_242_880
PICTURE: Json = {"name": "cat.png", "type": "image/png", "entity_type": "USER_AVATAR"}
FILE: Json = {"name": "notes.txt", "type": "text/plain", "size": 100}

NOT_VALID = {"error": "Please provide valid detail"}
NO_CONSTRAINT = {"error": "The payload is not valid"}


def ok(answer: httpx.Response) -> Any:
    """The value of an answer that must be a 200 in JSON."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def refused(answer: httpx.Response, status: int) -> Any:
    """The value of an answer that must have that status, and be JSON."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def done(answer: httpx.Response) -> None:
    """An answer must be a 204 without a body."""
    assert (answer.status_code, answer.content) == (204, b""), answer.text


def new(client: httpx.Client, path: str = USERS, **given: Any) -> Json:
    """A new asset: what was answered."""
    made: Json = ok(client.post(path, json={**(PICTURE if path == USERS else FILE), **given}))
    return made


def raw(client: httpx.Client, method: str, path: str, body: bytes | str) -> httpx.Response:
    """The answer to a body that is sent as JSON just as it is."""
    told = {"Content-Type": "application/json"}
    return client.request(method, path, content=body, headers=told)


def fields(made: Json) -> dict[str, str]:
    """The fields of a prepared upload."""
    found: dict[str, str] = made["upload_data"]["fields"]
    return found


def name(made: Json) -> str:
    """The name that a new asset got, as the end of its key tells it."""
    key = fields(made)["key"].rpartition("/")[2]
    assert key[32] == "-"
    return key[33:]


def most(made: Json) -> int:
    """How many bytes the policy of a prepared upload allows."""
    policy = json.loads(base64.b64decode(fields(made)["policy"]))
    [(_, least, allowed)] = [c for c in policy["conditions"] if isinstance(c, list)]
    assert least == 1
    return int(allowed)


def upload(made: Json, data: bytes, **changed: str) -> httpx.Response:
    """Post bytes as a prepared upload says."""
    form = {**fields(made), **changed}
    return httpx.post(made["upload_data"]["url"], data=form, files={"file": ("f", data)})


def is_uploaded(client: httpx.Client, asset_id: str) -> bool:
    """Whether a user's asset counts as uploaded, as its public page tells."""
    answer = client.get(f"{STATIC}{asset_id}/")
    if answer.status_code == 302:
        return True
    told = {"error": "The requested asset could not be found."}
    assert (answer.status_code, answer.json()) == (404, told)
    return False
