"""Creating, replacing and reclassifying assets, and replacing contents."""

from __future__ import annotations

import copy
import unicodedata
from typing import Any

from examples.flask_assets.contents import (
    classify,
    decode,
    default_name,
    find_out,
    readable,
    size,
    stored,
)
from examples.flask_assets.errors import bad_request
from examples.flask_assets.faults import on
from examples.flask_assets.identity import new_id, now
from examples.flask_assets.materials import from_seed
from examples.flask_assets.shapes import with_indices
from examples.flask_assets.storage import Asset, Document, Session


def seeded_content(format_seed: Document) -> tuple[str, Document, bytes]:
    """The one content of a seed: which member it is in, the member, its bytes."""
    given = [member for member in ("fragment", "file") if member in format_seed]
    if len(given) != 1:
        raise bad_request("A format is seeded with either a fragment or a file.")
    content = format_seed[given[0]]
    if len([member for member in ("string", "bytes") if member in content]) != 1:
        raise bad_request(f"A {given[0]} is seeded with either a string or bytes.")
    data = decode(content)
    if data is None:
        raise bad_request(f"The content of the {given[0]} cannot be read.")
    return given[0], content, data


def build(seed: Document, creator: str, session: Session) -> Asset:
    """A new asset from a Seed; raises 400 where none can be made of it."""
    wanted = seed.get("asset")
    if wanted is None:
        raise bad_request("A seed without an asset cannot be saved.")
    member, content, data = seeded_content(wanted["format"])
    moment, key = now(), _next_id(session)
    classification = find_out(content, data)
    form = {
        "id": new_id(),
        "creator": creator,
        "classification": classification,
        "role": "BOTH",
        "application": wanted["application"],
        "bytes": size(data),
        "created": moment,
        "updated": moment,
        member: stored(content, data, file=member == "file"),
    }
    metadata = wanted.get("metadata", {})
    default = "AUTOMATIC" if on("mechanism_defaults_to_automatic") else "MANUAL"
    document: Document = {
        "id": key,
        "name": _name(metadata.get("name")) or default_name(classification, content),
        "creator": creator,
        "created": moment,
        "updated": moment,
        "formats": {"iterable": []},
        "mechanism": metadata.get("mechanism", default),
        "score": {"manual": 0, "automatic": 0},
        "pseudo": wanted.get("pseudo", False),
        "discovered": wanted.get("discovered", False) and not on("lost_discovered"),
        **{member: wanted[member] for member in ("demo",) if member in wanted},
        **from_seed(metadata, moment),
        "original": {"id": form["id"]},
        "preview": {"base": {"id": form["id"]}},
    }
    return Asset(key, with_indices(document), [form])


def _next_id(session: Session) -> str:
    if on("id_reused") and (dead := session.deleted_ids()):
        return dead[-1]
    return new_id()


def _name(name: str | None) -> str | None:
    if name and on("name_trimmed"):
        return name.strip()
    if name and on("name_stored_as_nfc"):
        return unicodedata.normalize("NFC", name)
    if name and on("name_cut_at_64"):
        return name[:64]
    return name


def replace(old: Asset, body: Document, session: Session) -> Asset:
    """The asset that takes the place of the old one; contents that were left out stay."""
    document = copy.deepcopy(body)
    document["id"] = old.id
    if not on("created_overwritten"):
        document["created"] = old.document["created"]
    if not on("updated_from_body"):
        document["updated"] = now()
    document["formats"] = {**document["formats"], "iterable": []}
    document["original"] = _unreferenced(document["original"])
    for part in ("base", "overlay"):
        if part in document["preview"]:
            document["preview"][part] = _unreferenced(document["preview"][part])
    if on("missing_name_as_null") and "name" not in document:
        document["name"] = None
    if on("missing_members_stay"):
        document = {**old.document, **document}
    if on("emptied_tags_stay") and document.get("tags", {}).get("iterable") == []:
        document["tags"] = old.document.get("tags", document["tags"])
    if on("lost_favorited"):
        document.pop("favorited", None)
    if document.get("name"):
        document["name"] = _name(document["name"])
    return Asset(
        old.id, with_indices(document), _formats(old, body, session), old.number, old.deleted
    )


def _unreferenced(reference: Document) -> Document:
    return {key: value for key, value in reference.items() if key != "reference"}


def _formats(old: Asset, body: Document, session: Session) -> list[Document]:
    made: dict[str, Document] = {}
    for given in body["formats"]["iterable"]:
        key = given["id"].lower()
        if session.holder(key) not in {None, old.id}:
            continue
        before = old.format(key) or {}
        form = {name: value for name, value in given.items() if name != "asset"} | {"id": key}
        if "fragment" not in form and "file" not in form and not on("left_out_content_is_lost"):
            form.update({key: before[key] for key in ("fragment", "file") if key in before})
        count = int(given.get("bytes", {}).get("value", 0))
        form["bytes"] = {"value": count, "readable": readable(count)}
        made[key] = with_content(form)
    return list(made.values()) or old.formats


def with_content(form: Document) -> Document:
    """Give both forms of the content and its size, as far as it can be read."""
    for member in ("fragment", "file"):
        data = decode(form[member]) if member in form else None
        if data is not None:
            others = {k: v for k, v in form[member].items() if k not in {"string", "bytes"}}
            form[member] = others | stored(form[member], data, file=member == "file")
            form["bytes"] = size(data)
    return form


def reclassify(asset: Asset, specific: str) -> Asset:
    """Give the original format and the preview another kind."""
    moment = asset.document["updated"] if on("reclassify_keeps_updated") else now()
    wanted = {asset.document["original"]["id"].lower()}
    if not on("reclassify_skips_preview"):
        wanted.add(asset.document["preview"]["base"]["id"].lower())
    kind = classify(specific)
    if on("reclassify_keeps_generic"):
        kind = {"specific": specific}
    for form in asset.formats:
        if form["id"].lower() in wanted:
            form["classification"] = {**form["classification"], **kind}
            form["updated"] = moment
    asset.document["updated"] = moment
    return asset


def replace_value(asset: Asset, form: Document, body: Document) -> Asset:
    """Store the content of a Format, in the other of original and preview as well."""
    moment = now()
    targets = [form]
    pair = {asset.document["original"]["id"].lower()}
    pair.add(asset.document["preview"]["base"]["id"].lower())
    picture = form["classification"]["generic"] == "IMAGE"
    if form["id"].lower() in pair and not picture and not on("value_not_synchronised"):
        others = (asset.format(key) for key in sorted(pair - {form["id"].lower()}))
        targets += [other for other in others if other is not None]
    content: dict[str, Any] = {
        member: body[member] for member in ("fragment", "file") if member in body
    }
    for target in targets:
        if content:
            target.pop("fragment", None)
            target.pop("file", None)
        target.update(copy.deepcopy(content))
        with_content(target)
        target["updated"] = moment
    if not on("value_keeps_asset_updated"):
        asset.document["updated"] = moment
    return asset
