"""Bodies that say of the records above what the path says, as those of a real client do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from mockserver.engine.inference.words import normal

Place = tuple[str, ...]

_NAME = re.compile(r"\{([^{}]+)\}")
_FEW = 2
"""Places of a parameter past which its name says nothing of what it names: ``{webId}``."""

_LEAST = 4
"""Letters of a member's name that may be the end of a parameter's: ``classId`` of courseClassId."""


class Agreeing:
    """Makes bodies agree with paths, for the path templates of one description."""

    def __init__(self, templates: Iterable[str]) -> None:
        above: dict[str, set[str]] = {}
        for template in templates:
            for name in _NAME.findall(template):
                above.setdefault(name, set()).add(_before(template, name))
        self._common = frozenset(name for name, places in above.items() if len(places) > _FEW)

    def agreed(
        self, value: Any, template: str, path: Mapping[str, str], is_valid: Callable[[Any], bool]
    ) -> Any:
        """A body whose members that are called like path parameters have their values.

        ``path`` holds the encoded values; what the schema of the body does not allow stays.
        """
        called = {name: list(self._called(template, name)) for name in path}
        for place, said in list(_scalars(value, 2)):
            for name, text in path.items():
                if any(_means(each, place) for each in called[name]):
                    tries = (_with(value, place, each) for each in _typed(unquote(text), said))
                    value = next((each for each in tries if is_valid(each)), value)
        return value

    def _called(self, template: str, name: str) -> Iterator[str]:
        """The names of a parameter: its own, unless many sorts of things have it; by its place."""
        if name not in self._common or "parent" in normal(name):
            yield normal(name)
        above = normal(_before(template, name))
        for ending, one in (("ies", "y"), ("es", ""), ("s", "")):
            if above.endswith(ending):
                yield above.removesuffix(ending) + one + "id"


def _before(template: str, name: str) -> str:
    return template.partition("/{" + name + "}")[0].rpartition("/")[2]


def _scalars(value: Any, depth: int) -> Iterator[tuple[Place, Any]]:
    for name, member in value.items() if isinstance(value, dict) else ():
        if isinstance(member, dict) and depth > 1:
            for place, inner in _scalars(member, depth - 1):
                yield (name, *place), inner
        elif isinstance(member, str | int) and not isinstance(member, bool):
            yield (name,), member


def _means(parameter: str, place: Place) -> bool:
    """Whether a member is that of a parameter: its last name is, or with the name around it."""
    own = normal(place[-1])
    names = {own, normal("".join(place[-2:]))}
    if parameter in names and parameter != "id":
        return True
    ends = [name for name in names if name.endswith("id") and len(name) >= _LEAST]
    return any(parameter.endswith(name) for name in ends)


def _typed(text: str, said: Any) -> Iterator[Any]:
    if isinstance(said, int) and text.lstrip("-").isdigit():
        yield int(text)
    yield text


def _with(value: Any, place: Place, inner: Any) -> Any:
    if not place:
        return inner
    return {**value, place[0]: _with(value[place[0]], place[1:], inner)}
