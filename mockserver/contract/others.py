"""What of a server's answers is due to others who use it."""

from __future__ import annotations

from dataclasses import replace

from mockserver.contract.pools import plain
from mockserver.contract.values import Answered, Json, Outcome, Sent
from mockserver.engine.spec import Operation

_PAGING = """
limit perpage pagesize size page pagenumber pageindex offset skip start cursor after before top take
count maxresults pagetoken nexttoken marker first last startingafter endingbefore maxkeys rows
"""
PAGING = frozenset(_PAGING.split())
"""Parameters, as plain words, with which a list may show a part of what there is."""

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


def is_paged(sent: Sent, operation: Operation) -> bool:
    """Whether a list may be a part of what there is, by the description or the call."""
    names = {p.name for p in operation.parameters if p.location == "query"}
    names |= {name for name, _ in sent.query}
    if isinstance(sent.body, Json) and isinstance(sent.body.value, dict):
        names |= set(map(str, sent.body.value))
    return not PAGING.isdisjoint(map(plain, names))
