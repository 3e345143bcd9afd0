"""An answer compared with the two answers of the reference; what these differ in is masked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson

from mockserver.contract.alike import (
    as_text,
    as_words,
    both_numbers,
    close,
    has_in_common,
    identical,
    issued_in,
    normal,
    pieces_of,
    place_of,
    shown,
    sorted_list,
)
from mockserver.contract.codes import FAILURES
from mockserver.contract.explaining import Bodies, Explaining
from mockserver.contract.lists import ListComparison
from mockserver.contract.moments import NOW, Moments
from mockserver.contract.names import Names, Triple
from mockserver.contract.numbered import is_same, kind_of
from mockserver.contract.others import whole_below
from mockserver.contract.promises import Policy, Wording
from mockserver.contract.values import Answered, Difference, Outcome
from mockserver.engine.media import is_json
from mockserver.engine.spec import Operation
from mockserver.errors import pointer_to

ALWAYS_COMPARED = ("location", "allow")
"""Headers with a meaning of their own, also where the description forgot them."""

REFUSED = 400
LONGEST = 20_000
"""Letters of a text past which its words are not looked at."""

MOST = 4
"""Differences told of one answer."""

_ID = re.compile(r"[0-9a-fA-F-]{16,}|[0-9]+")


@dataclass(slots=True)
class Comparison(ListComparison):
    """Compares the answers of one run, and learns names and noise while it does."""

    names: Names
    policy: Policy
    noise: Counter[tuple[str, str]]
    issued_a: dict[Any, int]
    issued_b: dict[Any, int]
    wording: Wording
    moments: Moments = field(default_factory=Moments)
    bodies: Bodies = field(default_factory=Bodies)
    step: int = 0
    operation: str = ""
    target: str = ""
    whole: int = 0
    status: int = 0
    found: list[Difference] = field(default_factory=list)
    _explaining: Explaining = field(init=False)
    _equal: set[tuple[str, int, bytes, bytes, bytes]] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Share what is known of names."""
        self._explaining = Explaining(self.names, self.bodies)

    def explains(self, operation: Operation, a: Outcome, t: Outcome) -> bool:
        """Whether one answer of the reference is enough to see that the server's is right."""
        self.operation = operation.id
        if not isinstance(a, Answered) or not isinstance(t, Answered):
            return False
        if a.status != t.status or a.media_type != t.media_type:
            return False
        if any(a.header(name) != t.header(name) for name in self._promised(operation, a.status)):
            return False
        if a.status >= REFUSED and not self.policy.strict:
            return True
        same = a.body == t.body or (
            is_json(a.media_type) and self._explaining.explains(a.body, t.body)
        )
        if same and a.status >= REFUSED:
            self.wording.count(self._words(a), agreed=True)
        return same

    def _promised(self, operation: Operation, status: int) -> list[str]:
        """The names of the headers that count, beside the media type."""
        response = operation.response(status)
        described = {name.lower() for name in response.headers} if response else set()
        return sorted(described.union(ALWAYS_COMPARED) - {"content-type"})

    def _words(self, a: Answered) -> Any:
        return (self.operation, a.status, _ID.sub("", as_text(a.body[:2000]))[:200])

    def compare(
        self,
        operation: Operation,
        answers: tuple[Outcome, Outcome, Outcome],
        step: int,
        target: str = "",
    ) -> list[Difference]:
        """Where the third answer differs from the first two, in what those agree on.

        ``step`` is the number of the call in its run, ``target`` what it asks the reference for.
        """
        a, b, t = answers
        self.step, self.operation, self.target, self.found = step, operation.id, target, []
        self.whole = whole_below(target, operation) if operation.method == "GET" else 0
        if not isinstance(t, Answered):
            expected = f"status {a.status}" if isinstance(a, Answered) else "an answer"
            return [Difference(FAILURES.get(t.kind, "MS101"), "answer", "", expected, t.detail)]
        if not isinstance(a, Answered) or not isinstance(b, Answered):
            return []
        self.status = t.status
        if a.status != b.status:
            self.noise[operation.id, "status"] += 1
            return []
        if not self._same_status(a.status, t):
            said = t.body[:200].decode("utf-8", "replace")
            wrong = Difference("MS201", "status", "", str(a.status), f"{t.status} {said}".strip())
            return [wrong]
        if a.status != t.status or (not self.policy.strict and a.status >= REFUSED):
            return []
        self._headers(operation, a, b, t)
        if a.status >= REFUSED:
            self._refusal(a, b, t)
        else:
            self._body(a, b, t)
        return self.found

    def _refusal(self, a: Answered, b: Answered, t: Answered) -> None:
        """The words of a refusal count where a server is seen to use the reference's."""
        before = len(self.found)
        self._body(a, b, t)
        agreed = len(self.found) == before
        self.wording.count(self._words(a), agreed=agreed)
        if not agreed and not self.wording.promised:
            del self.found[before:]

    def _same_status(self, expected: int, t: Answered) -> bool:
        if expected == t.status:
            return True
        return not self.policy.strict and expected // 100 == t.status // 100

    def _headers(self, operation: Operation, a: Answered, b: Answered, t: Answered) -> None:
        if a.media_type != t.media_type and (a.body or t.body):
            self._tell("MS202", "media type", "", a.media_type, t.media_type)
        for name in self._promised(operation, a.status):
            values: Sequence[str | None] = (a.header(name), b.header(name), t.header(name))
            if name == "location" and not self.policy.strict:
                if values[2] is None and not _describes(operation, a.status, name):
                    continue
                values = _alike_written(*values)
            if name == "allow":
                values = tuple(sorted_list(value) for value in values)
            if values[0] is None or values[2] is None:
                if values[0] != values[2] and (values[0] is None) == (values[1] is None):
                    self._tell("MS203", "header", f"/{name}", values[0], values[2])
            elif values[0] != values[2]:
                self._leaf(values[0], values[1], values[2], (name,), "header")

    def _body(self, a: Answered, b: Answered, t: Answered) -> None:
        if a.body == t.body:
            return
        seen = (self.operation, a.status, a.body, b.body, t.body)
        if seen in self._equal:
            return
        if is_json(a.media_type):
            self._json(a, b, t)
        elif a.media_type.startswith("text/") or a.media_type.endswith("xml"):
            self._leaf(as_text(a.body), as_text(b.body), as_text(t.body), (), "body")
        elif a.body == b.body:
            self._tell("MS211", "body", "", as_words(a.body), as_words(t.body))
        else:
            self.noise[self.operation, "body"] += 1
        if not self.found and len(a.body) + len(t.body) < 1 << 18:
            self._equal.add(seen)

    def _json(self, a: Answered, b: Answered, t: Answered) -> None:
        try:
            value = self.bodies.parsed(t.body)
        except orjson.JSONDecodeError as error:
            self._tell("MS210", "body", "", as_words(a.body), f"{error}: {as_words(t.body)}")
            return
        try:
            expected, other = self.bodies.parsed(a.body), self.bodies.parsed(b.body)
        except orjson.JSONDecodeError:
            return
        self._value(expected, other, value, ())

    def _counts(self, aspect: str, pointer: str) -> bool:
        ignored = aspect == "body" and self.policy.ignores(self.operation, self.status, pointer)
        return len(self.found) < MOST and not ignored

    def _tell(self, code: str, aspect: str, pointer: str, expected: Any, got: Any) -> None:
        if self._counts(aspect, pointer):
            self.found.append(Difference(code, aspect, pointer, shown(expected), shown(got)))

    def _learn(self, path: tuple[Any, ...]) -> None:
        self.noise[self.operation, normal(pointer_to(path))] += 1

    def _value(self, a: Any, b: Any, t: Any, path: tuple[Any, ...]) -> None:
        if len(self.found) >= MOST:
            return
        if isinstance(a, dict) and isinstance(b, dict):
            if isinstance(t, dict):
                self._object(a, b, t, path)
            else:
                self._tell("MS204", "body", pointer_to(path), a, t)
        elif isinstance(a, list) and isinstance(b, list):
            if isinstance(t, list):
                self._list(a, b, t, path)
            else:
                self._tell("MS204", "body", pointer_to(path), a, t)
        else:
            self._leaf(a, b, t, path, "body")

    def _object(self, a: Any, b: Any, t: Any, path: tuple[Any, ...]) -> None:
        told: set[str] = set()
        for name, value in a.items():
            of_b, of_t = self._member(name, b, t, path)
            told.add(of_t)
            if of_b not in b:
                self._learn((*path, name))
            elif of_t not in t:
                self._tell("MS205", "body", pointer_to((*path, of_t)), value, "no such member")
            elif not identical(value, t[of_t]):
                self._value(value, b[of_b], t[of_t], (*path, name))
        if self.policy.strict and len(told) < len(t) + 1:
            for name in [name for name in t if name not in told and name not in b]:
                where = pointer_to((*path, name))
                self._tell("MS206", "body", where, "no such member", t[name])

    def _member(self, name: str, b: Any, t: Any, path: tuple[Any, ...]) -> tuple[str, str]:
        """What the other sides call a member whose name may be a value of the reference's own."""
        if name in b:
            return name, name
        number = self.names.find(name)
        if number is not None:
            return str(self.names[number].b), str(self.names[number].t)
        order = self.issued_a.get(name)
        of_b = next((n for n in b if order is not None and self.issued_b.get(n) == order), name)
        new = [n for n in t if n not in b and self.names.of_server(n) is None]
        if of_b == name or len(new) != 1:
            return name, name
        self.names.bind(Triple(name, of_b, new[0], True, self.step, place_of("name", path)))
        return of_b, new[0]

    def _leaf(self, a: Any, b: Any, t: Any, path: tuple[Any, ...], aspect: str) -> None:
        if identical(a, b):
            if not close(a, t):
                self._tell("MS204", aspect, pointer_to(path), a, t)
            return
        if not isinstance(a, str) or not isinstance(b, str):
            self._number(a, b, t, (path, aspect))
            return
        number = self.names.find(a)
        known = number is not None and is_same(self.names[number].b, b)
        if number is not None and known and self.names[number].is_key:
            self._known(number, t, path, aspect)
        elif a in self.issued_a and self.issued_a[a] == self.issued_b.get(b):
            self._new_key(a, b, t, (path, aspect))
        elif (pieces := pieces_of(a, self.issued_a)) and pieces == pieces_of(b, self.issued_b):
            self._embedded(a, b, t, (path, aspect))
        elif number is not None and known:
            self._known(number, t, path, aspect)
        else:
            self._volatile(a, b, t, (path, aspect))

    def _number(self, a: Any, b: Any, t: Any, where: tuple[tuple[Any, ...], str]) -> None:
        """What is no text: a key that counts, or a value that the reference does not fix."""
        number = None if kind_of(a) is None else self.names.find(a)
        if number is not None and self.names[number].is_key:
            self._known(number, t, *where)
        elif kind_of(a) is not None and self.issued_a.get(a, a) == self.issued_b.get(b, b):
            self._new_key(a, b, t, where)
        else:
            self._noise(a, t, *where)

    def _known(self, number: int, t: Any, path: tuple[Any, ...], aspect: str) -> None:
        triple = self.names[number]
        if triple.is_key:
            if str(triple.t) != str(t):
                self._tell("MS209", aspect, pointer_to(path), triple.t, t)
            return
        self._unfixed((triple.a, triple.b, t), path, aspect)
        if triple.t != t:
            again = Triple(triple.a, triple.b, t, False, self.step, place_of(aspect, path))
            self.names.bind(again)

    def _new_key(self, a: Any, b: Any, t: Any, where: tuple[tuple[Any, ...], str]) -> None:
        path, aspect = where
        if isinstance(t, bool) or not isinstance(t, str | int) or t == "":
            self._tell("MS209", aspect, pointer_to(path), "a key", t)
            return
        if kind_of(a) is not None and str(t).isdecimal():
            a, b, t = int(a), int(b), int(t)
        known = self.names.of_server(t, a)
        if known is not None and self.names[known].a == a:
            return  # as it was called before, whatever the references have here and there
        if known is not None:
            self._tell("MS209", aspect, pointer_to(path), "a key that was not used before", t)
            return
        self.names.bind(Triple(a, b, t, True, self.step, place_of(aspect, path)))

    def _embedded(self, a: str, b: str, t: Any, where: tuple[tuple[Any, ...], str]) -> None:
        path, aspect = where
        keys_a, keys_b = issued_in(a, self.issued_a), issued_in(b, self.issued_b)
        pieces = pieces_of(a, self.issued_a) or ()
        pattern = "(.+?)".join(re.escape(piece) for piece in pieces[::2])
        match = re.fullmatch(pattern, t, re.DOTALL) if isinstance(t, str) else None
        if match is None:
            self._tell("MS204", aspect, pointer_to(path), a, t)
            return
        for key_a, key_b, key_t in zip(keys_a, keys_b, match.groups(), strict=True):
            number = self.names.find(key_a)
            if number is None:
                self._new_key(key_a, key_b, key_t, (path, f"{aspect} in text"))
            else:
                self._known(number, key_t, path, aspect)
        known = self.names.find(a)
        if known is None or self.names[known].t != t:
            self.names.bind(Triple(a, b, t, False, self.step, place_of(aspect, path)))

    def _volatile(self, a: str, b: str, t: Any, where: tuple[tuple[Any, ...], str]) -> None:
        path, aspect = where
        self._unfixed((a, b, t), path, aspect)
        if aspect == "body" or path == ("location",):
            self.names.bind(Triple(a, b, t, False, self.step, place_of(aspect, path)))

    def _unfixed(self, texts: tuple[Any, Any, Any], path: tuple[Any, ...], aspect: str) -> None:
        """A text that the reference does not fix, but for the words that are always in it."""
        a, b, t = texts
        alike = not self.policy.strict or not all(isinstance(text, str) for text in texts)
        if alike or max(map(len, texts)) > LONGEST or has_in_common((a, b), t):
            self._noise(a, t, path, aspect)
        else:
            self._tell("MS204", aspect, pointer_to(path), a, t)

    def _noise(self, a: Any, t: Any, path: tuple[Any, ...], aspect: str) -> None:
        """A value that the reference does not fix: of its kind, and now where that is a time."""
        self._learn((aspect, *path) if aspect != "body" else path)
        if type(a) is not type(t) and not both_numbers(a, t):
            self._tell("MS204", aspect, pointer_to(path), a, t)
            return
        expected = self.moments.expected(a, t, (self.target, aspect, pointer_to(path)))
        if expected is not None and (self.policy.strict or expected == NOW):
            self._tell("MS204", aspect, pointer_to(path), expected, t)


def _describes(operation: Operation, status: int, header: str) -> bool:
    response = operation.response(status)
    return response is not None and header in {name.lower() for name in response.headers}


def _alike_written(*urls: str | None) -> tuple[str | None, ...]:
    """URLs without their hosts, where only some have one: both ways are right (RFC 9110)."""
    parts = [urlsplit(url) for url in urls if url is not None]
    if len({bool(part.netloc) for part in parts}) < 2:  # noqa: PLR2004 - with and without
        return urls
    return tuple(url and urlsplit(url)._replace(scheme="", netloc="").geturl() for url in urls)
