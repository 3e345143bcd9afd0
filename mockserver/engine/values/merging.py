"""The schemas that hold for one place, laid together into one shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import Any
from urllib.parse import unquote

from mockserver.engine.values.checks import Checks
from mockserver.engine.values.negation import INDIVISIBLE, ONLY_KINDS, UNLIKE, WITHOUT, opposites
from mockserver.engine.values.shapes import (
    Contained,
    Members,
    Rows,
    Shape,
    Sources,
    Union,
    identity,
    kinds_of,
    telling,
)

Choices = tuple[tuple[tuple[int, str], int], ...]
"""Which branch of which union was taken; past the branches stand the strict ones."""

Order = Callable[[Union], list[int]]
"""The branches of a union in the order to try them."""

MAX_RESOLUTIONS = 60
"""Ways through the unions of one place that are tried."""

MAX_SHAPES = 15_000
"""Shapes that are kept; they are laid together anew when there were more."""

_MARKS = ("readOnly", "writeOnly")
_OF_MEMBERS = frozenset(("properties", "patternProperties", "additionalProperties"))
_OF_ROWS = frozenset(("items", "prefixItems"))


class Merger:
    """Shapes of the places of one schema document, each laid together once."""

    def __init__(self, document: Mapping[str, Any], checks: Checks) -> None:
        self._document = document
        self._checks = checks
        self._shapes: dict[tuple[tuple[int, ...], Choices], Shape] = {}
        self._unions: dict[int, list[Union]] = {}
        self._kept: dict[int, Any] = {}
        self._constants: dict[str, Any] = {}

    def resolutions(self, sources: Sources, order: Order) -> Iterator[Shape]:
        """Shapes without unions, one for each way through them; contradictions are left out.

        If every way is contradictory the last shape that was tried comes alone, without kinds.
        """
        last, found = self.shape(sources), False
        waiting: list[tuple[Shape, Choices]] = [(last, ())]
        for _ in range(MAX_RESOLUTIONS):
            if not waiting:
                break
            last, choices = waiting.pop()
            if not last.kinds:
                continue
            if not last.unions:
                found = True
                yield last
                continue
            union = last.unions[0]
            for index in reversed(order(union)):
                chosen = (*choices, (union.key, index))
                waiting.append((self.shape(sources, chosen), chosen))
        if not found:
            yield last

    def shape(self, sources: Sources, choices: Choices = ()) -> Shape:
        """What some schemas say together, the unions in ``choices`` being decided."""
        key = (tuple(map(id, sources)), choices)
        known = self._shapes.get(key)
        if known is None:
            known = Shape(self._checks)
            laying = _Laying(self, known, dict(choices))
            for schema in sources:
                self._kept[id(schema)] = schema  # An id stands for its schema while it lives.
                laying.add(schema)
            if len(self._shapes) >= MAX_SHAPES:
                self._shapes.clear()
            self._shapes[key] = known
        return known

    def constant(self, value: str) -> Any:
        """A schema that one text alone satisfies, the same for the same text."""
        return self._constants.setdefault(value, {"const": value})

    def canonical(self, sources: Sources) -> tuple[int, ...]:
        """A key that is the same wherever the same schemas are referred to."""
        return tuple(sorted({id(self._bare(schema)) for schema in sources}))

    def _bare(self, schema: Any) -> Any:
        for _ in range(20):
            if not isinstance(schema, Mapping):
                break
            if set(schema) == {"$ref"}:
                schema = self.target(schema["$ref"])
            elif set(schema) == {"allOf"} and len(schema["allOf"]) == 1:
                schema = schema["allOf"][0]
            else:
                break
        return schema

    def target(self, reference: Any) -> Any:
        """The schema a reference points to, False where there is none."""
        found: Any = self._document
        for step in str(reference).partition("#")[2].split("/")[1:]:
            name = unquote(step).replace("~1", "/").replace("~0", "~")
            if isinstance(found, list) and name.isdecimal() and int(name) < len(found):
                found = found[int(name)]
            elif isinstance(found, Mapping) and name in found:
                found = found[name]
            else:
                return False
        return found

    def unions(self, schema: Mapping[str, Any]) -> list[Union]:
        """The choices that a schema itself leaves, made once."""
        if id(schema) not in self._unions:
            self._kept[id(schema)] = schema
            self._unions[id(schema)] = list(self._choices(schema))
        return self._unions[id(schema)]

    def _choices(self, schema: Mapping[str, Any]) -> Iterator[Union]:
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                yield self._listed(keyword, schema)
        if "not" in schema:
            yield Union((id(schema), "not"), self._not(schema["not"]))
        if "if" in schema:
            then = {"allOf": [schema["if"], schema.get("then", True)]}
            otherwise = {"allOf": [{"not": schema["if"]}, schema.get("else", True)]}
            yield Union((id(schema), "if"), [then, otherwise])
        for name, needed in schema.get("dependentRequired", {}).items():
            yield _dependent(schema, name, {"required": needed})
        for name, dependent in schema.get("dependentSchemas", {}).items():
            yield _dependent(schema, name, dependent)

    def _listed(self, keyword: str, schema: Mapping[str, Any]) -> Union:
        branches = schema[keyword]
        union = Union((id(schema), keyword), branches)
        if keyword == "oneOf":
            union.strict = [
                {"allOf": [one, *({"not": each} for each in branches if each is not one)]}
                for one in branches
            ]
        discriminator = schema.get("discriminator")
        if isinstance(discriminator, Mapping) and "propertyName" in discriminator:
            union.tag = discriminator["propertyName"]
            union.tags = [self._tag(branch, discriminator) for branch in branches]
        return union

    def _not(self, schema: Any) -> list[Any]:
        schema = self._bare(schema)
        reference = schema.get("$ref") if isinstance(schema, Mapping) else None
        beyond = [] if reference is None else [{"not": self.target(reference)}]
        return [*opposites(schema), *beyond]

    def _tag(self, branch: Any, discriminator: Mapping[str, Any]) -> Any:
        reference = branch.get("$ref") if isinstance(branch, Mapping) else None
        return reference and tag_of(_last(reference), discriminator)


def _last(reference: str) -> str:
    return reference.rpartition("/")[2].replace("~1", "/").replace("~0", "~")


def tag_of(component: str, discriminator: Mapping[str, Any]) -> str:
    """The value that names a component: its key in the mapping, or else its own name."""
    mapping = discriminator.get("mapping")
    listed = mapping.items() if isinstance(mapping, Mapping) else ()
    return next((key for key, to in listed if _last(str(to)) == component), component)


def _dependent(schema: Mapping[str, Any], name: str, rule: Any) -> Union:
    present = {"required": [name], "allOf": [rule]}
    absent = {"properties": {name: False}}
    return Union((id(schema), "dependent " + name), [present, absent])


class _Laying:
    """One shape while schemas are laid into it."""

    def __init__(self, merger: Merger, shape: Shape, choices: dict[tuple[int, str], int]) -> None:
        self._merger = merger
        self._shape = shape
        self._choices = choices
        self._seen: set[int] = set()

    def add(self, schema: Any) -> None:
        """Lay one schema, with all it refers to, into the shape."""
        if schema is False:
            self._shape.broken = self._shape.broken or "false"
        if not isinstance(schema, Mapping) or id(schema) in self._seen:
            return
        self._seen.add(id(schema))
        members, rows = len(self._shape.members), len(self._shape.rows)
        contained = len(self._shape.contains)
        self._own(schema)
        for part in chain(self._referred(schema), schema.get("allOf", ())):
            self.add(part)
        for union in self._merger.unions(schema):
            self._union(union)
        self._unevaluated_members(schema, members)
        # What satisfies ``contains`` is evaluated, wherever it stands: the judge decides there.
        if contained == len(self._shape.contains):
            self._unevaluated_items(schema, rows)

    def _referred(self, schema: Mapping[str, Any]) -> Iterator[Any]:
        if "$ref" in schema:
            reference = schema["$ref"]
            self._shape.components.append(_last(str(reference)))
            target = self._merger.target(reference)
            if target is False:
                self._shape.broken = "$ref"
            yield target

    def _own(self, schema: Mapping[str, Any]) -> None:
        shape = self._shape
        for keyword, argument in schema.items():
            rule = _RULES.get(keyword)
            if rule is not None:
                rule(shape, argument, schema)
        if not _OF_MEMBERS.isdisjoint(schema):
            shape.members.append(_members(schema))
        if not _OF_ROWS.isdisjoint(schema):
            rows = Rows(schema.get("prefixItems", []), schema.get("items", True))
            shape.rows.append(rows)
        if "type" not in schema and shape.told is None:
            shape.told = next(telling(schema), None)
        shape.marks.update(_marks(schema))
        self._annotated(schema)

    def _annotated(self, schema: Mapping[str, Any]) -> None:
        shape = self._shape
        listed = schema.get("examples")
        single = [schema["example"]] if "example" in schema else []
        shape.examples += [*single, *(listed if isinstance(listed, list) else ())]
        if shape.default is None:
            shape.default = schema.get("default")
        discriminator = schema.get("discriminator")
        if isinstance(discriminator, Mapping) and not {"oneOf", "anyOf"}.intersection(schema):
            names = [tag_of(name, discriminator) for name in shape.components[:1]]
            shape.tags.update({str(discriminator.get("propertyName")): name for name in names})

    def _union(self, union: Union) -> None:
        index = self._choices.get(union.key)
        if len(union.branches) == 1:
            index = index or 0
        elif not union.branches:
            self._shape.broken = self._shape.broken or union.key[1]
            return
        if index is None:
            self._shape.unions.append(union)
            self._shape.marks.update(_marks_of_nullable(union))
            return
        self.add([*union.branches, *union.strict][index])
        if union.tag is not None and union.tags[index % len(union.branches)]:
            self._shape.tags[union.tag] = union.tags[index % len(union.branches)]

    def _unevaluated_members(self, schema: Mapping[str, Any], start: int) -> None:
        """Members that no schema at this place knows, the taken branches included."""
        laid = self._shape.members[start:]
        if "unevaluatedProperties" in schema and all(each.rest is True for each in laid):
            known = {name: True for each in laid for name in each.properties}
            patterns = {pattern: True for each in laid for pattern in each.patterns}
            self._shape.members.append(Members(known, patterns, schema["unevaluatedProperties"]))

    def _unevaluated_items(self, schema: Mapping[str, Any], start: int) -> None:
        laid = self._shape.rows[start:]
        if "unevaluatedItems" in schema and all(each.rest is True for each in laid):
            longest = max((len(each.prefix) for each in laid), default=0)
            self._shape.rows.append(Rows([True] * longest, schema["unevaluatedItems"]))


def _marks(schema: Any) -> Iterator[str]:
    return (mark for mark in _MARKS if isinstance(schema, Mapping) and schema.get(mark) is True)


def _marks_of_nullable(union: Union) -> Iterator[str]:
    """What the other branch says where one is null, as OpenAPI 3.0's ``nullable`` becomes."""
    others = [each for each in union.branches if each != {"type": "null"}]
    return _marks(others[0]) if len(others) == 1 else iter(())


