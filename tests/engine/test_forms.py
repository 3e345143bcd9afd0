from __future__ import annotations

import tracemalloc
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mockserver.engine.forms import (
    MAX_HEAD,
    MAX_PARTS,
    MULTIPART,
    PIECE,
    URLENCODED,
    Form,
    Upload,
    decode_form,
    is_form,
)
from mockserver.errors import ApiError

MEBIBYTE = 1024 * 1024
CONTENT_TYPE = f"{MULTIPART}; boundary=b"

TOKENS = "ABCxyz019'()+_,-./:=?"
BOUNDARIES = st.tuples(st.text(TOKENS + " ", max_size=69), st.sampled_from(TOKENS)).map("".join)
"""RFC 2046, section 5.1.1: up to 70 characters, the last of them no space."""

TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n%"), max_size=8)
PRINTABLE = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="%"),
    min_size=1,
    max_size=8,
)
MEDIA_TYPES = st.sampled_from(["", "image/png", "text/plain; charset=latin-1", "x/y"])


@dataclass
class Part:
    """One part as it is to be sent; ``filename`` is None for a field."""

    name: str
    content: bytes
    filename: str | None = None
    media_type: str = ""
    escape: str = "%22"
    line_break: bytes = b"\r\n"

    def quoted(self, text: str) -> bytes:
        """As browsers write it (HTML, multipart/form-data), or as RFC 9110 quotes."""
        escaped = text.replace("\\", "\\\\").replace('"', self.escape)
        return b'"%s"' % escaped.encode()

    def encoded(self) -> bytes:
        head = b"Content-Disposition: form-data; name=" + self.quoted(self.name)
        if self.filename is not None:
            head += b"; filename=" + self.quoted(self.filename)
        if self.media_type:
            head += self.line_break + b"content-TYPE:" + self.media_type.encode()
        return head + self.line_break * 2 + self.content


def multipart(parts: Sequence[bytes], boundary: bytes = b"b", around: bytes = b"") -> bytes:
    """RFC 2046, section 5.1.1, with the same text before the parts and after them."""
    delimited = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    before = around + b"\r\n" if around else b""
    return before + delimited + b"--" + boundary + b"--\r\n" + around


def part(head: bytes, content: bytes = b"") -> bytes:
    return b"Content-Disposition: form-data" + head + b"\r\n\r\n" + content


def contents(boundary: str) -> st.SearchStrategy[bytes]:
    """Bytes with much in them that looks like the end of a part."""
    limit = boundary.encode()
    odd = [b"\r\n", b"\r", b"\n", b"--", b"\r\n--", b"\0", b"\xff", limit, b"--" + limit[:-1]]
    pieces = st.lists(st.sampled_from(odd) | st.binary(max_size=5), max_size=8)
    return pieces.map(b"".join).filter(lambda content: b"--" + limit not in content)


@st.composite
def sendings(draw: st.DrawFn) -> tuple[str, list[Part], bytes]:
    """A boundary, parts that do not contain it, and text to stand around them."""
    boundary = draw(BOUNDARIES)
    near = contents(boundary)
    shared = {
        "escape": st.sampled_from(["%22", '\\"']),
        "line_break": st.sampled_from([b"\r\n", b"\n"]),
    }
    texts = TEXTS.map(str.encode).filter(lambda text: b"--" + boundary.encode() not in text)
    fields = st.builds(Part, NAMES, texts, **shared)
    files = st.builds(Part, NAMES, near, NAMES, MEDIA_TYPES, **shared)
    return boundary, draw(st.lists(fields | files, max_size=6)), draw(near)


def expected(parts: Sequence[Part]) -> Form:
    form = Form()
    for each in parts:
        form.order.append(each.name)
        if each.filename is None:
            form.fields.setdefault(each.name, []).append(each.content.decode())
        else:
            upload = Upload(each.filename, each.media_type, each.content)
            form.files.setdefault(each.name, []).append(upload)
    return form


def refused(content_type: str, data: bytes) -> str:
    with pytest.raises(ApiError) as caught:
        decode_form(content_type, data)
    [violation] = caught.value.violations
    assert (caught.value.status, violation.location) == (400, "body")
    return violation.expected


@given(sendings())
@example(("b", [], b""))
@example(("--", [Part("a", b"-"), Part("a", b"\r\n-", "", "x/y")], b"-"))
def test_a_multipart_form_is_read_as_it_was_sent(sending: tuple[str, list[Part], bytes]) -> None:
    boundary, parts, around = sending
    data = multipart([each.encoded() for each in parts], boundary.encode(), around)
    content_type = f'{MULTIPART}; charset=utf-8; boundary="{boundary}"'
    assert decode_form(content_type, data) == expected(parts)


