"""Answers of a server that others use, narrowed to what the run made itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import orjson

from mockserver.contract.alike import key_of, normal
from mockserver.contract.numbered import kind_of, one_of
from mockserver.contract.others import is_paged, shown_at_least, with_limits
from mockserver.contract.pools import leaves
from mockserver.contract.session import Answers
from mockserver.contract.unguessable import LIKE_A_KEY
from mockserver.contract.values import Answered, Sent
from mockserver.contract.whose import is_number, marked, ranked, texts
from mockserver.engine.media import is_json
from mockserver.engine.spec import Operation
from mockserver.errors import pointer_to

if TYPE_CHECKING:
    from mockserver.contract.session import Session

KNOWN_OTHERS = 50_000
MISSING = object()


@dataclass(slots=True)
class Narrowing:
    """Takes what is others' out of answers, on all sides alike.

    Of a list those items are left whose key the run knows to be its own; what an envelope tells
    beside a list that has others' items, or may have been cut, is masked. ``fixed`` are keys of
    records that the reference has from the beginning, of which a server has others; ``natural``
    those that the run chose itself; ``counting`` are reads whose answers others' records change.
    ``kinds`` are of operations the places of the collections they are about, where keys count.
    """

    keys: frozenset[str]
    fixed: frozenset[str]
    natural: Container[str]
    noise: Counter[tuple[str, str]]
    counting: frozenset[str] = frozenset()
    kinds: Mapping[str, int] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)
    _last: tuple[Answered | None, Any] = (None, None)

    def answers(
        self, session: Session, call: tuple[Sent, Operation], answers: Answers, *, wrote: bool
    ) -> Answers:
        """The answers as they may be compared; whether the reference ``wrote``."""
        a, b, t = answers
        sent, operation = call
        if not isinstance(a, Answered) or not isinstance(t, Answered):
            return answers
        t = with_limits(t, a)
        answers = (a, b, t)
        both = a.status == t.status and a.status < 400  # noqa: PLR2004 - refusals tell of nobody
        if not both or not (is_json(a.media_type) and is_json(t.media_type)):
            return answers
        try:
            values = orjson.loads(a.body), self._parsed(t)
            other = orjson.loads(b.body) if isinstance(b, Answered) else MISSING
        except orjson.JSONDecodeError:
            return answers
        least = shown_at_least(sent, operation) if is_paged(sent, operation) else None
        walk = _Walk(self, session, operation, wrote=wrote, least=least)
        found = walk.narrowed(values[0], other, values[1])
        second = _with(b, found[1]) if isinstance(b, Answered) else b
        return _with(a, found[0]), second, _with(t, found[2])

    def _parsed(self, t: Answered) -> Any:
        """The value of a server's answer, which is looked at twice."""
        if self._last[0] is not t:
            self._last = (t, orjson.loads(t.body))
        return self._last[1]

    def remember(self, key: Any, like: Any) -> None:
        """Keep the key of a record that is somebody else's."""
        if isinstance(key, str | int) and len(self.others) < KNOWN_OTHERS:
            self.others.add(marked(key, like))

    def is_others(self, key: Any, like: Any) -> bool:
        """Whether a key of the server, of a kind ``like`` one of the reference's, is others'."""
        return marked(key, like) in self.others


def _with(answer: Answered, value: Any) -> Answered:
    return replace(answer, body=orjson.dumps(value))


