"""Templates of calls filled with values that were seen, or are near those."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from mockserver.contract.bodies import json_body
from mockserver.contract.odds import likely
from mockserver.contract.pools import Origin, Pools, mutated, plain, scalars
from mockserver.contract.resolving import Resolving
from mockserver.contract.shaping import About, Missing, Shaping
from mockserver.contract.texts import text
from mockserver.contract.values import Form, Json, Key, Raw, Sent
from mockserver.contract.wire import BOGUS, NO_CALLER
from mockserver.engine.spec import Operation

RANGES = (
    "bytes=0-",
    "bytes=0-0",
    "bytes=1-3",
    "bytes=-1",
    "bytes=-5",
    "bytes=999999-",
    "bytes=2-1",
)

TAKEN = 0.4
"""How often a record is named that the operation knew before."""

LEAST_COMMON = 3
"""Members that a form and a record share before one is filled from the other."""

Origins = list[tuple[tuple[str, str], Origin]]
"""Where the values came from that name records: operation and parameter, origin."""


class Filling:
    """Fills templates. ``names`` are those who may call, the first one calls most."""

    def __init__(
        self,
        operations: Mapping[str, Operation],
        pools: Pools,
        choice: random.Random,
        names: list[str],
        schemas: Resolving,
    ) -> None:
        self.operations = operations
        self.pools = pools
        self.choice = choice
        self._shaping = Shaping(schemas, pools, choice)
        self.writing: Collection[str] = ()
        self.names = names
        self.caller = names[0] if names else NO_CALLER

    def filled(self, sent: Sent, focus: list[Key] | None, origins: Origins) -> Sent:
        """The template with other values; ``focus`` are the keys that the run is about."""
        body, media_type = self._shaped(sent, focus, origins) or (
            self._body(sent, focus, origins),
            sent.media_type,
        )
        return replace(
            sent,
            path_parameters=self.path(sent, focus, origins),
            query=self._query(sent, focus, origins),
            headers=self._conditions(sent),
            body=body,
            media_type=media_type,
            caller=self._who(),
        )

    def _who(self) -> str:
        if likely(self.choice, 0.9) or not self.names:
            return self.caller
        if likely(self.choice, 0.3):
            return self.choice.choice((NO_CALLER, BOGUS))
        return self.choice.choice(self.names)

    def path(self, sent: Sent, focus: list[Key] | None, origins: Origins) -> dict[str, Any]:
        """Path parameters that name records: of the run's own, or any that were seen."""
        return {
            name: self._named(sent.operation, name, value, focus, origins)
            for name, value in sent.path_parameters.items()
        }

    def _named(
        self, operation: str, name: str, value: Any, focus: list[Key] | None, origins: Origins
    ) -> Any:
        choice = self.choice
        if likely(choice, 0.04):
            return value
        if focus and likely(choice, 0.48):
            return choice.choice(focus)
        known = self._known(operation, name)
        if known is not None:
            return known
        found = self.pools.identifier((operation, name), choice)
        if found is None:
            return value
        if isinstance(found[0], str) and likely(choice, 0.03):
            return mutated(found[0], choice) or found[0]
        origins.append(((operation, name), found[1]))
        return found[0]

    def _known(self, operation: str, name: str) -> Any | None:
        """A value that the operation took before, or one that was seen under its name."""
        choice = self.choice
        taken = self.pools.naming((operation, name))
        if taken and likely(choice, TAKEN):
            return taken[max(choice.randrange(len(taken)), choice.randrange(len(taken)))]
        same = self.pools.named(name)
        return choice.choice(same) if same and likely(choice, 0.3) else None

    def _query(
        self, sent: Sent, focus: list[Key] | None, origins: Origins
    ) -> tuple[tuple[str, Any], ...]:
        choice = self.choice
        described = [p for p in self.operations[sent.operation].parameters if p.location == "query"]
        required = {p.name for p in described if p.required}
        pairs = [
            (name, self._value(name, value, 0.3))
            for name, value in sent.query
            if likely(choice, 0.98 if name in required else 0.6)
        ]

        about = self._about(sent.operation, focus, origins)
        for parameter in described:
            known = parameter.name in dict(pairs)
            if likely(choice, (0.3 if known else 0.97) if parameter.required else 0.25):
                value = self._shaping.member(parameter.schema, parameter.name, about)
                if value is not None and not isinstance(value, dict):
                    pairs = [pair for pair in pairs if pair[0] != parameter.name]
                    values = value if isinstance(value, list) else [value]
                    pairs += [(parameter.name, each) for each in values]
        return tuple(pairs)

    def _conditions(self, sent: Sent) -> tuple[tuple[str, Any], ...]:
        choice = self.choice
        described = [
            p.name for p in self.operations[sent.operation].parameters if p.location == "header"
        ]
        headers = dict(sent.headers)
        for name in described:
            seen = self.pools.named(name)
            if seen and likely(choice, 0.25):
                headers[name] = choice.choice(seen)
            elif name in headers and likely(choice, 0.3):
                del headers[name]
            if name.lower() == "range" and likely(choice, 0.3):
                headers[name] = choice.choice(RANGES)
        return tuple(headers.items())

    def _value(self, name: str, value: Any, odds: float) -> Any:
        """A value as it was, one seen under its name, or one near that."""
        choice = self.choice
        if choice.random() > odds:
            return value
        seen = self.pools.named(name)
        found = choice.choice(seen) if seen else value
        if isinstance(found, str) and likely(choice, 0.2 if found else 0.7):
            return text(self.pools, name, choice)
        if not isinstance(found, Key) and likely(choice, 0.35):
            found = mutated(found, choice)
        return found

    def _shaped(
        self, sent: Sent, focus: list[Key] | None, origins: Origins
    ) -> tuple[Json, str] | None:
        """A JSON body drawn from its schema, as often as not a record that was read."""
        media_type, schema = json_body(self.operations[sent.operation])
        if schema is None or likely(self.choice, 0.12):
            return None
        about = self._about(sent.operation, focus, origins)
        body = sent.body
        try:
            value = self._shaping.echoed(schema, about) if likely(self.choice, 0.5) else None
            if value is None and isinstance(body, Json) and likely(self.choice, 0.75):
                given = body.value
                if isinstance(given, dict) and given:
                    value = self._shaping.varied(given, schema, about)
            if value is None:
                value = self._shaping.anew(schema, about)
        except Missing:
            return None
        return Json(value), media_type

    def _about(self, operation: str, focus: list[Key] | None, origins: Origins) -> About:
        def named(name: str, value: Any) -> Any:
            return self._named(operation, name, value, focus, origins)

        return About(named, focus or (), 0.4 if operation in self.writing else 0.75)

    def parameter(self, schema: Any, name: str) -> Any:
        """A value of a parameter of that name."""
        return self._shaping.member(schema, name, self._about("", None, []))

    def _body(self, sent: Sent, focus: list[Key] | None, origins: Origins) -> Any:
        choice = self.choice
        body = sent.body
        if likely(choice, 0.15):
            return choice.choice((None, Raw(b'{"a":'), Raw(b"\xff")))
        if isinstance(body, Form):
            return self._form(sent, body, origins)
        if not isinstance(body, Json):
            return body
        value, use = body.value, (sent.operation, focus, origins)
        if isinstance(value, dict) and likely(choice, 0.5):
            echoed = self._echoed(value)
            if echoed is not value:
                count = sum(1 for _ in scalars(echoed))
                return Json(self._changed(echoed, ("",), _rate(choice, count), (*use, False)))
        if isinstance(value, dict) and likely(choice, 0.2):
            value = {name: item for name, item in value.items() if likely(choice, 0.5)}
        rate = _rate(choice, sum(1 for _ in scalars(value)))
        return Json(self._changed(value, ("",), rate, (*use, True)))

    def _echoed(self, value: dict[str, Any]) -> Any:
        """A record that was read, sent back with a few members of a template."""
        wanted = set(value)
        similar = [r for r in self.pools.records if len(wanted & set(r)) * 2 >= len(wanted)]
        if not similar or not wanted:
            return value
        others = self.choice.choice((0.0, 0.0, 0.1, 0.3))
        taken = {name: item for name, item in value.items() if likely(self.choice, others)}
        return {**self.choice.choice(similar), **taken}

    def _changed(self, value: Any, names: tuple[str, ...], rate: float, use: Any) -> Any:
        choice = self.choice
        if isinstance(value, dict):
            changed = {
                name: self._changed(item, (*names, str(name)), rate, use)
                for name, item in value.items()
            }
            if changed and likely(choice, rate / 4):
                del changed[choice.choice(list(changed))]
            return changed
        if isinstance(value, list):
            items = [self._changed(item, names, rate, use) for item in value]
            if items and likely(choice, rate / 2):
                items.append(choice.choice(items))
            return items
        operation, focus, origins, anew = use
        may_name = _may_be_identifier(value, names[-1])
        if not likely(choice, max(rate, 0.6 if may_name and anew else 0)):
            return value
        if likely(choice, 0.02):
            return choice.choice((None, True, 0, -1, 1.5, "", [], {}))
        if not may_name:
            return self._value(names[-1], value, 1.0)
        return self._named(operation, names[-1], value, focus, origins)

    def _form(self, sent: Sent, form: Form, origins: Origins) -> Form:
        parts = []
        group = self._group({plain(part.name) for part in form.parts})
        for part in form.parts:
            if group is not None and plain(part.name) in group:
                parts.append(replace(part, content=group[plain(part.name)]))
            elif isinstance(part.content, bytes):
                same = likely(self.choice, 0.5)
                content = part.content if same else part.content + self.choice.randbytes(4)
                parts.append(replace(part, content=content))
            elif likely(self.choice, 0.1) and part.file_name is None:
                continue
            else:
                parts.append(replace(part, content=self._value(part.name, part.content, 0.3)))
        return Form(tuple(parts))

    def _group(self, wanted: set[str]) -> dict[str, Any] | None:
        """The members of one thing that was read and has much of what a form wants."""
        for record in reversed(self.pools.records):
            for candidate in _objects(record):
                named = {plain(n): value for n, value in candidate.items() if isinstance(n, str)}
                common = wanted & set(named)
                if len(common) >= LEAST_COMMON and len(common) * 2 >= len(wanted):
                    return named
        return None


def _rate(choice: random.Random, count: int) -> float:
    """How often a leaf is changed: none, one or a few of all, now and then many."""
    few = choice.choice((0, 0.7, 1.5, 3)) / max(count, 1)
    return min(few, 0.6) if likely(choice, 0.9) else 0.4


def _objects(value: Any, depth: int = 3) -> Iterable[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        if depth:
            for item in value.values():
                yield from _objects(item, depth - 1)


def _may_be_identifier(value: Any, name: str) -> bool:
    word = plain(name)
    return isinstance(value, Key) or (
        isinstance(value, str | int)
        and not isinstance(value, bool)
        and (word in {"id", "ids", "key", "uuid"} or word.endswith(("id", "ids")))
    )
