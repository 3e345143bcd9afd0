"""What a search finds, in which place, and in which order."""

from __future__ import annotations

import subprocess
import sys
import unicodedata
from collections.abc import Callable
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.apis.assets.document import Annotation, Material, document
from mockserver.apis.assets.search import SUGGESTED, Hit, by_tags, full_text, fuzzy, neural_code
from mockserver.state.store import Record

Make = Callable[..., Record]

ANY_TEXT = st.text(st.characters(codec=None), max_size=60)
WORD = st.text("abcdefghij", min_size=4, max_size=8)


def keys(hits: list[Hit]) -> list[str]:
    return [hit.record.key for hit in hits]


def shape(hits: list[Hit]) -> list[tuple[str, bool, str]]:
    return [(hit.record.key, hit.exact, hit.match) for hit in hits]


@pytest.fixture(scope="session")
def in_each_place(asset: Make) -> list[Record]:
    """Assets that say zebra in one place each, the key naming the place."""
    return [
        asset("MULTIPLE", name="The Zebra", content="zebra"),
        asset("PERSONS", persons=[{"basic": {"name": "Zoe Zebra"}}]),
        asset("WEBSITES", websites=[("https://example.com/zebra", "Stripes")]),
        asset("CONTENT", content="one zebra"),
        asset("HINT", hints=["What is a zebra?"]),
        asset("ANNOTATION", annotations=[("About a zebra", "COMMENT")]),
        asset("TAGS", tags=["zebra"]),
        asset("TITLE", name="The Zebra"),
    ]


def test_a_document_holds_what_can_be_searched(asset: Make) -> None:
    found = document(
        asset(
            name="Retry",
            content="x = 1",
            tags=["python"],
            websites=[("https://example.com", "Example")],
            persons=[
                {"basic": {"name": "Ann", "email": "ann@example.com", "username": "ann1"}},
                {"platform": {"id": "u", "name": "Bo", "email": "bo@example.com"}},
            ],
            annotations=[("Why", "COMMENT")],
            hints=["How?"],
        )
    )
    assert (found.name, found.content, found.hints) == ("Retry", "x = 1", ("How?",))
    assert found.tags == (Material("tags-0", ("python",)),)
    assert found.websites == (Material("websites-0", ("https://example.com", "Example")),)
    assert [one.texts for one in found.persons] == [
        ("Ann", "ann@example.com", "ann1"),
        ("Bo", "bo@example.com"),
    ]
    assert found.annotations == (Annotation("Why", "COMMENT"),)


def test_a_bare_asset_has_an_empty_document() -> None:
    found = document(Record("a", {"id": "a", "original": {"id": "f"}, "tags": None}))
    assert (found.name, found.content, found.tags, found.hints) == ("", "", (), ())


def test_the_text_of_a_file_is_content_and_bytes_are_not_looked_at(asset: Make) -> None:
    record = asset(content=None)
    record.value["original"]["reference"]["file"] = {
        "bytes": {"raw": object()},
        "string": {"raw": "from a file"},
    }
    assert document(record).content == "from a file"


def test_a_document_is_read_once(asset: Make) -> None:
    record = asset(name="Retry")
    assert document(record) is document(record)


def test_match_names_the_place_and_better_places_come_first(in_each_place: list[Record]) -> None:
    hits = fuzzy(in_each_place, "zebra")
    assert [(hit.record.key, hit.match) for hit in hits] == [
        (place, place)
        for place in (
            "MULTIPLE", "TITLE", "TAGS", "ANNOTATION", "HINT", "CONTENT", "WEBSITES", "PERSONS"
        )
    ]  # fmt: skip
    assert all(hit.exact for hit in hits)


def test_a_name_that_is_the_query_comes_before_one_that_contains_it(asset: Make) -> None:
    records = [asset("whole", "retry"), asset("part", "retry now", "retry")]
    assert keys(fuzzy(records, "Retry")) == ["whole", "part"]


def test_equals_come_newest_first(asset: Make) -> None:
    records = [asset(key, "same") for key in "abc"]
    assert keys(fuzzy(records, "same")) == ["c", "b", "a"]


def test_exact_hits_come_before_suggestions_and_score_higher(asset: Make) -> None:
    records = [
        asset("far", content="nothing alike"),
        asset("person", persons=[{"basic": {"username": "retry"}}]),
        asset("near", "retyr"),
    ]
    hits = fuzzy(records, "retry")
    assert shape(hits) == [("person", True, "PERSONS"), ("near", False, "FUZZY")]
    assert 0 < hits[1].score <= SUGGESTED < hits[0].score <= 1


