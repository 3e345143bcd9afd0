"""Values seen so far, by name: what calls may be about."""

from __future__ import annotations

import random
import re
import unicodedata
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import accumulate, islice
from typing import Any

from mockserver.contract.alike import UUID
from mockserver.contract.names import Names
from mockserver.contract.values import Key

KEPT = 48
"""Values kept of each name, the latest ones."""

LONG = 6
"""Items of a list past which only its ends are looked at."""

MAX_LEAVES = 200
"""Values looked at of one answer."""

SEVERAL = 6
"""Words looked at of one text."""

LONGEST = 40
"""Letters past which a text is no word."""

LEAST = 2
"""Members of an object below which it says little."""

Origin = tuple[str, str]
"""The name of a value, and of what holds it."""

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")
_CLOCK = re.compile(r"\d\d:\d\d:\d\d|\d{8}T\d{6}Z")
"""A moment in a text, as headers and signed addresses have it: it is another one in each run."""

_WORD = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=8192)
def plain(name: str) -> str:
    """A name without case and punctuation: ``assetId``, ``asset_id`` and ``asset-id`` are one."""
    return _WORD.sub("", name.lower())


class Latest:
    """The latest different values of a kind, each once, the last one last."""

    def __init__(self, most: int = KEPT) -> None:
        self._most = most
        self._values: dict[Any, Any] = {}
        self.changes = 0

    def __len__(self) -> int:
        return len(self._values)

    def add(self, value: Any, identity: Any = None) -> None:
        """Keep a value; one of the same identity (itself, where it has a type) makes way."""
        identity = (type(value), value) if identity is None else identity
        values = self._values
        values.pop(identity, None)
        values[identity] = value
        self.changes += 1
        if len(values) > self._most:
            del values[next(iter(values))]

    def discard(self, value: Any) -> None:
        """Forget a value that was kept without an identity of another kind."""
        self._values.pop((type(value), value), None)

    def clear(self) -> None:
        """Forget all."""
        self._values.clear()
        self.changes += 1

    def clear_keys(self) -> None:
        """Forget the keys of a run, which mean nothing in another one."""
        for identity in [known for known in self._values if known[0] is Key]:
            del self._values[identity]

    def all(self) -> list[Any]:
        """The values."""
        return list(self._values.values())


