"""For each fault of the service the shortest sequence of requests that shows it.

Each gets a service that began empty. Some show several faults, each when it is on.
"""

from __future__ import annotations

from typing import Any

from tests.examples.sequences import World, second_format, seed, tags

UNKNOWN = "3b9f0f64-7f0e-4d1c-bb1d-6f7a0a3f8c21"
PROSE = {"type": "COMMENT", "text": "prose"}
OLD = {"value": "2020-01-01T00:00:00Z"}
PROGRAM = {"name": "VIM", "version": "1", "platform": "LINUX"}
SEQUENCES: dict[str, Any] = {}


def shows(*names: str) -> Any:
    """Register a sequence for faults."""

    def register(sequence: Any) -> Any:
        SEQUENCES.update(dict.fromkeys(names, sequence))
        return sequence

    return register


def read(w: World, asset: Any) -> None:
    w.get(f"/asset/{asset['id']}")


def first(asset: Any) -> Any:
    return asset["formats"]["iterable"][0]


@shows("third_update_lost")
def _(w: World) -> None:
    asset = w.create()
    for name in "abc":
        w.update(asset, name=name)
    read(w, asset)


@shows("reclassify_skips_preview")
def _(w: World) -> None:
    w.reclassify(w.post("/asset/update", second_format(w.create())), "go")


@shows("reclassify_keeps_generic", "reclassify_keeps_updated")
def _(w: World) -> None:
    w.reclassify(w.create(), "go")


@shows("value_not_synchronised")
def _(w: World) -> None:
    asset = w.post("/asset/update", second_format(w.create()))
    w.value(first(asset), "new")
    read(w, asset)


@shows("lost_value_of_code")
def _(w: World) -> None:
    asset = w.create(ext="py")
    w.value(first(asset), "new")
    read(w, asset)


@shows("lost_second_annotation")
def _(w: World) -> None:
    w.create(annotations=[PROSE, PROSE])


@shows("lost_discovered")
def _(w: World) -> None:
    w.create(discovered=True)


@shows("lost_favorited")
def _(w: World) -> None:
    w.update(w.create(), favorited=True)


@shows("lost_delete_of_pseudo")
def _(w: World) -> None:
    asset = w.create(pseudo=True)
    w.delete(asset)
    read(w, asset)


@shows("lost_application", "privacy_ignored")
def _(w: World) -> None:
    w.post("/connect", {"application": {**PROGRAM, "privacy": "CLOSED"}})
    w.get("/applications")


@shows("stale_get", "value_keeps_asset_updated")
def _(w: World) -> None:
    asset = w.create()
    read(w, asset)
    w.value(first(asset), "new")
    read(w, asset)


@shows("stale_identifiers")
def _(w: World) -> None:
    w.get("/assets/identifiers")
    w.create()
    w.get("/assets/identifiers")


@shows("stale_search")
def _(w: World) -> None:
    asset = w.create(name="before")
    w.find(query="before")
    w.update(asset, name="after")
    w.find(query="after")


@shows("stale_format")
def _(w: World) -> None:
    asset = w.create()
    form = first(asset)
    w.get(f"/format/{form['id']}")
    w.reclassify(asset, "go")
    w.get(f"/format/{form['id']}")


@shows("stale_export")
def _(w: World) -> None:
    asset = w.create()
    w.get(f"/asset/{asset['id']}/export?export_type=MD")
    w.update(asset, name="after")
    w.get(f"/asset/{asset['id']}/export?export_type=MD")


@shows("list_oldest_first", "list_drops_oldest", "indices_from_one")
def _(w: World) -> None:
    w.create(name="a")
    w.create(name="b")
    w.get("/assets")


@shows("list_by_update")
def _(w: World) -> None:
    asset = w.create(name="a")
    w.create(name="b")
    w.update(asset)
    w.get("/assets")


@shows("formats_oldest_first", "formats_without_contents_by_default")
def _(w: World) -> None:
    w.create("a")
    w.create("b")
    w.get("/formats")


@shows("ties_oldest_first")
def _(w: World) -> None:
    w.create(name="same a")
    w.create(name="same b")
    w.get("/assets/search?query=same")


