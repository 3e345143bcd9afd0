"""Values of a schema that satisfy it, the same for the same seed."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from threading import Lock
from typing import Any

import jsonschema_rs

from mockserver.engine.values.building import Builder
from mockserver.engine.values.checks import Checks
from mockserver.engine.values.directions import LEFT_OUT, Direction, directed, judgeable
from mockserver.engine.values.merging import Merger
from mockserver.engine.values.plans import DeadEnd, Exhausted, Path, Place, Plan
from mockserver.errors import MockServerError, pointer_to

MAX_STEPS = 20_000
"""Places that are tried for one value before a schema counts as unsatisfiable."""

MAX_TRIES = 40
"""Values that are judged before a schema counts as unsatisfiable."""

FEW_TRIES = 5
"""As many, where for the first value of a schema all of them were in vain."""

_PATIENCE = 7
_MOST_LEARNED = 200
_MOST_ERRORS = 5


class Unsatisfiable(MockServerError):
    """No value of a schema was found.

    ``pointer`` is where in the value the last try broke the ``rule`` (a keyword of JSON Schema),
    and ``value`` the best that was made; it breaks the schema.
    """

    def __init__(self, pointer: str, rule: str, value: Any) -> None:
        super().__init__(f"no value satisfies {rule} at {pointer or 'the root'}")
        self.pointer = pointer
        self.rule = rule
        self.value = value


class Values:
    """Values of one schema.

    ``bundle`` is a self-contained JSON Schema 2020-12 document as
    :meth:`mockserver.engine.schema.Schemas.bundle` makes it, with its annotations: examples and
    defaults are shown where they are valid, ``readOnly``, ``writeOnly`` and ``discriminator`` are
    heeded. It must not change afterwards. Validators are compiled with the first value of each
    direction.
    """

    def __init__(self, bundle: Mapping[str, Any], *, seed: int) -> None:
        self._bundle = bundle
        self._seed = seed
        self._makers: dict[Direction, tuple[Mapping[str, Any], Maker]] = {}
        self._lock = Lock()

    def make(
        self,
        names: Sequence[str] = (),
        number: int = 0,
        *,
        direction: Direction = "reply",
        only_required: bool = False,
    ) -> Any:
        """A value that satisfies the schema.

        ``names`` say where it belongs (a collection, a component, members), which chooses names
        and texts; with ``number`` values differ, the first one showing examples and all members.
        The same arguments give the same value, in any process.

        Raises :class:`Unsatisfiable` when none was found.
        """
        place = placed(self._seed, names, number)
        plan = Plan(number, frozenset((LEFT_OUT[direction],)), only_required)
        with self._lock:
            return self._for(direction).make(place, plan)

    def _for(self, direction: Direction) -> Maker:
        if direction not in self._makers:
            document = directed(self._bundle, direction)
            for known, maker in self._makers.values():
                if known is document:
                    return maker
            self._makers[direction] = (document, _maker(document))
        return self._makers[direction][1]


def placed(seed: int, names: Sequence[str], number: int) -> Place:
    """The place of a whole value, from which all that is made of it follows."""
    text = repr((seed, tuple(names), number)).encode()
    mixed = int.from_bytes(blake2b(text, digest_size=8).digest()) >> 4
    return Place((), tuple(names), mixed, mixed)


def _maker(document: Mapping[str, Any]) -> Maker:
    judged = document
    try:
        judge = _compiled(document)
    except ValueError:
        judged = judgeable(document)
        judge = _compiled_or_refused(judged)
    return Maker(judged, Builder(Merger(judged, Checks())), judge)


class Maker:
    """Makes values of one schema, and learns what is refused.

    ``builder`` knows the document that its references lead into; ``judge`` has the last word.
    """

    def __init__(self, schema: Any, builder: Builder, judge: Any) -> None:
        self.schema = schema
        self._judge = judge
        self._sources = (schema,)
        self._builder = builder
        self._learned: dict[Path, int] | None = None
        self._tries = MAX_TRIES

    def make(self, place: Place, plan: Plan) -> Any:
        """A value by a plan, mended until it is right. Raises Unsatisfiable.

        What is learned comes from one certain value, whichever is asked for first: so the order
        of requests decides nothing.
        """
        self._builder.begin(MAX_STEPS)
        with contextlib.suppress(DeadEnd, Exhausted):
            value = self._builder.build(self._sources, place, plan)
            if self._judge.is_valid(value):
                return value
        if self._learned is None:
            first = Plan(marks=plan.marks)
            try:
                self._mended(placed(0, (), 0), first)
            except Unsatisfiable:
                self._tries = FEW_TRIES
            few = len(first.variants) < _MOST_LEARNED
            self._learned = dict(first.variants) if few else {}
        plan.variants = dict(self._learned)
        return self._mended(place, plan)

    def _mended(self, place: Place, plan: Plan) -> Any:
        repair = _Repair(plan)
        self._builder.begin(MAX_STEPS)
        for _ in range(self._tries):
            if self._builder.spent:
                break
            try:
                value = self._builder.build(self._sources, place, plan)
            except DeadEnd as dead:
                repair.stuck(dead)
                continue
            except Exhausted:
                repair.shrink()
                continue
            errors = _first(self._judge, value)
            if not errors:
                return value
            repair.refused(value, errors)
        raise repair.verdict(self._best(place, plan))

    def _best(self, place: Place, plan: Plan) -> Any:
        plan.lenient = True
        self._builder.begin(MAX_STEPS)
        try:
            return self._builder.build(self._sources, place, plan)
        except (DeadEnd, Exhausted):
            return None


class _Repair:
    """What was wrong with the values so far, and what to do about it."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._tried: dict[Path, int] = {}
        self._best: tuple[int, Any, Path, str] | None = None
        self._dead: DeadEnd | None = None

    def refused(self, value: Any, errors: Sequence[tuple[Path, str]]) -> None:
        """Vary what breaks a rule, and what is around it once that has not helped."""
        path, rule = errors[0]
        if self._best is None or len(errors) < self._best[0]:
            self._best = (len(errors), value, path, rule)
        for each, _ in errors:
            self._vary(each)

    def stuck(self, dead: DeadEnd) -> None:
        """Nothing could be made at all: vary what is around, without examples."""
        self._dead = self._dead or dead
        self._plan.variants[()] = self._plan.variants.get((), 0) + 1

    def shrink(self) -> None:
        """Too much was tried: keep to what is required."""
        self._plan.only_required = True
        self._plan.variants[()] = self._plan.variants.get((), 0) + 1

    def _vary(self, path: Path) -> None:
        while path and self._tried.get(path, 0) >= _PATIENCE:
            self._plan.variants.pop(path, None)
            path = path[:-1]
        self._tried[path] = self._tried.get(path, 0) + 1
        self._plan.variants[path] = self._plan.variants.get(path, 0) + 1

    def verdict(self, built: Any) -> Unsatisfiable:
        """What to report in the end."""
        if self._best is not None:
            _, value, path, rule = self._best
            return Unsatisfiable(pointer_to(path), rule, value)
        path, rule = (self._dead.path, self._dead.rule) if self._dead else ((), "$ref")
        return Unsatisfiable(pointer_to(path), rule, built)


def _compiled(document: Mapping[str, Any]) -> Any:
    return jsonschema_rs.Draft202012Validator(dict(document), validate_formats=True)


def _compiled_or_refused(document: Mapping[str, Any]) -> Any:
    try:
        return _compiled(document)
    except ValueError as error:
        raise Unsatisfiable("", "schema", None) from error


def _first(judge: Any, value: Any) -> list[tuple[Path, str]]:
    """Where a value breaks which rules, a few of them."""
    if judge.is_valid(value):
        return []
    found = []
    for error in judge.iter_errors(value):
        rule = str(error.schema_path[-1]) if error.schema_path else "schema"
        found.append((tuple(error.instance_path), rule))
        if len(found) == _MOST_ERRORS:
            break
    return found
