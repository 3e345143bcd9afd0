"""Which of the media types on offer a client wants (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from werkzeug.http import parse_list_header, parse_options_header

MAX_RANGES = 100
"""Members of the header that are looked at."""

_Merit = tuple[float, tuple[bool, bool, int]]
_UNWANTED: _Merit = (0.0, (False, False, 0))

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_QUALITY = re.compile(r"[01]?\.[0-9]{0,9}|[01]")  # Java sends .2


class _Range(NamedTuple):
    """A media type or range; ``quality`` is what the client says of it."""

    main: str
    sub: str
    parameters: Mapping[str, str]
    quality: float = 1.0

    @property
    def specificity(self) -> tuple[bool, bool, int]:
        return self.main != "*", self.sub != "*", len(self.parameters)


def choose(accept: str | None, offered: Sequence[str]) -> str | None:
    """The media type that a client wants most of those offered, None when it wants none.

    ``accept`` is the header's value, None without one; ``offered`` stands in the order of
    preference, and may hold ranges (``image/*``), which meet every range they overlap. The most
    specific range that covers a media type gives its quality. Of equal quality, what the client
    named more precisely comes first, then what is offered first. Members of the header that are
    malformed do not count, and neither does a header without any other.
    """
    if not accept or accept == "*/*":
        return offered[0] if offered else None
    if accept in offered:
        return accept
    wanted = list(_ranges(accept))
    if not wanted:
        return offered[0] if offered else None
    best, most = None, _UNWANTED
    for media_type in offered:
        merit = _merit(media_type, wanted)
        if merit > most and merit[0] > 0:
            best, most = media_type, merit
    return best


def _merit(media_type: str, wanted: Sequence[_Range]) -> _Merit:
    """The quality a client gives a media type, and how precisely it names it."""
    offer = _parsed(media_type)
    if offer is None:
        return _UNWANTED
    met = [wish for wish in wanted if _meets(wish, offer)]
    if "*" in (offer.main, offer.sub):
        # It stands for whatever of it the client likes best.
        return max(((wish.quality, wish.specificity) for wish in met), default=_UNWANTED)
    found = max(((w.specificity, w.quality) for w in met), default=None)
    return _UNWANTED if found is None else (found[1], found[0])


def _meets(wish: _Range, offer: _Range) -> bool:
    """Whether two ranges overlap, the offer having the parameters that the wish names."""
    return (
        (wish.main == offer.main or "*" in (wish.main, offer.main))
        and (wish.sub == offer.sub or "*" in (wish.sub, offer.sub))
        and all(_agrees(offer, name, value) for name, value in wish.parameters.items())
    )


def _agrees(offer: _Range, name: str, value: str) -> bool:
    # Clients name the charset of JSON, which has none; descriptions seldom name any.
    known = offer.parameters.get(name, "utf-8" if name == "charset" else None)
    return known == value


def _ranges(accept: str) -> Iterator[_Range]:
    """The well-formed members of an Accept header."""
    for member in parse_list_header(accept)[:MAX_RANGES]:
        parsed = _parsed(member)
        if parsed is not None:
            yield parsed


def _parsed(text: str) -> _Range | None:
    """A media range with its parameters, those that follow ``q`` left out; None for no such."""
    value, options = parse_options_header(text)
    main, slash, sub = value.lower().partition("/")
    if value == "*":  # Java sends it, and means */*
        main, slash, sub = "*", "/", "*"
    if not (slash and _TOKEN.fullmatch(main) and _TOKEN.fullmatch(sub)):
        return None
    if main == "*" and sub != "*":
        return None
    names = list(options)
    before = names[: names.index("q")] if "q" in options else names
    quality = options.get("q", "1")
    if not _QUALITY.fullmatch(quality) or quality == "." or float(quality) > 1:
        return None
    parameters = {name: options[name].lower() for name in before}
    return _Range(main, sub, parameters, float(quality))
