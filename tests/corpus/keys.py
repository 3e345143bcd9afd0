"""Keys of records that are there, as a client finds them: in what the lists answer."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import orjson

from mockserver.engine.inference.inferring import Inference
from mockserver.engine.media import is_json
from mockserver.engine.reply import Api
from mockserver.engine.spec import Operation
from tests.corpus.asking import Asker, NoRequest
from tests.corpus.talking import Talker, Told

SANDBOX = "keys"

_NAME = re.compile(r"\{([^{}]+)\}")
_USUAL = ("id", "uuid", "key", "slug", "code", "name", "_id", "guid", "identifier")
_DEEPEST = 3
_FIRST = {
    "page": 1, "pagenumber": 1, "pageno": 1, "pageindex": 0,
    "offset": 0, "pageoffset": 0, "skip": 0, "startindex": 0, "start": 0,
}  # fmt: skip
"""What asks for the first page."""


def body_of(told: Told) -> Any:
    """A JSON body, None for any other."""
    try:
        return orjson.loads(told.body) if "json" in told.media_type else None
    except orjson.JSONDecodeError:
        return None


def listed_in(told: Told) -> Any:
    """A body that lists something: JSON, or XML with its elements as objects and arrays."""
    if "xml" not in told.media_type:
        return body_of(told)
    with contextlib.suppress(ET.ParseError):
        root = ET.fromstring(told.body)
        return {tag: [_read(each) for each in root if each.tag == tag] for tag in _tags(root)}
    return None


def _read(element: ET.Element) -> Any:
    if not (len(element) or element.attrib):
        return element.text or ""
    return {**{each.tag: _read(each) for each in element}, **element.attrib}


def _tags(root: ET.Element) -> list[str]:
    return list(dict.fromkeys(each.tag for each in root))


def rows_of(body: Any, path: str = "", inferred: Sequence[str] = ()) -> list[Any]:
    """The rows of a list.

    The body itself, else the array that is named as the path ends, else what inference takes for
    them, else the first array of objects inside, or of scalars.
    """
    if isinstance(body, list):
        return body
    last = normal(path.rstrip("/").rpartition("/")[2])
    arrays = list(_arrays("", body, _DEEPEST))
    for name, rows in arrays:
        if last and normal(name) == last:
            return rows
    found = _inside(body, inferred)
    if inferred and isinstance(found, list):
        return found
    told = [rows for _, rows in arrays if any(isinstance(row, dict) for row in rows)]
    return (told or [rows for _, rows in arrays] or [[]])[0]


def _arrays(name: str, value: Any, depth: int) -> Iterator[tuple[str, list[Any]]]:
    if isinstance(value, list):
        yield name, value
    elif isinstance(value, dict) and depth:
        for key, member in value.items():
            yield from _arrays(key, member, depth - 1)


def normal(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def text_of(value: Any) -> str:
    """A scalar as it stands in a path, empty for anything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value) if isinstance(value, str | int | float) else ""


