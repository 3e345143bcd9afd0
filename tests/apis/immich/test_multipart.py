"""Forms and the names of their files, part by part as the real server reads them."""

from __future__ import annotations

import httpx
import pytest

from tests.apis.immich.world import ASSETS, form, fresh, info, multipart, refused, send_parts

FIELDS = multipart(list(form().items()))[1].removesuffix(b"--edge--\r\n")
END = b"--edge--\r\n"


def _file(disposition: bytes, more: bytes = b"") -> bytes:
    head = b"--edge\r\nContent-Disposition: " + disposition + b"\r\n" + more
    return head + b"\r\n" + fresh() + b"\r\n"


PICTURE = b'form-data; name="assetData"; filename="a.jpg"'


def _send(demo: httpx.Client, body: bytes) -> httpx.Response:
    headers = {"Content-Type": "multipart/form-data; boundary=edge"}
    return demo.post(ASSETS, headers=headers, content=body)


def _made(demo: httpx.Client, body: bytes) -> dict[str, object]:
    answer = _send(demo, body)
    assert answer.status_code == 201, answer.text
    return info(demo, answer.json()["id"])


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ('filename="é 日.jpg"'.encode(), "é 日.jpg"),
        (b'filename="\xe9.jpg"', "\ufffd.jpg"),
        (b"filename*=UTF-8''a%20b.jpg", "a b.jpg"),
        (b"filename*=UTF-8''%C3%A9.jpg", "\ufffd.jpg"),
        (b"filename=\"a.jpg\"; filename*=UTF-8''b.jpg", "b.jpg"),
        (b"filename*=iso-8859-1'en'%C3%A9.jpg", "é.jpg"),
        (b'filename="..\\..\\c.jpg"', "c.jpg"),
        (b'filename="C:\\x\\d.jpg"', "d.jpg"),
        (b'filename="some/where/e.jpg"', "e.jpg"),
        (b'filename="a%22b.jpg"', "a%22b.jpg"),
        (b'filename="a\\"b.jpg"', 'a"b.jpg'),
        (b"filename=a.jpg", "a.jpg"),
        (b'filename="a.jpg"; filename="b.txt"', "a.jpg"),
        (b'FILENAME="a;b=c.jpg"', "a;b=c.jpg"),
        (b'\r\n filename="a.jpg"', "a.jpg"),
    ],
)
def test_a_file_is_kept_under_the_name_that_its_part_gives_it(
    demo: httpx.Client, written: bytes, kept: str
) -> None:
    body = FIELDS + _file(b'form-data; name="assetData"; ' + written) + END
    assert _made(demo, body)["originalFileName"] == kept


@pytest.mark.parametrize(
    "disposition",
    [
        b'form-data; name="assetData"; filename="dir/"',
        b'form-data; name="assetData"; filename=".."',
        b'form-data; name="assetData"; filename="a.jpg"; ',
        b'form-data; name = "assetData"; filename="a.jpg"',
        b"form-data; name=\"assetData\"; filename*=UTF-8''a%zz.jpg",
        b'attachment; name="assetData"; filename="a.jpg"',
    ],
)
def test_a_part_that_is_no_file_of_a_form_is_passed_over(
    demo: httpx.Client, disposition: bytes
) -> None:
    refused(_send(demo, FIELDS + _file(disposition) + END), 400, "File is required")


@pytest.mark.parametrize(
    ("disposition", "told"),
    [
        (b'form-data; name="assetData"; filename="a\0.jpg"', "Multipart: Malformed part header"),
        (
            b"form-data; name=\"assetData\"; filename*=UTF-8''a%00.jpg",
            "The name of the file must not contain NUL",
        ),
    ],
)
def test_a_file_name_with_nul_is_refused(demo: httpx.Client, disposition: bytes, told: str) -> None:
    refused(_send(demo, FIELDS + _file(disposition) + END), 400, told)


def test_a_field_with_nul_is_refused(demo: httpx.Client) -> None:
    parts = (("deviceId", "a\0b"), ("assetData", "a.jpg", fresh()))
    refused(send_parts(demo, *parts), 400, ["deviceId must not contain NUL"])


