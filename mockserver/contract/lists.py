"""Lists of an answer compared: what is in them, in which order, and each item."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from typing import Any

from mockserver.contract.alike import NO_KEYS, frozen, identical, key_of, keys_of, normal, shown
from mockserver.contract.names import Names
from mockserver.contract.promises import Policy
from mockserver.contract.values import Difference
from mockserver.errors import pointer_to

Keys = tuple[str, ...]
"""Keys of items, as the reference calls them."""


class ListComparison(ABC):
    """What a comparison does with lists; the values in them it compares itself."""

    __slots__ = ()

    names: Names
    policy: Policy
    noise: Counter[tuple[str, str]]
    issued_a: dict[Any, int]
    issued_b: dict[Any, int]
    operation: str
    whole: int
    found: list[Difference]

    @abstractmethod
    def _value(self, a: Any, b: Any, t: Any, path: tuple[Any, ...]) -> None:
        """Compare a value of the references with the server's."""

    @abstractmethod
    def _learn(self, path: tuple[Any, ...]) -> None:
        """Remember that the references differ at a place."""

    @abstractmethod
    def _counts(self, aspect: str, pointer: str) -> bool:
        """Whether a difference at a place would be told."""

    @abstractmethod
    def _tell(self, code: str, aspect: str, pointer: str, expected: Any, got: Any) -> None:
        """Tell of a difference."""

    def _tell_items(
        self, code: str, path: tuple[Any, ...], told: tuple[Any, Any], keys: Keys
    ) -> None:
        """Tell what is wrong with some items of a list: what was expected, and what came."""
        before = len(self.found)
        self._tell(code, "body", pointer_to(path), *told)
        if len(self.found) > before:
            self.found[-1] = replace(self.found[-1], keys=keys)

    def _list(self, a: Any, b: Any, t: Any, path: tuple[Any, ...]) -> None:
        if len(a) != len(b):
            self._learn(path)
            self._common(a, b, t, path)
            return
        pairs = zip(a, b, strict=True)
        stable = a == b or all(self._identity(x) == self._identity_b(y) for x, y in pairs)
        if not stable:
            self._learn(path)
        if len(a) != len(t):
            if self._counts("body", pointer_to(path)):
                told, keys = self._items(a, t)
                self._tell_items("MS207", path, (told, f"{len(t)} items"), keys)
            return
        if stable and self.policy.ordered:
            differing = [n for n, pair in enumerate(zip(a, t, strict=True)) if not identical(*pair)]
            if differing and self._only_order(a, t):
                keys = self._misplaced(a, t)
                self._tell_items("MS208", path, (self._order(a), keys_of(t)), keys)
                return
            for index in differing:
                self._value(a[index], b[index], t[index], (*path, index))
            return
        self._unordered(a, b, t, path)

    def _common(self, a: Any, b: Any, t: Any, path: tuple[Any, ...]) -> None:
        """Items that both references have are promised, others are left open."""
        of_b = {self._identity_b(y): y for y in b}
        like = self._like(a)
        of_t = {self._identity_t(y, like): (place, y) for place, y in enumerate(t)}
        common = [(place, x) for place, x in enumerate(a) if self._identity(x) in of_b]
        ids = [self._identity(x) for _, x in common]
        if not self.policy.strict or len(set(ids)) < len(ids):
            return
        missing = [x for _, x in common if self._identity(x) not in of_t]
        if missing:
            key = key_of(missing[0], self.policy.keys)
            told = f"with {shown(self._named_t(missing[0]))}"
            self._tell_items("MS207", path, (told, f"{len(t)} items"), (str(key),))
            return
        places = [of_t[identity][0] for identity in ids]
        stable = [i for i in of_b if i in set(ids)] == ids
        if stable and self.policy.ordered and places != sorted(places):
            wrong = next(n for n, place in enumerate(places[1:]) if place < places[n])
            keys = tuple(str(key_of(common[n][1], self.policy.keys)) for n in (wrong, wrong + 1))
            self._tell_items("MS208", path, (self._order(a), keys_of(t)), keys)
            return
        for place, item in common:
            identity = self._identity(item)
            self._value(item, of_b[identity], of_t[identity][1], (*path, place))

    def _unordered(self, a: Any, b: Any, t: Any, path: tuple[Any, ...]) -> None:
        """Match items by their keys; those without are matched as they come."""
        of_b = {self._identity_b(y): y for y in b}
        of_t: dict[Any, list[Any]] = {}
        like = self._like(a)
        for item in t:
            of_t.setdefault(self._identity_t(item, like), []).append(item)
        rest = []
        for index, item in enumerate(a):
            identity = self._identity(item)
            matching = of_t.get(identity)
            if matching:
                value = matching.pop(0)
                if identity in of_b and not identical(item, value):
                    self._value(item, of_b[identity], value, (*path, index))
            else:
                rest.append((index, item))
        left = [item for items in of_t.values() for item in items]
        lost = [item for _, item in rest if self._is_named(item)]
        if lost and len(a) < self.whole and not self.policy.strict:
            told = f"with {shown(self._named_t(lost[0]))}"
            self._tell("MS207", "body", pointer_to(path), told, keys_of(t))
        for (index, item), value in zip(rest, left, strict=False):
            if self.policy.strict and index < len(b) and not self._learned(path):
                self._value(item, b[index], value, (*path, index))

    def _learned(self, path: tuple[Any, ...]) -> bool:
        return (self.operation, normal(pointer_to(path))) in self.noise

    def _identity(self, item: Any) -> Any:
        """What an item of the reference is known by: its key, or the number it was issued as."""
        return _symbol(key_of(item, self.policy.keys), self.issued_a)

    def _identity_b(self, item: Any) -> Any:
        return _symbol(key_of(item, self.policy.keys), self.issued_b)

    def _like(self, a: Any) -> Any:
        """A key of the items of a list, for those that the server has in their place."""
        return key_of(a[0], self.policy.keys) if a else None

    def _identity_t(self, item: Any, like: Any) -> Any:
        value = key_of(item, self.policy.keys)
        number = self.names.of_server(value, like) if isinstance(value, str | int) else None
        return frozen(value) if number is None else _symbol(self.names[number].a, self.issued_a)

    def _only_order(self, a: Any, t: Any) -> bool:
        """Whether two lists hold the same items in another order."""
        like = self._like(a)
        mine, its = [str(self._identity(x)) for x in a], [str(self._identity_t(y, like)) for y in t]
        return mine != its and sorted(mine) == sorted(its)

    def _misplaced(self, a: Any, t: Any) -> Keys:
        """The keys of two items, one after the other, that the server has the other way round."""
        like = self._like(a)
        places = {str(self._identity_t(y, like)): place for place, y in enumerate(t)}
        for one, other in pairwise(a):
            if places[str(self._identity(other))] < places[str(self._identity(one))]:
                return str(key_of(one, NO_KEYS)), str(key_of(other, NO_KEYS))
        return ()

    def _order(self, a: Any) -> str:
        return keys_of([self._named_t(item) for item in a])

    def _is_named(self, item: Any) -> bool:
        """Whether a record's key is one that the server told of itself."""
        value = key_of(item, self.policy.keys)
        number = self.names.find(value) if isinstance(value, str | int) else None
        return number is not None and self.names[number].is_key

    def _named_t(self, item: Any) -> Any:
        """The key of an item of the reference, as the server calls it."""
        value = key_of(item, self.policy.keys)
        number = self.names.find(value) if isinstance(value, str | int) else None
        return value if number is None else self.names[number].t

    def _items(self, a: Any, t: Any) -> tuple[str, Keys]:
        """How many items are expected, which are missing or too many, and the key of one."""
        like = self._like(a)
        mine = {str(self._identity(x)): x for x in a}
        its = {str(self._identity_t(y, like)): y for y in t}
        missing = [x for key, x in mine.items() if key not in its]
        more = [y for key, y in its.items() if key not in mine]
        told = f"{len(a)} items"
        if missing:
            told += f", with {', '.join(shown(self._named_t(x)) for x in missing[:3])}"
        if more:
            told += f", without {', '.join(shown(key_of(y, self.policy.keys)) for y in more[:3])}"
        telling = [key_of(x, NO_KEYS) for x in missing] or [self._named_a(y, like) for y in more]
        return told, tuple(str(key) for key in telling[:1])

    def _named_a(self, item: Any, like: Any) -> Any:
        """The key of an item of the server, as the reference calls it."""
        value = key_of(item, NO_KEYS)
        number = self.names.of_server(value, like) if isinstance(value, str | int) else None
        return value if number is None else self.names[number].a


def _symbol(value: Any, issued: dict[Any, int]) -> Any:
    if isinstance(value, str | int) and value in issued:
        return ("issued", issued[value])
    return frozen(value)
