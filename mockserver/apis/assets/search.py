"""Finding assets: exact and close text, tags, whole words, and likeness of code."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeVar

from mockserver.apis.assets.document import (
    classification,
    composed,
    document,
    kept,
    normal,
    places,
    tag_texts,
    written,
)
from mockserver.engine.leeway import about, either
from mockserver.state.store import Record

T = TypeVar("T")

MAX_QUERY = 1_000
"""Characters of a query by whose words code is looked for."""

MAX_FUZZY_CONTENT = 10_000
"""Characters of an asset's content that are searched for close words."""

MAX_FUZZY_NAME = 200
"""Characters of a name, and of a query, that are compared as a whole."""

MAX_FUZZY_WORDS = 32
"""Distinct words of a query that are compared one by one."""

CLOSE_WORD = 75.0
"""Least likeness, of 100, at which a word counts as a misspelling of another."""

CLOSE_NAME = 80.0
"""Least likeness, of 100, at which a name is suggested as a whole."""

CLOSE_QUERY = 0.6
"""Least mean likeness, of 1, of all words of a query at which an asset is suggested."""

SUGGESTED = 0.8
"""Score of a perfect suggestion; every exact hit scores higher."""

WHOLE_TITLE = 1.0
"""Score of an asset whose whole name is the query."""

SEVERAL = 0.01
"""What an exact hit gains when more than its best place contains the query."""

EXACT = MappingProxyType(
    {
        "TITLE": 0.98,
        "TAGS": 0.95,
        "ANNOTATION": 0.93,
        "HINT": 0.91,
        "CONTENT": 0.89,
        "WEBSITES": 0.87,
        "PERSONS": 0.85,
    }
)
"""Score of an exact hit by the place that contains the query, best place first."""

