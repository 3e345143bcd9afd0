"""Multipart forms that are not quite right: heads of parts, boundaries, and what is cut off."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from urllib.parse import quote

from mockserver.contract.odds import likely
from mockserver.contract.values import Form, Part
from mockserver.contract.wire import BOUNDARY, text_of

MULTIPART = "multipart/form-data"

MANY = 1_001
"""Parts of a form that are more than the usual bounds."""

_TYPES = (
    'multipart/form-data; boundary="{}"', "multipart/form-data; BOUNDARY={}", "multipart/form-data",
    "Multipart/Form-Data; boundary={}", "multipart/form-data; boundary=",
    "multipart/mixed; boundary={}", "multipart/form-data; charset=utf-8; boundary={}",
    "multipart/form-data; boundary={}; boundary=b", "multipart/form-data; boundary=other",
    "multipart/form-data boundary={}", "multipart/form-data; boundary='{}'",
    "multipart/form-data; boundary={}\u00e9", "text/plain; boundary={}", "application/json",
    "application/x-www-form-urlencoded", "", "multipart/form-data; boundary ={}",
    "multipart/form-data;boundary= {} ", "multipart/form-data; a; boundary={}; c=d",
)  # fmt: skip
"""What a form may be sent as."""

FILE_NAMES = (
    "a.jpg", "A.JPG", "b.mp4", "c.xmp", "d.txt", "e", "f.tar.gz", "", ".", "..", "g/h.png",
    "i\\j.png", "../k.gif", "k/", "l\u00e9.png", "m n.png", 'o\\"p.png', "q%22.png", "r\0.png",
    "s;t.png", "u&amp;.png",
)  # fmt: skip
"""Names of files: extensions, folders, letters, and what headers and pages are written with."""

_NAMED = (
    "form-data; name={0}", "form-data; name='{0}'", 'form-data; name="{0}', 'FORM-DATA; NAME="{0}"',
    'form-data;name="{0}";', "form-data", 'form-data; name=""', 'attachment; name="{0}"', "",
    'form-data; name="{0}"; name="b"', 'form-data; name="{0}[]"', 'form-data; name="{0}[a]"',
    'form-data; name=" {0} "', 'form-data; name="{0}" x',
)  # fmt: skip
_FILED = (
    'form-data; name="{0}"; filename="{1}"', 'form-data; name="{0}"; filename={1}',
    "form-data; name=\"{0}\"; filename*=UTF-8''%61{2}",
    "form-data; name=\"{0}\"; filename=\"z.png\"; filename*=UTF-8''%61{2}",
    "form-data; name=\"{0}\"; filename*=iso-8859-1'en'%E9{2}",
)  # fmt: skip
"""What ``Content-Disposition`` may say of a part: its name, and that of a file, also encoded."""

_LABELS = ("Content-Disposition: ", "content-disposition:", "Content-Disposition:\t")
_MORE = (
    "Content-Type: text/plain; charset=iso-8859-1", "Content-Type: text/plain",
    "Content-Type: application/octet-stream", "Content-Transfer-Encoding: base64", "X-A: b", "X-A",
    ": b", "X A: b", " folded", "Content-Disposition: form-data; name=b",
)  # fmt: skip
"""Other lines in the head of a part."""

_EXTRA = (
    (b'Content-Disposition: form-data; name="more"', b"x"),
    (b'Content-Disposition: form-data; name="more"; filename="a.png"', b"x"),
    (b"Content-Type: text/plain", b"no name"),
)

_Lines = tuple[bytes, bytes]
"""The head of a part, and its content."""


def distorted_form(form: Form, choice: Random) -> tuple[bytes, str]:
    """The bytes of a form, and the media type that they are sent under."""
    parts = [_lines(part) for part in form.parts]
    media_type = f"{MULTIPART}; boundary={BOUNDARY}"
    way = choice.choices(("head", "part", "type", "bytes"), (4, 1, 2, 3))[0]
    if way == "head" and parts:
        place = choice.randrange(len(parts))
        parts[place] = _other_head(parts[place][0], form.parts[place], choice), parts[place][1]
    elif way == "part":
        more = choice.choice([*parts, *_EXTRA])
        place = choice.randrange(len(parts) + 1)
        parts[place:place] = [_EXTRA[0]] * MANY if likely(choice, 0.1) else [more]
    elif way == "type":
        media_type = choice.choice(_TYPES).format(BOUNDARY)
    body = _joined(parts)
    return (choice.choice(_BROKEN)(body, choice) if way == "bytes" else body), media_type


def _joined(parts: list[_Lines]) -> bytes:
    pieces = [b"\r\n".join((_LINE, head, b"", data, b"")) for head, data in parts]
    return b"".join(pieces) + _LINE + b"--\r\n"


def _lines(part: Part) -> _Lines:
    head = f'Content-Disposition: form-data; name="{part.name}"'
    if part.file_name is not None:
        head += f'; filename="{part.file_name}"'
    if part.media_type:
        head += f"\r\nContent-Type: {part.media_type}"
    content = part.content
    data = content if isinstance(content, bytes) else text_of(content).encode("utf-8", "replace")
    return head.encode("utf-8", "replace"), data


def _other_head(head: bytes, part: Part, choice: Random) -> bytes:
    """The head of a part written otherwise."""
    if likely(choice, 0.8):
        file_name = choice.choice(FILE_NAMES)
        disposition = choice.choice(_NAMED if likely(choice, 0.6) else _FILED)
        told = disposition.format(part.name, file_name, quote(file_name))
        head = f"{choice.choice(_LABELS)}{told}".encode("utf-8", "replace")
    more = choice.choice(_MORE) if likely(choice, 0.7) else ""
    return head + (f"\r\n{more}".encode() if more else b"")


_LINE = b"--" + BOUNDARY.encode()


def _cut_in_head(body: bytes, choice: Random) -> bytes:
    """A body that ends in the head of its last part."""
    return body[: max(0, body.rfind(_LINE, 0, -9)) + len(_LINE) + choice.randint(1, 70)]


_BROKEN: tuple[Callable[[bytes, Random], bytes], ...] = (
    lambda body, choice: body[: choice.randrange(len(body) + 1)],
    _cut_in_head,
    _cut_in_head,
    lambda body, choice: body[: -choice.randint(1, 6)],
    lambda body, _: body.removesuffix(_LINE + b"--\r\n"),
    lambda body, _: body.replace(b"\r\n", b"\n"),
    lambda body, _: b"before\r\n" + body + b"after",
    lambda body, _: body.replace(_LINE, _LINE + b" ", 1),
    lambda body, _: body.replace(b"\r\n\r\n", b"\r\n", 1),
    lambda _, __: _LINE + b"--\r\n",
    lambda _, __: b"",
    lambda body, _: b"\r\n" + body,
    lambda body, _: body.replace(_LINE, _LINE[1:], 2),
)
