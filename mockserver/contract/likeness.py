"""Whether a value is one that was sent, as servers may tell it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from math import isclose
from typing import Any

from mockserver.contract.alike import both_numbers, frozen, identical, instant_of
from mockserver.engine.inference.words import normal
from mockserver.engine.members import text_of
from mockserver.engine.spec import Schema

_HIDDEN = frozenset(("password", "binary", "byte"))
"""Formats of values that are not told again as they were sent."""

_LISTING = (",", "|", "*", "%", ";")
"""What stands in texts that ask for one of several, or for a pattern."""

_SOFT = frozenset(
    ("deleted", "isdeleted", "deletedat", "deletedon", "deletiondate", "datedeleted", "archived",
     "isarchived", "archivedat", "trashed", "istrashed", "trashedat", "removed", "removedat",
     "active", "isactive", "enabled", "status", "state", "disabled", "cancelled", "canceledat",
     "cancelledat", "deactivated", "deactivatedat", "lifecycle", "closed", "closedat")
)  # fmt: skip
"""Members by which a record tells that it was deleted."""


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().casefold()


def is_kept(sent: Any, got: Any, schema: Schema) -> bool:
    """Whether a value that is read is the one that was written, as far as servers may choose.

    They may trim texts, fold their case, write numbers and instants otherwise, add members, and
    keep lists in an order of their own.
    """
    if isinstance(schema, Mapping) and schema.get("format") in _HIDDEN:
        return True
    if isinstance(sent, dict):
        return isinstance(got, dict) and all(
            is_kept(item, got[name], {}) for name, item in sent.items() if name in got
        )
    if isinstance(sent, list):
        return isinstance(got, list) and _same_list(sent, got)
    return _same_scalar(sent, got)


def _same_list(sent: list[Any], got: list[Any]) -> bool:
    if any(isinstance(item, dict | list) for item in sent):
        pairs = zip(sent, got, strict=False)
        return len(sent) == len(got) and all(is_kept(a, b, {}) for a, b in pairs)
    return {_token(item) for item in sent} == {_token(item) for item in got}


def _token(value: Any) -> Any:
    return _folded(text_of(value)) if not isinstance(value, dict | list) else frozen(value)


def _same_scalar(sent: Any, got: Any) -> bool:
    if identical(sent, got):
        return True
    if both_numbers(sent, got):
        return isclose(sent, got, rel_tol=1e-6, abs_tol=1e-9)
    if sent is None or got is None or isinstance(got, dict | list):
        return False
    instants = instant_of(sent), instant_of(got)
    if None not in instants:
        return instants[0] == instants[1]
    one, two = _folded(text_of(sent)), _folded(text_of(got))
    return one.rstrip("/") == two.rstrip("/") or (_is_date(one) and two.startswith(one))


def _is_date(text: str) -> bool:
    return len(text) == len("2020-01-01") and text[4] == text[7] == "-"


def may_be(own: Any, wanted: Any, schema: Schema) -> bool:
    """Whether a member may be what a parameter asked for: equal, or holding the text asked for."""
    one, two = text_of(own), text_of(wanted)
    if one == two or own is None or isinstance(own, dict | list):
        return True
    if any(mark in two for mark in _LISTING) or schema.get("type") in {"array", "object"}:
        return True
    if isinstance(own, bool) or both_numbers(own, wanted):
        return False if isinstance(own, bool) else isclose(own, wanted)
    if isinstance(own, int | float):
        return _same_number(own, two)
    listed = "enum" in schema
    return _folded(one) == _folded(two) if listed else _folded(two) in _folded(one)


def _same_number(own: float, text: str) -> bool:
    try:
        return isclose(own, float(text))
    except ValueError:
        return True  # the call was not right, and may have been read as another


def is_soft(record: Any, before: Any) -> bool:
    """Whether a record that is still there after its deletion may tell of it.

    It does when it is another one than it was ``before``, or, where that is not known, when it
    has a member that could tell.
    """
    if before is not None:
        return not identical(before, record)
    names = record if isinstance(record, dict) else ()
    return any(normal(name) in _SOFT for name in names)
