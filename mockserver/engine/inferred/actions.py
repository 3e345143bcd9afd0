"""What operations do that are none of the usual ones: cancel an order, lock an account."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mockserver.engine.handlers import Call, Reply
from mockserver.engine.inference.words import STATES, UNDOES, normal, words
from mockserver.engine.inferred.acting import Acting
from mockserver.engine.inferred.answers import READ
from mockserver.engine.inferred.bodies import ListAnswer, RecordAnswer
from mockserver.engine.inferred.changes import merged
from mockserver.engine.inferred.listed_values import listed_values
from mockserver.engine.inferred.world import World
from mockserver.engine.members import text_of
from mockserver.engine.spec import Operation, Schema
from mockserver.state.store import Record

_CHANGING = frozenset(("POST", "PUT", "PATCH", "DELETE"))
_STATE_NAMES = ("status", "state", "phase", "stage", "lifecycle", "visibility")


class Action:
    """An operation on a record, or near a collection, that is none of the usual ones."""

    def __init__(self, acting: Acting) -> None:
        self._acting = acting
        self._about_record = bool(acting.role.keys)
        self._shown = RecordAnswer(acting, READ)
        self._changes = acting.operation.method in _CHANGING
        self._state: tuple[str, Any] | None = None
        self._looked = False

    def reply(self, call: Call) -> Reply:
        """What an action answers, and does to its record."""
        locator = self._acting.locator
        if not self._about_record:
            locator.need_parents(call)
            return self._elsewhere(call)
        record = locator.peek(call)
        if record is None:
            record = locator.found(call)
        elif self._changes:
            record = self._changed(call, record)
        if self._shown.shows_record:
            return self._shown.reply(call, record)
        names = tuple(text_of(value) for value in call.path.values())
        return self._shown.answer.reply(call, self._shown.other(names))

    def _elsewhere(self, call: Call) -> Reply:
        answer = self._shown.answer
        if answer.envelope.form == "list" and not answer.is_empty and not self._changes:
            records = list(self._acting.locator.records(call))[:20]
            return answer.reply(call, ListAnswer(self._acting, answer).body(records))
        names = tuple(text_of(value) for value in call.path.values())
        return answer.reply(call, self._shown.other(names))

    def _changed(self, call: Call, record: Record) -> Record:
        wanted = record.value
        if self._shown.shows_record and isinstance(call.body, dict):
            known = self._acting.world.facts(self._acting.resource).view.properties
            told = self._acting.keeper.told(call, call.body)
            wanted = merged(wanted, {name: told[name] for name in told if name in known})
        state = self._found_state()
        if state is not None and isinstance(wanted, dict):
            wanted = {**wanted, state[0]: state[1]}
        if wanted == record.value:
            return record
        return self._acting.keeper.changed(call, record, wanted)

    def _found_state(self) -> tuple[str, Any] | None:
        if not self._looked:
            facts = self._acting.world.facts(self._acting.resource)
            verb = verb_of(self._acting.operation)
            self._state = state_of(verb, facts.view.properties, self._acting.world)
            self._looked = True
        return self._state


def verb_of(operation: Operation) -> str:
    """The first word of the last step of a path that is no parameter."""
    literal = re.sub(r"\{[^{}]*\}", "", operation.path).rstrip("/").rpartition("/")[2]
    said = words(literal.rpartition(":")[2])
    verb = said[0] if said else ""
    return UNDOES.get(verb, verb) if operation.method == "DELETE" else verb


def state_of(verb: str, properties: Mapping[str, Schema], world: World) -> tuple[str, Any] | None:
    """The property that an action of this name gives a value, and the value; None if none."""
    if not verb:
        return None
    states = list(_participles(verb))
    ordered = sorted(properties, key=lambda name: normal(name) not in _STATE_NAMES)
    for name in ordered:
        values = listed_values(world.view, properties[name])
        for state in states:
            found = [each for each in values if normal(str(each)) == state]
            if found:
                return name, found[0]
    return _switch(verb, states, properties, world)


def _switch(
    verb: str, states: list[str], properties: Mapping[str, Schema], world: World
) -> tuple[str, bool] | None:
    """The boolean property that an action turns on or off."""
    undone = next((other for other, one in UNDOES.items() if one == verb), "")
    off = list(_participles(undone)) if undone else []
    for name, schema in properties.items():
        if world.view(schema).kind == "boolean":
            word = normal(name).removeprefix("is")
            if word in states:
                return name, True
            if word in off:
                return name, False
    return None


def _participles(verb: str) -> Iterator[str]:
    """The states that a verb leads to: ``cancel`` makes cancelled, or canceled."""
    yield from STATES.get(verb, ())
    yield verb + "ed"
    yield verb + "d"
    yield verb + verb[-1] + "ed"
    if verb.endswith("y"):
        yield verb[:-1] + "ied"
    yield verb
