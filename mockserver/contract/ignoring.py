"""What a description says is not to be judged, or is the server's choice: ``x-conformance``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mockserver.contract.alike import normal
from mockserver.engine.spec import Description, Operation, Schema
from mockserver.errors import Problem, StartupError, pointer_to

MARK = "x-conformance"
IGNORE = "ignore"
AMONG, EXCEPT, GIVEN = "among", "except", "given"

_COMPOSED = ("allOf", "anyOf", "oneOf")
_EACH = ("items", "additionalProperties")
_MOST_SCHEMAS = 64
"""Schemas looked at for one step of a pointer: compositions may refer to themselves."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Records that the server chooses among those that ``listing`` shows.

    Those that the body of the request has in the same place are not ``given`` back.
    """

    listing: Operation
    given: bool


class Ignored:
    """The operations, answers and members of answers that are not judged.

    At an Operation Object the mark ``ignore`` says that the operation is neither called nor judged,
    at a Response Object that its body is not judged, at a schema that values of it are not. At a
    Response Object it may be ``{among: OPERATION}`` instead, or ``{among: OPERATION, except:
    given}``: of the body is judged that its records are some of those that the operation lists, and
    none that the request gave. Raises StartupError for a mark with another value.
    """

    def __init__(self, description: Description) -> None:
        self._document = description.document
        self._operations = {operation.id: operation for operation in description.operations}
        marks = list(_marks(description.document, ()))
        wrong = [pointer for pointer, value in marks if not self._is_known(pointer, value)]
        if wrong:
            expected = f"expected {IGNORE!r}, or at a response {{{AMONG}: operationId}} of a list"
            source = description.source
            raise StartupError([Problem(source, f"{each}/{MARK}", expected) for each in wrong])
        self._any = bool(marks)
        self.operations = frozenset(self._marked_operations(description.operations))
        self._known: dict[tuple[str, int, str], bool] = {}

    def _is_known(self, pointer: str, value: Any) -> bool:
        """Whether a mark is one that can stand where it does."""
        if not isinstance(value, Mapping):
            return bool(value == IGNORE)
        at_response = pointer.split("/")[-2:-1] == ["responses"]
        if not at_response or not {AMONG} <= value.keys() <= {AMONG, EXCEPT}:
            return False
        listing = self._operations.get(str(value[AMONG]))
        alone = listing is not None and listing.method == "GET" and "{" not in listing.path
        return alone and value.get(EXCEPT, GIVEN) == GIVEN

    def choice(self, operation: str, status: int) -> Choice | None:
        """What the records of an answer are chosen among; None where nothing says so."""
        if not self._any:
            return None
        mark = self._response(self._operations[operation], status).get(MARK)
        if not isinstance(mark, Mapping):
            return None
        return Choice(self._operations[str(mark[AMONG])], EXCEPT in mark)

    def _marked_operations(self, operations: Iterable[Operation]) -> Iterator[str]:
        for operation in operations if self._any else ():
            if _is_marked(self._declared(operation)):
                yield operation.id

    def _declared(self, operation: Operation) -> Mapping[str, Any]:
        item = self._followed(self._document.get("paths", {}).get(operation.path))
        found: Mapping[str, Any] = item.get(operation.method.lower(), {})
        return found

    def __call__(self, operation: str, status: int, pointer: str = "") -> bool:
        """Whether the value at a pointer into the body of an answer is not judged."""
        if not self._any:
            return False
        key = (operation, status, normal(pointer))
        known = self._known.get(key)
        if known is None:
            described = self._operations[operation]
            known = self._known[key] = self._looked_up(described, status, pointer)
        return known

    def answers(self, operations: Iterable[Operation]) -> frozenset[str]:
        """The operations whose answers to what worked are not judged."""
        return frozenset(each.id for each in operations if self(each.id, 200))

    def _looked_up(self, operation: Operation, status: int, pointer: str) -> bool:
        if _is_marked(self._response(operation, status)):
            return True
        documented = operation.response(status)
        reached = list(self._parts(documented.content.values())) if documented else []
        for step in ("", *pointer.split("/")[1:]):
            name = step.replace("~1", "/").replace("~0", "~")
            if step:
                reached = list(self._parts(s for each in reached for s in _inside(each, name)))
            if any(map(_is_marked, reached)):
                return True
        return False

    def _response(self, operation: Operation, status: int) -> Mapping[str, Any]:
        known = self._declared(operation).get("responses", {})
        texts = {str(name): value for name, value in known.items()}
        for name in (str(status), f"{status // 100}XX", "default"):
            if name in texts:
                return self._followed(texts[name])
        return {}

    def _parts(self, schemas: Iterable[Any]) -> Iterator[Schema]:
        """Schemas with all that they refer to and are composed of."""
        waiting, seen = list(schemas), 0
        while waiting and seen < _MOST_SCHEMAS:
            schema = waiting.pop()
            seen += 1
            if not isinstance(schema, Mapping):
                continue
            yield schema
            if "$ref" in schema:
                waiting.append(self._target(schema))
            waiting += [part for keyword in _COMPOSED for part in schema.get(keyword, ())]

    def _followed(self, value: Any) -> Mapping[str, Any]:
        """What a reference leads to, with the members beside it."""
        found = value if isinstance(value, Mapping) else {}
        for _ in range(_MOST_SCHEMAS):
            if "$ref" not in found:
                break
            beside = {name: item for name, item in found.items() if name != "$ref"}
            found = {**self._target(found), **beside}
        return found

    def _target(self, value: Mapping[str, Any]) -> Mapping[str, Any]:
        found: Any = self._document
        for step in str(value["$ref"]).removeprefix("#/").split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            found = found.get(name) if isinstance(found, Mapping) else None
        return found if isinstance(found, Mapping) else {}


def _is_marked(value: Mapping[str, Any]) -> bool:
    mark = value.get(MARK)
    return mark == IGNORE or (isinstance(mark, Mapping) and AMONG in mark)


def _inside(schema: Schema, name: str) -> Iterator[Any]:
    """The schemas that a member or an item of a value has to satisfy."""
    properties = schema.get("properties")
    if isinstance(properties, Mapping) and name in properties:
        yield properties[name]
        return
    if name.isdigit() and isinstance(schema.get("prefixItems"), list):
        yield from schema["prefixItems"][int(name) : int(name) + 1]
    for keyword in _EACH:
        if isinstance(schema.get(keyword), Mapping):
            yield schema[keyword]


_LITERAL = frozenset(("example", "examples", "default", "enum", "const"))
"""Members whose values are data: nothing in them is a mark."""

_NAMED = frozenset(("properties", "patternProperties", "responses", "schemas", "$defs", "paths"))
"""Members whose values have names of the description's own."""


def _marks(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    """Where a document has the mark, and what stands there."""
    if isinstance(value, dict):
        own = bool(path) and path[-1] in _NAMED
        for name, item in value.items():
            if name == MARK and not own:
                yield pointer_to(path), item
            elif own or name not in _LITERAL:
                yield from _marks(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _marks(item, (*path, index))
