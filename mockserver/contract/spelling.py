"""Values written otherwise: in the forms that readers take, nearly take, or should not take."""

from __future__ import annotations

import base64
import contextlib
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any
from urllib.parse import quote

from mockserver.contract.alike import UUID
from mockserver.contract.odds import likely
from mockserver.contract.pictures import PICTURES
from mockserver.contract.pools import INSTANT
from mockserver.contract.values import Key

INSTANTS = (
    "2024-02-29T12:30:15.123Z", "2024-02-29T12:30:15Z", "2024-02-29t12:30:15z",
    "2024-02-29T12:30:15+02:00", "2024-02-29T12:30:15-05:30", "2024-02-29T12:30:15-0530",
    "2024-02-29T12:30:15+05", "2024-02-29T12:30:15.123456789Z", "2024-02-29T12:30:15.1Z",
    "2024-02-29T12:30:15,5Z", "2024-02-29T12:30:15", "2024-02-29T12:30Z", "2024-02-29T12:30",
    "2024-02-29T12Z", "2024-02-29", "2024-02", "2024", "2024-02-29 12:30:15", "20240229T123015Z",
    "20240229", "2024-W09-4", "2024-W09", "2024W094", "2024-060", "2024060", "2024-02-29T24:00:00Z",
    "2024-02-29T23:59:60Z", "2023-02-29T00:00:00Z", "2024-02-31", "2024-13-01", "2024-00-10",
    "2024-02-00", "2024-02-29T25:00:00Z", "2024-02-29T12:60:00Z", "2024-02-29T12:30:15+24:00",
    "0000-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "0049-06-15", "0050-06-15T00:00:00Z",
    "0099-12-31T23:59:59Z", "0100-01-01", "9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59-01:00",
    "+002024-02-29T12:30:15Z", "-002024-02-29", "+2024-02-29", "2024-2-9", "2024/02/29",
    "1709209815", "Thu, 29 Feb 2024 12:30:15 GMT", " 2024-02-29 ", "2024-02-29T12:30:15 Z", "Z",
)  # fmt: skip
"""Instants as RFC 3339 and ISO 8601 have them, at their ends, and as neither does."""

NUMERALS = (
    "7", " 7 ", "+7", "-7", "7.0", "7.5", "1e2", "1E+2", "1e-7", ".5", "5.", "0x1F", "0o17", "0b11",
    "1_0", "\u0663", "NaN", "Infinity", "+Infinity", "-Infinity", "-0", "007", "9007199254740993",
    "9223372036854775808", "18446744073709551616", "1e400", "1,5", "(45.5", "45.5)", "45.5,7.1",
    "90", "90.0", "90.1", "-90", "180", "180.5", "0", "1", "-1", "7x", "--7",
)  # fmt: skip
NUMBERS: tuple[Any, ...] = (
    0, -0.0, 1, -1, 7.0, 7.5, 1e2, 1e-7, 1e-6, 1e21, 0.1, 90, 90.5, -90, 180, -180.5, 2**31,
    2**53 + 1, 2**63, 2**64, 10**30,
)  # fmt: skip
TRUTHS: tuple[Any, ...] = (
    "true", "false", "True", "FALSE", "1", "0", "t", "f", "T", "yes", "on", 1, 0, 1.0, 2, ["true"],
    [["false"]], [True], ["true", "true"],
)  # fmt: skip
TEXTS = (
    " ", "\0", "a\0b", " x ", "\ttab\n", "..", ".", "../x", "a/b", "a\\b", "/", "x.", " .x", "a..b",
    "A", "\u00e4", "x" * 256, "null", "{}", "a,b", "a;b=c", "%41", "%zz", "a%2Fb", "+", "*", "'",
    '"', "<b>", "\ufeffx", "a.JPG", "b.mp4", "c.xmp", "d.txt", "e", "f.tar.gz", ".jpg", "g.",
    "data:,a%20b", "data:text/plain;base64,aGk=", "data:aGk=", "//8=", "http://a.test/x?y=1#z",
)  # fmt: skip
ANYTHING: tuple[Any, ...] = (None, "", True, False, 0, 1.5, "0", "a", [], {}, [None], {"a": 1})
"""Values of every kind, for what they are not."""

