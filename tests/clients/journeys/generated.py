"""What users of the generated client do with its API classes, in chapters.

Called with a base URL and a folder of fixtures; each chapter has a sandbox of its own. Prints
for each chapter null or why it failed, the asset operations there are, and those called.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import chapters
from chapters import same, tell
from client import ApiException, Client, asset_operations, model
from expected import Fixtures, read_fixtures

NOWHERE = "00000000-0000-4000-8000-000000000000"
TEXT = "def journey(steps):\n    return sorted(steps)\n"
NAME = "Quokka itinerary"
TAG = "quokka"

APPLICATION = {
    "id": "6b3a7f0e-4a55-4dd0-9d3c-0d7f7a4d3a01",
    "name": "VS_CODE",
    "version": "2.4.1",
    "platform": "LINUX",
    "onboarded": True,
    "privacy": "OPEN",
}

METADATA = {
    "name": NAME,
    "mechanism": "MANUAL",
    "tags": [{"text": TAG}, {"text": "travel"}],
    "websites": [{"url": "https://example.com/quokkas", "name": "Quokkas"}],
    "annotations": [{"type": "DESCRIPTION", "text": "Sorts the steps of a journey."}],
    "persons": [{"type": {"basic": {"name": "Ines Duarte", "email": "ines@example.com"}}}],
    "hints": [{"type": "SUGGESTED_QUERY", "text": "Which step comes first?"}],
    "anchors": [{"type": "FILE", "fullpath": "/srv/quokka/journey.py"}],
    "sensitives": [
        {
            "text": "t0k3n",
            "category": "API_TOKEN",
            "severity": "LOW",
            "name": "Token",
            "description": "A token of an example.",
        }
    ],
}


def seed(**more: Any) -> Any:
    """A seed that names all there is to name."""
    fragment = {"string": {"raw": TEXT}, "metadata": {"ext": "py"}}
    asset = {"application": APPLICATION, "format": {"fragment": fragment}, "metadata": METADATA}
    return model("Seed", {"type": "SEEDED_ASSET", "asset": {**asset, **more}})


def plain(value: Any) -> Any:
    """The wire form of a member of an enumeration."""
    return getattr(value, "value", value)


def ids(items: Iterable[Any] | None) -> list[str]:
    """The ids of assets, of references to them, or of formats."""
    return [item.id for item in items or ()]


def found(result: Any) -> list[str]:
    """The ids of a search's hits."""
    same((result.exact, result.suggested), counted(result.iterable))
    return [hit.identifier for hit in result.iterable]


def counted(hits: list[Any]) -> tuple[int, int]:
    """How many hits are exact, and how many are not."""
    exact = sum(1 for hit in hits if hit.exact)
    return exact, len(hits) - exact


refused = partial(chapters.refused, ApiException)
"""Fail unless an operation answers with an error of that status."""


def bare(entry: Any) -> bool:
    """Whether a format came without its contents."""
    return entry.fragment is None and entry.file is None


def texts(asset: Any, name: str, member: str = "text") -> list[Any]:
    """A member of each of an asset's tags, websites and the like."""
    listed = getattr(asset, name)
    return [getattr(item, member) for item in listed.iterable] if listed else []


def text_of(entry: Any) -> str:
    """The text of a format's fragment."""
    return str(entry.fragment.string.raw)


def bootstrap(client: Client, fixtures: Fixtures) -> None:
    """What is asked for before any asset."""
    assert client.well_known.get_well_known_health().lower().startswith("ok")
    version = client.well_known.get_well_known_version()
    assert re.fullmatch(r"12\.\d+\.\d+", version), version

    user = client.user.user_snapshot().user
    same((user.id, user.email), (fixtures["users"][0]["id"], fixtures["users"][0]["email"]))
    models = client.models.models_snapshot().iterable
    same({m.id: m.name for m in models}, {m["id"]: m["name"] for m in fixtures["models"]})
    before = client.applications.applications_snapshot().iterable
    same(sorted(ids(before)), sorted(one["id"] for one in fixtures["applications"]))

    given = {"name": "SUBLIME", "platform": "MACOS", "version": "1.4.0"}
    connection = model("SeededConnectorConnection", {"application": given})
    context = client.connector.connect(seeded_connector_connection=connection)
    same((context.health.os.id, context.health.os.version), (context.os, version))
    application = context.application
    same((plain(application.name), plain(application.platform)), ("SUBLIME", "MACOS"))
    again = client.connector.connect(seeded_connector_connection=connection)
    same(again.application.id, application.id)
    after = client.applications.applications_snapshot().iterable
    same(sorted(ids(after)), sorted([*ids(before), application.id]))