@pytest.mark.parametrize("query", ["pyhton", "retry bakcoff", "tokenbuckett", "Größn"])
def test_misspelt_words_are_suggested(asset: Make, query: str) -> None:
    record = asset(
        content="def retry_with_backoff(): return python", tags=["TokenBucket"], hints=["größen"]
    )
    assert shape(fuzzy([record], query)) == [("a", False, "FUZZY")]


@pytest.mark.parametrize(
    ("name", "query", "found"),
    [
        ("How to retry pages with care", "retrypages", True),
        ("retry", "retrypagesofanything", False),
        ("a", "alphabetical", False),
    ],
)
def test_a_query_is_sought_inside_a_name_but_no_name_inside_a_query(
    asset: Make, *, name: str, query: str, found: bool
) -> None:
    assert bool(fuzzy([asset(name=name)], query)) is found


def test_the_nearer_suggestion_comes_first(asset: Make) -> None:
    records = [asset("near", "parse duration"), asset("nearer", "parse durations")]
    assert keys(fuzzy(records, "parse duratinos")) == ["nearer", "near"]


def test_unlike_assets_are_not_suggested(asset: Make) -> None:
    records = [asset("a", "Sprint planning", "Checkout times out."), asset("b", "x", "y")]
    assert fuzzy(records, "kubernetes") == []


def test_long_content_is_searched_exactly_to_its_end_but_suggested_by_its_start(
    asset: Make,
) -> None:
    record = asset(content="filler " * 3_000 + "needlework")
    assert shape(fuzzy([record], "needlework")) == [("a", True, "CONTENT")]
    assert fuzzy([record], "neeldework") == []


def test_case_is_ignored_unless_asked_for(asset: Make) -> None:
    record = asset(name="Straße", content="plain")
    assert shape(fuzzy([record], "STRASSE")) == [("a", True, "TITLE")]
    assert shape(fuzzy([record], "straße", casing=True)) == [("a", False, "FUZZY")]
    assert shape(fuzzy([record], "Straße", casing=True)) == [("a", True, "TITLE")]


@pytest.mark.parametrize("casing", [False, True])
def test_composed_and_decomposed_letters_are_the_same(asset: Make, casing: bool) -> None:
    record = asset(name=unicodedata.normalize("NFD", "Café crème"))
    assert shape(fuzzy([record], "Café crème", casing=casing)) == [("a", True, "TITLE")]


@given(blank=st.text(" \t\n\r\u00a0\u2003\u3000", max_size=5))
def test_a_blank_query_finds_nothing(asset: Make, blank: str) -> None:
    record = asset(name=f"a{blank}b", content=blank, tags=[blank or " "])
    assert fuzzy([record], blank) == []
    assert full_text([record], blank) == []
    assert neural_code([record], blank) == []
    assert by_tags([record], [blank]) == []


@given(name=ANY_TEXT.filter(str.strip), casing=st.booleans())
def test_an_asset_is_found_exactly_by_its_own_name(asset: Make, name: str, casing: bool) -> None:
    hits = fuzzy([asset("other", "other"), asset("own", name)], name, casing=casing)
    assert ("own", True) in [(hit.record.key, hit.exact) for hit in hits]


@pytest.mark.parametrize("name", ["long " * 5_000, "e\u0301" * 2_000, "n" * 999 + "e\u0301x"])
def test_an_asset_is_found_exactly_by_its_own_long_name(asset: Make, name: str) -> None:
    assert shape(fuzzy([asset(name=name)], name)) == [("a", True, "TITLE")]


@given(names=st.lists(ANY_TEXT, max_size=6), query=ANY_TEXT)
def test_scores_fall_from_exact_to_suggested(asset: Make, names: list[str], query: str) -> None:
    hits = fuzzy([asset(str(number), name) for number, name in enumerate(names)], query)
    ranks = [(hit.exact, hit.score) for hit in hits]
    assert ranks == sorted(ranks, reverse=True)
    assert all(0 < hit.score <= 1 and hit.exact == (hit.match != "FUZZY") for hit in hits)


@pytest.mark.parametrize(
    "text", ["a\u0301\u0327" * 100_000, "word " * 100_000, "x" * 500_000], ids=len
)
def test_hostile_content_and_queries_are_searched_in_reasonable_time(
    asset: Make, text: str
) -> None:
    started = perf_counter()
    fuzzy([asset(content=text), asset("other", text)], text)
    assert perf_counter() - started < 10