class Pools:
    """What was seen in answers and sent in calls; keys of each side as :class:`Key`."""

    def __init__(self) -> None:
        self._by_name: dict[str, Latest] = defaultdict(Latest)
        self._identifiers: dict[Origin, Latest] = defaultdict(Latest)
        self.links: deque[Key] = deque(maxlen=KEPT)
        self._records = Latest()
        self._objects = Latest(2 * KEPT)
        self._words = Latest(4 * KEPT)
        self._instants = Latest()
        self._naming: dict[tuple[str, str], Latest] = defaultdict(Latest)
        self._luck: dict[tuple[str, str], Counter[tuple[Origin, bool]]] = defaultdict(Counter)
        self._hopes: dict[tuple[str, str], _Hopes] = {}
        self._alike: dict[tuple[frozenset[str], frozenset[str]], tuple[int, list[Any]]] = {}

    def clear(self) -> None:
        """Forget the values of a run that is over; what was learned of the API stays."""
        for kept in (self._records, self._objects, self._words, self._instants):
            kept.clear()
        for naming in self._naming.values():
            naming.clear_keys()
        self._by_name.clear()
        self._identifiers.clear()
        self._hopes.clear()
        self._alike.clear()
        self.links.clear()

    @property
    def records(self) -> list[Any]:
        """The records that were seen last, the last one last."""
        return self._records.all()

    def see(self, value: Any, names: Names, fixed: Callable[[str], bool]) -> None:
        """Take in a JSON answer of the reference."""
        symbolic = symbolised(trimmed(value), names)
        for name, holder, leaf in islice(_named_leaves(symbolic), MAX_LEAVES):
            self._take(name, holder, leaf, fixed)
        for record in records_of(symbolic):
            for place, inner in enumerate(reversed(_objects(record))):
                named = str(inner.get("id", record.get("id")))
                self._objects.add((frozenset(inner), inner), (named, frozenset(inner), place))
            self._records.add(record, str(record.get("id", record)))

    def _take(self, name: str, holder: str, leaf: Any, fixed: Callable[[str], bool]) -> None:
        self._by_name[plain(name)].add(leaf)
        self._read(leaf)
        if isinstance(leaf, Key) or (isinstance(leaf, str) and fixed(leaf)):
            self._identifiers[plain(name), plain(holder)].add(leaf)

    def sent(self, name: str, value: Any) -> None:
        """Take in a value that was sent under a name."""
        if not isinstance(value, dict | list):
            self._by_name[plain(name)].add(value)
            self._read(value)

    def _read(self, leaf: Any) -> None:
        """Take in the words of a text, or an instant."""
        if not isinstance(leaf, str) or UUID.search(leaf):
            return
        if INSTANT.match(leaf):
            self._instants.add(leaf)
            return
        if _CLOCK.search(leaf):
            return
        for word in (leaf, *leaf.split(maxsplit=SEVERAL)[:SEVERAL]):
            if 0 < len(word) <= LONGEST:
                self._words.add(word)

    def word(self, choice: random.Random) -> str | None:
        """A word of what was seen or sent, a late one more often."""
        words = self._words.all()
        return words[_late(len(words), choice)] if words else None

    def instants(self) -> list[Any]:
        """Instants that were seen."""
        return self._instants.all()

    def like(self, required: frozenset[str], described: frozenset[str]) -> list[dict[str, Any]]:
        """Objects that were seen with all required members, and few that are not described."""
        known = self._alike.get((required, described))
        if known is None or known[0] != self._objects.changes:
            found = [
                each
                for names, each in self._objects.all()
                if required <= names and len(described & names) * 3 >= 2 * len(names) > LEAST
            ]
            known = self._alike[required, described] = (self._objects.changes, found)
        return known[1]

    def named(self, name: str) -> list[Any]:
        """Values seen under a name."""
        known = self._by_name.get(plain(name))
        return known.all() if known else []

    def identifier(self, use: tuple[str, str], choice: random.Random) -> tuple[Any, Origin] | None:
        """A value that may name a record, for a parameter of an operation.

        Where values of an origin were taken before, they are preferred.
        """
        if not self._identifiers:
            return None
        hopes = self._hopes.get(use)
        if hopes is None or len(hopes.origins) != len(self._identifiers):
            hopes = self._hopes[use] = _Hopes(list(self._identifiers), use[1], self._luck[use])
        origin = choice.choices(hopes.origins, cum_weights=hopes.weights)[0]
        values = self._identifiers[origin].all()
        return values[_late(len(values), choice)], origin

    def subject(self, choice: random.Random) -> Any | None:
        """A value that may name what a run is about: one of a kind that was taken before."""
        uses = [use for use, luck in self._luck.items() if any(taken for _, taken in luck)]
        use = choice.choice(uses) if uses else ("", "id")
        found = self.identifier(use, choice)
        return found[0] if found else None

    def named_one(self, use: tuple[str, str], value: Any, *, good: bool) -> None:
        """Remember whether a value named a record for a parameter of an operation."""
        if isinstance(value, Key | str | int):
            kept = self._naming[use]
            kept.add(value) if good else kept.discard(value)

    def naming(self, use: tuple[str, str]) -> list[Any]:
        """Values that named a record for a parameter when they were sent last, the last one last.

        Those that are the same in each run are known in all.
        """
        return self._naming[use].all()

    def learn(self, use: tuple[str, str], origin: Origin, *, taken: bool) -> None:
        """Remember whether a value of an origin was taken for a parameter."""
        self._luck[use][origin, taken] += 1
        self._hopes.pop(use, None)


class _Hopes:
    """Origins of values for one use, and how likely each is taken, the sums up to each."""

    __slots__ = ("origins", "weights")

    def __init__(
        self, origins: list[Origin], name: str, luck: Counter[tuple[Origin, bool]]
    ) -> None:
        self.origins = origins
        self.weights = list(accumulate(_hope(origin, name, luck) for origin in origins))


def _hope(origin: Origin, name: str, luck: Counter[tuple[Origin, bool]]) -> float:
    taken, refused = luck[origin, True], luck[origin, False]
    hope = (taken + 0.5) / (taken + refused + 1)
    if plain(name) in {origin[0], origin[1] + origin[0], origin[1].rstrip("s") + origin[0]}:
        hope += 0.3
    return hope * hope


def _late(count: int, choice: random.Random) -> int:
    """An index into what was seen, late ones more often."""
    return max(choice.randrange(count), choice.randrange(count))


