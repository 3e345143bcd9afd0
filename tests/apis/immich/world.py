"""What the fixtures hold, and what tests ask of a server again and again."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any

import httpx
from PIL import Image

Json = dict[str, Any]

ASSETS = "/api/assets"

MOUNTAIN = "225ee169-0f41-45b3-b794-62223086f20a"
LAKE = "c623889e-2932-4577-acfd-709baf5966bc"
CHART = "5cf14f77-bc59-4344-8ebd-5ff4dd696992"
TULIPS = "a2eac4e3-0d83-47b5-bdbc-67254050ec4b"
BADGE = "92cd73da-d9e4-4c28-ade2-560f6889b768"
BOATS = "0303a40a-a8a5-4e80-abd7-165cfc8f5fe5"
MOTION = "40dfb70a-5789-4c13-aa3f-a963bc21abfd"
LIVE = "9e868a44-7191-41ed-9194-af235c67590c"
SCAN = "4ce8aecc-7b00-4ae3-af49-d9ac244bfbc0"
WATERFALL = "ea1731ee-7302-4712-b2c8-e3825393c3ed"
BALLOON = "9864f9b0-d7f4-4858-8d09-f4316072234a"
UMBRELLAS = "b77151ac-f281-4884-978b-3c7dfe47c17f"
RECEIPT = "c922544b-0e78-48ad-aa45-9aec32aff679"
IDENTITY_CARD = "31506c3e-a50e-439b-bc24-12c8c68f9dc3"
PLANETS = "7bf75ea1-14ea-457c-a39d-3d93646819de"
"""Assets of the demo user, by what they show; the receipt is in the trash."""

NOWHERE = "11111111-1111-4111-8111-111111111111"
"""A version 4 UUID that nothing has."""

WHOLE_KEY = "demo-everything-000000000000000000000000000000000000000000000000000"
VIEW_ONLY_KEY = "demo-view-only-0000000000000000000000000000000000000000000000000000"
EXPIRED_KEY = "demo-expired-000000000000000000000000000000000000000000000000000000"

CREATED = "2025-01-02T03:04:05.000Z"
MODIFIED = "2025-02-02T03:04:05.000Z"

UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
CORRELATION = re.compile(r"[0-9a-z]{8}")

_numbers = itertools.count(1)

Part = tuple[str, str] | tuple[str, str, bytes]
"""A field (name, text) or a file (name, file name, bytes) of a form."""


def form(**fields: str) -> dict[str, str]:
    """The fields of an upload, those given in the place of the usual ones."""
    usual = {
        "deviceAssetId": "a-1",
        "deviceId": "phone",
        "fileCreatedAt": CREATED,
        "fileModifiedAt": MODIFIED,
    }
    return {**usual, **fields}


def fresh() -> bytes:
    """Bytes that nobody has."""
    return f"bytes number {next(_numbers)}".encode()


def multipart(parts: Sequence[Part]) -> tuple[dict[str, str], bytes]:
    """The headers and the body of a form whose parts stand in this order."""
    body = b""
    for name, *rest in parts:
        text, *data = rest
        named = f'; filename="{text}"\r\nContent-Type: application/octet-stream' if data else ""
        head = f'--edge\r\nContent-Disposition: form-data; name="{name}"{named}\r\n\r\n'
        body += head.encode() + (data[0] if data else text.encode()) + b"\r\n"  # type: ignore[operator]
    return {"Content-Type": "multipart/form-data; boundary=edge"}, body + b"--edge--\r\n"


def send_parts(
    client: httpx.Client, *parts: Part, to: str = ASSETS, method: str = "POST"
) -> httpx.Response:
    """Send a form part by part; what is needed of the fields comes first unless it is given."""
    given = {name for name, *_ in parts}
    usual: list[Part] = [pair for pair in form().items() if pair[0] not in given]
    headers, body = multipart([*usual, *parts])
    return client.request(method, to, headers=headers, content=body)


def upload(
    client: httpx.Client, data: bytes | None = None, name: str = "a.jpg", **fields: str
) -> httpx.Response:
    """Upload a file; with no bytes given, one that nobody has."""
    content = fresh() if data is None else data
    return client.post(ASSETS, data=form(**fields), files={"assetData": (name, content)})


def created(
    client: httpx.Client, data: bytes | None = None, name: str = "a.jpg", **fields: str
) -> str:
    """The id of a new asset."""
    answer = upload(client, data, name, **fields)
    assert answer.status_code == 201, answer.text
    assert list(answer.json()) == ["id", "status"]
    assert answer.json()["status"] == "created"
    return str(answer.json()["id"])


def replace(
    client: httpx.Client, key: str, data: bytes | None = None, name: str = "b.png", **fields: str
) -> httpx.Response:
    """Give an asset another file."""
    content = fresh() if data is None else data
    files = {"assetData": (name, content)}
    return client.put(f"{ASSETS}/{key}/original", data=form(**fields), files=files)


def ok(response: httpx.Response) -> Any:
    """The value of an answer that must be a 200 in JSON."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    return response.json()