def test_more_than_a_thousand_parts_are_told_as_such(demo: httpx.Client) -> None:
    many = multipart([(f"f{number}", "x") for number in range(996)])[1].removesuffix(END)
    assert _send(demo, FIELDS + many[: many.rindex(b"--edge")] + _file(PICTURE) + END).is_success
    answer = _send(demo, FIELDS + many + _file(PICTURE) + END)
    refused(answer, 400, "Too many parts - the mock takes 1000")


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (b"Foo\r\n", "Malformed part header"),
        (b"Foo : x\r\n", "Malformed part header"),
        (b"Foo: x\n", "Malformed part header"),
        ("X-\u00e9: x\r\n".encode(), "Malformed part header"),
        (b"Foo: " + b"x" * 16_500 + b"\r\n", "Malformed part header"),
    ],
)
def test_the_headers_of_a_part_are_read_strictly(
    demo: httpx.Client, more: bytes, told: str
) -> None:
    refused(_send(demo, FIELDS + _file(PICTURE, more) + END), 400, f"Multipart: {told}")


@pytest.mark.parametrize(
    "body",
    [
        b"hello\r\n" + FIELDS + _file(PICTURE) + END,
        FIELDS + _file(PICTURE) + END + b"more",
        FIELDS + _file(PICTURE, b"Foo:\r\nBar: x\r\n") + END,
        FIELDS + _file(PICTURE) + b"--edge--",
    ],
)
def test_what_stands_around_the_parts_does_not_matter(demo: httpx.Client, body: bytes) -> None:
    assert _send(demo, body).status_code in (200, 201)


@pytest.mark.parametrize(
    "body",
    [
        (FIELDS + _file(PICTURE) + END).replace(b"\r\n", b"\n"),
        FIELDS + _file(PICTURE) + b"--edge",
        FIELDS + b"--edge\r\nContent-Disposition: " + PICTURE + b"\r\n" + END,
    ],
)
def test_a_form_has_to_end(demo: httpx.Client, body: bytes) -> None:
    refused(_send(demo, body), 400, "Multipart: Unexpected end of form")


BAD_FILE = b'form-data; name="assetData"; filename="a.txt"'


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (FIELDS + _file(BAD_FILE), "Unsupported file type a.txt"),
        (FIELDS + _file(BAD_FILE) + b"--edge\r\nfoo\r\n", "Unsupported file type a.txt"),
        (FIELDS + b"--edge\r\n@\r\n" + _file(BAD_FILE), "Multipart: Malformed part header"),
        (
            _file(b'form-data; name="foo"; filename="a"') + _file(BAD_FILE) + END,
            "Unexpected field - foo",
        ),
        (FIELDS + _file(b"form-data") + END, "Field name missing"),
    ],
)
def test_parts_are_judged_as_they_come(demo: httpx.Client, body: bytes, told: str) -> None:
    refused(_send(demo, body), 400, told)


@pytest.mark.parametrize(
    ("media_type", "kept"),
    [("text/plain", "\ufffd"), ("text/plain; charset=iso-8859-1", "é"), ("image/x", "\ufffd")],
)
def test_a_field_is_text_in_its_own_charset(demo: httpx.Client, media_type: str, kept: str) -> None:
    head = (
        f'--edge\r\nContent-Disposition: form-data; name="duration"\r\nContent-Type: {media_type}'
    )
    body = FIELDS + head.encode() + b"\r\n\r\n\xe9\r\n" + _file(PICTURE) + END
    assert _made(demo, body)["duration"] == kept


def test_a_field_with_an_empty_name_is_passed_over(demo: httpx.Client) -> None:
    field = b'--edge\r\nContent-Disposition: form-data; name=""\r\n\r\n1\r\n'
    _made(demo, FIELDS + field + _file(PICTURE) + END)


def test_a_field_of_bytes_is_no_field(demo: httpx.Client) -> None:
    field = b'--edge\r\nContent-Disposition: form-data; name="duration"\r\n'
    field += b"Content-Type: application/octet-stream\r\n\r\n1\r\n"
    assert _made(demo, FIELDS + field + _file(PICTURE) + END)["duration"] == "0:00:00.00000"


def test_a_control_character_is_taken_in_the_name_of_a_field_only(demo: httpx.Client) -> None:
    field = b'--edge\r\nContent-Disposition: form-data; name="a\x08\0"\r\n\r\nx\r\n'
    _made(demo, FIELDS + field + _file(PICTURE) + END)
    named = b'form-data; name="assetData"; filename="a\x08.jpg"'
    refused(_send(demo, FIELDS + _file(named) + END), 400, "Multipart: Malformed part header")