def fixture_assets(client: Client, fixtures: Fixtures) -> None:
    """Every asset that a mock begins with is accepted by the client's models, and is complete."""
    every = {one["id"]: one for one in fixtures["assets"]}
    pseudo = {key for key, one in every.items() if one.get("pseudo")}
    assert pseudo, "no pseudo asset among the fixtures"

    listed = client.assets.assets_snapshot()
    same(sorted(ids(listed.iterable)), sorted(every.keys() - pseudo))
    listed = client.assets.assets_snapshot(pseudo=True, suggested=False)
    same(sorted(ids(listed.iterable)), sorted(every))
    same(listed.indices, {key: i for i, key in enumerate(ids(listed.iterable))})
    for asset in listed.iterable:
        _is_fixture(asset, every[asset.id])

    identifiers = client.assets.assets_identifiers_snapshot()
    same(sorted(ids(identifiers.iterable)), sorted(every.keys() - pseudo))
    identifiers = client.assets.assets_identifiers_snapshot(pseudo=True)
    same(ids(identifiers.iterable), ids(listed.iterable))
    only = client.assets.assets_pseudo_snapshot().identifiers
    same(set(ids(only.iterable)), pseudo)

    for key, one in every.items():
        _is_fixture(client.assets.assets_specific_asset_snapshot(asset=key), one)
        _is_fixture(client.asset.asset_snapshot(asset=key), one)
        _is_fixture(client.assets.assets_specific_asset_snapshot(asset=key.upper()), one)
        formats = client.assets.assets_specific_asset_formats_snapshot(asset=key).iterable
        same(ids(formats), [entry["id"] for entry in one["formats"]["iterable"]])
        for entry in formats:
            read = client.format.format_snapshot(format=entry.id, transferable=True)
            same((read.id, read.asset.id, read.bytes.value), (entry.id, key, entry.bytes.value))

    formats = client.formats.formats_snapshot().iterable
    named = [entry["id"] for one in every.values() for entry in one["formats"]["iterable"]]
    same(sorted(ids(formats)), sorted(named))


def _is_fixture(asset: Any, one: dict[str, Any]) -> None:
    same((asset.id, asset.name, bool(asset.pseudo)), (one["id"], one["name"], "pseudo" in one))
    for name, member in (("tags", "text"), ("websites", "url"), ("annotations", "text")):
        given = [item[member] for item in one.get(name, {}).get("iterable", ())]
        same(texts(asset, name, member), given)
    same(len(texts(asset, "persons", "type")), len(one.get("persons", {}).get("iterable", ())))
    entry, given = asset.formats.iterable[0], one["formats"]["iterable"][0]
    kind = (plain(entry.classification.generic), plain(entry.classification.specific))
    same(kind, (given["classification"]["generic"], given["classification"]["specific"]))
    if "fragment" in given:
        same(text_of(entry), given["fragment"]["string"]["raw"])
        same(text_of(asset.original.reference), given["fragment"]["string"]["raw"])
        same(bytes(entry.fragment.bytes.raw).decode(), given["fragment"]["string"]["raw"])
    else:
        same(list(entry.file.bytes.raw), given["file"]["bytes"]["raw"])
        same(entry.bytes.value, len(given["file"]["bytes"]["raw"]))


def without_transferables(client: Client, fixtures: Fixtures) -> None:
    """Contents are left out on request, and nothing else is."""
    listed = client.assets.assets_snapshot(transferables=False, pseudo=True).iterable
    for asset in listed:
        known = [*asset.formats.iterable, asset.original.reference, asset.preview.base.reference]
        assert all(bare(entry) for entry in known), asset.id
    key = fixtures["assets"][0]["id"]
    read = client.asset.asset_snapshot(asset=key, transferables=False)
    assert bare(read.original.reference)
    same(read.name, fixtures["assets"][0]["name"])
    read = client.assets.assets_specific_asset_snapshot(asset=key, transferables=False)
    assert bare(read.original.reference)
    formats = client.assets.assets_specific_asset_formats_snapshot(asset=key, transferables=False)
    assert all(bare(entry) for entry in formats.iterable)
    assert bare(client.format.format_snapshot(format=read.original.id, transferable=False))
    formats = client.formats.formats_snapshot(transferables=False)
    assert all(bare(entry) for entry in formats.iterable)
    created = client.assets.assets_create_new_asset(transferables=False, seed=seed())
    assert bare(created.original.reference)