Rule = Callable[[Shape, Any, Mapping[str, Any]], None]


def _members(schema: Mapping[str, Any]) -> Members:
    rest = schema.get("additionalProperties", True)
    return Members(schema.get("properties", {}), schema.get("patternProperties", {}), rest)


def _low(keyword: str) -> Rule:
    return lambda shape, limit, _: shape.at_least(keyword, limit)


def _high(keyword: str) -> Rule:
    return lambda shape, limit, _: shape.at_most(keyword, limit)


def _format(shape: Shape, name: Any, _: Any) -> None:
    if isinstance(name, str) and name not in shape.formats:
        shape.formats.append(name)


def _contains(shape: Shape, schema: Any, around: Mapping[str, Any]) -> None:
    bounded = "maxContains" in around
    found = Contained(schema, around.get("minContains", 1), bounded, {"not": schema})
    if all(each.schema is not schema for each in shape.contains):
        shape.contains.append(found)


def _unique(shape: Shape, wanted: Any, _: Any) -> None:
    shape.unique = shape.unique or wanted is True


_RULES: dict[str, Rule] = {
    "type": lambda shape, types, _: shape.only(kinds_of(types), told=True),
    ONLY_KINDS: lambda shape, kinds, _: shape.only(kinds),
    "enum": lambda shape, values, _: shape.restrict(values),
    "const": lambda shape, value, _: shape.restrict([value]),
    "required": lambda shape, names, _: shape.required.update(dict.fromkeys(names)),
    "pattern": lambda shape, text, _: shape.patterns.append(text),
    "multipleOf": lambda shape, step, _: shape.multiples.append(step),
    "propertyNames": lambda shape, names, _: shape.names.append(names),
    WITHOUT: lambda shape, values, _: shape.excluded.update(map(identity, values)),
    INDIVISIBLE: lambda shape, step, _: shape.indivisible.append(step),
    UNLIKE: lambda shape, rule, _: shape.unlike.append(rule),
    "format": _format,
    "contains": _contains,
    "uniqueItems": _unique,
    **{
        name: _low(name)
        for name in ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
    },
    **{
        name: _high(name)
        for name in ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
    },
}
