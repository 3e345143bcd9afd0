"""What is slightly invalid in a description made valid, rule by rule, and told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mockserver.engine.reading import part_repairs as parts
from mockserver.engine.reading import path_repairs as paths
from mockserver.engine.reading.documents import Tell
from mockserver.engine.reading.grammar import OPENAPI, Shape, member_kind
from mockserver.engine.reading.scene import Scene, shown
from mockserver.engine.reading.schema_repairs import SCHEMA_RULES, endless_schemas
from mockserver.engine.reading.schema_types import TYPES

Rule = Callable[[dict[str, Any], Scene], None]

BEFORE: Mapping[str, tuple[Rule, ...]] = {
    "document": (
        paths.info,
        paths.some_paths,
        paths.webhooks,
        paths.listed_servers,
        paths.listed_tags,
    ),
    "{securityScheme}": (paths.security_schemes,),
    "{example}": (parts.example_objects,),
    "paths": (paths.path_keys, paths.same_paths),
    "pathItem": (paths.listed_servers,),
    "operation": (
        paths.listed_servers,
        paths.listed_tags,
        paths.operation_texts,
        paths.responses,
    ),
    "responses": (parts.response_keys,),
    "response": (parts.response,),
    "requestBody": (parts.request_body,),
    "parameter": (
        parts.parameter_place,
        parts.parameter_required,
        parts.parameter_schema,
        parts.parameter_style,
        parts.media_examples,
    ),
    "header": (
        parts.parameter_required,
        parts.parameter_schema,
        parts.parameter_style,
        parts.media_examples,
    ),
    "mediaType": (parts.media_examples,),
}
"""The rules for each kind of object, in order, before what is in it is looked at."""

AFTER: Mapping[str, tuple[Rule, ...]] = {
    "pathItem": (parts.listed_parameters, parts.path_parameters, parts.undeclared_parameters),
    "operation": (parts.listed_parameters, parts.path_parameters, paths.security),
    "document": (paths.security, paths.operation_ids, parts.shared_parameters),
    "components": (endless_schemas,),
}
"""The rules for each kind of object, in order, once what is in it is valid."""


_LEFT = frozenset(
    ("data", "unknown", "extension", "discriminator", "mapping", "requirement", "[requirement]",
     "[unknown]", "{unknown}", "example")
)  # fmt: skip
"""Kinds that only rules for what holds them look into."""

_INSTEAD: Mapping[str, dict[str, Any]] = {
    "operation": {},
    "mediaType": {},
    "header": {},
    "encoding": {},
    "parameter": {},
    "requestBody": {},
    "link": {},
    "callback": {},
    "response": {"description": ""},
}
"""What stands where something of a kind should be and is no object; of other kinds nothing."""

_DROPPED: Any = object()


def repair(document: dict[str, Any], tell: Tell) -> None:
    """Make an OpenAPI 3.0 or 3.1 document valid as far as a mock needs it, in place.

    References must be within the document. Each change is told with the pointer to it, the
    name of its rule and what was made.
    """
    _Repair(Scene(document, tell)).visit(document, "document")


def _members(value: dict[str, Any], shape: Shape) -> list[tuple[Any, Any, str]]:
    """The members that are of a kind with rules."""
    found = ((name, item, member_kind(shape, name)) for name, item in value.items())
    return [member for member in found if member[2] not in _LEFT]


class _Repair:
    """The walk over a document that applies the rules."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self._path = scene.path
        self._plans: dict[tuple[str, ...], tuple[tuple[frozenset[str], Rule], ...]] = {}

    def visit(self, value: Any, kind: str) -> None:
        """Apply the rules to a value of some kind, and to all that is in it."""
        if isinstance(value, list):
            inner = kind[1:-1] if kind[0] == "[" else kind
            if inner == "schema":
                self._fit_schemas(value)
            self._visit_members([(n, item, inner) for n, item in enumerate(value)])
            return
        if "$ref" in value and kind[0] != "{" and not self._is_plain(value, kind):
            return
        shape = OPENAPI[kind]
        members = self._fitted_members(value, shape)
        if self._mend(value, kind):
            members = _members(value, shape)
        if kind == "document":  # others ask what is valid in there
            members.sort(key=lambda member: member[0] != "components")
        self._visit_members(members)
        self._apply(AFTER.get(kind, ()), value)

    def _visit_members(self, members: list[tuple[Any, Any, str]]) -> None:
        for step, item, kind in members:
            if isinstance(item, (dict, list)) and kind not in _LEFT:
                self._path.append(step)
                self.visit(item, kind)
                self._path.pop()

    def _is_plain(self, value: dict[str, Any], kind: str) -> bool:
        """Whether an object is more than a reference."""
        if isinstance(value["$ref"], str):
            return kind == "schema"
        self._scene.rule = "reference"
        self._scene.tell(f"{shown(value.pop('$ref'))} is no reference: dropped", "$ref")
        return True

    def _apply(self, rules: tuple[Rule, ...], value: dict[str, Any]) -> None:
        for rule in rules:
            self._scene.rule = _name(rule)
            rule(value, self._scene)

    def _mend(self, value: dict[str, Any], kind: str) -> bool:
        """Apply the rules for an object itself, and say whether there are any."""
        if kind != "schema":
            rules = BEFORE.get(kind, ())
            self._apply(rules, value)
            return bool(rules)
        plan = self._plan(value)
        for keywords, rule in plan:
            # An earlier rule may have dropped what called for this one.
            if not keywords.isdisjoint(value):
                self._apply((rule,), value)
        return bool(plan)

    def _plan(self, schema: dict[str, Any]) -> tuple[tuple[frozenset[str], Rule], ...]:
        """The rules that the keywords of a schema call for; few combinations are ever seen."""
        written = tuple(schema)
        known = self._plans.get(written)
        if known is None:
            rules = ((frozenset(keywords), rule) for keywords, rule in SCHEMA_RULES)
            known = tuple(entry for entry in rules if not entry[0].isdisjoint(schema))
            self._plans[written] = known
        return known

    def _fitted_members(self, value: dict[str, Any], shape: Shape) -> list[tuple[Any, Any, str]]:
        """The members, once something of the right form stands where one has another."""
        members = _members(value, shape)
        fitted = False
        for name, item, kind in members:
            if isinstance(item, dict) and kind[0] != "[":
                continue
            made = self._fitted(item, kind, name if shape is OPENAPI["schema"] else "")
            if made is not item:
                fitted = True
                self._replace(value, name, made, kind)
        return _members(value, shape) if fitted else members

    def _fit_schemas(self, value: list[Any]) -> None:
        """Put schemas where other things are listed among schemas."""
        for index, item in enumerate(value):
            if (
                not isinstance(item, dict)
                and (made := self._fitted(item, "schema", "")) is not item
            ):
                self._replace(value, index, made, "schema")

    def _replace(self, value: Any, name: Any, made: Any, kind: str) -> None:
        told = "dropped" if made is _DROPPED else f"now {shown(made)}"
        self._scene.rule = "wrong-form"
        self._scene.tell(f"{shown(value[name])} is no {_form(kind)}: {told}", name)
        if made is _DROPPED:
            del value[name]
        else:
            value[name] = made

    def _fitted(self, item: Any, kind: str, name: str) -> Any:
        if kind[0] == "[":
            return item if isinstance(item, list) else _listed(item)
        if kind == "schema":
            return self._fitted_schema(item, name)
        if kind == "{example}" and isinstance(item, list):
            return item
        return dict(_INSTEAD[kind]) if kind in _INSTEAD else _DROPPED

    def _fitted_schema(self, item: Any, name: str) -> Any:
        if name == "additionalProperties" or (name == "items" and isinstance(item, list)):
            return item
        if isinstance(item, bool):
            return item if self._scene.modern else ({} if item else {"not": {}})
        return {"type": item.lower()} if isinstance(item, str) and item.lower() in TYPES else {}


def _name(rule: Rule) -> str:
    return rule.__name__.replace("_", "-")


def _listed(item: Any) -> Any:
    """A list of what stands where a list should be."""
    if not isinstance(item, dict):
        return _DROPPED
    values = list(item.values())
    return values if values and all(isinstance(v, dict) for v in values) else [item]


def _form(kind: str) -> str:
    return "list" if kind[0] == "[" else "object"
