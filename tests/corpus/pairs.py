"""What is created is readable, listed, and gone once deleted: proved for each pair."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

from mockserver.engine.inference.inferring import Inference
from mockserver.engine.media import matching
from mockserver.engine.reply import Api
from mockserver.engine.spec import Operation
from tests.corpus.asking import Asker, Valid
from tests.corpus.keys import Keys, body_of
from tests.corpus.talking import Talker, Told

UNTOLD = "the answer tells no key"

_ITEM = re.compile(r"(.*)/\{([^{}/]+)\}/?")


@dataclass(frozen=True, slots=True)
class Pair:
    """An operation that creates, one that reads what was created, and what else is there.

    ``rule`` tells who found it: the paths alone, inference alone, or both.
    """

    create: Operation
    read: Operation
    listing: Operation | None
    delete: Operation | None
    rule: str


class Broken(Exception):
    """A law that does not hold: the cause, and what was seen."""

    def __init__(self, cause: str, told: Told | None = None, detail: str = "") -> None:
        shown = f"{told.status} {told.body[:300].decode(errors='replace')}" if told else ""
        self.detail = f"{detail} {shown}".strip()
        super().__init__(cause)


def pairs(api: Api, inference: Inference) -> list[Pair]:
    """The pairs of a description, by the paths alone and by inference."""
    at = {(o.method, o.path.rstrip("/")): o for o in api.description.operations}
    by_paths = {}
    for (method, path), read in at.items():
        found = _ITEM.fullmatch(path)
        create = at.get(("POST", found[1].rstrip("/"))) if found else None
        if method == "GET" and create is not None:
            by_paths[create.id] = (create, read)
    reads = {
        role.resource: operation
        for operation in api.description.operations
        if (role := inference.roles[operation.id]).kind == "read"
        and _ITEM.fullmatch(operation.path)
    }
    inferred = {
        operation.id: (operation, reads[role.resource])
        for operation in api.description.operations
        if (role := inference.roles[operation.id]).kind == "create" and role.resource in reads
    }
    made = []
    for name, (create, read) in {**inferred, **by_paths}.items():
        rule = "both" if name in inferred and name in by_paths else ""
        rule = rule or ("inference" if name in inferred else "paths")
        path = read.path.rstrip("/")
        above = _ITEM.fullmatch(path)
        listing = at.get(("GET", above[1].rstrip("/"))) if above else None
        delete = at.get(("DELETE", path))
        if succeeds(create) and succeeds(read):
            delete = delete if delete is not None and succeeds(delete) else None
            made.append(Pair(create, read, listing, delete, rule))
    return made


def succeeds(operation: Operation) -> bool:
    """Whether an operation documents any success."""
    statuses = operation.responses
    return not statuses or any(each[0] == "2" or each == "default" for each in statuses)


class Prover:
    """Proves the laws of pairs."""

    def __init__(self, api: Api, asker: Asker, keys: Keys, talker: Talker) -> None:
        self._schemas = api.schemas
        self._asker = asker
        self._keys = keys
        self._talker = talker

    def prove(self, pair: Pair, sandbox: str) -> None:
        """Raises Broken with the first law that does not hold, NoRequest."""
        above = self._keys.path(pair.create)
        before = self._rows(pair, above, sandbox)
        valid = self._asker.request(pair.create, above, bare=False, sandbox=sandbox)
        told = self._talker.ask(valid.asked)
        if told.status >= 300:
            raise Broken(f"the creation is answered {told.status}", told)
        values = {**above, **self._key(pair, valid, told)}
        values = {name: values[name] for name in _names(pair.read.path) if name in values}
        key = values.get(_last(pair.read), "")
        after = self._rows(pair, above, sandbox)
        if not key or not self._keys.takes(pair.read, _last(pair.read), unquote(key)):
            key = self._new(pair, before, after) or self._sent_key(pair, valid)
            values[_last(pair.read)] = key
        if len(values) < len(_names(pair.read.path)) or not key:
            raise Broken(UNTOLD, told)
        self._readable(pair, values, valid, sandbox)
        if pair.listing is not None and self._is_list(before, after):
            self._listed(pair, key, before, after)
        if pair.delete is not None:
            self._deleted(pair, values, sandbox)
            left = self._rows(pair, above, sandbox)
            if pair.listing is not None and key in self._shown(pair, left):
                raise Broken("what was deleted is still listed")

    def _key(self, pair: Pair, valid: Valid, told: Told) -> Mapping[str, str]:
        name = _last(pair.read)
        key = self._keys.created(told, name, pair.read, pair.create)
        if not key and body_of(told) is None:
            key = self._sent_key(pair, valid)
        return {name: key} if key else {}

    def _sent_key(self, pair: Pair, valid: Valid) -> str:
        """The key that the client chose, by the name of the parameter; empty if it did not."""
        name = _last(pair.read)
        return quote(self._keys.key_in(valid.sent, name, pair.create.path, pair.read), safe="")

    def _rows(self, pair: Pair, above: Mapping[str, str], sandbox: str) -> list[Any]:
        if pair.listing is None or not set(_names(pair.listing.path)) <= set(above):
            return []
        return self._keys.now(pair.listing, above, sandbox)

    def _is_list(self, before: list[Any], after: list[Any]) -> bool:
        return (bool(after) and len(after) != len(before)) or any(
            isinstance(r, dict) for r in after
        )

    def _shown(self, pair: Pair, rows: list[Any]) -> set[str]:
        name, path = _last(pair.read), pair.listing.path if pair.listing else ""
        return {quote(self._keys.key_in(row, name, path, pair.read), safe="") for row in rows}

    def _new(self, pair: Pair, before: list[Any], after: list[Any]) -> str:
        new = self._shown(pair, after) - self._shown(pair, before)
        return next(iter(new), "") if len(new) == 1 else ""

    def _get(self, pair: Pair, values: Mapping[str, str], sandbox: str) -> Told:
        valid = self._asker.request(pair.read, values, bare=True, sandbox=sandbox)
        return self._talker.ask(valid.asked)

    def _readable(self, pair: Pair, values: Mapping[str, str], valid: Valid, sandbox: str) -> None:
        told = self._get(pair, values, sandbox)
        if told.status >= 300:
            raise Broken(f"reading what was created is answered {told.status}", told)
        for where, sent, shown in self._unexcused(pair, valid.sent, told):
            place = "/".join(map(str, where))
            detail = f"at {place} {str(sent)[:150]!r} was sent, {str(shown)[:150]!r} is shown"
            raise Broken("what is read is not what was sent", told, detail)

    def _unexcused(self, pair: Pair, sent: Any, told: Told) -> Iterator[Difference]:
        """Where an answer could show what was sent, and does not.

        It could not where the description allows another kind of value there.
        """
        body = body_of(told)
        documented = pair.read.response(told.status)
        content = documented.content if documented else {}
        offered = matching(told.media_type, tuple(content))
        validator = self._schemas.validator(content[offered] if offered else {})
        for found in differences(sent, body):
            if validator.is_valid(replaced(body, found[0], found[1])):
                yield found

    def _listed(self, pair: Pair, key: str, before: list[Any], after: list[Any]) -> None:
        shown = self._shown(pair, after)
        if shown == {""} and len(after) > len(before):
            return  # Rows that tell no key: there is one more of them.
        if key not in shown:
            raise Broken("what was created is not listed", None, f"{key} among {shown}")

    def _deleted(self, pair: Pair, values: Mapping[str, str], sandbox: str) -> None:
        assert pair.delete is not None
        named = {name: values.get(name, "") for name in _names(pair.delete.path)}
        valid = self._asker.request(pair.delete, named, bare=True, sandbox=sandbox)
        told = self._talker.ask(valid.asked)
        if told.status >= 300:
            raise Broken(f"the deletion is answered {told.status}", told)
        told = self._get(pair, values, sandbox)
        if told.status not in (404, 410):
            raise Broken(f"what was deleted is answered {told.status}", told)


def _names(path: str) -> list[str]:
    return re.findall(r"\{([^{}]+)\}", path)


def _last(read: Operation) -> str:
    return _names(read.path)[-1]


Difference = tuple[tuple[str | int, ...], Any, Any]
"""Where an answer shows something else than was sent: the place, what was sent, what is shown."""


def differences(sent: Any, shown: Any) -> Iterator[Difference]:
    """Where an answer shows something else than was sent.

    What only one of the two has is no difference. An envelope around what was sent is looked
    into.
    """
    if isinstance(sent, dict) and isinstance(shown, dict):
        found = list(_objects(shown, (), 2))
        where, best = max(found, key=lambda each: len(each[1].keys() & sent.keys()))
        yield from _different(sent, best, where)


def _objects(
    value: dict[str, Any], where: tuple[str, ...], depth: int
) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    yield where, value
    for name, member in value.items() if depth else ():
        if isinstance(member, dict):
            yield from _objects(member, (*where, name), depth - 1)


def _different(sent: Any, shown: Any, where: tuple[str | int, ...]) -> Iterator[Difference]:
    if isinstance(sent, dict) and isinstance(shown, dict):
        for name in sent.keys() & shown.keys():
            yield from _different(sent[name], shown[name], (*where, name))
    elif isinstance(sent, list) and isinstance(shown, list) and len(sent) == len(shown):
        for number, (one, other) in enumerate(zip(sent, shown, strict=True)):
            yield from _different(one, other, (*where, number))
    elif sent is not None and sent != shown:
        yield where, sent, shown


def replaced(value: Any, where: tuple[str | int, ...], inner: Any) -> Any:
    """A copy of a value with another in one place."""
    if not where:
        return inner
    made: Any = [*value] if isinstance(value, list) else {**value}
    made[where[0]] = replaced(value[where[0]], where[1:], inner)
    return made
