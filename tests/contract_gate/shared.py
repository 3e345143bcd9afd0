"""A server that keeps ``shared.yaml``, is full of others' books, and remembers every touch."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

DESCRIPTION = str(Path(__file__).parent / "shared.yaml")
BOOK = re.compile(r"/books/([^/]+)")
LIKE_A_KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
SAFE = {"GET", "HEAD", "OPTIONS"}


class Library:
    """An ASGI application. ``fault`` is what it gets wrong; ``meanwhile`` runs before each call."""

    def __init__(self, fault: str = "", meanwhile: Callable[[Library], None] | None = None) -> None:
        self.fault = fault
        self.meanwhile = meanwhile or (lambda library: None)
        self.books: dict[str, dict[str, Any]] = {}
        self.others: set[str] = set()
        self.touched: list[str] = []
        self.asked: list[tuple[str, str]] = []
        self.made: list[str] = []
        self.told = False
        for number in range(150):
            self.lend(f"Title {number}")

    def lend(self, title: str) -> str:
        """Somebody else adds a book."""
        key = str(uuid.uuid4())
        self.books[key] = {"id": key, "title": title, "lent": bool(len(title) % 2)}
        self.others.add(key)
        return key

    @property
    def left(self) -> list[str]:
        """What was made by the run and is still there."""
        return [key for key in self.books if key not in self.others]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = (await receive())["body"]
        method, path = scope["method"], scope["path"]
        self.meanwhile(self)
        self.asked.append((method, path))
        self._watch(method, path, body.decode("utf-8", "replace"))
        allowed = _allowed(path)
        told = dict(scope["headers"]).get(b"content-type", b"application/json")
        if allowed and method not in allowed:
            status, value = 405, None
        elif method in {"POST", "PUT"} and not told.startswith(b"application/json"):
            status, value = 415, None
        else:
            status, value = self._answer(method, path, scope["query_string"].decode(), body)
        data = b"" if value is None else json.dumps(value).encode()
        headers = [(b"content-type", b"application/json")] if data else []
        if status == 201 and "id" in (value or {}):
            headers.append((b"location", f"{path}/{value['id']}".encode()))
        if status == 405:
            headers.append((b"allow", ", ".join(sorted(allowed)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if method == "HEAD" else data})

    def _watch(self, method: str, path: str, body: str) -> None:
        """Remember each call that names a book of somebody else, or changes what is everybody's."""
        named = any(key in path or key in body for key in self.others)
        shared = (
            method not in SAFE and (path, method) != ("/books", "POST") and "/books/" not in path
        )
        if named or shared:
            self.touched.append(f"{method} {path}")

    def _answer(self, method: str, path: str, query: str, body: bytes) -> tuple[int, Any]:
        item = BOOK.fullmatch(path)
        if path == "/books":
            return self._collection(method, query, body)
        if item:
            return self._about(method, item[1], body)
        if path == "/settings" and method in {"GET", "HEAD"}:
            return 200, {"language": "de"}
        return (204, None) if path in {"/settings", "/trash/empty", "/visits"} else (404, None)

    def _collection(self, method: str, query: str, body: bytes) -> tuple[int, Any]:
        if method in {"GET", "HEAD"}:
            return self._list(parse_qs(query, keep_blank_values=True))
        if method == "DELETE":
            self.books.clear()
            return 204, None
        sent = _book(body)
        if sent is None:
            return 400, None
        key = sent.pop("id", "") or str(uuid.uuid4())
        if key in self.books:
            return 409, None
        self.made.append(key)
        self.books[key] = {"id": key, **sent}
        return 201, self.books[key]

    def _list(self, query: dict[str, list[str]]) -> tuple[int, Any]:
        known = [query[name] for name in ("limit", "offset") if name in query]
        if any(len(each) > 1 or not re.fullmatch(r"-?[0-9]+", each[0]) for each in known):
            return 400, None
        limit, offset = int(query.get("limit", ["20"])[0]), int(query.get("offset", ["0"])[0])
        if not 1 <= limit <= 100 or offset < 0:
            return 400, None
        books = list(reversed(self.books.values()))
        return 200, {"items": books[offset : offset + limit], "total": len(books)}

    def _about(self, method: str, key: str, body: bytes) -> tuple[int, Any]:
        if key not in self.books:
            return 404 if LIKE_A_KEY.fullmatch(key) else 400, None
        if method in {"GET", "HEAD"}:
            return 200, self.books[key]
        if method == "DELETE":
            if self.fault == "delete":
                return 403, None
            del self.books[key]
            return 204, None
        sent = _book(body)
        if sent is None:
            return 400, None
        answer = {**sent, "id": key}
        self.books[key] = {**answer, "title": "lost"} if self.fault == "update" else answer
        return 200, answer


def _allowed(path: str) -> set[str]:
    """The methods of a path; none at all where there is nothing."""
    known = {"/books": "GET POST DELETE", "/settings": "GET PUT"}
    known |= dict.fromkeys(("/trash/empty", "/visits"), "POST")
    methods = known.get(path, "GET PUT DELETE" if BOOK.fullmatch(path) else "").split()
    return {*methods, "OPTIONS", *(["HEAD"] if "GET" in methods else [])} if methods else set()


def _book(body: bytes) -> dict[str, Any] | None:
    """The book that was sent, None when it is none."""
    try:
        sent = json.loads(body)
    except ValueError:
        return None
    if not isinstance(sent, dict) or not isinstance(sent.get("title"), str):
        return None
    fits = 1 <= len(sent["title"]) <= 40 and isinstance(sent.get("lent", False), bool)
    return sent if fits else None
