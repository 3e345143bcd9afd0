"""Findings about moments: the earlier moment that one is compared with is learned by a script."""

from __future__ import annotations

from dataclasses import replace

import orjson

from mockserver.contract.pools import leaves
from mockserver.contract.values import Answered, Birth, Finding, Outcome
from mockserver.errors import pointer_to

LATER = "a later moment than before"
EARLIER = "an earlier moment"
AS_BEFORE = ", as before"
"""How expectations end that are about another answer's moment."""


def compared_with(finding: Finding) -> str:
    """The moment of an earlier answer that a finding is about, as a text; empty for none."""
    if finding.expected.endswith(AS_BEFORE):
        return finding.expected.removesuffix(AS_BEFORE)
    return finding.got if finding.expected in {LATER, EARLIER} else ""


def with_learned_moment(finding: Finding) -> Finding:
    """The finding with a value to learn: where the earlier moment was told first."""
    wanted = compared_with(finding)
    if not wanted:
        return finding
    for step, exchange in enumerate(finding.sequence[:-1]):
        place = _place(exchange.got, wanted)
        if place is not None:
            number = 1 + max((birth.number for birth in finding.births), default=0)
            birth = Birth(number, step, f"body:{place}", wanted, is_key=False)
            return replace(finding, births=(*finding.births, birth))
    return finding


def _place(answer: Outcome, wanted: str) -> str | None:
    if not isinstance(answer, Answered):
        return None
    try:
        value = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return None
    found = (path for path, leaf in leaves(value) if leaf == wanted)
    path = next(found, None)
    return None if path is None else pointer_to(path)
