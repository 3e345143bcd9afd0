"""Assets searched, filtered, related and recommended over HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.apis.assets.world import (
    NEVER,
    Json,
    create,
    empty,
    found,
    fragment,
    ids,
    listed,
    ok,
    only_format,
    picture,
    plant,
    positions,
    read,
    seed,
    without_contents,
)


@pytest.fixture
def bare(client: httpx.Client) -> httpx.Client:
    """A client of a sandbox without assets."""
    empty(client)
    return client


def search(client: httpx.Client, query: str | None = None, **more: Any) -> Json:
    told = {"query": query} if query is not None else {}
    answer: Json = ok(client.get("/assets/search", params={**told, **more}))
    return answer


def narrow(client: httpx.Client, body: Json, **query: bool) -> Json:
    answer: Json = ok(client.post("/assets/search", json=body, params=query))["results"]
    return answer


def filtered(client: httpx.Client, **one: Any) -> list[str]:
    return found(narrow(client, {"filters": {"iterable": [one]}}))


# GET /assets/search


def test_an_asset_is_found_by_its_name(bare: httpx.Client) -> None:
    made = create(bare, name="Wake the printer")
    [hit] = search(bare, "Wake the printer")["iterable"]
    assert hit["identifier"] == made["id"]
    assert (hit["exact"], hit["match"], hit["score"]) == (True, "TITLE", 1.0)
    assert (hit["pseudo"], hit["asset"]) == (False, made)


@pytest.mark.parametrize("query", ["wakes", "the printr", "WAKE THE PRINTR"])
def test_a_query_with_a_slip_is_a_suggestion(bare: httpx.Client, query: str) -> None:
    made = create(bare, name="Wake the printer")
    [hit] = search(bare, query)["iterable"]
    assert (hit["identifier"], hit["exact"], hit["match"]) == (made["id"], False, "FUZZY")
    assert 0 < hit["score"] <= 0.8


@pytest.mark.parametrize("query", ["a & b", "1 + 1 = 2", "50%", "Grüße 🌍", "#tag?x=y"])
def test_queries_may_have_any_character(bare: httpx.Client, query: str) -> None:
    made = create(bare, f"before {query} after")
    create(bare, "something else")
    assert found(search(bare, query)) == [made["id"]]


def test_tags_are_searched_with_commas_between_them(bare: httpx.Client) -> None:
    both = create(bare, tags=[{"text": "red"}, {"text": "Blue"}])
    one = create(bare, tags=[{"text": "blue"}])
    create(bare, "red and blue")
    hits = search(bare, searchable_tags="red, blue")
    assert [(hit["identifier"], hit["exact"]) for hit in hits["iterable"]] == [
        (both["id"], True),
        (one["id"], False),
    ]
    assert {hit["match"] for hit in hits["iterable"]} == {"TAGS"}


def test_with_a_query_and_tags_both_must_find_it(bare: httpx.Client) -> None:
    both = create(bare, name="Otter", tags=[{"text": "animal"}])
    create(bare, name="Otter")
    create(bare, name="Badger", tags=[{"text": "animal"}])
    assert found(search(bare, "Otter", searchable_tags="animal")) == [both["id"]]


@pytest.mark.parametrize(
    "query", ["", "?query=", "?query=%20", "?searchable_tags=", "?searchable_tags=,%20,"]
)
def test_a_search_for_nothing_answers_500_in_plain_text(client: httpx.Client, query: str) -> None:
    answer = client.get(f"/assets/search{query}")
    assert answer.status_code == 500
    assert answer.headers["content-type"].partition(";")[0] == "text/plain"
    assert "query" in answer.text


def test_exact_hits_come_first_and_both_are_counted(bare: httpx.Client) -> None:
    for name in ("printer", "prinster", "my printer", "printed", "zebra"):
        create(bare, "none", name)
    hits = search(bare, "printer")
    exact = [hit["exact"] for hit in hits["iterable"]]
    assert exact == [True, True, False, False]
    assert (hits["exact"], hits["suggested"]) == (2, 2)
    scores = [hit["score"] for hit in hits["iterable"]]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("query", ["retry", "python", "a", "backof", "zzzzqqqq"])
def test_counts_are_those_of_the_hits(client: httpx.Client, query: str) -> None:
    answers = [
        search(client, query),
        search(client, searchable_tags=query),
        narrow(client, {"query": query, "casing": False}),
        ok(client.get("/search/full_text", params={"query": query})),
        ok(client.get("/search/neural_code", params={"query": query})),
    ]
    for hits in answers:
        exact = [hit["exact"] for hit in hits["iterable"]]
        assert (hits["exact"], hits["suggested"]) == (exact.count(True), exact.count(False))
        assert exact == sorted(exact, reverse=True)


SEARCHES = [
    "/assets/search?query=otter",
    "/assets/search?searchable_tags=otter",
    "/search/full_text?query=otter",
    "/search/neural_code?query=otter",
]


@pytest.mark.parametrize("path", SEARCHES)
def test_pseudo_assets_are_found_only_when_asked_for(bare: httpx.Client, path: str) -> None:
    made = create(bare, "otter = 1", "otter", tags=[{"text": "otter"}], ext="py", pseudo=True)
    assert ok(bare.get(path))["iterable"] == []
    [hit] = ok(bare.get(f"{path}&pseudo=true"))["iterable"]
    assert (hit["identifier"], hit["pseudo"]) == (made["id"], True)


@pytest.mark.parametrize("path", SEARCHES[:2])
def test_hits_carry_their_assets_with_contents_or_without(bare: httpx.Client, path: str) -> None:
    made = create(bare, "otter = 1", "otter", tags=[{"text": "otter"}], ext="py")
    [hit] = ok(bare.get(f"{path}&transferables=true"))["iterable"]
    assert hit["asset"] == made
    [hit] = ok(bare.get(f"{path}&transferables=false"))["iterable"]
    assert hit["asset"] == without_contents(made)


def test_full_text_finds_assets_with_every_word(bare: httpx.Client) -> None:
    made = create(bare, "the quick fox", "One")
    create(bare, "the quick hare", "Two")
    assert found(ok(bare.get("/search/full_text", params={"query": "fox the"}))) == [made["id"]]
    assert found(ok(bare.get("/search/full_text"))) == []


def test_neural_code_finds_code_only(bare: httpx.Client) -> None:
    made = create(bare, "def fetch_page(url): ...", ext="py")
    create(bare, "fetch a page", ext="txt")
    hits = ok(bare.get("/search/neural_code", params={"query": "fetch page"}))
    assert found(hits) == [made["id"]]
    assert hits["suggested"] == 1


# POST /assets/search


@pytest.mark.parametrize("body", [{}, {"filters": {"iterable": []}}, None])
def test_without_anything_asked_every_asset_is_a_hit(
    client: httpx.Client, body: Json | None
) -> None:
    create(client, pseudo=True)
    answer = client.post("/assets/search", json=body) if body is not None else None
    hits = ok(answer or client.post("/assets/search"))["results"]
    assert found(hits) == listed(client)
    assert (hits["exact"], hits["suggested"]) == (len(listed(client)), 0)
    everything = ok(client.post("/assets/search?pseudo=true", json={}))["results"]
    assert found(everything) == listed(client, pseudo=True)


def test_case_matters_unless_casing_is_false(bare: httpx.Client) -> None:
    upper, lower = create(bare, "OTTER"), create(bare, "otter")
    exact = [h["identifier"] for h in narrow(bare, {"query": "OTTER"})["iterable"] if h["exact"]]
    assert exact == [upper["id"]]
    hits = narrow(bare, {"query": "OTTER", "casing": False})
    assert found(hits) == [lower["id"], upper["id"]]
    assert hits["exact"] == 2


def test_a_space_limits_the_search(bare: httpx.Client) -> None:
    one, other = create(bare, "otter"), create(bare, "otter")
    space = {"identifers": {"iterable": [{"id": one["id"]}, {"id": NEVER}]}}
    assert found(narrow(bare, {"query": "otter", "space": space})) == [one["id"]]
    assert found(narrow(bare, {"space": {"identifers": {"iterable": []}}})) == []
    assert found(narrow(bare, {"query": "otter"})) == [other["id"], one["id"]]


def test_a_space_may_name_its_assets_in_upper_case(bare: httpx.Client) -> None:
    one = create(bare)
    create(bare)
    space = {"identifers": {"iterable": [{"id": one["id"].upper()}]}}
    assert found(narrow(bare, {"space": space})) == [one["id"]]


@pytest.mark.parametrize(
    ("one", "matching"),
    [
        ({"classification": "ts"}, {"ext": "ts"}),
        ({"tags": ["red"]}, {"tags": [{"text": "red"}]}),
        (
            {"websites": ["https://example.com/a"]},
            {"websites": [{"url": "https://example.com/a", "name": "A"}]},
        ),
        (
            {"persons": ["noor@example.com"]},
            {"persons": [{"type": {"basic": {"email": "noor@example.com"}}}]},
        ),
        ({"phrase": {"value": "Otter", "title": True}}, {"name": "An Otter"}),
        ({"phrase": {"value": "Otter", "content": True}}, {"text": "An Otter"}),
        (
            {"phrase": {"value": "Otter", "annotation": True}},
            {"annotations": [{"type": "COMMENT", "text": "An Otter"}]},
        ),
        (
            {
                "phrase": {
                    "value": "Otter",
                    "annotation": True,
                    "options": {"annotation": "SUMMARY"},
                }
            },
            {"annotations": [{"type": "SUMMARY", "text": "An Otter"}]},
        ),
        ({"operations": {"iterable": [{"classification": "ts"}]}}, {"ext": "ts"}),
    ],
)
def test_a_filter_leaves_out_what_does_not_match(
    bare: httpx.Client, one: Json, matching: Json
) -> None:
    made = create(bare, matching.pop("text", "x = 1"), **matching)
    create(bare, "Ot ter", "otters", annotations=[{"type": "COMMENT", "text": "otter"}])
    assert filtered(bare, **one) == [made["id"]]


def test_tags_may_be_named_by_their_ids(bare: httpx.Client) -> None:
    made = create(bare, tags=[{"text": "red"}])
    create(bare, tags=[{"text": "red"}])
    assert filtered(bare, tags=ids(made["tags"])) == [made["id"]]


@pytest.mark.parametrize("name", ["created", "updated"])
def test_timestamps_filter_by_range_before_and_after(client: httpx.Client, name: str) -> None:
    instants = {
        asset["id"]: asset[name]["value"] for asset in ok(client.get("/assets"))["iterable"]
    }
    low, high = sorted(instants.values())[5], sorted(instants.values())[15]
    start, end = {"from": {"value": low}}, {"to": {"value": high}}
    between = {key for key, at in instants.items() if low <= at <= high}
    assert set(filtered(client, **{name: {**start, **end, "between": True}})) == between
    after = {key for key, at in instants.items() if at > low}
    assert set(filtered(client, **{name: start})) == after
    before = {key for key, at in instants.items() if at < high}
    assert set(filtered(client, **{name: end})) == before


def test_filters_must_all_hold_or_with_or_one_of_them(bare: httpx.Client) -> None:
    both = create(bare, ext="ts", tags=[{"text": "red"}])
    kind = create(bare, ext="ts")
    tag = create(bare, ext="py", tags=[{"text": "red"}])
    create(bare)
    filters = [{"classification": "ts"}, {"tags": ["red"]}]
    everything = found(narrow(bare, {"filters": {"iterable": filters}}))
    assert everything == found(narrow(bare, {"filters": {"type": "AND", "iterable": filters}}))
    assert everything == [both["id"]]
    some = found(narrow(bare, {"filters": {"type": "OR", "iterable": filters}}))
    assert some == [tag["id"], kind["id"], both["id"]]


def test_operations_are_alternatives_within_a_filter(bare: httpx.Client) -> None:
    red = create(bare, ext="ts", tags=[{"text": "red"}])
    blue = create(bare, ext="ts", tags=[{"text": "blue"}])
    create(bare, ext="ts")
    create(bare, ext="py", tags=[{"text": "red"}])
    either = {"type": "OR", "iterable": [{"tags": ["red"]}, {"tags": ["blue"]}]}
    assert filtered(bare, classification="ts", operations=either) == [blue["id"], red["id"]]


def test_query_space_and_filters_together_narrow_the_result(bare: httpx.Client) -> None:
    wanted = create(bare, "otter", ext="ts")
    others = [create(bare, "otter", ext="py"), create(bare, "badger", ext="ts")]
    create(bare, "otter", ext="ts")
    space = [{"id": asset["id"]} for asset in (wanted, *others)]
    body = {
        "query": "otter",
        "space": {"identifers": {"iterable": space}},
        "filters": {"iterable": [{"classification": "ts"}]},
    }
    assert found(narrow(bare, body)) == [wanted["id"]]


def test_casing_counts_for_phrases_too(bare: httpx.Client) -> None:
    made = create(bare, name="OTTER")
    body = {"filters": {"iterable": [{"phrase": {"value": "otter", "title": True}}]}}
    assert found(narrow(bare, body)) == []
    assert found(narrow(bare, {**body, "casing": False})) == [made["id"]]


def test_filters_nested_too_deep_are_refused(client: httpx.Client) -> None:
    filters: Json = {"iterable": [{"classification": "py"}]}
    for _ in range(40):
        filters = {"iterable": [{"operations": filters}]}
    answer = client.post("/assets/search", json={"filters": filters})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


# GET with and without a body


def _get(client: httpx.Client, path: str, body: Json | None = None) -> Json:
    answer: Json = ok(client.request("GET", path, json=body) if body else client.get(path))
    return answer


def test_without_a_body_nothing_is_related(client: httpx.Client) -> None:
    assert _get(client, "/assets/related") == {"iterable": [], "indices": {}}


def test_without_a_body_everything_is_recommended(client: httpx.Client) -> None:
    create(client, pseudo=True)
    answer = _get(client, "/assets/recommended")
    assert ids(answer) == listed(client)
    assert answer["indices"] == positions(ids(answer))


@pytest.mark.parametrize("path", ["/assets/related", "/assets/recommended"])
def test_a_media_type_without_a_body_is_no_body(client: httpx.Client, path: str) -> None:
    bare = client.get(path, headers={"Content-Type": "application/json", "Content-Length": "0"})
    assert ok(bare) == _get(client, path)


def test_related_are_those_that_share_something(bare: httpx.Client) -> None:
    asked = create(bare, "alpha beta", tags=[{"text": "red"}])
    tagged = create(bare, "gamma", tags=[{"text": "Red"}])
    worded = create(bare, "alpha beta")
    plant(bare, seed(picture(b"\xfe\x00"), metadata={"name": "Strange"}))
    answer = _get(bare, "/assets/related", {"iterable": [asked]})
    assert set(ids(answer)) == {tagged["id"], worded["id"]}
    assert answer["indices"] == positions(ids(answer))
    assert all(asset == read(bare, asset["id"]) for asset in answer["iterable"])


def test_related_assets_may_be_named_in_upper_case(bare: httpx.Client) -> None:
    asked, other = (create(bare, tags=[{"text": "red"}]) for _ in range(2))
    shouted = {**asked, "id": asked["id"].upper()}
    assert ids(_get(bare, "/assets/related", {"iterable": [shouted]})) == [other["id"]]


def test_recommended_are_relatives_of_what_was_viewed_most(bare: httpx.Client) -> None:
    viewed, passed = create(bare, tags=[{"text": "red"}]), create(bare, tags=[{"text": "blue"}])
    red = plant(bare, seed(fragment("one"), metadata={"tags": [{"text": "red"}]}))
    blue = plant(bare, seed(fragment("two"), metadata={"tags": [{"text": "blue"}]}))

    def recommended(first: str, second: str) -> list[str]:
        dealings = [
            {"asset": viewed["id"], "interactions": {"viewed": first}},
            {"asset": passed["id"], "interactions": {"viewed": second}},
        ]
        body = {
            "assets": {"iterable": [viewed, passed]},
            "interactions": {"iterable": dealings},
        }
        return ids(_get(bare, "/assets/recommended", body))

    assert recommended("PT1H", "PT1S") == [red["id"], blue["id"]]
    assert recommended("PT1S", "PT1H") == [blue["id"], red["id"]]


@pytest.mark.parametrize("path", ["/assets/related", "/assets/recommended"])
def test_a_body_that_breaks_the_description_is_refused(client: httpx.Client, path: str) -> None:
    answer = client.request("GET", path, json={"iterable": [{"id": 1}]})
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_pseudo_assets_are_neither_related_nor_recommended(bare: httpx.Client) -> None:
    asked = create(bare, tags=[{"text": "red"}])
    create(bare, tags=[{"text": "red"}], pseudo=True)
    assert ids(_get(bare, "/assets/related", {"iterable": [asked]})) == []
    assert ids(_get(bare, "/assets/recommended")) == [asked["id"]]
    assert only_format(asked)["asset"]["id"] == asked["id"]
