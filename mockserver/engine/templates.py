"""Path templates (OpenAPI 3.0.3, Path Templating): literals, parameters, and what tells apart."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple
from urllib.parse import quote

_EXPRESSION = re.compile(r"\{\+?([^{}/]+)\}")
"""A parameter; the plus of RFC 6570, section 3.2.3, is no part of its name."""


class Marked(NamedTuple):
    """A template split into its path, and what else it says of the requests it is for.

    ``marks`` are the names that a request of it has in its query or among its headers, with
    their values where the template gives any (``/#Action=Start``, ``/rest?method=get``);
    ``templated`` the names of its path parameters that stand in the query (``/x?lat={lat}``).
    """

    path: str
    marks: tuple[tuple[str, str | None], ...] = ()
    templated: tuple[str, ...] = ()


def marked(template: str) -> Marked:
    """A path template without its query and fragment, which no path has."""
    path, *rest = re.split("[?#]", template)
    pairs = [pair.partition("=") for part in rest for pair in part.split("&") if pair]
    marks = [(name, None if "{" in text or not equals else text) for name, equals, text in pairs]
    told = tuple((name, text) for name, text in marks if "{" not in name)
    templated = _EXPRESSION.findall("&".join(rest))
    return Marked(path, told, tuple(templated))


def unsent_names(template: str, sent: Collection[str]) -> list[str]:
    """The names in the fragment of a template that are those of no parameter that is sent.

    A fragment itself stays with the client (RFC 9110, section 7.1).
    """
    fragment = template.partition("#")[2]
    names = [pair.partition("=")[0] for pair in fragment.split("&") if "=" not in pair]
    return [name for name in names if name and name not in sent]


def template_names(template: str) -> list[str]:
    """The names of the parameters in the path of a template, in order."""
    return _EXPRESSION.findall(marked(template).path)


def is_parameter(segment: str) -> bool:
    """Whether a segment of a template is one parameter and nothing else."""
    return _EXPRESSION.fullmatch(segment) is not None


def is_literal(segment: str) -> bool:
    """Whether a segment of a template has no parameter."""
    return _EXPRESSION.search(segment) is None


class Pattern:
    """A segment of a template with parameters and literals: ``{id}.{ext}``, ``report({id})``.

    A parameter is never empty; where a text can be split in several ways the last ones are as
    short as they can be, so that ``a.b.c`` is ``a.b`` and ``c``. Two that touch each other
    (``{id}{extension}``) are split before the last dot.
    """

    __slots__ = ("_first", "_last", "is_encoded", "literals", "weight")

    def __init__(self, segment: str) -> None:
        self.literals: Sequence[str] = _EXPRESSION.split(segment)[::2]
        self._first, self._last = self.literals[0], self.literals[-1]
        self.weight = sum(map(len, self.literals))
        self.is_encoded = not {"#", "?"}.isdisjoint("".join(self.literals))

    def split(self, text: str) -> list[str] | None:
        """The texts of the parameters, None for a segment of another form."""
        if not (text.startswith(self._first) and text.endswith(self._last)):
            return None
        start, end = len(self._first), len(text) - len(self._last)
        found: list[str] = []
        for literal in reversed(self.literals[1:-1]):
            at = text.rfind(literal or ".", start + 1, end - 1)
            if at < 0 and not literal:
                at = end - 1
            if at <= start:
                return None
            found.append(text[at + len(literal) : end])
            end = at
        found.append(text[start:end])
        return found[::-1] if start < end else None

    def split_decoded(self, text: str) -> list[str] | None:
        """As :meth:`split`, of a segment whose literals came percent-encoded."""
        found = self.split(text)
        return None if found is None else [quote(part, safe="") for part in found]