class Keys:
    """Finds values for path parameters, each list asked once."""

    def __init__(self, api: Api, asker: Asker, talker: Talker, inference: Inference) -> None:
        self._schemas = api.schemas
        self._asker = asker
        self._talker = talker
        self._inference = inference
        self._lists = {
            operation.path.rstrip("/"): operation
            for operation in api.description.operations
            if operation.method == "GET"
        }
        self._listing: dict[str, list[Operation]] = {}
        for operation in api.description.operations:
            role = inference.roles[operation.id]
            if role.kind in ("list", "search"):
                self._listing.setdefault(role.resource, []).append(operation)
        self._known: dict[tuple[str, ...], list[Any]] = {}
        self.unlisted: set[str] = set()
        """The parameters of the last path whose values no list shows."""

    def path(self, operation: Operation) -> dict[str, str]:
        """Path parameters by name, encoded. Raises NoRequest."""
        values: dict[str, str] = {}
        self.unlisted = set()
        segments = operation.path.split("/")
        for number, segment in enumerate(segments):
            names = _NAME.findall(segment)
            above = "/".join(segments[:number])
            for name in names:
                alone = segment == "{" + name + "}"
                # The list of /things/{id}.json is not at /things: inference knows where it is.
                found = self._listed(operation, above if alone else "-", name, values)
                values[name] = found or self._made(operation, name)
                if not found:
                    self.unlisted.add(name)
        return values

    def beside(self, operation: Operation, path: Mapping[str, str]) -> dict[str, Any]:
        """The values that name a record in other places than the path, by name."""
        role = self._inference.roles[operation.id]
        values: dict[str, Any] = {}
        for key in role.keys:
            for listing in self._listing.get(role.resource, []) if key.location != "path" else ():
                if set(_NAME.findall(listing.path)) <= set(path):
                    rows = self.rows(listing, path)
                    found = next((_inside(row, key.property) for row in rows), None)
                    if text_of(found):
                        values.setdefault(key.parameter, found)
        return values

    def _made(self, operation: Operation, name: str) -> str:
        for parameter in operation.parameters:
            if (parameter.location, parameter.name) == ("path", name):
                return self._asker.text(parameter)
        return "1"

    def _listed(
        self, operation: Operation, above: str, name: str, values: Mapping[str, str]
    ) -> str:
        """The key of a record that is there, by the list above or by one of the same resource."""
        lists = [self._lists[above]] if above in self._lists else []
        role = self._inference.roles[operation.id]
        for entry in role.keys:
            if entry.parameter == name:
                lists += self._listing.get(role.resource, [])
        for parent in role.scope:
            if parent.parameter == name:
                lists += self._listing.get(parent.resource, [])
        # A list that names more of the parents says more of where its records are.
        lists.sort(key=lambda each: (each.path != above, -len(_NAME.findall(each.path))))
        for listing in lists:
            if set(_NAME.findall(listing.path)) <= set(values):
                each = self._inference.roles[listing.id].answer.each
                for whole in self.rows(listing, values):
                    row = _inside(whole, each) if each else whole
                    text = self.key_in(row, name, listing.path, operation)
                    if text and self.takes(operation, name, text):
                        return _written(operation, name, text)
        return ""

    def takes(self, operation: Operation, name: str, text: str) -> bool:
        """Whether a text may be the value of a path parameter."""
        schema = next((p.schema for p in operation.parameters if p.name == name), {})
        validator = self._schemas.validator(schema)
        with contextlib.suppress(ValueError):
            if validator.is_valid(json.loads(text)):
                return True
        return validator.is_valid(text)

    def rows(self, listing: Operation, values: Mapping[str, str]) -> Sequence[Any]:
        """What a list shows; nothing where it cannot be asked."""
        names = _NAME.findall(listing.path)
        known = (listing.id, *(values[name] for name in names))
        if known not in self._known:
            self._known[known] = self.now(listing, {n: values[n] for n in names}, SANDBOX)
        return self._known[known]

    def now(self, listing: Operation, values: Mapping[str, str], sandbox: str) -> list[Any]:
        """What a list shows in a sandbox at this moment."""
        try:
            first = self._first_page(listing)
            valid = self._asker.request(listing, values, bare=True, sandbox=sandbox, keys=first)
        except NoRequest:
            return []
        told = self._talker.ask(valid.asked)
        if told.status >= 300:
            return []
        inferred = self._inference.roles[listing.id].answer.path
        return rows_of(listed_in(told), listing.path, inferred)

    def _first_page(self, listing: Operation) -> dict[str, Any]:
        """The parameters by which a list must be asked for a page, as they ask for the first."""
        return {
            parameter.name: number
            for parameter in listing.parameters
            for number in (_FIRST.get(normal(parameter.name)),)
            if number is not None and self._schemas.validator(parameter.schema).is_valid(number)
        }

    def key_in(self, row: Any, name: str, collection: str, operation: Operation) -> str:
        """What a row has as the value of a path parameter, by name; else as it was inferred."""
        if not isinstance(row, dict):
            return text_of(row)
        return (
            _named(row, _candidates(name, collection))
            or self._inferred(row, name, operation)
            or _named(row, _USUAL)
        )

    def _inferred(self, row: Any, name: str, operation: Operation) -> str:
        role = self._inference.roles[operation.id]
        named = {entry.parameter: entry.property for entry in role.keys}
        for resource in {parent.resource for parent in role.scope if parent.resource}:
            # One parameter of several that name a parent: the keys are in their order.
            asked = [each.parameter for each in role.scope if each.resource == resource]
            keys = self._inference.resources[resource].keys
            named |= dict(zip(asked, (each.property for each in keys[-len(asked) :]), strict=False))
        return text_of(_inside(row, named[name])) if named.get(name) else ""

    def created(self, told: Told, name: str, read: Operation, create: Operation) -> str:
        """The key that the answer to a creation tells, by its body or its Location."""
        body = body_of(told)
        around = _inside(body, self._inference.roles[create.id].answer.path)
        inner = list(body.values()) if isinstance(body, dict) else []
        rows = [row for row in (body, around, *inner) if isinstance(row, dict)]
        wanted = [*_candidates(name, create.path), "id"]
        found = next(filter(None, (_named(row, wanted) for row in rows)), "")
        found = found or next(
            filter(None, (self.key_in(row, name, create.path, read) for row in rows[:2])), ""
        )
        location = told.headers.get("location", "").rstrip("/").rpartition("/")[2]
        return _written(read, name, found) if found else location


def _written(operation: Operation, name: str, text: str) -> str:
    """A text as a path parameter has it: as JSON, where that is its ``content``."""
    declared = next((p for p in operation.parameters if p.name == name), None)
    as_json = declared is not None and is_json(declared.media_type)
    return quote(json.dumps(text) if as_json else text, safe="")


def _named(row: Mapping[str, Any], names: Iterable[str]) -> str:
    members = {normal(key): value for key, value in row.items()}
    return next(filter(None, (text_of(members.get(name)) for name in names)), "")


def _inside(value: Any, path: Sequence[str]) -> Any:
    for step in path:
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _candidates(name: str, collection: str) -> Iterator[str]:
    """Names of the member that a parameter may mean: its own, or without the collection's."""
    own = normal(name)
    yield own
    last = normal(collection.rstrip("/").rpartition("/")[2])
    for stem in (last, last.removesuffix("s"), last.removesuffix("es"), last[:-3] + "y"):
        if stem and own.startswith(stem) and own != stem:
            yield own.removeprefix(stem)
    if own.endswith("id"):
        yield "id"
