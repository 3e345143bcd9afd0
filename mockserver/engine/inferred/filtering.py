"""Which of the records that are there a call asks for, by its filters, its search and selectors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from mockserver.engine.handlers import Call
from mockserver.engine.inference.model import Resource, Role
from mockserver.engine.inference.queries import Query
from mockserver.engine.inferred.listed_values import listed_values
from mockserver.engine.inferred.selecting import asks_for_all, matches, tells
from mockserver.engine.inferred.selectors import Selector, field_selector, label_selector
from mockserver.engine.inferred.world import World
from mockserver.engine.spec import Operation
from mockserver.state.store import Record

_SELECTORS = {"labels": label_selector, "selector": field_selector}


class Filters:
    """What the parameters of one operation leave of the records of a resource."""

    def __init__(self, world: World, operation: Operation, role: Role, resource: Resource) -> None:
        self._world = world
        self._operation = operation
        self._resource = resource
        self._filters = [query for query in role.queries if query.meaning == "filter"]
        self._searches = [query for query in role.queries if query.meaning == "search"]
        self._selecting = [query for query in role.queries if query.meaning in _SELECTORS]

    def asks(self, call: Call) -> bool:
        """Whether a call asks for some of the records only."""
        return bool(next(self._wanted(call), None) or self._selectors(call) or self._text(call))

    def chosen(self, call: Call, records: Iterable[Record]) -> list[Record]:
        """Those of some records that a call asks for, in their order."""
        found = list(records)
        for query, value in self._wanted(call):
            found = [record for record in found if matches(record, query, value)]
        for selects in self._selectors(call):
            found = [record for record in found if selects(record.value)]
        text = self._text(call)
        return [each for each in found if tells(each.value, text)] if text else found

    def _text(self, call: Call) -> str:
        """The text that is searched for, in small letters; empty for none."""
        given = (self._given(call, query) for query in self._searches)
        return next((each.strip().casefold() for each in given if isinstance(each, str)), "")

    def _selectors(self, call: Call) -> list[Selector]:
        given = ((query, self._given(call, query)) for query in self._selecting)
        return [_SELECTORS[query.meaning](text) for query, text in given if isinstance(text, str)]

    def _given(self, call: Call, query: Query) -> Any:
        given = call.body if query.location == "body" else call.query
        return given.get(query.name) if isinstance(given, dict | Mapping) else None

    def _wanted(self, call: Call) -> Iterator[tuple[Query, Any]]:
        """The filters of a call, and the values they ask for."""
        for query in self._filters:
            value = self._given(call, query)
            if value is None or value == []:
                continue
            schema = self._world.property_schema(self._resource, query.property)
            default = self._is_default(call, query, value)
            if not asks_for_all(listed_values(self._world.view, schema), value, default=default):
                yield query, value

    def _is_default(self, call: Call, query: Query, value: Any) -> bool:
        """Whether a value is the declared default, which nobody sent."""
        declared = (p for p in self._operation.parameters if p.name == query.name)
        if not any(p.location == "query" and p.schema.get("default") == value for p in declared):
            return False
        names = dict(parse_qsl(call.request.query.decode(errors="replace"), keep_blank_values=True))
        return query.name not in names
