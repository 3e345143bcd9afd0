"""Texts, numbers, truth values and listed values for a shape."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, permutations
from random import Random
from typing import Any

from mockserver.engine.values.formats import format_texts
from mockserver.engine.values.hints import scalars, varied
from mockserver.engine.values.naming import Naming
from mockserver.engine.values.patterns import Pattern
from mockserver.engine.values.plans import UNTOLD
from mockserver.engine.values.shapes import Shape
from mockserver.engine.values.topics import NUMBERS, TEXTS

MAX_TEXT = 100_000
"""The longest text that is made, whatever ``minLength`` asks for."""

_SHORT = 9
_STEPS = 1_000
_FAR = 1_000
_JOINED = 10
_PROOFS = 3


class Impossible(Exception):
    """No value satisfies a shape; ``rule`` is the keyword that stands in the way."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule


@dataclass(slots=True)
class Wish:
    """What one scalar shall be like.

    ``names`` leads from the root to it, ``seed`` and ``owner`` decide it, ``hint`` is an example
    for it. ``turn`` counts through the values where distinct ones are asked for, ``plain`` tells
    to leave examples aside, and ``first`` to take them as they are.
    """

    names: Sequence[str]
    seed: int
    owner: int
    hint: Any = UNTOLD
    turn: int | None = None
    plain: bool = False
    first: bool = True


class Scalars:
    """Makes scalars; one source of chance, seeded for each value."""

    def __init__(self) -> None:
        self._random = Random()  # noqa: S311 - nothing secret is made
        self._naming = Naming()
        self._patterns: dict[str, Pattern] = {}

    def make(self, shape: Shape, kind: str, wish: Wish) -> Any:
        """A value of a kind that satisfies the shape.

        Raises :class:`Impossible` when none was found.
        """
        if kind == "null":
            return None
        self._random.seed(wish.seed)
        if shape.options is not None:
            return self._option(shape, kind, wish)
        for value in self._hinted(shape, kind, wish):
            if shape.fits(value):
                return value
        if kind == "boolean":
            return self._truth(shape, wish)
        return self._text(shape, wish) if kind == "string" else self._number(shape, kind, wish)

    def _hinted(self, shape: Shape, kind: str, wish: Wish) -> Iterator[Any]:
        if wish.plain or wish.turn is not None:
            return
        for value in scalars(shape, wish.hint, kind):
            if wish.first:
                yield value
            else:
                yield from self._other(shape, kind, value, wish)

    def _other(self, shape: Shape, kind: str, example: Any, wish: Wish) -> Iterator[Any]:
        """Further values beside an example: of its look, or of what the name tells."""
        if kind == "boolean":
            yield bool(self._random.getrandbits(1))
            return
        other = varied(example, self._random)
        if other != example:
            yield other
        elif kind == "string":
            yield from self._naming.suiting(TEXTS, wish.names, wish.seed, wish.owner)
            for name in shape.formats:
                yield from self._formatted(name, shape, wish)
        yield example

    def _option(self, shape: Shape, kind: str, wish: Wish) -> Any:
        options = shape.choices
        if wish.turn is not None:
            return options[wish.turn % len(options)]
        usual = [option for option in options if option is not None] or options
        if not wish.first:
            return self._random.choice(usual)
        hinted = () if wish.plain else (wish.hint, *shape.examples, shape.default)
        return next((hint for hint in hinted if hint in usual), usual[0])

    def _truth(self, shape: Shape, wish: Wish) -> bool:
        value = bool(self._random.getrandbits(1) if wish.turn is None else wish.turn % 2)
        return value if shape.fits(value) else not value

    # Texts

    def _text(self, shape: Shape, wish: Wish) -> str:
        if shape.bound("minLength", 0) > MAX_TEXT:
            raise Impossible("minLength")
        for text in self._texts(shape, wish):
            if shape.fits_text(text):
                return text
        raise Impossible(next((rule for rule in _text_rules(shape)), "minLength"))

    def _texts(self, shape: Shape, wish: Wish) -> Iterator[str]:
        """Texts that may fit, the most telling first."""
        if wish.turn is None or wish.turn % 2:
            yield from self._naming.suiting(TEXTS, wish.names, wish.seed, wish.owner)
        if not (shape.patterns and self._is_hopeless(shape)):
            yield from self._ruled(shape, wish)

    def _is_hopeless(self, shape: Shape) -> bool:
        """Whether its rules contradict each other, found once: certain tries are all in vain."""
        if shape.hopeless is None:
            state = self._random.getstate()
            tries = (Wish((), number, 0, UNTOLD) for number in range(_PROOFS))
            texts = (text for wish in tries for text in self._ruled(shape, wish))
            shape.hopeless = not any(map(shape.fits_text, texts))
            self._random.setstate(state)
        return shape.hopeless

    def _ruled(self, shape: Shape, wish: Wish) -> Iterator[str]:
        """Texts made of what the rules say."""
        shortest = shape.bound("minLength", 0)
        for name in shape.formats:
            yield from self._formatted(name, shape, wish)
        longest = min(shape.bound("maxLength", MAX_TEXT), MAX_TEXT)
        for pattern in shape.patterns:
            yield from self._pattern(pattern).texts(self._random, shortest, longest)
        yield from self._joined(shape)
        self._naming.about(wish.names, wish.seed, wish.owner)
        yield from self._plain(shortest, shape.bound("maxLength", MAX_TEXT), wish)

    def _pattern(self, pattern: str) -> Pattern:
        return self._patterns.setdefault(pattern, Pattern(pattern))

    def _joined(self, shape: Shape) -> Iterator[str]:
        """Texts for two patterns, one of which is open at its end and one at its start."""
        for one, other in permutations(shape.patterns, 2):
            starts = self._pattern(one).texts(self._random, 0, MAX_TEXT)
            ends = self._pattern(other).texts(self._random, 0, MAX_TEXT)
            for start, end in islice(zip(starts, ends, strict=False), _JOINED):
                yield start.ljust(shape.bound("minLength", 0) - len(end), "a") + end

    def _formatted(self, name: str, shape: Shape, wish: Wish) -> Iterator[str]:
        self._naming.about(wish.names, wish.seed, wish.owner)
        yield from format_texts(name, self._naming, shape.bound("minLength", 0))
        yield from self._naming.suiting(TEXTS, (*wish.names, name), wish.seed, wish.owner)

    def _plain(self, shortest: int, longest: int, wish: Wish) -> Iterator[str]:
        """Words, fewer or more as the bounds ask, then single letters."""
        naming = self._naming
        if wish.turn is not None:
            yield self._counted(wish.turn, shortest, longest)
        if longest >= _SHORT:
            words = " ".join(naming.words(2 if longest > 2 * _SHORT else 1))
        else:
            words = naming.words(1)[0][:longest]
        while len(words) < shortest:
            words += " " + naming.sentence()
        yield words
        yield words[:longest].rstrip().ljust(min(shortest, longest), "a")
        yield from ("x" * max(1, shortest), "", "-", "0", "A", " ")
        for size in islice(range(shortest, longest + 1), 40):
            yield "".join(self._random.choices("abcdefgh123-_A", k=size))

    def _counted(self, turn: int, shortest: int, longest: int) -> str:
        """Short texts numbered through, so that as many as asked for are distinct."""
        text = ""
        while turn:
            turn, digit = divmod(turn - 1, 26)
            text += chr(ord("a") + digit)
        return (
            text[:longest].ljust(shortest, "a")
            if len(text) >= shortest
            else text.rjust(shortest, "a")
        )

    # Numbers

    def _number(self, shape: Shape, kind: str, wish: Wish) -> Any:
        if wish.turn is None:
            names = (*wish.names, *shape.formats)
            for each in (names, wish.names):
                for number in self._naming.suiting(NUMBERS, each, wish.seed, wish.owner):
                    if shape.fits(number) and (kind == "fraction" or isinstance(number, int)):
                        return number
        for number in self._numbers(shape, kind, wish):
            if shape.fits(number):
                return number
        raise Impossible("multipleOf" if shape.multiples else "minimum")

    def _numbers(self, shape: Shape, kind: str, wish: Wish) -> Iterator[Any]:
        low, high = _limits(shape)
        step = _step(shape, kind, low, high)
        first, last = math.ceil(low / step), math.floor(high / step)
        if last < first:
            return
        count = last - first + 1
        for attempt in range(12):
            offset = self._random.randrange(count) if wish.turn is None else wish.turn + attempt
            yield _plain_number((first + offset % count) * step)
        for offset in range(min(count, 40)):
            yield _plain_number((first + offset) * step)
            yield _plain_number((last - offset) * step)


