"""A server that others use: which calls a run may make there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mockserver.catalogue import Mock
from mockserver.contract.calls import keys_in
from mockserver.contract.effects import Effect, effect
from mockserver.contract.numbered import kind_of
from mockserver.contract.unguessable import SAFE, Unguessable
from mockserver.contract.values import Answered, Json, Key, Sent
from mockserver.engine.spec import Operation
from mockserver.state.sandboxes import Rules, Sandboxes
from mockserver.state.store import Change, Collection, Snapshot, nothing

if TYPE_CHECKING:
    from mockserver.contract.session import Session

OTHERS = "would touch others' records"
LASTING = "what it makes cannot be removed"
KEEPING = "what it changes could not be removed any more"
NAMELESS = "what it makes has no key that nobody else's has: tell --reset"
UNKNOWN = "it is not known what it does"

REFUSED = 400
TOO_MANY = 429

ASKING = frozenset(("list", "search", "read", "exists", "create", "bulk-create"))
"""What an inferred operation may be for which a call without a record's key is made."""


class Skipped(KeyError):
    """A call that is not made, because the server is somebody else's."""


def emptied(mock: Mock, grown: frozenset[str]) -> Mock:
    """A mock whose collections that clients add to are empty; what is fixed stays.

    ``grown`` are the collections' full names, ``stem/collection``.
    """
    head = without(mock.sandboxes.default.log.head, grown)
    return replace(mock, sandboxes=Sandboxes(head, Rules()))


def without(snapshot: Snapshot, grown: frozenset[str]) -> Snapshot:
    """A state whose collections that clients add to are empty."""
    kept = snapshot.collections
    for name in grown & set(kept):
        kept = kept.set(name, Collection())
    return replace(snapshot, collections=kept, untouched=nothing)


def own_part(key: str) -> str:
    """The last part of a record's key: those before it name its parents."""
    return key.rpartition("/")[2]


def foreseen(session: Session, sent: Sent, origin: str) -> tuple[Effect, Effect]:
    """What a call would do in the two worlds of a run. Raises KeyError for unknown keys."""
    setting, names = session.setting, session.names
    for_a = setting.writer.message(sent, names.for_a)
    for_b = setting.writer.message(sent, names.for_b)
    return (
        effect(setting.first, session.a, for_a, origin),
        effect(setting.second, session.b, for_b, origin),
    )


