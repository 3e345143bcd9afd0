"""What one record holds: its scalars by kind, and what stands under each name in it."""

from __future__ import annotations

from functools import cached_property
from itertools import islice
from typing import Any

from mockserver.contract.alike import UUID
from mockserver.contract.pools import INSTANT, plain, scalars
from mockserver.contract.texts import is_free
from mockserver.contract.values import Key

MOST_SCALARS = 120
DEEPEST = 4
"""Objects and lists inside of others in which a name is looked for."""


class Contents:
    """A value that is asked about again and again; what was found in it is kept."""

    def __init__(self, value: Any) -> None:
        self.value = value
        self._inner: dict[str, Contents] = {}

    def under(self, name: str) -> Contents:
        """What stands under a name, or near it, as a list, empty where nothing does."""
        wanted = plain(name)
        found = self._inner.get(wanted)
        if found is None:
            found = self._inner[wanted] = Contents(self._index.get(wanted, []))
        return found

    @cached_property
    def _index(self) -> dict[str, list[Any]]:
        index: dict[str, list[Any]] = {}
        _note(self.value, DEEPEST, frozenset(), index)
        return index

    @cached_property
    def scalars(self) -> list[Any]:
        """Its scalars, the first ones of many."""
        return list(islice(scalars(self.value), MOST_SCALARS))

    @cached_property
    def numbers(self) -> list[Any]:
        """Those that are numbers."""
        return [value for value in self.scalars if type(value) in {int, float}]

    @cached_property
    def texts(self) -> list[Any]:
        """Those that are texts, or keys."""
        return [value for value in self.scalars if isinstance(value, str | Key)]

    @cached_property
    def moments(self) -> list[Any]:
        """Texts that tell a moment, and keys."""
        return [value for value in self.texts if isinstance(value, Key) or INSTANT.match(value)]

    @cached_property
    def keys(self) -> list[Any]:
        """Keys, and texts with a UUID in them."""
        return [value for value in self.texts if isinstance(value, Key) or UUID.search(value)]

    @cached_property
    def words(self) -> list[str]:
        """Texts that neither name a record nor tell a moment."""
        return [
            v for v in self.texts
            if isinstance(v, str) and v and not UUID.search(v) and not INSTANT.match(v)
        ]  # fmt: skip

    @cached_property
    def free(self) -> list[str]:
        """Of these the ones that people have written, as it seems."""
        return [word for word in self.words if is_free(word) and not word[0].isdigit()]


def _note(value: Any, depth: int, above: frozenset[str], index: dict[str, list[Any]]) -> None:
    """Note the members of a value by name, none below one of the same name."""
    if isinstance(value, dict):
        for member, item in value.items():
            holds = depth and isinstance(item, dict | list)
            if not isinstance(member, str):
                if holds:
                    _note(item, depth - 1, above, index)
                continue
            name = plain(member)
            if name not in above:
                index.setdefault(name, []).append(item)
            if holds:
                _note(item, depth - 1, above | {name}, index)
    elif isinstance(value, list) and depth:
        for item in value:
            _note(item, depth - 1, above, index)
