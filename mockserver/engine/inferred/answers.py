"""The good answers that an operation documents: a status, headers that are known, a body."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from mockserver.engine.handlers import Call, Reply
from mockserver.engine.inference.shapes import Envelope, preferred
from mockserver.engine.inferred.world import World
from mockserver.engine.members import text_of, with_value
from mockserver.engine.spec import Operation, Response, Schema
from mockserver.errors import ApiError

CREATED = (201, 200, 202, 204)
CHANGED = (200, 204, 201, 202)
DELETED = (204, 200, 202)
READ = (200, 203, 201, 202, 204)

_GOOD = range(200, 300)
_EMPTY = frozenset((204, 205, 304))
"""Statuses of answers that never have a body (RFC 9110, sections 15.3.5, 15.3.6, 15.4.5)."""

_RANGE = re.compile(r"([2-5])XX", re.IGNORECASE)
_FOUND = 302


def chosen(operation: Operation, wanted: Sequence[int]) -> tuple[int, Response | None]:
    """The status and response of a success, those ``wanted`` first.

    Of an operation that documents no success it is what it documents first.
    """
    responses = operation.responses
    good = [int(status) for status in responses if status.isdigit() and int(status) in _GOOD]
    for status in (*wanted, *sorted(good)):
        if status in good:
            return status, responses[str(status)]
    for name in ("2XX", "2xx", "default"):
        if name in responses:
            status = 200 if name == "default" or responses[name].content else wanted[0]
            return status, responses[name]
    for name, response in responses.items():
        found = _RANGE.fullmatch(name)
        if found:
            status = int(found[1]) * 100
            return _FOUND if found[1] == "3" else status, response
        if name.isdigit() and int(name) not in range(200):
            return int(name), response
    return 200, None


def only_switches(operation: Operation) -> bool:
    """Whether all that an operation documents is that another protocol follows."""
    statuses = operation.responses
    return bool(statuses) and all(name[:1] == "1" for name in statuses)


def refuse_to_switch(call: Call) -> Reply:
    """Raises ApiError 426 (RFC 9110, section 15.5.22): a protocol of its own is not followed."""
    detail = "This operation is described to change to another protocol, which is not served."
    raise ApiError(426, detail, headers={"Upgrade": "websocket"})


class Answer:
    """One good answer of an operation.

    ``envelope`` says how records stand in it; what is around them is the same each time.
    """

    def __init__(
        self,
        world: World,
        operation: Operation,
        wanted: Sequence[int],
        answers: Mapping[str, Envelope],
    ) -> None:
        self._world = world
        self._operation = operation
        self.status, response = chosen(operation, wanted)
        self._headers: Mapping[str, Schema] = response.headers if response else {}
        names = (str(self.status), f"{self.status // 100}XX", f"{self.status // 100}xx", "default")
        found = (answers.get(name) for name in names)
        self.envelope = next((each for each in found if each), None) or Envelope("empty")
        self.is_empty = response is None or not response.content or self.status in _EMPTY
        self._around: Any = None
        content = response.content if response else {}
        self._whole = content[preferred(content)] if content else self.envelope.schema

    @property
    def is_choice(self) -> bool:
        """Whether the records stand in one of several bodies that are documented."""
        return self._whole is not self.envelope.schema

    def allowed(self, body: Any, names: Sequence[str]) -> Any:
        """A body that is as documented; a made one where it is not, the same for the same names.

        What suits one schema of ``oneOf`` may suit another, too, and is then none of them.
        """
        valid = self._world.makers.is_valid(self._whole, body)
        return body if valid else self.makes(self._whole, names)

    @property
    def has_headers(self) -> bool:
        """Whether any header is documented."""
        return bool(self._headers)

    def makes(self, schema: Schema, names: Sequence[str]) -> Any:
        """A value that this answer documents."""
        return self._world.makers.make(schema, names)

    @property
    def around(self) -> Any:
        """What is around a record or a list in the body, and that itself, made of the schema."""
        if self._around is None:
            self._around = self.makes(self.envelope.schema, (self._operation.id,))
        return self._around

    def wrapped(self, inner: Any) -> Any:
        """A record or a list inside what is around it."""
        if not self.envelope.path:
            return inner
        return with_value(self.around, self.envelope.path, inner)

    def reply(self, call: Call, body: Any = None, known: Mapping[str, Any] | None = None) -> Reply:
        """The reply of a body and of headers whose values are ``known``."""
        headers = self.headers(call, known or {})
        if self.is_empty:
            return Reply(None, self.status, headers)
        return Reply(body, self.status, headers)

    def headers(self, call: Call, known: Mapping[str, Any]) -> dict[str, str]:
        """The documented headers whose values are known."""
        location = known.get("location")
        if not (self._headers or location):
            return {}
        said: dict[str, str] = {}
        for name, schema in self._headers.items():
            given = known.get(name.lower())
            if given is None and name.lower() == "location" and self.status // 100 == 3:  # noqa: PLR2004
                given = f"{call.base_url}{self._world.base_path}/"
            fitting = self._fitting(call, schema, given)
            if fitting is not None:
                said[name] = text_of(fitting)
        if self.status == 201 and location and "location" not in map(str.lower, said):  # noqa: PLR2004
            said["Location"] = location
        return said

    def _fitting(self, call: Call, schema: Schema, given: Any) -> Any:
        """A known value as a header's schema wants it; None where it cannot be had."""
        if given is None:
            return None
        tried = [given, str(given)]
        if isinstance(given, str) and given.startswith("/"):
            tried.append(call.base_url + given)
        return next((each for each in tried if self._world.makers.is_valid(schema, each)), None)
