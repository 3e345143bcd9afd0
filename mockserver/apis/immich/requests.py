"""What each operation takes, member by member."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from mockserver.apis.immich.registry import Refusal
from mockserver.apis.immich.rules import (
    Member,
    Rule,
    Values,
    always,
    as_boolean,
    as_number,
    if_not_null,
    if_sent,
    is_instant,
    is_integer,
    is_latitude,
    is_longitude,
    is_number,
    is_something,
    is_text,
    is_uuid,
    is_uuid4,
    judged,
)

_NOT_EMPTY = Rule("{} should not be empty", is_something)
_TEXT = Rule("{} must be a string", is_text)
# The real server's database refuses NUL in what it keeps, and the server says no more than 500.
_NO_NUL = Rule("{} must not contain NUL", lambda value: not (is_text(value) and "\0" in value))
_UUID = Rule("{} must be a UUID", is_uuid4)
_INTEGER = Rule("{} must be an integer number", is_integer)

VISIBILITIES = ("archive", "timeline", "hidden", "locked")
SIZES = ("fullsize", "preview", "thumbnail")
JOBS = ("refresh-faces", "refresh-metadata", "regenerate-thumbnail", "transcode-video")


def _one_of(name: str, values: tuple[str, ...]) -> Member:
    told = ", ".join(values)
    rule = Rule(f"{{}} must be one of the following values: {told}", values.__contains__)
    return Member(name, (rule,), if_sent)


def _ids(name: str) -> Member:
    each = Rule("each value in {} must be a UUID", is_uuid4, each=True)
    is_list = Rule("{} must be an array", lambda value: isinstance(value, list))
    return Member(name, (each, _NOT_EMPTY, is_list))


def _boolean(name: str) -> Member:
    rule = Rule("{} must be a boolean value", lambda value: isinstance(value, bool))
    return Member(name, (rule,), if_sent, as_boolean)


def _date(name: str) -> Member:
    rule = Rule("{} must be a Date instance", lambda value: isinstance(value, datetime))
    return Member(name, (rule, _NOT_EMPTY))


def _if_placed(values: Values, name: str) -> bool:
    return if_sent(values, "latitude") or if_sent(values, "longitude")


ASSET_ID = (Member("id", (_UUID, _NOT_EMPTY)),)
DEVICE_ID = (Member("deviceId", (_TEXT, _NOT_EMPTY)),)
VIEW = (_one_of("size", SIZES),)
STATISTICS = (_one_of("visibility", VISIBILITIES), _boolean("isFavorite"), _boolean("isTrashed"))
RANDOM = (
    Member(
        "count",
        (Rule("{} must be a positive number", lambda v: is_number(v) and v > 0), _INTEGER),
        if_sent,
        as_number,
    ),
)

_CHANGES = (
    _boolean("isFavorite"),
    _one_of("visibility", VISIBILITIES),
    Member(
        "dateTimeOriginal", (Rule("{} must be a valid ISO 8601 date string", is_instant),), if_sent
    ),
    Member(
        "latitude",
        (_NOT_EMPTY, Rule("{} must be a latitude string or number", is_latitude)),
        _if_placed,
    ),
    Member(
        "longitude",
        (_NOT_EMPTY, Rule("{} must be a longitude string or number", is_longitude)),
        _if_placed,
    ),
    Member(
        "rating",
        (
            Rule("{} must not be less than -1", lambda v: is_number(v) and v >= -1),
            Rule("{} must not be greater than 5", lambda v: is_number(v) and v <= 5),  # noqa: PLR2004
            _INTEGER,
        ),
        if_sent,
    ),
    Member("description", (_TEXT, _NO_NUL), if_sent),
)
UPDATE = (Member("livePhotoVideoId", (_UUID, _TEXT), if_not_null), *_CHANGES)
_DUPLICATE = Member("duplicateId", (Rule("{} must be a UUID", is_uuid),), if_not_null)
UPDATE_ALL = (_ids("ids"), _DUPLICATE, *_CHANGES)
DELETE = (_boolean("force"), _ids("ids"))
RUN_JOBS = (replace(_one_of("name", JOBS), when=always), _ids("assetIds"))

_CHECKED = (Member("id", (_NOT_EMPTY, _TEXT)), Member("checksum", (_NOT_EMPTY, _TEXT)))
BULK_CHECK = (
    Member(
        "assets",
        (Rule("{} must be an array", lambda value: isinstance(value, list)),),
        items=_CHECKED,
    ),
)
EXIST = (
    Member(
        "deviceAssetIds",
        (
            Rule("each value in {} should not be empty", is_something, each=True),
            Rule("each value in {} must be a string", is_text, each=True),
            Rule("{} should not be empty", lambda value: isinstance(value, list) and value != []),
        ),
    ),
    Member("deviceId", (_NOT_EMPTY,)),
)

_FILE = (
    Member("deviceAssetId", (_TEXT, _NOT_EMPTY, _NO_NUL)),
    Member("deviceId", (_TEXT, _NOT_EMPTY, _NO_NUL)),
    _date("fileCreatedAt"),
    _date("fileModifiedAt"),
    Member("duration", (_TEXT, _NO_NUL), if_sent),
)
UPLOAD = (
    _boolean("isFavorite"),
    _one_of("visibility", VISIBILITIES),
    Member("livePhotoVideoId", (_UUID, _TEXT), if_sent),
    *_FILE,
)
REPLACE = _FILE


def checked(members: tuple[Member, ...], sent: Any) -> dict[str, Any]:
    """The values that were sent for these members. Raises Refusal 400 with every sentence."""
    values, said = judged(members, sent if isinstance(sent, Mapping) else {})
    if said:
        raise Refusal(400, said)
    return values


def asked(query: Mapping[str, list[str]]) -> dict[str, Any]:
    """A query as its members; a parameter that came more than once is a list."""
    return {name: values[0] if len(values) == 1 else values for name, values in query.items()}


def lower(value: Any) -> Any:
    """A text in lower case, as identifiers are kept; anything else as it is."""
    return value.lower() if isinstance(value, str) else value
