"""Assets that resemble others: by shared tags and words, weighed by how much each was viewed."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockserver.apis.assets.document import document, normal, tag_texts
from mockserver.state.store import Record

MAX_CONTENT = 10_000
"""Characters of an asset's content whose words are compared."""

MAX_COMPARISONS = 200_000
"""Pairs of assets that are compared for one answer; of more inputs, those that weigh most."""

SCROLLED = 10.0
"""Seconds of viewing that scrolling is worth."""

TOUCHED = 30.0
"""Seconds of viewing that touching is worth."""

_WORD = re.compile(r"\w+")
_KEY = "assets.related"

_NUMBER = r"([0-9]{1,9}(?:[.,][0-9]{1,9})?)"
_DESIGNATED = re.compile(
    rf"P(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}W)?(?:{_NUMBER}D)?"
    rf"(?:T(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?"
)
_DESIGNATED_SECONDS = (31_536_000, 2_592_000, 604_800, 86_400, 3_600, 60, 1)
_ALTERNATIVE = re.compile(
    rf"P(?:([0-9]{{4}})-([0-9]{{2}})-([0-9]{{2}}))?T([0-9]{{2}}):([0-9]{{2}}):{_NUMBER}"
)
_ALTERNATIVE_SECONDS = (31_536_000, 2_592_000, 86_400, 3_600, 60, 1)


@dataclass(frozen=True, slots=True)
class _Traits:
    """What is compared of an asset: its tags, and the words of its name and content."""

    tags: frozenset[str]
    words: frozenset[str]


def _traits(record: Record) -> _Traits:
    if _KEY not in record.work:
        seen = document(record)
        text = normal(f"{seen.name}\n{seen.content[:MAX_CONTENT]}")
        record.work[_KEY] = _Traits(tag_texts(record), frozenset(_WORD.findall(text)))
    traits: _Traits = record.work[_KEY]
    return traits


def _share(mine: frozenset[str], other: frozenset[str], shared: int) -> float:
    return shared / (len(mine) + len(other) - shared) if shared else 0.0


def _relation(mine: _Traits, other: _Traits) -> tuple[bool, float]:
    """Whether ``mine`` is a close relative of the other, and how like the two are (0 to 2).

    A close relative shares a tag or half of its own words.
    """
    tags, words = len(mine.tags & other.tags), len(mine.words & other.words)
    close = tags > 0 or (words > 0 and 2 * words >= len(mine.words))
    return close, _share(mine.tags, other.tags, tags) + _share(mine.words, other.words, words)


def _rank(record: Record, inputs: Sequence[tuple[_Traits, float]]) -> tuple[float, float]:
    """The pull of those inputs the asset is a close relative of, then its weighed likeness."""
    mine = _traits(record)
    pull = likeness = 0.0
    for other, pulls in inputs:
        close, like = _relation(mine, other)
        pull += pulls if close else 0.0
        likeness += pulls * like
    return pull, likeness


def _relatives(records: Sequence[Record], pulls: Mapping[str, float]) -> list[Record]:
    """The relatives of the assets in ``pulls``, best first and of equals the newer first."""
    known = [(_traits(record), pulls[record.key]) for record in records if record.key in pulls]
    most = max(1, MAX_COMPARISONS // max(1, len(records)))
    inputs = sorted(known, key=lambda one: -one[1])[:most]
    others = [record for record in reversed(records) if record.key not in pulls]
    ranked = [(_rank(record, inputs), record) for record in others]
    found = [one for one in ranked if one[0][1] > 0]
    return [record for _, record in sorted(found, key=lambda one: one[0], reverse=True)]


def related(records: Sequence[Record], inputs: Collection[str]) -> list[Record]:
    """Assets that share something with the inputs, best first, without the inputs themselves.

    ``records`` come oldest first; ids that are not among them are ignored. Close relatives (a
    shared tag, or half of the asset's words) come first, those of more inputs before those of
    fewer; then likeness decides, then age, newer first.
    """
    return _relatives(records, dict.fromkeys(inputs, 1.0))


def recommended(
    records: Sequence[Record], interactions: Sequence[tuple[str, float]]
) -> list[Record]:
    """Assets that share something with those interacted with, best first, without these.

    ``interactions`` pairs asset ids with weights (see :func:`weight`); the weights of an asset
    that comes twice are added. Ranked as by :func:`related`, only that an input counts by its
    weight. One that weighs nothing still counts a little.
    """
    pulls: dict[str, float] = {}
    for key, weighs in interactions:
        # The 1 keeps the relatives of what was never viewed in the list.
        pulls[key] = pulls.get(key, 1.0) + max(weighs, 0.0)
    return _relatives(records, pulls)


def weight(interaction: Mapping[str, Any]) -> float:
    """How much an ``InteractedAssetInteractions`` weighs, in seconds of viewing.

    ``viewed`` is an ISO 8601 duration in either form; anything else weighs nothing.
    """
    viewed = interaction.get("viewed")
    seconds = _seconds(viewed) if isinstance(viewed, str) else 0.0
    scrolled = SCROLLED if interaction.get("scrolled") is True else 0.0
    return seconds + scrolled + (TOUCHED if interaction.get("touched") is True else 0.0)


def _seconds(duration: str) -> float:
    for form, worth in (
        (_DESIGNATED, _DESIGNATED_SECONDS),
        (_ALTERNATIVE, _ALTERNATIVE_SECONDS),
    ):
        found = form.fullmatch(duration)
        if found:
            amounts = (float((one or "0").replace(",", ".")) for one in found.groups())
            return sum(amount * each for amount, each in zip(amounts, worth, strict=True))
    return 0.0
