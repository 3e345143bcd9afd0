"""What operations do to one record: read, create, replace, change and delete it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from mockserver.engine.handlers import Call, Reply
from mockserver.engine.inference.words import stem
from mockserver.engine.inferred.acting import Acting
from mockserver.engine.inferred.answers import CHANGED, CREATED, DELETED, READ
from mockserver.engine.inferred.bodies import RecordAnswer
from mockserver.engine.inferred.changes import (
    JSON_PATCH,
    BadPatch,
    merged,
    patched,
)
from mockserver.engine.inferred.refusals import documented
from mockserver.engine.media import media_type_of
from mockserver.engine.members import key_text, value_at, with_value
from mockserver.errors import ApiError
from mockserver.state.store import Record

_NAMED = re.compile(r"\{([^{}]+)\}")


class Acts:
    """What one operation may do to a record; the role says which of it."""

    def __init__(self, acting: Acting) -> None:
        self.acting = acting
        self.locator = acting.locator
        self.keeper = acting.keeper
        self.resource = acting.resource
        self._item_names = _NAMED.findall(acting.resource.item_path)
        self.read_answer = RecordAnswer(acting, READ)
        self.created_answer = RecordAnswer(acting, CREATED)
        self.changed_answer = RecordAnswer(acting, CHANGED)
        self.deleted_answer = RecordAnswer(acting, DELETED)

    def read(self, call: Call) -> Reply:
        """One record."""
        return self.read_answer.reply(call, self.locator.found(call))

    def create(self, call: Call) -> Reply:
        """A new record."""
        sent = self.sent(call)
        sent = self._asked(call, {} if sent is None else sent)
        record = self.keeper.create(call, sent)
        return self.created_answer.reply(call, record, {"location": self.location(call, record)})

    def replace(self, call: Call) -> Reply:
        """Another record in the place of one that is there."""
        return self._replaced(call, self.locator.found(call))

    def upsert(self, call: Call) -> Reply:
        """A record, whether there was one or not."""
        found = self.locator.peek(call)
        if found is not None:
            return self._replaced(call, found)
        self.locator.need_parents(call)
        self.locator.need_possible_key(call)
        key, told = self.locator.key(call), self.keeper.told(call, self.sent(call))
        told = {**self.keeper.sent.defaults, **told}
        value = self.locator.with_keys(call, self.keeper.completed(call, told, key))
        record = self.keeper.put_new(call, key, value)
        return self.created_answer.reply(call, record, {"location": self.location(call, record)})

    def _replaced(self, call: Call, found: Record) -> Reply:
        sent = self.sent(call)
        if isinstance(sent, dict):
            found = self.keeper.replaced(call, found, sent)
        elif call.transaction.get(self.resource.name, found.key) is None:
            found = self.keeper.put(call, found.key, found.value)
        return self.changed_answer.reply(call, found)

    def merge(self, call: Call) -> Reply:
        """A record of which some members are changed: RFC 7396, or RFC 6902 if that is sent."""
        found = self.locator.found(call)
        wanted = self._wanted(call, found)
        return self.changed_answer.reply(call, self.keeper.changed(call, found, wanted))

    def _wanted(self, call: Call, found: Record) -> Any:
        # Where a description takes an object for a JSON patch, it is a merge patch.
        patches = media_type_of(call.request.content_type) == JSON_PATCH
        if patches and not isinstance(call.body, dict):
            return self._patched(call, found.value)
        told = self.keeper.told(call, self.sent(call))
        return self._asked(call, merged(found.value, told, self.keeper.keeps_null(call)))

    def _asked(self, call: Call, value: Any) -> Any:
        """A value with the members that the query gives."""
        for query in self.acting.role.queries if isinstance(value, dict) else ():
            if query.meaning == "set" and query.name in call.query:
                value = with_value(value, query.property, call.query[query.name])
        return value

    def _patched(self, call: Call, value: Any) -> Any:
        """A record with a JSON patch applied.

        Raises ApiError 409 for one that does not fit the record (RFC 5789, section 2.2).
        """
        try:
            wanted = patched(value, call.body)
        except BadPatch as bad:
            raise ApiError(409, f"The patch was not applied: {bad}.") from bad
        if not isinstance(wanted, dict):
            raise ApiError(409, "The patch leaves no object.")
        for name in self.keeper.sent.read_only:
            wanted.pop(name, None)
            if name in value:
                wanted[name] = value[name]
        # A patch is applied as a whole or not at all (RFC 6902, section 5).
        fits = self.keeper.is_valid(wanted) or not self.keeper.is_valid(value)
        if not fits and documented(self.acting.operation, HTTPStatus.CONFLICT) is not None:
            raise self.keeper.conflict(wanted)
        return wanted

    def delete(self, call: Call) -> Reply:
        """A record taken away."""
        found = self.locator.found(call)
        self.keeper.delete(call, found)
        return self.deleted_answer.reply(call, found)

    def sent(self, call: Call) -> Any:
        """What was sent of the record, without what is around it."""
        path = self.acting.role.body.path
        inner = value_at(call.body, path) if path else None
        if inner is None:
            return self._unwrapped(call.body)
        if not isinstance(inner, dict):
            return inner
        known = self.acting.world.facts(self.resource).view.properties
        beside = {n: member for n, member in call.body.items() if n in known and n != path[0]}
        return {**inner, **beside}

    def _unwrapped(self, body: Any) -> Any:
        """What is sent in one member that is called like the resource, or the answer's."""
        if not isinstance(body, dict):
            return body
        known = self.acting.world.facts(self.resource).view.properties
        path = self.acting.role.answer.path
        if len(body) == 1:
            member = next(iter(body))
            names = (self.resource.name.rpartition(".")[2], *path[-1:])
            like = stem(member) in map(stem, names)
        else:
            member = path[0] if len(path) == 1 else ""
            like = member in body and known.keys().isdisjoint(body)
        inner = body[member] if like and member not in known else None
        others = {name: each for name, each in body.items() if name != member}
        return {**others, **inner} if isinstance(inner, dict) else body

    def location(self, call: Call, record: Record) -> str | None:
        """Where a record is: an absolute path (RFC 9110, section 10.2.2), None if nowhere."""
        names = self._item_names
        if not names:
            return None
        parts = record.key.split("/")
        parameters = [parent.parameter for parent in self.resource.parents]
        parameters += [key.parameter for key in self.resource.keys]
        given = {**_texts(call.path), **dict(zip(parameters, parts, strict=False))}
        if any(name not in given for name in names):
            return None
        path = _NAMED.sub(lambda found: given[found[1]], self.resource.item_path)
        return self.acting.world.base_path + path


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: key_text([value]) for name, value in values.items()}
