"""What is read of a body, over HTTP; the tables are what Plane 1.3.1 was seen to answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from tests.apis.plane.world import (
    ACME,
    FILE,
    NOT_VALID,
    PICTURE,
    USERS,
    Json,
    done,
    is_uploaded,
    most,
    name,
    new,
    ok,
    raw,
    refused,
)

EMPTY = {"error": "Invalid entity type.", "status": False}
"""What a body without anything is told."""

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=XBOUND"
BODY = json.dumps(PICTURE).encode()


def _sent(client: httpx.Client, body: bytes, media_type: str, path: str = USERS) -> httpx.Response:
    return client.post(path, content=body, headers={b"Content-Type": media_type.encode()})


def _multipart(*parts: tuple[str, str] | tuple[str, str, str]) -> bytes:
    """A form of texts, and of files where a part has a file name, too."""
    made = ""
    for part_name, value, *files in parts:
        told = f'form-data; name="{part_name}"' + "".join(f'; filename="{f}"' for f in files)
        made += f"--XBOUND\r\nContent-Disposition: {told}\r\n\r\n{value}\r\n"
    return f"{made}--XBOUND--\r\n".encode()


ENTITY = ("entity_type", "USER_AVATAR")


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        'application/json; charset="utf-8"',
        "application/json; charset=bogus",
        "application/json; charset=punycode",
        "Application/JSON ; x=y",
        "application/json;",
        "application/*",
        "*/*",
    ],
)
def test_json_is_taken(plane: httpx.Client, media_type: str) -> None:
    body = json.dumps({**PICTURE, "name": "é.png"}, ensure_ascii=False).encode()
    assert name(ok(_sent(plane, body, media_type))) == "é.png"


def test_json_may_be_in_another_encoding(plane: httpx.Client) -> None:
    body = json.dumps({**PICTURE, "name": "é.png"}, ensure_ascii=False)
    for charset in ("latin-1", "utf-16", "utf-32"):
        answer = _sent(plane, body.encode(charset), f"application/json; charset={charset}")
        assert name(ok(answer)) == "é.png"


def test_of_a_member_that_comes_twice_the_last_one_counts(plane: httpx.Client) -> None:
    body = BODY[:-1] + b', "name": "second.png"}'
    assert name(ok(_sent(plane, body, "application/json"))) == "second.png"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        (b"abc", "Expecting value: line 1 column 1 (char 0)"),
        (b"\x00", "Expecting value: line 1 column 1 (char 0)"),
        (b"  \n", "Expecting value: line 2 column 1 (char 3)"),
        (b"[1", "Expecting ',' delimiter: line 1 column 3 (char 2)"),
        (b'{"a": 1} x', "Extra data: line 1 column 10 (char 9)"),
        (b'{"a" 1}', "Expecting ':' delimiter: line 1 column 6 (char 5)"),
        (b'{"a":"b', "Unterminated string starting at: line 1 column 6 (char 5)"),
        (b'{"a":"\xe2\x82', "Unterminated string starting at: line 1 column 6 (char 5)"),
        (b'{"a":"\x01"}', "Invalid control character at: line 1 column 7 (char 6)"),
        (b'{"a":01}', "Expecting ',' delimiter: line 1 column 7 (char 6)"),
        (
            b"\xef\xbb\xbf{}",
            "Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)",
        ),
        (b'{"a":NaN}', "Out of range float values are not JSON compliant: 'NaN'"),
        (b'{"a":-Infinity}', "Out of range float values are not JSON compliant: '-Infinity'"),
        (
            b'{"a":"\xff"}',
            "'utf-8' codec can't decode byte 0xff in position 6: invalid start byte",
        ),
        (
            b'{"a":' + b"9" * 5000 + b"}",
            (
                "Exceeds the limit (4300 digits) for integer string conversion: value has 5000 "
                "digits; use sys.set_int_max_str_digits() to increase the limit"
            ),
        ),
    ],
    ids=lambda given: str(given[:16]),
)
def test_what_is_no_json_is_refused_in_the_words_of_python(
    plane: httpx.Client, body: bytes, told: str
) -> None:
    answer = _sent(plane, body, "application/json")
    assert refused(answer, 400) == {"detail": f"JSON parse error - {told}"}


def test_json_is_read_in_the_encoding_that_it_is_said_to_have(plane: httpx.Client) -> None:
    answer = _sent(plane, '{"é": 1}'.encode(), "application/json; charset=ascii")
    told = "'ascii' codec can't decode byte 0xc3 in position 2: ordinal not in range(128)"
    assert refused(answer, 400) == {"detail": f"JSON parse error - {told}"}


@pytest.mark.parametrize("body", ["[]", "[1]", "5", "1.5", '"x"', "null", "true", "false", '""'])
@pytest.mark.parametrize("path", [USERS, ACME])
def test_a_body_has_members(plane: httpx.Client, path: str, body: str) -> None:
    assert refused(raw(plane, "POST", path, body), 400) == NOT_VALID


def test_a_body_that_is_nested_too_deeply_is_refused(plane: httpx.Client) -> None:
    body = "[" * 100_000 + "]" * 100_000
    assert refused(raw(plane, "POST", USERS, body), 400) == NOT_VALID


@pytest.mark.parametrize(
    "media_type",
    ["text/plain", "text/plain; charset=utf-8", "text/json", "application/vnd.api+json",
     "application/json/x", "json", "application/json, text/plain", "multipart/mixed; boundary=x"],
)  # fmt: skip
def test_other_media_types_are_refused(plane: httpx.Client, media_type: str) -> None:
    told = {"detail": f'Unsupported media type "{media_type}" in request.'}
    assert refused(_sent(plane, BODY, media_type), 415) == told


def test_a_body_without_a_media_type_is_refused(plane: httpx.Client) -> None:
    answer = plane.post(USERS, content=BODY)
    assert refused(answer, 415) == {"detail": 'Unsupported media type "" in request.'}


@pytest.mark.parametrize(
    "media_type", ["application/json", FORM, MULTIPART, "multipart/form-data", "text/plain", ""]
)
def test_no_body_is_an_empty_one_of_any_media_type(plane: httpx.Client, media_type: str) -> None:
    assert refused(_sent(plane, b"", media_type), 400) == EMPTY
    page = f"{USERS}{new(plane)['asset_id']}/"
    done(plane.patch(page, content=b"", headers={"Content-Type": media_type}))


def _in_pieces(body: bytes) -> Iterator[bytes]:
    yield body


@pytest.mark.parametrize("body", [BODY, b"{"])
def test_a_body_of_unknown_length_is_not_read(plane: httpx.Client, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = plane.post(USERS, content=_in_pieces(body), headers=headers)
    assert refused(answer, 400) == EMPTY


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (b"name=a.png", "a.png"),
        (b"name=a+b%2Bc.png", "a b+c.png"),
        (b"name=a.png&name=second.png", "second.png"),
        (b"name=a%FF.png", "a\ufffd.png"),
        (b"name=a\xff.png", "aÿ.png"),
        (b"name=a%zz.png", "a%zz.png"),
        (b"name", "unnamed"),
        (b"name[]=a.png", "unnamed"),
        (b" name=a.png", "unnamed"),
    ],
)
def test_a_form_is_taken(plane: httpx.Client, given: bytes, kept: str) -> None:
    assert name(ok(_sent(plane, b"entity_type=USER_AVATAR&" + given, FORM))) == kept


def test_a_form_may_be_in_another_encoding(plane: httpx.Client) -> None:
    body = b"entity_type=USER_AVATAR&name=a%e9.png"
    assert name(ok(_sent(plane, body, f"{FORM}; charset=latin-1"))) == "aé.png"


@pytest.mark.parametrize("body", [b"entity_type=USER_AVATAR;name=a", BODY])
def test_what_is_no_form_has_no_fields(plane: httpx.Client, body: bytes) -> None:
    assert refused(_sent(plane, body, FORM), 400) == EMPTY


@pytest.mark.parametrize(("number", "told"), [(1000, EMPTY), (1001, NOT_VALID)])
def test_a_form_has_at_most_a_thousand_fields(plane: httpx.Client, number: int, told: Json) -> None:
    body = urlencode({f"f{index}": "x" for index in range(number)}).encode()
    assert refused(_sent(plane, body, FORM), 400) == told
    parts = _multipart(*((f"f{index}", "x") for index in range(number)))
    assert refused(_sent(plane, parts, MULTIPART), 400) == told


@pytest.mark.parametrize(("number", "told"), [(100, EMPTY), (101, NOT_VALID)])
def test_a_form_has_at_most_a_hundred_files(plane: httpx.Client, number: int, told: Json) -> None:
    parts = _multipart(*((f"f{index}", "x", "a.txt") for index in range(number)))
    assert refused(_sent(plane, parts, MULTIPART), 400) == told


def test_a_multipart_form_is_taken(plane: httpx.Client) -> None:
    parts = _multipart(ENTITY, ("name", "é.png"), ("size", " 12 "), ("name", "second é.png"))
    made = ok(_sent(plane, parts, 'multipart/form-data; boundary="XBOUND"'))
    assert (name(made), most(made)) == ("second é.png", 12)


ODD_FORMS = {
    "a preamble": b"before\r\n" + _multipart(ENTITY),
    "no content disposition": b"--XBOUND\r\nX: y\r\n\r\nv\r\n" + _multipart(ENTITY),
    "no name": b"--XBOUND\r\nContent-Disposition: form-data\r\n\r\nv\r\n" + _multipart(ENTITY),
    "no end": _multipart(ENTITY).removesuffix(b"\r\n--XBOUND--\r\n"),
}


@pytest.mark.parametrize("body", ODD_FORMS.values(), ids=ODD_FORMS)
def test_a_multipart_form_need_not_be_tidy(plane: httpx.Client, body: bytes) -> None:
    assert name(ok(_sent(plane, body, MULTIPART))) == "unnamed"


LOST_FORMS = {
    "garbage": b"garbage",
    "the end alone": b"--XBOUND--\r\n",
    "another boundary": _multipart(ENTITY).replace(b"XBOUND", b"OTHER"),
    "line feeds": _multipart(ENTITY).replace(b"\r\n", b"\n"),
}


@pytest.mark.parametrize("body", LOST_FORMS.values(), ids=LOST_FORMS)
def test_parts_that_are_not_found_are_missing(plane: httpx.Client, body: bytes) -> None:
    assert refused(_sent(plane, body, MULTIPART), 400) == EMPTY


@pytest.mark.parametrize(
    ("media_type", "told"),
    [
        ("multipart/form-data", "Invalid boundary in multipart: None"),
        ("multipart/form-data; boundary=", "Invalid boundary in multipart: "),
        (
            "multipart/form-data; boundary=" + "b" * 300,
            "Invalid boundary in multipart: " + "b" * 300,
        ),
        (
            "multipart/form-data; boundary=é",
            "Invalid non-ASCII Content-Type in multipart: multipart/form-data; boundary=Ã©",
        ),
        (
            "Multipart/Form-Data; boundary=XBOUND",
            "Invalid Content-Type: Multipart/Form-Data; boundary=XBOUND",
        ),
    ],
)
def test_a_multipart_form_needs_a_boundary(plane: httpx.Client, media_type: str, told: str) -> None:
    answer = _sent(plane, _multipart(ENTITY), media_type)
    assert refused(answer, 400) == {"detail": f"Multipart form parse error - {told}"}


@pytest.mark.parametrize(
    "parts",
    [
        [ENTITY, ("name", "data", "up.png")],
        [ENTITY, ("name", "a.png"), ("name", "data", "up.png")],
        [ENTITY, ("name", "data", "up.png"), ("name", "a.png")],
    ],
)
def test_a_file_is_no_name_and_goes_before_a_text(plane: httpx.Client, parts: list[Any]) -> None:
    assert name(ok(_sent(plane, _multipart(*parts), MULTIPART))) == "unnamed"


@pytest.mark.parametrize("field", ["size", "type", "entity_type"])
def test_a_file_is_no_value(plane: httpx.Client, field: str) -> None:
    parts = _multipart(ENTITY, (field, "12", "a.txt"))
    told = {
        "size": NOT_VALID,
        "type": {
            "error": "Invalid file type. Only JPEG and PNG files are allowed.",
            "status": False,
        },
        "entity_type": EMPTY,
    }
    assert refused(_sent(plane, parts, MULTIPART), 400) == told[field]


def test_a_file_that_is_not_asked_for_is_passed_over(plane: httpx.Client) -> None:
    parts = _multipart(ENTITY, ("file", "data", "up.png"))
    assert ok(_sent(plane, parts, MULTIPART))


def test_a_file_counts_as_its_name_where_a_text_is_kept(plane: httpx.Client) -> None:
    given = [(key, str(value)) for key, value in FILE.items()]
    file = ("external_id", "x", "folder/t.txt")
    parts = _multipart(*given, file, ("external_source", "s"))
    assert ok(_sent(plane, parts, MULTIPART, ACME))
    again = {**FILE, "external_id": "t.txt", "external_source": "s"}
    assert refused(plane.post(ACME, json=again), 409)


@pytest.mark.parametrize("field", ["project_id", "size"])
def test_a_file_is_no_project_and_no_size(plane: httpx.Client, field: str) -> None:
    given = [(key, str(value)) for key, value in FILE.items() if key != field]
    parts = _multipart(*given, (field, "x", "a.txt"))
    assert refused(_sent(plane, parts, MULTIPART, ACME), 400) == NOT_VALID


def test_a_file_is_no_attribute(plane: httpx.Client) -> None:
    made = new(plane)["asset_id"]
    parts = _multipart(("attributes", "{}", "a.json"))
    headers = {"Content-Type": MULTIPART}
    answer = plane.patch(f"{USERS}{made}/", content=parts, headers=headers)
    assert refused(answer, 400) == NOT_VALID
    assert not is_uploaded(plane, made)


@pytest.mark.parametrize(
    ("given", "status"), [("True", 204), ("t", 204), ("1", 204), ("true", 400), ("on", 400)]
)
@pytest.mark.parametrize("multipart", [True, False])
def test_truth_in_a_form_is_written_as_in_python(
    plane: httpx.Client, given: str, status: int, multipart: bool
) -> None:
    page = f"{ACME}{new(plane, ACME)['asset_id']}/"
    body = _multipart(("is_uploaded", given)) if multipart else f"is_uploaded={given}".encode()
    headers = {"Content-Type": MULTIPART if multipart else FORM}
    assert plane.patch(page, content=body, headers=headers).status_code == status
    assert plane.get(page).status_code == (200 if status == 204 else 400)


def _named(*headers: bytes, data: bytes = b"z.jpg") -> bytes:
    """A form whose last part has these headers."""
    last = b"\r\n".join((b"--XBOUND", *headers, b"", data, b"--XBOUND--\r\n"))
    start = _multipart(ENTITY, ("name", "a.jpg"))
    return start.removesuffix(b"--XBOUND--\r\n") + last


NAME = b'Content-Disposition: form-data; name="name"'
BASE64 = b"Content-Transfer-Encoding: base64"


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        (_named(NAME), "z.jpg"),
        (_named(NAME, BASE64, data=b"ei5qcGc="), "z.jpg"),
        (_named(NAME, BASE64, data=b"!!!"), "unnamed"),
        (_named(NAME, b'Content-Disposition: form-data; name="other"'), "a.jpg"),
        (_named(NAME, b"X: " + b"x" * 900), "z.jpg"),
        (_named(NAME, b"X: " + b"x" * 1000), "a.jpg"),
    ],
)
def test_the_headers_of_a_part_are_read_as_django_reads_them(
    plane: httpx.Client, body: bytes, kept: str
) -> None:
    assert name(ok(_sent(plane, body, MULTIPART))) == kept


@pytest.mark.parametrize(
    "parameters", ["boundary=x; boundary=XBOUND", 'boundary="XBOUND"', "Boundary=XBOUND ; x=y"]
)
def test_the_last_boundary_counts(plane: httpx.Client, parameters: str) -> None:
    ok(_sent(plane, _multipart(ENTITY), f"multipart/form-data; {parameters}"))


@pytest.mark.parametrize("parameters", ['boundary="XBOUND', 'boundary=XBOUND"'])
def test_half_a_quotation_belongs_to_the_boundary(plane: httpx.Client, parameters: str) -> None:
    answer = _sent(plane, _multipart(ENTITY), f"multipart/form-data; {parameters}")
    assert refused(answer, 400) == {"error": "Invalid entity type.", "status": False}
