"""Which media type an answer is written in: one documented for its status that the client takes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mockserver.engine.media import is_json, matching, media_type_of
from mockserver.engine.spec import Response
from mockserver.engine.wire.accept import choose

_CONCRETE = {
    "*/*": "application/json",
    "application/*": "application/json",
    "text/*": "text/plain",
    "image/*": "image/png",
    "audio/*": "audio/wav",
    "video/*": "video/mp4",
    "font/*": "font/woff2",
}
"""What an answer is where a range is documented, and the client has no wish of its own."""


def wanted(response: Response, accept: str | None) -> str | None:
    """The documented media type that a client wants most (RFC 9110, section 12.5.1).

    None where it takes none of them, and where none is documented.
    """
    return choose(accept, _in_order(response))


def _in_order(response: Response) -> list[str]:
    return sorted(response.content, key=_is_no_json)


def _is_no_json(documented: str) -> bool:
    return not is_json(_CONCRETE.get(documented, documented))


def acceptable(response: Response, accept: str | None) -> Iterator[tuple[str, str]]:
    """What an answer may be written in, the most wanted first.

    Each is a documented media type or range, and the media type itself. Of what is wanted alike
    JSON comes first, then what is documented first.
    """
    left = _in_order(response)
    while left:
        best = choose(accept, left)
        if best is None:
            return
        yield best, concrete(best, accept)
        left.remove(best)


def concrete(documented: str, accept: str | None) -> str:
    """A media type within a documented range that the client takes; others are themselves."""
    if "*" not in documented:
        return documented
    usual = _CONCRETE.get(documented) or documented.replace("*", "x", 1).replace("x+", "vnd.any+")
    if choose(accept, (usual,)) is not None:
        return usual
    return next(_named(documented, accept or ""), usual)


def _named(documented: str, accept: str) -> Iterator[str]:
    """The media types that a client names, within a range."""
    offered: Sequence[str] = (documented,)
    for member in accept.split(",")[:100]:
        media_type = media_type_of(member)
        if "*" not in media_type and "/" in media_type and matching(media_type, offered):
            yield media_type
