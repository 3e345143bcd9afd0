"""Calls that work with one thing in them altered: what programs judge, they judge there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from mockserver.contract.distorting import distorted
from mockserver.contract.distorting_forms import FILE_NAMES
from mockserver.contract.drawing import Drawing
from mockserver.contract.exchanging import members_of
from mockserver.contract.odds import likely
from mockserver.contract.pools import with_leaf
from mockserver.contract.resolving import Resolving
from mockserver.contract.spelling import ANYTHING, CONTENTS, respelt
from mockserver.contract.values import Form, Json, Key, Part, Sent
from mockserver.contract.variations import at, without
from mockserver.contract.wire import BOGUS, NO_CALLER
from mockserver.engine.spec import Operation

WANTED = (
    "*/*", "application/json", "application/*", "text/html", "application/xml", "text/plain;q=0.5",
    "application/json;q=0", "image/*", "*", "", "application/json, text/html", "APPLICATION/JSON",
)  # fmt: skip
"""What ``Accept`` may say (RFC 9110, section 12.5.1)."""

KNOWN = 0.3
"""How often a value becomes another one that was seen under its name."""

MORE = 0.3
"""How often a body has one more of its members, and not another value in one it has."""

_STEP = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])")


class Altering:
    """Alters calls that were drawn, by what the ``schemas`` say of their bodies."""

    def __init__(self, drawing: Drawing, schemas: Resolving) -> None:
        self._drawing = drawing
        self._choice = drawing.choice
        self._callers = drawing.filling.names
        self._schemas = schemas

    def altered(self, sent: Sent) -> Sent | None:
        """The call with one thing in it altered; None where there is nothing of the kind drawn."""
        operation = self._drawing.operations[sent.operation]
        ways: list[tuple[Callable[[Sent, Operation], Sent | None], int]] = [
            (self._caller, 2),
            (self._header, 2),
            (self._query, 6 if any(p.location == "query" for p in operation.parameters) else 1),
            (self._path, 3 if sent.path_parameters else 0),
            (self._body, 12 if sent.body is not None else 0),
            (self._bytes, 8 if sent.body is not None else 0),
        ]
        way = self._choice.choices([w for w, _ in ways], [weight for _, weight in ways])[0]
        changed = way(sent, operation)
        return None if changed is None else replace(changed, why="with one thing altered")

    def _caller(self, sent: Sent, _: Operation) -> Sent:
        return replace(sent, caller=self._choice.choice([*self._callers, NO_CALLER, BOGUS]))

    def _bytes(self, sent: Sent, _: Operation) -> Sent | None:
        return distorted(sent, self._choice)

    def _path(self, sent: Sent, _: Operation) -> Sent:
        name = self._choice.choice(list(sent.path_parameters))
        other = self._scalar(sent.path_parameters[name], name)
        return replace(sent, path_parameters={**sent.path_parameters, name: other})

    def _known(self, name: str) -> list[Any]:
        """What was seen under a name, or under its last word; keys where it is one of a record."""
        pools = self._drawing.pools
        words = [word for word in _STEP.split(name) if word]
        last = words[-1] if words else name
        found = pools.named(name) or pools.named(last)
        return [*found, *pools.named("id")] if last.lower() in {"id", "ids"} else found

    def _otherwise(self, value: Any, name: str) -> Any:
        """A value that was seen under a name, or one in other writing."""
        known = self._known(name)
        if known and likely(self._choice, KNOWN):
            return self._choice.choice(known)
        return respelt(value, self._choice)

    def _scalar(self, value: Any, name: str) -> Any:
        """A value otherwise, as one that a parameter can have."""
        other = self._otherwise(value, name)
        if isinstance(other, str):
            return other.encode("utf-8", "replace").decode()
        return "" if isinstance(other, dict | list) else other

    def with_header(self, sent: Sent) -> Sent:
        """The call with another header."""
        return self._header(sent, self._drawing.operations[sent.operation])

    def _header(self, sent: Sent, operation: Operation) -> Sent:
        described = [p for p in operation.parameters if p.location == "header"]
        if not described or likely(self._choice, 0.4):
            return replace(sent, headers=_with(sent.headers, "Accept", self._choice.choice(WANTED)))
        parameter = self._choice.choice(described)
        known = dict(sent.headers).get(parameter.name)
        value = known if known is not None else self._new(parameter.schema, parameter.name)
        if likely(self._choice, 0.5):
            value = self._scalar(value, parameter.name)
        return replace(sent, headers=_with(sent.headers, parameter.name, value))

    def _new(self, schema: Any, name: str) -> Any:
        return self._drawing.filling.parameter(schema, name)

    def _query(self, sent: Sent, operation: Operation) -> Sent:
        """A parameter otherwise, twice, left out, under another name, or one more."""
        choice = self._choice
        pairs = list(sent.query)
        described = [p for p in operation.parameters if p.location == "query"]
        if described and (not pairs or likely(choice, 0.5)):
            parameter = choice.choice(described)
            value = self._new(parameter.schema, parameter.name)
            pairs = [pair for pair in pairs if pair[0] != parameter.name]
            values = value if isinstance(value, list) else [value]
            pairs += [(parameter.name, v) for v in values if not isinstance(v, dict)]
        if not pairs:
            return replace(sent, query=((choice.choice(("x", "format", "key", "page")), "1"),))
        place = choice.randrange(len(pairs))
        name, value = pairs[place]
        way = choice.choices(("other", "twice", "named", "none"), (6, 2, 2, 1))[0]
        if way == "other":
            pairs[place] = (name, self._scalar(value, name))
        elif way == "twice":
            pairs.insert(choice.choice((0, len(pairs))), (name, self._scalar(value, name)))
        elif way == "named":
            near = (f"{name}[]", f"{name}[0]", f"{name}[a]", name.upper(), f" {name}")
            pairs[place] = (choice.choice(near), value)
        else:
            del pairs[place]
        return replace(sent, query=tuple(pairs))

    def _body(self, sent: Sent, operation: Operation) -> Sent | None:
        more = self._more(sent, operation) if likely(self._choice, MORE) else None
        if more is not None:
            return more
        if isinstance(sent.body, Json):
            return replace(sent, body=Json(self._json(sent.body.value)))
        if isinstance(sent.body, Form):
            return replace(sent, body=Form(tuple(self._parts(list(sent.body.parts)))))
        return None

    def _more(self, sent: Sent, operation: Operation) -> Sent | None:
        """The call with one more of the members that its body may have."""
        members = members_of(self._schemas, operation)
        if not members:
            return None
        name = self._choice.choice(list(members))
        value = self._new(members[name], name)
        if likely(self._choice, 0.3):
            value = self._otherwise(value, name)
        if isinstance(sent.body, Json) and isinstance(sent.body.value, dict):
            return replace(sent, body=Json({**sent.body.value, name: value}))
        if isinstance(sent.body, Form) and not isinstance(value, dict | list):
            kept = tuple(part for part in sent.body.parts if part.name != name)
            return replace(sent, body=Form((*kept, Part(name, value))))
        return None

    def _json(self, value: Any) -> Any:
        """A value with something in it otherwise, or missing, or more."""
        choice = self._choice
        places = list(_places(value))
        if not places:
            return choice.choice(ANYTHING)
        place = choice.choice(places)
        found = at(value, place)
        if likely(choice, 0.12):
            return without(value, place)
        if isinstance(found, dict) and likely(choice, 0.1):
            return with_leaf(value, place, {**found, "more": 1})
        if isinstance(found, dict | list):
            return with_leaf(value, place, self._whole(found))
        name = next((step for step in reversed(place) if isinstance(step, str)), "")
        return with_leaf(value, place, self._otherwise(found, name))

    def _whole(self, value: Any) -> Any:
        """Something else in the place of an object, or of a list."""
        choice = self._choice
        if isinstance(value, list) and value and likely(choice, 0.6):
            item = choice.choice(value)
            return choice.choice((
                item, [*value, item], value[:1], value[::-1], [*value, None], [value], [*value, 0],
                {"0": item}, [*value, respelt(item, choice)], value * 3,
            ))  # fmt: skip
        return choice.choice([*ANYTHING, [value], [], {}, {"": value}])

    def _parts(self, parts: list[Part]) -> list[Part]:
        choice = self._choice
        if not parts:
            return [Part("a", "b")]
        place = choice.randrange(len(parts))
        part = parts[place]
        if likely(choice, 0.15):
            return parts[:place] + parts[place + 1 :]
        if likely(choice, 0.12):
            return [*parts, replace(part, content=self._content(part))]
        if part.file_name is not None and likely(choice, 0.5):
            parts[place] = replace(part, file_name=choice.choice(FILE_NAMES))
        else:
            parts[place] = replace(part, content=self._content(part))
        return parts

    def _content(self, part: Part) -> Any:
        if isinstance(part.content, bytes) or part.file_name is not None:
            return self._choice.choice(CONTENTS)
        return self._scalar(part.content, part.name)


def _with(headers: tuple[tuple[str, Any], ...], name: str, value: Any) -> Any:
    kept = tuple(pair for pair in headers if pair[0].lower() != name.lower())
    return (*kept, (name, value))


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """All places in a value, those of objects and lists, too."""
    found = [path] if path else []
    if isinstance(value, dict):
        items: Any = value.items()
    else:
        items = enumerate(value[:6]) if isinstance(value, list) else ()
    for name, item in items:
        if not isinstance(name, Key):
            found += _places(item, (*path, name))
    return found