@shows("suggestions_first")
def _(w: World) -> None:
    w.create(name="alphabet")
    w.create(name="alphabat")
    w.get("/assets/search?query=alphabet")


@shows("tags_sorted")
def _(w: World) -> None:
    w.create(tags=tags("b", "a"))


@shows("applications_reversed")
def _(w: World) -> None:
    w.post("/connect", {"application": PROGRAM})
    w.post("/connect", {"application": {**PROGRAM, "name": "VS_CODE"}})
    w.get("/applications")


def between(w: World, end: Any) -> None:
    asset = w.create()
    w.find({"created": {"from": asset["created"], **end(asset)}})


@shows("range_without_its_end")
def _(w: World) -> None:
    between(w, lambda asset: {"to": asset["created"]})


@shows("after_includes_the_moment")
def _(w: World) -> None:
    between(w, lambda asset: {})


@shows("search_misses_last_character")
def _(w: World) -> None:
    w.create("the end", name="n")
    w.find(query="the end")


@shows("identifiers_capped_at_20")
def _(w: World) -> None:
    grow(w, 21)
    w.get("/assets/identifiers")


@shows("search_capped_at_30")
def _(w: World) -> None:
    grow(w, 31)
    w.find()


@shows("list_capped_at_40")
def _(w: World) -> None:
    grow(w, 41)
    w.get("/assets")


def grow(w: World, count: int) -> None:
    for _number in range(count):
        w.create("")


@shows("tags_capped_at_8")
def _(w: World) -> None:
    w.create(tags=tags(*"abcdefghi"))


@shows("content_cut_at_4096")
def _(w: World) -> None:
    w.create("x" * 4097)


@shows("name_cut_at_64", "name_trimmed")
def _(w: World) -> None:
    w.create(name=" " + "x" * 64)


@shows("alias_twin_tags")
def _(w: World) -> None:
    asset = w.create(name="twin", tags=tags("a"))
    other = w.create(name="twin")
    w.update(asset)
    read(w, other)


@shows("alias_equal_contents")
def _(w: World) -> None:
    other = w.create("same")
    w.value(first(w.create("same")), "new")
    read(w, other)


@shows("delete_takes_twins")
def _(w: World) -> None:
    other = w.create(name="twin")
    w.delete(w.create(name="twin"))
    read(w, other)


@shows("transferables_ignored_by_asset", "preview_keeps_contents")
def _(w: World) -> None:
    w.get(f"/asset/{w.create()['id']}?transferables=false")


@shows("transferables_ignored_by_update")
def _(w: World) -> None:
    w.post("/asset/update?transferables=false", w.create())


@shows("transferable_ignored")
def _(w: World) -> None:
    w.get(f"/format/{first(w.create())['id']}?transferable=false")


@shows("pseudo_ignored_by_identifiers")
def _(w: World) -> None:
    w.create(pseudo=True)
    w.get("/assets/identifiers?pseudo=true")


@shows("pseudo_ignored_by_filter_search")
def _(w: World) -> None:
    w.create(pseudo=True)
    w.post("/assets/search?pseudo=true", {})


@shows("casing_ignored")
def _(w: World) -> None:
    w.create(name="Name")
    w.find({"phrase": {"value": "name", "title": True}}, casing=False)


@shows("phrase_options_ignored")
def _(w: World) -> None:
    w.create(annotations=[PROSE])
    options = {"annotation": "SUMMARY"}
    w.find({"phrase": {"value": "prose", "annotation": True, "options": options}})


@shows("ext_ignored")
def _(w: World) -> None:
    w.create(ext="go")


@shows("tag_category_ignored")
def _(w: World) -> None:
    w.create(tags=[{"text": "a", "category": "EMAIL"}])


@shows("refused_create_is_saved")
def _(w: World) -> None:
    wanted = seed()
    wanted["asset"]["format"] = {"fragment": {"bytes": {"raw": [256]}}}
    w.post("/assets/create", wanted)
    w.get("/assets/identifiers")


@shows("refused_update_revives")
def _(w: World) -> None:
    asset = w.create()
    w.delete(asset)
    w.update(asset)
    read(w, asset)


@shows("draft_saves")
def _(w: World) -> None:
    w.post("/assets/draft", seed())
    w.get("/assets/identifiers")


