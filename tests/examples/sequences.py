"""The service's test client with the few words that sequences of requests are made of."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flask import Flask

from examples.flask_assets import calls, faults
from examples.flask_assets.app import create_app
from examples.flask_assets.config import Settings
from examples.flask_assets.feeds import frames

KEY = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
APPLICATION = {
    "id": "app",
    "name": "OPEN_SOURCE",
    "version": "1",
    "platform": "LINUX",
    "onboarded": False,
    "privacy": "OPEN",
}


Call = Callable[["World"], Any]


class World:
    """One service; what it answers is kept with ids and moments named in order of appearance."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()
        self.seen: list[str] = []
        self.second_first = False

    def send(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.client.open(path, method=method, json=body)
        headers = [answer.headers.get(name, "") for name in ("Content-Type", "Allow")]
        self.note(f"{answer.status_code} {headers} {answer.text}")
        return answer.json if answer.is_json else answer.text

    def get(self, path: str) -> Any:
        return self.send("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        return self.send("POST", path, body)

    def create(self, text: str = "text", *, pseudo: bool = False, **metadata: Any) -> Any:
        return self.post("/assets/create", seed(text, pseudo=pseudo, **metadata))

    def update(self, asset: Any, **members: Any) -> Any:
        return self.post("/asset/update", {**asset, **members})

    def delete(self, asset: Any) -> Any:
        return self.post(f"/assets/{asset['id']}/delete")

    def value(self, form: Any, text: str) -> Any:
        return self.post("/format/update/value", {**form, "fragment": string(text)})

    def reclassify(self, asset: Any, ext: str) -> Any:
        return self.post("/asset/reclassify", {"ext": ext, "asset": asset})

    def find(self, *filters: Any, **members: Any) -> Any:
        wanted: dict[str, Any] = dict(members)
        if filters:
            wanted["filters"] = {"iterable": list(filters)}
        return self.post("/assets/search", wanted)

    def note(self, text: str) -> None:
        self.seen.append(text)

    def together(self, first: Call, second: Call) -> None:
        """Make two calls: the second comes in the window of a race, if the first has one."""
        apart = [World(self.app), World(self.app)]
        former, latter = (second, first) if self.second_first else (first, second)
        waiting = [lambda: latter(apart[1])]
        self.app.extensions["in the window"] = waiting
        former(apart[0])
        while waiting:
            waiting.pop()()
        self.seen += sorted(text for world in apart for text in world.seen)

    @contextlib.contextmanager
    def feed(self, path: str) -> Iterator[None]:
        """Note the frames that a feed has had by the end of the block, the first included."""
        operation = {
            "identifiers": "assets_stream_identifiers",
            "assets": "stream_assets",
            "contents": "get_assets_stream_transferables",
        }[path]
        faults.switch(self.app.extensions["fault"])
        told = frames(calls.Call(self.app.extensions["store"], {}), operation, patience=0)
        begun = next(told)
        yield
        faults.switch(self.app.extensions["fault"])
        later = list(iter(lambda: next(told), None)) if begun is not None else []
        for frame in [begun, *later]:
            self.note(f"frame {frame}")

    def transcript(self) -> list[str]:
        """All answers, each id and each moment replaced by its rank."""
        text = "\n".join(self.seen)
        keys = {key: f"id-{rank}" for rank, key in enumerate(dict.fromkeys(KEY.findall(text)))}
        moments = {
            moment: f"moment-{rank}"
            for rank, moment in enumerate(sorted(set(MOMENT.findall(text))))
        }
        text = KEY.sub(lambda found: keys[found.group()], text)
        return MOMENT.sub(lambda found: moments[found.group()], text).splitlines()


def string(text: str) -> dict[str, Any]:
    return {"string": {"raw": text}}


def seed(text: str = "text", *, pseudo: bool = False, **metadata: Any) -> dict[str, Any]:
    form = {"fragment": {**string(text)}}
    ext = metadata.pop("ext", None)
    if ext:
        form["fragment"]["metadata"] = {"ext": ext}
    extra = {name: metadata.pop(name) for name in ("discovered",) if name in metadata}
    asset = {"application": APPLICATION, "format": form, "metadata": metadata, **extra}
    return {"type": "SEEDED_ASSET", "asset": {**asset, "pseudo": pseudo}}


def tags(*texts: str) -> list[dict[str, str]]:
    return [{"text": text} for text in texts]


def second_format(asset: Any, text: str = "two", **members: Any) -> Any:
    """The asset with a preview that is a format of its own."""
    first = asset["formats"]["iterable"][0]
    key = "11111111-1111-4111-8111-111111111111"
    other = {**first, "id": key, "fragment": string(text), **members}
    return {
        **asset,
        "formats": {"iterable": [first, other]},
        "preview": {"base": {"id": key}},
    }


def world(folder: Path, fault: str = "", seed_from: Path | None = None) -> World:
    """A service over a database of its own; in the window of a race comes what waits for it."""

    def meeting() -> None:
        waiting = app.extensions.get("in the window", [])
        while waiting:
            waiting.pop()()
        faults.switch(fault, meeting)

    number = len(list(folder.iterdir()))
    app = create_app(Settings(folder / f"{number}.db", seed_from, fault, reset=True), meeting)
    app.extensions["fault"] = fault
    return World(app)