def trimmed(value: Any) -> Any:
    """A value with only the ends of its long lists: the rest tells nothing new."""
    if isinstance(value, dict):
        return {
            name: trimmed(item) if isinstance(item, dict | list) else item
            for name, item in value.items()
        }
    if isinstance(value, list):
        some = value if len(value) <= LONG else [*value[:2], *value[-3:]]
        return [trimmed(item) for item in some]
    return value


def symbolised(value: Any, names: Names) -> Any:
    """A value of the reference with keys where it has values of its own."""
    kind = type(value)
    if kind is str or kind is int:
        return names.symbolic(value)
    if kind is dict:
        symbolic = names.symbolic
        return {symbolic(name): symbolised(item, names) for name, item in value.items()}
    if kind is list:
        return [symbolised(item, names) for item in value]
    return value


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """The scalars in a value with the way to each."""
    waiting = [(path, value)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [((*path, name), item) for name, item in reversed(value.items())]
        elif isinstance(value, list):
            last = len(value) - 1
            waiting += [((*path, last - n), item) for n, item in enumerate(reversed(value))]
        else:
            yield path, value


def _named_leaves(value: Any) -> Iterator[tuple[str, str, Any]]:
    """The scalars in a value, each after the name of its member and of what holds that."""
    waiting = [("", "", value)]
    while waiting:
        name, holder, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [
                (member, name, item) if isinstance(member, str) else (name, holder, item)
                for member, item in reversed(value.items())
            ]
        elif isinstance(value, list):
            waiting += [(name, holder, item) for item in reversed(value)]
        else:
            yield name, holder, value


def scalars(value: Any) -> Iterator[Any]:
    """The scalars in a value, in their order."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting += reversed(value.values())
        elif isinstance(value, list):
            waiting += reversed(value)
        else:
            yield value


def with_leaf(value: Any, path: tuple[Any, ...], leaf: Any) -> Any:
    """A value with another scalar at a place in it."""
    if not path:
        return leaf
    changed = dict(value) if isinstance(value, dict) else list(value)
    changed[path[0]] = with_leaf(value[path[0]], path[1:], leaf)
    return changed


def records_of(value: Any) -> list[Any]:
    """The records of an answer: itself, or the first items of the lists in it."""
    if isinstance(value, list):
        return [item for item in value[:3] if isinstance(item, dict)]
    if not isinstance(value, dict):
        return []
    found = [value]
    for item in value.values():
        if isinstance(item, list):
            found += [each for each in item[-3:] if isinstance(each, dict)]
    return found


def _objects(value: Any, depth: int = 3) -> list[dict[str, Any]]:
    """An object and those in it."""
    if isinstance(value, list):
        return [inner for item in value[:4] for inner in _objects(item, depth - 1)] if depth else []
    if not isinstance(value, dict):
        return []
    inner = [each for item in value.values() for each in _objects(item, depth - 1)] if depth else []
    return [value, *inner]


def mutated(value: Any, choice: random.Random) -> Any:
    """A value near another: what is often mistaken for it."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + choice.choice((-1, 1, -value, value, 0))
    if isinstance(value, float):
        return choice.choice((value + 1, -value, 0.0, value / 2))
    if isinstance(value, str):
        return choice.choice(TEXTS)(value, choice)
    return value


def _substring(text: str, choice: random.Random) -> str:
    if len(text) < 2:  # noqa: PLR2004 - nothing is in it
        return text
    begin = choice.randrange(len(text) - 1)
    return text[begin : choice.randrange(begin + 1, len(text) + 1)]


def _folded(text: str, choice: random.Random) -> str:
    swapped = text.replace("ss", "ß").replace("i", "İ").replace("s", "ſ")
    return swapped if swapped != text else text + choice.choice(("ß", "İ", "ǅ"))


TEXTS: tuple[Callable[[str, random.Random], str], ...] = (
    lambda text, _: text.upper(),
    lambda text, _: text.swapcase(),
    lambda text, _: text.casefold(),
    _substring,
    _substring,
    _folded,
    lambda text, _: unicodedata.normalize("NFD", text + "é"),
    lambda text, _: unicodedata.normalize("NFC", text),
    lambda text, _: f" {text}",
    lambda text, _: f"{text} ",
    lambda _, __: "",
    lambda text, _: text[:-1],
    lambda text, _: text + text,
    lambda text, choice: text + choice.choice("0%_*ab"),
)
