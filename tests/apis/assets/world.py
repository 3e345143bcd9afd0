"""Seeds to plant, and what tests ask of a server again and again."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

import httpx
from websockets.sync.client import connect

Json = dict[str, Any]

APPLICATION: Json = {
    "id": "d2a7b0c8-1e64-4a39-b7e5-91c3d8f0a6b4",
    "name": "OPEN_SOURCE",
    "version": "5.0.1",
    "platform": "LINUX",
    "onboarded": True,
    "privacy": "OPEN",
}
NEVER = "00000000-0000-4000-8000-000000000000"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
WITHIN = 20.0
"""Seconds after which a frame is given up; a test that passes never waits as long."""

_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def seed(content: Mapping[str, Any], *, metadata: Json | None = None, **more: Any) -> Json:
    """A seed of an asset with that format."""
    named = {"metadata": metadata} if metadata is not None else {}
    asset = {"application": APPLICATION, "format": dict(content), **named, **more}
    return {"type": "SEEDED_ASSET", "asset": asset}


def fragment(text: str, ext: str | None = None) -> Json:
    """A format of a seed that holds a text."""
    told = {"metadata": {"ext": ext}} if ext else {}
    return {"fragment": {"string": {"raw": text}, **told}}


def picture(data: bytes = PNG) -> Json:
    """A format of a seed that holds bytes."""
    return {"file": {"bytes": {"raw": list(data)}}}


def ok(response: httpx.Response) -> Any:
    """The value of an answer that must be a 200 in JSON."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    return response.json()


def plant(client: httpx.Client, sent: Json, **query: bool) -> Json:
    """The asset that comes of a seed."""
    made: Json = ok(client.post("/assets/create", json=sent, params=query))
    return made


def create(
    client: httpx.Client, text: str = "x = 1", name: str | None = None, **metadata: Any
) -> Json:
    """A new asset that holds a text; metadata by name, and ``pseudo`` beside it."""
    pseudo = {"pseudo": metadata.pop("pseudo")} if "pseudo" in metadata else {}
    ext = metadata.pop("ext", None)
    named = {"name": name} if name is not None else {}
    return plant(client, seed(fragment(text, ext), metadata={**named, **metadata}, **pseudo))


def read(client: httpx.Client, key: str, **query: bool) -> Json:
    """An asset as it is now."""
    made: Json = ok(client.get(f"/asset/{key}", params=query))
    return made


def ids(listed: Mapping[str, Any]) -> list[str]:
    """The ids in a list, in order."""
    return [entry["id"] for entry in listed["iterable"]]


def found(searched: Mapping[str, Any]) -> list[str]:
    """The ids of the hits of a search, in order."""
    return [hit["identifier"] for hit in searched["iterable"]]


def listed(client: httpx.Client, **query: bool) -> list[str]:
    """The ids of all assets, newest first."""
    return ids(ok(client.get("/assets", params=query)))


def empty(client: httpx.Client) -> None:
    """Delete every asset."""
    for key in listed(client, pseudo=True):
        assert client.post(f"/assets/{key}/delete").status_code == 200


def only_format(asset: Mapping[str, Any]) -> Json:
    """The one format of an asset."""
    [entry] = asset["formats"]["iterable"]
    return dict(entry)


def text_of(entry: Mapping[str, Any]) -> str:
    """The text of a format."""
    part = entry.get("fragment") or entry["file"]
    return str(part["string"]["raw"])


def bytes_of(entry: Mapping[str, Any]) -> bytes:
    """The bytes of a format."""
    part = entry.get("fragment") or entry["file"]
    return bytes(part["bytes"]["raw"])


def is_uuid4(text: str) -> bool:
    """Whether a text is a version 4 UUID as it is written out (RFC 9562)."""
    return _UUID4.fullmatch(text) is not None


def without_contents(value: Any) -> Any:
    """A value without any member called fragment or file, at any depth."""
    if isinstance(value, dict):
        kept = {name: item for name, item in value.items() if name not in {"fragment", "file"}}
        return {name: without_contents(item) for name, item in kept.items()}
    if isinstance(value, list):
        return [without_contents(item) for item in value]
    return value


def members(value: Any) -> Iterator[str]:
    """The names of all members in a value, at any depth."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from members(item)
    elif isinstance(value, list):
        for item in value:
            yield from members(item)


class Feed:
    """One reader of a WebSocket feed; what is not there in time fails."""

    def __init__(self, url: str, path: str) -> None:
        address = url.replace("http://", "ws://", 1) + path
        self._open = ExitStack()
        opening = connect(address, open_timeout=WITHIN, max_size=None, proxy=None)
        self.socket = self._open.enter_context(opening)

    def text(self) -> str:
        """The next frame."""
        return str(self.socket.recv(timeout=WITHIN))

    def frame(self) -> Json:
        """The value of the next frame."""
        made: Json = json.loads(self.text())
        return made

    def is_open_and_silent(self) -> bool:
        """Whether nothing lies before the answer to a ping, which only an open feed gives."""
        if not self.socket.ping().wait(WITHIN):
            return False
        try:
            self.socket.recv(timeout=0)
        except TimeoutError:
            return True
        return False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()


def positions(keys: Sequence[str], gone: Iterable[str] = ()) -> dict[str, int]:
    """The indices that belong to a list: positions, and -1 for what was deleted."""
    return {**dict.fromkeys(gone, -1), **{key: at for at, key in enumerate(keys)}}
