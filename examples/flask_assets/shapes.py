"""How stored assets look in answers."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from examples.flask_assets.faults import on
from examples.flask_assets.storage import Asset, Document

INDEXED = ("tags", "websites", "persons", "annotations", "hints", "anchors")
EMBEDDED = ("id", "name", "creator", "created", "updated", "mechanism", "pseudo")


def flattened(asset: Asset) -> Document:
    """The asset as its own parts embed it, without a cycle."""
    made: Document = {key: asset.document[key] for key in EMBEDDED if key in asset.document}
    made["formats"] = {"iterable": [{"id": one["id"]} for one in asset.formats]}
    made["preview"] = {"base": asset.document["preview"]["base"]["id"].lower()}
    made["original"] = asset.document["original"]["id"].lower()
    return made


def _bare(form: Document, *, contents: bool) -> Document:
    if contents:
        return dict(form)
    return {key: value for key, value in form.items() if key not in {"fragment", "file"}}


def format_shape(asset: Asset, form: Document, *, contents: bool = True) -> Document:
    """A Format, its asset embedded."""
    return {**_bare(form, contents=contents), "asset": flattened(asset)}


def formats_shape(asset: Asset, *, contents: bool = True) -> list[Document]:
    """All formats of an asset."""
    embedded = flattened(asset)
    return [{**_bare(form, contents=contents), "asset": embedded} for form in asset.formats]


def _reference(asset: Asset, reference: Document, *, contents: bool) -> Document:
    made: Document = {"id": reference["id"].lower()}
    form = asset.format(made["id"])
    if form is not None:
        made["reference"] = {**_bare(form, contents=contents), "asset": asset.id}
    return made


def asset_shape(asset: Asset, *, contents: bool = True) -> Document:
    """An Asset, its formats and references filled in."""
    made = dict(asset.document)
    preview = dict(made["preview"])
    for part in ("base", "overlay"):
        if part in preview:
            keep = contents or on("preview_keeps_contents")
            preview[part] = _reference(asset, preview[part], contents=keep)
    made["original"] = _reference(asset, made["original"], contents=contents)
    made["preview"] = preview
    others = {key: value for key, value in made["formats"].items() if key != "iterable"}
    made["formats"] = {"iterable": formats_shape(asset, contents=contents), **others}
    if "sensitives" in made and made["sensitives"]["iterable"]:
        embedded = flattened(asset)
        found = [{**one, "asset": embedded} for one in made["sensitives"]["iterable"]]
        made["sensitives"] = {**made["sensitives"], "iterable": found}
    return made


def with_indices(document: Document) -> Document:
    """Number the materials anew: each list says where each of its ids stands."""
    for name in INDEXED:
        if name in document:
            listed = document[name]["iterable"]
            positions = {one["id"]: place for place, one in enumerate(listed)}
            document[name] = {**document[name], "indices": positions}
    return document


def listing(items: list[Document], gone: Iterable[str] = ()) -> Document:
    """A list with the place of each id; -1 for those that were there and are no more."""
    first = 1 if on("indices_from_one") else 0
    places: dict[str, int] = {} if on("gone_not_in_indices") else dict.fromkeys(gone, -1)
    places.update({item["id"]: place for place, item in enumerate(items, first)})
    made: Document = {"iterable": items, "indices": places}
    if not items and on("empty_list_missing"):
        del made["iterable"]
    return made


def assets_shape(assets: list[Asset], *, contents: bool = True) -> list[Document]:
    """Several assets."""
    return [asset_shape(asset, contents=contents) for asset in assets]


def removed(asset: Asset, moment: Any) -> Document:
    """What feeds tell of a removal: the asset as it was last, with ``deleted`` set."""
    document = copy.deepcopy(asset_shape(asset, contents=False))
    document["deleted"] = moment
    return document
