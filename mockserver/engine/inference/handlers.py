"""Handlers made from a description alone: what is created is listed, read, changed and deleted."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from mockserver.engine.handlers import Call, Handler, Handlers, Reply
from mockserver.engine.inference.inferring import Inference, infer
from mockserver.engine.inference.keys import Key
from mockserver.engine.inference.model import Resource, Role
from mockserver.engine.inference.queries import Query
from mockserver.engine.inference.shapes import Envelope
from mockserver.engine.inference.shelves import (
    Makers,
    Shelves,
    key_text,
    text_of,
    value_at,
    with_value,
)
from mockserver.engine.media import is_json
from mockserver.engine.problems import problem_reply
from mockserver.engine.request import Request
from mockserver.engine.schema import Schemas
from mockserver.engine.spec import Description, Operation, Response
from mockserver.errors import ApiError
from mockserver.state.store import Record

_SUCCESS = range(200, 300)


class Inferred:
    """The handlers of one description, and the records that it begins with."""

    def __init__(self, description: Description, schemas: Schemas, seed: int, records: int) -> None:
        self.inference: Inference = infer(description, schemas.resolved)
        self.makers = Makers(schemas, seed)
        self.shelves = Shelves(self.inference.resources, self.makers, records)
        self.handlers = Handlers(problem_reply)
        self.base_path = description.base_path
        for operation in description.operations:
            self.handlers.operation(operation.id)(self._handler(operation))
            self.handlers.refusal(operation.id)(self._refusal(operation))
            self.handlers.guess_of[operation.id] = self._guess(operation)

    def _guess(self, operation: Operation) -> str:
        role = self.inference.roles[operation.id]
        return f"{role.kind} {role.resource}".rstrip() + f": {role.why}"

    def _handler(self, operation: Operation) -> Handler:
        role = self.inference.roles[operation.id]
        resource = self.inference.resources.get(role.resource)
        acts: Mapping[str, Callable[[Acts, Call], Reply]] = {
            "list": Acts.all,
            "search": Acts.all,
            "create": Acts.create,
            "read": Acts.read,
            "exists": Acts.read,
            "replace": Acts.replace,
            "upsert": Acts.upsert,
            "merge": Acts.merge,
            "delete": Acts.delete,
            "singleton-read": Acts.read,
            "singleton-replace": Acts.upsert,
            "singleton-merge": Acts.merge,
            "singleton-delete": Acts.delete,
        }
        act = acts.get(role.kind, Acts.act) if resource is not None else Acts.act
        acting = Acts(self, operation, role, resource)
        return lambda call: act(acting, call)

    def _refusal(self, operation: Operation) -> Callable[[ApiError, Request], Reply]:
        """Refusals as the operation documents them."""

        def refused(error: ApiError, request: Request) -> Reply:
            told = documented(operation, error.status)
            if told is None:
                return problem_reply(error)
            status, response = told
            if not response.content:
                return Reply(None, status, error.headers)
            media_type = next(iter(response.content))
            body = self._explained(response, media_type, error)
            return Reply(body, status, error.headers, media_type)

        return refused

    def _explained(self, response: Response, media_type: str, error: ApiError) -> Any:
        """A body of the documented shape that says what was wrong."""
        if not is_json(media_type):
            return error.detail
        schema = response.content[media_type]
        problem: Any = problem_reply(error).body
        texts = dict.fromkeys(("message", "detail", "error", "description", "reason"), error.detail)
        numbers = dict.fromkeys(("status", "code", "statusCode"), error.status)
        made = self.makers.make(schema, ("error",))
        if not isinstance(made, dict):
            return made
        for name, member in {**problem, **texts, **numbers}.items():
            tried = {**made, name: member}
            if name in made and self.makers.is_valid(schema, tried):
                made = tried
        return made


def documented(operation: Operation, status: int) -> tuple[int, Response] | None:
    """The status and response that an operation documents for a refusal, or for its like."""
    alike = {400: (400, 422), 422: (422, 400), 415: (415, 400), 413: (413, 400)}
    for candidate in alike.get(status, (status,)):
        response = operation.response(candidate)
        if response is not None:
            return candidate, response
    return None


class Acts:
    """What one operation does, as it was inferred."""

    def __init__(
        self, inferred: Inferred, operation: Operation, role: Role, resource: Resource | None
    ) -> None:
        self._makers = inferred.makers
        self._shelves = inferred.shelves
        self._base_path = inferred.base_path
        self._operation = operation
        self._role = role
        self._known = resource

    @property
    def _resource(self) -> Resource:
        assert self._known is not None  # noqa: S101 - actions without one do not get here
        return self._known

    def all(self, call: Call) -> Reply:
        """The records of a collection that the parameters ask for."""
        known = call.transaction.records(self._resource.name)
        records = [record for record in known if self._is_here(call, record)]
        for query in self._role.queries:
            if query.name in call.query and query.meaning == "filter":
                records = [r for r in records if matches(r, query, call.query[query.name])]
        page = self._page(call, records)
        return self._listed([record.value for record in page], len(records))

    def _page(self, call: Call, records: Sequence[Record]) -> Sequence[Record]:
        asked = {q.meaning: call.query[q.name] for q in self._role.queries if q.name in call.query}
        limit, offset = asked.get("limit"), asked.get("offset", 0)
        if isinstance(limit, int) and isinstance(asked.get("page"), int):
            offset = max(0, asked["page"] - 1) * limit
        start = offset if isinstance(offset, int) and offset > 0 else 0
        return records[start : start + limit] if isinstance(limit, int) else records[start:]

    def _listed(self, values: list[Any], total: int) -> Reply:
        answer = self._role.answer
        names = (self._resource.name,)
        fitted = [self._makers.fitted(answer.item, value, names) for value in values]
        elements = [with_value({}, answer.each, value) for value in fitted]
        body = self._wrapped(answer, elements)
        for told in answer.paging:
            number = {"total": total, "count": len(values)}.get(told.meaning)
            if number is not None:
                tried = with_value(body, told.path, number)
                body = tried if self._makers.is_valid(answer.schema, tried) else body
        return self._reply(body)

    def read(self, call: Call) -> Reply:
        """One record."""
        return self._shown(self._found(call).value)

    def create(self, call: Call) -> Reply:
        """A new record."""
        resource = self._resource
        sent = value_at(call.body, self._role.body.path) if self._role.body.path else call.body
        number = call.transaction.counter + 1_000
        call.transaction.new_id()
        above = self._above(call)
        made = self._shelves.made(resource, above, number)
        value, key = made.value, made.key
        if isinstance(sent, dict) and isinstance(value, dict):
            value = self._makers.fitted(resource.schema, {**value, **sent}, (resource.name,))
            keys = [value_at(sent, entry.property) for entry in resource.keys if entry.property]
            if keys and None not in keys:
                key = "/".join(filter(None, ("/".join(above), key_text(keys))))
        if call.transaction.get(resource.name, key) is not None:
            if self._operation.response(HTTPStatus.CONFLICT) is not None:
                raise ApiError(409, f"There is a record of the key {key} already.")
            key = made.key
            value = self._keyed(value, made)
        call.transaction.put(resource.name, key, value)
        return self._shown(value, self._location(key))

    def _keyed(self, value: Any, made: Record) -> Any:
        for key in self._resource.keys:
            if key.property:
                value = with_value(value, key.property, value_at(made.value, key.property))
        return value

    def _location(self, key: str) -> dict[str, str]:
        path = self._resource.item_path
        if not path:
            return {}
        parts = key.split("/")
        steps = [
            parts.pop(0) if step.startswith("{") and parts else step for step in path.split("/")
        ]
        return {"Location": self._base_path + "/".join(steps)}

    def replace(self, call: Call) -> Reply:
        """Another record in the place of one that is there."""
        found = self._found(call)
        return self._put(call, found, call.body)

    def upsert(self, call: Call) -> Reply:
        """A record, whether there was one or not."""
        key = self._key(call)
        found = call.transaction.get(self._resource.name, key)
        return self._put(call, found or Record(key, {}), call.body)

    def merge(self, call: Call) -> Reply:
        """A record of which some members are changed (RFC 7396)."""
        found = self._found(call)
        sent = value_at(call.body, self._role.body.path) if self._role.body.path else call.body
        return self._put(call, found, merged(found.value, sent))

    def _put(self, call: Call, found: Record, sent: Any) -> Reply:
        resource = self._resource
        value = sent if isinstance(sent, dict) else found.value
        kept = found.value if isinstance(found.value, dict) else {}
        unwritten = {name: kept[name] for name in self._read_only() if name in kept}
        for key in resource.keys:
            if key.property and value_at(kept, key.property) is not None:
                value = with_value(value, key.property, value_at(kept, key.property))
        value = self._makers.fitted(resource.schema, {**value, **unwritten}, (resource.name,))
        call.transaction.put(resource.name, found.key, value)
        return self._shown(value)

    def _read_only(self) -> list[str]:
        properties = self._makers.schemas.properties(self._resource.schema)
        return [name for name, entry in properties.items() if entry.get("readOnly")]

    def delete(self, call: Call) -> Reply:
        """A record taken away."""
        found = self._found(call)
        if call.transaction.get(self._resource.name, found.key) is not None:
            call.transaction.delete(self._resource.name, found.key)
        return self._shown(found.value)

    def act(self, call: Call) -> Reply:
        """Whatever else an operation does: its documented answer, the same for the same path."""
        names = (self._operation.id, *(text_of(value) for value in call.path.values()))
        answer = self._role.answer
        if answer.form == "empty":
            return self._reply(None)
        return self._reply(self._makers.make(answer.schema, names))

    def _above(self, call: Call) -> list[str]:
        return [quote(text_of(call.path.get(parent.parameter, "")), safe="")
                for parent in self._resource.parents]  # fmt: skip

    def _key(self, call: Call) -> str:
        own = [self._told(call, key) for key in self._role.keys]
        return "/".join([*self._above(call), *filter(None, [key_text(own)])])

    def _told(self, call: Call, key: Key) -> Any:
        """What a call says a key is."""
        if key.location == "body":
            return value_at(call.body, key.property) or ""
        return (call.path if key.location == "path" else call.query).get(key.parameter, "")

    def _is_here(self, call: Call, record: Record) -> bool:
        scope = self._role.scope
        if not scope:
            return True
        if len(scope) == len(self._resource.parents):
            return record.key.split("/")[: len(scope)] == self._above(call)
        return all(
            text_of(value_at(record.value, parent.property)) == text_of(call.path[parent.parameter])
            for parent in scope
            if parent.property and parent.parameter in call.path
        )

    def _found(self, call: Call) -> Record:
        """The record a call is about. Raises ApiError 404, unless nobody expects it."""
        key, name = self._key(call), self._resource.name
        record = call.transaction.get(name, key)
        if record is not None:
            return record
        never = not call.transaction.was_deleted(name, key)
        if never and documented(self._operation, HTTPStatus.NOT_FOUND) is None:
            made = self._shelves.made(self._resource, self._above(call), 0)
            texts = [text_of(self._told(call, entry)) for entry in self._role.keys]
            value = made.value
            for entry, text in zip(self._role.keys, texts, strict=True):
                if entry.property:
                    value = self._shelves.told(self._resource, value, entry.property, text)
            return Record(key, value)
        raise ApiError(404, f"There is no record {key!r} in {name}.")

    def _shown(self, value: Any, headers: Mapping[str, str] | None = None) -> Reply:
        answer = self._role.answer
        if answer.form == "empty":
            return self._reply(None, headers)
        if answer.form == "item":
            fitted = self._makers.fitted(answer.item, value, (self._resource.name,))
            return self._reply(self._wrapped(answer, fitted), headers)
        made = self._makers.make(answer.schema, (self._operation.id,))
        return self._reply(made, headers)

    def _wrapped(self, answer: Envelope, inner: Any) -> Any:
        if not answer.path:
            return inner
        around = self._makers.make(answer.schema, (self._operation.id,))
        return with_value(around, answer.path, inner)

    def _reply(self, body: Any, headers: Mapping[str, str] | None = None) -> Reply:
        status, response = success(self._operation)
        media_type = self._role.answer.media_type or None
        if response is None or not response.content:
            return Reply(None, status, headers or {})
        return Reply(body, status, headers or {}, media_type)


def success(operation: Operation) -> tuple[int, Response | None]:
    """The first documented success of an operation, or else whatever it documents first."""
    for status, response in operation.responses.items():
        if status.isdigit() and int(status) in _SUCCESS:
            return int(status), response
    for status in ("2XX", "default"):
        if status in operation.responses:
            return 200, operation.responses[status]
    first = next(iter(operation.responses), "200")
    return int(first) if first.isdigit() else 200, operation.responses.get(first)


def matches(record: Record, query: Query, wanted: Any) -> bool:
    """Whether a record has the property that a parameter asks for."""
    own = value_at(record.value, query.property)
    if query.operator == "any" or isinstance(wanted, list):
        return text_of(own) in {text_of(each) for each in wanted}
    if isinstance(own, list):
        return wanted in own
    try:
        return _COMPARISONS.get(query.operator, alike)(own, wanted)
    except TypeError:
        return False


def alike(own: Any, wanted: Any) -> bool:
    """Whether two values are the same as they stand in a URL."""
    return text_of(own) == text_of(wanted)


_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "ge": operator.ge,
    "gt": operator.gt,
    "le": operator.le,
    "lt": operator.lt,
}


def merged(value: Any, patch: Any) -> Any:
    """A value with a merge patch applied (RFC 7396, section 2)."""
    if not isinstance(patch, dict):
        return patch
    made = dict(value) if isinstance(value, dict) else {}
    for name, member in patch.items():
        if member is None:
            made.pop(name, None)
        else:
            made[name] = merged(made.get(name), member)
    return made
