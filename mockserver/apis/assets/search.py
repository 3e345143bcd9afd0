"""Finding assets: exact and close text, tags, whole words, and likeness of code."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar, cast

from mockserver.state.store import Record

T = TypeVar("T")

MAX_QUERY = 1_000
"""Characters of a query that count, after normalising."""

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
# A piece ends before an ASCII character where it can: nothing composes across that boundary.
_PIECE = re.compile(r"[\s\S]{1,1024}(?=[\x00-\x7f]|\Z)|[\s\S]{1,1024}")


@dataclass(frozen=True, slots=True)
class Material:
    """A tag, website or person of an asset: its id, and the texts it is known by."""

    id: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Annotation:
    """A text about an asset and its AnnotationTypeEnum value."""

    text: str
    type: str


@dataclass(frozen=True, slots=True)
class Document:
    """What search sees of one asset, as written; missing texts are empty.

    ``content`` is the text of the original format, whether it is a fragment or a file. The texts
    of a tag are its text, of a website its url and name, of a person the name, e-mail address and
    user names of the basic or platform profile.
    """

    name: str
    content: str
    tags: tuple[Material, ...]
    websites: tuple[Material, ...]
    persons: tuple[Material, ...]
    annotations: tuple[Annotation, ...]
    hints: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """One asset found: ``match`` is a SearchedMatchEnum value, ``score`` runs from 0 to 1.

    In :func:`fuzzy` exact hits score above :data:`SUGGESTED`, suggested ones at most that.
    """

    record: Record
    exact: bool
    score: float
    match: str


def _kept(record: Record, key: str, make: Callable[[Record], T]) -> T:
    """What ``make`` derives from the record, computed once for this version."""
    if key not in record.work:
        record.work[key] = make(record)
    return cast("T", record.work[key])


def _at(value: Any, *path: str) -> Any:
    """The member at that path, or None where the path breaks off."""
    for name in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(name)
    return value


def _texts(value: Any, *names: str) -> tuple[str, ...]:
    """Those of the named members that hold a text with something in it."""
    found = (_at(value, name) for name in names)
    return tuple(text for text in found if isinstance(text, str) and text)


def _items(asset: Any, name: str) -> list[Any]:
    return _at(asset, name, "iterable") or []


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _materials(asset: Any, name: str, *members: str) -> tuple[Material, ...]:
    return tuple(
        Material(_text(_at(item, "id")), _texts(item, *members)) for item in _items(asset, name)
    )


def _person(person: Any) -> Material:
    basic = _texts(_at(person, "type", "basic"), "name", "email", "username")
    platform = _texts(_at(person, "type", "platform"), "name", "email", "username", "vanityname")
    return Material(_text(_at(person, "id")), basic + platform)


def _content(asset: Any) -> str:
    # Only text is looked at: positions of bytes hold blobs, which never are.
    original = _at(asset, "original", "reference")
    fragment = _at(original, "fragment", "string", "raw")
    return _text(fragment) or _text(_at(original, "file", "string", "raw"))


def _read(record: Record) -> Document:
    asset = record.value
    return Document(
        name=_text(_at(asset, "name")),
        content=_content(asset),
        tags=_materials(asset, "tags", "text"),
        websites=_materials(asset, "websites", "url", "name"),
        persons=tuple(_person(item) for item in _items(asset, "persons")),
        annotations=tuple(
            Annotation(_text(_at(item, "text")), _text(_at(item, "type")))
            for item in _items(asset, "annotations")
        ),
        hints=tuple(text for item in _items(asset, "hints") for text in _texts(item, "text")),
    )


def document(record: Record) -> Document:
    """What search sees of the asset."""
    return _kept(record, "assets.document", _read)


def classification(record: Record) -> tuple[str, str]:
    """The generic and specific classification of the asset's original format."""
    found = _at(record.value, "original", "reference", "classification")
    return _text(_at(found, "generic")), _text(_at(found, "specific"))


def _composed(text: str) -> str:
    # Python normalises a run of combining marks in quadratic time: pieces bound that.
    if text.isascii():
        return text
    return "".join(unicodedata.normalize("NFC", piece) for piece in _PIECE.findall(text))


def normal(text: str, *, casing: bool = False) -> str:
    """The text as it is compared: composed (NFC), and case-folded unless ``casing``."""
    composed = _composed(text)
    return composed if casing else _composed(composed.casefold())


