"""What no description says, and servers therefore do in different ways."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import orjson

from mockserver.contract.values import Answered, Json, Message, Outcome, Sent
from mockserver.engine.inference.model import Role
from mockserver.engine.inference.views import Views
from mockserver.engine.inference.words import normal
from mockserver.engine.media import is_json
from mockserver.engine.schema import Schemas
from mockserver.engine.spec import Operation
from mockserver.state.store import Collection, Snapshot

REFUSED = 400
GONE = frozenset((404, 410))
CONFLICT = 409
BROKE = 500

TRUTHS = frozenset(("true", "false"))

LIKE = 1
"""Letters that a word and its plural may differ in at their ends, beside what is added."""


def is_open(
    operation: Operation, sent: Sent, message: Message, told: tuple[Schemas, Snapshot]
) -> bool:
    """Whether nothing says what becomes of a call, so that it is not made.

    Such are empty values, or with spaces, of parameters that are no texts, members of a body that
    its schema does not know, and the removal of what other records name: they may go too, forget
    it, or forbid it.
    ``message`` is the call as the reference gets it, in a state that is ``told`` with the schemas.
    """
    schemas, state = told
    loose = [name for name, value in sent.query if _is_loose(value)]
    if not all(_is_text(operation, name, schemas) for name in loose):
        return True
    if sent.method == "DELETE":
        return _is_named(sent, message, state)
    return _is_unknown(operation, sent, schemas)


def _is_loose(value: Any) -> bool:
    """Whether a value is empty, a truth in capitals, or has spaces around it."""
    if not isinstance(value, str):
        return False
    return value == "" or value != value.strip() or value.lower() in TRUTHS - {value}


def _is_text(operation: Operation, name: str, schemas: Schemas) -> bool:
    found = [each for each in operation.parameters if each.name == name]
    views = Views(schemas.resolved)
    return not found or views.view(found[0].schema).kind not in {"boolean", "integer", "number"}


def _is_unknown(operation: Operation, sent: Sent, schemas: Schemas) -> bool:
    """Whether a body has members that are neither described nor forbidden."""
    if not isinstance(sent.body, Json) or not isinstance(sent.body.value, dict):
        return False
    content = operation.body.content if operation.body else {}
    described = next((schema for name, schema in content.items() if is_json(name)), None)
    if not described:
        return False
    view = Views(schemas.resolved).view(described)
    if not view.properties or view.plain.get("additionalProperties") is False:
        return False
    return not set(sent.body.value) <= set(view.properties)


def _is_named(sent: Sent, message: Message, state: Snapshot) -> bool:
    """Whether a record of another kind names the one that a call is to remove."""
    key = unquote(message.target.partition("?")[0].rpartition("/")[2])
    words = [part for part in sent.path.split("/") if part and "{" not in part]
    if not sent.path.endswith("}") or not words:
        return False
    return any(
        _are_alike(name, words[-1]) and str(value) == key
        for collection in state.collections
        for record in state.collection(collection).records.values()
        for name, value in _named(record.value)
    )


def may_be_refused(
    operation: Operation, message: Message, before: Snapshot, answers: tuple[Outcome, Outcome]
) -> bool:
    """Whether a server refuses, as its operation documents, what an inferred reference takes.

    So it may where a body names a record that is not there, and with 409 wherever the state does
    not suit it (RFC 9110, section 15.5.10): what suits it no description says. ``answers`` are
    the reference's and the server's.
    """
    a, t = answers
    if not isinstance(a, Answered) or not isinstance(t, Answered) or a.status >= REFUSED:
        return False
    if not REFUSED <= t.status < BROKE or operation.response(t.status) is None:
        return False
    if t.status == CONFLICT:
        return True
    try:
        body = orjson.loads(message.body)
    except orjson.JSONDecodeError:
        return False
    return any(not _is_known(name, str(value), before) for name, value in _named(body))


def names_nothing(operation: Operation, role: Role, message: Message, known: Collection) -> bool:
    """Whether a call is about a record that is not kept.

    Where no list could have told a client the keys, an inferred reference makes up a record for
    each: what it is like, and whether it is there at all, nobody says. ``known`` are the records
    of its kind, ``message`` is the call as the reference gets it.
    """
    if not role.keys:
        return False
    parameter = "{" + role.keys[-1].parameter + "}"
    steps = zip(operation.path.split("/")[::-1], _steps(message)[::-1], strict=False)
    key = next((sent for step, sent in steps if step == parameter), None)
    kept = (unquote(each.rpartition("/")[2]) for each in known.records)
    return key is not None and key not in kept


def is_gone(answer: Outcome) -> bool:
    """Whether a server says that there is no such record."""
    return isinstance(answer, Answered) and answer.status in GONE


def _steps(message: Message) -> list[str]:
    return [unquote(step) for step in message.target.partition("?")[0].split("/")]


def _are_alike(name: str, collection: str) -> bool:
    """Whether a word is a collection's name, which may be its plural."""
    return len(name) > LIKE and normal(collection).startswith(name[:-LIKE])


def _is_known(name: str, key: str, state: Snapshot) -> bool:
    """Whether there is a record of that key, among those that a member's name stands for."""
    names = list(state.collections)
    called = [each for each in names if _are_alike(name, each.rpartition("/")[2])]
    return any(
        known.rpartition("/")[2] == key
        for each in called or names
        for known in state.collection(each).records
    )


def _named(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """What members say that are called as if they named another record, and what they name."""
    if isinstance(value, dict):
        for member, inner in value.items():
            yield from _named(inner, str(member))
    elif isinstance(value, list):
        for inner in value:
            yield from _named(inner, name)
    elif normal(name).endswith(("id", "ids")) and isinstance(value, str | int):
        yield normal(name).removesuffix("s").removesuffix("id"), value
