"""Pages of a list: which part of it a call asks for, and what its envelope tells of that."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl, urlencode

from mockserver.engine.handlers import Call
from mockserver.engine.inference.queries import Query
from mockserver.engine.inference.shapes import Envelope, Paging
from mockserver.engine.inference.words import normal
from mockserver.engine.inferred.world import World
from mockserver.engine.members import text_of, value_at, with_value
from mockserver.engine.spec import Operation, Schema
from mockserver.state.store import Record

DEFAULT_LIMIT = 20
"""Records of a page where a page is asked for and its size is not."""

_PLACE = re.compile(r"[0-9]{1,18}")
_URI = frozenset(("uri", "uri-reference", "url", "iri"))
_ADDRESSES = ("url", "uri", "link", "href")
_SPRING = frozenset(("totalelements", "totalpages", "number"))
"""What the pages of Spring Data tell of themselves."""

_TOKENS = ("page", "token", "cursor", "marker")


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list of ``total`` records: those from ``start`` on, ``limit`` at most."""

    records: Sequence[Record]
    start: int
    limit: int | None
    total: int

    @property
    def end(self) -> int:
        """Where the next page starts."""
        return self.start + len(self.records)

    @property
    def more(self) -> bool:
        """Whether records follow."""
        return self.end < self.total and bool(self.records)

    @property
    def number(self) -> int:
        """Which page this is, counted from 1."""
        return self.start // self.limit + 1 if self.limit else 1

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-self.total // self.limit) if self.limit else 1


