"""Whether a difference is one, or what the reference leaves to chance."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson

from mockserver.contract.alike import UUID, has_in_common, in_order
from mockserver.contract.reference import Reference, World
from mockserver.contract.values import Answered, Difference, Message, Outcome
from mockserver.engine.media import is_json
from mockserver.state.store import Snapshot

REPEATED = 12
"""How often a call is made again with other seeds before a difference counts as one."""


_ITEM = re.compile(r"^(.*/\d+)/.*$")
"""A pointer into an item of a list: of items drawn by lot some members are alike."""


@dataclass(frozen=True, slots=True)
class Chance:
    """Makes a call again on the state before it, with other seeds.

    ``fresh`` are the identifiers that the call gave out, with their order. A text that is another
    one each time is a difference all the same where the server's lacks words that are always in it.
    """

    reference: Reference
    world: World
    before: Snapshot
    fresh: Mapping[str, int]
    server: Outcome | None = None

    def confirmed(
        self, message: Message, a: Outcome, differences: list[Difference], origin: str
    ) -> list[Difference]:
        """The differences in what each repetition answers alike."""
        if not isinstance(a, Answered):
            return differences
        told = _Told(a, self.fresh, self.fresh)
        left = [(each, told.seen(each)) for each in differences]
        for number in range(REPEATED):
            fork = self.reference.fork(self.world, self.before, number)
            again = self.reference.apply(message, fork, origin)
            if not isinstance(again, Answered):
                break
            if again != a:
                repeated = _Told(again, fork.issued, self.fresh)
                left = [
                    (each, seen)
                    for each, seen in left
                    if repeated.seen(each) == seen or lacks_words((a, again), self.server, each)
                ]
        return [difference for difference, _ in left]


class _Told:
    """One answer, with the identifiers that were given out for it, and for the first of them."""

    def __init__(
        self, answer: Answered, issued: Mapping[str, int], at_first: Mapping[str, int]
    ) -> None:
        self._answer = answer
        self._issued = issued
        self._at_first = at_first

    @cached_property
    def _value(self) -> Any:
        try:
            return orjson.loads(self._answer.body)
        except orjson.JSONDecodeError:
            return None

    def seen(self, difference: Difference) -> Any:
        """What it has at the place of a difference, identifiers replaced by their order."""
        if difference.aspect == "status":
            return self._answer.status
        if difference.aspect == "media type":
            return self._answer.media_type
        if difference.keys:
            keys = [str(self._at_first.get(key, key)) for key in difference.keys]
            return in_order(_at(self._value, difference.pointer), keys, self._issued)
        if difference.aspect == "header":
            text = self._answer.header(difference.pointer.split("/")[1]) or ""
        elif not difference.pointer:
            text = self._answer.body.decode("utf-8", "replace")
        else:
            value = _at(self._value, _ITEM.sub(r"\1", difference.pointer))
            text = orjson.dumps(value).decode() if isinstance(value, dict | list) else str(value)
        return UUID.sub(lambda found: str(self._issued.get(found.group(), found.group())), text)


def lacks_words(answers: Sequence[Outcome], server: Outcome | None, where: Difference) -> bool:
    """Whether the server's text lacks words that all answers have at the place of a difference.

    What names records may be any word. Texts of items in lists do not count: items that are drawn
    by lot have many words in common.
    """
    texts = [_text_at(answer, where) for answer in (*answers, server)]
    if not all(isinstance(text, str) for text in texts):
        return False
    *right, own = (UUID.sub("x", text) for text in texts)
    return not has_in_common(right, own)


def _text_at(answer: Outcome | None, where: Difference) -> Any:
    if not isinstance(answer, Answered) or where.keys:
        return None
    if where.aspect == "header":
        return answer.header(where.pointer.split("/")[1])
    if where.aspect != "body" or _ITEM.match(where.pointer):
        return None
    whole_json = not where.pointer and is_json(answer.media_type)
    return None if whole_json else value_at(answer, where.pointer)


def value_at(answer: Answered, pointer: str) -> Any:
    """The value at a JSON pointer (RFC 6901) into a body; None when there is none."""
    if not pointer:
        return answer.body.decode("utf-8", "replace")
    try:
        return _at(orjson.loads(answer.body), pointer)
    except ValueError:
        return None


def _at(value: Any, pointer: str) -> Any:
    try:
        for step in pointer.split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            value = value[int(name)] if isinstance(value, list) else value[name]
    except (ValueError, KeyError, IndexError, TypeError):
        return None
    return value
