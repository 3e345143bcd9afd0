"""Materials of a new asset: what its seed names, with ids and moments of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from examples.flask_assets.faults import on
from examples.flask_assets.identity import new_id
from examples.flask_assets.storage import Document

Seeds = list[Document]


def _kept(seed: Document, *names: str) -> Document:
    return {name: seed[name] for name in names if name in seed}


def _tag(seed: Document) -> Document:
    category = seed.get("category", "UNKNOWN")
    if on("tag_category_ignored"):
        category = "UNKNOWN"
    return {"text": seed["text"], "category": category, "mechanisms": {}}


def _website(seed: Document) -> Document:
    return {**_kept(seed, "url", "name"), "mechanisms": {}}


def _person(seed: Document) -> Document:
    return {"type": seed["type"], "mechanisms": {}, "access": {}, "models": {}}


def _annotation(seed: Document) -> Document:
    return _kept(seed, "type", "text", "mechanism", "favorited", "pseudo")


def _hint(seed: Document) -> Document:
    return {**_kept(seed, "type", "text"), "mechanisms": {}}


def _anchor(seed: Document) -> Document:
    return {
        **_kept(seed, "type", "watch"),
        "name": seed.get("name", seed["fullpath"]),
        "points": {"iterable": [{"id": new_id()}]},
    }


def _sensitive(seed: Document) -> Document:
    names = ("text", "category", "severity", "name", "description", "metadata")
    return {**_kept(seed, *names), "mechanism": seed.get("mechanism", "MANUAL")}


MAKERS: dict[str, Callable[[Document], Document]] = {
    "tags": _tag,
    "websites": _website,
    "persons": _person,
    "annotations": _annotation,
    "hints": _hint,
    "anchors": _anchor,
    "sensitives": _sensitive,
}


def from_seed(metadata: Document, moment: Any) -> Document:
    """The materials of a new asset by the member that holds them; indices come later."""
    made: Document = {}
    for name, maker in MAKERS.items():
        seeds: Seeds = list(metadata.get(name, []))
        if on("lost_second_annotation") and name == "annotations":
            seeds = seeds[:1]
        if on("tags_sorted") and name == "tags":
            seeds.sort(key=lambda seed: str(seed["text"]))
        if on("tags_capped_at_8") and name == "tags":
            seeds = seeds[:8]
        items = [
            {"id": new_id(), "created": moment, "updated": moment, **maker(seed)} for seed in seeds
        ]
        made[name] = {"iterable": items}
    return made