def streams(client: Client, fixtures: Fixtures) -> None:
    """A stream asked for as an ordinary request tells what its first frame tells."""
    client.assets.assets_create_new_asset(seed=seed())
    client.assets.assets_create_new_asset(seed=seed(pseudo=True))
    listed = ids(client.assets.assets_snapshot().iterable)
    told = client.assets.assets_stream_identifiers().iterable
    same([item.asset.id for item in told], listed)
    assert not any(item.deleted for item in told)
    told = client.assets.stream_assets().iterable
    same(ids(told), listed)
    assert all(bare(asset.original.reference) for asset in told)
    told = client.assets.get_assets_stream_transferables().iterable
    same(ids(told), listed)
    same(text_of(told[0].original.reference), TEXT)


def lifecycle(client: Client, fixtures: Fixtures) -> None:
    """An asset is created with all that can be said of it, changed, exported and deleted."""
    before = ids(client.assets.assets_snapshot().iterable)
    created = client.assets.assets_create_new_asset(transferables=True, seed=seed())
    key = created.id
    _is_seeded(created)
    same(ids(client.assets.assets_snapshot().iterable), [key, *before])
    same(ids(client.assets.assets_identifiers_snapshot().iterable), [key, *before])
    _is_seeded(client.assets.assets_specific_asset_snapshot(asset=key))
    _is_seeded(client.asset.asset_snapshot(asset=key))
    accessor = model("SeededAccessor", {"os": NOWHERE, "share": NOWHERE})
    _is_seeded(client.asset.asset_snapshot_post(asset=key, seeded_accessor=accessor))
    formats = client.assets.assets_specific_asset_formats_snapshot(asset=key).iterable
    same(ids(formats), [created.original.id])
    assert created.original.id in ids(client.formats.formats_snapshot().iterable)
    _change(client, created)
    _delete(client, client.asset.asset_snapshot(asset=key))
    same(ids(client.assets.assets_snapshot().iterable), before)
    same(ids(client.assets.assets_identifiers_snapshot().iterable), before)


def _change(client: Client, created: Any) -> None:
    key = created.id
    created.name = "Wombat itinerary"
    renamed = client.asset.asset_update(transferables=True, asset=created)
    same((renamed.id, renamed.name), (key, "Wombat itinerary"))
    assert renamed.updated.value > renamed.created.value
    read = client.assets.assets_specific_asset_snapshot(asset=key, transferables=False)
    same((read.name, texts(read, "tags")), ("Wombat itinerary", [TAG, "travel"]))
    assert key in found(client.search(query="Wombat"))
    read.favorited = True
    client.asset.asset_update(transferables=False, asset=read)
    read = client.asset.asset_snapshot(asset=key)
    same((read.favorited, text_of(read.original.reference)), (True, TEXT))

    wanted = model("AssetReclassification", {"ext": "js", "asset": read.to_dict()})
    client.asset.asset_reclassify(transferables=False, asset_reclassification=wanted)
    read = client.asset.asset_snapshot(asset=key)
    same(plain(read.original.reference.classification.specific), "js")
    same(plain(read.preview.base.reference.classification.generic), "CODE")

    entry = client.format.format_snapshot(format=read.original.id, transferable=True)
    entry.fragment.string.raw = "export const steps = [];\n"
    client.format.format_update_value(transferable=False, format=entry)
    entry = client.format.format_snapshot(format=entry.id, transferable=True)
    same((text_of(entry), entry.bytes.value), ("export const steps = [];\n", 25))
    same(bytes(entry.fragment.bytes.raw), b"export const steps = [];\n")
    read = client.assets.assets_specific_asset_snapshot(asset=key)
    same(text_of(read.preview.base.reference), "export const steps = [];\n")

    for kind in ("MD", "HTML"):
        exported = client.asset.asset_specific_asset_export(asset=key, export_type=kind)
        same(exported.name, "Wombat itinerary")
        same(exported.description, "Sorts the steps of a journey.")
        assert "export const steps = [];" in exported.raw.string.raw


