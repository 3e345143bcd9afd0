"""What of a server's answers is due to others who use it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from mockserver.contract.pools import plain
from mockserver.contract.values import Answered, Json, Outcome, Sent
from mockserver.engine.spec import Operation

_PAGING = """
limit perpage pagesize size page pagenumber pageindex offset skip start cursor after before top take
count maxresults pagetoken nexttoken marker first last startingafter endingbefore maxkeys rows
"""
PAGING = frozenset(_PAGING.split())
"""Parameters, as plain words, with which a list may show a part of what there is."""

_SIZES = "limit perpage pagesize size take count maxresults maxkeys rows top"
SIZES = frozenset(_SIZES.split())
"""Those of them that only say how much of a list is shown, from its beginning."""

USUAL = 10
"""Items that a list shows at least where nothing is said of it."""

CONFLICT = 409
TOO_MANY = 429


def collides(a: Outcome, t: Outcome, *, wrote: bool) -> bool:
    """Whether an answer is due to what others have, or do: a name taken, a limit reached."""
    if not isinstance(a, Answered) or not isinstance(t, Answered):
        return False
    taken = wrote and a.status < CONFLICT and t.status == CONFLICT
    return taken or TOO_MANY in {a.status, t.status}


def with_limits(t: Answered, a: Answered) -> Answered:
    """The server's answer with the reference's limits of calls, which others use up, too."""
    told = [name for name, _ in t.headers if "ratelimit" in name]
    if not told:
        return t
    kept = tuple(pair for pair in t.headers if "ratelimit" not in pair[0])
    return replace(t, headers=kept + tuple(pair for pair in a.headers if pair[0] in told))


def shown_at_least(sent: Sent, operation: Operation) -> int:
    """How many items a list shows if there are so many; 0 where it may not begin at its beginning.

    A list of fewer items is whole: whoever has more of those that were asked for is wrong.
    """
    asked = [*sent.query, *_members(sent)]
    return _least(asked, operation)


def whole_below(target: str, operation: Operation) -> int:
    """With how many items a list is whole when it has fewer; 0 where it may be a part.

    ``target`` is what a GET asks for.
    """
    query = target.partition("?")[2]
    return _least(parse_qsl(query, keep_blank_values=True), operation)


def _least(asked: Sequence[tuple[str, Any]], operation: Operation) -> int:
    """How many items are shown if there are so many, of what is asked for by some parameters."""
    sizes = [value for name, value in asked if plain(name) in SIZES]
    if any(plain(name) in PAGING - SIZES for name, _ in asked):
        return 0
    if sizes:
        return min(int(text) if (text := str(value)).isdecimal() else 0 for value in sizes)
    told = [p.schema.get("default") for p in operation.parameters if plain(p.name) in SIZES]
    return min([value for value in told if type(value) is int], default=USUAL)


def is_paged(sent: Sent, operation: Operation) -> bool:
    """Whether a list may be a part of what there is, by the description or the call."""
    names = {p.name for p in operation.parameters if p.location == "query"}
    names |= {name for name, _ in (*sent.query, *_members(sent))}
    return not PAGING.isdisjoint(map(plain, names))


def _members(sent: Sent) -> list[tuple[str, Any]]:
    """The members of a body, where it is an object."""
    body = sent.body.value if isinstance(sent.body, Json) else None
    return [(str(name), value) for name, value in body.items()] if isinstance(body, dict) else []
