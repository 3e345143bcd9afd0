"""What operations do to several records at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from mockserver.engine.handlers import Call, Reply
from mockserver.engine.inference.words import MAIN_KEYS, normal, stem
from mockserver.engine.inferred.acting import Acting
from mockserver.engine.inferred.answers import CHANGED, CREATED, DELETED, Answer
from mockserver.engine.inferred.bodies import ListAnswer, RecordAnswer
from mockserver.engine.inferred.changes import merged
from mockserver.engine.members import text_of, value_at
from mockserver.state.store import Record


class Bulk:
    """What one operation does to several records."""

    def __init__(self, acting: Acting) -> None:
        self._acting = acting
        self._locator = acting.locator
        self._keeper = acting.keeper
        self._resource = acting.resource
        self._created = acting.answer(CREATED)
        self._changed = acting.answer(CHANGED)
        self._deleted = acting.answer(DELETED)

    def create(self, call: Call) -> Reply:
        """A new record for each element that was sent."""
        made = [self._keeper.create(call, sent) for sent in self._elements(call)]
        return self._told(call, self._created, made)

    def replace(self, call: Call) -> Reply:
        """The records that were sent, and no others, below the parents that a call names."""
        self._locator.need_parents(call)
        here = {record.key: record for record in self._locator.records(call)}
        written: list[Record] = []
        for sent in self._elements(call):
            found = here.get(self._key(call, sent))
            made = self._keeper.replaced(call, found, sent) if found else None
            written.append(made or self._keeper.create(call, sent))
        kept = {record.key for record in written}
        for key, record in here.items():
            if key not in kept:
                self._keeper.delete(call, record)
        return self._told(call, self._changed, written)

    def merge(self, call: Call) -> Reply:
        """Changes to the records that the elements name by their keys."""
        self._locator.need_parents(call)
        written = []
        for sent in self._elements(call):
            found = call.transaction.get(self._resource.name, self._key(call, sent))
            if found is not None:
                wanted = merged(found.value, self._keeper.writable(sent))
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
        """All records below the parents that a call names, taken away."""
        self._locator.need_parents(call)
        gone = list(self._locator.records(call))
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
        return [inner for each in told if isinstance(inner := value_at(each, body.each), dict)]

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
