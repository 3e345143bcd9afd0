"""Bodies that are not quite right: JSON cut, misspelt, in other charsets, and as forms."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from typing import Any
from urllib.parse import urlencode

from mockserver.contract.calls import without_keys
from mockserver.contract.distorting_forms import distorted_form
from mockserver.contract.odds import likely
from mockserver.contract.values import Form, Json, Part, Raw, Sent
from mockserver.contract.wire import text_of

JSON = "application/json"
URLENCODED = "application/x-www-form-urlencoded"

DEEP = 2_000
"""Levels of a value that is nested deeper than any reader should follow."""

WHOLE = (
    "", " ", "null", "true", "1", "-1.5", '"a"', "[]", "{}", "[{}]", "[[]]", "[1]", '{"":1}',
    "nul", "tru", "falsy", "NaN", "[NaN]", '{"a":Infinity}', '{"a":-Infinity}', "-", '{"a":-}',
    "[-x]", "1e5", "undefined", "{", "[", "}", "]", '{"a"', '{"a":', '{"a":1', '{"a":1,',
    '{"a":1,}', "[1,]", "[1", "[1,", "{,}", "[,]", '{"a" 1}', '{"a":1 "b":2}', "[1 2]", "{a:1}",
    "{'a':1}", '{"a":1}}', '{"a":1} x', '{"a":01}', '{"a":1.}', '{"a":.5}', '{"a":1e}',
    '{"a":1e+}', '{"a":+1}', '{"a":0x1}', '{"a":"b', '{"a":"b\\', '{"a":"\\x"}', '{"a":"\\u12"}',
    '{"a":"\\u12', '{"a":"\\ud800"}', '{"a":"\\udc00\\ud800"}', '{"a":"b\tc"}', '{"a":"b\nc"}',
    '{"a":"\\n\\"\\/\\u00e9"}', '{\n"a": 1,\n"b" 2\n}', '{"a":{"b":[1,{"c":2]}}',
    '[{"a":1},{"b":2]', '{"a":1,"a":2}', "// a\n{}", "[" * DEEP, "[" * DEEP + "]" * DEEP,
    '{"a":' * DEEP + "1" + "}" * DEEP, "a" * 30, '{"a":tru}', '{"a":nulls}',
    '{"long name of a member":1,,"b":2}', "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10 11]", "\ufeff{}",
)  # fmt: skip
"""JSON texts that are right, and wrong in every way that readers tell apart."""

TOKENS = (
    "", "x", "01", "1.", ".5", "-", "1e", "1e999", "0x1", "NaN", "-Infinity", "tru", "null", "'a'",
    '"\\q"', '"\\u00zz"', '"\\ud800"', '"a\tb"', '"a', '""', "[]", "{}", "undefined",
    "12345678901234567890",
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

WAYS_ON = ("&", "&&=", "&a", "&=b", "&%zz=%", "&a=%ff", "&a=%00", "&a=b+c%20d")
"""How an urlencoded form may go on."""

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?[0-9.eE+]+|true|false|null')
_PUNCTUATION = re.compile(r"[{}\[\],:]")

Distorted = tuple[bytes, str]
"""A body, and the media type that it is sent under."""


def distorted(sent: Sent, choice: Random) -> Sent | None:
    """The call with another body; None where it has none that may be distorted.

    Keys, which each side has for itself, do not stay in it.
    """
    body = without_keys(sent).body
    if isinstance(body, Json):
        data, media_type = _of_json(body.value, sent.media_type or JSON, choice)
    elif isinstance(body, Form) and sent.media_type == URLENCODED:
        pairs = [(part.name, text_of(part.content)) for part in body.parts]
        data, media_type = _urlencoded(pairs, choice)
    elif isinstance(body, Form):
        data, media_type = distorted_form(body, choice)
    else:
        return None
    return replace(sent, body=Raw(data), media_type=media_type)


def _of_json(value: Any, media_type: str, choice: Random) -> Distorted:
    way = choice.choices(("whole", "form", "charset", "text"), (6, 4, 3, 7))[0]
    if way == "whole":
        return _octets(choice.choice(WHOLE)), media_type
    if way == "form":
        return _as_form(value, choice)
    indent = choice.choice((None, None, 1))
    text = json.dumps(value, indent=indent, ensure_ascii=likely(choice, 0.5), default=str)
    if way == "charset":
        return _coded(text, choice)
    return _octets(choice.choice(_WAYS)(text, choice)), media_type


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _coded(text: str, choice: Random) -> Distorted:
    """JSON in some charset, which its media type tells, or another one."""
    charset = choice.choice(CHARSETS)
    told = charset if likely(choice, 0.7) else choice.choice(CHARSETS)
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
    return _exchanged(text, _PUNCTUATION, choice.choice(("", ",,", *"{}[],:")), choice)


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
    _cut, _token, _token, _punctuated, _junk, _around,
)  # fmt: skip


def _as_form(value: Any, choice: Random) -> Distorted:
    """The members of a value as the fields of a form."""
    pairs = list(_fields(value, "", choice)) or [("a", "b")]
    if likely(choice, 0.3):
        pairs.append(choice.choice(pairs))
    if likely(choice, 0.4):
        return distorted_form(Form(tuple(Part(name, text) for name, text in pairs)), choice)
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
    way = choice.choice(("", "", *WAYS_ON))
    charset = choice.choice(("", "", "", "; charset=latin1", "; charset=utf-16", ";charset=utf-8"))
    return (text + way).encode("utf-8", "replace"), URLENCODED + charset