_WORD = re.compile(r"\w+")
_BREAK = re.compile(r"_+|(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Hit:
    """One asset found: ``match`` is a SearchedMatchEnum value, ``score`` runs from 0 to 1.

    In :func:`fuzzy` exact hits score above :data:`SUGGESTED`, suggested ones at most that.
    """

    record: Record
    exact: bool
    score: float
    match: str


def _count(text: str) -> Counter[str]:
    """How often each word occurs; identifiers count as a whole and in their parts."""
    joined = composed(text)
    whole = Counter(_WORD.findall(composed(joined.casefold())))
    parts = Counter(_WORD.findall(composed(_BREAK.sub(" ", joined).casefold())))
    return whole | parts


def _counts(record: Record) -> Mapping[str, Counter[str]]:
    return {place: _count("\n".join(texts)) for place, texts in written(record).items()}


def _counted(record: Record) -> Mapping[str, Counter[str]]:
    """How often each word occurs, by place."""
    return kept(record, "assets.counts", _counts)


def _whole(record: Record) -> Mapping[str, Counter[str]]:
    """How often each word occurs, by place, where identifiers have no parts."""
    words = {place: normal("\n".join(texts)) for place, texts in written(record).items()}
    return {place: Counter(_WORD.findall(text)) for place, text in words.items()}


def _vocabulary(record: Record) -> frozenset[str]:
    """The words near which a misspelt query may lie: of every place, of long content the start."""
    seen = document(record)
    if len(seen.content) <= MAX_FUZZY_CONTENT:
        return frozenset().union(*_counted(record).values())
    start = _count(seen.content[:MAX_FUZZY_CONTENT])
    rest = (words for place, words in _counted(record).items() if place != "CONTENT")
    return frozenset(start).union(*rest)


def _match(found: Sequence[str]) -> str:
    return found[0] if len(found) == 1 else "MULTIPLE"


def _contains(record: Record, needle: str, *, casing: bool) -> Hit | None:
    texts = places(record, casing=casing)
    found = [place for place in EXACT if any(needle in text for text in texts[place])]
    if not found:
        return None
    score = EXACT[found[0]] + (SEVERAL if len(found) > 1 else 0)
    if texts["TITLE"][0].strip() == needle:
        score = WHOLE_TITLE
    return Hit(record, True, score, _match(found))


def _likeness(needle: str, vocabulary: Iterable[str]) -> Callable[[Record], float]:
    """How near a record comes to the query, 0 to 1: by its words, or by its name as a whole."""
    # Loaded on the first search: a server that is never searched should not wait for it.
    from rapidfuzz import fuzz, process  # noqa: PLC0415

    words = list(dict.fromkeys(_WORD.findall(needle)))[:MAX_FUZZY_WORDS]
    known = list(vocabulary)
    # How near is near enough is not described.
    close_word = about(CLOSE_WORD, 60.0, 90.0, 94.0)
    close_name = about(CLOSE_NAME, 60.0, 90.0, 94.0)
    close_query = about(CLOSE_QUERY, 0.5, 0.8, 0.94)
    close = [
        process.extract(word, known, scorer=fuzz.ratio, score_cutoff=close_word, limit=None)
        for word in words
    ]
    short = needle[:MAX_FUZZY_NAME]

    def by_words(record: Record) -> float:
        mine = kept(record, "assets.vocabulary", _vocabulary)
        best = [max((near[1] for near in one if near[0] in mine), default=0.0) for one in close]
        mean = sum(best) / len(best) / 100 if best else 0.0
        return mean if mean >= close_query else 0.0

    def by_name(record: Record) -> float:
        name = places(record)["TITLE"][0][:MAX_FUZZY_NAME]
        # A query is looked for inside a name, but a short name not inside a longer query.
        scorer = fuzz.partial_ratio if len(short) <= len(name) else fuzz.ratio
        return scorer(short, name, score_cutoff=close_name) / 100

    return lambda record: max(by_words(record), by_name(record))


def _suggested(records: Sequence[Record], needle: str) -> list[Hit]:
    vocabulary: set[str] = set()
    vocabulary.update(*(kept(record, "assets.vocabulary", _vocabulary) for record in records))
    likeness = _likeness(needle, vocabulary)
    scored = ((record, likeness(record)) for record in records)
    return [
        Hit(record, False, round(like * SUGGESTED, 4), "FUZZY") for record, like in scored if like
    ]


def _ordered(hits: list[Hit]) -> list[Hit]:
    """Exact before suggested, then the better score, then the newer asset."""
    newest = hits[::-1]
    newest.sort(key=lambda hit: (not hit.exact, -hit.score))
    scale = about(1.0, 0.9, 0.7, 0.5)  # the scale of a score is not described
    return newest if scale == 1 else [replace(hit, score=hit.score * scale) for hit in newest]


def fuzzy(records: Iterable[Record], query: str, *, casing: bool = False) -> list[Hit]:
    """Assets that contain the query somewhere, then those that come near it.

    ``records`` come oldest first. An exact hit scores by its best place (see :data:`EXACT`, 0.85
    to 1). A suggested one scores :data:`SUGGESTED` times its likeness, whatever the case: all the
    query's words have near words in the asset, on average, or its name is much alike. White space
    around the query does not count; a blank query finds nothing.
    """
    needle = normal(query, casing=casing).strip()
    if not needle:
        return []
    exact: list[Hit] = []
    others: list[Record] = []
    for record in records:
        hit = _contains(record, needle, casing=casing)
        exact.append(hit) if hit else others.append(record)
    return _ordered(exact + (_suggested(others, normal(needle)) if others else []))


def by_tags(records: Iterable[Record], tags: Sequence[str]) -> list[Hit]:
    """Assets that carry any of the tags, those that carry all of them as exact hits.

    ``records`` come oldest first. The score is the share of the asked tags that are carried.
    """
    asked = {normal(tag).strip() for tag in tags} - {""}
    hits: list[Hit] = []
    for record in records:
        carried = len(asked & tag_texts(record))
        if carried:
            exact = carried == len(asked)
            hits.append(Hit(record, exact, round(carried / len(asked), 4), "TAGS"))
    return _ordered(hits)


def full_text(records: Iterable[Record], query: str) -> list[Hit]:
    """Assets in which every word of the query occurs somewhere, all of them exact hits.

    ``records`` come oldest first. The score is the number of occurrences, as a share of that of
    the asset with the most. A query without a word (letters, digits, underscores) finds nothing.
    """
    asked = set(_WORD.findall(normal(query)))
    found: list[tuple[Record, int, str]] = []
    counted = _counted if either(True) else _whole  # what a word is is not described
    for record in records if asked else ():
        counts = counted(record)
        if all(any(word in words for words in counts.values()) for word in asked):
            where = [place for place, words in counts.items() if asked & words.keys()]
            total = sum(counts[place][word] for place in where for word in asked)
            found.append((record, total, _match(where)))
    most = max((total for _, total, _ in found), default=1)
    return _ordered(
        [Hit(record, True, round(total / most, 4), match) for record, total, match in found]
    )


def neural_code(records: Iterable[Record], query: str) -> list[Hit]:
    """Code assets by how many of the query's words they share; all of them suggested.

    A stand-in for the model that compares meanings: words, and the parts of identifiers, of the
    name, the annotations and the content are compared instead. ``records`` come oldest first. The
    score is the share of the query's words that occur.
    """
    asked = set(_count(query[:MAX_QUERY]))
    hits: list[Hit] = []
    for record in records if asked else ():
        if classification(record)[0] == "CODE":
            counts = _counted(record)
            shared = len(asked & {*counts["TITLE"], *counts["ANNOTATION"], *counts["CONTENT"]})
            if shared:
                hits.append(Hit(record, False, round(shared / len(asked), 4), "CONTENT"))
    return _ordered(hits)
