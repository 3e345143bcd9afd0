"""Parameters and bodies over the real application: what a client writes is what a call has."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mockserver.engine.handlers import Call, Reply
from mockserver.engine.reply import Api
from mockserver.engine.spec import Parameter
from mockserver.engine.wire.fields import Field
from mockserver.engine.wire.serialized import encode
from mockserver.engine.wire.xml import encode_xml
from tests.engine.asgi import Asgi, Told
from tests.engine.tiny import assembled, described, json_content

STYLES = [
    *(("path", style, explode) for style in ("simple", "label", "matrix") for explode in (0, 1)),
    *(("header", "simple", explode) for explode in (0, 1)),
    *((place, "form", explode) for place in ("query", "cookie") for explode in (0, 1)),
    ("query", "spaceDelimited", 0),
    ("query", "pipeDelimited", 0),
    ("query", "deepObject", 1),
]
STRING = {"type": "string"}
OBJECT = {"type": "object"}
SCHEMAS: dict[str, Any] = {
    "string": STRING,
    "integer": {"type": "integer"},
    "boolean": {"type": "boolean"},
    "array": {"type": "array", "items": STRING},
    "object": {
        "type": "object",
        "properties": {"a": STRING, "b": {"type": "integer"}, "c d": {"type": "boolean"}},
        "additionalProperties": False,
    },
}
TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=6)
WORDS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=6)


def values(kind: str, texts: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    scalars = {"string": texts, "integer": st.integers(), "boolean": st.booleans()}
    if kind == "array":
        return st.lists(texts, min_size=1, max_size=4)
    if kind == "object":
        members: dict[str, Any] = {"b": st.integers(), "c d": st.booleans()}
        return st.fixed_dictionaries({"a": texts}, optional=members)
    return scalars[kind]


def echo(call: Call) -> Reply:
    places = (call.path, call.query, call.header, call.cookie)
    return Reply([*map(dict, places), call.body])


def api(paths: Any) -> Api:
    """An API that answers what it was asked."""
    document = described(paths)
    return assembled(document, **{op.id: echo for op in document.operations})


def operation(name: str, **more: Any) -> dict[str, Any]:
    content = {**json_content({}), **json_content({}, "application/problem+json")}
    return {"operationId": name, "responses": {"default": {"content": content}}, **more}


def styled_paths() -> dict[str, Any]:
    paths = {}
    for location, style, explode in STYLES:
        for kind, schema in SCHEMAS.items():
            name = f"{location}-{style}-{explode}-{kind}"
            parameter = {
                "name": "p", "in": location, "style": style, "explode": bool(explode),
                "required": True, "schema": schema,
            }  # fmt: skip
            path = f"/{name}" + ("/{p}/end" if location == "path" else "")
            paths[path] = {"get": operation(name, parameters=[parameter])}
    return paths


STYLED = Asgi(api(styled_paths()))
PLACES = ["path", "query", "header", "cookie"]


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, Parameter, Any]:
    location, style, explode = draw(st.sampled_from(STYLES))
    kind = draw(st.sampled_from(list(SCHEMAS)))
    plain = style in ("simple", "label", "matrix", "form")
    assume(plain or kind in ("array", "object"))
    assume(style != "deepObject" or kind == "object")
    # What separates cannot be encoded in headers, and is not in what spaces and pipes separate.
    limited = location == "header" or style in ("spaceDelimited", "pipeDelimited")
    value = draw(values(kind, WORDS if limited else TEXTS))
    assume(not (limited and style == "spaceDelimited" and kind == "object" and "c d" in value))
    parameter = Parameter("p", location, True, SCHEMAS[kind], style, bool(explode))
    return f"{location}-{style}-{explode}-{kind}", parameter, value


@given(cases())
def test_a_parameter_arrives_as_it_was_written(case: tuple[str, Parameter, Any]) -> None:
    name, parameter, value = case
    pairs = encode(parameter, value)
    location = parameter.location
    written = "&".join(f"{key}={text}" for key, text in pairs)
    target, headers = f"/{name}", []
    if location == "path":
        target += f"/{pairs[0][1]}/end"
    elif location == "query":
        target += "?" + written
    elif location == "header":
        headers = [("p", pairs[0][1])]
    else:
        headers = [("cookie", written.replace("&", "; "))]
    assert ask_echo(STYLED, target, *headers)[PLACES.index(location)] == {"p": value}


def ask_echo(asgi: Asgi, target: str, *headers: tuple[str, str], **more: Any) -> Any:
    told = asgi(target, *headers, **more)
    assert told.status == 200, told.body
    return told.value


def parameter(name: str, schema: Any, location: str = "query", **more: Any) -> dict[str, Any]:
    return {"name": name, "in": location, "schema": schema, **more}


MANY = Asgi(
    api(
        {
            "/q": {
                "get": operation(
                    "q",
                    parameters=[
                        parameter("ids[]", {"type": "array", "items": {"type": "integer"}}),
                        parameter("filter[name]", STRING),
                        parameter("empty", {"type": "integer"}, allowEmptyValue=True),
                        parameter("raw", STRING, allowReserved=True),
                        {"name": "json", "in": "query", "content": json_content(OBJECT)},
                        parameter("Accept", {"type": "integer"}, "header", required=True),
                        parameter("Authorization", {"type": "integer"}, "header", required=True),
                        parameter("Content-Type", {"type": "integer"}, "header", required=True),
                        parameter("sid", STRING, "cookie"),
                    ],
                )
            },
            "/f/{id}.{ext}": {"get": operation("parts")},
            "/f/{owner}:{action}": {"get": operation("named")},
            "/f/report({id})": {"get": operation("called")},
            "/f/{id}": {"get": operation("plain")},
            "/at?lat={lat}": {"get": operation("at", parameters=[
                parameter("lat", {"type": "number"}, "path", required=True)])},
        }
    )
)  # fmt: skip


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("ids[]=1&ids%5B%5D=2", {"ids[]": [1, 2]}),
        ("filter%5Bname%5D=x", {"filter[name]": "x"}),
        ("empty=", {"empty": ""}),
        ("raw=a/b?c+d", {"raw": "a/b?c+d"}),
        ("json=%7B%22a%22%3A1%7D", {"json": {"a": 1}}),
        ("", {}),
    ],
)
def test_queries_as_they_are_declared(query: str, found: Any) -> None:
    assert ask_echo(MANY, f"/q?{query}", ("accept", "*/*"), ("cookie", "sid=1"))[1:4] == [
        found,
        {},
        {"sid": "1"},
    ]


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("/f/a.b.c", {"id": "a.b", "ext": "c"}),
        ("/f/a%2Eb.c%2Ed", {"id": "a.b", "ext": "c.d"}),
        ("/f/me:go", {"owner": "me", "action": "go"}),
        ("/f/report(7)", {"id": "7"}),
        ("/f/report%287%29", {"id": "report(7)"}),
        ("/f/a%2Fb", {"id": "a/b"}),
    ],
)
def test_several_parameters_in_one_segment(target: str, found: Any) -> None:
    assert ask_echo(MANY, target)[0] == found


def refused_of(told: Told) -> tuple[int, str, str]:
    [violation] = told.value["errors"]
    return told.status, violation["location"], violation["pointer"]


def test_what_a_template_has_in_its_query_is_a_parameter_of_the_query() -> None:
    assert ask_echo(MANY, "/at?lat=1.5")[1] == {"lat": 1.5}


def whose(call: Call) -> Reply:
    return Reply(call.operation.id)


def test_operations_that_share_a_path_are_picked_by_query_or_header() -> None:
    paths = {
        "/#Action=Run": {"get": operation("run")},
        "/#Action=Stop": {"get": operation("stop")},
        "/#X-Target=Api.Go": {"post": operation("go")},
        "/#X-Target=Api.Halt": {"post": operation("halt")},
        "/rest?method=a": {"get": operation("a")},
        "/rest?method=b": {"get": operation("b")},
    }
    document = described(paths)
    asgi = Asgi(assembled(document, **{op.id: whose for op in document.operations}))
    assert asgi("/?Action=Stop").value == "stop"
    assert asgi("/?Version=1&Action=Run").value == "run"
    assert asgi("/", ("X-Target", "Api.Halt"), method="POST").value == "halt"
    assert asgi("/rest?method=b").value == "b"
    assert asgi("/%23Action=Stop").value == "stop"
    assert asgi("/", method="PUT").status == 405


BOOK: dict[str, Any] = {
    "type": "object",
    "required": ["isbn"],
    "additionalProperties": False,
    "xml": {"name": "book"},
    "properties": {
        "isbn": {**STRING, "xml": {"attribute": True}},
        "pages": {"type": "integer"},
        "sold": {"type": "boolean"},
        "tags": {"type": "array", "items": STRING, "xml": {"wrapped": True}},
        "author": {
            "type": "object",
            "required": ["name"],
            "properties": {"name": STRING, "born": {"type": "integer"}},
            "additionalProperties": False,
        },
        "file": {"type": "string", "format": "binary", "maxLength": 4},
    },
}
FORM, MULTI, XML = "application/x-www-form-urlencoded", "multipart/form-data", "application/xml"
CONTENT = {
    **json_content(BOOK),
    **json_content(BOOK, XML),
    **json_content(BOOK, FORM),
    **json_content(BOOK, MULTI),
    **json_content({"type": "integer"}, "text/plain"),
    **json_content({"type": "object"}, "application/*+json"),
    "application/octet-stream": {},
}
STYLED_FORM = {FORM: {"schema": BOOK, "encoding": {
    "tags": {"style": "pipeDelimited", "explode": False},
    "author": {"style": "form", "explode": False},
}}}  # fmt: skip
BODIES = Asgi(
    api(
        {
            "/books": {"post": operation("add", requestBody={"content": CONTENT})},
            "/styled": {"post": operation("styled", requestBody={"content": STYLED_FORM})},
            "/any": {"post": operation("any", requestBody={"content": {"*/*": {"schema": BOOK}}})},
        }
    )
)
PRINTED = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), max_size=6)
BOOKS = st.fixed_dictionaries(
    {"isbn": PRINTED},
    optional={
        "pages": st.integers(),
        "sold": st.booleans(),
        "tags": st.lists(PRINTED, min_size=1, max_size=3),
        "author": st.fixed_dictionaries({"name": PRINTED}, optional={"born": st.integers()}),
    },
)


def posted(target: str, media_type: str, body: bytes) -> Told:
    return BODIES(target, ("content-type", media_type), method="POST", body=body)


@given(BOOKS)
def test_a_book_is_the_same_book_in_every_media_type(book: Any) -> None:
    shapes = api({}).shapes
    fields = [
        pair
        for name, value in book.items()
        for pair in encode(Field(name, "query", BOOK["properties"][name], _style(value)), value)
    ]
    written = {
        "application/json": json.dumps(book).encode(),
        XML: encode_xml(book, BOOK, shapes),
        FORM: "&".join(f"{name}={text}" for name, text in fields).encode(),
        f"{MULTI}; boundary=b": multipart(book),
    }
    for media_type, body in written.items():
        told = posted("/books", media_type, body)
        assert (told.status, told.value[4]) == (200, book), media_type


def _style(value: Any) -> str:
    return "deepObject" if isinstance(value, dict) else "form"


def part(name: str, content: bytes, more: str = "") -> bytes:
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + content + b"\r\n"


def multipart(book: Any) -> bytes:
    """Members as they are, arrays one by one, objects as JSON (OpenAPI 3.0.3, multipart)."""
    parts = []
    for name, value in book.items():
        for each in value if isinstance(value, list) else [value]:
            text = each if isinstance(each, str) else json.dumps(each)
            parts.append(part(name, text.encode()))
    return b"".join(parts) + b"--b--\r\n"


@given(st.lists(PRINTED.filter(lambda t: "|" not in t), min_size=1, max_size=3), PRINTED)
def test_a_property_of_a_form_may_have_a_style_of_its_own(tags: list[str], name: str) -> None:
    body = f"isbn=1&tags={'%7C'.join(map(quote, tags))}&author=name,{quote(name, safe='')},born,7"
    told = posted("/styled", FORM, body.encode())
    assert told.value[4] == {"isbn": "1", "tags": tags, "author": {"name": name, "born": 7}}


@pytest.mark.parametrize(
    "parts",
    [
        part("author", b'{"name": "x"}', "\r\nContent-Type: application/json"),
        part("author[name]", b"x"),
    ],
    ids=["as JSON", "in its style"],
)
def test_an_object_in_a_part_may_be_json_whatever_its_style(parts: bytes) -> None:
    form = {"schema": BOOK, "encoding": {"author": {"style": "deepObject", "explode": True}}}
    asgi = Asgi(api({"/": {"post": operation("add", requestBody={"content": {MULTI: form}})}}))
    body = part("isbn", b"1") + parts + b"--b--"
    told = asgi("/", ("content-type", f"{MULTI}; boundary=b"), method="POST", body=body)
    assert told.value[4] == {"isbn": "1", "author": {"name": "x"}}


@pytest.mark.parametrize(
    ("media_type", "body", "status", "found"),
    [
        (FORM, urlencode({"isbn": "1", "author": '{"name": "x"}'}).encode(), 200,
         {"isbn": "1", "author": {"name": "x"}}),
        (FORM, b"isbn=1&tags[]=a&tags[]=b", 200, {"isbn": "1", "tags": ["a", "b"]}),
        (FORM, b"isbn=1&pages=x", 400, "/pages"),
        (FORM, b"isbn=1&pages=1&pages=2", 400, "/pages"),
        (FORM, b"isbn=1&author[name]=x&author[born]=y", 400, "/author/born"),
        (FORM, b"isbn=1&other=2", 400, ""),
        (FORM, b"pages=1", 400, ""),
        (f"{MULTI}; boundary=b", part("isbn", b"1") + part("file", b"\xff\0", '; filename="f"')
         + b"--b--", 200, {"isbn": "1", "file": "\xff\0"}),
        (f"{MULTI}; boundary=b", part("isbn", b"1") + part("file", b"12345", '; filename="f"')
         + b"--b--", 400, "/file"),
        (XML, b'<book isbn="1"><pages>x</pages></book>', 400, "/pages"),
        (XML, b"<other/>", 400, ""),
        (XML, b"<book", 400, ""),
        (XML, b'<!DOCTYPE book [<!ENTITY a "b">]><book isbn="&a;"/>', 400, ""),
        ("text/plain", b"12", 200, 12),
        ("text/plain", b"x", 400, ""),
        ("application/vnd.x+json", b"{}", 200, {}),
        ("text/csv", b"a,b", 415, "Content-Type"),
    ],
    ids=range(17),
)  # fmt: skip
def test_bodies_as_their_media_types_say(
    media_type: str, body: bytes, status: int, found: Any
) -> None:
    told = posted("/books", media_type, body)
    assert told.status == status, told.body
    assert (told.value[4] if status == 200 else told.value["errors"][0]["pointer"]) == found


def test_a_body_that_does_not_say_what_it_is_is_looked_at_where_anything_may_come() -> None:
    assert BODIES("/any", method="POST", body=b'{"isbn": "1"}').value[4] == {"isbn": "1"}
    assert BODIES("/any", method="POST", body=b"{}").status == 400


def test_bytes_are_taken_as_they_are_whether_they_say_so_or_not() -> None:
    content = {"application/octet-stream": {}}
    document = described({"/": {"post": operation("size", requestBody={"content": content})}})
    asgi = Asgi(assembled(document, size=lambda call: Reply(len(call.body))))
    assert asgi("/", method="POST", body=b"\xff\0").value == 2
    told = asgi("/", ("content-type", "application/octet-stream"), method="POST", body=b"\xff")
    assert told.value == 1


def test_a_form_without_fields_is_a_body() -> None:
    form = {"required": True, "content": json_content(OBJECT, FORM)}
    asgi = Asgi(api({"/": {"post": operation("form", requestBody=form)}}))
    assert asgi("/", ("content-type", FORM), method="POST").value[4] == {}
    assert asgi("/", method="POST").status == 400


@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize(
    ("media_type", "value"),
    [(FORM, {}), (f"{MULTI}; boundary=b", {}), ("text/plain", ""), ("image/png", "")],
)
def test_nothing_of_a_media_type_is_a_body(media_type: str, value: Any, required: bool) -> None:
    told = of_nothing(media_type, required=required)
    assert told.status == 200, told.body
    assert told.value[4] == value


@pytest.mark.parametrize(
    ("media_type", "required", "status"),
    [
        (XML, True, 400),
        (XML, False, 400),
        ("application/json", True, 400),
        ("application/json", False, 200),
        ("", True, 400),
        ("", False, 200),
        ("text/csv", True, 400),
        ("text/csv", False, 200),
    ],
)
def test_nothing_is_no_document(media_type: str, required: bool, status: int) -> None:
    told = of_nothing(media_type, required=required)
    assert told.status == status, told.body
    assert status != 200 or told.value[4] is None


def of_nothing(media_type: str, *, required: bool) -> Told:
    """The answer to a request without a byte where the body may be of many media types."""
    content = {
        **json_content(OBJECT),
        **json_content(OBJECT, XML),
        **json_content(OBJECT, FORM),
        **json_content(OBJECT, MULTI),
        **json_content(STRING, "text/plain"),
        "image/*": {},
    }
    body = {"required": required, "content": content}

    def handler(call: Call) -> Reply:
        text = call.body.decode() if isinstance(call.body, bytes) else call.body
        return Reply([{}, {}, {}, {}, text])

    document = described({"/": {"post": operation("any", requestBody=body)}})
    headers = [("content-type", media_type)] if media_type else []
    return Asgi(assembled(document, any=handler))("/", *headers, method="POST")


def test_the_files_of_a_form_come_with_their_names() -> None:
    def files(call: Call) -> Reply:
        return Reply([[upload.filename, len(upload.data)] for upload in call.files["file"]])

    add = operation("files", requestBody={"content": json_content({}, MULTI)})
    asgi = Asgi(assembled(described({"/": {"post": add}}), files=files))
    body = part("file", b"123", '; filename="a"') + part("file", b"4", '; filename="b"') + b"--b--"
    told = asgi("/", ("content-type", f"{MULTI}; boundary=b"), method="POST", body=body)
    assert told.value == [["a", 3], ["b", 1]]


def test_a_body_in_pieces_is_one_body() -> None:
    whole = json.dumps({"isbn": "x" * 1000}).encode()
    pieces = [whole[at : at + 7] for at in range(0, len(whole), 7)]
    told = BODIES("/books", ("content-type", "application/json"), method="POST", body=pieces)
    assert told.value[4] == json.loads(whole)


def test_headers_that_come_twice_are_one_and_cookies_are_joined_in_their_own_way() -> None:
    parameters = [
        {"name": name, "in": place, "schema": {"type": "array", "items": STRING}}
        for name, place in (("a", "cookie"), ("b", "cookie"), ("X-Tags", "header"))
    ]
    asgi = Asgi(api({"/": {"get": operation("get", parameters=parameters)}}))
    headers = [("cookie", "a=1"), ("x-tags", "x"), ("cookie", "b=2; a=3"), ("x-tags", "y")]
    found = asgi("/", *headers).value
    assert found[2:4] == [{"X-Tags": ["x", "y"]}, {"a": ["1", "3"], "b": ["2"]}]


@pytest.mark.parametrize("host", ["a b", 'evil"<x>:1', "a/b", "a,b c", "[::1", "a:b", "a\xe9"])
def test_a_host_that_is_none_is_refused_in_the_owners_shape(host: str) -> None:
    assert refused_of(MANY("/q", ("host", host))) == (400, "header", "Host")


@pytest.mark.parametrize("host", ["a", "a:1", "[::1]:80", "127.0.0.1", "a_b.c-d", "%41:"])
def test_hosts(host: str) -> None:
    assert MANY("/f/x", ("host", host)).status == 200
