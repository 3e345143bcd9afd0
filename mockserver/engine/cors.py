"""What a browser asks before and after a call from another origin (Fetch, CORS protocol)."""

from __future__ import annotations

from collections.abc import Mapping

_MAX_AGE = b"600"


def cors_headers(origin: bytes, headers: Mapping[bytes, bytes]) -> list[tuple[bytes, bytes]]:
    """The headers that let a page of ``origin`` read an answer or pass a preflight."""
    allowed = [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
    ]
    method = headers.get(b"access-control-request-method")
    if method is None:
        return [*allowed, (b"access-control-expose-headers", b"Location, ETag, Retry-After")]
    asked = headers.get(b"access-control-request-headers")
    preflight = [(b"access-control-allow-methods", method), (b"access-control-max-age", _MAX_AGE)]
    if asked is not None:
        preflight.append((b"access-control-allow-headers", asked))
    return allowed + preflight
