"""Bodies whose bytes are not quite right: JSON and forms cut, misspelt, and under other types."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

from mockserver.contract.values import Form, Json, Key, Part, Raw, Sent
from mockserver.contract.wire import BOUNDARY, text_of

JSON = "application/json"
URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

DEEP = 2_000
"""Levels of a value that is nested deeper than any reader should follow."""

WHOLE = (
    "", " ", "null", "true", "1", "-1.5", '"a"', "[]", "{}", "[{}]", "[[]]", "[1]", '{"":1}', "nul",
    "tru", "falsy", "NaN", "[NaN]", '{"a":Infinity}', '{"a":-Infinity}', "-", '{"a":-}', "[-x]",
    "1e5", "undefined", "{", "[", "}", "]", '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', "[1,]",
    "[1", "[1,", "{,}", "[,]", '{"a" 1}', '{"a":1 "b":2}', "[1 2]", "{a:1}", "{'a':1}", '{"a":1}}',
    '{"a":1} x', '{"a":01}', '{"a":1.}', '{"a":.5}', '{"a":1e}', '{"a":1e+}', '{"a":+1}', '{"a":0x1}',
    '{"a":"b', '{"a":"b\\', '{"a":"\\x"}', '{"a":"\\u12"}', '{"a":"\\u12', '{"a":"\\ud800"}',
    '{"a":"\\udc00\\ud800"}', '{"a":"b\tc"}', '{"a":"b\nc"}', '{"a":"\\n\\"\\/\\u00e9"}',
    '{\n"a": 1,\n"b" 2\n}', '{"a":{"b":[1,{"c":2]}}', '[{"a":1},{"b":2]', '{"a":1,"a":2}', "// a\n{}",
    "[" * DEEP, "[" * DEEP + "]" * DEEP, '{"a":' * DEEP + "1" + "}" * DEEP, "a" * 30, '{"a":tru}',
    '{"a":nulls}', '{"long name of a member":1,,"b":2}', '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10 11]', "\ufeff{}",
)  # fmt: skip
"""JSON texts that are right, and wrong in every way that readers tell apart."""

TOKENS = (
    "", "x", "01", "1.", ".5", "-", "1e", "1e999", "0x1", "NaN", "-Infinity", "tru", "null", "'a'",
    '"\\q"', '"\\u00zz"', '"\\ud800"', '"a\tb"', '"a', '""', "[]", "{}", "undefined", "12345678901234567890",
)  # fmt: skip
JUNK = ",:{}[]\"\\'-+.e0x\t\n\0\u00e9/ "
AROUND = ("\ufeff{}", " \r\n\t{} \n", "{}x", "{}{}", ")]}}',\n{}", "{},", "/**/{}", "\0{}")

CHARSETS = (
    "utf-8", "UTF-8", "utf8", "utf-16", "utf-16le", "utf-16-be", "utf-32", "iso-8859-1", "latin1",
    "cp1252", "us-ascii", "utf-7", "bogus", "",
)  # fmt: skip
MEDIA_TYPES = (
    "", "application/json; charset={}", 'application/json;charset="{}"', "APPLICATION/JSON",
    "application/json;", "application/json; x=y", "application/problem+json", "text/json",
    "text/plain", "text/plain; charset={}", "application/xml", "application/octet-stream",
    "application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset={}",
    "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=a",
    "image/png", "json", "*/*", "application/", ";", "a/b;c=\u00e9",
)  # fmt: skip

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?[0-9.eE+]+|true|false|null')
_PUNCTUATION = re.compile(r"[{}\[\],:]")

Distorted = tuple[bytes, str]
"""A body, and the media type that it is sent under."""


def distorted(sent: Sent, choice: Random) -> Sent | None:
    """The call with another body; None where it has none that may be distorted.

    Keys, which each side has for itself, do not stay in it.
    """
    if isinstance(sent.body, Json):
        data, media_type = _of_json(sent.body.value, sent.media_type or JSON, choice)
    elif isinstance(sent.body, Form):
        data, media_type = _of_form(sent.body, sent.media_type, choice)
    else:
        return None
    return _with(sent, data, media_type)


def _with(sent: Sent, data: bytes, media_type: str) -> Sent:
    return Sent(
        sent.operation, sent.method, sent.path, sent.path_parameters, sent.query, sent.headers,
        Raw(data), media_type, sent.caller, why="a body that is not quite right",
    )  # fmt: skip


def _of_json(value: Any, media_type: str, choice: Random) -> Distorted:
    value = _plain(value)
    draw = choice.random()
    if draw < 0.3:  # noqa: PLR2004 - a third is nothing of the call's own
        return _octets(choice.choice(WHOLE)), media_type
    if draw < 0.5:  # noqa: PLR2004 - a fifth is a form
        return _as_form(value, choice)
    text = json.dumps(
        value, indent=choice.choice((None, None, 1)), ensure_ascii=choice.random() < 0.5
    )  # noqa: PLR2004
    if draw < 0.65:  # noqa: PLR2004 - the rest is JSON under other types, or wrong
        return _coded(text, choice)
    return _octets(choice.choice(_WAYS)(text, choice)), media_type


def _plain(value: Any) -> Any:
    """A value without keys."""
    if isinstance(value, Key):
        return "0"
    if isinstance(value, dict):
        return {str(_plain(name)): _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _coded(text: str, choice: Random) -> Distorted:
    """JSON in some charset, which its media type tells, or another one."""
    charset = choice.choice(CHARSETS)
    told = charset if choice.random() < 0.7 else choice.choice(CHARSETS)  # noqa: PLR2004 - mostly right
    try:
        data = text.encode(charset or "utf-8", "replace")
    except LookupError:
        data = _octets(text)
    return data, choice.choice(MEDIA_TYPES).replace("{}", told)


def _cut(text: str, choice: Random) -> str:
    return text[: choice.randrange(len(text) + 1)]


def _token(text: str, choice: Random) -> str:
    return _exchanged(text, _TOKEN, choice.choice(TOKENS), choice)


def _punctuated(text: str, choice: Random) -> str:
    return _exchanged(
        text, _PUNCTUATION, choice.choice(("", ",", ",,", ":", "}", "]", "{", "[")), choice
    )


def _exchanged(text: str, pattern: re.Pattern[str], other: str, choice: Random) -> str:
    found = list(pattern.finditer(text))
    if not found:
        return other
    match = choice.choice(found)
    return text[: match.start()] + other + text[match.end() :]


def _junk(text: str, choice: Random) -> str:
    place = choice.randrange(len(text) + 1)
    return text[:place] + choice.choice(JUNK) + text[place + choice.choice((0, 1)) :]


def _around(text: str, choice: Random) -> str:
    return choice.choice(AROUND).replace("{}", text).replace("}}", "}")


_WAYS: tuple[Callable[[str, Random], str], ...] = (
    _cut,
    _token,
    _token,
    _punctuated,
    _junk,
    _around,
)


def _as_form(value: Any, choice: Random) -> Distorted:
    """The members of a value as the fields of a form."""
    pairs = list(_fields(value, "", choice)) or [("a", "b")]
    if choice.random() < 0.3:  # noqa: PLR2004 - now and then
        pairs.append(choice.choice(pairs))
    if choice.random() < 0.4:  # noqa: PLR2004 - as often as not as parts
        form = Form(tuple(Part(name, text) for name, text in pairs))
        return _of_form(form, MULTIPART, choice)
    return _urlencoded(pairs, choice)


def _fields(value: Any, name: str, choice: Random) -> Iterator[tuple[str, str]]:
    """The scalars of a value with the names that forms give them: ``a[b]``, ``a[]``, ``a.b``."""
    if isinstance(value, dict):
        style = choice.choice(("{}[{}]", "{}[{}]", "{}.{}"))
        for member, item in value.items():
            yield from _fields(item, style.format(name, member) if name else member, choice)
    elif isinstance(value, list):
        style = choice.choice(("{}[]", "{}[{}]", "{}", "{}.{}"))
        for number, item in enumerate(value):
            yield from _fields(item, style.format(name, number), choice)
    else:
        yield name, text_of(value)


def _urlencoded(pairs: list[tuple[str, str]], choice: Random) -> Distorted:
    text = urlencode(pairs, errors="surrogatepass", safe=choice.choice(("", "[]", "[]%/")))
    way = choice.choice(
        ("", "", "&", "&&=", "&a", "&=b", "&%zz=%", "&a=%ff", "&a=%00", "&a=b+c%20d")
    )
    charset = choice.choice(("", "", "", "; charset=latin1", "; charset=utf-16", ";charset=utf-8"))
    return (text + way).encode("utf-8", "replace"), URLENCODED + charset


def _of_form(form: Form, media_type: str, choice: Random) -> Distorted:
    if media_type == URLENCODED:
        return _urlencoded([(p.name, text_of(_plain(p.content))) for p in form.parts], choice)
    parts = [_lines(part) for part in form.parts]
    boundary = BOUNDARY.encode()
    told = f"{MULTIPART}; boundary={BOUNDARY}"
    way = choice.randrange(10)
    if way < 5 and parts:  # noqa: PLR2004 - half of them in the head of one part
        place = choice.randrange(len(parts))
        head, data = parts[place]
        parts[place] = _other_head(head, form.parts[place], choice), data
    elif way < 7:  # noqa: PLR2004 - a part more, or twice
        parts.insert(choice.randrange(len(parts) + 1), _part_more(parts, choice))
    elif way < 9:  # noqa: PLR2004 - the type says something else
        told = choice.choice(_BOUNDARIES).format(BOUNDARY)
    body = _joined(parts, boundary)
    return (choice.choice(_BROKEN)(body, boundary, choice) if way == 9 else body), told  # noqa: PLR2004


def _joined(parts: list[tuple[bytes, bytes]], boundary: bytes) -> bytes:
    lines = [
        b"--" + boundary + b"\r\n" + head + b"\r\n\r\n" + data + b"\r\n" for head, data in parts
    ]
    return b"".join(lines) + b"--" + boundary + b"--\r\n"


def _lines(part: Part) -> tuple[bytes, bytes]:
    """The head of a part, and its content."""
    head = f'Content-Disposition: form-data; name="{part.name}"'
    if part.file_name is not None:
        head += f'; filename="{part.file_name}"'
    if part.media_type:
        head += f"\r\nContent-Type: {part.media_type}"
    content = part.content
    data = (
        content
        if isinstance(content, bytes)
        else text_of(_plain(content)).encode("utf-8", "replace")
    )
    return head.encode("utf-8", "replace"), data


_BOUNDARIES = (
    'multipart/form-data; boundary="{}"', "multipart/form-data; BOUNDARY={}", "multipart/form-data",
    "Multipart/Form-Data; boundary={}", "multipart/form-data; boundary=", "multipart/mixed; boundary={}",
    "multipart/form-data; charset=utf-8; boundary={}", "multipart/form-data; boundary={}; boundary=b",
    "multipart/form-data; boundary=other", "multipart/form-data boundary={}", "application/json",
    "multipart/form-data; boundary='{}'", "text/plain; boundary={}", "multipart/form-data; boundary={}\u00e9",
    "application/x-www-form-urlencoded", "",
)  # fmt: skip

FILE_NAMES = (
    "a.jpg", "A.JPG", "b.mp4", "c.xmp", "d.txt", "e", "f.tar.gz", "", ".", "..", "g/h.png", "i\\j.png",
    "../k.gif", "k/", "l\u00e9.png", "m n.png", 'o\\"p.png', "q%22.png", "r\0.png", "s;t.png", "u&amp;.png",
)  # fmt: skip


def _other_head(head: bytes, part: Part, choice: Random) -> bytes:
    """The head of a part written otherwise."""
    name, file_name = part.name, choice.choice(FILE_NAMES)
    coded = quote(file_name)
    disposition = choice.choice((
        f"form-data; name={name}", f"form-data; name='{name}'", f'form-data; name="{name}',
        f'FORM-DATA; NAME="{name}"', f'form-data;name="{name}";', "form-data", 'form-data; name=""',
        f'attachment; name="{name}"', "", f'form-data; name="{name}"; name="b"',
        f'form-data; name="{name}"; filename="{file_name}"', f'form-data; name="{name}"; filename={file_name}',
        f"form-data; name=\"{name}\"; filename*=UTF-8''{coded}",
        f"form-data; name=\"{name}\"; filename=\"z.png\"; filename*=UTF-8''{coded}",
        f"form-data; name=\"{name}\"; filename*=iso-8859-1'en'%E9{coded}", f'form-data; name="{name}[]"',
        f'form-data; name="{name}[a]"', f'form-data; name=" {name} "', f'form-data; name="{name}" x',
    ))  # fmt: skip
    more = choice.choice((
        "", "", "", "\r\nContent-Type: text/plain; charset=iso-8859-1", "\r\nContent-Type: text/plain",
        "\r\nContent-Type: application/octet-stream", "\r\nContent-Transfer-Encoding: base64",
        "\r\nX-A: b", "\r\nX-A", "\r\n: b", "\r\nX A: b", "\r\n folded", "\r\nContent-Disposition: form-data; name=b",
    ))  # fmt: skip
    label = choice.choice(
        ("Content-Disposition: ", "content-disposition:", "Content-Disposition:\t")
    )
    made = f"{label}{disposition}".encode("utf-8", "replace") if choice.random() < 0.8 else head  # noqa: PLR2004
    return made + more.encode()


def _part_more(parts: list[tuple[bytes, bytes]], choice: Random) -> tuple[bytes, bytes]:
    """A part that is there already, or that nobody asked for."""
    some = [
        (b'Content-Disposition: form-data; name="more"', b"x"),
        (b'Content-Disposition: form-data; name="more"; filename="a.png"', b"x"),
        (b"Content-Type: text/plain", b"no name"),
    ]
    return choice.choice([*parts, *some])


_Breaking = Callable[[bytes, bytes, Random], bytes]
_BROKEN: tuple[_Breaking, ...] = (
    lambda body, _, choice: body[: choice.randrange(len(body) + 1)],
    lambda body, _, choice: body[: -choice.randint(1, 6)],
    lambda body, boundary, _: body.removesuffix(b"--" + boundary + b"--\r\n"),
    lambda body, _, __: body.replace(b"\r\n", b"\n"),
    lambda body, _, __: b"before\r\n" + body + b"after",
    lambda body, boundary, _: body.replace(boundary, boundary + b" ", 1),
    lambda body, _, __: body.replace(b"\r\n\r\n", b"\r\n", 1),
    lambda _, boundary, __: b"--" + boundary + b"--\r\n",
    lambda _, __, ___: b"",
    lambda body, _, __: b"\r\n" + body,
    lambda body, boundary, _: body.replace(b"--" + boundary, b"-" + boundary, 2),
)