def _delete(client: Client, asset: Any) -> None:
    key, entry = asset.id, asset.original
    same(client.assets.assets_delete_asset(asset=key), key)
    refused(410, client.assets.assets_specific_asset_snapshot, asset=key)
    refused(410, client.asset.asset_snapshot, asset=key)
    refused(410, client.format.format_snapshot, format=entry.id)
    refused(410, client.assets.assets_delete_asset, asset=key)
    same(client.assets.assets_snapshot().indices[key], -1)
    same(client.assets.assets_identifiers_snapshot().indices[key], -1)
    assert key not in found(client.search(query="Wombat"))
    same(found(client.search(searchable_tags=TAG)), [])
    assert entry.id not in ids(client.formats.formats_snapshot().iterable)


def _is_seeded(asset: Any) -> None:
    same((asset.name, plain(asset.mechanism), bool(asset.pseudo)), (NAME, "MANUAL", False))
    same(texts(asset, "tags"), [TAG, "travel"])
    same(texts(asset, "websites", "url"), ["https://example.com/quokkas"])
    same(texts(asset, "annotations"), ["Sorts the steps of a journey."])
    same(texts(asset, "hints"), ["Which step comes first?"])
    same(texts(asset, "anchors", "name"), ["/srv/quokka/journey.py"])
    same(texts(asset, "sensitives"), ["t0k3n"])
    same([kind.basic.name for kind in texts(asset, "persons", "type")], ["Ines Duarte"])
    entry = asset.original.reference
    same((text_of(entry), entry.bytes.value), (TEXT, len(TEXT)))
    same(plain(entry.classification.specific), "py")
    same(asset.preview.base.id, asset.original.id)
    same(entry.application.id, APPLICATION["id"])


def pseudo_assets(client: Client, fixtures: Fixtures) -> None:
    """What a user did not save is hidden until asked for."""
    created = client.assets.assets_create_new_asset(seed=seed(pseudo=True))
    assert created.pseudo is True
    assets = client.assets
    assert created.id not in ids(assets.assets_snapshot().iterable)
    assert created.id not in ids(assets.assets_identifiers_snapshot().iterable)
    assert created.id not in found(client.search(query=NAME))
    assert created.id not in found(client.search(searchable_tags=TAG))
    assert created.id not in found(client.searches.full_text_search(query=NAME))
    assert created.id not in [item.asset.id for item in assets.assets_stream_identifiers().iterable]
    assert created.id in ids(assets.assets_snapshot(pseudo=True).iterable)
    assert created.id in ids(assets.assets_identifiers_snapshot(pseudo=True).iterable)
    assert created.id in ids(assets.assets_pseudo_snapshot().identifiers.iterable)
    assert created.id in found(client.search(query=NAME, pseudo=True))
    assert created.id in found(client.searches.full_text_search(query=NAME, pseudo=True))
    same(assets.assets_specific_asset_snapshot(asset=created.id).name, NAME)


def drafts(client: Client, fixtures: Fixtures) -> None:
    """A draft comes back with what was found out, and nothing is stored."""
    before = ids(client.assets.assets_snapshot(pseudo=True).iterable)
    draft = client.assets.assets_draft(transferables=True, seed=seed())
    same((plain(draft.type), draft.asset.metadata.name), ("SEEDED_ASSET", NAME))
    same(draft.asset.format.fragment.string.raw, TEXT)
    same(plain(draft.asset.format.classification.specific), "py")
    same(ids(client.assets.assets_snapshot(pseudo=True).iterable), before)
    same(found(client.search(searchable_tags=TAG, pseudo=True)), [])
    created = client.assets.assets_create_new_asset(seed=draft)
    _is_seeded(created)


