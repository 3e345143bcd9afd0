"""Answers of an inferred API in the media type that their caller takes."""

from __future__ import annotations

import io
import json
import wave
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image

from mockserver.app import create_app
from mockserver.catalogue import build
from mockserver.engine.handlers import Call, Reply
from mockserver.engine.schema import Schemas
from mockserver.engine.spec import Response
from mockserver.engine.wire.negotiation import acceptable, wanted
from mockserver.engine.wire.samples import sample
from mockserver.engine.wire.shapes import Shapes
from mockserver.engine.wire.writing import writer
from mockserver.engine.wire.xml import decode_xml
from mockserver.engine.wire.xml_tree import parse_xml
from tests.engine.asgi import Asgi
from tests.engine.tiny import assembled, described, json_content

WIRE = Path(__file__).parent / "descriptions" / "wire.yaml"
XML = "application/xml"
BOOK = {"isbn": "7", "pages": 3, "tags": ["a", "b"], "author": {"name": "N"}}

Connect = Callable[[Any], httpx.Client]


@pytest.fixture
def books(in_process: Connect) -> httpx.Client:
    client = in_process(create_app(build([str(WIRE)])))
    client.base_url = httpx.URL("http://mock.test/w/")
    return client


@pytest.fixture
def book(books: httpx.Client) -> httpx.Response:
    return books.post("books", json=BOOK)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "application/json"),
        ("application/xml", XML),
        ("application/json;q=0.1, application/*", XML),
        ("text/html, application/xml;q=0.9, */*;q=0.8", XML),
        ("nonsense", "application/json"),
    ],
)
def test_the_caller_says_what_an_answer_is_written_in(
    books: httpx.Client, accept: str, media_type: str
) -> None:
    answer = books.get("books", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)
    assert answer.headers["vary"] == "Accept"


def test_what_is_written_in_xml_is_what_json_says(
    books: httpx.Client, book: httpx.Response
) -> None:
    assert book.json() == BOOK
    as_xml = books.get("books/7", headers={"Accept": XML})
    root = parse_xml(as_xml.content)
    assert (root.name.local, {n.local: text for n, text in root.attributes.items()}) == (
        "book",
        {"isbn": "7"},
    )
    assert [child.name.local for child in root.children] == ["pages", "tags", "author"]


def test_what_was_sent_in_xml_is_read_in_json(books: httpx.Client) -> None:
    sent = b'<book isbn="8"><pages>4</pages><tags><tags>x</tags></tags></book>'
    made = books.post("books", content=sent, headers={"Content-Type": XML, "Accept": XML})
    assert (made.status_code, made.headers["content-type"]) == (201, XML)
    assert books.get("books/8").json() == {"isbn": "8", "pages": 4, "tags": ["x"]}


def test_an_answer_may_be_a_form(books: httpx.Client) -> None:
    form = "application/x-www-form-urlencoded"
    answer = books.post("books", json=BOOK, headers={"Accept": form})
    assert parse_qsl(answer.text) == [
        ("isbn", "7"),
        ("pages", "3"),
        ("tags", "a"),
        ("tags", "b"),
        ("author[name]", "N"),
    ]


def test_what_is_no_text_is_json_where_a_text_is_described(books: httpx.Client) -> None:
    answer = books.post("books", json=BOOK, headers={"Accept": "text/plain"})
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert json.loads(answer.text) == BOOK


def test_a_caller_that_takes_nothing_of_it_is_refused_and_nothing_happens(
    books: httpx.Client,
) -> None:
    before = books.get("books").json()
    answer = books.post("books", json=BOOK, headers={"Accept": "image/png"})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (406, "Accept")
    assert books.get("books").json() == before


def test_a_refusal_is_told_whatever_its_caller_takes(books: httpx.Client) -> None:
    answer = books.post("books", json={}, headers={"Accept": XML})
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


def test_an_answer_has_the_headers_that_it_must_have(book: httpx.Response) -> None:
    assert int(book.headers["x-revision"]) >= 3


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("*/*", "image/png"),
        ("image/gif", "image/gif"),
        ("image/x-odd, image/jpeg;q=0", "image/x-odd"),
    ],
)
def test_a_range_is_answered_with_something_in_it(
    books: httpx.Client, accept: str, media_type: str
) -> None:
    answer = books.get("covers", headers={"Accept": accept})
    assert (answer.headers["content-type"], answer.content) == (media_type, sample(media_type))


def test_a_file_is_one(books: httpx.Client) -> None:
    answer = books.get("manual")
    assert answer.headers["content-type"] == "application/pdf"
    start = int(answer.content.split(b"startxref\n")[1].split()[0])
    assert answer.content[start : start + 4] == b"xref"


def test_anything_is_json_for_those_who_do_not_mind(books: httpx.Client) -> None:
    assert "isbn" in books.get("anything").json()


@pytest.mark.parametrize("kind", ["png", "gif", "jpeg", "bmp"])
def test_pictures_are_pictures(kind: str) -> None:
    with Image.open(io.BytesIO(sample(f"image/{kind}") or b"")) as picture:
        picture.load()
        assert (picture.format, picture.size) == (kind.upper(), (1, 1))


