"""What the schemas that hold for one place say together."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mockserver.engine.values.checks import Checks

Sources = tuple[Any, ...]
"""The schemas that all hold for one place."""

KINDS = ("object", "array", "string", "fraction", "integer", "boolean", "null")
"""The types of JSON Schema, ``number`` being an ``integer`` or a ``fraction``."""

LARGEST = {"int32": 2**31, "int64": 2**63}
"""What the integers of a format are below (OpenAPI 3.0.3, Data Types)."""

_TYPES = {"number": ("fraction", "integer")}
_TELLING = {
    "properties": "object", "required": "object", "additionalProperties": "object",
    "patternProperties": "object", "minProperties": "object", "maxProperties": "object",
    "propertyNames": "object", "items": "array", "prefixItems": "array", "minItems": "array",
    "maxItems": "array", "contains": "array", "uniqueItems": "array", "pattern": "string",
    "minLength": "string", "maxLength": "string", "format": "string", "minimum": "fraction",
    "maximum": "fraction", "multipleOf": "fraction",
}  # fmt: skip


def identity(value: Any) -> Any:
    """A hashable that is equal for values equal as JSON: 1 is 1.0, but not true."""
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, dict):
        return ("object", frozenset((name, identity(item)) for name, item in value.items()))
    if isinstance(value, list):
        return ("array", tuple(map(identity, value)))
    return value


def kind_of(value: Any) -> str:
    """Which of ``KINDS`` a JSON value is."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "integer" if value == value // 1 else "fraction"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


def kinds_of(types: Any) -> list[str]:
    """The kinds that the keyword ``type`` allows, in its order."""
    listed = types if isinstance(types, list) else [types]
    return [kind for name in listed for kind in _TYPES.get(name, (name,))]


@dataclass(slots=True)
class Members:
    """What one schema says of the members of an object; ``rest`` holds for the others."""

    properties: Mapping[str, Any] = field(default_factory=dict)
    patterns: Mapping[str, Any] = field(default_factory=dict)
    rest: Any = True


@dataclass(slots=True)
class Rows:
    """What one schema says of the items of an array, by position and for the rest."""

    prefix: list[Any] = field(default_factory=list)
    rest: Any = True


@dataclass(slots=True)
class Contained:
    """A ``contains``: how many items must satisfy it; ``bounded`` if not any number may."""

    schema: Any
    least: int
    bounded: bool
    opposite: Any


@dataclass(slots=True)
class Union:
    """A choice between schemas; ``key`` names it, ``tag`` is its discriminator's property.

    ``strict`` are the branches that exclude the other ones, for ``oneOf``.
    """

    key: tuple[int, str]
    branches: list[Any]
    strict: list[Any] = field(default_factory=list)
    tag: str | None = None
    tags: list[Any] = field(default_factory=list)