def test_the_fuzzy_library_is_not_loaded_before_the_first_search() -> None:
    code = "import mockserver.apis.assets.search, sys; sys.exit('rapidfuzz' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_tags_are_exact_when_all_are_carried(asset: Make) -> None:
    records = [
        asset("both", tags=["Python ", "http"]),
        asset("one", tags=["http"]),
        asset("none", "python", tags=["pythonic"]),
    ]
    hits = by_tags(records, [" python", "HTTP", "http", ""])
    assert shape(hits) == [("both", True, "TAGS"), ("one", False, "TAGS")]
    assert [hit.score for hit in hits] == [1.0, 0.5]


@given(
    carried=st.lists(st.lists(st.sampled_from("abcd"), max_size=4), max_size=5),
    asked=st.lists(st.sampled_from("ABCDx"), min_size=1, max_size=4),
)
def test_tag_hits_are_those_that_share_a_tag(
    asset: Make, carried: list[list[str]], asked: list[str]
) -> None:
    records = [asset(str(number), tags=tags) for number, tags in enumerate(carried)]
    wanted = {tag.lower() for tag in asked}
    hits = by_tags(records, asked)
    assert sorted(keys(hits)) == [
        str(number) for number, tags in enumerate(carried) if wanted & set(tags)
    ]
    for hit in hits:
        shared = wanted & set(carried[int(hit.record.key)])
        assert hit.score == pytest.approx(len(shared) / len(wanted), abs=1e-4)
        assert hit.exact == (shared == wanted)


def test_full_text_needs_every_word_somewhere(asset: Make) -> None:
    records = [
        asset("both", "Retry", "with backoff"),
        asset("one", "Retry", "without"),
        asset("inside", "Retry", "backoffs"),
    ]
    assert shape(full_text(records, "BACKOFF retry")) == [("both", True, "MULTIPLE")]


@pytest.mark.parametrize(
    "more",
    [
        {"tags": ["zebra crossing"]},
        {"websites": [("https://zebra.example/", "crossing")]},
        {"persons": [{"platform": {"name": "Zebra", "email": "crossing@example.com"}}]},
        {"annotations": [("zebra crossing", "SUMMARY")]},
        {"hints": ["crossing, zebra"]},
    ],
)
def test_full_text_looks_everywhere(asset: Make, more: dict[str, object]) -> None:
    (place,) = more
    expected = {"annotations": "ANNOTATION", "hints": "HINT"}.get(place, place.upper())
    assert shape(full_text([asset(**more)], "zebra crossing")) == [("a", True, expected)]


@pytest.mark.parametrize("last", ["word", "wo"])
def test_of_long_queries_each_word_counts_to_the_end(asset: Make, last: str) -> None:
    query = "word " * 900 + last
    record = asset(content="a word")
    assert [hit.exact for hit in full_text([record], query)] == [True] * (last == "word")
    assert not any(hit.exact for hit in fuzzy([record], "a word" + " word" * 900))


def test_full_text_ranks_by_occurrences(asset: Make) -> None:
    records = [asset("often", content="go go go go"), asset("once", content="go")]
    hits = full_text(records, "go")
    assert [(hit.record.key, hit.score) for hit in hits] == [("often", 1.0), ("once", 0.25)]


@pytest.mark.parametrize("query", ["fetch_pages", "fetch", "pages", "lruCache", "lru", "cache"])
def test_full_text_finds_identifiers_whole_and_in_parts(asset: Make, query: str) -> None:
    record = asset(content="fetch_pages(lruCache)")
    assert keys(full_text([record], query)) == ["a"]


@pytest.mark.parametrize("query", ["...", "++", "()"])
def test_full_text_without_a_word_finds_nothing(asset: Make, query: str) -> None:
    assert full_text([asset(content=f"x {query}")], query) == []


@given(words=st.lists(WORD, min_size=1, max_size=6), pick=st.data())
def test_full_text_finds_an_asset_by_any_of_its_words(
    asset: Make, words: list[str], pick: st.DataObject
) -> None:
    record = asset(content=" ".join(words))
    asked = pick.draw(st.lists(st.sampled_from(words), min_size=1))
    assert keys(full_text([record], " ".join(asked).upper())) == ["a"]
    assert full_text([record], " ".join([*asked, "zzz"])) == []


def test_neural_code_ranks_code_by_shared_words(asset: Make) -> None:
    records = [
        asset("prose", content="token bucket", generic="TEXT"),
        asset("all", content="class TokenBucket: ..."),
        asset("named", "A bucket"),
        asset("noted", annotations=[("about one token", "COMMENT")]),
        asset("other", content="ring buffer", tags=["token"]),
    ]
    hits = neural_code(records, "token bucket")
    assert shape(hits) == [(key, False, "CONTENT") for key in ("all", "noted", "named")]
    assert [hit.score for hit in hits] == [1.0, 0.5, 0.5]
