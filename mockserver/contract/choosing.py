"""Answers whose records the server chooses: whether they are some of those that a list shows."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import orjson

from mockserver.contract.alike import NO_KEYS, key_of, keys_of
from mockserver.contract.ignoring import Choice
from mockserver.contract.others import is_paged, whole_below
from mockserver.contract.story import json_of
from mockserver.contract.values import Answered, Difference, Json, Outcome, Sent
from mockserver.engine.spec import Operation

if TYPE_CHECKING:
    from mockserver.contract.session import Session

ASPECT = "choice"
"""The aspect of what is found: the place in the body says which list."""

_SUCCESS = range(200, 300)


def chosen(
    session: Session, operation: Operation, sent: Sent, t: Outcome
) -> tuple[Answered, Difference] | None:
    """What the server should not have chosen; None when it could.

    The first of the two is the server's answer without it. Records of which the run does not know
    whether the reference has them, too, may be anybody's.
    """
    rules = session.setting.rules
    if rules is None or not isinstance(t, Answered) or t.status not in _SUCCESS:
        return None
    choice = rules.ignored.choice(operation.id, t.status)
    if choice is None:
        return None
    told = json_of(t)
    listed = _listed(session, choice, sent)
    for name, items in _lists(told):
        if name not in listed:
            continue
        allowed = listed[name] - (_given(session, sent, name) if choice.given else set())
        right = [item for item in items if _may_be_there(session, key_of(item, NO_KEYS), allowed)]
        wrong = [item for item in items if item not in right]
        if wrong:
            body = orjson.dumps({**told, name: right} if name else right)
            expected = f"some of what {choice.listing.id} lists"
            if choice.given:
                expected += ", and nothing that was given"
            pointer = f"/{name}" if name else ""
            difference = Difference("MS413", ASPECT, pointer, expected, keys_of(wrong))
            return Answered(t.status, t.headers, body), difference
    return None


def _listed(session: Session, choice: Choice, sent: Sent) -> dict[str, set[str]]:
    """The keys in the lists to choose from, as the reference calls them, where these are whole."""
    operation = choice.listing
    listing = Sent(operation.id, "GET", operation.path, caller=sent.caller)
    foreseen = session.foresee(listing)
    told = _keys(json_of(foreseen.answer)) if foreseen.good else {}
    whole = whole_below(operation.path, operation) if is_paged(listing, operation) else math.inf
    return {name: keys for name, keys in told.items() if len(keys) < whole}


def _given(session: Session, sent: Sent, name: str) -> set[str]:
    """The keys in a list of the request's body."""
    if not isinstance(sent.body, Json):
        return set()
    message = session.setting.writer.message(sent, session.names.for_a)
    return _keys(orjson.loads(message.body)).get(name, set())


def _keys(value: Any) -> dict[str, set[str]]:
    return {name: {str(key_of(x, NO_KEYS)) for x in items} for name, items in _lists(value)}


def _may_be_there(session: Session, key: Any, allowed: set[str]) -> bool:
    number = session.names.of_server(key)
    if number is not None:
        return str(session.names[number].a) in allowed
    shared = session.setting.gentle is not None
    return shared or str(key) in allowed or not session.seeded(str(key))


def _lists(value: Any) -> Iterator[tuple[str, list[Any]]]:
    """The lists of records in a value by the names of their members; a list alone has none."""
    members = value.items() if isinstance(value, dict) else [("", value)]
    for name, items in members:
        if isinstance(items, list) and all(isinstance(item, dict) for item in items):
            yield name, items
