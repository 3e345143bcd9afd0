"""Calls that work with what handlers compare with in one place: names, letters, bounds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from mockserver.contract.constants import Constants
from mockserver.contract.drawing import Drawing
from mockserver.contract.own_data import effect
from mockserver.contract.pools import leaves, with_leaf
from mockserver.contract.session import Run, Session, is_success
from mockserver.contract.values import Answered, Form, Json, Part, Sent

PLACES = 4
"""Places in which constants are tried in one round."""

DRAWN = 5
"""Calls drawn until one works."""

TRIED, SENT = 240, 24
"""Constants that one place is tried with, and calls at most that are made of them."""

JUNK: tuple[Any, ...] = ("qzjxk", 7_919, b"qzjxk")
"""What no handler compares with."""

BEGINNINGS = (0, 4, 8)
"""Where in a file its kind may be told."""

WHY = "with a value that handlers compare with"

Place = tuple[str, Any]
"""A query parameter, a member, or a part of a form and what of it; and where that is."""


class Guessing:
    """Tries constants on the reference alone.

    Sent is what changes more than itself: where the answer, or the records that are left, are not
    as with any other value; and what is taken where hardly anything is.
    """

    def __init__(self, run: Run, drawing: Drawing) -> None:
        self._run = run
        self._drawing = drawing
        self._choice = drawing.choice
        self._constants = Constants(run.setting.first.api.handlers.by_operation.values())
        self._names = [o.id for o in drawing.operations.values() if o.stream is None]
        self._tried: set[tuple[str, Place]] = set()

    def go(self) -> bool:
        """A round; False where there is nothing to guess with."""
        if not self._constants.texts:
            return False
        self._run.phase = "guesses"
        self._run.fresh()
        for _ in range(PLACES):
            sent = self._working()
            places = _places(sent) if sent is not None else []
            if sent is None or not places:
                continue
            new = [place for place in places if (sent.operation, place) not in self._tried]
            place = self._choice.choice(new or places)
            self._tried.add((sent.operation, place))
            found = telling(self._run.session, sent, place, self._drawn(place))
            if any(self._run.do(each) for each in list(islice(found, SENT))):
                break
        return True

    def _working(self) -> Sent | None:
        session = self._run.session
        name = self._choice.choice(self._names)
        drawn = (self._drawing.draw(name, session, None) for _ in range(DRAWN))
        return next((sent for sent in drawn if session.works(sent)), None)

    def _drawn(self, place: Place) -> Iterable[Any]:
        constants = self._constants
        values: list[Any] = [*constants.texts, *constants.numbers]
        if place[0] in {"name", "charset"}:
            values = list(constants.texts)
        elif place[0] == "bytes":
            values = [bytes(begin) + octets for octets in constants.octets for begin in BEGINNINGS]
        return self._choice.sample(values, min(TRIED, len(values)))


def telling(session: Session, sent: Sent, place: Place, values: Iterable[Any]) -> Iterator[Sent]:
    """The call with each of some values in one place that changes more than itself.

    Or that is taken where nearly nothing is: what it changes may be seen later.
    """
    junk = [_done(session, _put(sent, place, value), value) for value in JUNK]
    seen = set(junk)
    choosy = not any(done.good for done in junk if done is not None)
    for value in values:
        changed = _put(sent, place, value)
        done = _done(session, changed, value)
        if changed is None or done is None:
            continue
        if done not in seen or (choosy and done.good):
            seen.add(done)
            yield replace(changed, why=WHY)


def _places(sent: Sent) -> list[Place]:
    """Where a constant may stand in a call."""
    found: list[Place] = [("query", n) for n in range(len(sent.query))]
    if isinstance(sent.body, Json):
        inside = leaves(sent.body.value)
        found += [("json", path) for path, leaf in inside if type(leaf) in {str, int, float}]
    elif isinstance(sent.body, Form):
        for number, part in enumerate(sent.body.parts):
            kinds = ("name", "bytes") if part.file_name is not None else ("text", "charset")
            found += [(kind, number) for kind in kinds]
    return found


def _put(sent: Sent, place: Place, constant: Any) -> Sent | None:
    """The call with a constant in a place; None where it can have none of the kind."""
    kind, where = place
    body = sent.body
    if isinstance(body, Form) and kind != "query":
        part = _changed(body.parts[where], kind, constant)
        parts = None if part is None else (*body.parts[:where], part, *body.parts[where + 1 :])
        return None if parts is None else replace(sent, body=Form(parts))
    if isinstance(constant, bytes):
        return None
    if kind == "query":
        pairs = [(n, constant if i == where else v) for i, (n, v) in enumerate(sent.query)]
        return replace(sent, query=tuple(pairs))
    if isinstance(body, Json):
        return replace(sent, body=Json(with_leaf(body.value, where, constant)))
    return None


def _changed(part: Part, kind: str, constant: Any) -> Part | None:
    if kind == "bytes":
        content = part.content if isinstance(part.content, bytes) else b""
        return replace(part, content=constant + content) if isinstance(constant, bytes) else None
    if kind == "text":
        return None if isinstance(constant, bytes) else replace(part, content=str(constant))
    if not isinstance(constant, str):
        return None
    if kind == "name":
        return replace(part, file_name=f"name.{constant.removeprefix('.')}")
    return replace(part, media_type=f"text/plain; charset={constant}")


@dataclass(frozen=True, slots=True)
class _Done:
    """What a call would do, but for the value that is tried."""

    good: bool
    said: str
    left: tuple[str, ...]


def _done(session: Session, sent: Sent | None, value: Any) -> _Done | None:
    """None for no call."""
    if sent is None:
        return None
    setting = session.setting
    try:
        message = setting.writer.message(sent, session.names.for_a)
    except (KeyError, ValueError):
        return None
    done = effect(setting.first, session.a, message, setting.target.base_url)
    if not isinstance(done.answer, Answered):
        return None
    own = str(value)
    said = f"{done.answer.status} {done.answer.body.decode('utf-8', 'replace')}"
    left = (f"{change.collection} {change.after!r}" for change in done.changes)
    good = is_success(done.answer)
    return _Done(good, said.replace(own, ""), tuple(text.replace(own, "") for text in left))
