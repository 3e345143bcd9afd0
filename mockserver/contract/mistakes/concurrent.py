"""Feeds that tell wrongly, and calls at the same time that get in each other's way."""

from __future__ import annotations

from typing import Any

import orjson

from mockserver.contract.faults import FAULTS, Fault, Server, Tell, Together
from mockserver.contract.mistakes.editing import lists_in
from mockserver.contract.values import Message, Outcome


def _of_feeds(name: str, sentence: str, tell: Tell) -> None:
    FAULTS[name] = Fault(name, "feed", sentence, tell=tell)


def _without_third(frames: list[bytes], memory: dict[Any, Any]) -> list[bytes]:
    told = []
    for frame in frames:
        memory["count"] = memory.get("count", 0) + 1
        if memory["count"] % 3:
            told.append(frame)
    return told


def _reordered(frames: list[bytes], memory: dict[Any, Any]) -> list[bytes]:
    def turned(frame: bytes) -> bytes:
        value = orjson.loads(frame) if frame[:1] in b"{[" else None
        for items in lists_in(value):
            items.reverse()
        return frame if value is None else orjson.dumps(value)

    first = not memory.get("begun")
    memory["begun"] = True
    return [turned(frame) for frame in frames] if first else frames


_of_feeds("feed_misses_third", "Feeds leave out each third frame.", _without_third)
_of_feeds("feed_tells_twice", "Feeds tell all twice.", lambda f, _: [x for x in f for _ in (1, 2)])
_of_feeds("feed_begins_reversed", "The first frame comes in the opposite order.", _reordered)


def _of_races(name: str, sentence: str, together: Together) -> None:
    FAULTS[name] = Fault(name, "race", sentence, together=together)


def _last_one_wins(server: Server, branches: list[list[Message]]) -> list[list[Outcome]]:
    """Each branch works on the state as it was; what it leads to takes the place of all."""
    begin = server.reference.fork(server.world)
    outcomes: list[list[Outcome]] = []
    for branch in branches:
        server.world = server.reference.fork(begin)
        outcomes.append([server.ask(message) for message in branch])
    return outcomes


def _checked_too_early(server: Server, branches: list[list[Message]]) -> list[list[Outcome]]:
    """Each first call is judged by the state as it was, and made after the others."""
    judged: list[list[Outcome]] = [[server.peek(branch[0])] for branch in branches]
    for branch, outcomes in zip(branches, judged, strict=True):
        server.ask(branch[0])
        outcomes += [server.ask(message) for message in branch[1:]]
    return judged


_of_races("race_loses_updates", "Of writes at the same time only the last counts.", _last_one_wins)
_of_races(
    "race_answers_too_early",
    "Calls at the same time are judged by the state before all of them.",
    _checked_too_early,
)