CONTENTS = (
    b"", b"\0", b"hello", b"\xff\xd8\xff\xe0\0\x10JFIF", b"\x89PNG\r\n\x1a\n", b"GIF89a\1\0\1\0",
    b"RIFF\x24\0\0\0WEBPVP8 ", b"\0\0\0\x14ftypqt  ", b"\0\0\0\x18ftypmp42", b"\x1aE\xdf\xa3",
    b"%PDF-1.7\n", b"PK\3\4", b"\xef\xbb\xbfhello", b"\xff\xfe\x00h", b"\xc3\x28", b"{}",
    b"<?xml version='1.0'?><a/>", b"large" * 220, *PICTURES,
)  # fmt: skip
"""What files begin with, and pictures."""

ZONES = (330, -210, 765, -720, 60, 0)
"""Minutes that time zones are ahead."""

_NUMERAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")

ENCODERS: tuple[Callable[[bytes], str], ...] = (
    lambda data: base64.b64encode(data).decode(),
    lambda data: base64.urlsafe_b64encode(data).decode().rstrip("="),
    lambda data: f"data:text/plain;base64,{base64.b64encode(data).decode()}",
    lambda data: "data:," + quote(data),
    bytes.hex,
    lambda data: data.hex().upper(),
)
"""How bytes are written as text."""


def respelt(value: Any, choice: Random) -> Any:
    """The value in another form, or another one of its kind, now and then of another kind.

    A key, which each side has for itself, becomes something that is none.
    """
    if value is None or isinstance(value, Key) or likely(choice, 0.12):
        return choice.choice(ANYTHING)
    if likely(choice, 0.1):
        return choice.choice(([value], [value, value], {"0": value}, str(value), [[value]]))
    if isinstance(value, str):
        return _text(value, choice)
    if isinstance(value, bool):
        return choice.choice(TRUTHS)
    if isinstance(value, int | float):
        return choice.choice(NUMBERS if likely(choice, 0.6) else NUMERALS)
    return value


def _text(value: str, choice: Random) -> Any:
    if INSTANT.match(value):
        same = _elsewhere(value, choice) if likely(choice, 0.4) else None
        return same or choice.choice(INSTANTS)
    if UUID.search(value):
        return choice.choice(_identifiers(value))
    if value in {"true", "false"}:
        return choice.choice(TRUTHS)
    if _NUMERAL.fullmatch(value):
        return choice.choice(NUMERALS)
    return _word(value, choice)


def _word(value: str, choice: Random) -> str:
    """A text encoded, or one that is near, or any."""
    if likely(choice, 0.2):
        return choice.choice(ENCODERS)(value.encode("utf-8", "replace"))
    return choice.choice(near(value) if likely(choice, 0.3) else TEXTS)


def _elsewhere(value: str, choice: Random) -> str | None:
    """The same instant as another time zone has it; None for what is no instant."""
    try:
        instant = datetime.fromisoformat(value)
        zone = timezone(timedelta(minutes=choice.choice(ZONES)))
        return instant.astimezone(zone).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError):
        return None


def _identifiers(value: str) -> tuple[str, ...]:
    """Identifiers near one, and in other writings (RFC 9562, section 4)."""
    return (
        value.upper(), value.replace("-", ""), f"{{{value}}}", f"urn:uuid:{value}", value[:-1],
        value + "0", f" {value}", f"{value}\n", value[:14] + "1" + value[15:],
        value[:14] + "7" + value[15:], value[:19] + "0" + value[20:], value.replace("-", "_"),
        "00000000-0000-0000-0000-000000000000", value + "/x", value.replace("a", "g", 1),
    )  # fmt: skip


def near(value: str) -> tuple[str, ...]:
    """Texts near one: in other letters, cut, with something around."""
    middle = len(value) // 2
    return (
        value.upper(), value.lower(), value.swapcase(), f" {value}", f"{value} ", value[:-1],
        value[1:], value + "x", value + value, value[:middle] + " " + value[middle:], f'"{value}"',
        value[:middle], value + "\0", value + "=", value.replace("-", "_").replace("/", "-"),
        *_other_digits(value),
    )  # fmt: skip


def _other_digits(value: str) -> Iterator[str]:
    """The bytes that base64 or hexadecimal digits stand for in other digits."""
    with contextlib.suppress(ValueError):
        data = base64.b64decode(value, validate=True)
        yield from (data.hex(), data.hex().upper(), base64.urlsafe_b64encode(data).decode())
    with contextlib.suppress(ValueError):
        yield base64.b64encode(bytes.fromhex(value)).decode()
