"""Policies of uploads: what a signed form allows, and whether a form keeps to it."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from mockserver.apis.plane.errors import StoreRefusal
from mockserver.apis.plane.signing import ALGORITHM, Signer, timestamp

_REQUIRED = ("key", "policy", "x-amz-algorithm", "x-amz-credential", "x-amz-date",
             "x-amz-signature")  # fmt: skip
_FREE = frozenset(("policy", "x-amz-signature"))
"""Fields that no condition has to name."""


class Allowed(NamedTuple):
    """An upload to be: where to, of which type, and at most how many bytes."""

    bucket: str
    key: str
    media_type: str
    size: int


def upload_fields(
    signer: Signer, allowed: Allowed, now: datetime, lifetime: timedelta
) -> dict[str, str]:
    """The fields of the form, in the order and with the policy that boto3 makes for Plane."""
    stamp = timestamp(now)
    signed = {
        "x-amz-algorithm": ALGORITHM,
        "x-amz-credential": signer.credential(stamp),
        "x-amz-date": stamp,
    }
    policy = {
        "expiration": (now + lifetime).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "conditions": [*_conditions(allowed), *({name: v} for name, v in signed.items())],
    }
    document = base64.b64encode(json.dumps(policy).encode()).decode()
    return {
        "Content-Type": allowed.media_type,
        "key": allowed.key,
        **signed,
        "policy": document,
        "x-amz-signature": signer.signature(stamp, document),
    }


def _conditions(allowed: Allowed) -> Iterator[Any]:
    """Plane names its conditions, and boto3 adds two of them once more."""
    key, variable = {"key": allowed.key}, "${filename}"
    prefix = allowed.key.removesuffix(variable)
    yield {"bucket": allowed.bucket}
    yield ["content-length-range", 1, allowed.size]
    yield {"Content-Type": allowed.media_type}
    yield key
    yield {"bucket": allowed.bucket}
    yield key if prefix == allowed.key else ["starts-with", "$key", prefix]


def check_upload(
    signer: Signer, fields: Mapping[str, str], bucket: str, size: int, now: datetime
) -> None:
    """Judge a form by its own policy; the names of ``fields`` are in lower case.

    Raises StoreRefusal 400 or 403.
    """
    for name in _REQUIRED:
        if name not in fields:
            message = f"Bucket POST must contain a field named '{name}'."
            raise StoreRefusal(400, "InvalidArgument", message)
    if fields["x-amz-algorithm"] != ALGORITHM:
        raise StoreRefusal(400, "InvalidArgument", f'X-Amz-Algorithm only supports "{ALGORITHM}"')
    stamp = fields["x-amz-date"]
    signer.check_credential(fields["x-amz-credential"], stamp)
    signer.check_signature(fields["x-amz-signature"], stamp, fields["policy"])
    policy = _document(fields["policy"])
    if _expiration(policy) < now:
        raise _against("Policy expired.")
    named = _check_conditions(policy, {**fields, "bucket": bucket}, size)
    extra = [f for f in fields if f not in named | _FREE and not f.startswith("x-ignore-")]
    if extra:
        raise _against(f"Extra input fields: {', '.join(extra)}")


def _against(reason: str) -> StoreRefusal:
    return StoreRefusal(403, "AccessDenied", f"Invalid according to Policy: {reason}")


def _invalid(reason: str) -> StoreRefusal:
    return StoreRefusal(400, "InvalidPolicyDocument", f"Invalid Policy: {reason}")


def _document(policy: str) -> dict[str, Any]:
    try:
        document = json.loads(base64.b64decode(policy))
    except (ValueError, binascii.Error):
        raise _invalid("Invalid JSON.") from None
    if not isinstance(document, dict) or not isinstance(document.get("conditions"), list):
        raise _invalid("it has no list of conditions.")
    return document


def _expiration(policy: Mapping[str, Any]) -> datetime:
    try:
        expiration = datetime.fromisoformat(policy["expiration"])
    except (KeyError, TypeError, ValueError):
        raise _invalid("its expiration is no ISO 8601 instant.") from None
    return expiration if expiration.tzinfo else expiration.replace(tzinfo=UTC)


def _check_conditions(policy: Mapping[str, Any], fields: Mapping[str, str], size: int) -> set[str]:
    """The names of the fields that the conditions are about."""
    named = set()
    for condition in policy["conditions"]:
        match condition:
            case ["content-length-range", int(least), int(most)]:
                _check_size(size, least, most)
            case ["eq" | "starts-with" as operator, str(variable), str(value)]:
                named.add(_check_field(fields, operator, variable.removeprefix("$"), value))
            case dict() if len(condition) == 1:
                [(name, value)] = condition.items()
                named.add(_check_field(fields, "eq", name, value))
            case _:
                raise _invalid("Invalid Simple-Condition.")
    return named


def _check_field(fields: Mapping[str, str], operator: str, name: str, wanted: str) -> str:
    """The name of the field, in lower case, if its value is the wanted one or starts with it."""
    given = fields.get(name.lower(), "")
    holds = given.startswith(wanted) if operator == "starts-with" else given == wanted
    if not holds:
        told = json.dumps([operator, f"${name}", wanted])
        raise _against(f"Policy Condition failed: {told}")
    return name.lower()


def _check_size(size: int, least: int, most: int) -> None:
    if size > most:
        message = "Your proposed upload exceeds the maximum allowed size"
        raise StoreRefusal(400, "EntityTooLarge", message)
    if size < least:
        message = "Your proposed upload is smaller than the minimum allowed size"
        raise StoreRefusal(400, "EntityTooSmall", message)
