"""One value built from the shapes of its places."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from random import Random
from typing import Any

from mockserver.engine.values.filling import Filling
from mockserver.engine.values.hints import hint_of
from mockserver.engine.values.merging import Merger
from mockserver.engine.values.patterns import Pattern
from mockserver.engine.values.plans import UNTOLD, DeadEnd, Exhausted, Place, Plan
from mockserver.engine.values.ranking import likeness, weight
from mockserver.engine.values.scalars import Impossible, Scalars, Wish
from mockserver.engine.values.shapes import Shape, Sources, Union, kind_of

MAX_ITEMS = 2_000
"""Items that an array has at most, whatever ``minItems`` asks for."""

_STEPS = 10_000
_DEEP = 6
_NESTED = 2
_ENDLESS = 8
_BOTTOM = 80
_SHARE = 0.85
_EXTRA = 2
_TURNS = 300
_MIXED = 2654435761
_AGAIN = -2
_STRICT = 2  # From so many refusals on, one branch of oneOf excludes the others.
_WAYS = 4  # Refused objects and arrays are made in so many ways in turn.
_SOME, _FEW, _EMPTY = 1, 2, 3


class Builder:
    """Builds values of one schema document."""

    def __init__(self, merger: Merger) -> None:
        self._merger = merger
        self._scalars = Scalars()
        self._random = Random()  # noqa: S311 - nothing secret is made
        self._plan = Plan()
        self._steps = self._left = 0

    def begin(self, steps: int) -> None:
        """Allow so many steps for the tries that follow, all together."""
        self._left = steps

    @property
    def spent(self) -> bool:
        """Whether no steps are left."""
        return self._left <= 0

    def build(self, sources: Sources, place: Place, plan: Plan) -> Any:
        """A value that follows the plan.

        Raises DeadEnd where there is none, and Exhausted when too much was tried.
        """
        allowed = min(_STEPS, self._left)
        self._plan, self._steps = plan, allowed
        try:
            return self._build(sources, place)
        finally:
            self._left -= allowed - max(0, self._steps)

    def _build(self, sources: Sources, place: Place) -> Any:
        self._steps -= 1
        if self._steps < 0:
            raise Exhausted
        key = place.trail[-1] if place.trail else ()
        if place.trail.count(key) > _ENDLESS or len(place.path) > _BOTTOM:
            raise DeadEnd(place.path, "$ref")
        dead: DeadEnd | None = None
        for shape in self._merger.resolutions(sources, self._order(sources, place)):
            for kind, here in self._kinds(shape, place):
                try:
                    return self._of_kind(shape, kind, here)
                except Impossible as error:
                    dead = dead or DeadEnd(place.path, error.rule)
                except DeadEnd as error:
                    dead = dead or error
            dead = dead or DeadEnd(place.path, shape.rule)
        if self._plan.lenient:
            return None if place.hint is UNTOLD else place.hint
        raise dead or DeadEnd(place.path, "false")

    def _variant(self, place: Place) -> int:
        return self._plan.variants.get(place.path, 0)

    def _order(self, sources: Sources, place: Place) -> Callable[[Union], list[int]]:
        """How the branches of a union are tried at a place.

        What looks like the hint comes first; then the declared order, turned on from record to
        record; where it is deep, simple ones. Refused values make ``oneOf`` strict.
        """
        variant = self._variant(place)
        hint = hint_of(self._merger.shape(sources), place.hint, self._plan.number)

        def order(union: Union) -> list[int]:
            count = len(union.branches)
            indexes = list(range(count))
            if union.key[1] in ("anyOf", "oneOf"):
                turn = self._turned(place, variant, count)
                indexes = indexes[turn:] + indexes[:turn]
                ranks = [
                    self._rank(each, hint if variant == 0 else UNTOLD, place)
                    for each in union.branches
                ]
                indexes.sort(key=ranks.__getitem__)
            elif variant > 1 and count > 1:
                indexes = indexes[variant % count :] + indexes[: variant % count]
            strict = union.strict and variant >= _STRICT
            return [index + count for index in indexes] if strict else indexes

        return order

    def _turned(self, place: Place, variant: int, count: int) -> int:
        if place.turn is not None:
            return (place.turn * _MIXED >> 7) % count
        if variant > _STRICT:
            return (variant - _STRICT) % count
        return 0 if self._plan.number == 0 else place.seed % count

    def _rank(self, branch: Any, hint: Any, place: Place) -> int:
        if place.turn is not None:
            return 0
        shape = self._merger.shape((branch,))
        if hint is not UNTOLD:
            return -likeness(self._merger, shape, hint)
        if self._deep(place):
            return weight(shape)
        return 1 if shape.kinds == ["null"] else 0

    def _kinds(self, shape: Shape, place: Place) -> Iterator[tuple[str, Place]]:
        kinds = shape.kinds
        if place.turn is not None and len(kinds) > 1:
            turn, first = divmod(place.turn, len(kinds))
            place = replace(place, turn=turn)
            kinds = kinds[first:] + kinds[:first]
        elif len(kinds) > 1:
            kinds = self._preferred(shape, kinds, place)
        return ((kind, place) for kind in kinds)

    def _preferred(self, shape: Shape, kinds: list[str], place: Place) -> list[str]:
        hint = UNTOLD if self._variant(place) else hint_of(shape, place.hint, self._plan.number)
        asked = "" if hint is UNTOLD else kind_of(hint)
        variant = max(0, self._variant(place) - _STRICT) % len(kinds)
        ordered = kinds[variant:] + kinds[:variant]
        if not place.path and "object" in kinds and not shape.declared:
            asked = asked or "object"
        listed = shape.options is not None
        null_last = listed or self._plan.number == 0 or place.seed % 10 > 0
        return sorted(
            ordered,
            key=lambda kind: (kind != asked, kind == "null" if null_last else kind != "null"),
        )

    def _of_kind(self, shape: Shape, kind: str, place: Place) -> Any:
        if kind in ("object", "array") and shape.options is not None:
            listed = [each for each in shape.choices if kind_of(each) == kind]
            first = self._plan.number == 0 and place.turn is None
            turn = 0 if first else place.seed if place.turn is None else place.turn
            return listed[(turn + self._variant(place)) % len(listed)]
        if kind == "object":
            return self._object(shape, place)
        if kind == "array":
            return self._array(shape, place)
        variant = self._variant(place)
        number = self._plan.number
        wish = Wish(
            place.names, place.seed + variant, place.owner, hint_of(shape, place.hint, number),
            place.turn, plain=variant > 0, first=number == 0 and variant == 0,
        )  # fmt: skip
        return self._scalars.make(shape, kind, wish)

    def _deep(self, place: Place) -> bool:
        return place.room < 1 or len(place.path) > _DEEP or self._plan.only_required

    # Objects

    def _object(self, shape: Shape, place: Place) -> dict[str, Any]:
        hint = UNTOLD if self._variant(place) else hint_of(shape, place.hint, self._plan.number)
        hints = hint if isinstance(hint, Mapping) else {}
        names = list(self._members(shape, place, hint if isinstance(hint, Mapping) else None))
        made: dict[str, Any] = {}
        room = (place.room - 1) / max(1, len(names))
        place = replace(place, names=(*place.names, *shape.components[:1]))
        for name in names:
            self._member(shape, place, made, name, (room, hints.get(name, UNTOLD)))
        least = shape.bound("minProperties", 0)
        for name in self._further(shape, made) if len(made) < least else ():
            self._member(shape, place, made, name, (room, UNTOLD))
            if len(made) >= least:
                break
        if len(made) < least:
            raise DeadEnd(place.path, "minProperties")
        return made

    def _member(
        self, shape: Shape, place: Place, made: dict[str, Any], name: str,
        share: tuple[float, Any],
    ) -> None:  # fmt: skip
        sources = shape.properties.get(name) or shape.member(name)
        if sources is None:
            return
        key = self._merger.canonical(sources)
        if name not in shape.required and place.trail.count(key) >= _NESTED and key:
            return
        below = place.below(name, *share, key)
        tagged = (*sources, self._merger.constant(shape.tags[name])) if name in shape.tags else ()
        for each in (tagged, sources) if tagged else (sources,):
            try:
                made[name] = self._build(each, below)
                return
            except DeadEnd:
                if each is sources and name in shape.required:
                    raise
            if name not in shape.required and not self._variant(place):
                return  # Better no discriminator than one that names none of the schemas.

    def _members(self, shape: Shape, place: Place, hint: Any) -> Iterator[str]:
        """The names of the members to make, in their declared order."""
        most = shape.bound("maxProperties", 1 << 30) - len(shape.required)
        wanted = self._wanted(shape, place, hint)
        for name in shape.properties:
            if name in shape.required:
                yield name
            elif most > 0 and wanted(name) and not self._marked(shape, name):
                most -= 1
                yield name
        others = (name for name in {**(hint or {}), **shape.tags} if name not in shape.properties)
        for name in (*others, *self._open(shape, place, hint)):
            if most > 0 and shape.member(name) is not None and self._named(shape, name):
                most -= 1
                yield name

    def _wanted(self, shape: Shape, place: Place, hint: Any) -> Callable[[str], bool]:
        variant = self._variant(place)
        if place.room < len(shape.properties) or self._deep(place) or variant % _WAYS == _FEW:
            return lambda name: name in shape.tags
        if hint:
            return lambda name: name in hint or name in shape.tags
        if variant % _WAYS != _SOME:
            return lambda name: self._named(shape, name)
        self._random.seed(place.seed + variant)
        return lambda name: self._random.random() < _SHARE and self._named(shape, name)

    def _marked(self, shape: Shape, name: str) -> bool:
        marks = self._plan.marks
        return bool(marks and marks & self._merger.shape(shape.properties[name]).marks)

    def _named(self, shape: Shape, name: str) -> bool:
        """Whether ``propertyNames`` allows a name."""
        return all(self._merger.shape((rule,)).fits(name) for rule in shape.names)

    def _open(self, shape: Shape, place: Place, hint: Any) -> Iterator[str]:
        """Names for a map: an object that declares no members but says what they are."""
        if shape.properties or hint or self._deep(place):
            return
        if any(members.patterns or _says(members.rest) for members in shape.members):
            for count, name in enumerate(self._further(shape, {})):
                if count == _EXTRA:
                    break
                yield name

    def _further(self, shape: Shape, made: Mapping[str, Any]) -> Iterator[str]:
        """More names that an object may have, beyond those it has."""
        for name in shape.properties:
            if name not in made and not self._marked(shape, name) and self._named(shape, name):
                yield name
        seen = {*made, *shape.properties}
        for name in self._invented(shape):
            if name not in seen and shape.member(name) is not None and self._named(shape, name):
                seen.add(name)
                yield name

    def _invented(self, shape: Shape) -> Iterator[str]:
        for members in shape.members:
            for pattern in members.patterns:
                yield from Pattern(pattern).texts(Random(len(shape.names)), 1, 40)  # noqa: S311
        for rule in shape.names:
            yield from self._fitting_names(self._merger.shape((rule,)))
        yield from ("alpha", "beta", "gamma", "delta", "epsilon", "zeta")
        yield from (f"member{number}" for number in range(MAX_ITEMS))

    def _fitting_names(self, shape: Shape) -> Iterator[str]:
        for turn in range(_TURNS):
            try:
                name = self._scalars.make(shape, "string", Wish((), turn, 0, UNTOLD, turn))
            except Impossible:
                return
            yield name

    # Arrays

    def _array(self, shape: Shape, place: Place) -> list[Any]:
        hint = UNTOLD if self._variant(place) else hint_of(shape, place.hint, self._plan.number)
        hints = hint if isinstance(hint, list) else [hint] if isinstance(hint, str | int) else []
        filling = Filling(shape, hints)
        least = max(shape.bound("minItems", 0), filling.largest)
        if least > MAX_ITEMS:
            raise DeadEnd(place.path, "minItems")
        size = self._size(shape, place, len(hints), least)
        room = (place.room - 1) / max(1, size)
        for index in range(shape.most_items):
            if index >= max(size, least) and not filling.unmet:
                break
            try:
                filling.made.append(self._item(filling, place, index, room))
            except DeadEnd:
                if index < least or filling.unmet:
                    raise
                break
        return filling.made

    def _size(self, shape: Shape, place: Place, hinted: int, least: int) -> int:
        sources = shape.item(0)
        key = self._merger.canonical(sources) if sources else ()
        if (key and place.trail.count(key) >= _NESTED) or self._deep(place):
            return least
        variant = self._variant(place)
        if hinted:
            wanted = min(hinted, int(place.room) + 1)
        else:
            prefix = max((len(rows.prefix) for rows in shape.rows), default=0)
            usual = 2 if self._plan.number == 0 else 1 + place.seed % 3
            wanted = 0 if variant % _WAYS == _EMPTY else prefix or usual
        return max(least, min(shape.most_items, wanted))

    def _item(self, filling: Filling, place: Place, index: int, room: float) -> Any:
        sources = filling.shape.item(index)
        if sources is None:
            raise DeadEnd((*place.path, index), "items")
        hint = filling.hints[index] if index < len(filling.hints) else UNTOLD
        below = place.below(index, room, hint, self._merger.canonical(sources))
        dead: DeadEnd | None = None
        for chosen, extra in filling.ways(late=self._variant(place) % 2 == 1):
            try:
                made = self._distinct((*sources, *extra), below, filling)
            except DeadEnd as error:
                dead = dead or error
            else:
                filling.meet(chosen)
                return made
        raise dead or DeadEnd(below.path, "contains")

    def _distinct(self, sources: Sources, below: Place, filling: Filling) -> Any:
        """An item that is not there yet, where items must be unique."""
        if not filling.shape.unique:
            return self._build(sources, below)
        for turn in range(_AGAIN, _TURNS):
            here = below
            if turn > _AGAIN:
                here = replace(below, hint=UNTOLD, turn=None if turn < 0 else turn)
                here = replace(here, seed=below.seed + 1)
            made = self._build(sources, here)
            if filling.take(made):
                return made
        raise DeadEnd(below.path[:-1], "uniqueItems")


def _says(rest: Any) -> bool:
    return isinstance(rest, Mapping) and bool(rest)