def test_archives_and_sounds_are_what_they_say() -> None:
    assert zipfile.ZipFile(io.BytesIO(sample("application/zip") or b"")).testzip() is None
    with wave.open(io.BytesIO(sample("audio/wav") or b"")) as sound:
        assert sound.getnchannels() == 1
    assert sample("video/x-odd")
    assert sample("text/plain") is sample("application/json") is None


RESPONSE = Response({name: {} for name in ("text/html", XML, "application/json", "image/*")}, ())


@pytest.mark.parametrize(
    ("accept", "found"),
    [
        (None, ["application/json", "text/html", XML, "image/*"]),
        ("text/*, application/*;q=0.5", ["text/html", "application/json", XML]),
        ("image/webp", ["image/*"]),
        ("audio/wav", []),
    ],
)
def test_what_may_be_answered_the_most_wanted_first(accept: str | None, found: list[str]) -> None:
    assert [documented for documented, _ in acceptable(RESPONSE, accept)] == found
    assert wanted(RESPONSE, accept) == (found[0] if found else None)


SHAPES = Shapes(Schemas({}).resolved, lambda schema, value: True)


@pytest.mark.parametrize(
    ("media_type", "value", "data"),
    [
        ("text/plain", "a b", b"a b"),
        ("text/plain", {"a": 1}, b'{"a":1}'),
        ("text/csv", None, b""),
        ("application/yaml", "a: b", b'"a: b"'),
        ("application/x-ndjson", [{"a": 1}, 2], b'{"a":1}\n2\n'),
        ("text/event-stream", {"a": 1}, b'data: {"a":1}\n\n'),
        (XML, "<a/>", b"<a/>"),
        ("application/x-www-form-urlencoded", {"a": [1, 2], "b": {"c": [{"d": True}]}},
         b"a=1&a=2&b%5Bc%5D%5B0%5D%5Bd%5D=true"),
    ],
)  # fmt: skip
def test_values_in_media_types(media_type: str, value: Any, data: bytes) -> None:
    assert writer(media_type, {}, SHAPES)(value) == data


TEXTS = st.text(st.characters(codec="utf-8"), max_size=6)
NAMES = st.text(st.characters(codec="latin-1"), max_size=4)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@given(ANYTHING)
@example("<")
@example("<a/>")
def test_every_value_has_some_xml(value: Any) -> None:
    document = writer(XML, {}, SHAPES)(value)
    decode_xml(document, {}, SHAPES)


def negotiating(handler: Callable[[Call], Reply], **responses: Any) -> Asgi:
    made = assembled(
        described({"/": {"get": {"operationId": "only", "responses": responses}}}), only=handler
    )
    made.handlers.negotiates = True
    made.handlers.make_header = lambda schema, name: f"{name} {schema.get('type')}"
    return Asgi(made)


def test_a_media_type_that_a_handler_chose_is_not_judged_by_accept() -> None:
    content = {**json_content({"type": "string"}), **json_content({"type": "string"}, "text/html")}
    asgi = negotiating(
        lambda call: Reply("x", media_type="text/html"), **{"200": {"content": content}}
    )
    told = asgi("/", ("accept", "application/json"))
    assert (told.status, told.body) == (200, b"x")


def test_of_two_that_are_wanted_alike_the_one_is_taken_that_can_hold_the_value() -> None:
    content = {**json_content({"type": "integer"}), **json_content({"type": "object"}, XML)}
    asgi = negotiating(lambda call: Reply({"a": 1}), **{"200": {"content": content}})
    assert asgi("/").headers[b"content-type"] == b"application/xml"
    assert asgi("/", ("accept", "application/json")).status == 500


def test_required_headers_are_made_but_for_those_that_are_given() -> None:
    headers = {
        "X-A": {"required": True, "schema": {"type": "string"}},
        "X-B": {"required": True, "schema": {"type": "integer"}},
        "X-C": {"schema": {"type": "integer"}},
        "Content-Type": {"required": True, "schema": {"type": "integer"}},
    }
    asgi = negotiating(
        lambda call: Reply(None, headers={"x-b": "1"}), **{"200": {"headers": headers}}
    )
    told = asgi("/")
    assert told.headers[b"x-a"] == b"X-A string"
    assert told.headers[b"x-b"] == b"1"
    assert b"x-c" not in told.headers
    assert b"content-type" not in told.headers


def test_without_negotiation_the_first_media_type_documented_is_it() -> None:
    content = {**json_content({}, XML), **json_content({})}
    made = assembled(
        described(
            {"/": {"get": {"operationId": "only", "responses": {"200": {"content": content}}}}}
        ),
        only=lambda call: Reply("<a/>"),
    )
    told = Asgi(made)("/", ("accept", "image/png"))
    assert (told.status, told.headers[b"content-type"]) == (200, b"application/xml")


def test_many_values_of_accept_are_not_all_kept() -> None:
    asgi = negotiating(lambda call: Reply(1), **{"200": {"content": json_content({})}})
    for number in range(300):
        assert asgi("/", ("accept", f"text/x{number}, */*;q=0.1")).value == 1
