"""What a schema holds: one record, a list of records inside an envelope, or something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mockserver.engine.inference.views import NOTHING, View, Views
from mockserver.engine.inference.words import (
    LIST_WORDS,
    MAIN_KEYS,
    META,
    NOTICES,
    PAGING_MEANING,
    WRAPPERS,
    normal,
    stem,
)
from mockserver.engine.spec import Operation, Schema

_NESTED = 3
_RECORDS = frozenset(("object", ""))
_EMPTY: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Paging:
    """A member of a list's envelope that speaks of the list.

    ``meaning`` is one of the names of ``words.PAGING``, ``path`` leads to the member.
    """

    meaning: str
    path: tuple[str, ...]
    schema: Schema


@dataclass(frozen=True, slots=True)
class Envelope:
    """How records stand in a body or an answer.

    ``form`` is ``item`` (one record), ``list``, ``map`` (records by their key), ``other``
    (something that is no record) or ``empty``. ``path`` are the members that lead to the record
    or the list, ``each`` those that lead from an element of the list to its record.
    ``item`` is the schema of a record, ``schema`` that of the whole.
    """

    form: str
    path: tuple[str, ...] = ()
    each: tuple[str, ...] = ()
    paging: tuple[Paging, ...] = ()
    status: str = ""
    media_type: str = ""
    schema: Schema = field(default_factory=dict)
    item: Schema = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class About:
    """What is known of the records before looking: what they are called, and one of them.

    With ``expected`` whatever may be a list is one.
    """

    name: str = ""
    item: View = NOTHING
    expected: bool = False


def contents(operation: Operation) -> Iterator[tuple[str, str, Schema | None]]:
    """The status, media type and schema of each good answer; no schema if it is empty.

    Of an operation that documents none, those of whatever it documents.
    """
    good = sorted(status for status in operation.responses if status.startswith("2"))
    default = [status for status in ("default",) if status in operation.responses]
    for status in good or default or operation.responses:
        found = operation.responses[status].content
        media_type = preferred(found) if found else ""
        yield status, media_type, found[media_type] if found else None


def content(operation: Operation) -> tuple[str, str, Schema | None]:
    """The first of the good answers that has a body; no schema if none has."""
    told = [each for each in contents(operation) if each[0].startswith("2") or each[0] == "default"]
    filled = (each for each in told if each[2] is not None)
    return next(filled, (told[0][0] if told else "", "", None))


def preferred(found: Mapping[str, Any]) -> str:
    """The media type to look at: JSON before forms before others."""
    json = (name for name in found if name.endswith("json"))
    forms = (name for name in found if "form" in name)
    return next(json, None) or next(forms, None) or next(iter(found))


def alternatives(views: Views, schema: Schema) -> tuple[Schema, ...]:
    """The schemas of which a value has one, as in ``oneOf: [one thing, several]``, or itself."""
    plain = views.view(schema).plain
    found = plain.get("oneOf") or plain.get("anyOf")
    each = [part for part in found if views.view(part).is_record] if isinstance(found, list) else []
    return tuple(each) if len(each) > 1 and "properties" not in plain else (schema,)


def judged(views: Views, schema: Schema | None, about: About) -> Envelope:
    """How records stand in a value of a schema."""
    if schema is None:
        return Envelope("empty")
    if not isinstance(schema, Mapping):
        return Envelope("other")
    return (
        found_list(views, schema, about)
        or found_item(views, schema, about)
        or Envelope("other", schema=schema)
    )


def found_item(views: Views, schema: Schema, about: About) -> Envelope | None:
    """The one record a value holds, or None."""
    path = _item_path(views, schema, about)
    inner = _inside(views, schema, path)
    if not views.view(inner).is_record:
        return None
    return Envelope("item", path, schema=schema, item=inner)


def found_beside(views: Views, schema: Schema, about: About) -> Envelope | None:
    """The one record that a value holds beside other things, or None."""
    if not about.item.is_record:
        return None
    for name, entry in views.view(schema).properties.items():
        inner = views.view(entry)
        named = stem(name) == stem(about.name) and inner.is_record and inner.alike(about.item)
        if named or _same(inner, about.item):
            return Envelope("item", (name,), schema=schema, item=entry)
    return None


def _inside(views: Views, schema: Schema, path: Sequence[str]) -> Schema:
    for name in path:
        schema = views.view(schema).properties.get(name, _EMPTY)
    return schema if isinstance(schema, Mapping) else _EMPTY


def _item_path(views: Views, schema: Schema, about: About) -> tuple[str, ...]:
    path: tuple[str, ...] = ()
    for _ in range(_NESTED + 1):
        view = views.view(schema)
        name = _wrapping(views, view, about)
        if name is None:
            return path
        path = (*path, name)
        schema = view.properties[name]
    return path


def _wrapping(views: Views, view: View, about: About) -> str | None:
    """The member of an object that holds the record, when the object is not the record itself."""
    if _same(view, about.item) or not view.properties:
        return None
    inner = {name: views.view(entry) for name, entry in view.properties.items()}
    records = {name: entry for name, entry in inner.items() if entry.kind == "object"}
    for name, entry in records.items():
        named = stem(name) == stem(about.name)
        if _same(entry, about.item) and (named or _only_about(view, name)):
            return name
    if any(normal(name) in MAIN_KEYS for name in view.properties):
        return None
    for name in records:
        named = normal(name) in WRAPPERS or stem(name) == stem(about.name)
        if named and _only_about(view, name):
            return name
    return None


def _same(view: View, other: View) -> bool:
    return bool(view.identity) and view.identity == other.identity


def _only_about(view: View, *names: str) -> bool:
    """Whether all other members of an object speak of the answer or of paging."""
    return all(
        name in names or normal(name) in NOTICES or _on_paging(name) for name in view.properties
    )


def _on_paging(name: str) -> bool:
    word = normal(name)
    return word in PAGING_MEANING or word in META


def found_list(views: Views, schema: Schema, about: About) -> Envelope | None:
    """The list of records a value holds, or None."""
    path = _list_path(views, schema, about, _NESTED)
    if path is None:
        return _found_map(views, schema, about)
    items = views.view(_inside(views, schema, path)).items or _EMPTY
    if views.view(items).kind not in _RECORDS:
        return None
    each = _each(views, items, about)
    paging = _whole(list(_paging(views, schema, path)))
    item = _inside(views, items, each)
    return Envelope("list", path, each, paging, schema=schema, item=item)


def _found_map(views: Views, schema: Schema, about: About) -> Envelope | None:
    view = views.view(schema)
    if not about.expected or view.properties or view.extra is None:
        return None
    inner = views.view(view.extra)
    if not (_same(inner, about.item) or (inner.is_record and not about.item.is_record)):
        return None
    return Envelope("map", schema=schema, item=view.extra)


def _list_path(views: Views, schema: Schema, about: About, depth: int) -> tuple[str, ...] | None:
    view = views.view(schema)
    if view.kind == "array":
        return ()
    if not view.is_record or _same(view, about.item):
        return None
    inner = {name: views.view(entry) for name, entry in view.properties.items()}
    arrays = {
        name: _score(views, name, entry, about)
        for name, entry in inner.items()
        if entry.kind == "array" and _may_be_records(name, about)
    }
    if arrays and _holds_list(view, arrays, about):
        return (max(arrays, key=lambda name: arrays[name]),)
    return _deeper(views, view, inner, about, depth)


def _may_be_records(name: str, about: About) -> bool:
    return normal(name) not in NOTICES or stem(name) == stem(about.name)


def _score(views: Views, name: str, array: View, about: About) -> int:
    inner = views.view(array.items)
    return (
        8 * _same(inner, about.item)
        + 4 * (stem(name) == stem(about.name))
        + 3 * (normal(name) in LIST_WORDS)
        + 2 * (about.item.is_record and inner.alike(about.item))
        + (inner.kind == "object")
    )


_NAMED = 3


def _holds_list(view: View, arrays: Mapping[str, int], about: About) -> bool:
    """Whether an object with arrays is there for one of them."""
    best = max(arrays.values())
    if best >= 8:  # noqa: PLR2004 - it holds the very records that are asked for
        return True
    if any(normal(name) in MAIN_KEYS for name in view.properties) and not about.expected:
        return False
    if about.expected and (best >= _NAMED or len(arrays) == 1):
        return True
    if best >= _NAMED or len(arrays) == 1:
        return _only_about(view, *arrays)
    return False


def _deeper(
    views: Views, view: View, inner: Mapping[str, View], about: About, depth: int
) -> tuple[str, ...] | None:
    """The list inside a member that only holds it."""
    if depth == 0:
        return None
    for name, entry in inner.items():
        named = normal(name) in WRAPPERS or stem(name) == stem(about.name)
        if entry.kind == "object" and named and _only_about(view, name):
            found = _list_path(views, view.properties[name], about, depth - 1)
            if found is not None:
                return (name, *found)
    return None


def _each(views: Views, items: Schema, about: About) -> tuple[str, ...]:
    """The members from an element to its record: ``[{"pet": {...}}]``."""
    view = views.view(items)
    if len(view.properties) != 1 or _same(view, about.item):
        return ()
    [(name, entry)] = view.properties.items()
    named = normal(name) in WRAPPERS or stem(name) == stem(about.name)
    return (name,) if named and views.view(entry).is_record else ()


def _paging(views: Views, schema: Schema, path: Sequence[str]) -> Iterator[Paging]:
    """What stands beside a list, at every level that leads to it."""
    for depth in range(len(path)):
        level = _inside(views, schema, path[:depth])
        yield from _told(views, level, tuple(path[:depth]), path[depth])


def _whole(found: list[Paging]) -> tuple[Paging, ...]:
    """A count that has no total beside it is the total."""
    if any(entry.meaning == "total" for entry in found):
        return tuple(found)
    return tuple(
        replace(entry, meaning="total") if normal(entry.path[-1]) == "count" else entry
        for entry in found
    )


def _told(views: Views, schema: Schema, above: tuple[str, ...], taken: str) -> Iterator[Paging]:
    for name, entry in views.view(schema).properties.items():
        kind, word = views.view(entry).kind, normal(name)
        if name == taken or kind == "array":
            continue
        if kind == "object" and word in META and len(above) < _NESTED:
            yield from _told(views, entry, (*above, name), "")
        elif word in PAGING_MEANING:
            yield _meant(views, name, entry, above)


def _meant(views: Views, name: str, entry: Schema, above: tuple[str, ...]) -> Paging:
    """What a member tells; the cursor may be inside it, ``next: {after}``, or around it."""
    meaning = PAGING_MEANING[normal(name)]
    if meaning == "next":
        for inner, schema in views.view(entry).properties.items():
            if PAGING_MEANING.get(normal(inner)) == "cursor":
                return Paging("cursor", (*above, name, inner), schema)
        if above and normal(above[-1]) == "cursors":
            meaning = "cursor"
    return Paging(meaning, (*above, name), entry)