class Guard:
    """Says which calls may be made, by what the reference would do.

    A write is made when it creates something that can be removed again, or is about a record
    that the run created, or about a key that never existed; and changes nothing else in a world
    that is full of others' records. ``removable`` tells of new records, some of whose keys
    nobody is told, whether all of them can be removed, ``keeping`` whether a record of the run
    could not be removed after a call. ``roles`` are those of inferred operations.
    """

    def __init__(
        self,
        operations: Mapping[str, Operation],
        unguessable: Unguessable,
        roles: Mapping[str, str],
        removable: Callable[[Session, Sent, Effect, Sequence[Change]], bool],
        keeping: Callable[[Session, Effect], bool],
    ) -> None:
        self._operations = operations
        self.unguessable = unguessable
        self._roles = roles
        self._removable = removable
        self._keeping = keeping
        self._barred: set[tuple[str, str]] = set()
        self._reasons: dict[str, str] = {}
        self._made: set[str] = set()

    def bar(self, sent: Sent, reason: str) -> None:
        """Make no more calls of an operation with the same credential."""
        self._barred.add((sent.operation, sent.caller))
        self._reasons[sent.operation] = reason

    @property
    def skipped(self) -> dict[str, str]:
        """The operations that were never called with success, each with the reason."""
        return {o: why for o, why in self._reasons.items() if o not in self._made}

    def admitted(self, session: Session, sent: Sent, origin: str) -> Sent:
        """The call as it may be made. Raises Skipped for one that may not."""
        sent = self.unguessable.call(sent)
        asked = sent.path_parameters.values()
        if any(isinstance(each, Key) and not session.names[each.number].is_key for each in asked):
            raise Skipped(sent.operation)
        if sent.method in SAFE:
            return sent
        operation = self._operations[sent.operation]
        if sent.link is not None or (operation.id, sent.caller) in self._barred:
            raise Skipped(operation.id)
        if sent.method != operation.method:
            if self.unguessable.named(operation.id):
                return sent
            raise Skipped(operation.id)
        reason = self._reason(session, sent, origin)
        if reason:
            self._reasons.setdefault(operation.id, reason)
            raise Skipped(operation.id)
        return sent

    def _reason(self, session: Session, sent: Sent, origin: str) -> str:
        """Why a described write is not made; empty when it may be."""
        alone, full = foreseen(session, sent, origin)
        if isinstance(alone.answer, Answered) and alone.answer.status == TOO_MANY:
            raise Skipped(sent.operation)
        if any(_counts_twice(session, change) for change in alone.changes):
            raise Skipped(sent.operation)
        named = self._names_own(session, sent)
        first, second = session.setting.first, session.setting.second
        reason = ""
        if touches(full, second.beginning) or touches(alone, first.beginning):
            reason = OTHERS
        elif any(change.before is None for change in alone.changes):
            reason = self._of_new(session, sent, alone)
        elif not named:
            return self._of_nameless(sent, alone)
        elif self._keeping(session, alone):
            reason = KEEPING
        if reason and not named and sent.operation not in self._made:
            self.bar(sent, reason)
        if not reason and is_good(alone.answer):
            self._made.add(sent.operation)
        return reason

    def _of_new(self, session: Session, sent: Sent, alone: Effect) -> str:
        made = [change for change in alone.changes if change.before is None]
        nameless = [c for c in made if not self._is_told(session, own_part(c.key), alone)]
        if len(nameless) == len(made):
            return NAMELESS
        if self._removable(session, sent, alone, nameless):
            return ""
        if nameless:  # another call of this operation may tell all keys
            self._reasons.setdefault(sent.operation, NAMELESS)
            raise Skipped(sent.operation)
        return LASTING

    def _is_told(self, session: Session, key: str, alone: Effect) -> bool:
        """Whether it is known what the server calls a new record, once the call is answered."""
        known = session.names.find(key)
        if key in self.unguessable.made or (known is not None and session.names[known].is_key):
            return True
        return key in alone.after.issued and _tells(alone.answer, key)

    def _of_nameless(self, sent: Sent, alone: Effect) -> str:
        """A write that is about no record of the run, and makes none."""
        if alone.changes or sent.method != "POST":
            return OTHERS
        return "" if self._roles.get(sent.operation, "search") in ASKING else UNKNOWN

    def _names_own(self, session: Session, sent: Sent) -> bool:
        """Whether a call is about a record of the run, or about a key that never existed."""
        if any(session.names[key.number].is_key for key in keys_in(sent)):
            return True
        body = sent.body.value if isinstance(sent.body, Json) else None
        values = [*sent.path_parameters.values(), *(value for _, value in sent.query), body]
        return any(map(self.unguessable.holds, values))


def _counts_twice(session: Session, change: Change) -> bool:
    """Whether a new record would have the number of another one as its key.

    Servers count on from it, each in its own way: then one number names several records.
    """
    own = own_part(change.key)
    return (
        change.before is None and kind_of(own) is not None and session.names.find(own) is not None
    )


def touches(found: Effect, began: Snapshot) -> bool:
    """Whether a call changes something that was there before the run."""
    return any(
        change.key in began.collection(change.collection).records for change in found.changes
    )


def _tells(answer: Any, key: str) -> bool:
    """Whether an answer has a key somewhere in its body or its Location."""
    if not isinstance(answer, Answered):
        return False
    return key.encode() in answer.body or key in (answer.header("location") or "")


def is_good(answer: Any) -> bool:
    """Whether a call did, or would do, what it asked for."""
    return isinstance(answer, Answered) and answer.status < REFUSED