def searching(client: Client, fixtures: Fixtures) -> None:
    """Assets are found by name, content, tag and filter."""
    key = client.assets.assets_create_new_asset(seed=seed()).id
    hits = client.search(query=NAME, transferables=False).iterable
    same((hits[0].identifier, hits[0].exact, plain(hits[0].match)), (key, True, "TITLE"))
    assert bare(hits[0].asset.original.reference)
    assert key in found(client.search(query="quoka itinerary"))
    same(found(client.search(searchable_tags=TAG)), [key])
    same(found(client.search(searchable_tags=TAG, query="nowhere-to-be-found")), [])
    refused(500, client.search)
    assert key in found(client.searches.full_text_search(query="journey(steps)"))
    assert key in found(client.searches.neural_code_search(query=TEXT))

    known = client.assets.assets_snapshot(transferables=False).iterable
    other = next(asset.id for asset in known if asset.id != key)

    def filtered(**given: Any) -> list[str]:
        wanted = model("AssetsSearchWithFiltersInput", given)
        answer = client.assets.assets_search_with_filters(
            transferables=False, pseudo=False, assets_search_with_filters_input=wanted
        )
        return found(answer.results)

    by_tag = {"type": "AND", "iterable": [{"tags": [TAG], "classification": "py"}]}
    same(filtered(filters=by_tag), [key])
    same(filtered(filters=by_tag, query=NAME, casing=True), [key])
    same(filtered(filters=by_tag, space={"identifers": {"iterable": [{"id": other}]}}), [])
    same(filtered(space={"identifers": {"iterable": [{"id": other}]}}), [other])
    phrase = {"value": "SORTS THE STEPS", "annotation": True}
    same(filtered(filters={"iterable": [{"phrase": phrase}]}, casing=False), [key])
    same(filtered(filters={"iterable": [{"phrase": phrase}]}), [])
    either = {"type": "OR", "iterable": [{"tags": [TAG]}, {"tags": ["no such tag"]}]}
    same(filtered(filters={"iterable": [{"operations": either}]}), [key])
    same(filtered(filters={"iterable": [{"websites": ["https://example.com/quokkas"]}]}), [key])
    same(filtered(filters={"iterable": [{"persons": ["Ines Duarte"]}]}), [key])


def recommending(client: Client, fixtures: Fixtures) -> None:
    """These clients do not send the body of a GET; the answers are still theirs to read."""
    listed = client.assets.assets_snapshot(transferables=False)
    assets = {"iterable": [asset.to_dict() for asset in listed.iterable[:2]]}
    related = client.assets.assets_get_related_assets(assets=model("Assets", assets))
    same(ids(related.iterable), [])
    wanted = {"assets": assets, "interactions": {"iterable": []}}
    recommended = client.assets.assets_get_recommended_assets(
        seeded_assets_recommendation=model("SeededAssetsRecommendation", wanted)
    )
    same(sorted(ids(recommended.iterable)), sorted(ids(listed.iterable)))


def refusals(client: Client, fixtures: Fixtures) -> None:
    """What never was is not found, and what cannot become an asset is refused."""
    assets = client.assets
    before = ids(assets.assets_snapshot(pseudo=True).iterable)
    refused(404, assets.assets_specific_asset_snapshot, asset=NOWHERE)
    refused(404, client.asset.asset_snapshot, asset=NOWHERE)
    refused(404, assets.assets_specific_asset_formats_snapshot, asset=NOWHERE)
    refused(404, assets.assets_delete_asset, asset=NOWHERE)
    refused(404, client.format.format_snapshot, format=NOWHERE)
    refused(404, client.asset.asset_specific_asset_export, asset=NOWHERE, export_type="MD")
    refused(400, assets.assets_create_new_asset)
    refused(400, assets.assets_create_new_asset, seed=model("Seed", {"type": "SEEDED_ASSET"}))
    refused(400, assets.assets_create_new_asset, seed=seed(format={}))
    same(ids(assets.assets_snapshot(pseudo=True).iterable), before)


Chapter = Callable[[Client, Fixtures], None]

CHAPTERS: tuple[Chapter, ...] = (
    bootstrap,
    fixture_assets,
    without_transferables,
    streams,
    lifecycle,
    pseudo_assets,
    drafts,
    searching,
    recommending,
    refusals,
)


def main(host: str, folder: str) -> None:
    """Run all chapters and print what came of them."""
    fixtures = read_fixtures(Path(folder))
    called: set[str] = set()

    def go(chapter: Chapter) -> None:
        chapter(Client(f"{host}-{chapter.__name__}", called), fixtures)

    tell(CHAPTERS, go, called, asset_operations())


if __name__ == "__main__":
    main(*sys.argv[1:])