@given(
    st.dictionaries(PRINTABLE, TEXTS, max_size=3),
    st.lists(st.tuples(PRINTABLE, PRINTABLE, st.binary(max_size=40)), min_size=1, max_size=4),
)
def test_what_a_client_sends_is_what_arrives(
    fields: dict[str, str], files: list[tuple[str, str, bytes]]
) -> None:
    sent = [(name, (filename, data, "x/y")) for name, filename, data in files]
    request = httpx.Request("POST", "http://mock/", data=fields, files=sent)
    form = decode_form(request.headers["content-type"], request.read())
    assert form.fields == {name: [text] for name, text in fields.items()}
    arrived = [
        (name, upload.filename, upload.data)
        for name, uploads in form.files.items()
        for upload in uploads
    ]
    assert sorted(arrived) == sorted(files)
    assert form.order == [*fields, *(name for name, _, _ in files)]


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=6))
def test_an_urlencoded_form_is_read_as_it_was_sent(pairs: list[tuple[str, str]]) -> None:
    wanted: dict[str, list[str]] = {}
    for name, value in pairs:
        wanted.setdefault(name, []).append(value)
    form = decode_form(URLENCODED, urlencode(pairs).encode())
    assert (form.fields, form.files) == (wanted, {})


def test_the_parts_of_a_form_are_told_in_their_order() -> None:
    one, file = part(b"; name=a", b"1"), part(b'; name=b; filename="f"', b"2")
    form = decode_form(CONTENT_TYPE, multipart([one, file, part(b"; name=c"), one]))
    assert form.order == ["a", "b", "c", "a"]
    assert form.fields == {"a": ["1", "1"], "c": [""]}


@pytest.mark.parametrize(
    ("head", "filename"),
    [
        (b'; name=a; filename=""', ""),
        (b"; name=a; filename=plain.txt", "plain.txt"),
        (b"; filename=first; name=a", "first"),
        (b"; name=a; FileName=x", "x"),
        ('; name=a; filename="żółć.png"'.encode(), "żółć.png"),
        (b"; name=a; filename*=utf-8''%c5%bc.png", "ż.png"),
        (b'; name=a; filename="semi;colon"', "semi;colon"),
        (b'; name=a; filename="../../etc/passwd"', "../../etc/passwd"),
    ],
)
def test_a_part_with_a_filename_is_a_file(head: bytes, filename: str) -> None:
    form = decode_form(CONTENT_TYPE, multipart([part(head, b"\xff")]))
    assert form == Form({}, {"a": [Upload(filename, "", b"\xff")]}, ["a"])


def test_what_is_no_utf_8_in_a_field_is_replaced() -> None:
    form = decode_form(CONTENT_TYPE, multipart([part(b"; name=a", b"x\xffy")]))
    assert form.fields == {"a": ["x\ufffdy"]}


@pytest.mark.parametrize(
    "content_type",
    ["Multipart/Form-Data; boundary=b", "multipart/form-data;BOUNDARY=b", CONTENT_TYPE + " ; a=b"],
)
def test_the_case_of_a_content_type_does_not_matter(content_type: str) -> None:
    data = multipart([part(b"; name=a", b"1")])
    assert decode_form(content_type, data).fields == {"a": ["1"]}


@pytest.mark.parametrize(
    "content_type", [MULTIPART, MULTIPART + ";", MULTIPART + "; boundary=", MULTIPART + '; x="b']
)
def test_a_multipart_form_needs_a_boundary(content_type: str) -> None:
    assert "boundary" in refused(content_type, multipart([part(b"; name=a")]))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"--b",
        b"--b\r\n",
        b"--b\r\n\r\n\r\n--b--",
        b"--other\r\n" + part(b"; name=a") + b"\r\n--other--",
        b"--b\r\n" + part(b"; name=a", b"never ends"),
        b"--b\r\n" + part(b"; name=a", b"never ends") + b"\r\n--b",
        multipart([part(b"; name=a"), b"Content-Disposition: form-data; name=b"]),
        multipart([b"X-Other: 1\r\n\r\n1"]),
        multipart([part(b'; name="\xff"')]),
        multipart([b"\xff: \xff\r\n\r\n1"]),
    ],
    ids=range(11),
)
def test_what_is_no_multipart_form_is_refused(data: bytes) -> None:
    refused(CONTENT_TYPE, data)


@pytest.mark.parametrize("data", [b"a=%FF", b"%C3%28=1", b"a=1&b=%ED%A0%80"])
def test_an_urlencoded_form_that_is_not_utf_8_is_refused(data: bytes) -> None:
    refused(URLENCODED, data)


@given(st.binary(max_size=80))
def test_no_bytes_crash_an_urlencoded_form(data: bytes) -> None:
    decoded_or_refused(URLENCODED, data)


