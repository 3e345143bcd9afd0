"""Realistic texts and numbers for what a name tells."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from random import Random
from typing import Any
from uuid import UUID

Maker = Callable[["Naming"], Any]


def _listed(text: str) -> list[str]:
    return text.split()


_WORDS = _listed("""
    amber autumn basket bright bridge candle canyon cedar citrus clear cloud cobalt copper coral
    crystal desert early ember field forest garden gentle golden granite harbor harvest hidden
    hollow island ivory jasmine lantern lemon linen lively lunar maple marble meadow mellow mist
    morning mountain north ocean olive orchid paper pebble pine planet prairie quiet rapid river
    rustic saffron sandy silver simple spring steady stone summer sunny swift timber topaz velvet
    violet walnut warm water willow winter woven
""")
_NEWEST = datetime(2025, 6, 30, tzinfo=UTC)
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PERSONS = frozenset(
    _listed("""
    user person people customer owner author contact member employee assignee creator recipient
    sender patient student teacher driver passenger actor artist player guest agent manager
    account holder candidate applicant reviewer admin lead participant profile
""")
)
_PLACES = ("country", "city", "state")
_FIRMS = frozenset(
    _listed("""
    company organization organisation vendor merchant business supplier publisher employer brand
    manufacturer client tenant
""")
)


def words_of(name: str) -> list[str]:
    """The words of a name in camel case, snake case or any other, in lower case."""
    return [part.lower() for part in _PART.findall(name)]


class Naming:
    """Makes what a name asks for; everything it makes follows from two seeds.

    ``seed`` is that of the value, ``owner`` that of the object it is a member of: the same owner
    gives the same person and the same dates, so that a name and an e-mail address agree.
    """

    def __init__(self) -> None:
        self._seed = self._owner = 0
        self._context: Sequence[str] = ()

    @cached_property
    def _providers(self) -> Any:
        # 70 ms, and only what has names needs it.
        from mimesis import Address, Finance, Internet, Person  # noqa: PLC0415
        from mimesis.locales import Locale  # noqa: PLC0415
        from mimesis.random import Random as Source  # noqa: PLC0415

        source = Source()
        kinds = {"address": Address, "person": Person, "finance": Finance}
        made = {name: kind(Locale.EN, random=source) for name, kind in kinds.items()}
        return {**made, "internet": Internet(random=source), "source": source}

    @cached_property
    def random(self) -> Random:
        """The source of chance, seeded anew for each value."""
        return Random()  # noqa: S311 - nothing secret is made

    def suiting(
        self, topics: Mapping[str, tuple[Maker, ...]], names: Sequence[str], seed: int, owner: int
    ) -> Iterator[Any]:
        """What suits the last of ``names``, the likeliest first; nothing if it is no topic."""
        words = words_of(names[-1]) if names else []
        found = next((makers for key in _keys(words) if (makers := topics.get(key))), ())
        for maker in found:
            self.about(names, seed, owner)
            yield maker(self)

    def about(self, names: Sequence[str], seed: int, owner: int) -> None:
        """Turn to one value: its name with the names around it, its seed and its owner's."""
        self._context, self._seed, self._owner = names, seed, owner
        self.random.seed(seed)

    def use(self, kind: str, method: str, seed: int | None = None) -> Any:
        """What a provider of mimesis makes of the seed."""
        self._providers["source"].seed(self._seed if seed is None else seed)
        return getattr(self._providers[kind], method)()

    def words(self, count: int) -> list[str]:
        """Plain English words."""
        return self.random.sample(_WORDS, count)

    def title(self) -> str:
        """A short title."""
        return " ".join(self.words(2)).title()

    def sentence(self) -> str:
        """A sentence."""
        return " ".join(self.words(self.random.randint(5, 9))).capitalize() + "."

    def slug(self) -> str:
        """Words in lower case joined by hyphens."""
        return "-".join(self.words(2))

    def token(self, length: int = 12) -> str:
        """Hexadecimal digits."""
        return f"{self.random.getrandbits(4 * length):0{length}x}"

    def uuid(self) -> str:
        """A UUID of version 4 (RFC 9562)."""
        return str(UUID(int=self.random.getrandbits(128), version=4))

    def name(self) -> str:
        """A name of what the nearest telling name in the context is."""
        for around in reversed(self._context):
            words = {word.removesuffix("s") for word in words_of(around)}
            if words & _PERSONS:
                return f"{self.first_name()} {self.last_name()}"
            if words & _FIRMS:
                return str(self.use("finance", "company"))
            place = next((name for name in _PLACES if name in words), None)
            if place:
                return str(self.use("address", place))
        return self.title()

    def first_name(self) -> str:
        """The first name of the owner."""
        return str(self.use("person", "first_name", self._owner))

    def last_name(self) -> str:
        """The last name of the owner."""
        return str(self.use("person", "last_name", self._owner + 1))

    def username(self) -> str:
        """A user name made of the owner's name."""
        return f"{self.first_name()}.{self.last_name()}".lower().replace("'", "")

    def email(self) -> str:
        """An address in a domain that nobody has (RFC 2606)."""
        return f"{self.username()}@example.com".replace(" ", "")

    def url(self, path: str = "", ending: str = "") -> str:
        """A URL in a domain that nobody has."""
        return f"https://example.com/{path}{self.slug()}{ending}"

    def past(self, later: int = 0) -> datetime:
        """A moment of the owner's: ``later`` 0 its creation, 1 its change, 2 its end."""
        owned = Random(self._owner)  # noqa: S311
        moment = _NEWEST - timedelta(seconds=owned.randint(40 * 86400, 900 * 86400))
        days = (0, 40, 365)
        for day in days[1 : later + 1]:
            moment += timedelta(seconds=owned.randint(1, day * 86400))
        return moment

    def instants(self, later: int = 0) -> Iterator[str]:
        """A moment as RFC 3339 writes it, and its day."""
        moment = self.past(later)
        yield moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        yield moment.strftime("%Y-%m-%d")
        yield moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        yield moment.strftime("%Y-%m-%dT%H:%M:%S")
        yield moment.strftime("%Y-%m-%d %H:%M:%S")

    def birthday(self) -> str:
        """A day decades ago."""
        day = datetime(1950, 1, 1, tzinfo=UTC) + timedelta(days=self.random.randint(0, 20_000))
        return day.strftime("%Y-%m-%d")

    def decimal(self, low: float, high: float, places: int = 2) -> float:
        """A number with some decimal places."""
        return round(self.random.uniform(low, high), places)


def _keys(words: list[str]) -> Iterator[str]:
    """The ends of a name, the longest first, then in the singular."""
    for start in range(len(words)):
        key = "".join(words[start:])
        yield key
        if key.endswith("s"):
            yield key[:-1]