class Pager:
    """Cuts the pages that one operation's parameters ask for, and tells of them.

    A cursor holds the key of the last record shown, so that a page follows it whatever was
    added before; where that record is gone, its place in the list is used.
    """

    def __init__(
        self, world: World, operation: Operation, queries: Sequence[Query], envelope: Envelope
    ) -> None:
        self._world = world
        self._names: dict[str, str] = {}
        for query in queries:
            self._names.setdefault(query.meaning, query.name)
        self._in_body = frozenset(q.meaning for q in queries if q.location == "body")
        self._paging = tuple(map(self._as_limit, envelope.paging))
        self._root = envelope.schema
        self._schemas = {p.name: p.schema for p in operation.parameters if p.location == "query"}

    def _as_limit(self, entry: Paging) -> Paging:
        """``size`` is that of a page, not of what is on it, where a parameter is called so, too."""
        word = normal(entry.path[-1])
        same = entry.meaning == "count" and normal(self._names.get("limit", "")) == word
        return replace(entry, meaning="limit") if same else entry

    def asked(self, call: Call, meaning: str) -> Any:
        """The value that a call gives for one part of paging or order, None for none."""
        name = self._names.get(meaning)
        if name is None:
            return None
        given = call.body if meaning in self._in_body else call.query
        return given.get(name) if isinstance(given, Mapping) or hasattr(given, "get") else None

    def page(self, call: Call, records: Sequence[Record]) -> Page:
        """The page of a list that a call asks for."""
        return self._page(call, records, len(records), records)

    def first_of(self, call: Call, records: Iterator[Record], total: int) -> Page | None:
        """The page of a whole collection, walked no further than needed; None with a cursor."""
        if self.asked(call, "cursor") is not None or self.asked(call, "backwards") is not None:
            return None
        return self._page(call, None, total, records)

    def _page(self, call: Call, known: Sequence[Record] | None, total: int, records: Any) -> Page:
        limit = self._limit(call)
        start, end = self._start(call, limit, known, total)
        if end is None:
            end = total if limit is None else min(total, start + limit)
        if known is not None:
            return Page(known[start:end], start, limit, total)
        first = min(start, total)
        return Page(list(islice(records, first, max(first, end))), start, limit, total)

    def _limit(self, call: Call) -> int | None:
        limit = _count(self.asked(call, "limit"))
        if limit is not None:
            return limit or None
        paged = any(self.asked(call, name) is not None for name in ("page", "cursor", "backwards"))
        return DEFAULT_LIMIT if paged else None

    def _start(
        self, call: Call, limit: int | None, known: Sequence[Record] | None, total: int
    ) -> tuple[int, int | None]:
        """Where a page starts, and ends if its limit does not say."""
        offset = _count(self.asked(call, "offset"))
        if offset is not None:
            return offset, None
        cursor, before = self.asked(call, "cursor"), self.asked(call, "backwards")
        if known is not None and cursor is not None:
            return self._after(text_of(cursor), known), None
        if known is not None and before is not None:
            end = self._place(text_of(before), known) or 0
            return max(0, end - (limit or end)), end
        number = _count(self.asked(call, "page"))
        if number is not None and limit:
            return max(0, number - self._first_page) * limit, None
        return 0, None

    @property
    def _first_page(self) -> int:
        """0 where pages are counted from 0: as it is declared, or as Spring Data does."""
        schema = self._schemas.get(self._names.get("page", ""), {})
        told = {normal(entry.path[-1]) for entry in self._paging}
        return 0 if 0 in (schema.get("default"), schema.get("minimum")) or told >= _SPRING else 1

    def _after(self, cursor: str, known: Sequence[Record]) -> int:
        """The place after a cursor; nothing follows one that is none.

        It is a text that the description allows, and so no refusal would be right.
        """
        place = self._place(cursor, known)
        if place is not None:
            return place + 1
        kept = _read(cursor)
        return min(max(0, kept[0] - 1), len(known)) if kept else len(known)

    def _place(self, cursor: str, known: Sequence[Record]) -> int | None:
        """The place of the record that a cursor names: ours, or any client's own key."""
        kept = _read(cursor)
        key = kept[1] if kept else ""
        for place, record in enumerate(known):
            if record.key == key or (not kept and record.key.rpartition("/")[2] == cursor):
                return place
        return None

    def cursor(self, page: Page) -> str:
        """What stands for the place after a page."""
        text = f"{page.end}.{page.records[-1].key}"
        return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()

    def told(self, call: Call, body: Any, page: Page) -> Any:
        """An envelope whose members tell the truth about a page."""
        for entry in self._paging:
            body = self._with(call, self._held(body, entry), page, entry)
        return body

    def _held(self, body: Any, entry: Paging) -> Any:
        """An envelope that has the objects in which a member is."""
        schema: Schema = self._root
        for depth, name in enumerate(entry.path[:-1], 1):
            schema = self._world.view(schema).properties.get(name, {})
            if not isinstance(value_at(body, entry.path[:depth]), dict):
                made = self._world.makers.make(schema, entry.path[:depth])
                return with_value(body, entry.path[:depth], made)
        return body

    def _with(self, call: Call, body: Any, page: Page, entry: Paging) -> Any:
        for candidate in self._candidates(call, page, entry):
            if self._world.makers.is_valid(entry.schema, candidate):
                return with_value(body, entry.path, candidate)
        if entry.meaning in ("next", "previous", "cursor"):
            return self._absent(body, entry)
        return body

    def _absent(self, body: Any, entry: Paging) -> Any:
        """An envelope without a link to what is not there, where it may be without."""
        holder = value_at(body, entry.path[:-1])
        if not isinstance(holder, dict) or entry.path[-1] not in holder:
            return body
        schema: Schema = self._root
        for name in entry.path[:-1]:
            schema = self._world.view(schema).properties.get(name, {})
        if entry.path[-1] in self._world.view(schema).required:
            return body
        left = {name: value for name, value in holder.items() if name != entry.path[-1]}
        return with_value(body, entry.path[:-1], left)

    def _candidates(self, call: Call, page: Page, entry: Paging) -> Iterator[Any]:
        """What a member of the envelope may say, the likeliest first."""
        counted = {
            "total": page.total,
            "count": len(page.records),
            "limit": page.limit or max(1, len(page.records)),
            "offset": page.start,
            "page": page.number - 1 + self._first_page,
            "pages": page.pages,
            "remaining": max(0, page.total - page.end),
            "more": page.more,
            "less": page.start > 0,
        }
        if entry.meaning in counted:
            yield counted[entry.meaning]
            yield text_of(counted[entry.meaning])
        elif entry.meaning in ("next", "cursor"):
            yield from self._following(call, page, entry) if page.more else (None, "")
        elif entry.meaning == "previous":
            yield from self._preceding(call, page, entry) if page.start else (None, "")
        elif entry.meaning in ("first", "last"):
            yield page.start == 0 if entry.meaning == "first" else not page.more
            yield from _addresses(self._first_or_last(call, page, entry.meaning))
        elif entry.meaning == "self":
            yield from _addresses(self.address(call, {}))

    def _following(self, call: Call, page: Page, entry: Paging) -> Iterator[Any]:
        plain = self._world.view(entry.schema).plain
        address = self.next_address(call, page)
        word = normal(entry.path[-1])
        as_token = entry.meaning == "cursor" or word.endswith(_TOKENS)
        if plain.get("format") in _URI or word.endswith(_ADDRESSES) or not as_token:
            yield from _addresses(address)
        yield page.number + self._first_page
        yield self.token(page)
        yield from _addresses(address)
        yield text_of(page.end)

    def token(self, page: Page) -> Any:
        """What the next call gives to go on."""
        if "cursor" in self._names:
            schema = self._schemas.get(self._names["cursor"], {})
            tried = (self.cursor(page), page.records[-1].key.rpartition("/")[2], page.end)
            fitting = (each for each in tried if self._world.makers.is_valid(schema, each))
            return next(fitting, self.cursor(page))
        if "page" in self._names:
            return text_of(page.number + self._first_page)
        return text_of(page.end) if "offset" in self._names else self.cursor(page)

    def _preceding(self, call: Call, page: Page, entry: Paging) -> Iterator[Any]:
        address = self.previous_address(call, page)
        before = self._number_before(page)
        yield from () if address is None else _addresses(address)
        yield before
        yield text_of(before)

    def next_address(self, call: Call, page: Page) -> str:
        """Where the next page is."""
        return self.address(call, self._turned(page, page.end, page.number + self._first_page))

    def previous_address(self, call: Call, page: Page) -> str | None:
        """Where the page before is; None with cursors, which lead forward only."""
        if not {"offset", "page"} & self._names.keys():
            return None
        start = min(page.start, page.total)
        start = max(0, start - (page.limit or start))
        return self.address(call, self._turned(page, start, self._number_before(page)))

    def _number_before(self, page: Page) -> int:
        """The number of the page before; before one past the end it is the last."""
        return max(0, min(page.number - 1, max(1, page.pages)) - 1 + self._first_page)

    def _first_or_last(self, call: Call, page: Page, meaning: str) -> str:
        number = 0 if meaning == "first" else max(0, page.pages - 1)
        turned = self._turned(page, number * (page.limit or 0), number + self._first_page)
        return self.address(call, {n: v for n, v in turned.items() if n != self._cursor_name})

    @property
    def _cursor_name(self) -> str:
        return self._names.get("cursor", "")

    def _turned(self, page: Page, start: int, number: int) -> dict[str, str]:
        """The parameters by which another page is asked for."""
        if "cursor" in self._names and page.records:
            return {self._names["cursor"]: text_of(self.token(page))}
        if "page" in self._names:
            return {self._names["page"]: text_of(number)}
        return {self._names["offset"]: text_of(start)} if "offset" in self._names else {}

    def address(self, call: Call, changed: Mapping[str, str]) -> str:
        """The URL of a call with other parameters."""
        pairs = parse_qsl(call.request.query.decode(errors="replace"), keep_blank_values=True)
        dropped = {*changed, self._cursor_name} if changed else set()
        kept = [(name, value) for name, value in pairs if name not in dropped]
        query = urlencode([*kept, *changed.items()])
        path = call.request.target.partition("?")[0]
        return call.base_url + path + (f"?{query}" if query else "")

    def links(self, call: Call, page: Page) -> str | None:
        """The value of the header ``Link`` (RFC 8288), None where there is nothing to tell."""
        found = []
        if page.more:
            found.append((self.next_address(call, page), "next"))
        previous = self.previous_address(call, page) if page.start else None
        if previous is not None:
            found.append((previous, "prev"))
            found.append((self._first_or_last(call, page, "first"), "first"))
        if page.more and {"offset", "page"} & self._names.keys():
            found.append((self._first_or_last(call, page, "last"), "last"))
        return ", ".join(f'<{address}>; rel="{name}"' for address, name in found) or None


def _addresses(address: str) -> Iterator[Any]:
    yield address
    yield {"href": address}
    yield {"url": address}


def _count(value: Any) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:18])
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return max(0, value) if isinstance(value, int) and not isinstance(value, bool) else None


def _read(cursor: str) -> tuple[int, str] | None:
    """The place and the key that a cursor of ours holds; None for any other text."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except (binascii.Error, ValueError):
        return None
    place, _, key = text.partition(".")
    counted = _PLACE.fullmatch(place)
    return (int(place), key) if counted and key else None