class _Walk:
    """One call's answers, walked together.

    ``least`` is how many items a list shows that may be cut; None for one that never is.
    """

    def __init__(
        self,
        narrowing: Narrowing,
        session: Session,
        operation: Operation,
        *,
        wrote: bool,
        least: int | None,
    ) -> None:
        self._narrowing = narrowing
        self._session = session
        self._operation = operation
        self._wrote = wrote
        self._paged = least is not None
        self._least = least or 0
        self._lengths: dict[int, int] = {}
        self._lists = 0
        self._crowded = self._paged or operation.id in narrowing.counting

    def narrowed(self, a: Any, b: Any, t: Any) -> tuple[Any, Any, Any]:
        """The three bodies without what is others'. The second may be :data:`MISSING`."""
        found = self._value(a, b, t, ())
        counts = self._lists or self._operation.id in self._narrowing.counting
        if not self._crowded or not counts or self._wrote:
            return found
        return found[0], *(self._told(found[0], side, ()) for side in found[1:])

    def _value(self, a: Any, b: Any, t: Any, path: tuple[Any, ...]) -> tuple[Any, Any, Any]:
        if isinstance(a, dict) and isinstance(t, dict):
            return self._object(a, b, t, path)
        if isinstance(a, list) and isinstance(t, list):
            return self._list(a, b, t, path)
        return a, b, self._leaf(a, t)

    def _leaf(self, a: Any, t: Any) -> Any:
        """A value of the server; a fixed key of the reference is another one there."""
        return a if isinstance(a, str) and isinstance(t, str) and self._is_fixed(a) else t

    def _is_fixed(self, key: Any) -> bool:
        return str(key) in self._narrowing.fixed

    def _object(self, a: Any, b: Any, t: Any, path: tuple[Any, ...]) -> tuple[Any, Any, Any]:
        key = key_of(a, self._narrowing.keys)
        if key is not a and isinstance(key, str | int) and not self._is_own_a(a):
            self._mask(path)
            return a, a, a
        of_t = key_of(t, self._narrowing.keys)
        told = key is not a and isinstance(of_t, str | int)
        if told and self._narrowing.is_others(of_t, key):
            self._mask(path)
            return a, a, a
        if key is not a and isinstance(key, str | int):
            return a, b, self._of_own(a, t)
        if self._is_by_key(a, t):
            return self._by_key(a, b, t)
        made = dict(a), dict(b) if isinstance(b, dict) else b, dict(t)
        for name, value in a.items():
            if name in t:
                of_b = b.get(name, MISSING) if isinstance(b, dict) else MISSING
                parts = self._value(value, of_b, t[name], (*path, name))
                for side, part in zip(made, parts, strict=True):
                    if part is not MISSING and isinstance(side, dict):
                        side[name] = part
        return made

    def _of_own(self, a: Any, t: Any) -> Any:
        """A record of the run, with the reference's fixed keys in the place of the server's."""
        if not self._narrowing.fixed:
            return t
        if isinstance(a, dict) and isinstance(t, dict):
            key = key_of(a, self._narrowing.keys)
            if isinstance(key, str) and self._is_fixed(key):
                return a
            return {n: self._of_own(a[n], item) if n in a else item for n, item in t.items()}
        if isinstance(a, list) and isinstance(t, list) and len(a) == len(t):
            return [self._of_own(*pair) for pair in zip(a, t, strict=True)]
        return self._leaf(a, t)

    def _is_by_key(self, a: Any, t: Any) -> bool:
        """Whether the members of an object are called by keys of records."""
        if a:
            return all(name in self._session.a.issued for name in a)
        return bool(t) and all(LIKE_A_KEY.fullmatch(name) for name in t)

    def _by_key(self, a: Any, b: Any, t: Any) -> tuple[Any, Any, Any]:
        """An object by keys: places in a list count among the run's own."""
        if isinstance(b, dict):
            b = ranked(b, {name for name in b if name in self._session.b.issued})
        like = next(iter(a), None)
        own = {name for name in t if self._is_own_t(name, like)}
        self._crowded = self._crowded or len(own) < len(t)
        self._lists += 1
        return a, b, ranked(t, own)

    def _list(self, a: Any, b: Any, t: Any, path: tuple[Any, ...]) -> tuple[Any, Any, Any]:
        self._lists += 1
        mine = [item for item in a if self._is_own_a(item)]
        like = self._like(mine, path)
        said = self._said(mine)
        its = [x for x in t if self._is_own_t(x, like) or self._key(x) in said]
        if not mine and not its and self._keyless(a) and self._keyless(t):
            return self._plain_list(a, b, t, path)
        if len(its) < len(t):
            self._remember(t, its, like)
        mine, its = self._unnamed((mine, its), t, like)
        if len(its) < len(t):
            self._crowded = True
        if isinstance(b, list):
            b = [item for item in b if self._is_own_b(item)]
        if self._paged and not self._wrote:
            mine, its, b = self._in_both((mine, its), b, like, whole=len(a) < self._least)
        self._lengths[len(t)] = len(its)
        return mine, b, self._aligned(mine, its) if self._narrowing.fixed else its

    def _said(self, mine: Any) -> set[Any]:
        """What the run's own items are called by that no server gave out: it was sent, or is fixed.

        Those of the server are called the same.
        """
        issued = self._session.a.issued
        return {key for item in mine if (key := self._key(item)) is not None and key not in issued}

    def _key(self, item: Any) -> str | int | None:
        """What an item is called by; None where it has no key."""
        key = key_of(item, self._narrowing.keys)
        return key if isinstance(key, str | int) else None

    def _like(self, mine: Any, path: tuple[Any, ...]) -> Any:
        """A key of the records in a list: one of them, or one of what the operation is about."""
        for item in mine:
            key = self._key(item)
            if key is not None:
                return key
        inner = any(isinstance(step, int) for step in path)
        return None if inner else one_of(self._narrowing.kinds.get(self._operation.id))

    def _keyless(self, items: Any) -> bool:
        """Whether nothing in a list tells whose it is: words, numbers, or sums over records."""
        for item in items:
            key = key_of(item, self._narrowing.keys)
            if isinstance(item, dict | list) and key is item:
                continue
            if isinstance(item, dict) or str(item) in self._narrowing.others:
                return False
        return True

    def _plain_list(self, a: Any, b: Any, t: Any, path: tuple[Any, ...]) -> tuple[Any, Any, Any]:
        """A list that may be added to by others: what is expected has to be in it."""
        if any(kind_of(leaf) is not None for _, leaf in leaves(a)):
            self._mask(path)  # whose they are is told by numbers that mean nothing elsewhere
            return a, a if b is not MISSING else b, a
        expected, there = Counter(map(_frozen, a)), Counter(map(_frozen, t))
        if len(t) > len(a) and not expected - there:
            self._mask(path)
            return a, a if b is not MISSING else b, a
        return a, b, t

    def _remember(self, t: Any, its: Any, like: Any) -> None:
        own = {id(item) for item in its}
        for item in t:
            if id(item) not in own and not self._wrote:
                self._narrowing.remember(key_of(item, self._narrowing.keys), like)

    def _unnamed(self, sides: tuple[Any, Any], t: Any, like: Any) -> tuple[Any, Any]:
        """Records that appear for the first time: those a write answers, else none.

        Others' new records cannot be told from the run's own in a list that is read.
        """
        names, (mine, its) = self._session.names, sides
        waiting = [item for item in mine if not self._is_named(item)]
        if not waiting:
            return mine, its
        if self._wrote:
            narrowing = self._narrowing
            return mine, [x for x in t if not narrowing.is_others(key_of(x, narrowing.keys), like)]
        told = [
            item for item in waiting if any(names.find(leaf) is not None for leaf in texts(item))
        ]
        left = {id(item) for item in waiting} - {id(item) for item in told}
        return [item for item in mine if id(item) not in left], its

    def _is_named(self, item: Any) -> bool:
        key = self._key(item)
        return key is None or self._session.names.find(key) is not None

    def _in_both(
        self, sides: tuple[Any, Any], b: Any, like: Any, *, whole: bool
    ) -> tuple[Any, Any, Any]:
        """Of a page what is on both sides: others' records moved the rest to other pages.

        Where the run's own records are on a ``whole`` page, no other of them belongs there.
        """
        mine, its = sides
        both = {self._number(item) for item in mine} & {self._number_t(item, like) for item in its}
        mine = [item for item in mine if self._number(item) in both]
        its = [item for item in its if whole or self._number_t(item, like) in both]
        if isinstance(b, list):
            names, keys = self._session.names, self._narrowing.keys
            known = {str(names[n].b) for n in both if n is not None}
            b = [item for item in b if str(key_of(item, keys)) in known]
        return mine, its, b

    def _aligned(self, mine: Any, its: Any) -> Any:
        """The server's items with the reference's fixed keys in the place of its own."""
        known = {number: item for item in mine if (number := self._number(item)) is not None}
        made = []
        for index, item in enumerate(its):
            number = self._number_t(item, self._like(mine, ()))
            match = None if number is None else known.get(number)
            if match is None and len(mine) == len(its):
                match = mine[index]
            made.append(item if match is None else self._of_own(match, item))
        return made

    def _number(self, item: Any) -> int | None:
        """The number of the name of an item of the reference; None for one that has none yet."""
        key = self._key(item)
        return None if key is None else self._session.names.find(key)

    def _number_t(self, item: Any, like: Any) -> int | None:
        key = self._key(item)
        return None if key is None else self._session.names.of_server(key, like)

    def _is_own_a(self, item: Any) -> bool:
        return self._is_own(item, self._session.a.issued)

    def _is_own_b(self, item: Any) -> bool:
        return self._is_own(item, self._session.b.issued)

    def _is_own(self, item: Any, issued: Any) -> bool:
        """By its key, or, where that is nobody's, because a key of the run's is in it."""
        key, natural = self._key(item), self._narrowing.natural
        if key is not None:
            if key in issued or str(key) in natural:
                return True
            if not isinstance(item, dict) or self._is_fixed(key):
                return False
        return any(text in issued or text in natural for text in texts(item))

    def _is_own_t(self, item: Any, like: Any) -> bool:
        """By its key, or because a key of the run's is in it."""
        key = self._key(item)
        if key is not None:
            known = self._session.names.of_server(key, like) is not None
            if known or str(key) in self._narrowing.natural:
                return True
            if self._narrowing.is_others(key, like):
                return False
        return isinstance(item, dict) and self._speaks_of_own(item)

    def _speaks_of_own(self, item: Any) -> bool:
        """Whether the first known key in an item is one of the run's."""
        names, natural = self._session.names, self._narrowing.natural
        for text in texts(item):
            if names.of_server(text) is not None or text in natural:
                return True
            if text in self._narrowing.others:
                return False
        return False

    def _told(self, a: Any, other: Any, path: tuple[Any, ...]) -> Any:
        """What an envelope tells beside a list that has others' items, as far as it is known."""
        if not isinstance(a, dict) or not isinstance(other, dict):
            return other
        if key_of(a, self._narrowing.keys) is not a:
            return other
        made = dict(other)
        for name, value in a.items():
            if name not in other or isinstance(value, list):
                continue
            if isinstance(value, dict):
                made[name] = self._told(value, other[name], (*path, name))
            else:
                made[name] = self._scalar(value, other[name], (*path, name))
        return made

    def _scalar(self, a: Any, other: Any, path: tuple[Any, ...]) -> Any:
        """A count is at least that of the run's own; of anything else its type is known."""
        if a == other:
            return other
        if is_number(a) and is_number(other):
            if self._lengths.get(other) == a or other > a or self._paged:
                self._mask(path)
                return a
            return other
        if a is None or other is None or type(a) is type(other):
            self._mask(path)
            return a
        return other

    def _mask(self, path: tuple[Any, ...]) -> None:
        self._narrowing.noise[self._operation.id, normal(pointer_to(path))] += 1


def _frozen(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
