"""Values that each side makes for itself, matched one to one as they appear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mockserver.contract.numbered import kind_of
from mockserver.contract.values import Key


@dataclass(slots=True)
class Triple:
    """One value as the reference, the second reference and the server have it.

    ``is_key`` says that it names something: no two triples share such a value on any side.
    ``step`` and ``pointer`` are where it appeared first.
    """

    a: Any
    b: Any
    t: Any
    is_key: bool
    step: int
    pointer: str


class Names:
    """The triples of one run."""

    def __init__(self) -> None:
        self._triples: list[Triple] = []
        self._by_a: dict[Any, int] = {}
        self._by_t: dict[Any, int] = {}

    def copy(self) -> Names:
        """The same triples, to which others can be added."""
        copy = Names()
        copy._triples = self._triples.copy()
        copy._by_a = self._by_a.copy()
        copy._by_t = self._by_t.copy()
        return copy

    def __len__(self) -> int:
        return len(self._triples)

    def __getitem__(self, number: int) -> Triple:
        if number >= len(self._triples):
            raise KeyError(number)  # of a run before this one
        return self._triples[number]

    def find(self, a: Any) -> int | None:
        """The number of the triple of a value of the reference."""
        return self._by_a.get(_marked(a))

    def of_server(self, t: Any, like: Any = None) -> int | None:
        """The number of the key that the server calls so.

        Of keys that count each collection has its own 1, 2, 3: what is meant is a key of the
        collection that one of the reference's is of, which it is ``like``.
        """
        kind = kind_of(like)
        return self._by_t.get(str(t) if kind is None else (kind, str(t)))

    def bind(self, triple: Triple) -> int:
        """Keep a triple; a key that the server used before stays what it was."""
        number = len(self._triples)
        self._triples.append(triple)
        if triple.is_key:
            self._by_a.setdefault(_marked(triple.a), number)
        else:
            self._by_a[_marked(triple.a)] = number  # what was read last counts
        if triple.is_key:
            kind = kind_of(triple.a)
            told = str(triple.t)
            self._by_t.setdefault(told if kind is None else (kind, told), number)
        return number

    def symbolic(self, a: Any) -> Any:
        """A value of the reference as a key, where it is one."""
        if type(a) is str:
            number = self._by_a.get(a)
        else:
            number = None if kind_of(a) is None else self._by_a.get(_marked(a))
        return a if number is None else Key(number)

    def for_a(self, key: Key) -> Any:
        """What the reference calls it."""
        return self[key.number].a

    def for_b(self, key: Key) -> Any:
        """What the second reference calls it."""
        return self[key.number].b

    def for_t(self, key: Key) -> Any:
        """What the server calls it."""
        return self[key.number].t


def _marked(value: Any) -> Any:
    """``1``, ``1.0`` and ``True`` are three values here; keys that count are the same as texts."""
    if isinstance(value, str):
        return value
    return (type(value).__name__, value) if kind_of(value) is None else str(value)
