"""Finding assets: by words, by tags, by their full text and by what code is about."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

from rapidfuzz import fuzz, process

from examples.flask_assets.contents import decode, text_of
from examples.flask_assets.faults import on, remembered
from examples.flask_assets.storage import Asset, Document

WEIGHTS = {
    "TITLE": 0.98,
    "TAGS": 0.95,
    "ANNOTATION": 0.93,
    "HINT": 0.91,
    "CONTENT": 0.89,
    "WEBSITES": 0.87,
    "PERSONS": 0.85,
}
CALLED = ("name", "username", "email", "vanityname")
WORD = re.compile(r"\w+")
BREAK = re.compile(r"_+|(?<=[a-z0-9])(?=[A-Z])")
CLOSE_WORD, CLOSE_TITLE, FUZZY_SCALE = 0.75, 0.8, 0.8
Places = dict[str, list[str]]
Hit = tuple[Asset, bool, float, str]
Fold = Callable[[str], str]


@remembered
def fold(text: str) -> str:
    """A text without the differences that do not count: case (all of it), composition."""
    if on("lower_instead_of_casefold"):
        return unicodedata.normalize("NFC", text.lower())
    if on("ascii_case_only"):
        table = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")
        return unicodedata.normalize("NFC", text.translate(table))
    if on("dot_above_ignored"):
        text = text.replace("\u0130", "I")
    if on("composition_matters"):
        return text.casefold()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


@remembered
def words(text: str) -> tuple[str, ...]:
    """The words of a text; an identifier counts as a whole and by its parts."""
    found = WORD.findall(fold(text))
    for word in WORD.findall(compose(text)):
        parts = [part for part in BREAK.split(word) if part]
        found += [fold(part) for part in parts] if parts != [word] else []
    return tuple(found)


def compose(text: str) -> str:
    """A text in one composition, its case kept."""
    return unicodedata.normalize("NFC", text)


def _listed(document: Document, name: str) -> Iterator[Document]:
    yield from document.get(name, {}).get("iterable", [])


def person_names(person: Document) -> list[str]:
    """What a person may be called by in either profile: names, and the address."""
    profiles = [person["type"].get(kind, {}) for kind in ("basic", "platform")]
    return [known[key] for known in profiles for key in CALLED if known.get(key)]


def contents(asset: Asset) -> list[str]:
    """The text of the original format, if it is one: that of its fragment before that of a file."""
    original = asset.format(asset.document["original"]["id"]) or {}
    for member in ("fragment", "file"):
        data = decode(original[member]) if member in original else None
        text = text_of(original[member], data) if data is not None else None
        if text:
            return [text[:-1] if on("search_misses_last_character") else text]
    return []


def places(asset: Asset) -> Places:
    """The texts of an asset by where a search may find them."""
    document = asset.document
    made: Places = {
        "TITLE": [document["name"]] if document.get("name") else [],
        "TAGS": [tag["text"] for tag in _listed(document, "tags")],
        "ANNOTATION": [one["text"] for one in _listed(document, "annotations")],
        "HINT": [one["text"] for one in _listed(document, "hints")],
        "CONTENT": contents(asset),
        "WEBSITES": [
            text for one in _listed(document, "websites") for text in (one["url"], one["name"])
        ],
        "PERSONS": [name for one in _listed(document, "persons") for name in person_names(one)],
    }
    if on("hints_not_searched"):
        made["HINT"] = []
    if on("second_tag_not_searched"):
        made["TAGS"] = made["TAGS"][:1]
    return made


def order(hits: list[Hit]) -> list[Hit]:
    """Exact hits before suggestions, the best first, the newest first among equals."""
    if on("suggestions_first"):
        return sorted(hits, key=lambda hit: (hit[1], -hit[2], -hit[0].number))
    if on("ties_oldest_first"):
        return sorted(hits, key=lambda hit: (not hit[1], -hit[2], hit[0].number))
    return sorted(hits, key=lambda hit: (not hit[1], -hit[2], -hit[0].number))


def by_words(assets: list[Asset], query: str, *, casing: bool = False) -> list[Hit]:
    """What has the query in it, and what nearly has."""
    hits = []
    for asset in assets:
        hit = _exact(asset, query.strip(), compose if casing else fold)
        if hit is None and not on("no_suggestions"):
            hit = _close(asset, query.strip())
        if hit is not None:
            hits.append(hit)
    return order(hits)


def _exact(asset: Asset, query: str, same: Fold) -> Hit | None:
    wanted = same(query)
    found = [
        place
        for place, texts in places(asset).items()
        if any(wanted in same(text) for text in texts)
    ]
    if not found:
        return None
    weights = {**WEIGHTS, "CONTENT": 0.99} if on("content_outranks_title") else WEIGHTS
    score = max(weights[place] for place in found)
    if "TITLE" in found and same(asset.document["name"]).strip() == wanted:
        score = 1.0
    elif len(found) > 1:
        score += 0.01
    return asset, True, score, "MULTIPLE" if len(found) > 1 else found[0]


def _close(asset: Asset, query: str) -> Hit | None:
    at, whole = places(asset), fold(query)
    likeness = 0.0
    for title in at["TITLE"]:
        title_ = fold(title)
        alike = fuzz.partial_ratio if len(whole) <= len(title_) else fuzz.ratio
        near = alike(whole, title_) / 100
        likeness = near if near >= CLOSE_TITLE else 0.0
    there = {word for texts in at.values() for text in texts for word in words(text)}
    wanted = WORD.findall(whole)
    if wanted and there:
        best = [_nearest(one, there) for one in wanted]
        likeness = max(likeness, sum(best) / len(best) if all(best) else 0.0)
    return (asset, False, round(FUZZY_SCALE * likeness, 4), "FUZZY") if likeness else None


def _nearest(wanted: str, there: set[str]) -> float:
    """How near the nearest word is; 0 where none is near enough."""
    found = process.extractOne(wanted, there, scorer=fuzz.ratio, score_cutoff=100 * CLOSE_WORD)
    return found[1] / 100 if found else 0.0


def split_tags(text: str) -> list[str]:
    """The tags of a list with commas, without blanks around them, each once."""
    found = (fold(part).strip() for part in text.split(","))
    return list(dict.fromkeys(part for part in found if part))


def by_tags(assets: list[Asset], wanted: list[str]) -> list[Hit]:
    """What carries the tags: all of them exactly, some of them as a suggestion."""
    hits = []
    for asset in assets:
        carried = {fold(tag).strip() for tag in places(asset)["TAGS"]}
        share = sum(tag in carried for tag in wanted) / len(wanted)
        if share:
            hits.append((asset, share == 1, round(share, 4), "TAGS"))
    return order(hits)


def full_text(assets: list[Asset], query: str) -> list[Hit]:
    """What has every word of the query, the oftener the better."""
    wanted = list(dict.fromkeys(WORD.findall(fold(query))))
    counted = []
    for asset in assets if wanted else []:
        at = {
            place: [word for text in texts for word in words(text)]
            for place, texts in places(asset).items()
        }
        counts = [sum(there.count(one) for there in at.values()) for one in wanted]
        if all(counts):
            found = [place for place, there in at.items() if set(wanted) & set(there)]
            counted.append((asset, sum(counts), found))
    most = max((count for _, count, _ in counted), default=1)
    return order(
        [
            (asset, True, round(count / most, 4), "MULTIPLE" if len(found) > 1 else found[0])
            for asset, count, found in counted
        ]
    )


def by_meaning(assets: list[Asset], query: str) -> list[Hit]:
    """Code that speaks of the words of the query in its name, its prose or itself."""
    wanted = set(words(query))
    hits = []
    for asset in assets if wanted else []:
        if not any(form["classification"]["generic"] == "CODE" for form in asset.formats):
            continue
        at = places(asset)
        spoken = at["TITLE"] + at["ANNOTATION"] + at["CONTENT"]
        there = {word for text in spoken for word in words(text)}
        share = len(wanted & there) / len(wanted)
        if share:
            hits.append((asset, False, round(share, 4), "CONTENT"))
    return order(hits)


def shape(hits: list[Hit], show: Callable[[Asset], Document]) -> Document:
    """SearchedAssets."""
    exact: Any = sum(hit[1] for hit in hits)
    suggested = 0 if on("suggested_always_zero") else len(hits) - exact
    if on("search_capped_at_30"):
        hits = hits[:30]
    items = [
        {
            "exact": exact_,
            "score": score,
            "match": match,
            "identifier": asset.id,
            "pseudo": asset.pseudo,
            "asset": show(asset),
        }
        for asset, exact_, score, match in hits
    ]
    if on("exact_count_as_text"):
        exact = str(exact)
    return {"iterable": items, "suggested": suggested, "exact": exact}
