"""Whether a difference is one in other worlds, too: what an inferred reference makes up is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from mockserver.contract.alike import ISSUED, NO_KEYS, in_order, instant_of, key_of
from mockserver.contract.chance import lacks_words, value_at
from mockserver.contract.names import Names
from mockserver.contract.reference import Reference
from mockserver.contract.values import Answered, Difference, Key, Outcome, Sent
from mockserver.contract.wire import Writer

WORLDS = range(2, 8)
"""The numbers of the worlds in which a run is made again; the two of a run have others."""

SHIFT = 1_000_003
"""How many identifiers further each world is: what is made up follows from their number."""

MOST = 400
"""Calls of a run past which it is not made again."""


class Elsewhere:
    """Makes the calls of a run in other worlds, each of which makes up values of its own.

    Two references may make up the same value by chance, and all that follows from it would count
    as promised. ``issued`` are the identifiers that the first one gave out, with their order.
    """

    def __init__(
        self, reference: Reference, writer: Writer, names: Names, issued: Mapping[Any, int]
    ) -> None:
        self._reference = reference
        self._writer = writer
        self._names = names
        self._issued = issued

    def confirmed(
        self,
        calls: Mapping[int, Sent],
        answers: tuple[Outcome, Outcome | None],
        differences: list[Difference],
        origin: str,
    ) -> list[Difference]:
        """The differences in what the last call is answered alike in all worlds.

        The ``calls`` have the numbers of their steps in the run. ``answers`` are the reference's
        and the server's. Of a text that is another one in each world it is one where the server's
        lacks words that all of them have.
        """
        a, server = answers
        if not isinstance(a, Answered) or len(calls) > MOST:
            return differences
        if any(sent.branches for sent in calls.values()) or calls[max(calls)].link is not None:
            return differences
        # Calls that follow links are reads, which change nothing.
        calls = {number: sent for number, sent in calls.items() if sent.link is None}
        left = [(each, self._seen(a, each, self._issued)) for each in differences]
        varied: list[Difference] = []
        others: list[Outcome] = [a]
        for number in WORLDS:
            again, issued = self._made(number, calls, origin)
            if isinstance(again, Answered):
                others.append(again)
                varied += [each for each, seen in left if self._seen(again, each, issued) != seen]
                left = [(each, seen) for each, seen in left if each not in varied]
            if not left and not any(lacks_words(others, server, each) for each in varied):
                return []
        kept = [each for each in varied if lacks_words(others, server, each)]
        return [*(difference for difference, _ in left), *kept]

    def _made(
        self, number: int, calls: Mapping[int, Sent], origin: str
    ) -> tuple[Outcome | None, dict[Any, int]]:
        """The answer to the last of some calls in a world, None where a key is not known there."""
        outcomes: dict[int, Outcome | None] = {}
        issued: dict[Any, int] = {}
        by_order: dict[int, Any] = {}
        world = self._reference.world(number)
        head = world.log.head
        world = self._reference.fork(world, replace(head, counter=head.counter + number * SHIFT))

        def resolve(key: Key) -> Any:
            a = self._names.for_a(key)
            return by_order[self._issued[a]] if a in self._issued else self._told(key, outcomes)

        for step, sent in calls.items():
            world.watch.move()
            try:
                message = self._writer.message(sent, resolve)
                outcomes[step] = self._reference.apply(message, world, origin)
            except KeyError:  # it was not made there, and what is about it cannot be
                outcomes[step] = None
                continue
            for value, order in world.issued.items():
                issued[value] = order - number * SHIFT if order > 0 else order
                by_order.setdefault(issued[value], value)
        return outcomes[max(calls)], issued

    def _told(self, key: Key, outcomes: Mapping[int, Outcome | None]) -> Any:
        """A value that is no identifier, a moment mostly, where this world's answers tell it."""
        triple = self._names[key.number]
        answer = outcomes.get(triple.step)
        kind, _, pointer = triple.pointer.partition(":")
        value = (
            value_at(answer, pointer) if kind == "body" and isinstance(answer, Answered) else None
        )
        if value is None:
            raise KeyError(key)
        return value

    def _seen(self, answer: Answered, difference: Difference, issued: Mapping[Any, int]) -> Any:
        """What an answer has at the place of a difference, identifiers replaced by their order."""
        if difference.aspect == "status":
            return answer.status
        if difference.aspect == "header":
            return _ordered(answer.header(difference.pointer.split("/")[1]), issued)
        if difference.aspect != "body":
            return None
        value = value_at(answer, difference.pointer)
        if instant_of(value) is not None:
            return "a moment"  # which is judged by the time of the call
        if isinstance(value, list):
            return self._of_list(value, difference.keys, issued)
        return _ordered(value, issued)

    def _of_list(self, items: list[Any], keys: Sequence[str], issued: Mapping[Any, int]) -> Any:
        if keys:
            return in_order(items, [str(self._issued.get(key, key)) for key in keys], issued)
        told = [key_of(item, NO_KEYS) for item in items]
        return [_ordered(key, issued) if isinstance(key, str | int) else None for key in told]


def _ordered(value: Any, issued: Mapping[Any, int]) -> Any:
    if value is None or isinstance(value, bool):
        return value
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return ISSUED.sub(lambda found: str(issued.get(found.group(), found.group())), text)