def _raw(record: Record) -> dict[str, Sequence[str]]:
    """The texts of the asset by place, best place first, as written."""
    seen = document(record)
    return {
        "TITLE": (seen.name,),
        "TAGS": [text for tag in seen.tags for text in tag.texts],
        "ANNOTATION": [annotation.text for annotation in seen.annotations],
        "HINT": seen.hints,
        "CONTENT": (seen.content,),
        "WEBSITES": [text for website in seen.websites for text in website.texts],
        "PERSONS": [text for person in seen.persons for text in person.texts],
    }


def _places(record: Record, *, casing: bool) -> Mapping[str, tuple[str, ...]]:
    return {
        place: tuple(normal(text, casing=casing) for text in texts)
        for place, texts in _raw(record).items()
    }


def places(record: Record, *, casing: bool = False) -> Mapping[str, tuple[str, ...]]:
    """The normalised texts of the asset by place, named as in SearchedMatchEnum.

    Annotations stand in the order of :attr:`Document.annotations`.
    """
    if casing:
        return _kept(record, "assets.places.cased", lambda one: _places(one, casing=True))
    return _kept(record, "assets.places", lambda one: _places(one, casing=False))


def _count(text: str) -> Counter[str]:
    """How often each word occurs; identifiers count as a whole and in their parts."""
    composed = _composed(text)
    whole = Counter(_WORD.findall(_composed(composed.casefold())))
    parts = Counter(_WORD.findall(_composed(_BREAK.sub(" ", composed).casefold())))
    return whole | parts


def _counts(record: Record) -> Mapping[str, Counter[str]]:
    return {place: _count("\n".join(texts)) for place, texts in _raw(record).items()}


def _counted(record: Record) -> Mapping[str, Counter[str]]:
    """How often each word occurs, by place."""
    return _kept(record, "assets.counts", _counts)


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
    close = [
        process.extract(word, known, scorer=fuzz.ratio, score_cutoff=CLOSE_WORD, limit=None)
        for word in words
    ]
    short = needle[:MAX_FUZZY_NAME]

    def by_words(record: Record) -> float:
        mine = _kept(record, "assets.vocabulary", _vocabulary)
        best = [max((near[1] for near in one if near[0] in mine), default=0.0) for one in close]
        mean = sum(best) / len(best) / 100 if best else 0.0
        return mean if mean >= CLOSE_QUERY else 0.0

    def by_name(record: Record) -> float:
        name = places(record)["TITLE"][0][:MAX_FUZZY_NAME]
        # A query is looked for inside a name, but a short name not inside a longer query.
        scorer = fuzz.partial_ratio if len(short) <= len(name) else fuzz.ratio
        return scorer(short, name, score_cutoff=CLOSE_NAME) / 100

    return lambda record: max(by_words(record), by_name(record))


def _suggested(records: Sequence[Record], needle: str) -> list[Hit]:
    vocabulary: set[str] = set()
    vocabulary.update(*(_kept(record, "assets.vocabulary", _vocabulary) for record in records))
    likeness = _likeness(needle, vocabulary)
    scored = ((record, likeness(record)) for record in records)
    return [
        Hit(record, False, round(like * SUGGESTED, 4), "FUZZY") for record, like in scored if like
    ]


def _ordered(hits: list[Hit]) -> list[Hit]:
    """Exact before suggested, then the better score, then the newer asset."""
    newest = hits[::-1]
    newest.sort(key=lambda hit: (not hit.exact, -hit.score))
    return newest


def fuzzy(records: Iterable[Record], query: str, *, casing: bool = False) -> list[Hit]:
    """Assets that contain the query somewhere, then those that come near it.

    ``records`` come oldest first. An exact hit scores by its best place (see :data:`EXACT`, 0.85
    to 1). A suggested one scores :data:`SUGGESTED` times its likeness, whatever the case: all the
    query's words have near words in the asset, on average, or its name is much alike. White space
    around the query does not count; a blank query finds nothing.
    """
    needle = normal(query, casing=casing).strip()[:MAX_QUERY]
    if not needle:
        return []
    exact: list[Hit] = []
    others: list[Record] = []
    for record in records:
        hit = _contains(record, needle, casing=casing)
        exact.append(hit) if hit else others.append(record)
    return _ordered(exact + (_suggested(others, normal(needle)) if others else []))


def tag_texts(record: Record) -> frozenset[str]:
    """The texts of the asset's tags, trimmed and without regard to case; blank ones left out."""
    texts = {text.strip() for text in places(record)["TAGS"]}
    return frozenset(texts - {""})


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
    asked = set(_WORD.findall(normal(query)[:MAX_QUERY]))
    found: list[tuple[Record, int, str]] = []
    for record in records if asked else ():
        counts = _counted(record)
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