FRAGMENTS = [
    *(b"--b", b"--b--", b"\r\n", b"\r", b"\n", b"\r\n\r\n", b"--", b" ", b":", b";", b"=", b'"'),
    *(b"Content-Disposition: form-data", b"; name=a", b"; filename=", b"*=utf-8''%ff", b"*0*="),
    *(b"content-type: ", b"Content-Transfer-Encoding: base64", b"\\", b"\0", b"\xff"),
]


@given(st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=6), max_size=30).map(b"".join))
def test_no_bytes_crash_a_multipart_form(data: bytes) -> None:
    decoded_or_refused(CONTENT_TYPE, data)
    decoded_or_refused(CONTENT_TYPE, b"--b\r\n" + data + b"\r\n--b--")


@given(sendings(), st.data())
def test_no_damage_to_a_multipart_form_crashes(
    sending: tuple[str, list[Part], bytes], data: st.DataObject
) -> None:
    boundary, parts, around = sending
    whole = multipart([each.encoded() for each in parts], boundary.encode(), around)
    places = st.integers(0, len(whole))
    first, last = sorted((data.draw(places), data.draw(places)))
    damaged = whole[:first] + data.draw(st.binary(max_size=5)) + whole[last:]
    decoded_or_refused(f'{MULTIPART}; boundary="{boundary}"', damaged)


@given(st.text(st.characters(max_codepoint=255), max_size=40))
def test_no_content_type_crashes_a_multipart_form(parameters: str) -> None:
    decoded_or_refused(f"{MULTIPART};{parameters}", multipart([part(b"; name=a")]))
    decoded_or_refused(f"{MULTIPART}; boundary={parameters}", multipart([part(b"; name=a")]))


def decoded_or_refused(content_type: str, data: bytes) -> None:
    form, status = Form(), 400
    try:
        form = decode_form(content_type, data)
    except ApiError as error:
        status = error.status
    assert status == 400
    assert all([*form.fields.values(), *form.files.values()])
    in_order = {*form.fields, *form.files} if content_type != URLENCODED else set()
    assert {*form.order} == in_order


def test_the_number_of_parts_is_bounded() -> None:
    one = part(b"; name=a", b"1")
    assert len(decode_form(CONTENT_TYPE, multipart([one] * MAX_PARTS)).fields["a"]) == MAX_PARTS
    assert str(MAX_PARTS) in refused(CONTENT_TYPE, multipart([one] * (MAX_PARTS + 1)))


@pytest.mark.parametrize("content", [b"\xff", b"\r", b"\n", b"\r\n", b"-", b"x--b", b"\r\n--"])
def test_a_large_file_takes_a_few_times_its_size(content: bytes) -> None:
    size = 2 * MEBIBYTE
    file = part(b"; name=a; filename=f", content * (size // len(content)) + b"!")
    data = multipart([file])
    tracemalloc.start()
    try:
        [upload] = decode_form(CONTENT_TYPE, data).files["a"]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert upload.data == file.partition(b"\r\n\r\n")[2]
    assert peak < 6 * size


def test_is_form() -> None:
    assert is_form("multipart/form-data")
    assert is_form("application/x-www-form-urlencoded")
    assert not is_form("multipart/mixed")
    assert not is_form("application/json")


def test_a_part_without_a_name_is_told_with_an_empty_one() -> None:
    form = decode_form(CONTENT_TYPE, multipart([part(b"", b"1")]))
    assert (form.order, form.fields) == ([""], {"": ["1"]})


def test_an_urlencoded_form_may_hold_utf_8_as_it_is() -> None:
    assert decode_form(URLENCODED, "name=ż".encode()).fields == {"name": ["ż"]}


def test_the_number_of_urlencoded_fields_is_bounded() -> None:
    assert str(MAX_PARTS) in refused(URLENCODED, b"&".join([b"a=1"] * (MAX_PARTS + 1)))


@pytest.mark.parametrize(
    "data",
    [
        b"--b\r\nContent-Disposition: form-data; name=a; x="
        + b"x" * 2 * PIECE
        + b"\r\n\r\n1\r\n--b--",
        b"x" * 2 * PIECE + b"\r\n" + multipart([part(b"; name=a", b"1")]),
    ],
    ids=["head", "preamble"],
)
def test_what_is_not_content_is_bounded(data: bytes) -> None:
    assert str(MAX_HEAD) in refused(CONTENT_TYPE, data)


@given(st.integers(0, 40), st.sampled_from([b"\r\n--b", b"\r\n", b"\n", b"-"]))
@settings(max_examples=30)
def test_what_looks_like_a_boundary_may_stand_where_pieces_meet(
    before: int, likeness: bytes
) -> None:
    head = b"--b\r\nContent-Disposition: form-data; name=a\r\n\r\n"
    content = b"x" * (PIECE - len(head) - before) + likeness + b"y" * 50
    data = head + content + b"\r\n--b--\r\n"
    assert decode_form(CONTENT_TYPE, data).fields == {"a": [content.decode()]}
