"""Which assets have to do with others; the measure is ours, the description leaves it open."""

from __future__ import annotations

from examples.flask_assets.faults import on
from examples.flask_assets.search import fold, places, words
from examples.flask_assets.storage import Asset, Document

SHARED = {"TAGS": 8.0, "WEBSITES": 6.0, "PERSONS": 3.0}
Marks = tuple[dict[str, set[str]], set[str]]


def _marks(asset: Asset) -> Marks:
    at = places(asset)
    whole = {place: {fold(text) for text in at[place]} for place in SHARED}
    prose = at["TITLE"] + at["ANNOTATION"] + at["CONTENT"] + at["TAGS"]
    return whole, {word for text in prose for word in words(text)}


def closeness(one: Marks, other: Marks) -> float:
    """How much two assets share: tags, websites, persons, and words."""
    (whole, prose), (others, other_prose) = one, other
    shared = sum(weight * len(whole[place] & others[place]) for place, weight in SHARED.items())
    union = len(prose | other_prose)
    return shared + (len(prose & other_prose) / union if union else 0.0)


def related(base: list[tuple[Asset, float]], assets: list[Asset]) -> list[Asset]:
    """The assets close to those of the base, which have a weight each, the closest first."""
    if not base:
        return []
    known = set() if on("given_assets_are_related") else {asset.id for asset, _ in base}
    marked = [(_marks(asset), weight) for asset, weight in base]
    measured = []
    for asset in assets:
        if asset.id not in known:
            marks = _marks(asset)
            near = sum(weight * closeness(one, marks) for one, weight in marked)
            measured.append((near, asset))
    measured = [(near, asset) for near, asset in measured if near > 0]
    return [asset for _, asset in sorted(measured, key=lambda pair: (-pair[0], -pair[1].number))]


def weights(interactions: Document, count: int) -> list[float]:
    """How much each asset of the base weighs, by how the user dealt with it."""
    made = [1.0] * count
    for place, entry in enumerate(interactions["iterable"][:count]):
        dealings = entry.get("interactions", {})
        made[place] += bool(dealings.get("touched")) + 0.5 * bool(dealings.get("scrolled"))
    return made
