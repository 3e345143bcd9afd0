"""What the right answer of a finding is, as lines of Python that fail on the wrong one.

Every set of lines is tried on the reference and on the server before one is chosen.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from immutables import Map

from mockserver.contract.feeds import FOLLOW
from mockserver.contract.reproducers.captures import steps_of
from mockserver.contract.reproducers.feeds import count_of
from mockserver.contract.reproducers.moments import EARLIER, LATER, compared_with
from mockserver.contract.reproducers.python_source import Source, repr_of
from mockserver.contract.reproducers.templates import Scope
from mockserver.contract.translating import NEW
from mockserver.contract.values import Answered, Finding

Lines = list[str]

MANY = 60
"""Items past which a list is not written out."""

LONG = 2_000
NO_MEMBER = "no such member"
"""What a difference says of an object that lacks a member."""

_NO_VALUE = object()
_THAN = Map({LATER: ">", EARLIER: "<"})
_KEYS = ("id", "identifier", "uuid", "key", "name", "slug")
"""Members that items may be known by."""


@dataclass(slots=True)
class Right:
    """The right answer of one finding, and how it is written.

    On a server with ``own`` records among those of others, lists have no certain length.
    """

    finding: Finding
    scope: Scope
    source: Source
    own: bool = False

    @property
    def expected(self) -> Any:
        """The answer that was expected."""
        return self.finding.sequence[-1].expected

    @property
    def got(self) -> Any:
        """The answer that came."""
        return self.finding.sequence[-1].got

    def ways(self) -> Iterator[Lines]:
        """Ways to assert the right answer, the most telling ones first."""
        if not isinstance(self.expected, Answered):
            return
        if self._on_feed:
            yield from self._status()
        ways = {"status": self._status, "media type": self._media_type, "header": self._header}
        yield from ways.get(self.finding.aspect, self._body)()
        yield from self._status()
        yield from self._whole()

    @property
    def _on_feed(self) -> bool:
        return self.finding.sequence[-1].message.method == FOLLOW

    def _status(self) -> Iterator[Lines]:
        if self.finding.code == "MS506":
            yield ["assert answer is not None"]
        elif self._on_feed:
            yield [f"assert len(answer.frames) == {count_of(self.finding.sequence[-1])}"]
        else:
            yield [f"assert answer.status == {self.expected.status}"]

    def _agreed(self) -> Lines:
        """The status, where it was right; a feed has none."""
        if self._on_feed:
            return []
        if not isinstance(self.got, Answered):
            return [f"assert answer.status == {self.expected.status}"]
        if self.got.status != self.expected.status:
            return [f"assert answer.status // 100 == {self.expected.status // 100}"]
        return [f"assert answer.status == {self.got.status}"]

    def _media_type(self) -> Iterator[Lines]:
        kept = 'answer.headers.get("content-type", "").partition(";")[0].strip().lower()'
        yield [*self._agreed(), f"assert {kept} == {repr_of(self.expected.media_type)}"]

    def _header(self) -> Iterator[Lines]:
        name = steps_of(self.finding.place)[0]
        value = self.expected.header(name)
        told = f"answer.headers.get({repr_of(name)})"
        if value is None:
            yield [*self._agreed(), f"assert {told} is None"]
        elif name == "allow":
            allowed = sorted({part.strip().upper() for part in value.split(",")})
            sent = '{m.strip().upper() for m in answer.headers.get("allow", "").split(",")}'
            yield [*self._agreed(), f"allowed = {sent}", f"assert sorted(allowed) == {allowed!r}"]
        else:
            yield [*self._agreed(), self._equal(told, value)]
            yield [*self._agreed(), f"assert {told} is not None"]

    def _body(self) -> Iterator[Lines]:
        try:
            expected = orjson.loads(self.expected.body)
        except orjson.JSONDecodeError:
            yield from self._octets()
            return
        for way in self._json(expected):
            yield [*self._agreed(), *way]

    def _octets(self) -> Iterator[Lines]:
        body: bytes = self.expected.body
        text = _as_text(body)
        if text is not None and len(text) <= LONG:
            yield [*self._agreed(), self._equal("answer.text", text)]
        digest = hashlib.sha256(body).hexdigest()
        told = "hashlib.sha256(answer.body).hexdigest()"
        yield [*self._agreed(), f"assert {told} == {repr_of(digest)}"]

    def _json(self, expected: Any) -> Iterator[Lines]:
        finding = self.finding
        where, value = self._walked(expected, steps_of(finding.place))
        above, name = self._above(expected)
        if finding.got == NO_MEMBER:
            yield [f"assert {name} in {above}"]
        elif finding.expected == NO_MEMBER:
            yield [f"assert {name} not in {above}"]
        elif isinstance(value, list):
            yield from self._count(where, value)
            yield from self._order(where, value)
        elif finding.code == "MS209":
            yield from self._key(where, value)
        elif finding.code == "MS210":
            yield ["answer.json()"]
        if value is not _NO_VALUE:
            yield from self._value(where, value)

    def _moment(self, where: str) -> Iterator[Lines]:
        """A moment beside one that was told before."""
        wanted = compared_with(self.finding)
        for number, variable in enumerate(self.scope.variables):
            if wanted and variable.birth and variable.birth.value == wanted:
                self.scope.mark(number)
                than = _THAN.get(self.finding.expected, "==")
                yield [f"assert {where} {than} {variable.name}"]

    def _value(self, where: str, value: Any) -> Iterator[Lines]:
        yield from self._moment(where)
        if finding_is_time(self.finding):
            when = f'datetime.datetime.fromisoformat({where}.replace("Z", "+00:00"))'
            yield [f"told = {when}", _NOW]
        if isinstance(value, dict | list):
            yield [f"assert isinstance({where}, {type(value).__name__})"]
            if len(orjson.dumps(value)) <= LONG:
                yield [f"assert {where} == {self.source.value(self._marked(value))}"]
            return
        number = self.scope.number_of(value) if isinstance(value, int) else None
        if number is not None and steps_of(self.finding.place)[-1:] in ([n] for n in _KEYS):
            self.scope.mark(number)
            yield [f"assert {where} == {self.scope.variables[number].name}"]
        yield [self._equal(where, value)]
        yield [f"assert isinstance({where}, {type(value).__name__})"]

    def _count(self, where: str, value: list[Any]) -> Iterator[Lines]:
        told = self._got_list()
        mine, its = _keys(value), _keys(told)
        lines = [f"assert len({where}) == {len(value)}"]
        if mine and its is not None and all(isinstance(key, str) for key in (*mine, *its)):
            member = _member(value)
            listed = f"keys = [each[{repr_of(member)}] for each in {where}]" if member else ""
            missing = [self._literal(key) for key in mine if key not in its][:3]
            more = [self._literal(key) for key in its if key not in mine][:3]
            named = [f"assert {key} in keys" for key in missing if NEW not in key]
            named += [f"assert {key} not in keys" for key in more]
            if named and not self.own:
                yield [listed or f"keys = {where}", *named, *lines]
            if named:
                yield [listed or f"keys = {where}", *named]
        if not self.own:
            yield lines

    def _order(self, where: str, value: list[Any]) -> Iterator[Lines]:
        if len(value) > MANY:
            return
        keys = _keys(value)
        member = _member(value)
        told = f"[each[{repr_of(member)}] for each in {where}]" if member else where
        if keys is not None:
            yield [f"assert {told} == {self.source.value(self._marked(keys))}"]

    def _key(self, where: str, value: Any) -> Iterator[Lines]:
        if isinstance(value, str) and NEW not in value:
            yield [self._equal(where, value)]
        number = self.scope.number_of(self._at(self._got_json(), steps_of(self.finding.place)))
        if number is not None and self.scope.variables[number].birth is not None:
            self.scope.mark(number)
            yield [f"assert {where} != {self.scope.variables[number].name}"]
        yield [f"assert {where} and isinstance({where}, (str, int))"]

    def _whole(self) -> Iterator[Lines]:
        """The whole answer, where nothing smaller tells the right one from the wrong one."""
        body: bytes = self.expected.body
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError:
            return
        if len(body) <= LONG and NEW.encode() not in body:
            told = self.source.value(self._marked(value))
            yield [*self._agreed(), f"assert answer.json() == {told}"]

    def _equal(self, where: str, value: Any) -> str:
        if value is None or isinstance(value, bool):
            return f"assert {where} is {value!r}"
        if isinstance(value, str) and NEW in value:
            parts = (re.escape(part) for part in value.split(NEW))
            return f"assert re.fullmatch({'.+?'.join(parts)!r}, {where})"
        if value in {0, 1}:
            return f"assert json.dumps({where}) == {str(value)!r}"  # and not False, or True
        return f"assert {where} == {self._literal(value)}"

    def _literal(self, value: Any) -> str:
        return self.source.value(self._marked(value))

    def _marked(self, value: Any) -> Any:
        """A value with marks where it has keys of the server."""
        if isinstance(value, dict):
            return {self._marked(n): self._marked(item) for n, item in value.items()}
        if isinstance(value, list):
            return [self._marked(item) for item in value]
        if isinstance(value, str):
            return self.scope.marked(value)
        return value

    def _walked(self, value: Any, steps: list[str]) -> tuple[str, Any]:
        """The expression for a place, and what is expected there; items are found by their keys."""
        where = "answer.json()"
        for step in steps:
            if isinstance(value, list):
                value = value[int(step)] if step.isdigit() and int(step) < len(value) else _NO_VALUE
                where = self._item(where, step, value)
            else:
                where += f"[{self._literal(step)}]"
                value = value.get(step, _NO_VALUE) if isinstance(value, dict) else _NO_VALUE
        return where, value

    def _item(self, where: str, step: str, item: Any) -> str:
        key = item.get("id") if isinstance(item, dict) else None
        number = self.scope.number_of(key) if isinstance(key, str | int) else None
        if number is None:
            return f"{where}[{step}]"
        self.scope.mark(number)
        name = self.scope.variables[number].name
        return f'next(each for each in {where} if each["id"] == {name})'

    def _above(self, expected: Any) -> tuple[str, str]:
        steps = steps_of(self.finding.place) or [""]
        return self._walked(expected, steps[:-1])[0], self._literal(steps[-1])

    def _got_json(self) -> Any:
        try:
            return orjson.loads(self.got.body) if isinstance(self.got, Answered) else None
        except orjson.JSONDecodeError:
            return None

    def _got_list(self) -> list[Any]:
        found = self._at(self._got_json(), steps_of(self.finding.place))
        return found if isinstance(found, list) else []

    def _at(self, value: Any, steps: list[str]) -> Any:
        for step in steps:
            if isinstance(value, dict):
                value = value.get(step)
            elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
                value = value[int(step)]
            else:
                return None
        return value


_NOW = (
    "assert abs(told - datetime.datetime.now(datetime.timezone.utc)) < datetime.timedelta(hours=26)"
)


def finding_is_time(finding: Finding) -> bool:
    """Whether the time of the call was expected."""
    return finding.expected == "the time of the call"


def _keys(items: list[Any]) -> list[Any] | None:
    """What items are known by; None when that is not the same for all of them."""
    member = _member(items)
    if member:
        return [item[member] for item in items]
    return None if any(isinstance(item, dict | list) for item in items) else list(items)


def _member(items: list[Any]) -> str:
    """The member that is the key of each item."""
    objects = [item for item in items if isinstance(item, dict)]
    if not objects or len(objects) < len(items):
        return ""
    for name in _KEYS:
        keys = [item.get(name) for item in objects]
        if all(isinstance(key, str | int) for key in keys) and len(set(keys)) == len(keys):
            return name
    return ""


def _as_text(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None
