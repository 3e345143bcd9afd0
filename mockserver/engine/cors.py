"""What a browser asks before and after a call from another origin (Fetch, CORS protocol)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_MAX_AGE = b"600"


def cors_headers(
    origin: bytes, headers: Mapping[bytes, bytes], answered: Iterable[tuple[bytes, bytes]] = ()
) -> list[tuple[bytes, bytes]]:
    """The headers that let a page of ``origin`` read an answer or pass a preflight.

    ``answered`` are the headers of the answer: a page may read all of them.
    """
    allowed = [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"Origin"),
    ]
    method = headers.get(b"access-control-request-method")
    if method is None:
        exposed = b", ".join(name for name, _ in answered)
        return [*allowed, (b"access-control-expose-headers", exposed)]
    asked = headers.get(b"access-control-request-headers")
    preflight = [(b"access-control-allow-methods", method), (b"access-control-max-age", _MAX_AGE)]
    if asked is not None:
        preflight.append((b"access-control-allow-headers", asked))
    return allowed + preflight
