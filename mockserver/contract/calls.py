"""Keys in calls: which there are, others in their place, or none."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mockserver.contract.values import Form, Json, Key, Part, Sent

NOWHERE = "00000000-0000-4000-8000-00000000abcd"
"""What stands in templates where a run had a key."""


def keys_in(sent: Sent) -> Iterator[Key]:
    """The keys in a call."""
    if sent.link is not None:
        yield sent.link
    for inner in sent.inner:
        yield from keys_in(inner)
    values: list[Any] = [*sent.path_parameters.values(), *(v for _, v in sent.query)]
    values += [value for _, value in sent.headers]
    if isinstance(sent.body, Json):
        values.append(sent.body.value)
    elif isinstance(sent.body, Form):
        values += [part.content for part in sent.body.parts]
    while values:
        value = values.pop()
        if isinstance(value, Key):
            yield value
        elif isinstance(value, dict):
            values.extend(value)
            values.extend(value.values())
        elif isinstance(value, list):
            values.extend(value)


def rekeyed(sent: Sent, keys: dict[Key, Any], *, strict: bool = False) -> Sent:
    """A call with other keys, or values, in the place of some.

    Raises KeyError for one that is not told when ``strict``.
    """

    def other_key(value: Any) -> Any:
        if not isinstance(value, Key):
            return value
        return keys[value] if strict else keys.get(value, value)

    def other(value: Any) -> Any:
        return _mapped(value, other_key)

    body = sent.body
    if isinstance(body, Json):
        body = Json(other(body.value))
    elif isinstance(body, Form):
        body = Form(tuple(replace(part, content=other(part.content)) for part in body.parts))
    link = other(sent.link) if sent.link is not None else None
    return replace(
        sent,
        path_parameters={name: other(value) for name, value in sent.path_parameters.items()},
        query=tuple((name, other(value)) for name, value in sent.query),
        headers=tuple((name, other(value)) for name, value in sent.headers),
        body=body,
        link=link if isinstance(link, Key) else None,
        branches=tuple(
            tuple(rekeyed(inner, keys, strict=strict) for inner in branch)
            for branch in sent.branches
        ),
        reads=tuple(rekeyed(inner, keys, strict=strict) for inner in sent.reads),
    )


def about_another(sent: Sent, one: Any, other: Any) -> Sent:
    """A call with another record's key in the place of one's: in its path, query and JSON body."""

    def put(value: Any) -> Any:
        return other if type(value) is type(one) and value == one else value

    body = sent.body
    return replace(
        sent,
        path_parameters={name: put(value) for name, value in sent.path_parameters.items()},
        query=tuple((name, _mapped(value, put)) for name, value in sent.query),
        body=Json(_mapped(body.value, put)) if isinstance(body, Json) else body,
    )


def lesser(sent: Sent) -> list[Sent]:
    """The call without each of the members, or parts, of its body."""
    body = sent.body
    if isinstance(body, Json) and isinstance(body.value, dict):
        names = list(body.value)
        rests: Any = ({n: body.value[n] for n in names if n != left} for left in names)
        return [replace(sent, body=Json(rest)) for rest in rests]
    if isinstance(body, Form):
        parts = body.parts
        without = (parts[:place] + parts[place + 1 :] for place in range(len(parts)))
        return [replace(sent, body=Form(rest)) for rest in without]
    return []


def literals(operation: str, taken: Mapping[str, Sequence[Sent]]) -> list[str]:
    """Keys that calls have as texts, those of an operation first; ``taken`` are calls that worked.

    They are of records that were there from the beginning.
    """
    sents = [*taken.get(operation, ()), *itertools.chain.from_iterable(taken.values())]
    values = (value for sent in sents for value in sent.path_parameters.values())
    return list(dict.fromkeys(v for v in values if isinstance(v, str) and v != NOWHERE))


def without_keys(sent: Sent) -> Sent:
    """A call that can be made in any run: keys of this one become texts."""
    if sent.link is not None:
        sent = replace(sent, link=None)
    return replace(
        sent,
        path_parameters={name: _plain(value) for name, value in sent.path_parameters.items()},
        query=tuple((name, _plain(value)) for name, value in sent.query),
        headers=tuple((name, _plain(value)) for name, value in sent.headers),
        body=_plain_body(sent.body),
    )


def _plain_body(body: Any) -> Any:
    if isinstance(body, Json):
        return Json(_plain(body.value))
    if isinstance(body, Form):
        return Form(tuple(_plain_part(part) for part in body.parts))
    return body


def _plain_part(part: Part) -> Part:
    return replace(part, content=_plain(part.content))


def _plain(value: Any) -> Any:
    return _mapped(value, lambda leaf: NOWHERE if isinstance(leaf, Key) else leaf)


def _mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """A JSON value with other scalars, and other names of members, which may be keys, too."""
    if isinstance(value, dict):
        return {_mapped(name, change): _mapped(item, change) for name, item in value.items()}
    if isinstance(value, list):
        return [_mapped(item, change) for item in value]
    return change(value)
