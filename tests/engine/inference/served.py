"""Descriptions served by the real application, and called without a network."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from mockserver.app import create_app
from mockserver.catalogue import Settings, build
from mockserver.state.sandboxes import Rules


@dataclass
class Told:
    """An answer."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)


class Client:
    """Calls an application; ``sandbox`` is where it lives."""

    def __init__(self, app: Any, runner: asyncio.Runner, sandbox: str = "") -> None:
        self._app = app
        self._runner = runner
        self._sandbox = sandbox

    def within(self, sandbox: str) -> Client:
        return Client(self._app, self._runner, f"/@{sandbox}")

    def __call__(
        self,
        method: str,
        url: str,
        body: Any = None,
        media_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> Told:
        sent = b"" if body is None else json.dumps(body).encode()
        given = {} if body is None else {"content-type": media_type}
        return self._called(method, url, sent, {**given, **(headers or {})})

    def sends(self, method: str, url: str, body: str, media_type: str) -> Told:
        """What a body that is written already is answered."""
        return self._called(method, url, body.encode(), {"content-type": media_type})

    def _called(self, method: str, url: str, sent: bytes, headers: Mapping[str, str]) -> Told:
        parts = urlsplit(url)
        path = parts.path if parts.path.startswith("/@") else self._sandbox + parts.path
        given = {"host": "mock.test", **headers}
        encoded = [(name.lower().encode(), value.encode()) for name, value in given.items()]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": quote(path, safe="/%@:!$&'()*+,;=-._~").encode(),
            "query_string": parts.query.encode(),
            "root_path": "",
            "headers": encoded,
            "server": ("mock.test", 80),
            "client": ("127.0.0.1", 1),
        }
        return self._runner.run(self._talk(scope, sent))

    async def _talk(self, scope: Any, sent: bytes) -> Told:
        events: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": sent, "more_body": False}

        async def send(event: Any) -> None:
            events.append(event)

        await self._app(scope, receive, send)
        start = events[0]
        headers = {name.decode(): value.decode() for name, value in start["headers"]}
        return Told(start["status"], headers, b"".join(e.get("body", b"") for e in events[1:]))


@contextmanager
def served(document: Mapping[str, Any], *, records: int = 3, **rules: Any) -> Iterator[Client]:
    """A client of a description."""
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner() as runner:
        path = Path(folder) / "api.json"
        path.write_text(json.dumps(document))
        mock = build([str(path)], Settings(rules=Rules(**rules), records=records))
        yield Client(create_app(mock), runner)


JSON = "application/json"


def api(
    paths: Mapping[str, Any], schemas: Mapping[str, Any] | None = None, version: str = "3.0.3"
) -> dict[str, Any]:
    """A description of these paths."""
    components = {"schemas": dict(schemas or {})}
    info = {"title": "Made", "version": "1"}
    return {"openapi": version, "info": info, "paths": dict(paths), "components": components}


def answers(**told: Any) -> dict[str, Any]:
    """Responses by their statuses, ``s200``; None is an empty one."""
    return {
        status.removeprefix("s"): {
            "description": "-",
            **({"content": {JSON: {"schema": schema}}} if schema is not None else {}),
        }
        for status, schema in told.items()
    }


def takes(schema: Any, *media_types: str) -> dict[str, Any]:
    """A required body."""
    content = {each: {"schema": schema} for each in media_types or (JSON,)}
    return {"required": True, "content": content}


def asked(name: str, schema: Any = None, location: str = "query", **more: Any) -> dict[str, Any]:
    """A parameter."""
    required = {"required": True} if location == "path" else {}
    typed = {"schema": schema or {"type": "string"}}
    return {"name": name, "in": location, **typed, **required, **more}


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
