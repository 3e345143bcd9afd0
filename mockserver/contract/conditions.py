"""Reads asked for again under conditions, or in parts, of what they answered (RFC 9110, 13 and 14).

A validator that was drawn from all that were seen hardly ever is the one of the record it is sent
for: so each condition is made of the answer to the very same call.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from mockserver.contract.names import Names
from mockserver.contract.odds import likely
from mockserver.contract.session import Stepped
from mockserver.contract.values import Answered, Key, Sent
from mockserver.engine.spec import Operation

AT_FIRST = 2
"""Times that each condition is tried of each operation before it is seldom tried."""

SELDOM = 0.01
"""How often a condition is tried again."""

MOST = 3
"""Conditions after one read."""

LONG_AGO = "Thu, 01 Jan 1998 00:00:00 GMT"
OTHER = '"no-such-validator"'

BY_STATUS = {
    "206": ("range",),
    "304": ("if-none-match", "if-modified-since"),
    "412": ("if-match", "if-unmodified-since"),
}
"""The conditions that a documented status speaks of."""

Headers = tuple[tuple[str, str | Key], ...]


class Conditions:
    """Draws what is asked again of one description's operations."""

    def __init__(self, operations: Mapping[str, Operation], choice: random.Random) -> None:
        self._operations = operations
        self._choice = choice
        self._done: Counter[tuple[str, str]] = Counter()

    def after(self, step: Stepped, names: Names) -> Iterator[Sent]:
        """The reads that are worth making after one that was answered with 200."""
        sent, answer = step.sent, step.a
        if sent.method != "GET" or not isinstance(answer, Answered) or answer.status != 200:  # noqa: PLR2004
            return
        asked = {name.lower() for name, _ in sent.headers}
        known = self._known(self._operations[sent.operation])
        if not known or asked & known:
            return
        kinds = [
            (kind, headers)
            for kind, headers in _conditions(answer, names)
            if {name.lower() for name, _ in headers} <= known and self._is_due(sent, kind)
        ]
        for kind, headers in self._choice.sample(kinds, min(MOST, len(kinds))):
            self._done[sent.operation, kind] += 1
            yield replace(sent, headers=(*sent.headers, *headers), why=f"asked again: {kind}")

    def _is_due(self, sent: Sent, kind: str) -> bool:
        return self._done[sent.operation, kind] < AT_FIRST or likely(self._choice, SELDOM)

    def _known(self, operation: Operation) -> set[str]:
        """The names of the conditions that an operation describes, by parameter or by status."""
        known = {p.name.lower() for p in operation.parameters if p.location == "header"}
        for status, names in BY_STATUS.items():
            if status in operation.responses:
                known.update(names)
        return known | {"if-range"} if "range" in known else known


def _conditions(answer: Answered, names: Names) -> Iterator[tuple[str, Headers]]:
    """Each condition with the words for what it is."""
    tag, moment = answer.header("etag"), answer.header("last-modified")
    if tag is not None:
        own = names.symbolic(tag)
        yield "the tag it has", (("If-None-Match", own),)
        yield "any tag", (("If-None-Match", "*"),)
        yield "another tag", (("If-None-Match", OTHER),)
        yield "a match of its tag", (("If-Match", own),)
        yield "a match of another tag", (("If-Match", OTHER),)
        yield "a part of the same", (("Range", "bytes=0-0"), ("If-Range", own))
        yield "a part of another", (("Range", "bytes=0-0"), ("If-Range", OTHER))
    if moment is not None:
        own = names.symbolic(moment)
        yield "since its moment", (("If-Modified-Since", own),)
        yield "since long ago", (("If-Modified-Since", LONG_AGO),)
        yield "unless since its moment", (("If-Unmodified-Since", own),)
        yield "unless since long ago", (("If-Unmodified-Since", LONG_AGO),)
    for number, part in enumerate(_parts(len(answer.body))):
        yield f"part {number}", (("Range", part),)


def _parts(size: int) -> list[str]:
    """Ranges at the ends of a content of a size, and past it (RFC 9110, section 14.1.2)."""
    last = max(size - 1, 0)
    return [
        "bytes=0-0",
        "bytes=1-3",
        "bytes=-1",
        f"bytes={last}-",
        f"bytes={last}-{size + 5}",
        f"bytes={size}-",
        f"bytes=-{size + 5}",
        f"bytes=0-{last}",
        "bytes=2-1",
        "bytes=-0",
    ]