@shows("gone_as_404", "delete_twice_200")
def _(w: World) -> None:
    asset = w.create()
    w.delete(asset)
    w.delete(asset)


@shows("format_gone_as_404")
def _(w: World) -> None:
    asset = w.create()
    w.delete(asset)
    w.get(f"/format/{first(asset)['id']}")


@shows("update_creates_unknown")
def _(w: World) -> None:
    w.update(w.create(), id=UNKNOWN)


@shows("blank_search_200")
def _(w: World) -> None:
    w.get("/assets/search?query=%20")


@shows("create_201", "size_as_text")
def _(w: World) -> None:
    w.create()


@shows("draft_refuses_seed_without_asset")
def _(w: World) -> None:
    w.post("/assets/draft", {})


@shows("missing_body_500", "problem_as_json")
def _(w: World) -> None:
    w.post("/connect")


@shows("bad_uuid_404")
def _(w: World) -> None:
    w.get("/asset/none")


@shows("repeated_parameter_taken")
def _(w: World) -> None:
    w.get("/assets?pseudo=true&pseudo=false")


@shows("exact_count_as_text")
def _(w: World) -> None:
    w.find()


@shows("size_counts_characters")
def _(w: World) -> None:
    w.create("ü")


@shows("beyond_bmp_replaced")
def _(w: World) -> None:
    w.create("🚀")


@shows("crlf_normalised")
def _(w: World) -> None:
    w.create("a\r\nb")


@shows("delete_quoted", "delete_as_json")
def _(w: World) -> None:
    w.delete(w.create())


@shows("no_allow")
def _(w: World) -> None:
    w.send("DELETE", "/assets")


@shows("version_with_prefix")
def _(w: World) -> None:
    w.get("/.well-known/version")


@shows("name_stored_as_nfc", "composition_matters")
def _(w: World) -> None:
    w.create(name="cafe\u0301")
    w.find({"phrase": {"value": "café"}}, casing=False)


@shows("lower_instead_of_casefold")
def _(w: World) -> None:
    w.create(tags=tags("Straße"))
    w.find({"tags": ["STRASSE"]})


@shows("ascii_case_only")
def _(w: World) -> None:
    w.create(tags=tags("Übung"))
    w.find({"tags": ["übung"]})


@shows("dot_above_ignored")
def _(w: World) -> None:
    w.create(tags=tags("İ"))
    w.find({"tags": ["i"]})


@shows("race_lost_update")
def _(w: World) -> None:
    asset = w.create()
    form = first(asset)
    w.together(lambda one: one.value(form, "new"), lambda two: two.update(asset, name="kept"))
    w.note(w.get(f"/asset/{asset['id']}")["name"])


@shows("race_double_connect")
def _(w: World) -> None:
    def connect(one: World) -> None:
        one.post("/connect", {"application": PROGRAM})

    w.together(connect, connect)
    w.get("/applications")


@shows("race_double_delete")
def _(w: World) -> None:
    asset = w.create()
    w.together(lambda one: one.delete(asset), lambda two: two.delete(asset))


@shows("race_update_revives")
def _(w: World) -> None:
    asset = w.create()
    w.together(lambda one: one.update(asset), lambda two: two.delete(asset))
    read(w, asset)


@shows("feed_misses_reclassify")
def _(w: World) -> None:
    asset = w.create()
    with w.feed("identifiers"):
        w.reclassify(asset, "go")


@shows("feed_skips_every_third")
def _(w: World) -> None:
    with w.feed("identifiers"):
        for _number in range(3):
            w.create()


@shows("feed_tells_twice")
def _(w: World) -> None:
    with w.feed("assets"):
        w.create()


@shows("feed_begins_with_oldest", "feed_with_contents")
def _(w: World) -> None:
    w.create()
    w.create()
    with w.feed("assets"):
        pass


@shows("feed_removal_unmarked")
def _(w: World) -> None:
    asset = w.create()
    with w.feed("identifiers"):
        w.delete(asset)


@shows("feed_silent_when_empty")
def _(w: World) -> None:
    with w.feed("identifiers"):
        pass


@shows("feed_tells_pseudo")
def _(w: World) -> None:
    with w.feed("contents"):
        w.create(pseudo=True)


@shows("id_reused")
def _(w: World) -> None:
    w.delete(w.create())
    w.create()


