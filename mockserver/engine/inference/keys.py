"""Which property of a record a path parameter names, and which property names its parent."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mockserver.engine.inference.views import View, Views
from mockserver.engine.inference.words import (
    FALLBACK_KEYS,
    KEY_WORDS,
    METADATA,
    NAMES,
    SYNONYMS,
    normal,
    stem,
    words,
)
from mockserver.engine.spec import Operation, Schema

Path = tuple[str, ...]
"""The members that lead to a value; through an array to all its elements."""

_KEY_WORD = r"(?:id|identifier|key|uuid)\b"
_OR = r"\s{0,9}(?:or|/)\s{0,9}(?:the |its |an? )?"
_KEY_OR = re.compile(rf"\b{_KEY_WORD}{_OR}(\w+)", re.IGNORECASE)
_OR_KEY = re.compile(rf"\b(\w+){_OR}{_KEY_WORD}", re.IGNORECASE)
_DESCRIBED = 500
"""The beginning of a description that is read."""

_SCALARS = frozenset(("string", "integer", "number", ""))
_INNER = _SCALARS | {"array", "boolean"}
_NUMBERS = frozenset(("integer", "number"))

_OF_ANYTHING = frozenset(KEY_WORDS) - {
    "arn",
    "ean",
    "email",
    "isbn",
    "login",
    "sku",
    "urn",
    "username",
}
"""Names that a record may have a property of, whatever its parent is called by."""


@dataclass(frozen=True, slots=True)
class Key:
    """A parameter that names a record, and the property it names.

    ``location`` is path, query or body. Without a ``property`` the key is kept beside the record.
    ``kind`` is integer, uuid, enum, pattern or string.
    """

    parameter: str
    property: Path
    kind: str
    schema: Schema
    location: str = "path"


@dataclass(frozen=True, slots=True)
class Parent:
    """A path parameter that narrows a collection.

    ``resource`` is the name of the parent, empty when the description has none: then every
    value is one. ``property`` is where a record names its parent; empty when none does, and the
    relation is kept beside the record.
    """

    parameter: str
    resource: str
    property: Path


class Fields:
    """The scalar properties of a record by their normal names."""

    def __init__(self, views: Views, item: View) -> None:
        self._views = views
        self._item = item
        self._paths = dict(_paths(views, item))
        self._stems: dict[str, list[str]] = {}
        for name in item.properties:
            self._stems.setdefault(stem(name), []).append(name)

    def path(self, name: str) -> Path | None:
        """Where the property of a name is, whatever its case and separators; None if nowhere."""
        return self._paths.get(normal(name))

    def names(self) -> list[str]:
        """The normal names of all properties."""
        return list(self._paths)

    def view(self, path: Path) -> View:
        """The view of the value a path leads to."""
        view = self._item
        for name in path:
            view = self._views.view(self._element(view).properties.get(name))
        return view

    def kind(self, path: Path) -> str:
        """The type of the value a path leads to; of an array, that of its elements."""
        return self._element(self.view(path)).kind

    def kind_of(self, schema: Schema) -> str:
        """The type a schema asks for."""
        return self._views.view(schema).kind

    def members_of(self, schema: Schema) -> Iterable[str]:
        """The members of an object that a schema asks for."""
        return self._views.view(schema).properties

    def _element(self, view: View) -> View:
        return self._views.view(view.items) if view.kind == "array" else view

    def inner(self, name: str) -> Iterator[Path]:
        """The scalar properties of the object, or the array of objects, of a name."""
        for found in self._stems.get(stem(name), ()):
            view = self._views.view(self._item.properties[found])
            for key, entry in self._element(view).properties.items():
                if self._views.view(entry).kind in _SCALARS:
                    yield (found, key)

    def arrays(self, name: str) -> Iterator[Path]:
        """The arrays of scalars that are called like several of a name."""
        for found in self._stems.get(stem(name), ()):
            view = self._views.view(self._item.properties[found])
            if view.kind == "array" and self._element(view).kind in _SCALARS:
                yield (found,)


def _paths(views: Views, item: View) -> Iterator[tuple[str, Path]]:
    """Normal names and paths; JSON:API's attributes, and metadata, count as the record's own."""
    for name, schema in item.properties.items():
        attributes = normal(name) == "attributes" and "id" in item.properties
        if attributes or normal(name) in METADATA:
            for inner, entry in views.view(schema).properties.items():
                if views.view(entry).kind in (_INNER if attributes else _SCALARS):
                    yield normal(inner), (name, inner)
    for name, schema in item.properties.items():
        if views.view(schema).kind != "object":
            yield normal(name), (name,)


def key_of(parameter: str, schema: Schema, name: str, fields: Fields, *, last: bool = True) -> Key:
    """The key of a record of a resource of this name, asked for by a path parameter.

    ``last`` says that no further part of the key follows.
    """
    path = (
        _main_property(parameter, schema, name, fields)
        or named_property(parameter, name, fields)
        or _likely(parameter, schema, fields, last=last)
    )
    found = {**schema, **fields.view(path).plain} if path else dict(schema)
    return Key(parameter, path, key_kind(found), found)


def _main_property(parameter: str, schema: Schema, name: str, fields: Fields) -> Path:
    """The id, if a parameter says no more than which resource: ``{pet}`` or ``petId`` of pets."""
    said = words(parameter)
    base = said[:-1] if said[-1:] == ["id"] else said
    if stem("".join(base)) != stem(name) or fields.path(parameter) is not None:
        return ()
    path = fields.path("id")
    fits = path is not None and _fits(fields.kind_of(schema), fields.view(path).kind)
    return path if path is not None and fits and fields.view(path).kind in _SCALARS else ()


def named_property(parameter: str, name: str, fields: Fields) -> Path:
    """The property that a parameter says by its name."""
    found = (fields.path(word) for word in _names(parameter, name))
    return next((path for path in found if path and fields.view(path).kind in _SCALARS), ())


def _likely(parameter: str, schema: Schema, fields: Fields, *, last: bool) -> Path:
    """The property of a fitting type that a parameter may mean."""
    asked = fields.kind_of(schema)
    for path in candidates(parameter, fields, last=last):
        if _fits(asked, fields.view(path).kind):
            return path
    return ()


def _fits(asked: str, kept: str) -> bool:
    """Whether a parameter of one type may name a property of another."""
    return not asked or not kept or (asked in _NUMBERS) == (kept in _NUMBERS)


def _names(parameter: str, name: str) -> Iterator[str]:
    """What the property may be called: ``shipSymbol`` of ``ships`` is shipSymbol, then symbol."""
    whole, own, said = normal(parameter), stem(name), words(parameter)
    yield whole
    yield from alternatives(parameter)
    for start in range(1, len(said)):
        yield "".join(said[start:])
    if whole == "id" or (said and said[-1] in ("id", "key", "uuid")):
        for base in dict.fromkeys((normal(name), own, own + "y", own + "e")):
            yield base + "id"


def alternatives(parameter: str) -> tuple[str, ...]:
    """The two names in ``idOrName``; none in a parameter that says one thing."""
    said = words(parameter)
    if "or" not in said[1:-1]:
        return ()
    place = said.index("or", 1)
    return "".join(said[:place]), "".join(said[place + 1 :])


def alternatives_told(description: str) -> tuple[str, ...]:
    """What else a key may be where a parameter is described so: ``ID or name of the container``."""
    text = description[:_DESCRIBED]
    found = (*_KEY_OR.findall(text), *_OR_KEY.findall(text))
    return tuple(word for word in map(normal, found) if word in NAMES)


def candidates(parameter: str, fields: Fields, *, last: bool = True) -> Iterator[Path]:
    """Scalar properties that a parameter may mean, the likeliest first."""
    whole, said = normal(parameter), words(parameter)
    others = SYNONYMS.get(whole, ()) + (SYNONYMS.get(said[-1], ()) if said else ())
    for inner in fields.inner(parameter):  # {owner} means owner.login
        if normal(inner[-1]) in ("id", "name", *others):
            yield inner
    for start in range(1, len(said)):  # {memberId} means member.id
        for inner in fields.inner("".join(said[:start])):
            if normal(inner[-1]) == "".join(said[start:]):
                yield inner
    for word in (*others, *(whole + word for word in KEY_WORDS), *(FALLBACK_KEYS if last else ())):
        path = fields.path(word)
        if path is not None and fields.view(path).kind in _SCALARS:
            yield path


def key_kind(schema: Schema) -> str:
    """How keys are made: integer, uuid, enum, pattern or string."""
    kind = schema.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    if "integer" in kinds or "number" in kinds:
        return "integer"
    if isinstance(schema.get("enum"), list):
        return "enum"
    if schema.get("format") == "uuid":
        return "uuid"
    return "pattern" if isinstance(schema.get("pattern"), str) else "string"


def foreign_key(parameter: str, parent: str, key: Path, fields: Fields) -> Path:
    """Where a record names its parent of a resource name; empty if nowhere.

    ``key`` is the parent's own key property.
    """
    last = key[-1] if key else "id"
    named = parent.rpartition(".")[2] or parameter
    for word in _foreign_names(parameter, named, last):
        path = fields.path(word)
        if path is not None and fields.kind(path) in _SCALARS:
            return path
    for thing in (named, parameter):
        inner = {normal(path[-1]): path for path in fields.inner(thing)}
        if normal(last) in inner:
            return inner[normal(last)]
    return ()


def _foreign_names(parameter: str, parent: str, key: str) -> Iterator[str]:
    one = _singulars(parent)
    if normal(parameter) not in _OF_ANYTHING:
        yield parameter
    for base in one:
        yield base + normal(key)
        yield base + "id"
    yield from one


def _singulars(name: str) -> list[str]:
    """The forms the singular of a word may have, for comparison with names that exist."""
    base = stem(name)
    return list(dict.fromkeys((base, base + "y", base + "e", base + "ie", normal(name))))


def declared(operation: Operation, name: str, location: str = "path") -> Schema:
    """The schema of a declared parameter; of one that is not declared, an empty one."""
    for parameter in operation.parameters:
        if parameter.name == name and parameter.location == location:
            return parameter.schema if isinstance(parameter.schema, Mapping) else {}
    return {}