class Shape:
    """What several schemas say together, united and intersected keyword by keyword."""

    def __init__(self, checks: Checks) -> None:
        self._checks = checks
        self.allowed = dict.fromkeys(KINDS)
        self.declared = False
        self.told: str | None = None
        self.options: list[Any] | None = None
        self.excluded: set[Any] = set()
        self.bounds: dict[str, Any] = {}
        self.multiples: list[Any] = []
        self.indivisible: list[Any] = []
        self.patterns: list[str] = []
        self.unlike: list[Any] = []
        self.formats: list[str] = []
        self.members: list[Members] = []
        self.required: dict[str, None] = {}
        self.names: list[Any] = []
        self.rows: list[Rows] = []
        self.unique = False
        self.contains: list[Contained] = []
        self.unions: list[Union] = []
        self.examples: list[Any] = []
        self.default: Any = None
        self.tags: dict[str, Any] = {}
        self.components: list[str] = []
        self.marks: set[str] = set()
        self.broken = ""
        self.hopeless: bool | None = None
        """Whether no text satisfies the rules for texts, None until somebody has found out."""

    def at_least(self, keyword: str, limit: Any) -> None:
        """Raise a lower bound."""
        self.bounds[keyword] = max(limit, self.bounds.get(keyword, limit))

    def at_most(self, keyword: str, limit: Any) -> None:
        """Lower an upper bound."""
        self.bounds[keyword] = min(limit, self.bounds.get(keyword, limit))

    def bound(self, keyword: str, otherwise: Any = None) -> Any:
        """A bound, or what holds without it."""
        return self.bounds.get(keyword, otherwise)

    def only(self, kinds: Iterable[str], *, told: bool = False) -> None:
        """Allow nothing but some kinds, in their order if they are the first to be declared."""
        listed = list(kinds)
        order = self.allowed if self.declared else listed
        self.allowed = {kind: None for kind in order if kind in listed and kind in self.allowed}
        self.declared = self.declared or told

    def restrict(self, options: list[Any]) -> None:
        """Allow nothing but some values."""
        keys = set(map(identity, options))
        before = options if self.options is None else self.options
        self.options = [option for option in before if identity(option) in keys]

    @cached_property
    def kinds(self) -> list[str]:
        """The kinds a value can have, the likeliest first; empty if there is no value."""
        if self.broken:
            return []
        kinds = [kind for kind in self.allowed if not self.problem(kind)]
        if self.options is not None:
            found = [kind_of(option) for option in self.choices]
            return [kind for kind in dict.fromkeys(found) if kind in kinds]
        first = "string" if self.told is None else self.told
        return kinds if self.declared else sorted(kinds, key=lambda kind: kind != first)

    @cached_property
    def choices(self) -> list[Any]:
        """The listed values that satisfy the other rules, null last."""
        fitting = [option for option in self.options or () if self.fits(option)]
        return sorted(fitting, key=lambda option: option is None)

    @property
    def rule(self) -> str:
        """The first rule that leaves no value, for a message."""
        problems = [problem for kind in self.allowed if (problem := self.problem(kind))]
        listed = "" if self.options is None else "enum"
        return self.broken or next(iter(problems), "") or listed or "type"

    def problem(self, kind: str) -> str:
        """The rule that no value of a kind can satisfy, or nothing."""
        rule = _PROBLEMS.get(kind)
        return rule(self) if rule else ""

    def fits(self, value: Any) -> bool:
        """Whether a value satisfies what can be told without its parts."""
        kind = kind_of(value)
        if kind not in self.allowed or identity(value) in self.excluded:
            return False
        if self.options is not None and identity(value) not in set(map(identity, self.options)):
            return False
        if kind == "string":
            return self.fits_text(value)
        if kind == "array":
            return bool(self.bound("minItems", 0) <= len(value) <= self.most_items)
        if kind == "object":
            least, most = self.bound("minProperties", 0), self.bound("maxProperties", math.inf)
            return least <= len(value) <= most and all(name in value for name in self.required)
        return kind not in ("integer", "fraction") or self.fits_number(value)

    def fits_number(self, value: Any) -> bool:
        """Whether a number satisfies the numeric keywords, and its format."""
        for name in self.formats:
            if not (-LARGEST.get(name, math.inf) <= value < LARGEST.get(name, math.inf)):
                return False
        rules: dict[str, Any] = {
            name: self.bounds[name] for name in _NUMERIC if name in self.bounds
        }
        if self.multiples or self.indivisible:
            rules["allOf"] = [{"multipleOf": step} for step in self.multiples]
            rules["allOf"] += [{"not": {"multipleOf": step}} for step in self.indivisible]
            return self._checks.valid(rules, value)
        return (
            rules.get("minimum", value) <= value <= rules.get("maximum", value)
            and ("exclusiveMinimum" not in rules or value > rules["exclusiveMinimum"])
            and ("exclusiveMaximum" not in rules or value < rules["exclusiveMaximum"])
        )

    def fits_text(self, text: str) -> bool:
        """Whether a text satisfies the keywords for strings."""
        if not self.bound("minLength", 0) <= len(text) <= self.bound("maxLength", math.inf):
            return False
        if identity(text) in self.excluded:
            return False
        judge = self._text_judge
        return judge is None or bool(judge.is_valid(text))

    @cached_property
    def _text_judge(self) -> Any:
        if not (self.patterns or self.formats or self.unlike):
            return None
        rules = [{"pattern": each} for each in self.patterns]
        rules += [{"format": each} for each in self.formats]
        return self._checks.judge({"allOf": [*rules, *({"not": each} for each in self.unlike)]})

    @cached_property
    def properties(self) -> dict[str, Sources]:
        """The declared members that may be there, with the schemas that hold for them."""
        names = (name for members in self.members for name in members.properties)
        every = {name: self.member(name) for name in dict.fromkeys((*names, *self.required))}
        return {name: sources for name, sources in every.items() if sources is not None}

    def member(self, name: str) -> Sources | None:
        """The schemas that hold for a member of that name, or None if there may be none."""
        found: list[Any] = []
        for members in self.members:
            known = [members.properties[name]] if name in members.properties else []
            for pattern, schema in members.patterns.items():
                if self._checks.valid({"pattern": pattern}, name):
                    known.append(schema)
            found += known or [members.rest]
        return None if False in found else tuple(each for each in found if each is not True)

    def item(self, index: int) -> Sources | None:
        """The schemas that hold for an item, or None if there may be none at that place."""
        found = [
            rows.prefix[index] if index < len(rows.prefix) else rows.rest for rows in self.rows
        ]
        return None if False in found else tuple(each for each in found if each is not True)

    @cached_property
    def most_items(self) -> int:
        """How many items there may be, as far as positions decide."""
        closed = [len(rows.prefix) for rows in self.rows if rows.rest is False]
        forbidden = [n for rows in self.rows for n, each in enumerate(rows.prefix) if each is False]
        return min([int(self.bound("maxItems", 1 << 30)), *closed, *forbidden])


