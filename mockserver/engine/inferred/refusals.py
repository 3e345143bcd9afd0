"""Refusals in the shape that an operation documents, saying what was wrong."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import Any

from mockserver.engine.handlers import ErrorShape, Reply
from mockserver.engine.inference.shapes import preferred
from mockserver.engine.inference.words import normal
from mockserver.engine.inferred.listed_values import listed_values
from mockserver.engine.inferred.telling import Telling
from mockserver.engine.inferred.world import World
from mockserver.engine.media import is_json
from mockserver.engine.problems import problem_reply
from mockserver.engine.request import Request
from mockserver.engine.shown import LOOKS
from mockserver.engine.spec import Operation, Response, Schema
from mockserver.errors import ApiError

_ALIKE = {
    400: (422,),
    401: (403,),
    403: (401,),
    409: (422, 400),
    413: (400, 422),
    414: (400,),
    415: (400, 422),
    422: (400, 409),
    431: (400,),
}
"""Statuses that may stand for another where that is not documented, the nearest first."""

_NESTED = 3

Steps = tuple[str | int, ...]


def documented(operation: Operation, status: int) -> tuple[int, Response] | None:
    """The status and response that an operation documents for a refusal, or for its like.

    What is said of the status, or of all of its kind (``4XX``), comes before its likes, and
    ``default`` after them.
    """
    names = (str(status), f"{status // 100}XX", f"{status // 100}xx")
    for name in names:
        if name in operation.responses:
            return status, operation.responses[name]
    for like in _ALIKE.get(status, ()):
        if str(like) in operation.responses:
            return like, operation.responses[str(like)]
    response = operation.response(status)
    return None if response is None else (status, response)


class Refusals:
    """The refusals of one operation."""

    def __init__(self, world: World, operation: Operation) -> None:
        self._world = world
        self._operation = operation
        self._made: dict[tuple[int, bool], Any] = {}

    def shape(self) -> ErrorShape:
        """What turns a refusal into the reply that is documented for it."""
        return self._refused

    def _refused(self, error: ApiError, request: Request) -> Reply:
        told = documented(self._operation, error.status)
        if told is None:
            return problem_reply(error)
        status, response = told
        if not response.content:
            return Reply(None, status, error.headers)
        media_type = preferred(response.content)
        schema = response.content[media_type]
        path = request.target.partition("?")[0]
        body = self._explained(schema, media_type, Telling(error, status, path))
        return Reply(body, status, error.headers)

    def _explained(self, schema: Schema, media_type: str, said: Telling) -> Any:
        """A body of the documented shape that says what was wrong."""
        makers = self._world.makers
        if not is_json(media_type) and makers.is_valid(schema, said.error.detail):
            return said.error.detail
        if not schema or schema == {"type": "object"} or LOOKS in schema:
            return said.problem
        known = (said.status, bool(said.error.violations))
        made = self._made.get(known)
        if made is None:
            made = self._made[known] = self._bare(schema, said)
        told = said.told(made, _NESTED)
        if made == told or makers.is_valid(schema, told):
            return told
        for path, value in _differences(made, told):
            tries = [_with(made, path, each) for each in (value, *self._listed(schema, path, said))]
            if path and isinstance(path[-1], str):
                tries.append(_without(made, path))
            made = next((each for each in tries if makers.is_valid(schema, each)), made)
        return made

    def _bare(self, schema: Schema, said: Telling) -> Any:
        """A made body without the members that say nothing of the refusal, if it may be so."""
        makers = self._world.makers
        made = makers.make(schema, ("error",))
        for path in list(_silent(made, said)):
            tried = _without(made, path)
            made = tried if makers.is_valid(schema, tried) else made
        return made

    def _listed(self, schema: Schema, path: Steps, said: Telling) -> Iterator[Any]:
        """The values that a place in a body lists, if one of them is called like the status."""
        view = self._world.view
        for step in path:
            found = view(schema)
            schema = found.properties.get(step, {}) if isinstance(step, str) else found.items or {}
        for value in listed_values(view, schema):
            word = normal(str(value))
            if word and any(word in each or each in word for each in said.words if each):
                yield value


def _silent(made: Any, said: Telling, path: Steps = ()) -> Iterator[Steps]:
    """The members of a body that say nothing of a refusal, the innermost first."""
    if isinstance(made, list):
        for index, each in enumerate(made):
            yield from _silent(each, said, (*path, index))
    elif isinstance(made, dict):
        for name, value in made.items():
            if said.is_map(name, value):
                continue
            yield from _silent(value, said, (*path, name))
            if not said.speaks(name, value, made):
                yield (*path, name)


def _differences(made: Any, told: Any, path: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """The places at which two values of one shape differ, and what the second has there."""
    if isinstance(made, dict) and isinstance(told, dict) and made.keys() == told.keys():
        for name in made:
            yield from _differences(made[name], told[name], (*path, name))
    elif isinstance(made, list) and isinstance(told, list):
        if len(told) != len(made):
            yield path, [*made[: len(told)], *made[:1] * (len(told) - len(made))]
        for index, other in enumerate(told):
            like = made[min(index, len(made) - 1)] if made else None
            yield from _differences(like, other, (*path, index))
    elif made != told:
        yield path, told


def _with(value: Any, path: Steps, inner: Any) -> Any:
    """A copy of a value with another one at a place; as it is where there is no such place."""
    if not path:
        return inner
    made = copy(value)
    try:
        made[path[0]] = _with(value[path[0]], path[1:], inner)
    except (KeyError, IndexError):
        return value
    return made


def _without(value: Any, path: Steps) -> Any:
    """A copy of a value without the member at a place."""
    step, rest = path[0], path[1:]
    made = copy(value)
    try:
        if rest:
            made[step] = _without(value[step], rest)
        else:
            del made[step]
    except (KeyError, IndexError):
        return value
    return made
