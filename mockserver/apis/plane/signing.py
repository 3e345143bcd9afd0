"""AWS Signature Version 4 for Amazon S3: addresses and upload forms that are signed in advance.

"Authenticating Requests: Using Query Parameters" and "Authenticating Requests in Browser-Based
Uploads Using POST" in the Amazon S3 API Reference say how.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from urllib.parse import quote, unquote

from mockserver.apis.plane.errors import StoreRefusal

ALGORITHM = "AWS4-HMAC-SHA256"
LONGEST = 604_800
"""Seconds that an address may hold, which are seven days."""

_SIGNATURE = "X-Amz-Signature"


class Asked(NamedTuple):
    """What is signed of a request; ``path`` is percent-encoded."""

    method: str
    host: str
    path: str


@dataclass(frozen=True, slots=True)
class Signer:
    """A pair of keys and the region that they are used in."""

    access_key: str
    secret_key: str
    region: str

    def credential(self, stamp: str) -> str:
        """The access key and the scope of what is signed at that time."""
        return f"{self.access_key}/{stamp[:8]}/{self.region}/s3/aws4_request"

    def signature(self, stamp: str, text: str) -> str:
        """The signature of a text with the key of that time's day, in hexadecimal."""
        key = f"AWS4{self.secret_key}".encode()
        for part in (stamp[:8], self.region, "s3", "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.digest(key, text.encode(), "sha256").hex()

    def check_signature(self, given: str, stamp: str, text: str) -> None:
        """Compare in constant time. Raises StoreRefusal 403."""
        if not hmac.compare_digest(given.encode(), self.signature(stamp, text).encode()):
            raise StoreRefusal(
                403,
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. "
                "Check your key and signing method.",
            )

    def check_credential(self, given: str, stamp: str) -> None:
        """Whether a credential is of this signer and of that day. Raises StoreRefusal 400, 403."""
        access_key, _, scope = given.partition("/")
        if access_key != self.access_key:
            message = "The AWS Access Key Id you provided does not exist in our records."
            raise StoreRefusal(403, "InvalidAccessKeyId", message)
        if given != self.credential(stamp):
            expected = self.credential(stamp).partition("/")[2]
            raise wrong_parameters(f"The scope of the credential is {scope}, expected {expected}.")


def timestamp(instant: datetime) -> str:
    """An instant as signatures write it, such as ``20130524T000000Z``."""
    return instant.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def wrong_parameters(message: str) -> StoreRefusal:
    """The refusal of parameters that are no signature at all."""
    return StoreRefusal(400, "AuthorizationQueryParametersError", message)


def presign(
    signer: Signer, asked: Asked, parameters: Mapping[str, str], now: datetime, seconds: int
) -> str:
    """The query of an address that holds for some seconds; ``parameters`` come first in it."""
    stamp = timestamp(now)
    query = {
        **parameters,
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": signer.credential(stamp),
        "X-Amz-Date": stamp,
        "X-Amz-Expires": str(seconds),
        "X-Amz-SignedHeaders": "host",
    }
    signature = signer.signature(stamp, _to_sign(signer, asked, query.items(), stamp))
    return f"{_query(query.items())}&{_SIGNATURE}={signature}"


def check_presigned(
    signer: Signer, asked: Asked, parameters: Mapping[str, list[str]], now: datetime
) -> None:
    """Judge the address that a request was sent to. Raises StoreRefusal 400 or 403."""
    if _SIGNATURE not in parameters:
        raise StoreRefusal(403, "AccessDenied", "Access Denied")
    stamp = _one(parameters, "X-Amz-Date")
    if _one(parameters, "X-Amz-Algorithm") != ALGORITHM:
        raise wrong_parameters(f'X-Amz-Algorithm only supports "{ALGORITHM}"')
    signer.check_credential(_one(parameters, "X-Amz-Credential"), stamp)
    if _one(parameters, "X-Amz-SignedHeaders") != "host":
        raise wrong_parameters("X-Amz-SignedHeaders has to be host")
    if not _start(stamp) <= now <= _end(stamp, _one(parameters, "X-Amz-Expires")):
        raise StoreRefusal(403, "AccessDenied", "Request has expired")
    pairs = [(name, v) for name, values in parameters.items() for v in values]
    signed = [pair for pair in pairs if pair[0] != _SIGNATURE]
    given = _one(parameters, _SIGNATURE)
    signer.check_signature(given, stamp, _to_sign(signer, asked, signed, stamp))


def _one(parameters: Mapping[str, list[str]], name: str) -> str:
    values = parameters.get(name, [])
    if len(values) != 1:
        raise wrong_parameters(f"Query-string authentication needs one {name} parameter.")
    return values[0]


_AHEAD = timedelta(minutes=15)
"""How far the clocks of those who sign may be ahead."""


def _start(stamp: str) -> datetime:
    try:
        signed = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return signed - _AHEAD
    except (ValueError, OverflowError):
        raise wrong_parameters("X-Amz-Date must be in the form yyyyMMddTHHmmssZ") from None


_SECONDS = re.compile("[0-9]{1,6}")


def _end(stamp: str, seconds: str) -> datetime:
    if not _SECONDS.fullmatch(seconds):
        raise wrong_parameters("X-Amz-Expires should be a number")
    if int(seconds) > LONGEST:
        raise wrong_parameters("X-Amz-Expires must be less than a week (in seconds)")
    try:
        return _start(stamp) + _AHEAD + timedelta(seconds=int(seconds))
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


def _to_sign(
    signer: Signer, asked: Asked, parameters: Iterable[tuple[str, str]], stamp: str
) -> str:
    """The string to sign: the scope, and the digest of the canonical request."""
    query = _query(sorted((_encoded(name), _encoded(v)) for name, v in parameters), encoded=True)
    path = quote(unquote(asked.path), safe="/")
    lines = (asked.method, path, query, f"host:{asked.host}", "", "host", "UNSIGNED-PAYLOAD")
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    scope = signer.credential(stamp).partition("/")[2]
    return f"{ALGORITHM}\n{stamp}\n{scope}\n{digest}"


def _encoded(text: str) -> str:
    return quote(text, safe="")


def _query(pairs: Iterable[tuple[str, str]], *, encoded: bool = False) -> str:
    made = pairs if encoded else ((_encoded(name), _encoded(value)) for name, value in pairs)
    return "&".join(f"{name}={value}" for name, value in made)
