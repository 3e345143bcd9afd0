"""A small server that keeps ``notes.yaml``, and breaks one rule of it where it is told to."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

DESCRIPTION = Path(__file__).parent / "notes.yaml"
LABELS = ("red", "green", "blue")
ITEM = re.compile(r"/notes/([^/]+)")


class Refused(Exception):
    """The status that a call is refused with."""


class Notes:
    """An ASGI application. ``fault`` names the rule that it breaks, none for a right one."""

    def __init__(self, fault: str = "") -> None:
        self.fault = fault
        self.asked: list[str] = []
        self.reset()

    def reset(self) -> None:
        self.notes: dict[int, dict[str, Any]] = {}
        self.gone: dict[int, dict[str, Any]] = {}
        self.count = 0
        self.reads = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = (await receive())["body"]
        self.asked.append(f"{scope['method']} {scope['path']}")
        headers = dict(scope["headers"])
        try:
            status, value, more = self._answer(scope, headers.get(b"content-type", b""), body)
        except Refused as refused:
            status = refused.args[0]
            value, more = {"title": "It was refused.", "status": status}, {}
        kind = "application/problem+json" if status >= 400 else "application/json"
        if self.fault == "media type" and status == 200:
            kind = "text/html"
        told = [(name.encode(), text.encode()) for name, text in more.items()]
        if value is not None:
            told.append((b"content-type", kind.encode()))
        data = b"" if value is None else json.dumps(value).encode()
        await send({"type": "http.response.start", "status": status, "headers": told})
        await send({"type": "http.response.body", "body": data})

    def _answer(self, scope: Any, kind: bytes, body: bytes) -> tuple[int, Any, dict[str, str]]:
        method, path = scope["method"], scope["path"]
        query = parse_qs(scope["query_string"].decode(), keep_blank_values=True)
        item = ITEM.fullmatch(path)
        if path == "/notes" and method == "GET":
            return 200, self._list(query), {}
        if path == "/notes" and method == "POST":
            return self._add(self._sent(kind, body, b"application/json"))
        if path == "/notes" or (item and method not in {"GET", "PUT", "PATCH", "DELETE"}):
            allowed = "GET, POST" if path == "/notes" else "GET, PUT, PATCH, DELETE"
            problem = {"title": "No such method.", "status": 405}
            return 405, problem, {"allow": allowed + ", HEAD, OPTIONS"}
        if item is None:
            raise Refused(404)
        if not re.fullmatch(r"0*[1-9][0-9]{0,17}", item[1]):
            raise Refused(400)
        return self._about(method, int(item[1]), (kind, body))

    def _about(self, method: str, key: int, sent: Any) -> tuple[int, Any, dict[str, str]]:
        if method == "GET" and self.fault == "gone" and key in self.gone:
            return 200, self.gone[key], {}
        if method == "GET":
            more = {"text": 7} if self.fault == "schema" else {}
            return 200, self._read(key) | more, {}
        if method == "DELETE":
            self.gone[key] = self._read(key)
            if self.fault != "gone in lists":
                del self.notes[key]
            return 204, None, {}
        if method == "PUT":
            return 200, self._replace(key, self._sent(*sent, b"application/json")), {}
        return 200, self._change(key, self._sent(*sent, b"application/merge-patch+json")), {}

    def _read(self, key: int) -> dict[str, Any]:
        if key not in self.notes or (self.fault == "gone in lists" and key in self.gone):
            raise Refused(404)
        return self.notes[key]

    def _list(self, query: dict[str, list[str]]) -> dict[str, Any]:
        if any(len(values) > 1 for values in query.values()):
            raise Refused(400)
        limit, offset = _number(query, "limit", 20, 1), _number(query, "offset", 0, 0)
        found = list(self.notes.values())
        for name in ("done", "label", "text"):
            if name in query:
                found = self._filtered(found, name, query[name][-1])
        self.reads += 1
        if self.fault == "repeat" and self.reads % 2 == 0:
            found = found[:-1]
        total = len(found) + (1 if self.fault == "total" and "limit" in query else 0)
        limit += self.fault == "limit" and "limit" in query
        offset -= self.fault == "paging" and offset > 0
        return {"items": found[offset : offset + limit], "total": total}

    def _filtered(self, found: list[Any], name: str, text: str) -> list[Any]:
        if name == "done":
            if text not in {"true", "false"}:
                raise Refused(400)
            kept = [each for each in found if each["done"] is (text == "true")]
            return found if self.fault == "filter" else kept
        if (name == "label" and text not in LABELS) or not text:
            raise Refused(400)
        return [each for each in found if each[name] == text]

    def _add(self, note: dict[str, Any]) -> tuple[int, Any, dict[str, str]]:
        note = self._whole(note)
        self.count += 1
        made = self.notes[self.count] = {"id": self.count, **note}
        where = f"/notes/{self.count}{'0' if self.fault == 'Location' else ''}"
        if self.fault == "create":
            self.notes[self.count] = {**made, "label": "red"}
        if self.fault == "header":
            return 201, made, {}
        return 207 if self.fault == "status" else 201, made, {"location": where}

    def _replace(self, key: int, note: dict[str, Any]) -> dict[str, Any]:
        before = self._read(key)
        if self.fault == "side effect" and isinstance(note.get("done"), bool):
            before["done"] = note["done"]
        whole = {"id": key, **self._whole(note)}
        self.notes[key] = whole
        if self.fault == "kept":
            self.notes[key] = {**whole, "label": before["label"]}
        return whole

    def _change(self, key: int, changes: dict[str, Any]) -> dict[str, Any]:
        before = self._read(key)
        if not changes or None in changes.values():
            raise Refused(400)
        made = {"id": key, **self._whole({n: before[n] for n in before if n != "id"} | changes)}
        if self.fault == "touches" and "done" not in changes:
            self.notes[key] = {**made, "done": False}
        else:
            self.notes[key] = made
        return made

    def _whole(self, note: dict[str, Any]) -> dict[str, Any]:
        text = note.get("text")
        if not isinstance(text, str) or not 1 <= len(text) <= 40:
            raise Refused(400)
        if note.get("label") not in LABELS or not isinstance(note.get("done"), bool):
            raise Refused(400)
        if set(note) - {"text", "label", "done"}:
            raise Refused(400)
        return note

    def _sent(self, kind: bytes, body: bytes, wanted: bytes) -> dict[str, Any]:
        if kind.partition(b";")[0].strip().lower() != wanted:
            raise Refused(415)
        try:
            value = json.loads(body)
        except ValueError as error:
            raise Refused(400) from error
        if not isinstance(value, dict):
            raise Refused(400)
        return value


def _number(query: dict[str, list[str]], name: str, default: int, least: int) -> int:
    if name not in query:
        return default
    text = query[name][-1]
    if not re.fullmatch(r"-?[0-9]{1,9}", text) or not least <= int(text):
        raise Refused(400)
    if name == "limit" and int(text) > 100:
        raise Refused(400)
    return int(text)
