"""The filters of `POST /assets/search`."""

from __future__ import annotations

from typing import Any

from examples.flask_assets.faults import on
from examples.flask_assets.identity import instant
from examples.flask_assets.search import compose, fold, person_names, places
from examples.flask_assets.storage import Asset, Document

PLACES = ("title", "content", "annotation")


def holds_all(filters: Document, asset: Asset, *, casing: bool) -> bool:
    """Whether the filters hold: each of them or, with OR, one of them; no filter always does."""
    found = [_holds(one, asset, casing=casing) for one in filters["iterable"]]
    if filters.get("type") == "OR" and found and not on("or_taken_as_and"):
        return any(found)
    return all(found)


def _holds(one: Document, asset: Asset, *, casing: bool) -> bool:
    checks = [
        _kind(one, asset),
        _named(one.get("tags", []), _tags(asset), "tags"),
        _named(one.get("websites", []), _websites(asset), "websites"),
        _named(one.get("persons", []), _persons(asset), "persons"),
        _phrase(one.get("phrase", {}), asset, casing=casing),
        _time(one.get("created"), asset.document["created"]),
    ]
    if not (on("updated_ignored_beside_created") and "created" in one):
        checks.append(_time(one.get("updated"), asset.document["updated"]))
    if "operations" in one:
        nested = one["operations"]
        if on("operations_always_and"):
            nested = {**nested, "type": "AND"}
        checks.append(holds_all(nested, asset, casing=casing))
    return all(checks)


def _kind(one: Document, asset: Asset) -> bool:
    if "classification" not in one or (on("kind_ignored_beside_tags") and one.get("tags")):
        return True
    original = asset.format(asset.document["original"]["id"])
    return original is not None and original["classification"]["specific"] == one["classification"]


def _listed(asset: Asset, member: str) -> list[Document]:
    found: list[Document] = asset.document.get(member, {}).get("iterable", [])
    return found


def _tags(asset: Asset) -> list[list[str]]:
    known = places(asset)["TAGS"]
    return [[one["id"], one["text"]] for one in _listed(asset, "tags") if one["text"] in known]


def _websites(asset: Asset) -> list[list[str]]:
    listed = _listed(asset, "websites")
    if on("websites_by_name_only"):
        return [[one["name"]] for one in listed]
    return [[one["id"], one["url"], one["name"]] for one in listed]


def _persons(asset: Asset) -> list[list[str]]:
    return [[one["id"], *person_names(one)] for one in _listed(asset, "persons")]


def _named(wanted: list[str], there: list[list[str]], member: str) -> bool:
    # An empty name is nobody's; a blank one is a name.
    names = {fold(name).strip() for group in there for name in group if name}
    found = [fold(name).strip() in names for name in wanted]
    if found and on("any_tag_is_enough") and member == "tags":
        return any(found)
    return all(found)


def _phrase(phrase: Document, asset: Asset, *, casing: bool) -> bool:
    value = phrase.get("value", "")
    same = compose if casing else fold
    flags: dict[str, bool] = {name: phrase[name] for name in PLACES if name in phrase}
    chosen = {name for name, flag in flags.items() if flag}
    if not any(flags.values()):
        chosen = set(PLACES) - set(flags)
    if on("phrase_looks_in_first_place_only") and len(chosen) > 1:
        chosen = {"title"}
    if not value and chosen & {"title", "content"}:
        return True  # no text at all has an empty one in it, too
    at = places(asset)
    texts = at["TITLE"] if "title" in chosen else []
    texts = texts + (at["CONTENT"] if "content" in chosen else [])
    texts = texts + (_annotations(phrase, asset) if "annotation" in chosen else [])
    return any(same(value) in same(text) for text in texts)


def _annotations(phrase: Document, asset: Asset) -> list[str]:
    kind = phrase.get("options", {}).get("annotation")
    if on("phrase_options_ignored"):
        kind = None
    listed = _listed(asset, "annotations")
    return [one["text"] for one in listed if kind in {None, one["type"]}]


def _time(wanted: Document | None, moment: Any) -> bool:
    if not wanted:
        return True
    there = instant(moment["value"])
    start = instant(wanted["from"]["value"]) if "from" in wanted else None
    end = instant(wanted["to"]["value"]) if "to" in wanted else None
    if start and end:
        return start <= there < end if on("range_without_its_end") else start <= there <= end
    if start:
        return there >= start if on("after_includes_the_moment") else there > start
    return there < end if end else True
