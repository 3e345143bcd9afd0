"""What operations do to several records at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from mockserver.engine.endpoint import PutOff
from mockserver.engine.handlers import Call, Reply
from mockserver.engine.inference.words import MAIN_KEYS, normal, stem
from mockserver.engine.inferred.acting import Acting
from mockserver.engine.inferred.answers import CHANGED, CREATED, DELETED, Answer
from mockserver.engine.inferred.bodies import ListAnswer, RecordAnswer
from mockserver.engine.inferred.changes import merged
from mockserver.engine.inferred.filtering import Filters
from mockserver.engine.members import text_of, value_at
from mockserver.engine.spec import Schema
from mockserver.state.store import Record

MANY = 100
"""Records past which a call is answered in a thread: to make what lacks may take 1 ms of each."""


class Bulk:
    """What one operation does to several records."""

    def __init__(self, acting: Acting) -> None:
        self._acting = acting
        self._locator = acting.locator
        self._keeper = acting.keeper
        self._resource = acting.resource
        self._filters = Filters(acting.world, acting.operation, acting.role, acting.resource)
        self._created = acting.answer(CREATED)
        self._changed = acting.answer(CHANGED)
        self._deleted = acting.answer(DELETED)

    def create(self, call: Call) -> Reply:
        """A new record for each element that was sent, but for those only named and there."""
        made = [self._created_of(call, sent) for sent in self._elements(call)]
        return self._told(call, self._created, made)

    def _created_of(self, call: Call, sent: Any) -> Record:
        if isinstance(sent, dict):
            return self._keeper.create(call, sent)
        whole = self._named_by(call, sent)
        known = call.transaction.get(self._resource.name, self._key(call, whole))
        return known or self._keeper.create(call, whole)

    def _named_by(self, call: Call, said: Any) -> dict[str, Any]:
        """What a name stands for: a label of an issue is one of those of its repository."""
        own = self._resource.key
        member = own[0] if len(own) == 1 else "name"
        for other in self._acting.world.inference.resources.values():
            if other is not self._resource and _same_schema(other.schema, self._resource.schema):
                for record in call.transaction.records(other.name):
                    if isinstance(record.value, dict) and record.value.get(member) == said:
                        return record.value
        return {member: said}

    def replace(self, call: Call) -> Reply:
        """The records that were sent, and no others, below the parents that a call names."""
        self._locator.need_parents(call)
        here = {record.key: record for record in self._locator.records(call)}
        written: list[Record] = []
        for sent in self._elements(call):
            named = sent if isinstance(sent, dict) else self._named_by(call, sent)
            found = here.get(self._key(call, named))
            if found is not None and isinstance(sent, dict):
                found = self._keeper.replaced(call, found, sent)
            written.append(found or self._keeper.create(call, named))
        kept = {record.key for record in written}
        for key, record in here.items():
            if key not in kept:
                self._keeper.delete(call, record)
        return self._told(call, self._changed, written)

    def merge(self, call: Call) -> Reply:
        """Changes to the records that the elements name by their keys."""
        self._locator.need_parents(call)
        written = []
        for sent in filter(_is_object, self._elements(call)):
            found = call.transaction.get(self._resource.name, self._key(call, sent))
            if found is not None:
                told = self._keeper.told(call, sent)
                wanted = merged(found.value, told, self._keeper.keeps_null(call))
                written.append(self._keeper.changed(call, found, wanted))
        return self._told(call, self._changed, written)

    def delete(self, call: Call) -> Reply:
        """The records that were named, taken away."""
        self._locator.need_parents(call)
        gone = []
        for key in self._named(call):
            found = call.transaction.get(self._resource.name, key)
            if found is not None:
                self._keeper.delete(call, found)
                gone.append(found)
        return self._told(call, self._deleted, gone)

    def clear(self, call: Call) -> Reply:
        """The records below the parents that a call names, taken away, or those it asks for."""
        self._locator.need_parents(call)
        gone = self._filters.chosen(call, self._locator.records(call))
        for record in gone:
            self._keeper.delete(call, record)
        return self._told(call, self._deleted, gone)

    def _elements(self, call: Call) -> list[Any]:
        """The records that were sent, without what is around each of them."""
        body = self._acting.role.body
        found = value_at(call.body, body.path) if body.path else call.body
        if isinstance(found, dict):
            lists = [each for each in found.values() if isinstance(each, list)]
            found = lists[0] if len(lists) == 1 else [found]
        told = found if isinstance(found, list) else []
        if len(told) > MANY and not call.request.patient:
            raise PutOff(self._acting.operation.id)
        inside = [value_at(each, body.each) if isinstance(each, dict) else each for each in told]
        return [each for each in inside if isinstance(each, dict | str | int)]

    def _key(self, call: Call, sent: Any) -> str:
        """The key that an element names, empty where it names none."""
        own = [value_at(sent, key.property) if key.property else None
               for key in self._resource.keys]  # fmt: skip
        if not own or None in own:
            return ""
        return self._joined(call, own)

    def _joined(self, call: Call, own: list[Any]) -> str:
        parts = (quote(text_of(part), safe="") for part in own)
        return "/".join([*self._locator.above(call), *parts])

    def _named(self, call: Call) -> Iterator[str]:
        """The keys that the query, or the body, names."""
        for key in self._acting.role.keys:
            if key.location == "query" and key.parameter in call.query:
                given = call.query[key.parameter]
                texts = given if isinstance(given, list) else str(given).split(",")
                yield from (self._joined(call, [text]) for text in texts)
        for element in self._listed(call.body):
            key_of_record = self._key(call, element) if isinstance(element, dict) else ""
            if key_of_record:
                yield key_of_record
            elif not isinstance(element, dict | list):
                yield self._joined(call, [element])

    def _listed(self, body: Any) -> list[Any]:
        """What a body names: an array of keys or records, or the member that holds one."""
        if isinstance(body, list):
            return body
        if not isinstance(body, dict):
            return []
        names = {*MAIN_KEYS, stem(self._resource.name)}
        for name, member in body.items():
            word = normal(name).removesuffix("s")
            if isinstance(member, list) and (word in names or word.endswith(("id", "key"))):
                return member
        lists = [member for member in body.values() if isinstance(member, list)]
        return lists[0] if len(lists) == 1 else [body]

    def _told(self, call: Call, answer: Answer, records: list[Record]) -> Reply:
        if answer.is_empty:
            return answer.reply(call)
        if answer.envelope.form in ("list", "map"):
            return answer.reply(call, ListAnswer(self._acting, answer).body(records))
        if answer.envelope.form == "item" and records:
            return RecordAnswer(self._acting, (answer.status,)).reply(call, records[0])
        made = answer.makes(answer.envelope.schema, (self._acting.operation.id,))
        return answer.reply(call, made)


def _is_object(sent: Any) -> bool:
    return isinstance(sent, dict)


def _same_schema(one: Schema, other: Schema) -> bool:
    """Whether two schemas are references to the same one."""
    return "$ref" in one and one.get("$ref") == other.get("$ref")