def done(response: httpx.Response) -> None:
    """What must be a 204 with nothing in it."""
    assert (response.status_code, response.content) == (204, b"")


def info(client: httpx.Client, key: str) -> Json:
    """An asset as it is now."""
    found: Json = ok(client.get(f"{ASSETS}/{key}"))
    return found


def update(client: httpx.Client, key: str, **changes: Any) -> Json:
    """An asset after these changes."""
    changed: Json = ok(client.put(f"{ASSETS}/{key}", json=changes))
    return changed


def update_all(client: httpx.Client, *ids: str, **changes: Any) -> None:
    """Change several assets alike."""
    done(client.put(ASSETS, json={"ids": list(ids), **changes}))


def delete(client: httpx.Client, *ids: str, **flags: Any) -> None:
    """Put assets into the trash or, with ``force``, remove them."""
    done(client.request("DELETE", ASSETS, json={"ids": list(ids), **flags}))


def statistics(client: httpx.Client, **query: str) -> Json:
    """How many assets the caller has."""
    counted: Json = ok(client.get(f"{ASSETS}/statistics", params=query))
    return counted


def on_device(client: httpx.Client, device: str = "phone") -> list[str]:
    """What a device calls its assets."""
    return list(ok(client.get(f"{ASSETS}/device/{device}")))


def existing(client: httpx.Client, *ids: str, device: str = "phone") -> list[str]:
    """Which of a device's ids are there."""
    asked = {"deviceAssetIds": list(ids), "deviceId": device}
    return list(ok(client.post(f"{ASSETS}/exist", json=asked))["existingIds"])


def checked(client: httpx.Client, *checksums: str) -> list[Json]:
    """What a check before the upload says of these checksums."""
    asked = [{"id": str(place), "checksum": text} for place, text in enumerate(checksums)]
    answer = ok(client.post(f"{ASSETS}/bulk-upload-check", json={"assets": asked}))
    return list(answer["results"])


def in_hex(data: bytes) -> str:
    """The SHA-1 checksum of bytes in hex."""
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


def in_base64(data: bytes) -> str:
    """The SHA-1 checksum of bytes in base64."""
    return base64.b64encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()


def refused(
    response: httpx.Response, status: int, message: str | list[str], error: str | None = ""
) -> None:
    """A refusal in the shape of the API: its members, their order, and the name of the request."""
    phrase = {400: "Bad Request", 401: "Unauthorized", 404: "Not Found"}.get(status, "")
    named = {} if error is None else {"error": error or phrase}
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    cid = body.get("correlationId")
    assert body == {"message": message, **named, "statusCode": status, "correlationId": cid}
    assert list(body) == ["message", *named, "statusCode", "correlationId"]
    assert CORRELATION.fullmatch(cid)
    assert response.headers["x-immich-cid"] == cid


def no_access(response: httpx.Response, right: str) -> None:
    """A refusal that does not say whether there is such an asset."""
    refused(response, 400, f"Not found or no asset.{right} access")


def picture(size: tuple[int, int] = (40, 30), kind: str = "JPEG", **how: Any) -> bytes:
    """A small picture, unlike any other."""
    shade = next(_numbers)
    made = Image.new("RGB", size, (shade % 256, shade // 256 % 256, 90))
    out = BytesIO()
    made.save(out, kind, **how)
    return out.getvalue()


def opened(response: httpx.Response) -> Image.Image:
    """The picture in an answer."""
    return Image.open(BytesIO(response.content))


def without(value: Mapping[str, Any], *names: str) -> Json:
    """An object without these members."""
    return {name: item for name, item in value.items() if name not in names}