_NUMERIC = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


def _object_problem(shape: Shape) -> str:
    if shape.bound("minProperties", 0) > shape.bound("maxProperties", math.inf):
        return "minProperties"
    if len(shape.required) > shape.bound("maxProperties", math.inf):
        return "maxProperties"
    missing = [name for name in shape.required if name not in shape.properties]
    return "required" if missing else ""


def _array_problem(shape: Shape) -> str:
    return "minItems" if shape.bound("minItems", 0) > shape.most_items else ""


def _string_problem(shape: Shape) -> str:
    longest = shape.bound("maxLength", math.inf)
    if shape.bound("minLength", 0) > longest:
        return "minLength"
    rules = [{"format": each} for each in shape.formats]
    rules += [{"pattern": each} for each in shape.patterns]
    return "not" if any(rule in shape.unlike for rule in rules) else ""


def _excluded(*values: Any) -> Callable[[Shape], str]:
    keys = set(map(identity, values))
    return lambda shape: "not" if keys <= shape.excluded else ""


def _number_problem(shape: Shape) -> str:
    low = max(shape.bound("minimum", -math.inf), shape.bound("exclusiveMinimum", -math.inf))
    high = min(shape.bound("maximum", math.inf), shape.bound("exclusiveMaximum", math.inf))
    if low > high:
        return "minimum"
    opened = low in (shape.bound("exclusiveMinimum"), shape.bound("exclusiveMaximum"))
    return "exclusiveMinimum" if low == high and opened else ""


_PROBLEMS: dict[str, Callable[[Shape], str]] = {
    "object": _object_problem,
    "array": _array_problem,
    "string": _string_problem,
    "integer": _number_problem,
    "fraction": _number_problem,
    "boolean": _excluded(True, False),
    "null": _excluded(None),
}


def telling(schema: Mapping[str, Any]) -> Iterator[str]:
    """The kinds that the keywords of a schema without ``type`` speak of."""
    return (_TELLING[keyword] for keyword in schema if keyword in _TELLING)