@shows("any_tag_is_enough", "second_tag_not_searched")
def _(w: World) -> None:
    w.create(tags=tags("a", "b"))
    w.create(tags=tags("a"))
    w.find({"tags": ["a", "b"]})


@shows("or_taken_as_and")
def _(w: World) -> None:
    w.create(ext="py")
    either = [{"classification": "py"}, {"classification": "go"}]
    w.find(filters={"type": "OR", "iterable": either})


@shows("operations_always_and")
def _(w: World) -> None:
    w.create(ext="py")
    either = [{"classification": "py"}, {"classification": "go"}]
    w.find({"operations": {"type": "OR", "iterable": either}})


@shows("kind_ignored_beside_tags")
def _(w: World) -> None:
    w.create(ext="py", tags=tags("a"))
    w.find({"classification": "go", "tags": ["a"]})


@shows("updated_ignored_beside_created")
def _(w: World) -> None:
    w.create()
    w.find({"created": {"from": OLD}, "updated": {"to": OLD}})


@shows("phrase_looks_in_first_place_only")
def _(w: World) -> None:
    w.create("content", name="n")
    w.find({"phrase": {"value": "content", "title": True, "content": True}})


@shows("websites_by_name_only")
def _(w: World) -> None:
    w.create(websites=[{"url": "https://example.com", "name": "n"}])
    w.find({"websites": ["https://example.com"]})


@shows("space_ignored_beside_query")
def _(w: World) -> None:
    w.create(name="same")
    w.find(query="same", space={"identifers": {"iterable": [{"id": UNKNOWN}]}})


@shows("empty_space_is_everything")
def _(w: World) -> None:
    w.create()
    w.find(space={"identifers": {"iterable": []}})


@shows("tags_ignored_beside_query")
def _(w: World) -> None:
    w.create(name="same")
    w.get("/assets/search?query=same&searchable_tags=none")


@shows("deleted_in_search", "deleted_formats_listed")
def _(w: World) -> None:
    w.delete(w.create())
    w.find()
    w.get("/formats")


@shows("deleted_in_pseudo", "gone_not_in_indices")
def _(w: World) -> None:
    w.delete(w.create(pseudo=True))
    w.get("/assets/pseudo")


@shows("deleted_in_related", "given_assets_are_related")
def _(w: World) -> None:
    asset = w.create(tags=tags("a"))
    w.delete(w.create(tags=tags("a")))
    w.send("GET", "/assets/related", {"iterable": [asset]})


@shows("deleted_in_recommended")
def _(w: World) -> None:
    w.delete(w.create())
    w.get("/assets/recommended")


@shows("pseudo_among_related")
def _(w: World) -> None:
    w.create(pseudo=True)
    w.get("/assets/recommended")


@shows("created_overwritten")
def _(w: World) -> None:
    w.update(w.create(), created=OLD)


@shows("updated_from_body", "missing_members_stay", "missing_name_as_null")
def _(w: World) -> None:
    asset = w.create(name="n")
    del asset["name"]
    w.update(asset)


@shows("opening_touches_updated")
def _(w: World) -> None:
    w.post(f"/asset/{w.create()['id']}")


@shows("mechanism_defaults_to_automatic")
def _(w: World) -> None:
    w.create()


@shows("emptied_tags_stay")
def _(w: World) -> None:
    w.update(w.create(tags=tags("a")), tags={"iterable": []})


@shows("left_out_content_is_lost")
def _(w: World) -> None:
    asset = w.create()
    w.update(w.get(f"/asset/{asset['id']}?transferables=false"))


@shows("empty_content_missing")
def _(w: World) -> None:
    w.create("")


@shows("empty_list_missing")
def _(w: World) -> None:
    w.get("/assets")


@shows("no_suggestions", "suggested_always_zero")
def _(w: World) -> None:
    w.create(name="alphabet")
    w.find(query="alphabat")


@shows("content_outranks_title")
def _(w: World) -> None:
    w.create("word", name="n")
    w.create(name="word")
    w.find(query="word")


@shows("hints_not_searched")
def _(w: World) -> None:
    w.create(hints=[{"type": "SUGGESTED_QUERY", "text": "hint"}])
    w.find(query="hint")