def _text_rules(shape: Shape) -> Iterator[str]:
    for rule in ("patterns", "formats"):
        if getattr(shape, rule):
            yield rule.removesuffix("s")
    if shape.unlike or shape.excluded:
        yield "not"


def _limits(shape: Shape) -> tuple[Fraction, Fraction]:
    """The bounds, or usual ones where there are none."""
    lows = [shape.bounds[name] for name in ("minimum", "exclusiveMinimum") if name in shape.bounds]
    highs = [shape.bounds[name] for name in ("maximum", "exclusiveMaximum") if name in shape.bounds]
    width = max([Fraction(_STEPS), *(_STEPS * Fraction(str(step)) for step in shape.multiples)])
    low = Fraction(str(max(lows))) if lows else None
    high = Fraction(str(min(highs))) if highs else None
    if low is not None and low < -_FAR * width and (high is None or high > width):
        low = Fraction(1)  # A bound of the machine's, not of the thing that is counted.
    if low is None:
        low = min(Fraction(1), high - width) if high is not None else Fraction(1)
        low = Fraction(0) if high is not None and high >= 0 > low else low
    if high is None or high > low + _FAR * width:
        high = low + width if high is None else min(high, low + width)
    return low, high


def _step(shape: Shape, kind: str, low: Fraction, high: Fraction) -> Fraction:
    steps = [Fraction(str(step)) for step in shape.multiples]
    if kind == "integer":
        steps.append(Fraction(1))
    if not steps:
        width = high - low
        return Fraction(1, 100) if width >= Fraction(1, 10) else (width / _STEPS or Fraction(1))
    numerator = math.lcm(*(step.numerator for step in steps))
    return Fraction(numerator, math.gcd(*(step.denominator for step in steps)))


def _plain_number(value: Fraction) -> Any:
    return int(value) if value.denominator == 1 else float(value)
