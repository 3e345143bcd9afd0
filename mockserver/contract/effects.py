"""What a call would do: the reference's answer, and what changes, on a copy of its world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mockserver.contract.reference import Reference, World
from mockserver.contract.session import Session, is_success
from mockserver.contract.values import Message, Sent
from mockserver.engine.briefly import briefly
from mockserver.state.store import Change

BESIDE = "#"
"""In the names of collections that are no records, but kept beside them."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What a call would do in one world: its answer, and what would change."""

    answer: Any
    changes: tuple[Change, ...]
    after: World

    @property
    def told(self) -> tuple[Any, ...]:
        """What shows whether another call would do the same: the answer, and what is kept then."""
        kept = ((c.collection, c.key, c.after and c.after.value) for c in self.changes)
        return self.answer, *kept


def effect(reference: Reference, world: World, message: Message, origin: str) -> Effect:
    """Try a call on a copy of a world."""
    fork = reference.fork(world)
    answer = reference.apply(message, fork, origin)
    changes = (change for entry in fork.log.entries() for change in entry.changes or ())
    return Effect(answer, tuple(c for c in changes if BESIDE not in c.collection), fork)


def effect_of(sent: Sent, session: Session) -> Effect | None:
    """What a call would do; None where a key is missing to make it."""
    setting = session.setting
    try:
        message = setting.writer.message(sent, session.names.for_a)
    except KeyError:
        return None
    with briefly(), session.a.watch.ahead():
        return effect(setting.first, session.a, message, setting.target.base_url)


def writing(sent: Sent, session: Session) -> Effect | None:
    """What a call would do that works and changes something; None of any other."""
    done = effect_of(sent, session)
    if done is None or not done.changes or not is_success(done.answer):
        return None
    return done
